"""Every connector keeps the contract; what differs between them is tested beside it."""

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from openpyxl import Workbook

from detectors.errors import SourceError
from detectors.model import Skipped
from scanner.connectors import connect
from scanner.connectors.protocol import KeyQuestion
from scanner.testing import ConnectorContract, member_rows, rows_of

DDL = "CREATE TABLE member (id INTEGER PRIMARY KEY, mobile VARCHAR(20), city VARCHAR(20))"


def insert(url):
    engine = sa.create_engine(url)
    table = sa.table("member", sa.column("id"), sa.column("mobile"), sa.column("city"))
    with engine.begin() as c:
        c.execute(
            table.insert(), [dict(zip(("id", "mobile", "city"), r, strict=True)) for r in member_rows()]
        )
    engine.dispose()


def text(delimiter=","):
    return (
        "\n".join(
            [
                delimiter.join(("id", "mobile", "city")),
                *(delimiter.join((str(i), m or "", c)) for i, m, c in member_rows()),
            ]
        )
        + "\n"
    )


class TestSqlite(ConnectorContract):
    @pytest.fixture
    def source(self, tmp_path):
        url = f"sqlite:///{tmp_path / 'a.db'}"
        engine = sa.create_engine(url)
        with engine.begin() as c:
            c.exec_driver_sql(DDL)
        insert(url)
        yield connect(url)

    def test_it_cannot_write(self, source):
        with pytest.raises(SourceError), source.connection() as c:
            c.exec_driver_sql("DELETE FROM member")


