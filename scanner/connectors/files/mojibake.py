"""Text that was read in a wrong encoding and written again: as it was before."""

from __future__ import annotations

import re

_OF_GB18030 = re.compile("(?:[\\xb0-\\xf7][\\xa1-\\xfe]|[^a-zA-Z\\x80-\U0010ffff])*")   # read as Latin
_HIGH_PAIRS = re.compile("[\\xb0-\\xf7][\\xa1-\\xfe]")


def repaired(text: str) -> str:
    """Return UTF-8 text that was read as something else once, as it was; empty where it was not.

    >>> repaired("å§“å\\x90\\x8d"), repaired("ÐÕÃû"), repaired("姓名")
    ('姓名', '姓名', '')
    """
    if text.isascii():
        return ""
    if _OF_GB18030.fullmatch(text) and _HIGH_PAIRS.search(text):
        return western_bytes(text).decode("gb18030", "replace")
    for encode in (western_bytes, lambda garbled: garbled.encode("gb18030")):
        try:
            before = encode(text).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
        if all(c.isascii() or c >= "\u2e80" for c in before) and not before.isascii():
            return before
    return ""


def western_bytes(text: str) -> bytes:
    """Return text as Windows wrote it; its five undefined bytes as they are."""
    return b"".join(bytes([ord(c)]) if ord(c) < 256 else c.encode("cp1252") for c in text)
