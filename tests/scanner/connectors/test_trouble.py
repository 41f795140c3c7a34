"""Tables that are locked, forbidden, changed or very wide, and connections that break: one clear line each,
and the rest is read.
"""

import contextlib
import os
import socket
from contextlib import contextmanager
from datetime import date

import pytest
import sqlalchemy as sa

from detectors.errors import SourceError
from detectors.message import Msg
from relay import Relay
from scanner import job
from scanner.config.model import Config
from scanner.config.pace import Pace
from scanner.config.sources import Source
from scanner.connectors import connect
from scanner.connectors.dictionary import load_dictionary
from scanner.connectors.silence import GIVE_UP, SILENT, SilenceLimit
from scanner.connectors.sql import SqlConnector
from scanner.gather.prefetch import Prefetcher

DAY = date(2026, 11, 2)
TABLES = [
    f"CREATE TABLE {t} (id INTEGER PRIMARY KEY, mobile VARCHAR(20), city VARCHAR(20))"
    for t in ("free", "held", "other")
]
ROWS = (
    "INSERT INTO {} VALUES (1, '13700000001', '上海'), (2, '13700000002', '上海'), (3, '13700000003', '杭州')"
)
LOCK = {
    "postgresql": ("BEGIN", "LOCK TABLE held IN ACCESS EXCLUSIVE MODE"),
    "mariadb": ("LOCK TABLES held WRITE",),
}
KILL = {
    "postgresql": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'",
    "mariadb": "KILL USER reader",
}


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request):
    found = request.getfixturevalue(request.param)
    found.fill(*TABLES, *(ROWS.format(t) for t in ("free", "held", "other")))
    if request.param == "postgresql":
        found.fill("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader", "ANALYZE")
    return request.param, found


@contextmanager
def held(kind, server):
    """The table `held`, locked by another session."""
    engine = sa.create_engine(server.admin, isolation_level="AUTOCOMMIT")
    with engine.connect() as c:
        for s in LOCK[kind]:
            c.exec_driver_sql(s)
        yield
        c.exec_driver_sql("ROLLBACK" if kind == "postgresql" else "UNLOCK TABLES")
    engine.dispose()


@pytest.mark.server
class TestOnRealServers:
    def test_a_locked_table_costs_itself_only(self, server):
        kind, found = server
        with held(kind, found):
            report = job.scan(Config((Source("shop", found.reader, found.password, timeout=2),)), as_of=DAY)

        assert {t.id.rsplit("/", 1)[1]: t.status for t in report.tables} == {
            "free": "scanned",
            "held": "skipped",
            "other": "scanned",
        }
        assert "locked by another session" in report.skipped[0].reason and report.skipped[0].hint
        assert job.exit_status(report, None) == 3

    def test_a_table_without_rights_costs_itself_only(self, postgresql):
        postgresql.fill(
            *TABLES,
            *(ROWS.format(t) for t in ("free", "held", "other")),
            "GRANT SELECT ON free, other TO reader",
            "ANALYZE",
        )
        report = job.scan(Config((Source("shop", postgresql.reader, postgresql.password),)), as_of=DAY)

        assert {t.id.rsplit("/", 1)[1]: t.status for t in report.tables} == {
            "free": "scanned",
            "held": "skipped",
            "other": "scanned",
        }
        assert "permission denied" in report.skipped[0].reason and "GRANT SELECT" in report.skipped[0].hint

    def test_a_column_dropped_after_listing_is_said(self, server):
        _, found = server
        source = connect(found.reader, password=found.password)
        tables = {t.ref.name: t for t in source.tables()}
        found.fill("ALTER TABLE held DROP COLUMN city")

        with pytest.raises(SourceError, match="gone since it was listed") as e:
            source.sample(tables["held"].ref, ("id", "city"), 10, 7)
        assert e.value.hint == "scan again"
        assert source.sample(tables["free"].ref, ("id", "city"), 10, 7).drawn.rows == 3
        source.close()

    def test_a_connection_that_broke_is_not_used_again(self, server):
        kind, found = server
        source = connect(found.reader, password=found.password)
        free = next(t for t in source.tables() if t.ref.name == "free")
        found.fill(KILL[kind])

        assert source.sample(free.ref, ("id", "city"), 10, 7).drawn.rows == 3
        source.close()

    def test_one_that_breaks_while_rows_are_read_is_said_and_the_next_table_is_read(self, server):
        kind, found = server
        filled = {
            "postgresql": "SELECT g, g::text, repeat('x', 15) FROM generate_series(10, 400000) g",
            "mariadb": "SELECT seq, seq, repeat('x', 15) FROM seq_10_to_400000",
        }[kind]
        found.fill(f"INSERT INTO held {filled}")
        source = connect(found.reader, password=found.password)
        tables = {t.ref.name: t for t in source.tables()}
        batches = source.read(tables["held"].ref, ("id", "mobile", "city"), {})
        next(batches)
        found.fill(KILL[kind])

        with pytest.raises(SourceError, match="connection lost"):
            list(batches)
        assert source.sample(tables["free"].ref, ("id",), 10, 7).drawn.rows == 3
        source.close()

    def test_a_server_that_is_gone_is_said_for_every_table_left(self, server, monkeypatch):
        _, found = server
        taken = []
        plain = Prefetcher.take

        def take(self, tid):
            taken.append(tid)
            return (
                plain(self, tid)
                if len(taken) < 2
                else SourceError("host cannot be reached", where=tid, hint="check host")
            )

        monkeypatch.setattr(Prefetcher, "take", take)
        report = job.scan(Config((Source("shop", found.reader, found.password),)), as_of=DAY)

        assert [t.status for t in report.tables] == ["scanned", "skipped", "skipped"]
        assert len(report.skipped) == 2


