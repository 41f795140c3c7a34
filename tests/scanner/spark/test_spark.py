"""The Spark engine on a real master with two workers: the same report as the local engine,
and nothing but counts and hashes comes back.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import scanner
import servers
from detectors.checksums import iso7064_mod11_2
from detectors.errors import ConfigError, SourceError
from detectors.message import Msg
from detectors.model import Skipped
from mappings.person_keys import hash_keys, subkey
from mappings.row_columns import RowPlan
from reports.formats.json import to_json
from scanner import job
from scanner.config.hash_key import year_key
from scanner.config.sources import Source
from scanner.connectors import Counting
from scanner.connectors.protocol import ExaminationTask
from scanner.connectors.sampling import positions
from scanner.gather.examine import examine_cells
from scanner.spark import (
    Engine,
    collecting,
    errors,
    files,
    jvm_options,
    sampling,
    session,
    shipping,
    sizes,
    splits,
    task_io,
    unit_frames,
    unit_rows,
)
from scanner.spark.examining import DetectorSetting

DAY = date(2026, 11, 1)
HEAD = """
version: 1
exporter: {id: a, entities: [a], facts: {ciio: no, important_data: none}}
sources: {lake: {url: lake}}
test_rows: {lake/member: {mobile: {eq: "13700000003"}}}
flows:
  - {id: everything, entity: a, recipient: {name: HQ}, purpose: crm, retention_days: 9000,
     fields: [member/name, member/id_no, member/mobile, member/remark, orders/receiver_mobile, visits/uid,
              visits/email]}
  - {id: shanghai, entity: a, recipient: {name: HQ}, purpose: crm, fields: [member/name, member/mobile],
     where: {lake/member: {city: {eq: 上海}}}}
