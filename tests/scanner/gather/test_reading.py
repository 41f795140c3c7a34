"""Tables are read ahead within bounds, gently where asked, not in a blackout,
and no longer than the budget allows.
"""

import sqlite3
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from detectors.errors import ConfigError, SourceError
from detectors.model import Drawn, TableId
from reports import unread
from reports.formats.json import to_json
from reports.model import coverage
from reports.wording.table import coverage_words
from scanner import job
from scanner.config.model import Config, read
from scanner.config.pace import Pace, parse_window
from scanner.config.sources import Source
from scanner.connectors import Sample
from scanner.gather import prefetch
from scanner.gather.carry_over import open_results
from scanner.gather.examiner_pool import ExaminerPool
from scanner.gather.pacing import PacedConnector, SourceClosed
from scanner.gather.prefetch import Postponed, Prefetcher

DAY = date(2026, 11, 2)


def at(text):
    return datetime.fromisoformat(text + "+08:00")


def always():
    """A window that is open now and closes in about a day."""
    now = datetime.now(UTC)
    return parse_window(f"{now:%H:%M}-{now:%H:%M} UTC")


class TestWindows:
    @pytest.mark.parametrize(
        ("text", "now", "until"),
        [
            ("09:00-18:30", "2026-11-02T09:00", "2026-11-02T18:30"),
            ("09:00-18:30", "2026-11-02T18:30", None),
            ("22:00-06:00", "2026-11-02T23:00", "2026-11-03T06:00"),
            ("22:00-06:00", "2026-11-03T05:59", "2026-11-03T06:00"),
            ("fri 22:00-06:00", "2026-11-07T05:00", "2026-11-07T06:00"),  # the night from Friday to Saturday
            ("fri 22:00-06:00", "2026-11-08T05:00", None),
            ("mon-fri 09:00-18:30", "2026-11-08T12:00", None),  # Sunday
            ("sat-mon 09:00-18:30", "2026-11-08T12:00", "2026-11-08T18:30"),
            ("01:00-02:00 UTC", "2026-11-02T09:30", "2026-11-02T10:00"),
        ],
    )
    def test_a_window_closes_at_its_end(self, text, now, until):
        assert parse_window(text).closes(at(now)) == (at(until) if until else None)

    @pytest.mark.parametrize(
        "text", ["9-18", "09:00", "25:00-26:00", "day 09:00-10:00", "09:00-10:00 Asia/Nowhere", ""]
    )
    def test_what_is_none_is_said(self, text):
        with pytest.raises(ConfigError, match="no time window") as e:
            parse_window(text, "chujing.yaml:4")
        assert "09:00-18:30" in e.value.hint

    def test_the_configuration_names_the_line(self, tmp_path):
        (tmp_path / "c.yaml").write_text(
            "version: 1\nsources:\n  a:\n    url: x.csv\n    blackout: ['nine to five']\n"
        )
        with pytest.raises(ConfigError, match=r"c\.yaml:5.*no time window"):
            read(tmp_path / "c.yaml")


def sample(size):
    return Sample(
        [pa.RecordBatch.from_arrays([pa.array(["x" * 1000] * size)], names=["a"])],
        Drawn("all rows", size, size, 7),
    )


