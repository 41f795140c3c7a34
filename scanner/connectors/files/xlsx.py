"""XLSX workbooks; formulas give their stored values."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from xml.etree.ElementTree import ParseError

import pyarrow as pa

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import TableInfo, TableRef
from scanner.connectors.files.sheets import WorkbookSheet, describe_sheets, read_sheet
from scanner.connectors.files.source_file import SourceFile
from scanner.connectors.files.workbook_formulas import unstored_formulas
from scanner.connectors.files.xls import calamine_sheets

SERVES = ("xlsx", "xlsm")
MAX_ROWS = 1 << 20                            # of a sheet
ROW_BYTES = 20                                # of a row with a cell, at least


def describe(file: SourceFile, name: str) -> Iterator[TableInfo]:
    """Yield one table a sheet."""
    with open_sheets(file) as sheets:
        yield from describe_sheets(sheets, name, file)


def stream(file: SourceFile, ref: TableRef, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield rows as text."""
    with open_sheets(file) as sheets:
        yield from read_sheet(sheets, ref, file)


@contextmanager
def open_sheets(file: SourceFile) -> Iterator[list[WorkbookSheet]]:
    """Give the sheets of a workbook, by openpyxl; by calamine where that does not understand it."""
    import openpyxl

    with file.open() as raw, _zip_errors(file), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            workbook: Any = openpyxl.load_workbook(raw, read_only=True, data_only=True)
            worksheets = workbook.worksheets
        except Exception:  # any, of styles and parts that it does not know
            worksheets = []
        if not worksheets:
            yield calamine_sheets(file)
            return
        formats = frozenset(workbook._date_formats)
        workbook._date_formats = frozenset()  # openpyxl makes #VALUE! of a number that is no date, and warns
        try:
            yield [_sheet(_with_dates(worksheet, formats)) for worksheet in worksheets]
        finally:
            workbook.close()


@contextmanager
def _zip_errors(file: SourceFile) -> Iterator[None]:
    """Raise what a broken workbook raises as SourceError."""
    try:
        yield
    except (zipfile.BadZipFile, KeyError, OSError, ValueError, EOFError, zlib.error, ParseError):
        raise SourceError(Msg("not a readable XLSX workbook"), where=file.where,
                          hint=Msg("open and save it again, without a password")) from None


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
    worksheet.reset_dimensions()              # what a sheet says of its own size is not believed
    archive, path = worksheet.parent._archive, worksheet._worksheet_path
    return WorkbookSheet(
        worksheet.title, min(MAX_ROWS, archive.getinfo(path).file_size // ROW_BYTES + 1),
        lambda skipped: worksheet.iter_rows(min_row=skipped + 1, values_only=True),
        lambda: unstored_formulas(archive, path))
