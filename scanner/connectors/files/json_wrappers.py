"""The records in a document of JSON that is an object, a text of JSON, or lists beside what tells of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from detectors.names.latin_names import name_set
from scanner.connectors.cell_kinds import is_word_of_headings, looks_like_value
from scanner.connectors.files.nested import KEY, VALUE, is_map, is_surely_person

Record = dict[str, Any]
JsonRow = list[Any]

DEPTH = 3                                     # objects around a list of records
FEWEST_ALIKE = 5                              # entries of an object of one shape that are records
_PLAIN_KEY = re.compile(r"[^\W\d](?:[^\W\d]|[ ._-])*")
_LISTS = frozenset({
    "data", "records", "record", "rows", "row", "items", "item", "results", "result", "list", "lists",
    "content", "value", "values", "hits", "users", "members", "entries", "elements", "objects", "docs",
    "documents", "payload", "body", "response",
})                                            # names of lists that are the content of a file
_NAMES = frozenset({"columns", "cols", "header", "headers", "headings", "names", "fields"})
_ABOUT = frozenset({
    "code", "msg", "message", "success", "status", "total", "count", "page", "size", "pagesize", "page_size",
    "limit", "offset", "time", "timestamp", "version", "error", "errors", "request_id", "requestid",
    "trace_id", "traceid", "has_more", "hasmore", "next", "previous", "type", "title", "date", "ok",
    "totalcount", "pages",
})                                            # names of what is said about such a list


def rows_of_document(document: Record) -> Iterator[Record | JsonRow]:
    """Yield the records or rows in the only document of a file.

    >>> list(rows_of_document({"total": 2, "data": [{"a": 1}, {"a": 2}]}))
    [{'total': 2, 'data': {'a': 1}}, {'data': {'a': 2}}]
    >>> list(rows_of_document({"13700000001": 1, "13700000002": 2}))
    [{'{key}': '13700000001', '{value}': 1}, {'{key}': '13700000002', '{value}': 2}]
    """
    if _is_map_of_records(document):
        yield from ({KEY: key, VALUE: value} for key, value in document.items())
        return
    if columns := _columns(document):
        yield from (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
        return
    if tables := {k: v for k, v in document.items() if _is_list_of_lists(v)}:
        yield from _rows_of_tables(document, tables)
        return
    rows, rest = _split(document, 0)
    if not rows or not _is_wrapper(rest, rows):
        if document:
            yield document
        return
    yield _merged(rest, rows[0])
    yield from rows[1:]


def within_text(value: Any) -> Any:
    """Return the record or the records that a text holds as JSON once more; any other value as it is.

    >>> within_text('{"a": 1}'), within_text("a"), within_text("[]"), within_text('[{"a": 1}]')
    ({'a': 1}, 'a', '[]', [{'a': 1}])
    """
    inner = value
    for _ in range(DEPTH):
        if not isinstance(inner, str) or not inner.lstrip().startswith(("{", "[", '"')):
            break
        try:
            inner = json.loads(inner)
        except (ValueError, RecursionError):
            return value
    if isinstance(inner, dict) and inner:
        return inner
    are_records = isinstance(inner, list) and bool(inner) and all(isinstance(e, dict | list) for e in inner)
    return inner if are_records else value


def are_keys_assumed(document: Record) -> bool:
    """Return whether an object was read as a map though its keys may be the names of columns.

    >>> are_keys_assumed({"lisi": "13700000001", "wangwu": "13700000002"}), are_keys_assumed({"a": 1, "b": 2})
    (True, False)
    """
    if is_map(tuple(document)) or not _is_map_of_records(document):
        return False
    are_words = all(map(_PLAIN_KEY.fullmatch, document))
    return are_words and (len(document) < FEWEST_ALIKE or _are_alike(list(document.values())))


def _is_map_of_records(document: Record) -> bool:
    """Return whether the keys of an object are values, by what stands beside them.

    A few keys may as well name columns, but a value must never name one.
    """
    if is_map(tuple(document)):
        return True
    values = list(document.values())
    if len(values) == 1 and is_surely_person(next(iter(document))):
        return isinstance(values[0], dict)
    if len(values) < 2 or sum(map(is_word_of_headings, document)) > 0.2 * len(values):
        return False
    if all(map(_is_value, values)) or len(values) >= FEWEST_ALIKE and _are_alike(values):
        return True
    if not all(isinstance(value, dict) and value for value in values):
        return False
    if len(values) < FEWEST_ALIKE and _are_roles(list(document)):
        return False
    return len({tuple(v) for v in values}) == 1 and tuple(values[0]) != tuple(
        map(str, range(len(values[0]))))


def _are_roles(keys: Sequence[str]) -> bool:
    """Return whether most keys are words for something, and none is a given name: billing, shipping.

    >>> _are_roles(["billing", "shipping"]), _are_roles(["lisi", "wangwu"]), _are_roles(["bill", "mark"])
    (True, False, False)
    """
    from detectors.columns.concepts import concepts_of

    words = sum(bool(concepts_of(key).any) for key in keys)
    return 2 * words >= len(keys) and not any(key.lower() in name_set("forenames") for key in keys)


def _are_alike(values: Sequence[Any]) -> bool:
    """Return whether values are numbers, or of one other type; texts and lists may be columns of a record."""
    kinds = {type(value) for value in values if value is not None}
    return len(kinds) == 1 and kinds <= {int, float, bool} or kinds == {int, float}


def _is_value(value: Any) -> bool:
    return isinstance(value, str) and looks_like_value(value)


def _columns(document: Record) -> Record:
    """Return the columns of a table that an object holds column by column; empty for others.

    >>> _columns({"a": {"0": 1, "1": 2}, "b": {"0": 3, "1": 4}})
    {'a': [1, 2], 'b': [3, 4]}
    """
    values = list(document.values())
    if not values:
        return {}
    if all(isinstance(value, dict) and value for value in values):
        numbers = tuple(map(str, range(len(values[0]))))
        is_table = all(tuple(value) == numbers for value in values)
        return {key: list(value.values()) for key, value in document.items()} if is_table else {}
    is_table = len(values) > 1 and all(_is_column(value) and len(value) == len(values[0]) for value in values)
    return document if is_table else {}


def _is_column(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 2 and not any(isinstance(e, dict | list) for e in value)


def _is_list_of_lists(value: Any) -> bool:
    if not isinstance(value, list) or len(value) < 2:
        return False
    return all(isinstance(e, list) and len(e) > 1 for e in value)


def _rows_of_tables(document: Record, tables: Record) -> Iterator[Record | JsonRow]:
    """Yield the rows of the lists of lists in an object, below the list of names beside them."""
    widths = {len(row) for table in tables.values() for row in table}
    rest: Record = {}
    names: Record = {}
    for key, value in document.items():
        if isinstance(value, list) and len(value) in widths and all(isinstance(e, str) for e in value):
            names[key] = value
        elif key not in tables:
            rest[key] = value
    heading = next(iter(names)) if len(names) == 1 else next((k for k in names if k.lower() in _NAMES), None)
    if heading is not None and len(tables) == 1 and len(widths) == 1:
        beside = {key: value for key, value in document.items() if key != heading and key not in tables}
        yield from _rows_beside(names[heading], next(iter(tables.values())), beside)
        return
    first, *others = next(iter(tables.values()))
    if rest and others and not names and len(tables) == 1 and len(widths) == 1 and _are_headings(first):
        yield from _rows_beside(first, others, rest)
        return
    yield from names.values()
    for table in tables.values():
        yield from table
    if rest:
        yield rest


def _rows_beside(names: JsonRow, table: Sequence[JsonRow], rest: Record) -> Iterator[JsonRow]:
    """Yield the names and the rows of a table, with what stands beside it as further columns.

    A list as long as the table is a column of it, as pandas writes an index; all else is in the first row.

    >>> list(_rows_beside(["a", "b"], [[1, 2], [3, 4]], {"index": [7, 8], "total": 2}))
    [['a', 'b', 'index', 'total'], [1, 2, 7, 2], [3, 4, 8, None]]
    """
    beside = {
        key: value if _is_beside(value, table) else [value, *[None] * (len(table) - 1)]
        for key, value in rest.items()
    }
    yield [*names, *beside]
    for row, *more in zip(table, *beside.values(), strict=True):
        yield [*row, *more]


def _are_headings(row: JsonRow) -> bool:
    """Return whether the cells of a row are surely headings: texts, words of headings for the most part.

    >>> _are_headings(["姓名", "手机号"]), _are_headings(["林一", "13700000001"])
    (True, False)
    """
    are_texts = all(isinstance(cell, str) and not looks_like_value(cell) for cell in row)
    return are_texts and 2 * sum(map(is_word_of_headings, row)) > len(row)


def _is_beside(value: Any, table: Sequence[JsonRow]) -> bool:
    """Return whether a value is one more column of a table."""
    return (
        isinstance(value, list) and len(value) == len(table)
        and not any(isinstance(e, dict | list) for e in value)
    )


def _split(document: Record, depth: int) -> tuple[list[Record], Record]:
    """Return the elements of the lists in an object, each under its key, and what else is in it."""
    rows: list[Record] = []
    rest: Record = {}
    for key, value in document.items():
        if isinstance(value, list) and value and all(isinstance(e, dict) for e in value):
            rows += [{key: e} for e in value]
        elif isinstance(value, dict) and value and depth < DEPTH:
            if is_map(tuple(value)) or _are_alike(list(value.values())) and _is_map_of_records(value):
                rows += [{key: {KEY: k, VALUE: v}} for k, v in value.items()]
                continue
            inner_rows, inner_rest = _split(value, depth + 1)
            rows += [{key: row} for row in inner_rows]
            if inner_rest:
                rest[key] = inner_rest
        else:
            rest[key] = value
    return rows, rest


def _is_wrapper(rest: Record, rows: list[Record]) -> bool:
    """Return whether lists are the content of an object, and all else says something about them."""
    if any(key.lower() in _LISTS for key in rows[0]):
        return True
    return all(key.lower() in _ABOUT or isinstance(value, dict) for key, value in rest.items())


def _merged(one: Record, other: Record) -> Record:
    both = {**one, **other}
    for key in one.keys() & other.keys():
        if isinstance(one[key], dict) and isinstance(other[key], dict):
            both[key] = _merged(one[key], other[key])
    return both
