"""Every command that writes a file, each way in which it cannot: one line, status 2, nothing half-written."""

import ast
import errno
import os
import re
import shutil
import stat
import sys
from pathlib import Path

import pytest
from openpyxl import Workbook

import reports.files
from scanner.cli.app import main
from scanner.files import write_atomically

ROOT = Path(reports.files.__file__).parents[1]
OUTSIDE = {  # what writes otherwise, and why it may
    "reports/files.py": "the one way",
    "reports/filings/archives.py": "into the file it is handed",
    "scanner/cli/library_output.py": "to stderr, not to a file of anybody",
    "reports/messages/build.py": "made by us, in our own folder",
    "detectors/columns/train.py": "made by us, in our own folder",
    "scanner/cli/reference.py": "made by us, in our own folder",
    "scanner/spark/shipping.py": "in a temporary folder",
    "scanner/spark/examining.py": "in a temporary folder",
    "reports/inventory/sheet_rows.py": "into the temporary file of a sheet",
    "scanner/connectors/host/wire.py": "into anonymous memory",
}
CONFIG = """version: 1
sources: {crm: {url: crm}}
exporter: {id: hq, entities: [hq]}
flows:
  - {id: out, entity: hq, status: active, since: 2026-01-01, recipient: {name: X, country: DE}, purpose: crm,
     fields: [crm/member/mobile, crm/member/mail]}
"""
PRESIDIO = """recognizers:
  - {name: Loyalty, supported_entity: LOYALTY, patterns: [{name: a, regex: "HY[0-9]{10}", score: 0.5}]}
"""
CLASSES = [["一级分类", "安全级别（最低）"], ["手机号码", "3级"], ["证件号码", "4级"]]


@pytest.fixture(scope="module")
def scanned(tmp_path_factory):
    """A folder with a configuration that was scanned once, and with files to import."""
    folder = tmp_path_factory.mktemp("scanned")
    (folder / "crm").mkdir()
    rows = "".join(f"137{i:08d},u{i}@example.com\n" for i in range(40))
    (folder / "crm" / "member.csv").write_text("mobile,mail\n" + rows, encoding="utf-8")
    (folder / "chujing.yaml").write_text(CONFIG, encoding="utf-8")
    (folder / "presidio.yaml").write_text(PRESIDIO, encoding="utf-8")
    shutil.copy(ROOT / "mappings" / "zone_lists" / "fujian_2025.yaml", folder / "zone.yaml")
    book = Workbook()
    for row in CLASSES:
        book.active.append(row)
    book.save(folder / "classes.xlsx")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHUJING_KEY", "0" * 64)
        patch.chdir(folder)
        assert run(patch, "scan -q") == 0
    return folder


def run(patch, words):
    """Run a command as from the shell; return its exit status."""
    patch.setattr(sys, "argv", ["chujing", *words.split()])
    with pytest.raises(SystemExit) as e:
        main()
    return e.value.code or 0


def tree(folder):
    """Every file below a folder with its content; the state aside, which remembers that it was asked."""
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file() and ".chujing" not in p.parts}


# {out}: what is written. Each with the name of what is written.
COMMANDS = {
    "scan json": ("scan -q -o {out}", "r.json"),
    "scan html": ("scan -q -o {out}", "r.html"),
    "scan xlsx": ("scan -q -o {out}", "r.xlsx"),
    "scan metrics": ("scan -q --metrics {out}", "m.prom"),
    "decide": ("decide -o {out}", "d.jsonl"),
    "find csv": ("find mobile -o {out}", "f.csv"),
    "find sarif": ("find mobile -o {out}", "f.sarif"),
    "plan csv": ("plan -o {out}", "p.csv"),
    "plan json": ("plan -o {out}", "p.json"),
    "digest": ("digest --since 7d -o {out}", "d.html"),
    "push odcs": ("push --to odcs --include suggested -o {out}", "contracts/"),
    "push openlineage": ("push --to openlineage --include suggested -o {out}", "events.jsonl"),
    "flows template": ("flows template {out}", "f.xlsx"),
    "flows export": ("flows export {out}", "f.xlsx"),
    "flows suggest": ("flows suggest --sheet {out}", "f.xlsx"),
    "review export xlsx": ("review export -o {out}", "r.xlsx"),
    "review export yaml": ("review export -o {out}", "r.yaml"),
    "zones template": ("zones template {out}", "z.xlsx"),
    "zones import": ("zones import zone.yaml -o {out}", "z.yaml"),
    "detectors import": ("detectors import presidio.yaml --label LOYALTY=user_id -o {out}", "d.yaml"),
    "taxonomy import": ("taxonomy import classes.xlsx -o {out}", "t.yaml"),
    "filing write": ("filing write {out}", "papers/"),
    "dossier write": ("dossier write {out}", "dossier/"),
}


@pytest.fixture
def place(scanned, monkeypatch):
    """The scanned folder as the current one, and an empty folder in it to write to."""
    monkeypatch.chdir(scanned)
    monkeypatch.setenv("CHUJING_KEY", "0" * 64)
    folder = scanned / "out"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


