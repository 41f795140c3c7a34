"""Where no text settles the law, a person may choose strict or practice, of one reading or all, by name."""

from dataclasses import replace
from datetime import date

import pytest

from mappings.decision import Circumstances, decide_reports
from mappings.model import Estimate, Facts, Flow, FlowCount, FlowInput, Recipient
from mappings.rules import in_force, path_rank
from mappings.stated import entity_of_facts, flows_of_facts
from reports.messages.render import render
from reports.messages.words import pair_of

DAY = date(2026, 11, 2)
RULES = in_force(DAY)
READINGS = RULES.raw["readings"]
HR = {"labour_rules": "yes", "collective_contract": "no", "fields_necessary": "yes"}


def people(ordinary, sensitive=0, **more):
    some, rest = Estimate.exactly(sensitive), Estimate.exactly(ordinary)
    return FlowCount(Estimate.exactly(ordinary + sensitive), some, ordinary=rest, ordinary_only=rest, **more)


def inclusive(everybody, sensitive):
    rest = Estimate.exactly(everybody - sensitive)
    return FlowCount(Estimate.exactly(everybody), Estimate.exactly(sensitive), ordinary_only=rest)


# reading -> (flows, what is answered, persons of the group)
SITUATIONS = {
    "both_counters": ([FlowInput("f", inclusive(1_000_000, 500))], {}, None),
    "id_number_alone": ([FlowInput("f", people(50_000, strict=people(38_000, 12_000)))], {}, None),
    "mixed_art4": (
        [FlowInput("f", people(150_000), claim="art4", facts={"domestic_persons": "10"})],
        {"domestic_data_introduced": "yes", "collected_abroad": "yes"}, None,
    ),
    "statutory_duty": (
        [FlowInput("f", people(150_000), claim="statutory_duty")],
        {"statutory_duty_applies": "yes", "fields_necessary": "yes"}, None,
    ),
    "automotive": ([FlowInput("f", people(150_000))], {"sector": "汽车"}, None),
    "hr_basis": ([FlowInput("f", people(150_000), claim="art5_2", subject_group="employee")], HR, None),
    "gba_above_line": (
        [FlowInput("f", people(1_500_000), country="HK",
                   facts={"route": "gba", "recipient_outside_gba": "no"})], {}, None,
    ),
    "state_organ_assessment": ([FlowInput("f", people(500))], {"state_organ": "yes"}, None),
    "ordinary_beside_sensitive": (
        [FlowInput("f", people(500)), FlowInput("g", people(0, 500))], {}, None,
    ),
    "deleted_persons": ([FlowInput("f", people(120_000, remaining=people(90_000)))], {}, None),
    "agency_worker": (
        [FlowInput("f", people(150_000), claim="art5_2", subject_group="agency_worker")],
        HR | {"collective_contract": "yes"}, None,
    ),
    "group_total": (
        [FlowInput("f", people(80_000))], {"combined_filing": "yes"}, people(300_000),
    ),
}


def decided(name, chosen=(), origins=()):
    flows, answers, group = SITUATIONS[name]
    values = {"ciio": "no", "important_data": "none"} | answers | dict(chosen)
    facts = Facts("a", DAY, tuple(flows), values, group=group)
    stated = {f.id: Flow(f.id, "a", Recipient("HQ", "DE"), "", claim=f.claim) for f in flows}
    result = decide_reports(
        flows_of_facts(facts, stated), (replace(entity_of_facts(facts), group=group),),
        Circumstances(RULES, DAY, {}, stated={"a": facts}, origins=dict(origins)),
    )
    return result.flows[0].decision, result.questions


def chosen_notes(decision, lang="en"):
    return [render(note, lang) for note in decision.notes if note.code == "chosen_reading"]


def test_there_is_a_situation_of_every_reading():
    assert set(SITUATIONS) == set(READINGS)


@pytest.mark.parametrize("name", SITUATIONS)
def test_an_open_reading_names_both_outcomes_and_the_act_that_chooses(name):
    decision, questions = decided(name)
    [question] = [q for q in questions if q.fact == name]

    assert decision.path == "needs_review" and not decision.certain
    assert set().union(*question.leads_to.values()) == set(decision.possible)
    assert f"chujing facts set {name}=strict|practice" in question.how.zh
    assert all(pair_of(f"answer.{value}") for value in question.leads_to)


@pytest.mark.parametrize("name", SITUATIONS)
@pytest.mark.parametrize("fact", ["of it alone", "of all"])
def test_strict_or_practice_settles_a_reading_and_says_who_chose(name, fact):
    fact = name if fact == "of it alone" else "readings"
    paths = {}
    for stance in ("strict", "practice"):
        decision, questions = decided(name, [(fact, stance)], [(("", fact), ("王敏", "2026-10-09"))])
        [note] = chosen_notes(decision)
        assert "王敏" in note and "2026-10-09" in note
        assert name not in {q.fact for q in questions}
        paths[stance] = max(map(path_rank, decision.possible))
    assert paths["strict"] > paths["practice"]


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_choice_nobody_stands_for_is_said_to_be_nobodys(name):
    decision, _ = decided(name, [(name, "strict")])

    [note] = chosen_notes(decision, "zh")
    assert "未说明由谁选定" in note


def test_a_choice_that_changes_nothing_is_not_spoken_of():
    decision, _ = decided("state_organ_assessment", [("hr_basis", "strict"), ("state_organ", "no")])

    assert chosen_notes(decision) == []


def test_one_reading_may_be_chosen_against_the_stance_on_all():
    decision, _ = decided("hr_basis", [("readings", "strict"), ("hr_basis", "practice")])

    assert decision.possible == ("exempt_art5_2",)
