"""Rows of keys folded on a pile: fields and rows of each key are those of all its rows."""

from collections import Counter

import numpy as np
import pytest

from mappings import unit_piles
from mappings.person_records import Units
from mappings.unit_piles import Pile


def folded(keys, bits, parts):
    """Return (fields of each key, rows of each key) of units put on a pile in so many parts."""
    pile = Pile()
    for part in np.array_split(np.arange(len(keys)), parts):
        pile.add(Units(keys[part][:, None], None, bits[part], None))
    units = pile.units()
    rows = np.ones(len(units), int) if units.rows is None else units.rows
    assert len(np.unique(units.keys)) == len(units)
    numbers = units.keys[:, 0].tolist()
    fields = dict(zip(numbers, units.bits.tolist(), strict=True))
    return fields, dict(zip(numbers, rows.tolist(), strict=True))


@pytest.mark.parametrize("seed", range(60))
def test_each_key_has_the_fields_and_rows_of_all_its_rows(seed):
    draw = np.random.default_rng(seed)
    size = int(draw.integers(2, 400))
    people = max(2, int(size * draw.uniform(0.05, 3)))
    keys = draw.integers(1, people, size).astype(np.uint64) << np.uint64(40)
    share = draw.choice([0, 0.02, 0.1, 0.5])
    bits = np.where(draw.random(size) < share, draw.integers(1, 8, size), 1).astype(np.uint64)
    fields, rows = folded(keys, bits, 3)
    expected = {}
    for key, filled in zip(keys.tolist(), bits.tolist(), strict=True):
        expected[key] = expected.get(key, 0) | filled

    assert fields == expected
    assert rows == Counter(keys.tolist())


@pytest.mark.parametrize("seed", range(20))
def test_folding_now_and_then_loses_no_field_and_no_key(seed, monkeypatch):
    monkeypatch.setattr(unit_piles, "MOST_PENDING", 50)
    draw = np.random.default_rng(seed)
    keys = draw.integers(1, 120, 600).astype(np.uint64) << np.uint64(40)
    bits = np.where(draw.random(600) < 0.04, 3, 1).astype(np.uint64)
    fields, rows = folded(keys, bits, 12)

    assert set(fields) == set(keys.tolist())
    assert {key for key, filled in fields.items() if filled == 3} == set(keys[bits == 3].tolist())
    assert rows == Counter(keys.tolist())
