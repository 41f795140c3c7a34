"""From the intake sheet to a dossier without a line of YAML typed; papers hold invented examples only;
a check finds changes.
"""

import csv
import hashlib
import json
import re
import sqlite3
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

import scanner
from detectors.errors import ConfigError, StateError
from mappings.model import Estimate, Flow, Recipient
from mappings.readiness import STAGES
from reports.filings.blocks import TO_FILL_IN
from reports.filings.fills import ITEMS
from reports.filings.items import examples
from reports.filings.papers import PAPERS
from reports.filings.scenario import scenarios
from scanner.cli.app import app
from scanner.config.model import flows_in
from scanner.deliver import dossier
from scanner.deliver.dossier import ITEM_TABLES, write_dossier
from scanner.deliver.dossier_check import blank_places, check_dossier, count_blanks, folder_readiness
from scanner.records import audit
from scanner.setup.demo import build_demo
from scanner.sheets import flow_register, register_columns
from scanner.state import store
from scanner.workspace import open_workspace

DAY = date(2026, 11, 1)


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dossier")
    build_demo(folder, seed=7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHUJING_KEY", "44" * 32)
        store.remember(scanner.scan(str(folder / "chujing.yaml"), as_of=DAY), folder)
    done = CliRunner().invoke(
        app, ["dossier", "write", str(folder / "out"), "-c", str(folder / "chujing.yaml")]
    )
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="module")
def report(company):
    from scanner.review import redecide

    return redecide.decide_again(
        store.last(company), open_workspace(company / "chujing.yaml"), redecide.WhatIf(), None
    )


def texts(folder):
    """Every file of a folder as text, documents unpacked."""
    for file in sorted(folder.iterdir()):
        if file.suffix in (".docx", ".xlsx"):
            with zipfile.ZipFile(file) as z:
                yield (
                    file.name,
                    "".join(z.read(n).decode("utf-8", "replace") for n in z.namelist() if n.endswith(".xml")),
                )
        else:
            yield file.name, file.read_text(encoding="utf-8-sig")


def test_no_value_of_the_data_is_in_any_file(company):
    with sqlite3.connect(company / "crm.db") as c:
        people = c.execute("SELECT mobile, email FROM member LIMIT 400").fetchall()
    sheet = load_workbook(company / "staff.xlsx").active
    canaries = {v for row in people for v in row if v} | {
        str(r[2]) for r in sheet.iter_rows(min_row=4, values_only=True)
    }
    bodies = dict(texts(company / "out"))

    assert len(canaries) > 1_000
    assert len(bodies) >= 13
    for name, body in bodies.items():
        assert not [v for v in canaries if v in body], name


def test_the_item_table_is_the_official_one_and_its_examples_are_invented(company):
    document = docx.Document(str(company / "out" / PAPERS["self_assessment"].file))
    tables = [t for t in document.tables if tuple(c.text for c in t.rows[0].cells) == ITEMS]

    assert len(tables) == 2                    # the exempt flow stands in its own paper
    for table in tables:
        rows = [[c.text for c in r.cells] for r in table.rows[1:]]
        assert [r[0] for r in rows] == [str(i) for i in range(1, len(rows) + 1)]
        assert len({r[1] for r in rows}) == len(rows)
        assert all(r[4] in (*examples().values(), "（不举例）") for r in rows)
        assert all(r[3] for r in rows)


def test_a_given_reason_fills_the_necessity_column_and_the_rest_is_marked(report):
    found = {s.flows[0].flow.id: s for s in scenarios(report)}

    assert {i.necessity for i in found["hr-hq"].items} == {"员工手册第十二条", "集体合同第五条"}
    assert all(i.necessity.startswith(TO_FILL_IN) for i in found["crm-hq"].items)
    assert [i.name for i in found["marketing-sg"].items if i.sensitive] == ["过敏与疾病史"]


def test_the_same_report_gives_the_same_bytes(company, report, tmp_path):
    one, two = (dossier.write_papers(report, tmp_path / n) for n in ("a", "b"))

    assert {f.suffix for f in one} == {".docx", ".xlsx"}
    assert [f.read_bytes() for f in one] == [f.read_bytes() for f in two]


