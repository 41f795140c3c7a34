"""Every set of removable fields at once: the persons each set loses, and the sets that lead to a lower level.

A set of n items is a number of n bits; arrays of shape (2**n,) hold one entry for each set. A cell of the
histogram loses its persons to a set that holds all the items that carry the cell's fields; summing over
subsets gives the loss of every set (a zeta transform; Yates 1937).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from detectors.model import ColumnId
from mappings.case_summary import Outcome
from mappings.counts import ENDLESS, young_reading
from mappings.histogram import IF_YOUNG, LEVELS, is_lowest
from mappings.model import Decision, FlowCount, Item, Level
from mappings.rules import RuleSet
from mappings.varied_flow import VariedFlow, VariedTotal, counter_of, level_range

NEVER = -1                                    # for items a cell asks for: no set does it
COUNTERS = ("individuals", "sensitive", "ordinary_only", "ordinary")
Counters = Mapping[str, np.ndarray]           # counter -> persons for each set


def lowering_sets(flow: VariedFlow, items: Sequence[Item], before: Decision | Outcome) -> dict[int, Outcome]:
    """Return every set of items (as a bit mask) that lowers the level, with the paths it leads to.

    Sets whose counts lie in the same bands of every line lead to the same paths, so the rules are asked once
    for each pattern.
    """
    _, first, pattern_of = np.unique(_set_patterns(flow, items), return_index=True, return_inverse=True)
    now = level_range(before)
    lowering: dict[int, Outcome] = {}
    for pattern, example in enumerate(first.tolist()):
        outcome = flow.outcome([item for i, item in enumerate(items) if example >> i & 1])
        if level_range(outcome) < now:
            lowering |= dict.fromkeys(np.flatnonzero(pattern_of == pattern).tolist(), outcome)
    return lowering


def _set_patterns(flow: VariedFlow, items: Sequence[Item]) -> np.ndarray:
    """For each set, a number that is equal for sets no rule can tell apart."""
    patterns, width = _leaves_needless_field(flow, items), 2
    for total in (*flow.parts, *flow.unions):
        for bands in _bands(total, items, flow.rules):
            kinds = int(bands.max()) + 1
            if width * kinds > 1 << 60:       # the numbers would overflow: they are made small again
                patterns = np.unique(patterns, return_inverse=True)[1]
                width = int(patterns.max()) + 1
            patterns, width = patterns * kinds + bands, width * kinds
    return patterns


def _leaves_needless_field(flow: VariedFlow, items: Sequence[Item]) -> np.ndarray:
    """1 for each set that leaves a field as it is which is not shown to be necessary, else 0."""
    first_item = {item.column: i for i, item in reversed(list(enumerate(items))) if item.action != "adults"}
    sets = 1 << len(items)
    if not flow.needless <= first_item.keys():
        return np.ones(sets, np.int64)
    needed = sum(1 << first_item[column] for column in flow.needless)
    return ((np.arange(sets) & needed) != needed).astype(np.int64)


def _bands(total: VariedTotal, items: Sequence[Item], rules: RuleSet) -> Iterator[np.ndarray]:
    """For each counter and end, the band between two lines its persons fall into, for all sets at once."""
    lines = np.array(sorted(_thresholds(rules)))
    chosen = _ItemBits.of(items)
    depends = total.histogram.masks(roles=total.roles)[1] or (total.rest and total.rest.strict)
    # if everybody is young, everybody is sensitive
    has_young = IF_YOUNG[0] in total.histogram.levels and not total.histogram.tells_no_age
    for names in (LEVELS, IF_YOUNG) if has_young else (LEVELS,):
        for strict in (False, True) if depends else (False,):
            levels = [_persons_by_counter(total, level, chosen, strict) for level in names]
            reading = partial(_count_under_reading, strict=strict, young=names == IF_YOUNG)
            for name in COUNTERS:
                for end in _interval_ends(levels, name, reading(total.rest), reading(total.most)):
                    yield np.searchsorted(lines, end, side="right")


def _thresholds(rules: RuleSet) -> set[int]:
    """Every number of persons at which a rule or a zone's list changes."""
    counters = ("ordinary", "sensitive", "individuals")
    return {1, *(line for counter in counters for line in rules.lines_of(counter)), *_zone_thresholds()}


