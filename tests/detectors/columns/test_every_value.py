"""Counts of every value: however the cells are divided, and for few values what a sample of them says."""

import random

import numpy as np
import pyarrow as pa
import pytest

from detectors.columns import every_value
from detectors.columns.every_value import EveryValue, hash_texts
from detectors.columns.values import value_findings

pytestmark = pytest.mark.unit


def cells(seed, n):
    """Texts of several kinds, some alike, some empty, some with more than one thing in them."""
    rng = random.Random(seed)
    kinds = (
        lambda: f"1{rng.choice('3589')}{rng.randrange(10**9):09d}",
        lambda: f"u{rng.randrange(99)}@corp.cn",
        lambda: f"请联系张伟，电话138{rng.randrange(10**8):08d}或 u{rng.randrange(9)}@corp.cn",
        lambda: rng.choice(["", None, "无", "ok", "王伟", "李娜"]),
        lambda: str(rng.randrange(10 ** rng.randrange(1, 19))),
    )
    weights = [rng.random() ** 3 for _ in kinds]
    return [kind() for kind in rng.choices(kinds, weights, k=n)]


def counts_of(texts, sizes):
    every, start = EveryValue(), 0
    for size in sizes:
        part = EveryValue()
        part.add(pa.array(texts[start:start + size], pa.string()))
        every.merge(part)
        start += size
    return every


def told(hits):
    return [
        (h.detector.name, h.matched, h.examined, h.distinct_matched, h.whole, h.strength, h.note)
        for h in hits
    ]


@pytest.mark.parametrize("seed", range(12))
def test_few_values_say_what_a_sample_of_all_says(seed):
    texts = cells(seed, 800)

    assert told(counts_of(texts, [800]).hits()) == told(value_findings(pa.array(texts, pa.string())))


@pytest.mark.parametrize("seed", range(6))
def test_however_the_cells_are_divided_the_counts_are_the_same(seed, monkeypatch):
    monkeypatch.setattr(every_value, "SMALLEST", 50)
    texts = cells(seed, 2_000)
    whole, divided = counts_of(texts, [2_000]), counts_of(texts, [7, 93, 900, 0, 999, 1])
    other_order = counts_of(texts[1_000:] + texts[:1_000], [1_500, 500])

    for other in (divided, other_order):
        assert (other.rows, other.examined, other.matched, other.together) == (
            whole.rows, whole.examined, whole.matched, whole.together)
        assert told(other.hits()) == told(whole.hits())
    names = [h.detector.name for h in whole.hits()]
    low, high = whole.cells_with(names)
    assert low == high and max(whole.matched[n] for n in names) <= low <= sum(whole.matched[n] for n in names)


def test_cells_with_two_things_count_once():
    counts = counts_of(["13812345678 u1@corp.cn", "13912345678", "ok", None], [4])

    assert (counts.rows, counts.examined) == (4, 3)
    assert counts.cells_with(["mobile", "email"]) == (2, 2)
    assert counts.cells_with(["email"]) == (1, 1)
    assert counts.cells_with([]) == (0, 0)


def test_what_a_cell_holds_beyond_what_is_looked_at_is_open():
    long = "x " * 40_000
    counts = counts_of([long + "13812345678", "13912345678 " + long, "13912345678", "ok"], [4])

    assert counts.cells_with(["mobile"]) == (2, 3)


def test_of_many_values_the_number_is_estimated_well():
    texts = [f"137{i:08d}" for i in range(60_000)] + ["x"] * 60_000
    (hit,) = [h for h in counts_of(texts, [50_000, 70_000]).hits() if h.detector.label == "phone_mobile"]

    assert (hit.matched, hit.examined) == (60_000, 120_000)
    assert abs(hit.distinct_examined - 60_000) < 6_000


@pytest.mark.parametrize("offset", [0, 3])
def test_hashes_are_those_of_the_texts_and_spread_evenly(offset):
    texts = pa.array([f"{i}" for i in range(100_000)] + ["", "林", "", "7"])
    hashes = hash_texts(texts.slice(offset))

    assert len(set(hashes[:100_000 - offset].tolist())) == 100_000 - offset
    assert hashes[-1] == hashes[7 - offset] and hashes[-2] == hashes[-4] != hashes[-3]
    spread = np.sort(hashes[:100_000 - offset]) / 2.0**64
    assert abs(spread - np.arange(len(spread)) / len(spread)).max() < 0.01
