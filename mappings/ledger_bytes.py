"""Sets of persons as bytes, and the seals that show whether an entry was changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from detectors.errors import StateError
from detectors.message import Msg
from mappings.ledger import AGED, ALL_FLAGS, KeyKind, PersonSet, merge_equal

FORMAT_VERSION = 2                             # 1: four flags, and nothing of who tells an age


def to_bytes(persons: PersonSet) -> bytes:
    """Return a line of JSON, then the hashes as they are: random, so nothing makes them smaller."""
    head = {
        "version": FORMAT_VERSION,
        "below": persons.below,
        "slack": persons.slack,
        "slack_sensitive": persons.slack_sensitive,
        "keyless": {str(flags): n for flags, n in persons.keyless.items()},
        "least": persons.least,
        "declared": [{str(flags): n for flags, n in d.items()} for d in persons.declared],
        "kinds": [[*kind, len(h)] for kind, h in persons.hashes.items()],
        "same": [[*kind, len(pairs)] for kind, pairs in persons.same.items()],
    }
    arrays = (*persons.hashes.values(), *persons.same.values())
    return b"".join(
        (json.dumps(head, sort_keys=True).encode(), b"\n", *(a.astype("<u8").tobytes() for a in arrays))
    )


def from_bytes(raw: bytes, where: str) -> PersonSet:
    """Return a set as `to_bytes` wrote it; raise StateError if a newer version did or it is damaged."""
    try:
        line, _, body = raw.partition(b"\n")
        head = json.loads(line)
        if head["version"] > FORMAT_VERSION:
            raise StateError(
                Msg("written by a newer version"),
                where=where,
                hint=Msg("update chujing; nothing was changed"),
            )
        persons = _from_parts(head, body)
        return persons if head["version"] > 1 else _of_first_version(persons)
    except (ValueError, KeyError, TypeError):
        raise StateError(
            Msg("a ledger entry is damaged"), where=where, hint=Msg("restore the state from its backup")
        ) from None


def _from_parts(head: Mapping[str, Any], body: bytes) -> PersonSet:
    """A set by its head and the hashes behind it."""
    at = 0
    hashes: dict[KeyKind, np.ndarray] = {}
    for label, scope, n in head["kinds"]:
        hashes[label, scope] = np.frombuffer(body, "<u8", n, at).astype(np.uint64, copy=False)
        at += 8 * n
    same: dict[KeyKind, np.ndarray] = {}
    for label, scope, n in head["same"]:
        pairs = np.frombuffer(body, "<u8", 2 * n, at).astype(np.uint64, copy=False)
        same[label, scope] = pairs.reshape(-1, 2)
        at += 16 * n
    return PersonSet(
        hashes, same, _persons_by_flags(head["keyless"]),
        tuple(head["slack"]), tuple(head["slack_sensitive"]), head["below"],
        tuple(_persons_by_flags(d) for d in head["declared"]), tuple(head["least"]),
    )


def _of_first_version(persons: PersonSet) -> PersonSet:
    """A set whose hashes begin one bit lower: nothing says how old anybody is whom nobody declared."""
    hashes = {
        kind: merge_equal(np.sort((h & ~ALL_FLAGS) | (h & np.uint64(AGED - 1))))
        for kind, h in persons.hashes.items()
    }
    same = {kind: pairs & ~ALL_FLAGS for kind, pairs in persons.same.items()}
    declared = tuple({flags | AGED: n for flags, n in each.items()} for each in persons.declared)
    below = persons.below & ~int(ALL_FLAGS)
    return replace(persons, hashes=hashes, same=same, declared=declared, below=below)


def _persons_by_flags(persons: Mapping[str, int]) -> dict[int, int]:
    return {int(flags): n for flags, n in persons.items()}
