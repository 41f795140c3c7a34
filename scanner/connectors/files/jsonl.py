"""JSON lines (or one JSON array); objects become dotted columns, lists as in `nested`."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO, Any

import pyarrow as pa

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import ColumnInfo, Rows, TableInfo, TableRef
from detectors.surrogates import well_formed
from scanner.connectors.files import nested
from scanner.connectors.files.lines import LineFile
from scanner.connectors.files.source_file import SourceFile
from scanner.connectors.files.text import HEAD, encoding_of

SERVES = ("jsonl", "ndjson", "json")
DESCRIBED = 2_000                             # records that decide the columns
BATCH = 10_000                                # records of a batch
CHUNK = 1 << 20                               # characters of an array read at once
_SEPARATORS = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()
_NULL = "NoneType"


def describe(file: SourceFile, name: str) -> Iterator[TableInfo]:
    """Yield one table; its columns are those of the first records."""
    types: dict[nested.Steps, str] = {}
    for record in islice(_records(file), DESCRIBED):
        for path, value in nested.leaves_of_record(record):
            if types.get(path, _NULL) == _NULL:
                types[path] = type(value).__name__
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


def stream(file: SourceFile, ref: TableRef, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield rows as text."""
    records = _records(file)
    while block := list(islice(records, BATCH)):
        yield nested.batch_of([nested.leaves_of_record(r) for r in block], columns)


def lines(file: SourceFile, ref: TableRef) -> LineFile | None:
    """Return the file as lines that are records; None for an array, or what must be read from its start."""
    if not file.is_plain:
        return None
    with file.open() as raw:
        head = raw.read(HEAD)
    encoding = encoding_of(head)
    if _is_array(head) or encoding.startswith("utf-16"):
        return None

    def parse(raw_lines: Sequence[bytes]) -> pa.RecordBatch:
        text = io.StringIO("\n".join(line.decode(encoding) for line in raw_lines))
        records = [r for r in _parse_lines(text, file) if isinstance(r, dict)]
        return nested.batch_of([nested.leaves_of_record(r) for r in records], None)

    def are_torn(raw_lines: Sequence[bytes]) -> bool:
        return any(not line.rstrip().endswith(b"}") for line in raw_lines)

    return LineFile(file, 0, parse, are_torn)


def _records(file: SourceFile) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file. Raise SourceError where it is no JSON."""
    try:
        with file.open_content() as raw:
            head = raw.read(HEAD)
            whole = io.BufferedReader(_Rewound(head, raw))
            with io.TextIOWrapper(whole, encoding_of(head), newline="\n") as text:
                values = _parse_array(text) if _is_array(head) else _parse_lines(text, file)
                yield from (value for value in values if isinstance(value, dict))
    except (OSError, EOFError, UnicodeError, json.JSONDecodeError, RecursionError) as e:
        raise SourceError(Msg("cannot be read ({kind})", kind=type(e).__name__), where=file.where,
                          hint=Msg("UTF-8 JSON lines are needed")) from None


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


def _is_array(head: bytes) -> bool:
    return head.decode(encoding_of(head), "replace").lstrip().startswith("[")


def _parse_lines(text: IO[str], file: SourceFile) -> Iterator[Any]:
    for number, line in enumerate(text, 1):
        if line.strip():
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                raise SourceError(Msg("not JSON"), where=f"{file.where}:{number}",
                                  hint=Msg("one JSON object a line")) from None


def _parse_array(text: IO[str]) -> Iterator[Any]:
    """Yield the elements of one JSON array, without holding all of it."""
    buffer = text.read(CHUNK).partition("[")[2]
    start, has_more = 0, True
    while True:
        start = _SEPARATORS.match(buffer, start).end()       # type: ignore[union-attr]
        if buffer[start: start + 1] == "]":
            return
        try:
            value, end = _DECODER.raw_decode(buffer, start)
        except json.JSONDecodeError:
            if not has_more:
                raise
            end = len(buffer)
        if end < len(buffer) or not has_more:     # else an element may go on beyond the buffer
            yield value
            start = end
            continue
        block = text.read(max(CHUNK, len(buffer)))
        has_more = bool(block)
        buffer, start = buffer[start:] + block, 0
