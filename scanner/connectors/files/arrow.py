"""Feather and Arrow IPC files, batch by batch; nested columns as everywhere, see `nested`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import pyarrow as pa

from detectors.message import Msg
from detectors.model import Rows, TableInfo, TableRef
from scanner.connectors.files import arrow_nested, nested
from scanner.connectors.files.appended import in_arrow, note_appended, open_cut
from scanner.connectors.files.arrow_parts import torn_part
from scanner.connectors.files.damage import READER_ERRORS, DamagedPart, check_is_damage
from scanner.connectors.files.errors import missing_file, unreadable
from scanner.connectors.files.row_groups import RowGroup
from scanner.connectors.files.source_file import SourceFile

SERVES = ("feather", "arrow", "ipc", "arrows", "fea")
_FAULT = (Msg("not a complete Feather or Arrow file"),
          Msg("it may be truncated, or of Feather version 1; write it again"))


def describe(file: SourceFile, name: str) -> Iterator[TableInfo]:
    """Yield one table."""
    reader = _open(file)
    schema = reader.schema
    if _has_index(reader):
        _note_damage(file, reader)
    counts = _rows_of_batches(file, schema)
    rows = Rows(0, file.size, "statistics") if counts is None else Rows(sum(counts), sum(counts), "exact")
    if any(loss.rows for loss in file.account.losses):
        rows = Rows(rows.low, None, "unknown")
    columns = arrow_nested.describe_columns(schema)
    yield TableInfo(TableRef(name), columns, kind="file", rows=rows, bytes=file.size)


def row_groups(file: SourceFile, ref: TableRef) -> list[RowGroup]:
    """Return its batches; a stream is one group, read to learn its rows."""
    counts = _rows_of_batches(file, _open(file).schema)
    if counts is None:
        return [RowGroup(file, _count_stream(file), partial(_read, file, None))]
    return [RowGroup(file, rows, partial(_read, file, [i])) for i, rows in enumerate(counts)]


def stream(file: SourceFile, ref: TableRef, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield all rows, a batch at a time, with all columns."""
    yield from _read(file, None, columns)


def _open(file: SourceFile, field: int | None = None) -> Any:
    """Return a reader of the file, or of a stream. field: number of the only one that is read."""
    included = None if field is None else [field]
    options = pa.ipc.IpcReadOptions(included_fields=included, use_threads=False)
    try:
        source = _source(file)
        try:
            return pa.ipc.open_file(source, options=options)
        except pa.ArrowInvalid:
            source.seek(0)
            return pa.ipc.open_stream(source, options=options)
    except FileNotFoundError:
        raise missing_file(file.where) from None
    except (pa.ArrowException, OSError) as e:
        if (reader := open_cut(file, b"ARROW1", 0, partial(pa.ipc.open_file, options=options))) is not None:
            return reader
        raise unreadable(e, file.where, format_fault=_FAULT) from None


def _source(file: SourceFile) -> Any:
    is_local = file.system is None and isinstance(file.arrow_source(), str)
    return pa.memory_map(file.path) if is_local else file.open()


def _has_index(reader: Any) -> bool:
    """Return whether batches can be read by number: of a file, not of a stream."""
    return hasattr(reader, "num_record_batches")


def _rows_of_batches(file: SourceFile, schema: pa.Schema) -> list[int] | None:
    """Return the rows of each batch, by reading the narrowest field; None for a stream: it has no index."""
    narrowest = min(range(len(schema)), key=lambda i: column_width(schema.field(i).type), default=None)
    reader = _open(file, narrowest)
    if not _has_index(reader):
        return None
    return [_count_rows(file, schema, reader, i) for i in range(reader.num_record_batches)]


def _count_rows(file: SourceFile, schema: pa.Schema, reader: Any, number: int) -> int:
    """Return the rows of a batch. reader: of its narrowest field."""
    try:
        return int(reader.get_batch(number).num_rows)
    except READER_ERRORS:
        part = DamagedPart(file, number + 1, schema.names)
        return part.count(partial(_read_field, file, schema, number))


def _count_stream(file: SourceFile) -> int:
    """Return the rows of a stream, up to a batch that cannot be read."""
    return sum(batch.num_rows for batch in _stream_batches(file))


def column_width(kind: pa.DataType) -> int:
    """Return bits of a cell, to find the column that costs least to read; many where the width varies."""
    return int(kind.bit_width) if pa.types.is_primitive(kind) else 10_000


def _read(
    file: SourceFile, numbers: Sequence[int] | None, columns: Sequence[str] | None,
) -> Iterator[pa.RecordBatch]:
    """Yield some batches, or all; `columns` saves nothing here.

    A batch that cannot be read whole is read column by column; a stream ends with it.
    """
    reader = _open(file)
    name_of = arrow_nested.name_leaves(reader.schema)
    if not _has_index(reader):
        yield from _read_stream(file, name_of)
        return
    _note_damage(file, reader)
    for i in range(reader.num_record_batches) if numbers is None else numbers:
        try:
            batch = reader.get_batch(i)
            batch.validate(full=True)         # offsets of a damaged file point anywhere
        except READER_ERRORS as e:
            check_is_damage(e, file.where)
            part = DamagedPart(file, i + 1, reader.schema.names)
            batch = part.rest(partial(_read_field, file, reader.schema, i), 0)
        yield arrow_nested.flatten(batch, name_of, file.account)


def _note_damage(file: SourceFile, reader: Any) -> None:
    """Account for another file in this one, or a part from which on bytes are not where they belong."""
    if note_appended(file, reader, in_arrow):
        return
    with suppress(OSError):
        if file.is_here and file.is_plain and (number := torn_part(file.path, file.stamp)):
            DamagedPart(file, number, ()).lose()


def _read_stream(file: SourceFile, name_of: Mapping[nested.Steps, str]) -> Iterator[pa.RecordBatch]:
    """Yield the batches of a stream, which cannot be passed over; what follows a bad one is lost."""
    for batch in _stream_batches(file):
        yield arrow_nested.flatten(batch, name_of, file.account)


def _stream_batches(file: SourceFile) -> Iterator[pa.RecordBatch]:
    """Yield the batches of a stream and of those of the same columns that follow it in the file."""
    source = _source(file)
    number = 0
    try:
        schema = None
        while schema is None or _has_more(source):
            reader = pa.ipc.open_stream(source, options=pa.ipc.IpcReadOptions(use_threads=False))
            schema = schema or reader.schema
            if reader.schema != schema:
                DamagedPart(file, number + 1, ()).lose()
                return
            for batch in reader:
                number += 1
                batch.validate(full=True)
                yield batch
    except READER_ERRORS as e:
        check_is_damage(e, file.where)
        DamagedPart(file, number + 1, ()).lose()


def _has_more(source: Any) -> bool:
    """Return whether anything but zeros follows in a file; its position is then where that begins."""
    while block := source.read(1 << 16):
        if rest := block.lstrip(b"\0"):
            start = source.tell() - len(rest)
            source.seek(start - start % 8)
            return True
    return False


def _read_field(file: SourceFile, schema: pa.Schema, number: int, field: str) -> pa.Array:
    """Return one column of a batch."""
    return _open(file, schema.get_field_index(field)).get_batch(number).column(0)
