"""Hive and Spark SQL through HiveServer2, and the metastore behind it, on real servers."""

import time

import pytest
import sqlalchemy as sa

from detectors.errors import ConfigError, SourceError
from detectors.model import Skipped
from scanner.config.model import Config
from scanner.config.sources import Source
from scanner.connectors import connect
from scanner.connectors.hive_metastore.metastore import Metastore
from scanner.connectors.protocol import Access
from scanner.connectors.sql.dialects import TableSize, hive, sparksql
from scanner.job import scan
from scanner.testing import ConnectorContract, member_rows, rows_of

DAYS = [f"2026-01-{d:02d}" for d in range(1, 13)]
READ_BY_US = (
    "DBS",
    "TBLS",
    "SDS",
    "COLUMNS_V2",
    "PARTITION_KEYS",
    "TABLE_PARAMS",
    "PARTITIONS",
    "PARTITION_PARAMS",
)


@pytest.fixture(scope="session")
def filled(warehouse):
    rows = ", ".join(f"({i}, {'NULL' if m is None else repr(m)}, '{c}')" for i, m, c in member_rows())
    warehouse.fill(
        (
            "CREATE TABLE default.member (id INT COMMENT '编号', mobile STRING COMMENT '手机号', "
            "city STRING) STORED AS PARQUET COMMENT '会员'"
        ),
        " ".join(("INSERT INTO default.member VALUES", rows)),
        "CREATE DATABASE hr",
        (
            "CREATE TABLE hr.staff (id INT, name STRING COMMENT '姓名', home STRUCT<city: STRING, zip: "
            "STRING>) STORED AS ORC"
        ),
        "CREATE TABLE hr.visits (id BIGINT, who STRING COMMENT '访客', dt STRING COMMENT '日期', "
        "hour INT) USING parquet "
        "PARTITIONED BY (dt, hour)",
        "INSERT INTO hr.visits SELECT /*+ REPARTITION(1) */ id, concat('u', id), "
        "concat('2026-01-', lpad(cast(id % 12 + 1 AS STRING), 2, '0')), 8 FROM range(2400)",
        "CREATE VIEW hr.late AS SELECT id, who FROM hr.visits WHERE dt = '2026-01-12'",
        "ANALYZE TABLE hr.visits COMPUTE STATISTICS",
        "ANALYZE TABLE default.member COMPUTE STATISTICS",
        "CREATE TABLE hr.nested_names (`姓名` STRING, `select` STRING) USING json",
    )
    warehouse.database.fill(
        "GRANT USAGE ON SCHEMA public TO reader", *(f'GRANT SELECT ON "{t}" TO reader' for t in READ_BY_US)
    )
    return warehouse


def metastore(url, password=None, wants=lambda schema, table: True):
    return Metastore(url, Access("wh", password, 30), wants)