"""


def resident_id(i):
    body = f"110105{1950 + i % 70}{1 + i % 12:02d}{1 + i % 28:02d}{i % 1000:03d}"
    return body + iso7064_mod11_2(body)


def members(n, people, seed=7):
    who = np.random.default_rng(seed).integers(0, people, n).tolist()
    names = [f"林{chr(0x4E00 + i % 40)}" for i in who]
    mobiles = [f"137{i // 2 % 10**8:08d}" for i in who]
    return pa.table(
        {
            "id_no": [None if i % 11 == 0 else resident_id(i) for i in who],
            "mobile": [None if i % 5 == 0 else m for i, m in zip(who, mobiles, strict=True)],
            "name": names,
            "birth_date": [date(1950 + i % 70, 1 + i % 12, 1 + i % 28) for i in who],
            "city": [("上海", "杭州", "北京")[i % 3] for i in who],
            "address": [{"province": "浙江省", "street": f"文三路{i % 90}号"} for i in who],
            "remark": [f"请联系{n}，电话{m}，谢谢" for n, m in zip(names, mobiles, strict=True)],
        }
    )


@pytest.fixture
def lake(tmp_path):
    """Parquet in several files and row groups, GB18030 text, and nested JSON lines."""
    folder = tmp_path / "lake"
    (folder / "member").mkdir(parents=True)
    table = members(900, 400)
    pq.write_table(table.slice(0, 500), folder / "member/part-0.parquet", row_group_size=120)
    pq.write_table(table.slice(500), folder / "member/part-1.parquet", row_group_size=300)
    rows = [f"{i},137{i % 70:08d},林{chr(0x4E00 + i % 9)},2001-01-0{1 + i % 9} 10:00" for i in range(300)]
    (folder / "orders.csv").write_bytes(
        "\n".join(["order_id,receiver_mobile,receiver_name,created_at", *rows]).encode("gb18030")
    )
    (folder / "visits.jsonl").write_text(
        "\n".join(
            json.dumps(
                {
                    "uid": i,
                    "email": f"u{i % 60}@corp.cn",
                    "geo": {"lat": 30 + i / 1000, "lng": 120 + i / 1000},
                }
            )
            for i in range(200)
        )
    )
    (tmp_path / "chujing.yaml").write_text(HEAD, encoding="utf-8")
    return tmp_path


def same(here, there):
    """Are reports equal without their runs?"""
    return to_json(here) | {"run": None} == to_json(there) | {"run": None}


@pytest.fixture
def divided(monkeypatch):
    """Even small tables are divided among tasks and folded in buckets."""
    for name, value in {"LIGHT": 10, "LIGHT_BYTES": 10, "TASK": 250, "BUCKET": 500}.items():
        monkeypatch.setattr(sizes, name, value)


@pytest.fixture
def arrived(monkeypatch):
    """Everything the workers sent to the driver, as bytes."""
    blobs = []

    def unpickle(blob):
        blobs.append(bytes(blob))
        return task_io.unpickle(blob)

    def value_of(cells):
        blobs.append(b"".join(c for c in cells if isinstance(c, bytes)))
        return unit_rows.value_of(cells)

    for module in (session, unit_frames):
        monkeypatch.setattr(module, "unpickle", unpickle)
    for module in (collecting, unit_frames):
        monkeypatch.setattr(module, "value_of", value_of)
    return blobs


def test_findings_and_counts_are_those_of_the_local_engine(lake, spark_session):
    config = str(lake / "chujing.yaml")

    here = scanner.scan(config, as_of=DAY)
    there = scanner.scan(config, as_of=DAY, spark=spark_session)

    assert here.flows[0].individuals.best > 300
    assert any(n.startswith("test_rows|") for n in here.flows[0].count_notes)
    assert any(n.startswith("too_old|") for n in here.flows[0].count_notes)
    assert same(here, there)


def test_what_readers_on_workers_could_not_keep_is_told_as_here(lake, spark_session, divided):
    lines = (lake / "lake/orders.csv").read_bytes().splitlines()
    lines[100] = lines[200] = b"7"
    lines[250] = b"'".join(lines[250].split(b",", 1)).replace(b"'", b',"', 1)
    (lake / "lake/orders.csv").write_bytes(b"\n".join(lines))
    flow = "  - {id: o, entity: a, recipient: {name: HQ}, purpose: crm, fields: [orders/receiver_mobile]}\n"
    (lake / "chujing.yaml").write_text(HEAD + flow, encoding="utf-8")

    here = scanner.scan(str(lake / "chujing.yaml"), as_of=DAY)
    there = scanner.scan(str(lake / "chujing.yaml"), as_of=DAY, spark=spark_session)

    (orders,) = (table for table in there.tables if table.id.endswith("orders"))
    assert {loss.kind for loss in orders.losses} == {"short_rows", "broken_quotes"}
    assert orders.rows.method != "exact"
    assert there.flows[-1].individuals.high is None
    assert same(here, there)


def test_the_same_when_the_work_is_divided_and_no_value_reaches_the_driver(
    lake, spark_session, divided, arrived
):
    config = str(lake / "chujing.yaml")

    here, there = scanner.scan(config, as_of=DAY), scanner.scan(config, as_of=DAY, spark=spark_session)
    assert same(here, there)

    everything = b"".join(arrived)
    member = pq.read_table(lake / "lake/member").to_pydict()
    values = {v for c in ("id_no", "mobile", "name", "remark") for v in member[c] if v} | {
        f"u{i}@corp.cn" for i in range(60)
    }
    assert len(arrived) >= 30  # the work was divided
    assert not [v for v in values if v.encode() in everything or v.encode("utf-16-le") in everything]


@pytest.mark.parametrize("light", [10, 10_000_000], ids=["by all workers", "by one worker"])
def test_a_sample_of_parquet_is_the_rows_at_the_positions(tmp_path, spark_session, monkeypatch, light):
    monkeypatch.setattr(sizes, "LIGHT", light)
    (tmp_path / "big").mkdir()
    table = members(5_000, 3_000)
    pq.write_table(table.slice(0, 3_000), tmp_path / "big/part-0.parquet", row_group_size=400)
    pq.write_table(table.slice(3_000), tmp_path / "big/part-1.parquet", row_group_size=700)
    with Engine(session=spark_session) as engine:
        connector = engine.connect(Source("s", str(tmp_path / "big")))
        info = next(connector.tables())
        looked, drawn, _ = connector.examine(ExaminationTask("s/big", info), 300, 7)

    starts = [*range(0, 3_000, 400), *range(3_000, 5_000, 700)]
    counts = [b - a for a, b in zip(starts, [*starts[1:8], 3_000, *starts[9:], 5_000], strict=True)]
    at = [start + p for start, places in zip(starts, positions(counts, 300, 7), strict=True) for p in places]
    cells = table.take(pa.array(at)).flatten()
    expected = examine_cells(
        ExaminationTask("s/big", info), {n: cells.column(n).combine_chunks() for n in cells.column_names}
    )
    assert looked == expected
    assert (drawn.rows, drawn.rows_total, drawn.repeatable) == (300, 5_000, True)


def test_a_sample_of_text_is_random_and_repeatable(tmp_path, spark_session, divided):
    for i in range(2):
        (tmp_path / f"part-{i}.csv").write_text(
            "no,mobile\n" + "".join(f"{j},137{j:08d}\n" for j in range(i * 3_000, i * 3_000 + 3_000))
        )
    with Engine(session=spark_session) as engine:
        connector = engine.connect(Source("s", str(tmp_path)))
        info = next(connector.tables())
        task = ExaminationTask("s/t", info)
        first, second, other = (connector.examine(task, 500, seed) for seed in (7, 7, 8))

    assert first == second
    assert (first[1].rows, first[1].rows_total, first[1].method) == (
        500,
        6_000,
        "rows whose places hash smallest",
    )
    assert other[1].rows == 500


def test_ranks_are_spread_evenly_over_the_places():
    low = np.sort(sampling.rank_places(3, np.arange(100_000), 7)) / 2.0**64

    assert abs(low - np.arange(100_000) / 100_000).max() < 0.01
    assert (sampling.rank_places(4, np.arange(100), 7) != sampling.rank_places(3, np.arange(100), 7)).all()


def test_tables_of_the_catalogue(tmp_path, spark_session, divided):
    frame = spark_session.createDataFrame(members(400, 250).drop_columns(["birth_date"]).to_pandas())
    spark_session.sql("CREATE DATABASE IF NOT EXISTS hr")
    frame.repartition(3).write.mode("overwrite").partitionBy("city").saveAsTable("hr.member")
    spark_session.sql("COMMENT ON TABLE hr.member IS '会员'")
    spark_session.sql("ALTER TABLE hr.member CHANGE COLUMN remark COMMENT '备注'")
    spark_session.sql("CREATE OR REPLACE VIEW hr.names AS SELECT name, mobile FROM hr.member")
    frame.limit(5).write.mode("overwrite").saveAsTable("hr.tmp_copy")
    (tmp_path / "chujing.yaml").write_text(
        HEAD[: HEAD.index("sources")]
        + """
