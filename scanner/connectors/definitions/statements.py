"""SQL text in statements, whatever its dialect; a fault in one is a fault of that one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PIECE = re.compile(
    r"(?P<quoted>'(?:[^'\\]|\\.|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`)"
    r"|(?P<dollars>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)"
    r"|(?P<comment>--[^\n]*|/\*.*?\*/|^[ \t]*#[^\n]*)"
    r"|(?P<go>^[ \t]*GO[ \t]*$)"
    r"|(?P<begin>^[ \t]*(?=(?:CREATE|ALTER|COMMENT\s+ON|INSERT|REPLACE|COPY|LOAD|DROP|USE|SET|GRANT)\s))"
    r"|(?P<end>;)",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)

_BEFORE = re.compile(r"\s+|--[^\n]*|/\*.*?\*/|#[^\n]*", re.DOTALL)     # what stands before a statement


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with its comments. line: of its beginning, from 1."""

    text: str
    line: int


def split_statements(text: str) -> Iterator[Statement]:
    """Yield the statements of a text: to a semicolon, GO, or a line that begins another one."""
    start = 0
    for piece in _PIECE.finditer(text):
        if piece["end"] or piece["go"] is not None:
            yield from _statement(text, start, piece.start())
            start = piece.end()
        elif piece["begin"] is not None and _is_complete(text[start:piece.start()]):
            yield from _statement(text, start, piece.start())
            start = piece.start()
    yield from _statement(text, start, len(text))


def _is_complete(text: str) -> bool:
    """Return whether a statement that another one follows without a semicolon is more than comments."""
    return bool(without_comments(text).strip())


def _statement(text: str, start: int, end: int) -> Iterator[Statement]:
    while (before := _BEFORE.match(text, start, end)) is not None:
        start = before.end()
    if start < end:
        yield Statement(text[start:end].strip(), text.count("\n", 0, start) + 1)


def without_comments(text: str) -> str:
    """Return SQL without its comments; what is quoted stays."""
    return _PIECE.sub(lambda piece: " " if piece["comment"] is not None else piece[0], text)


def line_comments(text: str) -> dict[str, str]:
    """Return the comments behind columns of a CREATE TABLE, by the folded name: `mobile text, -- 手机`."""
    comments: dict[str, str] = {}
    for line in text.splitlines():
        commented = _COMMENTED.match(line)
        if commented and "--" not in line[: commented.start("comment") - 3]:
            comments.setdefault(commented["name"].casefold(), commented["comment"].strip())
    return comments


_COMMENTED = re.compile(r"\s*[`\"\[]?(?P<name>[^\s`\"\[\]()',]+)[`\"\]]?\s+\w[^']*?--\s*(?P<comment>\S.*)$")
