"""An open reading counts wherever one end of a count reaches it: an interval over a line hides no outcome."""

from datetime import date

import pytest

from mappings.decide import decide
from mappings.model import Estimate, Facts, FlowCount, FlowInput
from mappings.rules import in_force

DAY = date(2026, 11, 2)
RULES = in_force(DAY)
LINE = min(RULES.lines_of("ordinary"))
ENDS = (0, 1, LINE - 2, LINE - 1, LINE, LINE + 1)
EXEMPT = "exempt_art5_4"


def ordinary_beside_one(low, high, own=(0, 0), **values):
    """Paths of a flow beside one with a sensitive person, over the same persons. own: its sensitive ones."""
    count = FlowCount(Estimate(low, low, high, "exact"), Estimate(own[0], own[0], own[1], "exact"))
    sensitive = FlowCount(Estimate.exactly(1), Estimate.exactly(1))
    most = Estimate(max(own[0], 1), max(own[0], 1), max(own[1], 1), "exact")
    together = FlowCount(Estimate(max(low, 1), max(low, 1), max(high, 1), "exact"), most)
    flows = (FlowInput("f", count), FlowInput("g", sensitive))
    facts = {"ciio": "no", "important_data": "none", **values}
    return decide(Facts("a", DAY, flows, facts, {("f", "g"): together}), RULES).flows["f"].possible


@pytest.mark.parametrize("low", ENDS)
@pytest.mark.parametrize("high", ENDS)
def test_an_interval_over_a_line_holds_every_outcome_of_its_ends(low, high):
    if low > high:
        return
    for values in ({}, {"ordinary_beside_sensitive": "apart"}, {"ordinary_beside_sensitive": "together"}):
        ends = {path for n in (low, high) for path in ordinary_beside_one(n, n, **values)}
        assert ends <= set(ordinary_beside_one(low, high, **values)), values
    apart = ordinary_beside_one(low, high, ordinary_beside_sensitive="apart")
    if high:
        assert low > LINE or high == LINE or EXEMPT in apart      # whether the one counts at the line is open
        assert low <= LINE or EXEMPT not in apart


@pytest.mark.parametrize("most", [1, 5, 9_999])
@pytest.mark.parametrize("persons", [5, LINE - 2, LINE + 1])
def test_a_flow_that_perhaps_holds_nothing_sensitive_holds_the_outcomes_of_both(persons, most):
    most = min(most, persons)
    for values in ({}, {"ordinary_beside_sensitive": "apart"}, {"ordinary_beside_sensitive": "together"}):
        ends = {p for n in (0, most) for p in ordinary_beside_one(persons, persons, (n, n), **values)}
        assert ends <= set(ordinary_beside_one(persons, persons, (0, most), **values)), values
