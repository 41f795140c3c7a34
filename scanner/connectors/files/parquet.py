"""Parquet files; structs, lists and maps become dotted columns, see `nested`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import pyarrow as pa
import pyarrow.parquet as pq

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import Rows, TableInfo, TableRef
from scanner.connectors.files import nested
from scanner.connectors.files.groups import RowGroup
from scanner.connectors.files.places import Place, told

SERVES = ("parquet", "pq", "parq")
BATCH = 65_536


def opened(place: Place) -> pq.ParquetFile:
    """The file with its footer read; SourceError when it is not whole."""
    try:
        return pq.ParquetFile(place.source(), metadata=_footer(place, place.stamp) if place.far else None, pre_buffer=place.far)
    except FileNotFoundError:
        raise SourceError(
            Msg("the file is gone"), where=place.where, hint=Msg("was it moved while scanning?")
        ) from None
    except (pa.ArrowException, OSError, UnicodeDecodeError) as e:
        what, hint = told(e)
        if what.startswith(Msg("cannot be read")):
            what, hint = Msg("not a complete Parquet file"), Msg("it may be truncated; write it again")
        raise SourceError(what, where=place.where, hint=hint) from None


@lru_cache(maxsize=4)
def _footer(place: Place, stamp: str) -> pq.FileMetaData:
    """The footer of a file far away, kept while its row groups are read one by one."""
    return pq.read_metadata(place.source())


def describe(place: Place, name: str) -> Iterator[TableInfo]:
    """One table; the row count comes from the footer."""
    with opened(place) as file:
        rows = file.metadata.num_rows
        yield TableInfo(TableRef(name), nested.columns(file.schema_arrow), kind="file", rows=Rows(rows, rows, "exact"), bytes=place.size)


def groups(place: Place, ref: TableRef) -> list[RowGroup]:
    """Row groups, from the footer."""
    with opened(place) as file:
        counts = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    return [RowGroup(place, n, lambda wanted, i=i: _read(place, [i], wanted)) for i, n in enumerate(counts)]   # type: ignore[misc]


def stream(place: Place, ref: TableRef, wanted: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """All rows, 64k at a time. wanted: only these columns are needed."""
    yield from _read(place, None, wanted)


def _read(place: Place, numbers: Sequence[int] | None, wanted: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
    with opened(place) as file:
        schema = file.schema_arrow
        found = nested.leaves(schema)
        called = nested.names(leaf.path for leaf in found)
        needed = None if wanted is None else projection(schema, [leaf for leaf in found if called[leaf.path] in wanted])
        for batch in file.iter_batches(BATCH, row_groups=numbers, columns=needed, use_threads=False):
            yield nested.flat(batch, called)


def projection(schema: pa.Schema, kept: Sequence[nested.Leaf]) -> list[str] | None:
    """Names the reader takes for these leaves; None (all of them) where names are not unique. At least one, so that rows are counted."""
    if len(set(schema.names)) < len(schema.names) or not schema.names:
        return None
    if not kept:
        return [schema.names[0]]
    return list(dict.fromkeys(".".join(leaf.path) if not leaf.listed and "." not in "".join(leaf.path) else _top(leaf) for leaf in kept))


def _top(leaf: nested.Leaf) -> str:
    return leaf.path[0].removesuffix("[]")
