"""Schemas and batches of Arrow with their structs, lists and maps as flat columns, see `nested`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.model import ColumnInfo
from scanner.connectors.files.nested import Steps, mark_list, names


@dataclass(frozen=True, slots=True)
class Leaf:
    """One flat column of a schema. path: elements of its name. in_list: whether a list stands above it."""

    path: Steps
    field: pa.Field
    in_list: bool


def leaves(schema: Iterable[pa.Field]) -> list[Leaf]:
    """Return the flat columns of a schema, in order. A name that stands twice gets a number."""
    flat_columns: list[Leaf] = []
    uses: dict[str, int] = {}
    for field in schema:
        uses[field.name] = uses.get(field.name, 0) + 1
        number = f"#{uses[field.name]}" if uses[field.name] > 1 else ""
        flat_columns += _leaves(field, (field.name + number,), False)
    return flat_columns


def _leaves(field: pa.Field, path: Steps, in_list: bool) -> Iterator[Leaf]:
    kind = field.type
    if pa.types.is_map(kind):
        for child in (kind.key_field.with_name("key"), kind.item_field.with_name("value")):
            yield from _leaves(child, (*mark_list(path), child.name), True)
    elif _is_list(kind) and _holds_fields(kind.value_type):
        yield from _leaves(field.with_type(kind.value_type), mark_list(path), True)
    elif pa.types.is_struct(kind):
        for i in range(kind.num_fields):
            yield from _leaves(kind.field(i), (*path, kind.field(i).name), in_list)
    else:
        yield Leaf(path, field, in_list)


def _is_list(kind: pa.DataType) -> bool:
    return (pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
            or pa.types.is_map(kind))


def _holds_fields(kind: pa.DataType) -> bool:
    """Return whether a struct or a map stands in it, however deep in lists."""
    while _is_list(kind) and not pa.types.is_map(kind):
        kind = kind.value_type
    return pa.types.is_struct(kind) or pa.types.is_map(kind)


def name_leaves(schema: Iterable[pa.Field]) -> dict[Steps, str]:
    """Return the dotted names of the flat columns of a schema."""
    return names(leaf.path for leaf in leaves(schema))


def describe_columns(schema: Iterable[pa.Field]) -> tuple[ColumnInfo, ...]:
    """Return the flat columns of a schema with their types and comments."""
    flat_columns = leaves(schema)
    name_of = names(leaf.path for leaf in flat_columns)
    return tuple(
        ColumnInfo(name_of[leaf.path], str(leaf.field.type).replace("large_", ""), _comment(leaf.field),
                   leaf.field.nullable, path=leaf.path)
        for leaf in flat_columns
    )


def _comment(field: pa.Field) -> str:
    """Return the comment that Spark, Delta (`comment`) or Iceberg (`doc`) put on a field."""
    metadata = field.metadata or {}
    return (metadata.get(b"comment") or metadata.get(b"doc") or b"").decode("utf-8", "replace")


def flatten(batch: pa.RecordBatch, name_of: Mapping[Steps, str] | None = None) -> pa.RecordBatch:
    """Return the batch with flat columns only. name_of: names of all the table's columns."""
    flat_columns = leaves(batch.schema)
    if all(len(leaf.path) == 1 and _is_unchanged_type(leaf.field.type) for leaf in flat_columns):
        return batch
    arrays = [a for i, field in enumerate(batch.schema) for a in _flat_arrays(batch.column(i), field.type)]
    if name_of is None:
        name_of = names(leaf.path for leaf in flat_columns)
    column_names = [name_of.get(leaf.path, ".".join(leaf.path)) for leaf in flat_columns]
    return pa.RecordBatch.from_arrays(arrays, names=column_names)


def _is_unchanged_type(kind: pa.DataType) -> bool:
    return not (_is_list(kind) or pa.types.is_dictionary(kind) or pa.types.is_string_view(kind)
                or pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _flat_arrays(array: pa.Array, kind: pa.DataType) -> Iterator[pa.Array]:
    """Yield the arrays of the leaves of one column, in the order of `leaves`."""
    if pa.types.is_struct(kind):
        for i, child in enumerate(array.flatten()):
            yield from _flat_arrays(child, kind.field(i).type)
    elif _is_list(kind):
        yield from _join_elements(array, kind)
    else:
        yield _plain_array(array)


def _join_elements(array: pa.Array, kind: pa.DataType) -> Iterator[pa.Array]:
    """Yield the leaves below a list, one cell for each list: its values on lines."""
    rows = len(array)
    row_of_value = np.arange(rows)
    while _is_list(kind):
        array = _map_entries(array) if pa.types.is_map(kind) else array.cast(pa.large_list(kind.value_type))
        row_of_value = row_of_value[np.asarray(pc.list_parent_indices(array))]
        array = pc.list_flatten(array)
        kind = array.type
    for leaf in _flat_arrays(array, kind):
        yield _join_lines(leaf, row_of_value, rows)


def _map_entries(array: pa.Array) -> pa.Array:
    """Return a map as the list of its entries; list functions of Arrow end the process on a map."""
    key, value = array.type.key_field, array.type.item_field
    entry = pa.struct([key.with_name("key").with_nullable(True), value.with_name("value")])
    return array.cast(pa.list_(entry))


def _join_lines(values: pa.Array, row_of_value: np.ndarray, rows: int) -> pa.Array:
    """Return the values of each row joined by line feeds; null where a row has none.

    row_of_value: ascending, shape (len(values),).
    """
    text = _as_text(values)
    is_filled = np.asarray(pc.and_(pc.is_valid(text), pc.fill_null(pc.not_equal(text, ""), False)))
    counts = np.bincount(row_of_value[is_filled], minlength=rows)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype("int64")
    lists = pa.LargeListArray.from_arrays(pa.array(offsets), text.filter(pa.array(is_filled)))
    joined = pc.binary_join(lists, "\n")
    return pc.if_else(pa.array(counts == 0), pa.scalar(None, joined.type), joined).cast(pa.string())


def _as_text(values: pa.Array) -> pa.Array:
    kind = values.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return values
    if (pa.types.is_null(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
            or pa.types.is_fixed_size_binary(kind)):
        return pa.nulls(len(values), pa.string())
    try:
        return values.cast(pa.string())
    except pa.ArrowException:
        return pa.array([None if v is None else str(v) for v in values.to_pylist()], pa.string())


def _plain_array(array: pa.Array) -> pa.Array:
    """Return dictionaries, views and bytes that are UTF-8 text as plain columns."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _plain_array(array.dictionary_decode())
    if pa.types.is_string_view(kind):
        return array.cast(pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        try:
            return array.cast(pa.string())
        except pa.ArrowException:             # photographs, ciphertext
            return array
    return array
