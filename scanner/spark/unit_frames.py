"""Units on the workers of a cluster: kept on their disks, asked there; only what is asked for comes here.

A partition that is lost with its worker is counted again from the source, as Spark does with any; its units
are the same, so nothing is there twice.
"""

from __future__ import annotations

import contextlib
import json
import weakref
from collections.abc import Iterator, Sequence
from functools import partial, reduce
from typing import Any

from mappings.keyless import Side
from mappings.person_records import Slots, Units
from mappings.remote_units import CounterView, GroupHashes, NamedWork, PileName, PileSize, PlacedUnits
from scanner.spark.session import Cluster
from scanner.spark.task_io import Failure, unpickle
from scanner.spark.unit_rows import SCHEMA, batch_of, value_of
from scanner.spark.unit_tasks import (
    Emit,
    Fold,
    PartitionSize,
    bucketed_units,
    cells_of_side,
    fold_hashes,
    fold_values,
    function_of,
    reduce_values,
    scatter_hashes,
    scatter_units,
)

FETCHED = 32 << 20                            # bytes of units that come here at once


class StoredFrame:
    """A frame of units that waits on the workers' disks while this object lives.

    values: what stands beside the units, in no order.
    """

    def __init__(self, cluster: Cluster, frame: Any, buckets: int, seconds: float | None = None) -> None:
        """Run the job that makes the frame. buckets: partitions in which equal things meet.

        Raise SourceError when it fails; TimeoutError after `seconds`.
        """
        from pyspark import StorageLevel

        self.cluster, self.buckets = cluster, buckets
        self.frame = frame.persist(StorageLevel.DISK_ONLY)
        self._release = weakref.finalize(self, _release, self.frame)
        self._release.atexit = False          # the session ends then, too
        rows = cluster.run(self.frame.where("value is not null").select("value").collect, seconds)
        values = [unpickle(row.value) for row in rows]
        self.values = [value for value in values if not isinstance(value, PartitionSize)]
        sizes = (value for value in values if isinstance(value, PartitionSize))
        self.sizes = sorted(sizes, key=lambda size: size.partition)

    def __len__(self) -> int:
        return sum(size.units for each in self.sizes for size in each.piles.values())

    def mapped(self, work: Any, buckets: int = 0) -> Any:
        """Return a frame of what some work gives of every partition. buckets: brought together so; 0: not."""
        frame = self.frame.mapInArrow(function_of(work), SCHEMA)
        return frame.repartition(buckets, "bucket") if buckets > 1 else frame

    def sides(self) -> set[Side]:
        """Return the sides that have units."""
        return {side for size in self.sizes for side, _ in size.piles}

    def rows(self, side: Side) -> Iterator[Any]:
        """Yield the units of a side, some partitions at a time."""
        text, context = json.dumps(side), self.cluster.session.sparkContext
        rows = self.frame.rdd
        for partitions in self._runs(side):
            job = partial(context.runJob, rows, partial(cells_of_side, side=text), partitions)
            for cells in self.cluster.run(job, None):
                yield value_of(list(cells))

    def _runs(self, side: Side) -> Iterator[list[int]]:
        """Yield numbers of partitions that are fetched together."""
        run, filled = list[int](), 0
        for size in self.sizes:
            if not any(own == side for own, _ in size.piles):
                continue
            if run and filled + size.bytes > FETCHED:
                yield run
                run, filled = [], 0
            run.append(size.partition)
            filled += size.bytes
        if run:
            yield run


def _release(frame: Any) -> None:
    with contextlib.suppress(Exception):      # the session may be lost, and what it stored with it
        frame.unpersist()


class FrameUnits:
    """The units of one side of a stored frame, as `mappings.remote_units` asks for them."""

    def __init__(self, stored: StoredFrame, side: Side = ()) -> None:
        self._stored, self._side = stored, side

    @property
    def sizes(self) -> dict[PileName, PileSize]:
        """Return how many units there are, by their kinds of keys."""
        sizes: dict[PileName, PileSize] = {}
        for of_partition in self._stored.sizes:
            for (side, pile), size in of_partition.piles.items():
                if side == self._side:
                    sizes.setdefault(pile, PileSize()).add(size)
        return dict(sorted(sizes.items()))

    def __len__(self) -> int:
        return sum(size.units for size in self.sizes.values())

    def parts(self) -> Iterator[tuple[Any, Units]]:
        """Yield every unit, in parts that fit into memory."""
        for each in self._stored.rows(self._side):
            yield each.pile, each.units

    def reduce(self, work: NamedWork) -> tuple[list[Any], FrameUnits]:
        """Return what some work gives of every partition, and the units it keeps."""
        frame = self._stored.mapped(partial(reduce_values, work=work, side=self._side))
        stored = self._store(frame)
        return _without_failures(stored.values), FrameUnits(stored)

    def fold_hashes(self, emit: Emit, fold: Fold) -> Iterator[GroupHashes]:
        """Yield hashes of every partition, brought together where they are equal, sorted and folded."""
        stored, buckets = self._stored, self._stored.buckets
        emitted = stored.mapped(
            partial(scatter_hashes, emit=emit, side=self._side, buckets=buckets), max(buckets, 2))
        folded = self._store(emitted.mapInArrow(function_of(partial(fold_hashes, fold=fold)), SCHEMA))
        _without_failures(folded.values)
        for each in folded.rows(()):
            yield each.pile[0], each.units.keys[:, 0]

    def join(self, several: Sequence[PlacedUnits], local: Sequence[tuple[Slots, Units]]) -> FrameUnits:
        """Return units of one counter, these among them, equal ones folded; and those that are here."""
        sources: list[tuple[Any, CounterView]] = [(each.source, each.view) for each in several]
        buckets = max(source._stored.buckets for source, _ in sources)
        frames = [source._scattered(view, buckets) for source, view in sources]
        if local:
            batches = [batch_of(bucket, piece) for slots, units in local
                       for bucket, piece in bucketed_units(slots, units, buckets)]
            frames.append(self._stored.cluster.frame_of(batches))
        together = reduce(lambda one, other: one.union(other), frames)
        folded = together.repartition(buckets, "bucket").mapInArrow(function_of(fold_values), SCHEMA)
        stored = StoredFrame(self._stored.cluster, folded, buckets)
        _without_failures(stored.values)
        return FrameUnits(stored)

    def _scattered(self, view: CounterView, buckets: int) -> Any:
        """Return a frame of the units as a counter sees them, in buckets."""
        return self._stored.mapped(partial(scatter_units, view=view, side=self._side, buckets=buckets))

    def _store(self, frame: Any) -> StoredFrame:
        return StoredFrame(self._stored.cluster, frame, self._stored.buckets)


def _without_failures(values: list[Any]) -> list[Any]:
    """Return values. Raise SourceError for a Failure among them."""
    for value in values:
        if isinstance(value, Failure):
            raise value.error()
    return values

