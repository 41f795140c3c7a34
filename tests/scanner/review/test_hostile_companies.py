"""Companies that a hostile counsel invents: refused in one clear line, or what is open is asked for."""

import pytest
from contrary_companies import line_faults, written

from detectors.errors import ChujingError
from scanner.review.redecide import WhatIf, decide_stated

COMPANY = {"ciio": "no", "important_data": "none"}
ZONE = {
    "zone_in_scope": "yes", "list_in_force": "yes", "list_complete": "yes", "scenario_listed": "yes",
    "entry_matched": "no", "filed": "yes",
}
LIST = """
id: own
zone: 上海
title: 清单
version: '1'
issued: '2026-01-01'
complete: yes
confidence: verified
sectors: [零售]
entries:
- {industry: 零售, scenario: 会员, data_category: 会员, description: 会员信息, data_kind: 个人信息,
   required_path: 安全评估, source_page: 第1页}
"""


def flow(**about):
    return {"id": "a", "recipient": "HQ", "country": "DE", "individuals": 500, "sensitive": 0, **about}


def in_zone(**facts):
    return flow(claim="ftz", facts=facts)


SHANGHAI = {"zone": "上海"}
# name -> (facts of the company over the usual ones, its flows, words of the one line)
REFUSED = {
    "Mars as a country": ({}, [flow(country="火星")], "火星"),
    "Mars in Latin letters": ({}, [flow(country="Mars")], "Mars"),
    "more children than persons": ({}, [flow(minors=501)], "minors than persons"),
    "children, and nothing sensitive": ({}, [flow(minors=3)], "under 14 is sensitive"),
    "children nobody processes": (
        {"processes_minors": "no"}, [flow(minors=3, sensitive=3)], '"processes_minors" is no'
    ),
    "nobody over personal fields": ({}, [flow(individuals=0, kinds=["phone_mobile"])], "0 persons"),
    "two zones in one word": ({"zone": "上海和天津"}, [flow(claim="ftz")], "2 zones"),
    "two zones, one of the flow": (SHANGHAI, [in_zone(zone="天津")], "two zones"),
    "a list without provenance": (SHANGHAI, [in_zone(ftz_list="no.yaml")], "where it comes from"),
    "a list from hearsay": (SHANGHAI, [in_zone(ftz_list="web.yaml")], "where it comes from"),
    "a list that is none": (SHANGHAI, [in_zone(ftz_list="none")], "there is no list"),
    "a list nobody knows": (SHANGHAI, [in_zone(ftz_list="tianjin")], "tianjin_2024"),
    "ended before it began": (
        {}, [flow(status="stopped", since="2026-03-01", until="2026-02-01")], "before it began"
    ),
    "planned and ended": ({}, [flow(status="planned", until="2026-12-01")], '"until" is given'),
    "runs from the future": ({}, [flow(status="active", since="2027-01-01")], "begins"),
    "a day of no calendar": ({}, [flow(since="2026-02-30")], "must be a date"),
    "notified of nothing": ({"notified_on": "2026-03-01"}, [flow()], '"notified_on" is given'),
    "notified tomorrow": (
        {"important_data": "notified", "notified_on": "2026-12-01"}, [flow()], "after the day of the decision"
    ),
    "small with a million": ({"small_processor": "yes", "holds_one_million": "yes"}, [flow()], "fewer than"),
    "an emergency by the month": (
        {}, [flow(claim="art5_3", every="每月15日", facts={"emergency": "yes"})], "leaves regularly"
    ),
    "a day of no act": ({"zone": "湖北", "list_adopted_on": "2026-01-01"}, [flow()], "no act is named"),
    "bounds the wrong way": ({}, [flow(individuals={"low": 10, "high": 5})], "low <= best <= high"),
    "fewer than none": ({}, [flow(individuals=-5)], "whole number"),
    "together fewer than one of them": (
        {}, [flow(), flow(id="b", individuals=400)], "persons of all flows together"
    ),
    "the exporter to itself": ({}, [flow(recipient="acme")], "the exporter itself"),
}
# name -> (facts, flows, what is asked for); none of them may be certain
ASKED = {
    "a list by name alone": (
        {"zone": "天津", "sector_listed": "yes"}, [flow(individuals=3_000_000, claim="ftz", facts={
            **ZONE, "ftz_list": "tianjin_2024"})], "ftz_list"),
    "an act without a day": (
        {"zone": "湖北", "sector_listed": "yes", "list_adopted_by": "鄂数〔2026〕1号"},
        [flow(individuals=3_000_000, claim="ftz", facts={**ZONE, "zone_in_scope": "no"})], "list_adopted_on"),
    "mainland China": ({}, [flow(country="中国")], "leaves_mainland"),
    "stopped, and no ledger": (
        {}, [flow(status="stopped", since="2026-01-05", until="2026-06-30", individuals=2_000_000)],
        "left_since_january"),
    "an applicant by purpose only": (
        {}, [flow(purpose="exp_recruitment_resume")], "overseas_takes_part_in_decision"),
    "personnel on one leg": (
        {"labour_rules": "yes", "collective_contract": "no"},
        [flow(individuals=200_000, claim="art5_2", subject_group="employee", purpose="hr_management", facts={
            "fields_necessary": "yes"})], "hr_basis"),
}


