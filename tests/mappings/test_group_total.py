"""A group's persons are those of flows that count, with what left of those that stopped."""

from dataclasses import replace
from datetime import date

import pytest

from mappings.decision import Circumstances, decide_reports
from mappings.entity_year import FlowPersons
from mappings.flow_report import UNDECIDED, FlowReport
from mappings.ledger_cover import EXPORT_UNKNOWN
from mappings.model import Estimate, Flow, FlowCount, Ledgered, Recipient
from mappings.rules import in_force
from mappings.totals import group_totals
from scanner.count.assessment import entity_years

DAY = date(2026, 3, 10)
BY = Circumstances(in_force(DAY), DAY, {"ciio": "no", "important_data": "none"})
NOBODY = Estimate.exactly(0)
HR = {"labour_rules": "yes", "collective_contract": "yes", "fields_necessary": "yes"}


def flow(id, entity, persons, **described):
    own = Flow(id, entity, Recipient("HQ", "DE"), "", **described)
    exactly = Estimate.exactly(persons)
    return FlowReport(own, exactly, NOBODY, NOBODY, (), (), UNDECIDED, declared=True, personal="yes")


def group(*reports):
    years = entity_years([FlowPersons(r, None) for r in reports], BY, [], b"")
    return years[0].group


NORTH, SOUTH = flow("crm-n", "north", 60_000), flow("crm-s", "south", 50_000)
APART = {
    "exempt": flow("staff", "north", 9_000, claim="art5_2", subject_group="employee", facts=HR),
    "blocked": flow("court", "north", 40, facts={"foreign_authority_request": "yes", "approval": "no"}),
    "no export": flow("desk", "north", 70_000, mode="access_inside_china"),
    "stopped last year": flow("old", "north", 80_000, status="stopped", until=date(2025, 12, 20)),
}


def test_the_flows_that_count_are_added_as_bounds():
    found = group(NORTH, SOUTH).individuals

    assert (found.low, found.high) == (60_000, 110_000)


@pytest.mark.parametrize("other", APART.values(), ids=APART)
def test_what_is_outside_the_count_is_in_no_total_of_the_group(other):
    assert group(NORTH, SOUTH, other) == group(NORTH, SOUTH)


def test_where_the_ledger_lacks_months_there_may_be_more():
    running = replace(NORTH, flow=replace(NORTH.flow, status="active"))
    count = FlowCount(running.individuals, NOBODY)
    covered = replace(running, exported=Ledgered(count, ("2026-01", "2026-02")))

    assert group(running, SOUTH).individuals.high is None
    assert group(running, SOUTH).individuals.note == EXPORT_UNKNOWN
    assert group(covered, SOUTH).individuals.high == 110_000


@pytest.mark.parametrize("covered", [True, False])
def test_a_group_has_three_totals_that_are_never_mixed(covered):
    count = FlowCount(NORTH.individuals, NOBODY)
    running = replace(
        NORTH, flow=replace(NORTH.flow, status="active"),
        exported=Ledgered(count, ("2026-01", "2026-02")) if covered else None,
    )
    years = entity_years([FlowPersons(r, None) for r in (running, SOUTH)], BY, [], b"")
    totals = group_totals(decide_reports([running, SOUTH], years, BY).entities)

    for total, persons in ((totals.running, 60_000), (totals.planned, 50_000)):
        assert (total.individuals.low, total.individuals.high) == (persons, persons)
    assert (totals.exported is None) is not covered
    assert totals.unledgered == (() if covered else ("crm-n",))
    assert group_totals(years[:1]) is None
