"""The year's ledger through the command line: recorded, added up over months, declared, verified."""

import sqlite3

import pytest
from typer.testing import CliRunner

from scanner.cli.app import app

HEAD = """
version: 1
exporter: {id: a, entities: [a, b], facts: {ciio: no, important_data: none}}
sources: {crm: {url: "sqlite:///crm.db"}}
flows:
  - {id: f, entity: a, status: active, recipient: {name: HQ}, purpose: crm, fields: [member/*],
     delta: member/sent_on}
  - {id: g, entity: a, status: planned, recipient: {name: HQ}, purpose: crm, fields: [member/*]}
  - {id: h, entity: b, status: active, recipient: {name: HQ}, purpose: crm, fields: [member/*]}
"""


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    connection = sqlite3.connect(tmp_path / "crm.db")
    connection.execute("CREATE TABLE member (id INTEGER PRIMARY KEY, name TEXT, mobile TEXT, sent_on TEXT)")
    rows = [
        (i, f"林{chr(0x4E00 + i)}", f"137000{i:05d}", f"2026-{1 + (i > 60):02d}-1{i % 10}")
        for i in range(1, 101)
    ]
    connection.executemany("INSERT INTO member VALUES (?,?,?,?)", rows)
    connection.commit()
    connection.close()
    (tmp_path / "chujing.yaml").write_text(HEAD, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHUJING_KEY", "11" * 32)

    def run(*args, ok=True):
        done = CliRunner().invoke(app, [*args, *([] if "declare" in args else ["--lang", "en"])])
        assert (done.exit_code == 0) is ok, (done.output, done.exception)
        return done.output if ok else str(done.exception)

    run.folder = tmp_path
    return run


def test_months_add_up_each_person_once(ledger):
    assert "60 persons for 2026-01 (entry 1)" in ledger(
        "ledger", "record", "f", "--period", "2026-01", "--as-of", "2026-03-01"
    )
    assert "40 persons for 2026-02 (entry 2)" in ledger(
        "ledger", "record", "f", "--period", "2026-02", "--as-of", "2026-03-01"
    )
    ledger("ledger", "record", "f", "--period", "2026-02", "--as-of", "2026-03-01")
    ledger("ledger", "record", "h", "--period", "2026-02", "--as-of", "2026-03-01")

    shown = ledger("ledger", "show", "--year", "2026")

    assert (
        "a 2026: 100 persons, sensitive 0 (2 entries)" in shown
    )  # the second record of 2026-02 found the same persons
    assert "b 2026: 100 persons" in shown
    assert "whole group 2026: 100 persons" in shown


def test_recording_the_same_again_makes_nobody_more(ledger):
    connection = sqlite3.connect(ledger.folder / "crm.db")
    connection.executemany("INSERT INTO member VALUES (NULL, ?, NULL, NULL)", [("",)] * 3)
    connection.execute("CREATE TABLE fan (nickname TEXT, city TEXT)")
    connection.executemany("INSERT INTO fan VALUES (?, '上海')", [(f"风{i}",) for i in range(40)])
    connection.commit()
    connection.close()
    text = HEAD + (
        "  - {id: k, entity: a, status: active, recipient: {name: HQ}, purpose: crm, fields: [fan/*, "
        "member/mobile]}\n"
    )
    (ledger.folder / "chujing.yaml").write_text(text, encoding="utf-8")
    first = ledger("ledger", "record", "k", "--period", "2026-02", "--as-of", "2026-03-01")
    before = ledger("ledger", "show", "--year", "2026")
    again = ledger("ledger", "record", "k", "--period", "2026-02", "--as-of", "2026-03-01")

    assert "(entry 1)" in first and "(entry 1)" in again
    assert ledger("ledger", "show", "--year", "2026") == before


def test_the_scan_shows_what_was_exported_beside_what_could_be_and_keeps_those_deleted_since(ledger):
    ledger("scan", "-c", "chujing.yaml", "--record", "--as-of", "2026-02-15", "-q")
    connection = sqlite3.connect(ledger.folder / "crm.db")
    connection.execute("DELETE FROM member WHERE id > 30")
    connection.commit()
    connection.close()

    said = ledger("scan", "-c", "chujing.yaml", "--as-of", "2026-03-15", "-q", "--details")

    assert (
        "ledger: exported since 1 January: 40 people" in said
    )  # flow f records February's rows; g is only planned
    assert "70 people" in said  # thirty who could leave now, forty who left and were deleted


def test_only_active_flows_are_recorded(ledger):
    assert "is planned" in ledger(
        "ledger", "record", "g", "--period", "2026-02", "--as-of", "2026-03-01", ok=False
    )
    assert "no flow" in ledger("ledger", "record", "ff", ok=False)
    assert "not in 2026" in ledger(
        "ledger", "record", "f", "--period", "2025-12", "--as-of", "2026-01-05", ok=False
    )
    assert "no month" in ledger(
        "ledger", "record", "f", "--period", "soon", "--as-of", "2026-01-05", ok=False
    )


def test_declared_history_stands_beside_the_measured_as_an_interval(ledger):
    ledger("ledger", "record", "f", "--period", "2026-02", "--as-of", "2026-03-01")
    ledger(
        "ledger",
        "declare",
        "f",
        "--period",
        "2026-01",
        "--individuals",
        "500",
        "--sensitive",
        "20",
        "--by",
        "王敏",
        "--evidence",
        "log",
        "--as-of",
        "2026-03-01",
    )

    shown = ledger("ledger", "show", "--year", "2026")

    assert "a 2026: 540 (500–540) persons, sensitive 20" in shown
    assert "declared (王敏: log)" in shown


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE ledger_entry SET head = replace(head, '2026-02', '2026-01') WHERE number = 1",
        "UPDATE ledger_entry SET persons = CAST(persons || x'00' AS BLOB) WHERE number = 1",
        "DELETE FROM ledger_entry WHERE number = 2",
        "DELETE FROM ledger_entry WHERE number = 1",
        "DELETE FROM ledger_entry",
    ],
)
def test_tampering_is_noticed(ledger, harm):
    ledger("ledger", "record", "f", "--period", "2026-02", "--as-of", "2026-03-01")
    ledger("ledger", "record", "h", "--period", "2026-02", "--as-of", "2026-03-01")
    connection = sqlite3.connect(ledger.folder / ".chujing" / "state.db")
    connection.execute(harm)
    connection.commit()
    connection.close()

    assert "outside chujing" in ledger("ledger", "show", "--year", "2026", ok=False)


