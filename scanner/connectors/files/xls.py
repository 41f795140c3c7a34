"""XLS, XLSB and ODS workbooks, read by calamine."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import pyarrow as pa

from detectors.errors import ExtraError, SourceError
from detectors.message import Msg
from detectors.model import TableInfo, TableRef
from scanner.connectors.files.sheets import WorkbookSheet, describe_sheets, read_sheet
from scanner.connectors.files.source_file import SourceFile
from scanner.connectors.files.workbook_comments import comments_by_sheet
from scanner.connectors.files.workbook_formulas import unstored_by_sheet
from scanner.connectors.files.workbook_parts import parts_beside_cells
from scanner.connectors.files.xls_extents import LARGEST, CellTwice, cells_of_xls, cells_of_xlsx

SERVES = ("xls", "xlsb", "ods")
_SAVE_AGAIN = Msg("it may be damaged: open and save it again")


def describe(file: SourceFile, name: str) -> Iterator[TableInfo]:
    """Yield one table a sheet."""
    yield from describe_sheets(calamine_sheets(file), name, file)


def stream(file: SourceFile, ref: TableRef, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield rows as text; what an XLSB holds beside its cells is noted."""
    note_beside_cells(file)
    yield from read_sheet(calamine_sheets(file), ref, file)


def note_beside_cells(file: SourceFile) -> None:
    """Note what a workbook of XML or records in a zip holds beside its cells."""
    with suppress(zipfile.BadZipFile, OSError), file.open() as raw, zipfile.ZipFile(raw) as archive:
        for kind, n in parts_beside_cells(archive).items():
            file.account.lose("parts_beside_cells", n, kind)


def calamine_sheets(file: SourceFile) -> list[WorkbookSheet]:
    """Return the sheets of a workbook of any format. Raise SourceError where it is none, or asks too much."""
    try:
        import python_calamine as calamine
    except ImportError:
        raise ExtraError(Msg("XLS, XLSB and ODS need python-calamine"), where=file.where,
                         hint=Msg("pip install {package}", package="'chujing[formats]'")) from None
    with file.open() as raw:
        content = raw.read()
    _check_cells(content, file)
    try:
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        unstored, commented = unstored_by_sheet(content), comments_by_sheet(content)
        return [_sheet(workbook, name, unstored.get(name, 0), commented.get(name, 0))
                for name in workbook.sheet_names]
    except calamine.PasswordError:
        raise SourceError(Msg("the workbook has a password"), where=file.where,
                          hint=Msg("save it without one")) from None
    except (calamine.CalamineError, OSError, ValueError):
        raise SourceError(Msg("not a readable workbook"), where=file.where,
                          hint=Msg("open and save it again; is its suffix right?")) from None


def _check_cells(content: bytes, file: SourceFile) -> None:
    """Raise SourceError where the places of the cells cannot be right."""
    try:
        is_readable = _cells(content) <= LARGEST
    except CellTwice:
        raise SourceError(Msg("two cells of the workbook have the same place"), where=file.where,
                          hint=_SAVE_AGAIN) from None
    if not is_readable:
        raise SourceError(Msg("the cells of the workbook lie too far apart to be read"), where=file.where,
                          hint=_SAVE_AGAIN)


def _cells(content: bytes) -> int:
    """Return how many cells the reader would have to hold at once, where that can be known."""
    try:
        return cells_of_xls(content) or cells_of_xlsx(io.BytesIO(content))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError, OSError):
        return 0


def _sheet(workbook: Any, name: str, unstored: int, commented: int) -> WorkbookSheet:
    cells = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)

    def rows_below(skipped: int) -> Iterator[Sequence[Any]]:
        return ([None if cell == "" else cell for cell in row] for row in cells[skipped:])

    return WorkbookSheet(name, len(cells), rows_below, lambda: unstored, lambda: commented)
