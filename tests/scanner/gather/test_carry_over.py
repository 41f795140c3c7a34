"""Unchanged tables are not read again, a killed run goes on, one run writes at a time,
and every change says what it comes from.
"""

import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import places
import pytest
import sqlalchemy as sa
from findings import review_of
from typer.testing import CliRunner

from detectors.errors import StateError
from detectors.model import Skipped
from reports.formats.json import to_json
from scanner import job
from scanner.cli.app import app
from scanner.config.model import Config, Ignore
from scanner.config.sources import Source
from scanner.gather.carry_over import open_results
from scanner.gather.examiner_pool import ExaminerPool
from scanner.review.diff import compare_scans
from scanner.state import database, store
from scanner.workspace import open_workspace

DAY = date(2026, 11, 2)
CONFIG = """version: 1
exporter: {id: acme, entities: [acme], facts: {processes_minors: no}}
sources: {shop: {url: "sqlite:///shop.db"}, files: {url: files}}
flows:
  - {id: hq, entity: acme, status: active, recipient: {name: HQ, country: DE}, purpose: crm,
     fields: [shop/member/mobile]}
"""


def phones(n, start=0):
    return [f"137{i * 7_368_787 % 100_000_007:08d}" for i in range(start, start + n)]  # no serials


def write_db(path, tables):
    connection = sqlite3.connect(path)
    for name, rows in tables.items():
        connection.execute(
            f"CREATE TABLE IF NOT EXISTS {name} (id INTEGER PRIMARY KEY, mobile TEXT, city TEXT)"
        )
        connection.executemany(f"INSERT INTO {name} (mobile, city) VALUES (?, '上海')", [(p,) for p in rows])  # noqa: S608
    connection.commit()
    connection.close()


def write_csv(path, rows, column="mobile"):
    path.write_text(f"{column},note\n" + "".join(f"{r},x\n" for r in rows), encoding="utf-8")


