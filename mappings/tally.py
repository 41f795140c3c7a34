"""Persons by filled fields at the three levels: units put together into few cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from mappings.account_scopes import KeyKinds
from mappings.crowds import in_many_rows, standing_out
from mappings.equal_groups import codes_of
from mappings.field_bits import FieldBits
from mappings.linking import PersonLinks
from mappings.model import Cell, Level, Tally
from mappings.person_keys import TYPED_KEYS
from mappings.person_records import ADULT_BIT, AGE_BITS, MINOR_BIT, Slots, Units, run_starts
from mappings.remote_units import ChosenPile, PlacedUnits, ordered_parts
from mappings.unit_graph import SharedKeys, build_graph, is_usable_key
from mappings.unit_piles import Pile
from mappings.unit_runs import UNBOUNDED, UnitMemory

MOST_CELLS = 4_096                            # cells a histogram keeps for each level
PEELED_PATTERNS = 12  # patterns of persons counted one by one before the rest is sorted
_U64 = np.uint64
_ONE = np.uint64(1)
Pattern = tuple[int, int]                     # (kinds of keys, bits of a unit)
# (columns of days of birth, those on which improbably many are born) by kinds of keys
_UsualBirths = Mapping[Slots, tuple[list[int], np.ndarray]]
# (fields filled, under 14, kinds of keys: for `low` alone, does nothing say how old?)
CellKey = tuple[int, bool, int, bool]


@dataclass(frozen=True, slots=True)
class UnitPiles:
    """Everything a counter holds. keyless: (name, bits) -> rows. kinds: of the places in `Slots`.

    remote: units that are elsewhere; then there is none in `piles`.
    """

    piles: Mapping[Slots, Pile]
    keyless: Mapping[tuple[int, int], int]
    kinds: KeyKinds
    memory: UnitMemory = UNBOUNDED
    remote: PlacedUnits | None = None

    def parts(self) -> Iterator[tuple[Slots, Units]]:
        """Yield every unit, in parts that fit into memory."""
        if self.remote is not None:
            yield from self.remote.parts()
        for slots, pile in self.piles.items():
            for units in pile.parts():
                yield slots, units


def tally_units(units: UnitPiles, fields: FieldBits) -> Tally:
    """Return the persons of units as a histogram; rows and placeholders are the counter's to say."""
    labels = units.kinds.labels
    keys = [label for place, label in enumerate(labels) if place not in units.kinds.traits]
    lone, linked = _lone_and_linked(units)
    links = PersonLinks(build_graph(linked, units.keyless, units.kinds), units.kinds)
    alone = lone.patterns(links)
    heavy, rows_of_heavy = lone.heavy_keys()
    above = {**alone}
    for pattern, rows in rows_of_heavy.items():
        above[pattern] = above.get(pattern, 0) + rows
    persons = {"low": links.low, "best": links.best, "high": links.high}
    levels: tuple[Level, ...] = ("low", "best", "high")
    cells: list[Cell] = []
    coarse = False
    for level in levels:
        table = _tabulate(level, persons[level](), links, above if level == "high" else alone)
        coarse |= len(table) > MOST_CELLS
        merged = sorted(_merge_small_cells(table, fields).items())
        cells += [
            Cell(level, bits, minor, kinds, n, unaged) for (bits, minor, kinds, unaged), n in merged
        ]
    return Tally(
        fields=tuple((column, bit, fields.sensitive[column]) for column, bit in fields.bits.items()),
        cells=tuple(cells), rows=0, rows_without_key=sum(units.keyless.values()), crowded=links.crowded,
        shared=links.shared, kinds=tuple(dict.fromkeys(keys)),
        coarse=coarse, roles=fields.roles, unproved=links.unproved + heavy,
        broken_accounts=tuple(dict.fromkeys(labels[slot] for slot in links.broken)),
        open_accounts=tuple(sorted(links.open_tables)),
        unlinked_hashes=tuple(sorted(links.unlinked_hashes)),
    )


