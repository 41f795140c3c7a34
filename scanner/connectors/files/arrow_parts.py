"""Whether the parts of an Arrow file meet each other and its footer.

Bytes that went missing shift all texts behind them, and no checksum tells.

Source of the layout: Apache Arrow columnar format, IPC file format.
"""

from __future__ import annotations

import struct
from functools import lru_cache

import pyarrow as pa

_START = 8                                    # bytes before the first part: magic and padding
_END = struct.Struct("<i6s")                  # size of the footer, magic
_END_OF_PARTS = 8                             # bytes that say so, which some writers leave out


@lru_cache(256)
def torn_part(path: str, stamp: str) -> int:
    """Return the number of the part that does not end where the next one begins, from 1; 0 for none.

    stamp: of the file, so that a changed one is looked at again. Raise OSError where it cannot be opened.
    """
    with pa.memory_map(path) as source:
        size = source.size()
        if size < _START + _END.size:
            return 0
        source.seek(size - _END.size)
        footer_size, magic = _END.unpack(source.read(_END.size))
        footer = size - _END.size - footer_size
        if magic != b"ARROW1" or not _START <= footer < size:
            return 0                          # no file with a footer
        source.seek(_START)
        number = -1                           # the schema is the first message
        while source.tell() < footer - _END_OF_PARTS:
            try:
                pa.ipc.read_message(source)
            except (pa.ArrowException, OSError, EOFError):
                break
            number += 1
        ends_well = source.tell() in (footer, footer - _END_OF_PARTS)
    return 0 if ends_well else max(number, 1)
