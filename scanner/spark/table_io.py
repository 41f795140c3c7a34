"""What passes between tasks of a job over several tables: values by the number of their table.

A property of the job, FIRST_PARTITIONS, says where the partitions of each table begin.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from scanner.spark.task_io import Batches, Encoder, Failure, Values, as_batches, pickled_batch, unpickle

FIRST_PARTITIONS = "chujing.first_partitions"


def table_function(
    tasks: Sequence[bytes], work: Callable[[Any], Values],
) -> Callable[[Batches], Iterator[Any]]:
    """Return a function for mapInArrow over numbers of tasks of several tables.

    tasks: (number of the table, what `work` takes), pickled. The bucket of what it gives is that number.
    """

    def run(batches: Batches) -> Iterator[Any]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                table, task = unpickle(tasks[number])
                yield from as_batches(_encoder_of(table), work, task)

    return run


def partition_function(
    work: Callable[[int, Iterator[Any]], Values], table: int,
) -> Callable[[Batches], Iterator[Any]]:
    """Return a function for mapInArrow over the rows of a table, as `row_function` for a job of its own."""

    def run(batches: Batches) -> Iterator[Any]:
        from pyspark import TaskContext

        context = TaskContext.get()
        split = context.partitionId() if context else 0
        if context:
            split -= json.loads(context.getLocalProperty(FIRST_PARTITIONS) or "{}").get(str(table), 0)
        yield from as_batches(_encoder_of(table), work, split, iter(batches))

    return run


def tables_function(
    work: Callable[[int, Iterator[Any]], Values],
) -> Callable[[Batches], Iterator[Any]]:
    """Return a function for mapInArrow over what tasks gave of several tables, sorted by their numbers.

    work: takes the number of a table and all values of it. A Failure of one stands for the table.
    """

    def run(batches: Batches) -> Iterator[Any]:
        for table, group in groupby(_values_by_table(batches), key=itemgetter(0)):
            values = [value for _, value in group]
            fault = next((value for value in values if isinstance(value, Failure)), None)
            if fault is not None:
                yield pickled_batch(table, fault)
            else:
                yield from as_batches(_encoder_of(table), work, table, iter(values))

    return run


def _encoder_of(table: int) -> Encoder:
    return lambda _, value: pickled_batch(table, value)


def _values_by_table(batches: Batches) -> Iterator[tuple[int, Any]]:
    for batch in batches:
        for table, blob in zip(batch.column(0).to_pylist(), batch.column(1), strict=True):
            yield table, unpickle(blob.as_buffer())
