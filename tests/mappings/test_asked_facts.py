"""A fact is asked only if some answer to it changes what comes out: a path, a duty, a date."""

from dataclasses import asdict, replace
from datetime import date

import pytest
from imported_lists import imported
from met_conditions import ALL_MET, ZONE

from mappings.counts import bound_union
from mappings.deadlines import list_deadlines
from mappings.decision import Circumstances, decide_reports
from mappings.model import Estimate, Facts, Flow, FlowCount, FlowInput, Ledgered, Recipient
from mappings.rules import in_force
from mappings.stated import entity_of_facts, flows_of_facts

DAY = date(2026, 11, 2)
RULES = in_force(DAY)
HR = {"claim": "art5_2", "subject_group": "employee"}
YES_NO = ("yes", "no")
# fact -> (two answers to it, what else is answered, what else there is of the flow)
SITUATIONS = {
    "ciio": (YES_NO, {}, {}),
    "important_data": (("notified", "none"), {}, {}),
    "notified_on": (("2026-10-01", "2026-10-02"), {"important_data": "notified"}, {}),
    "notified_by": (("省级主管部门", ""), {"important_data": "notified"}, {}),
    "notified_form": (("document", "meeting"), {"important_data": "notified"}, {}),
    "sector": (("汽车", "零售"), {}, {}),
    "zone": (("none", "天津"), ZONE, {"claim": "ftz"}),
    "zone_in_scope": (YES_NO, ZONE, {"claim": "ftz"}),
    "list_adopted_by": (("文号一", "none"), ZONE | {"zone_in_scope": "no"}, {"claim": "ftz"}),
    "list_adopted_on": (
        ("2026-10-01", "2026-12-01"), ZONE | {"zone_in_scope": "no", "list_adopted_by": "文号一"},
        {"claim": "ftz"},
    ),
    "list_in_force": (YES_NO, ZONE, {"claim": "ftz"}),
    "exempt_before_list": (
        YES_NO, ZONE | {"zone": "上海", "ftz_list": imported("shanghai_2025")},
        {"claim": "ftz", "began": "2026-01-05", "beside": 300},
    ),
    "list_reaches_ciio": (YES_NO, ZONE | {"ciio": "yes"}, {"claim": "ftz"}),
    "list_complete": (YES_NO, ZONE, {"claim": "ftz"}),
    "sector_listed": (YES_NO, ZONE, {"claim": "ftz"}),
    "scenario_listed": (YES_NO, ZONE, {"claim": "ftz"}),
    "entry_matched": (YES_NO, ZONE, {"claim": "ftz"}),
    "filed": (YES_NO, ZONE, {"claim": "ftz"}),
    "ftz_list": (("shanghai_2024", ""), ZONE, {"claim": "ftz"}),
    "zone_scenario": (
        ("药物临床试验和研发", ""),
        {k: v for k, v in ZONE.items() if k != "entry_matched"} | {"ftz_list": "beijing_2024"},
        {"claim": "ftz", "as_of": date(2025, 3, 3)},
    ),
    "route": (("gba", ""), {"recipient_outside_gba": "no"}, {"country": "HK"}),
    "chosen_contract": (
        ("gba", "national"), {"route": "gba", "recipient_outside_gba": "no"}, {"country": "HK"},
    ),
    "recipient_same_as": (("HQ GmbH", "none"), {}, {"beside": 300, "beside_recipient": "HQ GmbH"}),
    "recipient_outside_gba": (YES_NO, {"route": "gba"}, {"country": "HK"}),
    "foreign_authority_request": (YES_NO, {"approval": "no"}, {}),
    "recipient_in_gba": (YES_NO, {"route": "gba", "recipient_outside_gba": "no"}, {"country": ""}),
    "leaves_mainland": (YES_NO, {}, {"country": "CN"}),
    "approval": (YES_NO, {"foreign_authority_request": "yes"}, {}),
    "export_necessary": (YES_NO, {}, {}),
    "overseas_takes_part_in_decision": (YES_NO, {}, {"subject_group": "applicant"}),
    "labour_rules": (YES_NO, {"collective_contract": "no", "fields_necessary": "yes"}, HR),
    "collective_contract": (YES_NO, {"labour_rules": "no", "fields_necessary": "yes"}, HR),
    "employees_only": (
        YES_NO, {"labour_rules": "yes", "collective_contract": "yes", "fields_necessary": "yes"},
        {"claim": "art5_2"},
    ),
    "for_hr_management": (
        YES_NO, {"labour_rules": "yes", "collective_contract": "yes", "fields_necessary": "yes"},
        HR | {"purpose_fit": "open"},
    ),
    "fields_necessary": (YES_NO, {"contract_with_individual": "yes"}, {"claim": "art5_1"}),
    "contract_with_individual": (YES_NO, {"fields_necessary": "yes"}, {"claim": "art5_1"}),
    "domestic_data_introduced": (YES_NO, {"collected_abroad": "yes"}, {"claim": "art4"}),
    "collected_abroad": (YES_NO, {"domestic_data_introduced": "no"}, {"claim": "art4"}),
    "domestic_persons": (
        ("10", "140000"), {"collected_abroad": "yes", "domestic_data_introduced": "yes"}, {"claim": "art4"},
    ),
    "statutory_duty_applies": (YES_NO, {"fields_necessary": "yes"}, {"claim": "statutory_duty"}),
    "entry_requires": (
        ("security_assessment", "standard_contract_or_certification"), ZONE | {"entry_matched": "yes"},
        {"claim": "ftz"},
    ),
    "emergency": (YES_NO, {"fields_necessary": "yes"}, {"claim": "art5_3"}),
    "already_filed": (("standard_contract", "none"), {}, {"ordinary": 2_000_000}),
    "nobody_leaves": (YES_NO, {}, {"ordinary": 0, "empty": True}),
    "readings": (
        ("strict", "practice"),
        {"labour_rules": "yes", "collective_contract": "no", "fields_necessary": "yes"}, HR,
    ),
    "combined_filing": (YES_NO, {}, {"group": 2_000_000}),
    "state_secret": (YES_NO, {}, {}),
    "recipient_restricted": (YES_NO, {}, {}),
    "legal_basis": (("consent", "contract"), {}, {}),
    "holds_one_million": (YES_NO, {}, {"as_of": date(2024, 3, 1), "ordinary": 10}),
    "transformation": (("hash", "none"), {}, {}),
    "state_organ": (YES_NO, {}, {}),
    "seated_abroad": (YES_NO, {}, {}),
    "processes_minors": (YES_NO, {}, {}),
    "small_processor": (YES_NO, {}, {"ordinary": 500}),
    "scale_necessary": (YES_NO, {}, {}),
    "incident_on": (("2026-10-05", "2026-10-06"), {}, {}),
    "incident_reported_on": (("2026-10-05", ""), {"incident_on": "2026-10-05"}, {}),
    "ten_million_reached_on": (("2026-03-02", "2026-04-02"), {}, {}),
    "last_audit_on": (("2026-05-02", "2026-06-02"), {"ten_million_reached_on": "2026-03-02"}, {}),
    "million_reached_on": (("2026-03-02", "2026-04-02"), {}, {}),
    "exported_are_same": (YES_NO, {"readings": "strict"}, {"ordinary": 80_000, "exported": 50_000}),
    "persons_together": (("85000", "120000"), {}, {"ordinary": 60_000, "beside": 80_000}),
    "sensitive_together": (
        ("9500", "12000"), {"persons_together": "12000"},
        {"ordinary": 8_000, "sensitive": 5_000, "beside": 11_000, "beside_sensitive": 9_000},
    ),
}


