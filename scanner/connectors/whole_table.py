"""The one table that members of a series make: its description, and batches of rows that fit together."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from detectors.model import Rows, TableInfo, TableRef
from scanner.connectors.byte_text import NO_TEXT

_FIELD, _RECORD = "\x1e", "\x1f"              # separators that stand in no name


def columns_key(info: TableInfo) -> str:
    """Return a text that is equal where columns are equal in name and type, in whatever order they stand."""
    return _digest(sorted(f"{c.name}{_FIELD}{c.type.lower()}" for c in info.columns))


def _digest(records: Sequence[str]) -> str:
    return hashlib.sha256(_RECORD.join(records).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def whole_table(ref: TableRef, members: Sequence[TableInfo]) -> TableInfo:
    """Return the one table that members make.

    What cannot be added up is the last member's, the newest of a dated series.
    """
    last = members[-1]
    fingerprints = [f"{m.ref.name}{_FIELD}{m.fingerprint}" for m in members]
    return replace(
        last, ref=ref, rows=_rows_of(members), members=tuple(m.ref for m in members),
        comment=last.comment or next((m.comment for m in members if m.comment), ""),
        bytes=_sum_or_none([m.bytes for m in members]),
        partitions=_sum_or_none([m.partitions for m in members]),
        fingerprint=_digest(fingerprints) if all(m.fingerprint for m in members) else "",
        accessed=max(m.accessed for m in members),
    )


def _rows_of(members: Sequence[TableInfo]) -> Rows:
    low, high = sum(m.rows.low for m in members), _sum_or_none([m.rows.high for m in members])
    methods = {m.rows.method for m in members}
    if len(methods) == 1:
        return Rows(low, high, methods.pop())
    return Rows(low, high, "unknown" if "unknown" in methods else "statistics")


def _sum_or_none(numbers: Sequence[int | None]) -> int | None:
    """Return the sum; None where one of the numbers is unknown."""
    return None if None in numbers else sum(n or 0 for n in numbers)


def unify_batches(batches: Sequence[pa.RecordBatch]) -> list[pa.RecordBatch]:
    """Return batches whose columns have one type each: text where members differ.

    One shard's numbers may be another's blanks.
    """
    if not batches:
        return []
    types = [_one_type({b.schema.field(i).type for b in batches}) for i in range(batches[0].num_columns)]
    unified = []
    for batch in batches:
        columns = [_cast(column, kind) for column, kind in zip(batch.columns, types, strict=True)]
        unified.append(pa.RecordBatch.from_arrays(columns, names=batch.schema.names))
    return unified


def _one_type(types: set[pa.DataType]) -> pa.DataType:
    filled = types - {pa.null()}
    return next(iter(filled), pa.null()) if len(filled) <= 1 else pa.string()


def _cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if column.type == kind:
        return column
    try:
        return column.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):       # bytes that are no text
        return pc.if_else(column.is_valid(), NO_TEXT, pa.scalar(None, pa.string())).cast(kind)