def test_the_dossier_holds_facts_sources_and_hashes(company):
    out = company / "out"
    facts = list(csv.DictReader((out / "事实.csv").open(encoding="utf-8-sig")))
    sources = dict(csv.reader((out / "来源.csv").open(encoding="utf-8-sig")))
    materials = list(csv.DictReader((out / "材料清单.csv").open(encoding="utf-8-sig")))

    assert {f["谁"] for f in facts if f["代码"] == "ciio=no"} == {"法务"}
    assert sources["促进和规范数据跨境流动规定 第七条第一款第（二）项"] == "已核对原文"
    states = {m["状态"] for m in materials}
    assert {"由人准备", "使用官方文件", f"已预填，待人补全：{PAPERS['self_assessment'].file}"} < states
    papers = {state.partition("：")[2] for state in states} - {""}
    assert papers == {file.name for file in out.glob("*.docx")}
    for line in (out / dossier.HASHES).read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest
    assert "判断过程" in (out / "判断过程.txt").read_text(encoding="utf-8")
    assert "The decision, step by step" in (out / "decision.txt").read_text(encoding="utf-8")


def edited(company, tmp_path, change, paper="self_assessment"):
    """A copy of the dossier in which somebody changed a paper."""
    import shutil

    folder = tmp_path / "out"
    shutil.copytree(company / "out", folder)
    file = folder / PAPERS[paper].file
    document = docx.Document(str(file))
    change(document)
    document.save(str(file))
    (folder / dossier.HASHES).unlink()
    return folder


def replaced(old, new):
    def change(document):
        cells = [p for t in document.tables for r in t.rows for c in r.cells for p in c.paragraphs]
        hits = 0
        for p in [*document.paragraphs, *cells]:
            for run in p.runs:
                if old in run.text:
                    run.text = run.text.replace(old, new)
                    hits += 1
        assert hits

    return change


EDITS = {
    "a figure": (replaced("10,240", "9,999"), '"其中敏感个人信息" should be "10,240"'),
    "a recipient": (replaced("Lion Campaigns", "Tiger Campaigns"), 'row "Lion Campaigns 新加坡" is missing'),
    "a retention": (replaced("730", "365"), '"场景1的境外保存期限：730天。" is not in it as it should be'),
    "an entity": (replaced("华澜零售", "华澜集团"), '"数据处理者名称：华澜零售（盖章）" is not in it'),
    "an item": (replaced("过敏与疾病史", "兴趣爱好"), 'the row "过敏与疾病史" is missing'),
}


@pytest.mark.parametrize(("change", "said"), EDITS.values(), ids=EDITS)
def test_a_check_finds_what_was_changed(company, report, tmp_path, change, said):
    assert check_dossier(report, company / "out") == ()
    found = check_dossier(report, edited(company, tmp_path, change))

    assert any(said in line for line in found), found


def test_papers_with_blanks_are_not_said_to_agree(company, tmp_path):
    """Nothing differs: exit status 0; but what people still have to write is counted."""
    checked = ["dossier", "check", str(company / "out"), "-c", str(company / "chujing.yaml"), "--lang", "en",
               "--as-of", "2026-12-01"]
    done = CliRunner().invoke(app, checked)

    assert done.exit_code == 0, done.output
    assert CliRunner().invoke(app, [*checked, "--ready"]).exit_code == 3
    blanks = count_blanks(company / "out")
    assert blanks > 1 and f"{blanks} places" in done.output
    named = re.findall(r"(?m)^(.+(?:docx|xlsx)): to be filled in: (\d+) 【待填写】, (\d+) dates", done.output)
    assert sum(int(marks) + int(dates) for _, marks, dates in named) == blanks
    assert all((company / "out" / file).exists() for file, *_ in named)
    assert "agree with the state" not in done.output
    assert 'flow "crm-hq": ' in done.output                # what stands before its filing is named


def test_papers_that_are_written_agree_only_if_nothing_is_open(company, report, monkeypatch):
    """Every place written: what stands before a filing is said still, and without it the papers agree."""
    from scanner.deliver import dossier_check

    def said(points):
        monkeypatch.setattr(dossier_check, "count_blanks", lambda folder: 0)
        monkeypatch.setattr(dossier_check, "open_points", lambda report: points)
        checked = ["dossier", "check", str(company / "out"), "-c", str(company / "chujing.yaml"),
                   "--lang", "en", "--as-of", "2026-12-01"]
        ready = CliRunner().invoke(app, [*checked, "--ready"])
        assert ready.exit_code == (3 if points else 0)
        return ready.output

    points = dossier_check.open_points(report)
    assert {point.message.values["id"] for point in points} == {"crm-hq", "marketing-sg"}
    assert "agree with the state" not in said(points)
    assert "agree with the state" in said(())


