"""Persons expected over systems that share too few keys, by capture and recapture.

`best` counts whoever lacks the shared key in one of two systems twice. How many these are follows from those
who have it: of the keys of one system, a share stands in another one; divided by the share of the other's
persons who have a key at all, that is the share of persons who are in both. For several systems, a person of
one of them is in no earlier one with the expected chance

    product over the earlier systems i of (1 - [the key stands in i] / fill of i),

however memberships depend on each other (Horvitz and Thompson 1952, doi:10.1080/01621459.1952.10483446). Two
systems that share no key, and share others with a third, are taken to overlap as the third's people do
(Lincoln and Petersen); the interval then reaches from every possible overlap to none.

Assumed is that whether a key is filled in does not depend on who somebody is, and that each system counts its
own persons right. Where the estimates of two kinds of keys disagree, one of these is not so, and there is no
figure. No rule uses it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from typing import Literal

MOST_SYSTEMS = 12
LEAST_KEYS = 30                               # keys of a kind in a system, to say anything by it
LEAST_FILL = 0.05                             # share of a system's persons with a key of the kind
NORMAL = 1.96                                 # standard errors of a 95 % interval
TOLERANCE = 0.02                              # share of the persons by which two estimates may differ beside


@dataclass(frozen=True, slots=True)
class SystemKeys:
    """Keys of one kind. by_systems: (bit set of systems, keys that stand in exactly these)."""

    kind: str
    by_systems: tuple[tuple[int, int], ...]

    def number_in(self, system: int) -> int:
        """Return how many keys stand in a system."""
        return sum(n for mask, n in self.by_systems if mask >> system & 1)


@dataclass(frozen=True, slots=True)
class Systems:
    """Systems by name, the persons of each by its own count, and the keys of every kind."""

    names: tuple[str, ...]
    persons: tuple[int, ...]
    keys: tuple[SystemKeys, ...]

    def fill(self, keys: SystemKeys, system: int) -> float:
        """Return the share of a system's persons who have a key of a kind, in [0, 1]."""
        persons = self.persons[system]
        return min(1.0, keys.number_in(system) / persons) if persons else 0.0

    def covered(self, keys: SystemKeys) -> frozenset[int]:
        """Return the systems in which enough persons have a key of a kind."""
        return frozenset(
            i for i in range(len(self.names))
            if keys.number_in(i) >= LEAST_KEYS and self.fill(keys, i) >= LEAST_FILL
        )


@dataclass(frozen=True, slots=True)
class ExpectedPersons:
    """A figure under conditions. outcome: what came of it; of `given` alone the numbers hold.

    low, high: 95 %, without what the assumptions may be off by. kinds: of keys it rests on. bridged: two
    systems are compared through a third.
    """

    outcome: Literal["given", "disagree", "unshared"]
    kinds: tuple[str, ...] = ()
    persons: int = 0
    low: int = 0
    high: int = 0
    bridged: bool = False


@dataclass(frozen=True, slots=True)
class _Union:
    """Persons of several systems together, and the variance of that."""

    persons: float
    variance: float


def expected_persons(systems: Systems) -> ExpectedPersons | None:
    """Return how many persons are expected in all systems together; None for fewer than two systems."""
    if not 2 <= len(systems.names) <= MOST_SYSTEMS:
        return None
    covered = {keys: systems.covered(keys) for keys in systems.keys}
    useful = [keys for keys in systems.keys if len(covered[keys]) > 1]
    for one, other in combinations(useful, 2):
        common = covered[one] & covered[other]
        if len(common) > 1 and _disagree(_union(systems, one, common), _union(systems, other, common)):
            return ExpectedPersons("disagree", (one.kind, other.kind))
    everywhere = [keys for keys in useful if len(covered[keys]) == len(systems.names)]
    if everywhere:
        unions = [_union(systems, keys, covered[keys]) for keys in everywhere]
        weights = [1 / (union.variance + 1) for union in unions]
        persons = sum(w * u.persons for w, u in zip(weights, unions, strict=True)) / sum(weights)
        spread = NORMAL * sqrt(1 / sum(weights))
        kinds = tuple(keys.kind for keys in everywhere)
        return _figure(systems, kinds, (persons, persons - spread, persons + spread), bridged=False)
    return _bridged(systems, useful, covered)


def _union(systems: Systems, keys: SystemKeys, among: Collection[int]) -> _Union:
    """Return the persons of some systems together by one kind of key, the largest system first."""
    order = sorted(among, key=lambda i: (-systems.persons[i], i))
    persons = variance = 0.0
    for place, system in enumerate(order):
        number, own = keys.number_in(system), systems.persons[system]
        chances = [
            (n, _absence(systems, keys, order[:place], mask))
            for mask, n in keys.by_systems if mask >> system & 1
        ]
        mean = sum(n * chance for n, chance in chances) / number
        square = sum(n * chance * chance for n, chance in chances) / number
        persons += own * mean
        variance += own * own * max(0.0, square - mean * mean) / number
    return _Union(persons, variance)


def _absence(systems: Systems, keys: SystemKeys, earlier: Sequence[int], mask: int) -> float:
    """Return the expected chance of being in none of the earlier systems. mask: where the key stands."""
    chance = 1.0
    for i in earlier:
        if mask >> i & 1:
            chance *= 1 - 1 / systems.fill(keys, i)
    return chance


def _disagree(one: _Union, other: _Union) -> bool:
    allowed = NORMAL * sqrt(one.variance + other.variance) + TOLERANCE * max(one.persons, other.persons)
    return abs(one.persons - other.persons) > allowed


def _bridged(
    systems: Systems, useful: Sequence[SystemKeys], covered: Mapping[SystemKeys, frozenset[int]]
) -> ExpectedPersons:
    """Return the persons of all systems by several kinds of keys, none of which all systems have."""
    order = sorted(useful, key=lambda keys: (-len(covered[keys]), keys.kind))
    if not order:
        return ExpectedPersons("unshared")
    first, kinds = order[0], [order[0].kind]
    whole = _union(systems, first, covered[first])
    connected, variance = covered[first], whole.variance
    persons = least = most = whole.persons
    while len(connected) < len(systems.names):
        keys = next((k for k in order if covered[k] & covered[first] and covered[k] - connected), None)
        if keys is None:
            return ExpectedPersons("unshared")
        between = covered[keys] & covered[first]
        bridge = _union(systems, first if len(between) > 1 else keys, between)
        added = _union(systems, keys, between | (covered[keys] - connected))
        outside = max(0.0, added.persons - bridge.persons)
        rest = covered[first] - between
        share = 0.0
        if rest:
            both = _union(systems, first, rest).persons + bridge.persons - whole.persons
            share = min(1.0, max(0.0, both / bridge.persons))
        persons += outside * (1 - share)
        most += outside
        least += max(0.0, outside - max(0.0, least - bridge.persons))
        variance += added.variance + bridge.variance
        connected |= covered[keys]
        kinds.append(keys.kind)
    spread = NORMAL * sqrt(variance)
    return _figure(systems, tuple(kinds), (persons, least - spread, most + spread), bridged=True)


def _figure(
    systems: Systems, kinds: tuple[str, ...], figures: tuple[float, float, float], *, bridged: bool
) -> ExpectedPersons:
    """Return a figure with its interval, inside of what is possible at all."""
    least, most = max(systems.persons), sum(systems.persons)
    persons, low, high = (min(max(round(figure), least), most) for figure in figures)
    return ExpectedPersons("given", tuple(dict.fromkeys(kinds)), persons, low, high, bridged)
