"""What a company says of ages is applied when it is decided, not when it is counted: no answer needs a scan.
"""

import random
from dataclasses import replace
from functools import cache

import counted_worlds as worlds
import pytest
import world_kinds

from scanner.review.redecide import WhatIf, decide_again

pytestmark = pytest.mark.system

ANSWERS = ("no", "yes", "unknown")
OPEN = ("unread_births", "default_births", "pupils_beside_staff", "insured_children", "pupils_by_school",
        "no_birth_dates")  # fmt: skip
TOLD = ("ages_in_years", "ages_of_numbers", "pupils")


@cache
def scanned(kind, answer):
    world = world_kinds.world_of(kind, 3, 60)
    world.facts = {"processes_minors": answer} if answer != "unknown" else {}
    return worlds.count(world)


def answered(report, answer):
    """The report decided again under an answer; what was answered before is withdrawn."""
    facts = {key: value for key, value in report.facts["exporter"].items() if key != "processes_minors"}
    values = {"processes_minors": answer} if answer != "unknown" else {}
    flows = tuple(replace(flow, flow=replace(flow.flow, facts={})) for flow in report.flows)
    return decide_again(replace(report, flows=flows, facts={"exporter": facts}), None, WhatIf(values), None)


def outcome(report):
    flows = [(f.individuals, f.sensitive_individuals, f.minors, f.strict, f.decision) for f in report.flows]
    years = [(e.individuals, e.sensitive_individuals, e.decision) for e in report.exporter]
    return flows, years, [f.changes for f in report.flows], [f.not_ready for f in report.flows]


@pytest.mark.parametrize("kind", (*OPEN, *TOLD))
def test_the_outcome_is_that_of_the_answer_now_whatever_was_answered_at_the_scan(kind):
    for now in ANSWERS:
        assert len({str(outcome(answered(scanned(kind, then), now))) for then in ANSWERS}) == 1
        assert str(outcome(answered(scanned(kind, now), now))[:3]) == str(outcome(scanned(kind, now))[:3])


@pytest.mark.parametrize("kind", OPEN)
def test_a_denial_settles_the_doubt_and_its_withdrawal_brings_it_back(kind):
    report, truth = scanned(kind, "unknown"), world_kinds.world_of(kind, 3, 60).minors or 0
    denied = answered(report, "no")
    again = answered(denied, "unknown")
    (wide,), (narrow,) = report.flows, denied.flows

    assert wide.sensitive_individuals.high >= max(truth, narrow.sensitive_individuals.high)
    assert wide.sensitive_individuals.method != "exact"
    assert narrow.minors.low == narrow.minors.high
    assert narrow.sensitive_individuals.low == narrow.sensitive_individuals.high
    assert str(outcome(again)) == str(outcome(report))


@pytest.mark.parametrize("kind", TOLD)
def test_where_ages_are_told_nothing_is_open(kind):
    """A denial of children who are there is an error and settles nothing."""
    for answer in ("yes", "unknown"):
        (flow,) = answered(scanned(kind, "unknown"), answer).flows
        assert flow.minors.low == flow.minors.high
        assert (flow.minors.method, flow.sensitive_individuals.method) == ("exact", "exact")


def test_who_works_is_no_child_until_the_group_is_another():
    """A group is stated without a scan: staff are adults by law, whatever no column tells."""
    report = scanned("no_birth_dates", "unknown")
    (flow,) = report.flows

    def grouped(group):
        flows = (replace(flow, flow=replace(flow.flow, subject_group=group)),)
        return decide_again(replace(report, flows=flows), None, WhatIf({}), None).flows[0]

    staff, customers = grouped("employee"), grouped("")

    assert staff.sensitive_individuals.high == 0
    assert customers.sensitive_individuals == flow.sensitive_individuals
    assert flow.sensitive_individuals.high == flow.individuals.high


def test_two_flows_together_are_as_open_as_their_persons():
    draw = random.Random(8)
    who = worlds.people(draw, 60, years=(1960, 2022))
    named = {"name": lambda p: p.name, "mobile": lambda p: p.phone}
    tables = {
        "told": worlds.rows_of({**named, "birthday": lambda p: p.born.isoformat()}, who[:40]),
        "untold": worlds.rows_of(named, who[20:]),
    }
    world = worlds.World(tables, 60, flows=(("told",), ("untold",)))
    report = worlds.count(world)
    minors = sum(map(worlds.is_minor, who[:40]))
    year = report.exporter[0].sensitive_individuals

    assert minors
    assert (year.low, year.high) == (minors, minors + 20)
    for answer in ANSWERS:  # children who were found contradict a no, in every flow
        assert answered(report, answer).exporter[0].sensitive_individuals == year
