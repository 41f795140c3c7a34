"""Rows of delimited text by the careful reader: a fault of quotes costs the row it is in, not the rest.

A cell may go on over lines. It does not where the lines it would swallow are rows themselves: then its quote
was opened and never closed, and the line is cut at its delimiters as it stands.
"""

from __future__ import annotations

import csv as delimited
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from scanner.connectors.account import Account, line
from scanner.connectors.files.text_dialect import TextDialect, lines_of

SPANNED = 500                                 # lines that one cell may go on over


@dataclass(frozen=True, slots=True)
class RowShape:
    """What rows of a file look like. width: cells of most rows.

    is_row: whether cells look like a row, by what kinds of cells its columns have.
    """

    dialect: TextDialect
    width: int
    is_row: Callable[[Sequence[str]], bool]


@dataclass(frozen=True, slots=True)
class NumberedRow:
    """A row and the number of its first line, from 1."""

    number: int
    cells: list[str]


class CarefulReader:
    """Rows of blocks of whole lines, given one after the other.

    rest: lines of a row that may go on in the next block.
    """

    def __init__(self, shape: RowShape, account: Account) -> None:
        self.rest = ""
        self._shape, self._account = shape, account

    def rows(self, text: str, first_line: int, *, is_last: bool) -> Iterator[NumberedRow]:
        """Yield the rows of a block. text: prepared, see `TextDialect`. first_line: its number."""
        self.rest = ""
        lines = lines_of(text)
        at = 0
        while at < len(lines):
            at, sound = self._sound_rows(lines, at, first_line)
            yield from sound
            if at >= len(lines):
                return
            row, used = self._spanning_row(lines[at: at + SPANNED])
            is_cut = not used and len(lines) - at < SPANNED and not is_last and self._may_go_on(lines[at:])
            if is_cut:
                self.rest = "".join(lines[at:])
                return
            if not used:
                self._account.lose("broken_quotes", 1, line(first_line + at))
                row, used = next(iter(self._reader(lines[at: at + 1], quoted=False)), []), 1
            yield NumberedRow(first_line + at, row)
            at += used

    def _reader(self, lines: Sequence[str], *, quoted: bool = True) -> Iterator[list[str]]:
        return iter(self._shape.dialect.reader(lines, strict=quoted, quoted=quoted))

    def _sound_rows(self, lines: Sequence[str], at: int, first_line: int) -> tuple[int, list[NumberedRow]]:
        """Return rows of one line each from a line on, and the number of the line after them."""
        rows: list[NumberedRow] = []
        size = 4_096
        while at < len(lines):
            piece = lines[at: at + size]
            try:
                cells = list(self._reader(piece))
            except delimited.Error:
                cells = []
            if len(cells) == len(piece):
                rows += [NumberedRow(first_line + at + i, row) for i, row in enumerate(cells) if row]
                at += len(piece)
                size = min(size * 2, 4_096)
            elif size == 1:
                break
            else:
                size = max(size // 8, 1)
        return at, rows

    def _spanning_row(self, lines: Sequence[str]) -> tuple[list[str], int]:
        """Return a row that goes on over lines, and how many; 0 where its quote is not closed."""
        numbered = _NumberedLines(lines)
        reader = self._shape.dialect.reader(numbered, strict=True)
        try:
            row = next(iter(reader), None)
        except delimited.Error:
            return [], 0
        if row is None or len(row) > self._shape.width > 1 or self._swallows(lines[1: numbered.n - 1]):
            return [], 0
        return row, numbered.n

    def _swallows(self, inner: Sequence[str]) -> bool:
        """Return whether lines inside of a row are rows, most of them."""
        if not inner or self._shape.width < 2:
            return False
        rows = [row for row in islice(self._reader(inner, quoted=False), 50) if row]
        return sum(map(self._shape.is_row, rows)) > 0.5 * len(inner[:50])

    def _may_go_on(self, lines: Sequence[str]) -> bool:
        return not self._swallows(lines[1:])


class _NumberedLines:
    """Lines that count how many of them were read."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.n = 0
        self._lines = lines

    def __iter__(self) -> Iterator[str]:
        for text in self._lines:
            self.n += 1
            yield text
