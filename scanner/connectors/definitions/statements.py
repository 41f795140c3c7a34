"""SQL text in statements, whatever its dialect; a fault in one is a fault of that one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPENS = (  # what begins a statement, and no line of another
    r"(?:CREATE\s+(?:\w+\s+){0,6}?"
    r"(?:TABLE|VIEW|INDEX|SEQUENCE|TRIGGER|FUNCTION|PROCEDURE|TYPE|SCHEMA|DATABASE|SYNONYM|PACKAGE|ROLE|USER"
    r"|EXTENSION|DOMAIN|DICTIONARY|POLICY|TABLESPACE)\b"
    r"|ALTER\s+(?:TABLE|SEQUENCE|INDEX|VIEW|DATABASE|SCHEMA)\b|COMMENT\s+ON\b|INSERT\s+INTO\b|REPLACE\s+INTO\b"
    r"|COPY\s+\S+[^;\n]*\bFROM\s+STDIN|LOAD\s+DATA\b|EXEC(?:UTE)?\s+(?:\w+\.)*sp_\w+"
    r"|DROP\s+(?:TABLE|VIEW|INDEX|SEQUENCE|DATABASE|SCHEMA|TRIGGER|FUNCTION|PROCEDURE|TYPE)\b"
    r"|GRANT\s[^;\n]*\bON\b|SET\s+NAMES\b)"
)
_SETTING = r"(?:SET|USE)\s[^;\n]*$"  # begins a statement outside brackets; a column is called so, too
_QUOTED = (r"'(?:[^'\\]|\\.|'')*'", r"'(?:[^']|'')*'", r"\"(?:[^\"]|\"\")*\"", r"`[^`\n]*`")
_REST = (
    r"|(?P<dollars>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)"
    r"|(?P<comment>--[^\n]*|/\*.*?\*/|^[ \t]*#[^\n]*)"
    r"|(?P<go>^[ \t]*(?:GO|/)[ \t]*$)"
    r"|(?P<begin>^[ \t]*(?=" + _OPENS + r"))"
    r"|(?P<setting>^[ \t]*(?=" + _SETTING + r"))"
    r"|(?P<end>;)"
)
_FLAGS = re.IGNORECASE | re.DOTALL | re.MULTILINE
_PIECE = re.compile(rf"(?P<quoted>{_QUOTED[0]}|{_QUOTED[2]}|{_QUOTED[3]})" + _REST, _FLAGS)
_PLAIN_QUOTE = re.compile(_QUOTED[1], re.DOTALL)  # where a backslash is a character like others
_OPENS_INSIDE = re.compile(r"^[ \t]*" + _OPENS, _FLAGS)
_HOLDS_ROWS = re.compile(r"\s*(?:INSERT|REPLACE)\b", re.IGNORECASE)
_COPIES = re.compile(r"COPY\s+\S+[^;]*\bFROM\s+STDIN", re.IGNORECASE)
_COPIED = re.compile(r"^\\\.[ \t]*$", re.MULTILINE)  # the end of rows in a dump of PostgreSQL

_BEFORE = re.compile(r"\s+|--[^\n]*|/\*.*?\*/|#[^\n]*", re.DOTALL)  # what stands before a statement


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with its comments. line: of its beginning, from 1."""

    text: str
    line: int


def split_statements(text: str) -> Iterator[Statement]:
    """Yield the statements of a text: to a semicolon, GO, `/`, or a line that begins another one.

    A quote that runs over the beginning of another statement was never closed: it ends nothing.
    """
    start = position = 0
    while (piece := _PIECE.search(text, position)) is not None:
        position = max(piece.end(), position + 1)
        if piece["quoted"] is not None:
            position = _after_quote(text, start, piece)
        elif piece["end"] or piece["go"] is not None:
            yield from _statement(text, start, piece.start())
            start = position = _after_rows(text, start, piece)
        elif piece["begin"] is not None or piece["setting"] is not None:
            before = without_comments(text[start : piece.start()])
            if before.strip() and (piece["begin"] is not None or before.count("(") <= before.count(")")):
                yield from _statement(text, start, piece.start())
                start = piece.start()
            position = _WORD.match(text, piece.end()).end()  # type: ignore[union-attr]
    yield from _statement(text, start, len(text))


_WORD = re.compile(r"\w*")


def _after_quote(text: str, start: int, piece: re.Match[str]) -> int:
    """Return where to read on after a quote: behind it; behind its first mark where it was never closed."""
    if _HOLDS_ROWS.match(text, start) or not _OPENS_INSIDE.search(piece[0]):
        return piece.end()
    plain = _PLAIN_QUOTE.match(text, piece.start())
    if plain is not None and not _OPENS_INSIDE.search(plain[0]):
        return plain.end()
    return piece.start() + 1


def _after_rows(text: str, start: int, end: re.Match[str]) -> int:
    """Return where the next statement begins: behind the rows that a COPY brings along."""
    if _COPIES.search(text, start, end.start()) and (rows := _COPIED.search(text, end.end())) is not None:
        return rows.end()
    return end.end()


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
