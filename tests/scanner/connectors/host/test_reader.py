"""A reader that crashes, stops or eats memory costs the table in hand; the others are read, and right."""

import contextlib
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from detectors.errors import SourceError
from detectors.model import TableInfo
from scanner import job
from scanner.config.model import Config
from scanner.config.sources import Source
from scanner.connectors import connect, registry
from scanner.connectors.host import connector as hosting
from scanner.connectors.host import errand, readers, wire
from scanner.connectors.host.connector import open_hosted
from scanner.connectors.host.readers import READERS
from scanner.connectors.protocol import Access
from scanner.setup.doctor import examine_installation

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not readers.can_host(), reason="this platform has no readers"),
]
ROWS = 20_000


@pytest.fixture
def folder(tmp_path):
    for name in ("a", "b", "c"):
        lines = (f"{name}{i},{i}\n" for i in range(ROWS))
        (tmp_path / f"{name}.csv").write_text("name,n\n" + "".join(lines), encoding="utf-8")
    return tmp_path


@pytest.fixture
def source(folder):
    source = open_hosted(str(folder), Access("s"))
    yield source
    source.close()


def tables(source):
    return [info for info in source.tables() if isinstance(info, TableInfo)]


def rows(batches):
    return [row for batch in batches for row in batch.to_pylist()]


def test_the_reader_says_what_the_connector_says(source, folder):
    direct = connect(str(folder), name="s")

    assert list(source.tables()) == list(direct.tables())
    for info in tables(source):
        drawn, expected = source.sample(info.ref, ["n"], 100, 7), direct.sample(info.ref, ["n"], 100, 7)
        assert (drawn.drawn, rows(drawn.batches)) == (expected.drawn, rows(expected.batches))
        assert rows(source.read(info.ref, ["name"], {"n": {"eq": "5"}})) == [{"name": f"{info.ref.name}5"}]
        assert source.losses(info.ref) == direct.losses(info.ref)
        assert source.plan(info.ref, ["n"], 100, 7) == direct.plan(info.ref, ["n"], 100, 7)


def test_a_table_in_flight_is_read_again_from_where_it_was(tmp_path):
    """The reader cannot have sent all batches: it waits for the first ones to be taken."""
    expected = list(range(600_000))
    pq.write_table(pa.table({"n": expected}), tmp_path / "m.parquet")
    source = open_hosted(str(tmp_path), Access("s"))
    (info,) = tables(source)
    batches = source.read(info.ref, ["n"], {})
    first = next(batches)
    os.kill(READERS.shared().process, signal.SIGSEGV)

    assert [n for batch in (first, *batches) for n in batch["n"].to_pylist()] == expected
    source.close()


def test_a_table_whose_reader_dies_twice_is_not_read_and_the_next_one_is(source, monkeypatch):
    first, second, _ = tables(source)
    alone = READERS.alone

    @contextlib.contextmanager
    def doomed():
        with alone() as reader:
            os.kill(reader.process, signal.SIGABRT)
            yield reader

    monkeypatch.setattr(READERS, "alone", doomed)
    os.kill(READERS.shared().process, signal.SIGSEGV)
    with pytest.raises(SourceError, match="crashed .SIGABRT."):
        list(source.read(first.ref, ["name"], {}))
    assert len(rows(source.read(second.ref, ["name"], {}))) == ROWS


def test_a_reader_that_stands_still_is_ended(source, monkeypatch):
    info = tables(source)[0]
    os.kill(READERS.shared().process, signal.SIGSTOP)
    with monkeypatch.context() as patch, pytest.raises(SourceError, match="not read to its end"):
        patch.setattr(source, "_silence", 0.1)
        source.sample(info.ref, ["n"], 10, 1)

    assert source.sample(info.ref, ["n"], 10, 1).drawn.rows == 10


