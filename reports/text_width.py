"""Text in columns of a screen or a cell, of which a Chinese character takes two: measured, cut, filled up, broken into lines."""

from __future__ import annotations

import re
import unicodedata

_HAN, _OPEN, _CLOSE = "\u2e80-\u2fff\u3040-\u9fff\uf900-\ufaff", "（“‘《「【［", "，。、：；！？）”’》」】］…"
_PIECE = re.compile(                          # what stays together: a number and what it counts, a character, a word; with marks around
    rf"[{_OPEN}(\[]*(?:[^\s{_HAN}{_OPEN}{_CLOSE}]*[0-9][%％]? ?[{_HAN}]|[{_HAN}]|[^\s{_HAN}{_OPEN}{_CLOSE}]+)?[{_CLOSE}\])]*\s*")
_TIED = re.compile(rf"[0-9%％][ {_HAN}]|.[{_CLOSE}]")      # no line ends after its first character


def width_of(text: str) -> int:
    """Columns a text takes, Chinese characters two each."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def fit(text: str, width: int) -> str:
    """The beginning of a text, in at most so many columns; cut text ends with `…`.

    >>> fit("手机号码", 6)
    '手机…'
    """
    if width_of(text) <= width:
        return text
    kept = ""
    for c in text:
        if width_of(kept + c) > width - 1:
            break
        kept += c
    return kept + "…" if width > 0 else ""


def padded(text: str, width: int) -> str:
    """A text with blanks behind it up to so many columns.

    >>> padded("手机", 6) + "|"
    '手机  |'
    """
    return text + " " * (width - width_of(text))


def wrapped(text: str, width: int) -> list[str]:
    """A line of a list or tree as lines of at most so many columns; what follows the first stands under its words.

    >>> wrapped("├─ one two three", 12)
    ['├─ one two', '│    three']
    """
    if width_of(text) <= width:
        return [text]
    body = text.lstrip(" │├└─")
    prefix = text[: len(text) - len(body)]
    hang = prefix.replace("├", "│").replace("└", " ").replace("─", " ") + "  "
    room = max(width - width_of(hang), 10)
    return [(hang if i else prefix) + line for i, line in enumerate(broken(body, room))]


def broken(text: str, width: int) -> list[str]:
    """A text as lines of at most so many columns: broken at blanks and between Chinese characters, but neither between a number and the
    Chinese word it counts nor before a closing mark; what has no such place is cut.

    >>> broken("可能敏感 1 个：居民身份证号码", 10)
    ['可能敏感', '1 个：居民', '身份证号码']
    """
    lines, line = [], ""
    for piece in _PIECE.findall(text):
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
    """As many characters of a text as fit into so many columns, one at least; not up to a number that counts what follows."""
    n = 1
    while n < len(text) and width_of(text[:n + 1]) <= width:
        n += 1
    whole = next((m for m in range(n, 0, -1) if not _TIED.match(text, m - 1)), n)
    return text[:whole]
