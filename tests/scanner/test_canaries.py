"""No raw value leaves: unique invented values go into every type, column and error path, and none may be found in any artefact."""

import json
import logging
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

import servers
from detectors.checksums import iso7064_mod11_2, luhn
from scanner import pipeline
from scanner.config import Config, Source


def canaries():
    body = "31011519770707613"
    return {
        "id": body + iso7064_mod11_2(body),
        "mobile": "13761537429",
        "mail": "kanarie.zxqv@geheim-kooi.cn",
        "card": next(f"622588917364520{d}" for d in range(10) if luhn(f"622588917364520{d}")),
        "name": "尉迟翎羽",
        "address": "玄鸟省丹穴市梧桐区非竹路七百一十三号",
        "illness": "孔雀石色素症候群",
        "secret": "hunter2-kanarie-9f8e7d",
        "number": 7361529480,
        "real": 73615.29481,
        "text": "凤鸣朝阳不可外泄",
        "ip": "100.99.213.77",
        "json": '{"inner": {"phone": "13761537430"}}',
    }


VALUES = {*map(str, canaries().values()), "13761537430"}


def plant(folder):
    c = canaries()
    connection = sqlite3.connect(folder / "crm.db")
    columns = list(c)
    connection.execute(f"CREATE TABLE member ({', '.join(f'{k} {kind(v)}' for k, v in c.items())}, photo BLOB)")
    connection.executemany(f"INSERT INTO member VALUES ({', '.join('?' * (len(c) + 1))})", [(*c.values(), c["text"].encode())] * 40)  # noqa: S608
    connection.execute("CREATE VIEW v AS SELECT id, mobile FROM member")
    connection.commit()
    connection.close()
    rows = [{k: str(v) for k, v in c.items()} for _ in range(40)]
    (folder / "m.csv").write_text(
        "\n".join([",".join(columns[:9]), *(",".join(r[k] for k in columns[:9]) for r in rows)]), encoding="gb18030"
    )
    (folder / "m.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    pq.write_table(pa.table({k: [r[k] for r in rows] for k in columns}), folder / "m.parquet")
    book = Workbook()
    book.active.append(columns)
    for r in rows:
        book.active.append(list(r.values()))
    book.save(folder / "m.xlsx")
    whole = (folder / "m.parquet").read_bytes()
    (folder / "cut.parquet").write_bytes(whole[: len(whole) - 40])
    (folder / "cut.jsonl").write_text('{"mobile": "13761537429"\n{broken "尉迟翎羽"', encoding="utf-8")
    (folder / "cut.csv.gz").write_bytes(b"\x1f\x8b" + c["mail"].encode())
    (folder / "chujing.yaml").write_text("""
version: 1
exporter: {id: a, entities: [a], facts: {ciio: no}}
sources:
  crm: {url: "sqlite:///crm.db"}
  files: {url: files}
flows:
  - {id: f, entity: a, recipient: {name: HQ}, purpose: crm, fields: [crm/member/name, crm/member/mobile, crm/member/illness],
     where: {crm/member: {number: {is_null: false, gt: 7}}}}
  - {id: g, entity: a, recipient: {name: HQ}, purpose: crm, view: crm/v}
""", encoding="utf-8")
    (folder / "files").mkdir()
    for f in folder.glob("*"):
        if f.suffix in (".csv", ".jsonl", ".parquet", ".xlsx", ".gz"):
            f.rename(folder / "files" / f.name)


def kind(value):
    return {int: "INTEGER", float: "REAL"}.get(type(value), "TEXT")


def found_in(folder, *texts):
    hits = []
    for f in folder.rglob("*"):
        if (
            f.is_file()
            and f.name != "chujing.yaml"
            and f.suffix not in (".csv", ".jsonl", ".parquet", ".xlsx", ".gz")
            and f.name != "crm.db"
        ):
            body = f.read_bytes()
            hits += [(f.name, v) for v in VALUES for coding in ("utf-8", "gb18030", "utf-16-le") if v.encode(coding) in body]
    hits += [("output", v) for v in VALUES for text in texts if v in text]
    return sorted(set(hits))


LOUD = """
import logging, sys
logging.basicConfig(level=logging.DEBUG)
logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)
from scanner import cli
{breaks}
sys.argv = ["chujing", *sys.argv[1:]]
cli.main()
"""
BREAKS = {
    "nothing is broken": "",
    "a detector fails": "import detectors.fusion as f\ndef bad(*a, **k): raise ValueError(str(a))\nf.value_findings = bad",
    "counting fails": "from mappings.individuals import PersonCounter as c\ndef bad(s, p, b): raise RuntimeError(str(b))\nc.add = bad",
    "the report cannot be written": "import reports.formats.html as h\ndef bad(report): raise KeyError(str(report))\nh.page = bad",
}


@pytest.mark.parametrize("breaks", BREAKS.values(), ids=BREAKS)
def test_no_value_in_any_artefact(tmp_path, breaks):
    plant(tmp_path)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", LOUD.format(breaks=breaks), "scan", "-c", "chujing.yaml", "-o", "report.json", "-o", "report.html"],
        cwd=tmp_path, capture_output=True, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "TMPDIR": str(temporary), "PYTHONUTF8": "1"})
    explained = subprocess.run(
        [sys.executable, "-m", "scanner.cli", "explain", "crm/member/mobile", "--report", "report.json"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    texts = [b.decode("utf-8", "replace") for b in (done.stdout, done.stderr, explained.stdout, explained.stderr)]

    assert found_in(tmp_path, *texts) == []
    assert "Traceback" not in texts[1]
    if not breaks:
        assert done.returncode == 3, texts[1]            # the three cut files
        assert (tmp_path / "report.html").exists()
        assert (tmp_path / ".chujing" / "state.db").exists()


@pytest.mark.server
@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_no_value_in_a_server_s_error(kind, request, caplog):
    server = request.getfixturevalue(kind)
    view = "CREATE VIEW bad AS SELECT CAST(mobile AS DECIMAL(30)) / 0 AS x, CAST(CONCAT(mobile, 'x') AS DECIMAL) AS y FROM member"
    server.fill("CREATE TABLE member (mobile VARCHAR(40))", "INSERT INTO member VALUES ('13761537429')", view)
    if kind == "postgresql":
        server.fill("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    caplog.set_level(logging.DEBUG)

    report = pipeline.scan(Config(sources=(Source("db", server.reader, password=server.password),)))

    assert {t.id.rsplit("/", 1)[1] for t in report.tables} == {"member", "bad"}
    assert "13761537429" not in str(report) + caplog.text
    assert servers.READER_PASSWORD not in str(report) + caplog.text
    if kind == "postgresql":
        assert len(report.skipped) == 1


def test_the_canaries_would_be_seen(tmp_path):
    (tmp_path / "leak.log").write_text("phone 13761537429", encoding="utf-8")

    assert found_in(tmp_path, "尉迟翎羽") == [("leak.log", "13761537429"), ("output", "尉迟翎羽")]