sources: {w: {url: "spark:hr", exclude: ["tmp_*"]}}
flows:
  - {id: f, entity: a, recipient: {name: HQ}, purpose: crm,
     fields: [hr/member/name, hr/member/id_no, hr/member/address.street]}
  - {id: g, entity: a, recipient: {name: HQ}, purpose: crm, fields: [hr/member/id_no],
     where: {hr/member: {city: {eq: 上海}}}}
""",
        encoding="utf-8",
    )

    report = scanner.scan(str(tmp_path / "chujing.yaml"), as_of=DAY, spark=spark_session)
    assert report.skipped == ()

    member = report.tables[0]
    ids = {i for i in members(400, 250).column("id_no").to_pylist() if i}
    there = {c.name: c for c in member.columns}
    assert [t.id for t in report.tables] == ["w/hr/member", "w/hr/names"]
    assert (member.comment, there["remark"].comment, "address.street" in there) == ("会员", "备注", True)
    assert there["id_no"].findings[0].finding.label == "resident_id"
    assert (member.drawn.rows, member.drawn.rows_total) == (400, 400)
    assert report.flows[0].individuals.high >= len(ids) >= report.flows[0].individuals.low
    assert 0 < report.flows[1].individuals.best < report.flows[0].individuals.best


def test_one_table_by_format_and_path(lake, spark_session):
    report = scanner.scan(f"spark:parquet:{lake}/lake/member", as_of=DAY, spark=spark_session)
    gone = scanner.scan(f"spark:parquet:{lake}/nothing", as_of=DAY, spark=spark_session)

    assert {
        c.name: c.findings[0].finding.label for c in report.tables[0].columns if c.name in ("id_no", "mobile")
    } == {"id_no": "resident_id", "mobile": "phone_mobile"}
    assert [s.reason for s in gone.skipped] == ["nothing: the Spark job failed (PATH_NOT_FOUND)"]


TWO_FLOWS = (
    HEAD[: HEAD.index("sources")]
    + """
sources: {lake: {url: lake}}
flows:
  - {id: f, entity: a, recipient: {name: HQ}, purpose: crm,
     fields: [member/name, member/id_no, member/mobile, buyer/mobile]}
  - {id: g, entity: a, recipient: {name: HQ}, purpose: crm, fields: [buyer/id_no, buyer/mobile]}