def people(ordinary, sensitive=0, strict=None, now=None):
    """Persons with an ordinary item, some with a sensitive one, by the stricter reading more (strict)."""
    exactly = Estimate.exactly(ordinary)      # now: those not deleted since they left
    count = FlowCount(
        exactly, Estimate.exactly(sensitive), ordinary=exactly,
        ordinary_only=Estimate.exactly(ordinary - sensitive),
    )
    return replace(
        count, strict=None if strict is None else people(ordinary, strict),
        remaining=None if now is None else people(now),
    )


def output(answers, about):
    """Everything that comes out for one flow, its own answers aside."""
    about = dict(about)
    day = about.pop("as_of", DAY)
    group = about.pop("group", None)
    beside, beside_sensitive = about.pop("beside", None), about.pop("beside_sensitive", None)
    exported, beside_recipient = about.pop("exported", None), about.pop("beside_recipient", "HQ")
    persons = {name: about.pop(name) for name in ("ordinary", "sensitive", "strict", "now") if name in about}
    count = people(**{"ordinary": 150_000, **persons})
    rules = in_force(day)
    own = {k: v for k, v in answers.items() if rules.raw["facts"].get(k, {}).get("scope") == "flow"}
    flow = FlowInput("f", count, facts=own, **{"country": "DE", **about})
    others = ()
    if beside is not None:
        some = beside if beside_sensitive is None else beside_sensitive
        others = (FlowInput("g", people(beside, some), country="DE"),)
    facts = Facts("a", day, (flow, *others), answers, group=None if group is None else people(group))
    if exported is not None:
        entry = people(exported)
        year = replace(bound_union([count, entry]), remaining=count)
        facts = replace(facts, unions={("f",): year}, exported={"f": Ledgered(entry, (), True)})
    recipient = Recipient("HQ", flow.country)
    stated = Flow(id="f", entity="a", recipient=recipient, purpose="", claim=flow.claim)
    decided = decide_reports(
        flows_of_facts(facts, {"f": stated, "g": replace(
            stated, id="g", claim="none", recipient=Recipient(beside_recipient, "DE"),
        )}),
        (replace(entity_of_facts(facts), group=facts.group),),
        Circumstances(rules, day, {}, stated={"a": facts}),
    )
    report, plan = decided.flows[0], decided.entities[0].plan
    return (
        asdict(report.decision), [asdict(duty) for duty in report.duties],
        list_deadlines([], answers, rules, day), plan and [asdict(option) for option in plan.options],
    )


