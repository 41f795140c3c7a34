"""Structs, lists and maps as flat columns.

A field of a struct is a dotted path, `user.contact.phone`. A list of single values stays one column, its values on lines of one cell.
A list of structs is marked, `orders[].phone`, with the values of all elements on lines of one cell; a map is the list of its entries,
`attributes[].key` and `attributes[].value`. So detectors examine every element, and `where` and counting see one cell a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.model import ColumnInfo, quote

Steps = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One flat column of a schema. path: elements of its dotted name. steps: fields from the top, without list marks."""

    path: Steps
    field: pa.Field
    listed: bool                              # does a list stand above it?


def names(paths: Iterable[Steps]) -> dict[Steps, str]:
    """Dotted names, each once: where a literal dot makes two alike, the later one is percent-encoded.

    >>> names([("user", "id"), ("user.id",)])
    {('user', 'id'): 'user.id', ('user.id',): 'user%2Eid'}
    """
    out: dict[Steps, str] = {}
    used: set[str] = set()
    for path in paths:
        if path in out:
            continue
        name = ".".join(path)
        name = name if name not in used else ".".join(quote(p) for p in path)
        used.add(name)
        out[path] = name
    return out


def leaves(schema: Iterable[pa.Field]) -> list[Leaf]:
    """The flat columns of a schema, in order. A name that stands twice gets a number."""
    out: list[Leaf] = []
    seen: dict[str, int] = {}
    for field in schema:
        seen[field.name] = seen.get(field.name, 0) + 1
        again = f"#{seen[field.name]}" if seen[field.name] > 1 else ""
        out += _leaves(field, (field.name + again,), False)
    return out


def _leaves(field: pa.Field, path: Steps, listed: bool) -> Iterator[Leaf]:
    kind = field.type
    while _is_list(kind):
        inner = kind.value_type if not pa.types.is_map(kind) else None
        if inner is None or _holds_fields(inner):
            path = (*path[:-1], path[-1].removesuffix("[]") + "[]")
            children = [kind.key_field.with_name("key"), kind.item_field.with_name("value")] if inner is None else None
            kind = inner
            listed = True
            if children is not None:
                for child in children:
                    yield from _leaves(child, (*path, child.name), True)
                return
        else:
            yield Leaf(path, field, listed)
            return
    if pa.types.is_struct(kind):
        for i in range(kind.num_fields):
            yield from _leaves(kind.field(i), (*path, kind.field(i).name), listed)
    else:
        yield Leaf(path, field, listed)


def _is_list(kind: pa.DataType) -> bool:
    return pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind) or pa.types.is_map(kind)


def _holds_fields(kind: pa.DataType) -> bool:
    """Does a struct or a map stand in it, however deep in lists?"""
    while _is_list(kind) and not pa.types.is_map(kind):
        kind = kind.value_type
    return pa.types.is_struct(kind) or pa.types.is_map(kind)


def columns(schema: Iterable[pa.Field], known: Mapping[Steps, str] | None = None) -> tuple[ColumnInfo, ...]:
    """Flat columns with types and comments (metadata `comment`)."""
    found = leaves(schema)
    called = known or names(leaf.path for leaf in found)
    return tuple(
        ColumnInfo(called[leaf.path], _kind(leaf.field), comment_of(leaf.field), leaf.field.nullable, path=leaf.path) for leaf in found
    )


def _kind(field: pa.Field) -> str:
    return str(field.type).replace("large_", "")


def comment_of(field: pa.Field) -> str:
    """The comment Spark, Delta (`comment`) or Iceberg (`doc`) left on a field."""
    known = field.metadata or {}
    return (known.get(b"comment") or known.get(b"doc") or b"").decode("utf-8", "replace")


def flat(batch: pa.RecordBatch, called: Mapping[Steps, str] | None = None) -> pa.RecordBatch:
    """The batch with flat columns only. called: names of paths, where other columns of the table weigh in."""
    found = leaves(batch.schema)
    if all(len(leaf.path) == 1 and not _is_list(leaf.field.type) and _simple(leaf.field.type) for leaf in found):
        return batch
    arrays = [a for i, field in enumerate(batch.schema) for a in _arrays(batch.column(i), field.type)]
    named = called or names(leaf.path for leaf in found)
    return pa.RecordBatch.from_arrays(arrays, names=[named.get(leaf.path, ".".join(leaf.path)) for leaf in found])


