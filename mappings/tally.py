"""Persons by filled fields at the three levels: units put together into few cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from mappings.equal_groups import codes_of
from mappings.ledger import UNDER_14
from mappings.person_records import MINOR, Units, run_starts
from mappings.unit_graph import UnitGraph, build_graph, is_usable_key, split_by_shared_keys

_U64 = np.uint64
_ONE = np.uint64(1)


CELLS = 4_096                                 # cells a histogram keeps for each level
PEELED = 12                                   # patterns of persons counted one by one before the rest is sorted


def ledger_flags(bits: np.ndarray, masks: tuple[np.uint64, np.uint64, np.uint64]) -> np.ndarray:
    """Fields reduced to the ledger's flags; 0 where nothing leaves."""
    flags = reduce_fields(bits, masks)
    kept = flags & _U64(7)
    return np.where(kept != 0, kept | np.where((flags & MINOR) != 0, _U64(UNDER_14), _U64(0)), _U64(0))


def reduce_fields(bits: np.ndarray, masks: tuple[np.uint64, np.uint64, np.uint64]) -> np.ndarray:
    """Fields reduced to sensitive, perhaps sensitive, ordinary; MINOR stays."""
    yes, depends, ordinary = masks
    return _flag(bits & yes, 0) | _flag(bits & depends, 1) | _flag(bits & ordinary, 2) | (bits & MINOR)


def split_lonely(
    piles: Mapping[tuple[int, ...], Units], keyless: Mapping[tuple[int, int], int], ids: Sequence[int]
) -> tuple[dict[tuple[int, int], int], UnitGraph]:
    """(persons who share no key with anybody, as (slots, bits) -> persons; every other unit, and the rows without a key).

    Most persons share nothing with anyone and need no graph: they are one person at every level. ids: the kinds that are resident IDs; one
    that fails its check does not count as a kind a person has, so that `low` takes who has nothing else for somebody mistyped.
    """
    lonely: dict[tuple[int, int], int] = {}
    alone, linked = split_by_shared_keys(piles)
    for slots, u in alone:
        kinds = np.zeros(len(u), _U64)
        for j, slot in enumerate(slots):
            kinds |= np.where(is_usable_key(u.keys[:, j], slot in ids), _ONE << _U64(min(slot, 63)), _U64(0))
        _tabulate(lonely, kinds, u.bits)
    return lonely, build_graph(linked, keyless, ids)


def _tabulate(table: dict[tuple[int, int], int], kinds: np.ndarray, bits: np.ndarray, persons: np.ndarray | None = None) -> None:
    """Add persons by (kinds of keys, fields) to a table; few different pairs among many persons."""
    for _ in range(PEELED):                   # most people look like one of a few; sorting is for the rest
        if not len(bits):
            return
        same = (bits == bits[0]) & (kinds == kinds[0])
        pair = int(kinds[0]), int(bits[0])
        table[pair] = table.get(pair, 0) + int(same.sum() if persons is None else persons[same].sum())
        if same.all():
            return
        kinds, bits, persons = kinds[~same], bits[~same], None if persons is None else persons[~same]
    mixed = kinds * _U64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> _U64(31)
    mixed += bits * _U64(0xD6E8FEB86659FD93)
    order = np.argsort(mixed)
    starts = np.flatnonzero(run_starts(mixed[order]))
    totals = np.diff(np.append(starts, len(order))) if persons is None else np.add.reduceat(persons[order], starts)
    one = order[starts]
    for k, b, total in zip(kinds[one].tolist(), bits[one].tolist(), totals.tolist(), strict=True):
        table[k, b] = table.get((k, b), 0) + total


def tabulate_level(
    level: Literal["low", "best", "high"], person: np.ndarray, u: UnitGraph, lonely: Mapping[tuple[int, int], int]
) -> dict[tuple[int, bool, int], int]:
    """Persons by (filled fields, minority, for `low` kinds of keys). A keyless unit stands for as many persons as rows."""
    with_slots = level == "low"
    table: dict[tuple[int, int], int] = {}
    for (kinds, fields), total in lonely.items():
        pair = (kinds if with_slots else 0), fields
        table[pair] = table.get(pair, 0) + total
    if len(person):
        codes = codes_of(person)
        size = int(codes.max()) + 1
        bits, slots = np.zeros(size, _U64), np.zeros(size, _U64)
        persons = np.ones(size, np.int64)
        np.bitwise_or.at(bits, codes, u.bits)
        if with_slots:
            np.bitwise_or.at(slots, codes, u.slots)
        lone = ~u.keyed & ((u.name == 0) if level == "best" else True)
        if level != "low":
            persons[codes[lone]] = u.weight[lone]
        _tabulate(table, slots, bits, persons)
    found: dict[tuple[int, bool, int], int] = {}
    for (k, b), total in table.items():
        cell = b & ~int(MINOR), bool(b & int(MINOR)), k
        found[cell] = found.get(cell, 0) + total
    return found


def merge_small_cells(found: dict[tuple[int, bool, int], int], keep: int, whose: Sequence[int]) -> dict[tuple[int, bool, int], int]:
    """At most about `CELLS` cells: the smallest ones lose which ordinary fields are filled, never which are or may be sensitive (`keep`).

    whose: the ordinary fields of each role; the first filled one of a role stands for all of them.

    Nobody is lost; only questions about dropping ordinary fields need the data again.
    """
    if len(found) <= CELLS:
        return found
    order = sorted(found, key=lambda c: (-found[c], c))
    out = {c: found[c] for c in order[:CELLS // 2]}
    for b, m, s in order[CELLS // 2:]:
        bits = b & keep
        for mine in whose:
            bits |= b & mine & -(b & mine)
        cell = bits, m, s
        out[cell] = out.get(cell, 0) + found[b, m, s]
    return out


def _flag(bits: np.ndarray, to: int) -> np.ndarray:
    return np.where(bits != 0, _ONE << _U64(to), _U64(0))
