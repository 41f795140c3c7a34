"""The demo company: its true head-counts are known, and the whole job runs on it the same way twice."""

import json
import shlex
import shutil
from dataclasses import replace
from datetime import date

import pytest
from typer.testing import CliRunner

import scanner
from reports.formats.json import to_json
from reports.load import from_json
from reports.model import labels
from scanner.cli.app import app
from scanner.job import exit_status
from scanner.review.redecide import WhatIf, decide_again
from scanner.setup.demo import build_demo
from scanner.workspace import open_workspace

DAY = date(2026, 11, 1)


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return folder, build_demo(folder, seed=7)


@pytest.fixture(scope="module")
def report(company):
    import os

    folder, _ = company
    os.environ.setdefault("CHUJING_KEY_FILE", str(folder / "k"))
    return scanner.scan(str(folder / "chujing.yaml"), as_of=DAY)


def flows(report):
    return {f.flow.id: f for f in report.flows}


def test_head_counts_are_the_true_ones(company, report):
    truth, found = company[1], flows(report)

    assert found["hr-hq"].individuals.best == truth.staff
    assert found["crm-hq"].individuals.best == truth.members_exported_to_hq
    assert found["crm-hq"].individuals.low <= truth.members_exported_to_hq <= found["crm-hq"].individuals.high
    assert found["marketing-sg"].individuals.best == truth.marketing
    assert found["marketing-sg"].sensitive_individuals.best == truth.marketing_sensitive
    assert report.exporter[0].individuals.best == truth.members
    assert report.exporter[0].counted == ("crm-hq", "marketing-sg")


def test_paths_and_what_dropping_fields_changes(report):
    found = flows(report)

    assert found["hr-hq"].decision.path == "exempt_art5_2"
    assert found["crm-hq"].decision.path == "security_assessment"
    assert found["marketing-sg"].decision.path == "security_assessment"
    assert {c.rsplit("/", 1)[1] for c in found["marketing-sg"].dropped} == {"birthday", "health_note"}
    # the ledger lacks months in which crm-hq ran: what left in them is open
    without = found["marketing-sg"].without_unnecessary
    assert without.path == "needs_review" and without.possible[0] == "exempt_art5_4"
    assert [q.fact for q in without.questions] == ["left_since_january"]


def test_dropping_fields_changes_the_path_where_nothing_is_open(tmp_path):
    build_demo(tmp_path, seed=7, since=DAY)
    found = flows(scanner.scan(str(tmp_path / "chujing.yaml"), as_of=DAY))

    assert found["marketing-sg"].decision.path == "security_assessment"
    assert found["marketing-sg"].without_unnecessary.path == "exempt_art5_4"


def test_the_columns_are_found(report):
    found = labels(report)

    assert found["crm/member/mobile"] == "phone_mobile"
    assert found["crm/member/health_note"] == "health"
    assert found["orders/orders/收货人"] == "person_name"
    assert found["staff/staff/身份证号"] == "resident_id"
    assert found["events/events/ip"] == "ip_address"
    assert not any(c.startswith("crm/product/") for c in found)


def test_another_seed_makes_other_people_and_the_same_counts(tmp_path, company):
    other = build_demo(tmp_path, seed=8)

    assert other == company[1]
    assert (tmp_path / "orders.csv").read_bytes() != (company[0] / "orders.csv").read_bytes()


def test_same_data_same_bytes(company, report, tmp_path, monkeypatch):
    monkeypatch.setenv("CHUJING_KEY_FILE", str(tmp_path / "another.key"))
    copy = tmp_path / "copy"
    shutil.copytree(company[0], copy, ignore=shutil.ignore_patterns(".chujing"))
    monkeypatch.chdir(company[0])

    second = scanner.scan(str(copy / "chujing.yaml"), as_of=DAY)

    def body(r):
        out = to_json(r)
        del out["run"]
        return json.dumps(out, ensure_ascii=False).replace(str(copy), "").replace(str(company[0]), "")

    assert body(second) == body(report)


