"""Necessity: the purpose's list, what was measured, and what people answered, kept apart."""

from datetime import date

import pytest

from detectors.model import ColumnFinding, ColumnId, Evidence, Label
from mappings.model import Assessed, FieldAnswer
from mappings.necessity import ColumnMeasure, FieldRecords, judge_fields, needless_columns, open_fields
from mappings.purpose import load_purpose, purpose_names

DAY = date(2026, 11, 1)


def field(name, label, evidence=()):
    finding = ColumnFinding(
        ColumnId(f"a/t/{name}"),
        Label(label),
        label,
        "personal_information",
        "core",
        0.9,
        tuple(evidence),
        True,
    )
    return Assessed(finding, "personal.basic", "个人基本资料", "general", "no", "x", "verified")


def verdict(purpose, name, label, evidence=(), **seen):
    column = ColumnId(f"a/t/{name}")
    given = FieldRecords(
        {column: seen["measured"]} if "measured" in seen else {},
        {column: seen["answer"]} if "answer" in seen else {},
    )
    (found,) = judge_fields([field(name, label, evidence)], load_purpose(purpose), given)
    return found


LISTS = {
    "on the list": ("app06_online_shopping", "phone_mobile", "necessary", ()),
    "off the list": ("app06_online_shopping", "health", "not_shown", ("related", "smallest_scope")),
    "a full birth date where an age is listed": (
        "app10_dating",
        "birth_date",
        "finer_than_needed",
        ("least_impact",),
    ),
    "on a condition": ("app15_medical_consultation", "person_name", "needs_review", ()),
    "human resources have no official list": ("hr_management", "person_name", "needs_review", ()),
    "judged case by case": ("hr_management", "resident_id", "needs_review", ()),
    "no list in the source": ("exp_clinical_trial", "health", "needs_review", ()),
    "a full account where a tail would do": ("expenses", "bank_card", "finer_than_needed", ("least_impact",)),
}


@pytest.mark.parametrize(("purpose", "label", "said", "criteria"), LISTS.values(), ids=LISTS)
def test_verdict_of_the_list(purpose, label, said, criteria):
    found = verdict(purpose, "x", label)

    assert (found.verdict, found.criteria) == (said, criteria)
    assert found.source


def test_a_tail_is_not_finer_than_a_tail():
    full = Evidence("value", "shape", 90, 100)
    tail = Evidence("value", "shape", 0, 100)

    assert verdict("expenses", "x", "bank_card", [full]).verdict == "finer_than_needed"
    assert verdict("expenses", "x", "bank_card", [tail]).verdict == "necessary"


def test_what_is_sent_for_nothing_is_said_with_its_denominator():
    empty = verdict("app06_online_shopping", "x", "phone_mobile", measured=ColumnMeasure(2_000, 0))
    same = verdict(
        "app06_online_shopping", "x", "phone_mobile", measured=ColumnMeasure(2_000, 1_500, constant=True)
    )

    assert (empty.verdict, empty.signs) == ("needs_review", ("empty|2,000",))
    assert (same.verdict, same.signs) == ("needs_review", ("constant|1,500|2,000",))


def test_coordinates_say_how_fine_they_are():
    found = verdict("app01_map_navigation", "x", "geo_location", measured=ColumnMeasure(100, 100, decimals=5))

    assert found.signs == ("decimals|5|1",)


def test_answers_have_author_and_date_and_leave_the_verdict_visible():
    said = FieldAnswer("justify", "delivery by phone", "王敏", DAY)
    found = verdict("global_directory", "x", "phone_mobile", answer=said)

    assert (found.verdict, found.answer) == ("not_shown", said)
    assert not needless_columns([found])
    assert not open_fields([found])


def test_a_field_to_be_dropped_stands_before_the_filing_until_it_is_gone():
    found = verdict("global_directory", "x", "phone_mobile", answer=FieldAnswer("drop", "", "王敏", DAY))

    assert needless_columns([found]) == (found.column,)
    assert open_fields([found]) == (found,)


def test_the_company_s_own_rules_list_the_fields_of_human_resources():
    found = verdict(
        "hr_management",
        "x",
        "person_name",
        answer=FieldAnswer("listed", "员工手册第十二条", "人力资源部", DAY),
    )

    assert found.verdict == "necessary"
    assert not open_fields([found])


def test_a_starting_list_of_ours_is_for_a_person_to_confirm():
    ours, official = (
        verdict("crm", "x", "phone_mobile"),
        verdict("app06_online_shopping", "x", "phone_mobile"),
    )

    assert ours.verdict == official.verdict == "necessary"
    assert open_fields([ours]) == (ours,)
    assert not open_fields([official])


def test_the_purposes_that_ship():
    every = [load_purpose(n) for n in purpose_names()]

    assert sum(p.id.startswith("app") and p.confidence == "verified" for p in every) == 39
    assert {
        "crm",
        "after_sales",
        "b2b_contacts",
        "global_directory",
        "it_support",
        "expenses",
        "whistleblowing",
        "training",
        "audit",
    } <= {p.id for p in every if p.ours and p.confidence == "recalled"}
    assert all("非官方" in p.source for p in every if p.ours)