def _lone_and_linked(units: UnitPiles) -> tuple[_LoneUnits, list[tuple[Slots, Units]]]:
    """Return the units that share no key with another one, as persons, and those that do."""
    usual, lone = _usual_births(units), _LoneUnits(units.kinds.labels)
    if units.remote is None:
        shared, linked = SharedKeys(units.piles, units.kinds, units.memory), list[tuple[Slots, Units]]()
        for part in _reduced(units.parts(), lone, shared, usual):
            linked.append((part.slots, part.units))
        return lone, linked
    shared = SharedKeys.of_remote(units.remote, units.kinds, units.memory)
    work = partial(_reduce_partition, lone=lone, shared=shared, usual=usual)
    persons, sharing = units.remote.reduce(work)
    for each in persons:
        lone.merge(each)
    return lone, ordered_parts(sharing.parts())


def _reduced(
    parts: Iterator[tuple[Slots, Units]], lone: _LoneUnits, shared: SharedKeys, usual: _UsualBirths
) -> Iterator[ChosenPile]:
    """Add the units that share no key with another one to `lone`; yield the others."""
    for slots, part in parts:
        part = _without_usual_births(slots, part, usual)
        shares = shared.are_in(slots, part)
        if not shares.all():
            lone.add(slots, part.select(~shares))
        if shares.any():
            yield ChosenPile(slots, part.select(shares))


def _reduce_partition(
    parts: Iterator[tuple[Slots, Units]], lone: _LoneUnits, shared: SharedKeys, usual: _UsualBirths
) -> Iterator[ChosenPile | _LoneUnits]:
    """Yield the units of a partition that share a key, and the others as persons."""
    own = lone.empty()
    yield from _reduced(parts, own, shared, usual)
    yield own


def _birth_places(slots: Slots, kinds: KeyKinds) -> list[int]:
    """Columns of keys that are days of birth."""
    return [j for j, slot in enumerate(slots) if kinds.traits.get(slot) == "birth_date"]


def _usual_births(units: UnitPiles) -> _UsualBirths:
    """Return (columns of days of birth, those on which improbably many are born) by kinds of keys."""
    all_slots = units.piles if units.remote is None else units.remote.sizes
    places = {slots: _birth_places(slots, units.kinds) for slots in all_slots}
    if not any(places.values()):
        return {}
    born: dict[int, int] = {}
    if units.remote is None:
        with_births = ((slots, part) for slots, pile in units.piles.items() if places[slots]
                       for part in pile.parts())
        counts: Iterable[Mapping[int, int]] = _birth_counts(with_births, places)
    else:
        counts, _ = units.remote.reduce(partial(_birth_counts, places=places))
    for days in counts:
        for day, n in days.items():
            born[day] = born.get(day, 0) + n
    born.pop(0, None)
    persons = np.array(list(born.values()), np.int64)
    usual = np.array(list(born), _U64)[standing_out(persons)] if born else np.zeros(0, _U64)
    return {slots: (columns, usual) for slots, columns in places.items() if columns and len(usual)}


def _birth_counts(
    parts: Iterator[tuple[Slots, Units]], places: Mapping[Slots, Sequence[int]]
) -> Iterator[dict[int, int]]:
    """Yield how many units have each day of birth."""
    for slots, part in parts:
        for j in places[slots]:
            days, number = np.unique(part.keys[:, j], return_counts=True)
            yield dict(zip(days.tolist(), number.tolist(), strict=True))


def _without_usual_births(
    slots: Slots, units: Units, usual: _UsualBirths
) -> Units:
    """Return units where a day on which improbably many are born, as a form's default, says no age."""
    if slots not in usual:
        return units
    columns, days = usual[slots]
    by_default = np.zeros(len(units), bool)
    for j in columns:
        by_default |= np.isin(units.keys[:, j], days)
    return replace(units, bits=np.where(by_default, units.bits & ~ADULT_BIT, units.bits))


