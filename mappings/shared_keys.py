"""Which units share a key with another one; units that share none need no graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from mappings.account_scopes import KeyKinds
from mappings.person_records import Slots, Units, run_starts
from mappings.remote_units import GroupHashes, PlacedUnits
from mappings.unit_graph import linking_keys
from mappings.unit_piles import Pile
from mappings.unit_runs import KeyRuns, UnitMemory, UnitRun

LARGEST_BITMAP = 24                           # bits of a key that a bitmap knows
SHARE = 8                                     # of the memory: keys that are asked for at once
_U64 = np.uint64
MarkedUnits = tuple[Slots, Units, np.ndarray]             # does each unit share a key? bool per unit
PlaceKeys = tuple[int, np.ndarray]            # the first place of keys that are hashed alike, and the keys


class SharedKeys:
    """Keys, as sets by group (the first place of keys that are hashed alike), that stand in several units."""

    def __init__(self, kinds: KeyKinds, sets: Mapping[int, KeySet]) -> None:
        self._kinds, self._sets = kinds, sets

    @classmethod
    def of_remote(cls, units: PlacedUnits, kinds: KeyKinds) -> SharedKeys:
        """Return the keys of units on other machines, which look for repeated keys themselves."""
        sizes = units.sizes
        columns_of = _columns_by_group(sizes, kinds)
        groups = frozenset(
            group for group, columns in columns_of.items()
            if not _is_folded(columns, sizes[columns[0][0]].has_names)
        )
        if not groups:
            return cls(kinds, {})
        repeated = units.fold_hashes(partial(_hashes_by_group, kinds=kinds, groups=groups), _repeated_hashes)
        ordered = {group: np.sort(np.concatenate(each)) for group, each in repeated.items()}
        return cls(kinds, {group: KeySet([keys]) for group, keys in ordered.items()})

    def are_in(self, slots: Slots, units: Units) -> np.ndarray:
        """Return bool per unit: does another unit have the same one of these keys?"""
        shares, groups = np.zeros(len(units), bool), self._kinds.groups
        for j, slot in enumerate(slots):
            keys = self._sets.get(groups[slot])
            hashes = None if keys is None else linking_keys(units, j, self._kinds.traits.get(slot))
            if keys is not None and hashes is not None:
                shares |= keys.are_in(hashes) & (units.keys[:, j] != 0)
        return shares

    def marked(self, parts: Iterator[tuple[Slots, Units]]) -> Iterator[MarkedUnits]:
        """Yield units, and whether each has one of these keys."""
        for slots, units in parts:
            yield slots, units, self.are_in(slots, units)


def _hashes_by_group(
    parts: Iterator[tuple[Slots, Units]], kinds: KeyKinds, groups: frozenset[int]
) -> Iterator[GroupHashes]:
    """Yield the keys of some groups that could link, an entry for each unit that has one."""
    of_slots, traits = kinds.groups, kinds.traits
    for slots, units in parts:
        for j, slot in enumerate(slots):
            if of_slots[slot] in groups and (keys := linking_keys(units, j, traits.get(slot))) is not None:
                yield of_slots[slot], keys[keys != 0]


def _columns_by_group(all_slots: Iterable[Slots], kinds: KeyKinds) -> dict[int, list[tuple[Slots, int]]]:
    """Return the columns of piles whose keys are hashed alike, by group."""
    columns: dict[int, list[tuple[Slots, int]]] = {}
    for slots in all_slots:
        for j, slot in enumerate(slots):
            columns.setdefault(kinds.groups[slot], []).append((slots, j))
    return columns


def mark_sharing(
    piles: Mapping[Slots, Pile], kinds: KeyKinds, memory: UnitMemory
) -> Iterator[MarkedUnits]:
    """Yield every unit, in parts that fit into memory, and whether another one has the same key of a kind."""
    marks: list[np.ndarray] = []              # bits of the units that earlier keys say it of, by part
    *earlier, last = _passes(piles, kinds, memory)
    for stored in earlier:
        marked = SharedKeys(kinds, stored.sets()).marked(_parts(piles))
        for number, (_, _, shares) in enumerate(marked):
            packed = np.packbits(shares)
            if number == len(marks):
                marks.append(packed)
            else:
                marks[number] |= packed
    for number, (slots, units, shares) in enumerate(SharedKeys(kinds, last.sets()).marked(_parts(piles))):
        if marks:
            shares |= np.unpackbits(marks[number], count=len(units)).astype(bool)
        yield slots, units, shares


def _parts(piles: Mapping[Slots, Pile]) -> Iterator[tuple[Slots, Units]]:
    for slots, pile in piles.items():
        for units in pile.parts():
            yield slots, units


def _passes(piles: Mapping[Slots, Pile], kinds: KeyKinds, memory: UnitMemory) -> list[_KeysOfPass]:
    """Return the keys that stand in several units, by parts that fit into memory."""
    passes = [_KeysOfPass()]
    for group, columns in _columns_by_group(piles, kinds).items():
        if _is_folded(columns, piles[columns[0][0]].has_names()):
            continue
        keys = KeyRuns(memory)
        for slots, j in columns:
            for units in piles[slots].parts():
                if (hashes := linking_keys(units, j, kinds.traits.get(slots[j]))) is not None:
                    keys.add(hashes)
        for ordered in keys.ranges():
            passes[-1].pieces.append((group, _repeated_hashes(ordered)))
            if memory.most is not None and passes[-1].nbytes * SHARE > memory.most:
                passes[-1].store(memory)
                passes.append(_KeysOfPass())
    return passes


class _KeysOfPass:
    """Some shared keys, in memory or on disk."""

    def __init__(self) -> None:
        self.pieces: list[PlaceKeys] = []
        self._runs: list[tuple[int, UnitRun]] = []

    @property
    def nbytes(self) -> int:
        """Return how much memory the keys take."""
        return sum(keys.nbytes for _, keys in self.pieces)

    def _by_group(self) -> dict[int, list[np.ndarray]]:
        by_group: dict[int, list[np.ndarray]] = {}
        for group, keys in self.pieces:
            by_group.setdefault(group, []).append(keys)
        return by_group

    def store(self, memory: UnitMemory) -> None:
        """Put the keys on disk."""
        self._runs = [
            (group, memory.write_keys(np.concatenate(pieces))) for group, pieces in self._by_group().items()
        ]
        self.pieces = []

    def sets(self) -> dict[int, KeySet]:
        """Return the keys by the first place of those that are hashed alike."""
        stored = {group: KeySet([run.read_keys(0, len(run.ends) - 1)]) for group, run in self._runs}
        return stored | {group: KeySet(pieces) for group, pieces in self._by_group().items()}


def _is_folded(columns: Sequence[tuple[Slots, int]], has_names: bool) -> bool:
    """Is each key there once: a pile of one kind of key without names, and no other pile of the kind?"""
    return len(columns) == 1 and len(columns[0][0]) == 1 and not has_names


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
