"""Feather and Arrow IPC files, batch by batch; nested columns as everywhere, see `nested`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import Rows, TableInfo, TableRef
from scanner.connectors.files import nested
from scanner.connectors.files.groups import RowGroup
from scanner.connectors.files.places import Place, told

SERVES = ("feather", "arrow", "ipc", "arrows", "fea")


def _opened(place: Place, only: int | None = None) -> Any:
    """A reader of the file, or of a stream. only: number of the one field that is read."""
    options = pa.ipc.IpcReadOptions(included_fields=None if only is None else [only], use_threads=False)
    try:
        source = pa.memory_map(place.path) if place.system is None and isinstance(place.source(), str) else place.open()
        try:
            return pa.ipc.open_file(source, options=options)
        except pa.ArrowInvalid:
            source.seek(0)
            return pa.ipc.open_stream(source, options=options)
    except FileNotFoundError:
        raise SourceError(
            Msg("the file is gone"), where=place.where, hint=Msg("was it moved while scanning?")
        ) from None
    except (pa.ArrowException, OSError) as e:
        what, hint = told(e)
        if what.startswith(Msg("cannot be read")):
            what, hint = (
                Msg("not a complete Feather or Arrow file"),
                Msg("it may be truncated, or of Feather version 1; write it again"),
            )
        raise SourceError(what, where=place.where, hint=hint) from None


def _counts(place: Place, schema: pa.Schema) -> list[int] | None:
    """Rows of each batch, by reading the narrowest field; None for a stream, which has no index."""
    narrow = min(range(len(schema)), key=lambda i: _width(schema.field(i).type), default=None)
    file = _opened(place, narrow)
    if not hasattr(file, "num_record_batches"):
        return None
    return [file.get_batch(i).num_rows for i in range(file.num_record_batches)]


def _width(kind: pa.DataType) -> int:
    return int(kind.bit_width) if pa.types.is_primitive(kind) else 10_000


def describe(place: Place, name: str) -> Iterator[TableInfo]:
    """One table."""
    schema = _opened(place).schema
    counts = _counts(place, schema)
    rows = Rows(0, place.size, "statistics") if counts is None else Rows(sum(counts), sum(counts), "exact")
    yield TableInfo(TableRef(name), nested.columns(schema), kind="file", rows=rows, bytes=place.size)


def groups(place: Place, ref: TableRef) -> list[RowGroup]:
    """Batches; a stream is one group, read to learn its rows."""
    counts = _counts(place, _opened(place).schema)
    if counts is None:
        return [RowGroup(place, sum(b.num_rows for b in _opened(place)), lambda wanted: _read(place, None, wanted))]
    return [RowGroup(place, n, lambda wanted, i=i: _read(place, [i], wanted)) for i, n in enumerate(counts)]   # type: ignore[misc]


def stream(place: Place, ref: TableRef, wanted: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """All rows, a batch at a time."""
    yield from _read(place, None, wanted)


def _read(place: Place, numbers: Sequence[int] | None, wanted: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
    file = _opened(place)
    called = nested.names(leaf.path for leaf in nested.leaves(file.schema))
    if not hasattr(file, "num_record_batches"):
        yield from (nested.flat(b, called) for b in file)
        return
    for i in range(file.num_record_batches) if numbers is None else numbers:
        yield nested.flat(file.get_batch(i), called)
