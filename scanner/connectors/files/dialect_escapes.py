"""The quotes and escapes that the lines of delimited text have."""

from __future__ import annotations

import csv as delimited
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from scanner.connectors.files.text_dialect import TextDialect, joined

_ESCAPED_QUOTE = re.compile(r'(?<!\\)(?:\\\\)*\\"(?![,;|\t\r\n]|$)')
_JOINED_END = re.compile(r"(?<!\\)(?:\\\\)*\\\r?\n?")
_MOST = 0.8                                   # share of escaped lines that fit only so


def with_escapes(dialect: TextDialect, lines: Sequence[str]) -> TextDialect:
    """Return the dialect with the quotes and escapes that its lines have."""
    text = "".join(lines)
    if '"' not in text and _are_single_quoted(dialect, lines):
        dialect = replace(dialect, quote="'")
    sign = re.escape(dialect.delimiter)
    inner = re.sub(rf'(?m)(?:^|(?<={sign}))""(?=[\r\n]|{sign}|\Z)', "", text)       # without empty cells
    is_escaped = '\\"' in text and '""' not in inner.replace('\\""', "") and _ESCAPED_QUOTE.search(text)
    if is_escaped or _are_delimiters_escaped(dialect, lines):
        dialect = replace(dialect, escape="\\")
    if _have_blanks_before_quotes(dialect, text):
        dialect = replace(dialect, has_blanks=True)
    return dialect


def _are_delimiters_escaped(dialect: TextDialect, lines: Sequence[str]) -> bool:
    """Return whether a backslash before a delimiter makes it part of the cell.

    Such lines are then as wide as the others; a path that ends with a backslash is a cell as it stands.
    """
    mark = f"\\{dialect.delimiter}"
    escaped = [part for part in lines if mark in part]
    if not escaped or dialect.collapses:
        return False
    usual = _usual_width(dialect, [part for part in lines if mark not in part])
    plain, other = (_widths(d, escaped) for d in (dialect, replace(dialect, escape="\\")))
    if usual == 0:                            # every line has one
        return len(set(other)) == 1 < len(set(plain))
    return other.count(usual) >= _MOST * len(escaped) > plain.count(usual)


def _usual_width(dialect: TextDialect, lines: Sequence[str]) -> int:
    widths = Counter(_widths(dialect, lines))
    return max(widths, key=lambda width: widths[width], default=0)


def _widths(dialect: TextDialect, lines: Sequence[str]) -> list[int]:
    """Return how many cells each line has by itself."""
    widths = []
    for part in lines:
        try:
            widths += [len(row) for row in dialect.reader([dialect.prepare(part)]) if row][:1]
        except delimited.Error:
            continue
    return widths


def are_joined(dialect: TextDialect, lines: Sequence[str]) -> bool:
    """Return whether lines that end with a backslash are as wide as others only with the line behind them."""
    ended = [i for i, part in enumerate(lines[:-1]) if _JOINED_END.search(part.rstrip("\r\n") + "\n")
             and part.rstrip("\r\n").endswith("\\")]
    if not ended:
        return False
    text = joined("".join(lines))
    escaped = replace(dialect, escape="\\")
    before = Counter(_widths(escaped, lines))
    behind = Counter(_widths(escaped, text.splitlines(keepends=True)))
    return max(behind.values()) / behind.total() > max(before.values()) / before.total()


def _have_blanks_before_quotes(dialect: TextDialect, text: str) -> bool:
    """Return whether blanks between a delimiter and a quote belong to neither cell."""
    sign = re.escape(dialect.delimiter)
    if dialect.collapses or dialect.quote != '"':
        return False
    before = len(re.findall(rf'{sign} +"(?:[^"\r\n]|"")*" *(?={sign}|[\r\n]|\Z)', text))
    return before > 0 and before >= _MOST * len(re.findall(rf'{sign} +"', text))


def _are_single_quoted(dialect: TextDialect, lines: Sequence[str]) -> bool:
    cells = [cell.strip() for part in lines for cell in part.split(dialect.delimiter) if cell.strip()]
    quoted = sum(len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in cells)
    return bool(cells) and quoted >= 0.4 * len(cells)
