"""Delimited text: encoding, delimiter and header are inferred; ragged rows are read and counted."""

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
from scanner.connectors.files import jsonl
from scanner.connectors.files.lines import LineFile
from scanner.connectors.files.source_file import SourceFile
from scanner.connectors.files.text import HEAD, encoding_of

SERVES = ("csv", "tsv", "txt")
BATCH = 20_000                                # rows of a batch by the careful reader
BLOCK = 4 << 20                               # bytes that pyarrow parses at once
_DELIMITERS = (",", "\t", ";", "|", "\x01")


@dataclass(frozen=True, slots=True)
class CsvLayout:
    """How a file is written.

    spans_lines: whether a quoted cell of its first rows holds a line feed.
    starts_blank: whether white space comes first.
    """

    columns: tuple[str, ...]
    encoding: str
    delimiter: str
    has_header: bool
    spans_lines: bool
    starts_blank: bool


def read_layout(file: SourceFile) -> CsvLayout:
    """Return column names and layout of a file, from its first bytes. Raise SourceError if it is no text."""
    delimited.field_size_limit(min(sys.maxsize, 2**31 - 1))
    head = _read_head(file)
    encoding = encoding_of(head)
    text = head.decode(encoding, "replace")
    if "\x00" in text[:2000]:
        raise SourceError(Msg("binary, not text"), where=file.where, hint=Msg("is the suffix right?"))
    delimiter, has_header = _delimiter_and_header(text)
    first = next(delimited.reader(io.StringIO(text), delimiter=delimiter), [])
    names = [c.strip() for c in first] if has_header else [""] * len(first)
    rows = delimited.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return CsvLayout(
        columns=tuple(name or f"c{i:02}" for i, name in enumerate(names)),
        encoding=encoding, delimiter=delimiter, has_header=has_header,
        spans_lines='"' in text and any("\n" in cell for row in rows for cell in row),
        starts_blank=head.removeprefix(codecs.BOM_UTF8)[:1].isspace())


def _read_head(file: SourceFile) -> bytes:
    with file.open_content() as stream:
        try:
            return stream.read(HEAD)
        except (OSError, EOFError):
            raise SourceError(Msg("broken compression"), where=file.where,
                              hint=Msg("copy the file again")) from None


def _delimiter_and_header(text: str) -> tuple[str, bool]:
    """Return the delimiter, and whether the first line names the columns."""
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    counts = {d: [line.count(d) for line in lines] for d in _DELIMITERS}
    delimiter = max(counts, key=lambda d: (min(counts[d], default=0) > 0, sum(counts[d])))
    first = next(delimited.reader(lines[:1], delimiter=delimiter), []) if lines else []
    has_numbers = any(any(c.isdigit() for c in cell) and not any(c.isalpha() for c in cell) for cell in first)
    has_header = (bool(first) and not has_numbers and all(cell.strip() for cell in first[:-1])
                  and len(set(first)) == len(first))
    return delimiter, has_header


def describe(file: SourceFile, name: str) -> Iterator[TableInfo]:
    """Yield one table."""
    if jsonl.is_json_file(file):
        yield from jsonl.describe(file, name)
        return
    columns = dict.fromkeys(read_layout(file).columns)
    yield TableInfo(
        TableRef(name), tuple(ColumnInfo(c, "text", path=(c,)) for c in columns), kind="file",
        rows=Rows(0, file.size, "statistics"), bytes=file.size,
    )


