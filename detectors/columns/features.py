"""What the bytes of a text array say before any pattern is tried, computed over the whole buffer at once.

A detector that needs eleven digits never sees a value with ten, and one whose numbers stand alone between other characters gets just the
runs of ASCII letters and digits that have its length.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_ZERO, _TEN, _A, _LETTERS, _LOWER = map(np.uint8, (48, 10, 97, 26, 32))
MARKS = "@.-:*$(+{ xX"                        # ASCII characters whose presence is known for each value
BETWEEN = " ,;|/\t\r\n"                       # what stands between the items of a list in one cell
NON_ASCII, OTHER = np.uint16(1 << 14), np.uint16(1 << 15)     # OTHER: neither letter, digit nor BETWEEN
_BIT = np.zeros(256, np.uint16)
for _i, _c in enumerate(MARKS):
    _BIT[ord(_c)] |= 1 << _i
_BIT[128:] |= NON_ASCII
_BIT[[i for i in range(256) if not (chr(i).isascii() and chr(i).isalnum()) and chr(i) not in BETWEEN]] |= OTHER
BLOCK = 1 << 12                               # values looked at together: temporaries stay in the cache


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of values and of their runs of ASCII letters and digits.

    exact: lengths of the runs of a value, bit n for n, bit 31 for 31 and more. present: which MARKS occur. run_start: place in `raw`.
    """

    characters: np.ndarray
    digits: np.ndarray
    letters: np.ndarray
    run: np.ndarray
    exact: np.ndarray
    present: np.ndarray
    run_value: np.ndarray
    run_start: np.ndarray
    run_length: np.ndarray
    runs: np.ndarray                          # how many runs each value has
    raw: np.ndarray
    first: np.ndarray                         # first byte of each value in `raw`, and one past the last value


@cache
def lengths_mask(lengths: Iterable[int]) -> np.uint32:
    """Bits of run lengths, as in `Features.exact`."""
    return np.uint32(sum({1 << min(n, 31) for n in lengths}))


@cache
def marks_mask(marks: str) -> np.uint16:
    """Bits of characters of MARKS, as in `Features.present`."""
    return np.uint16(sum(1 << MARKS.index(c) for c in set(marks)))


def features(texts: pa.Array) -> Features:
    """Features of a string array without nulls and without empty values."""
    texts = texts.cast(pa.large_string())     # every value has a byte at least: `reduceat` needs it
    offsets = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset:texts.offset + len(texts) + 1]
    data = texts.buffers()[2]
    raw = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    n = len(texts)
    digits, letters, run, runs = (np.zeros(n, np.int32) for _ in range(4))
    exact, present = np.zeros(n, np.uint32), np.zeros(n, np.uint16)
    values, starts, lengths = [], [], []
    for at in range(0, n, BLOCK):
        here = offsets[at:at + BLOCK + 1]
        part = raw[here[0]:here[-1]]
        ends = here - here[0]
        if len(part) == 0:
            continue
        begin = ends[:-1]
        digit = (part - _ZERO) < _TEN             # uint8 wraps around, so that one comparison does for both ends
        digits[at:at + len(begin)] = np.add.reduceat(digit.view(np.uint8), begin, dtype=np.int32)
        present[at:at + len(begin)] = np.bitwise_or.reduceat(_BIT.take(part), begin)
        value, start, length = _runs(digit | (((part | _LOWER) - _A) < _LETTERS), ends)
        if len(value):
            first = np.flatnonzero(np.diff(value, prepend=-1))
            runs[at + value[first]] = np.diff(first, append=len(value))
            run[at + value[first]] = np.maximum.reduceat(length, first)
            letters[at + value[first]] = np.add.reduceat(length, first)
            exact[at + value[first]] = np.bitwise_or.reduceat(np.uint32(1) << np.minimum(length, 31).astype(np.uint32), first)
        values.append((value + at).astype(np.int32))
        starts.append(start + here[0])
        lengths.append(length.astype(np.int32))
    letters -= digits
    nothing = np.zeros(0, np.int32)
    characters = np.asarray(pc.utf8_length(texts)) if n else nothing
    return Features(
        characters, digits, letters, run, exact, present, np.concatenate([nothing, *values]), np.concatenate([nothing, *starts]),
        np.concatenate([nothing, *lengths]), runs, raw, offsets,
    )


def _runs(inside: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(value, first byte, length) of every run of ones; runs end where a value ends."""
    before = np.empty(len(inside) + 1, bool)
    before[1:] = inside
    before[ends] = False
    starts = np.flatnonzero(inside & ~before[:-1])
    after = np.zeros(len(inside), bool)
    after[:-1] = inside[1:]
    after[ends[1:] - 1] = False
    stops = np.flatnonzero(inside & ~after) + 1
    value = np.searchsorted(ends, starts, side="right") - 1
    return value, starts, stops - starts