def test_an_error_behind_some_rows_does_not_answer_the_next_call(tmp_path):
    """The last buffer of the file says that it needs a terabyte."""
    n = 4_000
    file = tmp_path / "m.feather"
    feather.write_feather(pa.table({"n": range(n)}), file, compression="lz4", chunksize=n // 4)
    content = file.read_bytes()
    place = content.rindex(bytes.fromhex("04224d18"))
    file.write_bytes(content[: place - 8] + (1 << 40).to_bytes(8, "little") + content[place:])
    source = open_hosted(str(tmp_path), Access("s"))
    (info,) = tables(source)
    for _ in range(3):
        with pytest.raises(SourceError, match="does not fit into memory"):
            rows(source.read(info.ref, ["n"], {}))
        assert tables(source) == [info]
    source.close()


def test_a_launcher_that_dies_is_started_again(source):
    info = tables(source)[0]
    os.kill(READERS._launcher.process.pid, signal.SIGKILL)
    os.kill(READERS.shared().process, signal.SIGKILL)

    assert source.sample(info.ref, ["n"], 10, 1).drawn.rows == 10


def test_a_launcher_is_of_our_own_copy_of_the_package(source, tmp_path, monkeypatch):
    """As where a Spark session put a copy of it in front."""
    copy = tmp_path / "scanner"
    copy.mkdir()
    (copy / "__init__.py").write_text("raise ImportError")
    monkeypatch.syspath_prepend(str(tmp_path))
    READERS.stop()

    assert source.sample(tables(source)[0].ref, ["n"], 10, 1).drawn.rows == 10


def test_the_modules_of_a_package_in_a_zip_file_are_the_same(tmp_path):
    package = Path(registry.__file__).parents[2]
    with zipfile.ZipFile(tmp_path / "package.zip", "w") as archive:
        for file in sorted(package.glob("scanner/**/*.py")):
            archive.write(file, file.relative_to(package))
    code = "from scanner.connectors.registry import families; import json; print(json.dumps(families()))"
    answer = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, timeout=60, check=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "package.zip")})

    assert json.loads(answer.stdout) == registry.families()


def test_readers_of_a_process_that_was_killed_end(folder):
    code = (
        "import os, sys; from scanner.connectors.host.connector import open_hosted;"
        "from scanner.connectors.host.readers import READERS; from scanner.connectors.protocol import Access;"
        f"s = open_hosted({str(folder)!r}, Access('s'));"
        "print(READERS.shared().process, READERS._launcher.process.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    for process in map(int, ended.stdout.split()):
        for _ in range(100):
            if not Path(f"/proc/{process}").exists() or _state(process) == "Z":
                break
            time.sleep(0.05)
        else:
            pytest.fail("a process is left over")


def _state(process):
    return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]


_EARLY = """
import fcntl, os, sys, threading
from pathlib import Path
from scanner import job
from scanner.config.model import Config
from scanner.config.sources import Source
from scanner.connectors.host.connector import READERS, readers_for
lock = open(sys.argv[2], "w")
fcntl.flock(lock, fcntl.LOCK_EX)
if sys.argv[3] == "thread":
    threading.Thread(target=threading.Event().wait, daemon=True).start()
with readers_for([sys.argv[1]]):
    report = job.scan(Config(sources=(Source("s", sys.argv[1]),)))
    process = READERS._launcher.process.pid
    names = [os.readlink(f"/proc/{process}/fd/{n}") for n in os.listdir(f"/proc/{process}/fd")]
    theirs, ours = (Path(f"/proc/{who}/cmdline").read_bytes() for who in (process, "self"))
    print(*(table.status for table in report.tables), sys.argv[2] in names, theirs == ours, flush=True)
READERS.stop()
print(Path(f"/proc/{process}").exists())
"""


@pytest.mark.parametrize(("variables", "way", "is_fork"), [
    ({}, "", True), ({}, "thread", False), ({"CHUJING_KEY": "hidden"}, "", False)])
def test_a_fork_of_a_process_that_begins_starts_readers(folder, tmp_path_factory, variables, way, is_fork):
    """It holds no file of ours. Where it would not be whole, or would hold the key, it is no fork."""
    lock = tmp_path_factory.mktemp("lock") / "lock"
    ended = subprocess.run([sys.executable, "-c", _EARLY, str(folder), str(lock), way], capture_output=True,
                           text=True, timeout=60, env={**os.environ, **variables}, check=False)
    assert ended.stdout == f"scanned scanned scanned False {is_fork}\nFalse\n", ended.stderr


