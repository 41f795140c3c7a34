"""The encoding of a text file, from its first bytes."""

from __future__ import annotations

import codecs

HEAD = 256 << 10


def encoding_of(head: bytes) -> str:
    """utf-8-sig, utf-16, utf-16-le, utf-16-be, utf-8 or gb18030."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if wide := _unmarked(head):
        return wide
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
        return "utf-8"
    except UnicodeDecodeError:
        pass
    whole = head.rsplit(b"\n", 1)[0]
    gb, utf = (whole.decode(e, "replace").count("\ufffd") for e in ("gb18030", "utf-8"))
    return "gb18030" if gb <= utf else "utf-8"


def _unmarked(head: bytes) -> str:
    """UTF-16 without a byte order mark: the zero halves of its ASCII characters all stand on one side. Empty for anything else."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    many = len(head) * 0.02
    coding = "utf-16-le" if odd > many and even == 0 else "utf-16-be" if even > many and odd == 0 else ""
    if not coding:
        return ""
    try:
        text = codecs.getincrementaldecoder(coding)().decode(head)
    except UnicodeDecodeError:
        return ""
    return coding if "\n" in text and "\x00" not in text else ""
