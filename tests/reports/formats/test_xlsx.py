"""The inventory as a spreadsheet: what stands in it, that nothing in it runs, and that it can be long."""

import random
import re
import tracemalloc
from dataclasses import replace
from datetime import date

import generated
import pytest
from findings import review_of
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from detectors.errors import ConfigError
from detectors.labels import labels
from detectors.model import ColumnFinding, ColumnId, Drawn, Evidence, Rows, Skipped, TableId
from mappings.assess import assess
from mappings.grading import load_grading
from mappings.taxonomy import load_taxonomy
from reports.cells import LONGEST, cell, shown
from reports.formats import save, xlsx
from reports.inventory import overview
from reports.model import ColumnReport, Report, Run, TableReading, TableReport
from reports.reviews.apply import apply_reviews
from reports.reviews.collection import Reviews
from reports.text_width import width_of
from scanner.sheets import inventory_reviews

TODAY, TAXONOMY = date(2026, 11, 20), load_taxonomy()
HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "#N/A",
    "＝1",
    "<script>",
    "a\u202eb",
    "a\x00b\x07",
    "x" * 40_000,
    "\ud800",
]


def column(table, name="mobile", label="phone_mobile", comment="手机"):
    id = ColumnId(f"{table}/{name}")
    seen = (Evidence("value", "shape", 95, 100, "cells"),)
    found = [ColumnFinding(id, label, "d", labels()[label or "email"].kind, "core", 0.97, seen, True)]
    return ColumnReport(
        id, name, "varchar(20)", comment, tuple(assess(found if label else [], TAXONOMY)), 100
    )


def table(id, *columns):
    drawn = Drawn("first rows", 100, 1_000, 7)
    return TableReport(
        TableId(id), "scanned", "", Rows(1_000, 1_000, "exact"), drawn, columns or (column(id),)
    )


def report(*tables, **more):
    read = {t.id: TableReading("2026-11-20T00:00:00Z", "s", "d1", "c") for t in tables}
    run = Run(
        "r",
        "2026-11-20T00:00:00Z",
        "2026-11-20T08:30:00Z",
        TODAY,
        "0",
        7,
        ("cn-2024",),
        ("gbt-43697-2024",),
        "d",
        tables=read,
    )
    return Report(run, (), tables, **more)


def cells(path, sheet="分类分级清单"):
    """Rows of a sheet as mappings from head to value."""
    heads, *rows = load_workbook(path)[sheet].iter_rows(values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows]


def test_a_row_says_what_where_how_sure_and_by_which_clause(tmp_path):
    save(
        report(table("crm/public/member"), skipped=(Skipped("hr", "permission denied", "GRANT SELECT"),)),
        tmp_path / "i.xlsx",
    )
    row = cells(tmp_path / "i.xlsx")[0]

    assert (row["系统"], row["库"], row["表"], row["字段"]) == ("crm", "public", "member", "mobile")
    assert (row["注释"], row["类型"]) == ("手机", "varchar(20)")
    assert (row["识别结果"], row["一级分类"], row["二级分类"], row["分级"]) == (
        "手机号码",
        "个人信息",
        "个人基本资料",
        "一般",
    )
    assert (row["是否敏感"], row["置信度"], row["行数"], row["样本行数"], row["检测时间"]) == (
        "否",
        0.97,
        1_000,
        100,
        "2026-11-20",
    )
    assert row["依据条款"].startswith("GB/T 43697-2024")
    assert (row["复核状态"], row["字段编号"]) == ("疑似·待复核", "crm/public/member/mobile")
    assert tuple(cells(tmp_path / "i.xlsx", "未检测")[0].values()) == (
        "hr",
        "未检测",
        "没有权限",
        "授予 SELECT 权限",
    )


def test_every_taxonomy_has_its_own_columns(tmp_path):
    both = table("crm/member", column("crm/member"), column("crm/member", "uid", "user_id"))
    save(report(both, gradings=(load_grading("jrt-0197-2020"),)), tmp_path / "i.xlsx")
    first, second = cells(tmp_path / "i.xlsx")

    assert (first["JR/T 0197-2020 一级"], first["JR/T 0197-2020 三级"], first["JR/T 0197-2020 分级"]) == (
        "客户",
        "个人联系信息",
        "3",
    )
    assert second["JR/T 0197-2020 一级"] == "未对应" and second["JR/T 0197-2020 分级"] is None


