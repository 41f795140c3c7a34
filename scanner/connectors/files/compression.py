"""Compressed files as streams of their content, which may not grow without end."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from collections.abc import Callable, Mapping
from typing import IO, Any

from detectors.errors import SourceError
from detectors.message import Msg

INFLATED = 256 << 20                          # bytes after which compressed data may not have grown more than
RATIO = 200                                   # times its size
BUFFER = 1 << 20
_OPEN: Mapping[str, Callable[..., Any]] = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}


def decompress(raw: IO[bytes], compression: str, where: str) -> IO[bytes]:
    """Return the content of a compressed stream; reading raises SourceError where it grows beyond all reason.

    compression: one of `scanner.connectors.urls.PACKED`, or empty. where: the file, as errors show it.
    """
    if not compression:
        return raw
    if compression == "zst":
        import pyarrow as pa

        content: Any = pa.CompressedInputStream(pa.PythonFile(raw, "r"), "zstd")
    else:
        content = _OPEN[compression](raw, "rb")
    return io.BufferedReader(_BoundedStream(content, raw, where), BUFFER)


class _BoundedStream(io.RawIOBase):
    """A decompressed stream that refuses to grow without end."""

    def __init__(self, content: Any, raw: IO[bytes], where: str) -> None:
        self._content, self._raw, self._where = content, raw, where
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._content.read(len(buffer))
        self._size += len(block)
        if self._size > INFLATED and self._size > RATIO * max(self._raw.tell(), 1):
            raise SourceError(Msg("grows to more than {n} times its size", n=RATIO), where=self._where,
                              hint=Msg("unpack it yourself if you trust it"))
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        if not self.closed:
            self._content.close()
            self._raw.close()
        super().close()
