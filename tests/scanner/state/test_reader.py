"""A SQLite state is read by Python's own driver as by SQLAlchemy: the same answers, the same errors."""

import sqlite3
from datetime import date

import pytest
from generated import report

from detectors.errors import StateError
from scanner.count import ledger
from scanner.state import database, store
from scanner.state.reader import FileReader, SqlReader, open_reader

FILE = ".chujing/state.db"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.delenv("CHUJING_STATE", raising=False)
    store.remember(report(100, 2), tmp_path)
    return tmp_path


def answers(folder):
    """What is read of a state, or what is said where it cannot be."""
    asked = (
        lambda: store.runs(folder),
        lambda: store.last(folder),
        lambda: store.last(folder, whole=store.no_table),
        lambda: store.last(folder, whole=lambda outline: [t.id for t in outline.tables[:2]]),
        lambda: store.find(folder, "previous"),
        lambda: store.last_of_table(folder, None, report(100, 2).tables[1].id),
        lambda: ledger.newest_entry(folder, date.today().year),
    )
    return [answer(ask) for ask in asked]


def answer(ask):
    try:
        return ask()
    except StateError as e:
        return type(e), str(e.what), str(e.hint), str(e.where)


def change(folder, *statements):
    with sqlite3.connect(folder / FILE) as c:
        for statement in statements:
            c.execute(statement)
    c.close()


def spoil(folder):
    with (folder / FILE).open("r+b") as file:
        file.seek(30)
        file.write(b"\xff" * 4000)


STATES = {
    "whole": lambda folder: None,
    "no file of SQLite": lambda folder: (folder / FILE).write_bytes(b"no database" * 400),
    "spoilt": spoil,
    "empty file": lambda folder: (folder / FILE).write_bytes(b""),
    "of a later version": lambda folder: change(folder, "UPDATE alembic_version SET version_num = '9999'"),
    "run that is no JSON": lambda folder: change(folder, "UPDATE run SET report = 'x'"),
    "text that is no UTF-8": lambda folder: change(folder, "UPDATE run SET config = CAST(x'ff' AS TEXT)"),
    "a table that is missing": lambda folder: change(folder, "DROP TABLE run_table"),
    "rows that are missing": lambda folder: change(folder, "DELETE FROM run_table WHERE place > 1"),
    "older": lambda folder: change(
        folder, "DROP TABLE run_table", "UPDATE alembic_version SET version_num = '0006'"),
}


@pytest.mark.parametrize("made", STATES.values(), ids=STATES)
def test_both_ways_of_reading_say_the_same(folder, monkeypatch, made):
    made(folder)
    whole = (folder / FILE).read_bytes()
    by_file = answers(folder)
    (folder / FILE).write_bytes(whole)        # an older one was brought up to date
    monkeypatch.setenv("CHUJING_STATE", f"sqlite:///{folder / FILE}")
    store._LOADED.clear()

    assert answers(folder) == by_file


def test_a_state_is_read_in_one_transaction_and_left_as_it_is(folder):
    with open_reader(folder) as reader:
        assert isinstance(reader, FileReader)
        assert [*reader.rows("SELECT count(*) FROM run")] == [(1,)]
        change_refused = False
        try:
            change(folder, "PRAGMA busy_timeout = 1", "DELETE FROM run")
        except sqlite3.OperationalError:
            change_refused = True
        assert [*reader.rows("SELECT count(*) FROM run")] == [(1,)]
    assert change_refused


def test_an_older_state_is_brought_up_to_date_before_it_is_read(folder):
    STATES["older"](folder)
    with open_reader(folder) as reader:
        assert isinstance(reader, SqlReader)
    with open_reader(folder) as reader:
        assert isinstance(reader, FileReader)
        assert [*reader.rows("SELECT count(*) FROM run_table")] == [(0,)]
    with database.connection(folder, create=False) as c:
        assert database._revision(c) == database.revisions()[-1]
