"""A sample of text holds the rows it chose, not the blocks they stood in; blocks are searched whole."""

import random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.connectors.files.encodings import UTF8_HAN, holds_utf8_han
from scanner.connectors.files.rows import gather_rows
from scanner.connectors.files.sampling import _Reservoir

BYTES = st.lists(st.sampled_from([0x41, 0x80, 0x9F, 0xBC, 0xBD, 0xBF, 0xC0, 0xE2, 0xE3, 0xE9, 0xEA, 0xEF]))


def by_the_book(sizes, rows, seed):
    """Algorithm R, row by row, as (batch, row)."""
    rng, chosen, n = random.Random(seed), [], 0
    for batch, size in enumerate(sizes):
        for row in range(size):
            if len(chosen) < rows:
                chosen.append((batch, row))
            elif (place := rng.randrange(n + 1)) < rows:
                chosen[place] = (batch, row)
            n += 1
    return chosen


@pytest.mark.parametrize("seed", range(8))
def test_a_reservoir_draws_as_algorithm_r_does(seed):
    rng = random.Random(seed)
    sizes = [rng.choice((0, 1, 7, 90, 400)) for _ in range(30)]
    rows = rng.choice((1, 13, 200, 5_000))
    reservoir = _Reservoir(rows, random.Random(seed))
    for number, size in enumerate(sizes):
        reservoir.add(pa.record_batch({"batch": [number] * size, "row": list(range(size))}))
    drawn = [(batch.column(0)[i].as_py(), batch.column(1)[i].as_py()) for batch, i in reservoir.chosen]

    assert drawn == by_the_book(sizes, rows, seed)
    gathered = [tuple(row.values()) for batch in gather_rows(reservoir.chosen) for row in batch.to_pylist()]
    assert sorted(gathered) == sorted(drawn)


def test_a_reservoir_holds_no_more_of_a_batch_than_was_chosen_of_it():
    reservoir = _Reservoir(100, random.Random(7))
    for _ in range(50):
        reservoir.add(pa.record_batch({"x": ["cell" * 50] * 2_000}))
    held = {id(batch): batch.num_rows for batch, _ in reservoir.chosen}

    assert sum(held.values()) < 1_000         # of 100,000: 100 · (1 + ln 1,000) were chosen at some time


@given(BYTES.map(bytes))
def test_a_block_holds_chinese_in_utf8_where_the_expression_finds_it(text):
    assert holds_utf8_han(text) is bool(UTF8_HAN.search(text))
