"""The forecast to 31 December: persons at the ledger's pace, and the day a line is reached."""

from dataclasses import replace
from datetime import date

import pytest

from mappings.decide import decide
from mappings.forecast import forecast_year, open_forecast
from mappings.model import Estimate, Facts, FlowCount, FlowInput
from mappings.rules import load_ruleset

RULES = load_ruleset()


def people(n, sensitive=0):
    return FlowCount(
        Estimate.exactly(n),
        Estimate.exactly(sensitive),
        ordinary=Estimate.exactly(n),
        ordinary_only=Estimate.exactly(n),
    )


def by(months, as_of, sensitive=None):
    now = people(months[-1][1])
    decision = decide(
        Facts("a", as_of, (FlowInput("f", now),), {"ciio": "no", "important_data": "none"}), RULES
    ).entity
    return {
        f.counter: f
        for f in forecast_year(
            [(p, people(n, (sensitive or {}).get(p, 0))) for p, n in months], decision, RULES, as_of
        )
    }


def test_an_even_pace_goes_on_evenly():
    found = by([("2026-01", 3_100), ("2026-02", 5_900)], date(2026, 2, 28))[
        "ordinary"
    ]  # 100 new persons a day

    assert found.persons == Estimate(36_500, 36_500, 36_500, "exact", "forecast")
    assert (found.line, found.reached, found.earliest) == (100_000, None, None)
    assert found.basis == ("2026-01", "2026-02")


def test_a_line_that_will_be_reached_has_its_day_and_a_warning_before_it():
    found = by([("2026-01", 31_000), ("2026-02", 44_000), ("2026-03", 90_000)], date(2026, 3, 31))["ordinary"]

    assert found.line == 100_000
    assert found.path == "standard_contract_or_certification"
    assert found.reached == date(2026, 4, 10)  # 1,000 a day on average
    assert found.earliest == date(2026, 4, 7)  # as fast as in March
    assert found.persons.low < found.persons.best < found.persons.high


def test_a_month_under_way_counts_its_days_so_far():
    found = by([("2026-01", 3_100), ("2026-02", 4_100)], date(2026, 2, 10))[
        "ordinary"
    ]  # 100 a day, ten days of February

    assert found.persons.best == 36_500


@pytest.mark.parametrize(
    "months",
    [[], [("2026-05", 10)], [("2025-11", 5), ("2026-01", 10)]],
    ids=["none", "one", "one of this year"],
)
def test_fewer_than_two_months_give_no_forecast(months):
    decision = decide(Facts("a", date(2026, 6, 1), (), {}), RULES).entity

    assert forecast_year([(p, people(n)) for p, n in months], decision, RULES, date(2026, 6, 1)) == ()


def test_sensitive_persons_have_a_forecast_of_their_own():
    found = by(
        [("2026-01", 31_000), ("2026-02", 59_000)], date(2026, 2, 28), {"2026-01": 3_100, "2026-02": 5_900}
    )["sensitive"]

    assert found.line == 10_000
    assert found.reached == date(2026, 4, 10)


def test_a_pace_that_has_stopped_shows_at_the_lower_end():
    found = by([("2026-01", 90_000), ("2026-02", 90_000), ("2026-03", 90_000)], date(2026, 3, 31))["ordinary"]

    assert found.persons == Estimate(
        90_000, 365_000, 90_000 + 798_388, "exact", "forecast"
    )  # none, 1,000, and 90,000 in 31 days
    assert found.reached == date(2026, 4, 10)


def test_the_ordinary_line_is_for_persons_with_an_ordinary_item_and_for_everybody_where_these_are_not_known():
    decision = decide(Facts("a", date(2026, 2, 28), (), {}), RULES).entity
    months = [("2026-01", 3_100), ("2026-02", 5_900)]
    apart = [
        (p, FlowCount(Estimate.exactly(9 * n), Estimate.exactly(0), ordinary=Estimate.exactly(n)))
        for p, n in months
    ]
    together = [(p, FlowCount(Estimate.exactly(n), Estimate.exactly(0))) for p, n in months]

    for counts in (apart, together):
        found = forecast_year(counts, decision, RULES, date(2026, 2, 28))[0]

        assert (found.counter, found.persons.best) == ("ordinary", 36_500)


def test_a_ledger_that_lacks_months_reaches_every_line_perhaps():
    even = by([("2026-01", 3_100), ("2026-02", 5_900)], date(2026, 2, 28))["ordinary"]
    steep = by([("2026-01", 31_000), ("2026-02", 44_000), ("2026-03", 90_000)], date(2026, 3, 31))["ordinary"]

    assert (open_forecast(even).line, open_forecast(even).persons.high) == (0, None)
    assert open_forecast(steep) == replace(steep, persons=replace(steep.persons, high=None))
