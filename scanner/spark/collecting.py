"""From the frames that tasks give to their values on the driver."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mappings.keyless import PartCollector, PartialCount
from mappings.remote_units import PlacedUnits
from scanner.connectors.account import Account
from scanner.spark import sizes
from scanner.spark.session import Cluster
from scanner.spark.task_io import SCHEMA, Encoder, Failure, task_function
from scanner.spark.unit_frames import FrameUnits, StoredFrame
from scanner.spark.unit_rows import SCHEMA as UNITS
from scanner.spark.unit_rows import PileUnits, batch_of, value_of
from scanner.spark.unit_tasks import fold_values, function_of


def result_frame(cluster: Cluster, tasks: Sequence[Any], work: Any) -> Any:
    """Return a frame of what `work` gives for each of the tasks, each a partition of its own."""
    return _task_frame(cluster, tasks, work, SCHEMA)


def unit_frame(cluster: Cluster, tasks: Sequence[Any], work: Any) -> Any:
    """Return the same of tasks that count: units as columns."""
    return _task_frame(cluster, tasks, work, UNITS, batch_of)


def _task_frame(
    cluster: Cluster, tasks: Sequence[Any], work: Any, schema: str, encode: Encoder | None = None
) -> Any:
    partitions = max(1, len(tasks))
    numbers = cluster.session.range(0, partitions, 1, partitions)
    return numbers.mapInArrow(task_function(list(tasks), work, encode), schema)


def collect_sum(cluster: Cluster, frame: Any) -> int:
    """Return the sum of the numbers a frame gives. Raise SourceError where there is a Failure."""
    return sum(_values_of(cluster, frame))


def _values_of(cluster: Cluster, frame: Any) -> list[Any]:
    values = list(cluster.values(frame))
    for value in values:
        if isinstance(value, Failure):
            raise value.error()
    return values


def collect_parts(
    cluster: Cluster, frame: Any, buckets: int, seconds: float | None,
) -> tuple[PartialCount, Sequence[str], Account]:
    """Return all counts as one part, what could not be read, and what not kept.

    Equal units are folded where they meet. Some millions come here, too; more stay.
    """
    if buckets == 1:
        rows = cluster.run(frame.collect, seconds)
        return _part_of([value_of(list(row)[1:]) for row in rows])
    folded = frame.repartition(buckets, "bucket").mapInArrow(function_of(fold_values), UNITS)
    stored = StoredFrame(cluster, folded, buckets, seconds)
    if len(stored) <= sizes.MOST_FETCHED:
        units = (each for side in sorted(stored.sides()) for each in stored.rows(side))
        return _part_of([*stored.values, *units])
    part, unread, account = _part_of(stored.values)
    remote = {side: PlacedUnits(FrameUnits(stored, side)) for side in stored.sides()}
    return part.with_remote(remote), unread, account


def _part_of(values: Sequence[Any]) -> tuple[PartialCount, Sequence[str], Account]:
    """Return counts and units together, what could not be read, and what not kept.

    Arrival decides nothing.
    """
    collector, account = PartCollector(), Account()
    for part in sorted((v for v in values if isinstance(v, PartialCount)), key=_first_split):
        collector.add(part)
    for value in values:
        if isinstance(value, PileUnits):
            collector.add_units(value.side, value.pile, value.units)
        elif isinstance(value, Account):
            account.merge(value)
    unread = sorted({v.error().message for v in values if isinstance(v, Failure)})
    return collector.part(), unread, account


def _first_split(part: PartialCount) -> tuple[int, ...]:
    """Return the splits that a part counts; last of all, parts that count none."""
    return min(part.rows, default=1 << 62), *sorted(part.rows)
