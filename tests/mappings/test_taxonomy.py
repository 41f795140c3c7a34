"""Taxonomies and purposes are data: complete, cited, read strictly."""

import pytest
import yaml

from detectors.errors import RulesError
from detectors.labels import labels
from detectors.model import ColumnFinding, ColumnId, Label
from mappings.assess import assess
from mappings.necessity import judge, load_purpose, purposes
from mappings.taxonomy import load_taxonomy


def finding(label):
    info = labels()[Label(label)]
    return ColumnFinding(ColumnId(f"s/t/{label}"), Label(label), "name", info.kind, "core", 0.9, (), True)


def assessed(*found, profile=None):
    return {a.finding.label: a for a in assess([finding(x) for x in found], load_taxonomy(profile=profile))}


@pytest.mark.parametrize("profile", ["2025", "strict", "gbt-45574-2025", "gbt-35273-2020"])
def test_every_label_has_a_category_and_a_source(profile):
    taxonomy = load_taxonomy(profile=profile)

    assert set(taxonomy.entries) == set(labels())
    for entry in taxonomy.entries.values():
        assert entry.category.source
        assert entry.category.confidence in ("verified", "secondary", "recalled")
        assert entry.sensitive in ("yes", "no", "depends")


def test_the_two_profiles_differ_on_a_bare_id_number():
    assert assessed("resident_id")["resident_id"].sensitive == "depends"
    assert assessed("resident_id", profile="strict")["resident_id"].sensitive == "yes"


def test_what_pipl_28_names_is_sensitive_under_both():
    for profile in ("2025", "strict"):
        found = assessed("biometric", "health", "religion", "trajectory", "bank_card", profile=profile)
        assert {a.sensitive for a in found.values()} == {"yes"}, profile


def test_important_data_is_a_candidate():
    found = assessed("important.hydrology")["important.hydrology"]

    assert (found.category, found.finding.kind) == ("important.candidate", "important_data_candidate")




def test_an_unknown_label_names_the_nearest(tmp_path):
    raw = yaml.safe_load("""
id: x
title: x
source: x
effective: '2024-10-01'
grades: [general]
profiles: {p: {title: t, source: s, effective: '2025-01-01', confidence: recalled}}
categories: {c: {zh: 类, source: s, confidence: recalled}}
labels: {residentid: {category: c, grade: general, sensitive: {p: 'no'}}}
""")
    (tmp_path / "x.yaml").write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")

    with pytest.raises(RulesError) as e:
        load_taxonomy(str(tmp_path / "x.yaml"), "p")

    assert "residentid" in e.value.line()
    assert "resident_id" in e.value.hint


def test_an_unknown_profile_names_the_known_ones():
    with pytest.raises(RulesError, match="gbt-2020"):
        load_taxonomy(profile="gbt-2020")


def test_a_key_that_stands_twice_is_refused(tmp_path):
    (tmp_path / "x.yaml").write_text("id: x\nid: y\n", encoding="utf-8")

    with pytest.raises(RulesError, match="stands twice"):
        load_taxonomy(str(tmp_path / "x.yaml"))


def test_every_purpose_loads_and_cites_its_source():
    assert len(purposes()) >= 50
    for name in purposes():
        purpose = load_purpose(name)
        assert purpose.id == name
        assert purpose.source
        assert purpose.confidence in ("verified", "secondary", "recalled")


def test_thirteen_app_types_need_no_personal_information():
    none = [n for n in purposes() if n.startswith("app") and not load_purpose(n).necessary]

    assert len(none) == 13


VERDICTS = {
    "on the list": ("marketing", "email", "necessary"),
    "off the list": ("marketing", "health", "not_shown"),
    "finer than needed": ("app10_dating", "birth_date", "finer_than_needed"),
    "on a condition": ("exp_cross_border_shopping", "resident_id", "needs_review"),
    "judged case by case": ("hr_management", "passport", "needs_review"),
    "a source without a list": ("hr_management", "person_name", "needs_review"),
}


@pytest.mark.parametrize(("purpose", "label", "verdict"), VERDICTS.values(), ids=VERDICTS)
def test_necessity(purpose, label, verdict):
    (found,) = judge(assessed(label).values(), load_purpose(purpose))

    assert found.verdict == verdict
    assert found.source
    assert found.reason_en
