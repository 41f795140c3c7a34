"""No raw value leaves: unique invented values go into every type, column and error path,
and none may be found in any artefact.
"""

import json
import logging
import os
import sqlite3
import subprocess
import sys
import zipfile

import fastavro
import places
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake
from openpyxl import Workbook
from pyiceberg.catalog.sql import SqlCatalog

import canary_places
import servers
from detectors.checksums import iso7064_mod11_2, luhn
from scanner import job
from scanner.config.model import Config
from scanner.config.sources import Source


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
    connection.execute(
        f"CREATE TABLE member ({', '.join(f'{k} {kind(v)}' for k, v in c.items())}, photo BLOB)"
    )
    connection.executemany(
        f"INSERT INTO member VALUES ({', '.join('?' * (len(c) + 1))})",  # noqa: S608
        [(*c.values(), c["text"].encode())] * 40,
    )
    connection.execute("CREATE VIEW v AS SELECT id, mobile FROM member")
    connection.commit()
    connection.close()
    rows = [{k: str(v) for k, v in c.items()} for _ in range(40)]
    (folder / "m.csv").write_text(
        "\n".join([",".join(columns[:9]), *(",".join(r[k] for k in columns[:9]) for r in rows)]),
        encoding="gb18030",
    )
    (folder / "m.jsonl").write_text(
        "\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8"
    )
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
    plant_formats(folder / "files", rows, columns)
    (folder / "chujing.yaml").write_text(
        """
version: 1
exporter: {id: a, entities: [a], facts: {ciio: no}}
sources:
  crm: {url: "sqlite:///crm.db"}
  files: {url: files}
flows:
  - {id: f, entity: a, recipient: {name: HQ}, purpose: crm,
     fields: [crm/member/name, crm/member/mobile, crm/member/illness],
     where: {crm/member: {number: {is_null: false, gt: 7}}}}
  - {id: g, entity: a, recipient: {name: HQ}, purpose: crm, view: crm/v}
""",
        encoding="utf-8",
    )
    for f in folder.glob("*"):
        if f.suffix in (".csv", ".jsonl", ".parquet", ".xlsx", ".gz"):
            f.rename(folder / "files" / f.name)


