"""What the bytes of a text array say before any pattern is tried, computed over the whole buffer at once.

A detector that needs eleven digits never sees a value with ten, and one whose numbers stand alone between
other characters gets just the runs of ASCII letters and digits that have its length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_ZERO, _TEN, _A, _LETTERS, _LOWER = map(np.uint8, (48, 10, 97, 26, 32))
BETWEEN = " ,;|/\t\r\n"                       # what stands between the items of a list in one cell
BLOCK = 1 << 12                               # rows looked at together: temporaries stay in the cache
_BLOCK_BYTES = 1 << 18                        # the same of text, where no value is longer


@dataclass(frozen=True, slots=True)
class Features:
    """Counts of each value, runs of ASCII letters and digits in all values, and the bytes."""

    characters: np.ndarray                    # of a value
    digits: np.ndarray                        # ASCII digits of a value
    letters: np.ndarray                       # ASCII letters of a value
    run: np.ndarray                           # length of the longest run of a value
    exact: np.ndarray                         # lengths of its runs: bit n for n, bit 31 for 31 and more
    numeric: np.ndarray                       # the same of its runs of digits alone
    run_value: np.ndarray                     # of each run: index of its value
    run_start: np.ndarray                     # its first byte in `raw`
    run_length: np.ndarray
    run_numeric: np.ndarray                   # is it of digits alone?
    runs: np.ndarray                          # how many runs each value has
    raw: np.ndarray = field(repr=False)       # the bytes of all values
    first: np.ndarray                         # first byte of each value in `raw`, and one past the last value
    extent: Extent                            # what no value goes beyond
    data: bytes = field(repr=False)           # the same bytes, for searches
    holders: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    presence: dict[str, bool] = field(default_factory=dict, repr=False)

    @property
    def beyond_ascii(self) -> np.ndarray:
        """Return which values have a character that is not ASCII, bools."""
        return np.asarray(self.characters < np.diff(self.first))

    def has(self, literal: str) -> bool:
        """Does a literal occur anywhere? A search of all bytes, remembered; quicker than a look by value."""
        if literal not in self.presence:
            self.presence[literal] = literal.encode() in self.data
        return self.presence[literal]

    def holding(self, signs: str) -> np.ndarray:
        """Return which values hold one of some ASCII characters, bools; remembered for the next detector."""
        holds = np.zeros(len(self.characters), bool)
        for sign in signs:
            if sign not in self.holders:
                self.holders[sign] = self._holding(sign)
            holds |= self.holders[sign]
        return holds

    def _holding(self, sign: str) -> np.ndarray:
        if not self.has(sign):
            return np.zeros(len(self.characters), bool)
        places = np.flatnonzero(self.raw == ord(sign))
        return np.diff(np.searchsorted(places, self.first)) > 0


@dataclass(frozen=True, slots=True)
class Extent:
    """The most that any value of a column has: a detector that needs more has nothing to look at.

    shortest: characters of the shortest value. exact, numeric: bits of all values, as in `Features`.
    beyond_ascii: has any value a character that is not ASCII?
    """

    shortest: int
    characters: int
    digits: int
    letters: int
    run: int
    runs: int
    exact: int
    numeric: int
    beyond_ascii: bool


@cache
def lengths_mask(lengths: Iterable[int]) -> np.uint32:
    """Return the bits of run lengths, as in `Features.exact`."""
    return np.uint32(sum({1 << min(n, 31) for n in lengths}))


def features(texts: pa.Array) -> Features:
    """Return the features of a string array without nulls and without empty values."""
    texts = texts.cast(pa.large_string())
    n = len(texts)
    offsets = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset:texts.offset + n + 1]
    raw, offsets = _bytes(texts, offsets), offsets - offsets[0]
    digits, letters, run, runs = (np.zeros(n, np.int32) for _ in range(4))
    exact, numeric = np.zeros(n, np.uint32), np.zeros(n, np.uint32)
    nothing = np.zeros(0, np.int32)
    run_values, run_starts, run_lengths, run_digits = [nothing], [nothing], [nothing], [nothing]
    for start, stop in _blocks(offsets):
        here = slice(start, stop)
        block = raw[offsets[start]:offsets[stop]]
        ends = offsets[start:stop + 1] - offsets[start]
        is_digit = (block - _ZERO) < _TEN     # uint8 wraps around, so that one comparison does for both ends
        inside = is_digit | (((block | _LOWER) - _A) < _LETTERS)
        before = np.zeros(len(block) + 1, np.int32)      # digits before a byte
        np.cumsum(is_digit, dtype=np.int32, out=before[1:])
        digits[here] = np.diff(before[ends])
        runs[here], first_byte, length = _runs(inside, ends)
        counts, digits_of_run = runs[here], before[first_byte + length] - before[first_byte]
        with_runs = np.flatnonzero(counts)
        if len(with_runs):
            first = np.cumsum(counts)[with_runs] - counts[with_runs]   # the first run of each value with one
            with_runs += start
            run[with_runs] = np.maximum.reduceat(length, first)
            letters[with_runs] = np.add.reduceat(length, first)          # with the digits, subtracted below
            length_bit = np.uint32(1) << np.minimum(length, 31).astype(np.uint32)
            exact[with_runs] = np.bitwise_or.reduceat(length_bit, first)
            length_bit[digits_of_run < length] = 0
            numeric[with_runs] = np.bitwise_or.reduceat(length_bit, first)
        run_values.append(np.repeat(np.arange(start, stop, dtype=np.int32), counts))
        run_starts.append(first_byte + offsets[start])
        run_lengths.append(length.astype(np.int32))
        run_digits.append(digits_of_run)
    letters -= digits
    characters = np.asarray(pc.utf8_length(texts)) if n else nothing
    most = [int(count.max(initial=0)) for count in (characters, digits, letters, run, runs)]
    extent = Extent(
        int(characters.min(initial=np.iinfo(np.int32).max)), most[0], most[1], most[2], most[3], most[4],
        int(np.bitwise_or.reduce(exact)), int(np.bitwise_or.reduce(numeric)),
        int(characters.sum()) < len(raw),
    )
    lengths = np.concatenate(run_lengths)
    return Features(
        characters, digits, letters, run, exact, numeric,
        np.concatenate(run_values), np.concatenate(run_starts), lengths,
        np.concatenate(run_digits) == lengths, runs, raw, offsets, extent, raw.tobytes(),
    )


def _bytes(texts: pa.Array, offsets: np.ndarray) -> np.ndarray:
    """Return the bytes of the values alone. offsets: of each value, and one past the last."""
    data = texts.buffers()[2]
    if data is None:
        return np.zeros(0, np.uint8)
    return np.frombuffer(data, np.uint8)[offsets[0]:offsets[-1]]


def _blocks(offsets: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield (first value, one past the last) of parts of about _BLOCK_BYTES, one value at least.

    offsets: first byte of each value, and one past the last value.
    """
    start, n = 0, len(offsets) - 1
    while start < n:
        stop = int(np.searchsorted(offsets, offsets[start] + _BLOCK_BYTES, side="right")) - 1
        stop = min(max(stop, start + 1), n)
        yield start, stop
        start = stop


def _runs(inside: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (how many runs each value has, first byte of each run, its length); runs end where a value ends.

    inside: bool for each byte. ends: first byte of each value, and one past the last.
    """
    if inside.all():                          # numbers and codes: every value is one run
        return np.ones(len(ends) - 1, np.int64), ends[:-1], np.diff(ends)
    edges = np.empty(len(inside) + 1, bool)   # does a run begin or end before a byte?
    edges[0], edges[-1] = inside[0], inside[-1]
    np.not_equal(inside[1:], inside[:-1], out=edges[1:-1])
    places = np.flatnonzero(edges)
    between = ends[1:-1]
    both = between[inside[between] & inside[between - 1]]        # a run ends there, and the next one begins
    if len(both):
        both = np.repeat(both, 2)
        places = np.insert(places, np.searchsorted(places, both), both)
    starts = places[::2]
    return np.diff(np.searchsorted(starts, ends)), starts, places[1::2] - starts
