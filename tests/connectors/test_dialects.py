"""What every dialect asks its server, as SQL text; DuckDB on real files."""

import importlib
import pkgutil

import pytest
import sqlalchemy as sa
import sqlglot
from sqlalchemy.engine import make_url
from sqlalchemy.sql import quoted_name

from detectors.errors import ConfigError, SourceError
from detectors.model import Skipped
from scanner.connectors import connect
from scanner.connectors.sql import dialects
from scanner.connectors.sql.dialects import Size, mysql, rules
from scanner.connectors.sql.opening import engine, parsed
from scanner.testing import ROWS, ConnectorContract, member_rows, rows_of

URLS = {
    "oracle": "oracle+oracledb://reader@db/?service_name=x", "mssql": "mssql+pymssql://reader@db/shop",
    "clickhouse": "clickhousedb://reader@db/shop", "doris": "mysql+pymysql://reader@db/shop", "starrocks": "mysql+pymysql://reader@db/shop",
    "tidb": "mysql+pymysql://reader@db/shop", "oceanbase": "mysql+pymysql://reader@db/shop", "snowflake": "snowflake://reader@acct/shop",
    "bigquery": "bigquery://project/shop", "duckdb": "duckdb:///:memory:",
}
GLOTS = {"oracle": "oracle", "mssql": "tsql", "clickhouse": "clickhouse", "doris": "doris", "starrocks": "starrocks", "tidb": "mysql",
         "oceanbase": "mysql", "snowflake": "snowflake", "bigquery": "bigquery", "duckdb": "duckdb"}
BIG = Size(50_000_000, 8 << 30, False)
KEYED = Size(50_000_000, 8 << 30, True)
SMALL = Size(30_000, 3 << 20, False)


def spoken(name):
    """SQLAlchemy's dialect for a URL, without a connection."""
    return make_url(URLS[name]).get_dialect()()


def member(*columns):
    return sa.table(quoted_name("member", True), *(sa.column(quoted_name(c, True)) for c in columns))


def text(name, query):
    return " ".join(str(query.compile(dialect=spoken(name), compile_kwargs={"literal_binds": True})).split())


def sampled(name, size, way=""):
    """The statement that draws 1,000 rows with seed 7, and in words how; None where the dialect leaves it to the generic rules."""
    size = Size(size.rows, size.bytes, size.keyed, way=way)
    drawn = rules(name).sampled(member("id", "mobile"), 1_000, size, 7)
    if drawn is None:
        return None
    source, tests, method = drawn
    return text(name, sa.select(*(source.c[c] for c in ("id", "mobile"))).where(*tests)), method


@pytest.mark.parametrize(("name", "size", "way", "wanted"), [
    ("oracle", BIG, "", ('SELECT "member"."id", "member"."mobile" FROM "member" SAMPLE BLOCK (0.015497) SEED (7)', "SAMPLE BLOCK")),
    ("oracle", Size(30_000, 1 << 20, False), "", (
        'SELECT "member"."id", "member"."mobile" FROM "member" SAMPLE (4.333333) SEED (7)', "SAMPLE")),
    ("mssql", BIG, "", ("SELECT [member].[id], [member].[mobile] FROM [member] TABLESAMPLE (0.015497 PERCENT) REPEATABLE (8)",
                        "TABLESAMPLE")),
    ("mssql", Size(5_000, 1 << 20, False), "", None),
    ("clickhouse", BIG, "sample", ("SELECT `member`.`id`, `member`.`mobile` FROM `member` SAMPLE 0.000026000 OFFSET 0.326229439",
                                   "SAMPLE")),
    ("clickhouse", BIG, "user_id, dt", (
        "SELECT `member`.`id`, `member`.`mobile` FROM `member` WHERE cityHash64(7, `user_id`, `dt`) % 38462 = 0",
        "hash of the sorting key")),
    ("clickhouse", BIG, "toDate(ts)", None),
    ("clickhouse", BIG, "", None),
    ("doris", BIG, "", ("SELECT `member`.`id`, `member`.`mobile` FROM `member` TABLESAMPLE(1 PERCENT) REPEATABLE 7", "TABLESAMPLE")),
    ("starrocks", SMALL, "", ("SELECT `member`.`id`, `member`.`mobile` FROM `member` WHERE rand(7) < 0.05", "rand() of every row")),
    ("tidb", KEYED, "", None),
    ("tidb", SMALL, "", ("SELECT `member`.`id`, `member`.`mobile` FROM `member` WHERE rand(7) < 0.05", "rand() of every row")),
    ("tidb", Size(5_000_000_000, 1 << 40, True), "", (
        "SELECT `member`.`id`, `member`.`mobile` FROM `member` TABLESAMPLE REGIONS()", "first rows of all regions")),
    ("oceanbase", BIG, "", ("SELECT `member`.`id`, `member`.`mobile` FROM `member` SAMPLE BLOCK (0.004000) SEED (7)", "SAMPLE BLOCK")),
    ("oceanbase", KEYED, "", None),
    ("snowflake", BIG, "", ('SELECT "member"."id", "member"."mobile" FROM "member" SAMPLE SYSTEM (10.000000) SEED (7)', "SAMPLE SYSTEM")),
    ("snowflake", SMALL, "", ('SELECT "member"."id", "member"."mobile" FROM "member" SAMPLE BERNOULLI (4.333333) SEED (7)',
                              "SAMPLE BERNOULLI")),
    ("bigquery", BIG, "", ("SELECT `member`.`id`, `member`.`mobile` FROM `member` TABLESAMPLE SYSTEM (3.125000 PERCENT)",
                           "TABLESAMPLE SYSTEM")),
    ("duckdb", BIG, "", ('SELECT "member"."id", "member"."mobile" FROM "member" TABLESAMPLE system(0.004000 PERCENT) REPEATABLE (7)',
                         "TABLESAMPLE SYSTEM")),
])
def test_a_sample_is_drawn_by_the_server(name, size, way, wanted):
    assert sampled(name, size, way) == wanted


