"""Names that are no text: bytes that could not be decoded, and halves of surrogate pairs."""

from __future__ import annotations

import re

_LONE = re.compile("[\ud800-\udfff]")
_NO_SIGN = re.compile(                        # ends a line, or turns it
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def well_formed(name: str) -> str:
    r"""Return a name that UTF-8 can hold: bytes not decoded and halves of surrogate pairs are escaped.

    >>> well_formed("m\udcff.csv"), well_formed("a\ud800")
    ('m\\xff.csv', 'a\\ud800')
    """
    return name if name.isascii() else _LONE.sub(_escape_lone, name)


def one_line(name: str) -> str:
    r"""Return a name of a file as one line of signs: what ends a line, or turns its direction, is escaped.

    >>> one_line("a\nb.csv"), one_line("m\udcff.csv"), one_line("林一.csv")
    ('a\\x0ab.csv', 'm\\xff.csv', '林一.csv')
    """
    return well_formed(name if name.isprintable() else _NO_SIGN.sub(_escape, name))


def _escape(sign: re.Match[str]) -> str:
    code = ord(sign[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _escape_lone(lone: re.Match[str]) -> str:
    code = ord(lone[0])
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"
