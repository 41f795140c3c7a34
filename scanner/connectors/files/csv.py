"""Delimited text: encoding, dialect and headings are found by its rows; every line is read or accounted for.

A file is read in blocks of whole lines. pyarrow cuts a block into rows; where the number of rows, or a quote,
does not fit the lines, `broken_rows` reads this block again with care.
"""

from __future__ import annotations

import codecs
import csv as delimited
import io
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import ColumnInfo, Rows, TableInfo, TableRef
from scanner.connectors.account import Account, line
from scanner.connectors.files import jsonl
from scanner.connectors.files.broken_rows import CarefulReader, NumberedRow, RowShape
from scanner.connectors.files.contents import signature_of
from scanner.connectors.files.dialect import TextDialect, find_dialect, lines_of, separator_line
from scanner.connectors.files.lines import LineFile
from scanner.connectors.files.source_file import SourceFile
from scanner.connectors.files.text import HEAD, Utf16Decoder, file_encoding, repaired, utf8_lines
from scanner.connectors.table_borders import (
    Borders,
    cell_kind,
    find_borders,
    is_word_of_headings,
    usual_kind,
    widened,
)

SERVES = ("csv", "tsv", "txt")
DESCRIBED = HEAD                              # bytes of a file that decide its columns
BLOCK = 4 << 20                               # bytes of lines that are read at once
LAYOUTS = 1_024                               # files whose layout is remembered
LONGEST = 64 << 20                            # bytes of a row
SPREAD = 8                                    # places behind the head where the width of rows is looked up
PIECE = 8 << 10                               # bytes read there
BOTH_NULL = ("", "\\N")
_ROWS_JUDGED = 200
_ODD_ENDS = ("\x1e", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1d")      # of lines without line feeds
_BLANK_LINES = re.compile(rb"\n(?:\r?\n)+")
BLANKS_JUDGED = 100                           # blank lines of a block below which headings are looked for
_SIGNS = (",", "\t", ";", "|", "\x1f", "\x01")
_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True)
class CsvLayout:
    """How a file is written, and what its first rows look like.

    skipped_lines: above the data. width: cells of most rows. kinds: of the cells of each column.
    spans_lines: whether a cell of its first rows holds a line feed.
    garbled: cells of its first rows that are UTF-8 read as something else once.
    line_end: what parts its lines, where that is no line feed.
    """

    encoding: str
    dialect: TextDialect
    borders: Borders
    skipped_lines: int
    width: int
    kinds: tuple[str, ...]
    spans_lines: bool
    garbled: int
    line_end: bytes = b""

    @property
    def columns(self) -> tuple[str, ...]:
        return self.borders.names

    @cached_property
    def shape(self) -> RowShape:
        return RowShape(self.dialect, self.width, self._is_row)

    def _is_row(self, cells: Sequence[str]) -> bool:
        if len(cells) != self.width:
            return False
        return all(not kind or not cell or cell_kind(cell.strip('" ')) == kind
                   for cell, kind in zip(cells, self.kinds, strict=False))


def read_layout(file: SourceFile) -> CsvLayout:
    """Return column names and layout of a file, from its first bytes and, for its width, from further ones.

    Raise SourceError if it is no text.
    """
    return _layout_of(file, file.stamp, id(file.system))


