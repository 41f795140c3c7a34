"""Delimited text: encoding, delimiter and header are found; ragged rows are kept and counted."""

from __future__ import annotations

import codecs
import csv as delimited
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import ColumnInfo, Rows, TableInfo, TableRef
from scanner.connectors.files.lines import Lines
from scanner.connectors.files.places import Place
from scanner.connectors.files.text import HEAD, encoding_of

SERVES = ("csv", "tsv", "txt")
BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written. `spans`: does a quoted cell of its first rows hold a line feed?"""

    columns: tuple[str, ...]
    encoding: str
    delimiter: str
    header: bool
    spans: bool
    blank: bool                               # does it begin with white space?


def _head(place: Place) -> bytes:
    with place.inflated() as f:
        try:
            return f.read(HEAD)
        except (OSError, EOFError):
            raise SourceError(
                Msg("broken compression"), where=place.where, hint=Msg("copy the file again")
            ) from None


def layout(head: bytes, name: str) -> tuple[str, str, bool]:
    """(encoding, delimiter, has a header)."""
    encoding = encoding_of(head)
    text = head.decode(encoding, "replace")
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    if "\x00" in text[:2000]:
        raise SourceError(Msg("binary, not text"), where=name, hint=Msg("is the suffix right?"))
    counts = {d: [line.count(d) for line in lines] for d in (",", "\t", ";", "|", "\x01")}
    delimiter = max(counts, key=lambda d: (min(counts[d], default=0) > 0, sum(counts[d])))
    first = next(delimited.reader(lines[:1], delimiter=delimiter), []) if lines else []
    numbers = sum(any(c.isdigit() for c in cell) and not any(c.isalpha() for c in cell) for cell in first)
    header = bool(first) and numbers == 0 and all(cell.strip() for cell in first[:-1]) and len(set(first)) == len(first)
    return encoding, delimiter, header


def laid_out(place: Place) -> Layout:
    """Column names and layout of a file."""
    delimited.field_size_limit(min(sys.maxsize, 2**31 - 1))
    head = _head(place)
    encoding, delimiter, header = layout(head, place.where)
    text = head.decode(encoding, "replace")
    first = next(delimited.reader(io.StringIO(text), delimiter=delimiter), [])
    columns = [c.strip() for c in first] if header else [f"c{i:02}" for i in range(len(first))]
    rows = delimited.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    spans = '"' in text and any("\n" in cell for row in rows for cell in row)
    return Layout(tuple(c or f"c{i:02}" for i, c in enumerate(columns)), encoding, delimiter, header, spans,
                  head.removeprefix(codecs.BOM_UTF8)[:1].isspace())


def describe(place: Place, name: str) -> Iterator[TableInfo]:
    """One table."""
    columns = laid_out(place).columns
    yield TableInfo(
        TableRef(name), tuple(ColumnInfo(c, "text", path=(c,)) for c in dict.fromkeys(columns)), kind="file",
        rows=Rows(0, place.size, "statistics"), bytes=place.size,
    )


def stream(place: Place, ref: TableRef, wanted: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Rows as text; a short row is filled with nulls, cells beyond the header are dropped. wanted: only these columns are needed."""
    how = laid_out(place)
    done = 0
    if how.encoding.startswith("utf-8") and len(set(how.columns)) == len(how.columns) and not how.blank:
        fast = _Fast(place, how, [c for c in how.columns if wanted is None or c in wanted])
        yield from fast.batches()
        if fast.whole:
            yield from _blocks(fast.ragged, how.columns)
            return
        done = fast.rows
    yield from _blocks(_rows(place, how, done), how.columns)


