"""The encoding of a text file, and its lines as text where some are written in another one.

UTF-8 proves itself: other text is hardly ever valid UTF-8. GB18030 and Big5 do not, so they are told apart by
the share of common characters that each reading gives. Every byte is decoded by a rule that fails, so a
later part in another encoding is noticed where it begins.
"""

from __future__ import annotations

import codecs
import re

from scanner.connectors.account import Account, line
from scanner.connectors.files.source_file import SourceFile

HEAD = 256 << 10                              # bytes by which the layout of a text file is judged
BUDGET = 64 << 20                             # bytes that are searched for a first character beyond ASCII
FEW = 200                                     # bytes beyond ASCII that are too few to tell encodings apart
_UTF8_HAN = re.compile(rb"[\xe3-\xe9][\x80-\xbf]{2}|\xef[\xbc-\xbd][\x80-\xbf]")
_UTF8_OTHER = re.compile(rb"(?<![\xe0-\xef])(?<![\xe0-\xef][\x80-\xbf])[\xc2-\xdf][\x80-\xbf]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_GB_PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_GB_COMMON = re.compile(rb"[\xb0-\xd7\xa3][\xa1-\xfe]|\xa1[\xa2-\xbf]")
_BIG5_COMMON = re.compile(rb"[\xa4-\xc6][\x40-\x7e\xa1-\xfe]|\xa1[\x40-\x7e]")
_FAULTS = re.compile("\ufffd+")
_OTHERS = ("gb18030", "big5hkscs")


def encoding_of(head: bytes) -> str:
    """Return utf-8-sig, utf-16, utf-16-le, utf-16-be, utf-8, gb18030, big5hkscs or cp1252."""
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
    if _first_is_utf8(whole_lines):
        return "utf-8"
    return national_encoding(whole_lines)


def _first_is_utf8(text: bytes) -> bool:
    """Return whether some lines are UTF-8, or Han characters of it are more than what cannot be read so."""
    lines = [part for part in text.splitlines() if not part.isascii()]
    valid = sum(bool(_UTF8_HAN.search(part)) and _is_valid(part, "utf-8") for part in lines)
    if len(lines) > 1 and valid >= 0.2 * len(lines):
        return True
    faults = len(_FAULTS.findall(text.decode("utf-8", "replace")))
    return len(_UTF8_HAN.findall(text)) > faults


def national_encoding(text: bytes) -> str:
    """Return gb18030, big5hkscs or cp1252 for lines that are no UTF-8.

    >>> [national_encoding("台灣大學電機工程學系".encode(e)) for e in ("big5", "gb18030")]
    ['big5hkscs', 'gb18030']
    """
    runs = _HIGH_RUN.findall(text)
    if runs and sum(len(run) == 1 for run in runs) >= 0.8 * len(runs) and not _GB_COMMON.search(text):
        return "cp1252"
    shares = {}
    for encoding, common in (("gb18030", _GB_COMMON), ("big5hkscs", _BIG5_COMMON)):
        pairs = _GB_PAIR.findall(text)
        faults = text.decode(encoding, "replace").count("\ufffd")
        shares[encoding] = sum(map(bool, map(common.fullmatch, pairs))) - 2 * faults
    return max(shares, key=lambda encoding: shares[encoding])


def _unmarked_utf16(head: bytes) -> str:
    """Return the encoding of UTF-16 without a byte order mark; empty for anything else.

    Its ends of lines and its ASCII characters have their zero half on one side, and all of it is common text.
    """
    if head.count(0) < len(head) * 0.01:
        return ""
    even = head[: len(head) // 2 * 2]
    shares = {encoding: _common_share(even, encoding) for encoding in ("utf-16-le", "utf-16-be")}
    best = max(shares, key=lambda encoding: shares[encoding])
    return best if shares[best] > 0.9 else ""


def _common_share(text: bytes, encoding: str) -> float:
    """Return the share of ASCII and Han characters; 0 where it cannot be decoded or has no line."""
    decoded = text.decode(encoding, "replace")
    if "\n" not in decoded and "\r" not in decoded or "\x00" in decoded:
        return 0.0
    common = sum(c <= "\xff" or "\u2010" <= c <= "\u2030" or "\u3000" <= c <= "\u9fff" or c > "\uff00"
                 for c in decoded[:20_000])
    return common / max(len(decoded[:20_000]), 1) - decoded.count("\ufffd") / max(len(decoded), 1)


def file_encoding(file: SourceFile, head: bytes) -> str:
    """Return the encoding of a file; where its head is ASCII, by what comes first that is not.

    head: its first bytes. Up to BUDGET bytes are searched; a file far away or packed is judged by its head.
    """
    if len(head) < HEAD or file.is_remote or not file.is_plain:
        return encoding_of(head)
    encoding = encoding_of(head)
    high = 0 if head.isascii() else sum(map(len, _HIGH_RUN.findall(head)))
    if high >= FEW or encoding.startswith("utf-") and not head.isascii():
        return encoding
    lines = b"".join(part for part in head.splitlines(keepends=True) if not part.isascii())
    with file.open() as stream:
        stream.seek(len(head))
        for _ in range(BUDGET // HEAD):
            piece = stream.read(HEAD)
            if not piece:
                break
            if not piece.isascii():
                whole = piece.splitlines(keepends=True)[1:-1]
                lines += b"".join(part for part in whole if not part.isascii())
            if len(lines) >= HEAD:
                break
    return encoding_of(lines) if lines else encoding


def utf8_lines(block: bytes, encoding: str, account: Account, first_line: int) -> bytes:
    """Return whole lines as UTF-8; what is written otherwise is decoded line by line and accounted for.

    encoding: of the file, one that extends ASCII. first_line: number of the first of these lines, from 1.
    """
    if block.isascii():
        return block
    if encoding.startswith("utf-8"):
        try:
            block.decode("utf-8")
            return block
        except UnicodeDecodeError:
            pass
    elif not _UTF8_HAN.search(block) or encoding == "cp1252":
        try:
            return block.decode(encoding).encode("utf-8")
        except UnicodeDecodeError:
            pass
    lines = block.split(b"\n")
    texts = [part if part.isascii() else _decode_line(part, encoding, account, first_line + i)
             for i, part in enumerate(lines)]
    return b"\n".join(texts)


def _decode_line(raw: bytes, encoding: str, account: Account, number: int) -> bytes:
    """Return a line as UTF-8, by the encoding of the file or, where that fails, another one."""
    is_utf8 = encoding.startswith("utf-8")
    if _is_valid(raw, "utf-8") and (is_utf8 or _UTF8_HAN.search(raw) and not _UTF8_OTHER.search(raw)):
        if not is_utf8:
            account.lose("other_encoding", 1, line(number))
        return raw
    if not is_utf8 and _is_valid(raw, encoding):
        return raw.decode(encoding).encode("utf-8")
    if not is_utf8 or not _first_is_utf8(raw):
        likely = national_encoding(raw)
        if likely in _OTHERS and likely != encoding and _is_valid(raw, likely):
            account.lose("other_encoding", 1, line(number))
            return raw.decode(likely).encode("utf-8")
    text = raw.decode("utf-8" if is_utf8 else encoding, "replace")
    account.lose("undecodable", len(_FAULTS.findall(text)), line(number))
    return text.encode("utf-8")


def _is_valid(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def repaired(text: str) -> str:
    """Return UTF-8 text that was read as something else once, as it was; empty where it was not.

    >>> repaired("å§“å\\x90\\x8d"), repaired("姓名")
    ('姓名', '')
    """
    if text.isascii():
        return ""
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
