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
from scanner.connectors.files import nested
from scanner.connectors.files.lines import Lines
from scanner.connectors.files.places import Place
from scanner.connectors.files.text import HEAD, encoding_of

SERVES = ("jsonl", "ndjson", "json")
LOOKED = 2_000                                # records that decide the columns
BATCH = 10_000
CHUNK = 1 << 20                               # characters of an array read at once


def _records(place: Place) -> Iterator[dict[str, Any]]:
    try:
        with place.inflated() as raw:
            head = raw.read(HEAD)
            with io.TextIOWrapper(io.BufferedReader(_Again(head, raw)), encoding_of(head), newline="\n") as text:
                found = _array(text) if _is_array(head) else _each_line(text, place)
                yield from (r for r in found if isinstance(r, dict))
    except (OSError, EOFError, UnicodeError, json.JSONDecodeError, RecursionError) as e:
        raise SourceError(
            Msg("cannot be read ({kind})", kind=type(e).__name__),
            where=place.where,
            hint=Msg("UTF-8 JSON lines are needed"),
        ) from None


class _Again(io.RawIOBase):
    """A stream whose first bytes were read already."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(data):]
        buffer[: len(data)] = data
        return len(data)


def _is_array(head: bytes) -> bool:
    return head.decode(encoding_of(head), "replace").lstrip().startswith("[")


def _each_line(text: IO[str], place: Place) -> Iterator[Any]:
    for number, line in enumerate(text, 1):
        if line.strip():
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                raise SourceError(
                    Msg("not JSON"), where=f"{place.where}:{number}", hint=Msg("one JSON object a line")
                ) from None


_NEXT = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()


def _array(text: IO[str]) -> Iterator[Any]:
    """Elements of one JSON array, without holding all of it."""
    held = text.read(CHUNK).partition("[")[2]
    at, more = 0, True
    while True:
        at = _NEXT.match(held, at).end()      # type: ignore[union-attr]
        if held[at: at + 1] == "]":
            return
        try:
            value, end = _DECODER.raw_decode(held, at)
        except json.JSONDecodeError:
            if not more:
                raise
            end = len(held)
        if end < len(held) or not more:       # else an element may go on beyond what is held
            yield value
            at = end
            continue
        piece = text.read(max(CHUNK, len(held)))
        more = bool(piece)
        held, at = held[at:] + piece, 0


def describe(place: Place, name: str) -> Iterator[TableInfo]:
    """One table; columns are those of the first records."""
    kinds: dict[nested.Steps, str] = {}
    for record in islice(_records(place), LOOKED):
        for path, value in nested.record(record):
            if kinds.get(path, "NoneType") == "NoneType":
                kinds[path] = type(value).__name__
    deeper = {tuple(p.removesuffix("[]") for p in path[:n]) for path in kinds for n in range(1, len(path))}
    kinds = {p: k for p, k in kinds.items() if k != "NoneType" or p not in deeper}      # an object that was null once is no column
    called = nested.names(kinds)
    yield TableInfo(TableRef(name), tuple(ColumnInfo(called[p], kind, path=p) for p, kind in kinds.items()), kind="file",
                    rows=Rows(0, place.size, "statistics"), bytes=place.size)


def stream(place: Place, ref: TableRef, wanted: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Rows as text."""
    records = _records(place)
    while block := list(islice(records, BATCH)):
        yield nested.batch_of([nested.record(r) for r in block], wanted)


def lines(place: Place, ref: TableRef) -> Lines | None:
    """The file as lines that are records; None for an array, or where it must be read from the start."""
    if not place.plain:
        return None
    with place.open() as raw:
        head = raw.read(HEAD)
    if _is_array(head) or (coding := encoding_of(head)).startswith("utf-16"):
        return None

    def parse(found: Sequence[bytes]) -> pa.RecordBatch:
        return nested.batch_of([nested.record(r) for r in _each_line(io.StringIO("\n".join(f.decode(coding) for f in found)), place)
                                if isinstance(r, dict)], None)

    return Lines(place, 0, parse, lambda found: any(not f.rstrip().endswith(b"}") for f in found))