@cache
def _zone_thresholds() -> frozenset[int]:
    from mappings.zones import load_zone, zone_names

    entries = (e for name in zone_names() for e in load_zone(name).entries)
    return frozenset(n for e in entries for n in (e.count_min, e.count_max or 0) if n)


def _interval_ends(
    levels: Sequence[Counters], name: str, rest: FlowCount | None, most: FlowCount | None
) -> tuple[np.ndarray, np.ndarray]:
    """(lowest, highest) persons under a counter for each set. rest: those beside the histogram.

    levels: low, best, high. most: persons there are.
    """
    stack = np.stack([counters[name] for counters in levels])
    low, best, high = stack.min(axis=0), levels[1][name], stack.max(axis=0)
    if rest is None:
        return low, high
    beside = counter_of(rest, name)
    top = counter_of(most, name) if most is not None else None
    low = np.maximum(low, beside.low)
    best = best + beside.best if top is None else np.minimum(best + beside.best, top.best)
    high = high + (ENDLESS if beside.high is None else beside.high)
    if top is not None and top.high is not None:
        high = np.minimum(high, top.high)
    return low, np.maximum(np.maximum(low, best), high)


def _count_under_reading(count: FlowCount | None, strict: bool, young: bool) -> FlowCount | None:
    """A count under the strict reading, and that in which nobody tells an age but children, where it has it.
    """
    if count is None:
        return None
    count = young_reading(count) or count if young else count
    return count.strict or count if strict else count


@dataclass(frozen=True, slots=True)
class _ItemBits:
    """Items as bits of a set.

    dropped: column -> bit of the item that drops it; softened: that drops or weakens it.
    """

    dropped: Mapping[ColumnId, int]
    softened: Mapping[ColumnId, int]
    adults: int | None                        # bit of the item that keeps minors' rows home
    items: int

    @classmethod
    def of(cls, items: Sequence[Item]) -> _ItemBits:
        """Return the bits of some items."""
        return cls(
            {item.column: i for i, item in enumerate(items) if item.action == "drop"},
            {item.column: i for i, item in enumerate(items) if item.action in ("drop", "weaken")},
            next((i for i, item in enumerate(items) if item.action == "adults"), None), len(items),
        )


@dataclass(frozen=True, slots=True)
class _CellSets:
    """For each cell of a level, the items a set must hold for ..., as bits; `NEVER`: no set does it.

    flip: items that must not be in the set for a cell to have no ordinary field: they turn sensitive fields
    into ordinary ones.
    """

    leaves_nothing: np.ndarray                # ... no field of the persons to leave
    no_sensitive: np.ndarray                  # ... no sensitive field to leave
    no_ordinary: np.ndarray                   # ... no ordinary field to leave
    flip: int


def _persons_by_counter(total: VariedTotal, level: Level, chosen: _ItemBits, strict: bool) -> Counters:
    """Persons of one level under each counter, for each set."""
    bits, _, slots, _ = total.histogram.levels[level]
    yes, depends, no = total.histogram.masks(roles=total.roles)
    sensitive, ordinary = (yes | depends, no) if strict else (yes, depends | no)
    sets = _cell_sets(total, bits, (sensitive, ordinary), chosen)
    here = np.flatnonzero((bits & np.uint64(sensitive | ordinary)) != 0)
    if not is_lowest(level):
        return _person_sums(total, level, sets, here, chosen)
    # the lowest count: persons under the kind of key most have; one where there are some without any
    groups = _cells_by_key_kind(slots[here])
    kinds = [_person_sums(total, level, sets, here[group], chosen) for group in groups]
    keyless = _person_sums(total, level, sets, here[slots[here] == 0], chosen)
    nobody = np.zeros(1 << chosen.items, np.int64)
    largest = {name: np.max([k[name] for k in kinds], axis=0) if kinds else nobody for name in keyless}
    return {name: np.where((n == 0) & (keyless[name] > 0), 1, n) for name, n in largest.items()}