class _LoneUnits:
    """Persons who share no key with anybody, by what matters of them.

    Most persons share nothing with anyone and need no graph: they are one person at every level.
    """

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = labels
        # (columns with a usable key, bits) -> persons
        self._persons: dict[Slots, dict[Pattern, int]] = {}
        # by place: (rows, has nothing beside, is typed and has nothing beside; bits) -> keys
        self._keys: dict[int, dict[Pattern, int]] = {}

    def empty(self) -> _LoneUnits:
        """Return what holds nobody yet."""
        return _LoneUnits(self._labels)

    def merge(self, other: _LoneUnits) -> None:
        """Add the persons of another one."""
        for own, more in ((self._persons, other._persons), (self._keys, other._keys)):
            _merge_tables(own, more)

    def add(self, slots: Slots, units: Units) -> None:
        """Add units of some kinds of keys."""
        usable_columns = np.zeros(len(units), _U64)
        for j, slot in enumerate(slots):
            usable = is_usable_key(units.keys[:, j], self._labels[slot] == "resident_id")
            usable_columns |= usable.astype(_U64) << _U64(min(j, 63))
        _add_patterns(self._persons.setdefault(slots, {}), usable_columns, units.bits)
        self._add_keys(slots, units)

    def _add_keys(self, slots: Slots, u: Units) -> None:
        rows = np.ones(len(u), _U64) if u.rows is None else u.rows.astype(_U64)
        filled = [u.keys[:, j] != 0 for j in range(len(slots))]
        single = np.ones(len(u), bool) if u.name is None else u.name == 0
        typed = single.copy()                 # and no key that is given to one person
        number = np.zeros(len(u), np.int64)
        for slot, here in zip(slots, filled, strict=True):
            number += here
            if self._labels[slot] not in TYPED_KEYS:
                typed &= ~here
        single &= number == 1
        for slot, here in zip(slots, filled, strict=True):
            codes = (rows << _U64(2)) | (single.astype(_U64) << _U64(1)) | typed.astype(_U64)
            typed = typed & ~here             # of a unit with several keys, the first speaks for all
            _add_patterns(self._keys.setdefault(slot, {}), codes[here], u.bits[here])

    def patterns(self, links: PersonLinks) -> dict[Pattern, int]:
        """Return the persons by pattern.

        A resident ID that fails its check does not count as a kind a person has, so that `low` takes who has
        nothing else for somebody mistyped.
        """
        table: dict[Pattern, int] = {}
        for slots, persons in self._persons.items():
            bits_of = [int(links.kind_bits[slot]) for slot in slots]
            for (columns, bits), number in persons.items():
                kinds = 0
                for j, bit in enumerate(bits_of):
                    kinds |= bit if columns >> min(j, 63) & 1 else 0
                table[kinds, bits] = table.get((kinds, bits), 0) + number
        return table

    def heavy_keys(self) -> tuple[int, dict[Pattern, int]]:
        """Return (keys in far more rows than others with nothing beside, their rows but for one, by pattern).

        It may be one person's, or what many people typed or share: a placeholder, a desk's phone.
        """
        heavy, table = 0, dict[Pattern, int]()
        for keys in filter(None, self._keys.values()):
            codes, bits = (np.array(part, _U64) for part in zip(*keys, strict=True))
            number = np.array(list(keys.values()), np.int64)
            rows = (codes >> _U64(2)).astype(np.int64)
            single, typed = ((codes >> _U64(place)) & _ONE != 0 for place in (1, 0))
            out = (standing_out(rows, number) & single) | (typed & in_many_rows(rows, number))
            heavy += int(number[out].sum())
            further = (rows - 1) * number
            for filled, more in zip(bits[out].tolist(), further[out].tolist(), strict=True):
                table[0, filled] = table.get((0, filled), 0) + more
        return heavy, table


def _merge_tables(own: dict[Any, dict[Pattern, int]], more: Mapping[Any, Mapping[Pattern, int]]) -> None:
    for place, patterns in more.items():
        table = own.setdefault(place, {})
        for pattern, number in patterns.items():
            table[pattern] = table.get(pattern, 0) + number


