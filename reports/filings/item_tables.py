"""The six-column item table of each scenario as a sheet, and the persons of each entity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

from reports.cells import append_row
from reports.filings.papers import ITEMS, item_rows
from reports.filings.scenario import TO_FILL_IN, FilingScenario
from reports.wording.figures import method_words

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

ITEM_WIDTHS = {"A": 8, "B": 20, "C": 28, "D": 44, "E": 24, "F": 40}               # characters, by column
PERSON_WIDTHS = {"A": 36, "B": 24, "C": 24, "D": 12, "E": 12, "F": 12, "G": 14}
PERSON_HEADS = ("场景", "数据处理者", "当年出境自然人数（去重）", "下限", "上限", "其中敏感", "方法")
HEAD_COLOUR, MARK_COLOUR = "E8EDF3", "FFF2B3"
CREATED = datetime(2026, 1, 1)                # of every workbook


def item_tables(scenarios: Sequence[FilingScenario], file: IO[bytes]) -> None:
    """Write a workbook: a sheet a scenario, and one with the persons of each entity."""
    from openpyxl import Workbook

    book = Workbook()
    assert book.active is not None            # a new workbook has a sheet
    book.remove(book.active)
    for i, scenario in enumerate(scenarios, 1):
        _add_items(book, f"场景{i}", scenario)
    _add_persons(book, scenarios)
    book.properties.created = book.properties.modified = CREATED
    book.save(file)


def _add_items(book: Workbook, name: str, scenario: FilingScenario) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    sheet = book.create_sheet(name)
    append_row(sheet, [scenario.title])
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append(list(ITEMS))
    for row in item_rows(scenario):
        append_row(sheet, row)
    for cell in sheet[2]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor=HEAD_COLOUR)
    _set_widths(sheet, ITEM_WIDTHS)
    for line in sheet.iter_rows(min_row=2):
        for cell in line:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if str(cell.value or "").startswith(TO_FILL_IN):
                cell.fill = PatternFill("solid", fgColor=MARK_COLOUR)
    sheet.freeze_panes = "A3"
    one_page_wide(sheet)


def _add_persons(book: Workbook, scenarios: Sequence[FilingScenario]) -> None:
    sheet = book.create_sheet("人数")
    sheet.append(list(PERSON_HEADS))
    for scenario in scenarios:
        for entity, (everybody, sensitive) in scenario.persons.items():
            high = everybody.high if everybody.high is not None else "未知"
            method = method_words(everybody, "zh")
            figures = (everybody.best, everybody.low, high, sensitive.best)
            append_row(sheet, [scenario.title, entity, *figures, method])
    _set_widths(sheet, PERSON_WIDTHS)


def _set_widths(sheet: Worksheet, widths: Mapping[str, int]) -> None:
    for letter, width in widths.items():
        sheet.column_dimensions[letter].width = width


def one_page_wide(sheet: Any) -> None:
    """Let a sheet be printed across one page."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToHeight = 0
