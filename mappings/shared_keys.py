"""Which units share a key with another one; units that share none need no graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from mappings.account_scopes import KeyKinds
from mappings.person_records import Slots, Units, run_starts
from mappings.unit_graph import linking_keys
from mappings.unit_piles import Pile
from mappings.unit_runs import KeyRuns, UnitMemory, UnitRun

LARGEST_BITMAP = 24                           # bits of a key that a bitmap knows
SHARE = 8                                     # of the memory: keys that are asked for at once
_U64 = np.uint64
PlaceKeys = tuple[int, np.ndarray]            # the first place of keys that are hashed alike, and the keys


def mark_sharing(
    piles: Mapping[Slots, Pile], kinds: KeyKinds, memory: UnitMemory
) -> Iterator[tuple[Slots, Units, np.ndarray]]:
    """Yield every unit, in parts that fit into memory, and whether another one has the same key of a kind."""
    shared = _SharedKeys(piles, kinds, memory)
    marks: list[np.ndarray] = []              # bits of the units that earlier keys say it of, by part
    *earlier, last = shared.passes()
    for stored in earlier:
        keys = stored.sets()
        for number, (slots, units) in enumerate(_parts(piles)):
            packed = np.packbits(shared.are_in(keys, slots, units))
            if number == len(marks):
                marks.append(packed)
            else:
                marks[number] |= packed
    keys = last.sets()
    for number, (slots, units) in enumerate(_parts(piles)):
        shares = shared.are_in(keys, slots, units)
        if marks:
            shares |= np.unpackbits(marks[number], count=len(units)).astype(bool)
        yield slots, units, shares


def _parts(piles: Mapping[Slots, Pile]) -> Iterator[tuple[Slots, Units]]:
    for slots, pile in piles.items():
        for units in pile.parts():
            yield slots, units


class _SharedKeys:
    """Keys that stand in several units, by the first place of keys that are hashed alike."""

    def __init__(self, piles: Mapping[Slots, Pile], kinds: KeyKinds, memory: UnitMemory) -> None:
        self._groups, self._traits, self._memory = kinds.groups, kinds.traits, memory
        self._stored: list[_KeysOfPass] = []
        self._current = _KeysOfPass()
        columns_of: dict[int, list[tuple[Slots, int]]] = {}
        for slots in piles:
            for j, slot in enumerate(slots):
                columns_of.setdefault(self._groups[slot], []).append((slots, j))
        for group, columns in columns_of.items():
            if not _is_folded(columns, piles):
                self._add_group(group, columns, piles)

    def _add_group(
        self, group: int, columns: Sequence[tuple[Slots, int]], piles: Mapping[Slots, Pile]
    ) -> None:
        keys = KeyRuns(self._memory)
        for slots, j in columns:
            for units in piles[slots].parts():
                if (hashes := self._linking_keys(slots, units, j)) is not None:
                    keys.add(hashes)
        for ordered in keys.ranges():
            self._current.pieces.append((group, _repeated_hashes(ordered)))
            if self._memory.most is not None and self._current.nbytes * SHARE > self._memory.most:
                self._current.store(self._memory)
                self._stored.append(self._current)
                self._current = _KeysOfPass()

    def passes(self) -> list[_KeysOfPass]:
        """Return the keys by parts that fit into memory."""
        return [*self._stored, self._current]

    def _linking_keys(self, slots: Slots, units: Units, j: int) -> np.ndarray | None:
        return linking_keys(units, j, self._traits.get(slots[j]))

    def are_in(self, sets: Mapping[int, KeySet], slots: Slots, units: Units) -> np.ndarray:
        """Return bool per unit: does another unit have the same one of some keys?"""
        shares = np.zeros(len(units), bool)
        for j, slot in enumerate(slots):
            keys = sets.get(self._groups[slot])
            if keys is not None and (hashes := self._linking_keys(slots, units, j)) is not None:
                shares |= keys.are_in(hashes) & (units.keys[:, j] != 0)
        return shares


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


def _is_folded(columns: Sequence[tuple[Slots, int]], piles: Mapping[Slots, Pile]) -> bool:
    """Is each key there once: a pile of one kind of key without names, and no other pile of the kind?"""
    slots, _ = columns[0]
    return len(columns) == 1 and len(slots) == 1 and not piles[slots].has_names()


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
