"""XLS, XLSB and ODS workbooks, read by calamine."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from detectors.errors import ConfigError, SourceError
from detectors.message import Msg
from detectors.model import TableInfo, TableRef
from scanner.connectors.files import sheets
from scanner.connectors.files.places import Place
from scanner.connectors.files.sheets import Sheet

SERVES = ("xls", "xlsb", "ods")


def _book(place: Place) -> list[Sheet]:
    try:
        import python_calamine as calamine
    except ImportError:
        raise ConfigError(
            Msg("XLS, XLSB and ODS need python-calamine"),
            where=place.where,
            hint=Msg("pip install {package}", package="'chujing[formats]'"),
        ) from None
    with place.open() as file:
        content = io.BytesIO(file.read())
    try:
        book = calamine.CalamineWorkbook.from_filelike(content)
    except calamine.PasswordError:
        raise SourceError(
            Msg("the workbook has a password"), where=place.where, hint=Msg("save it without one")
        ) from None
    except (calamine.CalamineError, OSError, ValueError):
        raise SourceError(
            Msg("not a readable workbook"),
            where=place.where,
            hint=Msg("open and save it again; is its suffix right?"),
        ) from None
    return [Sheet(name, height, rows) for name in book.sheet_names for height, rows in (_sheet(book, name),)]


def _sheet(book: Any, name: str) -> tuple[int, Any]:
    cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return len(cells), lambda skip: ([None if c == "" else c for c in row] for row in cells[skip:])


def describe(place: Place, name: str) -> Iterator[TableInfo]:
    """One table a sheet."""
    yield from sheets.tables(_book(place), name, place.size)


def stream(place: Place, ref: TableRef, wanted: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Rows as text."""
    yield from sheets.batches(_book(place), ref)
