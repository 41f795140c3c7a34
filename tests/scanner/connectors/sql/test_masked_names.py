"""Tables and columns of a database that are called by somebody's number: masked, and read all the same."""

import sqlite3

from scanner.connectors import connect
from scanner.testing import rows_of

MOBILE, MAIL, ID = "13912345678", "lin.wang@163.com", "110101199003074477"


def test_values_are_no_names_of_tables_and_columns(tmp_path):
    database = sqlite3.connect(tmp_path / "x.db")
    database.execute(f'create table "{MOBILE}" ("{ID}" integer primary key, b int)')
    key = f'"{MOBILE}" int references "{MOBILE}" ("{ID}")'
    database.execute(f'create table "13812345678" ("{MAIL}" int, {key})')
    database.execute("create table plain (a int)")
    database.execute('insert into "13912345678" values (4, 5)')
    database.execute('insert into "13812345678" values (7, 4)')
    database.commit()
    database.close()
    source = connect(f"sqlite:///{tmp_path}/x.db", name="s")
    infos = {info.ref.name: info for info in source.tables()}
    columns = {name: tuple(c.name for c in info.columns) for name, info in infos.items()}
    samples = {name: source.sample(info.ref, columns[name], 100, 1) for name, info in infos.items()}
    reads = {name: list(source.read(info.ref, columns[name], {})) for name, info in infos.items()}
    plans = [source.plan(info.ref, columns[name], 100, 1) for name, info in infos.items()]

    assert sorted(infos) == ["plain", "•••", "•••_2"]
    assert columns == {"plain": ("a",), "•••": ("•••", "•••_2"), "•••_2": ("•••", "b")}
    for name, rows in {"plain": [], "•••": [("7", "4")], "•••_2": [("4", "5")]}.items():
        for batches in (samples[name].batches, reads[name]):
            assert [tuple(map(str, row)) for row in rows_of(batches)] == rows
    assert source.count_distinct(infos["•••"].ref, "•••_2", {}) == 1
    shown = f"{infos} {columns} {plans}"
    assert [value for value in (MOBILE, "13812345678", MAIL, ID) if value in shown] == []


def test_a_table_called_by_a_person_is_masked_and_read(tmp_path):
    database = sqlite3.connect(tmp_path / "x.db")
    database.execute('create table "吕漪萱" (n int)')
    database.execute('insert into "吕漪萱" values (4)')
    database.commit()
    database.close()
    source = connect(f"sqlite:///{tmp_path}/x.db", name="s")
    (info,) = source.tables()

    assert info.ref.name == "•••" and rows_of(source.read(info.ref, ["n"], {})) == [("4",)]


def test_a_database_with_a_log_is_left_as_it_was(tmp_path):
    database = sqlite3.connect(tmp_path / "x.db")
    database.execute("pragma journal_mode = wal")
    database.execute("create table plain (n int)")
    database.execute("insert into plain values (4)")
    database.commit()
    open_log = connect(f"sqlite:///{tmp_path}/x.db", name="s")
    (info,) = open_log.tables()
    assert rows_of(open_log.read(info.ref, ["n"], {})) == [("4",)]      # of the log, which is not empty
    open_log.close()
    database.close()
    before = sorted(path.name for path in tmp_path.iterdir())
    source = connect(f"sqlite:///{tmp_path}/x.db", name="s")
    (info,) = source.tables()

    assert rows_of(source.read(info.ref, ["n"], {})) == [("4",)]
    source.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == before == ["x.db"]