def test_deciding_again_reads_no_data_and_agrees(company, report):
    workspace = open_workspace(company[0] / "chujing.yaml")
    loaded = from_json(json.loads(json.dumps(to_json(report))))
    second = decide_again(loaded, workspace, WhatIf(), None)

    assert loaded == report
    assert [f.decision for f in second.flows] == [f.decision for f in report.flows]
    assert [f.without_unnecessary for f in second.flows] == [f.without_unnecessary for f in report.flows]


def test_what_if_changes_the_answer_and_nothing_else(company, report):
    either = decide_again(report, None, WhatIf({"collective_contract": "no"}), None)
    second = decide_again(report, None, WhatIf({"collective_contract": "no", "hr_basis": "strict"}), None)

    # whether rules without a collective contract are enough is read in two ways
    assert flows(either)["hr-hq"].decision.possible == ("exempt_art5_2", "security_assessment")
    assert flows(second)["hr-hq"].decision.path == "security_assessment"
    assert flows(second)["hr-hq"].individuals == flows(report)["hr-hq"].individuals


STATUS = {
    "no limit": (None, 0),
    "assessment allowed": ("assessment", 0),
    "contract allowed": ("contract", 4),
    "exempt allowed": ("exempt", 4),
}


@pytest.mark.parametrize(("allow", "status"), STATUS.values(), ids=STATUS)
def test_exit_status(report, allow, status):
    from detectors.model import Skipped

    assert exit_status(report, allow) == status
    unread = replace(report, skipped=(Skipped("x", "y"),))
    assert exit_status(unread, allow) == {0: 3, 4: 5}[status]


def test_frames_for_notebooks(report):
    frames = report.to_pandas()

    assert {"label", "confidence", "table"} <= set(frames["findings"].columns)
    assert list(frames["flows"]["flow"]) == ["hr-hq", "crm-hq", "marketing-sg"]


def test_the_demo_command_ends_with_files_and_next_steps_that_can_be_followed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CHUJING_KEY_FILE")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))

    done = CliRunner().invoke(app, ["demo", "out", "--lang", "en"])
    change, *steps = [line.strip() for line in done.output.partition("Next:\n")[2].splitlines()]

    assert done.exit_code == 0, done.output
    assert "out/report.html" in done.output
    assert (tmp_path / "out" / "report.html").stat().st_size > 10_000
    assert change == "cd out"
    monkeypatch.chdir(tmp_path / "out")
    for step in steps:
        program, *arguments = shlex.split(step, comments=True)
        followed = CliRunner().invoke(app, arguments)

        assert (program, followed.exit_code) == ("chujing", 0), (step, followed.output)
    assert "[review]" in followed.output  # the last one says what the review in between changed
    assert not (tmp_path / "home").exists()  # no second key was made


def test_a_name_ignored_in_the_configuration_is_silent_until_its_day(company, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(company[0], copy, ignore=shutil.ignore_patterns(".chujing"))
    text = (copy / "chujing.yaml").read_text(encoding="utf-8")
    text += "\nignore: [{column: crm/store/store_phone, why: hotline, by: lin, until: 2026-12-31}]\n"
    (copy / "chujing.yaml").write_text(text, encoding="utf-8")

    def store_phone(day):
        found = scanner.scan(str(copy / "chujing.yaml"), as_of=day, values=False)
        return next(c for t in found.tables for c in t.columns if c.id == "crm/store/store_phone")

    assert store_phone(date(2026, 12, 31)).ignored == "hotline (lin, until 2026-12-31)"
    assert store_phone(date(2026, 12, 31)).findings == ()
    assert store_phone(date(2027, 1, 1)).ignored == ""


def test_persons_held_are_members_and_staff_and_those_to_call(company, report):
    _, truth = company
    held = report.stock[0].individuals

    assert held.best == truth.members + 2 * truth.staff  # each member of staff names one emergency contact
    assert held.low <= held.best <= held.high
