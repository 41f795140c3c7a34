"""An exemption that hangs on necessity is certain only if no possible column could take it away."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from mappings.decision import Circumstances, decide_reports
from mappings.flow_report import UNDECIDED, EntityReport, FlowReport, PossibleField
from mappings.model import Estimate, FieldAnswer, FieldVerdict, Flow, Recipient, law_text
from mappings.rules import in_force

DAY = date(2026, 11, 2)
NOBODY = Estimate.exactly(0)
CLAIMS = {                                    # claim: facts under which it holds
    "art5_1": {"contract_with_individual": "yes"},
    "art5_2": {"labour_rules": "yes", "collective_contract": "yes"},
    "none": {},
}
ANSWERS = (None, "justify", "listed", "drop")
KNOWN = {"ciio": "no", "important_data": "none", "export_necessary": "yes"}


def verdict(column, kind, answer=None):
    replied = FieldAnswer(answer, "员工手册", "王敏", DAY) if answer else None
    return FieldVerdict(column, "employer", kind, law_text("理由"), "", "verified", answer=replied)


def decided(claim, fields, possible=()):
    flow = Flow("f", "a", Recipient("HQ", "DE"), "", claim=claim, status="planned", subject_group="employee",
                facts=CLAIMS[claim])
    count = Estimate.exactly(320)
    report = FlowReport(
        flow, count, NOBODY, NOBODY, ("hr/t/name", "hr/t/team"), fields, UNDECIDED, personal="yes",
        possible=possible,
    )
    entity = EntityReport("a", count, NOBODY, UNDECIDED, ("f",))
    by = Circumstances(in_force(DAY), DAY, {**KNOWN})
    return decide_reports([report], [entity], by).flows[0]


LISTED = (verdict("hr/t/name", "necessary"),)


@pytest.mark.parametrize(("claim", "kind", "answer"), product(
    CLAIMS, ("necessary", "needs_review", "not_shown", "finer_than_needed", None), ANSWERS))
def test_it_is_certain_only_where_both_reviews_of_the_column_agree(claim, kind, answer):
    own = verdict("hr/t/team", kind, answer) if kind else None
    doubt = PossibleField("hr/t/team", "employer", "no", bears=False, verdict=own)
    now, rejected = decided(claim, LISTED, (doubt,)), decided(claim, LISTED)
    accepted = decided(claim, (*LISTED, own)) if own else None

    assert rejected.decision.certain
    assert set(now.decision.possible) >= set(rejected.decision.possible)
    if accepted is not None:
        assert set(now.decision.possible) >= set(accepted.decision.possible)
    agree = accepted is not None and accepted.decision == rejected.decision
    if agree or claim == "none":
        assert now.decision.certain
    else:
        assert not now.decision.certain
        [question] = [q for q in now.decision.questions if q.fact == "possible_fields"]
        assert "hr/t/team" in question.ask.en and "review accept hr/t/team" in question.how.en
        assert question.leads_to["no"] == rejected.decision.possible
        assert any("hr/t/team" in str(note) for note in now.not_ready)


def test_a_person_who_says_that_every_field_is_needed_settles_it():
    doubt = PossibleField("hr/t/team", "employer", "no", bears=False)
    said = replace(decided("art5_2", LISTED, (doubt,)), decision=UNDECIDED)
    flow = replace(said.flow, facts={**said.flow.facts, "fields_necessary": "yes"})
    entity = EntityReport("a", said.individuals, NOBODY, UNDECIDED, ("f",))
    by = Circumstances(in_force(DAY), DAY, {**KNOWN})
    [settled] = decide_reports([replace(said, flow=flow)], [entity], by).flows

    assert settled.decision.certain and settled.decision.path == "exempt_art5_2"
