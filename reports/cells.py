"""Text for spreadsheet cells: what a name or a comment holds is shown and never run."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

LONGEST = 32_767                              # characters a cell holds
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_HIDDEN = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_HAN, _OPEN, _CLOSE = "\u2e80-\u2fff\u3040-\u9fff\uf900-\ufaff", "（“‘《「【［", "，。、：；！？）”’》」】］…"
_PIECE = re.compile(                          # what stays together: a number and what it counts, a character, a word; with marks around
    rf"[{_OPEN}(\[]*(?:[^\s{_HAN}{_OPEN}{_CLOSE}]*[0-9][%％]? ?[{_HAN}]|[{_HAN}]|[^\s{_HAN}{_OPEN}{_CLOSE}]+)?[{_CLOSE}\])]*\s*")
_TIED = re.compile(rf"[0-9%％][ {_HAN}]|.[{_CLOSE}]")      # no line ends after its first character
_RUN = ("=", "+", "-", "@", "#", "＝", "＋", "－", "＠")


def shown(text: str, longest: int = LONGEST) -> str:
    """Text without control characters, with marks that turn or hide text made visible, at most as long as a cell.

    >>> shown("a\\u202eb\\x07")
    'a⟨U+202E⟩b'
    """
    if text.isascii() and text.isprintable():
        return text if len(text) <= longest else text[: longest - 1] + "…"
    text = _CONTROL.sub("", re.sub(r"[\t\r\n]+", " ", text))
    text = _HIDDEN.sub(lambda m: f"⟨U+{ord(m[0]):04X}⟩", text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def risky(text: str) -> bool:
    """Would a spreadsheet take the text for a formula, a command or an error?"""
    return text.lstrip().startswith(_RUN)


def cell(sheet: Any, value: Any) -> Any:
    """A value for a row of a write-only sheet: text stays text, days are days, shares have two decimals, everything else as it is."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        return _styled(sheet, value, "yyyy-mm-dd") if hasattr(value, "isoformat") else (
            _styled(sheet, value, "0.00") if isinstance(value, float) else value)
    text = shown(value)
    if not risky(text):
        return text
    from openpyxl.cell import WriteOnlyCell

    made = WriteOnlyCell(sheet, value="")
    made.value, made.data_type, made.quotePrefix = text, "s", True
    made.data_type = "s"
    return made


def _styled(sheet: Any, value: Any, style: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    made = WriteOnlyCell(sheet, value=value)
    made.number_format = style
    return made


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
