"""ORC files, stripe by stripe; nested columns as everywhere, see `nested`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from detectors.message import Msg
from detectors.model import Rows, TableInfo, TableRef
from scanner.connectors.files import arrow_nested
from scanner.connectors.files.appended import note_in_orc, open_cut
from scanner.connectors.files.arrow import column_width
from scanner.connectors.files.damage import READER_ERRORS, DamagedPart, check_is_damage
from scanner.connectors.files.errors import missing_file, unreadable
from scanner.connectors.files.row_groups import RowGroup
from scanner.connectors.files.source_file import SourceFile

SERVES = ("orc",)
_FAULT = (Msg("not a complete ORC file"), Msg("it may be truncated; write it again"))


def describe(file: SourceFile, name: str) -> Iterator[TableInfo]:
    """Yield one table; the row count comes from the footer."""
    reader = _open(file)
    note_in_orc(file, reader)
    is_whole = not any(loss.rows for loss in file.account.losses)
    rows = Rows(reader.nrows, reader.nrows, "exact") if is_whole else Rows(reader.nrows, None, "unknown")
    yield TableInfo(TableRef(name), arrow_nested.describe_columns(reader.schema), kind="file",
                    rows=rows, bytes=file.size)


def row_groups(file: SourceFile, ref: TableRef) -> list[RowGroup]:
    """Return its stripes. pyarrow knows their rows only by reading: the narrowest column of each is read."""
    reader = _open(file)
    if reader.nstripes == 1:
        counts = [reader.nrows]
    else:
        narrowest = _narrowest(reader.schema)
        counts = [_count_rows(file, reader, i, narrowest) for i in range(reader.nstripes)]
    return [RowGroup(file, rows, partial(_read, file, [i])) for i, rows in enumerate(counts)]


def _count_rows(file: SourceFile, reader: Any, number: int, narrowest: list[str]) -> int:
    """Return the rows of a stripe."""
    try:
        return int(reader.read_stripe(number, columns=narrowest).num_rows)
    except READER_ERRORS:
        part = DamagedPart(file, number + 1, reader.schema.names)
        return part.count(partial(_read_field, reader, number))


def stream(file: SourceFile, ref: TableRef, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield all rows, a stripe at a time. columns: only these are needed."""
    yield from _read(file, None, columns)


def _open(file: SourceFile) -> Any:
    from pyarrow import orc

    try:
        return orc.ORCFile(file.arrow_source())
    except FileNotFoundError:
        raise missing_file(file.where) from None
    except (pa.ArrowException, OSError) as e:
        if (reader := open_cut(file, b"ORC", 1, orc.ORCFile)) is not None:
            return reader
        raise unreadable(e, file.where, format_fault=_FAULT) from None


def _narrowest(schema: pa.Schema) -> list[str]:
    """Return the column that costs least to read."""
    return [min(schema, key=lambda f: column_width(f.type)).name]


def _read(
    file: SourceFile, numbers: Sequence[int] | None, columns: Sequence[str] | None,
) -> Iterator[pa.RecordBatch]:
    """Yield some stripes, or all; one that cannot be read whole is read column by column."""
    reader = _open(file)
    note_in_orc(file, reader)
    name_of = arrow_nested.name_leaves(reader.schema)
    fields = None if columns is None else _fields_of(reader.schema, columns)
    for i in range(reader.nstripes) if numbers is None else numbers:
        try:
            stripe = reader.read_stripe(i, columns=fields)
        except READER_ERRORS as e:
            check_is_damage(e, file.where)
            names = reader.schema.names if fields is None else fields
            part = DamagedPart(file, i + 1, names)
            stripe = part.rest(partial(_read_field, reader, i), 0)
        yield arrow_nested.flatten(stripe, name_of, file.account)


def _read_field(reader: Any, number: int, field: str) -> pa.Array:
    """Return one column of a stripe."""
    return reader.read_stripe(number, columns=[field]).column(0)


def _fields_of(schema: pa.Schema, columns: Sequence[str]) -> list[str] | None:
    """Return the fields that hold these columns, at least one; None (all of them) for an ambiguous name."""
    if len(set(schema.names)) < len(schema.names):
        return None
    names = arrow_nested.name_leaves(schema)
    fields = dict.fromkeys(path[0].removesuffix("[]") for path, name in names.items() if name in columns)
    if any("." in field for field in fields):
        return None
    return list(fields) or _narrowest(schema)
