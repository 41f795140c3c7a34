"""The records that the parts of an XLSB consist of. Source: MS-XLSB 2.1.4 Record."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Collection, Iterator

_SHEET = 156                                  # 2.4.312 BrtBundleSh


def sheets_of_xlsb(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield (title, relation) of each sheet. Raise KeyError where no part names them."""
    for kind, body in xlsb_records(archive.read("xl/workbook.bin")):
        if kind == _SHEET and len(body) > 12:
            relation, rest = _wide_text(body[8:])
            yield _wide_text(rest)[0], relation


def has_record(raw: bytes, kinds: Collection[int]) -> bool:
    """Return whether a part has a record of one of these kinds; a part without their bytes is not parsed."""
    marks = [bytes((kind,)) if kind < 0x80 else bytes((kind & 0x7F | 0x80, kind >> 7)) for kind in kinds]
    return any(mark in raw for mark in marks) and any(kind in kinds for kind, _ in xlsb_records(raw))


def _wide_text(raw: bytes) -> tuple[str, bytes]:
    end = 4 + 2 * struct.unpack_from("<I", raw)[0]
    return raw[4:end].decode("utf-16-le", "replace"), raw[end:]


def xlsb_records(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (kind, body) of the records of a part; kind and size are numbers of seven bits a byte."""
    at = 0
    while at < len(raw):
        kind, at = raw[at], at + 1
        if kind & 0x80 and at < len(raw):
            kind, at = (kind & 0x7F) | (raw[at] & 0x7F) << 7, at + 1
        size = shift = 0
        while at < len(raw):
            byte, at = raw[at], at + 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 or shift > 21:
                break
        yield kind, raw[at: at + size]
        at += size
