"""Arrays of Arrow's rarer types as plain ones: extensions, dictionaries, runs, views, unions, intervals.

What comes out is numbers, booleans, dates and times that Python can hold, text, or bytes that are no text.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.message import Text
from scanner.connectors.account import Account
from scanner.connectors.byte_text import text_array

_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_FIRST = (datetime(1, 1, 1) - datetime(1970, 1, 1)).days         # days that Python can hold
_LAST = (date.max - date(1970, 1, 1)).days
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
_DASHES = (8, 13, 18, 23)                     # places of them in a UUID of 36 characters


def plain_type(kind: pa.DataType) -> pa.DataType:
    """Return the type of what is in an extension, a dictionary or a view; a UUID stays one."""
    while True:
        if is_uuid(kind):
            return kind
        if isinstance(kind, pa.BaseExtensionType):
            kind = kind.storage_type
        elif pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
            kind = kind.value_type
        elif pa.types.is_list_view(kind) or pa.types.is_large_list_view(kind):
            return pa.large_list(kind.value_field)
        else:
            return kind


def plain_array(array: pa.Array) -> pa.Array:
    """Return the values themselves; their type is `plain_type`."""
    while array.type != (kind := plain_type(array.type)):
        if isinstance(array.type, pa.BaseExtensionType):
            array = array.storage
        elif pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        elif pa.types.is_run_end_encoded(array.type):
            array = pc.run_end_decode(array)
        else:
            return _list_of_view(array, kind)
    return array


def _list_of_view(array: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return a view of lists as lists; Arrow's own cast of views gives arrays that are not valid."""
    lengths = pc.fill_null(pc.list_value_length(array), 0)
    offsets = np.concatenate([[0], np.cumsum(np.asarray(lengths))]).astype("int64")
    mask = pc.is_null(array) if array.null_count else None
    return pa.LargeListArray.from_arrays(pa.array(offsets), pc.list_flatten(array), type=kind, mask=mask)


def is_uuid(kind: pa.DataType) -> bool:
    return isinstance(kind, pa.BaseExtensionType) and getattr(kind, "extension_name", "") == "arrow.uuid"


def is_union_of_values(kind: pa.DataType) -> bool:
    """Return whether it is a union of single values, which are one column."""
    return pa.types.is_union(kind) and not any(
        pa.types.is_nested(plain_type(kind.field(i).type)) for i in range(kind.num_fields))


def union_branches(array: pa.Array) -> Iterator[pa.Array]:
    """Yield the values of each branch of a union, null where a row is of another branch."""
    rows = slice(array.offset, array.offset + len(array))        # Arrow's own type_codes know no offset
    codes = np.frombuffer(array.buffers()[1], np.int8)[rows]
    is_dense = array.type.mode == "dense"
    places = np.frombuffer(array.buffers()[2], np.int32)[rows] if is_dense else np.arange(len(array))
    for i, code in enumerate(array.type.type_codes):
        yield plain_array(array.field(i)).take(pa.array(places, mask=codes != code))


def leaf_array(array: pa.Array, account: Account, place: Text) -> pa.Array:
    """Return values that are no lists and no structs in a common type. place: where losses are."""
    array = plain_array(array)
    kind = array.type
    if pa.types.is_union(kind):
        branches = [text_of_values(leaf_array(branch, account, place)) for branch in union_branches(array)]
        return pc.coalesce(*branches)
    if is_uuid(kind):
        return _uuid_text(array.storage)
    if pa.types.is_string_view(kind):
        return array.cast(pa.string())
    if _is_binary(kind):
        return text_array(array.cast(pa.binary()) if pa.types.is_binary_view(kind) else array, account, place)
    if pa.types.is_temporal(kind):
        return _time_array(array)
    if pa.types.is_decimal(kind) and (not pa.types.is_decimal128(kind) or kind.scale < 0):
        return pa.array([_cell(value) for value in array], pa.string())
    return array.cast(pa.float32()) if pa.types.is_float16(kind) else array


def _is_binary(kind: pa.DataType) -> bool:
    return (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
            or pa.types.is_fixed_size_binary(kind) or pa.types.is_binary_view(kind))


def _time_array(array: pa.Array) -> pa.Array:
    """Return dates and times as they are where Python can hold them, else as text."""
    kind = array.type
    if pa.types.is_duration(kind):
        return array.cast(pa.int64())
    if pa.types.is_interval(kind):
        return pa.array([_cell(value) for value in array], pa.string())
    if pa.types.is_timestamp(kind) and kind.tz and not _zone_exists(kind):
        array = array.cast(pa.timestamp(kind.unit))
    return array if _fits_python(array) else array.cast(pa.string())


def _zone_exists(kind: pa.DataType) -> bool:
    try:
        pa.array([0], kind).cast(pa.string())
        pa.scalar(0, kind).as_py()
    except (pa.ArrowException, LookupError, ValueError, OSError):
        return False
    return True


def _fits_python(array: pa.Array) -> bool:
    """Return whether no date or moment lies before year 1 or after year 9999, by a day."""
    kind = array.type
    a_day = {pa.date32(): 1, pa.date64(): 86_400_000}.get(kind)
    if pa.types.is_timestamp(kind):
        a_day = 86_400 * _UNITS[kind.unit]
    if a_day is None:
        return True
    numbers = array.cast(pa.int32() if kind == pa.date32() else pa.int64())
    ends = pc.min_max(numbers).as_py()
    return ends["min"] is None or (_FIRST + 1) * a_day <= ends["min"] and ends["max"] < _LAST * a_day


def _uuid_text(storage: pa.Array) -> pa.Array:
    """Return 16 bytes a cell as the 36 characters of a UUID."""
    filled = pc.fill_null(storage, bytes(16))
    data = np.frombuffer(filled.buffers()[1], np.uint8, len(filled) * 16, filled.offset * 16).reshape(-1, 16)
    digits = np.stack([_HEX[data >> 4], _HEX[data & 15]], axis=2).reshape(-1, 32)
    text = np.full((len(filled), 36), ord("-"), np.uint8)
    text[:, [i for i in range(36) if i not in _DASHES]] = digits
    plain = pa.Array.from_buffers(pa.binary(36), len(filled), [None, pa.py_buffer(text.tobytes())])
    uuids = plain.cast(pa.binary()).cast(pa.string())
    return pc.if_else(storage.is_valid(), uuids, pa.scalar(None, pa.string()))


def text_of_values(values: pa.Array) -> pa.Array:
    """Return single values as text; null for bytes that are no text."""
    kind = values.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return values
    if pa.types.is_null(kind) or _is_binary(kind):
        return pa.nulls(len(values), pa.string())
    try:
        return values.cast(pa.string())
    except pa.ArrowException:
        return pa.array([_cell(value) for value in values], pa.string())


def _cell(scalar: pa.Scalar) -> str | None:
    value: Any = scalar.as_py()
    if value is None:
        return None
    return format(value, "f") if isinstance(value, Decimal) else str(value)
