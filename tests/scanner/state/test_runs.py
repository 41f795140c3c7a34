"""Which run is the last scan: the last good one of its configuration; others harm nothing."""

import gzip
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config as Alembic
from typer.testing import CliRunner

import scanner
from detectors.errors import StateError
from detectors.model import Skipped
from reports.formats.json import to_json
from reports.model import labels
from scanner.cli.app import app
from scanner.config import read
from scanner.records.scan_settings import changed_settings, settings_digests
from scanner.state import database, store
from scanner.state.run_entry import RunOrigin

CONFIG = """version: 1
sources:
  crm: {url: crm.csv}
  hr: {url: hr.csv}
"""
ROWS = "name,mobile\n" + "".join(f"张三,139{i:08d}\n" for i in range(30))


def chujing(*arguments, status=0):
    done = CliRunner().invoke(app, [*arguments, "--lang", "en"])
    assert done.exit_code == status, (done.output, done.exception)
    return done


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("crm", "hr", "other"):
        (tmp_path / f"{name}.csv").write_text(ROWS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def scanned(folder):
    """A folder with a chujing.yaml, scanned once; the id of that run."""
    (folder / "chujing.yaml").write_text(CONFIG, encoding="utf-8")
    chujing("scan")
    return store.last_id(folder)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    file = tmp_path_factory.mktemp("report") / "crm.csv"
    file.write_text(ROWS, encoding="utf-8")
    return scanner.scan(str(file), as_of=date(2026, 11, 1))


def run_of(report, number, **changes):
    run = replace(report.run, id=f"run-{number}", started=f"2026-11-{number:02}T01:00:00Z")
    return replace(report, run=run, **changes)


# ---- which run is the last


def test_a_scan_that_loses_a_source_leaves_the_last_one(folder, scanned):
    (folder / "crm.csv").unlink()
    failed = chujing("scan", status=3)
    explained = chujing("explain", "crm/crm/mobile")

    assert f"crm could not be read: the last scan stays {scanned}" in failed.stderr
    assert store.last_id(folder) == scanned
    assert "mobile" in explained.stdout and "failed or was interrupted" in explained.stderr
    newest, oldest = store.runs(folder)
    assert (newest.status, newest.is_good, oldest.is_good) == (3, False, True)


def test_a_source_that_left_the_configuration_is_not_lost(folder, scanned):
    (folder / "chujing.yaml").write_text("version: 1\nsources: {hr: {url: hr.csv}}\n", encoding="utf-8")
    chujing("scan")

    assert store.last_id(folder) == store.runs(folder)[0].id != scanned


def test_a_scan_of_a_url_beside_a_configuration_is_used_only_where_it_is_named(folder, scanned):
    aside = chujing("scan", "other.csv")
    id = store.runs(folder)[0].id

    assert store.last_id(folder) == scanned != id
    assert f"this one is run {id}" in aside.stderr
    chujing("explain", "other/mobile", status=1)
    assert "mobile" in chujing("explain", "other/mobile", "--report", id).stdout
    chujing("decide", id, "-o", "r.json")
    assert "other/other" in (folder / "r.json").read_text("utf-8")


def test_a_scan_of_a_url_beside_a_configuration_leaves_its_rounds_of_nights_open(folder, scanned):
    def rounds():
        with database.connection(folder, create=False) as c:
            return dict(c.execute(sa.text("SELECT name, finished FROM table_result")).all())

    with database.connection(folder, create=False) as c:
        c.execute(sa.text("UPDATE table_result SET finished = 2"))
    chujing("scan", "other.csv")
    assert rounds() == {"crm/crm": 2, "hr/hr": 2, "other/other": 1}
    chujing("scan")
    assert rounds() == {"crm/crm": 1, "hr/hr": 1, "other/other": 1}


def test_without_a_configuration_the_scan_of_a_url_is_the_last(folder):
    chujing("scan", "crm.csv")
    chujing("scan", "other.csv")
    chujing("scan", "other.csv", "--rows", "10")
    newest, before, _ = store.runs(folder)

    assert store.last_id(folder) == newest.id
    assert store.find(folder, "previous").run.id == before.id
    chujing("scan", "none.csv", status=3)
    assert store.last_id(folder) == newest.id


def test_the_run_before_is_of_the_same_url(folder):
    chujing("scan", "crm.csv")
    chujing("scan", "other.csv")

    with pytest.raises(StateError, match="only one scan"):
        store.find(folder, "previous")


def test_a_folder_with_two_configurations_has_two_last_scans(folder, scanned):
    (folder / "b.yaml").write_text("version: 1\nsources: {other: {url: other.csv}}\n", encoding="utf-8")
    assert "no scan of b.yaml" in str(chujing("explain", "mobile", "-c", "b.yaml", status=1).exception)
    chujing("scan", "-c", "b.yaml")

    assert store.last_id(folder) == scanned
    assert store.last_id(folder, "b.yaml") == store.runs(folder)[0].id
    assert "other/other/mobile" in chujing("explain", "other/mobile", "-c", "b.yaml").stdout


def test_runs_shows_source_command_figures_and_exit_status(folder, scanned):
    chujing("scan", "other.csv", "--rows", "10", "--no-such", status=2)
    chujing("scan", "other.csv", "--rows", "10", "--metadata-only")
    aside, last = chujing("runs").stdout.splitlines()

    assert last.startswith(f"* {scanned}")
    assert "exit 0  2 tables  4 columns with findings  chujing.yaml [crm hr]  scan" in last
    assert aside.startswith("  2")
    assert aside.endswith("other.csv  scan other.csv --rows 10 --metadata-only")


def test_a_configuration_that_changed_since_is_named(folder, scanned):
    assert "has changed" not in chujing("explain", "crm/mobile").stderr
    (folder / "chujing.yaml").write_text(CONFIG + "links: [{from: a/b, to: c/d}]\n", encoding="utf-8")
    said = chujing("explain", "crm/mobile").stderr

    assert "chujing.yaml has changed since the scan of" in said and "(links)" in said
    (folder / "chujing.yaml").write_text(CONFIG + "abroad: [eu-*]\n", encoding="utf-8")
    assert "has changed" not in chujing("explain", "crm/mobile").stderr


def test_a_configuration_is_the_same_wherever_a_command_is_run_and_its_folder_lies(folder, monkeypatch):
    sources = "{c: {url: sub/crm.csv}, d: {url: 'sqlite:///d.db'}, f: {url: ../other.csv}}"
    place = folder / "company"
    place.mkdir()
    (place / "chujing.yaml").write_text(f"version: 1\nsources: {sources}\n", encoding="utf-8")
    digests = []
    for stand, base in ((folder, "company"), (place, "."), (folder / "moved", "company")):
        if not stand.exists():
            stand.mkdir()
            place.rename(stand / "company")
        monkeypatch.chdir(stand)
        digests.append(settings_digests(read(Path(base) / "chujing.yaml")))

    assert digests[0] == digests[1] == digests[2]
    file = Path("company/chujing.yaml")
    file.write_text(file.read_text(encoding="utf-8").replace("sub/", "sup/"), encoding="utf-8")
    assert changed_settings(read(file), digests[0]) == ("sources",)


def test_what_is_interrupted_or_reads_nothing_is_the_last_only_where_there_is_no_other(folder, report):
    interrupted = replace(report, run=replace(report.run, interrupted=True))
    unread = replace(report, tables=(), skipped=(Skipped("crm", "down"),))
    store.remember(run_of(unread, 1), folder)
    with pytest.raises(StateError, match="no scan that read anything"):
        store.last(folder)
    stored = [
        store.remember(run_of(x, number), folder).last.id
        for number, x in ((2, interrupted), (3, unread), (4, report), (5, interrupted), (6, unread))
    ]

    assert stored == ["run-2", "run-2", "run-4", "run-4", "run-4"]


def test_the_last_scan_outlives_the_bound_of_what_is_remembered(folder, report, monkeypatch):
    monkeypatch.setattr(store, "MOST_REMEMBERED", 2)
    store.remember(run_of(report, 1), folder, RunOrigin("chujing.yaml"))
    for number in (2, 3, 4):
        store.remember(run_of(report, number), folder, RunOrigin(""))

    assert [run.id for run in store.runs(folder)] == ["run-4", "run-3", "run-1"]
    assert store.last_id(folder, "chujing.yaml") == "run-1"


# ---- states of other versions, and damaged ones


def state_at(folder, revision, rows):
    """Make a state as an earlier version did."""
    (folder / ".chujing").mkdir()
    engine = sa.create_engine(f"sqlite:///{folder}/.chujing/state.db")
    with engine.begin() as c:
        config = Alembic()
        config.set_main_option("script_location", str(database.MIGRATIONS))
        config.attributes["connection"] = c
        command.upgrade(config, revision)
        c.execute(sa.text("INSERT INTO run VALUES (:id, :started, '2026-11-01', :report)"), rows)
    engine.dispose()


@pytest.mark.parametrize("revision", ["0001", "0005"])
def test_a_state_of_an_earlier_version_is_brought_up_to_date(folder, report, revision):
    (folder / "chujing.yaml").write_text(CONFIG, encoding="utf-8")
    body = gzip.compress(json.dumps(to_json(report)).encode())
    state_at(
        folder,
        revision,
        [
            {"id": "a", "started": "2026-10-01T00:00:00Z", "report": body},
            {"id": "b", "started": "2026-10-02T00:00:00Z", "report": body[:40]},
        ],
    )
    damaged, whole = store.runs(folder)

    findings = len(labels(report))
    assert (whole.tables, whole.findings, whole.is_good, whole.origin.config) == (1, findings, True, None)
    assert (damaged.tables, damaged.findings) == (None, None)
    assert store.find(folder, "a").run.id == report.run.id
    with pytest.raises(StateError, match="run b is damaged") as e:
        store.last(folder)
    assert "scan again" in e.value.hint


def test_a_state_of_a_later_version_is_left_alone(folder, scanned):
    with database.connection(folder, create=False) as c:
        c.execute(sa.text("UPDATE alembic_version SET version_num = '0999'"))
    before = (folder / ".chujing" / "state.db").read_bytes()

    with pytest.raises(StateError, match="a later version") as e:
        store.runs(folder)
    assert "pip install -U chujing" in e.value.hint
    assert (folder / ".chujing" / "state.db").read_bytes() == before


@pytest.mark.parametrize("content", [b"no database " * 100, None])
def test_a_damaged_state_is_one_line_with_the_remedy(folder, scanned, content):
    file = folder / ".chujing" / "state.db"
    whole = file.read_bytes()
    file.write_bytes(content or whole[:4096] + b"\0" * 4096 + whole[8192:])

    with pytest.raises(StateError) as e:
        store.last(folder)
    assert e.value.hint


@pytest.mark.parametrize(
    "body", [b"no gzip", gzip.compress(b"{}", mtime=0), gzip.compress(b"[1", mtime=0)[:-9]]
)
def test_damaged_results_of_tables_are_read_again(folder, scanned, body):
    with database.connection(folder, create=False) as c:
        c.execute(sa.text("UPDATE table_result SET body = :body"), {"body": body})
    chujing("plan")
    chujing("scan")

    newest, before = store.runs(folder)
    assert newest.is_good and (newest.tables, newest.findings) == (before.tables, before.findings)


def test_a_damaged_item_of_a_catalog_is_one_line_with_the_remedy(folder, scanned):
    pushing = ("push", "--to", "odcs", "-o", "contracts/", "--include", "suggested")
    chujing(*pushing)
    with database.connection(folder, create=False) as c:
        assert c.execute(sa.text("UPDATE push_item SET body = :body"), {"body": b"{"}).rowcount

    assert isinstance(error := chujing(*pushing, status=1).exception, StateError)
    assert error.hint == "bring back a copy of the state"


@pytest.mark.parametrize("url", ["nosuch://x", "not a url", "sqlite+nosuch:///a.db"])
def test_a_state_that_names_no_database_is_said(folder, monkeypatch, url):
    monkeypatch.setenv(database.STATE_VARIABLE, url)

    with pytest.raises(StateError, match="CHUJING_STATE"):
        store.runs(folder)