"""
)


@pytest.fixture
def staying(tmp_path, monkeypatch):
    """Two tables of which all units stay on the workers; the path of a configuration."""
    for name, value in {"LIGHT": 1_000, "TASK": 3_000, "BUCKET": 8_000, "MOST_FETCHED": 0}.items():
        monkeypatch.setattr(sizes, name, value)
    (tmp_path / "lake").mkdir()
    pq.write_table(members(40_000, 20_000), tmp_path / "lake/member.parquet", row_group_size=3_000)
    buyers = members(20_000, 9_000, seed=8).select(["id_no", "mobile", "city"])
    pq.write_table(buyers, tmp_path / "lake/buyer.parquet", row_group_size=3_000)
    (tmp_path / "chujing.yaml").write_text(TWO_FLOWS, encoding="utf-8")
    return str(tmp_path / "chujing.yaml")


class Killer:
    """Kills a worker's process once, while the frame of a number is made or right after it."""

    def __init__(self, spark, session, number, moment):
        self.spark, self.session, self.number, self.moment = spark, session, number, moment
        self.frames, self.victims = 0, []

    def make(self, stored, *words):
        """What a StoredFrame does at first."""
        self.frames += 1
        is_turn = self.frames == self.number
        killer = threading.Thread(target=self.kill_active, daemon=True)
        if is_turn and self.moment == "during":
            killer.start()
        FIRST_MAKE(stored, *words)
        if is_turn and self.moment == "during":
            killer.join(60)
        elif is_turn:
            self.kill()

    def kill_active(self):
        tracker = self.session.sparkContext.statusTracker()
        while not tracker.getActiveStageIds():
            time.sleep(0.01)
        time.sleep(0.1)
        self.kill()

    def kill(self):
        self.victims = self.spark.executors()[:1]
        os.kill(self.victims[0], signal.SIGKILL)


FIRST_MAKE = unit_frames.StoredFrame.__init__


@pytest.mark.parametrize("turn", [
    (1, "during"), (2, "after"), (3, "during"), (4, "after"), (5, "during"),
])
def test_a_killed_worker_costs_time_only(staying, spark, spark_session, monkeypatch, turn):
    here = scanner.scan(staying, as_of=DAY, rows=60_000)
    killer = Killer(spark, spark_session, *turn)
    monkeypatch.setattr(unit_frames.StoredFrame, "__init__", lambda *words: killer.make(*words))

    there = scanner.scan(staying, as_of=DAY, rows=60_000, spark=spark_session)

    assert killer.victims
    assert there.skipped == ()
    assert there.flows[0].individuals.best > 10_000
    assert same(here, there)


def failing_once(make):
    """Functions for mapInArrow whose first task fails at its first try, halfway."""

    def make_failing(*words):
        work = make(*words)

        def run(batches):
            from pyspark import TaskContext

            task = TaskContext.get()
            is_first = task.attemptNumber() == task.partitionId() == 0
            for batch in work(batches):
                yield batch
                assert not is_first
            assert not is_first

        return run

    return make_failing


def test_tasks_that_fail_once_are_counted_once(staying, spark_session, monkeypatch):
    one_flow = TWO_FLOWS[: TWO_FLOWS.index("  - {id: f")] + TWO_FLOWS[TWO_FLOWS.index("  - {id: g") :]
    Path(staying).write_text(one_flow, encoding="utf-8")
    (Path(staying).parent / "lake/member.parquet").unlink()
    here = scanner.scan(staying, as_of=DAY, rows=1_000)
    failed = []
    for module, name in ((collecting, "task_function"), (collecting, "function_of"),
                         (unit_frames, "function_of")):
        make = failing_once(getattr(module, name))
        monkeypatch.setattr(module, name, lambda *words, make=make: failed.append(1) or make(*words))

    there = scanner.scan(staying, as_of=DAY, rows=1_000, spark=spark_session)

    assert len(failed) > 4
    assert there.skipped == ()
    assert same(here, there)