def test_neither_arguments_nor_environment_of_a_process_hold_a_secret(folder, monkeypatch):
    """Not what the configuration brings, and not what the environment of ours holds."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden-in-ours")
    pool = readers.ReaderPool()
    access = Access("s", password="hidden-password", options={"secret": "hidden-option"})
    source = hosting.HostedConnector(str(folder), access, pool)
    for process in (pool.shared().process, pool._launcher.process.pid):
        for part in ("cmdline", "environ"):
            assert b"hidden" not in Path(f"/proc/{process}/{part}").read_bytes()
    source.close()


def test_a_scan_names_the_table_that_crashes_and_reads_the_rest(folder, monkeypatch):
    """Exit status 3: one table is skipped with its reason; what was in flight beside it is read again."""
    expected = job.scan(Config(sources=(Source("s", str(folder)),)))
    alone, sample, here = READERS.alone, hosting.HostedConnector.sample, threading.local()

    @contextlib.contextmanager
    def doomed():
        with alone() as reader:
            if here.is_b:
                os.kill(reader.process, signal.SIGABRT)
            yield reader

    def crashing(source, ref, *request):
        here.is_b = ref.name == "b"
        if here.is_b:
            os.kill(READERS.shared().process, signal.SIGSEGV)
        return sample(source, ref, *request)

    monkeypatch.setattr(READERS, "alone", doomed)
    monkeypatch.setattr(hosting.HostedConnector, "sample", crashing)
    report = job.scan(Config(sources=(Source("s", str(folder)),)))

    assert [s.id for s in report.skipped] == ["s/b"] and "crashed (SIGABRT)" in report.skipped[0].reason
    assert [(t.id, t.status) for t in report.tables] == [
        ("s/a", "scanned"), ("s/b", "skipped"), ("s/c", "scanned")]
    assert [report.tables[i] for i in (0, 2)] == [expected.tables[i] for i in (0, 2)]
    assert job.exit_status(report, None) == 3


_CRASHES = """
import os
from scanner.connectors import dictionary
from scanner.connectors.files import parquet

def grids(path, grids=dictionary.grids):
    if "bad" in path.name:
        os.abort()
    return grids(path)

dictionary.grids = grids

def open_file(file, opened=parquet.open_file):
    source = opened(file)
    if "bad" in file.name:
        os.abort()
    return source

