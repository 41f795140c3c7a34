"""Avro files; records become dotted columns, arrays and maps as in `nested`, `doc` is the comment.

Source of the schema's words: Apache Avro 1.11 Specification.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa

from detectors.errors import ExtraError, SourceError
from detectors.message import Msg
from detectors.model import ColumnInfo, Rows, TableInfo, TableRef
from scanner.connectors.account import column
from scanner.connectors.files import nested
from scanner.connectors.files.avro_values import decode_leaves, hold_all_times
from scanner.connectors.files.damage import check_is_damage
from scanner.connectors.files.source_file import SourceFile

SERVES = ("avro",)
DESCRIBED = 64 << 10                          # bytes of a file that decide its columns
BATCH = 10_000
DEPTH = 12                                    # levels of records, arrays and maps that are followed
_RECORDS = ("record", "error")


def describe(file: SourceFile, name: str) -> Iterator[TableInfo]:
    """Yield one table; its columns come from the schema in the file. Raise SourceError for scalars."""
    with _open(file) as reader:
        schema = reader.writer_schema
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise SourceError(Msg("not a file of records"), where=file.where,
                          hint=Msg("one Avro record a row is needed"))
    yield TableInfo(TableRef(name), columns_of_record(schema, schema), kind="file",
                    comment=schema.get("doc") or "", rows=Rows(0, file.size, "statistics"), bytes=file.size)


def columns_of_record(record: Any, schema: Any) -> tuple[ColumnInfo, ...]:
    """Return the flat columns of a record. schema: it, or what else defines the types it names."""
    leaves = list(_AvroSchema(_named_types(schema)).leaves(record, ()))
    name_of = nested.names(path for path, _, _ in leaves)
    columns = {path: ColumnInfo(name_of[path], kind, doc, path=path) for path, kind, doc in reversed(leaves)}
    return tuple(columns[path] for path in name_of)


def column_names(file: SourceFile) -> tuple[str, ...]:
    """Return the columns of a file by its schema."""
    return tuple(column.name for info in describe(file, "") for column in info.columns)


def stream(file: SourceFile, ref: TableRef, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield rows as text."""
    with _open(file) as reader:
        root = reader.writer_schema
        schema = _AvroSchema(_named_types(root))
        listed = {path for path, _, _ in schema.leaves(root, ())}
        records = _undamaged(reader, file)
        while block := list(islice(records, BATCH)):
            rows = [list(nested.leaves_of_record(schema.with_map_entries(row, root))) for row in block]
            for path, n in Counter(path for row in rows for path, _ in row if path not in listed).items():
                file.account.lose("unreadable_cells", n, column(".".join(path[:DEPTH])))
            decode_leaves(rows, file.account)
            yield nested.batch_of(rows, columns)


def _undamaged(blocks: Any, file: SourceFile) -> Iterator[Any]:
    """Yield the records up to a block that cannot be read; raise what the reader raises at the first one."""
    number = 0
    try:
        for block in blocks:
            for record in block:
                number += 1
                yield record
            if block.bytes_.read(1):          # its count of records, or a record's length, is wrong
                place = Msg("the rows up to {number:,} of {file}", number=number, file=file.where)
                file.account.lose("unreadable_row_groups", 1, place)
    except Exception as e:  # readers raise anything
        check_is_damage(e, file.where)
        if not number:
            raise
        place = Msg("what follows row {number:,} of {file}", number=number, file=file.where)
        file.account.lose("unreadable_row_groups", 1, place)


@contextmanager
def _open(file: SourceFile) -> Iterator[Any]:
    try:
        import fastavro
    except ImportError:
        raise ExtraError(Msg("{what} needs {package}", what="Avro", package="fastavro"), where=file.where,
                         hint=Msg("pip install {package}", package="'chujing[formats]'")) from None
    hold_all_times()
    with file.open() as raw:
        try:
            reader = fastavro.block_reader(raw, handle_unicode_errors="surrogateescape")
        except (ValueError, EOFError, KeyError, IndexError, TypeError):
            raise SourceError(Msg("not an Avro file"), where=file.where,
                              hint=Msg("it may be truncated; write it again")) from None
        yield reader


