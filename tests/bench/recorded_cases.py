"""What record_outputs.py runs: chains of commands by group, from recorded_cases.yaml.

Nobody in the data exists.
"""

import shlex
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "fakes"))

BLIND = ("his", "newbee", "roncoo_pay", "sakila")
FORMATS = "-o out.json -o out.html -o out.xlsx -o out.jsonl"


@dataclass(frozen=True)
class Chain:
    """Commands that are run one after the other in one folder.

    base: made (a copy of the company's folder) or empty.
    files: name -> content, or a function that writes it.
    servers: name, as it stands in a command in braces -> what starts it.
    blind: only hashes of what it says are kept.
    """

    name: str
    commands: Sequence[Sequence[str]]
    base: str = "empty"
    files: Mapping[str, Any] = field(default_factory=dict)
    servers: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    languages: Sequence[str] = ("en", "zh")
    blind: bool = False
    begin: datetime = datetime(2026, 11, 1, 1, 0, 0)


@cache
def cases():
    """The tables of recorded_cases.yaml."""
    return yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))


def commands(text, kind=""):
    """Commands, one a line."""
    return [shlex.split(x) for x in text.replace("FORMATS", FORMATS).replace("KIND", kind).splitlines()]


# ---- files ----

FILES = cases()["files"]
PHONES = [f"1370000{i:04d}" for i in range(60)]
MEMBER = "id,name,mobile,email,remark\n" + "".join(
    f"{i},林小{'梅兰竹菊'[i % 4]},{p},u{i}@example.com,尽快联系\n" for i, p in enumerate(PHONES)
)


def database(path, *statements):
    connection = sqlite3.connect(path)
    for s in statements:
        connection.execute(s)
    connection.commit()
    connection.close()


def parquet(path, rows=60):
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"mobile": (PHONES * 100)[:rows]}), path)


def cut_parquet(path):
    parquet(path, 6_000)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def workbook(path, sheets):
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)


def book(**sheets):
    return partial(workbook, sheets=sheets)


# ---- servers on loopback ----


@contextmanager
def datahub():
    import catalog_server

    server = catalog_server.Catalog()
    server.dataset(
        "urn:li:dataset:(urn:li:dataPlatform:postgres,crm.public.member,PROD)",
        "id",
        "name",
        "mobile",
        "email",
        "health_note",
        "city",
    )
    with catalog_server.serving(server) as url:
        yield url, server


@contextmanager
def atlas():
    import atlas_server
    import catalog_server

    server = atlas_server.AtlasServer()
    server.table(
        "rdbms_table", "crm.public.member@main", "id", "name", "mobile", "email", "health_note", "city"
    )
    with catalog_server.serving(server) as url:
        yield url, server


@contextmanager
def openmetadata():
    import catalog_server
    import openmetadata_server

    server = openmetadata_server.OpenMetadata()
    server.table("pg.crm.public.member", "id", "name", "mobile", "email", "health_note", "city")
    with catalog_server.serving(server) as url:
        yield url, server


TOKENS = {f"CHUJING_{n}_TOKEN": "s3cret" for n in ("DATAHUB", "OPENMETADATA", "ATLAS")}


# ---- the folder an earlier version leaves ----


def made_by():
    """The chain that makes it. A line `= FILE` changes a file by hand."""
    files = {
        "owners.csv": FILES["owners"],
        "detectors.yaml": FILES["detectors"],
        "filed.xlsx": book(数据项=FILES["filed"]),
        "dags/etl.py": FILES["dag"],
        "classes.xlsx": book(分类=FILES["taxonomy"]),
    }
    return Chain("company", commands(cases()["make"]), files=files, environment=TOKENS)


def by_hand(path):
    """Change a file of the folder as people do."""
    text = path.read_text(encoding="utf-8")
    changed = (
        text.replace("会员等级", "会员护照号码")
        if path.suffix == ".csv"
        else text + FILES["flows"] + FILES["added"]
    )
    path.write_text(changed, encoding="utf-8")


# ---- groups ----


def made(name, lines, **more):
    return Chain(name, lines, base="made", **more)


def small(name, *lines, files=None, **more):
    return Chain(
        name, lines, files={"member.csv": MEMBER, "chujing.yaml": FILES["small"]} | (files or {}), **more
    )


def demo():
    return [
        Chain("demo", [["demo", "company"], ["demo", "company", "--seed", "11"]]),
        Chain("other", [["demo"]], files={"demo-output/chujing.yaml": FILES["small"]}),
    ]


def company():
    """The folder of an earlier version, by every command that reads it."""
    gold = (
        "system,table,column,pi,pi_type,pi_type_alt,tier,sensitive,important,has_values,note\n"
        "crm,member,mobile,pi,phone_mobile,,gold,no,none,yes,\ncrm,member,city,none,none,,gold,no,none,yes,\n"
        "crm,product,name,none,none,,hard,no,none,yes,\n"
    )
    return [
        made(n, commands(t), files={"gold.csv": gold} if n == "old_report" else {})
        for n, t in cases()["company"].items()
    ]