def _add_patterns(
    table: dict[Pattern, int], kinds: np.ndarray, bits: np.ndarray, persons: np.ndarray | None = None
) -> None:
    """Add persons by their pattern to a table; few different ones among many persons.

    persons: None: one each.
    """
    for _ in range(PEELED_PATTERNS):          # most people look like one of a few; sorting is for the rest
        if not len(bits):
            return
        same = (bits == bits[0]) & (kinds == kinds[0])
        pattern = int(kinds[0]), int(bits[0])
        table[pattern] = table.get(pattern, 0) + int(same.sum() if persons is None else persons[same].sum())
        if same.all():
            return
        kinds, bits, persons = kinds[~same], bits[~same], None if persons is None else persons[~same]
    mix = kinds * _U64(0x9E3779B97F4A7C15)
    mix ^= mix >> _U64(31)
    mix += bits * _U64(0xD6E8FEB86659FD93)
    order = np.argsort(mix)
    starts = np.flatnonzero(run_starts(mix[order]))
    totals = (
        np.diff(np.append(starts, len(order))) if persons is None else np.add.reduceat(persons[order], starts)
    )
    first = order[starts]
    for k, b, total in zip(kinds[first].tolist(), bits[first].tolist(), totals.tolist(), strict=True):
        table[k, b] = table.get((k, b), 0) + total


def _tabulate(
    level: Level, person: np.ndarray, links: PersonLinks, alone: Mapping[Pattern, int]
) -> dict[CellKey, int]:
    """Persons of one level by cell. person: of each unit of the graph.

    A unit that no key can link stands for as many persons as rows.
    """
    by_kind = level == "low"
    table: dict[Pattern, int] = {}
    for (kinds, bits), total in alone.items():
        pattern = (kinds if by_kind else 0), bits
        table[pattern] = table.get(pattern, 0) + total
    if len(person):
        _add_linked(table, level, codes_of(person), links)
    cells: dict[CellKey, int] = {}
    for (kinds, bits), total in table.items():
        cell = bits & ~int(AGE_BITS), bool(bits & int(MINOR_BIT)), kinds, not bits & int(AGE_BITS)
        cells[cell] = cells.get(cell, 0) + total
    return cells


def _add_linked(table: dict[Pattern, int], level: Level, person: np.ndarray, links: PersonLinks) -> None:
    """Add the persons that linked units are. person: numbered from 0."""
    graph = links.units
    size = int(person.max()) + 1
    bits, kinds = np.zeros(size, _U64), np.zeros(size, _U64)
    persons = np.ones(size, np.int64)
    np.bitwise_or.at(bits, person, graph.bits)
    if level == "low":
        np.bitwise_or.at(kinds, person, links.unit_kinds())
    else:
        lone = links.unlinked & (links.nameless if level == "best" else True)
        persons[person[lone]] = graph.weight[lone]
    _add_patterns(table, kinds, bits, persons)


def _merge_small_cells(table: dict[CellKey, int], fields: FieldBits) -> dict[CellKey, int]:
    """At most about `MOST_CELLS` cells: of the smallest ones it is lost which ordinary fields are filled.

    The first filled one of a role stands for all of them. Which fields are or may be sensitive stays, and
    nobody is lost; only questions about dropping ordinary fields need the data again.
    """
    if len(table) <= MOST_CELLS:
        return table
    sensitive_bits = fields.mask(column for column in fields.bits if fields.sensitive[column] != "no")
    roles = sorted({fields.roles.get(column, "") for column in fields.bits})
    ordinary = [
        fields.mask(c for c in fields.bits if fields.roles.get(c, "") == role) & ~sensitive_bits
        for role in roles
    ]
    order = sorted(table, key=lambda cell: (-table[cell], cell))
    merged = {cell: table[cell] for cell in order[:MOST_CELLS // 2]}
    for bits, minor, kinds, unaged in order[MOST_CELLS // 2:]:
        reduced = bits & sensitive_bits
        for mask in ordinary:
            reduced |= bits & mask & -(bits & mask)
        cell = reduced, minor, kinds, unaged
        merged[cell] = merged.get(cell, 0) + table[bits, minor, kinds, unaged]
    return merged
