"""Filed against sent: twenty generated changes are all found and none is invented."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from mappings.baseline import CurrentExport, FiledItem, FiledScenario, filing_differences, is_same_field
from mappings.model import Estimate, Flow, Recipient
from mappings.rules import load_ruleset

RULES = load_ruleset()
DAY = date(2026, 11, 1)
FIELDS = (
    ("crm/m/name", "name", "姓名", "person_name"),
    ("crm/m/mobile", "mobile", "", "phone_mobile"),
    ("crm/m/mail", "mail", "电子邮箱", "email"),
    ("crm/m/city", "city", "城市", "postal_address"),
)
ITEMS = (
    FiledItem("姓名"),
    FiledItem("手机号码"),
    FiledItem("电子 邮箱"),
    FiledItem("居住地", columns=("crm/m/city",)),
)
FLOW = Flow(
    "crm-hq",
    "华澜零售",
    Recipient("HQ SE", "DE"),
    "crm",
    retention_days=365,
    status="active",
    onward=("Cloud Inc",),
)
FILED = FiledScenario(
    "no-1",
    "assessment",
    "华澜零售",
    "ＨＱ ＳＥ",
    "crm",
    ITEMS,
    10_000,
    500,
    365,
    date(2028, 1, 1),
    "transfer",
    ("Cloud Inc",),
)
SENT = CurrentExport(FLOW, FIELDS, Estimate.exactly(9_900), Estimate.exactly(400))


def found(filed=FILED, sent=SENT, day=DAY):
    return sorted((d.code, d.action) for d in filing_differences([filed], sent, RULES, day))


def test_what_is_as_it_was_filed_has_no_difference():
    assert found() == []


RECALLED = ("field_gone", "possible_field")
CHANGES = {
    "new_field": lambda s, f, d: (
        replace(s, fields=(*s.fields, ("crm/m/born", "born", "出生日期", "birth_date"))),
        f,
    ),
    "possible_field": lambda s, f, d: (
        replace(s, possible=(("crm/m/team", "team", "", "employer"),)),
        f,
    ),
    "field_gone": lambda s, f, d: (replace(s, fields=s.fields[1:]), f),
    "new_recipient": lambda s, f, d: (
        replace(s, flow=replace(s.flow, recipient=Recipient("Other Ltd", "SG"))),
        replace(f, flow="crm-hq"),
    ),
    "new_purpose": lambda s, f, d: (
        replace(s, flow=replace(s.flow, purpose="marketing")),
        replace(f, flow="crm-hq"),
    ),
    "new_mode": lambda s, f, d: (replace(s, flow=replace(s.flow, mode="saas")), f),
    "new_onward": lambda s, f, d: (replace(s, flow=replace(s.flow, onward=("Cloud Inc", "Ads GmbH"))), f),
    "longer_retention": lambda s, f, d: (
        replace(s, flow=replace(s.flow, retention_days=366 + d.randrange(900))),
        f,
    ),
    "over_approved": lambda s, f, d: (replace(s, persons=Estimate.exactly(10_001 + d.randrange(1_999))), f),
    "over_120": lambda s, f, d: (replace(s, persons=Estimate.exactly(12_001 + d.randrange(90_000))), f),
    "may_be_over": lambda s, f, d: (replace(s, persons=Estimate(9_000, 9_500, 10_500, "exact")), f),
    "expired": lambda s, f, d: (s, replace(f, valid_until=DAY - timedelta(1 + d.randrange(300)))),
    "expires_soon": lambda s, f, d: (s, replace(f, valid_until=DAY + timedelta(d.randrange(90)))),
}
# changes that touch the same thing cannot be made together
TOGETHER = [("over_approved", "over_120", "may_be_over"), ("expired", "expires_soon")]


@pytest.mark.parametrize("seed", range(20))
def test_generated_changes_are_all_found_and_none_is_invented(seed):
    draw = random.Random(seed)
    chosen = draw.sample(sorted(CHANGES), draw.randrange(1, 6))
    for group in TOGETHER:
        chosen = [c for c in chosen if c not in group or c == next(x for x in chosen if x in group)]
    sent, filed = SENT, FILED
    for code in chosen:
        sent, filed = CHANGES[code](sent, filed, draw)

    assert [c for c, _ in found(filed, sent)] == sorted(chosen)


def test_each_difference_has_clause_and_action():
    every = {c: RULES.raw["baseline"][c] for c in CHANGES}

    assert all(
        r["source"] and r["confidence"] == ("recalled" if c in RECALLED else "verified")
        for c, r in every.items()
    )
    assert found(replace(FILED, valid_until=date(2026, 1, 1))) == [("expired", "stop")]
    assert found(sent=replace(SENT, persons=Estimate.exactly(12_000))) == [
        ("over_approved", "supplement_or_refile")
    ]
    assert found(replace(FILED, kind="contract"), replace(SENT, persons=Estimate.exactly(12_001))) == [
        ("over_120", "ask_counsel")
    ]


def test_a_filed_item_whose_column_is_merely_possible_is_neither_gone_nor_new():
    assert found(sent=replace(SENT, fields=FIELDS[1:], possible=FIELDS[:1])) == []


def test_a_flow_nothing_was_filed_for_is_said_where_its_entity_has_filed():
    other = replace(SENT, flow=replace(FLOW, id="x", recipient=Recipient("Other Ltd", "SG")))

    assert found(sent=other) == [("new_recipient", "supplement_or_refile")]
    assert found(sent=replace(SENT, flow=replace(FLOW, id="x", purpose="audit"))) == [
        ("new_scenario", "supplement_or_refile")
    ]
    assert found(sent=replace(SENT, flow=replace(FLOW, entity="another"))) == []
    assert found(sent=replace(other, flow=replace(other.flow, status="stopped"))) == []


SAME = {
    "by its comment": (FiledItem("姓名"), FIELDS[0], True),
    "by what the label is called": (FiledItem("手机号码"), FIELDS[1], True),
    "by its name in other width and case": (FiledItem("ＭＯＢＩＬＥ"), FIELDS[1], True),
    "by the column the filing names": (FiledItem("x", columns=("crm/m/city",)), FIELDS[3], True),
    "not where the filing names another column": (
        FiledItem("姓名", columns=("crm/m/city",)),
        FIELDS[0],
        False,
    ),
    "not by a part of a word": (FiledItem("手机号码归属地"), FIELDS[1], False),
}


@pytest.mark.parametrize(("item", "field", "same"), SAME.values(), ids=SAME)
def test_an_item_and_a_column_are_the_same(item, field, same):
    assert is_same_field(item, field) is same
