"""What workers do with units: hand them on in buckets, fold equal ones, reduce them, bring hashes together.

Functions of a module, so that they reach the workers as references.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mappings.keyless import PartCollector, PartialCount, Side, positions_by_bucket
from mappings.person_records import Slots, Units, mix_keys
from mappings.remote_units import (
    ChosenPile,
    CounterView,
    GroupHashes,
    KeyNames,
    NamedWork,
    PileName,
    PileSize,
)
from mappings.unit_piles import Pile
from scanner.spark.task_io import Batches, Values, as_batches, partition_number
from scanner.spark.unit_rows import PileUnits, batch_of, values_of

Emit = Callable[[Iterator[tuple[KeyNames, Units]]], Iterator[GroupHashes]]
Fold = Callable[[np.ndarray], np.ndarray]


@dataclass(slots=True)
class PartitionSize:
    """The units of a partition: bytes, and how many of each pile of each side."""

    partition: int
    bytes: int = 0
    piles: dict[tuple[Side, PileName], PileSize] = field(default_factory=dict)

    def add(self, piece: PileUnits) -> None:
        """Add units."""
        self.bytes += sum(each.nbytes for each in piece.units.arrays())
        self.piles.setdefault((piece.side, piece.pile), PileSize()).add(PileSize.of(piece.units))


def scatter_part(part: PartialCount, buckets: int) -> Values:
    """Yield units in buckets where equal ones meet, whatever task they are of, and the counts beside them."""
    for side, each in part.sides():
        for slots, units in each.piles.items():
            yield from bucketed_units(*_named(each.kinds, slots, units), buckets, side)
    yield from part.without_units().split_by_key(buckets).items()


def _named(kinds: KeyNames, slots: Slots, units: Units) -> tuple[KeyNames, Units]:
    """Return kinds of keys by name in an order that no task decides, and the units with their keys so."""
    order = sorted(range(len(slots)), key=lambda j: kinds[slots[j]])
    if order != list(range(len(order))):
        units = replace(units, keys=units.keys[:, order])
    return tuple(kinds[slots[j]] for j in order), units


def function_of(work: Callable[[Iterator[Any]], Values]) -> Callable[[Batches], Iterator[Any]]:
    """Return a function for mapInArrow over frames of units, which gives such a frame."""

    def run(batches: Batches) -> Iterator[Any]:
        yield from as_batches(batch_of, _with_size, work, batches)

    return run


def _with_size(work: Callable[[Iterator[Any]], Values], batches: Batches) -> Values:
    """Yield what some work gives, and at the end how many units that were."""
    size = PartitionSize(partition_number())
    for bucket, value in work(values_of(batches)):
        if isinstance(value, PileUnits):
            size.add(value)
        yield bucket, value
    yield 0, size


def fold_values(values: Iterator[Any]) -> Values:
    """Yield the units that met in one partition, equal ones folded, and all counts as one."""
    collector, piles = PartCollector(), dict[tuple[Side, PileName], Pile]()
    for value in values:
        if isinstance(value, PileUnits):
            piles.setdefault((value.side, value.pile), Pile()).add(value.units)
        elif isinstance(value, PartialCount):
            collector.add(value)
        elif not isinstance(value, PartitionSize):
            yield 0, value
    yield 0, collector.part()
    for (side, pile), units in piles.items():
        for piece in PileUnits(side, pile, units.units()).pieces():
            yield 0, piece


def scatter_units(values: Iterator[Any], view: CounterView, side: Side, buckets: int) -> Values:
    """Yield units of one side as a counter sees them, in buckets where equal ones meet."""
    for slots, units in view.units(_parts_of(values, side)):
        yield from bucketed_units(slots, units, buckets)


def bucketed_units(pile: PileName, units: Units, buckets: int, side: Side = ()) -> Values:
    """Yield units in buckets where equal ones meet."""
    for bucket, positions in positions_by_bucket(mix_keys(units), buckets):
        for piece in PileUnits(side, pile, units.select(positions)).pieces():
            yield bucket, piece


def reduce_values(values: Iterator[Any], work: NamedWork, side: Side) -> Values:
    """Yield what some work gives of the units of one side; those it keeps go by the places of a counter."""
    for each in work(_parts_of(values, side)):
        if isinstance(each, ChosenPile):
            for piece in PileUnits((), each.slots, each.units).pieces():
                yield 0, piece
        else:
            yield 0, each


def _parts_of(values: Iterator[Any], side: Side) -> Iterator[tuple[Any, Units]]:
    return ((v.pile, v.units) for v in values if isinstance(v, PileUnits) and v.side == side)


def scatter_hashes(values: Iterator[Any], emit: Emit, side: Side, buckets: int) -> Values:
    """Yield hashes in buckets where equal ones meet."""
    by_group: dict[int, list[np.ndarray]] = {}
    for group, hashes in emit(_parts_of(values, side)):
        by_group.setdefault(group, []).append(hashes)
    for group, several in by_group.items():
        hashes = np.concatenate(several)
        for bucket, positions in positions_by_bucket(hashes, buckets):
            yield from ((bucket, piece) for piece in _hash_pieces(group, hashes[positions]))


def fold_hashes(values: Iterator[Any], fold: Fold) -> Values:
    """Yield the hashes of each group that met in one partition, sorted and folded."""
    by_group: dict[int, list[np.ndarray]] = {}
    for group, units in _parts_of(values, ()):
        by_group.setdefault(group[0], []).append(units.keys[:, 0])
    for group, several in by_group.items():
        hashes = fold(np.sort(np.concatenate(several)))
        yield from ((0, piece) for piece in _hash_pieces(group, hashes))


def _hash_pieces(group: int, hashes: np.ndarray) -> Iterator[PileUnits]:
    units = Units(hashes[:, None], None, np.zeros(len(hashes), np.uint64), None)
    yield from PileUnits((), (group,), units).pieces()


def cells_of_side(rows: Iterator[Any], side: str) -> list[Sequence[Any]]:
    """Return the rows with units of one side, less their buckets."""
    return [tuple(row)[1:] for row in rows if row.side == side]