@pytest.fixture
def shop(tmp_path):
    """A database and a folder of two files, with a configuration."""
    write_db(tmp_path / "shop.db", {"member": phones(50)})
    (tmp_path / "files").mkdir()
    write_csv(tmp_path / "files" / "a.csv", phones(40))
    write_csv(tmp_path / "files" / "b.csv", range(40), "quantity")
    (tmp_path / "chujing.yaml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


@contextmanager
def counting_reads(monkeypatch):
    read = []
    plain = ExaminerPool.submit

    def noted(self, task, sample):
        read.append(task.id)
        return plain(self, task, sample)

    monkeypatch.setattr(ExaminerPool, "submit", noted)
    yield read
    monkeypatch.setattr(ExaminerPool, "submit", plain)


def run(folder, *, full=False, finish=True, config=None, **options):
    from scanner.config.model import read

    with open_results(folder, full=full) as results:
        report = job.scan(config or read(folder / "chujing.yaml"), as_of=DAY, results=results, **options)
        store.remember(report, folder)
        if finish:
            results.finish()
    return report


def review(report, folder, how, column=""):
    """Accept or reject what was found; or relabel the column: a city is no illness,
    but that is what the person says.
    """
    from scanner.records import reviews

    id = column or ("shop/member/mobile" if how in ("accept", "reject") else "shop/member/city")
    found = next(c for t in report.tables for c in t.columns if c.id == id)
    verdict, to = (how, "") if how in ("accept", "reject") else ("relabel", how)
    reviews.append(folder, [review_of(found, verdict, "lin", DAY, "asked", to=to)])


def plain(report):
    body = to_json(report)
    body.pop("run")
    return body


class TestUnchangedTables:
    def test_a_second_scan_reads_nothing_and_says_the_same(self, shop, monkeypatch):
        first = run(shop)
        with counting_reads(monkeypatch) as read:
            second = run(shop)

        assert read == []
        assert plain(second) == plain(first)
        assert all(r.carried for r in second.run.tables.values())
        assert {t: r.at for t, r in second.run.tables.items()} == {
            t: r.at[:19] + "Z" for t, r in first.run.tables.items()
        }

    def test_full_reads_all(self, shop, monkeypatch):
        run(shop)
        with counting_reads(monkeypatch) as read:
            run(shop, full=True)

        assert len(read) == 3

    @pytest.mark.parametrize(
        ("change", "reread"),
        {
            "rows": (lambda d: write_db(d / "shop.db", {"member": phones(5, 100)}), {"shop/member"}),
            "a file": (lambda d: write_csv(d / "files" / "b.csv", phones(40), "quantity"), {"files/b"}),
            "a new table": (lambda d: write_csv(d / "files" / "c.csv", phones(3)), {"files/c"}),
        }.values(),
    )
    def test_what_changed_is_read_again_and_nothing_else(self, shop, monkeypatch, change, reread):
        run(shop)
        change(shop)
        with counting_reads(monkeypatch) as read:
            run(shop)

        assert set(read) == reread

    @pytest.mark.parametrize("options", [{"rows": 10}, {"seed": 8}, {"values": False}])
    def test_another_way_of_reading_reads_again(self, shop, monkeypatch, options):
        run(shop)
        with counting_reads(monkeypatch) as read:
            run(shop, **options)

        assert len(read) == 3

    def test_other_rules_judge_again_without_reading(self, shop, monkeypatch):
        run(shop)
        with counting_reads(monkeypatch) as read:
            strict = run(shop, profile="gbt-35273-2020")

        assert read == []
        assert strict.profile != store.find(shop, "previous").profile
        assert plain(strict) == plain(run(shop, full=True, profile="gbt-35273-2020"))

    def test_own_detectors_read_again(self, shop, monkeypatch):
        run(shop)
        (shop / "own.yaml").write_text(
            (
                "detectors:\n"
                "  - {name: city_code, label: user_id, title: 城市, title_en: city, pattern: '上海', "
                "examples: [上海]}\n"
            ),
            encoding="utf-8",
        )
        (shop / "chujing.yaml").write_text(CONFIG + "detectors: own.yaml\n", encoding="utf-8")
        with counting_reads(monkeypatch) as read:
            run(shop)

        assert len(read) == 3

    def test_a_finding_silenced_once_comes_back_when_the_reason_ends(self, shop, monkeypatch):
        from scanner.config.model import read as read_config

        base = read_config(shop / "chujing.yaml")
        quiet = replace(base, ignore=(Ignore("files/a/mobile", "hotline", "lin", date(2026, 12, 31)),))
        silenced = run(shop, config=quiet)
        with counting_reads(monkeypatch) as read:
            again = run(shop)

        assert read == []
        assert not next(c for t in silenced.tables for c in t.columns if c.id == "files/a/mobile").findings
        assert next(c for t in again.tables for c in t.columns if c.id == "files/a/mobile").findings
        assert {(c.about, c.cause) for c in compare_scans(silenced, again) if c.what == "finding"} == {
            ("files/a/mobile", "review")
        }


class TestASourceThatDoesNotSay:
    """Tables without a mark of change are read by every run,
    but a run that was killed does not read them twice.
    """

    @pytest.fixture
    def silent(self, shop, monkeypatch):
        from scanner.connectors.sql.dialects import sqlite

        monkeypatch.setattr(sqlite, "marks", lambda c: {})
        return shop

    def test_it_is_read_every_time(self, silent, monkeypatch):
        run(silent)
        with counting_reads(monkeypatch) as read:
            run(silent)

        assert read == ["shop/member"]

    def test_a_run_that_did_not_finish_goes_on(self, silent, monkeypatch):
        run(silent, finish=False)
        with counting_reads(monkeypatch) as read:
            run(silent)
            run(silent)

        assert read == ["shop/member"]  # not by the first run after the kill, but by the one after it


KILLED = """
import sys
from scanner.cli.app import main
sys.argv = ["chujing", "scan", "-c", sys.argv[1], "--quiet"]
main()
"""


def recorded(folder):
    file = folder / ".chujing" / "state.db"
    if not file.exists():
        return 0
    try:
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as c:
            return c.execute("SELECT count(*) FROM table_result").fetchone()[0]
    except sqlite3.Error:
        return 0


def test_killed_at_any_point_the_next_run_goes_on_from_the_last_finished_table(tmp_path, monkeypatch):
    tables = {f"member_of_{chr(97 + i)}": phones(30, i * 7) for i in range(12)}
    write_db(tmp_path / "shop.db", tables)
    (tmp_path / "chujing.yaml").write_text(
        'version: 1\nsources: {shop: {url: "sqlite:///shop.db"}}\n', encoding="utf-8"
    )
    draw = random.Random(5)
    for _ in range(3):
        wanted = min(recorded(tmp_path) + draw.randint(1, 3), len(tables))
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path / "chujing.yaml")],
            env={**os.environ},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while recorded(tmp_path) < wanted and child.poll() is None:
            time.sleep(0.002)
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert recorded(tmp_path) >= wanted

    done = recorded(tmp_path)
    with counting_reads(monkeypatch) as read:
        report = run(tmp_path)

    assert len(read) == len(tables) - done
    assert sorted(t.id for t in report.tables) == sorted(f"shop/{t}" for t in tables)
    assert plain(report) == plain(run(tmp_path, full=True))


