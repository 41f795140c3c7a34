"""Ranges of numbers: the same whatever the order and the parts, and as large as there are numbers to give."""

import random
from functools import reduce

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from mappings.number_ranges import MOST_BLOCKS, NO_NUMBERS, number_range, wider_range

NUMBERS = st.lists(st.integers(1, 10**12), min_size=1, max_size=45)


def range_of(numbers):
    return number_range(pa.array(numbers, pa.int64()))


@given(st.lists(NUMBERS, min_size=1, max_size=6), st.randoms())
def test_ranges_of_parts_are_the_range_of_the_whole_in_any_order(parts, draw):
    ranges = [range_of(part) for part in parts]
    whole = reduce(wider_range, ranges, NO_NUMBERS)
    draw.shuffle(ranges)

    assert reduce(wider_range, ranges, NO_NUMBERS) == whole
    assert whole.least == min(map(min, parts)) and whole.largest == max(map(max, parts))
    assert {number >> whole.bits for part in parts for number in part} == whole.blocks
    assert whole.blocks == frozenset() or len(whole.blocks) <= MOST_BLOCKS


@given(st.integers(2, 6), st.integers(40, 300), st.integers(1, 9), st.integers(10_000, 10**9))
def test_what_lies_between_runs_is_given_to_nobody(runs, length, step, apart):
    numbers = [run * apart + i * step for run in range(runs) for i in range(length) if run * apart + i * step]
    size = range_of(numbers).size

    assert len(numbers) <= size <= 2 * runs * length * step + 16 * 20 * runs


@given(st.integers(100, 900), st.integers(10**5, 10**12), st.integers(0, 10**6))
def test_numbers_anywhere_in_a_range_have_the_whole_range(many, largest, seed):
    draw = random.Random(seed)
    numbers = [draw.randrange(1, largest) for _ in range(many)]

    assert range_of(numbers).size >= 0.8 * (largest - 1)