@lru_cache(maxsize=LAYOUTS)
def _layout_of(file: SourceFile, stamp: str, system: int) -> CsvLayout:
    """Return the layout of a file as it is at this moment."""
    delimited.field_size_limit(min(sys.maxsize, 2**31 - 1))
    head = _read_head(file)
    if signature_of(head):
        raise SourceError(Msg("binary, not text"), where=file.where, hint=Msg("is the suffix right?"))
    encoding = file_encoding(file, head)
    text = _decode(head, encoding)
    if "\x00" in text[:2000] and "\x00" in text[:2000].replace("\x00", "", 20):
        raise SourceError(Msg("binary, not text"), where=file.where, hint=Msg("is the suffix right?"))
    if len(head) == HEAD and (end := max(text.rfind("\n"), text.rfind("\r"))) > 0:
        text = text[: end + 1]
    text = text.replace("\x00", "")
    line_end = _odd_line_end(text)
    text = text.replace(line_end, "\n") if line_end else text
    dialect = find_dialect(text)
    above = 1 if (lines := lines_of(text[:2000])) and separator_line(lines[0]) else 0
    shape = RowShape(dialect, sys.maxsize, lambda cells: False)
    careful = CarefulReader(shape, Account())
    all_lines = lines_of(text)
    text_below = "".join(all_lines[above: above + 2 * _ROWS_JUDGED])
    numbered = list(careful.rows(dialect.prepare(text_below), above, is_last=True))
    rows = [row.cells for row in numbered]
    garbled = sum(bool(repaired(cell)) for row in rows[:_ROWS_JUDGED] for cell in row)
    judged = rows[:_ROWS_JUDGED]
    borders = find_borders([[_readable(cell) for cell in row] for row in judged] if garbled else judged)
    data = rows[borders.first_row:]
    width = _usual_width(data, len(borders.names))
    widest = max([width, *(len(row) for row in data), *_spread_widths(file, encoding, dialect)])
    first = numbered[borders.first_row].number if borders.first_row < len(numbered) else len(all_lines)
    return CsvLayout(
        encoding, dialect, widened(borders, min(widest, 4 * width + 100)), first, width,
        kinds=tuple(usual_kind([row[i] for row in data[:100] if i < len(row)]) for i in range(width)),
        spans_lines=any("\n" in cell for row in data for cell in row) or _is_open(dialect, all_lines),
        garbled=garbled, line_end=line_end.encode("utf-8" if encoding.startswith("utf-") else encoding))


def _odd_line_end(text: str) -> str:
    """Return what parts lines in text without any line feed; empty where nothing does."""
    body = text.rstrip("\r\n")
    if "\n" in body or "\r" in body:
        return ""
    for end in _ODD_ENDS:
        lines = body.split(end)
        lines = lines[: len(lines) - (not lines[-1])]
        for sign in _SIGNS:
            if len(lines) > 1 and end != sign and lines[0].count(sign) == lines[-2].count(sign) > 0:
                return end
    return ""


def _usual_width(rows: Sequence[Sequence[str]], columns: int) -> int:
    """Return how many cells most rows have that are no line of one cell. columns: of the table."""
    widths = Counter(map(len, rows))
    wide = {width: n for width, n in widths.items() if width > 1}
    if 3 * wide.get(columns, 0) >= len(rows):
        return columns                        # narrower rows are a table of their own, or short
    if columns > 1 and sum(wide.values()) * 3 >= len(rows):
        widths = Counter(wide)
    return max(widths, key=lambda width: (widths[width], width == columns), default=columns)


def _is_open(dialect: TextDialect, lines: Sequence[str]) -> bool:
    """Return whether a line has half of a pair of quotes, as a cell over several lines leaves it."""
    return bool(dialect.quote) and any(text.count(dialect.quote) % 2 for text in lines)


def _readable(cell: str) -> str:
    return repaired(cell) or cell


def _decode(head: bytes, encoding: str) -> str:
    if encoding.startswith("utf-16"):
        return codecs.getincrementaldecoder(encoding)("replace").decode(head).removeprefix("\ufeff")
    return utf8_lines(head, encoding, Account(), 1).decode("utf-8", "replace").removeprefix("\ufeff")


def _read_head(file: SourceFile) -> bytes:
    with file.open_content() as stream:
        try:
            return stream.read(HEAD)
        except (OSError, EOFError):
            raise SourceError(Msg("broken compression"), where=file.where,
                              hint=Msg("copy the file again")) from None


