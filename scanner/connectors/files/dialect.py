"""How delimited text is written: delimiter, quotes, escapes; found by what makes rows of one width."""

from __future__ import annotations

import csv as delimited
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from scanner.connectors.cell_kinds import is_word_of_headings, usual_kind
from scanner.connectors.files.dialect_escapes import are_joined, with_escapes
from scanner.connectors.files.ruled_lines import RECORD
from scanner.connectors.files.text_dialect import (
    MARKED_CELL,
    SEPARATOR,
    WRAPPED_LINE,
    TextDialect,
    joined,
    lines_of,
    unwrapped,
    with_plain_quotes,
)
from scanner.connectors.key_lines import lines_of_keys
from scanner.connectors.table_borders import COMMENT, find_borders

LINES = 200                                   # lines by which a dialect is judged
_SEP_LINE = re.compile(r'^"?sep=(.{1,3}?)"?[,;\t]*$')
_DELIMITERS = (",", "\t", ";", "|", "\x01", "\x1f", "\x02", "\x1e", "\x1c", "\x1d", "~", "^", "¦", "§", "¶",
               "þ", "\x07", "\x14", "\u241f", "｜", "，", "；", "、", "!", "#", "$", "\u200b", "\u2060",
               "\u3000", " ")
_LATE = (                                     # must fit every line
    "\x07", "\x14", "\u241f", "\u3000", "\u200b", "\u2060", "!", "#", "$", "^", " ", "þ", "，", "；", "、",
)
_TOKEN = re.compile(r"[|~^#!$%&¦\x01-\x08\x1c-\x1f]{2,4}")  # neither @ nor *: addresses and masks hold them
_ODD_TOKEN = re.compile(                      # must fit every line
    r" ?(?:[@:<>\[\]{}|=!#$%&^~¦_+]{2,6}|\^[A-Z]|[|~^#!$%&¦;,]{1,6}) ?")
_OF_PEOPLE = re.compile(r"[\w.]{1,64}@[\w.]+|(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dXx]")
_TOKENS = 3                                   # candidates of several characters that are tried
_SINGLE = 0.02                                # by how much lines read together are better
_TITLES = 6                                   # lines above the headings, at most


def separator_line(text: str) -> str:
    """Return the delimiter that a first line `sep=;` names, empty where there is none."""
    named = _SEP_LINE.match(text.rstrip("\r\n"))
    return named[1] if named else ""


def find_dialect(text: str) -> TextDialect:
    """Return the dialect of the first lines of a file.

    >>> find_dialect("a||b\\n1||2\\n").delimiter, find_dialect("a~b\\n1~2\\n").delimiter
    ('||', '~')
    """
    lines = _without_comments([part for part in lines_of(text)[:LINES] if part.strip()])
    dialect = _dialect_of(lines)
    if are_joined(dialect, lines):
        return replace(_dialect_of(lines_of(joined("".join(lines)))), escape="\\", joins=True)
    return dialect


def _dialect_of(lines: Sequence[str]) -> TextDialect:
    if _are_marked(lines):
        return replace(find_dialect("".join(map(with_plain_quotes, lines))), has_marks=True)
    named = separator_line(lines[0]) if lines else ""
    if (inner := _inner_dialect(lines[1:] if named else lines)) is not None:
        return inner
    if named:
        dialect = _candidate(named, lines[1:]) if named in _DELIMITERS else TextDialect(named)
        return with_escapes(dialect, lines[1:])
    text = "".join(lines)
    candidates = [_candidate(sign, lines) for sign in _DELIMITERS if sign in text]
    candidates += [TextDialect(token) for token in _common_tokens(_TOKEN, lines)]
    candidates += [TextDialect(token, is_odd=True) for token in _common_tokens(_ODD_TOKEN, lines)]
    shares = [(_share(dialect, lines), dialect) for dialect in candidates]
    judged = _without_parts([(share, dialect) for share, dialect in shares if share > 0], lines)
    if not judged:
        one_column = TextDialect("," if _is_quoted(lines) else SEPARATOR)
        is_assumed = any(share < 0 for share, _ in shares) or _hold_several(lines)
        return replace(with_escapes(one_column, lines), is_assumed=is_assumed)
    return with_escapes(max(judged, key=lambda pair: pair[0])[1], lines)


