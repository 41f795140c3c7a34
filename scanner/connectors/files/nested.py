"""Structs, lists and maps as flat columns.

A field of a struct is a dotted path, `user.contact.phone`. A list of single values stays one column, its
values on lines of one cell. A list of structs is marked, `orders[].phone`, with the values of all elements
on lines of one cell; a map is the list of its entries, `attributes[].key` and `attributes[].value`. So
detectors examine every element, and `where` and counting see one cell a row.

This file names the columns and flattens records; `arrow_nested` flattens batches of Arrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import pyarrow as pa

from detectors.masking import MASK, mask_values
from detectors.model import quote
from detectors.surrogates import well_formed

Steps = tuple[str, ...]                       # elements of a dotted name


def names(paths: Iterable[Steps]) -> dict[Steps, str]:
    """Return a dotted name for each path.

    Where a literal dot makes two alike, the later one is percent-encoded.

    >>> names([("user", "id"), ("user.id",)])
    {('user', 'id'): 'user.id', ('user.id',): 'user%2Eid'}
    """
    name_of: dict[Steps, str] = {}
    used: set[str] = set()
    for path in paths:
        if path in name_of:
            continue
        name = well_formed(".".join(path))
        name = name if name not in used else ".".join(quote(step) for step in path)
        used.add(name)
        name_of[path] = name
    return name_of


def mark_list(path: Steps) -> Steps:
    """Return the path of the elements of a list or map, whose own name ends in `[]`.

    >>> mark_list(("user", "orders"))
    ('user', 'orders[]')
    """
    return (*path[:-1], path[-1].removesuffix("[]") + "[]")


def leaves_of_record(record: Mapping[str, Any], path: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Yield (path, value) of the leaves of one JSON object; the values of a list come one by one.

    >>> list(leaves_of_record({"a": {"b": 1}, "t": ["x", "y"], "o": [{"p": 2}, {"p": 3}]}))
    [(('a', 'b'), 1), (('t',), 'x'), (('t',), 'y'), (('o[]', 'p'), 2), (('o[]', 'p'), 3)]

    A key that is somebody's number is no name of a column: such keys are the cells of a map.

    >>> list(leaves_of_record({"13812345678": 1}))
    [(('•••[]', 'key'), '13812345678'), (('•••[]', 'value'), 1)]
    """
    for key, value in record.items():
        if _is_somebodys(key):
            yield from leaves_of_record({"key": key, "value": value}, (*path, f"{MASK}[]"))
        elif isinstance(value, Mapping) and value:
            yield from leaves_of_record(value, (*path, key))
        elif isinstance(value, list | tuple) and value:
            yield from _leaves_of_list(value, (*path, key))
        else:
            yield (*path, key), None if isinstance(value, Mapping | list | tuple) else value


@lru_cache(1 << 16)
def _is_somebodys(key: str) -> bool:
    return mask_values(key) != key


def _leaves_of_list(values: Sequence[Any], path: Steps) -> Iterator[tuple[Steps, Any]]:
    for value in values:
        if isinstance(value, Mapping):
            yield from leaves_of_record(value, mark_list(path))
        elif isinstance(value, list | tuple):
            yield from _leaves_of_list(value, path)
        else:
            yield path, value


def cell_text(value: Any) -> str | None:
    """Return a JSON value as a cell."""
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


def batch_of(rows: Sequence[Iterable[tuple[Steps, Any]]], columns: Sequence[str] | None) -> pa.RecordBatch:
    """Return the leaves of records as a batch of text; several values of one leaf stand on lines of its cell.

    columns: the only ones needed; None for all that the records have.
    """
    cells: dict[Steps, list[str | None]] = {}
    for i, leaves in enumerate(rows):
        for path, value in leaves:
            _put(cells.setdefault(path, []), i, cell_text(value))
    name_of = names(cells)
    filled = {name_of[path]: column + [None] * (len(rows) - len(column))
              for path, column in cells.items() if columns is None or name_of[path] in columns}
    missing = {name: [None] * len(rows) for name in columns or () if name not in filled}
    table = filled | missing or {"": [None] * len(rows)}
    return pa.RecordBatch.from_arrays([_string_array(column) for column in table.values()], names=list(table))


def _put(column: list[str | None], row: int, text: str | None) -> None:
    """Put a value into the cell of a row, below what is in it; rows before it that have none become null."""
    if len(column) == row + 1:
        before = column[row]
        column[row] = text if before is None else before if text is None else f"{before}\n{text}"
    else:
        column += [None] * (row - len(column))
        column.append(text)


def _string_array(cells: Sequence[str | None]) -> pa.Array:
    """Return cells as an array; half surrogate pairs, which UTF-8 may not hold, become question marks."""
    try:
        return pa.array(cells, pa.string())
    except UnicodeEncodeError:
        encodable = [None if cell is None else cell.encode("utf-8", "replace").decode() for cell in cells]
        return pa.array(encodable, pa.string())
