"""Rows that are written beside a sheet are those that openpyxl writes, byte for byte."""

import zipfile
from datetime import date

import pytest
from generated import hostile, report
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from reports import cells
from reports.formats import xlsx
from reports.inventory import workbook
from reports.inventory.sheet_rows import append_rows

VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-10**9, 10**12), st.floats(-1e6, 1e6),
    st.dates(date(1900, 3, 1), date(2100, 1, 1)), st.text(max_size=20),
    st.sampled_from(["", " a", "a ", "=1+1", "#N/A", "-", "@x", "<&>\"'", "]]>", "a\r\nb\tc", "姓名", "＝1",
                     "\ud800", "\x07", "𠮷", "1", "x" * 40_000, "rows stand here", "<row r='2'></row>"]),
)


def by_openpyxl(sheet, rows, first):
    for row in rows:
        sheet.append([cells.cell(sheet, value) for value in row])


def parts(path):
    """What a workbook consists of, but for the moment of its writing."""
    with zipfile.ZipFile(path) as whole:
        return {name: whole.read(name) for name in whole.namelist() if name != "docProps/core.xml"}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(VALUES, min_size=1, max_size=30), max_size=6))
def test_any_values_are_written_as_openpyxl_writes_them(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("rows")
    for name, append in (("ours.xlsx", append_rows), ("theirs.xlsx", by_openpyxl)):
        book = Workbook(write_only=True)
        sheet = book.create_sheet("s")
        sheet.freeze_panes = "B2"
        sheet.append(["heading", "h"])
        append(sheet, (row for row in rows), 2)
        book.save(folder / name)

    assert parts(folder / "ours.xlsx") == parts(folder / "theirs.xlsx")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("limit", [10**6, 70])
def test_the_inventory_is_the_one_that_openpyxl_writes(tmp_path, monkeypatch, lang, limit):
    made = report(200, 3, extra=hostile())
    ours = xlsx.save(made, tmp_path / "ours/i.xlsx", lang, limit)
    monkeypatch.setattr(workbook, "append_rows", by_openpyxl)
    theirs = xlsx.save(made, tmp_path / "theirs/i.xlsx", lang, limit)

    assert [f.name for f in ours] == [f.name for f in theirs]
    for one, other in zip(ours, theirs, strict=True):
        assert parts(one) == parts(other)