class Full:
    """A file on a disk that is full from the n-th write on. count: of all writes so far."""

    count, first = 0, sys.maxsize

    def __init__(self, file):
        self._file = file

    def write(self, data):
        Full.count += 1
        if Full.count >= Full.first:
            raise OSError(errno.ENOSPC, "no space left")
        return self._file.write(data)

    def __getattr__(self, name):
        return getattr(self._file, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()


@pytest.fixture
def disk(monkeypatch):
    """Lets the disk be full from the n-th write on."""
    real = reports.files.open_new
    monkeypatch.setattr(reports.files, "open_new", lambda path, mode: Full(real(path, mode)))

    def full_from(first):
        Full.count, Full.first = 0, first

    full_from(sys.maxsize)
    return full_from


def refused(capfd, why):
    """Is what was printed to stderr one line of ours, with the reason?"""
    lines = [x for x in capfd.readouterr().err.splitlines() if x.startswith("chujing:") or "rror" in x]
    assert len(lines) == 1 and re.search(why, lines[0]), lines
    return True


every_command = pytest.mark.parametrize(("words", "name"), COMMANDS.values(), ids=COMMANDS)


@every_command
def test_a_file_in_the_place_of_a_folder_and_a_folder_in_that_of_a_file(
    place, monkeypatch, capfd, words, name
):
    (place / "file").write_text("of somebody")
    before = tree(place.parent)
    assert run(monkeypatch, words.format(out=place / "file" / name)) == 2
    assert refused(capfd, "a file stands where a folder should be|应为文件夹处是一个文件")
    if not name.endswith("/"):
        (place / name).mkdir()
        assert run(monkeypatch, words.format(out=place / name)) == 2
        assert refused(capfd, "a folder stands|already there|应为文件处是一个文件夹|已存在")

    assert tree(place.parent) == before


@every_command
def test_a_folder_that_may_not_be_written(place, monkeypatch, capfd, words, name):
    def deny(path, mode):
        raise PermissionError(errno.EACCES, "denied")

    monkeypatch.setattr(reports.files, "open_new", deny)
    before = tree(place.parent)
    assert run(monkeypatch, words.format(out=place / "new" / name)) == 2
    assert refused(capfd, "this account may not write there|无写入权限")
    assert tree(place.parent) == before and list(place.iterdir()) == []


@every_command
def test_a_folder_in_which_nothing_may_be_looked_up(place, monkeypatch, capfd, words, name):
    locked = place / "locked"
    locked.mkdir()

    def deny(call):
        def denied(path, *args, **options):
            if isinstance(path, str | Path) and locked in Path(path).absolute().parents:
                raise PermissionError(errno.EACCES, "denied")
            return call(path, *args, **options)
        return denied

    for name_of_call in ("stat", "lstat", "open", "mkdir", "rename", "replace"):
        monkeypatch.setattr(os, name_of_call, deny(getattr(os, name_of_call)))
    assert run(monkeypatch, words.format(out=locked / name)) == 2
    assert refused(capfd, "may not|cannot|无写入权限|无法")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_disk_that_is_full_at_any_write(place, disk, monkeypatch, capfd, command):
    """At the first, the middle and the last write that a complete run takes."""
    words, name = COMMANDS[command]
    assert run(monkeypatch, words.format(out=place / "whole" / name)) == 0
    count = Full.count
    shutil.rmtree(place / "whole")
    before = tree(place.parent)
    capfd.readouterr()
    for n in sorted({1, count // 2 or 1, count}):
        disk(n)
        assert run(monkeypatch, words.format(out=place / "half" / name)) == 2
        assert refused(capfd, "the disk is full|磁盘已满")
        assert tree(place.parent) == before and list(place.iterdir()) == []


def test_a_demo_without_room(place, disk, monkeypatch, capfd):
    disk(1)
    assert run(monkeypatch, f"demo {place}/demo") == 2
    assert refused(capfd, "the disk is full|磁盘已满") and list(place.iterdir()) == []


def test_a_missing_folder_is_made_for_its_owner_alone_and_for_the_team_where_asked(place, monkeypatch):
    old = os.umask(0o022)
    try:
        modes = {}
        for shared in ("", "1"):
            monkeypatch.setenv("CHUJING_SHARED", shared)
            out = place / f"new{shared}" / "deep"
            assert run(monkeypatch, f"scan -q -o {out}/r.json --metrics {out}/m.prom") == 0
            assert run(monkeypatch, f"dossier write {out}/dossier") == 0
            for file in (out, out / "r.json", out / "m.prom", out / "dossier", out / "dossier" / "报告.html"):
                modes[file.relative_to(place).as_posix()] = oct(stat.S_IMODE(file.stat().st_mode))
    finally:
        os.umask(old)

    assert modes == {
        "new/deep": "0o700",
        "new/deep/r.json": "0o600",
        "new/deep/m.prom": "0o644",
        "new/deep/dossier": "0o700",
        "new/deep/dossier/报告.html": "0o600",
        "new1/deep": "0o755",
        "new1/deep/r.json": "0o644",
        "new1/deep/m.prom": "0o644",
        "new1/deep/dossier": "0o755",
        "new1/deep/dossier/报告.html": "0o644",
    }


def test_the_state_is_for_its_owner_alone(scanned):
    state = scanned / ".chujing"

    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in state.iterdir()} == {0o600}


def test_a_scan_that_cannot_be_delivered_is_remembered(place, disk, monkeypatch, capfd):
    (place.parent / "crm" / "more.csv").write_text("mobile\n13700000001\n13700000002\n")
    try:
        disk(1)
        assert run(monkeypatch, f"scan -q -o {place}/r.json") == 2
        assert re.search(r"chujing decide \S+ -o FILE.json", capfd.readouterr().err)
        disk(sys.maxsize)
        assert run(monkeypatch, f"decide -o {place}/r.jsonl") == 0
        assert "crm/more" in (place / "r.jsonl").read_text(encoding="utf-8")
    finally:
        (place.parent / "crm" / "more.csv").unlink()


def test_a_link_of_our_own_stays_one_and_what_is_no_file_behind_it_stays_too(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "end").write_text("old")
    os.mkfifo(tmp_path / "pipe")              # as /dev/null would be
    for name, end in (("link", "folder/end"), ("to-pipe", "pipe"), ("loop", "loop"), ("dead", "none")):
        (tmp_path / name).symlink_to(end)
        write_atomically(tmp_path / name, "new")

    assert (tmp_path / "link").is_symlink() and (tmp_path / "folder/end").read_text() == "new"
    assert (tmp_path / "pipe").is_fifo() and (tmp_path / "to-pipe").is_file()
    assert (tmp_path / "loop").read_text() == (tmp_path / "dead").read_text() == "new"
    assert not list(tmp_path.rglob("*.part"))


def test_a_line_of_the_audit_is_added_whole_or_not_at_all(place, monkeypatch):
    file = place / "log"
    reports.files.add_line(file, "one\n")
    real = Path.open
    monkeypatch.setattr(Path, "open", lambda path, *a, **k: Cut(real(path, *a, **k)))
    with pytest.raises(reports.files.ConfigError, match="full"):
        reports.files.add_line(file, "two of several bytes\n")
    monkeypatch.undo()

    assert file.read_text() == "one\n"


class Cut(Full):
    """A disk on which three bytes more find room."""

    def write(self, data):
        self._file.write(bytes(data[:3]))
        raise OSError(errno.ENOSPC, "no space left")


def test_nothing_is_written_in_another_way(no_collection):
    """Calls that write a file, in the packages: `write_text`, `open("w")`, a library's `save` of a path."""
    found = set()
    for package in ("scanner", "reports", "mappings", "detectors"):
        for file in (ROOT / package).rglob("*.py"):
            name = file.relative_to(ROOT).as_posix()
            if any(map(_writes, ast.walk(ast.parse(file.read_text(encoding="utf-8"))))):
                found.add(name)

    assert found - {x for x in found if x.startswith("reports/docs_build/")} == set(OUTSIDE)


def _writes(node):
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    name, words = node.func.attr, [a.value for a in node.args if isinstance(a, ast.Constant)]
    if name in ("write_text", "write_bytes", "NamedTemporaryFile", "copyfile", "fdopen", "touch"):
        return True
    return name in ("open", "ZipFile") and any(re.fullmatch("[wax]b?", str(word)) for word in words)


@pytest.mark.parametrize("catalog", ["openlineage", "datahub"])
@pytest.mark.parametrize("name", ["new", "new/", "v1.0/", "there", "events.json"])
def test_a_catalog_of_one_file_is_written_into_a_folder_where_one_is_meant(place, monkeypatch, catalog, name):
    (place / "there").mkdir()
    assert run(monkeypatch, f"push --to {catalog} --include suggested -o {place}/{name}") == 0
    files = [file for file in place.rglob("*") if file.is_file()]

    assert len(files) == 1 and (files[0].parent == place) == (name == "events.json")
    assert files[0].name.startswith(catalog) or name == "events.json"


@pytest.mark.parametrize("words", ["dossier check {out}", "dossier write {out}", "filing write {out}"])
def test_a_folder_that_does_not_show_its_papers(place, monkeypatch, capfd, words):
    """Papers in it may have been filled in: nothing is written over them, and it is not called empty."""
    folder = place / "papers"
    assert run(monkeypatch, f"dossier write {folder}") == 0
    before = tree(folder)

    def deny(call):
        def denied(path=".", *args, **options):
            if isinstance(path, str | Path) and Path(path).absolute() == folder:
                raise PermissionError(errno.EACCES, "denied")
            return call(path, *args, **options)
        return denied

    with monkeypatch.context() as patched:
        for name in ("listdir", "scandir"):
            patched.setattr(os, name, deny(getattr(os, name)))
        assert run(patched, words.format(out=folder)) == 2
        assert refused(capfd, "cannot be opened|may not write there|无法打开|无写入权限")
    assert tree(folder) == before
