"""Delimited text: encoding, dialect and headings are found by its rows; every line is read or accounted for.

A file is read in blocks of whole lines. pyarrow cuts a block into rows; where the number of rows, or a quote,
does not fit the lines, `broken_rows` reads this block again with care.
"""

from __future__ import annotations

import codecs
import csv as delimited
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from detectors.model import ColumnInfo, Rows, TableInfo, TableRef
from scanner.connectors.account import SAMPLED_LINES, Account, line
from scanner.connectors.cell_kinds import are_headings
from scanner.connectors.files import jsonl
from scanner.connectors.files.broken_rows import CarefulReader, NumberedRow
from scanner.connectors.files.csv_layout import CsvLayout, read_grid, read_layout
from scanner.connectors.files.csv_lines import RowLines, count_byte, plain_text
from scanner.connectors.files.encodings import HEAD, is_wide
from scanner.connectors.files.lines import LineFile
from scanner.connectors.files.sheets import WorkbookSheet, describe_sheets, read_sheet
from scanner.connectors.files.source_file import SourceFile
from scanner.connectors.files.text import WideDecoder, utf8_lines
from scanner.connectors.files.text_dialect import TextDialect
from scanner.connectors.files.wrapped_cells import unwrapped_batch
from scanner.connectors.total_rows import note_total

SERVES = ("csv", "tsv", "txt")
DESCRIBED = HEAD                              # bytes of a file that decide its columns
BLOCK = 4 << 20                               # bytes of lines that are read at once
LONGEST = 64 << 20                            # bytes of a row
SMALL = 64 << 10                              # bytes of a last block too few to tell how its rows end
BOTH_NULL = ("", "\\N")
_LINE_END = re.compile(rb"\r\n|\r|\n")


def describe(file: SourceFile, name: str) -> Iterator[TableInfo]:
    """Yield one table."""
    if jsonl.is_json_file(file):
        yield from jsonl.describe(file, name)
        return
    layout, size = read_layout(file), file.size
    if layout.is_sheet:
        yield from describe_sheets(_sheets(file, name), name, file)
        return
    columns = tuple(ColumnInfo(c, "text", path=(c,)) for c in layout.columns)
    yield TableInfo(TableRef(name), columns, kind="file", rows=Rows(0, size, "statistics"), bytes=size)


def column_names(file: SourceFile) -> tuple[str, ...] | None:
    """Return the columns of a file by its layout; None where all of it would have to be read."""
    if jsonl.is_json_file(file):
        return None
    layout = read_layout(file)
    if layout.is_sheet:
        return tuple(c.name for info in describe_sheets(_sheets(file, ""), "", file) for c in info.columns)
    return layout.columns


def _sheets(file: SourceFile, name: str) -> list[WorkbookSheet]:
    grid = read_grid(file)
    return [WorkbookSheet(name, len(grid), lambda skipped: iter(grid[skipped:]))]


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
    if layout.is_encoding_assumed:
        file.account.lose("encoding_assumed", 1)
    if layout.is_sheet:
        yield from read_sheet(_sheets(file, ref.schema or ref.name), ref, file)
        return
    if layout.borders.is_assumed:
        file.account.lose("headings_assumed", 1, line(layout.skipped_lines or 1))
    file.account.lose("titles", layout.borders.title_cells, line(1))
    file.account.lose("heading_values", layout.borders.heading_values,
                      line(layout.skipped_lines or 1))
    file.account.lose("title_persons", layout.borders.title_persons, line(1))
    if layout.dialect.is_assumed:
        file.account.lose("cells_assumed", 1, line(layout.skipped_lines + 1))
    reader = _BlockReader(file, layout, columns)
    with file.open_content() as raw:
        for text, is_end in _with_end(_blocks(raw, file, layout)):
            yield from reader.batches(text, is_end=is_end)
        yield from reader.batches(b"", is_last=True)