class _Fast:
    """A UTF-8 file by pyarrow's parser. `ragged` holds the rows it will not take; `whole` is False where a cell was too long for it."""

    def __init__(self, place: Place, how: Layout, wanted: list[str]) -> None:
        self.ragged: list[list[str]] = []
        self.rows = 0
        self.whole = False
        self._place, self._delimiter = place, how.delimiter
        columns = list(how.columns)
        self._read = pacsv.ReadOptions(column_names=columns, skip_rows=int(how.header), block_size=4 << 20, use_threads=False)
        self._parse = pacsv.ParseOptions(delimiter=how.delimiter, newlines_in_values=True, invalid_row_handler=self._keep)
        self._convert = pacsv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.binary()),
            include_columns=wanted or columns[:1],
            null_values=[""],
            strings_can_be_null=True,
        )

    def _keep(self, row: Any) -> str:
        self.ragged += [r for r in delimited.reader([row.text.replace("\x00", "")], delimiter=self._delimiter) if r]
        return "skip"

    def batches(self) -> Iterator[pa.RecordBatch]:
        here = self._place.plain and self._place.system is None
        source = self._place.path if here else self._place.inflated()
        try:
            with pacsv.open_csv(source, self._read, self._parse, self._convert) as reader:
                for batch in reader:
                    self.rows += batch.num_rows
                    yield pa.RecordBatch.from_arrays([_text(c) for c in batch.columns], names=batch.schema.names)
            self.whole = True
        except (pa.ArrowException, UnicodeDecodeError):      # a cell longer than a block: the careful reader goes on from here
            pass
        finally:
            if not isinstance(source, str):
                source.close()


def _text(column: pa.Array) -> pa.Array:
    """Bytes as text; what is not UTF-8 becomes the replacement character."""
    try:
        text = column.cast(pa.string())
    except pa.ArrowException:
        text = pa.array([None if v is None else v.decode("utf-8", "replace") for v in column.to_pylist()], pa.string())
    return pc.replace_substring(text, "\x00", "") if pc.any(pc.match_substring(text, "\x00")).as_py() else text


def _rows(place: Place, how: Layout, done: int) -> Iterator[list[str]]:
    """Rows by the careful reader, less the first `done` that have the right width: those were read before."""
    with place.inflated() as raw, io.TextIOWrapper(raw, encoding=how.encoding, errors="replace", newline="") as text:
        rows = delimited.reader((line.replace("\x00", "") for line in text), delimiter=how.delimiter)
        if how.header:
            next(rows, None)
        for row in rows:
            if done and len(row) == len(how.columns):
                done -= 1
            elif row:
                yield row


def _blocks(rows: Iterable[list[str]], columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    block: list[list[str]] = []
    for row in rows:
        block.append(row)
        if len(block) >= BATCH:
            yield _batch(block, columns)
            block = []
    if block:
        yield _batch(block, columns)


def _batch(block: list[list[str]], columns: Sequence[str]) -> pa.RecordBatch:
    arrays = [pa.array([row[i] or None if i < len(row) else None for row in block], pa.string()) for i in range(len(columns))]
    return pa.RecordBatch.from_arrays(arrays, names=list(columns))


def lines(place: Place, ref: TableRef) -> Lines | None:
    """The file as lines that are rows; None where a line may not be a row, or where it must be read from the start."""
    if not place.plain:
        return None
    how = laid_out(place)
    if how.spans or how.encoding.startswith("utf-16"):
        return None
    with place.open() as raw:
        start = len(raw.readline()) if how.header else len(codecs.BOM_UTF8) if how.encoding == "utf-8-sig" else 0
    coding = "utf-8" if how.encoding == "utf-8-sig" else how.encoding
    width = len(how.columns)

    def rows(found: Sequence[bytes]) -> list[list[str]]:
        return list(delimited.reader((f.decode(coding, "replace").replace("\x00", "") for f in found), delimiter=how.delimiter))

    def torn(found: Sequence[bytes]) -> bool:
        return any(f.count(b'"') % 2 for f in found) or sum(len(r) != width for r in rows(found)) * 2 > len(found)

    return Lines(place, start, lambda found: _batch(rows(found), how.columns), torn)
