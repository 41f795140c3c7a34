"""Structs, lists and maps as flat columns.

A field of a struct is a dotted path, `user.contact.phone`. A list of single values stays one column, its
values on lines of one cell. A list of structs is marked, `orders[].phone`, with the values of all elements
on lines of one cell; a map is the list of its entries, `attributes[].key` and `attributes[].value`. So
detectors examine every element, and `where` and counting see one cell a row.

This file names the columns and flattens records; `arrow_nested` flattens batches of Arrow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import pyarrow as pa

from detectors.cn.person_name import SURNAMES, person_share
from detectors.cn.person_name import is_valid as is_person_name
from detectors.masking import mask_values
from detectors.model import quote
from detectors.names.latin_names import is_latin_name
from detectors.names.no_people import is_no_person
from detectors.surrogates import well_formed
from scanner.connectors.cell_kinds import is_word_of_headings, looks_like_value
from scanner.connectors.heading_people import CERTAIN

Steps = tuple[str, ...]                       # elements of a dotted name

KEY, VALUE = "{key}", "{value}"               # columns of an object whose keys are values
MAP_KEYS = 1_000                              # keys of an object above which they are values
PEOPLE = 0.8                                  # share of keys that are names of people, where all are values
DEPTH = 100                                   # levels of objects and lists with names of their own
LONGEST_NAME = 500                            # characters of a key above which it is a value
_LATIN = re.compile(r"[^\W\d_]+['’.-]?[^\W\d_]*(?: [^\W\d_]+['’.-]?[^\W\d_]*\.?){1,3}")      # words
FEWEST_ALIKE = 5                              # keys of an object that show what another one of them is
LATIN = 0.4                                   # share of such keys that are known names, where all are people
_RUN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_CODE = re.compile(r"[0-9A-Za-z_=-]{16,}")
_OPEN_ID = re.compile(r"o[0-9A-Za-z_-]{27}")  # of an account of WeChat
_HEX = re.compile(r"(?=.*[0-9].*[0-9].*[0-9].*[0-9])(?=.*[a-f])([0-9a-f]{16,}|[0-9A-F]{16,})", re.I)
_CAPITALS = re.compile(r"[A-Z]{2,}[a-z0-9]")
ONE_WORD = 12                                 # characters between dashes, of a code that has any
RUN = 2.8                                     # letters of one case, or digits, in a row, in a random code
NO_MAPS: frozenset[Steps] = frozenset()


def names(paths: Iterable[Steps]) -> dict[Steps, str]:
    """Return a dotted name for each path; what is somebody's in it is masked.

    Where a literal dot makes two alike, the later one is percent-encoded.

    >>> names([("user", "id"), ("user.id",)])
    {('user', 'id'): 'user.id', ('user.id',): 'user%2Eid'}
    """
    return add_names({}, paths)


def add_names(name_of: dict[Steps, str], paths: Iterable[Steps]) -> dict[Steps, str]:
    """Add a dotted name for each new path, and return all."""
    used: set[str] = set(name_of.values())
    for path in paths:
        if path in name_of:
            continue
        steps = tuple(map(mask_values, path))
        name = well_formed(".".join(steps))
        if name in used and steps == path:
            name = well_formed(".".join(map(quote, steps)))
        while name in used:                   # halves of surrogate pairs that look alike, or masked ones
            name += "_"
        used.add(name)
        name_of[path] = name
    return name_of


def shown_path(path: Steps, name: str) -> Steps:
    """Return the path that stands in the id of a column: its name alone, where that was masked."""
    return path if tuple(map(mask_values, path)) == path else (name,)


def mark_list(path: Steps) -> Steps:
    """Return the path of the elements of a list or map, whose own name ends in `[]`.

    >>> mark_list(("user", "orders"))
    ('user', 'orders[]')
    """
    return (*path[:-1], path[-1].removesuffix("[]") + "[]")


def leaves_of_record(
    record: Mapping[str, Any], path: Steps = (), maps: frozenset[Steps] = NO_MAPS, depth: int = 0,
) -> Iterator[tuple[Steps, Any]]:
    """Yield (path, value) of the leaves of one JSON object; the values of a list come one by one.

    maps: paths of objects whose keys are values; a path that ends in KEY: only those are that may be names of
    people; one that ends in VALUE: all are but those whose own path, behind it, is there as well.

    >>> list(leaves_of_record({"a": {"b": 1}, "t": ["x", "y"], "o": [{"p": 2}, {"p": 3}]}))
    [(('a', 'b'), 1), (('t',), 'x'), (('t',), 'y'), (('o[]', 'p'), 2), (('o[]', 'p'), 3)]

    A key that is a value is no name of a column: such keys are the cells of a map.

    >>> list(leaves_of_record({"13812345678": 1}))
    [(('{key}',), '13812345678'), (('{value}',), 1)]
    """
    keys = tuple(record)
    values_as_keys = frozenset(keys) if path in maps else keys_of_map(keys)
    if (*path, KEY) in maps:
        values_as_keys |= set(filter(_begins_as_name, keys))
    if (marked := (*path, VALUE)) in maps:
        values_as_keys |= {key for key in keys if (*marked, key) not in maps}
    for key, value in record.items():
        if key in values_as_keys:
            yield (*path, KEY), key
            key = VALUE
        if depth >= DEPTH and isinstance(value, Mapping | list | tuple) and value:
            yield from (((*path, key), leaf) for leaf in _values_below(value))
        elif isinstance(value, Mapping) and value:
            inner = mark_list((*path, key)) if len(values_as_keys) > 1 else (*path, key)
            yield from leaves_of_record(value, inner, maps, depth + 1)
        elif isinstance(value, list | tuple) and value:
            yield from _leaves_of_list(value, (*path, key), maps, depth + 1)
        else:
            yield (*path, key), None if isinstance(value, Mapping | list | tuple) else value


def is_map(keys: tuple[str, ...]) -> bool:
    """Return whether all keys of an object are values."""
    return bool(keys) and len(keys_of_map(keys)) == len(keys)


def keys_of_map(keys: tuple[str, ...]) -> frozenset[str]:
    """Return the keys of an object that are values: somebody's, or too many to be names.

    >>> sorted(keys_of_map(("name", "13812345678")))
    ['13812345678']
    """
    return frozenset(keys) if len(keys) > MAP_KEYS else _values_among(keys)


@lru_cache(1 << 12)
def _values_among(keys: tuple[str, ...]) -> frozenset[str]:
    people = sum(map(may_be_person, keys))
    share = LATIN if all(map(_LATIN.fullmatch, keys)) else PEOPLE
    if len(keys) > 1 and people >= share * len(keys) and not any(map(is_word_of_headings, keys)):
        return frozenset(keys)
    values = frozenset(key for key in keys if _is_value(key))
    if len(values) >= PEOPLE * len(keys) and len(keys) >= FEWEST_ALIKE:     # some look unlike others
        return values | {key for key in keys if len(key) == len(next(iter(values)))}
    return values


@lru_cache(1 << 16)
def may_be_person(key: str) -> bool:
    """Return whether a key may be the name of a person, and names no column of most tables."""
    is_name = is_person_name(key) and not is_no_person(key) or is_latin_name(key)
    return is_name and not is_word_of_headings(key)


@lru_cache(1 << 16)
def is_surely_person(key: str) -> bool:
    """Return whether a key is the name of a person even where no other key is one."""
    return len(key) > 2 and may_be_person(key) and not key.isascii() and person_share(key) >= CERTAIN


@lru_cache(1 << 16)
def _begins_as_name(key: str) -> bool:
    """Return whether a key among names of people may be one as well."""
    is_chinese = key[:1] in SURNAMES and 2 <= len(key) <= 4
    return (is_chinese or bool(_LATIN.fullmatch(key))) and not is_word_of_headings(key)


@lru_cache(1 << 16)
def _is_value(key: str) -> bool:
    return (len(key) > LONGEST_NAME or mask_values(key) != key or _is_random(key)
            or "://" not in key and looks_like_value(key))


def _is_random(key: str) -> bool:
    """Return whether a key is a code that nobody made up as a name: of an account, a message, a file.

    >>> _is_random("oXJJ2cbHHeJfbIcHdeIG2Hd2IJd2"), _is_random("iPhone12ProMaxCount2024")
    (True, False)
    """
    if _HEX.fullmatch(key):
        return True
    if not _CODE.fullmatch(key) or not any(c.isdigit() for c in key) and len(_CAPITALS.findall(key)) < 2:
        return False
    runs = _RUN.findall(key)
    if _OPEN_ID.fullmatch(key) and key != key.lower():
        return sum(map(len, runs)) < (RUN + 0.5) * len(runs)
    is_one_word = max(map(len, re.split("[_=-]", key))) >= ONE_WORD
    return is_one_word and sum(map(len, runs)) < RUN * len(runs)


def _leaves_of_list(
    values: Sequence[Any], path: Steps, maps: frozenset[Steps], depth: int,
) -> Iterator[tuple[Steps, Any]]:
    for value in values:
        if depth >= DEPTH and isinstance(value, Mapping | list | tuple):
            yield from ((path, leaf) for leaf in _values_below(value))
        elif isinstance(value, Mapping):
            yield from leaves_of_record(value, mark_list(path), maps, depth + 1)
        elif isinstance(value, list | tuple):
            yield from _leaves_of_list(value, path, maps, depth + 1)
        else:
            yield path, value


def _values_below(value: Any) -> Iterator[Any]:
    """Yield the single values in objects and lists, however deep."""
    pending = [value]
    while pending:
        value = pending.pop()
        if isinstance(value, Mapping | list | tuple):
            pending += reversed(list(value.values()) if isinstance(value, Mapping) else value)
        else:
            yield value


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


def flat_batch(
    records: Sequence[dict[str, Any]], columns: Sequence[str] | None, name_of: dict[Steps, str],
) -> pa.RecordBatch | None:
    """Return records of the same keys and of single values as `batch_of` does; None for others."""
    keys = tuple(records[0])
    if not keys or keys_of_map(keys) or any(tuple(record) != keys for record in records):
        return None
    cells = dict(zip(keys, zip(*[record.values() for record in records], strict=True), strict=True))
    kinds = {key: set(map(type, column)) for key, column in cells.items()}
    if any(kind & {dict, list} for kind in kinds.values()):
        return None
    add_names(name_of, ((key,) for key in keys))
    arrays = {}
    for key, column in cells.items():
        if columns is None or name_of[key,] in columns:
            is_text = kinds[key] <= {str, type(None)}
            arrays[name_of[key,]] = _string_array(column if is_text else list(map(cell_text, column)))
    for name in columns or ():
        arrays.setdefault(name, pa.nulls(len(records), pa.string()))
    return pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays)) if arrays else None


def batch_of(
    rows: Sequence[Iterable[tuple[Steps, Any]]], columns: Sequence[str] | None,
    name_of: dict[Steps, str] | None = None,
) -> pa.RecordBatch:
    """Return the leaves of records as a batch of text; several values of one leaf stand on lines of its cell.

    columns: the only ones needed; None for all that the records have. name_of: of paths in earlier records
    of the same file, to which new ones are added.
    """
    cells: dict[Steps, list[str | None]] = {}
    for i, leaves in enumerate(rows):
        for path, value in leaves:
            _put(cells.setdefault(path, []), i, cell_text(value))
    name_of = add_names(name_of if name_of is not None else {}, cells)
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
