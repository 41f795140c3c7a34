"""Schemas and batches of Arrow with their structs, lists and maps as flat columns, see `nested`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.model import ColumnInfo
from scanner.connectors.account import Account, column
from scanner.connectors.files.arrow_plain import (
    is_union_of_values,
    is_uuid,
    leaf_array,
    plain_array,
    plain_type,
    text_of_values,
    union_branches,
)
from scanner.connectors.files.nested import Steps, mark_list, names, shown_path


@dataclass(frozen=True, slots=True)
class Leaf:
    """One flat column of a schema. path: elements of its name. in_list: whether a list stands above it."""

    path: Steps
    field: pa.Field
    in_list: bool


def leaves(schema: Iterable[pa.Field]) -> list[Leaf]:
    """Return the flat columns of a schema, in order. A name that stands twice gets a number."""
    fields = list(schema)
    steps = _numbered([field.name for field in fields])
    named = zip(fields, steps, strict=True)
    return [leaf for field, step in named for leaf in _leaves(field, (step,), False)]


def _numbered(names_of_fields: Sequence[str]) -> list[str]:
    """Return names, each once.

    >>> _numbered(["v", "v_2", "v"])
    ['v', 'v_2', 'v_3']
    """
    used: set[str] = set()
    unique = []
    for name in names_of_fields:
        step, number = name, 1
        while step in used or number > 1 and step in names_of_fields:
            number += 1
            step = f"{name}_{number}"
        used.add(step)
        unique.append(step)
    return unique


def _leaves(field: pa.Field, path: Steps, in_list: bool) -> Iterator[Leaf]:
    kind = plain_type(field.type)
    if pa.types.is_map(kind):
        for child in (kind.key_field.with_name("key"), kind.item_field.with_name("value")):
            yield from _leaves(child, (*mark_list(path), child.name), True)
    elif _is_list(kind) and _holds_fields(kind.value_type):
        yield from _leaves(field.with_type(kind.value_type), mark_list(path), True)
    elif _has_branches(kind):
        children = [kind.field(i) for i in range(kind.num_fields)]
        for child, step in zip(children, _numbered([child.name for child in children]), strict=True):
            yield from _leaves(child, (*path, step), in_list)
    else:
        yield Leaf(path, field.with_type(kind), in_list)


def _has_branches(kind: pa.DataType) -> bool:
    """Return whether it is a struct, or a union of more than single values."""
    return pa.types.is_struct(kind) or pa.types.is_union(kind) and not is_union_of_values(kind)


def _is_list(kind: pa.DataType) -> bool:
    return (pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
            or pa.types.is_map(kind))


def _holds_fields(kind: pa.DataType) -> bool:
    """Return whether fields stand in it, however deep in lists."""
    kind = plain_type(kind)
    while _is_list(kind) and not pa.types.is_map(kind):
        kind = plain_type(kind.value_type)
    return _has_branches(kind) or pa.types.is_map(kind)


def name_leaves(schema: Iterable[pa.Field]) -> dict[Steps, str]:
    """Return the dotted names of the flat columns of a schema."""
    return names(leaf.path for leaf in leaves(schema))


def describe_columns(schema: Iterable[pa.Field]) -> tuple[ColumnInfo, ...]:
    """Return the flat columns of a schema with their types and comments."""
    flat_columns = leaves(schema)
    name_of = names(leaf.path for leaf in flat_columns)
    return tuple(
        ColumnInfo(name_of[leaf.path], _type_name(leaf.field.type), _comment(leaf.field),
                   leaf.field.nullable, path=shown_path(leaf.path, name_of[leaf.path]))
        for leaf in flat_columns
    )


def _type_name(kind: pa.DataType) -> str:
    return "uuid" if is_uuid(kind) else str(kind).replace("large_", "")


def _comment(field: pa.Field) -> str:
    """Return the comment that Spark, Delta (`comment`) or Iceberg (`doc`) put on a field."""
    metadata = field.metadata or {}
    return (metadata.get(b"comment") or metadata.get(b"doc") or b"").decode("utf-8", "replace")


def flatten(
    batch: pa.RecordBatch, name_of: Mapping[Steps, str] | None = None, account: Account | None = None,
) -> pa.RecordBatch:
    """Return the batch with flat columns only, each of a plain type; one that cannot be read is null.

    name_of: names of all the table's columns. account: where it is noted what could not be read.
    """
    account = Account() if account is None else account
    fields = list(batch.schema)
    steps = _numbered([field.name for field in fields])
    arrays: list[pa.Array] = []
    column_names: list[str] = []
    for i, (field, step) in enumerate(zip(fields, steps, strict=True)):
        paths = [leaf.path for leaf in _leaves(field, (step,), False)]
        own_names = names(paths) if name_of is None else name_of
        leaf_names = [own_names.get(path, ".".join(path)) for path in paths]
        arrays += _column_arrays(batch.column(i), leaf_names, account)
        column_names += leaf_names
    if name_of is None:
        column_names = list(names(leaf.path for leaf in leaves(batch.schema)).values())
    return pa.RecordBatch.from_arrays(arrays, names=column_names)


def _column_arrays(array: pa.Array, leaf_names: Sequence[str], account: Account) -> list[pa.Array]:
    """Return the leaves of one column; nulls where it cannot be read, which is noted."""
    try:
        return list(_flat_arrays(array, _Places(account, iter(leaf_names))))
    except (pa.ArrowException, ArithmeticError, TypeError, ValueError):
        for name in leaf_names:
            account.lose_once("unreadable_columns", column(name))
        return [pa.nulls(len(array), pa.string()) for _ in leaf_names]


@dataclass(frozen=True, slots=True)
class _Places:
    """Where losses are noted, and the names of the leaves whose arrays are still to come."""

    account: Account
    leaf_names: Iterator[str]

    def plain(self, array: pa.Array) -> pa.Array:
        """Return the array of the next leaf in a common type."""
        return leaf_array(array, self.account, column(next(self.leaf_names)))


def _flat_arrays(array: pa.Array, places: _Places) -> Iterator[pa.Array]:
    """Yield the arrays of the leaves of one column, in the order of `leaves`."""
    array = plain_array(array)
    kind = array.type
    if pa.types.is_struct(kind):
        for child in array.flatten():
            yield from _flat_arrays(child, places)
    elif _has_branches(kind):
        for child in union_branches(array):
            yield from _flat_arrays(child, places)
    elif _is_list(kind):
        yield from _join_elements(array, places)
    else:
        yield places.plain(array)


def _join_elements(array: pa.Array, places: _Places) -> Iterator[pa.Array]:
    """Yield the leaves below a list, one cell for each list: its values on lines."""
    rows = len(array)
    row_of_value = np.arange(rows)
    while _is_list(array.type):
        is_map = pa.types.is_map(array.type)
        array = _map_entries(array) if is_map else array.cast(pa.large_list(array.type.value_type))
        row_of_value = row_of_value[np.asarray(pc.list_parent_indices(array))]
        array = plain_array(pc.list_flatten(array))
        if is_map:
            break
    for leaf in _flat_arrays(array, places):
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
    text = text_of_values(values)
    is_filled = np.asarray(pc.and_(pc.is_valid(text), pc.fill_null(pc.not_equal(text, ""), False)))
    counts = np.bincount(row_of_value[is_filled], minlength=rows)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype("int64")
    lists = pa.LargeListArray.from_arrays(pa.array(offsets), text.filter(pa.array(is_filled)))
    joined = pc.binary_join(lists, "\n")
    return pc.if_else(pa.array(counts == 0), pa.scalar(None, joined.type), joined).cast(pa.string())
