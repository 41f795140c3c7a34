"""A further source goes into chujing.yaml without a line typed; every other byte stays, in whatever style."""

import difflib
import random
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from detectors.errors import ChujingError, ConfigError
from scanner.cli.app import app
from scanner.config.model import read
from scanner.config.yaml_words import parse_words
from scanner.setup.add_source import NewSource, add_to_config

HEADS = ("", "# who exports\n", "---\n")
SOURCES = (
    "", "sources: {}\n", "sources: {}   # none yet\n", "sources:\n", "sources:   # none yet\n",
    "sources: {a: {url: a.csv}}\n", "sources: {a: {url: a.csv}, }  # one\n",
    "sources: {\n  a: {url: a.csv},   # one\n  b: {url: b.csv}   # two\n}\n",
    "sources:\n  a: {url: a.csv}\n", "sources:\n  a:\n    url: a.csv   # one\n    # include: [x]\n",
    "sources:\n    a:\n          url: a.csv\n    b: {url: b.csv}\n\n",
    "sources:\n  # first\n  a:\n    url: >-\n      a.csv\n\n  # last\n",
    'sources:\n  "a b": {url: "a.csv", exclude: ["*/x#y"]}\n',
    "sources:\n a:\n  url: a.csv\n  include: ['x: y']",
)
TAILS = (
    "", "\n# the flows\nflows: []\n", "flows: []   # none\n#  - id: x\n#    entity: y\n",
    "\n\nabroad: [a.example]\n# end",
    "...\n",
)
EXPORTER = "exporter: {id: me, entities: [me], facts: {ciio: no}}   # yes | no\n"


def files(seed):
    draw = random.Random(seed)
    head, tail = draw.choice(HEADS), draw.choice(TAILS)
    sources = draw.choice(SOURCES)
    if tail and not sources.endswith("\n"):
        sources += "\n"
    body = ["version: 1\n", EXPORTER, sources] if draw.random() < 0.7 else [sources, "version: 1\n", EXPORTER]
    if sources and not sources.endswith("\n") and body[0] == sources:
        body[0] += "\n"
    text = head + "".join(body) + tail
    return text.replace("\n", "\r\n") if draw.random() < 0.2 else text


@pytest.mark.parametrize("seed", range(250))
def test_the_source_is_added_and_everything_else_stays(seed, tmp_path):
    file, text = tmp_path / "chujing.yaml", files(seed)
    mark = "\ufeff" if seed % 5 == 0 else ""
    file.write_bytes((mark + text).encode())
    add_to_config(file, NewSource("crm", {"url": "crm.csv", "password": "{env: CRM_PW}"}))
    after = file.read_bytes().decode()

    old, new = parse_words(text), parse_words(after.removeprefix("\ufeff"))
    assert list((new["sources"]).items()) == [
        *(old.get("sources") or {}).items(), ("crm", {"url": "crm.csv", "password": {"env": "CRM_PW"}}),
    ]
    assert {**new, "sources": 0} == {**old, "sources": 0}
    assert after.startswith(mark) and ("\r\n" in after) == ("\r\n" in text)
    # every line with a comment is there as it was, in the same order
    comments = [line.partition("#")[2] for line in text.splitlines() if "#" in line]
    assert [line.partition("#")[2] for line in after.splitlines() if "#" in line] == comments
    changes = difflib.ndiff(text.splitlines(), after.removeprefix("\ufeff").splitlines())
    removed = [line[2:] for line in changes if line.startswith("- ") and line[2:].strip()]
    assert len(removed) <= 1 and all("{" in line or "}" in line for line in removed), removed
    assert read(file).sources[-1].id == "crm"
    again = file.read_bytes()
    for other in (NewSource("crm", {"url": "other.csv"}), NewSource("more", {"url": "crm.csv"})):
        with pytest.raises(Exception, match="already"):
            add_to_config(file, other)
    assert file.read_bytes() == again


def test_what_cannot_be_added_without_more_is_refused_with_the_lines(tmp_path):
    file = tmp_path / "chujing.yaml"
    text = "version: 1\nexporter: {id: me, entities: [me]}\nsources: {a: &x {url: a.csv}, b: *x}\n"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="without changing other lines") as refusal:
        add_to_config(file, NewSource("crm", {"url": "crm.csv"}))

    assert "crm: {url: crm.csv}" in str(refusal.value.hint)
    assert file.read_text(encoding="utf-8") == text


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, table in (("crm", "member"), ("hr", "staff")):
        with sqlite3.connect(f"{name}.db") as c:
            c.execute(f"CREATE TABLE {table} (id INTEGER, mobile TEXT)")
    return tmp_path


def run(*words):
    return CliRunner().invoke(app, [*words, "--lang", "en"])


def test_from_two_databases_to_a_scan_of_both_by_commands(folder):
    assert run("init", "crm.db", "--yes").exit_code == 0
    text = (folder / "chujing.yaml").read_text(encoding="utf-8")
    added = run("init", "hr.db", "--add")

    assert added.exit_code == 0 and "hr" in added.output
    for line in text.splitlines():
        assert line in (folder / "chujing.yaml").read_text(encoding="utf-8").splitlines()
    assert run("check").exit_code == 0
    scanned = run("scan")
    assert scanned.exit_code == 0, scanned.output
    assert [s.id for s in read(folder / "chujing.yaml").sources] == ["crm", "hr"]


@pytest.mark.parametrize(("words", "said"), [
    (("init", "crm.db", "--add"), 'already'),
    (("init", "hr.db", "--add", "--name", "crm"), "--name"),
    (("init", "no.db", "--add"), "no.db"),
    (("init", "hr.db"), "--add"),
    (("init", "hr.db", "--add", "-c", "other.yaml"), "without --add"),
])
def test_each_fault_is_one_line_and_nothing_is_written(folder, words, said):
    assert run("init", "crm.db", "--yes").exit_code == 0
    before = (folder / "chujing.yaml").read_bytes()
    result = run(*words)
    fault = f"{result.exception} {result.exception.where} {result.exception.hint}"

    assert isinstance(result.exception, ChujingError) and said in fault, fault
    assert (folder / "chujing.yaml").read_bytes() == before


def test_a_secret_in_the_url_is_never_written(folder):
    assert run("init", "crm.db", "--yes").exit_code == 0
    run("init", "postgresql://reader:hunter2@127.0.0.1:1/hr", "--add")

    assert "hunter2" not in (folder / "chujing.yaml").read_text(encoding="utf-8")


def test_a_path_is_written_as_it_is_read_from_the_folder_of_the_file(folder):
    (folder / "conf").mkdir()
    assert run("init", "crm.db", "--yes", "-c", "conf/chujing.yaml").exit_code == 0
    assert run("init", "hr.db", "--add", "-c", "conf/chujing.yaml").exit_code == 0

    urls = [s.url for s in read(folder / "conf" / "chujing.yaml").sources]
    for url, name in zip(urls, ("crm.db", "hr.db"), strict=True):
        assert Path(url.partition(":///")[2]).samefile(folder / name)