def test_workers_lost_while_persons_are_linked_cost_the_count_not_the_scan(
    staying, spark_session, monkeypatch
):
    def lost(self, work):
        raise SourceError(Msg("the Spark session was lost"), where="spark")

    monkeypatch.setattr(unit_frames.FrameUnits, "reduce", lost)
    there = scanner.scan(staying, as_of=DAY, rows=1_000, spark=spark_session)

    assert len(there.tables) == 2
    for flow in there.flows:
        assert any("the Spark session was lost" in note for note in flow.count_notes)
        assert flow.individuals.low == 0
        assert flow.individuals.high is None or flow.individuals.high >= 20_000


def test_a_broken_file_is_skipped_and_the_rest_is_read(lake, spark_session):
    (lake / "lake/broken.parquet").write_bytes(b"PAR1 and nothing more")

    report = scanner.scan(str(lake / "lake"), as_of=DAY, spark=spark_session)

    assert [(s.id, "not a complete Parquet file" in s.reason) for s in report.skipped] == [
        ("lake/broken", True)
    ]
    assert [t.id for t in report.tables] == ["lake/member", "lake/orders", "lake/visits"]


def test_a_file_that_crashes_workers_is_skipped_and_the_rest_is_read(lake, spark_session, monkeypatch):
    """While tables are listed all files are one job, while one is read each table."""
    describe = splits.describe_files

    def describe_files(job):                  # a local function travels by value: the workers have no tests
        if any(file.name == "crash.csv" for file in job[1]):
            os.abort()
        yield from describe(job)

    (lake / "lake/crash.csv").write_text("a\n1\n", encoding="utf-8")
    monkeypatch.setattr(files, "describe_files", describe_files)
    report = scanner.scan(str(lake / "lake"), as_of=DAY, spark=spark_session)

    assert [(s.id, str(errors.WORKER_CRASHED) in s.reason) for s in report.skipped] == [("lake/crash", True)]
    assert [t.id for t in report.tables] == ["lake/member", "lake/orders", "lake/visits"]
    assert job.exit_status(report, None) == 3


def test_a_file_that_vanishes_is_skipped(lake, spark_session):
    with Engine(session=spark_session) as engine:
        connector = engine.connect(Source("lake", str(lake / "lake")))
        infos = {i.ref.name: i for i in connector.tables() if not isinstance(i, Skipped)}
        (lake / "lake/orders.csv").unlink()

        with pytest.raises(SourceError, match="the file is gone"):
            connector.examine(ExaminationTask("lake/orders", infos["orders"]), 100, 7)


def test_own_detectors_work_on_the_workers_and_others_are_refused(lake, spark_session):
    (lake / "own.yaml").write_text(
        "detectors: [{name: order_no, label: user_id, pattern: 'u[0-9]+@corp', base: 0.99, examples: "
        "[u1@corp]}]"
    )
    (lake / "chujing.yaml").write_text(
        "version: 1\ndetectors: own.yaml\nsources: {lake: {url: lake, include: [visits]}}\n"
    )
    config = str(lake / "chujing.yaml")

    there = scanner.scan(config, as_of=DAY, spark=spark_session)
    assert same(scanner.scan(config, as_of=DAY), there)
    assert any(f.finding.detector == "order_no" for c in there.tables[0].columns for f in c.findings)

    with Engine(session=spark_session) as engine:
        connector = engine.connect(Source("lake", str(lake / "lake")))
        info = next(iter(connector.tables()))
        engine._cluster.setting = DetectorSetting(b"", "another")
        with pytest.raises(SourceError, match="other detectors"):
            connector.examine(ExaminationTask("lake/member", info), 100, 7)


def test_time_for_counting_ends(lake, spark_session):
    report = scanner.scan(str(lake / "chujing.yaml"), as_of=DAY, spark=spark_session, budget=0.0)

    assert "budget_spent" in report.flows[0].count_notes


def test_a_job_that_takes_too_long_is_stopped(spark_session):
    cluster = session.Cluster("", spark_session, None, 60)
    began = time.monotonic()
    slow = lambda seconds: [(0, time.sleep(seconds) or "done")]  # noqa: E731 - a lambda travels by value, for the workers have no tests

    with pytest.raises(TimeoutError):
        list(cluster.values(collecting.result_frame(cluster, [600], slow), seconds=2))
    assert time.monotonic() - began < 300
    assert list(cluster.values(collecting.result_frame(cluster, [0], slow), seconds=60)) == ["done"]


