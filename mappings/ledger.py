"""年度出境台账: sets of persons that add up over flows and months, each person once.

A set keeps, for each person, one keyed hash of the best kind of key there is, and four flags. Persons under different kinds of keys
cannot be told to be the same, so their union is an interval. Beyond `LARGEST` persons a set keeps the hashes below a threshold (a theta
sketch, the KMV idea of Bar-Yossef et al. 2002 and Beyer et al. 2007): uniform, and it still adds up.

>>> year = union([person_set({"resident_id": [1 << 40, 2 << 40]}), person_set({"resident_id": [2 << 40, 3 << 40]})])
>>> head_counts(year).individuals.best
3
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from detectors.model import CountMethod
from mappings.model import Estimate, FlowCount
from mappings.person_records import run_starts

SENSITIVE, DEPENDS, ORDINARY, UNDER_14 = 1, 2, 4, 8          # flags, in the lowest four bits of a kept hash
FLAGS = np.uint64(15)
LARGEST = 20_000_000                          # persons a set keeps exactly
SKETCH = 65_536                               # hashes a sketch keeps
WHOLE = 1 << 64                               # threshold of an exact set: every hash lies below it
KeyKind = tuple[str, str]                        # label and scope of a key


@dataclass(frozen=True, slots=True)
class PersonSet:
    """Distinct persons of one export, or of a union of several.

    hashes: kind -> uint64, sorted, distinct in their upper 60 bits, flags in the lower 4. same: kind -> pairs (hash, hash) of one person.
    keyless: flags -> persons nothing identifies. declared: the same, stated by somebody, one for each statement.
    slack, slack_sensitive: how far the count of the export itself reaches (down, up).
    """

    hashes: Mapping[KeyKind, np.ndarray]
    same: Mapping[KeyKind, np.ndarray] = field(default_factory=dict)
    keyless: Mapping[int, int] = field(default_factory=dict)
    slack: tuple[int, int | None] = (0, 0)
    slack_sensitive: tuple[int, int | None] = (0, 0)
    below: int = WHOLE
    declared: tuple[Mapping[int, int], ...] = ()
    least: tuple[int, int] = (0, 0)           # persons, and sensitive ones, that one of the exports alone had for certain


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One recorded export. how: exact, sketch or declared; rows: read for it."""

    entity: str
    flow: str
    period: str                               # 2026-11, or any word the user has for it
    how: str
    rows: int
    recorded: str                             # moment, UTC
    kinds: tuple[str, ...]                    # labels of the keys persons go by
    persons: PersonSet
    by: str = ""
    evidence: str = ""
    number: int = 0


def person_set(kinds: Mapping[str, Iterable[int]], flags: int = ORDINARY) -> PersonSet:
    """A small set by hand; kinds named by label alone."""
    return PersonSet({(k, k): merge_equal((np.array(sorted(v), np.uint64) & ~FLAGS) | np.uint64(flags)) for k, v in kinds.items()})


def merge_equal(ordered: np.ndarray) -> np.ndarray:
    """Sorted hashes with flags, equal ones as one with the flags of all."""
    if not len(ordered):
        return ordered
    starts = np.flatnonzero(run_starts(ordered >> np.uint64(4)))
    return np.bitwise_or.reduceat(ordered, starts) if len(starts) < len(ordered) else ordered


def union(sets: Sequence[PersonSet]) -> PersonSet:
    """The persons of several exports, each once."""
    below = min((s.below for s in sets), default=WHOLE)
    same: dict[KeyKind, np.ndarray] = {}
    for kind in {k for s in sets for k in s.same}:
        same[kind] = np.unique(np.concatenate([s.same[kind] for s in sets if kind in s.same]), axis=0)
    hashes: dict[KeyKind, np.ndarray] = {}
    for kind in sorted({k for s in sets for k in s.hashes}):
        parts = [s.hashes[kind] for s in sets if kind in s.hashes]
        found = parts[0]
        for at in range(1, len(parts), 8):    # eight at a time: runs already in order merge quickly, and little is held twice
            found = merge_equal(np.sort(np.concatenate([found, *parts[at:at + 8]]), kind="stable"))
        if kind in same:
            found = merge_equal(np.sort(_as_one(found, same[kind])))
        hashes[kind] = found if below == WHOLE else found[:int(np.searchsorted(found, np.uint64(below)))]
    keyless: dict[int, int] = {}
    for s in sets:
        for flags, n in s.keyless.items():
            keyless[flags] = keyless.get(flags, 0) + n
    return PersonSet(hashes, same, keyless, _summed(s.slack for s in sets), _summed(s.slack_sensitive for s in sets), below,
                   tuple(d for s in sets for d in s.declared),
                   (max((s.least[0] for s in sets), default=0), max((s.least[1] for s in sets), default=0)))


