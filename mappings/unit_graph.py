"""Units side by side with their keys as edges; units that share no key with another need no graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from mappings.account_scopes import KeyKinds
from mappings.person_records import BORN, Slots, Units, run_starts, soft_key
from mappings.remote_units import GroupHashes, PlacedUnits
from mappings.unit_piles import Pile
from mappings.unit_runs import KeyRuns, UnitMemory

_U64 = np.uint64
_ONE = np.uint64(1)
Parts = list[tuple[Slots, Units]]             # of piles
LARGEST_BITMAP = 24                           # bits of a key that a bitmap knows


@dataclass(slots=True)
class UnitGraph:
    """All units side by side; edges in long form: unit[i] has the key hash[i] of the kind slot[i].

    name, bits: as in `Units`, 0 where no row has a name. weight: rows a unit stands for, where they were
    counted. traits: per unit what a person has one of, uint64 by label, 0 for none. A day of birth is an edge
    together with the name.
    """

    name: np.ndarray
    bits: np.ndarray
    weight: np.ndarray                        # int64
    keyed: np.ndarray                         # bool: has at least one key
    unit: np.ndarray                          # int64, edge -> unit
    slot: np.ndarray                          # int16, edge -> slot
    hash: np.ndarray                          # uint64, edge -> key
    traits: Mapping[str, np.ndarray] = field(default_factory=dict)


def is_usable_key(hashes: np.ndarray, is_id: bool | np.ndarray) -> np.ndarray:
    """Which keys say that somebody is there: any, but of resident IDs only valid ones."""
    return (hashes != 0) & (((hashes & _ONE) == 1) | ~np.asarray(is_id))


def _linking_keys(units: Units, j: int, label: str | None) -> np.ndarray | None:
    """Keys of a column of a pile; of days of birth with the name. None: nothing that could link.

    label: of a trait; None for a kind of key.
    """
    if label is None:
        return units.keys[:, j]
    if label != BORN[0] or units.name is None:
        return None
    return soft_key(units.name, units.keys[:, j])


class SharedKeys:
    """Which units share a key with another one: by the first place of keys that are hashed alike."""

    def __init__(self, piles: Mapping[Slots, Pile], kinds: KeyKinds, memory: UnitMemory) -> None:
        self._groups, self._traits = kinds.groups, kinds.traits
        self._sets: dict[int, KeySet] = {}
        columns_of: dict[int, list[tuple[Slots, int]]] = {}
        for slots in piles:
            for j, slot in enumerate(slots):
                columns_of.setdefault(self._groups[slot], []).append((slots, j))
        for group, columns in columns_of.items():
            if not _is_folded(columns, piles):
                keys = KeyRuns(memory)
                for slots, j in columns:
                    for units in piles[slots].parts():
                        if (hashes := self._linking_keys(slots, units, j)) is not None:
                            keys.add(hashes)
                self._sets[group] = KeySet([_repeated_hashes(each) for each in keys.ranges()])

    @classmethod
    def of_remote(cls, units: PlacedUnits, kinds: KeyKinds, memory: UnitMemory) -> SharedKeys:
        """Return the same of units on other machines, which look for repeated keys themselves."""
        shared = cls({}, kinds, memory)
        columns_of: dict[int, list[tuple[Slots, int]]] = {}
        sizes = units.sizes
        for slots in sizes:
            for j, slot in enumerate(slots):
                columns_of.setdefault(shared._groups[slot], []).append((slots, j))
        groups = frozenset(
            group for group, columns in columns_of.items()
            if not (len(columns) == 1 and len(columns[0][0]) == 1 and not sizes[columns[0][0]].has_names)
        )
        if groups:
            emit = partial(_hashes_by_group, kinds=kinds, groups=groups)
            repeated = units.fold_hashes(emit, _repeated_hashes)
            shared._sets = {group: KeySet([np.sort(np.concatenate(each))])
                            for group, each in repeated.items()}
        return shared

    def _linking_keys(self, slots: Slots, units: Units, j: int) -> np.ndarray | None:
        return _linking_keys(units, j, self._traits.get(slots[j]))

    def are_in(self, slots: Slots, units: Units) -> np.ndarray:
        """Return bool per unit: does another unit have the same key of a kind?"""
        shares = np.zeros(len(units), bool)
        for j, slot in enumerate(slots):
            keys = self._sets.get(self._groups[slot])
            if keys is not None and (hashes := self._linking_keys(slots, units, j)) is not None:
                shares |= keys.are_in(hashes) & (units.keys[:, j] != 0)
        return shares


def _is_folded(columns: Sequence[tuple[Slots, int]], piles: Mapping[Slots, Pile]) -> bool:
    """Is each key there once: a pile of one kind of key without names, and no other pile of the kind?"""
    slots, _ = columns[0]
    return len(columns) == 1 and len(slots) == 1 and not piles[slots].has_names()


def _hashes_by_group(
    parts: Iterator[tuple[Slots, Units]], kinds: KeyKinds, groups: frozenset[int]
) -> Iterator[GroupHashes]:
    """Yield the keys of some groups that could link, an entry for each unit that has one."""
    of_slots, traits = kinds.groups, kinds.traits
    for slots, units in parts:
        for j, slot in enumerate(slots):
            if of_slots[slot] in groups and (keys := _linking_keys(units, j, traits.get(slot))) is not None:
                yield of_slots[slot], keys[keys != 0]


def _repeated_hashes(ordered: np.ndarray) -> np.ndarray:
    """Hashes other than 0 that stand there more than once, sorted and distinct."""
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    repeated = repeated[repeated != 0]
    return repeated[run_starts(repeated)] if len(repeated) else repeated


class KeySet:
    """Keys, sorted and distinct, in several pieces one after the other.

    A bitmap of their upper bits answers most questions at once.
    """

    def __init__(self, pieces: Sequence[np.ndarray]) -> None:
        self._ordered = np.concatenate([*pieces, np.zeros(0, _U64)])
        width = int(min(LARGEST_BITMAP, max(10, len(self._ordered).bit_length() + 3)))
        self._shift = _U64(64 - width)
        self._bitmap = np.zeros(1 << width if len(self._ordered) else 0, bool)
        if len(self._ordered):
            self._bitmap[(self._ordered >> self._shift).astype(np.int64)] = True

    def __reduce__(self) -> tuple[type[KeySet], tuple[Sequence[np.ndarray]]]:
        return KeySet, ([self._ordered],)     # the bitmap is soon made again

    def are_in(self, values: np.ndarray) -> np.ndarray:
        """Return bool per value: does it stand among the keys?"""
        among = np.zeros(len(values), bool)
        if not len(self._ordered):
            return among
        maybe = np.flatnonzero(self._bitmap[(values >> self._shift).astype(np.int64)])
        candidates = values[maybe]
        at = np.minimum(np.searchsorted(self._ordered, candidates), len(self._ordered) - 1)
        among[maybe] = self._ordered[at] == candidates
        return among


def build_graph(piles: Parts, keyless: Mapping[tuple[int, int], int], kinds: KeyKinds) -> UnitGraph:
    """Return units side by side in the order their first rows came, so that no hash decides what comes first.

    keyless: (name, bits) -> rows; they stand last.
    """
    order = _row_order(piles)
    unit, slot, hashes = _edges(piles, order, kinds.traits)
    lone = np.array(sorted(keyless), _U64).reshape(-1, 2)
    keyed_units = len(order)
    nobody, none = np.zeros(0, _U64), np.zeros(0, np.int64)
    names = [u.name if u.name is not None else np.zeros(len(u), _U64) for _, u in piles]
    rows = np.array([keyless[who, filled] for who, filled in lone.tolist()], np.int64)
    return UnitGraph(
        name=np.concatenate([np.concatenate([*names, nobody])[order], lone[:, 0]]),
        bits=np.concatenate([np.concatenate([*(u.bits for _, u in piles), nobody])[order], lone[:, 1]]),
        weight=np.concatenate([np.concatenate([*map(_rows_of_units, piles), none])[order], rows]),
        keyed=np.arange(keyed_units + len(lone)) < keyed_units,
        unit=unit, slot=slot, hash=hashes, traits=_traits(piles, order, len(lone), kinds.traits),
    )


def _traits(
    piles: Parts, order: np.ndarray, lone: int, traits: Mapping[int, str]
) -> dict[str, np.ndarray]:
    """Return per unit what a person has one of, by label. lone: units without a key at the end."""
    values: dict[str, np.ndarray] = {}
    for slot, label in traits.items():
        parts = [
            u.keys[:, slots.index(slot)] if slot in slots else np.zeros(len(u), _U64) for slots, u in piles
        ]
        of_piles = np.concatenate([*parts, np.zeros(0, _U64)])
        values[label] = np.concatenate([of_piles[order], np.zeros(lone, _U64)])
    return values


def _rows_of_units(pile: tuple[Slots, Units]) -> np.ndarray:
    """int64 per unit of a pile: how many rows it stands for, 1 where they were not counted."""
    rows = pile[1].rows
    return np.ones(len(pile[1]), np.int64) if rows is None else rows.astype(np.int64)


def _row_order(piles: Parts) -> np.ndarray:
    """Positions of the units, pile after pile, in the order of their first rows."""
    rows = [u.first_row if u.first_row is not None else np.zeros(len(u), np.int64) for _, u in piles]
    return np.argsort(np.concatenate(rows), kind="stable") if rows else np.zeros(0, np.int64)


def _edges(
    piles: Parts, order: np.ndarray, traits: Mapping[int, str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(unit, slot, hash) of every key, by unit.

    order: positions of the units, pile after pile, as they are to stand. traits: labels of places without
    keys.
    """
    units = [np.zeros(0, np.int64)]
    slots = [np.zeros(0, np.int16)]
    hashes = [np.zeros(0, _U64)]
    start = 0
    for pile_slots, u in piles:
        for j, slot in enumerate(pile_slots):
            keys = _linking_keys(u, j, traits.get(slot))
            if keys is None:
                continue
            here = np.flatnonzero(keys)
            units.append(here + start)
            slots.append(np.full(len(here), slot, np.int16))
            hashes.append(keys[here])
        start += len(u)
    place = np.empty(start, np.int64)
    place[order] = np.arange(start)
    unit = place[np.concatenate(units)]
    by_unit = np.argsort(unit, kind="stable")
    return unit[by_unit], np.concatenate(slots)[by_unit], np.concatenate(hashes)[by_unit]