@pytest.mark.parametrize("fact", RULES.raw["facts"])
def test_an_asked_fact_changes_what_comes_out(fact):
    values, others, about = SITUATIONS[fact]
    known = {"ciio": "no", "important_data": "none"} | others

    one, other = (output(known | {fact: value}, about) for value in values)

    assert one != other


ADOPTED = ZONE | {
    "ciio": "no", "important_data": "none", "zone_in_scope": "no", "list_adopted_by": "文号一",
    "list_adopted_on": "2026-03-02",
}
CONDITIONS = (
    "zone", "list_adopted_by", "list_adopted_on", "list_in_force", "list_complete", "sector_listed",
    "scenario_listed", "entry_matched", "filed",
)


def test_a_zone_exempts_only_with_every_condition_answered():
    """Without one of them the exemption is open and that one is asked for, or there is none."""
    assert output(ADOPTED, {"claim": "ftz"})[0]["path"] == "exempt_ftz"
    for fact in CONDITIONS:
        rest = {name: answer for name, answer in ADOPTED.items() if name != fact}
        decision = output(rest, {"claim": "ftz"})[0]
        asked = [question["fact"] for question in decision["questions"]]
        assert decision["path"] != "exempt_ftz", fact
        assert fact in asked or fact == "list_adopted_by", fact


READINGS = {                                  # reading -> (what else is answered, what else there is)
    "both_counters": ({}, {"ordinary": 1_000_001, "sensitive": 2}),
    "id_number_alone": ({}, {"ordinary": 500, "strict": 300}),
    "mixed_art4": (
        {"collected_abroad": "yes", "domestic_data_introduced": "yes", "domestic_persons": "10"},
        {"claim": "art4"},
    ),
    "statutory_duty": (
        {"statutory_duty_applies": "yes", "fields_necessary": "yes"}, {"claim": "statutory_duty"},
    ),
    "automotive": ({"sector": "汽车"}, {}),
    "hr_basis": ({"labour_rules": "yes", "collective_contract": "no", "fields_necessary": "yes"}, HR),
    "gba_above_line": (
        {"route": "gba", "recipient_outside_gba": "no"}, {"country": "HK", "ordinary": 2_000_000},
    ),
    "state_organ_assessment": ({"state_organ": "yes"}, {}),
    "ordinary_beside_sensitive": ({}, {"ordinary": 500, "beside": 300}),
    "deleted_persons": ({}, {"ordinary": 120_000, "now": 90_000}),
    "agency_worker": (
        {"labour_rules": "yes", "collective_contract": "yes", "fields_necessary": "yes"},
        {"claim": "art5_2", "subject_group": "agency_worker"},
    ),
    "group_total": ({"combined_filing": "yes"}, {"group": 2_000_000}),
}