def _cell_sets(total: VariedTotal, bits: np.ndarray, masks: tuple[int, int], chosen: _ItemBits) -> _CellSets:
    """What a set must hold for the cells of a level. masks: sensitive and ordinary fields."""
    sensitive, ordinary = masks
    place = {column: bit for column, bit, _ in total.histogram.tally.fields}
    turned, flip = np.zeros(len(bits), np.int64), 0
    for column, item in chosen.softened.items():
        if column not in chosen.dropped and column in place and sensitive >> place[column] & 1:
            turned[_has_bit(bits, place[column])] |= 1 << item
            flip |= 1 << item
    no_ordinary = _required_items(total, bits, ordinary, chosen.dropped)
    return _CellSets(
        _required_items(total, bits, sensitive | ordinary, chosen.dropped),
        _required_items(total, bits, sensitive, chosen.softened),
        np.where(no_ordinary >= 0, no_ordinary | turned, NEVER), flip,
    )


def _required_items(
    total: VariedTotal, bits: np.ndarray, mask: int, items: Mapping[ColumnId, int],
) -> np.ndarray:
    """For each cell, the items that must all be in a set for none of its fields in `mask` to be left."""
    tally = total.histogram.tally
    required = np.zeros(len(bits), np.int64)
    for position in (p for p in range(mask.bit_length()) if mask >> p & 1):
        columns = [
            column for column, bit, _ in tally.fields
            if bit == position and (total.roles is None or tally.roles.get(column, "") in total.roles)
        ]
        has = _has_bit(bits, position)
        if columns and all(column in items for column in columns):
            required[has & (required >= 0)] |= sum(1 << items[column] for column in columns)
        else:
            required[has] = NEVER
    return required


def _has_bit(bits: np.ndarray, position: int) -> np.ndarray:
    return (bits >> np.uint64(position)) & np.uint64(1) != 0


def _person_sums(
    total: VariedTotal, level: Level, sets: _CellSets, cells: np.ndarray, chosen: _ItemBits
) -> Counters:
    """Persons of some cells under each counter, for each set."""
    _, minor, _, persons = total.histogram.levels[level]
    adults, minors = cells[~minor[cells]], cells[minor[cells]]

    def remaining(required: np.ndarray, whose: np.ndarray, flip: int = 0) -> np.ndarray:
        everybody = int(persons[whose].sum())
        return everybody - _lost_persons(required[whose], persons[whose], chosen.items, flip)

    adults_leave, minors_leave = (
        remaining(sets.leaves_nothing, adults),
        remaining(sets.leaves_nothing, minors),
    )
    adults_sensitive = remaining(sets.no_sensitive, adults)
    if chosen.adults is not None:
        minors_leave[(np.arange(1 << chosen.items) >> chosen.adults & 1) != 0] = 0
    return {
        "individuals": adults_leave + minors_leave,
        "sensitive": adults_sensitive + minors_leave,
        "ordinary_only": adults_leave - adults_sensitive,
        "ordinary": remaining(sets.no_ordinary, adults, sets.flip),
    }


def _cells_by_key_kind(slots: np.ndarray) -> list[np.ndarray]:
    """For each kind of key that some cell has, which cells have it."""
    used = int(np.bitwise_or.reduce(slots)) if len(slots) else 0
    return [_has_bit(slots, kind) for kind in range(used.bit_length()) if used >> kind & 1]


def _lost_persons(required: np.ndarray, persons: np.ndarray, n: int, flip: int = 0) -> np.ndarray:
    """For every set of n items, the persons of cells whose required items it holds.

    Items in `flip` must not be in the set instead.
    """
    lost = np.zeros(1 << n, np.int64)
    possible = required >= 0
    np.add.at(lost, required[possible], persons[possible])
    for i in range(n):
        pairs = lost.reshape(-1, 2, 1 << i)   # [:, 0]: sets without item i, [:, 1]: with it
        if flip >> i & 1:
            without = pairs[:, 0].copy()
            pairs[:, 0] += pairs[:, 1]
            pairs[:, 1] = without
        else:
            pairs[:, 1] += pairs[:, 0]
    return lost
