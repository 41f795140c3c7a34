"""What passes between the driver and its tasks: pairs of a bucket and a pickled value.

Values hold labels, counts, keyed hashes or a Failure. Rows of a sample are the exception: they pass as Arrow
from the tasks that draw them to the one task that detects, never to the driver.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from detectors.errors import ChujingError, SourceError
from detectors.message import Msg, Text
from scanner.connectors.account import Account

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA = "bucket int, blob binary"            # of the frames that tasks give, in Spark's words
FIRST_PARTITIONS = "chujing.first_partitions"        # property of a job over many frames, see `row_function`
Values = Iterator[tuple[int, Any]]            # (bucket, value)
Batches = Iterable[Any]                       # record batches, as mapInArrow hands them over


@dataclass(frozen=True, slots=True)
class Failure:
    """A SourceError on its way to the driver."""

    what: Text
    where: Text = ""
    hint: Text = ""

    def error(self) -> SourceError:
        return SourceError(self.what, where=self.where, hint=self.hint)


def unpickle(blob: bytes) -> Any:
    """Return a value as a task gave it."""
    return pickle.loads(bytes(blob))  # noqa: S301


def blobs_of(rows: Iterable[Any]) -> list[bytes]:
    """Return the values of some rows of a frame, still pickled."""
    return [bytes(row.blob) for row in rows]


def task_function(tasks: Sequence[Any], work: Callable[[Any], Values]) -> Callable[[Batches], Iterator[Any]]:
    """Return a function for mapInArrow over `range(len(tasks))`: it gives the values of each task."""

    def run(batches: Batches) -> Iterator[Any]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield from _as_batches(work, tasks[number])

    return run


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
                yield from _as_batches(work, task, table=table)

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
                yield _batch_of(table, fault)
            else:
                yield from _as_batches(work, table, iter(values), table=table)

    return run


def _values_by_table(batches: Batches) -> Iterator[tuple[int, Any]]:
    for batch in batches:
        for table, blob in zip(batch.column(0).to_pylist(), batch.column(1), strict=True):
            yield table, unpickle(blob.as_buffer())


def row_function(
    work: Callable[[int, Iterator[Any]], Values], table: int | None = None,
) -> Callable[[Batches], Iterator[Any]]:
    """Return a function for mapInArrow over the rows of a frame.

    It gives the values of each partition, which is a split by its number. table: number of the table in a
    job over several; the property FIRST_PARTITIONS of the job then says where its partitions begin.
    """

    def run(batches: Batches) -> Iterator[Any]:
        from pyspark import TaskContext

        context = TaskContext.get()
        split = context.partitionId() if context else 0
        if table is not None and context:
            split -= json.loads(context.getLocalProperty(FIRST_PARTITIONS) or "{}").get(str(table), 0)
        yield from _as_batches(work, split, iter(batches), table=table)

    return run


def value_function(work: Callable[[Iterator[Any]], Values]) -> Callable[[Batches], Iterator[Any]]:
    """Return a function for mapInArrow over what other tasks gave, brought together by bucket.

    Their Failures pass through, and the accounts of what they could not keep.
    """

    def run(batches: Batches) -> Iterator[Any]:
        passing: list[Failure | Account] = []

        def values() -> Iterator[Any]:
            for batch in batches:
                for blob in batch.column(1):
                    value = unpickle(blob.as_buffer())
                    if isinstance(value, Failure | Account):
                        passing.append(value)
                    else:
                        yield value

        yield from _as_batches(work, values())
        for value in passing:
            yield _batch_of(0, value)

    return run


def _as_batches(
    work: Callable[..., Values], *arguments: Any, table: int | None = None,
) -> Iterator[Any]:
    """Yield what a task gives as batches, or why it gives nothing. table: the bucket of all, if any.

    The text of a foreign error may hold cells, so only its kind passes.
    """
    try:
        for bucket, value in work(*arguments):
            yield _batch_of(bucket if table is None else table, value)
    except ChujingError as e:
        yield _batch_of(table or 0, Failure(e.what, e.where, e.hint))
    except ModuleNotFoundError as e:
        package = (e.name or "a module").split(".")[0]
        yield _batch_of(table or 0, Failure(
            Msg("missing on the workers: {names}", names=package), "",
            Msg("pip install {package} in the workers' Python", package=package)))
    except Exception as e:
        yield _batch_of(table or 0, Failure(
            Msg("internal error on a worker, {kind}", kind=type(e).__name__), "",
            Msg("please report it with this word")))


def _batch_of(bucket: int, value: Any) -> pa.RecordBatch:
    import pyarrow as pa

    arrays = [pa.array([bucket], pa.int32()), pa.array([pickle.dumps(value, protocol=5)], pa.binary())]
    return pa.RecordBatch.from_arrays(arrays, names=["bucket", "blob"])
