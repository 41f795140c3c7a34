"""The inventory's workbook: the inventory itself, an overview, flows, what was not checked, and help.

Rows are written as they come, so memory does not grow with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from detectors.labels import labels
from reports.inventory import overview, text_sheets
from reports.inventory.cell_values import verdict_words
from reports.inventory.reported_column import reported_columns
from reports.inventory.sheet_columns import SHEETS, SheetColumn, sheet_columns
from reports.inventory.sheet_rows import append_rows
from reports.inventory.sheet_style import TextColumn, add_text_sheet, head_cell, set_up_pages
from reports.messages.words import t
from reports.model import Report
from reports.text_width import height_of
from reports.wording.titles import label_title

PAGES_WIDE = 3                                # pages of A3 beside each other that the inventory is printed on
HEAD_HEIGHT = 34                              # points, at least


@dataclass(frozen=True, slots=True)
class WorkbookOptions:
    """How a workbook is written.

    limit: rows of one sheet. parts: system -> the file its rows stand in; None: they stand in this one.
    """

    lang: str
    limit: int
    parts: Mapping[str, Path] | None = None


def workbook(report: Report, options: WorkbookOptions) -> Any:
    """Return the workbook of a report, or the index of its parts."""
    from openpyxl import Workbook

    book, lang = Workbook(write_only=True), options.lang
    columns = sheet_columns(report.gradings)
    if options.parts is None:
        _add_inventory(book, report, columns, options)
    rows = overview.overview_rows(report, lang, options.parts or {})
    _add_plain_sheet(book, "sheet.overview", overview.COLUMNS, rows, lang)
    _add_plain_sheet(book, "sheet.flows", text_sheets.FLOW_COLUMNS, text_sheets.flow_rows(report, lang), lang)
    doubts = text_sheets.possible_rows(report, lang)
    _add_plain_sheet(book, "sheet.possible", text_sheets.POSSIBLE_COLUMNS, doubts, lang)
    unread = text_sheets.unread_rows(report, lang)
    _add_plain_sheet(book, "sheet.skipped", text_sheets.UNREAD_COLUMNS, unread, lang)
    _add_plain_sheet(book, "sheet.help", text_sheets.HELP_COLUMNS, text_sheets.help_rows(columns, lang), lang)
    _add_lists(book, lang)
    finished = datetime.fromisoformat(report.run.finished.replace("Z", "")[:19])
    book.properties.creator = "chujing"
    book.properties.created = book.properties.modified = finished
    return book


def _add_plain_sheet(
    book: Any, name: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Any]], lang: str
) -> None:
    """Add a plain sheet. name, and the first of each column: keys of words."""
    text_columns = [TextColumn(t(key, lang), width) for key, width in columns]
    add_text_sheet(book, t(name, lang), text_columns, rows)


def _add_lists(book: Any, lang: str) -> None:
    """Add the hidden sheet of labels that reviewers choose from."""
    sheet = book.create_sheet(t("sheet.lists", lang))
    sheet.sheet_state = "hidden"
    for label in labels():
        sheet.append([label_title(label, lang), str(label)])


def _add_inventory(
    book: Any, report: Report, columns: Sequence[SheetColumn], options: WorkbookOptions
) -> None:
    """Add the rows, over as many sheets as they need; one without rows where there are none."""
    lang, limit = options.lang, options.limit
    total = sum(len(table.columns) for table in report.tables)
    rows = reported_columns(report, lang)
    for part, first in enumerate(range(0, max(total, 1), limit), 1):
        sheet = book.create_sheet(SHEETS[lang] if part == 1 else f"{SHEETS[lang]} {part}")
        _format_sheet(sheet, columns, lang, max(min(limit, total - first), 1) + 1)
        values = [column.value for column in columns]
        append_rows(sheet, ([value(row) for value in values] for row in islice(rows, limit)), 2)


def _format_sheet(sheet: Any, columns: Sequence[SheetColumn], lang: str, last_row: int) -> None:
    """Add headings, widths, filter, frozen panes and lists to choose from."""
    from openpyxl.utils import get_column_letter

    letters = {column.key: get_column_letter(i) for i, column in enumerate(columns, 1)}
    for column in columns:
        sheet.column_dimensions[letters[column.key]].width = column.width
        sheet.column_dimensions[letters[column.key]].hidden = column.hidden
    sheet.freeze_panes = "E2"
    titles = [column.title(lang) for column in columns]
    sheet.row_dimensions[1].height = max(HEAD_HEIGHT, height_of(titles, [column.width for column in columns]))
    sheet.auto_filter.ref = f"A1:{letters[columns[-1].key]}{last_row}"
    _add_choice(sheet, f"{letters['verdict']}2:{letters['verdict']}{last_row}", _quoted_list(lang), lang)
    label_list = f"{t('sheet.lists', lang)}!$A$1:$A${len(labels())}"
    _add_choice(sheet, f"{letters['to']}2:{letters['to']}{last_row}", label_list, lang)
    set_up_pages(sheet, True, PAGES_WIDE)
    sheet.print_title_rows, sheet.print_title_cols = "1:1", "A:D"
    sheet.append([head_cell(sheet, title, c.review) for title, c in zip(titles, columns, strict=True)])


def _quoted_list(lang: str) -> str:
    return f'"{",".join(verdict_words(lang).values())}"'


def _add_choice(sheet: Any, area: str, formula: str, lang: str) -> None:
    """Let the cells of an area be chosen from a list only."""
    from openpyxl.worksheet.datavalidation import DataValidation

    rule = DataValidation(
        type="list",
        formula1=formula,
        allow_blank=True,
        showErrorMessage=True,
        errorTitle=t("sheet.choose", lang),
    )
    rule.add(area)
    sheet.data_validations.append(rule)
