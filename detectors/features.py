"""What the bytes of a text array say before any pattern is tried: digits per value, longest run of ASCII letters and digits.

Computed over the whole buffer at once, so that a detector that needs eleven digits never sees a value with ten.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

_DIGIT = np.zeros(256, np.uint8)
_DIGIT[ord("0"):ord("9") + 1] = 1
_WORD = _DIGIT.copy()
_WORD[ord("a"):ord("z") + 1] = 1
_WORD[ord("A"):ord("Z") + 1] = 1
BLOCK = 1 << 14                               # values looked at together: temporaries stay in the cache


@dataclass(frozen=True, slots=True)
class Features:
    """One number per value. digits: ASCII digits. run: longest run of ASCII letters and digits."""

    digits: np.ndarray
    run: np.ndarray


def features(texts: pa.Array) -> Features:
    """Features of a string array without nulls."""
    texts = texts.cast(pa.large_string())
    offsets = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset:texts.offset + len(texts) + 1]
    data = texts.buffers()[2]
    raw = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    digits, run = np.zeros(len(texts), np.int32), np.zeros(len(texts), np.int32)
    for start in range(0, len(texts), BLOCK):
        here = offsets[start:start + BLOCK + 1]
        part = raw[here[0]:here[-1]]
        ends = here - here[0]
        digits[start:start + BLOCK] = _per_value(_DIGIT[part], ends)
        run[start:start + BLOCK] = _longest(_WORD[part], ends)
    return Features(digits, run)


def _per_value(ones: np.ndarray, ends: np.ndarray) -> np.ndarray:
    total = np.zeros(len(ones) + 1, np.int32)
    np.cumsum(ones, out=total[1:])
    return total[ends[1:]] - total[ends[:-1]]


def _longest(inside: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Longest run of ones in each value; runs end where a value ends."""
    n = len(inside)
    out = np.zeros(len(ends) - 1, np.int32)
    if n == 0:
        return out
    before = np.zeros(n, np.uint8)
    before[1:] = inside[:-1]
    border = ends[:-1][ends[:-1] < n]
    before[border] = 0
    after = np.zeros(n, np.uint8)
    after[:-1] = inside[1:]
    last = ends[1:][ends[1:] > 0] - 1
    after[last] = 0
    starts = np.flatnonzero((inside == 1) & (before == 0))
    stops = np.flatnonzero((inside == 1) & (after == 0)) + 1
    value = np.searchsorted(ends, starts, side="right") - 1
    np.maximum.at(out, value, (stops - starts).astype(np.int32))
    return out
