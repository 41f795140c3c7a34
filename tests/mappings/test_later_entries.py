"""What is entered into the ledger after a scan settles the question at once, and mixes no two totals."""

from dataclasses import replace
from datetime import date

import pytest

from mappings.decision import Circumstances, decide_reports
from mappings.flow_report import UNDECIDED, EntityReport, FlowReport
from mappings.later_entries import is_later, with_later_entries
from mappings.ledger_cover import EXPORT_OPEN
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
    later = with_later_entries(first.flows, first.entities, entries, FINISHED)
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
