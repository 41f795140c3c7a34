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
    for start in range(0, len(rows), BLOCK_ROWS):
        hashes[start : start + BLOCK_ROWS] = _hash_block(rows[start : start + BLOCK_ROWS], key)
    return hashes


def _hash_block(rows: np.ndarray, key: bytes) -> np.ndarray:
    """Hash rows that are few enough for the cache; v and spare are the state and a scratch of the paper."""
    n, width = rows.shape
    words = width // 8 + 1
    padded = np.zeros((n, words * 8), np.uint8)
    padded[:, :width] = rows
    padded[:, -1] = width & 0xFF
    message = np.ascontiguousarray(padded.view("<u8").T)
    k0, k1 = (int.from_bytes(key[i:i + 8], "little") for i in (0, 8))
    v = [
        np.full(n, k ^ c, np.uint64)
        for k, c in (
            (k0, 0x736F6D6570736575), (k1, 0x646F72616E646F6D), (k0, 0x6C7967656E657261),
            (k1, 0x7465646279746573),
        )
    ]
    spare = np.empty(n, np.uint64)
    for word in message:
        v[3] ^= word
        _mix_rounds(v, spare, 2)
        v[0] ^= word
    v[2] ^= np.uint64(0xFF)
    _mix_rounds(v, spare, 4)
    return np.asarray(v[0] ^ v[1] ^ v[2] ^ v[3])


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