def _with_end(blocks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield (block, is it the last); a small last one together with that before it."""
    before = last = b""
    for block in blocks:
        last += block
        if len(last) >= SMALL:
            if before:
                yield before, False
            before, last = last, b""
    if before or last:
        yield before + last, True


def _blocks(raw: IO[bytes], file: SourceFile, layout: CsvLayout) -> Iterator[bytes]:
    """Yield whole lines as UTF-8, without those above the data."""
    above = layout.skipped_lines
    number = 1
    limit = file.size if file.is_plain and not file.is_remote else None
    account = file.account
    for block in _whole_lines(raw, layout, limit, account):
        text = block
        if not (layout.encoding.startswith("utf-") or is_wide(layout.encoding)):
            text = utf8_lines(block, layout.encoding, account, number)
            number += block.count(b"\n")
        text = plain_text(text, layout, account)
        if above:
            ends = [match.end() for match in islice(_LINE_END.finditer(text), above)]
            above -= len(ends)
            text = text[ends[-1]:] if ends and not above else b""
        yield text


def _whole_lines(
    raw: IO[bytes], layout: CsvLayout, limit: int | None, account: Account,
) -> Iterator[bytes]:
    """Yield blocks that end with a line, without a byte order mark; a wide encoding becomes UTF-8.

    limit: bytes to read, for a file that somebody may be appending to; None: to the end. account: of what is
    no UTF-16.
    """
    encoding = layout.encoding
    decoder = WideDecoder(encoding, account) if is_wide(encoding) else None
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
        self._lines = RowLines(layout, file.account)
        self._open = b""                      # a line that goes on in the next block
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

    def batches(
        self, block: bytes, *, is_end: bool = False, is_last: bool = False
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows of whole lines; what is open at their end is added to the next ones.

        is_end: no lines follow. is_last: nothing follows, what is open is a row, too.
        """
        if self._careful.rest:
            block = self._careful.rest.encode("utf-8") + block
            self._careful.rest = ""
        elif not block and not self._open:
            return
        if self._layout.encoding.startswith("utf-8"):
            block = utf8_lines(block, "utf-8", self._account, self._line)
        if self._layout.dialect.joins and not is_last:
            block, self._open = _cut_at_whole_row(self._open + block)
        first_line, lines = self._line, _count_lines(block)
        only_rows = self._lines.rows_only(block, first_line)
        if is_end and not self._layout.dialect.joins:
            only_rows = self._lines.without_footers(only_rows, first_line)
        prepared = self._layout.dialect.prepare_bytes(only_rows)
        rows_at_most = lines if prepared is block else _count_lines(prepared)
        block = prepared
        batch = self._by_arrow(block, rows_at_most) if self._is_fast else None
        if batch is None:
            rows = list(self._careful.rows(block.decode("utf-8", "replace"), first_line, is_last=is_last))
            self._line += lines - (_count_lines(self._careful.rest.encode()) if self._careful.rest else 0)
        else:
            batch = unwrapped_batch(batch, self._names, self._layout.wrappings)
            self._lines.note_headings_among(batch, first_line)
            yield batch
            rows = self._ragged
            self._line += lines
        if rows:
            yield _batch_of(filled_rows(rows, self._layout, self._account), self._layout)

    def _by_arrow(self, block: bytes, lines: int) -> pa.RecordBatch | None:
        """Return the rows of usual width, the others are `_ragged`; None where they do not fit the lines."""
        dialect = self._layout.dialect
        quote = dialect.quote.encode()
        has_quotes = bool(quote) and quote in block
        if has_quotes and not dialect.escape and count_byte(block, quote) % 2:
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


def filled_rows(rows: Iterable[NumberedRow], layout: CsvLayout, account: Account) -> list[list[str]]:
    """Return rows no wider than the table; what is short or wide is accounted for.

    A row of more cells than others may have one more at its end, or one that was cut in two: then the cells
    behind it stand under other headings.
    """
    columns, width = len(layout.columns), layout.width
    filled = []
    for row in rows:
        cells = row.cells
        place = line(row.number) if row.number else SAMPLED_LINES
        if len(cells) < width and any(cells):
            kind = "other_table" if are_headings(cells) else "short_rows"
            account.lose(kind, 1, place)
        elif any(cells[width:]) and not (any(layout.kinds) and layout.is_row(cells[:width])):
            account.lose("other_table" if are_headings(cells) else "shifted_rows", 1, place)
        if any(cells[columns:]):
            beyond = [cell for cell in cells[columns:] if cell]
            account.lose("cells_beyond_header", len(beyond), place)
            last = [cell for cell in (cells[columns - 1], *beyond) if cell]
            cells = [*cells[: columns - 1], "\n".join(last)]
        filled.append(cells)
    return filled


def _cut_at_whole_row(block: bytes) -> tuple[bytes, bytes]:
    """Return lines up to the last one that does not go on in the next, and the rest."""
    end = len(block)
    while end and (body := block[:end].rstrip(b"\r\n")).endswith(b"\\"):
        end = body.rfind(b"\n") + 1
    return block[:end], block[end:]


def _count_lines(block: bytes) -> int:
    ends = count_byte(block, b"\n")
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


def _batch_of(rows: Sequence[Sequence[str]], layout: CsvLayout) -> pa.RecordBatch:
    columns = layout.columns
    arrays = [
        pa.array([None if i >= len(row) or row[i] in BOTH_NULL else row[i] for row in rows], pa.string())
        for i in range(len(columns))
    ]
    batch = pa.RecordBatch.from_arrays(arrays, names=list(columns))
    return unwrapped_batch(batch, columns, layout.wrappings)


def lines(file: SourceFile, ref: TableRef) -> LineFile | None:
    """Return the file as lines that are rows.

    None where a line may be no row, or where the file must be read from its start.
    """
    if not file.is_plain:
        return None
    if jsonl.is_json_file(file):
        return jsonl.lines(file, ref)
    layout = read_layout(file)
    dialect = layout.dialect
    if (layout.is_sheet or layout.ruling or layout.spans_lines or layout.line_end or layout.nul
            or dialect.joins or is_wide(layout.encoding)):
        return None
    with file.open() as raw:
        start = sum(len(raw.readline()) for _ in range(layout.skipped_lines))
        if not start and layout.encoding == "utf-8-sig":
            start = len(codecs.BOM_UTF8)

    def parse(raw_lines: Sequence[bytes], account: Account) -> list[list[str]]:
        raw_lines = [text for text in raw_lines if not text or text != layout.heading]
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
        rows = [NumberedRow(0, row) for row in parse(raw_lines, file.account)
                if any(row) and not note_total(row, file.account, SAMPLED_LINES)]
        batch_of_lines = _batch_of(filled_rows(rows, layout, file.account), layout)
        RowLines(layout, file.account).note_headings_among(batch_of_lines, 0)
        return batch_of_lines

    return LineFile(file, start, batch, are_torn)
