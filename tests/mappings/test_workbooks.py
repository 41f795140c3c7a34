"""Workbooks and papers that people bring, and that would eat all memory."""

import docx
import openpyxl
import pytest

from detectors.errors import ConfigError
from mappings import workbooks
from mappings.workbooks import open_workbook
from scanner.deliver.paper_reading import read_paper
from scanner.sheets.filed_items import read_items

pytestmark = pytest.mark.system


def workbook(path, last="B2"):
    book = openpyxl.Workbook()
    book.active["A1"], book.active[last] = "flow", "x"
    book.save(path)
    return path


@pytest.fixture
def paper(tmp_path):
    docx.Document().save(tmp_path / "p.docx")
    return tmp_path / "p.docx"


@pytest.mark.parametrize("bound", [("INFLATED", 100), ("MOST_BYTES", 100)])
def test_what_unpacks_beyond_all_reason_is_refused_in_one_line(bound, tmp_path, paper, monkeypatch):
    book = workbook(tmp_path / "b.xlsx")
    assert open_workbook(book, ConfigError).active["B2"].value == "x" and read_paper(paper) is not None
    monkeypatch.setattr(workbooks, "RATIO", 1)
    monkeypatch.setattr(workbooks, *bound)
    for read in (lambda: open_workbook(book, ConfigError), lambda: read_items(paper)):
        with pytest.raises(ConfigError, match="too much") as e:
            read()
        assert "\n" not in e.value.line() and e.value.hint
    assert read_paper(paper) is None


def test_a_cell_far_away_does_not_make_a_sheet_of_billions(tmp_path):
    with pytest.raises(ConfigError, match="a sheet spans 17,179,869,184 cells"):
        open_workbook(workbook(tmp_path / "b.xlsx", "XFD1048576"), ConfigError)
