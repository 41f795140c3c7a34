"""Tasks over the partitions of a frame whose columns go by number.

They are functions of a module, so that they reach the workers as references.

`names`: of the columns, in their order. `split`: number of the partition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scanner.spark.counting import count_partition, count_partition_rows
from scanner.spark.sampling import sample_batches
from scanner.spark.task_io import Values

if TYPE_CHECKING:
    from detectors.model import TableInfo
    from scanner.connectors.protocol import Counting, Where


@dataclass(frozen=True, slots=True)
class DrawTask:
    """What drawing rows needs to know. window: rows of a partition after which reading ends; None for all."""

    names: Sequence[str]
    rows: int
    seed: int
    window: int | None = None


@dataclass(frozen=True, slots=True)
class CountTask:
    """What counting needs to know of a table."""

    names: Sequence[str]
    info: TableInfo
    counting: Counting = field(repr=False)
    buckets: int


def sample_partition(split: int, batches: Iterator[Any], task: DrawTask) -> Values:
    """Yield rows of a partition by the rank of their places."""
    yield 0, sample_batches(_with_names(batches, task.names), split, task.rows, task.seed, task.window)


def count_every_value(split: int, batches: Iterator[Any], names: Sequence[str]) -> Values:
    """Yield the counts of all values of a partition."""
    from scanner.gather.whole_columns import count_values

    yield 0, count_values(_with_names(batches, names), names)


def count_persons(split: int, batches: Iterator[Any], task: CountTask) -> Values:
    """Yield the persons of a partition."""
    named = _with_names(batches, task.names)
    yield from count_partition(split, named, task.info, task.counting, task.buckets)


def count_rows(split: int, batches: Iterator[Any], names: Sequence[str], where: Where) -> Values:
    """Yield the number of rows of a partition that pass `where`."""
    yield from count_partition_rows(_with_names(batches, names), where)


def _with_names(batches: Iterator[Any], names: Sequence[str]) -> Iterator[Any]:
    """Yield batches with their columns' own names, long cells cut as everywhere."""
    from scanner.connectors.files.rows import select_columns

    for batch in batches:
        yield select_columns(batch.rename_columns(list(names)), names)
