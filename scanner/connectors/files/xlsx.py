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
            workbook = openpyxl.load_workbook(raw, read_only=True, data_only=True)
        except (zipfile.BadZipFile, KeyError, OSError, ValueError):
            raise SourceError(Msg("not a readable XLSX workbook"), where=file.where,
                              hint=Msg("open and save it again, without a password")) from None
        try:
            yield [_sheet(worksheet) for worksheet in workbook.worksheets]
        finally:
            workbook.close()


def _sheet(worksheet: Any) -> WorkbookSheet:
    return WorkbookSheet(
        worksheet.title, worksheet.max_row or 0,
        lambda skipped: worksheet.iter_rows(min_row=skipped + 1, values_only=True))