@pytest.mark.parametrize("name", ["out", "other"])
def test_a_folder_without_papers_does_not_agree(report, tmp_path, name):
    (tmp_path / "other").mkdir()
    with pytest.raises(ConfigError, match="no papers of ours are in this folder"):
        check_dossier(report, tmp_path / name)


def test_a_changed_or_missing_file_is_named(company, report, tmp_path):
    import shutil

    folder = tmp_path / "out"
    shutil.copytree(company / "out", folder)
    (folder / "来源.csv").write_text("x", encoding="utf-8")
    (folder / "事实.csv").unlink()

    assert set(check_dossier(report, folder)) == {
        "来源.csv: changed since the dossier was written",
        "事实.csv: missing",
    }


def test_a_dossier_of_another_day_is_named_file_by_file(company, report):
    """A path that changed since: its papers, texts and tables are not those of the report of the day."""
    workspace = open_workspace(company / "chujing.yaml")
    blocked = "blocked_without_approval"
    flows = tuple(
        replace(f, decision=replace(f.decision, path=blocked, possible=(blocked,)))
        if f.flow.id == "marketing-sg" else f for f in report.flows
    )
    changed = check_dossier(replace(report, flows=flows), company / "out", workspace)

    assert check_dossier(report, company / "out", workspace) == ()
    for name in ("判断过程.txt", "decision.txt", "材料清单.csv", "未列入文书的场景.csv"):
        assert f"{name}: is not what the report of the day says: chujing dossier write" in changed
    assert [line for line in changed if "Lion Campaigns" in line and "does not belong" in line]
    assert "告知书和单独同意书（Lion Campaigns，营销推广）.docx: no path calls for it" in changed


def test_similar_scenarios_of_a_group_are_one_and_their_counts_stay_apart(report):
    crm = next(f for f in report.flows if f.flow.id == "crm-hq")
    other = replace(
        crm, flow=replace(crm.flow, id="crm-hq-2", entity="华澜上海"), individuals=Estimate.exactly(77)
    )
    facts = {"exporter": {**report.facts["exporter"], "combined_filing": "yes"}}
    (found,) = scenarios(replace(report, flows=(crm, other), facts=facts))

    assert len(scenarios(replace(report, flows=(crm, other)))) == 2  # nobody said that they file together
    assert {e: a.best for e, (a, _) in found.persons.items()} == {"华澜零售": 12_600, "华澜上海": 77}
    assert len(found.items) == len(scenarios(replace(report, flows=(crm,)))[0].items)


def test_acts_are_sealed_in_a_chain(tmp_path):
    for i in range(3):
        audit.append_act(tmp_path, "facts set", f"x={i}", "王敏")
    assert [a.about for a in audit.read_acts(tmp_path)] == ["x=0", "x=1", "x=2"]
    file = tmp_path / audit.FILE
    lines = file.read_text(encoding="utf-8").splitlines()
    raw = json.loads(lines[1]) | {"who": "somebody else"}
    file.write_text(
        "\n".join([lines[0], json.dumps(raw, ensure_ascii=False), lines[2]]) + "\n", encoding="utf-8"
    )
    with pytest.raises(StateError, match="changed outside chujing"):
        list(audit.read_acts(tmp_path))
    file.write_text("\n".join([lines[0], lines[2]]) + "\n", encoding="utf-8")
    with pytest.raises(StateError, match="changed outside chujing"):
        list(audit.read_acts(tmp_path))


