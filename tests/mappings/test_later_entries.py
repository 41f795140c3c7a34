"""What is entered into the ledger after a scan settles the question at once, and mixes no two totals."""

from dataclasses import replace
from datetime import date

import pytest

from mappings.decision import Circumstances, decide_reports
from mappings.flow_report import UNDECIDED, EntityReport, FlowReport
from mappings.later_entries import is_later, with_earlier_ledger, with_later_entries, with_ledger_of_day
from mappings.ledger_cover import EXPORT_OPEN
from mappings.ledger_entries import entries_until
from mappings.model import UNKNOWN, Estimate, Flow, Recipient
from mappings.rules import in_force
from scanner.count.ledger import StatedPersons, declared_entry

DAY = date(2026, 11, 2)
FINISHED = "2026-11-02T08:00:00.250000Z"
NOBODY = Estimate.exactly(0)
BY = Circumstances(in_force(DAY), DAY, {"ciio": "no", "important_data": "none"})


def flow(id, persons):
    own = Flow(id, "a", Recipient("HQ", "DE"), "", status="active", since=date(2026, 2, 1))
    return FlowReport(own, Estimate.exactly(persons), NOBODY, NOBODY, (), (), UNDECIDED, personal="yes")


def entered(id, persons, period="2026-02..2026-10", at="2026-11-02T09:00:00Z"):
    stated = StatedPersons(persons, 0, "王敏", "传输日志")
    return replace(declared_entry("a", id, period, stated), recorded=at)


def decided(flows, entries):
    entity = EntityReport("a", UNKNOWN, UNKNOWN, UNDECIDED, tuple(f.flow.id for f in flows))
    first = decide_reports(flows, [entity], BY)
    new = [entry for entry in entries if is_later(entry, FINISHED)]
    later = with_later_entries(first.flows, first.entities, entries, new)
    return decide_reports(*later, BY)


def test_one_statement_settles_what_left():
    before = decided([flow("crm", 500)], [])
    after = decided([flow("crm", 500)], [entered("crm", 700)])

    assert before.flows[0].decision.path == "needs_review"
    assert after.flows[0].decision.path == "exempt_art5_4" and after.flows[0].decision.certain
    assert not [q for q in after.questions if q.fact == EXPORT_OPEN]


@pytest.mark.parametrize("persons", [0, 700, 99_000, 99_499, 99_500, 1_200_000])
def test_left_and_running_stand_apart_and_the_year_holds_both(persons):
    [year] = decided([flow("crm", 500)], [entered("crm", persons)]).entities

    assert year.totals.exported.individuals.best == persons
    assert year.totals.running.individuals == Estimate.exactly(500)
    assert (year.individuals.low, year.individuals.high) == (max(500, persons), 500 + persons)


def test_a_statement_on_one_flow_leaves_the_other_open():
    result = decided([flow("crm", 500), flow("hr", 40)], [entered("crm", 700)])

    assert {q.scope for q in result.questions if q.fact == EXPORT_OPEN} == {"hr"}


@pytest.mark.parametrize(("at", "later"), [
    ("2026-11-02T07:59:59Z", False), ("2026-11-02T08:00:00Z", True), ("2026-11-02T08:00:01Z", True),
])
def test_entries_of_before_the_scan_are_in_it_already(at, later):
    entry = entered("crm", 700, at=at)

    assert is_later(entry, FINISHED) is later
    first = decided([flow("crm", 500)], [entry])
    assert (first.entities[0].exported is not None) is later


MARCH, MAY = date(2026, 3, 20), date(2026, 5, 20)
MONTHS = {"2026-02": 300, "2026-03": 150, "2026-04": 90_000, "2026-05": 60_000}


def monthly(until):
    entries = [entered("crm", n, month) for month, n in MONTHS.items()]
    numbered = [replace(entry, number=i) for i, entry in enumerate(entries, 1)]
    return entries_until(numbered, until)


def replayed(day, scan_day):
    """The year of a day, from a scan of another day whose ledger had every entry up to that one."""
    reports, entity = [flow("crm", 500)], EntityReport("a", UNKNOWN, UNKNOWN, UNDECIDED, ("crm",))
    scanned = monthly(scan_day)
    first = with_ledger_of_day(reports, [replace(entity, counted=("crm",))], scanned, [])
    again = with_ledger_of_day(*first, monthly(day), scanned)
    return decide_reports(*again, replace(BY, as_of=day)).entities[0]


@pytest.mark.parametrize("scan_day", [MARCH, MAY])
@pytest.mark.parametrize("day", [MARCH, MAY])
def test_a_replay_knows_the_ledger_of_its_own_day(day, scan_day):
    """An earlier day knows nothing of what left later, a later one all that left until then."""
    year = replayed(day, scan_day)
    exported = sum(n for month, n in MONTHS.items() if month <= f"{day:%Y-%m}")

    assert year.totals.exported.individuals.high == exported == year.exported.high
    assert [month for month, _ in year.months] == [m for m in MONTHS if m <= f"{day:%Y-%m}"]
    assert year.individuals.high == 500 + exported
    assert year.totals.running.individuals == Estimate.exactly(500)


def test_another_year_has_none_of_this_years_ledger():
    [report], [year] = with_earlier_ledger(*with_ledger_of_day(
        [flow("crm", 500)], [EntityReport("a", UNKNOWN, UNKNOWN, UNDECIDED, ("crm",), counted=("crm",))],
        monthly(MAY), [],
    ), [])

    assert report.exported is None and year.exported is None and year.months == ()


def test_months_that_end_after_the_day_are_not_of_it():
    spans = [entered("crm", 9, period) for period in ("2026-01..2026-03", "2026-02..2026-10", "2026-03")]

    assert [e.period for e in entries_until(spans, MARCH)] == ["2026-01..2026-03", "2026-03"]


@pytest.mark.parametrize("beside", [[], [("hr", 40)], [("hr", 60_000)]], ids=str)
@pytest.mark.parametrize("persons", [5_000, 150_000, 1_200_000])
def test_whether_those_who_are_there_no_more_count_stays_open_beside_other_flows(persons, beside):
    """What left and is there no more counts or not: the reading is named wherever it parts the paths."""
    flows = [flow("crm", 500), *(flow(id, n) for id, n in beside)]
    nothing = [entered(id, 0) for id, _ in beside]
    now = decided(flows, [entered("crm", 0), *nothing]).entities[0].decision
    year = decided(flows, [entered("crm", persons), *nothing]).entities[0].decision

    assert now.path == "exempt_art5_4" and now.path in year.possible
    is_named = "deleted_persons" in [question.fact for question in year.questions]
    assert is_named is (year.possible != now.possible)
