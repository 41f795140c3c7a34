"""出境场景登记表 as it is written: heads, lists to pick from, the flows, a page of help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from math import ceil
from pathlib import Path
from typing import Any

from mappings.model import Flow
from reports.cells import append_row
from reports.filings.item_tables import fit_pages
from reports.inventory.sheet_style import HIGHEST
from reports.text_width import height_of
from scanner.files import write_atomically
from scanner.sheets.register_columns import (
    HEADER_ROW,
    HELP_SHEET,
    LISTS_SHEET,
    SHEET,
    RegisterColumn,
    columns,
    purpose_words,
)

WIDTHS = {"fields": 36, "recipient.name": 22, "entity": 22}     # of columns, in characters
PAGE_WIDTH = 170                              # characters across a page of A4 that is still readable


def write(file: Path, flows: Sequence[Flow] = ()) -> None:
    """Write the sheet with its heads, lists to choose from, a page of help, and a row for each flow.

    The same flows give the same cells.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment

    book = Workbook()
    sheet, help_sheet = book.active, book.create_sheet(HELP_SHEET)
    lists = _write_lists(book.create_sheet(LISTS_SHEET))
    assert sheet is not None
    sheet.title = SHEET
    _write_heads(sheet, lists)
    widths = [_width(column.key) for column in columns()]
    fit_pages(sheet, ceil(sum(widths) / PAGE_WIDTH))
    sheet.print_title_rows, sheet.print_title_cols = f"1:{HEADER_ROW}", "A:A"
    for flow in flows:
        append_row(sheet, [_cell_value(column, flow) for column in columns()])
    for n, row in enumerate(sheet.iter_rows(min_row=HEADER_ROW + 1), HEADER_ROW + 1):
        sheet.row_dimensions[n].height = min(height_of([cell.value for cell in row], widths), HIGHEST)
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
            if isinstance(cell.value, date):
                cell.number_format = "yyyy-mm-dd"
    _write_help(help_sheet)
    book.properties.created = book.properties.modified = datetime(2026, 1, 1)
    write_atomically(file, book.save, "team")


def _width(key: str) -> int:
    """Return the width of a column of the register, in characters."""
    return WIDTHS.get(key, 15)


def _write_heads(sheet: Any, lists: Mapping[str, str]) -> None:
    """The title, and the heads with their widths and lists of choices."""
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet.append(["出境场景登记表（一行一个场景；带 * 为必填）"])
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append([column.head for column in columns()])
    for i, column in enumerate(columns(), 1):
        cell, letter = sheet.cell(HEADER_ROW, i), get_column_letter(i)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E8EDF3")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.column_dimensions[letter].width = _width(column.key)
        if column.key in lists:
            _offer_list(sheet, lists[column.key], letter)
    sheet.row_dimensions[HEADER_ROW].height = 32
    sheet.freeze_panes = f"B{HEADER_ROW + 1}"


def _write_lists(sheet: Any) -> Mapping[str, str]:
    """Write what may be picked, a column each; return the ranges by key of the register's column."""
    from openpyxl.utils import get_column_letter

    ranges = {}
    offering = [column for column in columns() if column.offered]
    for i, column in enumerate(offering, 1):
        letter = get_column_letter(i)
        for row, word in enumerate((column.zh, *column.offered), 1):
            sheet.cell(row, i, word)
        sheet.column_dimensions[letter].width = 24
        ranges[column.key] = f"'{LISTS_SHEET}'!${letter}$2:${letter}${len(column.offered) + 1}"
    return ranges


def _offer_list(sheet: Any, range: str, letter: str) -> None:
    """Let the cells of a column be picked from a list; what stands in none may be typed all the same."""
    from openpyxl.worksheet.datavalidation import DataValidation

    rule = DataValidation(type="list", formula1=f"={range}", allow_blank=True, showErrorMessage=False)
    rule.add(f"{letter}{HEADER_ROW + 1}:{letter}500")
    sheet.add_data_validation(rule)


def _write_help(sheet: Any) -> None:
    sheet.append(["列", "填写说明", "示例"])
    for column in columns():
        append_row(sheet, [column.head, column.help, column.example or next(iter(column.offered), None)])
    sheet.append([])
    sheet.append(["目的", "名称"])
    for name, (_, zh, _) in purpose_words().items():
        sheet.append([name, zh])
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 32, 80
    sheet.column_dimensions["C"].width = 32
    fit_pages(sheet)


def _cell_value(column: RegisterColumn, flow: Flow) -> Any:
    """A flow's value as the sheet shows it; None for an empty cell."""
    value: Any = flow
    for part in column.key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else getattr(value, part, None)
    if column.kind == "choice":
        no_claim = column.key == "claim" and value == "none"
        return column.word(value) if value in column.choices and not no_claim else None
    if column.many:
        return "\n".join(value) or None
    return value if value not in ("", None) else None