def plant_formats(folder, rows, columns):
    """The same rows in every other format, nested ones among them, and each cut off as well."""
    folder.mkdir()
    c = canaries()
    table = pa.table({k: [r[k] for r in rows] for k in columns})
    nested = pa.table(
        {
            "user": rows,
            "orders": [rows[:2]] * 40,
            "tags": [[c["mobile"], c["name"]]] * 40,
            "extra": pa.array([[(c["mail"], c["card"])]] * 40, pa.map_(pa.string(), pa.string())),
        }
    )
    orc.write_table(table, folder / "o.orc")
    feather.write_feather(table, folder / "f.feather")
    pq.write_table(nested, folder / "n.parquet")
    schema = {"type": "record", "name": "m", "fields": [{"name": k, "type": "string"} for k in columns]}
    with (folder / "a.avro").open("wb") as f:
        fastavro.writer(f, schema, rows)
    text = "\n".join([",".join(columns[:9]), *(",".join(r[k] for k in columns[:9]) for r in rows)])
    (folder / "u.tsv").write_bytes(text.replace(",", "\t").encode("utf-16"))
    (folder / "b.csv.zst").write_bytes(pa.compress(text.encode(), "zstd", asbytes=True))
    with zipfile.ZipFile(folder / "z.zip", "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("m.csv", text)
        z.writestr("m.json", json.dumps(rows))
        z.writestr("bad.jsonl", "{broken " + c["name"])
        z.writestr("worse.parquet", c["mobile"])
    write_deltalake(folder / "delta", nested)
    write_deltalake(folder / "parts", table, partition_by=["text"])
    catalogue = SqlCatalog("c", uri=f"sqlite:///{folder.parent}/catalog.db", warehouse=f"file://{folder}")
    catalogue.create_namespace("x")
    catalogue.create_table("x.ice", table.schema, location=f"file://{folder}/ice").append(table)
    for part in ("a", "b"):  # a folder named by a value, whose file is broken
        at = folder / "by_name" / f"name={c['name']}"
        at.mkdir(parents=True, exist_ok=True)
        pq.write_table(table.drop_columns("name"), at / f"part-{part}.parquet")
    (at / "part-b.parquet").write_bytes(c["mobile"].encode())
    for f in [*folder.glob("*.*")]:
        whole = f.read_bytes()
        (folder / f"cut_{f.name}").write_bytes(whole[: len(whole) * 3 // 4])
    (folder / "cut_x.xls").write_bytes(c["name"].encode())
    log = folder / "cut_delta" / "_delta_log"
    log.mkdir(parents=True)
    (log / "00000000000000000000.json").write_text("{" + c["mail"], encoding="utf-8")
    metadata = folder / "cut_ice" / "metadata"
    metadata.mkdir(parents=True)
    (metadata / "v1.metadata.json").write_text("{" + c["card"], encoding="utf-8")


def kind(value):
    return {int: "INTEGER", float: "REAL"}.get(type(value), "TEXT")


def found_in(folder, *texts):
    hits = []
    for f in folder.rglob("*"):
        if (
            f.is_file()
            and f.name not in ("chujing.yaml", "crm.db", "catalog.db")
            and folder / "files" not in f.parents
        ):
            body = f.read_bytes()
            hits += [
                (f.name, v)
                for v in VALUES
                for coding in ("utf-8", "gb18030", "utf-16-le")
                if v.encode(coding) in body
            ]
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
    "a detector fails": (
        "import detectors.columns.fusion as f\ndef bad(*a, **k): raise ValueError(str(a))\n"
        "f.value_findings = bad"
    ),
    "counting fails": (
        "from mappings.individuals import PersonCounter as c\ndef bad(s, p, b): raise RuntimeError(str(b))\n"
        "c.add = bad"
    ),
    "the report cannot be written": (
        "import reports.formats.html as h\ndef bad(report): raise KeyError(str(report))\nh.page = bad"
    ),
}


@pytest.mark.parametrize("breaks", BREAKS.values(), ids=BREAKS)
def test_no_value_in_any_artefact(tmp_path, breaks):
    plant(tmp_path)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            LOUD.format(breaks=breaks),
            "scan",
            "-c",
            "chujing.yaml",
            "-o",
            "report.json",
            "-o",
            "report.html",
        ],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(places.ROOT), "TMPDIR": str(temporary), "PYTHONUTF8": "1"},
    )
    explained = subprocess.run(
        [sys.executable, "-m", "scanner", "explain", "crm/member/mobile", "--report", "report.json"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(places.ROOT)},
    )
    texts = [
        b.decode("utf-8", "replace") for b in (done.stdout, done.stderr, explained.stdout, explained.stderr)
    ]

    assert found_in(tmp_path, *texts) == []
    assert "Traceback" not in texts[1]
    if not breaks:
        assert done.returncode == 3, texts[1]
        report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
        skipped = {s["id"].removeprefix("files/") for s in report["skipped"]}
        read = {t["id"].removeprefix("files/") for t in report["tables"] if t["status"] == "scanned"}
        assert {
            "cut",
            *(f"cut_{n}" for n in ("o", "f", "n", "a", "z", "x", "delta", "ice")),
            "z/bad",
            "z/worse",
            "by_name",
        } <= skipped
        assert {"m", "o", "f", "n", "a", "u", "b", "z/m", "delta", "parts", "ice", "by_name"} <= read
        assert (tmp_path / "report.html").exists()
        assert (tmp_path / ".chujing" / "state.db").exists()