def test_the_sheet_can_be_filtered_and_scrolled_and_its_lists_chosen_from(tmp_path):
    save(report(table("crm/member"), table("crm/order")), tmp_path / "i.xlsx")
    book = load_workbook(tmp_path / "i.xlsx")
    sheet = book["分类分级清单"]
    lists = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation}

    assert (
        sheet.freeze_panes == "E2"
        and sheet.auto_filter.ref == f"A1:{sheet.cell(1, sheet.max_column).column_letter}3"
    )
    assert '"确认,否定,改判,说明"' in lists.values() and f"选项!$A$1:$A${len(labels())}" in lists.values()
    assert [c.value for c in book["选项"]["A"]] == [i.zh for i in labels().values()] and book[
        "选项"
    ].sheet_state == "hidden"
    for head in sheet[1]:
        assert sheet.column_dimensions[head.column_letter].width >= min(width_of(head.value) / 3, 10)


def test_nothing_in_a_name_or_a_comment_runs_or_hides(tmp_path):
    tables = [table(f"crm/t{i}", column(f"crm/t{i}", name, comment=name)) for i, name in enumerate(HOSTILE)]
    save(report(*tables), tmp_path / "i.xlsx")
    sheet = load_workbook(tmp_path / "i.xlsx")["分类分级清单"]
    names = [row[3] for row in sheet.iter_rows(min_row=2)]

    assert all(
        c.data_type == "s" for row in sheet.iter_rows(min_row=2) for c in row if isinstance(c.value, str)
    )
    assert all(c.quotePrefix for c in names if str(c.value).lstrip()[:1] in "=+-@＝")
    assert names[0].value == HOSTILE[0] and names[9].value == "a⟨U+202E⟩b"
    assert names[10].value == "a⟨U+0000⟩b⟨U+0007⟩"
    assert len(names[11].value) == LONGEST


@given(st.text(max_size=50))
def test_shown_text_can_always_be_stored_and_is_never_longer_than_a_cell(text):
    told = shown(text)
    cell(Workbook(write_only=True).create_sheet(), text)

    assert not set(told) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\t\r\n\x00\x1b"
    ) and told == shown(told)
    told.encode("utf-8")


@pytest.mark.system
@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=5, unique=True))
def test_what_is_exported_is_imported_without_a_change_whatever_names_hold(names):
    import tempfile
    from pathlib import Path

    tables = [
        table(f"crm/t{i}", column(f"crm/t{i}", name.replace("/", "_"), comment=name))
        for i, name in enumerate(names)
    ]
    said = [name.strip() or "x" for name in names]
    made = [
        review_of(t.columns[0], "reject", name, TODAY, name, mark="d1")
        for t, name in zip(tables, said, strict=True)
    ]
    whole = apply_reviews(report(*tables), Reviews(made), TAXONOMY, TODAY)
    with tempfile.TemporaryDirectory() as folder:
        save(whole, Path(folder) / "i.xlsx")
        found = inventory_reviews.read(Path(folder) / "i.xlsx", whole, TODAY)

    assert (found.reviews, found.faults, found.unchanged) == ((), (), len(names))


def test_the_same_report_gives_the_same_cells(tmp_path):
    one = report(table("crm/member"))
    save(one, tmp_path / "a.xlsx")
    save(one, tmp_path / "b.xlsx")

    assert cells(tmp_path / "a.xlsx") == cells(tmp_path / "b.xlsx")