@pytest.fixture(autouse=True)
def lists(tmp_path, monkeypatch):
    (tmp_path / "no.yaml").write_text(f"{LIST}source: ''\n", encoding="utf-8")
    (tmp_path / "web.yaml").write_text(f"{LIST}source: 网上\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def decided(folder, facts, flows):
    together = {"together": {"individuals": 10, "sensitive": 0}} if len(flows) > 1 else {}
    file = folder / "facts.yaml"
    whole = {"as_of": "2026-11-30", "entity": "acme", "facts": {**COMPANY, **facts}, "flows": flows}
    file.write_text(written({**whole, **together}), encoding="utf-8")
    return decide_stated(file, WhatIf(), None)


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_in_one_clear_line(name, tmp_path):
    facts, flows, words = REFUSED[name]
    with pytest.raises(ChujingError) as caught:
        decided(tmp_path, facts, flows)
    lines = getattr(caught.value, "faults", ()) or (caught.value,)

    assert any(words in f"{fault.what} {fault.hint}" for fault in lines)
    assert [found for fault in lines for found in line_faults(fault)] == []


@pytest.mark.parametrize("name", ASKED)
def test_what_is_open_is_asked_and_never_certain(name, tmp_path):
    facts, flows, fact = ASKED[name]
    [report] = decided(tmp_path, facts, flows).flows

    assert not report.decision.certain and len(report.decision.possible) > 1
    assert fact in [question.fact for question in report.decision.questions]


ID_ALONE = {"individuals": 50, "sensitive": 0, "kinds": ["resident_id"]}
READINGS = {                                  # what was chosen -> possible paths of 50 persons
    "": {"exempt_art5_4", "standard_contract_or_certification"}, "practice": {"exempt_art5_4"},
}


@pytest.mark.parametrize("chosen", READINGS)
def test_a_kind_that_is_sensitive_by_a_reading_is_read_so(tmp_path, chosen):
    [only] = decided(tmp_path, {"readings": chosen} if chosen else {}, [flow(**ID_ALONE)]).flows

    assert set(only.decision.possible) == READINGS[chosen]
    if not chosen:
        assert "id_number_alone" in {question.fact for question in only.decision.questions}


def test_by_the_strict_reading_nobody_sensitive_over_an_id_number_is_refused(tmp_path):
    with pytest.raises(ChujingError, match="by the reading that was chosen"):
        decided(tmp_path, {"readings": "strict"}, [flow(**ID_ALONE)])


@pytest.mark.parametrize(("purpose", "exempt"), [
    ("exp_hotel_booking_domestic", False), ("exp_hotel_booking_overseas", True),
])
def test_a_situation_that_its_purpose_has_is_refused_as_one_that_is_stated(tmp_path, purpose, exempt):
    claimed = flow(
        claim="art5_1", purpose=purpose, facts={"contract_with_individual": "yes", "fields_necessary": "yes"}
    )
    [only] = decided(tmp_path, {}, [claimed]).flows

    assert ("exempt_art5_1" in only.decision.possible) == exempt
