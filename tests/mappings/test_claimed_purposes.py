"""An exemption that is claimed over a purpose it cannot rest on: never firm, whatever else is answered."""

from datetime import date
from itertools import product

import pytest

from detectors.errors import ConfigError
from mappings.decide import decide
from mappings.model import Estimate, Facts, FlowCount, FlowInput
from mappings.purpose import load_purpose, purpose_fit, purpose_names
from mappings.rules import in_force
from reports.messages.render import render
from scanner.records.stated_facts import parse_stated_facts

DAY = date(2026, 11, 2)
RULES = in_force(DAY)
MET = {                                       # claim -> answers with which every condition is met
    "art4": {"collected_abroad": "yes", "domestic_data_introduced": "no"},
    "art5_1": {"contract_with_individual": "yes"},
    "art5_2": {
        "labour_rules": "yes", "collective_contract": "yes", "employees_only": "yes",
        "for_hr_management": "yes",
    },
    "art5_3": {"emergency": "yes"},
    "statutory_duty": {"statutory_duty_applies": "yes"},
}
WORDS = ("营销", "客户 CRM 同步", "customer analytics", "用户画像", "Newsletter", "数据仓库", "供应商联系人")
PURPOSES = (*purpose_names(), *WORDS)
GROUPS = ("", "employee", "customer", "business_contact", "applicant")
UNFIT = [(purpose, claim) for purpose, claim in product(PURPOSES, MET) if purpose_fit(purpose, claim) == "no"]


def decision_of(claim, purpose, group="", answers=None):
    facts = MET[claim] | {"fields_necessary": "yes"} if answers is None else answers
    count = FlowCount(Estimate.exactly(300_000), Estimate.exactly(0))
    part = FlowInput(
        "f", count, claim=claim, facts=facts, subject_group=group, purpose_fit=purpose_fit(purpose, claim)
    )
    values = {"ciio": "no", "important_data": "none", "readings": "practice"}
    return decide(Facts("a", DAY, (part,), values), RULES).flows["f"]


def test_many_purposes_are_held_against_many_claims():
    assert len(UNFIT) > 100 and {claim for _, claim in UNFIT} == set(MET)
    assert {"marketing", "crm", "customer analytics", "app06_online_shopping", "exp_exam"} <= {
        purpose for purpose, claim in UNFIT if claim == "art5_2"
    }


@pytest.mark.parametrize("group", GROUPS)
def test_no_exemption_rests_on_a_purpose_that_is_none_of_it(group):
    for purpose, claim in UNFIT:
        assert f"exempt_{claim}" not in decision_of(claim, purpose, group).possible, (purpose, claim)


@pytest.mark.parametrize("claim", MET)
@pytest.mark.parametrize("purpose", ["marketing", "customer analytics", "客户 CRM 同步"])
def test_who_affirms_it_all_the_same_is_told_in_one_line(purpose, claim):
    if purpose_fit(purpose, claim) != "no":
        return
    entity = ("labour_rules", "collective_contract")
    company = {"ciio": "no", "important_data": "none"} | {k: v for k, v in MET[claim].items() if k in entity}
    apart = (*entity, "employees_only")
    own = {k: v for k, v in (MET[claim] | {"fields_necessary": "yes"}).items() if k not in apart}
    group = "employee" if claim == "art5_2" else "customer"
    text = (
        f"facts: {company}\nflows:\n- {{id: f, recipient: HQ, country: DE, minors: 0, individuals: 300000,"
        f" sensitive: 0, subject_group: {group}, purpose: {purpose}, claim: {claim}, facts: {own}}}\n"
    )
    with pytest.raises(ConfigError) as caught:
        parse_stated_facts(text, "facts.yaml", RULES, {}, DAY)
    [fault] = caught.value.faults
    assert purpose in str(fault.what) and fault.hint


@pytest.mark.parametrize("group", ["business_contact", "emergency_contact"])
def test_a_contact_is_no_party_to_a_contract(group):
    assert "exempt_art5_1" not in decision_of("art5_1", "", group).possible


@pytest.mark.parametrize("purpose", ["expenses", "it_support", "audit", "whistleblowing", "其他事项"])
def test_whether_it_is_for_personnel_is_asked_where_the_purpose_does_not_say(purpose):
    answers = {"labour_rules": "yes", "collective_contract": "yes", "fields_necessary": "yes"}
    firm = answers | {"for_hr_management": "yes"}

    asked = decision_of("art5_2", purpose, "employee", answers)
    assert set(asked.possible) > {"exempt_art5_2"}
    assert decision_of("art5_2", purpose, "employee", firm).possible == ("exempt_art5_2",)
    assert decision_of("art5_2", "hr_management", "employee", answers).possible == ("exempt_art5_2",)


def test_a_purpose_never_excludes_the_claim_it_names_itself():
    for name in purpose_names():
        purpose = load_purpose(name)
        assert purpose.claim not in purpose.not_for, name


STANDING = (
    "day", "Monthly", "MONTH", "每日", "每周一次同步", "每月一次", "once a month", "实时", "real-time",
    "按月", "T+1", "持续", "continuously", "每个工作日",
)
SINGLE = ("", "once", "一次性", "单次", "每次紧急救助", "按需", "ad hoc", "不定期", "紧急时", "on demand")


def rescue(every, purpose="医疗救助"):
    own = {"emergency": "yes", "fields_necessary": "yes"}
    return (
        "facts: {ciio: 'no', important_data: none}\nflows:\n- {id: f, recipient: HQ, country: DE, minors: 0,"
        f" individuals: 300000, sensitive: 0, purpose: {purpose}, claim: art5_3, every: '{every}',"
        f" facts: {own}}}\n"
    )


@pytest.mark.parametrize("every", STANDING)
def test_what_leaves_regularly_is_no_emergency(every):
    """Named where it is described, in both languages; and no exemption where it is decided all the same."""
    with pytest.raises(ConfigError) as caught:
        parse_stated_facts(rescue(every), "facts.yaml", RULES, {}, DAY)
    [fault] = caught.value.faults
    assert every in render(fault.what, "zh") and every in render(fault.what, "en") and fault.hint
    assert purpose_fit("医疗救助", "art5_3", every) == "no"
    assert purpose_fit("hr_management", "art5_2", every) == "yes"


@pytest.mark.parametrize("every", SINGLE)
def test_what_leaves_in_an_emergency_only_may_rest_on_it(every):
    [stated] = parse_stated_facts(rescue(every), "facts.yaml", RULES, {}, DAY).facts
    assert decide(stated, RULES).flows["f"].possible == ("exempt_art5_3",)
