"""Rows of record batches: chosen columns, single rows, one type for a column that changed between files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from scanner.connectors.account import Account, column
from scanner.connectors.byte_text import NO_TEXT
from scanner.connectors.protocol import BATCH_BYTES, CELL


def select_columns(
    batch: pa.RecordBatch, columns: Sequence[str], partition: Mapping[str, Any] | None = None,
    account: Account | None = None,
) -> pa.RecordBatch:
    """Return these columns, in this order; long cells are cut to CELL characters, which is noted.

    A column the batch lacks is filled with its partition value, else with null.
    """
    arrays = [_cut_cells(_column(batch, name, partition or {}), name, account) for name in columns]
    return pa.RecordBatch.from_arrays(arrays, names=list(columns)) if arrays else batch.select([])


def _column(batch: pa.RecordBatch, name: str, partition: Mapping[str, Any]) -> pa.Array:
    i = batch.schema.get_field_index(name)
    if i >= 0:
        return batch.column(i)
    if partition.get(name) is not None:
        return pa.array([str(partition[name])] * batch.num_rows, pa.string())
    return pa.nulls(batch.num_rows, pa.string())


def _cut_cells(array: pa.Array, name: str, account: Account | None) -> pa.Array:
    if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        return array
    if (pc.max(pc.binary_length(array)).as_py() or 0) > CELL:
        if account is not None:
            long = pc.sum(pc.greater(pc.utf8_length(array), CELL)).as_py()
            account.lose("long_cells", long or 0, column(name))
        array = pc.utf8_slice_codeunits(array, 0, CELL)
    return array.cast(pa.string())


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
    names = batches[0].schema.names
    columns = [_unify([batch.column(i) for batch in batches]) for i in range(len(names))]
    return [pa.RecordBatch.from_arrays(list(arrays), names=names) for arrays in zip(*columns, strict=True)]


def _unify(arrays: Sequence[pa.Array]) -> list[pa.Array]:
    """Return arrays of one type: the wider number where it holds every value as it is, else text."""
    kind = _common_type([array.type for array in arrays])
    try:
        return [array.cast(kind) for array in arrays]
    except pa.ArrowException:
        return [_as_text(array) for array in arrays]


def _common_type(kinds: Sequence[pa.DataType]) -> pa.DataType:
    if len(set(kinds)) == 1:
        return kinds[0]
    if any(map(pa.types.is_string, kinds)):   # not bytes, in which nothing would be looked for
        return pa.string()
    try:
        schemas = [pa.schema([pa.field("x", kind)]) for kind in dict.fromkeys(kinds)]
        return pa.unify_schemas(schemas, promote_options="permissive").field("x").type
    except pa.ArrowException:
        return pa.string()


def _as_text(array: pa.Array) -> pa.Array:
    try:
        return array.cast(pa.string())
    except pa.ArrowException:
        texts = [None if value is None else NO_TEXT if isinstance(value, bytes) else str(value)
                 for value in array.to_pylist()]
        return pa.array(texts, pa.string())
