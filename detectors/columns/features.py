"""What the bytes of a text array say before any pattern is tried, computed over the whole buffer at once.

A detector that needs eleven digits never sees a value with ten, and one whose numbers stand alone between
other characters gets just the runs of ASCII letters and digits that have its length.
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
for _place, _mark in enumerate(MARKS):
    _BIT[ord(_mark)] |= 1 << _place
_BIT[128:] |= NON_ASCII
_BIT[[b for b in range(256) if not (b < 128 and chr(b).isalnum()) and chr(b) not in BETWEEN]] |= OTHER
BLOCK = 1 << 12                               # values looked at together: temporaries stay in the cache


@dataclass(frozen=True, slots=True)
class Features:
    """Counts and bits of each value, runs of ASCII letters and digits in all values, and the bytes."""

    characters: np.ndarray                    # of a value
    digits: np.ndarray                        # ASCII digits of a value
    letters: np.ndarray                       # ASCII letters of a value
    run: np.ndarray                           # length of the longest run of a value
    exact: np.ndarray                         # lengths of its runs: bit n for n, bit 31 for 31 and more
    present: np.ndarray                       # which MARKS occur in a value, NON_ASCII, OTHER
    run_value: np.ndarray                     # of each run: index of its value
    run_start: np.ndarray                     # its first byte in `raw`
    run_length: np.ndarray
    runs: np.ndarray                          # how many runs each value has
    raw: np.ndarray                           # the bytes of all values
    first: np.ndarray                         # first byte of each value in `raw`, and one past the last value
    extent: Extent                            # what no value goes beyond


@dataclass(frozen=True, slots=True)
class Extent:
    """The most that any value of a column has: a detector that needs more has nothing to look at.

    shortest: characters of the shortest value. lengths, present: bits of all values, as in `Features`.
    """

    shortest: int
    characters: int
    digits: int
    letters: int
    run: int
    lengths: int
    present: int


@cache
def lengths_mask(lengths: Iterable[int]) -> np.uint32:
    """Return the bits of run lengths, as in `Features.exact`."""
    return np.uint32(sum({1 << min(n, 31) for n in lengths}))


@cache
def marks_mask(marks: str) -> np.uint16:
    """Return the bits of characters of MARKS, as in `Features.present`."""
    return np.uint16(sum(1 << MARKS.index(c) for c in set(marks)))


def features(texts: pa.Array) -> Features:
    """Return the features of a string array without nulls and without empty values."""
    texts = texts.cast(pa.large_string())     # every value has a byte at least: `reduceat` needs it
    offsets = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset:texts.offset + len(texts) + 1]
    data = texts.buffers()[2]
    raw = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    n = len(texts)
    digits, letters, run, runs = (np.zeros(n, np.int32) for _ in range(4))
    exact, present = np.zeros(n, np.uint32), np.zeros(n, np.uint16)
    nothing = np.zeros(0, np.int32)
    run_values, run_starts, run_lengths = [nothing], [nothing], [nothing]
    for start in range(0, n, BLOCK):
        bounds = offsets[start:start + BLOCK + 1]
        block = raw[bounds[0]:bounds[-1]]
        if len(block) == 0:
            continue
        ends = bounds - bounds[0]
        begins = ends[:-1]
        here = slice(start, start + len(begins))
        is_digit = (block - _ZERO) < _TEN     # uint8 wraps around, so that one comparison does for both ends
        is_letter = ((block | _LOWER) - _A) < _LETTERS
        digits[here] = np.add.reduceat(is_digit.view(np.uint8), begins, dtype=np.int32)
        present[here] = np.bitwise_or.reduceat(_BIT.take(block), begins)
        value, first_byte, length = _runs(is_digit | is_letter, ends)
        if len(value):
            first = np.flatnonzero(np.diff(value, prepend=-1))       # the first run of each value with one
            with_runs = start + value[first]
            runs[with_runs] = np.diff(first, append=len(value))
            run[with_runs] = np.maximum.reduceat(length, first)
            letters[with_runs] = np.add.reduceat(length, first)      # with the digits, subtracted below
            length_bit = np.uint32(1) << np.minimum(length, 31).astype(np.uint32)
            exact[with_runs] = np.bitwise_or.reduceat(length_bit, first)
        run_values.append((value + start).astype(np.int32))
        run_starts.append(first_byte + bounds[0])
        run_lengths.append(length.astype(np.int32))
    letters -= digits
    characters = np.asarray(pc.utf8_length(texts)) if n else nothing
    extent = Extent(
        int(characters.min(initial=np.iinfo(np.int32).max)),
        *(int(counts.max(initial=0)) for counts in (characters, digits, letters, run)),
        *(int(np.bitwise_or.reduce(bits)) for bits in (exact, present)),
    )
    return Features(
        characters, digits, letters, run, exact, present,
        np.concatenate(run_values), np.concatenate(run_starts), np.concatenate(run_lengths),
        runs, raw, offsets, extent,
    )


def _runs(inside: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (index of the value, first byte, length) of every run of ones; runs end where a value ends.

    inside: bool for each byte. ends: first byte of each value, and one past the last.
    """
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
