"""XLS files (BIFF8 in a compound file) of one sheet."""

import struct


def workbook(cells, notes=0, *, is_short=False):
    """Return an XLS file whose only sheet has values, texts or numbers, at (row, column), and notes.

    is_short: its stream is shorter than 4 KB and lies in sectors of 64 bytes.
    """
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    sheet += b"".join(_cell(*cell) for cell in cells)
    sheet += b"".join(_record(0x001C, struct.pack("<HHHH", i + 1, 0, 0, i + 1) + b"\1\0\0x\0")
                      for i in range(notes)) + _record(0x000A, b"")
    name = b"s"
    place = len(start) + 4 + 8 + len(name) + 4
    bound = _record(0x0085, struct.pack("<IBBBB", place, 0, 0, len(name), 0) + name)
    stream = start + bound + _record(0x000A, b"") + sheet
    size = len(stream) if is_short else max(len(stream), 4096)
    sectors = -(-size // 512)
    stream = stream.ljust(sectors * 512, b"\0")
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    small = -(-size // 64)
    if is_short:
        fat.append(0xFFFFFFFE)
        stream += struct.pack(f"<{small}I", *range(1, small), 0xFFFFFFFE).ljust(512, b"\xff")
    root_size, first_small = (sectors * 512, sectors + 2) if is_short else (0, 0xFFFFFFFE)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack(
        "<HHHHHHIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0, 1, 1, 0, 4096, first_small, int(is_short),
        0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    root = _entry("Root Entry", 5, 2 if is_short else 0xFFFFFFFE, root_size, 1)
    content = _entry("Workbook", 2, 0 if is_short else 2, size)
    directory = root + content + b"\0" * 256
    return header + struct.pack(f"<{len(fat)}I", *fat).ljust(512, b"\xff") + directory + stream


def _record(kind, body):
    return struct.pack("<HH", kind, len(body)) + body


def _cell(row, column, value):
    if isinstance(value, str):
        return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(value), 0) + value.encode("latin-1"))
    return _record(0x0203, struct.pack("<HHHd", row, column, 0, value))


def _entry(text, kind, start, size, child=0xFFFFFFFF):
    raw = (text + "\0").encode("utf-16-le")
    links = struct.pack("<HBBIII", len(raw), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
    return raw.ljust(64, b"\0") + links + b"\0" * 36 + struct.pack("<IQ", start, size)