def test_from_the_sheet_to_the_dossier_without_a_line_of_yaml(tmp_path, monkeypatch):
    """Every command a compliance lead types: sheet, import, scan (declared counts), facts, dossier, check."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHUJING_KEY", "55" * 32)
    run = CliRunner()

    def typed(*args, status=0):
        done = run.invoke(app, [*args], catch_exceptions=False)
        assert done.exit_code == status, done.output
        return done.output

    typed("flows", "template", "flows.xlsx")
    book = load_workbook("flows.xlsx")
    book[register_columns.SHEET].append(
        [
            "hr-workday",
            "华澜零售",
            "Hualan Holding SE",
            "DE",
            "跨境人力资源管理",
            "境外软件服务",
            "Workday",
            None,
            None,
            "进行中",
            None,
            "每日",
            1825,
            None,
            "人力资源部",
            "人力资源管理",
            "第五条（二）",
            "员工",
            320,
            12,
            0,
            "王敏",
            "2026-10-01",
            "系统用户统计",
        ]
    )
    book.save("flows.xlsx")
    typed("flows", "import", "flows.xlsx")
    typed("scan", "-c", "chujing.yaml", "--as-of", "2026-11-01", "-q")
    for fact in (
        "ciio=no",
        "important_data=none",
        "labour_rules=yes",
        "collective_contract=yes",
        "fields_necessary=yes",
    ):
        typed("facts", "set", fact, "--by", "王敏", "--how", "x", "--on", "2026-11-01")
    out = typed("decide", "--lang", "zh")
    typed("dossier", "write", "dossier")
    typed("dossier", "check", "dossier", "--as-of", "2026-11-02")
    listed = typed("audit")

    assert "免予三项程序（第五条（二） 人力资源管理）" in out
    assert "填报数" in out
    assert (Path("dossier") / PAPERS["pia_exempt"].file).exists()
    assert listed.count("facts set") == 5
    assert "dossier write" in listed


def test_nothing_to_file_is_one_clear_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHUJING_KEY", "55" * 32)
    flow_register.write(
        Path("f.xlsx"),
        [Flow("a", "e", Recipient("HQ", "DE"), "crm", "access_inside_china", fields=("x/y/z",))],
    )
    run = CliRunner()
    run.invoke(app, ["flows", "import", "f.xlsx"])
    run.invoke(app, ["scan", "-c", "chujing.yaml", "-q"])
    done = run.invoke(app, ["filing", "write", "papers"])

    assert flows_in(Path("chujing.yaml"))[0].mode == "access_inside_china"
    assert isinstance(done.exception, ConfigError)
    assert "no flow calls for these papers" in str(done.exception.line())


def test_marks_in_the_workbook_of_items_are_counted_and_may_be_filled_in(company, report, tmp_path):
    """Filling one in is no change of the dossier, and one place less is to be written."""
    workspace = open_workspace(company / "chujing.yaml")
    folder = tmp_path / "dossier"
    write_dossier(report, workspace, folder)
    book = load_workbook(folder / ITEM_TABLES)
    marked = [c for s in book for row in s.iter_rows() for c in row if TO_FILL_IN in str(c.value or "")]
    before = count_blanks(folder)
    assert marked and any(str(place).startswith(ITEM_TABLES) for place in blank_places(folder))

    for cell in marked:
        cell.value = f"经王敏说明：{cell.coordinate}"
    book.save(folder / ITEM_TABLES)

    assert count_blanks(folder) == before - len(marked)
    assert check_dossier(report, folder, workspace) == ()


def test_what_stands_before_a_filing_is_in_the_order_of_the_steps(company, report, tmp_path):
    workspace = open_workspace(company / "chujing.yaml")
    folder = tmp_path / "dossier"
    write_dossier(report, workspace, folder)
    (folder / "来源.csv").write_text("x", encoding="utf-8")

    readiness = folder_readiness(report, folder, workspace, date(2026, 12, 1))

    steps = [obstacle.step for obstacle in readiness.obstacles]
    assert steps == sorted(steps, key=STAGES.index) and {"fields", "papers", "dossier"} <= set(steps)
    assert not readiness.is_ready


@pytest.mark.parametrize("name", [dossier.HASHES, *dossier.DOSSIER_FILES])
def test_a_dossier_without_one_of_its_files_or_hashes_is_named(company, report, tmp_path, name):
    import shutil

    folder = tmp_path / "out"
    shutil.copytree(company / "out", folder)
    hashes = folder / dossier.HASHES
    if name != dossier.HASHES:
        lines = hashes.read_text(encoding="utf-8").splitlines(keepends=True)
        others = (line for line in lines if not line.endswith(f"  {name}\n"))
        hashes.write_text("".join(others), encoding="utf-8")
        assert check_dossier(report, folder) == (f"{name}: its hash is missing",)
    (folder / name).unlink()
    workspace = open_workspace(company / "chujing.yaml")
    assert [line for line in check_dossier(report, folder, workspace) if line.startswith(f"{name}: ")]