@pytest.mark.parametrize("name", sorted(URLS))
def test_a_table_of_few_rows_is_read_whole(name):
    assert sampled(name, Size(1_500, 1 << 20, False), "sample") is None


def test_words_go_behind_the_name_and_its_schema_only():
    table = dialects.suffixed(sa.table("member", sa.column("id"), schema="crm"), "SAMPLE (1) SEED (7)")

    assert text("oracle", sa.select(table.c.id).where(table.c.id > 5)) == (
        "SELECT crm.member.id FROM crm.member SAMPLE (1) SEED (7) WHERE crm.member.id > 5")


@pytest.mark.parametrize(("name", "wanted"), {
    "oracle": "ora_hash(mobile, 63)", "mssql": "checksum(mobile) & 63", "clickhouse": "cityHash64(mobile) % 64",
    "doris": "murmur_hash3_64(mobile) & 63", "starrocks": "murmur_hash3_64(mobile) & 63", "snowflake": "bitand(hash(mobile), 63)",
    "bigquery": "farm_fingerprint(`mobile`) & 63",
}.items())
def test_a_hash_puts_values_into_parts(name, wanted):
    found = text(name, sa.select(rules(name).share_of(sa.column("mobile"), 64)))

    assert wanted in found.replace("%%", "%").replace("`mobile`" if name != "bigquery" else "\0", "mobile")


@pytest.mark.parametrize("name", sorted(set(URLS) - {"oracle"}))
def test_another_parser_of_the_dialect_reads_what_we_ask(name):
    """Where sqlglot knows the form; SAMPLE BLOCK ... SEED of Oracle and REGIONS() it does not."""
    asked = [sampled(name, s, w) for s in (BIG, SMALL) for w in ("sample", "user_id")]
    unknown = ("SAMPLE BLOCK", "REGIONS()", "OFFSET", "REPEATABLE 7")
    for sql in (a[0] for a in asked if a is not None and not any(u in a[0] for u in unknown)):
        assert sqlglot.parse_one(sql.replace("%%", "%"), read=GLOTS[name]).find(sqlglot.exp.Table).name == "member"


class Recorder:
    """A connection that notes what it is asked, and answers as told."""

    def __init__(self, name, answers=()):
        self.dialect = spoken(name)
        self.asked, self._answers = [], list(answers)
        self.connection = type("C", (), {"dbapi_connection": type("D", (), {"call_timeout": 0})()})()

    def execute(self, query, given=None):
        asked = query.compile(dialect=self.dialect, compile_kwargs={"literal_binds": True}) if hasattr(query, "compile") else query
        self.asked.append(" ".join(str(asked).split()) + (f" {given}" if given else ""))
        rows = self._answers.pop(0) if self._answers else []
        return type("R", (list,), {"all": lambda r: r, "mappings": lambda r: r, "scalars": lambda r: r})(rows)

    def exec_driver_sql(self, sql):
        self.asked.append(sql)

    def commit(self):
        pass


