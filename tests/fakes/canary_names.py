"""Places from which names of tables and columns are taken, with somebody's value in each."""

import io
import json
import zipfile

import fastavro
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.orc as orc
import pyarrow.parquet as pq
from openpyxl import Workbook

ROWS = [["陈一", "上海", "1"], ["王二", "杭州", "2"], ["赵三", "北京", "3"]]
HEADINGS = ["姓名", "城市", "等级"]


def lines(rows, sign=","):
    return "".join(sign.join(row) + "\n" for row in rows)


def people(v):
    """Rows with a value in the first one, and values like it below."""
    below = [[name, v[:-2] + f"{i:02}", city] for i, (name, city, _) in enumerate(ROWS, 40)]
    return [["林零", v, "上海"], *below]


def book(*sheets):
    """A workbook of (title, rows)."""
    made = Workbook()
    made.remove(made.active)
    for title, rows in sheets:
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    data = io.BytesIO()
    made.save(data)
    return data.getvalue()


def merged(v):
    made = Workbook()
    for row in ([f"客户 {v}", "", ""], HEADINGS, *ROWS):
        made.active.append(row)
    made.active.merge_cells("A1:C1")
    data = io.BytesIO()
    made.save(data)
    return data.getvalue()


def archive(*members):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as z:
        for name, content in members:
            z.writestr(name, content)
    return data.getvalue()


def arrow(write, names):
    data = io.BytesIO()
    write(pa.table([pa.array(["x", "y"])] * len(names), names=names), data)
    return data.getvalue()


def struct(v):
    data = io.BytesIO()
    pq.write_table(pa.table({"a": [{v: "x", "b": "y"}]}), data)
    return data.getvalue()


def map_keys(v):
    data = io.BytesIO()
    pq.write_table(pa.table({"a": pa.array([[(v, "x")]], pa.map_(pa.string(), pa.string()))}), data)
    return data.getvalue()


def avro_map(v):
    data = io.BytesIO()
    fields = [{"name": "a", "type": {"type": "map", "values": "string"}}]
    fastavro.writer(data, {"type": "record", "name": "m", "fields": fields}, [{"a": {v: "x"}}])
    return data.getvalue()




def records(*made):
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in made)


