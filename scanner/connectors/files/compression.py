"""Compressed files as streams of their content, which may not grow without end."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Mapping
from typing import IO, Any

from detectors.errors import SourceError
from detectors.message import Msg
from scanner.connectors.account import Account

INFLATED = 256 << 20                          # bytes after which compressed data may not have grown more than
RATIO = 200                                   # times its size
BUFFER = 1 << 20
DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError)
_OPEN: Mapping[str, Callable[..., Any]] = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}


def decompress(
    raw: IO[bytes], compression: str, where: str, account: Account | None = None,
) -> IO[bytes]:
    """Return the content of a compressed stream; reading raises SourceError where it grows beyond all reason.

    compression: one of `scanner.connectors.urls.PACKED`, or empty. where: the file, as errors show it.
    account: where it is noted that the content ends before its end; without it, reading raises then.
    """
    if not compression:
        return raw
    if compression == "zst":
        import pyarrow as pa

        content: Any = pa.CompressedInputStream(pa.PythonFile(raw, "r"), "zstd")
    else:
        content = _OPEN[compression](raw, "rb")
    return io.BufferedReader(_BoundedStream(content, raw, where, account), BUFFER)


class _BoundedStream(io.RawIOBase):
    """A decompressed stream that refuses to grow without end; of a damaged one, what comes before that."""

    def __init__(self, content: Any, raw: IO[bytes], where: str, account: Account | None) -> None:
        self._content, self._raw, self._where, self._account = content, raw, where, account
        self._size = 0
        self._read = getattr(content, "read1", content.read)      # loses nothing that it has to an error

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            block = self._read(len(buffer))
        except DAMAGE as e:
            is_of_system = getattr(e, "errno", None) is not None         # a connection that is lost, a disk
            if self._account is None or not self._size or is_of_system:
                raise
            self._account.lose_once("compression_damaged", self._where)
            return 0
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