@pytest.mark.parametrize(("name", "wanted"), {
    "oracle": "SET TRANSACTION READ ONLY", "mssql": "SET LOCK_TIMEOUT 10000", "doris": "SET query_timeout = ",
    "starrocks": "SET query_timeout = ", "tidb": "SET SESSION max_execution_time = ", "oceanbase": "SET SESSION TRANSACTION READ ONLY",
    "snowflake": "ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 60, QUERY_TAG = 'chujing'",
}.items())
def test_a_session_is_limited_before_it_is_used(name, wanted):
    connection = Recorder(name)
    rules(name).read_only(connection, 60)

    assert connection.asked[0].startswith(wanted)
    assert name != "oracle" or connection.connection.dbapi_connection.call_timeout == 60_000


@pytest.mark.parametrize("name", ["clickhouse", "mssql", "snowflake", "oracle", "bigquery", "duckdb"])
def test_limits_of_the_driver_are_arguments_of_the_connection(name):
    module, url = rules(name), make_url(URLS[name])
    given = module.arguments(url, 60, {}) if hasattr(module, "arguments") else {}
    wanted = {"clickhouse": {"settings": {"readonly": 2, "max_execution_time": 60}}, "mssql": {"timeout": 60, "read_only": True},
              "snowflake": {"network_timeout": 60}, "oracle": {"tcp_connect_timeout": 15}, "duckdb": {"config": {"threads": 1}}}

    assert wanted.get(name, {}).items() <= given.items()
    assert name != "bigquery" or module.opened(url).query["maximum_bytes_billed"] == str(10 << 30)


@pytest.mark.parametrize(("name", "database", "statements"), [("oracle", "", 7), ("mssql", "shop", 4), ("clickhouse", "shop", 2),
                                                              ("snowflake", "shop/CRM", 3), ("bigquery", "shop", 5), ("doris", "shop", 5),
                                                              ("tidb", "shop", 5), ("oceanbase", "shop", 5), ("starrocks", "shop", 5)])
def test_listing_takes_a_few_statements_however_many_tables(name, database, statements):
    connection = Recorder(name)

    assert list(rules(name).tables(connection, database)) == []
    assert len(connection.asked) == statements
    assert not any("count(*) from" in a.lower() and "group by" not in a.lower() for a in connection.asked)


def test_clickhouse_tells_tables_columns_keys_and_views():
    connection = Recorder("clickhouse", [
        [("shop", "member", "id", "UInt64", "", 1, 0, 1), ("shop", "member", "mobile", "Nullable(String)", "手机号", 0, 0, 2),
         ("shop", "member", "dt", "Date", "", 0, 1, 3), ("shop", "v", "m", "String", "", 0, 0, 1)],
        [("shop", "member", "MergeTree", "会员", 5_000, 90_000, ""),
         ("shop", "v", "View", "", None, None, "SELECT mobile AS m FROM member")],
    ])
    table, view = rules("clickhouse").tables(connection, "shop")

    assert [(c.name, c.comment, c.primary_key, c.nullable) for c in table.columns] == [
        ("id", "", True, False), ("mobile", "手机号", False, True), ("dt", "", False, False)]
    assert (table.comment, table.rows.high, table.bytes, table.partitioned_by, table.ref.schema) == ("会员", 5_000, 90_000, ("dt",), "")
    assert (view.kind, view.definition) == ("view", "SELECT mobile AS m FROM member")


def test_oracle_tells_owners_keys_and_partitions():
    connection = Recorder("oracle", [
        [("CRM", "MEMBER", "ID", "NUMBER", "N", None), ("CRM", "MEMBER", "MOBILE", "VARCHAR2", "Y", "手机号"),
         ("CRM", "ORDERS", "MEMBER_ID", "NUMBER", "Y", None)],
        [("CRM", "MEMBER", "ID")], [("CRM", "ORDERS", "FK1", "MEMBER_ID", "CRM", "MEMBER", "ID")], [("CRM", "MEMBER", "会员")],
        [("CRM", "ORDERS", "DT")], [("CRM", "MEMBER", 5_000, 40, None), ("CRM", "ORDERS", None, None, 12)], [],
    ])
    one, other = rules("oracle").tables(connection, "")

    assert (one.ref.schema, one.comment, one.rows.high, one.bytes, one.owner) == ("CRM", "会员", 5_000, 40 * 8_192, "CRM")
    assert [c.comment for c in one.columns] == ["", "手机号"]
    assert (other.foreign_keys[0].target, other.rows.high, other.partitioned_by, other.partitions) == (one.ref, None, ("DT",), 12)


def test_a_table_without_visible_columns_is_skipped_with_its_remedy():
    found = list(rules("mssql").tables(Recorder("mssql", [[], [], [], [("dbo", "t", "U ", None, 5, 8, 1, None, None)]]), "shop"))

    assert isinstance(found[0], Skipped) and "GRANT SELECT" in found[0].hint


