"""The lines of a text file as UTF-8, also where some are written in another encoding than the file.

Every byte is decoded by a rule that fails, so a later part in another encoding is noticed where it begins.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import pyarrow as pa

from detectors.message import Msg
from scanner.connectors.account import SAMPLED_LINES, Account, line
from scanner.connectors.files.encodings import (
    COMMON,
    FAULTS,
    FEW,
    HEAD,
    HIGH_RUN,
    JUDGED,
    SHIFTED,
    UTF8_HAN,
    count_common_pairs,
    encoding_of,
    holds_utf8_han,
    is_mostly_utf8,
    is_valid,
    lines_beyond_ascii,
    national_encoding,
)

_UTF8_OTHER = re.compile(rb"(?<![\xe0-\xef])(?<![\xe0-\xef][\x80-\xbf])[\xc2-\xdf][\x80-\xbf]")
_LETTERS = re.compile(r"[^\W\d_\x00-\x7f\u0800-\U0010ffff]{2,}")    # of two bytes in UTF-8
_INT32_MAX = 2**31 - 1
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b-\x0c\x0e-\x1f]")
_REPLACED = "\ufffd".encode()                 # what another program wrote for what it could not read
_REPLACED_RUN = re.compile(b"(?:" + _REPLACED + b")+")


def utf8_lines(block: bytes, encoding: str, account: Account, first_line: int) -> bytes:
    """Return whole lines as UTF-8; what is written otherwise is decoded line by line and accounted for.

    encoding: of the file, one that extends ASCII. first_line: number of the first of these lines, from 1; 0
    for lines drawn from all over.
    """
    if block.isascii() and encoding not in SHIFTED:
        return block
    if encoding not in COMMON:
        return _utf8_part(block, (encoding, ""), account, first_line)
    texts = []
    for part, other in _national_parts(block, encoding):
        texts.append(_utf8_part(part, (encoding, other), account, first_line))
        first_line += part.count(b"\n") if first_line else 0
    return b"".join(texts)


def _utf8_part(block: bytes, encodings: tuple[str, str], account: Account, first_line: int) -> bytes:
    """Return lines as UTF-8. encodings: of the file, and of these lines where that is another one."""
    encoding, other = encodings
    is_utf8 = encoding.startswith("utf-8")
    if is_utf8 and _REPLACED[:1] in block and (lost := block.count(_REPLACED)):
        before = block.count(b"\n", 0, block.find(_REPLACED))
        account.lose("undecodable", lost if lost < 2 else len(_REPLACED_RUN.findall(block)),
                     _place(first_line + before if first_line else 0))
    if is_utf8 or not other and (encoding == "cp1252" or not holds_utf8_han(block)):
        try:
            if is_utf8 and is_valid_utf8(block):
                return block
            return block.decode("utf-8" if is_utf8 else encoding).encode("utf-8")
        except UnicodeDecodeError:
            pass
    lines = block.split(b"\n")
    other = other or _encoding_of_misfits(lines, encoding)
    faults: dict[str, list[int]] = {}         # kind -> how many, the first line
    texts = []
    for number, part in enumerate(lines, first_line):
        kind, decoded, n = ("", part, 0) if part.isascii() else _decode_line(part, encoding, other)
        texts.append(decoded)
        if kind:
            faults.setdefault(kind, [0, number])[0] += n
    for kind, (n, number) in faults.items():
        account.lose(kind, n, _place(number if first_line else 0))
    return b"\n".join(texts)


def is_valid_utf8(block: bytes) -> bool:
    """Return whether Arrow finds text to be UTF-8, several times as fast as decoding it."""
    if len(block) > _INT32_MAX:
        return False
    ends = pa.py_buffer(np.array([0, len(block)], np.int32))
    try:
        pa.Array.from_buffers(pa.string(), 1, [None, ends, pa.py_buffer(block)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


class WideDecoder:
    """Turns blocks of a wide encoding into UTF-8; what is no character, or no text, is accounted for.

    Where lines of UTF-8 follow UTF-16, as a program appends that knows nothing of it, they are read as such.
    """

    def __init__(self, encoding: str, account: Account) -> None:
        self._encoding, self._account = encoding, account
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._line = 1
        self._is_narrow = False

    def decode(self, block: bytes, is_end: bool) -> bytes:
        """Return a block as UTF-8."""
        is_utf16 = self._encoding.startswith("utf-16")
        if is_utf16 and not self._is_narrow and (cut := _narrow_start(block)) >= 0:
            self._is_narrow = True
            wide = self._wide(block[:cut], is_end=True)
            self._account.lose("other_encoding", 1, line(self._line))
            return wide + self._narrow(block[cut:])
        return self._narrow(block) if self._is_narrow else self._wide(block, is_end=is_end)

    def _narrow(self, block: bytes) -> bytes:
        text = utf8_lines(block, encoding_of(block[:HEAD]), self._account, self._line)
        self._line += block.count(b"\n")
        return text

    def _wide(self, block: bytes, *, is_end: bool) -> bytes:
        text = self._decoder.decode(block, is_end)
        if "\ufffd" in text:
            before = text[: text.index("\ufffd")].count("\n")
            self._account.lose("undecodable", len(FAULTS.findall(text)), line(self._line + before))
        self._line += text.count("\n")
        return text.encode("utf-8", "replace")


def _narrow_start(block: bytes) -> int:
    """Return where lines of UTF-8 begin in a block of UTF-16; -1 where they do not.

    An end of a line in UTF-16 has a zero byte. Behind the last one only part of a line can stand, and hardly
    any text of UTF-16 is valid UTF-8 as well.
    """
    start = block.rfind(b"\x00") + 1
    start += block.startswith(b"\n", start)
    rest = block[start: block.rfind(b"\n") + 1]
    is_text = rest.count(b"\n") >= 2 and len(rest) >= 24 and not _NO_TEXT.search(rest)
    return start if is_text and is_valid(rest, "utf-8") else -1


def _place(number: int) -> Msg:
    return line(number) if number else SAMPLED_LINES


def _national_parts(block: bytes, encoding: str) -> Sequence[tuple[bytes, str]]:
    """Return a block, or its parts, each with its national encoding where that is not the one of the file.

    GB18030 reads hardly any Big5 as a fault, so a file that changes from one to the other would go unseen.
    Both ends of a block are judged; where they differ it is cut where its lines fit best.
    """
    size = min(JUDGED, len(block) // 2)
    first, last = (_likely(part, encoding) for part in (block[:size], block[len(block) - size:]))
    if first == last:
        return ((block, first),)
    lines = block.splitlines(keepends=True)
    before, behind = first or encoding, last or encoding
    gains = (0 if part.isascii() else count_common_pairs(part, before) - count_common_pairs(part, behind)
             for part in lines)
    sums = list(accumulate(gains, initial=0))
    cut = max(range(len(sums)), key=lambda i: sums[i])
    return (b"".join(lines[:cut]), first), (b"".join(lines[cut:]), last)


def _likely(part: bytes, encoding: str) -> str:
    """Return the national encoding of some lines where it is not that of their file, else nothing."""
    text = lines_beyond_ascii(part[part.find(b"\n") + 1: part.rfind(b"\n") + 1])
    if sum(map(len, HIGH_RUN.findall(text))) < FEW or is_mostly_utf8(text):
        return ""
    likely = national_encoding(text)
    return likely if likely in COMMON and likely != encoding else ""


def _encoding_of_misfits(lines: Sequence[bytes], encoding: str) -> str:
    """Return the national encoding of those lines of a file in UTF-8 that are not, all taken together."""
    if not encoding.startswith("utf-8"):
        return ""
    misfits = b"\n".join(part for part in lines if not part.isascii() and not is_valid(part, "utf-8")
                         and not is_mostly_utf8(part))
    likely = national_encoding(misfits[:HEAD]) if misfits else ""
    return likely if likely in COMMON else ""


def _mixes_scripts(text: str) -> bool:
    """Return whether letters of several scripts stand side by side, as where bytes are UTF-8 by chance.

    >>> _mixes_scripts("ʩîһ"), _mixes_scripts("José, Иван, 林一")
    (True, False)
    """
    runs = _LETTERS.findall(text)
    return any(len({unicodedata.name(c, "").split(" ")[0] for c in run}) > 1 for run in runs)


def _decode_line(raw: bytes, encoding: str, other: str) -> tuple[str, bytes, int]:
    """Return a line as UTF-8, by the encoding of the file or, where that fails, another one; with the kind of
    what was lost or assumed, and how often.

    other: the likely encoding of what does not fit, empty for none.
    """
    is_utf8 = encoding.startswith("utf-8")
    if is_valid(raw, "utf-8") and (is_utf8 or UTF8_HAN.search(raw) and not _UTF8_OTHER.search(raw)):
        if other and is_valid(raw, other) and _mixes_scripts(raw.decode("utf-8")):
            return "other_encoding", raw.decode(other).encode("utf-8"), 1
        return ("" if is_utf8 else "other_encoding"), raw, 1
    if not is_utf8 and not other and is_valid(raw, encoding):
        return "", raw.decode(encoding).encode("utf-8"), 0
    if not is_utf8 or not is_mostly_utf8(raw):
        likely = other if other and is_valid(raw, other) else national_encoding(raw)
        if likely in COMMON and likely != encoding and is_valid(raw, likely):
            return "other_encoding", raw.decode(likely).encode("utf-8"), 1
    if not is_utf8 and is_valid(raw, encoding):
        return "", raw.decode(encoding).encode("utf-8"), 0
    text = raw.decode("utf-8" if is_utf8 else encoding, "replace")
    return "undecodable", text.encode("utf-8"), len(FAULTS.findall(text))
