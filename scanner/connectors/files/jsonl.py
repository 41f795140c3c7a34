"""JSON of any layout; objects become dotted columns, lists as in `nested`, arrays of values are rows."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import IO, Any

import pyarrow as pa

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import ColumnInfo, Rows, TableInfo, TableRef
from detectors.surrogates import well_formed
from scanner.connectors import heading_weights, table_borders
from scanner.connectors.cell_kinds import is_word_of_headings
from scanner.connectors.files import nested
from scanner.connectors.files.encodings import HEAD, encoding_of, is_wide
from scanner.connectors.files.errors import explain_error
from scanner.connectors.files.json_documents import JsonReader
from scanner.connectors.files.json_text import JsonText, text_of
from scanner.connectors.files.json_wrappers import JsonRow, Record
from scanner.connectors.files.lines import LineFile
from scanner.connectors.files.source_file import SourceFile

SERVES = ("jsonl", "ndjson", "json")
DESCRIBED = 256 << 20                         # characters that decide the columns
CELL_HEAD = 1_000                             # characters of a cell by which it is judged what it is
BATCH = 10_000                                # records of a batch
SHAPES = 10_000                               # shapes of records that are remembered
FEWEST_PEOPLE = 3                             # keys that are names of people and make an object a map of them
FEWEST_ANEW = 5                               # keys that are each in one record, and make an object a map
ANEW = 0.5                                    # share of such keys, and of records that bring one
_NULL = "NoneType"
_PLACE = Msg("the first {n} MB", n=DESCRIBED >> 20)


@dataclass(slots=True)
class _Layout:
    """What the records of a file have. types: by path. maps: paths of objects whose keys are values.

    children, shapes: in how many shapes of records an object has a key, and is there at all.
    """

    types: dict[nested.Steps, str] = field(default_factory=dict)
    maps: frozenset[nested.Steps] = nested.NO_MAPS
    children: dict[nested.Steps, Counter[str]] = field(default_factory=dict)
    shapes: Counter[nested.Steps] = field(default_factory=Counter)


def describe(file: SourceFile, name: str) -> Iterator[TableInfo]:
    """Yield one table; its columns are those of all records, in a large file of the first ones."""
    types = _layout(_Key(file)).types
    inner_nodes = {tuple(step.removesuffix("[]") for step in path[:n])
                   for path in types for n in range(1, len(path))}
    # an object that was null once is no column
    types = {path: kind for path, kind in types.items() if kind != _NULL or path not in inner_nodes}
    names = nested.names(types)
    columns = tuple(
        ColumnInfo(names[path], kind, path=tuple(map(well_formed, path))) for path, kind in types.items()
    )
    rows = Rows(0, file.size, "statistics")
    yield TableInfo(TableRef(name), columns, kind="file", rows=rows, bytes=file.size)


class _Key:
    """A file as a key of what is known of it: equal while the file stays as it is."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self._parts = (file.where, file.path, file.stamp)

    def __hash__(self) -> int:
        return hash(self._parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._parts == other._parts


@lru_cache(16)
def _layout(key: _Key) -> _Layout:
    """Return what the records of a file have, from its start up to DESCRIBED characters."""
    layout = _layout_with(key, nested.NO_MAPS)
    maps = _keyed_by_people(layout) | _keyed_anew(layout)
    return _layout_with(key, maps) if maps else layout


def _layout_with(key: _Key, maps: frozenset[nested.Steps]) -> _Layout:
    layout, shapes, children = _Layout(maps=maps), set[Any](), dict[nested.Steps, set[str]]()
    for record in _records(key.file, DESCRIBED):
        shape = _shape(record)
        if shape in shapes:
            continue
        if len(shapes) < SHAPES:
            shapes.add(shape)
        leaves = list(nested.leaves_of_record(record, (), layout.maps))
        _count_children(layout, [path for path, _ in leaves])
        for path, value in leaves:
            if layout.types.get(path, _NULL) != _NULL:
                continue
            if path not in layout.types and _is_one_too_many(path, children, layout):
                continue
            layout.types[path] = type(value).__name__
    return layout


def _count_children(layout: _Layout, paths: Sequence[nested.Steps]) -> None:
    """Count in how many shapes of records an object has which keys, and how often it is there."""
    pairs = {(path[:n], path[n]) for path in paths for n in range(len(path))}
    for parent in {parent for parent, _ in pairs}:
        layout.shapes[parent] += 1
    for parent, child in pairs:
        layout.children.setdefault(parent, Counter())[child] += 1


def _keyed_by_people(layout: _Layout) -> frozenset[nested.Steps]:
    """Return the paths of objects some of whose keys are names of people, each marked by KEY.

    One record has the key of one person, the next that of another; keys of most records are columns.
    """
    marked: set[nested.Steps] = set()
    for parent, names in layout.children.items():
        rare = [name for name, n in names.items() if 2 * n <= layout.shapes[parent]]
        people = sum(map(nested.may_be_person, rare))
        others = sum(not nested.may_be_person(name) and not is_word_of_headings(name)
                     for name in rare if not name.isascii())
        if people >= FEWEST_PEOPLE and people >= nested.PEOPLE * (people + others):
            marked.add((*parent, nested.KEY))
        elif sure := set(filter(nested.is_surely_person, rare)):
            path = (*parent, nested.VALUE)
            marked |= {path, *((*path, name) for name in names if name not in sure)}
    return frozenset(marked)


def _keyed_anew(layout: _Layout) -> frozenset[nested.Steps]:
    """Return the paths of objects to which nearly every record brings a key of its own, as accounts are.

    Where other keys are in most records, the path is marked by VALUE, and each of those stands behind it.
    """
    maps: set[nested.Steps] = set()
    for parent, names in layout.children.items():
        often = {name for name, n in names.items() if 2 * n > layout.shapes[parent]}
        once = [name for name, n in names.items() if n == 1 and name not in often]
        if len(once) < max(FEWEST_ANEW, ANEW * (len(names) - len(often)), ANEW * layout.shapes[parent]):
            continue
        kinds = {layout.types.get((*parent, name), "") for name in once} - {_NULL}
        if len(kinds) == 1 and sum(map(is_word_of_headings, once)) <= 0.2 * len(once):
            marked = (*parent, nested.VALUE)
            maps |= {marked, *((*marked, name) for name in often)}
    return frozenset(maps)


def _is_one_too_many(path: nested.Steps, children: dict[nested.Steps, set[str]], layout: _Layout) -> bool:
    """Note a new path; return whether it makes an object a map, whose paths so far then give way."""
    for n in range(len(path)):
        parent = path[:n]
        names = children.setdefault(parent, set())
        names.add(path[n])
        if len(names) > nested.MAP_KEYS and parent not in layout.maps:
            plain = tuple(step.removesuffix("[]") for step in parent)
            layout.maps |= {parent, plain}
            kinds = {p: kind for p, kind in layout.types.items() if p[:n] == parent}
            layout.types = {p: kind for p, kind in layout.types.items() if p not in kinds}
            layout.types[*parent, nested.KEY] = "str"
            for p, kind in kinds.items():
                layout.types.setdefault((*parent, nested.VALUE, *p[n + 1:]), kind)
            return True
    return False


def _shape(value: Any, depth: int = 0) -> Any:
    """Return what of a value decides its columns: keys and types."""
    if depth > nested.DEPTH:
        return type(value)
    if isinstance(value, dict):
        kinds = tuple(map(type, value.values()))
        if dict in kinds or list in kinds:
            return tuple(value), tuple(_shape(v, depth + 1) if isinstance(v, dict | list) else type(v)
                                       for v in value.values())
        return tuple(value), kinds
    return frozenset(_shape(v, depth + 1) if isinstance(v, dict | list) else type(v) for v in value)


def stream(file: SourceFile, ref: TableRef, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield rows as text."""
    has_map = columns is None or any(nested.KEY in name or nested.VALUE in name for name in columns)
    maps = _layout(_Key(file)).maps if has_map else nested.NO_MAPS
    name_of: dict[nested.Steps, str] = {}
    records = _records(file)
    while block := list(islice(records, BATCH)):
        flat = None if maps else nested.flat_batch(block, columns, name_of)
        leaves = (nested.leaves_of_record(r, (), maps) for r in block)
        yield flat or nested.batch_of(list(leaves), columns, name_of)


def is_json_file(file: SourceFile) -> bool:
    """Return whether a file of text holds JSON, whatever it is called; False where it cannot be read."""
    try:
        return _starts_as_json(_Key(file))
    except (OSError, EOFError):
        return False


@lru_cache(4_096)
def _starts_as_json(key: _Key) -> bool:
    """Return whether the first bytes of a file are JSON; raise OSError or EOFError, which is asked again."""
    with key.file.open_content() as raw:
        return is_json(raw.read(HEAD), key.file.encoding)


def is_json(head: bytes, encoding: str = "") -> bool:
    """Return whether text begins with a JSON object, or an array of such.

    >>> is_json(b'{"a": 1}'), is_json(b'[INFO] started'), is_json(b'{name},{age}')
    (True, False, False)
    """
    if b"{" not in head and b"[" not in head:             # in whatever encoding
        return False
    text = head.decode(encoding or encoding_of(head), "replace").lstrip("\ufeff \t\r\n")
    if not text.startswith(("{", "[")):
        return False
    try:
        value, _ = json.JSONDecoder().raw_decode(text)
    except json.JSONDecodeError as e:
        is_cut = e.pos >= len(text) - 12 or e.msg.startswith(("Unterminated", "Invalid control"))
        return e.pos > 1 and is_cut and '":' in text
    except (ValueError, RecursionError):      # a number too long, or too many levels, for this decoder
        return '":' in text
    return isinstance(value, dict | list) and bool(value)


def lines(file: SourceFile, ref: TableRef) -> LineFile | None:
    """Return the file as lines that are records; None for an array, or what must be read from its start."""
    if not file.is_plain:
        return None
    with file.open() as raw:
        head = raw.read(HEAD)
    encoding = file.encoding or encoding_of(head)
    maps = _layout(_Key(file)).maps
    if file.size > DESCRIBED:
        file.account.lose("json_columns_from_part", 1, _PLACE)
    if _is_array(head) or is_wide(encoding):
        return None

    def parse(raw_lines: Sequence[bytes]) -> pa.RecordBatch:
        text = io.StringIO(text_of(b"\n".join(raw_lines), encoding, file.account, 0))
        records = _as_records(JsonReader(text, file.account).records(is_whole=False))
        return nested.batch_of([nested.leaves_of_record(r, (), maps) for r in records], None)

    def are_torn(raw_lines: Sequence[bytes]) -> bool:
        return any(not line.rstrip().endswith(b"}") for line in raw_lines)

    return LineFile(file, 0, parse, are_torn)


def _records(file: SourceFile, characters: int = 0) -> Iterator[Record]:
    """Yield the records of a file.

    characters: that are read, about; 0 for all. Raise SourceError where it is no JSON.
    """
    try:
        with file.open_content() as raw:
            head = raw.read(HEAD)
            whole = io.BufferedReader(_Rewound(head, raw))
            text = JsonText(whole, file.encoding or encoding_of(head), file.account)
            yield from _until(JsonReader(text, file.account), file, characters)
    except (OSError, EOFError) as e:
        what, hint = explain_error(e)
        raise SourceError(what, where=file.where, hint=hint) from None


class _Rewound(io.RawIOBase):
    """A stream whose first bytes were read already, from its start."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(block):]
        buffer[: len(block)] = block
        return len(block)


def _until(reader: JsonReader, file: SourceFile, characters: int) -> Iterator[Record]:
    n = 0
    for record in _as_records(reader.records()):
        n += 1
        yield record
        if characters and reader.characters > characters:
            return
    if reader.faults and not n:
        first = next((loss for loss in file.account.losses if loss.kind == "json_faults"), None)
        raise SourceError(Msg("not JSON"), where=file.where,
                          hint=Msg("one JSON object a line") if first is None else first.message)
    if reader.characters > DESCRIBED:
        file.account.lose("json_columns_from_part", 1, _PLACE)


def _as_records(values: Iterator[Record | JsonRow]) -> Iterator[Record]:
    """Yield records as they are, and rows as records of the table they make."""
    first: list[JsonRow] = []
    borders: table_borders.Borders | None = None
    for value in values:
        if isinstance(value, dict):
            yield value
        elif not any(cell not in (None, "") for cell in value):
            continue
        elif borders is not None:
            borders = table_borders.widened(borders, len(value))
            yield dict(zip(borders.names, value, strict=False))
        else:
            first.append(value)
            if len(first) == heading_weights.JUDGED:
                borders = _borders(first)
                yield from _records_of_rows(first, borders)
    if borders is None and first:
        yield from _records_of_rows(first, _borders(first))


def _borders(rows: Sequence[JsonRow]) -> table_borders.Borders:
    if max(map(len, rows)) == 1:              # single values have no heading
        return table_borders.Borders(("c00",), (0, 0), 0)
    return table_borders.find_borders(
        [[(nested.cell_text(cell) or "")[:CELL_HEAD] for cell in row] for row in rows])


def _records_of_rows(rows: Sequence[JsonRow], borders: table_borders.Borders) -> Iterator[Record]:
    """Yield the rows above the headings by numbers of columns, and those below by the headings."""
    yield from ({f"c{i:02}": cell for i, cell in enumerate(row)} for row in rows[: borders.heading_rows[0]])
    yield from (dict(zip(borders.names, row, strict=False)) for row in rows[borders.first_row:])


def _is_array(head: bytes) -> bool:
    return head.decode(encoding_of(head), "replace").lstrip("\ufeff \t\r\n").startswith("[")