@pytest.mark.server
class TestHive(ConnectorContract):
    @pytest.fixture
    def source(self, filled):
        source = connect(filled.url)
        yield source
        source.close()

    def test_comments_types_partitions_views_and_statistics(self, source):
        tables = {(t.ref.schema, t.ref.name): t for t in source.tables()}
        member, visits, late = tables["default", "member"], tables["hr", "visits"], tables["hr", "late"]
        assert (member.comment, member.columns[1].comment, member.columns[1].type) == (
            "会员",
            "手机号",
            "string",
        )
        assert (member.rows.high, member.owner) == (300, "me")
        assert tables["hr", "staff"].columns[2].type == "struct<city:string,zip:string>"
        assert (visits.partitioned_by, visits.rows.high) == (("dt", "hour"), 2400)
        assert (late.kind, "hr.visits" in late.definition, late.dialect) == ("view", True, "spark")

    def test_a_database_in_the_url_is_the_only_one_listed(self, filled):
        assert {t.ref.schema for t in connect(filled.url + "/hr").tables()} == {"hr"}

    def test_only_the_partitions_drawn_are_read(self, source):
        """Spark's own plan names the folders each part of the query reads."""
        visits = next(t for t in source.tables() if t.ref.name == "visits")
        drawn = source.sample(visits.ref, ("id", "dt"), 60, 7).drawn
        query = source.plan(visits.ref, ("id", "dt"), 60, 7)
        with source.connection() as c:
            plan = c.execute(sa.text("EXPLAIN FORMATTED " + query.replace(":", r"\:"))).scalar_one()
        folders = [line for line in plan.splitlines() if line.startswith("Location")]

        assert drawn.method == "6 of 12 partitions"
        assert len(folders) == 6
        assert all(line.count("dt=2026") == 1 and "more" not in line for line in folders)
        assert sum("dt=2026-01-01" in line or "dt=2026-01-12" in line for line in folders) == 2

    def test_every_partition_drawn_has_its_share_of_the_rows(self, source):
        visits = next(t for t in source.tables() if t.ref.name == "visits")
        first, second = (source.sample(visits.ref, ("id", "dt"), 60, 7) for _ in range(2))
        days = [d for _, d in rows_of(first.batches)]

        assert {days.count(d) for d in days} == {10}
        assert rows_of(first.batches) == rows_of(second.batches)
        assert {d for _, d in rows_of(source.sample(visits.ref, ("id", "dt"), 60, 8).batches)} != set(days)

    def test_names_that_are_words_of_sql_or_chinese_are_read(self, filled, source):
        ref = next(t.ref for t in source.tables() if t.ref.name == "nested_names")
        assert source.sample(ref, ("姓名", "select"), 10, 1).drawn.rows == 0

    @pytest.mark.parametrize(
        "statement",
        [
            "INSERT INTO default.member VALUES (1, 'x', 'y')",
            "DROP TABLE default.member",
            "/* SELECT */ DROP TABLE default.member",
            "SET spark.sql.ansi.enabled=false",
        ],
    )
    def test_nothing_that_writes_is_sent(self, source, statement):
        with pytest.raises(SourceError, match="permission denied"), source.connection() as c:
            c.exec_driver_sql(statement)

    def test_a_slow_statement_is_cancelled_on_the_server(self, filled):
        quick = connect(filled.url, timeout=2)
        began = time.monotonic()
        with pytest.raises(SourceError, match="time limit"), quick.connection() as c:
            c.exec_driver_sql("SELECT count(*) FROM range(100000000) a CROSS JOIN range(100000000) b")
        assert time.monotonic() - began < 300  # of days
        again = connect(filled.url, timeout=60)
        assert again.sample(next(again.tables()).ref, ("id",), 5, 1).drawn.rows == 5

    def test_queue_and_settings_reach_the_session(self, filled):
        source = connect(
            filled.url, options={"queue": "scan", "set.spark.sql.thriftserver.scheduler.pool": "slow"}
        )
        with source.connection() as c:
            queue = c.connection.dbapi_connection.cursor()
            queue.execute("SET mapreduce.job.queuename")
            assert queue.fetchall() == [("mapreduce.job.queuename", "scan")]
            queue.execute("SET spark.sql.thriftserver.scheduler.pool")
            assert queue.fetchall()[0][1] == "slow"

    def test_a_table_that_is_gone_is_one_clear_error(self, source):
        from detectors.model import TableRef

        with pytest.raises(SourceError) as e:
            source.sample(TableRef("gone", "hr"), ("id",), 5, 1)
        assert "gone" in str(e.value)
        assert "SELECT" not in str(e.value)


