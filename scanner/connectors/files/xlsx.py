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
from scanner.connectors.account import Account
from scanner.connectors.files.sheets import WorkbookSheet, describe_sheets, read_sheet
from scanner.connectors.files.source_file import SourceFile
from scanner.connectors.files.workbook_comments import comments_on_cells
from scanner.connectors.files.workbook_formulas import unstored_formulas
from scanner.connectors.files.xls import calamine_sheets

SERVES = ("xlsx", "xlsm")
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
        try:
            yield [_sheet(worksheet, file.account) for worksheet in worksheets]
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


def _sheet(worksheet: Any, account: Account) -> WorkbookSheet:
    from scanner.connectors.files.workbook_cells import MAX_ROWS, sheet_rows

    archive, path = worksheet.parent._archive, worksheet._worksheet_path
    return WorkbookSheet(
        worksheet.title, min(MAX_ROWS, archive.getinfo(path).file_size // ROW_BYTES + 1),
        lambda skipped: sheet_rows(worksheet, account, skipped),
        lambda: unstored_formulas(archive, path), lambda: comments_on_cells(archive, path))
