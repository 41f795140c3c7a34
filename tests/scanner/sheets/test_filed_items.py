"""Filed tables, official or our own, come in; every decision then says what is not as it was filed."""

from datetime import date

import docx
import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

import scanner
from detectors.errors import ConfigError
from scanner.cli.app import app
from scanner.records import filings
from scanner.review import redecide
from scanner.setup.demo import build_demo
from scanner.sheets.filed_items import read_items
from scanner.state import store
from scanner.workspace import open_workspace

HEADS = ("序号", "数据项名称", "内容描述", "出境必要性", "示例", "备注")
ROWS = (
    ("1", "姓名", "会员姓名", "联系会员", "张三（虚构）", ""),
    ("2", "手机号码", "", "", "", "orders/orders/收货电话"),
    ("3", "手机 号码", "重复项", "", "", ""),
)


def as_docx(path, heads=HEADS, rows=ROWS):
    document = docx.Document()
    document.add_table(1, 2).rows[0].cells[0].text = "数据处理者"
    table = document.add_table(1, len(heads))
    for cell, text in zip(table.rows[0].cells, heads, strict=True):
        cell.text = text
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    document.save(str(path))
    return path


def as_xlsx(path, heads=HEADS, rows=ROWS):
    book = Workbook()
    book.active.append(["出境数据项清单"])
    for row in (heads, *rows):
        book.active.append(list(row))
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("write", "name"), [(as_docx, "filed.docx"), (as_xlsx, "filed.xlsx")], ids=["docx", "xlsx"]
)
def test_the_official_table_is_read(tmp_path, write, name):
    found = read_items(write(tmp_path / name), ["orders/orders/收货电话", "crm/member/name"])

    assert found == [
        {"name": "姓名", "description": "会员姓名"},
        {"name": "手机号码", "columns": ["orders/orders/收货电话"]},
    ]


def test_an_older_template_without_the_column_is_one_clear_line(tmp_path):
    with pytest.raises(ConfigError, match="no table with the column 数据项名称"):
        read_items(as_xlsx(tmp_path / "old.xlsx", ("编号", "名目", "a", "b", "c", "d")))


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    folder = tmp_path_factory.mktemp("filed")
    build_demo(folder, seed=7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHUJING_KEY", "33" * 32)
        store.remember(scanner.scan(str(folder / "chujing.yaml"), as_of=date(2026, 11, 1)), folder)
    return folder


def test_a_decision_says_what_is_not_as_it_was_filed(company, monkeypatch):
    config = str(company / "chujing.yaml")
    done = CliRunner().invoke(
        app,
        [
            "baseline",
            "import",
            str(as_docx(company / "filed.docx")),
            "--flow",
            "crm-hq",
            "--kind",
            "assessment",
            "--persons",
            "10000",
            "--retention-days",
            "365",
            "--by",
            "王敏",
            "--on",
            "2026-01-05",
            "-c",
            config,
        ],
    )
    assert done.exit_code == 0, done.output
    report = redecide.decide_again(
        store.last(company), open_workspace(company / "chujing.yaml"), redecide.WhatIf(), None
    )
    found = {f.flow.id: sorted((d.code, d.what) for d in f.filed) for f in report.flows}

    assert ("new_field", "crm/member/email") in found["crm-hq"]
    assert ("longer_retention", "365 → 730") in found["crm-hq"]
    assert ("over_120", "individuals: 10,000 → 12,600") in found["crm-hq"]
    assert not any(what == "crm/member/name" for _, what in found["crm-hq"])
    assert [c for c, _ in found["marketing-sg"]] == ["new_scenario"]
    shown = CliRunner().invoke(app, ["baseline", "show", "--lang", "en", "-c", config]).output
    assert (
        "[supplement or refile] more than 120 % of the persons approved: individuals: 10,000 → 12,600"
        in shown
    )


def test_typed_items_serve_as_well_and_the_same_number_is_replaced(company):
    config = str(company / "chujing.yaml")
    for items in ("工号；姓名", "工号；姓名；工作邮箱；职务"):
        done = CliRunner().invoke(
            app,
            [
                "baseline",
                "import",
                "--items",
                items,
                "--flow",
                "hr-hq",
                "--by",
                "王敏",
                "--id",
                "c-1",
                "-c",
                config,
            ],
        )
        assert done.exit_code == 0, done.output
    (found,) = (f for f in filings.read(company) if f.id == "c-1")

    assert [i.name for i in found.items] == ["工号", "姓名", "工作邮箱", "职务"]
    assert found.kind == "contract"


def test_a_renewal_marks_what_is_not_as_it_was_filed(company):
    config = str(company / "chujing.yaml")
    done = CliRunner().invoke(
        app, ["filing", "renew", str(company / "papers"), "--filed", "assessment-crm-hq", "-c", config]
    )
    assert done.exit_code == 0, done.output
    document = docx.Document(str(company / "papers" / "数据出境风险自评估报告.docx"))
    rows = [[c.text for c in r.cells] for table in document.tables for r in table.rows]
    text = "\n".join(p.text for p in document.paragraphs)

    assert {r[1] for r in rows if len(r) == 6 and r[5].startswith("【新增】")} >= {"电子邮箱", "会员编号"}
    assert not any(r[1] == "姓名" and "【新增】" in r[5] for r in rows if len(r) == 6)
    assert "境外保存期限延长：365 → 730" in text
    assert "人数超过批准数的百分之一百二十" in text


def test_our_own_table_comes_back_by_its_columns(company):
    found = read_items(
        company / "papers" / "出境数据项清单.xlsx",
        ["crm/member/name", "crm/member/mobile", "crm/member/email"],
    )

    assert {c for i in found for c in i.get("columns", ())} == {
        "crm/member/name",
        "crm/member/mobile",
        "crm/member/email",
    }