def _spread_widths(file: SourceFile, encoding: str, dialect: TextDialect) -> Iterator[int]:
    """Yield how many cells rows have in places spread over a large file."""
    size = file.size
    if not file.is_plain or size <= HEAD or encoding.startswith("utf-16"):
        return
    with file.open() as stream:
        for i in range(1, SPREAD + 1):
            stream.seek(HEAD + (size - HEAD) * i // (SPREAD + 1))
            lines = stream.read(PIECE).split(b"\n")[1:-1]
            texts = [dialect.prepare(part.decode(encoding, "replace").replace("\x00", "")) for part in lines]
            whole = (text for text in texts if not dialect.quote or text.count(dialect.quote) % 2 == 0)
            yield from map(len, dialect.reader(whole))


def describe(file: SourceFile, name: str) -> Iterator[TableInfo]:
    """Yield one table."""
    if jsonl.is_json_file(file):
        yield from jsonl.describe(file, name)
        return
    columns = read_layout(file).columns
    yield TableInfo(
        TableRef(name), tuple(ColumnInfo(c, "text", path=(c,)) for c in columns), kind="file",
        rows=Rows(0, file.size, "statistics"), bytes=file.size,
    )


def column_names(file: SourceFile) -> tuple[str, ...] | None:
    """Return the columns of a file by its layout; None where all of it would have to be read."""
    return None if jsonl.is_json_file(file) else read_layout(file).columns


def stream(file: SourceFile, ref: TableRef, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield rows as text; a short row is filled with nulls, cells beyond the last column are added to it.

    columns: only these are needed; others may be there all the same.
    """
    if jsonl.is_json_file(file):
        yield from jsonl.stream(file, ref, columns)
        return
    layout = read_layout(file)
    if layout.garbled:
        file.account.lose("mojibake", layout.garbled)
    if layout.borders.is_assumed:
        file.account.lose("headings_assumed", 1, line(layout.skipped_lines or 1))
    file.account.lose("titles", layout.borders.title_cells, line(1))
    file.account.lose("title_persons", layout.borders.title_persons, line(1))
    if layout.dialect.is_assumed:
        file.account.lose("cells_assumed", 1, line(layout.skipped_lines + 1))
    reader = _BlockReader(file, layout, columns)
    with file.open_content() as raw:
        for text in _blocks(raw, file, layout):
            yield from reader.batches(text)
        yield from reader.batches(b"", is_last=True)


def _blocks(raw: IO[bytes], file: SourceFile, layout: CsvLayout) -> Iterator[bytes]:
    """Yield whole lines as UTF-8, without those above the data."""
    above = layout.skipped_lines
    number = 1
    limit = file.size if file.is_plain and not file.is_remote else None
    account = file.account
    for block in _whole_lines(raw, layout, limit, account):
        text = block
        if not layout.encoding.startswith("utf-"):
            text = utf8_lines(block, layout.encoding, account, number)
            number += block.count(b"\n")
        if b"\x00" in text:
            text = text.replace(b"\x00", b"")
        if above:
            ends = [match.end() for match in islice(_LINE_END.finditer(text), above)]
            above -= len(ends)
            text = text[ends[-1]:] if ends and not above else b""
        yield text


def _whole_lines(
    raw: IO[bytes], layout: CsvLayout, limit: int | None, account: Account,
) -> Iterator[bytes]:
    """Yield blocks that end with a line, without a byte order mark; UTF-16 becomes UTF-8.

    limit: bytes to read, for a file that somebody may be appending to; None: to the end. account: of what is
    no UTF-16.
    """
    encoding = layout.encoding
    decoder = Utf16Decoder(encoding, account) if encoding.startswith("utf-16") else None
    rest = b""
    is_first = True
    while True:
        block = raw.read(BLOCK if limit is None else min(BLOCK, limit))
        is_end = not block
        limit = None if limit is None else limit - len(block)
        if decoder:
            block = decoder.decode(block, is_end)
        if is_first:
            block = block.removeprefix(codecs.BOM_UTF8)
            is_first = False
        block = rest + block
        if layout.line_end:
            block = block.replace(layout.line_end, b"\n")
        if is_end:
            if block:
                yield block
            return
        end = block.rfind(b"\n") + 1
        if not end:
            end = block.rfind(b"\r", 0, len(block) - 1) + 1
        if not end and len(block) > LONGEST:
            end = len(block)
        rest = block[end:]
        if end:
            yield block[:end]


class _BlockReader:
    """Record batches of blocks of lines."""

    def __init__(self, file: SourceFile, layout: CsvLayout, columns: Sequence[str] | None) -> None:
        self._account, self._layout = file.account, layout
        self._careful = CarefulReader(layout.shape, file.account)
        self._line = layout.skipped_lines + 1
        dialect = layout.dialect
        names = list(layout.columns[: layout.width])
        names += [f"\x00{i}" for i in range(len(names), layout.width)]
        self._names = names
        included = [c for c in names if columns is None or c in columns]
        self._convert = pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), include_columns=included or names[:1],
            null_values=list(BOTH_NULL), strings_can_be_null=True, quoted_strings_can_be_null=True,
            check_utf8=False)
        self._is_fast = not dialect.collapses and layout.width > 0
        self._ragged: list[NumberedRow] = []

    def batches(self, block: bytes, *, is_last: bool = False) -> Iterator[pa.RecordBatch]:
        """Yield the rows of whole lines; what is open at their end is added to the next ones."""
        if self._careful.rest:
            block = self._careful.rest.encode("utf-8") + block
            self._careful.rest = ""
        elif not block:
            return
        if self._layout.encoding.startswith("utf-8"):
            block = utf8_lines(block, "utf-8", self._account, self._line)
        self._note_other_headings(block)
        block = self._layout.dialect.prepare_bytes(block)
        first_line, lines = self._line, _count_lines(block)
        batch = self._by_arrow(block, lines) if self._is_fast else None
        if batch is None:
            rows = list(self._careful.rows(block.decode("utf-8", "replace"), first_line, is_last=is_last))
            self._line += lines - (_count_lines(self._careful.rest.encode()) if self._careful.rest else 0)
        else:
            yield batch
            rows = self._ragged
            self._line += lines
        if rows:
            yield _batch_of(self._filled(rows), self._layout.columns)

    def _note_other_headings(self, block: bytes) -> None:
        """Account for headings below a blank line: rows of a second table are read as those of the first."""
        for match in islice(_BLANK_LINES.finditer(block), BLANKS_JUDGED):
            end = block.find(b"\n", match.end())
            text = block[match.end(): end if end >= 0 else len(block)].decode("utf-8", "replace")
            rows = list(self._layout.dialect.reader([self._layout.dialect.prepare(text)], quoted=False))
            cells = [cell.strip('" ') for cell in rows[0]] if rows else []
            if len(cells) > 1 and sum(map(is_word_of_headings, cells)) >= max(2, 0.6 * len(cells)):
                self._account.lose("other_table", 1, line(self._line + block.count(b"\n", 0, match.end())))

    def _by_arrow(self, block: bytes, lines: int) -> pa.RecordBatch | None:
        """Return the rows of usual width, the others are `_ragged`; None where they do not fit the lines."""
        dialect = self._layout.dialect
        quote = dialect.quote.encode()
        has_quotes = bool(quote) and quote in block
        if has_quotes and not dialect.escape and block.count(quote) % 2:
            return None
        self._ragged = []
        ragged: list[tuple[int, str]] = []

        def set_aside(row: Any) -> str:
            ragged.append((row.number or 0, row.text))
            return "skip"

        parse = pacsv.ParseOptions(
            delimiter=dialect.sign, quote_char=dialect.quote if has_quotes else False,
            escape_char=dialect.escape or False, double_quote=not dialect.escape,
            newlines_in_values=has_quotes, invalid_row_handler=set_aside)
        read = pacsv.ReadOptions(column_names=self._names, block_size=len(block) + 1, use_threads=False)
        try:
            table = pacsv.read_csv(pa.BufferReader(block), read, parse, self._convert)
        except pa.ArrowException:
            return None
        if has_quotes and (table.num_rows + len(ragged) != lines) and not self._is_sound(table, ragged):
            return None
        for number, text in ragged:
            try:
                rows = list(dialect.reader([text], strict=True))
            except delimited.Error:
                return None
            self._ragged += [NumberedRow(self._line + max(number - 1, 0), row) for row in rows if row]
        return _one_batch(table, dialect)

    def _is_sound(self, table: pa.Table, ragged: Sequence[tuple[int, str]]) -> bool:
        """Return whether no cell of several lines holds what looks like a row."""
        if any("\n" in text for _, text in ragged):
            return False
        dialect, is_row = self._layout.dialect, self._layout.shape.is_row
        for column in table.columns:
            spans = column.filter(pc.match_substring(column, "\n")).to_pylist()
            for cell in spans:
                inner = cell.splitlines()[1:-1]
                if inner and any(is_row(row) for row in dialect.reader(inner, quoted=False)):
                    return False
        return True

    def _filled(self, rows: Iterable[NumberedRow]) -> list[list[str]]:
        """Return rows no wider than the table; what is short or wide is accounted for."""
        columns, width = len(self._layout.columns), self._layout.width
        filled = []
        for row in rows:
            cells = row.cells
            if len(cells) < width and any(cells):
                self._account.lose("short_rows", 1, line(row.number))
            elif len(cells) > columns and any(cells[columns:]):
                beyond = [cell for cell in cells[columns:] if cell]
                self._account.lose("cells_beyond_header", len(beyond), line(row.number))
                last = [cell for cell in (cells[columns - 1], *beyond) if cell]
                cells = [*cells[: columns - 1], "\n".join(last)]
            filled.append(cells)
        return filled


def _count_lines(block: bytes) -> int:
    ends = block.count(b"\n")
    if b"\r" in block:
        ends += block.count(b"\r") - block.count(b"\r\n")
    return ends + (not block.endswith((b"\n", b"\r")))


def _one_batch(table: pa.Table, dialect: TextDialect) -> pa.RecordBatch:
    batch = table.combine_chunks().to_batches()
    if not batch:
        return pa.RecordBatch.from_pylist([], schema=table.schema)
    if dialect.sign == dialect.delimiter:
        return batch[0]
    arrays = [pc.replace_substring(column, dialect.sign, dialect.delimiter) for column in batch[0].columns]
    return pa.RecordBatch.from_arrays(arrays, names=batch[0].schema.names)


def _batch_of(rows: Sequence[Sequence[str]], columns: Sequence[str]) -> pa.RecordBatch:
    arrays = [
        pa.array([None if i >= len(row) or row[i] in BOTH_NULL else row[i] for row in rows], pa.string())
        for i in range(len(columns))
    ]
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
    if layout.spans_lines or layout.line_end or layout.encoding.startswith("utf-16"):
        return None
    dialect = layout.dialect
    with file.open() as raw:
        start = sum(len(raw.readline()) for _ in range(layout.skipped_lines))
        if not start and layout.encoding == "utf-8-sig":
            start = len(codecs.BOM_UTF8)

    def parse(raw_lines: Sequence[bytes], account: Account) -> list[list[str]]:
        block = utf8_lines(b"\n".join(raw_lines), layout.encoding, account, 0)
        texts = io.StringIO(dialect.prepare(block.decode("utf-8", "replace").replace("\x00", "")))
        return list(dialect.reader(texts))

    def are_torn(raw_lines: Sequence[bytes]) -> bool:
        quote = dialect.quote.encode() or b'"'
        if any(text.count(quote) % 2 for text in raw_lines):
            return True
        ragged = sum(len(row) != layout.width for row in parse(raw_lines, Account()))
        return ragged * 2 > len(raw_lines)

    def batch(raw_lines: Sequence[bytes]) -> pa.RecordBatch:
        return _batch_of(parse(raw_lines, file.account), layout.columns)

    return LineFile(file, start, batch, are_torn)
