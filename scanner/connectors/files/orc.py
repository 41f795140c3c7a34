"""ORC files, stripe by stripe; nested columns as everywhere, see `nested`."""

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

SERVES = ("orc",)


def _opened(place: Place) -> Any:
    from pyarrow import orc

    try:
        return orc.ORCFile(place.source())
    except FileNotFoundError:
        raise SourceError(
            Msg("the file is gone"), where=place.where, hint=Msg("was it moved while scanning?")
        ) from None
    except (pa.ArrowException, OSError) as e:
        what, hint = told(e)
        if what.startswith(Msg("cannot be read")):
            what, hint = Msg("not a complete ORC file"), Msg("it may be truncated; write it again")
        raise SourceError(what, where=place.where, hint=hint) from None


def describe(place: Place, name: str) -> Iterator[TableInfo]:
    """One table; the row count comes from the footer."""
    file = _opened(place)
    yield TableInfo(TableRef(name), nested.columns(file.schema), kind="file", rows=Rows(file.nrows, file.nrows, "exact"), bytes=place.size)


def groups(place: Place, ref: TableRef) -> list[RowGroup]:
    """Stripes. pyarrow tells their rows only by reading: the narrowest column of each is read."""
    file = _opened(place)
    if file.nstripes == 1:
        counts = [file.nrows]
    else:
        first = _narrow(file.schema)
        counts = [file.read_stripe(i, columns=first).num_rows for i in range(file.nstripes)]
    return [RowGroup(place, n, lambda wanted, i=i: _read(place, [i], wanted)) for i, n in enumerate(counts)]   # type: ignore[misc]


def _narrow(schema: pa.Schema) -> list[str]:
    """The column that costs least to read."""
    return [min(schema, key=lambda f: f.type.bit_width if pa.types.is_primitive(f.type) else 10_000).name]


def stream(place: Place, ref: TableRef, wanted: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """All rows, a stripe at a time."""
    yield from _read(place, None, wanted)


def _read(place: Place, numbers: Sequence[int] | None, wanted: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
    file = _opened(place)
    found = nested.leaves(file.schema)
    called = nested.names(leaf.path for leaf in found)
    needed = None
    if wanted is not None and len(set(file.schema.names)) == len(file.schema.names):
        tops = dict.fromkeys(leaf.path[0].removesuffix("[]") for leaf in found if called[leaf.path] in wanted)
        needed = (list(tops) or _narrow(file.schema)) if not any("." in n for n in tops) else None
    for i in range(file.nstripes) if numbers is None else numbers:
        yield nested.flat(file.read_stripe(i, columns=needed), called)
