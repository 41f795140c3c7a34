"""A dialect of delimited text, and text prepared for readers that know one character between cells."""

from __future__ import annotations

import csv as delimited
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

WRAPPED_LINE = re.compile(r'(?:(?<=[\r\n])|\A)"((?:[^"\r\n]|"")*)"(?=[\r\n]|\Z)')
SEPARATOR = "\x1f"                            # stands for a delimiter of several characters
MARKED_CELL = re.compile(r"“([^“”\r\n]*)”")
_JOINED_END = re.compile(r"(?<!\\)((?:\\\\)*)\\\r?\n")       # of a line that goes on in the next one


@dataclass(frozen=True)
class TextDialect:
    """How cells are told apart.

    delimiter: one character or several. collapses: runs of it are one, as in columns aligned by spaces.
    quote: around cells, empty for none. escape: before a quote inside of a cell; empty where it is doubled.
    is_wrapped: every line is one quoted cell. is_odd: the delimiter is one that often stands inside of cells.
    is_assumed: the lines may have cells that were not told apart. has_marks: “ and ” are its quotes.
    joins: a line that ends with the escape goes on in the next one. has_blanks: stand before quotes.
    """

    delimiter: str
    quote: str = '"'
    escape: str = ""
    collapses: bool = False
    is_wrapped: bool = False
    is_odd: bool = False
    is_assumed: bool = False
    has_marks: bool = False
    joins: bool = False
    has_blanks: bool = False

    @cached_property
    def sign(self) -> str:
        """The one character that stands for the delimiter while rows are cut."""
        return self.delimiter if len(self.delimiter) == 1 and ord(self.delimiter) < 128 else SEPARATOR

    @cached_property
    def _blank_before_quote(self) -> re.Pattern[str]:
        return re.compile(rf'(?m)(?:(?<={re.escape(self.delimiter)})|^) +(?=")')

    @cached_property
    def _escaped_null(self) -> re.Pattern[str]:
        sign = re.escape(self.delimiter)
        return re.compile(rf"(?m)(?:(?<={sign})|^)\\N(?=\r?$|{sign})")

    def prepare(self, text: str) -> str:
        """Return text in which one character stands between cells."""
        if self.has_marks:
            text = with_plain_quotes(text)
        if self.is_wrapped:
            text = unwrapped(text)
        if self.joins:
            text = joined(text)
        if self.has_blanks:
            text = self._blank_before_quote.sub("", text)
        if self.escape and "\\N" in text:
            text = self._escaped_null.sub("", text)
        return text if self.sign == self.delimiter else text.replace(self.delimiter, self.sign)

    def prepare_bytes(self, block: bytes) -> bytes:
        """Return UTF-8 text as `prepare` does."""
        if self.is_wrapped or self.has_marks or self.has_blanks or self.escape and b"\\" in block:
            return self.prepare(block.decode("utf-8", "replace")).encode("utf-8")
        is_same = self.sign == self.delimiter
        return block if is_same else block.replace(self.delimiter.encode(), self.sign.encode())

    def reader(
        self, lines: Iterable[str], *, strict: bool = False, quoted: bool = True,
    ) -> Iterable[list[str]]:
        """Return rows of prepared lines. Raise csv.Error for a fault of quotes if `strict`."""
        if self.collapses:
            lines = (text.lstrip(" ") for text in lines)
        is_quoted = quoted and self.quote
        rows = delimited.reader(
            lines, delimiter=self.sign, strict=strict, skipinitialspace=self.collapses,
            quotechar=self.quote or '"',
            quoting=delimited.QUOTE_MINIMAL if is_quoted else delimited.QUOTE_NONE,
            escapechar=self.escape or None, doublequote=not self.escape)
        if self.sign == self.delimiter:
            return rows
        return ([cell.replace(self.sign, self.delimiter) for cell in row] for row in rows)


def lines_of(text: str) -> list[str]:
    """Return lines with their ends, whatever these are."""
    return list(io.StringIO(text, newline=""))


def joined(text: str) -> str:
    """Return text in which a line that ends with a backslash and the next one are one.

    >>> joined("a\\\\\\nb\\n")
    'a b\\n'
    """
    return _JOINED_END.sub(r"\1 ", text)


def unwrapped(text: str) -> str:
    """Return lines without the quotes around each.

    >>> unwrapped('"a,b"')
    'a,b'
    """
    return WRAPPED_LINE.sub(lambda m: m[1].replace('""', '"'), text)


def with_plain_quotes(text: str) -> str:
    return MARKED_CELL.sub(lambda m: '"' + m[1].replace('"', '""') + '"', text)
