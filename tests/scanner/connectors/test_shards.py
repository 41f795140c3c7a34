"""Shards and months of one table are one table: in lists, samples, counts and flows;
what is no series stays apart.
"""

import sqlite3
from datetime import date

import pytest

from detectors.errors import ConfigError, SourceError
from detectors.model import ColumnInfo, Rows, Skipped, TableInfo, TableRef
from mappings.model import Flow, Recipient
from reports.wording.reading import sampling_words
from scanner import connectors, job
from scanner.config.model import Config, read
from scanner.config.sources import Source
from scanner.connectors.series import group_series, names
from scanner.connectors.shards import OPENED, Shards
from scanner.connectors.whole_table import whole_table
from scanner.gather.carry_over import open_results
from scanner.gather.flow_columns import resolve_columns
from scanner.gather.table_catalogue import COLUMN, TableCatalogue, pick_id
from scanner.testing import rows_of

DAY = date(2026, 11, 2)


def wholes(*tables):
    """Name of every series -> number of members; tables as `name` or `name:columns`."""
    given = [(TableRef(n), columns or "same") for n, _, columns in (t.partition(":") for t in tables)]
    return {ref.name: len(members) for ref, members in group_series(given).items()}


CASES = {
    "padded numbers": ([f"user_{i:02}" for i in range(64)], {"user_{00-63}": 64}),
    "plain numbers": ([f"user{i}" for i in range(12)], {"user{0-11}": 12}),
    "padded numbers that grew over their width": ([f"x{i:02}" for i in range(102)], {"x{00-101}": 102}),
    "four digits that are no years": ([f"u_{i:04}" for i in range(2100)], {"u_{0000-2099}": 2100}),
    "months with a line between": (
        ["order_2025_12", "order_2026_01", "order_2026_02"],
        {"order_{YYYY_MM}": 3},
    ),
    "months with a dash": (["o-2025-12", "o-2026-01", "o-2026-02"], {"o-{YYYY-MM}": 3}),
    "months in one": (["order_202512", "order_202601", "order_202602"], {"order_{YYYYMM}": 3}),
    "days": (["log_20251231", "log_20260101", "log_20260102", "log"], {"log_{YYYYMMDD}": 3}),
    "years, and something else": (["t_2022", "t_2023", "t_2024", "t_1"], {"t_{YYYY}": 3}),
    "shards within a year are no months": ([f"t_2026_{i:02}" for i in range(32)], {"t_2026_{00-31}": 32}),
    "shards with a dated backup beside them": (
        [*(f"user_{i}" for i in range(4)), "user_20240101"],
        {"user_{0-3}": 4},
    ),
    "a year is no neighbour of a number": (["t_2024", "t_1", "t_2"], {}),
    "two are no series": (["order_2026_01", "order_2026_02"], {}),
    "numbers far apart": (["t_1", "t_50", "t_900"], {}),
    "names that are only numbers": (["1", "2", "3"], {}),
    "other columns": (["a_1:x", "a_2:y", "a_3:z"], {}),
    "one shard with other columns": ([*(f"a_{i}" for i in range(4)), "a_4:other"], {"a_{0-3}": 4}),
    "columns that changed over time: the newest shape has the name": (
        [*(f"o_2025_{i:02}:old" for i in range(1, 13)), *(f"o_2026_{i:02}:new" for i in range(1, 4))],
        {"o_{YYYY_MM}": 3, "o_{2025_01-2025_12}": 12},
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_series(case):
    tables, expected = case
    assert wholes(*tables) == expected


@pytest.mark.parametrize(
    ("series", "word", "hit"),
    [
        ("user_{00-63}", "user_07", True),
        ("user_{00-63}", "user_7", False),
        ("user_{00-63}", "user_64", False),
        ("user_{00-127}", "user_{00-63}", True),
        ("user_{0-15}", "user_7", True),
        ("user_{0-15}", "user_07", False),
        ("order_{YYYY_MM}", "order_2026_07", True),
        ("order_{YYYY_MM}", "order_2026_13", False),
        ("order_{YYYY_MM}", "order_202607", False),
        ("o_{2025_01-2025_12}", "o_2025_06", True),
        ("o_{2025_01-2025_12}", "o_2026_01", False),
        ("user", "user", False),
    ],
)
def test_a_word_names_a_member_of_a_series(series, word, hit):
    assert names(series, word) is hit


def test_other_schemas_and_views_are_not_group_series(tmp_path):
    file = tmp_path / "a.db"
    db = sqlite3.connect(file)
    for i in range(3):
        db.execute(f"CREATE TABLE t_{i} (a TEXT)")
        db.execute(f"CREATE VIEW v_{i} AS SELECT a FROM t_{i}")  # noqa: S608
    db.close()
    assert group_series((TableRef("t_1", f"db{i}"), "same") for i in range(5)) == {}
    assert [t.ref.name for t in Shards(connectors.connect(f"sqlite:///{file}"), "a").tables()] == [
        "t_{0-2}",
        "v_0",
        "v_1",
        "v_2",
    ]


def fill_sqlite(folder, shards, rows):
    db = sqlite3.connect(folder / "shop.db")
    for i in range(shards):
        db.execute(f"CREATE TABLE user_{i:02} (id INTEGER PRIMARY KEY, mobile TEXT)")
        db.executemany(
            f"INSERT INTO user_{i:02} VALUES (?, ?)",  # noqa: S608
            [(i * rows + j, f"137{i:04}{j:04}") for j in range(rows)],
        )
    db.commit()
    db.close()
    return connectors.connect(f"sqlite:///{folder / 'shop.db'}", name="shop")


def fill_postgresql(server, shards, rows):
    for i in range(shards):
        mobile = f"'137' || lpad('{i}', 4, '0') || lpad(j::text, 4, '0')"
        cells = f"SELECT {i * rows} + j AS id, {mobile} AS mobile FROM generate_series(0, {rows - 1}) j"  # noqa: S608
        server.fill(f"CREATE TABLE user_{i:02} AS {cells}")
    server.fill("ANALYZE", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    return connectors.connect(server.reader, name="shop", password=server.password)


def fill_folder(folder, shards, rows):
    for i in range(shards):
        lines = "".join(f"{i * rows + j},137{i:04}{j:04}\n" for j in range(rows))
        (folder / f"user_{i:02}.csv").write_text("id,mobile\n" + lines, encoding="utf-8")
    return connectors.connect(str(folder), name="shop")


@pytest.fixture(params=["sqlite", "postgresql", "folder"])
def shards(request, tmp_path):
    """Opens a source of so many shards of so many rows each."""
    opened = []

    def make(number, rows):
        if request.param == "postgresql":
            inner = fill_postgresql(request.getfixturevalue("postgresql"), number, rows)
        else:
            inner = {"sqlite": fill_sqlite, "folder": fill_folder}[request.param](tmp_path, number, rows)
        opened.append(Shards(inner, "shop"))
        return opened[-1]

    yield make
    for connector in opened:
        connector.close()


def test_shards_are_listed_sampled_and_read_as_one(shards):
    connector = shards(4, 50)
    [info] = connector.tables()
    assert (info.ref.name, [m.name for m in info.members]) == (
        "user_{00-03}",
        [f"user_{i:02}" for i in range(4)],
    )
    sample = connector.sample(info.ref, ("id", "mobile"), 1_000, 7)
    assert len(rows_of(sample.batches)) == sample.drawn.rows == sample.drawn.rows_total == 200
    assert sample.drawn.method == "all rows, 4 of 4 members"
    assert sorted(int(r[0]) for r in rows_of(connector.read(info.ref, ("id",), {}))) == list(range(200))
    assert (
        len(rows_of(connector.read(info.ref, ("id",), {"mobile": {"in": ["13700000001", "13700030049"]}})))
        == 2
    )
    assert "4 of 4 members" in connector.plan(info.ref, ("id",), 100, 7)


def test_of_many_shards_some_are_opened_the_first_and_the_last_among_them(shards):
    connector = shards(20, 40)
    [info] = connector.tables()
    first, again, other = (connector.sample(info.ref, ("mobile",), 80, seed) for seed in (7, 7, 8))
    opened = {r[0][3:7] for r in rows_of(first.batches)}
    assert len(opened) == OPENED and {"0000", "0019"} <= opened
    assert 72 <= first.drawn.rows == len(rows_of(first.batches)) <= 80 and first.drawn.rows_total is None
    assert first.drawn.method.endswith(f", {OPENED} of 20 members")
    assert rows_of(first.batches) == rows_of(again.batches) and opened != {
        r[0][3:7] for r in rows_of(other.batches)
    }


def test_a_small_shard_leaves_its_share_to_the_others(tmp_path):
    for name, rows in (("t_1", 5), ("t_2", 500), ("t_3", 500)):
        (tmp_path / f"{name}.csv").write_text(
            "a\n" + "".join(f"{name}-{j}\n" for j in range(rows)), encoding="utf-8"
        )
    connector = Shards(connectors.connect(str(tmp_path)), "s")
    [info] = connector.tables()
    drawn = [r[0][:3] for r in rows_of(connector.sample(info.ref, ("a",), 100, 7).batches)]
    assert len(drawn) <= 100 and drawn.count("t_2") >= 33 and drawn.count("t_3") >= 33


def test_the_id_of_months_stays_when_a_month_comes_and_one_goes(tmp_path):
    def ids():
        return [
            t.ref.id("shop")
            for t in Shards(connectors.connect(f"sqlite:///{tmp_path / 'a.db'}"), "shop").tables()
        ]

    db = sqlite3.connect(tmp_path / "a.db")
    for month in ("2026_01", "2026_02", "2026_03"):
        db.execute(f"CREATE TABLE order_{month} (id INTEGER, mobile TEXT)")
    before = ids()
    db.execute("CREATE TABLE order_2026_04 (id INTEGER, mobile TEXT)")
    db.execute("DROP TABLE order_2026_01")
    assert ids() == before == ["shop/order_{YYYY_MM}"]


def test_a_shard_that_cannot_be_read_is_named_and_the_rest_is_read(tmp_path):
    connector = Shards(fill_sqlite(tmp_path, 4, 10), "shop")
    [info] = connector.tables()
    db = sqlite3.connect(tmp_path / "shop.db")
    db.execute("DROP TABLE user_02")
    sample = connector.sample(info.ref, ("id",), 100, 7)
    assert sample.skipped == (Skipped("shop/user_02", "gone since it was listed", "scan again"),)
    assert (sample.drawn.rows, sample.drawn.rows_total, sample.drawn.method) == (
        30,
        None,
        "all rows, 3 of 4 members",
    )
    read = []
    with pytest.raises(SourceError, match="1 of 4 members could not be read, user_02: gone"):
        read.extend(connector.read(info.ref, ("id",), {}))
    assert len(rows_of(read)) == 30
    for i in (0, 1, 3):
        db.execute(f"DROP TABLE user_{i:02}")
    with pytest.raises(SourceError, match="none of 4 members: gone since it was listed"):
        connector.sample(info.ref, ("id",), 100, 7)


def test_what_a_source_counts_by_itself_is_not_asked_of_shards(tmp_path):
    db = sqlite3.connect(tmp_path / "shop.db")
    db.execute("CREATE TABLE member (id INTEGER)")
    db.execute("INSERT INTO member VALUES (1)")
    db.commit()
    connector = Shards(fill_sqlite(tmp_path, 3, 5), "shop")
    _, info = connector.tables()
    assert connector.count_distinct(TableRef("member"), "id", {}) == 1
    with pytest.raises(SourceError, match="share persons"):
        connector.count_distinct(info.ref, "id", {})


def test_what_shards_add_up_to():
    def member(name, rows, size, **more):
        return TableInfo(TableRef(name), (ColumnInfo("a"),), rows=rows, bytes=size, **more)

    both = whole_table(
        TableRef("t_{1-2}"),
        [
            member(
                "t_1", Rows(0, 10, "statistics"), 100, fingerprint="x", accessed="2026-02-01", partitions=2
            ),
            member(
                "t_2",
                Rows(5, 5, "exact"),
                50,
                fingerprint="y",
                accessed="2026-01-01",
                partitions=1,
                owner="etl",
            ),
        ],
    )
    assert (both.rows, both.bytes, both.accessed, both.partitions, both.owner) == (
        Rows(5, 15, "statistics"),
        150,
        "2026-02-01",
        3,
        "etl",
    )
    unsure = whole_table(
        TableRef("t"),
        [
            member("t_1", Rows(0, None, "unknown"), None),
            member("t_2", Rows(1, 1, "exact"), 5, fingerprint="y"),
        ],
    )
    assert (unsure.rows, unsure.bytes, unsure.fingerprint) == (Rows(1, None, "unknown"), None, "")
    assert both.fingerprint not in (
        "",
        whole_table(both.ref, [member("t_1", both.rows, 1, fingerprint="x")]).fingerprint,
    )


def test_the_words_of_a_sample_of_shards():
    assert sampling_words("all rows, 8 of 64 members", "en") == "all rows, 8 of 64 members"
    assert sampling_words("all rows, 8 of 64 members", "zh") == "全部行，64 张分表中的 8 张"
    assert sampling_words("first rows", "en") == "first rows"


def flow(*fields, **more):
    return Flow("hq", "acme", Recipient("HQ", "DE"), "crm", fields=fields, **more)


def test_a_field_of_one_shard_is_a_field_of_the_table():
    columns = (ColumnInfo("id"), ColumnInfo("mobile"))
    shards = TableInfo(
        TableRef("user_{00-63}"), columns, members=tuple(TableRef(f"user_{i:02}") for i in range(64))
    )
    catalogue = TableCatalogue({shards.ref.id("crm"): shards})
    assert pick_id("user_07/mobile", catalogue.columns, COLUMN) == "crm/user_{00-63}/mobile"
    assert (
        pick_id("crm/user_{00-31}/mobile", catalogue.columns, COLUMN) == "crm/user_{00-63}/mobile"
    )  # before a resharding
    with pytest.raises(ConfigError, match="no column"):
        pick_id("user_64/mobile", catalogue.columns, COLUMN)
    one, all_of_them = (
        resolve_columns(flow("user_07/*"), catalogue),
        resolve_columns(flow("mobile"), catalogue),
    )
    assert (one.columns, one.restricted) == (("crm/user_{00-63}/id", "crm/user_{00-63}/mobile"), True)
    assert (all_of_them.columns, all_of_them.restricted) == (("crm/user_{00-63}/mobile",), False)
    some = resolve_columns(
        flow(sql="SELECT mobile FROM user_07 UNION ALL SELECT mobile FROM user_08"), catalogue
    )
    assert (some.columns, some.restricted, some.unresolved) == (("crm/user_{00-63}/mobile",), True, ())
    every = resolve_columns(
        flow(sql=" UNION ALL ".join(f"SELECT mobile FROM user_{i:02}" for i in range(64))),  # noqa: S608
        catalogue,
    )
    assert not every.restricted


def test_a_scan_reads_shards_as_one_and_counts_a_person_in_two_of_them_once(tmp_path):
    fill_sqlite(tmp_path, 3, 30).close()
    db = sqlite3.connect(tmp_path / "shop.db")
    db.execute("UPDATE user_01 SET mobile = (SELECT max(mobile) FROM user_00) WHERE id = 30")
    db.execute("CREATE TABLE user_2024_bak (id INTEGER PRIMARY KEY, mobile TEXT)")
    db.commit()
    source = Source("shop", f"sqlite:///{tmp_path / 'shop.db'}", exclude=("*_bak",))
    config = Config(
        sources=(source,),
        flows=(flow("user_{00-02}/mobile"),),
        entities=("acme",),
        file=str(tmp_path / "chujing.yaml"),
    )
    report = job.scan(config, as_of=DAY)
    assert [(t.id, t.drawn.rows) for t in report.tables] == [("shop/user_{00-02}", 90)]
    assert (report.flows[0].individuals.low, report.flows[0].individuals.best) == (89, 89)


def test_exclude_speaks_of_members(tmp_path):
    fill_sqlite(tmp_path, 5, 3).close()
    source = Source("shop", f"sqlite:///{tmp_path / 'shop.db'}", exclude=("user_04",))
    assert [t.id for t in job.scan(Config(sources=(source,)), as_of=DAY).tables] == ["shop/user_{00-03}"]


def test_a_table_with_an_unread_shard_is_partial_and_read_again(tmp_path, monkeypatch):
    from scanner.connectors.sql import SqlConnector
    from scanner.gather.carry_over import open_results

    fill_sqlite(tmp_path, 3, 5).close()
    read = SqlConnector.sample
    config = Config(sources=(Source("shop", f"sqlite:///{tmp_path / 'shop.db'}"),))

    def locked(self, ref, *rest):
        if ref.name == "user_01":
            raise SourceError("table or database is locked", hint="scan again later")
        return read(self, ref, *rest)

    with monkeypatch.context() as patched, open_results(tmp_path) as results:
        patched.setattr(SqlConnector, "sample", locked)
        report = job.scan(config, as_of=DAY, results=results)
        results.finish()
    assert ([t.status for t in report.tables], [s.id for s in report.skipped]) == (
        ["partial"],
        ["shop/user_01"],
    )
    assert job.exit_status(report, None) == 3
    with open_results(tmp_path) as results:
        again = job.scan(config, as_of=DAY, results=results)
    assert ([t.status for t in again.tables], again.skipped) == (["scanned"], ())


def test_the_report_knows_the_shards_by_name_and_so_does_what_is_carried_over(tmp_path):
    for i in range(3):
        rows = "".join(f"{n},139{n:08d}\n" for n in range(10_000_000 + i * 100, 10_000_060 + i * 100))
        (tmp_path / f"user_0{i}.csv").write_text("id,mobile\n" + rows, encoding="utf-8")
    (tmp_path / "chujing.yaml").write_text(
        f"version: 1\nsources:\n  crm: {{url: {tmp_path}}}\n", encoding="utf-8"
    )
    for _ in range(2):
        with open_results(tmp_path) as results:
            report = job.scan(read(tmp_path / "chujing.yaml"), results=results)
            results.finish()
        assert [(t.id.rpartition("/")[2], len(t.members)) for t in report.tables] == [("user_{00-02}", 3)]
    assert report.run.tables[report.tables[0].id].carried and report.tables[0].members[0].startswith(
        "user_00"
    )


def test_what_a_member_could_not_keep_is_said_of_the_table(tmp_path):
    with sqlite3.connect(tmp_path / "s.db") as database:
        for i in range(3):
            database.execute(f"CREATE TABLE user_{i:02} (id INTEGER, name TEXT, mobile TEXT)")
            database.executemany(f"INSERT INTO user_{i:02} VALUES (?, ?, ?)",  # noqa: S608 - a number of ours
                                 [(k, "李四", f"1381234{i}{k:03}") for k in range(20)])
        odd = "张三".encode("gb18030")
        database.execute("UPDATE user_01 SET name = CAST(? AS TEXT) WHERE id = 7", (odd,))
    source = Shards(connectors.connect(f"sqlite:///{tmp_path}/s.db"), "source")
    [whole] = source.tables()
    sample = source.sample(whole.ref, ("name",), 100, 1)
    rows = [row for batch in source.read(whole.ref, ("name",), {}) for row in batch.to_pylist()]

    assert len(rows) == 60
    assert {"name": "张三"} in rows
    for losses in (sample.losses, source.losses(whole.ref)):
        assert [(loss.kind, loss.n) for loss in losses] == [("other_encoding_cells", 1)]
        assert losses[0].message.startswith("user_01: ")
    source.close()


def test_what_members_lose_is_said_of_the_whole_by_their_names(tmp_path):
    for i in range(4):
        rows = [f"{n},x{n},y" for n in range(9)]
        rows[4] = "4,x" if i == 2 else rows[4]
        (tmp_path / f"user_{i}.csv").write_text("id,name,city\n" + "\n".join(rows) + "\n", encoding="utf-8")
    source = Shards(connectors.connect(str(tmp_path)), "s")
    (info,) = source.tables()
    sample = source.sample(info.ref, ("id",), 100, 1)
    list(source.read(info.ref, ("id",), {}))

    assert [(loss.kind, loss.message.split(":")[0]) for loss in sample.losses] == [("short_rows", "user_2")]
    assert source.losses(info.ref) == sample.losses
