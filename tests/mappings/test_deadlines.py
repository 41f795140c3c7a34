"""Dates that follow from filings: the worked examples, working days with make-up days,
and what is only an estimate.
"""

from datetime import date, timedelta

import places
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.calendar import add_working_days, working_day_status
from mappings.deadlines import Filing, expiry_date, extension_check, list_deadlines
from mappings.rules import load_ruleset

RULES = load_ruleset()
CASES = yaml.safe_load((places.CASES / "deadlines.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_worked_example(case):
    filing = Filing("f", entity="acme", **case["filing"])
    expected = dict(case["expected"])
    found = {d.code: d.on for d in list_deadlines([filing], {}, RULES, case["today"])}

    if "extension" in expected:
        assert extension_check(filing, RULES, case["today"]).outcome == expected.pop("extension")
    if "expiry" in expected:
        assert expiry_date(filing, RULES) == expected.pop("expiry")
    for name in ("open_now", "estimated"):
        if name in expected:
            assert getattr(extension_check(filing, RULES, case["today"]), name) is expected.pop(name)
    for code, on in expected.items():
        assert found[code] == on


def test_the_duty_after_a_notice_of_important_data_starts_a_clock():
    (found,) = list_deadlines(
        [], {"important_data": "notified", "notified_on": "2026-03-10"}, RULES, date(2026, 3, 20)
    )

    assert (found.code, found.on) == ("notified", date(2026, 5, 10))


def test_a_make_up_saturday_works_and_a_holiday_monday_does_not():
    assert working_day_status(date(2026, 10, 10)) == (True, True)
    assert working_day_status(date(2026, 10, 5)) == (False, True)


def test_a_year_whose_notice_is_not_out_is_an_estimate():
    far = date(2060, 5, 10)

    assert working_day_status(far) == (far.weekday() < 5, False)
    assert add_working_days(far, 5)[1]


@given(start=st.dates(date(2024, 1, 1), date(2026, 6, 1)), days=st.integers(1, 80))
@settings(max_examples=60, deadline=None)
def test_there_are_so_many_working_days_between(start, days):
    end, guess = add_working_days(start, days)
    between = [start + timedelta(i) for i in range(1, (end - start).days + 1)]

    assert not guess
    assert sum(working_day_status(d)[0] for d in between) == days
    assert working_day_status(end)[0]
