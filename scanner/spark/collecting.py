"""From the frames that tasks give to their values on the driver."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mappings.keyless import PartCollector, PartialCount
from scanner.connectors.account import Account
from scanner.spark import counting
from scanner.spark.session import Cluster
from scanner.spark.task_io import SCHEMA, Failure, task_function, value_function


def result_frame(cluster: Cluster, tasks: Sequence[Any], work: Any) -> Any:
    """Return a frame of what `work` gives for each of the tasks, each a partition of its own."""
    partitions = max(1, len(tasks))
    numbers = cluster.session.range(0, partitions, 1, partitions)
    return numbers.mapInArrow(task_function(list(tasks), work), SCHEMA)


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
    """Return all parts as one, folded where equal keys meet, what could not be read, and what not kept."""
    if buckets > 1:
        fold = value_function(counting.fold_parts)
        frame = frame.repartition(buckets, "bucket").mapInArrow(fold, SCHEMA)
    collector, unread, account = PartCollector(), [], Account()
    for value in cluster.many_values(frame, seconds) if buckets > 1 else cluster.values(frame, seconds):
        if isinstance(value, Failure):
            unread.append(value.error().message)
        elif isinstance(value, Account):
            account.merge(value)
        else:
            collector.add(value)
    return collector.part(), sorted(set(unread)), account