KEY = "5c" * 31 + "7d"
STAY = (
    "import runpy; from scanner.spark import sizes; sizes.LIGHT, sizes.TASK, sizes.BUCKET = 1_000, 3_000, "
    "8_000; sizes.MOST_FETCHED = 0; runpy.run_module('scanner', run_name='__main__', alter_sys=True)"
)


def everything_told(place, spark, *python):
    """What the whole command and all of Spark say, told to log everything they can."""
    conf, events = place / "conf", place / "events"
    conf.mkdir()
    events.mkdir()
    (conf / "spark-defaults.conf").write_text(
        f"spark.eventLog.enabled true\nspark.eventLog.dir {events}\nspark.eventLog.compress false\n"
        "spark.log.level DEBUG\nspark.cores.max 2\nspark.executor.memory 900m\n"
    )
    words = ["scan", "-c", "chujing.yaml", "--engine", "spark", "--master", spark.master, "--as-of", str(DAY)]
    found = subprocess.run(
        [sys.executable, *python, *words],
        cwd=place,
        capture_output=True,
        timeout=300,
        check=False,
        env=os.environ
        | {
            "CHUJING_KEY": KEY,
            "SPARK_CONF_DIR": str(conf),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_PYTHON": sys.executable,
        },
    )
    assert found.returncode == 0, [line for line in found.stderr.splitlines() if line.startswith(b"chujing")]
    told = (
        found.stdout
        + found.stderr
        + spark.log.read_bytes()
        + b"".join(p.read_bytes() for p in events.rglob("*") if p.is_file())
    )
    return told + b"".join(
        p.read_bytes()
        for name in ("stdout", "stderr")
        for p in spark.log.parent.glob(f"work*/app-*/*/{name}")
    )


def test_the_key_is_in_no_log_and_no_configuration(lake, spark):
    told = everything_told(lake, spark, "-m", "scanner")

    mobiles = {m for m in members(900, 400).column("mobile").to_pylist() if m}
    assert b"MapInArrow" in told  # it was Spark that did it, and its plans are in there
    assert not secrets_in(told)
    assert not [m for m in mobiles if m.encode() in told]


def test_neither_the_key_nor_a_hash_is_in_a_log_where_units_stay(staying, spark):
    place = Path(staying).parent
    told = everything_told(place, spark, "-c", STAY)

    mobiles = pa.array(sorted({m for m in members(40_000, 20_000).column("mobile").to_pylist() if m})[:100])
    key = year_key(bytes.fromhex(KEY), 2026)
    hashes = hash_keys(mobiles, "phone_mobile", "phone_mobile", key)[0].tolist()
    hashes = [h for h in hashes if h]  # the first is what people type for none
    forms = [form for h in hashes for form in (str(h).encode(), h.to_bytes(8, "little"))]
    assert told.count(b"InMemoryTableScan") > 2  # units were asked where they stay
    assert len(set(hashes)) > 90
    assert not secrets_in(told)
    assert not [m for m in mobiles.to_pylist() if m.encode() in told]
    assert not [form for form in forms if form in told]


def secrets_in(told):
    """The keys that are told, in any form."""
    secrets = [bytes.fromhex(KEY), year_key(bytes.fromhex(KEY), 2026)]
    secrets += [subkey(secrets[1], scope) for scope in ("resident_id", "phone_mobile", "name")]
    return [
        s for s in secrets if s in told or s.hex().encode() in told.lower() or repr(s)[2:-1].encode() in told
    ]


