"""Commands that read tables in outline print what they print from whole ones, as before."""

import gzip
import json
from dataclasses import replace

import pytest
import sqlalchemy as sa
from generated import hostile, report
from typer.testing import CliRunner

from detectors.message import Msg
from detectors.model import ColumnFinding, ColumnId, Evidence, Label, Rows, TableId
from mappings.assess import assess
from mappings.taxonomy import load_taxonomy
from reports.formats.json import to_json
from reports.model import ColumnReport, TableReport
from scanner.cli.app import app
from scanner.state import database, store

COLUMN, TABLE = "sys01/app/member_0/mobile", "sys01/app/member_0"
COMMANDS = (
    "runs", "find", "find label=email", "find review=possible", "find confidence>=0.9 -o -", "show",
    f"show {COLUMN}", f"show {TABLE}", "show sys01", "show crm-hq", "show 华澜零售", f"explain {COLUMN}",
    "explain copies/t/copy", "explain crm-hq", "explain nothing/such", "explain mobile", "review todo",
    "review todo --possible", "review status", "review list", "decide", "decide --details",
    "decide --explain", "decide --what-if ciio=yes", "decide -o r.csv", "diff",
    "diff previous last --json-lines", "facts",
    "digest --since 7d", "explain odd", "review accept sys01/app/order_1 --by lin --why right",
    f"review relabel {COLUMN} --to email --by lin --why wrong", "review todo", "review status",
    "digest --since 7d", f"explain {COLUMN}",
)
REVIEWS = f"""- {{by: 王敏, on: 2026-10-01, columns: [{COLUMN}], verdict: reject, why: wrong}}
- {{by: lin, on: 2026-10-01, table: {TABLE}, verdict: accept}}
"""


def copies():
    """A table whose columns are made of others, possibly personal, ignored, constant, or rounded."""
    table = TableId("copies/t")

    def column(name, evidence, **more):
        id = ColumnId(f"{table}/{name}")
        finding = ColumnFinding(
            id, Label("phone_mobile"), "mobile", "personal_information", "core", 0.7, evidence,
            possible=True, subject_key=True,
        )
        found = tuple(assess([finding], load_taxonomy()))
        return ColumnReport(id, name, "varchar(20)", "", found, 90, **more)

    parent = Evidence("lineage", Msg("taken from {column}", column=COLUMN))
    values = Evidence("value", "phone", 80, 90, "cells")
    columns = (
        column("copy", (parent, values)), column("other", (values,), ignored="test rows"),
        column("fixed", (), constant=True, decimals=3),
        ColumnReport(ColumnId(f"{table}/plain"), "plain", "int", "无"),
    )
    return TableReport(table, "scanned", "", Rows(90, 90, "exact"), None, columns)


def fill(folder):
    """Remember two runs of two thirds of what the other has."""
    made = report(300, 3, extra=(*hostile(), copies()))
    surrogates = [t for t in made.tables if "odd" not in t.id]
    earlier = replace(
        made, tables=tuple(surrogates[:-3]),
        run=replace(made.run, id="run-1", started="2026-10-01T00:00:00Z", finished="2026-10-01T00:00:00Z"),
    )
    later = replace(made, run=replace(made.run, id="run-2"))
    for run in (earlier, later):
        store.remember(run, folder)
    (folder / "reviews.yaml").write_text(REVIEWS, encoding="utf-8")


def to_old_layout(folder):
    """Make of every run one JSON in its row, as earlier versions did."""
    bodies = {run.id: to_json(store.find(folder, run.id)) for run in store.runs(folder)}
    with database.connection(folder, create=False) as c:
        for id, body in bodies.items():
            packed = gzip.compress(json.dumps(body).encode())
            c.execute(sa.text("UPDATE run SET report = :b WHERE id = :i"), {"b": packed, "i": id})
        c.execute(sa.text("DELETE FROM run_table"))


def answers(folder, monkeypatch):
    """What every command prints, its exit status and its error."""
    monkeypatch.chdir(folder)
    said = {}
    for number, command in enumerate(COMMANDS):
        done = CliRunner().invoke(app, [*command.split(), "--lang", "zh"])
        error = "" if isinstance(done.exception, SystemExit | None) else repr(done.exception)
        said[number, command] = (done.stdout, done.stderr, done.exit_code, error)
    said["r.csv", ""] = ((folder / "r.csv").read_text("utf-8"), "", 0, "")
    return said


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    rows, whole = (tmp_path_factory.mktemp(name) for name in ("rows", "whole"))
    for folder in (rows, whole):
        fill(folder)
    to_old_layout(whole)
    return rows, whole


def test_every_command_prints_the_same_from_rows_and_from_one_whole_report(folders, monkeypatch):
    from_rows, from_whole = (answers(folder, monkeypatch) for folder in folders)

    failed = [command for (_, command), said in from_rows.items() if said[2]]
    assert failed == ["explain nothing/such", "explain mobile", "explain odd"]
    for key, said in from_rows.items():
        assert said == from_whole[key], key


def test_a_table_read_alone_is_explained_as_from_the_whole_scan(tmp_path, monkeypatch):
    """Of every table and a column of each; words that are no id, or several, take the long way."""
    fill(tmp_path)
    monkeypatch.chdir(tmp_path)
    tables = store.last(tmp_path).tables
    words = [str(part.id) for t in tables for part in (t, *t.columns[:1])]
    words += ["crm-hq", "sys01", "nothing/such", "member_0/mobile", "/", "sys01/app/", f"{COLUMN}/", ""]
    alone = {word: printed_by(["show", word]) for word in words}
    single = {word for word in words if store.last_of_table(tmp_path, None, word) is not None}
    monkeypatch.setattr(store, "last_of_table", lambda *_: None)

    assert {word: printed_by(["show", word]) for word in words} == alone
    assert {str(t.id) for t in tables if "/" in t.id} <= single and not single & {"crm-hq", "sys01", "", "/"}


def printed_by(words):
    result = CliRunner().invoke(app, words)
    return result.exit_code, result.output, str(result.exception)
