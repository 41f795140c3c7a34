"""The encoding of a text file, from its first bytes."""

from __future__ import annotations

import codecs

HEAD = 256 << 10                              # bytes by which the layout of a text file is judged


def encoding_of(head: bytes) -> str:
    """Return utf-8-sig, utf-16, utf-16-le, utf-16-be, utf-8 or gb18030."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if utf16 := _unmarked_utf16(head):
        return utf16
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
        return "utf-8"
    except UnicodeDecodeError:
        pass
    whole_lines = head.rsplit(b"\n", 1)[0]
    gb_faults, utf_faults = (whole_lines.decode(e, "replace").count("\ufffd") for e in ("gb18030", "utf-8"))
    return "gb18030" if gb_faults <= utf_faults else "utf-8"


def _unmarked_utf16(head: bytes) -> str:
    """Return the encoding of UTF-16 without a byte order mark; empty for anything else.

    The zero halves of its ASCII characters all stand on one side.
    """
    even, odd = head[0::2].count(0), head[1::2].count(0)
    many = len(head) * 0.02
    encoding = "utf-16-le" if odd > many and even == 0 else "utf-16-be" if even > many and odd == 0 else ""
    if not encoding:
        return ""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return ""
    return encoding if "\n" in text and "\x00" not in text else ""
