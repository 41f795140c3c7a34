"""Names that steer a terminal, turn or hide text, or are no text: shown escaped, and no writer breaks."""

import json
import os
import re
import sqlite3
import sys
import zipfile

import pytest

from scanner.cli.app import main

pytestmark = pytest.mark.system

UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufffe\uffff]"
)
CONFIG = r"""version: 1
sources: {files: {url: files}, db: {url: "sqlite:///crm.db"}}
exporter: {id: hq, entities: [hq]}
flows:
  - {id: out, entity: hq, status: active, since: 2026-01-01, purpose: crm,
     fields: ["files/people/*", "files/m*/*"], recipient: {name: "X\e[31m\u202egnp\u200b", country: DE}}
"""
COMMANDS = (
    "scan -o r.json -o r.html -o r.xlsx -o r.jsonl --log json",
    "decide --explain",
    "plan -o p.csv -o p.json",
    "flows export f.xlsx",
    "flows",
    "review export -o rv.xlsx",
    "review export -o rv.yaml",
    "digest --since 7d -o g.html",
    "filing write papers",
    "dossier write dossier",
    "push --to openlineage --include suggested -o events.jsonl",
    "push --to datahub --include suggested -o datahub.jsonl",
    "runs",
    "explain out",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("strange")
    (folder / "files").mkdir()
    rows = "".join(f"137{i:08d},x\n" for i in range(30))
    (folder / "files" / os.fsdecode(b"m\xff.csv")).write_text("mobile,b\n" + rows)
    (folder / "files" / "esc\x1b[31m\u202egnp.csv").write_text(
        "mobile\x07,tel\u202e\x1b[2J\u200b\n" + rows, encoding="utf-8"
    )
    people = [
        {"phone\ud800": f"137{i:08d}", "a\x00b": 1, "\u2028=x()": f"u{i}@example.com"} for i in range(30)
    ]
    (folder / "files" / "people.jsonl").write_text("\n".join(map(json.dumps, people)))
    with sqlite3.connect(folder / "crm.db") as c:
        c.execute('CREATE TABLE "t\u202e\x1b[0m\x01" ("phone\x0b\x1b]0;x\x07" TEXT, "a\u2067b" TEXT)')
        c.executemany(
            'INSERT INTO "t\u202e\x1b[0m\x01" VALUES (?, ?)', [(f"137{i:08d}", "x") for i in range(30)]
        )
    (folder / "chujing.yaml").write_text(CONFIG, encoding="utf-8")
    return folder


def texts(path):
    """What a file holds as text, by its part of an archive."""
    if path.suffix in (".xlsx", ".docx"):
        with zipfile.ZipFile(path) as archive:
            return {n: archive.read(n).decode() for n in archive.namelist() if n.endswith(".xml")}
    return {"": path.read_bytes().decode()}


def test_no_name_steers_hides_or_breaks(folder, monkeypatch, capfdbinary):
    monkeypatch.setenv("CHUJING_KEY", "0" * 64)
    monkeypatch.chdir(folder)
    for words in COMMANDS:
        monkeypatch.setattr(sys, "argv", ["chujing", *words.split()])
        with pytest.raises(SystemExit) as e:
            main()
        printed = b"".join(capfdbinary.readouterr()).decode()
        assert e.value.code in (0, 3) and not UNSEEN.search(printed), (words, e.value.code, printed[-400:])
    written = [
        p for p in folder.rglob("*") if p.is_file() and not {"files", ".chujing", "crm.db"} & set(p.parts)
    ]
    raw = {
        (path.name, part): ascii(text[m.start() - 20 : m.end() + 20])
        for path in written
        if path.name not in ("chujing.yaml", "crm.db")
        for part, text in texts(path).items()
        if (m := UNSEEN.search(text))
    }

    assert raw == {} and len(written) > 20
    report = json.loads((folder / "r.json").read_text(encoding="utf-8"))
    names = {c["name"] for t in report["tables"] for c in t["columns"]}
    assert {"mobile\x07", "phone\\ud800", "phone\x0b\x1b]0;x\x07", "\u2028=x()"} <= names
    assert not report["skipped"] and "files/m\\xff" in {t["id"] for t in report["tables"]}
