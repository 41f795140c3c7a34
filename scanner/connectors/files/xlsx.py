"""XLSX workbooks; formulas give their stored values."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pyarrow as pa

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import TableInfo, TableRef
from scanner.connectors.files import sheets
from scanner.connectors.files.places import Place
from scanner.connectors.files.sheets import Sheet

SERVES = ("xlsx", "xlsm")


@contextmanager
def _book(place: Place) -> Iterator[list[Sheet]]:
    import openpyxl

    with place.open() as file:
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        except (zipfile.BadZipFile, KeyError, OSError, ValueError):
            raise SourceError(Msg("not a readable XLSX workbook"), where=place.where,
                              hint=Msg("open and save it again, without a password")) from None
        try:
            yield [Sheet(s.title, s.max_row or 0, lambda skip, s=s: s.iter_rows(min_row=skip + 1, values_only=True))  # type: ignore[misc]
                   for s in book.worksheets]
        finally:
            book.close()


def describe(place: Place, name: str) -> Iterator[TableInfo]:
    """One table a sheet."""
    with _book(place) as book:
        yield from sheets.tables(book, name, place.size)


def stream(place: Place, ref: TableRef, wanted: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Rows as text."""
    with _book(place) as book:
        yield from sheets.batches(book, ref)
