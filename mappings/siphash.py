"""SipHash-2-4 over many short texts at once, in numpy.

Source: Aumasson, Bernstein, "SipHash: a fast short-input PRF" (2012). 64 bits under a 128-bit key: without
the key nobody can tell whose hash it is, or forge one.

>>> rows = np.arange(15, dtype=np.uint8)[None, :]
>>> hex(int(siphash(rows, bytes(range(16)))[0]))
'0xa129ca6149be45e5'
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

BLOCK_ROWS = 16_384                           # rows hashed together, so that the state stays in the cache


def siphash(rows: np.ndarray, key: bytes) -> np.ndarray:
    """Return the hash of each row, uint64. rows: uint8, shape (n, width); key: 16 bytes."""
    hashes = np.empty(len(rows), np.uint64)
    space = _BlockSpace(min(len(rows), BLOCK_ROWS), rows.shape[1])
    for start in range(0, len(rows), BLOCK_ROWS):
        space.hash_block(rows[start : start + BLOCK_ROWS], key, hashes[start : start + BLOCK_ROWS])
    return hashes


class _BlockSpace:
    """What rows of one width are hashed in, few enough for the cache; taken once for all blocks.

    state and spare are the state and a scratch of the paper.
    """

    def __init__(self, rows: int, width: int) -> None:
        words = width // 8 + 1
        self._width = width
        self._padded = np.zeros((rows, words * 8), np.uint8)
        self._padded[:, -1] = width & 0xFF
        self._message = np.empty((words, rows), np.uint64)
        self._state, self._spare = np.empty((4, rows), np.uint64), np.empty(rows, np.uint64)

    def hash_block(self, rows: np.ndarray, key: bytes, hashes: np.ndarray) -> None:
        """Write the hashes of some rows."""
        n = len(rows)
        self._padded[:n, : self._width] = rows
        message = self._message[:, :n]
        message[:] = self._padded[:n].view("<u8").T
        k0, k1 = (int.from_bytes(key[i:i + 8], "little") for i in (0, 8))
        v, spare = [each[:n] for each in self._state], self._spare[:n]
        constants = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
        for each, k, constant in zip(v, (k0, k1, k0, k1), constants, strict=True):
            each[:] = np.uint64(k ^ constant)
        for word in message:
            v[3] ^= word
            _mix_rounds(v, spare, 2)
            v[0] ^= word
        v[2] ^= np.uint64(0xFF)
        _mix_rounds(v, spare, 4)
        np.bitwise_xor(v[0], v[1], out=hashes)
        hashes ^= v[2]
        hashes ^= v[3]


def _mix_rounds(v: list[np.ndarray], spare: np.ndarray, count: int) -> None:
    """Mix the state in place, `count` times."""
    a, b, c, d = v
    for _ in range(count):
        for x, y, by in ((a, b, 13), (c, d, 16)):
            x += y
            _rotate(y, by, spare)
            y ^= x
        _rotate(a, 32, spare)
        for x, y, by in ((a, d, 21), (c, b, 17)):
            x += y
            _rotate(y, by, spare)
            y ^= x
        _rotate(c, 32, spare)


def _rotate(x: np.ndarray, by: int, spare: np.ndarray) -> None:
    """Rotate each word of x left in place, `by` bits."""
    np.right_shift(x, np.uint64(64 - by), out=spare)
    np.left_shift(x, np.uint64(by), out=x)
    np.bitwise_or(x, spare, out=x)


def group_by_length(text: pa.Array, longest: int = 64) -> Iterator[tuple[np.ndarray | slice, np.ndarray]]:
    """Yield (rows, their bytes as uint8 of shape (n, length)) for each length from 1 to `longest`.

    Nulls and empty texts are left out. rows is a slice where every row of the array has the same length.
    """
    if pa.types.is_large_string(text.type):
        text = text.cast(pa.string())
    offsets = np.frombuffer(text.buffers()[1], np.int32)[text.offset:text.offset + len(text) + 1]
    data = np.frombuffer(text.buffers()[2] or b"", np.uint8)
    if not len(text):
        return
    lengths = np.diff(offsets)
    if text.null_count:
        lengths = np.where(text.is_valid().to_numpy(zero_copy_only=False), lengths, 0)
    elif lengths[0] and lengths[0] <= longest and (lengths == lengths[0]).all():
        yield slice(None), data[offsets[0]:offsets[-1]].reshape(len(text), lengths[0])
        return
    counts = np.bincount(np.minimum(lengths, longest + 1), minlength=longest + 2)
    for length in (np.flatnonzero(counts[1:longest + 1]) + 1).tolist():
        rows = np.flatnonzero(lengths == length)
        yield rows, np.lib.stride_tricks.sliding_window_view(data, length)[offsets[rows]]