class TestDuckdb(ConnectorContract):
    @pytest.fixture
    def file(self, tmp_path):
        import duckdb

        path = tmp_path / "a.duckdb"
        with duckdb.connect(str(path)) as c:
            for statement in (
                DDL,
                "COMMENT ON TABLE member IS '会员'",
                "COMMENT ON COLUMN member.mobile IS '手机号'",
                "CREATE TABLE orders (id INTEGER PRIMARY KEY, member_id INTEGER REFERENCES member(id))",
                "CREATE VIEW shanghai AS SELECT id, mobile FROM member WHERE city = '上海'",
                "CREATE SCHEMA hr",
                "CREATE TABLE hr.salary (amount DECIMAL(10, 2), band ENUM ('low', 'high'))",
                "CREATE TABLE big AS SELECT range AS place FROM range(200000)",
            ):
                c.execute(statement)
            c.executemany("INSERT INTO member VALUES (?, ?, ?)", member_rows())
        return path

    @pytest.fixture
    def source(self, file):
        source = connect(f"duckdb:///{file}")
        yield source
        source.close()

    def test_comments_keys_views_and_schemas(self, source):
        tables = {(t.ref.schema, t.ref.name): t for t in source.tables()}
        member = tables["main", "member"]
        assert (member.comment, member.columns[1].comment, member.columns[0].primary_key) == (
            "会员",
            "手机号",
            True,
        )
        assert (member.rows.high, member.dialect) == (300, "duckdb")
        assert tables["main", "orders"].foreign_keys[0].target == member.ref
        assert (tables["main", "shanghai"].kind, "member" in tables["main", "shanghai"].definition) == (
            "view",
            True,
        )
        assert [c.type for c in tables["hr", "salary"].columns] == ["decimal(10,2)", "enum"]

    def test_it_cannot_write_nor_read_other_files(self, source):
        for statement in ("DELETE FROM member", "SELECT * FROM read_csv('/etc/hostname')"):
            with pytest.raises(SourceError), source.connection() as c:
                c.exec_driver_sql(statement)

    def test_a_large_table_is_sampled_from_all_over(self, source):
        big = next(t for t in source.tables() if t.ref.name == "big")
        first, second = (source.sample(big.ref, ("place",), 1_000, 3) for _ in range(2))
        counts = [0] * 10
        for (place,) in rows_of(first.batches):
            counts[int(place) // 20_000] += 1
        assert (first.drawn.method, first.drawn.rows) == ("hash of the row's number", 1_000)
        assert (
            sum((n - 100) ** 2 / 100 for n in counts) < 27.9
        )  # 99.9 % of chi-square with 9 degrees of freedom
        assert rows_of(first.batches) == rows_of(second.batches)

    def test_keys_are_counted_in_the_database_and_by_part(self, source):
        ref = self.info(source).ref
        (whole,) = source.key_counts(ref, KeyQuestion("mobile", "phone_mobile", ["mobile"]), {}, 1)
        (parts,) = source.key_counts(ref, KeyQuestion("mobile", "phone_mobile", ["mobile"]), {}, 4)
        assert whole == (99, 0)
        assert 5 < parts[0] < 50

    def test_changes_are_marked(self, source):
        assert all(t.fingerprint for t in source.tables() if t.kind == "table")

    def test_of_a_table_of_5000_columns_fewer_rows_are_held(self, tmp_path):
        import duckdb

        with duckdb.connect(str(tmp_path / "w.duckdb")) as c:
            columns = ", ".join(f"{i} AS c{i}" for i in range(5_000))
            c.execute(f"CREATE TABLE wide AS SELECT {columns} FROM range(2)")  # noqa: S608 - numbers of ours
        source = connect(f"duckdb:///{tmp_path / 'w.duckdb'}")
        wide = next(source.tables())
        names = tuple(c.name for c in wide.columns)
        assert source.sample(wide.ref, names, 2_000, 7).batches[0].num_columns == 5_000
        assert "LIMIT 801" in source.plan(wide.ref, names, 2_000, 7)
        source.close()

    def test_a_file_that_is_not_there_or_is_none_is_one_clear_error(self, tmp_path):
        with pytest.raises(SourceError, match="no such file"):
            connect(f"duckdb:///{tmp_path / 'none.duckdb'}")
        (tmp_path / "bad.duckdb").write_bytes(b"not a database" * 1_000)
        with pytest.raises(SourceError, match="damaged"):
            connect(f"duckdb:///{tmp_path / 'bad.duckdb'}")


@pytest.mark.server
class TestPostgresql(ConnectorContract):
    @pytest.fixture
    def source(self, postgresql):
        postgresql.fill(
            DDL,
            "COMMENT ON TABLE member IS '会员'",
            "COMMENT ON COLUMN member.mobile IS '手机号'",
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, member_id INTEGER REFERENCES member(id))",
            "CREATE VIEW shanghai AS SELECT id, mobile FROM member WHERE city = '上海'",
            "CREATE SCHEMA hr",
            "CREATE TABLE hr.salary (id INTEGER, amount NUMERIC)",
            "GRANT USAGE ON SCHEMA hr TO reader",
        )
        insert(postgresql.admin)
        postgresql.fill("ANALYZE", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
        yield connect(postgresql.reader, password=postgresql.password)

    def test_comments_keys_views_and_schemas(self, source):
        tables = {(t.ref.schema, t.ref.name): t for t in source.tables()}
        member = tables["public", "member"]
        assert (member.comment, member.columns[1].comment, member.columns[0].primary_key) == (
            "会员",
            "手机号",
            True,
        )
        assert member.rows.high == 300
        assert tables["public", "orders"].foreign_keys[0].target == member.ref
        assert tables["public", "shanghai"].kind == "view"
        assert "member" in tables["public", "shanghai"].definition
        assert ("hr", "salary") in tables

    def test_it_cannot_write(self, source):
        with pytest.raises(SourceError), source.connection() as c:
            c.exec_driver_sql("CREATE TEMP TABLE x (i int)")

    def test_a_table_without_rights_is_one_clear_error(self, source):
        salary = next(t for t in source.tables() if t.ref.name == "salary")
        with pytest.raises(SourceError, match="permission denied") as e:
            source.sample(salary.ref, ("id",), 10, 1)
        assert "GRANT" in e.value.hint

    def test_a_large_table_is_sampled_by_the_server(self, postgresql, source):
        postgresql.fill(
            "CREATE TABLE big AS SELECT g AS id FROM generate_series(1, 20000) g",
            "GRANT SELECT ON big TO reader",
            "ANALYZE big",
        )
        big = next(t for t in source.tables() if t.ref.name == "big")
        first, second = (source.sample(big.ref, ("id",), 500, 3) for _ in range(2))
        assert first.drawn.method == "TABLESAMPLE BERNOULLI"
        assert 300 < first.drawn.rows <= 500
        assert rows_of(first.batches) == rows_of(second.batches)

    def test_a_slow_statement_ends(self, postgresql):
        quick = connect(postgresql.reader, password=postgresql.password, timeout=1)
        with pytest.raises(SourceError, match="time limit"), quick.connection() as c:
            c.exec_driver_sql("SELECT pg_sleep(5)")


@pytest.mark.server
class TestMariadb(ConnectorContract):
    @pytest.fixture
    def source(self, mariadb):
        mariadb.fill(
            (
                "CREATE TABLE member (id INTEGER PRIMARY KEY, mobile VARCHAR(20) COMMENT '手机号', "
                "city VARCHAR(20)) COMMENT '会员'"
            ),
            (
                "CREATE TABLE orders (id INTEGER PRIMARY KEY, member_id INTEGER, "
                "FOREIGN KEY (member_id) REFERENCES member(id))"
            ),
            "CREATE VIEW shanghai AS SELECT id, mobile FROM member WHERE city = '上海'",
        )
        insert(mariadb.admin)
        yield connect(mariadb.reader, password=mariadb.password)

    def test_comments_keys_and_views(self, source):
        tables = {t.ref.name: t for t in source.tables()}
        assert (tables["member"].comment, tables["member"].columns[1].comment) == ("会员", "手机号")
        assert tables["orders"].foreign_keys[0].target.name == "member"
        assert (tables["shanghai"].kind, "member" in tables["shanghai"].definition) == ("view", True)

    def test_it_cannot_write(self, mariadb):
        writer = connect(mariadb.admin)
        with pytest.raises(SourceError), writer.connection() as c:
            c.exec_driver_sql("CREATE TABLE x (i int)")

    def test_a_slow_statement_ends(self, mariadb):
        quick = connect(mariadb.reader, password=mariadb.password, timeout=1)
        with pytest.raises(SourceError, match="time limit"), quick.connection() as c:
            c.exec_driver_sql(
                "SELECT COUNT(*) FROM information_schema.columns a, information_schema.columns b, "
                "information_schema.columns c"
            )


class TestCsv(ConnectorContract):
    @pytest.fixture(params=["utf-8", "utf-8-sig", "gb18030", "tsv", "semicolons", "gzip"])
    def source(self, request, tmp_path):
        if request.param == "gzip":
            path = tmp_path / "member.csv.gz"
            path.write_bytes(gzip.compress(text().encode()))
        elif request.param == "tsv":
            path = tmp_path / "member.tsv"
            path.write_text(text("\t"), encoding="utf-8")
        elif request.param == "semicolons":
            path = tmp_path / "member.csv"
            path.write_text(text(";"), encoding="utf-8")
        else:
            path = tmp_path / "member.csv"
            path.write_text(text(), encoding=request.param)
        yield connect(str(path))


class TestParquet(ConnectorContract):
    @pytest.fixture
    def source(self, tmp_path):
        ids, mobiles, cities = zip(*member_rows(), strict=True)
        pq.write_table(pa.table({"id": ids, "mobile": mobiles, "city": cities}), tmp_path / "member.parquet")
        yield connect(str(tmp_path))


class TestJsonLines(ConnectorContract):
    @pytest.fixture
    def source(self, tmp_path):
        lines = [
            json.dumps({"id": i, "mobile": m, "city": c}, ensure_ascii=False) for i, m, c in member_rows()
        ]
        (tmp_path / "member.jsonl").write_text("\n".join(lines), encoding="utf-8")
        yield connect(str(tmp_path / "*.jsonl"))


class TestXlsx(ConnectorContract):
    @pytest.fixture
    def source(self, tmp_path):
        book = Workbook()
        book.active.append(["会员表（虚构）"])
        book.active.append([])
        book.active.append(["id", "mobile", "city"])
        for row in member_rows():
            book.active.append(row)
        book.save(tmp_path / "member.xlsx")
        yield connect(str(tmp_path / "member.xlsx"))


def test_nested_json_becomes_dotted_columns(tmp_path):
    (tmp_path / "e.jsonl").write_text(
        '{"user": {"id": 1, "contact": {"phone": "13700000001"}}, "tags": ["a"]}\n', encoding="utf-8"
    )
    source = connect(str(tmp_path / "e.jsonl"))
    info = next(source.tables())

    assert [c.name for c in info.columns] == ["user.id", "user.contact.phone", "tags"]
    assert info.ref.column("s", info.columns[1].parts) == "s/e/user.contact.phone"
    assert rows_of(source.read(info.ref, ("user.contact.phone",), {})) == [("13700000001",)]


def test_a_struct_in_parquet_becomes_dotted_columns(tmp_path):
    pq.write_table(pa.table({"user": pa.array([{"name": "林一", "age": 3}])}), tmp_path / "e.parquet")
    source = connect(str(tmp_path / "e.parquet"))
    info = next(source.tables())

    assert [c.name for c in info.columns] == ["user.name", "user.age"]
    assert rows_of(source.read(info.ref, ("user.name",), {})) == [("林一",)]


def test_a_partitioned_folder_is_one_table(tmp_path):
    for day in ("2026-01-01", "2026-01-02"):
        (tmp_path / "events" / f"dt={day}").mkdir(parents=True)
        pq.write_table(pa.table({"id": [1, 2]}), tmp_path / "events" / f"dt={day}" / "part-0.parquet")
    source = connect(str(tmp_path / "events"))
    infos = list(source.tables())

    assert [(i.ref.name, [c.name for c in i.columns]) for i in infos] == [("events", ["id", "dt"])]
    assert len(rows_of(source.read(infos[0].ref, ("id",), {"dt": {"eq": "2026-01-02"}}))) == 2


def test_every_sheet_is_a_table(tmp_path):
    book = Workbook()
    book.active.title = "员工"
    book.active.append(["姓名", "手机号"])
    book.active.append(["林一", "13700000001"])
    book.create_sheet("门店").append(["店名"])
    book.save(tmp_path / "b.xlsx")

    assert [(t.ref.schema, t.ref.name) for t in connect(str(tmp_path / "b.xlsx")).tables()] == [
        ("b", "员工"),
        ("b", "门店"),
    ]


def test_a_folder_with_a_broken_file_still_gives_the_rest(tmp_path):
    (tmp_path / "member.csv").write_text(text(), encoding="utf-8")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 cut off")
    found = list(connect(str(tmp_path)).tables())

    assert [t.ref.name for t in found if not isinstance(t, Skipped)] == ["member"]
    assert [t.reason for t in found if isinstance(t, Skipped)][0].endswith("not a complete Parquet file")


@pytest.mark.server
class TestSamplingOfLargeTables:
    """Rows from all over the table, without reading it."""

    ROWS = 300_000

    @pytest.fixture(scope="class")
    def drawn(self, _postgresql):
        if _postgresql is None:
            pytest.skip("PostgreSQL is not installed")
        _postgresql.fill(
            "DROP TABLE IF EXISTS wide_awake",
            (
                "CREATE TABLE wide_awake AS SELECT g AS place, repeat('x', "
                "60) AS filler FROM generate_series(1, 300000) g"
            ),
            "GRANT USAGE ON SCHEMA public TO reader",
            "GRANT SELECT ON wide_awake TO reader",
            "ANALYZE wide_awake",
        )
        source = connect(_postgresql.reader, password=_postgresql.password)
        table = next(t for t in source.tables() if t.ref.name == "wide_awake")
        engine = sa.create_engine(_postgresql.admin)
        with engine.connect() as c:
            told = c.exec_driver_sql(
                "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "
                + source.plan(table.ref, ("place",), 1_000, 1).replace("%", "%%")
            )
            node = told.scalar_one()[0]["Plan"]
            pages = c.exec_driver_sql(
                "SELECT relpages FROM pg_class WHERE relname = 'wide_awake'"
            ).scalar_one()
        engine.dispose()
        return source, table, (node["Shared Hit Blocks"] + node["Shared Read Blocks"]) / pages

    def test_a_few_pages_are_read(self, drawn):
        source, table, share = drawn

        assert source.sample(table.ref, ("place",), 1_000, 1).drawn.method == "TABLESAMPLE SYSTEM"
        assert share < 0.08

    def test_every_tenth_of_the_table_has_its_share(self, drawn):
        """Chi-square over ten parts and twenty seeds; rows of a page stand together,
        so the bound is that of pages (about 8 rows each).
        """
        source, table, _ = drawn
        counts = [0] * 10
        for seed in range(20):
            sample = source.sample(table.ref, ("place",), 1_000, seed)
            assert sample.drawn.rows == 1_000
            for (place,) in rows_of(sample.batches):
                counts[(int(place) - 1) * 10 // self.ROWS] += 1
        expected = sum(counts) / 10

        assert (
            sum((n - expected) ** 2 / expected for n in counts) / 8 < 27.9
        )  # 99.9 % of chi-square with 9 degrees of freedom
        assert rows_of(source.sample(table.ref, ("place",), 1_000, 3).batches) == rows_of(
            source.sample(table.ref, ("place",), 1_000, 3).batches
        )


@pytest.mark.server
def test_mariadb_without_an_integer_key_draws_from_the_whole_table(mariadb):
    mariadb.fill(
        "CREATE TABLE log (place INT, who VARCHAR(20))",
        "INSERT INTO log SELECT seq, concat('u', seq) FROM seq_1_to_20000",
        "ANALYZE TABLE log",
    )
    source = connect(mariadb.reader, password=mariadb.password)
    table = next(t for t in source.tables() if t.ref.name == "log")
    sample = source.sample(table.ref, ("place",), 500, 3)
    places = sorted(int(p) for (p,) in rows_of(sample.batches))

    assert sample.drawn.method == "rand() of every row"
    assert len(places) == 500
    assert all(sum(lo < p <= lo + 2_000 for p in places) > 20 for lo in range(0, 20_000, 2_000))
    assert rows_of(source.sample(table.ref, ("place",), 500, 3).batches) == rows_of(sample.batches)