class TestTheLease:
    def test_two_runs_never_write_at_once(self, shop):
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        try:
            with open_results(shop):
                self._held(shop, socket.gethostname(), child.pid, 300)
            self._held(shop, socket.gethostname(), child.pid, 300)
            with pytest.raises(StateError, match=f"process {child.pid}"), open_results(shop):
                pass
        finally:
            child.kill()
            child.wait()
        with open_results(shop):  # its process is gone: no need to wait
            pass

    @staticmethod
    def _held(folder, host, pid, seconds):
        with database.connection(folder, create=True) as c:
            c.execute(sa.text("DELETE FROM lease"))
            c.execute(
                sa.text("INSERT INTO lease VALUES ('scan', 'other', :h, :p, '2026-11-02', :u)"),
                {"h": host, "p": pid, "u": time.time() + seconds},
            )

    @pytest.mark.parametrize(
        ("seconds", "free"),
        [(200, False), (-1, True), (86_400, True)],
        ids=["alive", "expired", "clock set back"],
    )
    def test_a_run_on_another_machine_is_known_by_its_lease(self, shop, seconds, free):
        self._held(shop, "elsewhere", 1, seconds)
        if free:
            with open_results(shop):
                pass
        else:
            with pytest.raises(StateError, match="elsewhere"), open_results(shop):
                pass

    def test_a_run_that_lost_its_lease_stops_writing(self, shop):
        with pytest.raises(StateError, match="taken over"), open_results(shop) as results:
            self._held(shop, "elsewhere", 1, 200)
            job.scan(Config(sources=(Source("files", str(shop / "files")),)), as_of=DAY, results=results)

    def test_a_state_that_cannot_be_written_is_one_clear_error(self, tmp_path):
        (tmp_path / ".chujing").write_text("a file where the folder should be")
        with pytest.raises(StateError, match="a file stands where a folder"), open_results(tmp_path):
            pass


def test_a_full_disk_is_said_and_what_was_finished_stays(shop, monkeypatch):
    write_db(shop / "shop.db", {f"member_of_{chr(97 + i)}": phones(60, i * 60) for i in range(12)})
    run(shop)
    size = (shop / ".chujing" / "state.db").stat().st_size
    (shop / ".chujing" / "state.db").unlink()

    def small(connection, _):
        connection.execute(f"PRAGMA max_page_count = {size // 4096 - 3}")

    sa.event.listen(sa.engine.Engine, "connect", small)
    try:
        with pytest.raises(StateError, match="disk is full") as e:
            run(shop)
    finally:
        sa.event.remove(sa.engine.Engine, "connect", small)
    done = recorded(shop)
    with counting_reads(monkeypatch) as read:
        run(shop)

    assert "make room" in e.value.hint
    assert 0 < done < 15
    assert len(read) == 15 - done


