"""Persons by filled fields at the three levels: units put together into few cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mappings.account_scopes import KeyKinds
from mappings.crowds import in_many_rows, standing_out
from mappings.equal_groups import codes_of
from mappings.field_bits import FieldBits
from mappings.linking import PersonLinks
from mappings.model import Cell, Level, Tally
from mappings.person_keys import TYPED_KEYS
from mappings.person_records import ADULT_BIT, AGE_BITS, MINOR_BIT, Slots, Units, run_starts
from mappings.unit_graph import Piles, build_graph, is_usable_key, split_by_shared_keys

MOST_CELLS = 4_096                            # cells a histogram keeps for each level
PEELED_PATTERNS = 12  # patterns of persons counted one by one before the rest is sorted
_U64 = np.uint64
_ONE = np.uint64(1)
Pattern = tuple[int, int]                     # (kinds of keys, bits of a unit)
# (fields filled, under 14, kinds of keys: for `low` alone, does nothing say how old?)
CellKey = tuple[int, bool, int, bool]


@dataclass(frozen=True, slots=True)
class UnitPiles:
    """Everything a counter holds. keyless: (name, bits) -> rows. kinds: of the places in `Slots`."""

    piles: Mapping[Slots, Units]
    keyless: Mapping[tuple[int, int], int]
    kinds: KeyKinds


def tally_units(units: UnitPiles, fields: FieldBits) -> Tally:
    """Return the persons of units as a histogram; rows and placeholders are the counter's to say."""
    labels = units.kinds.labels
    keys = [label for place, label in enumerate(labels) if place not in units.kinds.traits]
    piles, linked = split_by_shared_keys(_without_usual_births(units.piles, units.kinds), units.kinds)
    links = PersonLinks(build_graph(linked, units.keyless, units.kinds), units.kinds)
    alone = _alone_patterns(piles, links)
    heavy, rows_of_heavy = _heavy_keys(piles, labels)
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


def _without_usual_births(piles: Mapping[Slots, Units], kinds: KeyKinds) -> Mapping[Slots, Units]:
    """Return units where a day on which improbably many are born, as a form's default, says no age."""
    places = [place for place, label in kinds.traits.items() if label == "birth_date"]
    columns = [u.keys[:, j] for slots, u in piles.items() for j, slot in enumerate(slots) if slot in places]
    if not columns:
        return piles
    days, born = np.unique(np.concatenate(columns), return_counts=True)
    usual = days[1:][standing_out(born[1:])] if days[0] == 0 else days[standing_out(born)]
    if not len(usual):
        return piles
    aged = {}
    for slots, u in piles.items():
        by_default = np.zeros(len(u), bool)
        for j in (j for j, slot in enumerate(slots) if slot in places):
            by_default |= np.isin(u.keys[:, j], usual)
        aged[slots] = replace(u, bits=np.where(by_default, u.bits & ~ADULT_BIT, u.bits))
    return aged


def _alone_patterns(piles: Piles, links: PersonLinks) -> dict[Pattern, int]:
    """Persons who share no key with anybody, by pattern.

    Most persons share nothing with anyone and need no graph: they are one person at every level. A resident
    ID that fails its check does not count as a kind a person has, so that `low` takes who has nothing else
    for somebody mistyped.
    """
    table: dict[Pattern, int] = {}
    for slots, u in piles:
        kinds = np.zeros(len(u), _U64)
        for j, slot in enumerate(slots):
            usable = is_usable_key(u.keys[:, j], links.kinds[slot] == "resident_id")
            kinds |= np.where(usable, links.kind_bits[slot], _U64(0))
        _add_patterns(table, kinds, u.bits)
    return table


def _heavy_keys(piles: Piles, labels: Sequence[str]) -> tuple[int, dict[Pattern, int]]:
    """Return (keys in far more rows than others with nothing beside, their rows but for one, by pattern).

    It may be one person's, or what many people typed or share: a placeholder, a desk's phone. labels: of the
    kinds of keys, by place.
    """
    of_kind: dict[int, list[tuple[np.ndarray, ...]]] = {}
    for slots, u in piles:
        rows = np.ones(len(u), np.int64) if u.rows is None else u.rows.astype(np.int64)
        nameless = np.ones(len(u), bool) if u.name is None else u.name == 0
        single = nameless & ((u.keys != 0).sum(axis=1) == 1)
        typed = nameless.copy()               # and no key that is given to one person
        for j in (j for j, slot in enumerate(slots) if labels[slot] not in TYPED_KEYS):
            typed &= u.keys[:, j] == 0
        first = np.argmax(u.keys != 0, axis=1)             # of a unit with several keys, one speaks for all
        for j, slot in enumerate(slots):
            here = u.keys[:, j] != 0
            of_kind.setdefault(slot, []).append(
                (rows[here], u.bits[here], single[here], (typed & (first == j))[here])
            )
    keys, table = 0, dict[Pattern, int]()
    for parts in of_kind.values():
        rows, bits, single, typed = (np.concatenate(part) for part in zip(*parts, strict=True))
        out = (standing_out(rows) & single) | (typed & in_many_rows(rows))
        keys += int(out.sum())
        for filled, number in zip(bits[out].tolist(), rows[out].tolist(), strict=True):
            table[0, filled] = table.get((0, filled), 0) + number - 1
    return keys, table


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
