"""Files put together byte by byte: the reader of a format with a footer knows the last one alone.

What the footer describes is compared with how long the file is; what lies between may be another file.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from scanner.connectors.files.source_file import SourceFile

_PARQUET_TAIL = 8                             # bytes behind the footer: its length, PAR1
_ARROW_HEAD, _ARROW_TAIL = 8, 10              # ARROW1 and two zeros; the length of the footer, ARROW1
_ORC_HEAD = 3                                 # bytes before the content of an ORC file: ORC
_TWICE = b"PAR1PAR1"                          # the end of a file and the start of the next one
_PIECE = 1 << 20
SEARCHED = 64 << 20                           # bytes in which the end of a format is looked for
ENDS = 20                                     # places that may be that end


def note_appended(file: SourceFile, reader: Any, is_appended: Callable[[SourceFile, Any], bool]) -> bool:
    """Return whether another file may be in a file, which is noted once. reader: of its format."""
    has_other = _ask(_Question(file, reader, is_appended), file.path, file.stamp)
    if has_other:
        file.account.lose_once("other_file", file.where)
    return has_other


class _Question:
    """Equal to any other one, so that the path and the stamp of a file decide whether it is asked again."""

    def __init__(self, file: SourceFile, reader: Any, is_appended: Callable[[SourceFile, Any], bool]) -> None:
        self.file, self.reader, self.is_appended = file, reader, is_appended

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Question) and self.is_appended is other.is_appended

    def __hash__(self) -> int:
        return hash(self.is_appended)


@lru_cache(1_024)
def _ask(question: _Question, path: str, stamp: str) -> bool:
    try:
        return question.is_appended(question.file, question.reader)
    except (pa.ArrowException, OSError, ValueError, EOFError):
        return False                          # what is damaged is said where it is read


def open_cut(file: SourceFile, sign: bytes, behind: int, open_file: Callable[[Any], Any]) -> Any:
    """Return a reader of a file up to the last end of its format, which is noted; None where there is none.

    sign: at the end of the format. behind: bytes of the format that follow it. open_file: opens a source;
    raises what pyarrow raises.
    """
    if not (file.is_here and file.is_plain) or not isinstance(file.arrow_source(), str):
        return None
    with pa.memory_map(file.path) as memory:
        content = memory.read_buffer(file.size)
    view = memoryview(content)
    start = max(0, len(view) - SEARCHED)
    tail = bytes(view[start:])
    place = len(tail)
    for _ in range(ENDS):
        place = tail.rfind(sign, 0, place)
        if place < 0:
            return None
        end = start + place + len(sign) + behind
        try:
            reader = open_file(pa.BufferReader(content.slice(0, end)))
        except (pa.ArrowException, OSError, ValueError):
            continue
        file.account.lose_once("bytes_behind", file.where, len(view) - end)
        return reader
    return None


def in_parquet(file: SourceFile, metadata: pq.FileMetaData) -> bool:
    """Return whether two files meet between the last column and the footer of a Parquet file."""
    end = 4
    if metadata.num_row_groups:
        group = metadata.row_group(metadata.num_row_groups - 1)
        for i in range(group.num_columns):
            column = group.column(i)
            starts = [start for start in (column.dictionary_page_offset, column.data_page_offset) if start]
            end = max(end, min(starts) + column.total_compressed_size)
    last = file.size - _PARQUET_TAIL - metadata.serialized_size
    if last - end < len(_TWICE):
        return False
    with file.open() as stream:
        stream.seek(end)
        before = b""
        for start in range(end, last, _PIECE):
            piece = before + stream.read(min(_PIECE, last - start))
            if _TWICE in piece:
                return True
            before = piece[-len(_TWICE):]
    return False


def in_arrow(file: SourceFile, _: Any) -> bool:
    """Return whether the messages of an Arrow file end before the footer that its last bytes name."""
    if file.is_remote:
        return False
    with pa.memory_map(file.path) as source:
        source.seek(file.size - _ARROW_TAIL)
        footer = int.from_bytes(source.read(4), "little")
        source.seek(_ARROW_HEAD)
        try:
            while True:
                pa.ipc.read_message(source)
        except EOFError:
            end = source.tell()
    return int(file.size) - _ARROW_TAIL - footer - end > _ARROW_HEAD


def note_in_orc(file: SourceFile, reader: Any) -> None:
    """Note how many bytes of an ORC file are in none of its parts: another file, or what went astray."""
    parts = (reader.content_length, reader.stripe_statistics_length, reader.file_footer_length,
             reader.file_postscript_length, 1)
    if (n := int(reader.file_length) - sum(parts) - _ORC_HEAD) > 0:
        file.account.lose_once("bytes_between", file.where, n)
