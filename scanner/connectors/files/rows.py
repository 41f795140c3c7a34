"""Rows of record batches: chosen columns, single rows, one type for a column that changed between files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from scanner.connectors.protocol import BATCH_BYTES, CELL


def select_columns(
    batch: pa.RecordBatch, columns: Sequence[str], partition: Mapping[str, Any] | None = None,
) -> pa.RecordBatch:
    """Return these columns, in this order; long cells are cut to CELL characters.

    A column the batch lacks is filled with its partition value, else with null.
    """
    arrays = [_cut_cells(_column(batch, name, partition or {})) for name in columns]
    return pa.RecordBatch.from_arrays(arrays, names=list(columns)) if arrays else batch.select([])


def _column(batch: pa.RecordBatch, name: str, partition: Mapping[str, Any]) -> pa.Array:
    i = batch.schema.get_field_index(name)
    if i >= 0:
        return batch.column(i)
    if partition.get(name) is not None:
        return pa.array([str(partition[name])] * batch.num_rows, pa.string())
    return pa.nulls(batch.num_rows, pa.string())


def _cut_cells(column: pa.Array) -> pa.Array:
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    if (pc.max(pc.binary_length(column)).as_py() or 0) > CELL:
        column = pc.utf8_slice_codeunits(column, 0, CELL)
    return column.cast(pa.string())


def cut_batch(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Yield the batch in pieces of about BATCH_BYTES."""
    step = max(1, int(batch.num_rows * BATCH_BYTES / max(batch.nbytes, 1)))
    for start in range(0, batch.num_rows, step):
        yield batch.slice(start, step)


def gather_rows(rows: Sequence[tuple[pa.RecordBatch, int]]) -> list[pa.RecordBatch]:
    """Return single rows of batches, each given by its number, as batches again."""
    by_batch: dict[int, tuple[pa.RecordBatch, list[int]]] = {}
    for batch, number in rows:
        by_batch.setdefault(id(batch), (batch, []))[1].append(number)
    return [batch.take(pa.array(sorted(numbers))) for batch, numbers in by_batch.values()]


def unify_types(batches: Sequence[pa.RecordBatch]) -> list[pa.RecordBatch]:
    """Return batches of the same columns with the same types: the wider number, else text."""
    if len({b.schema for b in batches}) < 2:
        return list(batches)
    kinds = [_common_type([b.schema.field(i).type for b in batches]) for i in range(batches[0].num_columns)]
    names = batches[0].schema.names
    return [
        pa.RecordBatch.from_arrays([_cast(c, k) for c, k in zip(b.columns, kinds, strict=True)], names=names)
        for b in batches
    ]


def _common_type(kinds: Sequence[pa.DataType]) -> pa.DataType:
    if len(set(kinds)) == 1:
        return kinds[0]
    try:
        schemas = [pa.schema([pa.field("x", kind)]) for kind in dict.fromkeys(kinds)]
        return pa.unify_schemas(schemas, promote_options="permissive").field("x").type
    except pa.ArrowException:
        return pa.string()


def _cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if column.type == kind:
        return column
    try:
        return column.cast(kind)
    except pa.ArrowException:
        texts = [None if v is None else str(v) for v in column.to_pylist()]
        return pa.array(texts, pa.string()).cast(kind)
