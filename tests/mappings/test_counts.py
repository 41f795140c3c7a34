"""Bounds over flows that nobody linked: their persons are never said to be counted better than they were."""

from itertools import combinations
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.model import CountMethod
from mappings.counts import COUNTERS, NOBODY, OVERLAP_UNKNOWN, UNKNOWN_COUNT, bound_union, lowered_to_parts
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


@st.composite
def counts(draw):
    """A count whose counters each have bounds of their own; some parts do not know who is ordinary."""
    def estimate():
        low, best, high = sorted(draw(st.lists(st.integers(0, 9_000), min_size=3, max_size=3)))
        return Estimate(low, best, high, "linked")

    ordinary = estimate() if draw(st.booleans()) else None
    young = FlowCount(estimate(), estimate(), estimate()) if draw(st.booleans()) else None
    return FlowCount(estimate(), estimate(), estimate(), ordinary=ordinary, if_young=young)


@given(counts(), st.lists(counts(), min_size=1, max_size=3))
def test_each_counter_is_lowered_to_its_own_parts_and_stays_between_its_ends(whole, parts):
    lowered = lowered_to_parts(whole, parts)

    assert lowered.individuals.low == min(whole.individuals.low, max(p.individuals.low for p in parts))
    assert lowered.sensitive.low == min(whole.sensitive.low, max(p.sensitive.low for p in parts))
    for reading in filter(None, (lowered, lowered.if_young)):
        for name in COUNTERS:
            one = getattr(reading, name)
            assert one is None or one.low <= one.best <= one.high
