"""Rows of record batches: chosen columns, chosen rows, one type for a column that changed between files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from detectors.errors import SourceError
from detectors.message import Msg
from scanner.connectors.protocol import BATCH_BYTES, CELL, Where

_NUMBER = r"^\s*[-+]?[0-9]{1,300}(\.[0-9]*)?\s*$"


def select(batch: pa.RecordBatch, columns: Sequence[str], fixed: Mapping[str, Any] | None = None) -> pa.RecordBatch:
    """These columns, in this order; one that is not there is its partition value, else null. Long cells are cut to CELL characters."""
    arrays = []
    for name in columns:
        i = batch.schema.get_field_index(name)
        if i >= 0:
            column = batch.column(i)
        elif fixed and fixed.get(name) is not None:
            column = pa.array([str(fixed[name])] * batch.num_rows, pa.string())
        else:
            column = pa.nulls(batch.num_rows, pa.string())
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            if (pc.max(pc.binary_length(column)).as_py() or 0) > CELL:
                column = pc.utf8_slice_codeunits(column, 0, CELL)
            column = column.cast(pa.string())
        arrays.append(column)
    return pa.RecordBatch.from_arrays(arrays, names=list(columns)) if arrays else batch.select([])


def cut(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The batch in pieces of about BATCH_BYTES."""
    step = max(1, int(batch.num_rows * BATCH_BYTES / max(batch.nbytes, 1)))
    for start in range(0, batch.num_rows, step):
        yield batch.slice(start, step)


def gather(kept: Sequence[tuple[pa.RecordBatch, int]]) -> list[pa.RecordBatch]:
    """Single rows of batches, as batches again."""
    by: dict[int, tuple[pa.RecordBatch, list[int]]] = {}
    for batch, i in kept:
        by.setdefault(id(batch), (batch, []))[1].append(i)
    return [batch.take(pa.array(sorted(rows))) for batch, rows in by.values()]


def alike(batches: Sequence[pa.RecordBatch]) -> list[pa.RecordBatch]:
    """Batches of the same columns with the same types: the wider number, else text."""
    if len({b.schema for b in batches}) < 2:
        return list(batches)
    kinds = [_common([b.schema.field(i).type for b in batches]) for i in range(batches[0].num_columns)]
    names = batches[0].schema.names
    return [pa.RecordBatch.from_arrays([_cast(c, k) for c, k in zip(b.columns, kinds, strict=True)], names=names) for b in batches]


def _common(kinds: Sequence[pa.DataType]) -> pa.DataType:
    if len(set(kinds)) == 1:
        return kinds[0]
    try:
        schemas = [pa.schema([pa.field("x", k)]) for k in dict.fromkeys(kinds)]
        return pa.unify_schemas(schemas, promote_options="permissive").field("x").type
    except pa.ArrowException:
        return pa.string()


def _cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if column.type == kind:
        return column
    try:
        return column.cast(kind)
    except pa.ArrowException:
        return pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string()).cast(kind)


_TESTS = {"eq": pc.equal, "ne": pc.not_equal, "lt": pc.less, "le": pc.less_equal, "gt": pc.greater, "ge": pc.greater_equal}


def mask(batch: pa.RecordBatch, where: Where) -> pa.Array:
    """Rows that pass every test; a null passes none but is_null. SourceError where a test does not suit a column's type.

    A number orders a column of text by the numbers in it, so that 9 is less than 18.
    """
    keep = pa.array([True] * batch.num_rows)
    for name, tests in where.items():
        column = batch.column(batch.schema.get_field_index(name))
        for test, value in tests.items():
            try:
                keep = pc.and_(keep, pc.fill_null(_hits(column, test, value), False))
            except (pa.ArrowException, TypeError, ValueError):
                raise SourceError(
                    Msg('"where" cannot test {what} on a column of type {kind}', what=test, kind=column.type),
                    where=name,
                    hint=Msg("write the value as the column holds it"),
                ) from None
    return keep


def _hits(column: pa.Array, test: str, value: Any) -> pa.Array:
    if test == "is_null":
        return pc.is_null(column) if value else pc.is_valid(column)
    if test == "in":
        return pc.is_in(column, value_set=pa.array([_as(v, column.type) for v in value], column.type))
    if test not in ("eq", "ne") and pa.types.is_string(column.type) and isinstance(value, int | float) and not isinstance(value, bool):
        column = pc.if_else(pc.match_substring_regex(column, _NUMBER), pc.utf8_trim_whitespace(column), pa.scalar(None, pa.string()))
        return _TESTS[test](column.cast(pa.float64()), pa.scalar(float(value)))
    return _TESTS[test](column, pa.scalar(_as(value, column.type), column.type))


def _as(value: Any, kind: pa.DataType) -> Any:
    if pa.types.is_string(kind):
        return str(value)
    if isinstance(value, str) and (pa.types.is_temporal(kind) or pa.types.is_decimal(kind)):
        return pa.scalar(re.sub(r"^(\d{4}-\d\d-\d\d)$", r"\1" if pa.types.is_date(kind) else r"\1 00:00:00", value)).cast(kind).as_py()
    if isinstance(value, date) and pa.types.is_timestamp(kind):
        return pa.scalar(value).cast(kind).as_py()
    return value


def passes(fixed: Mapping[str, Any], where: Where) -> bool:
    """May a file with these partition values hold rows that pass?"""
    tests = {k: t for k, t in where.items() if k in fixed}
    if not tests:
        return True
    values = [pa.array([v], pa.string() if v is None else None)
              for v in (fixed[k] for k in tests)]
    return bool(mask(pa.RecordBatch.from_arrays(values, names=list(tests)), tests)[0].as_py())