def _named_types(schema: Any) -> dict[str, Any]:
    """Return the named types of a schema, which may be used by name later on."""
    types: dict[str, Any] = {}
    if isinstance(schema, list):
        for branch in schema:
            types |= _named_types(branch)
    elif isinstance(schema, dict):
        if "name" in schema and schema.get("type") in ("record", "enum", "fixed", "error"):
            types[schema["name"]] = schema
        parts = (schema.get("items"), schema.get("values"), *(f["type"] for f in schema.get("fields", ())))
        for part in parts:
            types |= _named_types(part)
    return types


@dataclass(frozen=True, slots=True)
class _AvroSchema:
    """Types of a schema, some of which stand by their name."""

    named_types: Mapping[str, Any]

    def _resolve(self, kind: Any) -> Any:
        return self.named_types.get(kind, kind) if isinstance(kind, str) else kind

    def leaves(
        self, kind: Any, path: nested.Steps, doc: str = "", depth: int = 0,
    ) -> Iterator[tuple[nested.Steps, str, str]]:
        """Yield (path, type, comment) of the flat columns of a type, to DEPTH levels."""
        kind = self._resolve(kind)
        if isinstance(kind, list):
            for branch in kind:
                if branch != "null":
                    yield from self.leaves(branch, path, doc, depth)
            return
        type_name = _type_name(kind)
        if isinstance(type_name, dict | list):
            yield from self.leaves(type_name, path, doc, depth)
        elif type_name in _RECORDS:
            for f in kind["fields"] if depth < DEPTH else ():
                yield from self.leaves(f["type"], (*path, f["name"]), f.get("doc") or "", depth + 1)
        elif type_name == "array":
            inner = nested.mark_list(path) if self._holds_fields(kind["items"]) else path
            yield from self.leaves(kind["items"], inner, doc, depth + 1)
        elif type_name == "map":
            yield (*nested.mark_list(path), "key"), "string", doc
            yield from self.leaves(kind["values"], (*nested.mark_list(path), "value"), doc, depth + 1)
        else:
            logical = kind.get("logicalType", type_name) if isinstance(kind, dict) else type_name
            yield path, str(logical), doc

    def _holds_fields(self, kind: Any) -> bool:
        """Return whether a record or a map stands in it."""
        kind = self._resolve(kind)
        if isinstance(kind, list):
            return any(self._holds_fields(branch) for branch in kind)
        type_name = _type_name(kind)
        return type_name in (*_RECORDS, "map") or type_name == "array" and self._holds_fields(kind["items"])

    def with_map_entries(self, value: Any, kind: Any) -> Any:
        """Return a value with its maps as lists of entries, so that they are not taken for records."""
        kind = self._resolve(kind)
        if isinstance(kind, list):
            branches = [branch for branch in kind if self._fits_branch(value, branch)]
            return self.with_map_entries(value, branches[0]) if branches else value
        if not isinstance(kind, dict) or value is None:
            return value
        type_name = kind["type"]
        if isinstance(type_name, dict | list):
            return self.with_map_entries(value, type_name)
        if type_name in _RECORDS and isinstance(value, dict):
            return {f["name"]: self.with_map_entries(value.get(f["name"]), f["type"]) for f in kind["fields"]}
        if type_name == "array" and isinstance(value, list):
            return [self.with_map_entries(v, kind["items"]) for v in value]
        if type_name == "map" and isinstance(value, dict):
            return [{"key": k, "value": self.with_map_entries(v, kind["values"])} for k, v in value.items()]
        return value

    def _fits_branch(self, value: Any, kind: Any) -> bool:
        """Return whether a value may be of this branch of a union."""
        kind = self._resolve(kind)
        type_name = _type_name(kind)
        if isinstance(value, dict):
            is_record = type_name in _RECORDS and set(value) <= {f["name"] for f in kind["fields"]}
            return type_name == "map" or is_record
        is_scalar_type = type_name not in ("null", *_RECORDS, "map")
        return isinstance(value, list) == (type_name == "array") and is_scalar_type


def _type_name(kind: Any) -> Any:
    return kind["type"] if isinstance(kind, dict) else kind