def catalogs():
    """Payloads as files, and requests to catalogs on loopback."""
    kinds, servers = (
        ("datahub", "openmetadata", "atlas", "openlineage", "odcs"),
        (datahub, openmetadata, atlas),
    )
    texts = cases()["catalogs"]
    return [
        *(made(f"files_{k}", commands(texts["files"], k), environment=TOKENS) for k in kinds),
        *(
            made(f"server_{k}", commands(texts["server"], k), servers={"catalog": start}, environment=TOKENS)
            for k, start in zip(kinds, servers, strict=False)
        ),
    ]


def sources():
    """Files and databases of every kind that needs no server."""
    staff = [
        ["员工名单"],
        ["工号", "姓名", "手机号"],
        *([f"E{i:03}", "林小梅", p] for i, p in enumerate(PHONES)),
    ]
    tables = (
        "CREATE TABLE member (id INTEGER PRIMARY KEY, name TEXT, mobile TEXT)",
        *(f"INSERT INTO member VALUES ({i}, '林小梅', '{p}')" for i, p in enumerate(PHONES)),
        "CREATE VIEW v AS SELECT mobile AS tel FROM member",
    )
    files = {
        "a.csv": MEMBER,
        "b.xlsx": book(名单=staff),
        "c.parquet": parquet,
        "d.db": partial(database, statements=tables),
        "e.json": '[{"mobile": "13700000001", "who": {"name": "林小梅"}}]',
        "f.jsonl": '{"mobile": "13700000001"}\n' * 20,
        "g.tsv": MEMBER.replace(",", "\t"),
        "h.csv": MEMBER.encode("gb18030"),
        "p|q.csv": "remark\n1\n",
        "detectors.yaml": FILES["detectors"],
        "lines/events.ndjson": FILES["events"],
        "presidio.yaml": FILES["presidio"],
        "classes.xlsx": book(分类=FILES["taxonomy"]),
        "member.csv": MEMBER,
        "facts.yaml": "exporter: {id: a, facts: {ciio: unknown, important_data: none, sector: automotive}}\n"
        "flows:\n  - {id: f, individuals: 150000, sensitive_individuals: 9000}\n",
    }
    plain = {k: v for k, v in files.items() if "|" not in k}  # what such a name shows has changed
    return [
        Chain(n, commands(t), files=plain if n == "one_by_one" else files)
        for n, t in cases()["sources"].items()
    ]


def edited(name, change):
    """Files of a case in which chujing.yaml is at fault.

    change: [words there, words in their place], or a mapping of whole files, perhaps with such a pair under
    `edit` or a further line of chujing.yaml under `line`.
    """
    files = dict(change) if isinstance(change, Mapping) else {"edit": change}
    files = {k: FILES["events"] if v == "EVENTS" else v for k, v in files.items()}
    there, instead = files.pop("edit", ("", ""))
    if "line" in files:
        there, instead = "version: 1", f"version: 1\n{files.pop('line')}"
    if not there:
        return files
    text = FILES["small"].replace(
        "fields: [crm/member/name, crm/member/mobile]" if there == "FIELDS" else there, instead
    )
    assert text != FILES["small"], name
    return {"chujing.yaml": text} | files


def configs():
    """Name of a case -> its files."""
    other = {
        "binary": {"chujing.yaml": b"\xff\xfe\x00\x01"},
        "gb18030": {"chujing.yaml": FILES["small"].replace("HQ", "总部").encode("gb18030")},
        "flow_twice": {"chujing.yaml": FILES["small"] + FILES["small"].splitlines(True)[-1]},
        "dictionary_xlsx": {
            "chujing.yaml": FILES["small"].replace("url: member.csv", "url: member.csv, dictionary: d.xlsx"),
            "d.xlsx": b"PK\x03\x04 no",
        },
    }
    added = {n: edited(n, x if isinstance(x, Mapping) else {"line": x}) for n, x in cases()["added"].items()}
    return added | {n: edited(n, x) for n, x in cases()["edited"].items()} | other


