"""Places where a value of somebody's may stand, each planted with a number of its own."""

import csv
import io
import json
import sqlite3
import zipfile

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook

CONFIG = """
version: 1
exporter: {id: a, entities: [a], facts: {ciio: no}}
sources:
  odd: {url: "sqlite:///odd.db", dictionary: words.csv}
  files: {url: files}
  broken: {url: "sqlite:///broken.db"}
  gone: {url: "postgresql://reader:SECRET0@127.0.0.1:1/hr?sslpassword=SECRET1#SECRET2", timeout: 2}
  bucket: {url: "https://SECRET3@127.0.0.1:1/a.csv?sig=SECRET4", timeout: 2, secrets: {token: {env: OPTION}}}
  lister: {url: files, metastore: "thrift://u:SECRET5@127.0.0.1:1", metastore_password: {env: METASTORE}}
flows:
  - {id: f, entity: a, recipient: {name: HQ}, purpose: crm, fields: [odd/types/mobile]}
  - {id: g, entity: a, recipient: {name: HQ}, purpose: crm, view: odd/v_literal}
catalogs: {atlas: {url: "http://127.0.0.1:1", token: {env: TOKEN}}}
notify: {webhook: {env: WEBHOOK}}
"""
TABLES = {  # place: statements for SQLite; ? is the number
    "a default": ["CREATE TABLE defaults (a TEXT DEFAULT '?')", "INSERT INTO defaults DEFAULT VALUES"],
    "a check": ["CREATE TABLE checks (a TEXT CHECK (a <> '?'))"],
    "a generated column": [
        "CREATE TABLE generated (a TEXT, b TEXT AS (a || '?'))",
        "INSERT INTO generated (a) VALUES ('x')",
    ],
    "an index": ["CREATE TABLE indexed (a TEXT)", "CREATE INDEX i ON indexed (a) WHERE a = '?'"],
    "a literal of a view": ["CREATE VIEW v_literal AS SELECT '?' AS mobile"],
    "a condition of a view": ["CREATE VIEW v_where AS SELECT 1 AS one WHERE 'a' <> '?'"],
    "a view that fails": ["CREATE VIEW v_fails AS SELECT abs(-9223372036854775808) AS a, '?' AS b"],
    "a view nobody can expand": ["CREATE VIEW v_gone AS SELECT no_such_function('?') AS a"],
    "a trigger": [
        "CREATE TABLE fired (a TEXT)",
        "CREATE TRIGGER t AFTER INSERT ON fired BEGIN SELECT '?'; END",
    ],
    "text in a date": ["CREATE TABLE dates (a DATE)", "INSERT INTO dates VALUES ('?')"],
    "text in a time": ["CREATE TABLE times (a DATETIME)", "INSERT INTO times VALUES ('?')"],
    "text in a number": [
        "CREATE TABLE numbers (a DECIMAL(9, 2), b INTEGER)",
        "INSERT INTO numbers VALUES ('x?', 'y?')",
    ],
    "text in a boolean": ["CREATE TABLE booleans (a BOOLEAN)", "INSERT INTO booleans VALUES ('?')"],
    "bytes in a text": ["CREATE TABLE bytes (a TEXT)", "INSERT INTO bytes VALUES (CAST('?' AS BLOB))"],
    "text that is no UTF-8": [
        "CREATE TABLE wrong (a TEXT)",
        "INSERT INTO wrong VALUES (CAST(CAST('?' AS BLOB) || x'ff' AS TEXT))",
    ],
    "a plain cell": ["CREATE TABLE types (mobile TEXT)", "INSERT INTO types VALUES ('?')"],
    "a constant column": ["CREATE TABLE constant (mobile TEXT)", *["INSERT INTO constant VALUES ('?')"] * 9],
}


def sheet(*rows, title="t", number_format=""):
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    for row in book.active.iter_rows(min_row=2):
        for cell in row:
            cell.number_format = number_format or cell.number_format
    other = book.create_sheet("other")
    other.append(["a", "b"])
    other.append(["x", "y"])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def zipped(name, content):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as z:
        z.writestr(name, content)
    return data.getvalue()


def parquet(value, **metadata):
    data = io.BytesIO()
    field = pa.field(
        "a", pa.string(), metadata={"comment": value, "doc": value} if metadata.get("of_field") else None
    )
    table = pa.table([pa.array(["x", value])], pa.schema([field], metadata={"comment": value, "k": value}))
    pq.write_table(table, data)
    return data.getvalue()


def avro(value):
    data = io.BytesIO()
    field = {"name": "a", "type": "string", "doc": value}
    fastavro.writer(data, {"type": "record", "name": "m", "doc": value, "fields": [field]}, [{"a": value}])
    return data.getvalue()


