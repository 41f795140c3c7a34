"""Persons of unknown age: an interval and one question where it matters, and no doubt where it does not."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.decide import decide
from mappings.decision import Circumstances, decide_reports
from mappings.flow_report import UNDECIDED, EntityReport, FlowReport, Union
from mappings.model import (
    UNKNOWN,
    ColumnFinding,
    Estimate,
    Facts,
    FieldVerdict,
    Flow,
    FlowCount,
    FlowInput,
    Recipient,
)
from mappings.open_ages import AGES_FACT, AGES_UNKNOWN, with_open_ages
from mappings.rules import in_force

DAY = date(2026, 11, 2)
RULES = in_force(DAY)
COMPANY = {"ciio": "no", "important_data": "none", "readings": "strict"}
PERSONS = st.sampled_from([1, 9, 500, 9_999, 10_000, 99_999, 100_000, 999_999, 1_000_000, 3_000_000])


@st.composite
def measured(draw):
    """The count of a flow of which no column tells ages."""
    persons = draw(PERSONS)
    sensitive = draw(st.sampled_from([0, 1, persons // 2, persons]))
    return FlowCount(Estimate.exactly(persons), Estimate.exactly(min(sensitive, persons)), UNKNOWN)


def facts_of(counts, answer="", group="", union=None):
    values = {**COMPANY, **({AGES_FACT: answer} if answer else {})}
    parts = tuple(FlowInput(f"f{i}", count, subject_group=group) for i, count in enumerate(counts))
    unions = {tuple(p.id for p in parts): union} if union is not None else {}
    return Facts("a", DAY, parts, values, unions)


def with_children(count, children):
    """The same persons, so many of whom are under fourteen: as few of the others as can be are sensitive."""
    sensitive = max(count.sensitive.best, children)
    return replace(count, sensitive=Estimate.exactly(sensitive), minors=Estimate.exactly(children))


@settings(max_examples=60, deadline=None)
@given(st.lists(measured(), min_size=1, max_size=3), st.sampled_from(["", "yes"]))
def test_every_number_of_children_stays_possible_until_somebody_says_there_are_none(counts, answer):
    """No truth lies outside what is possible; where every truth leads to one path, it is certain."""
    open_ages = decide(facts_of(counts, answer), RULES)
    adults = [with_children(c, 0) for c in counts]
    truths, without = set(), set(decide(facts_of(adults), RULES).entity.possible)
    for children in product(*({0, 1, c.individuals.best} for c in counts)):
        known = [with_children(c, n) for c, n in zip(counts, children, strict=True)]
        truths |= set(decide(facts_of(known), RULES).entity.possible)

    assert truths <= set(open_ages.entity.possible)
    if truths != without:
        assert not open_ages.entity.certain
        asked = {q.fact for q in open_ages.entity.questions}
        assert (AGES_FACT in asked) is not bool(answer)


@settings(max_examples=60, deadline=None)
@given(st.lists(measured(), min_size=1, max_size=3), st.sampled_from(["no", "employee"]))
def test_nothing_is_doubted_where_nobody_can_be_a_child(counts, why):
    said = facts_of(counts, "no") if why == "no" else facts_of(counts, group="employee")
    known = facts_of([with_children(c, 0) for c in counts])

    for opened, part in zip(with_open_ages(said).flows, said.flows, strict=True):
        assert (opened.count.sensitive.low, opened.count.sensitive.high) == (
            part.count.sensitive.low, part.count.sensitive.high,
        )
    assert decide(said, RULES).entity.possible == decide(known, RULES).entity.possible


@settings(max_examples=40, deadline=None)
@given(measured(), measured())
def test_the_persons_of_several_flows_are_widened_by_those_of_unknown_age_alone(one, other):
    known = with_children(other, 0)
    persons = one.individuals.best + other.individuals.best
    linked = FlowCount(
        Estimate.exactly(persons), Estimate.exactly(one.sensitive.best + known.sensitive.best), UNKNOWN
    )
    [(_, union)] = with_open_ages(facts_of([one, known], union=linked)).unions.items()
    more = one.individuals.best - one.sensitive.best

    assert (union.sensitive.low, union.sensitive.high) == (linked.sensitive.low, linked.sensitive.high + more)


def decided_flow(count, values, again=()):
    finding = ColumnFinding("crm/t/c", "full_name", "personal_information", "core", 1.0, (), 1, 1)
    field = FieldVerdict(finding.column, "full_name", "necessary", "", "", "verified")
    report = FlowReport(
        Flow("f0", "a", Recipient("HQ", "DE"), ""), count.individuals, count.sensitive, count.minors,
        (finding.column,), (field,), UNDECIDED, personal="yes",
    )
    entity = EntityReport("a", UNKNOWN, UNKNOWN, UNDECIDED, ("f0",), unions=(Union(("f0",), count),))
    flows, years = [report], [entity]
    for answers in (values, *again):
        result = decide_reports(flows, years, Circumstances(RULES, DAY, {**COMPANY, **answers}))
        flows, years = result.flows, result.entities
    return flows[0], years[0]


@settings(max_examples=40, deadline=None)
@given(measured())
def test_the_figure_that_is_shown_is_the_one_that_was_decided_by(count):
    """Answered and asked again, the figure goes back to what was measured; an assumption is never exact."""
    shown, year = decided_flow(count, {})
    settled, _ = decided_flow(count, {}, [{AGES_FACT: "no"}])
    open_again, _ = decided_flow(count, {}, [{AGES_FACT: "no"}, {}])
    wide = count.sensitive.best < count.individuals.best

    assert shown.sensitive_individuals.high == count.individuals.high
    assert year.sensitive_individuals.high == count.individuals.high
    assert (shown.sensitive_individuals.note == AGES_UNKNOWN) is wide
    assert settled.sensitive_individuals.high == count.sensitive.high
    assert (settled.sensitive_individuals.method == "linked") is wide
    assert "adults_assumed" in [note.code for note in settled.count_notes]
    assert open_again.sensitive_individuals == shown.sensitive_individuals
    assert "adults_assumed" not in [note.code for note in open_again.count_notes]


@pytest.mark.parametrize("children", [1, 30])
@pytest.mark.parametrize("answer", ["no", "yes", ""])
def test_children_who_were_found_contradict_that_there_are_none(children, answer):
    count = FlowCount(
        Estimate.exactly(20_000), Estimate.exactly(children), Estimate.exactly(children)
    )
    flow, _ = decided_flow(count, {AGES_FACT: answer} if answer else {})

    assert flow.decision.certain is (answer != "no")
    assert any("were found" in str(note.message) for note in flow.not_ready) is (answer == "no")