@pytest.mark.server
@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_no_value_in_a_server_s_error(kind, request, caplog):
    server = request.getfixturevalue(kind)
    view = (
        "CREATE VIEW bad AS SELECT CAST(mobile AS DECIMAL(30)) / 0 AS x, CAST(CONCAT(mobile, "
        "'x') AS DECIMAL) AS y FROM member"
    )
    server.fill("CREATE TABLE member (mobile VARCHAR(40))", "INSERT INTO member VALUES ('13761537429')", view)
    if kind == "postgresql":
        server.fill("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    caplog.set_level(logging.DEBUG)

    report = job.scan(Config(sources=(Source("db", server.reader, password=server.password),)))

    assert {t.id.rsplit("/", 1)[1] for t in report.tables} == {"member", "bad"}
    assert "13761537429" not in str(report) + caplog.text
    assert servers.READER_PASSWORD not in str(report) + caplog.text
    if kind == "postgresql":
        assert len(report.skipped) == 1


def test_the_canaries_would_be_seen(tmp_path):
    (tmp_path / "leak.log").write_text("phone 13761537429", encoding="utf-8")

    assert found_in(tmp_path, "尉迟翎羽") == [("leak.log", "13761537429"), ("output", "尉迟翎羽")]


COMMANDS = (
    "scan -c chujing.yaml -o report.json -o report.html -o report.xlsx -o report.jsonl --log json", "plan",
    "scan --dry-run", "decide --explain", "push --to odcs -o contracts", "push --to atlas --dry-run",
    "push --to openlineage -o lineage.json", "review export -o todo.xlsx", "digest -o digest.html",
    "dossier write dossier", "explain odd/types/mobile", "scan --metrics m.prom --log text",
)


LOUD_COMMANDS = """
import logging, sys
logging.basicConfig(level=logging.DEBUG)
from scanner import cli
for command in sys.argv[1:]:
    sys.argv = ["chujing", *command.split()]
    try:
        cli.main()
    except SystemExit as e:
        print(f"exit {e.code or 0}", flush=True)
"""


def found_at(folder, texts):
    """(place, where it stands) of every number of `canary_places`, in files of ours and in output."""
    own = {"chujing.yaml", "odd.db", "broken.db", "words.csv"}
    every = (f for f in folder.rglob("*") if f.is_file() and f.name not in own)
    files = [f for f in every if folder / "files" not in f.parents]
    bodies = {str(f.relative_to(folder)): f.read_bytes() + str(f).encode() for f in files}
    for f in [*files]:
        if f.suffix == ".xlsx":
            with zipfile.ZipFile(f) as z:
                bodies |= {f"{f.name}/{name}": z.read(name) for name in z.namelist()}
    bodies |= {command: text.encode() for command, text in texts.items()}
    return sorted(
        (place, where) for place, value in canary_places.VALUES.items() for where, body in bodies.items()
        if any(value.encode(coding) in body for coding in ("utf-8", "gb18030", "utf-16-le"))
    )


@pytest.mark.system
def test_no_value_of_any_place_in_any_artefact_or_voice(tmp_path):
    canary_places.plant(tmp_path)
    assert len(canary_places.VALUES) >= 40
    done = subprocess.run(
        [sys.executable, "-c", LOUD_COMMANDS, *COMMANDS], cwd=tmp_path, capture_output=True, check=False,
        env={**os.environ, "PYTHONPATH": str(places.ROOT), "PYTHONUTF8": "1", **canary_places.VARIABLES})
    streams = {"stdout": done.stdout, "stderr": done.stderr}
    texts = {name: stream.decode("utf-8", "replace") for name, stream in streams.items()}
    lines = texts["stdout"].splitlines()
    ends = [int(line.removeprefix("exit ")) for line in lines if line.startswith("exit ")]
    assert len(ends) == len(COMMANDS) and 1 not in ends, texts
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    tables = {t["id"]: t["status"] for t in report["tables"]}

    assert found_at(tmp_path, texts) == []
    assert len(tables) > 35 and list(tables.values()).count("scanned") > 30
