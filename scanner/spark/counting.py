"""Persons and rows counted by the workers: as keyed hashes, equal ones folded, handed on in buckets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from detectors.errors import ChujingError
from detectors.model import TableInfo, TableRef
from scanner.spark.splits import Split, connector_of
from scanner.spark.task_io import Failure, Values

if TYPE_CHECKING:
    import pyarrow as pa

    from mappings.individuals import PersonCounter
    from mappings.keyless import PartialCount
    from scanner.connectors.protocol import Counting, Where
    from scanner.count.rows import RowBatch

FLUSH = 2_000_000                             # units a task folds before it hands them on


class _BucketedParts:
    """What a task counts, handed on in buckets whenever enough of it waits."""

    def __init__(self, buckets: int) -> None:
        from mappings.keyless import PartCollector

        self._buckets = buckets
        self._collector = PartCollector()
        self._waiting = 0

    def add(self, part: PartialCount) -> Values:
        self._collector.add(part)
        self._waiting += len(part)
        if self._waiting >= FLUSH:
            yield from self.rest()

    def rest(self) -> Values:
        from mappings.keyless import PartCollector
        from scanner.spark.unit_tasks import scatter_part

        part, self._collector, self._waiting = self._collector.part(), PartCollector(), 0
        yield from scatter_part(part, self._buckets)


class FrameReader:
    """Batches of a frame where a connector is expected."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Iterator[pa.RecordBatch]:
        from scanner.connectors.files.conditions import mask

        for batch in self._batches:
            yield (batch.filter(mask(batch, where)) if where else batch).select(list(columns))


def count_splits(splits: Sequence[Split], info: TableInfo, counting: Counting, buckets: int) -> Values:
    """Yield the persons of some splits. A split that cannot be read says so, and the others go on."""
    from scanner.count.rows import read_by_place, read_without_tests

    read = read_by_place if counting.by_place and counting.reading else read_without_tests
    parts = _BucketedParts(buckets)
    for split in splits:
        connector = connector_of(split, info)
        batches = read(connector, info, counting.plan, counting.where, counting.tests)
        try:
            yield from _count_batches(split.number, batches, counting, parts)
        except ChujingError as e:
            yield 0, Failure(e.what, e.where, e.hint)
        if connector.losses(info.ref):
            yield 0, connector.read_account(info.ref)
    yield from parts.rest()


def count_partition(
    split: int, batches: Iterator[pa.RecordBatch], info: TableInfo, counting: Counting, buckets: int,
) -> Values:
    """Yield the persons of one partition of a frame."""
    from scanner.count.rows import read_without_tests

    parts = _BucketedParts(buckets)
    reader: Any = FrameReader(batches)
    counting = replace(counting, reading="")  # a frame has no order of rows
    readable = read_without_tests(reader, info, counting.plan, counting.where, counting.tests)
    yield from _count_batches(split, readable, counting, parts)
    yield from parts.rest()


def _count_batches(
    split: int, batches: Iterator[RowBatch], counting: Counting, parts: _BucketedParts,
) -> Values:
    """Yield the persons of batches, each with the rows left out of it and the places of the others."""
    from mappings.individuals import PersonCounter

    def new_counter() -> PersonCounter:
        return PersonCounter(counting.key, counting.as_of, counting.fields)

    counter, rows_before = new_counter(), 0
    for batch, excluded, places in batches:
        places = None if places is None else places - rows_before            # its part adds these again
        counter.add(counting.plan, batch, counting.reading, places)
        counter.excluded += excluded
        if counter.rows >= FLUSH:
            yield from parts.add(counter.part(split, rows_before))
            counter, rows_before = new_counter(), rows_before + counter.rows
    yield from parts.add(counter.part(split, rows_before))


def count_split_rows(splits: Sequence[Split], info: TableInfo, where: Where) -> Values:
    """Yield for each split the number of its rows that pass `where`."""
    columns = list(where) or [info.columns[0].name]
    for split in splits:
        yield 0, sum(batch.num_rows for batch in connector_of(split, info).read(info.ref, columns, where))


def count_partition_rows(batches: Iterator[pa.RecordBatch], where: Where) -> Values:
    """Yield the number of rows of a partition of a frame that pass `where`."""
    yield 0, sum(batch.num_rows for batch in FrameReader(batches).read(TableRef(""), list(where), where))