def test_another_key_is_refused_and_nothing_is_lost(ledger, monkeypatch):
    ledger("ledger", "record", "f", "--period", "2026-02", "--as-of", "2026-03-01")
    monkeypatch.setenv("CHUJING_KEY", "22" * 32)

    assert "not the one used before" in ledger("ledger", "show", "--year", "2026", ok=False)
    monkeypatch.setenv("CHUJING_KEY", "11" * 32)
    assert "40 persons" in ledger("ledger", "show", "--year", "2026")


def test_the_state_alone_gives_nobody_away(ledger):
    """Every number of the table, hashed as an outsider could without the key,
    is sought in the state: none is there.
    """
    import numpy as np
    import pyarrow as pa

    from mappings.person_keys import hash_keys

    ledger("ledger", "record", "f", "--period", "2026-02", "--as-of", "2026-03-01")
    raw = (ledger.folder / ".chujing" / "state.db").read_bytes()

    numbers = pa.array([f"137000{i:05d}" for i in range(1, 101)])
    for guess in (bytes(32), b"\x11" * 31 + b"\x12"):
        hashes = hash_keys(numbers, "phone_mobile", "phone_mobile", guess)[0] & ~np.uint64(15)
        assert not any(int(h).to_bytes(8, "little")[1:] in raw for h in hashes)
    assert not any(n.as_py().encode() in raw for n in numbers)


def test_a_new_year_starts_an_empty_ledger(ledger):
    ledger("ledger", "record", "f", "--period", "2026-02", "--as-of", "2026-03-01")

    assert "the ledger of 2027 is empty" in ledger("ledger", "show", "--year", "2027")


STATE = (
    "--individuals", "5", "--sensitive", "0", "--by", "王敏", "--evidence", "log", "--as-of", "2026-09-30",
)


def test_nobody_left_with_a_flow_in_months_it_did_not_run(ledger):
    """A statement of such months is refused; of one that stands already, the dates are to be mended."""
    config = ledger.folder / "chujing.yaml"
    ledger("ledger", "declare", "f", "--period", "2026-01..2026-02", *STATE)
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("{id: f,", "{id: f, since: 2026-03-02,"), encoding="utf-8")

    for period in ("2026-02", "2026-02..2026-04"):
        assert "did not run" in ledger("ledger", "declare", "f", "--period", period, *STATE, ok=False)
    assert "did not run" in ledger(
        "ledger", "record", "f", "--period", "2026-02", "--as-of", "2026-03-05", ok=False
    )
    ledger("ledger", "declare", "f", "--period", "2026-03..2026-08", *STATE)
    assert "2026-01..2026-02, when it did not run" in ledger(
        "scan", "-c", "chujing.yaml", "--as-of", "2026-09-30", "-q", "--details"
    )


def test_a_second_statement_of_a_month_is_named(ledger):
    first = ledger("ledger", "declare", "f", "--period", "2026-03", *STATE)
    again = ledger("ledger", "declare", "f", "--period", "2026-02..2026-04", *STATE)

    assert "entry 1 is" not in first
    assert "entry 1 is a statement of 2026-03 of this flow" in again


@pytest.mark.parametrize(("status", "words"), [
    ("active", "100 of 100 rows are older"), ("planned", "100 of 100 rows that would leave once it starts"),
    ("stopped", ""),
])
def test_rows_past_the_retention_are_those_that_leave_or_would_leave(ledger, status, words):
    """Of a flow that stopped no row leaves: what left is in the ledger."""
    until = ", until: 2026-03-31" if status == "stopped" else ""
    (ledger.folder / "chujing.yaml").write_text(
        HEAD[:HEAD.index("flows:")]
        + f"flows:\n  - {{id: f, entity: a, status: {status}{until}, purpose: crm,"
        " recipient: {name: HQ}, fields: [member/*], retention_days: 30, dated: [member/sent_on]}\n",
        encoding="utf-8",
    )

    shown = " ".join(ledger("scan", "-c", "chujing.yaml", "--as-of", "2026-09-30", "-q", "--details").split())

    assert words in shown if words else "rows that would leave" not in shown and "rows are older" not in shown