@pytest.mark.server
@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_server_that_falls_silent_is_given_up_after_three_tables(kind, request, monkeypatch):
    found = request.getfixturevalue(kind)
    found.fill(*(f"CREATE TABLE t_{c} (mobile VARCHAR(20))" for c in "abcdefghijklmnopqrstuvw"))
    if kind == "postgresql":
        found.fill("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    with Relay(sa.make_url(found.reader).port) as relay:
        draw = SqlConnector.sample

        def fall_silent(self, ref, *arguments):
            if ref.name == "t_c":
                relay.silent.set()
            return draw(self, ref, *arguments)

        monkeypatch.setattr(SqlConnector, "sample", fall_silent)
        url = sa.make_url(found.reader).set(port=relay.port).render_as_string(hide_password=False)
        report = job.scan(Config((Source("shop", url, found.password, timeout=1, pace=Pace(1)),)), as_of=DAY)

    reasons = [str(s.reason).split(": ", 1)[1] for s in report.skipped]
    assert [t.status for t in report.tables] == ["scanned"] * 2 + ["skipped"] * 21
    assert all(reason in SILENT for reason in reasons[:GIVE_UP])
    assert reasons[GIVE_UP:] == ["not asked: 3 tables in a row got no answer"] * 18


def test_an_answer_between_two_silences_starts_the_count_anew():
    limit, answers = SilenceLimit(), []
    for what in [*SILENT[:2], Msg("permission denied"), *SILENT, SILENT[0]]:
        with pytest.raises(SourceError) as e, limit.attempt("t"):
            answers.append(what)
            raise SourceError(what)

    assert len(answers) == 6 and "not asked" in str(e.value)


@pytest.mark.system
def test_pipes_sockets_and_devices_are_not_read(tmp_path):
    os.mkfifo(tmp_path / "a.csv")
    with socket.socket(socket.AF_UNIX) as endpoint:
        endpoint.bind(str(tmp_path / "b.db"))
        names = ("a.csv", "b.db")
        databases = [f"{scheme}:///{tmp_path}/{name}" for scheme in ("sqlite", "duckdb") for name in names]
        for url in (tmp_path / "a.csv", "/dev/zero", *databases):
            with pytest.raises(SourceError, match="a pipe, a socket or a device is not read"):
                connect(str(url))
        with contextlib.closing(connect(f"{tmp_path}/*.csv")) as found:
            assert [s.reason for s in found.tables()] == ["a pipe, a socket or a device, no file"]
        with pytest.raises(SourceError, match="is not read"):
            load_dictionary(tmp_path / "a.csv")


def test_five_thousand_columns_are_read(tmp_path):
    import duckdb

    with duckdb.connect(str(tmp_path / "wide.duckdb")) as c:
        c.execute(f"CREATE TABLE wide ({', '.join(f'c{i} VARCHAR' for i in range(4_999))}, mobile VARCHAR)")
        c.execute("INSERT INTO wide (mobile) SELECT '137' || lpad(range::VARCHAR, 8, '0') FROM range(40)")
    report = job.scan(Config((Source("w", f"duckdb:///{tmp_path}/wide.duckdb"),)), as_of=DAY)

    assert len(report.tables[0].columns) == 5_000
    assert [a.finding.label for a in report.tables[0].columns[-1].findings if a.finding.primary] == [
        "phone_mobile"
    ]
