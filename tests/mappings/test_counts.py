"""Bounds over flows that nobody linked: their persons are never said to be counted better than they were."""

from itertools import combinations
from typing import get_args

import pytest

from detectors.model import CountMethod
from mappings.counts import NOBODY, OVERLAP_UNKNOWN, UNKNOWN_COUNT, bound_union
from mappings.model import Estimate, FlowCount

METHODS = [m for m in get_args(CountMethod) if m != "unknown"]       # best first


def counted(method, persons):
    return FlowCount(Estimate.exactly(persons, method), Estimate.exactly(persons // 2, method))


@pytest.mark.parametrize(("better", "weaker"), combinations(METHODS, 2))
def test_bounds_are_counted_as_the_weakest_of_their_flows(better, weaker):
    flows = [counted(better, 600), counted(weaker, 400)]

    for parts in (flows, flows[::-1], [*flows, NOBODY], [NOBODY, *flows]):
        persons = bound_union(parts).individuals
        assert (persons.low, persons.high, persons.note) == (600, 1000, OVERLAP_UNKNOWN)
        assert persons.method == weaker


@pytest.mark.parametrize("method", METHODS)
def test_a_flow_that_was_not_counted_opens_the_upper_end_and_a_flow_of_nobody_changes_nothing(method):
    beside_unknown = bound_union([counted(method, 600), UNKNOWN_COUNT]).individuals
    beside_nobody = bound_union([counted(method, 600), NOBODY]).individuals

    assert (beside_unknown.low, beside_unknown.high) == (600, None)
    assert beside_unknown.method == ("linked" if method == "exact" else method)
    assert (beside_nobody.low, beside_nobody.high, beside_nobody.method) == (600, 600, method)
