"""A sweep looks at names only, keeps some hundred tables at a time, goes on after a kill,
and looks again only at what changed.
"""

import gc
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from detectors.errors import SourceError
from detectors.model import ColumnInfo, Rows, Skipped, TableInfo, TableRef
from scanner.config.model import Config
from scanner.config.sources import Source
from scanner.gather.carry_over import open_results
from scanner.gather.priority import merge_shards_and_copies
from scanner.gather.progress import Progress
from scanner.gather.summary_store import BATCH, SummaryStore, last_readings
from scanner.gather.sweep import SweepScope, sweep

CONFIG = Config(sources=(Source("lake", "hive://lake"),))
NAMES = {"id": "", "mobile": "手机号", "diagnosis": "诊断", "sku": "", "qty": "数量"}
COLUMNS = tuple(ColumnInfo(name, "string", comment) for name, comment in NAMES.items())


def table(i, **more):
    return TableInfo(
        TableRef(f"fact_x{i:05}y", f"db{i % 7}"),
        COLUMNS,
        "订单",
        Rows(0, i, "statistics"),
        bytes=i * 100,
        **more,
    )


class Lake:
    """A source that streams tables it was given."""

    def __init__(self, tables):
        self.listed = tables
        self.described_refs = 0

    def tables(self):
        yield from self.listed() if callable(self.listed) else self.listed

    def close(self):
        pass


class Telling(Lake):
    """One that says which tables changed."""

    can_outline = True

    def outlines(self):
        yield from ((t.ref, t.fingerprint) for t in self.listed)

    def described(self, refs):
        self.described_refs += len(refs)
        yield from (t for t in self.listed if t.ref in refs)


def run(folder, lake, config=CONFIG, after=lambda _: None):
    """(what the sweep did, entries that are kept)."""
    with open_results(folder) as results:
        scope = SweepScope(config.sources, config.profile, config.detectors, lambda _: lake)
        done = sweep(scope, results, Progress(quiet=True), after)
        return done, list(SummaryStore(results).summaries([s.id for s in config.sources]))


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def state(request, monkeypatch):
    """Each database a state may lie in."""
    if request.param != "sqlite":
        monkeypatch.setenv("CHUJING_STATE", request.getfixturevalue(request.param).admin)


def test_the_second_sweep_looks_at_nothing_and_notes_new_sizes(tmp_path, state):
    tables = [table(i) for i in range(BATCH + 20)]
    first, kept = run(tmp_path, Lake(tables))
    assert (first.tables, first.refreshed, first.removed, first.skipped) == (BATCH + 20, BATCH + 20, 0, [])
    by_id = {e.id: e for e in kept}
    assert len(by_id) == BATCH + 20
    one = by_id["lake/db0/fact_x00007y"]
    assert (one.labels, one.personal, one.sensitive, one.rows, one.bytes) == (
        ("health", "phone_mobile"),
        2,
        1,
        7,
        700,
    )
    tables[7] = replace(tables[7], rows=Rows(0, 99, "statistics"), owner="王敏", accessed="2026-11-01")
    second, kept = run(tmp_path, Lake(tables))
    assert (second.tables, second.refreshed) == (BATCH + 20, 0)
    moved = {e.id: e for e in kept}["lake/db0/fact_x00007y"]
    assert moved == replace(one, rows=99, owner="王敏", accessed="2026-11-01")


def test_what_changed_is_looked_at_again_and_what_is_gone_is_dropped(tmp_path):
    tables = [table(i) for i in range(30)]
    run(tmp_path, Lake(tables))
    tables[3] = replace(tables[3], columns=(*COLUMNS, ColumnInfo("id_card", "string", "身份证号")))
    done, kept = run(tmp_path, Lake([*tables[:10], table(99)]))
    assert (done.tables, done.refreshed, done.removed, len(kept)) == (11, 2, 20, 11)
    assert "resident_id" in {e.id: e for e in kept}["lake/db3/fact_x00003y"].labels


def test_another_profile_or_dictionary_looks_again(tmp_path):
    words = tmp_path / "words.csv"
    words.write_text("table,column,comment\nfact_x00001y,sku,护照号码\n", encoding="utf-8")
    tables = [table(i) for i in range(3)]
    run(tmp_path, Lake(tables))
    assert run(tmp_path, Lake(tables), replace(CONFIG, profile="gbt-35273-2020"))[0].refreshed == 3
    with_words = Config(sources=(replace(CONFIG.sources[0], dictionary=words),))
    done, kept = run(tmp_path, Lake(tables), with_words)
    assert done.refreshed == 3 and "passport" in {e.id: e for e in kept}["lake/db1/fact_x00001y"].labels
    assert run(tmp_path, Lake(tables), with_words)[0].refreshed == 0


