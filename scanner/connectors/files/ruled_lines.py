"""Tables drawn with bars and rulers, as database clients and Markdown do: `| 1 | 林一 |` below `+---+`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

Ruling = Literal["framed", "open", ""]       # whether bars stand around a row, too; empty: nothing is drawn
_RULER = re.compile(rb"(?m)^[ \t]*(?=[-+=:| \t]*[+|])(?=[-+=:| \t]*--)[-+=:| \t]+(?=\r?$)"
                    rb"|^\(?\d+ (?:rows?|\xe8\xa1\x8c)\b[^|\r\n]*(?=\r?$)")  # and how many rows there are
_EDGES = {"framed": re.compile(rb"(?m)^[ \t]*\|[ \t]*|[ \t]*\|[ \t]*(?=\r?$)"),
          "open": re.compile(rb"(?m)^[ \t]+|[ \t]+(?=\r?$)")}
_BAR = re.compile(rb"[ \t]*\|[ \t]*")
_SHARE = 0.8                                  # of the lines that are no rulers
RECORD = re.compile(r"\*{5,} \d+\. row \*{5,}|-\[ RECORD \d+ \][-+]*")  # begins a record, a line a cell


def ruling_of(lines: Sequence[str]) -> Ruling:
    """Return how lines are drawn, where most are rows with bars and rulers stand among them.

    >>> ruling_of(["+---+---+", "| a | b |", "+---+---+", "| 1 | 2 |"]), ruling_of(["|a|b|", "|1|2|"])
    ('framed', '')
    """
    filled = [text.strip() for text in lines if text.strip()]
    rows = [text for text in filled if not _RULER.fullmatch(text.encode("utf-8", "replace"))]
    if len(rows) == len(filled) or len(rows) < 2:
        return ""
    bars = [text.count("|") for text in rows]
    if not max(bars) or bars.count(max(bars)) < _SHARE * len(rows):
        return ""
    framed = sum(text[0] == text[-1] == "|" for text in rows)
    return "framed" if framed >= _SHARE * len(rows) else "open"


def unruled(block: bytes, ruling: Ruling) -> bytes:
    """Return lines whose cells are parted by bars alone; a ruler becomes an empty line.

    >>> unruled(b"+---+---+\\n| a | b |\\n", "framed")
    b'\\na|b\\n'
    """
    return _BAR.sub(b"|", _EDGES[ruling].sub(b"", _RULER.sub(b"", block))) if ruling else block


def as_key_lines(lines: Sequence[str]) -> list[str]:
    """Return records of a database client, a line a cell, as keys with values; other lines as they are.

    >>> as_key_lines(["-[ RECORD 1 ]-", "name | 林一"]), as_key_lines(["*** 1. row ***"])
    (['', 'name: 林一'], ['*** 1. row ***'])
    """
    first = next((text for text in lines if text.strip()), "")
    if not RECORD.match(first.strip()):
        return list(lines)
    return ["" if RECORD.match(text.strip()) else re.sub(r"\s*\|\s*", ": ", text, count=1) for text in lines]