parquet.open_file = open_file
"""


@pytest.fixture
def crashing_pool(tmp_path_factory, monkeypatch):
    """Readers that die when they open a Parquet file called bad."""
    folder = tmp_path_factory.mktemp("path")
    (folder / "sitecustomize.py").write_text(_CRASHES, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    pool = readers.ReaderPool()
    yield pool
    pool.stop()


@pytest.mark.parametrize("bad", [1, 3])
def test_a_file_that_crashes_costs_itself_and_not_its_table(tmp_path, crashing_pool, bad):
    """The other files of the table are read, each row once; a count of all of them is refused."""
    folder = tmp_path / "orders"
    folder.mkdir()
    names = [f"bad{i}" for i in range(bad)] + ["good1", "good2"]
    for i, name in enumerate(names):
        (folder / f"dt=2026-01-0{i + 1}").mkdir()
        pq.write_table(pa.table({"n": [10 * i, 10 * i + 1]}), folder / f"dt=2026-01-0{i + 1}/{name}.parquet")
    source = hosting.HostedConnector(str(folder), Access("s"), crashing_pool)
    listed = list(source.tables())
    (info,) = [table for table in listed if isinstance(table, TableInfo)]
    skipped = [table for table in listed if not isinstance(table, TableInfo)]
    drawn = source.sample(info.ref, ["n"], 100, 1)

    assert len(skipped) == bad
    assert all("crashed (SIGABRT); the other files are read" in s.reason for s in skipped)
    assert sorted(row["n"] // 10 for row in rows(drawn.batches)) == [bad, bad, bad + 1, bad + 1]
    assert drawn.drawn.rows_total is None
    with pytest.raises(SourceError, match=f"{bad} of {bad + 2} files are missing"):
        list(source.read(info.ref, ["n"], {}))
    source.close()


def test_a_table_many_of_whose_files_crash_is_given_up(tmp_path, crashing_pool, monkeypatch):
    monkeypatch.setattr(hosting, "MOST_CRASHES", 2)
    for i in range(4):
        pq.write_table(pa.table({"n": [i]}), tmp_path / f"bad{i}.parquet")
    source = hosting.HostedConnector(str(tmp_path), Access("s"), crashing_pool)
    listed = list(source.tables())

    assert listed and all("crashed (SIGABRT)" in table.reason for table in listed)
    source.close()


def test_a_dictionary_that_crashes_costs_its_comments(folder, crashing_pool, monkeypatch):
    """A file that people hand in is read by a reader, too; another one after it is read."""
    monkeypatch.setattr(errand, "READERS", crashing_pool)
    for name in ("bad", "good"):
        (folder / f"{name}.txt").write_text("table,column,comment\na,n,号码\n", encoding="utf-8")
    reports = {name: job.scan(Config(sources=(
        Source("s", str(folder / "a.csv"), dictionary=folder / f"{name}.txt"),))) for name in ("bad", "good")}

    assert [(s.id, "crashed (SIGABRT)" in s.reason) for s in reports["bad"].skipped] == [
        ("dictionary bad.txt", True)]
    assert job.exit_status(reports["bad"], None) == 3
    comments = {name: [c.comment for c in report.tables[0].columns] for name, report in reports.items()}
    assert comments == {"bad": ["", ""], "good": ["", "号码"]}


def test_offsets_of_a_feather_file_that_point_anywhere_cost_the_column(tmp_path):
    names = pa.array([f"n{i}" for i in range(5_000)])
    batch = pa.record_batch([names], ["name"])
    with pa.OSFile(str(tmp_path / "d.feather"), "wb") as file, pa.ipc.new_file(file, batch.schema) as out:
        out.write_batch(batch)
    content = bytearray((tmp_path / "d.feather").read_bytes())
    place = content.find(names.buffers()[1].to_pybytes()[:64]) + 4 * 100
    content[place: place + 4] = b"\xff\xff\xff\x7f"
    (tmp_path / "d.feather").write_bytes(content)
    report = job.scan(Config(sources=(Source("s", str(tmp_path)),)))

    assert [s.id for s in report.skipped] == ["s/d"] and report.tables[0].rows.method != "exact"


def test_too_little_memory_costs_the_table(tmp_path, monkeypatch):
    """A file that asks for more than a reader may take is named; the reader is there for the next one."""
    monkeypatch.setenv(readers.MEMORY, "0.6")
    pool = readers.ReaderPool()
    names = pa.array(["x" * 4_000]).take(pa.array([0] * 200_000))
    pq.write_table(pa.table({"name": names}), tmp_path / "a.parquet", compression="zstd")
    (tmp_path / "b.csv").write_text("name\nx\n", encoding="utf-8")
    source = hosting.HostedConnector(str(tmp_path), Access("s"), pool)
    large, small = tables(source)
    with pytest.raises(SourceError) as e:
        source.sample(large.ref, ["name"], 200_000, 1)
    assert "memory" in e.value.line()
    assert source.sample(small.ref, ["name"], 10, 1).drawn.rows == 1
    source.close()


def test_batches_that_contradict_themselves_are_refused():
    text = pa.array(["ab", "cd"])
    broken = pa.StringArray.from_buffers(2, pa.array([0, 9, 4], pa.int32()).buffers()[1], text.buffers()[2])
    descriptor = wire.share_batches([pa.record_batch([text], ["x"])])
    assert rows(wire.take_batches(descriptor)) == [{"x": "ab"}, {"x": "cd"}]
    with pytest.raises(pa.ArrowInvalid):
        wire.take_batches(wire.share_batches([pa.record_batch([broken], ["x"])]))


def test_memory_that_may_still_change_is_refused():
    descriptor = os.memfd_create("open")
    os.write(descriptor, b"x")
    with pytest.raises(pa.ArrowInvalid):
        wire.take_batches(descriptor)


def test_a_message_makes_no_objects_of_others():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire.send(theirs, subprocess.run)
        with pytest.raises(pickle.UnpicklingError):
            wire.receive(ours)


def test_columns_that_are_none_keep_their_rows():
    batch = pa.record_batch([pa.array([1, 2, 3])], ["x"]).select([])
    assert [b.num_rows for b in wire.take_batches(wire.share_batches([batch]))] == [3]


def _own(patch):
    patch.setenv(readers.SWITCH, "own")


def _without_memory(patch):
    patch.setattr(readers, "_has_parts", lambda: False)


def _without_processes(patch):
    patch.setattr(readers.ReaderPool, "shared", _refused)


def _refused(pool):
    raise OSError


@pytest.mark.parametrize(("setting", "words"), [
    (None, "in a process of their own, with up to"), (_own, "CHUJING_READER is set to own"),
    (_without_memory, "lends no anonymous memory"), (_without_processes, "no process can be started")])
def test_doctor_says_where_files_are_read_and_why(setting, words, monkeypatch):
    if setting is not None:
        setting(monkeypatch)
    lines = examine_installation()
    ((in_order, line),) = [(ok, line) for ok, line in lines if line.startswith("files are read")]

    assert words in line and in_order == (setting is None)


def test_without_readers_files_are_read_here(folder, monkeypatch):
    monkeypatch.setenv(readers.SWITCH, "own")
    assert open_hosted(str(folder), Access("s")) is None
    assert {t.status for t in job.scan(Config(sources=(Source("s", str(folder)),))).tables} == {"scanned"}
