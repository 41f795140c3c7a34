"""XLSX workbooks; formulas give their stored values."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import TableInfo, TableRef
from scanner.connectors.files.sheets import WorkbookSheet, describe_sheets, read_sheet
from scanner.connectors.files.source_file import SourceFile

SERVES = ("xlsx", "xlsm")


def describe(file: SourceFile, name: str) -> Iterator[TableInfo]:
    """Yield one table a sheet."""
    with _open(file) as sheets:
        yield from describe_sheets(sheets, name, file.size)


def stream(file: SourceFile, ref: TableRef, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield rows as text."""
    with _open(file) as sheets:
        yield from read_sheet(sheets, ref)


@contextmanager
def _open(file: SourceFile) -> Iterator[list[WorkbookSheet]]:
    import openpyxl

    with file.open() as raw:
        try:
            workbook: Any = openpyxl.load_workbook(raw, read_only=True, data_only=True)
        except (zipfile.BadZipFile, KeyError, OSError, ValueError):
            raise SourceError(Msg("not a readable XLSX workbook"), where=file.where,
                              hint=Msg("open and save it again, without a password")) from None
        formats = frozenset(workbook._date_formats)
        workbook._date_formats = frozenset()  # openpyxl makes #VALUE! of a number that is no date, and warns
        try:
            yield [_sheet(_with_dates(worksheet, formats)) for worksheet in workbook.worksheets]
        finally:
            workbook.close()


def _with_dates(worksheet: Any, formats: frozenset[int]) -> Any:
    """Return a worksheet whose numbers in a date format are dates, where they can be.

    A phone number in such a format stays the number it is.
    """
    cells_of = worksheet._get_row

    def get_row(row: Sequence[dict[str, Any]], *bounds: Any, **options: Any) -> Any:
        for cell in row:
            if cell["style_id"] in formats and cell["data_type"] == "n" and cell["value"] is not None:
                cell["value"] = _moment(cell["value"], worksheet.parent, cell["style_id"])
        return cells_of(row, *bounds, **options)

    worksheet._get_row = get_row
    return worksheet


def _moment(number: float, workbook: Any, style: int) -> Any:
    from openpyxl.utils.datetime import from_excel

    try:
        return from_excel(number, workbook.epoch, timedelta=style in workbook._timedelta_formats)
    except (OverflowError, ValueError):
        return number


def _sheet(worksheet: Any) -> WorkbookSheet:
    return WorkbookSheet(
        worksheet.title, worksheet.max_row or 0,
        lambda skipped: worksheet.iter_rows(min_row=skipped + 1, values_only=True))
