"""A file that no reader takes counts as unread until it is scanned, excluded, or ignored with a reason."""

import sqlite3
from datetime import date

import pytest
from typer.testing import CliRunner

from scanner import job
from scanner.cli.app import app
from scanner.config.model import Config, read
from scanner.config.run_options import RunOptions
from scanner.config.sources import Source

AS_OF = date(2026, 3, 1)


@pytest.fixture
def folder(tmp_path):
    data = tmp_path / "data"
    (data / "old").mkdir(parents=True)
    (data / "members.csv").write_text("姓名,手机号\n林一,13700000001\n", encoding="utf-8")
    connection = sqlite3.connect(data / "old" / "crm.db")
    connection.execute("create table member (mobile text)")
    connection.close()
    (data / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return data


def scan(*sources, **settings):
    report = job.scan(Config(sources=sources, **settings), RunOptions(as_of=AS_OF))
    return report, {s.id: s.hint for s in report.skipped}


def test_a_database_among_files_is_named_with_the_line_that_scans_it(folder):
    report, unread = scan(Source("s", str(folder)))

    assert unread == {"s/old/crm%2Edb":
                      f"scan it as a source of its own: chujing scan sqlite:///{folder}/old/crm.db"}
    assert report.sources[0].other_files == ("pictures: 1 (logo.png)",)
    assert job.exit_status(report, None) == 3


def test_it_is_settled_by_a_source_of_its_own(folder):
    report, unread = scan(Source("s", str(folder)), Source("crm", f"sqlite:///{folder}/old/crm.db"))

    assert unread == {}
    assert report.sources[0].other_files[1:] == ("s/old/crm.db: scanned as a source of its own",)


@pytest.mark.parametrize("pattern", ["old/crm.db", "*.db", "old/*"])
def test_it_is_settled_by_excluding_it(folder, pattern):
    assert scan(Source("s", str(folder), exclude=(pattern,)))[1] == {}


@pytest.mark.parametrize(("until", "n"), [("2026-12-31", 0), ("2026-02-28", 1)])
def test_it_is_settled_by_ignoring_it_until_a_day(folder, tmp_path, until, n):
    file = tmp_path / "chujing.yaml"
    entry = f"{{file: s/old/*.db, why: a copy of crm, by: lin, until: {until}}}"
    file.write_text(f"version: 1\nsources: {{s: {{url: {folder}}}}}\nignore: [{entry}]\n", encoding="utf-8")
    report = job.scan(read(file), RunOptions(as_of=AS_OF))

    assert len(report.skipped) == n
    assert any("a copy of crm (lin, until" in line for line in report.sources[0].other_files) == (not n)


@pytest.mark.parametrize(("name", "settings", "words"), [
    ("logo.png", {}, "there is no table in it"), ("a.csv", {"exclude": ("a",)}, "no table in it is selected"),
])
def test_a_source_without_a_table_is_said(tmp_path, name, settings, words):
    (tmp_path / name).write_text("a,b\n1,2\n", encoding="utf-8")
    report = job.scan(Config(sources=(Source("s", str(tmp_path), **settings),)))

    assert [words in s.reason for s in report.skipped] == [True]
    assert job.exit_status(report, None) == 3


@pytest.mark.parametrize(("names", "words"), [((), "no file in the folder"), ((".a.csv",), "or are hidden")])
def test_a_folder_without_a_table_says_why(tmp_path, names, words):
    for name in names:
        (tmp_path / name).write_text("a,b\n1,2\n", encoding="utf-8")
    [said] = job.scan(Config(sources=(Source("s", str(tmp_path)),))).skipped

    assert words in f"{said.reason} {said.hint}"


OWN = "crm: {url: 'sqlite:///data/old/crm.db'}"


@pytest.mark.parametrize(("sources", "ignored", "status"), [
    ("s: {url: data}", "", 3),
    (f"s: {{url: data}}, {OWN}", "", 0),
    ("s: {url: data, exclude: ['*.db']}", "", 0),
    ("s: {url: data}", "{file: s/old/*.db, why: a copy of crm, by: lin, until: 2999-12-31}", 0),
    ("s: {url: data}", "{file: s/old/*.db, why: a copy of crm, by: lin, until: 2020-12-31}", 3),
])
def test_a_plan_ends_as_the_scan_that_it_plans(folder, monkeypatch, sources, ignored, status):
    monkeypatch.chdir(folder.parent)
    file = folder.parent / "chujing.yaml"
    file.write_text(f"version: 1\nsources: {{{sources}}}\nignore: [{ignored}]\n", encoding="utf-8")
    ends = [CliRunner().invoke(app, [command, "-c", file.name, "--lang", "en"]).exit_code
            for command in ("plan", "scan")]

    assert ends == [status, status]
