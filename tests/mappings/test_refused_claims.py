"""An exemption that is claimed and does not hold says why, wherever its result is shown."""

from dataclasses import replace
from datetime import date

import pytest
from filed_flows import company, flow
from met_conditions import ALL_MET, ZONE

from mappings.decide import decide
from mappings.decision import Circumstances
from mappings.model import Estimate, Facts, FlowCount, FlowInput
from mappings.notes import CLAIM_REFUSED
from mappings.rules import in_force
from reports.formats import html, terminal
from reports.messages.render import render
from scanner.count.decided_report import decide_report

DAY = date(2026, 11, 2)
KNOWN = {"ciio": "no", "important_data": "none", "readings": "strict"}
HR = {"claim": "art5_2", "subject_group": "employee"}
ADOPTED = ZONE | {"zone_in_scope": "no", "list_adopted_by": "公告2026年第1号"}
PERSONS = FlowCount(Estimate.exactly(150_000), Estimate.exactly(0), ordinary=Estimate.exactly(150_000))


def decision(answers, as_of=DAY, **about):
    rules = in_force(as_of)
    own = {k: v for k, v in answers.items() if rules.raw["facts"][k]["scope"] == "flow"}
    part = FlowInput("f", PERSONS, facts=own, **{"country": "DE", "purpose_fit": "yes", **about})
    return decide(Facts("a", as_of, (part,), KNOWN | answers), rules).flows["f"]


def said(found):
    return [render(note, "en") for note in found.notes if note.code == CLAIM_REFUSED]


@pytest.mark.parametrize(("answers", "about", "words"), [
    (ADOPTED | {"list_adopted_on": "2026-12-01"}, {"claim": "ftz"}, "2026-12-01"),
    (
        ZONE | {"zone": "上海", "ftz_list": "shanghai_2025"}, {"claim": "ftz", "as_of": date(2025, 3, 3)},
        "issued",
    ),
    (ZONE | {"zone": "上海", "ftz_list": "shanghai_2024"}, {"claim": "ftz"}, "shanghai_2024"),
    (ZONE | {"zone": "none"}, {"claim": "ftz"}, "zone"),
    (ZONE | {"filed": "no"}, {"claim": "ftz"}, "local procedure"),
    ({"labour_rules": "yes", "collective_contract": "no", "fields_necessary": "yes"}, HR, "collective"),
    ({"labour_rules": "yes", "collective_contract": "yes", "fields_necessary": "no"}, HR, "field"),
    ({"contract_with_individual": "no"}, {"claim": "art5_1"}, "contract"),
    ({"collected_abroad": "yes", "domestic_data_introduced": "yes"}, {"claim": "art4"}, "domestic"),
    ({"statutory_duty_applies": "yes", "fields_necessary": "yes"}, {"claim": "statutory_duty"}, "statutory"),
    ({"emergency": "no"}, {"claim": "art5_3"}, "emergency"),
], ids=str)
def test_the_reason_is_named(answers, about, words):
    found = decision(answers, **about)
    lines = said(found)

    assert f"exempt_{about['claim']}" not in found.possible
    assert lines and any(words in line for line in lines), lines


@pytest.mark.parametrize("claim", ALL_MET)
def test_every_condition_that_somebody_denied_is_named_and_none_where_the_claim_holds(claim):
    """A refusal without a reason, and a reason without a refusal, are both wrong."""
    about = HR if claim == "art5_2" else {"claim": claim}
    met = ALL_MET[claim] | {"readings": "practice"}
    assert not said(decision(met, **about))
    for fact, answer in ALL_MET[claim].items():
        if fact == "zone":
            continue
        denied = met | {fact: "yes" if answer == "no" else "no"}
        found = decision(denied, **about)
        exempt = f"exempt_{claim}" in found.possible
        assert bool(said(found)) == (not exempt and fact != "entry_matched"), (fact, found.possible)


def test_what_is_open_or_not_claimed_has_no_refusal():
    assert not said(decision({}, claim="art5_1"))
    assert not said(decision({}, claim="none"))
    assert not said(decision(ZONE | {"list_in_force": "unknown"}, claim="ftz"))


def test_it_stands_beside_the_flow_on_the_screen_and_on_the_page():
    facts = ADOPTED | {"list_adopted_on": "2026-12-01"}
    report = company(flow("f", persons=150_000, status="planned", claim="ftz", facts=facts))
    report = decide_report(replace(report, facts={}), Circumstances(in_force(DAY), DAY, KNOWN | facts))

    for text in (terminal.render(report, "zh", 1_000), html.page(report)):
        assert "主张而未成立" in text and "2026-12-01" in text
