"""年度出境台账: sets of persons that add up over flows and months, each person once.

A set keeps, for each person, one keyed hash of the best kind of key there is, and five flags. Persons under
different kinds of keys cannot be known to be the same, so their union is an interval. Beyond
`LARGEST_EXACT_SET` persons a set keeps the hashes below a threshold (a theta sketch, the KMV idea of
Bar-Yossef et al. 2002 and Beyer et al. 2007): uniform, and it still adds up.

>>> january, february = ({"resident_id": [n << 40, (n + 1) << 40]} for n in (1, 2))
>>> head_counts(union_of_sets([person_set(january), person_set(february)])).individuals.best
3
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt

import numpy as np

from detectors.model import CountMethod
from mappings.equal_groups import connected_components
from mappings.hash_slices import KeyKind as KeyKind
from mappings.hash_slices import slice_ranges, sliced_hashes
from mappings.model import UNKNOWN, Estimate, FlowCount
from mappings.person_records import run_starts

# flags, in the lowest bits of a kept hash; without AGED nothing said how old the person is
SENSITIVE, DEPENDS, ORDINARY, UNDER_14, AGED = 1, 2, 4, 8, 16
FLAG_BITS = 5
ALL_FLAGS = np.uint64((1 << FLAG_BITS) - 1)
LARGEST_EXACT_SET = 20_000_000                # persons a set keeps exactly
SKETCH_SIZE = 65_536                          # hashes a sketch keeps
RANGE_SIZE = 4_000_000                        # hashes of all sets that are united at once
_UNAGED = 1 << FLAG_BITS                       # a flag of those without AGED, while they are counted
NO_THRESHOLD = 1 << 64                        # threshold of an exact set: every hash lies below it
Slack = tuple[int, int | None]                # how far a count reaches down and up


@dataclass(frozen=True, slots=True)
class PersonSet:
    """Distinct persons of one export, or of a union of several.

    hashes: kind -> uint64, sorted, distinct in their upper 59 bits, flags in the lower 5. same: kind -> pairs
    (hash, hash) of one person. keyless: flags -> persons nothing identifies. declared: the same, stated by
    somebody, one for each statement. slack, slack_sensitive: how far the count of the export itself reaches.
    below: every hash lies below it. least: persons, and sensitive ones, that one of the exports alone had for
    certain.
    """

    hashes: Mapping[KeyKind, np.ndarray]
    same: Mapping[KeyKind, np.ndarray] = field(default_factory=dict)
    keyless: Mapping[int, int] = field(default_factory=dict)
    slack: Slack = (0, 0)
    slack_sensitive: Slack = (0, 0)
    below: int = NO_THRESHOLD
    declared: tuple[Mapping[int, int], ...] = ()
    least: tuple[int, int] = (0, 0)


def person_set(kinds: Mapping[str, Iterable[int]], flags: int = ORDINARY | AGED) -> PersonSet:
    """Return a small set by hand; kinds named by label alone."""
    hashes: dict[KeyKind, np.ndarray] = {}
    for label, values in kinds.items():
        ordered = np.array(sorted(values), np.uint64) & ~ALL_FLAGS
        hashes[label, label] = merge_equal(ordered | np.uint64(flags))
    return PersonSet(hashes)


def merge_equal(ordered: np.ndarray) -> np.ndarray:
    """Return sorted hashes with flags, equal ones as one with the flags of all."""
    if not len(ordered):
        return ordered
    starts = np.flatnonzero(run_starts(ordered >> np.uint64(FLAG_BITS)))
    return np.bitwise_or.reduceat(ordered, starts) if len(starts) < len(ordered) else ordered


def union_of_sets(sets: Sequence[PersonSet]) -> PersonSet:
    """Return the persons of several exports, each once."""
    below = min((s.below for s in sets), default=NO_THRESHOLD)
    same = {
        kind: np.unique(np.concatenate([s.same[kind] for s in sets if kind in s.same]), axis=0)
        for kind in {k for s in sets for k in s.same}
    }
    hashes = {
        kind: _hashes_below(
            _union_of_kind([s.hashes for s in sets if kind in s.hashes], kind, same.get(kind)), below
        )
        for kind in sorted({k for s in sets for k in s.hashes})
    }
    keyless: dict[int, int] = {}
    for s in sets:
        for flags, n in s.keyless.items():
            keyless[flags] = keyless.get(flags, 0) + n
    return PersonSet(
        hashes,
        same,
        keyless,
        _add_slacks([s.slack for s in sets]),
        _add_slacks([s.slack_sensitive for s in sets]),
        below,
        declared=tuple(d for s in sets for d in s.declared),
        least=(max((s.least[0] for s in sets), default=0), max((s.least[1] for s in sets), default=0)),
    )


def _union_of_kind(
    sets: Sequence[Mapping[KeyKind, np.ndarray]], kind: KeyKind, same: np.ndarray | None
) -> np.ndarray:
    """Hashes of one kind, each once. same: pairs of hashes that are one person.

    Range after range, so that of sets on disk little is read at once.
    """
    slices = [sliced_hashes(hashes, kind) for hashes in sets]
    ranges = []
    for first, after in slice_ranges([each.ends for each in slices], RANGE_SIZE):
        ranges.append(merge_equal(np.sort(np.concatenate([each.read(first, after) for each in slices]))))
    hashes = np.concatenate([*ranges, np.zeros(0, np.uint64)])
    return hashes if same is None else merge_equal(np.sort(_merge_same(hashes, same)))


def _hashes_below(hashes: np.ndarray, threshold: int) -> np.ndarray:
    """Sorted hashes below a threshold."""
    if threshold == NO_THRESHOLD:
        return hashes
    return hashes[:int(np.searchsorted(hashes, np.uint64(threshold)))]


def _add_slacks(slacks: Sequence[Slack]) -> Slack:
    ups = [up for _, up in slacks if up is not None]
    return sum(down for down, _ in slacks), sum(ups) if len(ups) == len(slacks) else None


def _merge_same(hashes: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Hashes with those of one person as the smallest of them; pairs chain."""
    distinct, codes = np.unique(pairs & ~ALL_FLAGS, return_inverse=True)
    a, b = codes.reshape(-1, 2).T
    smallest = connected_components(a, b, len(distinct))
    bare = hashes & ~ALL_FLAGS
    at = np.minimum(np.searchsorted(distinct, bare), len(distinct) - 1)
    return np.where(distinct[at] == bare, distinct[smallest[at]], bare) | (hashes & ALL_FLAGS)


