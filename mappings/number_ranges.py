"""Which numbers a table's accounts have, of a sample: from where to where, in one run or in several.

Blocks of numbers are remembered, no number but the least and the largest.
"""

from __future__ import annotations

from os.path import commonprefix
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from detectors.folding import fold

SAMPLED_NUMBERS = 1_000                       # cells of a batch whose numbers are looked at
STRAY_NUMBERS = 0.02                          # share of these, at either end, that may be anything
MOST_BLOCKS = 1_024
WIDE_GAP = 8                                  # times the usual gap, from which on nothing is given between


class NumberRange(NamedTuple):
    """Least and largest number; which blocks of 2**bits numbers hold one, at most MOST_BLOCKS of them.

    No block where a range is not one of numbers. A block is no number: it holds 16 at least.
    """

    least: float
    largest: float
    blocks: frozenset[int] = frozenset()
    bits: int = 4

    @property
    def size(self) -> float:
        """How many numbers there are to give: those between two runs far from each other are given to nobody.

        >>> run = [*range(1, 61), *range(100_001, 100_061)]
        >>> number_range(pa.array(run)).size < 400, number_range(pa.array(range(1, 10_000, 83))).size > 9_000
        (True, True)
        """
        between = max(self.largest - self.least + 1, 0.0)
        gaps = np.diff(sorted(self.blocks))
        if not len(gaps):
            return between
        near = np.minimum(gaps, WIDE_GAP * np.median(gaps))
        return float(min((near.sum() + 1) * 2**self.bits, between))


NO_NUMBERS = NumberRange(float("inf"), 0.0)


def number_range(values: pa.Array) -> NumberRange:
    """Return the range of a sample of cells, without a few strays at either end.

    What all cells begin with is left out; where letters remain, there are as many numbers as names.

    >>> number_range(pa.array(["E0117", "E0243"]))[:2]
    (117.0, 243.0)
    >>> number_range(pa.array(["anna.li", "bo_chen"])).largest > 1e18
    True
    """
    step = max(len(values) // SAMPLED_NUMBERS, 1)
    sampled = values if step == 1 else values.take(pa.array(np.arange(0, len(values), step)))
    texts = [text for text in _texts(sampled).to_pylist() if text]
    prefix = len(commonprefix([text.rstrip("0123456789") for text in texts]))
    rests = [text[prefix:] for text in texts]
    if 2 * sum(any(c.isalpha() for c in rest) for rest in rests) > len(rests):
        return NumberRange(0.0, float(2**64))
    digits = ("".join(filter(str.isdecimal, rest))[:18] for rest in rests)
    numbers = sorted(int(number) for number in digits if number)
    if not numbers:
        return NO_NUMBERS
    strays = int(STRAY_NUMBERS * len(numbers))
    numbers = numbers[strays:len(numbers) - strays]
    blocks = frozenset(number >> NO_NUMBERS.bits for number in numbers)
    return _coarse(NumberRange(float(numbers[0]), float(numbers[-1]), blocks), 0)


def wider_range(one: NumberRange, other: NumberRange) -> NumberRange:
    """Return the range that holds two.

    >>> wider_range(NumberRange(3.0, 7.0), NO_NUMBERS)[:2]
    (3.0, 7.0)
    >>> wider_range(NumberRange(3.0, 7.0), NumberRange(5.0, 9.0))[:2]
    (3.0, 9.0)
    """
    bits = max(one.bits, other.bits)
    blocks = _coarse(one, bits).blocks | _coarse(other, bits).blocks
    if any(each.least <= each.largest and not each.blocks for each in (one, other)):
        blocks = frozenset()
    return _coarse(NumberRange(min(one.least, other.least), max(one.largest, other.largest), blocks, bits), 0)


def _coarse(numbers: NumberRange, bits: int) -> NumberRange:
    """Return a range with blocks of so many bits at least, and so large that they are not too many."""
    while numbers.bits < bits or len(numbers.blocks) > MOST_BLOCKS:
        blocks = frozenset(block >> 1 for block in numbers.blocks)
        numbers = numbers._replace(blocks=blocks, bits=numbers.bits + 1)
    return numbers


def _texts(values: pa.Array) -> pa.Array:
    """The cells as texts."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    return values.cast(pa.string()) if pa.types.is_integer(values.type) else fold(values)
