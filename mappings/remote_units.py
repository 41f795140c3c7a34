"""Units that stay on the machines where they were counted: what is asked of them runs there.

Equal units stand in one partition, folded; what comes here is what the work on each partition gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

import numpy as np

from mappings.mixed_cells import LabelScope
from mappings.person_records import Slots, Units, mix_keys, stacked_units

PLACE_BITS = 36                               # bits of a place that count rows within one split
KeyNames = tuple[LabelScope, ...]             # kinds of keys of a pile, by their names
Work = Callable[[Iterator[tuple[Slots, Units]]], Iterator[Any]]
NamedWork = Callable[[Iterator[tuple[KeyNames, Units]]], Iterator[Any]]
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
    def sizes(self) -> Mapping[KeyNames, PileSize]:
        """Return how many units there are, by their kinds of keys."""

    def parts(self) -> Iterator[tuple[KeyNames, Units]]:
        """Yield every unit, in parts that fit into memory."""

    def reduce(self, work: NamedWork) -> tuple[list[Any], ChosenUnits]:
        """Return what some work gives of every partition, and the units it keeps: each `ChosenPile`."""

    def fold_hashes(
        self, emit: Callable[[Iterator[tuple[KeyNames, Units]]], Iterator[GroupHashes]],
        fold: Callable[[np.ndarray], np.ndarray],
    ) -> Iterator[GroupHashes]:
        """Yield hashes of every partition, brought together where they are equal, sorted and folded."""


class ChosenUnits(Protocol):
    """Units that some work has chosen, on other machines still."""

    def __len__(self) -> int: ...

    def parts(self) -> Iterator[tuple[Slots, Units]]: ...


@dataclass(frozen=True)
class PlacedUnits:
    """Remote units as a counter sees them.

    places: of the kinds of keys. rows_before: of the counter, by split; None: no ordinals yet.
    """

    source: RemoteUnits
    places: Mapping[LabelScope, int] = field(default_factory=dict)
    rows_before: np.ndarray | None = None

    @property
    def sizes(self) -> dict[Slots, PileSize]:
        """Return how many units there are, by the places of their kinds."""
        sizes: dict[Slots, PileSize] = {}
        for names, size in self.source.sizes.items():
            slots, order = _placed(names, self.places)
            sizes.setdefault(slots, PileSize()).add(replace(
                size, filled=tuple(size.filled[i] for i in order),
                failing=tuple(size.failing[i] for i in order)))
        return sizes

    def parts(self) -> Iterator[tuple[Slots, Units]]:
        """Yield every unit, in parts that fit into memory."""
        return place_units(self.source.parts(), self.places, self.rows_before)

    def at_places(self, places: Mapping[int, int]) -> PlacedUnits:
        """Return the same units for another counter. places: there, by places here."""
        return replace(self, places={name: places[place] for name, place in self.places.items()})

    def reduce(self, work: Work) -> tuple[list[Any], ChosenUnits]:
        """Return what some work gives of every partition, and the units it keeps."""
        return self.source.reduce(partial(_reduce_placed, work, self.places, self.rows_before))

    def fold_hashes(
        self, emit: Callable[[Iterator[tuple[Slots, Units]]], Iterator[GroupHashes]],
        fold: Callable[[np.ndarray], np.ndarray],
    ) -> dict[int, list[np.ndarray]]:
        """Return hashes by group, brought together where they are equal, sorted and folded."""
        by_group: dict[int, list[np.ndarray]] = {}
        work = partial(_reduce_placed, emit, self.places, self.rows_before)
        for group, hashes in self.source.fold_hashes(work, fold):
            by_group.setdefault(group, []).append(hashes)
        return by_group


def _placed(names: KeyNames, places: Mapping[LabelScope, int]) -> tuple[Slots, list[int]]:
    """Return the places of some kinds in order, and which of the kinds stands at each."""
    slots = [places[name] for name in names]
    order = sorted(range(len(slots)), key=slots.__getitem__)
    return tuple(slots[i] for i in order), order


def place_units(
    parts: Iterator[tuple[KeyNames, Units]], places: Mapping[LabelScope, int], rows_before: np.ndarray | None
) -> Iterator[tuple[Slots, Units]]:
    """Yield units with their keys by the places of a counter, and the ordinals of rows in it."""
    for names, units in parts:
        slots, order = _placed(names, places)
        keys = units.keys if order == list(range(len(order))) else units.keys[:, order]
        first_row = units.first_row
        if first_row is not None and rows_before is not None:
            first_row = ordinals(first_row, rows_before)
        yield slots, replace(units, keys=keys, first_row=first_row)


def ordinals(places: np.ndarray, rows_before: np.ndarray) -> np.ndarray:
    """Return ordinals of rows from their places. rows_before: by split."""
    rows: np.ndarray = rows_before[places >> PLACE_BITS] + (places & ((1 << PLACE_BITS) - 1))
    return rows


def _reduce_placed(
    work: Work, places: Mapping[LabelScope, int], rows_before: np.ndarray | None,
    parts: Iterator[tuple[KeyNames, Units]],
) -> Iterator[Any]:
    return work(place_units(parts, places, rows_before))


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


def remote_pile_names(sizes: Sequence[tuple[KeyNames, PileSize]]) -> dict[KeyNames, PileSize]:
    """Return sizes of partitions together."""
    together: dict[KeyNames, PileSize] = {}
    for names, size in sizes:
        together.setdefault(names, PileSize()).add(size)
    return together
