"""Taxonomies and purposes are data: complete, cited, read strictly."""

import pytest
import yaml
from openpyxl import Workbook, load_workbook
from typer.testing import CliRunner

from detectors.errors import RulesError
from detectors.labels import labels
from detectors.model import ColumnFinding, ColumnId, Label
from mappings.assess import assess
from mappings.company import order_grades, read_company_xlsx
from mappings.grading import load_grading
from mappings.necessity import judge_fields
from mappings.purpose import load_purpose, purpose_names
from mappings.taxonomy import load_taxonomy
from scanner.cli.app import app


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


@pytest.mark.parametrize("wrong", ["category", "grade"])
def test_a_label_with_one_wrong_word_is_refused_though_the_other_is_right(tmp_path, wrong):
    right = {"category": "personal.basic", "grade": "general", "sensitive": {"p": "no"}}
    raw = {
        "id": "x",
        "grades": ["general"],
        "profiles": {"p": {"source": "s", "confidence": "verified"}},
        "categories": {"personal.basic": {"zh": "个人基本信息", "source": "s", "confidence": "verified"}},
        "labels": {"person_name": right | {wrong: "none such"}},
    }
    (tmp_path / "x.yaml").write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")

    with pytest.raises(RulesError, match='"person_name" has an unknown category or grade'):
        load_taxonomy(str(tmp_path / "x.yaml"), "p")


def test_an_unknown_profile_names_the_known_ones():
    with pytest.raises(RulesError, match="gbt-2020"):
        load_taxonomy(profile="gbt-2020")


def test_a_key_that_stands_twice_is_refused(tmp_path):
    (tmp_path / "x.yaml").write_text("id: x\nid: y\n", encoding="utf-8")

    with pytest.raises(RulesError, match="stands twice"):
        load_taxonomy(str(tmp_path / "x.yaml"))


def test_every_purpose_loads_and_cites_its_source():
    assert len(purpose_names()) >= 50
    for name in purpose_names():
        purpose = load_purpose(name)
        assert purpose.id == name
        assert purpose.source
        assert purpose.confidence in ("verified", "secondary", "recalled")


def test_thirteen_app_types_need_no_personal_information():
    none = [n for n in purpose_names() if n.startswith("app") and not load_purpose(n).necessary]

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
    (found,) = judge_fields(assessed(label).values(), load_purpose(purpose))

    assert found.verdict == verdict
    assert found.source
    assert found.reason.en


def test_jrt_0197_has_five_ordered_grades_and_says_how_sure_each_row_is():
    found = load_grading("jrt-0197-2020")

    assert found.grades == ("1", "2", "3", "4", "5")
    assert found.labels[Label("credential")].grade == "4" and found.labels[Label("phone_mobile")].grade == "3"
    assert found.labels[Label("organisation_id")].levels == ("客户", "单位", "单位基本概况")
    assert {g.confidence_of_source for g in found.labels.values()} == {"secondary", "recalled"}
    assert "important.energy" in found.unmapped()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"grades": ["1", "2", "2"]}, "a grade stands twice"),
        ({"labels": {"phone_mobil": {"levels": ["a"], "grade": "1"}}}, 'Did you mean "phone_mobile"'),
        ({"labels": {"email": {"levels": ["a"], "grade": "9"}}}, 'no grade "9"'),
        ({"labels": {"email": {"levels": ["a", "b", "c", "d"], "grade": "1"}}}, "one to three levels"),
        ({"labels": {"email": {"levels": ["a"], "grade": "1", "colour": "red"}}}, 'unknown key "colour"'),
        ({"profiles": {}}, "the national taxonomy"),
        ({"title": ""}, '"title" is missing'),
    ],
)
def test_a_faulty_taxonomy_of_ones_own_is_named(tmp_path, change, words):
    whole = {
        "id": "own",
        "title": "own",
        "grades": ["1", "2"],
        "labels": {"email": {"levels": ["a"], "grade": "1"}},
    }
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(whole | change, allow_unicode=True), encoding="utf-8")

    with pytest.raises(RulesError) as e:
        load_grading(str(tmp_path / "own.yaml"))

    assert words in e.value.line()


def sheet(file, rows, merged=()):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for area in merged:
        book.active.merge_cells(area)
    book.save(file)
    return file


COMPANY = [
    ["某公司数据分类分级标准"],
    ["一级分类", "二级分类", "三级分类", "安全级别（最低）", "说明"],
    ["客户数据", "个人客户", "联系方式", "3级", "手机号、电子邮箱、QQ号等"],
    ["", "", "证件号码", "4级", "居民身份证号码、护照号"],
    ["", "", "手机号码", "3级", ""],
    ["员工数据", "", "", "2级", "工号、职务"],
    ["公开数据", "", "", "1级", "公司公告"],
]


def test_a_companys_table_is_read_with_blanks_filled_from_above(tmp_path):
    found = read_company_xlsx(sheet(tmp_path / "classes.xlsx", COMPANY, ["A3:A5", "B3:B5"]))

    assert found.raw["grades"] == ["1级", "2级", "3级", "4级"]
    assert found.chosen[Label("phone_mobile")][0].levels == ("客户数据", "个人客户", "手机号码")
    assert found.chosen[Label("resident_id")][0].grade == "4级"
    assert found.chosen[Label("employee_no")][0].levels == ("员工数据",)
    assert "biometric" in found.unmapped and [c.levels for c in found.unused] == [("公开数据",)]


