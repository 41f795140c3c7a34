"""A data dictionary in a spreadsheet lays comments over any source, or stands alone."""

import json
import sqlite3

import pytest
from openpyxl import Workbook

import scanner
from detectors.errors import SourceError
from reports.model import labels
from scanner.connectors.dictionary import load_dictionary

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