def limit_size(persons: PersonSet, largest: int = LARGEST_EXACT_SET, sketch: int = SKETCH_SIZE) -> PersonSet:
    """Return the set itself up to `largest` hashes, beyond that a sketch of about `sketch`."""
    if sum(len(h) for h in persons.hashes.values()) <= largest:
        return persons
    highest = min(persons.below, NO_THRESHOLD - 1)
    every = np.concatenate([_hashes_below(h, highest) for h in persons.hashes.values()])
    below = int(np.partition(every, sketch)[sketch] & ~ALL_FLAGS) if len(every) > sketch else persons.below
    hashes = {kind: _hashes_below(h, min(below, NO_THRESHOLD - 1)) for kind, h in persons.hashes.items()}
    same = {kind: pairs for kind, pairs in persons.same.items() if len(pairs)}
    return replace(persons, hashes=hashes, same=same, below=below)


def head_counts(persons: PersonSet) -> FlowCount:
    """Return a set as the rules want it.

    `high` adds kinds of keys that may be the same people, `low` takes the largest kind or export.
    """
    flags = _flags(persons)
    adults = _readings(persons, UNDER_14, flags)
    if not ((flags & (AGED | UNDER_14)) == 0).any():
        return adults
    if not (flags & (AGED | UNDER_14)).any():
        adults = replace(adults, minors=UNKNOWN)
    young = _readings(persons, UNDER_14 | _UNAGED, flags)
    if adults.sensitive.method == "exact" and adults.sensitive != young.sensitive:
        adults = replace(adults, sensitive=replace(adults.sensitive, method="linked"))
    return replace(adults, if_young=young)


