"""How delimited text is written: delimiter, quotes, escapes; found by what makes rows of one width."""

from __future__ import annotations

import csv as delimited
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

SEPARATOR = "\x1f"                            # stands for a delimiter of several characters
LINES = 200                                   # lines by which a dialect is judged
_SEP_LINE = re.compile(r'^"?sep=(.{1,3}?)"?[,;\t]*$')
_DELIMITERS = (",", "\t", ";", "|", "\x01", "\x1f", "\x02", "~", "^", "¦", "§", "!", "#", "$", " ")
_LATE = ("!", "#", "$", "^", " ")             # often found inside of cells, so they must fit every line
_TOKEN = re.compile(r"[|~^#!$%&¦]{2,4}")      # neither @ nor *: e-mail addresses and masks hold them
_ESCAPED_QUOTE = re.compile(r'(?<!\\)(?:\\\\)*\\"(?![,;|\t\r\n]|$)')


@dataclass(frozen=True)
class TextDialect:
    """How cells are told apart.

    delimiter: one character or several. collapses: runs of it are one, as in columns aligned by spaces.
    quote: around cells, empty for none. escape: before a quote inside of a cell; empty where it is doubled.
    """

    delimiter: str
    quote: str = '"'
    escape: str = ""
    collapses: bool = False

    @cached_property
    def sign(self) -> str:
        """The one character that stands for the delimiter while rows are cut."""
        return self.delimiter if len(self.delimiter) == 1 and ord(self.delimiter) < 128 else SEPARATOR

    def prepare(self, text: str) -> str:
        """Return text in which one character stands between cells."""
        return text if self.sign == self.delimiter else text.replace(self.delimiter, self.sign)

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


def separator_line(text: str) -> str:
    """Return the delimiter that a first line `sep=;` names, empty where there is none."""
    named = _SEP_LINE.match(text.rstrip("\r\n"))
    return named[1] if named else ""


def find_dialect(text: str) -> TextDialect:
    """Return the dialect of the first lines of a file.

    >>> find_dialect("a||b\\n1||2\\n").delimiter, find_dialect("a~b\\n1~2\\n").delimiter
    ('||', '~')
    """
    lines = [part for part in lines_of(text)[:LINES] if part.strip()]
    if lines and (named := separator_line(lines[0])):
        return _with_escapes(TextDialect(named), lines[1:])
    candidates = [_candidate(sign, lines) for sign in _DELIMITERS if any(sign in part for part in lines)]
    tokens = {token for part in lines[:20] for token in _TOKEN.findall(part)}
    candidates += [TextDialect(token) for token in sorted(tokens) if len(tokens) == 1]
    judged = [(share, dialect) for dialect in candidates if (share := _share(dialect, lines))]
    if not judged:
        return _with_escapes(TextDialect("," if _is_quoted(lines) else SEPARATOR), lines)
    return _with_escapes(max(judged, key=lambda pair: pair[0])[1], lines)


def _candidate(sign: str, lines: Sequence[str]) -> TextDialect:
    text = "".join(lines)
    if sign == " ":
        return TextDialect(" ", collapses=True)
    length = 1
    while length < 3 and text.count(sign) == text.count(sign * (length + 1)) * (length + 1):
        length += 1
    return TextDialect(sign * length)


def _share(dialect: TextDialect, lines: Sequence[str]) -> float:
    """Return the share of lines of one width; 0 where this is hardly a delimiter."""
    try:
        rows = [row for row in dialect.reader(map(dialect.prepare, lines)) if row]
    except delimited.Error:
        return 0.0
    widths = Counter(map(len, rows))
    wide = {width: n for width, n in widths.items() if width > 1}
    if not wide:
        return 0.0
    width = max(wide, key=lambda w: (wide[w], w))
    if len(rows) > 2 and len(rows[0]) == width - 1 and wide[width] == len(rows) - 1:
        widths, wide = Counter({width: wide[width]}), {width: wide[width]}     # R heads no names of rows
    share = (wide[width] + 0.5 * (sum(wide.values()) - wide[width])) / sum(widths.values())
    is_late = dialect.delimiter[0] in _LATE
    if is_late and not _are_cells_apart(dialect, rows, width):
        return 0.0
    tail = [len(row) for row in rows[-max(len(rows) * 3 // 4, 1):]]
    fits = tail.count(width) / len(tail)
    if is_late and fits < 0.95 or len(rows) < 3 and is_late or fits < 0.5 and share < 0.7:
        return 0.0
    if dialect.collapses and (share < 0.95 or fits < 1):
        return 0.0
    rank = _DELIMITERS.index(dialect.delimiter[0])
    is_long = len(dialect.delimiter) > 1
    return share - 0.002 * rank - 0.1 * is_late + 0.05 * is_long + 0.0005 * min(width, 20)


def _are_cells_apart(dialect: TextDialect, rows: Sequence[Sequence[str]], width: int) -> bool:
    """Return whether the first line has cells, too, so that a character inside of values is no delimiter.

    Two words with a blank between them are a time or a name in one cell, unless their file quotes cells.
    """
    if not dialect.collapses:
        return len(rows[0]) == width and (width > 2 or len(dialect.delimiter) > 1)
    return len(rows[0]) > 1 and width > 2


def _is_quoted(lines: Sequence[str]) -> bool:
    return sum(part.startswith('"') for part in lines) >= 0.5 * len(lines)


def _with_escapes(dialect: TextDialect, lines: Sequence[str]) -> TextDialect:
    """Return the dialect with the quotes and escapes that its lines have."""
    text = "".join(lines)
    if '"' not in text and _are_single_quoted(dialect, lines):
        dialect = replace(dialect, quote="'")
    if '"' in text and _ESCAPED_QUOTE.search(text) and '\\"' in text and '""' not in text.replace('\\""', ""):
        dialect = replace(dialect, escape="\\")
    return dialect


def _are_single_quoted(dialect: TextDialect, lines: Sequence[str]) -> bool:
    cells = [cell.strip() for part in lines for cell in part.split(dialect.delimiter) if cell.strip()]
    quoted = sum(len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in cells)
    return bool(cells) and quoted >= 0.6 * len(cells)
