"""Workbooks, however they are read: every sheet is a table; the header may stand below a title."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from detectors.model import ColumnInfo, Rows, TableInfo, TableRef

LOOKED = 30                                   # rows in which the header is looked for
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """rows: from the top, counted from 0 or from the row given; None for an empty cell. high: rows there may be."""

    title: str
    high: int
    rows: Callable[[int], Iterator[Sequence[Any]]] = field(repr=False)


def header(rows: Sequence[Sequence[Any]]) -> int | None:
    """Index of the header: the first row that is as wide as the data and all text; None if there is none."""
    width = max((sum(c is not None for c in r) for r in rows), default=0)
    for i, row in enumerate(rows):
        filled = [c for c in row if c is not None]
        if len(filled) >= max(1, width * 0.6) and all(isinstance(c, str) and not c.strip().isdigit() for c in filled):
            words = [c.strip() for c in filled]
            if len(set(words)) == len(words) and not any(sum(ch.isdigit() for ch in w) > 4 for w in words):
                return i
    return None


def layout(sheet: Sheet) -> tuple[list[str], int]:
    """(column names, number of rows above the data)."""
    rows = [r for _, r in zip(range(LOOKED), sheet.rows(0), strict=False)]
    at = header(rows)
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


def tables(sheets: Sequence[Sheet], name: str, size: int) -> Iterator[TableInfo]:
    """One table a sheet; an empty sheet is left out. A workbook of one sheet is named by the file."""
    filled = [(s, columns) for s in sheets if (columns := layout(s)[0])]
    for sheet, columns in filled:
        ref = TableRef(sheet.title, name) if len(filled) > 1 else TableRef(name)
        yield TableInfo(ref, tuple(ColumnInfo(c, "cell", path=(c,)) for c in columns), kind="file",
                        rows=Rows(0, sheet.high, "statistics"), bytes=size, comment=sheet.title)


def batches(sheets: Sequence[Sheet], ref: TableRef) -> Iterator[pa.RecordBatch]:
    """Rows of one sheet as text."""
    filled = [s for s in sheets if layout(s)[0]]
    for sheet in [s for s in filled if s.title == ref.name] if len(filled) > 1 else filled:
        columns, skip = layout(sheet)
        block: list[list[str | None]] = []
        for row in sheet.rows(skip):
            cells = [text(c) for c in row[:len(columns)]]
            if any(c is not None for c in cells):
                block.append(cells + [None] * (len(columns) - len(cells)))
            if len(block) >= BATCH:
                yield _batch(block, columns)
                block = []
        if block:
            yield _batch(block, columns)


def text(value: Any) -> str | None:
    """A cell as text: whole numbers without a point, days without a time."""
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