def test_a_source_that_tells_what_changed_describes_only_that(tmp_path):
    tables = [table(i, fingerprint=f"ddl {i}") for i in range(40)]
    lake = Telling(tables)
    assert run(tmp_path, lake)[0].refreshed == 40
    lake.described_refs = 0
    tables[5] = replace(tables[5], fingerprint="ddl changed", columns=COLUMNS[:2])
    tables[6] = replace(tables[6], rows=Rows(0, 1_000_000, "statistics"), fingerprint="new partition")
    done, kept = run(tmp_path, lake)
    by_id = {e.id: e for e in kept}
    assert (done.tables, done.refreshed, lake.described_refs) == (40, 1, 2)
    assert (by_id["lake/db5/fact_x00005y"].columns, by_id["lake/db6/fact_x00006y"].rows) == (2, 1_000_000)
    assert by_id["lake/db6/fact_x00006y"].labels == ("health", "phone_mobile")
    lake.described_refs = 0
    tables[8] = replace(tables[8], fingerprint="touched")  # a mark that changed while the definition did not
    assert (run(tmp_path, lake)[0].refreshed, lake.described_refs) == (0, 1)
    assert (run(tmp_path, lake)[0].refreshed, lake.described_refs) == (0, 1)
    assert run(tmp_path, Telling(tables[:30]))[0].removed == 10


def test_few_tables_are_held_at_a_time(tmp_path):
    held = []

    def stream():
        for i in range(3 * BATCH):
            if i % 100 == 0:
                held.append(sum(type(x) is TableInfo for x in gc.get_objects()))
            yield table(i)

    for looked in (3 * BATCH, 0):
        held.clear()
        gc.collect()
        assert run(tmp_path, Lake(stream))[0].refreshed == looked
        assert max(held) - held[0] < BATCH // 2


def test_a_source_that_breaks_off_keeps_its_earlier_entries(tmp_path):
    tables = [table(i) for i in range(20)]
    run(tmp_path, Lake(tables))

    def broken():
        yield from tables[:5]
        raise SourceError("connection lost", where="lake", hint="scan again")

    done, kept = run(tmp_path, Lake(broken))
    assert (done.tables, len(kept), done.removed) == (5, 20, 0)
    assert done.skipped == [Skipped("lake", "lake: connection lost", "scan again")]


def test_a_table_that_cannot_be_listed_is_skipped_and_not_gone(tmp_path):
    tables = [table(i) for i in range(4)]
    run(tmp_path, Lake(tables))
    done, kept = run(
        tmp_path, Lake([*tables[:3], Skipped(tables[3].ref.id("lake"), "permission denied", "grant it")])
    )
    assert ([s.reason for s in done.skipped], done.removed, len(kept)) == (["permission denied"], 0, 4)


def test_an_interruption_keeps_what_was_seen(tmp_path):
    def stopped():
        yield from (table(i) for i in range(7))
        raise KeyboardInterrupt

    done, kept = run(tmp_path, Lake(stopped))
    assert (done.interrupted, done.tables, len(kept)) == (True, 7, 7)


KILLED = """
import sys, time
sys.path.insert(0, {tests!r})
from pathlib import Path
from test_sweep import Lake, run, table

def slow():
    yield from (table(i) for i in range(1_100))
    time.sleep(600)

run(Path({folder!r}), Lake(slow))
"""


def test_a_killed_sweep_goes_on_where_it_was(tmp_path):
    here = str(Path(__file__).parent)
    child = subprocess.Popen([sys.executable, "-c", KILLED.format(tests=here, folder=str(tmp_path))])
    file, end = tmp_path / ".chujing" / "state.db", time.monotonic() + 600

    def kept():
        try:
            with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as db:
                return db.execute("SELECT count(*) FROM sweep_table").fetchone()[0]
        except sqlite3.Error:
            return 0

    try:
        while kept() < 2 * BATCH:
            assert child.poll() is None and time.monotonic() < end
            time.sleep(0.05)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait(30)
    done, entries = run(tmp_path, Lake([table(i) for i in range(1_100)]))
    assert (done.tables, done.refreshed, len(entries)) == (1_100, 1_100 - 2 * BATCH, 1_100)


def test_months_put_together_are_one_entry_whatever_the_sweep_saw_first(tmp_path):
    months = [
        replace(table(i), ref=TableRef(f"order_2026_{i:02}", "ods"), accessed=f"2026-{i:02}-28")
        for i in range(1, 6)
    ]
    _, kept = run(tmp_path, Lake([*months, table(50)]))
    whole, other = merge_shards_and_copies(kept)[1], merge_shards_and_copies(kept)[0]
    assert (whole.id, len(whole.members), whole.rows, whole.bytes, whole.accessed) == (
        "lake/ods/order_{YYYY_MM}",
        5,
        15,
        1_500,
        "2026-05-28",
    )
    assert (whole.labels, other.members) == (("health", "phone_mobile"), ())


def test_what_was_read_before_and_how_long_it_took(tmp_path):
    from scanner import job

    db = sqlite3.connect(tmp_path / "a.db")
    db.execute("CREATE TABLE member (mobile TEXT)")
    db.execute("CREATE TABLE other (mobile TEXT)")
    config = Config(sources=(Source("a", f"sqlite:///{tmp_path / 'a.db'}"),))
    with open_results(tmp_path) as results:
        assert last_readings(results) == ({}, None)
        job.scan(config, values=False, results=results)
        assert last_readings(results) == ({}, None)  # names alone are no reading
        job.scan(config, results=results)
        read, pace = last_readings(results)
    assert (set(read), pace) == ({"a/member", "a/other"}, None)
