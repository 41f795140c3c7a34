"""The six-column item table of each scenario as a sheet, with the columns it comes from; persons by entity.

A working paper: what the fields are called inside the company stands here and in no paper that is filed.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from reports.cells import append_row
from reports.filings.archives import CREATED, copy_timeless
from reports.filings.blocks import TO_FILL_IN, PaperTable
from reports.filings.fills import ITEMS, NECESSITY_COLUMNS, item_rows
from reports.filings.scenario import FilingScenario
from reports.filings.scenario_words import is_count, numbered
from reports.text_width import height_of
from reports.wording.figures import method_words

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

SOURCES = "来源字段（内部，不报送）"
ITEM_HEADS = (*ITEMS, SOURCES)
ITEM_WIDTHS = (8, 20, 28, 44, 24, 18, 44)     # characters
PERSON_SHEET = "人数"
PERSON_HEADS = ("场景", "数据处理者", "本次拟出境自然人数（去重）", "下限", "上限", "其中敏感", "方法")
PERSON_WIDTHS = (36, 24, 24, 12, 12, 12, 14)
FIRST_ROW = 2                                 # of the heads: the title of the scenario stands above
HEAD_COLOUR, MARK_COLOUR = "E8EDF3", "FFF2B3"


def sheets(scenarios: Sequence[FilingScenario]) -> Mapping[str, tuple[str, PaperTable]]:
    """Return the title and the table of each sheet of items, by the sheet's name."""
    return {no: (s.title, PaperTable(ITEM_HEADS, tuple(_rows(s)), ITEM_WIDTHS, NECESSITY_COLUMNS))
            for no, s in numbered(scenarios)}


def person_grid(scenarios: Sequence[FilingScenario]) -> PaperTable:
    """Return the table of persons by scenario and entity."""
    rows = tuple(
        (
            s.title, entity, str(everybody.best), str(everybody.low),
            str(everybody.high) if everybody.high is not None else "未知",
            str(sensitive.best) if is_count(sensitive) else "未知",
            method_words(everybody, "zh"),
        )
        for s in scenarios
        for entity, (everybody, sensitive) in s.persons.items()
    )
    return PaperTable(PERSON_HEADS, rows, PERSON_WIDTHS)


def _rows(scenario: FilingScenario) -> Iterator[tuple[str, ...]]:
    for row, item in zip(item_rows(scenario), scenario.items, strict=True):
        yield *row, "、".join(item.columns)


def item_tables(scenarios: Sequence[FilingScenario], file: IO[bytes]) -> None:
    """Write a workbook: a sheet a scenario, and one with the persons of each entity.

    The same scenarios give the same bytes.
    """
    from openpyxl import Workbook

    book = Workbook()
    assert book.active is not None            # a new workbook has a sheet
    book.remove(book.active)
    for name, (title, grid) in sheets(scenarios).items():
        _add_items(book, name, title, grid)
    _add_persons(book, person_grid(scenarios))
    book.properties.creator = ""
    book.properties.created = CREATED
    raw = io.BytesIO()
    book.save(raw)
    copy_timeless(raw, file)


def _add_items(book: Workbook, name: str, title: str, grid: PaperTable) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    sheet = book.create_sheet(name)
    append_row(sheet, [title])
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append(list(grid.heads))
    for row in grid.rows:
        append_row(sheet, row)
    _set_widths(sheet, grid.widths)
    for n, row in enumerate(grid.rows, FIRST_ROW + 1):
        sheet.row_dimensions[n].height = height_of(row, [*map(int, grid.widths)])
    for line in sheet.iter_rows(min_row=FIRST_ROW):
        for cell in line:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if str(cell.value or "").startswith(TO_FILL_IN):
                cell.fill = PatternFill("solid", fgColor=MARK_COLOUR)
    _set_heads(sheet, FIRST_ROW)
    sheet.freeze_panes = "A3"
    fit_pages(sheet)


def _add_persons(book: Workbook, grid: PaperTable) -> None:
    from openpyxl.styles import Alignment

    sheet = book.create_sheet(PERSON_SHEET)
    sheet.append(list(grid.heads))
    for row in grid.rows:
        append_row(sheet, [int(cell) if cell.isdecimal() else cell for cell in row])
    for line in sheet.iter_rows(min_row=2):
        for cell in line:
            cell.number_format = "#,##0" if isinstance(cell.value, int) else cell.number_format
            cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
    _set_widths(sheet, grid.widths)
    _set_heads(sheet, 1)
    fit_pages(sheet)


def _set_heads(sheet: Worksheet, row: int) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    for cell in sheet[row]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor=HEAD_COLOUR)
        cell.alignment = Alignment(wrap_text=True, vertical="center")


def _set_widths(sheet: Worksheet, widths: Sequence[float]) -> None:
    from openpyxl.utils import get_column_letter

    for i, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(i)].width = width


def fit_pages(sheet: Any, wide: int = 1) -> None:
    """Let a sheet be printed across so many pages, landscape on A4."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = wide, 0