class TestDiff:
    def test_two_scans_of_the_same_differ_in_nothing(self, shop):
        assert compare_scans(run(shop), run(shop)) == []

    def test_rows_that_changed_are_data(self, shop):
        first = run(shop)
        write_db(shop / "shop.db", {"member": phones(20, 500)})
        write_csv(shop / "files" / "b.csv", phones(40), "quantity")
        changes = {(c.about, c.what, c.cause) for c in compare_scans(first, run(shop))}

        assert ("hq", "persons", "data") in changes
        assert ("files/b/quantity", "finding", "data") in changes

    def test_a_column_that_came_or_went_is_schema(self, shop):
        first = run(shop)
        write_csv(shop / "files" / "a.csv", phones(40), "phone")
        changes = {(c.about, c.cause) for c in compare_scans(first, run(shop))}

        assert changes == {("files/a/mobile", "schema"), ("files/a/phone", "schema")}

    def test_another_profile_is_rules(self, shop):
        write_csv(shop / "files" / "a.csv", ["11010119900307775X", "110101199003077733"] * 20, "id_no")
        first = run(shop)
        second = run(shop, profile="gbt-35273-2020")

        assert {(c.what, c.cause) for c in compare_scans(first, second) if c.about == "files/a/id_no"} <= {
            ("sensitivity", "rules"),
            ("grade", "rules"),
        }
        assert any(c.about == "files/a/id_no" for c in compare_scans(first, second))

    def test_an_answer_is_facts(self, shop):
        from scanner.config.model import read

        first = run(shop)
        config = read(shop / "chujing.yaml")
        second = run(shop, config=replace(config, facts={**config.facts, "ciio": "yes"}))

        assert {(c.about, c.what, c.cause) for c in compare_scans(first, second)} == {("hq", "path", "facts")}

    @pytest.mark.parametrize(
        ("decide", "rows", "causes"),
        {
            "an accepted finding changes no count": ("accept", True, {("persons", ("data",))}),
            "reviews alone": ("health", False, {("sensitive_persons", ("review",))}),
            "each figure by what moves it": (
                "health",
                True,
                {("persons", ("data",)), ("sensitive_persons", ("data", "review"))},
            ),
            "another key": ("email", True, {("persons", ("data", "review"))}),
        }.values(),
    )
    def test_reviews_are_told_from_data_that_changed_meanwhile(self, shop, decide, rows, causes):
        (shop / "chujing.yaml").write_text(
            CONFIG.replace("member/mobile]", "member/mobile, shop/member/city]"), encoding="utf-8"
        )
        first = run(shop)
        review(first, shop, decide)
        if rows:
            write_db(shop / "shop.db", {"member": phones(20, 500)})
        counts = [c for c in compare_scans(first, run(shop)) if c.about == "hq" and c.what != "path"]

        assert {(c.what, c.causes) for c in counts} == causes

    def test_a_review_that_data_made_stale_is_data(self, shop):
        review(run(shop), shop, "reject", "files/b/quantity")
        first = run(shop)
        write_csv(shop / "files" / "b.csv", phones(40), "quantity")
        second = run(shop)

        differences = compare_scans(first, second)
        assert {(c.what, c.causes) for c in differences if c.about == "files/b/quantity"} == {
            ("finding", ("data",))
        }

    def test_labels_inherited_from_a_reviewed_column_come_from_the_review(self, shop):
        with sqlite3.connect(shop / "shop.db") as db:
            db.execute("CREATE VIEW town AS SELECT city AS c FROM member")
        first = run(shop)
        review(first, shop, "health")
        differences = compare_scans(first, run(shop))
        changes = {(c.about, c.after, c.causes) for c in differences if c.what == "finding"}

        assert changes == {(c, "health", ("review",)) for c in ("shop/member/city", "shop/town/c")}

    def test_a_path_that_another_flow_s_review_moved_is_review(self, monkeypatch, tmp_path):
        """Both flows are counted together: who rejects a field of the one lowers the path of the other."""
        from scanner.review import redecide
        from scanner.setup.demo import build_demo

        build_demo(tmp_path)
        first = run(tmp_path)
        review(first, tmp_path, "reject", "crm/member/health_note")
        changes = compare_scans(first, redecide.decide_today(open_workspace(tmp_path / "chujing.yaml")))

        assert {(c.about, c.causes) for c in changes if c.what == "path"} == {
            ("crm-hq", ("review",)),
            ("marketing-sg", ("review",)),
        }

    def test_a_table_that_could_not_be_read_is_unread(self, shop):
        first = run(shop)
        os.truncate(shop / "shop.db", 100)
        second = run(shop)

        assert isinstance(second.skipped[0], Skipped)
        differences = compare_scans(first, second)
        assert {c.cause for c in differences if c.about.startswith("shop/member")} == {"unread"}

    def test_the_command_says_so(self, shop, capsys, monkeypatch):
        from typer.testing import CliRunner

        from scanner.cli.app import app

        run(shop)
        write_db(shop / "shop.db", {"member": phones(20, 500)})
        run(shop)
        done = CliRunner().invoke(app, ["diff", "-c", str(shop / "chujing.yaml"), "--lang", "en"])

        assert "hq  persons: 50 -> 70  [data]" in done.output


