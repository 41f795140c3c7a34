"""Recognisers of Presidio and OpenMetadata become our YAML; what cannot is named."""

import json

import pytest

from detectors.custom import load
from detectors.errors import RulesError
from detectors.importers import convert

PRESIDIO = r"""
recognizers:
  - {name: CreditCardRecognizer, type: predefined}
  - name: Loyalty Recognizer
    supported_entity: LOYALTY
    patterns:
      - {name: whole, regex: '\bHY\d{8}\b', score: 0.6}
      - {name: bare, regex: '(?<!\d)\d{9}(?!\d)', score: 0.2}
  - {name: Wards, supported_entity: OTHER_PI, deny_list: [一病区, 二病区]}
"""
TAG = {
    "name": "EmployeeCode",
    "classification": {"name": "PII"},
    "recognizers": [
        {
            "name": "employee_code",
            "recognizerConfig": {
                "type": "pattern",
                "patterns": [{"name": "p", "regex": "emp-[0-9]{6}", "score": 0.8}],
                "regexFlags": {"dotAll": True, "multiline": True, "ignoreCase": True},
                "supportedLanguage": "any",
            },
        },
        {
            "name": "by_name",
            "target": "column_name",
            "recognizerConfig": {
                "type": "pattern",
                "patterns": [{"name": "p", "regex": "emp", "score": 0.8}],
                "regexFlags": {},
                "supportedLanguage": "any",
            },
        },
        {
            "name": "off",
            "enabled": False,
            "recognizerConfig": {
                "type": "exact_terms",
                "exactTerms": ["a"],
                "regexFlags": {},
                "supportedLanguage": "any",
            },
        },
        {"name": "builtin", "recognizerConfig": {"type": "predefined", "name": "EmailRecognizer"}},
    ],
}


def test_presidio(tmp_path):
    (tmp_path / "p.yaml").write_text(PRESIDIO, encoding="utf-8")

    imported = convert(tmp_path / "p.yaml", {"LOYALTY": "user_id"})

    assert [(d["name"], d["label"]) for d in imported.detectors] == [
        ("loyalty_1", "user_id"),
        ("wards", "other_pi"),
    ]
    assert [line.split(":")[0] for line in imported.omitted] == ["CreditCardRecognizer", "Loyalty Recognizer"]
    assert "look-around" in imported.omitted[1]


def test_openmetadata_tag_and_list_of_tags(tmp_path):
    (tmp_path / "tag.json").write_text(json.dumps(TAG), encoding="utf-8")
    (tmp_path / "tags.json").write_text(json.dumps({"data": [TAG, {"name": "empty"}]}), encoding="utf-8")

    one, many = (convert(tmp_path / f, {"EmployeeCode": "employee_no"}) for f in ("tag.json", "tags.json"))

    assert [(d["name"], d["pattern"]) for d in one.detectors] == [("employee_code", "(?i)emp-[0-9]{6}")]
    assert [line.split(":")[0] for line in one.omitted] == ["by_name", "off", "builtin"]
    assert [d["name"] for d in many.detectors] == ["employee_code"]


def test_the_result_is_a_file_of_detectors(tmp_path):
    import yaml

    (tmp_path / "p.yaml").write_text(PRESIDIO, encoding="utf-8")
    imported = convert(tmp_path / "p.yaml", {"LOYALTY": "user_id"})
    (tmp_path / "d.yaml").write_text(
        yaml.safe_dump({"detectors": list(imported.detectors)}, allow_unicode=True), encoding="utf-8"
    )

    found = {
        c.detector.name: [m.start for m in c.detector.find("卡 HY00000018")]
        for c in load(tmp_path / "d.yaml")
    }

    assert found == {"loyalty_1": [2], "wards": []}


WRONG = {
    "neither": ("tables: []", {}, "no recognisers in it"),
    "not YAML": ("{a: [", {}, "neither YAML nor JSON"),
    "unknown label": (PRESIDIO, {"LOYALTY": "userid"}, 'unknown label "userid"'),
}


@pytest.mark.parametrize(("text", "given", "message"), WRONG.values(), ids=WRONG)
def test_wrong_input(text, given, message, tmp_path):
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(RulesError, match=message):
        convert(tmp_path / "p.yaml", given)