def test_a_master_that_cannot_be_reached_is_one_line_and_status_3(lake):
    (lake / "chujing.yaml").write_text(
        "version: 1\nsources:\n  lake: {url: lake}\n  crm: {url: 'sqlite:///crm.db'}\n"
    )
    with sqlite3.connect(lake / "crm.db") as db:
        db.execute("CREATE TABLE member (mobile TEXT)")
    found = subprocess.run(
        [
            sys.executable,
            "-m",
            "scanner",
            "scan",
            "-c",
            "chujing.yaml",
            "-o",
            "r.json",
            "--engine",
            "spark",
            "--master",
            f"spark://127.0.0.1:{servers.free_port()}",
        ],
        cwd=lake,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    report = json.loads((lake / "r.json").read_text())

    assert found.returncode == 3
    assert [(s["id"], s["reason"].split(": ", 1)[1]) for s in report["skipped"]] == [
        ("lake", "the Spark master cannot be reached")
    ]
    assert [t["id"] for t in report["tables"]] == ["crm/member"]


def test_what_workers_lack_is_named(tmp_path):
    bare = subprocess.run(
        [
            sys.executable,
            "-S",
            "-c",
            f"import sys; sys.path[:0] = [{str(Path(scanner.__file__).parent.parent)!r}]\n"
            "from scanner.spark.probe import probe; print(next(probe(0))[1])",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    error = errors.explain_failure(
        RuntimeError("... ModuleNotFoundError: No module named 'pyarrow.lib'\n secret cell"), "spark://m:7077"
    )

    assert "numpy" in bare.stdout and "pyarrow" in bare.stdout
    assert (str(error), "pip install pyarrow" in error.hint) == (
        "spark://m:7077: missing on the workers: pyarrow",
        True,
    )


def test_a_failure_is_told_without_its_words():
    assert (
        str(errors.explain_failure(ValueError("cell 13712345678"), "m"))
        == "m: the Spark job failed (ValueError)"
    )


def test_the_package_holds_everything_and_reads_its_data_from_within(tmp_path):
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; sys.path.insert(0, {str(shipping.package_zip())!r})\n"
            "import pyarrow as pa\nimport scanner.spark.examining, scanner.spark.counting, detectors\n"
            "from detectors.columns import value_findings\n"
            "from detectors.language.models import text_model\nfrom detectors.columns import detect\n"
            "assert '.zip' in detectors.__file__\n"
            "print(value_findings(pa.array(['13712345678']))[0].detector.name, text_model('zh').name)",
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
    )

    assert found.stdout.split()[0] == "mobile"


def test_wrong_use_is_told():
    with pytest.raises(ConfigError, match="needs a cluster"):
        Engine()
    with pytest.raises(ConfigError, match="read on a Spark cluster"):
        scanner.scan("spark:hr")
    with pytest.raises(ConfigError, match="is no master"):
        session._reach("spark://nobody")


def test_secrets_and_rows_have_no_repr():
    counting = Counting(RowPlan(()), {}, {}, (), DAY, b"very secret key")
    drawing = sampling.SampleRows(0, 1, np.zeros(1, np.int64), np.zeros(1, np.uint64), b"13712345678")

    assert "secret" not in repr(counting)
    assert "13712345678" not in repr(drawing)


@dataclass(frozen=True)
class Driver:
    """What a user configured of the driver: a file of defaults and the environment; `ours` is still ours."""

    file: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    ours: tuple[str, ...] = ("spark.driver.memory", "spark.driver.defaultJavaOptions")


OTHER_FILE = {"PYSPARK_SUBMIT_ARGS": "--properties-file other.conf pyspark-shell"}
DRIVERS = {
    "nothing": Driver(),
    "memory": Driver("spark.driver.memory   8g\n", ours=("spark.driver.defaultJavaOptions",)),
    "both": Driver("spark.driver.memory=8g\nspark.driver.defaultJavaOptions: -Xss4m\n", ours=()),
    "comment": Driver("# spark.driver.memory 8g\nspark.driver.memoryOverhead 1g\n"),
    "the user's own options": Driver("spark.driver.extraJavaOptions -Xss4m\n"),
    "environment": Driver(env={"SPARK_DRIVER_MEMORY": "8g"}, ours=("spark.driver.defaultJavaOptions",)),
    "another file": Driver(env=OTHER_FILE, ours=("spark.driver.defaultJavaOptions",)),
    "running already": Driver(env={"PYSPARK_GATEWAY_PORT": "1"}, ours=()),
}


@pytest.mark.parametrize("driver", DRIVERS.values(), ids=DRIVERS)
@pytest.mark.parametrize("where", ["SPARK_CONF_DIR", "SPARK_HOME"])
def test_what_a_user_configured_of_the_driver_is_left(tmp_path, monkeypatch, where, driver):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "conf"
    folder.mkdir()
    (folder / "spark-defaults.conf").write_text(driver.file, encoding="utf-8")
    (tmp_path / "other.conf").write_text("spark.driver.memory 8g\n", encoding="utf-8")
    place = folder if where == "SPARK_CONF_DIR" else tmp_path

    assert set(jvm_options.default_options({where: str(place), **driver.env})) == set(driver.ours)


def test_without_a_file_of_defaults_ours_are_said(tmp_path):
    assert jvm_options.default_options({"SPARK_CONF_DIR": str(tmp_path)}) == jvm_options.OPTIONS
