"""A view of which one column fails costs that column; one that cannot be read at all says why."""

import sqlite3

import duckdb
import pytest

from detectors.errors import SourceError
from detectors.model import Skipped
from scanner.connectors import connect
from scanner.testing import rows_of

MOBILES = [f"139{i * 7919 % 10**8:08}" for i in range(1, 40)]
FAILING = {
    "sqlite": ("json_extract('{bad', id)", "abs(-9223372036854775808)", "json(mobile || '{')"),
    "duckdb": ("CAST('x' || mobile AS INTEGER)", "json_extract('{bad', '$.a')", "error('malformed')"),
}
CASES = [(engine, failing) for engine, columns in FAILING.items() for failing in columns]


def database(folder, engine, *statements):
    path = folder / f"m.{engine}"
    connection = sqlite3.connect(path) if engine == "sqlite" else duckdb.connect(str(path))
    connection.execute("CREATE TABLE member (id INTEGER, mobile VARCHAR(20))")
    connection.executemany("INSERT INTO member VALUES (?, ?)", list(enumerate(MOBILES)))
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return connect(f"{engine}:///{path}")


@pytest.mark.parametrize(("engine", "failing"), CASES)
def test_a_column_of_a_view_that_fails_costs_itself(engine, failing, tmp_path):
    source = database(tmp_path, engine,
                      f"CREATE VIEW v AS SELECT id, {failing} AS j, mobile FROM member")  # noqa: S608
    info = next(t for t in source.tables() if t.ref.name == "v")
    sample = source.sample(info.ref, ("id", "j", "mobile"), 1_000, 1)
    source.close()

    assert [row[2] for row in rows_of(sample.batches)] == MOBILES
    assert [(loss.kind, loss.message) for loss in sample.losses] == [
        ("unreadable_columns", "1 column cannot be read: column j")]


def test_a_view_that_cannot_be_read_says_why(tmp_path):
    (tmp_path / "f.csv").write_text("a,b\n1,2\n")
    source = database(
        tmp_path, "duckdb", "CREATE TABLE t (a INT, b INT)", "CREATE VIEW renamed AS SELECT a, b FROM t",
        "ALTER TABLE t RENAME b TO c",
        f"CREATE VIEW outside AS SELECT * FROM read_csv('{tmp_path}/f.csv')")  # noqa: S608
    words = {}
    for info in source.tables():
        assert not isinstance(info, Skipped)
        if info.kind == "view":
            with pytest.raises(SourceError) as refused:
                source.sample(info.ref, tuple(c.name for c in info.columns), 9, 1)
            words[info.ref.name] = refused.value.message
    source.close()

    assert "the view is broken" in words["renamed"]
    assert "outside of the database" in words["outside"]
