"""Real servers at their worst: partitions, foreign tables, locks, lost connections, silence;
and how gently they are asked.
"""

import contextlib
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from detectors.errors import SourceError
from scanner.connectors import connect
from scanner.testing import rows_of
from servers import free_port

pytestmark = pytest.mark.server


def tables(source):
    return {t.ref.name: t for t in source.tables()}


@contextlib.contextmanager
def proxied(url):
    """The same URL through a relay that can fall silent: (url, silence, speak)."""
    target = make_url(url)
    gate, port = threading.Event(), free_port()
    gate.set()
    listening = socket.create_server(("127.0.0.1", port))
    held = [listening]

    def pump(a, b):
        with contextlib.suppress(OSError):
            while data := a.recv(65_536):
                gate.wait()
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                client, _ = listening.accept()
                server = socket.create_connection((target.host, target.port))
                held.extend((client, server))
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield target.set(port=port).render_as_string(hide_password=False), gate.clear, gate.set
    finally:
        gate.set()
        for s in held:
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
            s.close()


def asked(source):
    """Statements that listing takes."""
    seen = []
    sa.event.listen(source._engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    list(source.tables())
    return len(seen)


class TestPostgresql:
    @pytest.fixture
    def source(self, postgresql):
        source = connect(postgresql.reader, password=postgresql.password, timeout=2)
        yield source
        source.close()

    def test_a_partitioned_table_is_one_with_the_sums_of_its_partitions(self, postgresql, source):
        postgresql.fill(
            (
                "CREATE TABLE visit (id int, day date, city text, PRIMARY KEY (id, day, "
                "city)) PARTITION BY RANGE (day)"
            ),
            (
                "CREATE TABLE visit_25 PARTITION OF visit FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') "
                "PARTITION BY LIST (city)"
            ),
            "CREATE TABLE visit_25_sh PARTITION OF visit_25 FOR VALUES IN ('上海')",
            "CREATE TABLE visit_26 PARTITION OF visit FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
            (
                "INSERT INTO visit SELECT g, DATE '2025-01-01' + g %% 365, '上海' FROM generate_series(1, "
                "30000) g"
            ),
            (
                "INSERT INTO visit SELECT g, DATE '2026-01-01' + g %% 300, '杭州' FROM generate_series(1, "
                "10000) g"
            ),
            "ANALYZE visit_25_sh, visit_26",
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
        )
        found = tables(source)
        visit = found["visit"]

        assert list(found) == ["visit"]
        assert (visit.partitioned_by, visit.partitions, visit.rows.high, visit.owner) == (
            ("day",),
            2,
            40_000,
            "admin",
        )
        assert visit.bytes > 1_000_000
        sample = source.sample(visit.ref, ("day",), 1_000, 7)
        late = sum(day >= "2026" for (day,) in rows_of(sample.batches))
        assert sample.drawn.method.startswith("TABLESAMPLE")
        assert 150 < late < 350

    def test_materialised_views_are_sampled_and_foreign_tables_listed(self, postgresql, source):
        postgresql.fill(
            "CREATE TABLE base AS SELECT g AS id FROM generate_series(1, 20000) g",
            "CREATE MATERIALIZED VIEW kept AS SELECT id FROM base",
            "CREATE VIEW seen AS SELECT id FROM base",
            "ANALYZE",
            "CREATE FOREIGN DATA WRAPPER hq_wrapper",
            "CREATE SERVER hq FOREIGN DATA WRAPPER hq_wrapper",
            "CREATE FOREIGN TABLE hq_member (id int) SERVER hq",
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
        )
        try:
            found = tables(source)
            kept = source.sample(found["kept"].ref, ("id",), 500, 7)
            with pytest.raises(SourceError):
                source.sample(found["hq_member"].ref, ("id",), 500, 7)
        finally:
            postgresql.fill("DROP FOREIGN DATA WRAPPER hq_wrapper CASCADE")

        assert (found["kept"].kind, "base" in found["kept"].definition) == ("view", True)
        assert kept.drawn.method == "TABLESAMPLE BERNOULLI"
        assert found["hq_member"].rows.high is None
        assert source.sample(found["seen"].ref, ("id",), 500, 7).drawn.method == "first rows"

    def test_fifty_tables_take_as_many_statements_as_five(self, postgresql, source):
        def more(a, b):
            postgresql.fill(
                *(
                    s
                    for i in range(a, b)
                    for s in (
                        f"CREATE TABLE t{i} (id int PRIMARY KEY, up int)",
                        f"ALTER TABLE t{i} ADD FOREIGN KEY (up) REFERENCES t{i}",
                        f"COMMENT ON TABLE t{i} IS 'x'",
                        f"CREATE VIEW v{i} AS SELECT * FROM t{i}",  # noqa: S608 - a number of ours
                    )
                )
            )

        more(0, 5)
        few = asked(source)
        more(5, 50)
        assert asked(source) == few
        assert len(tables(source)) == 100

    def test_a_locked_table_is_told_and_the_next_is_read(self, postgresql, source):
        postgresql.fill(
            "CREATE TABLE a (id int)",
            "CREATE TABLE b (id int)",
            "INSERT INTO b VALUES (1)",
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
        )
        found = tables(source)
        engine = sa.create_engine(postgresql.admin)
        with engine.begin() as c:
            c.exec_driver_sql("LOCK TABLE a IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(SourceError, match="locked by another session|time limit") as e:
                source.sample(found["a"].ref, ("id",), 10, 1)
            assert e.value.hint
            assert source.sample(found["b"].ref, ("id",), 10, 1).drawn.rows == 1
        engine.dispose()

    def test_a_connection_cut_in_the_middle_costs_that_table_only(self, postgresql, source):
        postgresql.fill(
            "CREATE TABLE a AS SELECT g AS id FROM generate_series(1, 500000) g",
            "GRANT SELECT ON a TO reader",
        )
        found = tables(source)
        batches = source.read(found["a"].ref, ("id",), {})
        next(batches)
        postgresql.fill("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'")
        with pytest.raises(SourceError, match="connection lost"):
            list(batches)
        assert source.sample(found["a"].ref, ("id",), 10, 1).drawn.rows == 10

    def test_connections_cut_while_idle_are_replaced(self, postgresql, source):
        postgresql.fill("CREATE TABLE a AS SELECT 1 AS id", "GRANT SELECT ON a TO reader")
        found = tables(source)
        postgresql.fill("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'")
        assert source.sample(found["a"].ref, ("id",), 10, 1).drawn.rows == 1

    def test_a_silent_server_is_given_up_and_asked_again_later(self, postgresql):
        postgresql.fill("CREATE TABLE a AS SELECT 1 AS id", "GRANT SELECT ON a TO reader")
        with proxied(postgresql.reader) as (url, silence, speak):
            source = connect(url, password=postgresql.password, timeout=3)
            found = tables(source)
            silence()
            with pytest.raises(SourceError, match="no answer|connection lost|cannot be reached"):
                source.sample(found["a"].ref, ("id",), 10, 1)
            speak()
            assert source.sample(found["a"].ref, ("id",), 10, 1).drawn.rows == 1
            source.close()

    def test_a_dropped_column_is_told_and_a_new_listing_reads_the_rest(self, postgresql, source):
        postgresql.fill("CREATE TABLE a (id int, gone text)", "GRANT SELECT ON a TO reader")
        found = tables(source)
        postgresql.fill("ALTER TABLE a DROP COLUMN gone")
        with pytest.raises(SourceError, match="gone since it was listed"):
            source.sample(found["a"].ref, ("id", "gone"), 10, 1)
        assert [c.name for c in tables(source)["a"].columns] == ["id"]

    def test_many_threads_hold_no_more_connections_than_allowed(self, postgresql):
        postgresql.fill(
            "CREATE TABLE a AS SELECT g AS id FROM generate_series(1, 5000) g", "GRANT SELECT ON a TO reader"
        )
        source = connect(postgresql.reader, password=postgresql.password, connections=2)
        a = tables(source)["a"]
        most = []

        def one(seed):
            drawn = source.sample(a.ref, ("id",), 100, seed).drawn.rows
            engine = sa.create_engine(postgresql.admin)
            with engine.connect() as c:
                most.append(
                    c.exec_driver_sql(
                        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader'"
                    ).scalar_one()
                )
            engine.dispose()
            return drawn

        with ThreadPoolExecutor(6) as pool:
            assert list(pool.map(one, range(12))) == [100] * 12
        assert max(most) <= 2
        source.close()

    def test_a_table_of_1600_columns(self, postgresql, source):
        columns = ", ".join(f"c{i} smallint" for i in range(1_600))
        postgresql.fill(
            f"CREATE TABLE wide ({columns})",
            "INSERT INTO wide (c0) SELECT 1 FROM generate_series(1, 50)",
            "GRANT SELECT ON wide TO reader",
        )
        wide = tables(source)["wide"]
        assert source.sample(wide.ref, tuple(c.name for c in wide.columns), 40, 1).drawn.rows == 40


class TestMariadb:
    @pytest.fixture
    def source(self, mariadb):
        source = connect(mariadb.reader, password=mariadb.password, timeout=2)
        yield source
        source.close()

    def test_partitions_keys_types_and_last_change(self, mariadb, source):
        mariadb.fill(
            "CREATE TABLE visit (id INT, day DATE, grade ENUM('a', 'b'), PRIMARY KEY (id, "
            "day)) PARTITION BY RANGE (to_days(day)) "
            "(PARTITION p25 VALUES LESS THAN (to_days('2026-01-01')), "
            "PARTITION p26 VALUES LESS THAN MAXVALUE)",
            "INSERT INTO visit VALUES (1, '2026-02-01', 'a')",
        )
        visit = tables(source)["visit"]

        assert (visit.partitioned_by, visit.partitions) == (("day",), 2)
        assert [c.primary_key for c in visit.columns] == [True, True, False]
        assert visit.columns[2].type == "enum"
        assert len(visit.accessed) == 10

    def test_fifty_tables_take_as_many_statements_as_five(self, mariadb, source):
        def more(a, b):
            mariadb.fill(
                *(
                    s
                    for i in range(a, b)
                    for s in (
                        (
                            f"CREATE TABLE t{i} (id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES "
                            f"t{i} (id)) COMMENT 'x'"
                        ),
                        f"CREATE VIEW v{i} AS SELECT id FROM t{i}",  # noqa: S608 - a number of ours
                    )
                )
            )

        more(0, 5)
        few = asked(source)
        more(5, 50)
        assert asked(source) == few
        assert len(tables(source)) == 100

    def test_a_url_without_a_database_lists_all_that_may_be_seen(self, mariadb):
        mariadb.fill("CREATE TABLE member (id INT PRIMARY KEY)")
        source = connect(mariadb.reader.removesuffix("/shop"), password=mariadb.password)
        member = next(t for t in source.tables())
        assert (member.ref.schema, member.ref.name) == ("shop", "member")
        assert source.sample(member.ref, ("id",), 10, 1).drawn.method == "all rows"
        source.close()

    def test_a_locked_table_is_told_and_the_next_is_read(self, mariadb, source):
        mariadb.fill("CREATE TABLE a (id INT)", "CREATE TABLE b (id INT)", "INSERT INTO b VALUES (1)")
        found = tables(source)
        engine = sa.create_engine(mariadb.admin)
        with engine.connect() as c:
            c.exec_driver_sql("LOCK TABLES a WRITE")
            with pytest.raises(SourceError, match="locked by another session|time limit"):
                source.sample(found["a"].ref, ("id",), 10, 1)
            assert source.sample(found["b"].ref, ("id",), 10, 1).drawn.rows == 1
            c.exec_driver_sql("UNLOCK TABLES")
        engine.dispose()

    def test_a_connection_cut_in_the_middle_costs_that_table_only(self, mariadb, source):
        mariadb.fill(
            "CREATE TABLE a (id INT PRIMARY KEY, filler CHAR(200) DEFAULT 'x')",
            "INSERT INTO a (id) SELECT seq FROM seq_1_to_200000",
        )
        found = tables(source)
        batches = source.read(found["a"].ref, ("id", "filler"), {})
        next(batches)
        engine = sa.create_engine(mariadb.admin)
        with engine.connect() as c:
            for (n,) in c.exec_driver_sql(
                "SELECT id FROM information_schema.processlist WHERE user = 'reader'"
            ).all():
                c.exec_driver_sql(f"KILL {n:d}")
        engine.dispose()
        with pytest.raises(SourceError, match="connection lost|time limit"):
            list(batches)
        assert source.sample(found["a"].ref, ("id",), 10, 1).drawn.rows == 10

    def test_a_silent_server_is_given_up_and_asked_again_later(self, mariadb):
        mariadb.fill("CREATE TABLE a (id INT PRIMARY KEY)", "INSERT INTO a VALUES (1)")
        with proxied(mariadb.reader) as (url, silence, speak):
            source = connect(url, password=mariadb.password, timeout=3)
            found = tables(source)
            silence()
            with pytest.raises(SourceError, match="no answer|connection lost|cannot be reached"):
                source.sample(found["a"].ref, ("id",), 10, 1)
            speak()
            assert source.sample(found["a"].ref, ("id",), 10, 1).drawn.rows == 1
            source.close()

    def test_a_large_table_without_a_key_is_read_within_bounds(self, mariadb, source, monkeypatch):
        from scanner.connectors.sql.dialects import mysql

        monkeypatch.setattr(mysql, "SCANNED", 10_000)
        mariadb.fill(
            "CREATE TABLE log (who VARCHAR(20) PRIMARY KEY, place INT)",
            "INSERT INTO log SELECT concat('u', lpad(seq, 8, '0')), seq FROM seq_1_to_40000",
            "ANALYZE TABLE log",
        )
        sample = source.sample(tables(source)["log"].ref, ("place",), 500, 3)

        assert (sample.drawn.method, sample.drawn.rows) == ("rand() of the first 10,000 rows", 500)
        assert max(int(p) for (p,) in rows_of(sample.batches)) < 15_000