class TestPurge:
    def test_what_is_older_is_forgotten_and_the_rest_stays(self, shop):
        run(shop)
        with database.connection(shop, create=False) as c:
            c.execute(sa.text("UPDATE run SET started = '2025-01-01T00:00:00Z'"))
            c.execute(
                sa.text("UPDATE table_result SET checked = '2025-01-01T00:00:00Z' WHERE name = 'shop/member'")
            )
        gone = store.purge(shop, date(2026, 1, 1), ledger=False)

        assert gone == {"runs": 1, "tables": 1, "swept": 0}
        assert recorded(shop) == 2


PAGE = (places.ROOT / "reports" / "docs" / "en" / "state.md").read_text(encoding="utf-8")
RIGHTS = [
    x for x in re.search(r"```sql\n(-- scanner:.*?)```", PAGE, re.S)[1].splitlines() if x.startswith("GRANT")
]


@pytest.mark.server
class TestATeamsState:
    """The rights of the page on state, on real servers: one makes the tables, one scans,
    one declares, one only reads.
    """

    def test_postgresql(self, shop, postgresql, monkeypatch):
        monkeypatch.setenv("CHUJING_STATE", postgresql.admin)
        run(shop)
        roles = ("scanner", "reviewer", "reader")
        for role in roles[:2]:
            postgresql.fill(
                f"DROP ROLE IF EXISTS {role}",
                f"CREATE ROLE {role} LOGIN PASSWORD '{postgresql.password}'",
                f"GRANT USAGE ON SCHEMA public TO {role}",
            )
        postgresql.fill(*RIGHTS)
        urls = {
            r: postgresql.reader.replace(
                "postgresql://reader@", f"postgresql+psycopg://{r}:{postgresql.password}@"
            )
            for r in roles
        }
        self._check(shop, urls, monkeypatch)
        postgresql.fill(*(s for r in roles[:2] for s in (f"DROP OWNED BY {r}", f"DROP ROLE {r}")))

    def test_mariadb(self, shop, mariadb, monkeypatch):
        monkeypatch.setenv("CHUJING_STATE", mariadb.admin)
        run(shop)
        roles = ("scanner", "reviewer", "reader")
        for role in roles[:2]:
            mariadb.fill(f"CREATE OR REPLACE USER '{role}'@'%%' IDENTIFIED BY '{mariadb.password}'")
        for right in RIGHTS:  # as the page says: the same rights, one statement for each table
            what, on, role = re.fullmatch(r"GRANT (.+?) ON (.+) TO (\w+);", right).groups()
            for table in ["*"] if on.startswith("ALL") else on.split(", "):
                mariadb.fill(f"GRANT {what} ON shop.{table} TO '{role}'@'%%'")
        urls = {
            r: mariadb.reader.replace("mysql://reader@", f"mysql+pymysql://{r}:{mariadb.password}@")
            for r in roles
        }
        self._check(shop, urls, monkeypatch)
        mariadb.fill(
            *(f"DROP USER '{r}'@'%%'" for r in roles[:2]),
            "REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'reader'@'%%'",
            "GRANT SELECT, SHOW VIEW ON shop.* TO 'reader'@'%%'",
        )

    @staticmethod
    def _check(shop, urls, monkeypatch):
        monkeypatch.setenv("CHUJING_STATE", urls["scanner"])
        first = run(shop)
        assert all(r.carried for r in run(shop).run.tables.values())
        assert store.purge(shop, date(2020, 1, 1), ledger=True)["runs"] == 0
        options = [
            "--period",
            "2026-01",
            "--individuals",
            "5",
            "--sensitive",
            "0",
            "--by",
            "lin",
            "--evidence",
            "log",
            "-c",
            str(shop / "chujing.yaml"),
        ]
        for who, may in (("reviewer", True), ("reader", False)):
            monkeypatch.setenv("CHUJING_STATE", urls[who])
            assert plain(store.last(shop)) == plain(first)
            assert len(store.runs(shop)) == 3
            with pytest.raises(StateError, match="may not write"), open_results(shop):
                pass
            done = CliRunner().invoke(app, ["ledger", "declare", "hq", *options])
            assert (done.exit_code == 0) is may, (done.output, done.exception)


