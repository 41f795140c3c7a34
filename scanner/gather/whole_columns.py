"""Columns whose every value is looked at, and the counts of these values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import Skipped, TableId
from scanner.connectors.protocol import BATCH_BYTES
from scanner.gather.table_catalogue import COLUMN, TableCatalogue, column_ids, pick_id

ROWS = 100_000                                # looked at together

if TYPE_CHECKING:
    from detectors.columns.every_value import EveryValue
    from scanner.connectors.protocol import Connector, ExaminationTask, Sample


def whole_columns(catalogue: TableCatalogue, words: Sequence[str]) -> Mapping[TableId, tuple[str, ...]]:
    """Return the names of the columns that some words name, by table.

    words: ids, their ends, or patterns with `*`. Raise ConfigError for one that names none, or several
    without a `*`, unless it may lie in a source that is not listed.
    """
    patterns = [word for word in words if "*" in word]
    named = catalogue.listed_names([word for word in words if "*" not in word], catalogue.columns, COLUMN)
    chosen = {pick_id(word, catalogue.columns, COLUMN) for word in named}
    result: dict[TableId, tuple[str, ...]] = {}
    unused = set(patterns)
    for tid, info in catalogue.tables.items():
        names = []
        for column_id, column in zip(column_ids(tid, info), info.columns, strict=True):
            hits = [p for p in patterns if fnmatchcase(column_id, p) or fnmatchcase(column_id, f"*/{p}")]
            unused.difference_update(hits)
            if hits or column_id in chosen:
                names.append(column.name)
        if names:
            result[tid] = tuple(names)
    if unused:
        catalogue.listed_names(sorted(unused), catalogue.columns, COLUMN)
    return result


def with_every_value(connector: Connector, task: ExaminationTask, sample: Sample) -> Sample:
    """Return a sample with counts of every value of a table's columns that are to be looked at wholly.

    Where these cannot be read, the sample stands and says so.
    """
    if not task.whole:
        return sample
    try:
        every = count_values(connector.read(task.info.ref, task.whole, {}), task.whole)
    except SourceError as e:
        return replace(sample, skipped=(*sample.skipped, not_whole(task, e)))
    return replace(sample, every=every)


def not_whole(task: ExaminationTask, error: SourceError) -> Skipped:
    """Return what is said of a table whose columns were to be looked at wholly, and could not."""
    reason = Msg("not every value was read, a sample stands: {why}", why=error.message)
    return Skipped(task.id, reason, error.hint)


def count_values(batches: Iterable[Any], names: Sequence[str]) -> dict[str, EveryValue]:
    """Return the counts of all values of some columns of record batches."""
    from detectors.columns.every_value import EveryValue

    every = {name: EveryValue() for name in names}
    for table in _large_tables(batches):
        for name in names:
            every[name].add(table.column(name).combine_chunks())
    return every


def _large_tables(batches: Iterable[Any]) -> Iterator[Any]:
    """Yield the rows of batches, many at a time: what all detectors cost at least is paid once for them."""
    import pyarrow as pa

    waiting: list[Any] = []
    for batch in batches:
        waiting.append(batch)
        if sum(b.num_rows for b in waiting) >= ROWS or sum(b.nbytes for b in waiting) >= BATCH_BYTES:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)


def merge_counts(parts: Iterable[Mapping[str, EveryValue]]) -> dict[str, EveryValue]:
    """Return the counts of some parts of a table as one."""
    every: dict[str, EveryValue] = {}
    for part in parts:
        for name, counts in part.items():
            if name in every:
                every[name].merge(counts)
            else:
                every[name] = counts
    return every
