"""How a delimited file is written and what its first rows look like: encoding, dialect, headings, width."""

from __future__ import annotations

import codecs
import csv as delimited
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from detectors.errors import SourceError
from detectors.message import Msg
from scanner.connectors.account import Account
from scanner.connectors.cell_kinds import cell_kind, usual_kind
from scanner.connectors.files.broken_rows import CarefulReader, NumberedRow, RowShape
from scanner.connectors.files.contents import signature_of
from scanner.connectors.files.dialect import find_dialect, separator_line
from scanner.connectors.files.encodings import HEAD, file_encoding, is_assumed, is_wide
from scanner.connectors.files.mojibake import repaired
from scanner.connectors.files.ruled_lines import Ruling, ruling_of, unruled
from scanner.connectors.files.sheet_blocks import lies_as_sheet
from scanner.connectors.files.sheet_forms import MOST_LINES, rows_of_key_lines
from scanner.connectors.files.source_file import SourceFile
from scanner.connectors.files.text import utf8_lines
from scanner.connectors.files.text_dialect import SEPARATOR, TextDialect, joined, lines_of
from scanner.connectors.files.wrapped_cells import Wrapping, find_wrappings, unwrapped_rows
from scanner.connectors.table_borders import Borders, find_borders, unique_names, widened

LAYOUTS = 4_096                               # files whose layout is remembered
SPREAD = 8                                    # places behind the head where the width of rows is looked up
PIECE = 8 << 10                               # bytes read there
LONG_LINES = 4 << 20                          # bytes that are read where the head has
FEW_LINES = 4                                 # ends of lines, or fewer
MOST_COLUMNS = 16_384                         # of a text, as of a sheet
_ROWS_JUDGED = 200
_MOST_ALONE = 40                              # cells of an only line
_LAST = 40                                    # lines by which it is judged what follows lines of one cell
_JUDGED = 16 << 10                            # characters by which the encoding is judged once more
_ZEROS = 20                                   # zero bytes of the first characters that are an accident
_ODD_ENDS = ("\x1e", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1d")      # of lines without line feeds
_SIGNS = (",", "\t", ";", "|", "\x1f", "\x01")
_WITHOUT_MARKS = dict.fromkeys((0xFEFF, 0xFFFE))
_MARKS = re.compile(r"\?{2,}")                # what programs write for what they have no character for
_BINARY = re.compile("[\x01-\x08\x0e-\x1b\ufffd]")                  # hardly any of these stands in text


@dataclass(frozen=True)
class CsvLayout:
    """How a file is written, and what its first rows look like.

    skipped_lines: above the data. width: cells of most rows. kinds: of the cells of each column.
    spans_lines: whether a cell of its first rows holds a line feed.
    garbled: cells of its first rows that are UTF-8 read as something else once.
    line_end: what parts its lines, where that is no line feed. heading: the lines of the headings.
    nul: what stands for a zero byte, which parts cells in some files and is nothing in others.
    is_sheet: it is a small file whose cells lie as people lay them out: forms, headings at the left, several
    tables one below the other. is_encoding_assumed: whether its text may be in another encoding.
    wrappings: of its cells by column, see `wrapped_cells`. ruling: how it is drawn, see `ruled_lines`.
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
    heading: bytes = b""
    nul: bytes = b""
    is_sheet: bool = False
    is_encoding_assumed: bool = False
    wrappings: tuple[Wrapping | None, ...] = ()
    ruling: Ruling = ""

    @property
    def columns(self) -> tuple[str, ...]:
        return self.borders.names

    @cached_property
    def shape(self) -> RowShape:
        return RowShape(self.dialect, self.width, self.is_row)

    def is_row(self, cells: Sequence[str]) -> bool:
        """Return whether cells are as many as those of most rows, and of their kinds."""
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
    head, is_whole = _read_head(file)
    if signature_of(head):
        raise SourceError(Msg("binary, not text"), where=file.where, hint=Msg("is the suffix right?"))
    encoding = file_encoding(file, head)
    text = decoded(head, encoding)
    if _is_binary(text[:4000]):
        raise SourceError(Msg("binary, not text"), where=file.where, hint=Msg("is the suffix right?"))
    if not is_whole and (end := max(text.rfind("\n"), text.rfind("\r"))) > 0:
        text = text[: end + 1]
    nul = _meaning_of_nul(text)
    text = text.replace("\x00", nul).translate(_WITHOUT_MARKS)
    line_end = _odd_line_end(text)
    line_encoding = "utf-8" if encoding.startswith("utf-") or is_wide(encoding) else encoding
    text = text.replace(line_end, "\n") if line_end else text
    _check_width(file, text)
    ruling = ruling_of(lines_of(text)[:_ROWS_JUDGED])
    text = unruled(text.encode(), ruling).decode() if ruling else text
    dialect = find_dialect(text)
    text = joined(text) if dialect.joins else text
    above = 1 if (lines := lines_of(text[:2000])) and separator_line(lines[0]) else 0
    all_lines = lines_of(text)
    if dialect.delimiter == SEPARATOR and _goes_on_otherwise(all_lines):
        dialect = replace(dialect, is_assumed=True)
    careful = CarefulReader(_shape_of_lines(dialect, all_lines[above: above + _ROWS_JUDGED]), Account())
    text_below = "".join(all_lines[above: above + 2 * _ROWS_JUDGED])
    numbered = list(careful.rows(dialect.prepare(text_below), above, is_last=True))
    rows = [row.cells for row in numbered]
    wrappings = find_wrappings(rows[:_ROWS_JUDGED])
    rows = unwrapped_rows(rows, wrappings) if wrappings else rows
    judged = rows[:_ROWS_JUDGED]
    garbled = 0 if text.isascii() else sum(bool(repaired(cell)) for row in judged for cell in row)
    garbled += _question_marks(judged)
    borders = find_borders([[_readable(cell) for cell in row] for row in judged] if garbled else judged)
    if len(rows) == 1 and len(rows[0]) > _MOST_ALONE:     # its lines may end in a way nobody knows
        borders = replace(borders, is_assumed=True)
    is_doubtful = not file.encoding and is_assumed(text[:_JUDGED], encoding)
    if is_doubtful:                           # garbled text names no column
        names = unique_names([name if name.isascii() else "" for name in borders.names], 0)
        borders = replace(borders, names=names)
    data = rows[borders.first_row:]
    width = _usual_width(data, len(borders.names))
    spread = () if ruling else _spread_widths(file, encoding, dialect, nul)
    widest = max([width, *(len(row) for row in data), *spread])
    heading = numbered[slice(*borders.heading_rows)]
    first = numbered[borders.first_row].number if borders.first_row < len(numbered) else len(all_lines)
    return CsvLayout(
        encoding, dialect, widened(borders, min(widest, 4 * width + 100)), first, width,
        kinds=tuple(usual_kind([row[i] for row in data[:100] if i < len(row)]) for i in range(width)),
        spans_lines=any("\n" in cell for row in data for cell in row) or _is_open(dialect, all_lines),
        garbled=garbled, wrappings=wrappings, ruling=ruling,
        line_end=line_end.encode(line_encoding),
        heading=_lines_as_bytes(all_lines, heading), nul=nul.encode(),
        is_encoding_assumed=is_doubtful,
        is_sheet=is_whole and lies_as_sheet(
            _grid_of(numbered, above, all_lines) if len(all_lines) <= above + 2 * _ROWS_JUDGED
            else text_grid(text, dialect)))


def _check_width(file: SourceFile, text: str) -> None:
    """Raise SourceError where a line has more cells than any table has columns, e.g. a person a column."""
    for part in lines_of(text)[:_ROWS_JUDGED]:
        if len(part) < MOST_COLUMNS:
            continue
        n = max(part.count(sign) for sign in _SIGNS)
        if n > MOST_COLUMNS:
            what = Msg("a line has {n:,} cells or more, no table has more than {most:,} columns",
                       n=n, most=MOST_COLUMNS)
            raise SourceError(what, where=file.where, hint=Msg("write each record into a line of its own"))


def read_grid(file: SourceFile) -> list[list[str]]:
    """Return the cells of a small file, a row a line, as a sheet has them."""
    layout = read_layout(file)
    text = decoded(_read_head(file)[0], layout.encoding).translate(_WITHOUT_MARKS)
    text = text.replace("\x00", layout.nul.decode())
    if layout.line_end:
        text = text.replace(layout.line_end.decode(), "\n")
    text = unruled(text.encode(), layout.ruling).decode() if layout.ruling else text
    return text_grid(joined(text) if layout.dialect.joins else text, layout.dialect)


def text_grid(text: str, dialect: TextDialect) -> list[list[str]]:
    """Return the cells of text, a row a line; an empty row for an empty line."""
    lines = lines_of(text)
    if lines and separator_line(lines[0]):
        lines = lines[1:]
    careful = CarefulReader(_shape_of_lines(dialect, lines[:_ROWS_JUDGED]), Account())
    return _grid_of(careful.rows(dialect.prepare("".join(lines)), 0, is_last=True), 0, lines)


def _grid_of(rows: Iterable[NumberedRow], above: int, lines: Sequence[str]) -> list[list[str]]:
    """Return rows of text as a grid: labels and values, where lines are such, else a row a line.

    above: lines before them that are no part of it; the number of the first row.
    """
    if keyed := rows_of_key_lines([part.strip("\r\n") for part in lines[above: above + MOST_LINES + 1]]):
        return keyed
    grid: list[list[str]] = []
    for row in rows:
        grid += [[] for _ in range(row.number - above - len(grid))]
        grid.append(row.cells)
    return grid


def _goes_on_otherwise(lines: Sequence[str]) -> bool:
    """Return whether lines of one cell are followed by a table of several columns."""
    return len(lines) > _ROWS_JUDGED and find_dialect("".join(lines[-_LAST:])).delimiter != SEPARATOR


def _question_marks(rows: Sequence[Sequence[str]]) -> int:
    """Return how many cells hold nothing but question marks, where headings are among them."""
    if not any(sum(map(bool, map(_MARKS.fullmatch, row))) > 1 for row in rows[:1]):
        return 0
    return sum(bool(_MARKS.fullmatch(cell)) for row in rows for cell in row)


def _is_binary(text: str) -> bool:
    """Return whether text is none: it has many zeros, and other characters that no text has or no lines."""
    zeros = text.count("\x00")
    others = len(_BINARY.findall(text))
    return zeros > _ZEROS and (100 * others > len(text) - zeros or not any(end in text for end in "\r\n\x00"))


def _meaning_of_nul(text: str) -> str:
    """Return what stands for zero bytes: a delimiter where all lines have as many between their cells."""
    if "\x00" not in text:
        return ""
    bodies = [part.rstrip("\r\n") for part in lines_of(text)[:_ROWS_JUDGED] if part.strip("\r\n")]
    counts = Counter(part.rstrip("\x00").count("\x00") for part in bodies)
    n, lines = counts.most_common(1)[0]
    return SEPARATOR if n and lines >= 0.9 * len(bodies) and "\x00\x00" not in text else ""


def _shape_of_lines(dialect: TextDialect, lines: Sequence[str]) -> RowShape:
    """Return what rows of lines look like before anything else is known of them."""
    widths = Counter(len(row) for row in dialect.reader(map(dialect.prepare, lines), quoted=False) if row)
    width = max(widths, key=lambda width: (widths[width], width), default=0)
    if width < 2 or 2 * widths[width] < widths.total():
        return RowShape(dialect, sys.maxsize, lambda cells: False)
    return RowShape(dialect, sys.maxsize, lambda cells: len(cells) == width)


def _lines_as_bytes(lines: Sequence[str], rows: Sequence[NumberedRow]) -> bytes:
    """Return the lines of some rows, without the last end; nothing where there is one cell or no row."""
    if not rows or len(rows[0].cells) < 2:
        return b""
    return "".join(lines[rows[0].number: rows[-1].number + 1]).rstrip("\r\n").encode("utf-8", "replace")


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


def decoded(head: bytes, encoding: str) -> str:
    """Return the text of the first bytes of a file."""
    if is_wide(encoding):
        return codecs.getincrementaldecoder(encoding)("replace").decode(head).removeprefix("\ufeff")
    return utf8_lines(head, encoding, Account(), 1).decode("utf-8", "replace").removeprefix("\ufeff")


def _read_head(file: SourceFile) -> tuple[bytes, bool]:
    """Return the first bytes of a file, and whether that is all of it; more where lines are long."""
    with file.open_content() as stream:
        try:
            head = stream.read(HEAD)
            n = HEAD
            if len(head) == HEAD and head.count(b"\n") + head.count(b"\r") < FEW_LINES:
                head += stream.read(LONG_LINES - HEAD)
                n = LONG_LINES
            return head, len(head) < n
        except (OSError, EOFError):
            raise SourceError(Msg("broken compression"), where=file.where,
                              hint=Msg("copy the file again")) from None


def _spread_widths(file: SourceFile, encoding: str, dialect: TextDialect, nul: str) -> Iterator[int]:
    """Yield how many cells rows have in places spread over a large file."""
    size = file.size
    if not file.is_plain or size <= HEAD or is_wide(encoding):
        return
    with file.open() as stream:
        for i in range(1, SPREAD + 1):
            stream.seek(HEAD + (size - HEAD) * i // (SPREAD + 1))
            lines = stream.read(PIECE).split(b"\n")[1:-1]
            texts = [dialect.prepare(part.decode(encoding, "replace").replace("\x00", nul)) for part in lines]
            whole = (text for text in texts if not dialect.quote or text.count(dialect.quote) % 2 == 0)
            yield from map(len, dialect.reader(whole))
