"""How many cells a workbook's reader would have to hold at once, from the places of the cells that are there.

calamine takes memory for the rectangle around all cells of a sheet, so one cell at a far place of a damaged
file asks for gigabytes. XLS: records of BIFF (MS-XLS 2.1.4) in a compound file (MS-CFB); XLSX: references.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator
from typing import IO

LARGEST = 64 << 20                            # cells of the rectangle around those of a sheet
_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BOF = frozenset({0x0809, 0x0409, 0x0209, 0x0009})
_CELLS = frozenset({0x0006, 0x00BD, 0x00BE, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x0206, 0x027E,
                    0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x0406})
_SHEET = 0x0010                               # what follows a BOF
_SEVERAL = 0x00BD                             # numbers side by side; the last two bytes are the last column
_BLANK = frozenset({0x0201, 0x00BE, 0x0001})
_HEAD = 4                                     # bytes before the body of a record
_END = 0xFFFFFFF0                             # sectors from here on mean none
_REFERENCE = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_SMALL = 64                                   # bytes of a sector of a short stream
_BLOCK = 4 << 20


class CellTwice(Exception):
    """Two cells of a sheet have one place, so one of them belongs elsewhere, e.g. not among the headings."""


def cells_of_xls(content: bytes) -> int:
    """Return the cells of the largest sheet's rectangle; 0 for what is no compound file. Raise CellTwice."""
    if not content.startswith(_MAGIC):
        return 0
    try:
        stream = _workbook_stream(content)
    except (struct.error, IndexError, ValueError):
        return 0
    largest = rows = columns = 0
    is_sheet = False                          # not a chart, which repeats the places of its cells
    filled: dict[int, int] = {}               # of each row, a bit for each column
    for kind, start, length in _records(stream):
        if kind in _BOF:
            rows = columns = 0
            filled.clear()
            is_sheet = length >= 4 and struct.unpack_from("<H", stream, start + 2)[0] == _SHEET
        elif kind in _CELLS and length >= 4:
            row, column = struct.unpack_from("<HH", stream, start)
            end = struct.unpack_from("<H", stream, start + length - 2)[0] if kind == _SEVERAL else 0
            last = max(column, end)
            rows, columns = max(rows, row + 1), max(columns, last + 1)
            largest = max(largest, rows * columns)
            if is_sheet and kind not in _BLANK:
                _fill(filled, row, ((1 << (last - column + 1)) - 1) << column)
    return largest


def xls_records(content: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield (kind, place of the record, body) of the records of an XLS; none of what is no compound file."""
    if not content.startswith(_MAGIC):
        return
    try:
        stream = _workbook_stream(content)
    except (struct.error, IndexError, ValueError):
        return
    for kind, start, length in _records(stream):
        yield kind, start - _HEAD, stream[start: start + length]


def _fill(filled: dict[int, int], row: int, columns: int) -> None:
    """Note which columns of a row have cells. Raise CellTwice."""
    earlier = filled.get(row, 0)
    if earlier & columns:
        raise CellTwice
    filled[row] = earlier | columns


def _records(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield (kind, start, length) of the records of BIFF."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        if at + 4 + length > len(stream):
            return
        yield kind, at + 4, length
        at += 4 + length


def _workbook_stream(content: bytes) -> bytes:
    """Return the stream of a compound file that holds the workbook; empty where there is none."""
    shift = struct.unpack_from("<H", content, 30)[0]
    if shift not in (9, 12):
        raise ValueError
    size = 1 << shift
    directory, _, small = struct.unpack_from("<III", content, 48)
    fat_sectors = [s for s in struct.unpack_from("<109I", content, 76) if s < _END]
    extra = struct.unpack_from("<I", content, 68)[0]
    while extra < _END and len(fat_sectors) * size <= len(content):
        entries = struct.unpack_from(f"<{size // 4}I", content, (extra + 1) * size)
        fat_sectors += [s for s in entries[:-1] if s < _END]
        extra = entries[-1]
    fat = [n for s in fat_sectors for n in struct.unpack_from(f"<{size // 4}I", content, (s + 1) * size)]
    chain = _chained(content, fat, directory, size)
    for at in range(0, len(chain) - 127, 128):
        name = chain[at: at + 64].decode("utf-16-le", "replace")[: max(0, chain[at + 64] // 2 - 1)]
        start, length = struct.unpack_from("<II", chain, at + 116)
        if name in ("Workbook", "Book"):
            if length >= small:
                return _chained(content, fat, start, size)[:length]
            first, root = struct.unpack_from("<I", content, 60)[0], struct.unpack_from("<I", chain, 116)[0]
            numbers = _chained(content, fat, first, size)
            small_fat = list(struct.unpack(f"<{len(numbers) // 4}I", numbers))
            sectors = bytes(_SMALL) + _chained(content, fat, root, size)
            return _chained(sectors, small_fat, start, _SMALL)[:length]
    return b""


def _chained(content: bytes, fat: list[int], sector: int, size: int) -> bytes:
    parts: list[bytes] = []
    while sector < _END and len(parts) <= len(fat):
        parts.append(content[(sector + 1) * size: (sector + 2) * size])
        sector = fat[sector]
    return b"".join(parts)


def cells_of_xlsx(raw: IO[bytes]) -> int:
    """Return the cells of the largest sheet's rectangle. Raise BadZipFile for what is no archive."""
    largest = 0
    with zipfile.ZipFile(raw) as archive:
        for name in archive.namelist():
            if "worksheets/" in name and name.endswith(".xml"):
                with archive.open(name) as part:
                    largest = max(largest, _cells_of_part(part))
    return largest


def _cells_of_part(part: IO[bytes]) -> int:
    rows = columns = 0
    while block := part.read(_BLOCK):
        block += part.readline(4096)
        for letters, digits in _REFERENCE.findall(block):
            number = 0
            for letter in letters:
                number = number * 26 + letter - 64
            rows, columns = max(rows, int(digits)), max(columns, number)
    return rows * columns
