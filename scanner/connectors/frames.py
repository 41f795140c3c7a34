"""Tables in memory: pandas, polars and pyarrow, and anything else that offers Arrow data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from detectors.errors import ConfigError, SourceError
from detectors.message import Msg
from detectors.model import Drawn, Rows, TableInfo, TableRef
from scanner.connectors.account import Account, column
from scanner.connectors.files import arrow_nested
from scanner.connectors.files.conditions import mask
from scanner.connectors.files.nested import cell_text
from scanner.connectors.files.rows import cut_batch, select_columns
from scanner.connectors.protocol import Sample, Where
from scanner.connectors.sampling import positions

BATCH_ROWS = 50_000
_GIVE_ARROW = ("to_arrow", "__arrow_c_stream__", "collect")


def is_frame(value: object) -> bool:
    """Return whether a value is a table in memory: of pandas, polars or pyarrow, or gives Arrow data."""
    return _is_pandas(value) or any(map(partial(hasattr, value), _GIVE_ARROW))


def is_column(value: object) -> bool:
    """Return whether a value is a column: a list, an array of one dimension, or a Series."""
    if isinstance(value, list | tuple):
        return not any(is_frame(cell) or isinstance(cell, Mapping) for cell in value)
    if isinstance(value, pa.Array | pa.ChunkedArray):
        return True
    package = type(value).__module__.split(".", 1)[0]
    return package in ("numpy", "pandas", "polars") and len(getattr(value, "shape", ())) == 1


def is_spark(value: object) -> bool:
    """Return whether a value is a table of Spark, whose rows are not in this process."""
    return type(value).__module__.split(".", 1)[0] == "pyspark"


def is_record(value: object) -> bool:
    """Return whether a value is a row by names: a dict without tables in it."""
    return isinstance(value, Mapping) and not any(
        is_frame(cell) or is_column(cell) for cell in value.values()
    )


def table_of_records(records: Sequence[Mapping[Any, Any]]) -> pa.Table:
    """Return a table of rows by names; a name that a row lacks is null in it."""
    names = dict.fromkeys(name for record in records for name in record)
    return table_of_columns({name: [record.get(name) for record in records] for name in names})


def table_of_columns(columns: Mapping[Any, Any]) -> pa.Table:
    """Return a table of columns by name. Raise ConfigError where they are not equally long."""
    lengths = {len(cells) for cells in columns.values()}
    if len(lengths) > 1:
        raise ConfigError(
            Msg("the columns of a dict have {low:,} to {high:,} cells", low=min(lengths), high=max(lengths)),
            hint=Msg("columns of one table are equally long; give several tables as frames by name"),
        )
    account = Account()
    names = [_heading(name) for name in columns]
    arrays = [
        _array(_cells(values), name, account) for values, name in zip(columns.values(), names, strict=True)
    ]
    return pa.Table.from_arrays(arrays, names=names)


def _cells(values: Any) -> Any:
    """Return a column as `pa.array` takes it."""
    return values.to_arrow() if hasattr(values, "to_arrow") else values


def arrow_table(frame: Any, account: Account) -> pa.Table:
    """Return a table in memory as Arrow.

    A column of pandas in which types are mixed becomes text, cell by cell; a named index is a column.
    account: where it is noted what could not be taken. Raise SourceError for what is no table.
    """
    if isinstance(frame, pa.Table):
        return frame
    if _is_pandas(frame):
        return _of_pandas(frame, account)
    if hasattr(frame, "to_frame"):
        frame = frame.to_frame()  # a column alone
    if hasattr(frame, "collect") and not hasattr(frame, "to_arrow"):
        frame = frame.collect()  # polars, not computed yet
    try:
        table = frame.to_arrow() if hasattr(frame, "to_arrow") else pa.table(frame)
        return table if isinstance(table, pa.Table) else pa.Table.from_batches([table])
    except (pa.ArrowException, TypeError, ValueError, AttributeError):
        raise SourceError(
            Msg("{kind} is no table", kind=type(frame).__name__),
            hint=Msg("a DataFrame of pandas or polars, a table of pyarrow, a path, a URL or an engine"),
        ) from None


def _is_pandas(value: object) -> bool:
    return type(value).__module__.split(".", 1)[0] == "pandas" and hasattr(value, "iloc")


def _of_pandas(frame: Any, account: Account) -> pa.Table:
    if frame.ndim == 1:
        frame = frame.to_frame()
    index = frame.index
    names = [name for name in index.names if name is not None]
    if names:
        levels = [index.get_level_values(i) for i, name in enumerate(index.names) if name is not None]
    else:
        levels = [] if _is_counter(index) else [index]
    cells = [*levels, *(frame.iloc[:, i] for i in range(frame.shape[1]))]
    headings = [*names, *([] if names or not levels else ["index"]), *frame.columns]
    texts = [_heading(name) for name in headings]
    arrays = [_array(values, name, account) for values, name in zip(cells, texts, strict=True)]
    return pa.Table.from_arrays(arrays, names=texts)


def _is_counter(index: Any) -> bool:
    """Return whether an index without a name only counts its rows."""
    return type(index).__name__ == "RangeIndex" or len(index) == 0 or index.dtype.kind in "iu"


def _heading(name: object) -> str:
    return ".".join(str(part) for part in name if str(part)) if isinstance(name, tuple) else str(name)


def _array(values: Any, name: str, account: Account) -> pa.Array:
    """Return a column of pandas: as Arrow takes it, else as text; nulls where even that fails."""
    try:
        array = (
            values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values, from_pandas=True)
        )
        return _whole_numbers(array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        pass
    texts: list[str | None] = []
    for value in values:
        try:
            missing = value is None or value != value and not hasattr(value, "__len__")
            texts.append(None if missing else cell_text(value))
        except (TypeError, ValueError, RecursionError):
            account.lose("unreadable_cells", 1, column(name))
            texts.append(None)
    return pa.array(texts, pa.string())


def _whole_numbers(array: pa.Array) -> pa.Array:
    """Return whole numbers as such: pandas makes them fractions where a cell is missing."""
    if not pa.types.is_float64(array.type) or not array.null_count:
        return array
    try:
        return array.cast(pa.int64())
    except pa.ArrowInvalid:
        return array


class FramesConnector:
    """Tables in memory as a source. Its rows are counted: they are all there."""

    def __init__(self, frames: Mapping[str, Any]) -> None:
        self._accounts = {name: Account() for name in frames}
        tables = {name: arrow_table(frame, self._accounts[name]) for name, frame in frames.items()}
        self._tables = {TableRef(name): table for name, table in tables.items()}
        self._names = {ref: arrow_nested.name_leaves(table.schema) for ref, table in self._tables.items()}

    def tables(self) -> Iterator[TableInfo]:
        """Yield every table, sorted by name."""
        for ref in sorted(self._tables, key=lambda ref: ref.name):
            table = self._tables[ref]
            rows = Rows(table.num_rows, table.num_rows, "exact")
            columns = arrow_nested.describe_columns(table.schema)
            yield TableInfo(ref, columns, kind="table", rows=rows, bytes=table.nbytes)

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        """Return about `rows` rows drawn from all of the table."""
        table = self._table(ref)
        (chosen,) = positions([table.num_rows], rows, seed)
        part = table if len(chosen) == table.num_rows else table.take(pa.array(chosen, pa.int64()))
        account = Account()
        batches = [*self._batches(ref, part, columns, account)]
        words = Msg("all rows") if len(chosen) == table.num_rows else Msg("rows drawn at random")
        draw = Drawn(words, len(chosen), table.num_rows, seed)
        return Sample(batches, draw, losses=(*self._accounts[ref.name].losses, *account.losses))

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Iterator[pa.RecordBatch]:
        """Stream all rows that pass `where`."""
        names = list(dict.fromkeys((*columns, *where)))
        for batch in self._batches(ref, self._table(ref), names, Account()):
            yield (batch.filter(mask(batch, where)) if where else batch).select(list(columns))

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> str:
        """Return what `sample` would do."""
        return str(Msg("{rows:,} rows drawn at random", rows=rows))

    def close(self) -> None:
        """Release nothing: the tables are the caller's."""

    def _table(self, ref: TableRef) -> pa.Table:
        try:
            return self._tables[ref]
        except KeyError:
            raise SourceError(Msg("no such table"), where=ref.name) from None

    def _batches(
        self, ref: TableRef, table: pa.Table, columns: Sequence[str], account: Account
    ) -> Iterator[pa.RecordBatch]:
        for batch in table.to_batches(max_chunksize=BATCH_ROWS):
            flat = arrow_nested.flatten(batch, self._names[ref], account)
            yield from cut_batch(select_columns(flat, columns, account=account))