def test_above_the_limit_each_system_has_a_file_and_a_long_one_several_sheets(tmp_path):
    many = [table(f"{s}/t{i}") for s, n in (("crm", 7), ("CRM", 2), ("a%2Fb", 1)) for i in range(n)]
    written = xlsx.save(report(*many), tmp_path / "i.xlsx", limit=3)

    assert [p.name for p in written] == ["i.xlsx", "i-crm.xlsx", "i-CRM-1.xlsx", "i-a_b.xlsx"]
    crm = load_workbook(tmp_path / "i-crm.xlsx")
    assert [s.max_row for s in crm.worksheets[:3]] == [4, 4, 2] and crm.sheetnames[2] == "分类分级清单 3"
    assert "i-crm.xlsx" in str(list(load_workbook(tmp_path / "i.xlsx")["概览"].values))
    read = [inventory_reviews.read(p, report(*many), TODAY) for p in written[1:]]
    assert all(r.faults == () for r in read)


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(overview, "overview_rows", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save(report(table("crm/member")), tmp_path / "i.xlsx")

    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_grow_with_the_rows(tmp_path):
    def peak(n):
        whole = report(*(table(f"crm/t{i}") for i in range(n)))
        tracemalloc.start()
        save(whole, tmp_path / f"{n}.xlsx")
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    peak(10)
    assert peak(1_500) < 2 * peak(150) + 1_000_000


def test_reviewers_answers_are_found_wherever_rows_are_moved_to(tmp_path):
    whole = report(*(table(f"crm/t{i}") for i in range(20)))
    save(whole, tmp_path / "i.xlsx")
    book = load_workbook(tmp_path / "i.xlsx")
    sheet = book["分类分级清单"]
    heads = {c.value: c.column for c in sheet[1]}
    rows = [[c.value for c in row] for row in sheet.iter_rows(min_row=2)]
    random.Random(7).shuffle(rows)
    for n, row in enumerate(rows[:10], 2):
        row[heads["复核结论"] - 1], row[heads["复核人"] - 1] = "确认", "王敏"
        for i, value in enumerate(row, 1):
            sheet.cell(n, i).value = value
    sheet.delete_rows(12, 20)
    book.save(tmp_path / "i.xlsx")
    found = inventory_reviews.read(tmp_path / "i.xlsx", whole, TODAY)

    assert found.faults == () and {r.columns[0] for r in found.reviews} == {
        row[heads["字段编号"] - 1] for row in rows[:10]
    }


def test_a_wider_table_of_a_company_is_shown_level_by_level(tmp_path):
    own = replace(load_grading("jrt-0197-2020"), id="own", title="本公司", source="本公司")
    save(report(table("crm/member"), gradings=(own, load_grading("jrt-0197-2020"))), tmp_path / "i.xlsx")

    assert {"本公司 一级", "本公司 分级", "JR/T 0197-2020 一级"} <= set(cells(tmp_path / "i.xlsx")[0])


def test_in_english_headings_lists_and_answers_are_english_and_come_back(tmp_path):
    tables = [table(f"crm/t{i}", column(f"crm/t{i}", "mobile")) for i in range(4)]
    whole = report(
        *tables,
        gradings=(load_grading("jrt-0197-2020"),),
        skipped=(Skipped("hr", "permission denied", "scan again later"),),
    )
    first = [
        review_of(tables[0].columns[0], "relabel", "lin", TODAY, "landline", to="phone_landline", mark="d1")
    ]
    whole = apply_reviews(whole, Reviews(first), TAXONOMY, TODAY)
    xlsx.save(whole, tmp_path / "i.xlsx", "en")
    book = load_workbook(tmp_path / "i.xlsx")
    sheet = book["Inventory"]
    heads = {c.value: c.column for c in sheet[1]}
    lists = {v.formula1 for v in sheet.data_validations.dataValidation}
    rows = cells(tmp_path / "i.xlsx", "Inventory")
    english = inventory_reviews.read(tmp_path / "i.xlsx", whole, TODAY)
    for row, verdict, to in ((3, "reject", None), (4, "relabel", "e-mail address"), (5, "确认", None)):
        for head, value in (
            ("decision", verdict),
            ("relabel to", to),
            ("reviewer", "lin"),
            ("reason", "seen"),
        ):
            sheet.cell(row, heads[head]).value = value
    book.save(tmp_path / "i.xlsx")
    found = inventory_reviews.read(tmp_path / "i.xlsx", whole, TODAY)

    assert book.sheetnames == [
        "Inventory",
        "Overview",
        "Flows and paths",
        "Possible",
        "Not checked",
        "How to fill it",
        "Lists",
    ]
    assert lists == {'"accept,reject,relabel,justify"', f"Lists!$A$1:$A${len(labels())}"}
    assert (rows[0]["decision"], rows[0]["relabel to"]) == ("relabel", labels()["phone_landline"].en)
    assert (rows[1]["sensitive"], rows[1]["grade"]) == ("no", "general")
    assert rows[1]["JR/T 0197-2020 grade"] == "3" and rows[1]["evidence"] == "value 95 of 100"
    assert (english.faults, english.unchanged) == ((), 1)
    assert found.faults == () and [(r.verdict, r.to) for r in found.reviews] == [
        ("reject", ""),
        ("relabel", "email"),
        ("accept", ""),
    ]
    assert tuple(cells(tmp_path / "i.xlsx", "Not checked")[0].values()) == (
        "hr",
        "skipped",
        "permission denied",
        "scan again later",
    )


def test_flows_are_told_in_words_with_the_distance_to_the_next_line_and_how_a_count_came_about(tmp_path):
    made = generated.report(90, 1)
    since = replace(made.exporter[0].individuals, note="reviewed", method="exact")
    made = replace(made, exporter=(replace(made.exporter[0], individuals=since),))
    xlsx.save(made, tmp_path / "i.xlsx", "zh")
    rows = {row["场景编号"]: row for row in cells(tmp_path / "i.xlsx", "出境场景与路径")}
    overview = dict(list(load_workbook(tmp_path / "i.xlsx")["概览"].values))

    assert "敏感个人信息涉及 9,600 人" in rows["crm-hq"]["依据"] and "sensitive_individuals" not in str(rows)
    assert rows["hr-hq"]["本年合计距下一界线"] == "不计入本年合计"
    for text in (rows["crm-hq"]["本年合计距下一界线"], overview["数据处理者 华澜零售"]):
        assert "自然人：96,500 (81,000–118,000)，扫描时为逐行关联；此后的人工复核" in text
        assert (
            "，100,000 人线（标准合同或认证）在估计区间之内" in text
            and "10,000 人线（安全评估）在估计区间之内" in text
        )


def test_nothing_skipped_is_said_and_heads_are_as_high_as_their_words(tmp_path):
    title = "某集团数据分类分级目录（二〇二六年修订版）"
    own = replace(load_grading("jrt-0197-2020"), id="own", title=title, source=title)
    save(report(table("crm/member"), gradings=(own,)), tmp_path / "i.xlsx")
    book = load_workbook(tmp_path / "i.xlsx")

    assert book["未检测"]["A2"].value == "没有未读取的来源"
    assert book["分类分级清单"].row_dimensions[1].height > 60


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_deleted_column_is_named_as_the_sheet_calls_it(tmp_path, lang):
    xlsx.save(report(table("crm/member")), tmp_path / "i.xlsx", lang)
    book = load_workbook(tmp_path / "i.xlsx")
    sheet = book[{"zh": "分类分级清单", "en": "Inventory"}[lang]]
    title = {"zh": "字段编号", "en": "column id"}[lang]
    sheet.delete_cols(next(c.column for c in sheet[1] if c.value == title))
    book.save(tmp_path / "i.xlsx")

    with pytest.raises(ConfigError, match=f"the column {title} is missing"):
        inventory_reviews.read(tmp_path / "i.xlsx", report(table("crm/member")), TODAY)


def test_an_english_sheet_holds_no_chinese_beside_names_and_clauses(tmp_path):
    xlsx.save(report(table("crm/member", column("crm/member", comment=""))), tmp_path / "i.xlsx", "en")
    book = load_workbook(tmp_path / "i.xlsx")
    texts = [
        c.value for s in book.worksheets for row in s.iter_rows() for c in row if isinstance(c.value, str)
    ]
    chinese = [x for x in texts if re.search("[\u4e00-\u9fff]", x)]

    assert all(c.startswith("GB/T 43697-2024") for c in chinese)
