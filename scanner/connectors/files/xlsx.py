"""XLSX workbooks; formulas give their stored values."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from xml.etree.ElementTree import ParseError

import pyarrow as pa

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import TableInfo, TableRef
from scanner.connectors.account import Account
from scanner.connectors.files.sheets import SheetDamage, WorkbookSheet, describe_sheets, read_sheet
from scanner.connectors.files.source_file import SourceFile
from scanner.connectors.files.workbook_comments import comments_on_cells
from scanner.connectors.files.workbook_formulas import unstored_formulas
from scanner.connectors.files.workbook_parts import (
    PART_ERRORS,
    is_from_1904,
    sheet_parts,
)
from scanner.connectors.files.xls import calamine_sheets, note_beside_cells

SERVES = ("xlsx", "xlsm")
ROW_BYTES = 20                                # of a row with a cell, at least


def describe(file: SourceFile, name: str) -> Iterator[TableInfo]:
    """Yield one table a sheet."""
    with open_sheets(file) as sheets:
        yield from describe_sheets(sheets, name, file)


def stream(file: SourceFile, ref: TableRef, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield rows as text; what a workbook holds beside its cells is noted."""
    note_beside_cells(file)
    with open_sheets(file) as sheets:
        yield from read_sheet(sheets, ref, file)


@contextmanager
def open_sheets(file: SourceFile) -> Iterator[list[WorkbookSheet]]:
    """Give the sheets of a workbook, by openpyxl; by calamine where that does not understand it.

    Where neither does, each sheet is read that can be.
    """
    import openpyxl

    with file.open() as raw, _zip_errors(file), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            workbook: Any = openpyxl.load_workbook(raw, read_only=True, data_only=True)
            worksheets = workbook.worksheets
        except Exception:  # any, of styles and parts that it does not know
            worksheets = []
        if not worksheets:
            yield _odd_sheets(file)
            return
        try:
            missing = _missing_sheets(workbook._archive, {sheet.title for sheet in workbook})
            yield [*(_sheet(worksheet, file.account) for worksheet in worksheets), *missing]
        finally:
            workbook.close()


def _odd_sheets(file: SourceFile) -> list[WorkbookSheet]:
    """Return the sheets of a workbook that openpyxl does not understand as a whole."""
    refusal = SourceError(Msg("not a readable workbook"), where=file.where,
                          hint=Msg("open and save it again; is its suffix right?"))
    try:
        if sheets := calamine_sheets(file):
            return sheets
    except SourceError as e:
        if not e.what.startswith("not a readable"):
            raise
        refusal = e
    with file.open() as raw:
        content = io.BytesIO(raw.read())
    try:
        return _sheets_apart(zipfile.ZipFile(content), file.account)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError):
        raise refusal from None


def _sheets_apart(archive: zipfile.ZipFile, account: Account) -> list[WorkbookSheet]:
    """Return each sheet by itself, whatever is wrong with the rest of a workbook. ValueError for none."""
    from openpyxl import Workbook
    from openpyxl.reader.strings import read_string_table
    from openpyxl.styles.stylesheet import apply_stylesheet
    from openpyxl.utils.datetime import CALENDAR_MAC_1904
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

    workbook: Any = Workbook()
    workbook._archive = archive
    if is_from_1904(archive):
        workbook.epoch = CALENDAR_MAC_1904
    try:
        apply_stylesheet(archive, workbook)
    except Exception:  # any, of styles that it does not know
        account.lose_once("styles_unread", "")
    strings: list[str] = []
    with suppress(*PART_ERRORS), archive.open("xl/sharedStrings.xml") as part:
        strings = read_string_table(part)
    sheets = []
    for title, path in sheet_parts(archive):
        try:
            sheets.append(_sheet(ReadOnlyWorksheet(workbook, title, path, strings), account))
        except PART_ERRORS:
            sheets.append(_missing_sheet(title))
    if not sheets:
        raise ValueError
    return sheets


def _missing_sheets(archive: zipfile.ZipFile, titles: Collection[str]) -> Iterator[WorkbookSheet]:
    """Yield the sheets that a workbook names and openpyxl passes over, for they have no part."""
    return (_missing_sheet(title) for title, path in sheet_parts(archive) if not path and title not in titles)


def _missing_sheet(title: str) -> WorkbookSheet:
    def raise_damage(skipped: int) -> Iterator[Any]:
        raise SheetDamage

    return WorkbookSheet(title, 0, raise_damage)


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