class TestAhead:
    def test_every_table_arrives_in_any_order_of_asking(self):
        tables = [TableId(f"{s}/t{i}") for i in range(30) for s in ("a", "b")]
        with Prefetcher(
            lambda t: sample(int(t.rsplit("t", 1)[1]) + 1), {"a": Pace(3), "b": Pace(1)}, tables
        ) as ahead:
            got = {t: ahead.take(t).drawn.rows for t in [*reversed(tables[:7]), *tables[7:]]}

        assert got == {t: int(t.rsplit("t", 1)[1]) + 1 for t in tables}

    def test_no_more_connections_than_allowed(self):
        now, most, lock = 0, 0, threading.Lock()

        def draw(_):
            nonlocal now, most
            with lock:
                now += 1
                most = max(most, now)
            threading.Event().wait(0.005)
            with lock:
                now -= 1
            return sample(1)

        tables = [TableId(f"a/t{i}") for i in range(20)]
        with Prefetcher(draw, {"a": Pace(3)}, tables) as ahead:
            for t in tables:
                ahead.take(t)

        assert most == 3

    def test_what_waits_is_bounded_and_nobody_waits_for_ever(self, monkeypatch):
        monkeypatch.setattr(prefetch, "AHEAD_BYTES", 50_000)
        drawn, tables = [], [TableId(f"a/t{i:02d}") for i in range(40)]

        def draw(tid):
            drawn.append(tid)
            return sample(20)  # 20 kB

        with Prefetcher(draw, {"a": Pace(1)}, tables) as ahead:
            ahead.take(tables[0])
            threading.Event().wait(0.1)
            assert len(drawn) <= 5
            assert ahead.take(TableId("a/nobody_told_of")).drawn.rows == 20  # although what waits is full
            assert [ahead.take(t).drawn.rows for t in reversed(tables[1:])] == [20] * 39

    def test_errors_come_to_the_one_who_asks(self):
        def draw(tid):
            raise SourceError("permission denied") if tid == "a/locked" else ZeroDivisionError

        with Prefetcher(draw, {"a": Pace()}, []) as ahead:
            assert str(ahead.take(TableId("a/locked"))) == "permission denied"
            with pytest.raises(ZeroDivisionError):
                ahead.take(TableId("a/broken"))

    def test_after_the_deadline_only_some_are_read(self):
        with Prefetcher(
            lambda _: sample(1), {"a": Pace()}, [], deadline=0.0, always={TableId("a/flow")}
        ) as ahead:
            assert ahead.take(TableId("a/other")) == Postponed(unread.BUDGET)
            assert ahead.take(TableId("a/flow")).drawn.rows == 1


class TestPaced:
    class Inner:
        closed = 0

        def read(self, *_):
            yield from range(3)

        def key_counts(self):
            return 5

        def close(self):
            self.closed += 1

    def test_a_blackout_stops_reading_in_its_middle(self):
        paced = PacedConnector(self.Inner(), Pace(closed=(always(),)), "crm")
        with pytest.raises(SourceClosed, match="crm: blackout until"):
            list(paced.read(None, (), {}))
        with pytest.raises(SourceClosed):
            paced.key_counts()

    def test_what_the_connector_cannot_do_the_paced_one_cannot(self):
        paced = PacedConnector(self.Inner(), Pace(pause=1), "crm")

        assert paced.key_counts() == 5
        assert not hasattr(paced, "count_distinct")


@pytest.fixture
def shop(tmp_path):
    connection = sqlite3.connect(tmp_path / "shop.db")
    for name in ("a_member", "b_member", "c_member", "d_member"):
        connection.execute(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, mobile TEXT)")
        connection.executemany(
            f"INSERT INTO {name} (mobile) VALUES (?)",  # noqa: S608
            [(f"137{i:08d}",) for i in range(40)],
        )
    connection.execute("CREATE VIEW a_view AS SELECT mobile AS m FROM d_member")
    connection.commit()
    connection.close()
    (tmp_path / "chujing.yaml").write_text(
        'version: 1\nexporter: {id: acme, entities: [acme]}\nsources: {shop: {url: "sqlite:///shop.db"}}\nflows:\n'
        "  - {id: hq, entity: acme, recipient: {name: HQ, country: DE}, purpose: crm, fields: "
        "[shop/d_member/mobile]}\n",
        encoding="utf-8",
    )
    return tmp_path


def run(folder, **options):
    with open_results(folder) as results:
        report = job.scan(read(folder / "chujing.yaml"), as_of=DAY, results=results, **options)
        results.finish(postponed=any(t.why for t in report.tables))
    return report


def why(report):
    return {t.id.rsplit("/", 1)[1]: t.why for t in report.tables}


