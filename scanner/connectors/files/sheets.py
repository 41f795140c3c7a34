"""Workbooks, however they are read: every sheet is a table; the header may stand below a title."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from typing import Any

import pyarrow as pa

from detectors.masking import mask_values
from detectors.model import ColumnInfo, Rows, TableInfo, TableRef

HEADER_WITHIN = 30                            # rows among which the header is searched
BATCH = 5_000                                 # rows of a batch


@dataclass(frozen=True, slots=True)
class WorkbookSheet:
    """One sheet. max_rows: rows there may be.

    rows: gives the rows below so many of the first ones; None for an empty cell.
    """

    title: str
    max_rows: int
    rows: Callable[[int], Iterator[Sequence[Any]]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """Column names of a sheet, none of an empty one, and the number of rows above the data."""

    columns: list[str]
    rows_above: int


def find_header(rows: Sequence[Sequence[Any]]) -> int | None:
    """Return the index of the first row that is as wide as the data and all text; None if there is none."""
    width = max((sum(cell is not None for cell in row) for row in rows), default=0)
    for i, row in enumerate(rows):
        filled = [cell for cell in row if cell is not None]
        if len(filled) >= max(1, width * 0.6) and _are_titles(filled):
            return i
    return None


def _are_titles(cells: Sequence[Any]) -> bool:
    """Return whether cells are texts, each once, and none of them a number or full of digits."""
    if not all(isinstance(cell, str) and not cell.strip().isdigit() for cell in cells):
        return False
    titles = [cell.strip() for cell in cells]
    return len(set(titles)) == len(titles) and not any(sum(map(str.isdigit, title)) > 4 for title in titles)


def read_layout(sheet: WorkbookSheet) -> SheetLayout:
    """Return column names and the place of the data; columns without a title are named by their letters."""
    rows = list(islice(sheet.rows(0), HEADER_WITHIN))
    header = find_header(rows)
    width = max((i + 1 for row in rows for i, cell in enumerate(row) if cell is not None), default=0)
    letters = [_letter(i) for i in range(width)]
    if header is None:
        return SheetLayout(letters, 0)
    titles = [str(cell).strip() if cell is not None else letters[i]
              for i, cell in enumerate(rows[header][:width])]
    names = [title if titles.index(title) == i else f"{title}_{letters[i]}" for i, title in enumerate(titles)]
    return SheetLayout(names, header + 1)


def _letter(number: int) -> str:
    """Return what a workbook calls its column, counted from 0.

    >>> _letter(0), _letter(25), _letter(26)
    ('A', 'Z', 'AA')
    """
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def describe_sheets(sheets: Sequence[WorkbookSheet], name: str, size: int) -> Iterator[TableInfo]:
    """Yield one table a sheet; an empty sheet is left out. A workbook of one sheet is named by its file."""
    layouts = _layouts(sheets)
    for sheet, layout in layouts:
        ref = TableRef(sheet.title, name) if len(layouts) > 1 else TableRef(name)
        yield TableInfo(ref, tuple(ColumnInfo(c, "cell", path=(c,)) for c in layout.columns), kind="file",
                        rows=Rows(0, sheet.max_rows, "statistics"), bytes=size, comment=sheet.title)


def read_sheet(sheets: Sequence[WorkbookSheet], ref: TableRef) -> Iterator[pa.RecordBatch]:
    """Yield the rows of one sheet as text."""
    layouts = _layouts(sheets)
    if len(layouts) > 1:
        layouts = [(sheet, layout) for sheet, layout in layouts if sheet.title == ref.name]
    for sheet, layout in layouts:
        yield from _batches_of(sheet, layout)


def _layouts(sheets: Sequence[WorkbookSheet]) -> list[tuple[WorkbookSheet, SheetLayout]]:
    """Return the sheets that are not empty, each with its layout."""
    return [(sheet, layout) for sheet in _masked(sheets) if (layout := read_layout(sheet)).columns]


def _masked(sheets: Sequence[WorkbookSheet]) -> Iterator[WorkbookSheet]:
    """Yield the sheets by titles without what is somebody's in them; each title once."""
    used = {sheet.title for sheet in sheets}
    for sheet in sheets:
        title = masked = mask_values(sheet.title)
        number = 1
        while title != sheet.title and title in used:
            number += 1
            title = f"{masked}_{number}"
        used.add(title)
        yield replace(sheet, title=title)


def _batches_of(sheet: WorkbookSheet, layout: SheetLayout) -> Iterator[pa.RecordBatch]:
    width = len(layout.columns)
    block: list[list[str | None]] = []
    for row in sheet.rows(layout.rows_above):
        cells = [cell_text(cell) for cell in row[:width]]
        if any(cell is not None for cell in cells):
            block.append(cells + [None] * (width - len(cells)))
        if len(block) >= BATCH:
            yield _batch_of(block, layout.columns)
            block = []
    if block:
        yield _batch_of(block, layout.columns)


def cell_text(value: Any) -> str | None:
    """Return a cell as text: whole numbers without a point, days without a time."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e19:
        return str(int(value))
    return str(value)


def _batch_of(block: list[list[str | None]], columns: list[str]) -> pa.RecordBatch:
    arrays = [pa.array([row[i] for row in block], pa.string()) for i in range(len(columns))]
    return pa.RecordBatch.from_arrays(arrays, names=columns)
