"""Every type of a database is read beside a mobile; one odd cell costs a cell, one odd column a column."""

import bent_columns
import pytest
import sqlalchemy as sa
from bent_columns import MOBILE

from detectors.folding import fold
from detectors.model import Skipped
from scanner.connectors import connect
from scanner.connectors.protocol import KeyQuestion
from scanner.gather.column_statistics import columns_of
from scanner.gather.examine import table_rows
from servers import Server


def read(source, info, rows=1_000):
    """Cells as text by column, losses by kind, and the count of rows."""
    sample = source.sample(info.ref, tuple(c.name for c in info.columns), rows, 1)
    cells = {name: fold(array).to_pylist() for name, array in columns_of(sample.batches).items()}
    losses = {loss.kind: loss for loss in sample.losses}
    return cells, losses, table_rows(info.rows, sample.drawn, sample.losses)


def listed(source):
    return {info.ref.name: info for info in source.tables() if not isinstance(info, Skipped)}


def tables_of(types):
    """Statements that give each type a table with one row, a mobile beside it."""
    for i, (kind, (value, _)) in enumerate(types.items()):
        yield f"CREATE TABLE t{i} (mobile VARCHAR(20), x {kind})"
        yield f"INSERT INTO t{i} VALUES ('{MOBILE}', {value})"  # noqa: S608 - values of ours


def faults(source, types, unlike=()):
    """What is wrong with the reading of each type."""
    wrong = {}
    for i, (kind, (_, text)) in enumerate(types.items()):
        cells, losses, count = read(source, listed_once(source)[f"t{i}"])
        if (cells["mobile"], count.method, count.low) != ([MOBILE], "exact", 1):
            wrong[kind] = (cells, count)
        if text is None and kind not in unlike:
            if set(losses) != {"bytes_no_text"}:
                wrong[kind] = losses
        elif kind not in unlike:
            leaves = text if isinstance(text, dict) else {"": text}
            expected = {f"x{behind}": [leaf] for behind, leaf in leaves.items()}
            if cells != {"mobile": [MOBILE]} | expected:
                wrong[kind] = cells
        if {name for name, loss in losses.items() if loss.lost}:
            wrong[kind] = losses
    return wrong


_LISTED = {}


def listed_once(source):
    if id(source) not in _LISTED:
        _LISTED.clear()
        _LISTED[id(source)] = listed(source)
    return _LISTED[id(source)]


