"""XLSX workbooks: every sheet is a table; the header may stand below a title; formulas give their stored values."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from detectors.errors import SourceError
from detectors.model import ColumnInfo, Rows, TableInfo, TableRef

SERVES = ("xlsx", "xlsm")
LOOKED = 30                                   # rows in which the header is looked for
BATCH = 5_000


def _book(file: Path) -> Any:
    import openpyxl

    try:
        return openpyxl.load_workbook(file, read_only=True, data_only=True)
    except FileNotFoundError:
        raise SourceError("the file is gone", where=str(file), hint="was it moved while scanning?") from None
    except (zipfile.BadZipFile, KeyError, OSError, ValueError):
        raise SourceError("not a readable XLSX workbook", where=str(file), hint="open and save it again, without a password") from None


def _header(rows: Sequence[Sequence[Any]]) -> int | None:
    """Index of the header: the first row that is as wide as the data and all text; None if there is none."""
    width = max((sum(c is not None for c in r) for r in rows), default=0)
    for i, row in enumerate(rows):
        filled = [c for c in row if c is not None]
        if len(filled) >= max(1, width * 0.6) and all(isinstance(c, str) and not c.strip().isdigit() for c in filled):
            words = [c.strip() for c in filled]
            if len(set(words)) == len(words) and not any(sum(ch.isdigit() for ch in w) > 4 for w in words):
                return i
    return None


def _layout(sheet: Any) -> tuple[list[str], int]:
    """(column names, number of rows above the data)."""
    rows = [r for _, r in zip(range(LOOKED), sheet.iter_rows(values_only=True), strict=False)]
    at = _header(rows)
    width = max((max((i + 1 for i, c in enumerate(r) if c is not None), default=0) for r in rows), default=0)
    letters = [_letter(i) for i in range(width)]
    if at is None:
        return letters, 0
    names = [str(c).strip() if c is not None else letters[i] for i, c in enumerate(rows[at][:width])]
    return [n if names.index(n) == i else f"{n}_{letters[i]}" for i, n in enumerate(names)], at + 1


def _letter(i: int) -> str:
    text = ""
    i += 1
    while i:
        i, rest = divmod(i - 1, 26)
        text = chr(65 + rest) + text
    return text


def describe(files: Sequence[Path], name: str) -> Iterator[TableInfo]:
    """One table a sheet; an empty sheet is left out. A workbook of one sheet is named by the file."""
    for file in files:
        book = _book(file)
        try:
            sheets = [s for s in book.worksheets if _layout(s)[0]]
            for sheet in sheets:
                columns, _ = _layout(sheet)
                ref = TableRef(sheet.title, name) if len(sheets) > 1 else TableRef(name)
                rows = sheet.max_row or 0
                yield TableInfo(ref, tuple(ColumnInfo(c, "cell", path=(c,)) for c in columns), kind="file",
                                rows=Rows(0, rows, "statistics"), bytes=file.stat().st_size, comment=sheet.title)
        finally:
            book.close()


def stream(files: Sequence[Path], ref: TableRef, wanted: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Rows as text."""
    for file in files:
        book = _book(file)
        try:
            filled = [s for s in book.worksheets if _layout(s)[0]]
            sheets = [s for s in filled if s.title == ref.name] if len(filled) > 1 else filled
            for sheet in sheets:
                columns, skip = _layout(sheet)
                block: list[list[str | None]] = []
                for row in sheet.iter_rows(min_row=skip + 1, values_only=True):
                    cells = [_text(c) for c in row[:len(columns)]]
                    if any(c is not None for c in cells):
                        block.append(cells + [None] * (len(columns) - len(cells)))
                    if len(block) >= BATCH:
                        yield _batch(block, columns)
                        block = []
                if block:
                    yield _batch(block, columns)
        finally:
            book.close()


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e19:
        return str(int(value))
    return str(value)


def _batch(block: list[list[str | None]], columns: list[str]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([r[i] for r in block], pa.string()) for i in range(len(columns))], names=columns)
