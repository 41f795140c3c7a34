"""Avro files; records become dotted columns, arrays and maps as in `nested`, `doc` is the comment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import pyarrow as pa

from detectors.errors import ConfigError, SourceError
from detectors.message import Msg
from detectors.model import ColumnInfo, Rows, TableInfo, TableRef
from scanner.connectors.files import nested
from scanner.connectors.files.places import Place

SERVES = ("avro",)
BATCH = 10_000


@contextmanager
def _reader(place: Place) -> Iterator[Any]:
    try:
        import fastavro
    except ImportError:
        raise ConfigError(
            Msg("{what} needs {package}", what="Avro", package="fastavro"),
            where=place.where,
            hint=Msg("pip install {package}", package="'chujing[formats]'"),
        ) from None
    with place.open() as file:
        try:
            reader = fastavro.reader(file)
        except (ValueError, EOFError, KeyError, IndexError, TypeError):
            raise SourceError(
                Msg("not an Avro file"), where=place.where, hint=Msg("it may be truncated; write it again")
            ) from None
        yield reader


def describe(place: Place, name: str) -> Iterator[TableInfo]:
    """One table; columns come from the schema in the file."""
    with _reader(place) as reader:
        schema = reader.writer_schema
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise SourceError(
            Msg("not a file of records"), where=place.where, hint=Msg("one Avro record a row is needed")
        )
    found = list(_fields(schema, (), _named(schema)))
    called = nested.names(p for p, _, _ in found)
    columns = {p: ColumnInfo(called[p], kind, doc, path=p) for p, kind, doc in reversed(found)}
    yield TableInfo(TableRef(name), tuple(columns[p] for p in called), kind="file", comment=schema.get("doc") or "",
                    rows=Rows(0, place.size, "statistics"), bytes=place.size)


def _named(schema: Any) -> dict[str, Any]:
    """Named types of a schema, which may be used by name later on."""
    out: dict[str, Any] = {}
    if isinstance(schema, list):
        for branch in schema:
            out |= _named(branch)
    elif isinstance(schema, dict):
        if "name" in schema and schema.get("type") in ("record", "enum", "fixed", "error"):
            out[schema["name"]] = schema
        for part in (schema.get("items"), schema.get("values"), *(f["type"] for f in schema.get("fields", ()))):
            out |= _named(part)
    return out


def _fields(
    kind: Any, path: nested.Steps, named: Mapping[str, Any], doc: str = "", depth: int = 0,
) -> Iterator[tuple[nested.Steps, str, str]]:
    """(path, type, comment) of the flat columns of a type; a record inside itself is followed three times."""
    kind = named.get(kind, kind) if isinstance(kind, str) else kind
    if isinstance(kind, list):
        branches = [b for b in kind if b != "null"]
        for branch in branches:
            yield from _fields(branch, path, named, doc, depth)
        return
    what = kind["type"] if isinstance(kind, dict) else kind
    if isinstance(what, dict | list):
        yield from _fields(what, path, named, doc, depth)
    elif what in ("record", "error") and depth < 12:
        for f in kind["fields"]:
            yield from _fields(f["type"], (*path, f["name"]), named, f.get("doc") or "", depth + 1)
    elif what == "array":
        yield from _fields(kind["items"], _marked(path) if _compound(kind["items"], named) else path, named, doc, depth + 1)
    elif what == "map":
        yield (*_marked(path), "key"), "string", doc
        yield from _fields(kind["values"], (*_marked(path), "value"), named, doc, depth + 1)
    elif what not in ("record", "error"):
        yield path, str(kind.get("logicalType", what) if isinstance(kind, dict) else what), doc


def _marked(path: nested.Steps) -> nested.Steps:
    return (*path[:-1], path[-1].removesuffix("[]") + "[]")


def _compound(kind: Any, named: Mapping[str, Any]) -> bool:
    """Does a record or a map stand in it?"""
    kind = named.get(kind, kind) if isinstance(kind, str) else kind
    if isinstance(kind, list):
        return any(_compound(b, named) for b in kind)
    what = kind["type"] if isinstance(kind, dict) else kind
    return what in ("record", "error", "map") or (what == "array" and _compound(kind["items"], named))


def _plain(value: Any, kind: Any, named: Mapping[str, Any]) -> Any:
    """A value with its maps as lists of entries, so that they are not taken for records."""
    kind = named.get(kind, kind) if isinstance(kind, str) else kind
    if isinstance(kind, list):
        fits = [b for b in kind if _fits(value, b, named)]
        return _plain(value, fits[0], named) if fits else value
    if not isinstance(kind, dict) or value is None:
        return value
    what = kind["type"]
    if isinstance(what, dict | list):
        return _plain(value, what, named)
    if what in ("record", "error") and isinstance(value, dict):
        return {f["name"]: _plain(value.get(f["name"]), f["type"], named) for f in kind["fields"]}
    if what == "array" and isinstance(value, list):
        return [_plain(v, kind["items"], named) for v in value]
    if what == "map" and isinstance(value, dict):
        return [{"key": k, "value": _plain(v, kind["values"], named)} for k, v in value.items()]
    return value


def _fits(value: Any, kind: Any, named: Mapping[str, Any]) -> bool:
    kind = named.get(kind, kind) if isinstance(kind, str) else kind
    what = kind["type"] if isinstance(kind, dict) else kind
    if isinstance(value, dict):
        return what == "map" or (what in ("record", "error") and set(value) <= {f["name"] for f in kind["fields"]})
    return isinstance(value, list) == (what == "array") and what not in ("null", "record", "error", "map")


def stream(place: Place, ref: TableRef, wanted: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Rows as text."""
    with _reader(place) as reader:
        schema = reader.writer_schema
        named = _named(schema)
        while block := list(islice(reader, BATCH)):
            yield nested.batch_of([nested.record(_plain(r, schema, named)) for r in block], wanted)
