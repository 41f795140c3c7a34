"""Samples of large tables stand for the whole table, whatever its key looks like."""

import pytest
import sqlalchemy as sa

from scanner.connectors import connect
from scanner.connectors.sql.ranges import split_key, starting_points
from scanner.testing import rows_of

ROWS = 60_000
SEEDS = 4
KEYS = {  # key of the n-th row
    "one after the other": lambda n: n,
    "a huge gap": lambda n: n + 4_000_000_000 * (n > 20_000),
    "few rows over a wide range, most in a narrow one": lambda n: (
        n * 50_000_000 if n <= 12_000 else 10**12 + n
    ),
    "a narrow range first, then wide": lambda n: n if n <= 36_000 else n * 9_000_000,
    "many gaps": lambda n: n + 1_000_000 * (n // 1_000),
}


def insert(url, key):
    engine = sa.create_engine(url)
    big = sa.table("big", sa.column("id"), sa.column("place"))
    with engine.begin() as c:
        c.execute(big.insert(), [{"id": key(n), "place": n} for n in range(1, ROWS + 1)])
    engine.dispose()


def unevenness(source, table):
    """Chi-square over ten equal parts of the table, of all seeds together,
    divided by the rows that stand together.
    """
    counts, drawn = [0] * 10, 0
    for seed in range(SEEDS):
        sample = source.sample(table.ref, ("place",), 1_000, seed)
        assert sample.drawn.method == "ranges of the key"
        assert 700 <= sample.drawn.rows <= 1_000
        for (place,) in rows_of(sample.batches):
            counts[(int(place) - 1) * 10 // ROWS] += 1
        drawn += sample.drawn.rows
    expected = drawn / 10
    return sum((n - expected) ** 2 / expected for n in counts) / 4  # runs of four rows


@pytest.mark.server
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_every_tenth_of_a_mariadb_table_has_its_share_of_the_sample(mariadb, key):
    mariadb.fill("CREATE TABLE big (id BIGINT PRIMARY KEY, place INT, filler CHAR(60) DEFAULT 'x')")
    insert(mariadb.admin, key)
    mariadb.fill("ANALYZE TABLE big")
    source = connect(mariadb.reader, password=mariadb.password)
    table = next(t for t in source.tables() if t.ref.name == "big")

    assert unevenness(source, table) < 27.9  # 99.9 % of chi-square with 9 degrees of freedom
    first, second = (source.sample(table.ref, ("place",), 1_000, 3) for _ in range(2))
    assert rows_of(first.batches) == rows_of(second.batches)
    source.close()


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_every_tenth_of_a_sqlite_table_has_its_share_of_the_sample(tmp_path, key):
    url = f"sqlite:///{tmp_path / 'a.db'}"
    engine = sa.create_engine(url)
    with engine.begin() as c:
        c.exec_driver_sql("CREATE TABLE big (id INTEGER PRIMARY KEY, place INT)")
    engine.dispose()
    insert(url, key)
    source = connect(url)

    assert unevenness(source, next(source.tables())) < 27.9
    source.close()


@pytest.mark.parametrize(("suffix", "method"), [("", "ranges of the key"), (" WITHOUT ROWID", "first rows")])
def test_a_sqlite_table_with_a_key_of_text_is_drawn_along_its_row_numbers_where_it_has_them(
    tmp_path, suffix, method
):
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.begin() as c:
        c.exec_driver_sql(f"CREATE TABLE big (id TEXT PRIMARY KEY, place INT){suffix}")
    engine.dispose()
    insert(f"sqlite:///{tmp_path / 'a.db'}", lambda n: f"u{n:08}")
    source = connect(f"sqlite:///{tmp_path / 'a.db'}")
    sample = source.sample(next(source.tables()).ref, ("place",), 1_000, 7)
    source.close()

    assert (sample.drawn.method, sample.drawn.repeatable) == (method, method != "first rows")
    assert (max(int(p) for (p,) in rows_of(sample.batches)) > 50_000) is (method != "first rows")


def test_points_stand_where_the_rows_are():
    """A thousand rows at each end of a range of 10 to the 12th:
    half of the points at each end, none between.
    """

    def inside(asked):
        return [max(0, min(b, 999) - a + 1) + max(0, b - max(a, 10**12 - 1_000) + 1) for a, b in asked]

    starts = [start for start, _ in starting_points(split_key(0, 10**12 - 1, inside), 100, seed=7)]

    assert sum(s < 1_100 for s in starts) == pytest.approx(50, abs=2)
    assert sum(s >= 10**12 - 1_100 for s in starts) == pytest.approx(50, abs=2)
