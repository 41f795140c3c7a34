"""A data dictionary in a spreadsheet lays comments over any source, or stands alone."""

import json
import random
import re
import sqlite3

import bent_dictionaries
import pytest
from openpyxl import Workbook

import scanner
from detectors.errors import SourceError
from reports.model import labels
from scanner.connectors.dictionary import load_dictionary, rows_lost

ROWS = [
    ("t_khxx", "", "客户信息"),
    ("t_khxx", "f01", "手机号码"),
    ("t_khxx", "f02", "身份证号"),
    ("T_KHXX", "F03", "状态（0正常 1停用）"),
]


def write(path):
    if path.suffix == ".csv":
        path.write_text("表名,字段名,注释\n" + "".join(",".join(r) + "\n" for r in ROWS), encoding="gb18030")
    elif path.suffix == ".xlsx":
        book = Workbook()
        for row in [("数据字典（虚构）",), ("table", "column", "comment"), *ROWS]:
            book.active.append(row)
        book.save(path)
    else:
        tables = [
            {
                "name": "t_khxx",
                "comment": "客户信息",
                "columns": [{"name": c, "comment": k} for _, c, k in ROWS if c],
            }
        ]
        path.write_text(json.dumps({"tables": tables}, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture
def database(tmp_path):
    connection = sqlite3.connect(tmp_path / "a.db")
    connection.execute("CREATE TABLE t_khxx (f01 TEXT, f02 TEXT, f03 INTEGER)")
    connection.close()
    return f"sqlite:///{tmp_path / 'a.db'}"


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".json"])
def test_comments_come_from_the_dictionary(tmp_path, database, suffix):
    report = scanner.scan(database, dictionary=str(write(tmp_path / f"d{suffix}")))

    assert report.tables[0].comment == "客户信息"
    assert labels(report) == {"a/t_khxx/f01": "phone_mobile", "a/t_khxx/f02": "resident_id"}
    assert labels(scanner.scan(database)) == {}


def test_a_dictionary_alone_is_a_source_without_rows(tmp_path):
    report = scanner.scan(f"dictionary:{write(tmp_path / 'd.csv')}")

    assert report.tables[0].status == "metadata_only"
    assert sorted(labels(report).values()) == ["phone_mobile", "resident_id"]


def test_a_dictionary_without_the_columns_it_needs(tmp_path):
    (tmp_path / "d.csv").write_text("a,b\n1,2\n", encoding="utf-8")

    with pytest.raises(SourceError) as e:
        load_dictionary(tmp_path / "d.csv")

    assert "d.csv" in e.value.line() and e.value.hint


@pytest.mark.parametrize("kind", bent_dictionaries.DICTIONARIES)
def test_bent_dictionaries_say_what_they_say(kind, tmp_path):
    wrong = {}
    for seed in range(12):
        made = bent_dictionaries.DICTIONARIES[kind](random.Random(seed))
        (tmp_path / made.file).write_bytes(made.body)
        read = load_dictionary(tmp_path / made.file)
        tables = {t.name: (t.comment, {c.name: c.comment for c in t.columns})
                  for t in read.tables.values()}
        short = {name: (about if made.truth.get(name, ("",))[0] else "", columns)
                 for name, (about, columns) in tables.items()}
        if short != made.truth or read.nameless != made.nameless:
            wrong[seed] = (tables, read.nameless, made.truth)

    assert wrong == {}


UNREADABLE = {
    "no zip": ("d.xlsx", b"PK\x03\x04 broken"),
    "no headings": ("d.csv", b"a,b\n1,2\n"),
    "no JSON": ("d.json", b"{"),
    "JSON of another shape": ("d.json", b'{"tables": 5}'),
    "JSON of numbers": ("d.json", b"[1, 2]"),
    "another kind of file": ("d.xlsx", b"%PDF-1.4"),
    "nothing": ("d.csv", b""),
}


@pytest.mark.parametrize(("name", "body"), UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_dictionary_costs_its_comments_and_not_the_database(name, body, tmp_path, database):
    (tmp_path / name).write_bytes(body)
    report = scanner.scan(database, dictionary=str(tmp_path / name))

    assert [t.status for t in report.tables] == ["scanned"]
    assert [s.id for s in report.skipped if "comments are missing" in s.reason] == [f"dictionary {name}"]


@pytest.mark.parametrize("strangers", [0, 1, 2, 3, 40])
@pytest.mark.parametrize("are_columns", [False, True])
def test_rows_that_fit_nothing_are_said(strangers, are_columns, tmp_path, database):
    other = "t_khxx" if are_columns else "t_other"
    rows = [*ROWS, *((other, f"g{i:02}", "备注") for i in range(strangers))]
    text = "表名,字段名,注释\n" + "".join(",".join(row) + "\n" for row in rows)
    (tmp_path / "d.csv").write_text(text, encoding="utf-8")
    report = scanner.scan(database, dictionary=str(tmp_path / "d.csv"))
    words = [s.reason for s in report.skipped if s.id == "dictionary d.csv"]
    notes = report.sources[0].other_files
    of_all = rf"{strangers} rows? of {strangers + 3} names? "

    if strangers > 2:                         # half of the rows, or more
        assert len(words) == 1 and re.match(of_all + "no table or column of this source", words[0])
    elif strangers and are_columns:
        assert len(words) == 1 and re.match(of_all + "(a column|columns) that", words[0])
    else:
        assert not words and len(notes) == (strangers > 0)
        assert all(f"d.csv: {strangers} row" in note for note in notes)
    assert report.tables[0].comment == "客户信息"


def test_rows_without_a_table_are_said(tmp_path, database):
    made = bent_dictionaries.DICTIONARIES["rows that name no table"](random.Random(1))
    (tmp_path / made.file).write_bytes(made.body)
    report = scanner.scan(database, dictionary=str(tmp_path / made.file))

    assert [(s.id, str(made.nameless) in s.reason) for s in report.skipped
            if "of this source" not in s.reason] == [("dictionary d.csv", True)]


COLUMN = {"name": "a", "comment": "姓名"}
JSON_ODDITIES = [
    {"tables": [{"name": "t", "columns": [5, {"name": None}, {"comment": "x"}, COLUMN]}]},
    {"tables": [{"name": "t", "columns": [COLUMN]}, None, {"columns": [{"name": "b"}]}]},
    [{"表名": "t", "字段名": "a", "注释": "姓名"}, None, 5],
]


@pytest.mark.parametrize(("content", "nameless"), zip(JSON_ODDITIES, (3, 1, 2), strict=True))
def test_odd_entries_of_json_cost_themselves(content, nameless, tmp_path):
    (tmp_path / "d.json").write_text(json.dumps(content), encoding="utf-8")
    read = load_dictionary(tmp_path / "d.json")

    assert [(c.name, c.comment) for c in read.tables["t"].columns] == [("a", "姓名")]
    assert read.nameless == nameless


@pytest.mark.parametrize(("second", "n"), [("手机号", 1), ("城市", 0), ("", 0)])
def test_a_dictionary_that_says_two_things_of_a_column_is_told(second, n, tmp_path):
    path = tmp_path / "d.csv"
    path.write_text(f"table,column,comment\nm,f3,城市\nm,F3,{second}\n", encoding="utf-8")

    assert len(list(rows_lost(load_dictionary(path), "d.csv"))) == n


def test_the_line_below_the_headings_of_markdown_is_no_row(tmp_path):
    (tmp_path / "d.md").write_text("| 表名 | 字段名 | 说明 |\n|:--|---|:---:|\n| member | tel | 手机号 |\n")

    assert list(load_dictionary(tmp_path / "d.md").tables) == ["member"]
