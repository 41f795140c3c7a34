"""Rows of the inventory, written as XML beside the sheet: openpyxl takes three times as long for each cell.

What is written is, byte for byte, what openpyxl writes of the same values: a test compares them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from reports import cells

MOST_CACHED = 20_000                          # cells that were written before: types, labels, comments recur
_PLACE = "rows stand here"                    # the only cell of the row that all others take the place of
_OPENING, _ENDING = b"<row ", b"</row>"


def append_rows(sheet: Any, rows: Iterable[Sequence[Any]], first: int) -> None:
    """Add rows of plain values to a write-only sheet, which is closed then. first: number of their first."""
    with TemporaryFile() as written:
        writer = _RowWriter(sheet)
        for number, row in enumerate(rows, first):
            written.write(writer.row(number, row).encode("ascii", "xmlcharrefreplace"))
        if written.tell():
            sheet.append([_PLACE])
        sheet.close()
        if written.tell():
            written.seek(0)
            _put_in_place(Path(sheet._writer.out), written)


def _put_in_place(sheet: Path, rows: IO[bytes]) -> None:
    """Put rows into the XML of a sheet, where the row of the place stands."""
    frame = sheet.read_bytes()
    place = frame.index(_PLACE.encode())
    begin, end = frame.rindex(_OPENING, 0, place), frame.index(_ENDING, place) + len(_ENDING)
    with sheet.open("wb") as file:
        file.write(frame[:begin])
        shutil.copyfileobj(rows, file, 1 << 20)
        file.write(frame[end:])


class _RowWriter:
    """Writes rows of one sheet."""

    def __init__(self, sheet: Any) -> None:
        from openpyxl.utils import get_column_letter

        self._sheet = sheet
        self._letter = get_column_letter
        self._letters: list[str] = []
        self._rest: Callable[[type, Any], str] = lru_cache(maxsize=MOST_CACHED)(self._rest_of_cell)

    def row(self, number: int, values: Sequence[Any]) -> str:
        """Return a row as XML."""
        if len(self._letters) < len(values):
            self._letters = [self._letter(i) for i in range(1, len(values) + 1)]
        return f'<row r="{number}">{"".join(self._cells(number, values))}</row>'

    def _cells(self, number: int, values: Sequence[Any]) -> Iterator[str]:
        for letter, value in zip(self._letters, values, strict=False):
            if value is None or value == "":
                continue
            rest = self._rest if value else self._rest_of_cell       # 0.0 and -0.0 are equal
            yield f'<c r="{letter}{number}"{rest(type(value), value)}'

    def _rest_of_cell(self, kind: type, value: Any) -> str:
        """Return what stands behind the place of a cell. kind: its type, by which 1 is not True."""
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.cell.cell import Cell
        from openpyxl.compat import safe_string
        from openpyxl.utils import datetime as days

        plain = cells.cell(self._sheet, value)
        to_excel: Any = days.to_excel         # has no types
        cell: Any = plain if isinstance(plain, Cell) else WriteOnlyCell(self._sheet, value=plain)
        style = f' s="{cell.style_id}"' if cell.has_style else ""
        content, form = cell.value, cell.data_type
        if form == "s":
            space = ' xml:space="preserve"' if content != content.strip() else ""
            return f'{style} t="inlineStr"><is><t{space}>{_escaped(content)}</t></is></c>'
        if form == "d":
            content, form = to_excel(content, self._sheet.parent.epoch), "n"
        return f'{style} t="{form}"><v>{_escaped(safe_string(content))}</v></c>'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
