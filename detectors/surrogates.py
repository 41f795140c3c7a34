"""Names that are no text: bytes that could not be decoded, and halves of surrogate pairs."""

from __future__ import annotations

import re

_LONE = re.compile("[\ud800-\udfff]")


def well_formed(name: str) -> str:
    r"""Return a name that UTF-8 can hold: bytes not decoded and halves of surrogate pairs are escaped.

    >>> well_formed("m\udcff.csv"), well_formed("a\ud800")
    ('m\\xff.csv', 'a\\ud800')
    """
    return name if name.isascii() else _LONE.sub(_escape_lone, name)


def _escape_lone(lone: re.Match[str]) -> str:
    code = ord(lone[0])
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"