def _are_marked(lines: Sequence[str]) -> bool:
    """Return whether most lines are cells in the quotes of running text."""
    marked = [part for part in lines if len(MARKED_CELL.findall(part)) > 1 and part.startswith("“")]
    return '"' not in "".join(lines[:1]) and len(marked) > 0.8 * len(lines)


def _hold_several(lines: Sequence[str]) -> bool:
    """Return whether lines that are one cell each hold several values of people, or a record over lines."""
    if any(map(RECORD.match, lines[:2])):
        return True
    return 2 * sum(len(_OF_PEOPLE.findall(part)) > 1 for part in lines) > len(lines)


def _without_comments(lines: Sequence[str]) -> Sequence[str]:
    """Return lines without the comments above them; one that holds headings is none."""
    n = next((i for i, part in enumerate(lines) if not part.startswith(COMMENT)), 0)
    words = re.split(r"[^\w]+", lines[n - 1]) if n else []
    return lines[n - (sum(map(is_word_of_headings, words)) > 1):]


def _without_parts(
    judged: Sequence[tuple[float, TextDialect]], lines: Sequence[str],
) -> list[tuple[float, TextDialect]]:
    """Return candidates without those that always stand inside of a longer one."""
    text = "".join(lines)

    def is_part(one: str, other: str) -> bool:
        return one != other and text.count(one) == text.count(other) * other.count(one) > 0

    signs = [dialect.delimiter for _, dialect in judged]
    return [(share, dialect) for share, dialect in judged
            if not any(is_part(dialect.delimiter, sign) for sign in signs)]


def _inner_dialect(lines: Sequence[str]) -> TextDialect | None:
    """Return the dialect of lines each of which is one quoted cell; None for others.

    A text that a spreadsheet program saved as one column is written so.
    """
    lines = [part for part in lines if re.search(r"\w", part)]       # without rows of delimiters
    wrapped = [part for part in lines if WRAPPED_LINE.fullmatch(part.rstrip("\r\n"))]
    if len(wrapped) < 2 or len(wrapped) < 0.7 * (len(lines) - lines.index(wrapped[0])):
        return None
    inner = find_dialect("".join(unwrapped(part) for part in wrapped))
    rows = list(inner.reader(map(inner.prepare, map(unwrapped, wrapped))))
    width, n = Counter(map(len, rows)).most_common(1)[0]
    if width < 2 or n < 0.7 * len(rows) or inner.is_wrapped:
        return None
    is_wide = width > 2 and len(rows[0]) == width
    if any(map(_are_headings, rows[:_TITLES])) or is_wide and find_borders(rows).has_headings:
        return replace(inner, is_wrapped=True)
    has_two = len(rows[0]) == width if lines[0] == wrapped[0] else inner.delimiter in lines[0]
    return TextDialect(SEPARATOR, is_assumed=width > 2 or has_two)


def _are_headings(row: Sequence[str]) -> bool:
    """Return whether several cells are words of headings, or all that are filled."""
    filled = [cell for cell in row if cell.strip()]
    words = sum(is_word_of_headings(cell.strip()) for cell in filled)
    return words > 1 or 0 < words == len(filled) < len(row)


def _common_tokens(pattern: re.Pattern[str], lines: Sequence[str]) -> list[str]:
    """Return what of several characters stands in most lines."""
    some = lines[:50]
    text = "".join(some)
    if not pattern.search(text):
        return []
    counts = Counter(token for part in some for token in set(pattern.findall(part.rstrip("\r\n"))))
    common = [token for token, n in counts.most_common(_TOKENS) if n >= 0.4 * len(some) and len(token) > 1]
    return [token for token in common if text.count(token) >= 0.9 * text.count(token.strip(" "))]


def _candidate(sign: str, lines: Sequence[str]) -> TextDialect:
    text = "".join(lines)
    if sign == " ":
        return TextDialect(" ", collapses=True)
    length = next((n for n in (3, 2) if text.count(sign) == text.count(sign * n) * n), 1)
    return TextDialect(sign * length)