PLACES = {  # place: (name of the file, content), both of the value
    "a first row without headings": lambda v: ("t.csv", lines(people(v))),
    "a first row between bars": lambda v: ("t.txt", lines(people(v), "|")),
    "a first row between several signs": lambda v: ("t.csv", lines(people(v), "@|@")),
    "a first row between full-width signs": lambda v: ("t.csv", lines(people(v), "；")),
    "a first row aligned by spaces": lambda v: ("t.txt", lines(people(v), "   ")),
    "a first row in quotes": lambda v: ("t.csv", lines([[f'"{c}"' for c in row] for row in people(v)])),
    "a line that is one quoted cell": lambda v: ("t.csv", lines([[f'"{",".join(r)}"'] for r in people(v)])),
    "a first row in GB18030": lambda v: ("t.csv", lines(people(v)).encode("gb18030")),
    "a first row in UTF-16": lambda v: ("t.csv", lines(people(v)).encode("utf-16")),
    "the only row": lambda v: ("t.csv", lines(people(v)[:1])),
    "the only cell": lambda v: ("t.csv", v),
    "a column of values": lambda v: ("t.csv", lines([row[1:2] for row in people(v)])),
    "a first row below a title": lambda v: ("t.csv", "客户名单\n" + lines(people(v))),
    "a first row below a comment": lambda v: ("t.csv", "# exported by a job\n" + lines(people(v))),
    "a first row below sep=": lambda v: ("t.csv", "sep=;\n" + lines(people(v), ";")),
    "a heading": lambda v: ("t.csv", lines([["姓名", v, "等级"], *ROWS])),
    "a part of a heading": lambda v: ("t.csv", lines([["姓名", f"电话 {v}", "等级"], *ROWS])),
    "duplicate headings": lambda v: ("t.csv", lines([[v, v, "等级"], *ROWS])),
    "the second line of headings": lambda v: ("t.csv", lines([["姓名", "联系", "等级"], ["", v, ""], *ROWS])),
    "a group of headings": lambda v: ("t.csv", lines([[v, "", "其他"], HEADINGS, *ROWS])),
    "a title": lambda v: ("t.csv", f"客户 {v}\n" + lines([HEADINGS, *ROWS])),
    "a comment above": lambda v: ("t.csv", f"# {v}\n" + lines([HEADINGS, *ROWS])),
    "a key above": lambda v: ("t.csv", f"联系电话,{v}\n" + lines([HEADINGS, *ROWS])),
    "a row wider than the headings": lambda v: ("t.csv", lines([HEADINGS, *ROWS, [*ROWS[0], v]])),
    "a total below": lambda v: ("t.csv", lines([HEADINGS, *ROWS, [f"合计 {v}"]])),
    "a key of JSON": lambda v: ("t.jsonl", records({"a": 1, v: 2}, {"a": 2})),
    "keys of an object": lambda v: ("t.json", json.dumps({v: {"a": 1}, v[::-1]: {"a": 2}})),
    "a nested key": lambda v: ("t.jsonl", records({"a": {"b": {v: 1}}})),
    "a key in a list": lambda v: ("t.jsonl", records({"a": [{v: 1}, {"b": 2}]})),
    "a key of JSON in a cell": lambda v: ("t.csv", f'a;b\n1;{{"{v}": 2}}\n2;{{"{v}": 3}}\n'),
    "the first array of arrays": lambda v: ("t.json", json.dumps(people(v), ensure_ascii=False)),
    "the wrapper of records": lambda v: ("t.json", json.dumps({v: [{"a": 1}, {"a": 2}]})),
    "a variable that is assigned": lambda v: ("t.json", f'var x = [{{"{v}": 1}}];'),
    "the title of one of two sheets": lambda v: ("t.xlsx", book((v[:31], [HEADINGS, *ROWS]),
                                                                ("b", [HEADINGS, *ROWS]))),
    "titles of sheets alike": lambda v: ("t.xlsx", book((v[:28] + " a", [HEADINGS, *ROWS]),
                                                        (v[:28] + " b", [HEADINGS, *ROWS]))),
    "a first row of a sheet": lambda v: ("t.xlsx", book(("a", people(v)))),
    "a heading of a sheet": lambda v: ("t.xlsx", book(("a", [["姓名", v, "等级"], *ROWS]))),
    "a merged title": lambda v: ("t.xlsx", merged(v)),
    "a second block of a sheet": lambda v: ("t.xlsx", book(("a", [HEADINGS, *ROWS, [], [], *people(v)]))),
    "a sheet that lies sideways": lambda v: ("t.xlsx", book(("a", [["姓名", *(r[0] for r in people(v))],
                                                                   ["手机号", *(r[1] for r in people(v))]]))),
    "a member of an archive": lambda v: ("t.zip", archive((f"{v}.csv", lines([HEADINGS, *ROWS])),
                                                          ("b.csv", "a,b\n1,2\n"))),
    "a folder in an archive": lambda v: ("t.zip", archive((f"{v}/a.csv", lines([HEADINGS, *ROWS])))),
    "an archive in an archive": lambda v: ("t.zip", archive((f"{v}.zip", archive(("a.csv", "a,b\n1,2\n"))))),
    "a column of Parquet": lambda v: ("t.parquet", arrow(pq.write_table, ["a", v])),
    "columns of Parquet alike": lambda v: ("t.parquet", arrow(pq.write_table, [v, v])),
    "a field of a struct": lambda v: ("t.parquet", struct(v)),
    "keys of a map": lambda v: ("t.parquet", map_keys(v)),
    "a column of ORC": lambda v: ("t.orc", arrow(orc.write_table, ["a", v])),
    "a column of Feather": lambda v: ("t.feather", arrow(feather.write_feather, ["a", v])),
    "keys of a map of Avro": lambda v: ("t.avro", avro_map(v)),
}
VALUES = ("13761548276", "kanarie.qzv8@geheim-kooi.cn", "310104198806121275")