@pytest.mark.server
class TestMetastore:
    def test_its_database_and_its_service_tell_the_same(self, filled):
        by_database = list(metastore(filled.database.reader, filled.database.password).tables())
        by_service = list(metastore(filled.thrift).tables())

        assert by_database == by_service
        assert [(t.ref.schema, t.ref.name) for t in by_database] == sorted(
            (t.ref.schema, t.ref.name) for t in by_database
        )
        visits = next(t for t in by_database if t.ref.name == "visits")
        assert (visits.partitioned_by, visits.partitions, visits.rows.high) == (("dt", "hour"), 12, 2400)

    def test_it_tells_columns_and_comments_as_the_server_does(self, filled):
        listed = {t.ref: t for t in connect(filled.url).tables()}
        told = {t.ref: t for t in metastore(filled.thrift).tables()}

        assert told.keys() == listed.keys()
        assert all(
            told[r].columns == listed[r].columns and told[r].comment == listed[r].comment for r in told
        )
        assert {r: (t.kind, t.owner, t.definition) for r, t in told.items()} == {
            r: (t.kind, t.owner, t.definition) for r, t in listed.items()
        }

    def test_new_rows_change_the_fingerprint_of_their_table_only(self, filled):
        before = {t.ref.name: t.fingerprint for t in metastore(filled.thrift).tables()}
        filled.fill("CREATE TABLE hr.grows (id INT) STORED AS TEXTFILE", "INSERT INTO hr.grows VALUES (1)")
        first = {t.ref.name: t.fingerprint for t in metastore(filled.thrift).tables()}
        filled.fill("INSERT INTO hr.grows VALUES (2)")
        second = {t.ref.name: t.fingerprint for t in metastore(filled.thrift).tables()}
        filled.fill("DROP TABLE hr.grows")

        assert {n for n in second if second[n] != first[n]} == {"grows"}
        assert {n: f for n, f in first.items() if n != "grows"} == before

    def test_tables_not_wanted_are_not_asked_for(self, filled):
        found = metastore(
            filled.database.reader,
            filled.database.password,
            lambda schema, table: schema == "hr" and table == "staff",
        )
        assert [t.ref.name for t in found.tables()] == ["staff"]

    def test_a_scan_lists_from_the_metastore_and_samples_through_the_server(self, filled):
        source = Source("wh", filled.url, include=("hr/visits", "default/member"), metastore=filled.thrift)
        report = scan(Config(sources=(source,)), rows=60)
        tables = {t.id: t for t in report.tables}

        assert report.skipped == ()
        assert tables["wh/hr/visits"].drawn.method == "6 of 12 partitions"
        assert tables["wh/default/member"].drawn.rows == 60

    def test_a_service_that_is_not_there_is_one_clear_error(self):
        with pytest.raises(SourceError, match="cannot be reached"):
            metastore("thrift://127.0.0.1:9,thrift://127.0.0.1:19")

    def test_a_database_without_a_metastore_says_so(self, postgresql):
        with pytest.raises(SourceError, match="no table TBLS"):
            list(metastore(postgresql.reader, postgresql.password).tables())


def compiled(query):
    from pyhive.sqlalchemy_hive import HiveDialect

    return " ".join(str(query.compile(dialect=HiveDialect(), compile_kwargs={"literal_binds": True})).split())


T = sa.table("t", sa.column("a"), schema="d")


def test_a_large_table_of_hive_is_read_by_blocks_and_of_spark_not_at_all():
    large = TableSize(10**9, 10**12, False)
    source, tests, method = hive.sample_clause(T, 1_000, large, 7)

    assert (
        compiled(sa.select(source.c.a).where(*tests).limit(5))
        == "SELECT `t`.`a` FROM `d`.`t` TABLESAMPLE (0.0100 PERCENT) LIMIT 5"
    )
    assert method == "TABLESAMPLE of blocks"
    assert sparksql.sample_clause(T, 1_000, large, 7) is None


def test_a_middling_table_is_thinned_by_a_seeded_number():
    source, tests, _ = hive.sample_clause(T, 1_000, TableSize(100_000, 10**6, False), 7)
    assert (
        compiled(sa.select(source.c.a).where(*tests)) == "SELECT `t`.`a` FROM `d`.`t` WHERE rand(7) < 0.015"
    )


def test_partitions_without_a_value_are_drawn_only_where_there_are_no_others():
    default = [["dt", None]]
    days = [[["dt", d]] for d in DAYS]
    assert default not in hive.choose_partitions([*days, default], 13, 7)
    assert hive.choose_partitions([default], 6, 7) == [default]


def test_no_more_partitions_are_drawn_than_may_be_read():
    import json

    way = json.dumps([[["dt", d]] for d in DAYS])
    assert (
        hive.sample_partitions(T, 100_000, TableSize(10**9, 12 * (1 << 30), False, ("dt",), way), 7)[2]
        == "3 of 12 partitions"
    )
    assert (
        hive.sample_partitions(T, 1_000, TableSize(300, 3_000, False, ("dt",), way), 7)[2]
        == "12 of 12 partitions"
    )


def test_settings_that_hide_a_second_statement_are_refused():
    with pytest.raises(ConfigError):
        hive.session_settings({"set.a": "1; DROP TABLE x"}, ())
    with pytest.raises(ConfigError):
        hive.session_settings({"set.a b": "1"}, ())


def test_skipped_is_what_hive_cannot_describe(monkeypatch):
    from scanner.connectors.sql import hive_driver

    rows = {"Tables": [("", "d", "bad", "TABLE", "")], "Columns": []}
    monkeypatch.setattr(hive_driver, "catalogue", lambda connection, what, database: rows[what])
    (found,) = hive.list_tables(None, "", "hive")
    assert isinstance(found, Skipped)
    assert found.id == "d/bad"