@pytest.mark.server
def test_every_type_of_postgresql_is_read(postgresql):
    postgresql.fill(*bent_columns.POSTGRESQL_TYPES, *tables_of(bent_columns.POSTGRESQL),
                    "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    source = connect(postgresql.reader, password=postgresql.password)

    assert faults(source, bent_columns.POSTGRESQL, bent_columns.UNLIKE) == {}
    source.close()


@pytest.mark.server
def test_every_type_of_mariadb_is_read(mariadb):
    mariadb.fill("SET SESSION sql_mode = ''", *tables_of(bent_columns.MARIADB))
    source = connect(mariadb.reader, password=mariadb.password)

    assert faults(source, bent_columns.MARIADB) == {}
    source.close()


@pytest.mark.system
def test_every_type_of_duckdb_is_read(tmp_path):
    import duckdb

    with duckdb.connect(str(tmp_path / "t.duckdb")) as database:
        for statement in tables_of(bent_columns.DUCKDB):
            database.execute(statement)
    source = connect(f"duckdb:///{tmp_path}/t.duckdb")

    assert faults(source, bent_columns.DUCKDB, ("DOUBLE",)) == {}
    source.close()


@pytest.fixture
def sqlite(tmp_path):
    """(database to write to, the source)."""
    engine = sa.create_engine(f"sqlite:///{tmp_path}/t.db")
    with engine.connect() as connection:
        yield connection, lambda: connect(f"sqlite:///{tmp_path}/t.db")
    engine.dispose()


@pytest.mark.system
@pytest.mark.parametrize("name", bent_columns.SQLITE)
def test_columns_of_mixed_storage_are_read(name, sqlite):
    database, source = sqlite
    stored, texts = bent_columns.SQLITE[name]
    database.exec_driver_sql("CREATE TABLE t (mobile TEXT, x)")
    for cell in stored:
        database.exec_driver_sql("INSERT INTO t VALUES (?, ?)", (MOBILE, cell))
    database.commit()
    opened = source()
    cells, losses, count = read(opened, listed(opened)["t"])

    assert cells == {"mobile": [MOBILE] * 2, "x": texts}
    assert not any(loss.lost for loss in losses.values())
    assert ("bytes_no_text" in losses) == ("photographs" in name)
    assert (count.method, count.low) == ("exact", 2)
    opened.close()


@pytest.mark.system
def test_text_that_is_no_utf8_costs_no_more_than_its_cell(sqlite):
    database, source = sqlite
    database.exec_driver_sql("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, remark TEXT, mobile TEXT)")
    for i in range(50):
        database.exec_driver_sql("INSERT INTO t VALUES (?, '李四', '好', ?)", (i, MOBILE))
    for column, raw in (("name", "张三".encode("gb18030")), ("remark", b"\xff\xfe\x01")):
        database.exec_driver_sql(f"UPDATE t SET {column} = CAST(? AS TEXT) WHERE id = 7", (raw,))  # noqa: S608
    database.commit()
    opened = source()
    cells, losses, count = read(opened, listed(opened)["t"])

    assert cells["name"] == ["张三" if i == 7 else "李四" for i in range(50)]
    assert cells["mobile"] == [MOBILE] * 50
    assert {(loss.kind, loss.n, loss.lost) for loss in losses.values()} == {
        ("other_encoding_cells", 1, False), ("undecodable_cells", 1, True)}
    assert count.method == "row_sample"
    list(opened.read(listed(opened)["t"].ref, ("name",), {}))
    assert [loss.kind for loss in opened.losses(listed(opened)["t"].ref)] == ["other_encoding_cells"]
    opened.close()


@pytest.mark.system
def test_a_name_in_no_encoding_costs_itself(sqlite):
    database, source = sqlite
    database.exec_driver_sql("CREATE TABLE good (mobile TEXT)")
    database.exec_driver_sql("CREATE TABLE bad (mobile TEXT)")
    database.exec_driver_sql("PRAGMA writable_schema = ON")
    database.exec_driver_sql(
        "UPDATE sqlite_master SET name = CAST(x'd5c5' AS TEXT), tbl_name = CAST(x'd5c5' AS TEXT), "
        "sql = CAST(x'435245415445205441424c452022d5c522202861205445585429' AS TEXT) WHERE name = 'bad'")
    database.commit()
    opened = source()
    tables = list(opened.tables())

    assert [t.ref.name for t in tables if not isinstance(t, Skipped)] == ["good"]
    assert len([t for t in tables if isinstance(t, Skipped)]) == 1
    opened.close()


@pytest.mark.system
def test_a_view_of_what_is_gone_is_called_broken(sqlite):
    database, source = sqlite
    database.exec_driver_sql("CREATE TABLE base (mobile TEXT)")
    database.exec_driver_sql("CREATE VIEW v AS SELECT mobile FROM base")
    database.exec_driver_sql("DROP TABLE base")
    database.commit()
    opened = source()
    [skipped] = opened.tables()

    assert "the view is broken" in skipped.reason
    assert skipped.hint
    opened.close()


@pytest.mark.server
class TestPostgresql:
    def test_a_column_that_cannot_be_computed_costs_itself(self, postgresql):
        postgresql.fill(
            "CREATE TABLE t AS SELECT 1 AS id, '13812345678' AS mobile",
            "CREATE VIEW v AS SELECT id, 1 / (id - 1) AS bad, mobile, id AS again FROM t",
            "GRANT SELECT ON v TO reader")
        source = connect(postgresql.reader, password=postgresql.password)
        cells, losses, _ = read(source, listed(source)["v"])

        assert cells == {"id": ["1"], "bad": [None], "mobile": [MOBILE], "again": ["1"]}
        assert {(loss.kind, loss.n, loss.lost) for loss in losses.values()} == {
            ("unreadable_columns", 1, True)}
        assert "column bad" in losses["unreadable_columns"].message
        source.close()

    def test_a_database_without_an_encoding_is_read(self, postgresql):
        server = database(postgresql, "plain", "SQL_ASCII")
        insert(server, ["张三".encode("gb18030"), "李四".encode(), "王五".encode("gb18030")])
        source = connect(server.reader, password=server.password)
        cells, losses, count = read(source, listed(source)["t"])

        assert cells == {"name": ["张三", "李四", "王五"], "mobile": [MOBILE] * 3}
        assert {(loss.kind, loss.n) for loss in losses.values()} == {("other_encoding_cells", 2)}
        assert (count.method, count.low) == ("exact", 3)
        source.close()

    def test_text_in_another_encoding_than_its_database_is_read(self, postgresql):
        server = database(postgresql, "western", "LATIN1")
        insert(server, ["张三".encode("gb18030"), "李四".encode(), "王五".encode("gb18030")])
        source = connect(server.reader, password=server.password)
        cells, losses, _ = read(source, listed(source)["t"])

        assert cells["name"] == ["张三", "李四", "王五"]
        assert {(loss.kind, loss.n) for loss in losses.values()} == {("mojibake_cells", 3)}
        source.close()


def database(server, name, encoding):
    """Another database of a server."""
    engine = sa.create_engine(server.admin, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
        connection.exec_driver_sql(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 "
                                   "LC_COLLATE 'C' LC_CTYPE 'C'")
    engine.dispose()
    return Server(server.admin.replace("/shop", f"/{name}"), server.reader.replace("/shop", f"/{name}"))


def insert(server, names):
    """Put names into a table as bytes, as a program does whose encoding the server never asks for."""
    import psycopg

    with psycopg.connect(server.admin.replace("+psycopg", ""), autocommit=True) as connection:
        encoding = connection.execute("SHOW server_encoding").fetchone()[0]
        encoding = encoding.decode() if isinstance(encoding, bytes) else encoding
        connection.execute(f"SET client_encoding TO '{encoding}'")
        connection.execute("CREATE TABLE t (name text, mobile text)")
        for raw in names:
            connection.execute(b"INSERT INTO t VALUES ('" + raw + b"', '" + MOBILE.encode() + b"')")
        connection.execute("GRANT SELECT ON t TO reader")


@pytest.mark.server
def test_a_western_table_of_mariadb_holding_chinese_is_read(mariadb):
    western = "CONVERT({} USING latin1)"
    first, second = (
        ", ".join((western.format(f"_binary'{name}'"), western.format(f"x'{name.encode('gb18030').hex()}'")))
        for name in ("张三", "李四"))
    mariadb.fill(
        "CREATE TABLE t (u VARCHAR(50), g VARCHAR(50), w VARCHAR(50)) CHARACTER SET latin1",
        f"INSERT INTO t VALUES ({first}, 'José'), ({second}, 'Zoë')")  # noqa: S608 - values of ours
    source = connect(mariadb.reader, password=mariadb.password)
    cells, losses, _ = read(source, listed(source)["t"])

    assert cells == {"u": ["张三", "李四"], "g": ["张三", "李四"], "w": ["José", "Zoë"]}
    assert {(loss.kind, loss.n) for loss in losses.values()} == {("mojibake_cells", 4)}
    source.close()


def asked(source):
    """What a connector says of the leaves of 40,000 rows."""
    person = listed(source)["member"]
    leaf = "who.mobile"
    where = {"who.name": {"eq": "n7"}}
    rows = [row for batch in source.read(person.ref, (leaf, "id"), where) for row in batch.to_pylist()]
    sample = source.sample(person.ref, (leaf,), 500, 3)
    drawn = {row[leaf] for batch in sample.batches for row in batch.to_pylist()}
    question = KeyQuestion(leaf, "phone_mobile", ("who.name",))
    return (rows, source.count_distinct(person.ref, leaf, {}), source.key_counts(person.ref, question, {}, 1),
            len(drawn), sample.drawn.method)


MEMBERS = ([{"who.mobile": "13800000007", "id": 7}], 40_000, [(40_000, 0)], 500)


@pytest.mark.server
def test_what_is_asked_of_columns_can_be_asked_of_leaves_in_postgresql(postgresql):
    postgresql.fill(
        *bent_columns.POSTGRESQL_TYPES,
        "CREATE TABLE member AS SELECT g AS id, ROW('n' || g, (13800000000 + g)::text)::person AS who "
        "FROM generate_series(1, 40000) g",
        "ANALYZE member", "GRANT SELECT ON member TO reader")
    source = connect(postgresql.reader, password=postgresql.password)
    *answers, method = asked(source)
    postgresql.fill("REVOKE SELECT ON member FROM reader", "GRANT SELECT (id) ON member TO reader")
    cells, losses, _ = read(source, listed(source)["member"], 10)

    assert tuple(answers) == MEMBERS
    assert method.startswith("TABLESAMPLE")
    assert cells["who.name"] == [None] * 10
    assert losses["denied_columns"].n == 2
    source.close()


@pytest.mark.system
def test_what_is_asked_of_columns_can_be_asked_of_leaves_in_duckdb(tmp_path):
    import duckdb

    with duckdb.connect(str(tmp_path / "t.duckdb")) as database:
        database.execute(
            "CREATE TABLE member AS SELECT range AS id, {'name': 'n' || range, "
            "'mobile': (13800000000 + range)::VARCHAR} AS who FROM range(1, 40001)")
    source = connect(f"duckdb:///{tmp_path}/t.duckdb")
    *answers, method = asked(source)

    assert tuple(answers) == MEMBERS
    assert method == "hash of the row's number"
    source.close()


@pytest.mark.system
def test_what_is_cut_off_a_long_cell_is_said(sqlite):
    database, source = sqlite
    database.exec_driver_sql("CREATE TABLE t (mobile TEXT, x TEXT)")
    for length in (65_536, 65_537, 1):
        database.exec_driver_sql("INSERT INTO t VALUES (?, ?)", (MOBILE, "文" * length))
    database.commit()
    opened = source()
    cells, losses, count = read(opened, listed(opened)["t"])

    assert [len(cell) for cell in cells["x"]] == [65_536, 65_536, 1]
    assert {(loss.kind, loss.n, loss.lost) for loss in losses.values()} == {("long_cells", 1, False)}
    assert (count.method, count.low) == ("exact", 3)
    opened.close()