def test_an_imported_taxonomy_can_be_loaded_and_names_what_is_left(tmp_path):
    out = tmp_path / "company.yaml"
    done = CliRunner().invoke(
        app, ["taxonomy", "import", str(sheet(tmp_path / "classes.xlsx", COMPANY)), "-o", str(out)]
    )

    assert done.exit_code == 0 and "biometric" in done.stdout and "-  ->  公开数据 (1级)" in done.stdout
    assert load_grading(str(out)).labels[Label("phone_mobile")].grade == "3级"
    left = out.read_text(encoding="utf-8")
    assert "not mapped: biometric" in left and "no label of ours: row 7  公开数据" in left


def test_of_two_classes_as_near_the_more_severe_is_taken_and_both_are_named(tmp_path):
    rows = [["一级", "分级"], ["手机", "一般"], ["手机号", "核心"]]
    found = read_company_xlsx(sheet(tmp_path / "classes.xlsx", rows))

    assert found.chosen[Label("phone_mobile")][0].grade == "核心"
    assert [c.grade for c in found.doubtful[Label("phone_mobile")]] == ["一般"]


def test_a_class_is_taken_only_by_a_label_that_it_names_whole(tmp_path):
    rows = [
        ["一级", "分级", "说明"],
        ["电子邮件地址", "3级", ""],
        ["网络地址", "2级", ""],
        ["经营信息", "2级", "公司地址、法人"],
        ["个人信息", "3级", ""],
    ]
    found = read_company_xlsx(sheet(tmp_path / "classes.xlsx", rows))

    assert {x: c.levels for x, (c, _) in found.chosen.items()} == {Label("email"): ("电子邮件地址",)}
    assert [c.levels for c in found.perhaps[Label("postal_address")]] == [
        ("电子邮件地址",),
        ("网络地址",),
        ("经营信息",),
    ]
    assert [c.levels for c in found.unused] == [("网络地址",), ("经营信息",), ("个人信息",)]


def test_words_around_a_name_that_leave_its_meaning_are_no_hindrance(tmp_path):
    rows = [["一级", "分级"], ["个人姓名信息", "2级"], ["手机号码、电子邮箱等", "3级"], ["能源数据", "4级"]]
    found = read_company_xlsx(sheet(tmp_path / "classes.xlsx", rows))

    assert {str(x): c.row for x, (c, _) in found.chosen.items()} == {
        "person_name": 2,
        "phone_mobile": 3,
        "email": 3,
        "important.energy": 4,
    }


def test_a_formula_without_a_value_is_named_and_not_taken_for_a_blank(tmp_path):
    rows = [
        ["一级", "二级", "分级"],
        ["客户", "手机号码", "3级"],
        ["=A2", "电子邮箱", "3级"],
        ["员工", "=B9", "2级"],
    ]

    with pytest.raises(RulesError) as e:
        read_company_xlsx(sheet(tmp_path / "classes.xlsx", rows))

    assert (
        "Sheet!A3" in e.value.where
        and "2 cells cannot be read: a formula without a value (A3, B4)" in e.value.what
        and e.value.hint
    )


@pytest.mark.parametrize(
    ("name", "tab", "rows", "title"),
    [
        ("", "Sheet", COMPANY, "某公司数据分类分级标准"),
        ("本公司标准", "Sheet", COMPANY, "本公司标准"),
        ("", "华澜分类", COMPANY[1:], "华澜分类"),
        ("", "Sheet1", COMPANY[1:], "classes"),
    ],
)
def test_a_companys_taxonomy_has_a_title(tmp_path, name, tab, rows, title):
    file = sheet(tmp_path / "classes.xlsx", rows)
    book = load_workbook(file)
    book.active.title = tab
    book.save(file)
    out = tmp_path / "company.yaml"
    done = CliRunner().invoke(
        app, ["taxonomy", "import", str(file), "-o", str(out), *(["--name", name] if name else [])]
    )

    assert done.exit_code == 0
    assert (load_grading(str(out)).title, load_grading(str(out)).source) == (title, title)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["分类", "级别"], ["a", "1"]], "no row with the heads"),
        ([["一级", "分级"], ["客户", ""], ["", ""]], "no row below the heads"),
        ([["一级", "分级", "说明"], ["客户", "", "手机"]], "!2: the row has no grade"),
        ([["一级", "分级"], ["", "3"]], "!2: the row has no class"),
    ],
)
def test_a_table_that_cannot_be_read_is_named_by_row(tmp_path, rows, words):
    with pytest.raises(RulesError) as e:
        read_company_xlsx(sheet(tmp_path / "classes.xlsx", rows))

    assert words in e.value.line()


@pytest.mark.parametrize(
    ("given", "order"),
    [
        ({"3级", "1级", "10级"}, ("1级", "3级", "10级")),
        ({"三级", "一级", "二级"}, ("一级", "二级", "三级")),
        ({"重要数据", "核心数据", "一般数据"}, ("一般数据", "重要数据", "核心数据")),
        ({"L4", "L1"}, ("L1", "L4")),
    ],
)
def test_grades_are_put_in_order(given, order):
    assert order_grades(given) == order
