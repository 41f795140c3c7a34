"""What passes between the driver and its tasks: pairs of a bucket and a pickled value.

Values hold labels, counts, keyed hashes or a Failure. Rows of a sample are the exception: they pass as Arrow
from the tasks that draw them to the one task that detects, never to the driver.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detectors.errors import ChujingError, SourceError
from detectors.message import Msg, Text
from scanner.connectors.account import Account

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA = "bucket int, blob binary"            # of the frames that tasks give, in Spark's words
Values = Iterator[tuple[int, Any]]            # (bucket, value)
Batches = Iterable[Any]                       # record batches, as mapInArrow hands them over
Encoder = Callable[[int, Any], Any]           # (bucket, value) -> a record batch of one row


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


def task_function(
    tasks: Sequence[Any], work: Callable[[Any], Values], encode: Encoder | None = None
) -> Callable[[Batches], Iterator[Any]]:
    """Return a function for mapInArrow over `range(len(tasks))`: it gives the values of each task."""

    def run(batches: Batches) -> Iterator[Any]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield from as_batches(encode or pickled_batch, work, tasks[number])

    return run


def row_function(
    work: Callable[[int, Iterator[Any]], Values], encode: Encoder | None = None
) -> Callable[[Batches], Iterator[Any]]:
    """Return a function for mapInArrow over the rows of a frame.

    It gives the values of each partition, which is a split by its number.
    """

    def run(batches: Batches) -> Iterator[Any]:
        yield from as_batches(encode or pickled_batch, work, partition_number(), iter(batches))

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

        yield from as_batches(pickled_batch, work, values())
        for value in passing:
            yield pickled_batch(0, value)

    return run


def partition_number() -> int:
    """Return the number of the partition that this task is about."""
    from pyspark import TaskContext

    context = TaskContext.get()
    return context.partitionId() if context else 0


def as_batches(encode: Encoder, work: Callable[..., Values], *arguments: Any) -> Iterator[Any]:
    """Yield what a task gives as batches, or why it gives nothing.

    The text of a foreign error may hold cells, so only its kind passes.
    """
    try:
        for bucket, value in work(*arguments):
            yield encode(bucket, value)
    except ChujingError as e:
        yield encode(0, Failure(e.what, e.where, e.hint))
    except ModuleNotFoundError as e:
        package = (e.name or "a module").split(".")[0]
        yield encode(0, Failure(Msg("missing on the workers: {names}", names=package), "",
                                   Msg("pip install {package} in the workers' Python", package=package)))
    except Exception as e:
        yield encode(0, Failure(Msg("internal error on a worker, {kind}", kind=type(e).__name__), "",
                                   Msg("please report it with this word")))


def pickled_batch(bucket: int, value: Any) -> pa.RecordBatch:
    import pyarrow as pa

    arrays = [pa.array([bucket], pa.int32()), pa.array([pickle.dumps(value, protocol=5)], pa.binary())]
    return pa.RecordBatch.from_arrays(arrays, names=["bucket", "blob"])
