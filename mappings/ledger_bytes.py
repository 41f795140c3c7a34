"""Sets of persons as bytes, and the seals that show whether an entry was changed."""

from __future__ import annotations

import hashlib
import hmac
import json

import numpy as np

from detectors.errors import StateError
from detectors.message import Msg
from mappings.ledger import KeyKind, PersonSet

VERSION = 1


def to_bytes(s: PersonSet) -> bytes:
    """A line of JSON, then the hashes as they are: they are random, nothing would make them smaller."""
    head = {
        "version": VERSION,
        "below": s.below,
        "slack": s.slack,
        "slack_sensitive": s.slack_sensitive,
        "keyless": {str(k): v for k, v in s.keyless.items()},
        "least": s.least,
        "declared": [{str(k): v for k, v in d.items()} for d in s.declared],
        "kinds": [[*k, len(h)] for k, h in s.hashes.items()],
        "same": [[*k, len(p)] for k, p in s.same.items()],
    }
    parts = [json.dumps(head, sort_keys=True).encode() + b"\n"]
    parts += [h.astype("<u8").tobytes() for h in s.hashes.values()]
    parts += [p.astype("<u8").tobytes() for p in s.same.values()]
    return b"".join(parts)


def from_bytes(raw: bytes, where: str) -> PersonSet:
    """StateError when it was written by a newer version or is damaged."""
    try:
        line, _, rest = raw.partition(b"\n")
        head = json.loads(line)
        if head["version"] > VERSION:
            raise StateError(
                Msg("written by a newer version"),
                where=where,
                hint=Msg("update chujing; nothing was changed"),
            )
        at = 0
        hashes: dict[KeyKind, np.ndarray] = {}
        for label, scope, n in head["kinds"]:
            hashes[label, scope] = np.frombuffer(rest, "<u8", n, at).astype(np.uint64)
            at += 8 * n
        same: dict[KeyKind, np.ndarray] = {}
        for label, scope, n in head["same"]:
            same[label, scope] = np.frombuffer(rest, "<u8", 2 * n, at).astype(np.uint64).reshape(-1, 2)
            at += 16 * n
        keyless = {int(k): v for k, v in head["keyless"].items()}
        return PersonSet(hashes, same, keyless, tuple(head["slack"]), tuple(head["slack_sensitive"]),
                       head["below"], tuple({int(k): v for k, v in d.items()} for d in head["declared"]), tuple(head["least"]))
    except (ValueError, KeyError, TypeError):
        raise StateError(
            Msg("a ledger entry is damaged"), where=where, hint=Msg("restore the state from its backup")
        ) from None


def seal(key: bytes, before: str, *parts: bytes) -> str:
    """HMAC-SHA256 over an entry and the seal of the one before it: neither a change nor a gap goes unnoticed."""
    mac = hmac.new(hashlib.sha256(b"chujing ledger" + key).digest(), before.encode(), hashlib.sha256)
    for part in parts:
        mac.update(len(part).to_bytes(8, "big") + part)
    return mac.hexdigest()
