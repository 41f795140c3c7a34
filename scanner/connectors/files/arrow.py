"""Feather and Arrow IPC files, batch by batch; nested columns as everywhere, see `nested`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from detectors.message import Msg
from detectors.model import Rows, TableInfo, TableRef
from scanner.connectors.files import arrow_nested
from scanner.connectors.files.errors import missing_file, unreadable
from scanner.connectors.files.row_groups import RowGroup
from scanner.connectors.files.source_file import SourceFile

SERVES = ("feather", "arrow", "ipc", "arrows", "fea")
_FAULT = (Msg("not a complete Feather or Arrow file"),
          Msg("it may be truncated, or of Feather version 1; write it again"))


def describe(file: SourceFile, name: str) -> Iterator[TableInfo]:
    """Yield one table."""
    schema = _open(file).schema
    counts = _rows_of_batches(file, schema)
    rows = Rows(0, file.size, "statistics") if counts is None else Rows(sum(counts), sum(counts), "exact")
    columns = arrow_nested.describe_columns(schema)
    yield TableInfo(TableRef(name), columns, kind="file", rows=rows, bytes=file.size)


def row_groups(file: SourceFile, ref: TableRef) -> list[RowGroup]:
    """Return its batches; a stream is one group, read to learn its rows."""
    counts = _rows_of_batches(file, _open(file).schema)
    if counts is None:
        return [RowGroup(file, sum(b.num_rows for b in _open(file)), partial(_read, file, None))]
    return [RowGroup(file, rows, partial(_read, file, [i])) for i, rows in enumerate(counts)]


def stream(file: SourceFile, ref: TableRef, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield all rows, a batch at a time, with all columns."""
    yield from _read(file, None, columns)


def _open(file: SourceFile, field: int | None = None) -> Any:
    """Return a reader of the file, or of a stream. field: number of the only one that is read."""
    included = None if field is None else [field]
    options = pa.ipc.IpcReadOptions(included_fields=included, use_threads=False)
    try:
        is_local = file.system is None and isinstance(file.arrow_source(), str)
        source = pa.memory_map(file.path) if is_local else file.open()
        try:
            return pa.ipc.open_file(source, options=options)
        except pa.ArrowInvalid:
            source.seek(0)
            return pa.ipc.open_stream(source, options=options)
    except FileNotFoundError:
        raise missing_file(file.where) from None
    except (pa.ArrowException, OSError) as e:
        raise unreadable(e, file.where, format_fault=_FAULT) from None


def _has_index(reader: Any) -> bool:
    """Return whether batches can be read by number: of a file, not of a stream."""
    return hasattr(reader, "num_record_batches")


def _rows_of_batches(file: SourceFile, schema: pa.Schema) -> list[int] | None:
    """Return the rows of each batch, by reading the narrowest field; None for a stream: it has no index."""
    narrowest = min(range(len(schema)), key=lambda i: column_width(schema.field(i).type), default=None)
    reader = _open(file, narrowest)
    if not _has_index(reader):
        return None
    return [reader.get_batch(i).num_rows for i in range(reader.num_record_batches)]


def column_width(kind: pa.DataType) -> int:
    """Return bits of a cell, to find the column that costs least to read; many where the width varies."""
    return int(kind.bit_width) if pa.types.is_primitive(kind) else 10_000


def _read(
    file: SourceFile, numbers: Sequence[int] | None, columns: Sequence[str] | None,
) -> Iterator[pa.RecordBatch]:
    """Yield some batches, or all; `columns` saves nothing here."""
    reader = _open(file)
    name_of = arrow_nested.name_leaves(reader.schema)
    if not _has_index(reader):
        yield from (arrow_nested.flatten(batch, name_of) for batch in reader)
        return
    for i in range(reader.num_record_batches) if numbers is None else numbers:
        yield arrow_nested.flatten(reader.get_batch(i), name_of)
