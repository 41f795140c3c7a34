"""Many tables are examined by one job, each as if it were alone; one that fails costs itself alone."""

import os
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import scanner
from detectors.errors import SourceError
from reports.model import Density
from scanner.config.sources import Source
from scanner.connectors.protocol import ExaminationTask
from scanner.gather import remote_tables
from scanner.spark import Engine, errors, examining, files, pruning, sizes

TABLES = ("empty", "few", "many", "other", "parts", "wide")


@pytest.fixture
def warehouse(spark_session, monkeypatch):
    """Tables without rows, with fewer than a sample, and with more, in several splits."""
    monkeypatch.setattr(sizes, "LIGHT_BYTES", 8_000)
    monkeypatch.setattr(pruning, "WINDOW", 20)
    spark_session.sql("DROP DATABASE IF EXISTS job CASCADE")
    spark_session.sql("CREATE DATABASE job")
    for name, rows, splits in zip(TABLES, (0, 40, 900, 700, 500, 300), (1, 2, 30, 3, 4, 2), strict=True):
        frame = spark_session.range(0, rows, 1, splits).selectExpr(
            "id AS no", f"format_string('13{len(name)}%08d', id * 7919) AS mobile", "id % 3 AS part",
            "concat('u', id, '@corp.cn') AS mail")
        writer = frame.write.partitionBy("part") if name == "parts" else frame.write
        writer.saveAsTable(f"job.{name}")
    yield spark_session
    spark_session.sql("DROP DATABASE job CASCADE")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Parquet and text, small and divided among tasks."""
    for name, value in {"LIGHT": 100, "LIGHT_BYTES": 4_000}.items():
        monkeypatch.setattr(sizes, name, value)
    for name, rows in {"north": 0, "south": 30, "east": 900, "west": 400}.items():
        table = pa.table({"no": pa.array(range(rows), pa.int64()),
                          "mobile": [f"137{i * 7919 % 10**8:08d}" for i in range(rows)]})
        pq.write_table(table, tmp_path / f"{name}.parquet", row_group_size=150)
    for name, rows in {"spring": 20, "summer": 700}.items():
        lines = "".join(f"{i},139{i * 7919 % 10**8:08d}\n" for i in range(rows))
        (tmp_path / f"{name}.csv").write_text("no,mobile\n" + lines)
    return tmp_path


def tasks_of(connector):
    return [ExaminationTask(f"s/{info.ref.name}", info) for info in connector.tables()]


@pytest.fixture
def groups(spark_session, monkeypatch):
    """Names of the groups of all jobs from now on."""
    names = []
    set_group = type(spark_session.sparkContext).setJobGroup

    def note(context, group, *arguments, **named):
        names.append(group)
        return set_group(context, group, *arguments, **named)

    monkeypatch.setattr(type(spark_session.sparkContext), "setJobGroup", note)
    return names


@pytest.mark.parametrize("kind", ["catalogue", "files"])
def test_each_table_is_as_if_it_were_alone(request, spark_session, groups, kind):
    url = "spark:job" if kind == "catalogue" else str(request.getfixturevalue("folder"))
    if kind == "catalogue":
        request.getfixturevalue("warehouse")
    with Engine(session=spark_session) as engine:
        connector = engine.connect(Source("s", url))
        tasks = tasks_of(connector)
        groups.clear()
        together = connector.examine_together(tasks, 100, 7)
        runs = len(groups)
        alone = {task.id: connector.examine(task, 100, 7) for task in tasks}
        backwards = connector.examine_together(tasks[::-1], 100, 7)

    assert len(tasks) == 6 and together == alone == backwards
    assert runs <= 2                          # those with too few rows are read once more
    assert {drawn.rows for _, drawn, _ in together.values()} >= {0, 100}


def test_a_table_that_is_gone_or_damaged_costs_itself_alone(warehouse):
    with Engine(session=warehouse) as engine:
        connector = engine.connect(Source("s", "spark:job"))
        tasks = tasks_of(connector)
        whole = connector.examine_together(tasks, 100, 7)
        (file,) = warehouse.table("job.few").limit(1).inputFiles()[:1] or [""]
        place = Path(file.removeprefix("file:")).parent
        warehouse.sql("DROP TABLE job.other")
        for part in place.glob("part-*"):
            part.write_bytes(b"PAR1 and nothing more")
        for part in place.glob(".part-*"):
            part.unlink()
        outcomes = connector.examine_together(tasks, 100, 7)

    faults = {tid for tid, outcome in outcomes.items() if isinstance(outcome, SourceError)}
    assert faults == {"s/few", "s/other"}
    assert {t: o for t, o in outcomes.items() if t not in faults} == {
        t: o for t, o in whole.items() if t not in faults}
    assert outcomes["s/other"].what == errors.TABLE_LOST


def test_a_table_that_crashes_workers_costs_itself_alone(folder, spark_session, monkeypatch):
    examine = examining.draw_and_examine

    def draw_and_examine(work):               # a local function travels by value: the workers have no tests
        if work[2].table.id == "s/spring":
            os.abort()
        yield from examine(work)

    with Engine(session=spark_session) as engine:
        connector = engine.connect(Source("s", str(folder)))
        tasks = tasks_of(connector)
        whole = connector.examine_together(tasks, 100, 7)
        monkeypatch.setattr(files, "draw_and_examine", draw_and_examine)
        outcomes = connector.examine_together(tasks, 100, 7)

    assert outcomes.pop("s/spring").what == errors.WORKER_CRASHED
    assert outcomes == {tid: outcome for tid, outcome in whole.items() if tid != "s/spring"}


def test_every_value_is_counted_as_here_and_once(folder, spark_session):
    whole = {"whole": ["*/mobile", "summer/no"], "rows": 100, "as_of": date(2026, 11, 1)}
    here = scanner.scan(str(folder), **whole)
    there = scanner.scan(str(folder), spark=spark_session, **whole)

    columns = {c.id.split("/", 1)[1]: c for table in here.tables for c in table.columns}
    mobiles = {f"{name}/mobile" for name in ("north", "south", "east", "west", "spring", "summer")}
    assert {name for name, c in columns.items() if c.density} == {*mobiles, "summer/no"}
    assert columns["east/mobile"].density == Density(900, 900, 900, 900)
    assert columns["summer/no"].density == Density(700, 700, 0, 0)
    for one, other in zip(here.tables, there.tables, strict=True):
        assert [c.density for c in one.columns] == [c.density for c in other.columns]
    parquet = ("north", "south", "east", "west")          # of text, other rows make the sample
    one, other = ([t for t in r.tables if t.id.endswith(parquet)] for r in (here, there))
    assert one == other


def test_every_value_of_a_catalogue_table_is_counted(warehouse):
    report = scanner.scan("spark:job", whole=["*/mail", "many/mobile"], rows=100, spark=warehouse)

    columns = [c for table in report.tables for c in table.columns]
    density = {c.id.split("/", 2)[2]: c.density for c in columns if c.density}
    rows = dict(zip(TABLES, (0, 40, 900, 700, 500, 300), strict=True))
    assert density == {f"{t}/mail": Density(n, n, n, n) for t, n in rows.items()} | {
        "many/mobile": Density(900, 900, 900, 900)}


class Remote:
    """Notes what it is asked for."""

    def __init__(self):
        self.calls = []

    def examine(self, task, rows, seed):
        raise SourceError("alone")

    def examine_together(self, tasks, rows, seed):
        self.calls.append([task.id for task in tasks])
        return {task.id: SourceError(task.id) for task in tasks}


def test_tables_are_asked_for_some_at_a_time_and_once(monkeypatch):
    monkeypatch.setattr(remote_tables, "TOGETHER", 3)
    from detectors.model import TableInfo, TableRef

    names = ["a/1", "b/1", "a/2", "a/3", "a/4", "b/2"]
    tasks = [ExaminationTask(tid, TableInfo(TableRef(tid[2:]), ())) for tid in names]
    late = ExaminationTask("a/5", TableInfo(TableRef("5"), ()))
    sources = {"a": Remote(), "b": Remote()}
    remote = remote_tables.RemoteTables(tasks, 10, 7)

    results = [remote.examine(sources[task.id[0]], task) for task in [*tasks[:3], late, *tasks[3:]]]

    assert sources["a"].calls == [["a/1", "a/2", "a/3"], ["a/5"], ["a/4"]]
    assert sources["b"].calls == [["b/1", "b/2"]]
    assert [r.table.id for r in results] == [*names[:3], "a/5", *names[3:]]
    assert all(str(r.skipped[0].reason) == r.table.id for r in results)