@pytest.mark.server
class TestMarks:
    def test_postgresql_tells_which_table_changed(self, postgresql):
        from scanner.connectors import connect

        flush = "SELECT pg_stat_force_next_flush()"
        postgresql.fill(
            "CREATE TABLE a (id int)",
            "CREATE TABLE b (id int)",
            "CREATE TABLE p (id int) PARTITION BY RANGE (id)",
            "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (100)",
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
            flush,
        )

        def marks():
            source = connect(postgresql.reader, password=postgresql.password)
            found = {t.ref.name: t.fingerprint for t in source.tables()}
            source.close()
            return found

        before = marks()
        assert marks() == before and all(before.values())
        for statement, changed in (
            ("INSERT INTO a VALUES (1)", {"a"}),
            ("UPDATE a SET id = 2", {"a"}),
            ("TRUNCATE b", {"b"}),
            ("INSERT INTO p VALUES (5)", {"p"}),
        ):
            postgresql.fill(statement, flush)
            after = marks()
            assert {t for t in after if after[t] != before[t]} == changed
            before = after

    def test_mariadb_tells_which_table_changed(self, mariadb):
        from scanner.connectors import connect

        mariadb.fill("CREATE TABLE a (id int primary key)", "CREATE TABLE b (id int primary key)")

        def marks():
            source = connect(mariadb.reader, password=mariadb.password)
            found = {t.ref.name: t.fingerprint for t in source.tables()}
            source.close()
            return found

        before = marks()
        assert marks() == before and all(before.values())
        mariadb.fill("INSERT INTO a VALUES (1)")
        assert marks()["a"] == ""  # just now: another change may follow within the same second
        end = time.monotonic() + 60
        while not (after := marks())["a"]:
            assert time.monotonic() < end
            time.sleep(0.1)
        assert after["a"] not in ("", before["a"]) and after["b"] == before["b"]
