"""Lines of a delimited file that are no rows of its table: blank ones, headings of another page or table.

They are taken out, or told, before the lines are cut into rows; where they stood, an empty line keeps the
numbers of the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scanner.connectors.account import SAMPLED_LINES, Account, line
from scanner.connectors.cell_kinds import are_headings, cell_kind
from scanner.connectors.files.csv_layout import CsvLayout
from scanner.connectors.files.ruled_lines import unruled
from scanner.connectors.files.text_dialect import TextDialect
from scanner.connectors.footer_rows import MOST_BELOW, ROWS_ABOVE, rows_with_kinds
from scanner.connectors.total_rows import TOTALS, note_total

JUDGED = 100                                  # lines of a block that are looked at, of each sort
NULS = 64                                     # zero bytes in a row that stand for something that was lost
_BLANK_LINES = re.compile(rb"\n(?:\r?\n)+")
_NUL_RUN = re.compile(rb"\x00{%d,}" % NULS)
_BOM = b"\xef\xbb\xbf"
_TURNED_BOM = b"\xef\xbf\xbe"                 # of the other byte order
_LINE_END = re.compile(rb"[\r\n]")
_LINE_ENDS = re.compile(rb"(\r\n|\r|\n)")
_LINE_FEED, _RETURN = b"\n\r"
_PREFIX = 3                                   # bytes of a word for a sum that are compared
_SMALL = 0x20                                 # bit that a small letter has and a capital has not
_PREFIXES = sorted({sum((byte | _SMALL) << 8 * i for i, byte in enumerate(word.encode()[:_PREFIX]))
                    for word in TOTALS})
_INITIALS = {byte for word in TOTALS for byte in (word.encode()[0], word.upper().encode()[0])}
_TYPED = frozenset({"digits", "date", "email", "number", "month"})


def plain_text(block: bytes, layout: CsvLayout, account: Account) -> bytes:
    """Return lines without zero bytes and marks of byte order, which stand where files were put together.

    A long run of zeros is told, for a writer that crashed leaves such. Of a drawn table, cells remain.
    """
    block = unruled(block, layout.ruling)
    for mark in (_BOM, _TURNED_BOM) if _BOM[:1] in block else ():
        block = block.replace(mark, b"") if mark in block else block
    if b"\x00" not in block:
        return block
    if layout.nul:
        return block.replace(b"\x00", layout.nul)
    lost = sum(len(run) for run in _NUL_RUN.findall(block))
    if lost:
        account.lose("zero_bytes", lost)
        block = _NUL_RUN.sub(b"\n", block)
    return block.replace(b"\x00", b"")


class RowLines:
    """Takes lines that are no rows out of the lines of a file."""

    def __init__(self, layout: CsvLayout, account: Account) -> None:
        self._layout, self._account = layout, account
        sign = layout.dialect.delimiter.encode()
        quotes = re.escape(b'""')
        one = b"(?:" + re.escape(sign) + b"|" + quotes + re.escape(sign) + b")"
        self._starts = (sign, b'""' + sign)
        self._blank = re.compile(b"(?<![^\\n])" + one + b"+(?:" + quotes + b")?[ \t]*(?=\\r?(?:\\n|\\Z))")
        self._before_totals = _INITIALS | set(sign[:1] + layout.dialect.quote.encode())
        self._has_signs = not layout.dialect.collapses

    def rows_only(self, block: bytes, first_line: int) -> bytes:
        """Return lines; those that are no rows are empty. first_line: the number of the first one."""
        starts = _line_starts(block)
        firsts = _first_bytes(block, starts)  # so that megabytes are not searched without need
        if not firsts.isdisjoint(self._before_totals):
            block = self._without_totals(block, starts, first_line)
        if {_LINE_FEED, _RETURN} & firsts:
            self._note_other_headings(block, first_line)
        if (heading := self._layout.heading) and heading in block:
            block = self._without_headings(block, heading, first_line)
        has_start = not firsts.isdisjoint(start[0] for start in self._starts)
        if self._has_signs and has_start and any(
            block.startswith(start) or b"\n" + start in block for start in self._starts
        ):
            block = self._blank.sub(b"", block)
        return block

    def _without_headings(self, block: bytes, heading: bytes, first_line: int) -> bytes:
        parts, last = [], 0
        for start, end in _whole_lines(block, heading):
            self._account.lose("repeated_headings", 1, line(first_line + block.count(b"\n", 0, start)))
            parts += [block[last:start], b"\n" * heading.count(b"\n")]
            last = end
        return b"".join([*parts, block[last:]])

    def _without_totals(self, block: bytes, starts: np.ndarray[Any, Any], first_line: int) -> bytes:
        """Return lines without those that sum up others; the first row of the file does not."""
        dialect, first_row = self._layout.dialect, self._layout.skipped_lines + 1
        quote = dialect.quote.encode()
        parts, last = [], 0
        for start in _totals_among(block, starts, dialect).tolist():
            match = _LINE_END.search(block, start)
            text = block[start: match.start() if match else len(block)]
            number = first_line + _lines_above(block, start)
            if number == first_row or quote and block.count(quote, 0, start) % 2:
                continue                      # inside of a cell
            (row,) = list(dialect.reader([dialect.prepare(text.decode("utf-8", "replace"))])) or [[]]
            if note_total(row, self._account, line(number)):
                parts.append(block[last:start])
                last = start + len(text)
        return b"".join([*parts, block[last:]])

    def without_footers(self, block: bytes, first_line: int) -> bytes:
        """Return the last lines of a file without those that speak of the table.

        A short one that may is given all its cells. first_line: the number of the first line.
        """
        dialect, width = self._layout.dialect, self._layout.width
        start = _start_of_last(block, ROWS_ABOVE + MOST_BELOW)
        parts = _LINE_ENDS.split(block[start:])              # a line, its end, a line …
        texts, quote = parts[::2], dialect.quote.encode()
        if quote and block.count(quote) % 2:
            return block                      # it ends within a cell
        opening = [i for i, text in enumerate(texts) if quote and text.count(quote) % 2]
        if not opening and quote and block.count(quote, 0, start) % 2:
            return block
        first = opening[-1] + 1 if opening else 0            # above, a cell may go over several lines
        number = first_line + _lines_above(block, start)
        rows = {
            i: next(iter(dialect.reader([dialect.prepare(text.decode("utf-8", "replace"))])), [])
            for i, text in enumerate(texts) if i >= first and text.strip()
        }
        can_fill = not (dialect.collapses or dialect.is_wrapped)
        padded = ((i, [*row, *[""] * (width - len(row))]) for i, row in rows.items())
        for i, _, kind in rows_with_kinds(padded):
            if kind:
                self._account.lose("footers" if kind == "known" else "footers_assumed", 1, line(number + i))
            if kind == "known":
                parts[2 * i] = b""
            elif kind and can_fill:
                parts[2 * i] += max(width - len(rows[i]), 0) * dialect.delimiter.encode()
        return block[:start] + b"".join(parts)

    def _note_other_headings(self, block: bytes, first_line: int) -> None:
        """Account for headings below a blank line: rows of a second table are read as those of the first."""
        dialect = self._layout.dialect
        for match in islice(_BLANK_LINES.finditer(block), JUDGED):
            end = block.find(b"\n", match.end())
            raw = block[match.end(): end if end >= 0 else len(block)]
            if raw.rstrip() == self._layout.heading.rstrip():
                continue
            rows = list(dialect.reader([dialect.prepare(raw.decode("utf-8", "replace"))], quoted=False))
            if rows and are_headings([cell.strip('" ') for cell in rows[0]]):
                self._account.lose("other_table", 1, line(first_line + block.count(b"\n", 0, match.end())))

    def note_headings_among(self, batch: pa.RecordBatch, first_line: int) -> None:
        """Account for headings among rows: below the column of a kind, a row of words of headings."""
        layout = self._layout
        name = next((name for name, kind in zip(layout.columns, layout.kinds, strict=False)
                     if kind in _TYPED and name in batch.schema.names), "")
        if not name or batch.num_columns < 2:
            return
        for row in islice(_rows_unlike_values(batch[name]), JUDGED):
            cells = [column[row].as_py() or "" for column in batch.columns]
            if are_headings([cell for cell in cells if cell]) and not cell_kind(batch[name][row].as_py()):
                self._account.lose("other_table", 1, line(first_line + row) if first_line else SAMPLED_LINES)


def _rows_unlike_values(cells: pa.Array) -> list[int]:
    """Return where cells have neither a digit nor an @; most begin with a digit, which needs no search.

    A cell without a value is none of them.
    """
    begins = pc.and_(pc.greater_equal(cells, "0"), pc.less(cells, ":"))
    if pc.all(begins).as_py():
        return []
    others = pc.indices_nonzero(pc.invert(begins))
    has_sign = pc.match_substring_regex(cells.take(others), "[0-9@]")
    return others.filter(pc.invert(has_sign)).to_pylist()


def count_byte(block: bytes, byte: bytes) -> int:
    """Return how often a byte is there, as `bytes.count` does, where it is there often."""
    return int(np.count_nonzero(np.frombuffer(block, np.uint8) == byte[0]))


def _line_starts(block: bytes) -> np.ndarray[Any, Any]:
    """Return where lines begin."""
    content = np.frombuffer(block, np.uint8)
    starts = np.flatnonzero(content[:-1] == _LINE_FEED) + 1
    if b"\r" in block:
        starts = np.union1d(starts, np.flatnonzero(content[:-1] == _RETURN) + 1)
    return np.concatenate([np.zeros(1, starts.dtype), starts])


def _lines_above(block: bytes, start: int) -> int:
    """Return how many lines end before a place, whatever ends them."""
    return block.count(b"\n", 0, start) or block.count(b"\r", 0, start)


def _start_of_last(block: bytes, lines: int) -> int:
    """Return where so many last lines begin."""
    start = len(block)
    for _ in range(lines + 1):
        if start <= 0:
            return 0
        start = block.rfind(b"\n", 0, start)
    return max(start + 1, 0)


def _first_bytes(block: bytes, starts: np.ndarray[Any, Any]) -> set[int]:
    """Return the bytes that lines begin with."""
    firsts = np.frombuffer(block, np.uint8)[starts]
    return set(np.flatnonzero(np.bincount(firsts, minlength=1)).tolist())


def _totals_among(
    block: bytes, starts: np.ndarray[Any, Any], dialect: TextDialect,
) -> np.ndarray[Any, Any]:
    """Return where lines begin whose first filled cell is a word for a sum."""
    content = np.frombuffer(block, np.uint8)
    starts = starts[starts < len(content) - _PREFIX]
    at = starts.copy()
    blanks = [*dialect.quote.encode(), *dialect.delimiter.encode()]
    for _ in range(2 * len(blanks)):          # cells before it, e.g. of an index, may be empty
        at += np.isin(content[np.minimum(at, len(content) - 1)], blanks)
    at = np.minimum(at, len(content) - _PREFIX)
    prefixes = sum((content[at + i].astype(np.int32) | _SMALL) << 8 * i for i in range(_PREFIX))
    return starts[np.isin(prefixes, _PREFIXES)]


def _whole_lines(block: bytes, text: bytes) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of a text that is whole lines, whatever ends them."""
    start = block.find(text)
    while start >= 0:
        end = start + len(text)
        is_start = start == 0 or block[start - 1] in b"\r\n"
        if is_start and (end == len(block) or block[end] in b"\r\n"):
            yield start, end
        start = block.find(text, end)