def _flags(persons: PersonSet) -> np.ndarray:
    """int64: the flags that stand in a set, each once."""
    lone = (*persons.keyless, *(flags for d in persons.declared for flags in d))
    hashed = [np.unique((hashes & ALL_FLAGS).astype(np.int64)) for hashes in persons.hashes.values()]
    return np.unique(np.concatenate([np.array(lone, np.int64), *hashed]))


def _readings(persons: PersonSet, young: int, flags: np.ndarray) -> FlowCount:
    """Every counter of a set under each reading. young: flags of who is under 14."""
    counts = _counters(persons, young | SENSITIVE, ORDINARY | DEPENDS, young)
    if not (flags & DEPENDS).any():
        return counts
    return replace(counts, strict=_counters(persons, young | SENSITIVE | DEPENDS, ORDINARY, young))


def _counters(persons: PersonSet, sensitive: int, ordinary: int, young: int) -> FlowCount:
    """Every counter of a set. sensitive, ordinary, young: flags that count as such."""
    slack, (least, least_sensitive) = persons.slack, persons.least
    slack_sensitive = persons.slack_sensitive if young == UNDER_14 else _wider(slack, persons.slack_sensitive)
    return FlowCount(
        individuals=_estimate(persons, lambda f: f >= 0, slack, least),
        sensitive=_estimate(persons, lambda f: (f & sensitive) != 0, slack_sensitive, least_sensitive),
        minors=_estimate(persons, lambda f: (f & young) != 0, (0, 0) if young == UNDER_14 else slack),
        ordinary_only=_estimate(persons, lambda f: (f & sensitive) == 0, slack),
        ordinary=_estimate(persons, lambda f: ((f & ordinary) != 0) & ((f & young) == 0), slack),
    )


def _wider(one: Slack, other: Slack) -> Slack:
    up = None if one[1] is None or other[1] is None else max(one[1], other[1])
    return max(one[0], other[0]), up


def _estimate(
    persons: PersonSet, test: Callable[[np.ndarray], np.ndarray], slack: Slack, least: int = 0
) -> Estimate:
    """Persons whose flags pass a test. slack: of the counts behind the set.

    least: persons there are for certain.
    """
    scale = NO_THRESHOLD / persons.below
    method: CountMethod = "exact" if persons.below == NO_THRESHOLD else "sketch"
    hits = [int(test(_with_unaged((h & ALL_FLAGS).astype(np.int64))).sum()) for h in persons.hashes.values()]
    spread = 0 if method == "exact" else round(1.96 * scale * sqrt(max(1, sum(hits))))
    by_kind = [round(n * scale) for n in hits]
    stated = [_count_passing(d, test) for d in persons.declared]
    best = sum(by_kind) + _count_passing(persons.keyless, test) + sum(stated)
    low = min(best, max(max(by_kind, default=0) - slack[0] - spread, least, *stated, 0))
    high = None if slack[1] is None else best + slack[1] + spread
    return Estimate(max(low, 1 if best else 0), best, high, method)


def _count_passing(persons: Mapping[int, int], test: Callable[[np.ndarray], np.ndarray]) -> int:
    """Persons, by flags, that pass a test."""
    return sum(n for flags, n in persons.items() if test(_with_unaged(np.array([flags])))[0])


def _with_unaged(flags: np.ndarray) -> np.ndarray:
    """Flags with one for whoever tells no age, which no set keeps."""
    return flags | np.where((flags & (AGED | UNDER_14)) == 0, _UNAGED, 0)