def _summed(slacks: Iterable[tuple[int, int | None]]) -> tuple[int, int | None]:
    every = list(slacks)
    return sum(s[0] for s in every), None if any(s[1] is None for s in every) else sum(s[1] or 0 for s in every)


def _as_one(hashes: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Hashes of one person as the smallest of them; pairs chain."""
    names, codes = np.unique(pairs & ~FLAGS, return_inverse=True)
    a, b = codes.reshape(-1, 2).T
    root = np.arange(len(names))
    while True:
        low = np.minimum(root[a], root[b])
        before = root.copy()
        np.minimum.at(root, root[a], low)
        np.minimum.at(root, root[b], low)
        root = root[root]
        if np.array_equal(root, before):
            break
    key = hashes & ~FLAGS
    at = np.minimum(np.searchsorted(names, key), len(names) - 1)
    return np.where(names[at] == key, names[root[at]], key) | (hashes & FLAGS)


def limit_size(s: PersonSet, largest: int = LARGEST, sketch: int = SKETCH) -> PersonSet:
    """The set itself up to `largest` hashes, beyond that a sketch of about `sketch`."""
    total = sum(len(h) for h in s.hashes.values())
    if total <= largest:
        return s
    every = np.concatenate([h[:int(np.searchsorted(h, np.uint64(min(s.below, WHOLE - 1))))] for h in s.hashes.values()])
    below = int(np.partition(every, sketch)[sketch] & ~FLAGS) if len(every) > sketch else s.below
    kept = {k: h[:int(np.searchsorted(h, np.uint64(min(below, WHOLE - 1))))] for k, h in s.hashes.items()}
    return replace(s, hashes=kept, same={k: p for k, p in s.same.items() if len(p)}, below=below)


def head_counts(s: PersonSet) -> FlowCount:
    """A set as the rules want it: `high` adds kinds of keys that may be the same people, `low` takes the largest kind or export."""
    scale = WHOLE / s.below
    method: CountMethod = "exact" if s.below == WHOLE else "sketch"

    def measure(test: Callable[[np.ndarray], np.ndarray], slack: tuple[int, int | None], least: int = 0) -> Estimate:
        flags = {k: test((h & FLAGS).astype(np.int64)) for k, h in s.hashes.items()}
        by_kind = [round(int(f.sum()) * scale) for f in flags.values()]
        spread = 0 if s.below == WHOLE else round(1.96 * scale * float(np.sqrt(max(1, sum(int(f.sum()) for f in flags.values())))))
        lone = sum(n for f, n in s.keyless.items() if test(np.array([f]))[0])
        stated = [sum(n for f, n in d.items() if test(np.array([f]))[0]) for d in s.declared]
        best = sum(by_kind) + lone + sum(stated)
        low = min(best, max(max(by_kind, default=0) - slack[0] - spread, least, *stated, 0))
        return Estimate(max(low, 1 if best else 0), best, None if slack[1] is None else best + slack[1] + spread, method)

    def all_of(sensitive: int, ordinary: int) -> FlowCount:
        return FlowCount(
            individuals=measure(lambda f: f >= 0, s.slack, s.least[0]),
            sensitive=measure(lambda f: (f & sensitive) != 0, s.slack_sensitive, s.least[1]),
            minors=measure(lambda f: (f & UNDER_14) != 0, (0, 0)),
            ordinary_only=measure(lambda f: (f & sensitive) == 0, s.slack),
            ordinary=measure(lambda f: ((f & ordinary) != 0) & ((f & UNDER_14) == 0), s.slack),
        )

    found = all_of(SENSITIVE | UNDER_14, ORDINARY | DEPENDS)
    if not any((np.bitwise_and(h, np.uint64(DEPENDS)) != 0).any() for h in s.hashes.values()) and not any(
        f & DEPENDS for f in (*s.keyless, *(f for d in s.declared for f in d))
    ):
        return found
    return replace(found, strict=all_of(SENSITIVE | UNDER_14 | DEPENDS, ORDINARY))


def count_entries(entries: Sequence[LedgerEntry]) -> FlowCount:
    """Distinct persons over several recorded exports."""
    return head_counts(union([e.persons for e in entries]))