CSV = "name,mobile\nx,{}\ny,1\n"
FILES = {  # place: (path below files, content), both of the number
    "a sheet's name": lambda v: ("a.xlsx", sheet(["p", "q"], ["1", "2"], title=f"张三{v}")),
    "a phone formatted as a date": lambda v: (
        "b.xlsx",
        sheet(["p", "q"], [int(v), int(v)], number_format="yyyy-mm-dd"),
    ),
    "a formula": lambda v: ("c.xlsx", sheet(["p", "q"], [f'="{v}"', 1])),
    "a file's name": lambda v: (f"李娜{v}.csv", CSV.format(1)),
    "a broken file's name": lambda v: (f"x_{v}.parquet", b"PAR1"),
    "a folder's name": lambda v: (f"{v}/d.csv", CSV.format(2)),
    "a partition": lambda v: (f"parts/who={v}/p.csv", CSV.format(3)),
    "an archive's name": lambda v: (f"e_{v}.zip", zipped("e.csv", CSV.format(4))),
    "a member's name": lambda v: ("f.zip", zipped(f"{v}.csv", CSV.format(5))),
    "a broken member": lambda v: ("g.zip", zipped("g.parquet", v)),
    "a quote that is not closed": lambda v: ("h.csv", f'a,b\n"{v},1\n2,3\n'),
    "too many fields": lambda v: ("i.csv", f"a,b\n1,2\n{v},{v},{v},{v}\n"),
    "zeros in a text": lambda v: ("j.csv", f"a,b\n{v}\x00{v},1\n"),
    "two encodings": lambda v: ("k.csv", b"a,b\n\xff\xfe\xfa" + v.encode() + b",1\n"),
    "a number too large": lambda v: ("l.jsonl", f'{{"a": {v}{"0" * 400}}}\n{{"a": "x"}}\n'),
    "broken JSON": lambda v: ("m.jsonl", f'{{"a": "{v}"'),
    "types that differ": lambda v: ("n.jsonl", f'{{"a": 1}}\n{{"a": {{"b": "{v}"}}}}\n{{"a": ["{v}"]}}\n'),
    "a key of JSON": lambda v: ("x.jsonl", f'{{"a": 1, "{v}": 2, "b": {{"{v}": {{"c": 3}}}}}}\n'),
    "JSON that is a list": lambda v: ("o.json", json.dumps([[v], {"a": v}])),
    "metadata of Parquet": lambda v: ("p.parquet", parquet(v)),
    "a comment of Parquet": lambda v: ("q.parquet", parquet(v, of_field=True)),
    "a comment of Avro": lambda v: ("r.avro", avro(v)),
    "a cut file": lambda v: ("s.avro", avro(v)[:-9]),
    "a workbook that is none": lambda v: ("t.xlsx", v.encode()),
    "an old workbook that is none": lambda v: (
        "u.xls",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + v.encode() * 200,
    ),
    "a log of Delta": lambda v: ("v/_delta_log/00000000000000000000.json", f'{{"metaData": "{v}"}}'),
    "metadata of Iceberg": lambda v: ("w/metadata/v1.metadata.json", f'{{"x": "{v}"}}'),
}
ELSEWHERE = ("a comment in a dictionary", "a table's comment in a dictionary", "a broken database")
NAMES = (*TABLES, *FILES, *ELSEWHERE)
NUMBERS = {name: f"1376154{i:04d}" for i, name in enumerate(NAMES)}
SECRETS = {f"SECRET{i}": f"geheimKanarie{i}x" for i in range(6)}
VARIABLES = {name: f"geheim{name.lower()}Q7" for name in ("OPTION", "METASTORE", "TOKEN")}
VARIABLES["WEBHOOK"] = "http://127.0.0.1:1/hook/geheimwebhookQ7"
VALUES = {**NUMBERS, **SECRETS, **{f"variable {k}": v.rpartition("/")[2] for k, v in VARIABLES.items()}}


def plant(folder):
    """Make a folder with chujing.yaml in which every place holds its number."""
    connection = sqlite3.connect(folder / "odd.db")
    for place, statements in TABLES.items():
        for statement in statements:
            connection.execute(statement.replace("?", NUMBERS[place]))
    connection.commit()
    connection.close()
    for place, make in FILES.items():
        path, content = make(NUMBERS[place])
        file = folder / "files" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with (folder / "words.csv").open("w", newline="", encoding="utf-8") as f:
        column, table, broken = (NUMBERS[place] for place in ELSEWHERE)
        csv.writer(f).writerows(
            [
                ["table", "column", "comment", "table_comment"],
                ["types", "mobile", f"例：张三 {column}", f"例 {table}"],
            ]
        )
    (folder / "broken.db").write_bytes(b"SQLite format 3\x00" + broken.encode() * 400)
    config = CONFIG
    for name, value in SECRETS.items():
        config = config.replace(name, value)
    (folder / "chujing.yaml").write_text(config, encoding="utf-8")
