"""Dates that follow from filings: the worked examples, working days with make-up days,
and what is only an estimate.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import places
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.calendar import add_working_days, working_day_status
from mappings.deadlines import Filing, expiry_date, extension_check, list_deadlines
from mappings.earliest_start import planned_starts
from mappings.model import Decision, Flow, Recipient
from mappings.rules import in_force, load_ruleset

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


def planned(id, **facts):
    return Flow(id, "a", Recipient("HQ", "DE"), "", facts=facts)


def test_notices_are_read_of_each_flow_and_one_day_stands_for_its_flows():
    notified = {"important_data": "notified", "notified_on": "2026-10-12"}
    flows = [
        planned("one", **notified), planned("two", **notified), planned("none", important_data="none"),
        planned("later", important_data="notified", notified_on="2026-10-30"),
    ]

    found = list_deadlines([], {}, in_force(date(2026, 11, 2)), date(2026, 11, 2), flows)

    dates = [(str(d.on), d.flows) for d in found]
    assert dates == [("2026-12-12", ("one", "two")), ("2026-12-30", ("later",))]


INCIDENT = {"incident_on": "2026-10-12"}
HOURS = {
    "CIIO": (INCIDENT | {"ciio": "yes"}, "incident_1h", False),
    "state organ": (INCIDENT | {"ciio": "no", "state_organ": "yes"}, "incident_2h", False),
    "others": (INCIDENT | {"ciio": "no"}, "incident_4h", False),
    "nobody has said": (INCIDENT, "incident", False),
    "reported": (INCIDENT | {"ciio": "no", "incident_reported_on": "2026-10-12"}, "incident_4h", True),
}


@pytest.mark.parametrize(("facts", "code", "done"), HOURS.values(), ids=HOURS)
def test_an_incident_is_reported_on_its_day(facts, code, done):
    day = date(2026, 11, 2)
    [found] = list_deadlines([], facts, in_force(day), day)

    assert (found.code, found.on, found.done) == (code, date(2026, 10, 12), done)
    assert not list_deadlines([], facts, in_force(date(2025, 10, 31)), date(2025, 10, 31))


def test_audits_of_ten_million_persons_come_every_two_years():
    day = date(2026, 11, 2)
    facts = {"ten_million_reached_on": "2025-06-30"}
    [first] = list_deadlines([], facts, in_force(day), day)
    [next_one] = list_deadlines([], facts | {"last_audit_on": "2026-09-15"}, in_force(day), day)

    assert (first.on, next_one.on) == (date(2027, 6, 30), date(2028, 9, 15))


DAYS = [name for name, about in RULES.raw["facts"].items() if about["values"] == ["date"]]


@pytest.mark.parametrize("name", DAYS)
def test_a_day_that_is_unknown_is_no_day(name):
    """No date follows from it, and it answers nothing."""
    day = date(2026, 11, 2)
    others = {other: "2026-03-02" for other in DAYS if other != name}
    for known in ({}, others):
        facts = {"important_data": "notified", "ciio": "no", **known}
        dates = [list_deadlines([], facts | more, in_force(day), day) for more in ({}, {name: "unknown"})]
        assert dates[0] == dates[1]


@dataclass(frozen=True)
class Decided:
    flow: Flow
    decision: Decision


def test_a_planned_flow_starts_after_the_days_of_an_assessment():
    day = date(2026, 3, 2)
    paths = {"a": "security_assessment", "b": "standard_contract_or_certification", "c": "exempt_art5_4"}
    flows = [Decided(planned(id), Decision(path, (path,), True)) for id, path in paths.items()]
    running = Decided(replace(planned("d"), status="active"), flows[0].decision)

    [start] = planned_starts([*flows, running], in_force(day), day)

    assert (start.flows, start.code, start.on) == (("a",), "earliest_start", date(2026, 5, 25))
    assert not start.estimated