class TestBudget:
    def test_flows_are_read_whatever_the_time_and_the_rest_waits(self, shop):
        report = run(shop, budget=0)

        assert why(report) == {
            "a_member": "budget|",
            "a_view": "budget|",
            "b_member": "budget|",
            "c_member": "budget|",
            "d_member": "",
        }
        assert coverage(report).names == {"budget|": 4}
        assert "4 by names and comments only: the time was up" in coverage_words(report, "en")
        assert job.exit_status(report, None) == 0

    def test_the_next_nights_go_on_until_all_is_read(self, shop, monkeypatch):
        from scanner.connectors.sql.dialects import sqlite

        monkeypatch.setattr(sqlite, "marks", lambda c: {})  # a source that cannot say what changed
        drawn, plain = [], Prefetcher._draw_outcome
        tonight: list[str] = []

        def two_a_night(self, tid):
            if len(tonight) == 2 and tid not in self._always:
                return Postponed(unread.BUDGET)
            tonight.append(tid)
            return plain(self, tid)

        monkeypatch.setattr(Prefetcher, "_draw_outcome", two_a_night)
        nights = [run(shop)]
        while any(why(nights[-1]).values()):
            drawn += tonight
            tonight.clear()
            nights.append(run(shop))
        drawn += tonight

        assert len(nights) == 3
        assert sorted(drawn) == sorted(t.id for t in nights[-1].tables)  # none twice

    def test_a_changed_table_left_for_later_keeps_its_earlier_verdict(self, shop):
        first = run(shop)
        with sqlite3.connect(shop / "shop.db") as c:
            c.execute("INSERT INTO a_member (mobile) VALUES ('13700000999')")
        second = run(shop, budget=0)

        assert why(second)["a_member"] == "changed_budget|"
        found = [next(t for t in r.tables if t.id == "shop/a_member").columns for r in (first, second)]
        assert found[0] == found[1]
        assert coverage(second).older == {"budget|": 4}
        assert set(why(run(shop)).values()) == {""}


class TestBlackout:
    def test_a_source_is_left_alone_and_said_so(self, shop):
        config = read(shop / "chujing.yaml")
        config = replace(config, sources=(replace(config.sources[0], pace=Pace(closed=(always(),))),))
        report = job.scan(config, as_of=DAY)

        assert report.tables == ()
        assert "blackout until" in report.skipped[0].reason
        assert job.exit_status(report, None) == 3

    def test_one_that_begins_in_mid_scan_leaves_the_rest(self, shop, monkeypatch):
        seen = []

        def closed_until(self, now):
            seen.append(now)
            return datetime.now(UTC) + timedelta(hours=1) if len(seen) > 4 else None

        monkeypatch.setattr(Pace, "closed_until", closed_until)
        source = replace(
            read(shop / "chujing.yaml").sources[0], pace=Pace(1, closed=(parse_window("01:00-02:00"),))
        )
        report = job.scan(Config((source,)), as_of=DAY)
        left = [w for w in why(report).values() if w.startswith("blackout|")]

        assert 0 < len(left) < 5
        assert len(report.tables) == 5
        assert all(
            "mobile" in c.name or not c.findings or c.name in ("id", "m")
            for t in report.tables
            for c in t.columns
        )


class TestJobs:
    def test_processes_find_the_same(self, shop):
        one, two = (job.scan(read(shop / "chujing.yaml"), as_of=DAY, jobs=n) for n in (1, 2))
        bodies = [to_json(r) for r in (one, two)]
        for b in bodies:
            b.pop("run")

        assert bodies[0] == bodies[1]

    def test_own_detectors_are_known_to_them_and_their_faults_are_told(self, shop):
        (shop / "own.yaml").write_text(
            "detectors:\n"
            "  - {name: prefix, label: employee_no, title: 工号, title_en: staff no, pattern: "
            "'137[0-9]{8}',"
            " names: [mobile], examples: ['13700000001']}\n",
            encoding="utf-8",
        )
        config = replace(read(shop / "chujing.yaml"), detectors=shop / "own.yaml")
        one, two = (job.scan(config, as_of=DAY, jobs=n) for n in (1, 2))

        assert [t.columns for t in one.tables] == [t.columns for t in two.tables]
        assert any(
            a.finding.label == "employee_no" for t in two.tables for c in t.columns for a in c.findings
        )

    def test_a_worker_that_dies_costs_its_tables_only(self, shop, monkeypatch):
        (shop / "shop.db").unlink()
        config = Config((Source("files", str(shop / "*.csv")),))
        for name in ("a", "b"):
            (shop / f"{name}.csv").write_text("mobile\n13700000001\n13700000002\n")
        submit = ExaminerPool.submit

        def deadly(self, task, sample):
            if task.id == "files/a":
                import os

                under_way = submit(self, task, sample)
                assert self._pool.submit(os._exit, 9).exception() is not None
                return under_way
            return submit(self, task, sample)

        monkeypatch.setattr(ExaminerPool, "submit", deadly)
        report = job.scan(config, as_of=DAY, jobs=2)

        assert {t.id: t.status for t in report.tables}["files/b"] == "scanned"
        assert all(s.reason == "a worker process died" for s in report.skipped)
