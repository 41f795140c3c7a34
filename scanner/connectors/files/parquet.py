"""Parquet files; structs, lists and maps become dotted columns, see `nested`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial

import pyarrow as pa
import pyarrow.parquet as pq

from detectors.message import Msg
from detectors.model import Rows, TableInfo, TableRef
from scanner.connectors.account import Account
from scanner.connectors.files import arrow_nested
from scanner.connectors.files.appended import in_parquet, note_appended, open_cut
from scanner.connectors.files.damage import READER_ERRORS, DamagedPart, check_is_damage
from scanner.connectors.files.errors import missing_file, unreadable
from scanner.connectors.files.nested import Steps
from scanner.connectors.files.row_groups import RowGroup
from scanner.connectors.files.source_file import SourceFile

SERVES = ("parquet", "pq", "parq")
BATCH = 65_536
_FAULT = (Msg("not a complete Parquet file"), Msg("it may be truncated; write it again"))


def open_file(file: SourceFile) -> pq.ParquetFile:
    """Return the file with its footer read. Raise SourceError when it is not whole."""
    try:
        footer = _footer(file, file.stamp) if file.is_remote else None
        return pq.ParquetFile(file.arrow_source(), metadata=footer, pre_buffer=file.is_remote)
    except FileNotFoundError:
        raise missing_file(file.where) from None
    except (pa.ArrowException, OSError, UnicodeDecodeError) as e:
        if (reader := open_cut(file, b"PAR1", 0, pq.ParquetFile)) is not None:
            return reader
        raise unreadable(e, file.where, format_fault=_FAULT) from None


@lru_cache(maxsize=4)
def _footer(file: SourceFile, stamp: str) -> pq.FileMetaData:
    """Return the footer of a file far away, held while its row groups are read one by one."""
    return pq.read_metadata(file.arrow_source())


def describe(file: SourceFile, name: str) -> Iterator[TableInfo]:
    """Yield one table; the row count comes from the footer."""
    with open_file(file) as reader:
        n = reader.metadata.num_rows
        note_appended(file, reader.metadata, in_parquet)
        is_whole = not any(loss.rows for loss in file.account.losses)
        yield TableInfo(TableRef(name), arrow_nested.describe_columns(reader.schema_arrow), kind="file",
                        rows=Rows(n, n, "exact") if is_whole else Rows(n, None, "unknown"), bytes=file.size)


def row_groups(file: SourceFile, ref: TableRef) -> list[RowGroup]:
    """Return its row groups, from the footer."""
    with open_file(file) as reader:
        counts = [reader.metadata.row_group(i).num_rows for i in range(reader.num_row_groups)]
        names = reader.schema_arrow.names
    has_own_names = len(set(names)) == len(names)      # else every read takes all columns, see `_projection`
    return [RowGroup(file, rows, partial(_read, file, [i]),
                     partial(_read_slice, file, i) if has_own_names else None)
            for i, rows in enumerate(counts)]


def stream(file: SourceFile, ref: TableRef, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield all rows, 64k at a time. columns: only these are needed."""
    yield from _read(file, None, columns)


def _read(
    file: SourceFile, numbers: Sequence[int] | None, columns: Sequence[str] | None,
) -> Iterator[pa.RecordBatch]:
    """Yield some row groups, or all; one that cannot be read whole is read column by column."""
    with open_file(file) as reader:
        note_appended(file, reader.metadata, in_parquet)
        schema = reader.schema_arrow
        name_of = arrow_nested.name_leaves(schema)
        fields = _fields_of(schema, name_of, columns)
        for number in range(reader.num_row_groups) if numbers is None else numbers:
            rows = 0
            try:
                for batch in reader.iter_batches(BATCH, [number], fields, use_threads=False):
                    yield arrow_nested.flatten(batch, name_of, file.account)
                    rows += batch.num_rows
            except READER_ERRORS as e:
                check_is_damage(e, file.where)
                part = DamagedPart(file, number + 1, _top_fields(schema, fields))
                rest = part.rest(partial(_read_field, reader, number), rows)
                yield arrow_nested.flatten(rest, name_of, file.account)


def _read_slice(
    file: SourceFile, number: int, columns: Sequence[str], account: Account,
) -> Iterator[pa.RecordBatch]:
    """Yield some columns of a row group. account: where losses are noted. Raise where it is damaged."""
    with open_file(file) as reader:
        note_appended(replace(file, account=account), reader.metadata, in_parquet)
        schema = reader.schema_arrow
        name_of = arrow_nested.name_leaves(schema)
        fields = _fields_of(schema, name_of, columns)
        for batch in reader.iter_batches(BATCH, [number], fields, use_threads=False):
            yield arrow_nested.flatten(batch, name_of, account)


def _fields_of(
    schema: pa.Schema, name_of: Mapping[Steps, str], columns: Sequence[str] | None,
) -> list[str] | None:
    """Return the names by which the reader knows columns; None for all of them."""
    if columns is None:
        return None
    names = set(columns)
    return _projection(schema, [leaf for leaf in arrow_nested.leaves(schema) if name_of[leaf.path] in names])


def _read_field(reader: pq.ParquetFile, number: int, field: str) -> pa.Array:
    """Return one column of a row group."""
    return reader.read_row_group(number, columns=[field], use_threads=False).column(0).combine_chunks()


def _projection(schema: pa.Schema, leaves: Sequence[arrow_nested.Leaf]) -> list[str] | None:
    """Return the names by which the reader knows these leaves; at least one, so that rows are counted.

    None (all columns) where names are not unique.
    """
    if len(set(schema.names)) < len(schema.names) or not schema.names:
        return None
    if not leaves:
        return [schema.names[0]]
    return list(dict.fromkeys(_reader_name(schema, leaf) for leaf in leaves))


def _reader_name(schema: pa.Schema, leaf: arrow_nested.Leaf) -> str:
    """Return the dotted path of a field; for what stands in a list or holds a dot, the whole top field."""
    top = leaf.path[0].removesuffix("[]")
    if leaf.in_list or "." in "".join(leaf.path):
        return top
    kind = schema.field(top).type
    for step in leaf.path[1:]:                # a name that stands twice has a number that the reader lacks
        if not pa.types.is_struct(kind) or len(kind.get_all_field_indices(step)) != 1:
            return top
        kind = kind.field(step).type
    return ".".join(leaf.path)


def _top_fields(schema: pa.Schema, fields: Sequence[str] | None) -> list[str]:
    """Return the fields of a schema that hold those of a projection."""
    return [name for name in schema.names
            if fields is None or any(field == name or field.startswith(f"{name}.") for field in fields)]
