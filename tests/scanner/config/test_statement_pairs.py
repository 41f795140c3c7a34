"""Statements that cannot hold together: every pair of the data, and every pair that lists and rules make."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from mappings.rules import in_force
from mappings.trade_zones import zones_named
from mappings.zones import load_zone, zone_names
from scanner.config.contradictions import company_contradictions, contradictions, flow_contradictions
from scanner.config.stated_flow import StatedFlow

FACTS = in_force(date(2026, 11, 2)).raw["facts"]
SOMETHING = {"date": "2026-03-02", "text": "文号一", "act": "文号一", "zone": "上海"}
WHOLE_LIST = """
id: own
zone: 上海
title: 清单
version: '1'
issued: '2025-01-01'
complete: yes
source: 公告
confidence: verified
sectors: [零售]
entries:
- {industry: 零售, scenario: 会员, data_category: 会员, description: 会员信息, data_kind: 个人信息,
   required_path: 安全评估, source_page: 第1页}
"""
# what follows from a flow and its facts: name -> value -> (facts, what else is stated of the flow)
WAYS = {
    "zone_name": {"none": ({"zone": "none"}, {}), "named": ({"zone": "上海"}, {})},
    "list_name": {"none": ({"ftz_list": "none"}, {})},
    "list_place": {"other": ({"zone": "上海", "ftz_list": "tianjin_2024"}, {})},
    "list_status": {"other": ({"ftz_list": "draft.yaml"}, {})},
    "list_whole": {"no": ({"ftz_list": "part.yaml"}, {})},
    "list_ciio": {"excluded": ({"ftz_list": "shanghai_2025"}, {})},
    "list_adopted": {"no": ({}, {})},
    "list_sector": {
        "yes": ({"ftz_list": "chongqing_2025", "sector": "智能网联汽车"}, {}),
        "no": ({"ftz_list": "chongqing_2025", "sector": "零售"}, {}),
    },
    "list_scenario": {
        "yes": ({"ftz_list": "own.yaml", "zone_scenario": "会员"}, {}),
        "no": ({"ftz_list": "own.yaml", "zone_scenario": "支付"}, {}),
    },
    "persons": {
        "some": ({}, {"persons": 10}), "hundred_thousand": ({}, {"persons": 100_000}),
        "million": ({}, {"persons": 1_000_000}),
    },
    "minors": {"some": ({}, {"minors": 3})},
    "domestic": {"some": ({"domestic_persons": "4"}, {})},
    "recipient_place": {
        "mainland": ({}, {"country": "CN"}), "bay_area": ({}, {"country": "HK"}),
        "elsewhere": ({}, {"country": "DE"}),
    },
    "onward_place": {"outside": ({}, {"onward": ("Acme (US)",)})},
    "purpose_subjects": {
        "applicant": ({}, {"purpose": "exp_recruitment_resume"}), "customer": ({}, {"purpose": "crm"}),
        "business_contact": ({}, {"purpose": "b2b_contacts"}),
    },
    "purpose_fit": {"no": ({}, {"purpose": "exp_recruitment_resume"})},
    "rhythm": {"standing": ({}, {"every": "每日"})},
    "recipient": {"exporter": ({}, {"recipient": "Ａ", "entity": "a"})},
    "abroad": {"no": ({}, {})},
}
BY_FILINGS = "filings"                        # what follows from other parts of the configuration


def values_of(key, values):
    """The values of a row; where whatever is stated counts, one value of every kind."""
    if values is not None:
        return sorted(values)
    if key in WAYS:
        return sorted(WAYS[key])
    return [SOMETHING.get(value, value) for value in FACTS[key]["values"]]


def statement(key, value):
    """(facts, what else is stated of a flow) that state a value of a key."""
    if key in WAYS:
        return WAYS[key][value]
    return ({key: value}, {}) if key in FACTS else ({}, {key: value})


def impossible():
    """Every combination of values that cannot hold together, with the key at fault."""
    for row in contradictions():
        if BY_FILINGS in row.when:
            continue
        keys = list(row.when)
        for values in product(*(values_of(key, row.when[key]) for key in keys)):
            for key, never in row.never.items():
                for value in values_of(key, never):
                    yield dict(zip(keys, values, strict=True)), key, value


def stated(statements):
    """A flow that states all of them."""
    facts, about = {}, {}
    for key, value in statements.items():
        own, more = statement(key, value)
        facts |= own
        about |= more
    return StatedFlow("f", **about, facts=facts)


@pytest.fixture(autouse=True)
def own_list(tmp_path, monkeypatch):
    (tmp_path / "own.yaml").write_text(WHOLE_LIST, encoding="utf-8")
    (tmp_path / "draft.yaml").write_text(WHOLE_LIST + "status: draft\n", encoding="utf-8")
    part = WHOLE_LIST.replace("complete: yes", "complete: no")
    (tmp_path / "part.yaml").write_text(part, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def keys_at_fault(flow, company=None):
    company = company or {}
    faults = [*company_contradictions(company), *flow_contradictions(flow, company)]
    assert all(fault.hint and "{" not in f"{fault.what}{fault.hint}" for fault in faults)
    return [fault.path[-1] for fault in faults]


def test_every_pair_is_one_line_at_its_key_and_none_without_it():
    pairs = list(impossible())
    assert len(pairs) > 120
    for when, key, value in pairs:
        whole = {**when, key: value}
        assert keys_at_fault(stated(whole)).count(key) == 1, whole
        if set(statement(key, value)[0]) <= set(FACTS) - {"zone", "sector"}:
            assert key not in keys_at_fault(stated(when)), when


def test_a_pair_is_found_wherever_its_facts_stand():
    """Of the company, or of the flow: said once."""
    for when, key, value in impossible():
        flow = stated({**when, key: value})
        company = {name: v for name, v in flow.facts.items() if FACTS[name]["scope"] == "entity"}
        own = {name: v for name, v in flow.facts.items() if name not in company}
        assert keys_at_fault(replace(flow, facts=own), company).count(key) == 1, (when, key, value)


@pytest.mark.parametrize("name", zone_names())
def test_who_contradicts_a_list_that_ships_is_told(name):
    """Its sectors, its scenarios, its zone: against the answer of a person."""
    book = load_zone(name)
    for sector in book.sectors:
        own = {"ftz_list": name, "sector": sector}
        assert keys_at_fault(StatedFlow("f", facts=own | {"sector_listed": "no"})) == ["sector_listed"]
        assert keys_at_fault(StatedFlow("f", facts=own | {"sector_listed": "yes"})) == []
    other = {"ftz_list": name, "sector": "火星探测", "sector_listed": "yes"}
    assert keys_at_fault(StatedFlow("f", facts=other)) == ["sector_listed"]
    for scenario in book.scenarios:
        of_list = {"ftz_list": name, "zone_scenario": scenario, "scenario_listed": "no"}
        assert keys_at_fault(StatedFlow("f", facts=of_list)) == ["scenario_listed"]
    for zone in {load_zone(each).zone for each in zone_names()}:
        facts = {"ftz_list": name, "zone": zone, "zone_in_scope": "yes"}
        expected = [] if zones_named(zone) == zones_named(book.zone) else ["zone_in_scope"]
        assert keys_at_fault(StatedFlow("f", facts=facts)) == expected, zone
        assert keys_at_fault(StatedFlow("f", facts=facts | {"list_adopted_by": "文号一"})) == []


# conditions of a zone's exemption in the order of the article: who denies one cannot affirm a later one
IN_TURN = (
    ("zone", "none", "上海"), ("ftz_list", "none", "own.yaml"), ("sector_listed", "no", "yes"),
    ("scenario_listed", "no", "yes"), ("entry_matched", "no", "yes"),
    ("entry_requires", "", "security_assessment"),
)


def test_who_denies_a_condition_of_a_zone_affirms_none_that_rests_on_it():
    for i, (fact, denied, _) in enumerate(IN_TURN[:-1]):
        for later, _, affirmed in IN_TURN[i + 1:]:
            facts = {fact: denied, later: affirmed}
            assert keys_at_fault(StatedFlow("f", facts=facts)) == [later], facts