@pytest.mark.parametrize("name", RULES.raw["readings"])
def test_a_reading_is_open_until_somebody_chooses_and_the_choice_is_shown(name):
    others, about = READINGS[name]
    known = {"ciio": "no", "important_data": "none"} | others
    values = RULES.raw["readings"][name]["values"]

    open_one = output(known, about)[0]
    chosen = [output(known | {name: value}, about)[0] for value in values]

    assert name in [question["fact"] for question in open_one["questions"]]
    assert len({tuple(decision["possible"]) for decision in chosen}) == len(values)
    for decision in chosen:
        assert name not in [question["fact"] for question in decision["questions"]]
        assert set(decision["possible"]) <= set(open_one["possible"])


FACTS_OF_LAW = {                              # what the list of corrections asks for -> facts that carry it
    "L3": ("processes_minors",), "L6": ("already_filed",), "L10": ("ciio",),
    "L11": ("important_data", "notified_on"), "L13": ("small_processor",), "L14": ("state_organ",),
    "L15": ("seated_abroad",), "L26": ("sector",),
    "Greater Bay Area": ("route", "recipient_outside_gba", "recipient_in_gba"),
}


@pytest.mark.parametrize("law", FACTS_OF_LAW)
def test_each_correction_of_the_law_has_a_fact_that_is_asked(law):
    assert all(fact in RULES.raw["facts"] and fact in SITUATIONS for fact in FACTS_OF_LAW[law])


LISTS = ({}, {"ftz_list": "shanghai_2025", "zone": "上海"}, {"ftz_list": "tianjin_2024"})
WAYS = ({}, {"mode": "collected_abroad"}, {"subject_group": "employee"})


@pytest.mark.parametrize("claim", ALL_MET)
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_no_exemption_holds_against_a_condition_that_somebody_denied(claim, way):
    """Whatever a list, a mode or a group shows by itself: who says no is heard."""
    about = {"claim": claim, **(way if claim in ("art4", "art5_2") else {})}
    for more in LISTS if claim == "ftz" else ({},):
        met = ALL_MET[claim] | more | {"ciio": "no", "important_data": "none", "readings": "practice"}
        own = f"exempt_{claim}"
        if about.get("subject_group", "employee") == "employee":
            assert own in output(met, about)[0]["possible"]
        for fact, answer in ALL_MET[claim].items():
            if fact == "zone" or (claim == "art5_2" and fact in ("labour_rules", "collective_contract")):
                continue                      # a place, or one of two that practice takes alone
            denied = met | {fact: "yes" if answer == "no" else "no"}
            assert own not in output(denied, about)[0]["possible"], (fact, more)


@pytest.mark.parametrize("fact", RULES.raw["facts"])
def test_a_fact_nobody_answers_is_asked_or_shown_as_assumed(fact):
    """Where answers part the paths, silence keeps all of them open, or says what it was taken for."""
    values, others, about = SITUATIONS[fact]
    answered = {"ciio": "no", "important_data": "none"} | others

    decided = [output(answered | {fact: value}, about)[0] for value in values if value]
    silent = output({name: value for name, value in answered.items() if name != fact}, about)[0]

    paths = {path for decision in decided for path in decision["possible"]}
    if len({decision["possible"] for decision in decided}) > 1 and not paths <= set(silent["possible"]):
        assert fact in silent["extra"]["assumed"], (silent["possible"], paths)
