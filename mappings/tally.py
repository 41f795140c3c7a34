"""Persons by filled fields at the three levels: units put together into few cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from mappings.account_scopes import KeyKinds
from mappings.crowds import standing_out
from mappings.field_bits import FieldBits
from mappings.keyless_pile import KeylessPile
from mappings.link_facts import LinkFacts
from mappings.linked_persons import LEVELS, LinkedPersons
from mappings.lone_units import LoneUnits, Pattern
from mappings.model import Cell, Level, Tally
from mappings.person_records import ADULT_BIT, AGE_BITS, MINOR_BIT, Slots, Units
from mappings.remote_units import ChosenPile, PlacedUnits
from mappings.shared_keys import MarkedUnits, SharedKeys, mark_sharing
from mappings.sharing_units import SharingUnits
from mappings.unit_piles import Pile
from mappings.unit_runs import UNBOUNDED, UnitMemory

MOST_CELLS = 4_096                            # cells a histogram keeps for each level
_U64 = np.uint64
# (columns of days of birth, those on which improbably many are born) by kinds of keys
_UsualBirths = Mapping[Slots, tuple[list[int], np.ndarray]]
# (fields filled, under 14, kinds of keys: for `low` alone, does nothing say how old?)
CellKey = tuple[int, bool, int, bool]


@dataclass(frozen=True, slots=True)
class UnitPiles:
    """Everything a counter holds. keyless: rows without a key. kinds: of the places in `Slots`.

    remote: units that are elsewhere; then there is none in `piles`.
    """

    piles: Mapping[Slots, Pile]
    keyless: KeylessPile
    kinds: KeyKinds
    memory: UnitMemory = UNBOUNDED
    remote: PlacedUnits | None = None


def tally_units(units: UnitPiles, fields: FieldBits) -> Tally:
    """Return the persons of units as a histogram; rows and placeholders are the counter's to say."""
    lone, sharing = _lone_and_sharing(units)
    linked = LinkedPersons()
    facts, links_of_parts = sharing.links()
    for links in links_of_parts:
        linked.add_linked(links)
    for rows in units.keyless.parts():
        linked.add_keyless(rows)
    tally = tally_of(lone, linked, facts, units.kinds, fields)
    return replace(tally, rows_without_key=units.keyless.rows)


def tally_of(
    lone: LoneUnits, linked: LinkedPersons, facts: LinkFacts, kinds: KeyKinds, fields: FieldBits
) -> Tally:
    """Return all persons as a histogram; rows, with a key or without, are the caller's to say.

    lone, linked: of the units that share no key with another, and of all others and rows without a key.
    """
    labels = kinds.labels
    alone = lone.patterns(facts.kind_bits(kinds))
    heavy, rows_of_heavy = lone.heavy_keys()
    cells: list[Cell] = []
    coarse = False
    for level in LEVELS:
        above = rows_of_heavy if level == "high" else {}
        table = _tabulate(level, alone, above, linked.patterns[level])
        coarse |= len(table) > MOST_CELLS
        merged = sorted(_merge_small_cells(table, fields).items())
        cells += [
            Cell(level, bits, minor, kinds_of_keys, n, unaged)
            for (bits, minor, kinds_of_keys, unaged), n in merged
        ]
    keys = [label for place, label in enumerate(labels) if place not in kinds.traits]
    return Tally(
        fields=tuple((column, bit, fields.sensitive[column]) for column, bit in fields.bits.items()),
        cells=tuple(cells), rows=0, rows_without_key=0, crowded=len(facts.crowds),
        shared=linked.shared, kinds=tuple(dict.fromkeys(keys)),
        coarse=coarse, roles=fields.roles, unproved=linked.unproved + heavy,
        broken_accounts=tuple(dict.fromkeys(labels[slot] for slot in facts.broken_accounts())),
        open_accounts=tuple(sorted(facts.open_tables(kinds))),
        unlinked_hashes=tuple(sorted(facts.unlinked_hashes(kinds))),
    )


def _lone_and_sharing(units: UnitPiles) -> tuple[LoneUnits, SharingUnits]:
    """Return the units that share no key with another one, as persons, and those that do."""
    usual, lone = _usual_births(units), LoneUnits(units.kinds.labels)
    if units.remote is None:
        sharing = SharingUnits(units.kinds, units.memory)
        for each in _reduced(mark_sharing(units.piles, units.kinds, units.memory), lone, usual):
            sharing.add(each.slots, each.units)
        return lone, sharing
    shared = SharedKeys.of_remote(units.remote, units.kinds)
    persons, rest = units.remote.reduce(partial(_reduce_partition, lone=lone, shared=shared, usual=usual))
    for own in persons:
        lone.merge(own)
    return lone, SharingUnits.of_remote(rest.parts(), units.kinds, units.memory)


def _reduced(parts: Iterator[MarkedUnits], lone: LoneUnits, usual: _UsualBirths) -> Iterator[ChosenPile]:
    """Add the units that share no key with another one to `lone`; yield the others."""
    for slots, part, shares in parts:
        part = _without_usual_births(slots, part, usual)
        if not shares.all():
            lone.add(slots, part.select(~shares))
        if shares.any():
            yield ChosenPile(slots, part.select(shares))


def _reduce_partition(
    parts: Iterator[tuple[Slots, Units]], lone: LoneUnits, shared: SharedKeys, usual: _UsualBirths
) -> Iterator[ChosenPile | LoneUnits]:
    """Yield the units of a partition that share a key, and the others as persons."""
    own = lone.empty()
    yield from _reduced(shared.marked(parts), own, usual)
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


def _tabulate(level: Level, *parts: Mapping[Pattern, int]) -> dict[CellKey, int]:
    """Persons of one level by cell. parts: persons by pattern."""
    cells: dict[CellKey, int] = {}
    for table in parts:
        for (kinds, bits), total in table.items():
            cell = (
                bits & ~int(AGE_BITS), bool(bits & int(MINOR_BIT)), kinds if level == "low" else 0,
                not bits & int(AGE_BITS),
            )
            cells[cell] = cells.get(cell, 0) + total
    return cells


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