@pytest.mark.parametrize(("words", "name"), {
    "5.7.25-TiDB-v7.5.0 x": "tidb", "5.7.25-OceanBase_CE-v4.2": "oceanbase", "5.7.99 Doris version doris-2.1.0": "doris",
    "8.0.33 StarRocks version 3.3": "starrocks", "8.0.36 MySQL Community Server": "mysql", "10.11.6-MariaDB Debian 12": "mysql",
}.items())
def test_behind_one_protocol_the_server_says_who_it_is(words, name):
    assert mysql.speaker(words) == name


@pytest.mark.parametrize("url", ["nosuch://reader@db/x", "redshift://reader@db/x"])
def test_a_dialect_nobody_installed_is_one_clear_error(url):
    with pytest.raises(ConfigError, match="no SQL dialect"):
        connect(url, name="dw")


def test_a_missing_driver_names_the_extra(monkeypatch):
    def missing(*_, **__):
        raise ModuleNotFoundError("No module named 'oracledb'", name="oracledb")

    monkeypatch.setattr(sa, "create_engine", missing)
    with pytest.raises(ConfigError) as e:
        engine(parsed("oracle://reader@db/x", None), rules("oracle"), "dw", 60, {}, 2)
    assert e.value.hint == "pip install 'chujing[oracle]'"


def test_every_dialect_says_what_it_is_for():
    for m in pkgutil.iter_modules(dialects.__path__):
        assert importlib.import_module(f"{dialects.__name__}.{m.name}").__doc__


class TestDuckdb(ConnectorContract):
    @pytest.fixture
    def source(self, tmp_path):
        yield connect(self.made(tmp_path / "shop.duckdb"))

    @staticmethod
    def made(path):
        import duckdb

        with duckdb.connect(str(path)) as c:
            c.execute("CREATE SCHEMA hr")
            c.execute("CREATE TABLE member (id INTEGER PRIMARY KEY, mobile VARCHAR, city VARCHAR)")
            c.execute("COMMENT ON TABLE member IS '会员'")
            c.execute("COMMENT ON COLUMN member.mobile IS '手机号'")
            c.execute("CREATE TABLE orders (id INTEGER, member_id INTEGER REFERENCES member(id))")
            c.execute("CREATE VIEW shanghai AS SELECT id, mobile FROM member WHERE city = '上海'")
            c.execute("CREATE TABLE hr.salary (id INTEGER, pay DOUBLE)")
            c.executemany("INSERT INTO member VALUES (?, ?, ?)", member_rows())
            c.execute("CREATE TABLE big AS SELECT range AS place FROM range(300000)")
        return f"duckdb:///{path}"

    def test_it_tells_comments_keys_views_and_schemas(self, source):
        found = {(t.ref.schema, t.ref.name): t for t in source.tables()}
        one = found["", "member"]

        assert (one.comment, one.columns[1].comment, one.columns[0].primary_key, one.rows.high) == ("会员", "手机号", True, ROWS)
        assert found["", "orders"].foreign_keys[0].target == one.ref
        assert (found["", "shanghai"].kind, "member" in found["", "shanghai"].definition) == ("view", True)
        assert ("hr", "salary") in found
        assert len({t.fingerprint for t in found.values()}) == 1 and one.fingerprint

    def test_it_cannot_write(self, source):
        with pytest.raises(SourceError), source._connection() as c:
            c.exec_driver_sql("CREATE TABLE x (i INTEGER)")

    def test_a_large_table_is_sampled_from_all_over(self, source):
        big = next(t for t in source.tables() if t.ref.name == "big")
        first, second = (source.sample(big.ref, ("place",), 1_000, 3) for _ in range(2))
        places = sorted(int(p) for (p,) in rows_of(first.batches))

        assert (first.drawn.method, len(places)) == ("TABLESAMPLE BERNOULLI", 1_000)
        assert all(sum(lo <= p < lo + 30_000 for p in places) > 50 for lo in range(0, 300_000, 30_000))
        assert rows_of(first.batches) == rows_of(second.batches)

    def test_a_file_that_is_not_there_is_not_made(self, tmp_path):
        with pytest.raises(SourceError, match="no such file"):
            connect(f"duckdb:///{tmp_path}/nothing.duckdb")
        assert list(tmp_path.iterdir()) == []

    def test_a_file_of_another_kind_is_one_clear_error(self, tmp_path):
        (tmp_path / "x.duckdb").write_bytes(b"not a database at all" * 500)
        with pytest.raises(SourceError, match="not a database file of this kind"):
            connect(f"duckdb:///{tmp_path}/x.duckdb")