TABLES = {  # damaged tables, and strange ones
    "empty.csv": "",
    "heads.csv": "name,mobile\n",
    "ragged.csv": "a,b\n1,2,3\n4\n",
    "quote.csv": 'a,b\n"x,1\n',
    "nul.csv": b"a,b\n\x00\x00,1\n",
    "latin.csv": "name;strasse\nJörg;Straße\n".encode("latin-1"),
    "same.csv": "a,a,b\n1,2,3\n",
    "bytes.csv": b"\xff\xfe\x00\xd8" * 40,
    "one.csv": "x" * 3_000,
    "cut.parquet": cut_parquet,
    "text.parquet": "no parquet",
    "text.xlsx": "no workbook",
    "zip.xlsx": b"PK\x03\x04 no",
    "empty.xlsx": book(空=[]),
    "title.xlsx": book(表=[["只有标题"]]),
    "text.db": "no database",
    "broken.json": "{",
    "number.json": "3",
    "mixed.jsonl": '{"a": 1}\n[2]\nx\n',
    "text.avro": "no avro",
    "text.orc": "no orc",
    "text.zip": "no zip",
    "text.gz": "no gzip",
    "text.xls": "no workbook",
    "note.docx": "x",
    "empty.json": "",
}
REGISTER = ["场景编号*", "数据处理者*", "境外接收方*", "国家或地区*", "目的*", "方式*", "字段"]
TITLE = ["出境场景登记表"]
SHEETS = {  # damaged sheets of people: (command, rows)
    "flows_empty": ("flows import s.xlsx", []),
    "flows_heads": ("flows import s.xlsx", [TITLE, REGISTER[:2], ["a b", "x"]]),
    "flows_cells": (
        "flows import s.xlsx",
        [
            TITLE,
            REGISTER,
            ["a b", "x", "HQ", "Germany", "unknown", "plane", "crm/none/x"],
            ["crm-hq", "acme-cn", "", "DE", "crm", "transfer", ""],
        ],
    ),
    "reviews": ("review import s.xlsx", [["a", "b"], [1, 2]]),
    "taxonomy": ("taxonomy import s.xlsx", [["一级", "二级"], ["a", "b"]]),
    "taxonomy_cells": (
        "taxonomy import s.xlsx",
        [["一级", "二级", "三级", "分级"], ["a", "", "c", "级"], ["", "", "", "9级"]],
    ),
    "zones": ("zones import s.xlsx", [["a"], [1]]),
    "filed": ("baseline import s.xlsx --flow crm-hq --by 王敏", [["序号", "名称"], [1, "姓名"]]),
    "filed_empty": ("baseline import s.xlsx --flow crm-hq --by 王敏", [["序号", "数据项名称"], [1, None]]),
    "fields": (
        "fields import crm-hq s.xlsx --by 王敏",
        [["field", "basis"], ["crm/member/none", "x"], ["crm/member/name", ""]],
    ),
}


def broken():
    """Damaged files of every kind, and options that do not fit."""
    first, again = ["scan", "-q"], ["scan", "-o", "out.json"]
    return [
        *(small(f"config_{n}", ["check"], again, files=f) for n, f in configs().items()),
        *(Chain(f"table_{n}", [["scan", n, "-o", "out.json"]], files={n: f}) for n, f in TABLES.items()),
        Chain(
            "table_all",
            [["scan", ".", "-o", "out.json", "-o", "out.html"]],
            files=TABLES | {"member.csv": MEMBER},
        ),
        Chain("table_text_sqlite", [["scan", "sqlite:///text.db"]], files={"text.db": "no database " * 100}),
        *(
            small(f"answers_{n}", first, ["facts"], ["decide"], files={"chujing-answers.yaml": t})
            for n, t in cases()["answers"].items()
        ),
        *(
            small(
                f"reviews_{n}",
                [*first, *again[1:]],
                ["review", "status"],
                ["review", "import", "reviews.yaml"],
                files={"reviews.yaml": t},
            )
            for n, t in cases()["reviews"].items()
        ),
        *(
            small(
                f"detectors_{n}",
                ["detectors", "test", "d.yaml"],
                ["scan", "member.csv", "--detectors", "d.yaml"],
                files={"d.yaml": t},
            )
            for n, t in cases()["detectors"].items()
        ),
        *(
            small(f"sheet_{n}", first, *commands(line), files={"s.xlsx": book(出境场景登记表=rows)})
            for n, (line, rows) in SHEETS.items()
        ),
        small(
            "filed_entries", first, ["baseline", "show"], files={"chujing-filed.yaml": "- {id: a, kind: x}\n"}
        ),
        small("state", first, ["runs"], files={".chujing/state.db": "no database " * 100}),
        small("options", *commands(cases()["options"])),
        small("options_after", ["scan", "-q", "-o", "report.json"], *commands(cases()["options"])),
    ]


def corpus_systems(corpus):
    """Every system of a corpus, with its values and by names and comments alone."""
    chains = []
    for path in sorted(corpus.glob("*.schema.json")) if corpus else ():
        name = path.name.removesuffix(".schema.json")
        files = {
            f"{name}.sqlite": (corpus / f"{name}.sqlite").read_bytes(),
            path.name: path.read_text(encoding="utf-8"),
        }
        scan = f"scan sqlite:///{name}.sqlite --dictionary {path.name}"
        chains.append(Chain(name, commands(f"{scan} FORMATS"), files=files, blind=name in BLIND))
        chains.append(
            Chain(
                f"{name}_names",
                commands(f"{scan} --metadata-only -o out.json"),
                files=files,
                blind=name in BLIND,
                languages=("en",),
            )
        )
    return chains


def groups(corpus):
    """Return the chains by group."""
    return {
        "demo": demo(),
        "company": company(),
        "catalogs": catalogs(),
        "sources": sources(),
        "corpus": corpus_systems(corpus),
        "broken": broken(),
    }
