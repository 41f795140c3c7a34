"""Invented worlds whose true number of people is known: the interval holds it,
and placeholders merge nobody.
"""

import statistics

import pytest

import worlds
from mappings.histogram import count_tally


@pytest.fixture(scope="module")
def measured():
    return list(worlds.measure(lambda w: count_tally(worlds.counter(w).tally()), range(24), 1_000))


def test_the_truth_lies_inside_the_interval(measured):
    assert all(inside and rest for _, inside, rest, *_ in measured)


def test_the_interval_is_narrow_and_the_best_figure_close(measured):
    assert statistics.median(width for *_, width, _, _ in measured) <= 0.05
    assert statistics.median(error for *_, error, _ in measured) <= 0.01


def test_placeholders_merge_nobody():
    for seed in range(12):
        world = worlds.make(seed, 500)
        _, member = world.tables[0]
        usual = count_tally(worlds.counter(world).tally()).individuals
        member["mobile"] = [None if m in worlds.PLACEHOLDERS else m for m in member["mobile"]]
        without = count_tally(worlds.counter(world).tally()).individuals

        assert (usual.low, usual.best, usual.high) == (without.low, without.best, without.high)