def _simple(kind: pa.DataType) -> bool:
    return not (pa.types.is_dictionary(kind) or pa.types.is_string_view(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _arrays(array: pa.Array, kind: pa.DataType) -> Iterator[pa.Array]:
    """Arrays of the leaves of one column, in the order of `leaves`."""
    if pa.types.is_struct(kind):
        for i, child in enumerate(array.flatten()):
            yield from _arrays(child, kind.field(i).type)
    elif _is_list(kind):
        yield from _joined(array, kind)
    else:
        yield _scalar(array)


def _joined(array: pa.Array, kind: pa.DataType) -> Iterator[pa.Array]:
    """Leaves below a list, one cell for each list: its values on lines."""
    rows = len(array)
    parents = np.arange(rows)
    while _is_list(kind):
        array = _entries(array) if pa.types.is_map(kind) else array.cast(pa.large_list(kind.value_type))
        parents = parents[np.asarray(pc.list_parent_indices(array))]
        array = pc.list_flatten(array)
        kind = array.type
    for leaf in _arrays(array, kind):
        yield _lines(leaf, parents, rows)


def _entries(array: pa.Array) -> pa.Array:
    """A map as the list of its entries; list functions of Arrow end the process on a map."""
    kind = array.type
    entries = pa.list_(pa.struct([kind.key_field.with_name("key").with_nullable(True), kind.item_field.with_name("value")]))
    return array.cast(entries)


def _lines(values: pa.Array, parents: np.ndarray, rows: int) -> pa.Array:
    """values of each row joined by line feeds; null where a row has none. parents: row of each value, ascending."""
    text = _as_text(values)
    there = np.asarray(pc.and_(pc.is_valid(text), pc.fill_null(pc.not_equal(text, ""), False)))
    counts = np.bincount(parents[there], minlength=rows)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype("int64")
    lists = pa.LargeListArray.from_arrays(pa.array(offsets), text.filter(pa.array(there)))
    joined = pc.binary_join(lists, "\n")
    return pc.if_else(pa.array(counts == 0), pa.scalar(None, joined.type), joined).cast(pa.string())


def _as_text(values: pa.Array) -> pa.Array:
    kind = values.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return values
    if pa.types.is_null(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.nulls(len(values), pa.string())
    try:
        return values.cast(pa.string())
    except pa.ArrowException:
        return pa.array([None if v is None else str(v) for v in values.to_pylist()], pa.string())


def _scalar(array: pa.Array) -> pa.Array:
    """Dictionaries, views and bytes that are UTF-8 text as plain columns."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _scalar(array.dictionary_decode())
    if pa.types.is_string_view(kind):
        return array.cast(pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        try:
            return array.cast(pa.string())
        except pa.ArrowException:             # photographs, ciphertext
            return array
    return array


def record(value: Mapping[str, Any], path: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """(path, value) of the leaves of one JSON object; the values of a list come one by one.

    >>> list(record({"a": {"b": 1}, "t": ["x", "y"], "o": [{"p": 2}, {"p": 3}]}))
    [(('a', 'b'), 1), (('t',), 'x'), (('t',), 'y'), (('o[]', 'p'), 2), (('o[]', 'p'), 3)]
    """
    for key, inner in value.items():
        if isinstance(inner, Mapping) and inner:
            yield from record(inner, (*path, key))
        elif isinstance(inner, list | tuple) and inner:
            yield from _elements(inner, (*path, key))
        else:
            yield (*path, key), None if isinstance(inner, Mapping | list | tuple) else inner


def _elements(values: Sequence[Any], path: Steps) -> Iterator[tuple[Steps, Any]]:
    for inner in values:
        if isinstance(inner, Mapping):
            yield from record(inner, (*path[:-1], path[-1].removesuffix("[]") + "[]"))
        elif isinstance(inner, list | tuple):
            yield from _elements(inner, path)
        else:
            yield path, inner


def text(value: Any) -> str | None:
    """A JSON value as a cell."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return None
    return str(value)


def batch_of(rows: Sequence[Iterable[tuple[Steps, Any]]], wanted: Sequence[str] | None) -> pa.RecordBatch:
    """Leaves of records as a batch of text; where `wanted` is given, of these columns only."""
    cells: dict[Steps, list[str | None]] = {}
    for i, leaves_of in enumerate(rows):
        for path, value in leaves_of:
            column = cells.setdefault(path, [])
            said = text(value)
            if len(column) == i + 1:
                before = column[i]
                column[i] = said if before is None else before if said is None else f"{before}\n{said}"
            else:
                column += [None] * (i - len(column))
                column.append(said)
    called = names(cells)
    kept = {called[p]: c + [None] * (len(rows) - len(c)) for p, c in cells.items() if wanted is None or called[p] in wanted}
    missing = {w: [None] * len(rows) for w in wanted or () if w not in kept}
    whole = kept | missing or {"": [None] * len(rows)}
    return pa.RecordBatch.from_arrays([_strings(c) for c in whole.values()], names=list(whole))


def _strings(cells: Sequence[str | None]) -> pa.Array:
    """Cells as an array; half surrogate pairs, which JSON may hold and UTF-8 may not, become question marks."""
    try:
        return pa.array(cells, pa.string())
    except UnicodeEncodeError:
        return pa.array([None if c is None else c.encode("utf-8", "replace").decode() for c in cells], pa.string())
