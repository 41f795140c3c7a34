"""The conditions of `where:` on record batches, and on the partition values of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from detectors.errors import SourceError
from detectors.message import Msg
from scanner.connectors.protocol import Where

_NUMBER_PATTERN = r"^\s*[-+]?[0-9]{1,300}(\.[0-9]*)?\s*$"
_COMPARISONS = {
    "eq": pc.equal, "ne": pc.not_equal,
    "lt": pc.less, "le": pc.less_equal, "gt": pc.greater, "ge": pc.greater_equal,
}


def mask(batch: pa.RecordBatch, where: Where) -> pa.Array:
    """Return which rows pass every condition, as booleans; a null passes none but is_null.

    A number orders a column of text by the numbers in it, so that 9 is less than 18.
    Raise SourceError where a condition does not suit a column's type.
    """
    passing = pa.array([True] * batch.num_rows)
    for name, conditions in where.items():
        column = batch.column(batch.schema.get_field_index(name))
        for comparison, value in conditions.items():
            try:
                passing = pc.and_(passing, pc.fill_null(_compare(column, comparison, value), False))
            except (pa.ArrowException, TypeError, ValueError):
                what = Msg('"where" cannot test {what} on a column of type {kind}',
                           what=comparison, kind=column.type)
                raise SourceError(what, where=name,
                                  hint=Msg("write the value as the column holds it")) from None
    return passing


def may_pass(partition: Mapping[str, Any], where: Where) -> bool:
    """Return whether a file with these partition values may hold rows that pass."""
    conditions = {column: tests for column, tests in where.items() if column in partition}
    if not conditions:
        return True
    values = [partition[column] for column in conditions]
    arrays = [pa.array([value], pa.string() if value is None else None) for value in values]
    row = pa.RecordBatch.from_arrays(arrays, names=list(conditions))
    return bool(mask(row, conditions)[0].as_py())


def _compare(column: pa.Array, comparison: str, value: Any) -> pa.Array:
    if comparison == "is_null":
        return pc.is_null(column) if value else pc.is_valid(column)
    if comparison == "in":
        return pc.is_in(column, value_set=pa.array([_as_type(v, column.type) for v in value], column.type))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and comparison not in ("eq", "ne") and pa.types.is_string(column.type):
        null = pa.scalar(None, pa.string())
        is_numeric = pc.match_substring_regex(column, _NUMBER_PATTERN)
        numbers = pc.if_else(is_numeric, pc.utf8_trim_whitespace(column), null)
        return _COMPARISONS[comparison](numbers.cast(pa.float64()), pa.scalar(float(value)))
    return _COMPARISONS[comparison](column, pa.scalar(_as_type(value, column.type), column.type))


def _as_type(value: Any, kind: pa.DataType) -> Any:
    """Return a value of the configuration as a column of this type holds it."""
    if pa.types.is_string(kind):
        return str(value)
    if isinstance(value, str) and (pa.types.is_temporal(kind) or pa.types.is_decimal(kind)):
        midnight = "" if pa.types.is_date(kind) else " 00:00:00"
        return pa.scalar(re.sub(r"^(\d{4}-\d\d-\d\d)$", rf"\1{midnight}", value)).cast(kind).as_py()
    if isinstance(value, date) and pa.types.is_timestamp(kind):
        return pa.scalar(value).cast(kind).as_py()
    return value