def stream(file: SourceFile, ref: TableRef, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield rows as text; a short row is filled with nulls, cells beyond the header are dropped and counted.

    columns: only these are needed; others may be there all the same.
    """
    if jsonl.is_json_file(file):
        yield from jsonl.stream(file, ref, columns)
        return
    layout = read_layout(file)
    rows_read = 0
    if layout.encoding.startswith("utf-8") and _has_unique_columns(layout) and not layout.starts_blank:
        parser = _ArrowParser(file, layout, columns)
        yield from parser.batches()
        if parser.is_finished:
            yield from _batches_of(_count_beyond(parser.ragged_rows, layout, file), layout.columns)
            return
        rows_read = parser.rows
    yield from _batches_of(_count_beyond(_rows_after(file, layout, rows_read), layout, file), layout.columns)


def _has_unique_columns(layout: CsvLayout) -> bool:
    return len(set(layout.columns)) == len(layout.columns)


class _ArrowParser:
    """A UTF-8 file by pyarrow's parser.

    ragged_rows: rows of another width than the header, which it does not take.
    is_finished: False where a cell was too long for it; `rows` of the right width were read before.
    """

    def __init__(self, file: SourceFile, layout: CsvLayout, columns: Sequence[str] | None) -> None:
        self.ragged_rows: list[list[str]] = []
        self.rows = 0
        self.is_finished = False
        self._file, self._delimiter = file, layout.delimiter
        names = list(layout.columns)
        included = [c for c in names if columns is None or c in columns]
        self._read = pacsv.ReadOptions(
            column_names=names, skip_rows=int(layout.has_header), block_size=BLOCK, use_threads=False)
        self._parse = pacsv.ParseOptions(
            delimiter=layout.delimiter, newlines_in_values=True, invalid_row_handler=self._set_aside)
        self._convert = pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.binary()),
            include_columns=included or names[:1],
            null_values=[""],
            strings_can_be_null=True,
        )

    def _set_aside(self, row: Any) -> str:
        text = row.text.replace("\x00", "")
        self.ragged_rows += [r for r in delimited.reader([text], delimiter=self._delimiter) if r]
        return "skip"

    def batches(self) -> Iterator[pa.RecordBatch]:
        is_local = self._file.is_plain and self._file.system is None
        source = self._file.arrow_source() if is_local else self._file.open_content()
        try:
            with pacsv.open_csv(source, self._read, self._parse, self._convert) as reader:
                for batch in reader:
                    self.rows += batch.num_rows
                    texts = [_text(c) for c in batch.columns]
                    yield pa.RecordBatch.from_arrays(texts, names=batch.schema.names)
            self.is_finished = True
        except (pa.ArrowException, UnicodeDecodeError):
            pass                              # a cell longer than a block: the careful reader goes on
        finally:
            if not isinstance(source, str):
                source.close()


def _text(column: pa.Array) -> pa.Array:
    """Return bytes as text; what is not UTF-8 becomes the replacement character."""
    try:
        text = column.cast(pa.string())
    except pa.ArrowException:
        decoded = [None if v is None else v.decode("utf-8", "replace") for v in column.to_pylist()]
        text = pa.array(decoded, pa.string())
    has_nul = pc.any(pc.match_substring(text, "\x00")).as_py()
    return pc.replace_substring(text, "\x00", "") if has_nul else text


def _rows_after(file: SourceFile, layout: CsvLayout, rows_read: int) -> Iterator[list[str]]:
    """Yield rows by the careful reader, less the first `rows_read` of the right width: they were read."""
    with (file.open_content() as raw,
          io.TextIOWrapper(raw, encoding=layout.encoding, errors="replace", newline="") as text):
        rows = delimited.reader((line.replace("\x00", "") for line in text), delimiter=layout.delimiter)
        if layout.has_header:
            next(rows, None)
        for row in rows:
            if rows_read and len(row) == len(layout.columns):
                rows_read -= 1
            elif row:
                yield row


def _count_beyond(rows: Iterable[list[str]], layout: CsvLayout, file: SourceFile) -> Iterator[list[str]]:
    """Yield rows; count the filled cells beyond the header, which are not kept."""
    width = len(layout.columns)
    for row in rows:
        if len(row) > width:
            file.account.lose("cells_beyond_header", sum(map(bool, row[width:])))
        yield row


def _batches_of(rows: Iterable[list[str]], columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    block: list[list[str]] = []
    for row in rows:
        block.append(row)
        if len(block) >= BATCH:
            yield _batch_of(block, columns)
            block = []
    if block:
        yield _batch_of(block, columns)


def _batch_of(rows: list[list[str]], columns: Sequence[str]) -> pa.RecordBatch:
    arrays = [pa.array([row[i] or None if i < len(row) else None for row in rows], pa.string())
              for i in range(len(columns))]
    return pa.RecordBatch.from_arrays(arrays, names=list(columns))


def lines(file: SourceFile, ref: TableRef) -> LineFile | None:
    """Return the file as lines that are rows.

    None where a line may be no row, or where the file must be read from its start.
    """
    if not file.is_plain:
        return None
    if jsonl.is_json_file(file):
        return jsonl.lines(file, ref)
    layout = read_layout(file)
    if layout.spans_lines or layout.encoding.startswith("utf-16"):
        return None
    has_mark = layout.encoding == "utf-8-sig"
    encoding = "utf-8" if has_mark else layout.encoding
    with file.open() as raw:
        start = len(raw.readline()) if layout.has_header else len(codecs.BOM_UTF8) if has_mark else 0

    def parse(raw_lines: Sequence[bytes]) -> list[list[str]]:
        texts = (line.decode(encoding, "replace").replace("\x00", "") for line in raw_lines)
        return list(delimited.reader(texts, delimiter=layout.delimiter))

    def are_torn(raw_lines: Sequence[bytes]) -> bool:
        if any(line.count(b'"') % 2 for line in raw_lines):
            return True
        ragged = sum(len(row) != len(layout.columns) for row in parse(raw_lines))
        return ragged * 2 > len(raw_lines)

    return LineFile(file, start, lambda raw_lines: _batch_of(parse(raw_lines), layout.columns), are_torn)
