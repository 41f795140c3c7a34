"""Text measured in columns of a screen or a cell, of which a Chinese character takes two."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

LINE = 16.5                                   # points of a line of a sheet

_HAN = "\u2e80-\u2fff\u3040-\u9fff\uf900-\ufaff"
_OPEN, _CLOSE = "（“‘《「【［", "，。、：；！？）”’》」】］…"
_OTHER = rf"[^\s{_HAN}{_OPEN}{_CLOSE}]"        # neither blank nor Chinese
# what stays together: a number and what it counts, a Chinese character, a word; each with the marks around it
_LINE_PIECE = re.compile(
    rf"[{_OPEN}(\[]*(?:{_OTHER}*[0-9][%％]? ?[{_HAN}]|[{_HAN}]|{_OTHER}+)?[{_CLOSE}\])]*\s*"
)
_TIED_PAIR = re.compile(rf"[0-9%％][ {_HAN}]|.[{_CLOSE}]")      # no line ends after its first character


def width_of(text: str) -> int:
    """Return the columns a text takes."""
    return sum(map(_character_width, text))


def _character_width(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fit(text: str, width: int) -> str:
    """Return the beginning of a text, in at most so many columns; cut text ends with `…`.

    >>> fit("手机号码", 6)
    '手机…'
    """
    if width_of(text) <= width:
        return text
    if width <= 0:
        return ""
    fitting = sum(end < width for end in accumulate(map(_character_width, text)))
    return text[:fitting] + "…"


def pad(text: str, width: int) -> str:
    """Return a text with blanks behind it up to so many columns.

    >>> pad("手机", 6) + "|"
    '手机  |'
    """
    return text + " " * (width - width_of(text))


def wrap_item(text: str, width: int) -> list[str]:
    """Return an item of a list or tree as lines of at most so many columns.

    What follows the first line stands under its words.

    >>> wrap_item("├─ one two three", 12)
    ['├─ one two', '│    three']
    """
    if width_of(text) <= width:
        return [text]
    body = text.lstrip(" │├└─")
    prefix = text[: len(text) - len(body)]
    hang = prefix.replace("├", "│").replace("└", " ").replace("─", " ") + "  "
    room = max(width - width_of(hang), 10)
    return [(hang if i else prefix) + line for i, line in enumerate(break_text(body, room))]


def break_text(text: str, width: int) -> list[str]:
    """Return a text as lines of at most so many columns.

    It is broken at blanks and between Chinese characters, but neither between a number and the Chinese word
    it counts nor before a closing mark; what has no such place is cut.

    >>> break_text("可能敏感 1 个：居民身份证号码", 10)
    ['可能敏感', '1 个：居民', '身份证号码']
    """
    lines, line = [], ""
    for piece in _LINE_PIECE.findall(text):
        if width_of(line + piece.rstrip()) <= width:
            line += piece
            continue
        if line.strip():
            lines.append(line.rstrip())
        line = piece.lstrip()
        while width_of(line.rstrip()) > width:
            head = _head(line, width)
            lines.append(head)
            line = line[len(head):]
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _head(text: str, width: int) -> str:
    """Return as many characters as fit, one at least; no number without what it counts."""
    n = 1
    while n < len(text) and width_of(text[:n + 1]) <= width:
        n += 1
    whole = next((m for m in range(n, 0, -1) if not _TIED_PAIR.match(text, m - 1)), n)
    return text[:whole]


def height_of(texts: Sequence[Any], widths: Sequence[int]) -> float:
    """Return the points a row of wrapped texts takes; not every program that opens a sheet works it out."""
    lines = (count_lines(str(text), width - 1) for text, width in zip(texts, widths, strict=True))
    return LINE * max(lines)


def count_lines(text: str, width: int) -> int:
    """Return the lines of a text broken between words, and anywhere within those that are longer or Chinese.

    >>> count_lines("one two three", 7), count_lines("居民身份证号码", 7), count_lines("one\\ntwo", 7)
    (2, 2, 2)
    """
    return sum(_lines_of_paragraph(paragraph, width) for paragraph in text.split("\n"))


def _lines_of_paragraph(text: str, width: int) -> int:
    lines, room = 1, width
    for word in text.split(" "):
        wide = width_of(word)
        if wide > room and room < width and word.isascii():
            lines, room = lines + 1, width
        more = max(0, -(-(wide - room) // width))
        lines, room = lines + more, room + more * width - wide - 1
    return lines