def _share(dialect: TextDialect, lines: Sequence[str]) -> float:
    """Return the share of lines of one width; 0 where this is hardly a delimiter, -1 where it may be one.

    Where a quote swallows lines, each is read by itself as well: it may have been opened and never closed.
    """
    try:
        rows = [row for row in dialect.reader(map(dialect.prepare, lines)) if row]
        share = _share_of_rows(dialect, rows)
    except delimited.Error:
        rows, share = [], 0.0
    if len(rows) == len(lines):
        return share
    try:
        single = [row for part in lines for row in dialect.reader([dialect.prepare(part)]) if row]
    except delimited.Error:
        return share
    return max(share, _share_of_rows(dialect, single) - _SINGLE, key=abs)


def _share_of_rows(dialect: TextDialect, rows: Sequence[Sequence[str]]) -> float:
    """Return the share of rows of one width, as `_share` does."""
    rows = rows[lines_of_keys(rows):]
    widths = Counter(map(len, rows))
    wide = {width: n for width, n in widths.items() if width > 1}
    if not wide:
        return 0.0
    width = max(wide, key=lambda w: (wide[w], w))
    is_named = False
    if len(rows) > 2 and len(rows[0]) == width - 1 and wide[width] == len(rows) - 1:
        widths, wide = Counter({width: wide[width]}), {width: wide[width]}     # R heads no names of rows
        is_named = True                       # a comma in the last cell of each row looks alike
    share = -0.02 * is_named + (wide[width] + 0.5 * (sum(wide.values()) - wide[width])) / sum(widths.values())
    is_late = dialect.is_odd or dialect.delimiter[0] in _LATE
    tail = [len(row) for row in rows[-max(len(rows) * 3 // 4, 1):]]
    fits = tail.count(width) / len(tail)
    has_headings = any(len(row) in (width, width - 1) and _are_headings(row) for row in rows[:_TITLES])
    if fits < 0.5 and share < 0.7 and not (has_headings and wide[width] > 1):
        return 0.0
    is_apart = fits == 1 if dialect.collapses else has_headings or fits >= 0.95 and len(rows) > 2
    if is_late and not (is_apart and (has_headings or _are_cells_apart(dialect, rows, width))):
        ends = [row[-1].strip() for row in rows[-len(tail):] if len(row) == width]
        is_long = width > 2 or len(dialect.delimiter) > 1 or usual_kind(ends) in ("digits", "email")
        return -1.0 if len(rows) > 2 and fits >= 0.8 and is_long and not dialect.collapses else 0.0
    if dialect.collapses and (share < 0.95 or fits < 1):
        return 0.0
    first = dialect.delimiter[0]
    rank = _DELIMITERS.index(first) if first in _DELIMITERS and not dialect.is_odd else len(_DELIMITERS)
    is_long = len(dialect.delimiter) > 1
    return share - 0.002 * rank - 0.1 * is_late + 0.05 * is_long + 0.0005 * min(width, 20)


def _are_cells_apart(dialect: TextDialect, rows: Sequence[Sequence[str]], width: int) -> bool:
    """Return whether the first line has cells, too, so that a character inside of values is no delimiter.

    Two words with a blank between them are a time or a name in one cell, unless their file quotes cells.
    """
    if dialect.collapses:
        return len(rows[0]) > 1 and width > 2
    is_wide = width > 2 or len(dialect.delimiter) > 1 and not dialect.is_odd
    return len(rows[0]) == width and (is_wide or len(rows) > 2 and _are_of_two_kinds(rows))


def _are_of_two_kinds(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether rows are two cells, an address beside an amount, which is no list in one cell."""
    first, second = (usual_kind([row[i].strip() for row in rows if len(row) == 2]) for i in (0, 1))
    return bool(first) and bool(second) and first != second


def _is_quoted(lines: Sequence[str]) -> bool:
    return sum(part.startswith('"') for part in lines) >= 0.5 * len(lines)
