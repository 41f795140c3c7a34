"""Units that stay on the machines where they were counted: what is asked of them runs there.

Equal units stand in one partition, folded; what comes here is what the work on each partition gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

import numpy as np

from mappings.field_bits import BitMap
from mappings.mixed_cells import LabelScope
from mappings.person_records import AGE_BITS, Slots, Units, mix_keys, stacked_units

PLACE_BITS = 36                               # bits of a place that count rows within one split
KeyNames = tuple[LabelScope, ...]             # kinds of keys of a pile, by their names
PileName = tuple[Any, ...]                    # the same, or the places of a counter
Work = Callable[[Iterator[tuple[Slots, Units]]], Iterator[Any]]
NamedWork = Callable[[Iterator[tuple[PileName, Units]]], Iterator[Any]]
GroupHashes = tuple[int, np.ndarray]          # (group of kinds that are hashed alike, hashes)
_U64 = np.uint64


@dataclass(slots=True)
class PileSize:
    """Units of the same kinds of keys. filled, failing: keys by kind, and those whose lowest bit is 0."""

    units: int = 0
    has_names: bool = False
    filled: tuple[int, ...] = ()
    failing: tuple[int, ...] = ()

    @classmethod
    def of(cls, units: Units) -> PileSize:
        """Return the size of some units."""
        filled = np.count_nonzero(units.keys, axis=0)
        failing = ((units.keys != 0) & ((units.keys & _U64(1)) == 0)).sum(axis=0)
        return cls(len(units), units.name is not None, tuple(filled.tolist()), tuple(failing.tolist()))

    def add(self, other: PileSize) -> None:
        """Add other units of these kinds."""
        self.units += other.units
        self.has_names |= other.has_names
        self.filled, self.failing = (
            tuple(a + b for a, b in zip(one, more, strict=True)) if one else more
            for one, more in ((self.filled, other.filled), (self.failing, other.failing))
        )


@dataclass(frozen=True, slots=True)
class ChosenPile:
    """Units that some work on a partition keeps there."""

    slots: Slots
    units: Units


class RemoteUnits(Protocol):
    """Units in partitions on other machines."""

    @property
    def sizes(self) -> Mapping[PileName, PileSize]:
        """Return how many units there are, by their kinds of keys."""

    def parts(self) -> Iterator[tuple[PileName, Units]]:
        """Yield every unit, in parts that fit into memory."""

    def reduce(self, work: NamedWork) -> tuple[list[Any], ChosenUnits]:
        """Return what some work gives of every partition, and the units it keeps: each `ChosenPile`."""

    def fold_hashes(
        self, emit: Callable[[Iterator[tuple[PileName, Units]]], Iterator[GroupHashes]],
        fold: Callable[[np.ndarray], np.ndarray],
    ) -> Iterator[GroupHashes]:
        """Yield hashes of every partition, brought together where they are equal, sorted and folded."""

    def join(
        self, several: Sequence[PlacedUnits], local: Sequence[tuple[Slots, Units]]
    ) -> RemoteUnits:
        """Return units of one counter, these among them, equal ones folded; and those that are here."""


class ChosenUnits(Protocol):
    """Units that some work has chosen, on other machines still."""

    def __len__(self) -> int: ...

    def parts(self) -> Iterator[tuple[Slots, Units]]: ...


@dataclass(frozen=True, slots=True)
class CounterView:
    """How a counter sees units of another place.

    places: of the kinds of keys. rows_before: of the counter, by split; None: first rows are ordinals.
    first_row: of what was absorbed. converts: what their bits became, one flow after the other.
    """

    places: Mapping[Any, int] = field(default_factory=dict)
    rows_before: np.ndarray | None = None
    first_row: int = 0
    converts: tuple[BitMap, ...] = ()

    def slots(self, names: PileName) -> tuple[Slots, list[int]]:
        """Return the places of some kinds in order, and which of the kinds stands at each."""
        slots = [self.places[name] for name in names]
        order = sorted(range(len(slots)), key=slots.__getitem__)
        return tuple(slots[i] for i in order), order

    def units(self, parts: Iterator[tuple[PileName, Units]]) -> Iterator[tuple[Slots, Units]]:
        """Yield units as the counter has them: those of which something leaves."""
        for names, units in parts:
            slots, order = self.slots(names)
            keys = units.keys if order == list(range(len(order))) else units.keys[:, order]
            bits = units.bits
            for convert in self.converts:
                bits = convert(bits)
            placed = replace(units, keys=keys, bits=bits, first_row=self._first_row(slots, units))
            leaves = (bits & ~AGE_BITS) != 0
            if not self.converts or leaves.all():
                yield slots, placed
            elif leaves.any():
                yield slots, placed.select(leaves)

    def _first_row(self, slots: Slots, units: Units) -> np.ndarray | None:
        """Return ordinals of the first rows; None where no choice will hang on the order."""
        if units.first_row is None or (len(slots) == 1 and units.name is None):
            return None
        rows = units.first_row if self.rows_before is None else ordinals(units.first_row, self.rows_before)
        return rows + self.first_row

    def absorbed(self, places: Mapping[int, int], first_row: int, convert: BitMap | None) -> CounterView:
        """Return how another counter sees the same units. places: there, by places here."""
        return replace(
            self, places={name: places[place] for name, place in self.places.items()},
            first_row=self.first_row + first_row, converts=(*self.converts, *([convert] if convert else [])),
        )


@dataclass(frozen=True, slots=True)
class PlacedUnits:
    """Remote units as a counter sees them."""

    source: RemoteUnits
    view: CounterView = CounterView()

    @property
    def sizes(self) -> dict[Slots, PileSize]:
        """Return how many units there are, by the places of their kinds."""
        sizes: dict[Slots, PileSize] = {}
        for names, size in self.source.sizes.items():
            slots, order = self.view.slots(names)
            sizes.setdefault(slots, PileSize()).add(replace(
                size, filled=tuple(size.filled[i] for i in order),
                failing=tuple(size.failing[i] for i in order)))
        return sizes

    def parts(self) -> Iterator[tuple[Slots, Units]]:
        """Yield every unit, in parts that fit into memory."""
        return self.view.units(self.source.parts())

    def reduce(self, work: Work) -> tuple[list[Any], ChosenUnits]:
        """Return what some work gives of every partition, and the units it keeps."""
        return self.source.reduce(partial(_reduce_view, work, self.view))

    def fold_hashes(
        self, emit: Callable[[Iterator[tuple[Slots, Units]]], Iterator[GroupHashes]],
        fold: Callable[[np.ndarray], np.ndarray],
    ) -> dict[int, list[np.ndarray]]:
        """Return hashes by group, brought together where they are equal, sorted and folded."""
        by_group: dict[int, list[np.ndarray]] = {}
        for group, hashes in self.source.fold_hashes(partial(_reduce_view, emit, self.view), fold):
            by_group.setdefault(group, []).append(hashes)
        return by_group


def joined_units(several: Sequence[PlacedUnits], local: Sequence[tuple[Slots, Units]]) -> PlacedUnits:
    """Return units of one counter together, equal ones folded. local: those that are here."""
    (first, *_) = several
    if len(several) == 1 and not local and not first.view.converts:
        return first
    source = first.source.join(several, local)
    return PlacedUnits(source, CounterView({slot: slot for names in source.sizes for slot in names}))


def different_keys(units: PlacedUnits, slots: frozenset[int]) -> int:
    """Return how many different keys the kinds at some places have together; counted where the units are."""
    numbers = units.fold_hashes(partial(_keys_at, slots), _number_of_hashes)
    return sum(int(number.sum()) for each in numbers.values() for number in each)


def _keys_at(slots: frozenset[int], parts: Iterator[tuple[Slots, Units]]) -> Iterator[GroupHashes]:
    for places, units in parts:
        for keys in (units.keys[:, j] for j, slot in enumerate(places) if slot in slots):
            yield 0, keys[keys != 0]


def _number_of_hashes(ordered: np.ndarray) -> np.ndarray:
    """Return how many different hashes there are, as an array of one."""
    return np.array([len(np.unique(ordered))], _U64)


def _reduce_view(work: Work, view: CounterView, parts: Iterator[tuple[PileName, Units]]) -> Iterator[Any]:
    return work(view.units(parts))


def ordinals(places: np.ndarray, rows_before: np.ndarray) -> np.ndarray:
    """Return ordinals of rows from their places. rows_before: by split."""
    rows: np.ndarray = rows_before[places >> PLACE_BITS] + (places & ((1 << PLACE_BITS) - 1))
    return rows


def ordered_parts(parts: Iterator[tuple[Slots, Units]]) -> list[tuple[Slots, Units]]:
    """Return units in an order that no arrival decides: by their kinds of keys, then as piles are sorted."""
    piles: dict[Slots, list[Units]] = {}
    for slots, units in parts:
        piles.setdefault(slots, []).append(units)
    ordered = []
    for slots in sorted(piles):
        units = stacked_units(piles[slots])
        ordered.append((slots, units.select(np.argsort(mix_keys(units), kind="stable"))))
    return ordered
