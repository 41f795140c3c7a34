"""Rows of XLSX sheets: their values alone, of a workbook that openpyxl opened.

It is imported where a workbook is read: Spark's workers have openpyxl only then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element, iterparse

from openpyxl.cell.text import Text
from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.datetime import from_excel, from_ISO8601
from openpyxl.worksheet._reader import INLINE_STRING, ROW_TAG, VALUE_TAG

from scanner.connectors.account import Account, cell

_TEXT_TAG = INLINE_STRING[:-2] + "t"
MAX_ROWS = 1 << 20                            # of a sheet
_PLACE = re.compile(r"[A-Z]{1,3}[0-9]{1,7}")
_CELL_ERRORS = (ValueError, LookupError, OverflowError, TypeError)    # of one cell that is not well formed
_column = cache(column_index_from_string)


def sheet_rows(worksheet: Any, account: Account, skipped: int) -> Iterator[list[Any]]:
    """Yield the values of each row below so many of the first ones; an empty list for one without cells.

    A cell that cannot be read is noted in the account.
    """
    cells = _SheetCells(worksheet, account)
    number, after = 0, skipped
    with worksheet._get_source() as source:
        for _, element in iterparse(source):  # noqa: S314  expat bounds what entities grow to
            if element.tag != ROW_TAG:
                continue
            number = _row_number(element.get("r"), number)
            if number > skipped:
                for _ in range(after + 1, number):
                    yield []
                after = max(after + 1, number)
                yield cells.values(element)
            element.clear()


def _row_number(text: str | None, before: int) -> int:
    if text is None:
        return before + 1
    try:
        number = float(text)
    except ValueError:
        return before + 1
    return int(number) if number.is_integer() and 0 < number <= MAX_ROWS else before + 1


def _shown_place(place: str | None, row: Element) -> str:
    """Return the name of a cell, of its row where it is no name."""
    return place if place and _PLACE.fullmatch(place) else "?" + str(_row_number(row.get("r"), 0))


class _SheetCells:
    """What the cells of a sheet hold.

    A number in a date's style is a date where it can be one; a phone number in such a style stays one.
    """

    def __init__(self, worksheet: Any, account: Account) -> None:
        self._account = account
        workbook = worksheet.parent
        self._strings = worksheet._shared_strings
        self._epoch = workbook.epoch
        self._date_styles = {str(style) for style in workbook._date_formats}
        self._duration_styles = {str(style) for style in workbook._timedelta_formats}

    def values(self, row: Element) -> list[Any]:
        values: list[Any] = []
        column = 0
        for element in row:
            place = element.get("r")
            value = None
            try:
                column = _column(place.rstrip("0123456789")) if place else column + 1
                value = self._value(element)
            except _CELL_ERRORS:
                self._account.lose_once("unreadable_cells", cell(_shown_place(place, row)))
                if place and not _PLACE.fullmatch(place):
                    column += 1
            if column == len(values) + 1:
                values.append(value)
            else:
                values += [None] * (column - len(values))
                values[column - 1] = value
        return values

    def _value(self, element: Element) -> Any:
        kind = element.get("t", "n")
        if kind == "inlineStr":
            return _inline_text(element)
        text = element.findtext(VALUE_TAG)
        if not text:
            return None
        if kind == "n":
            return self._number(text, element.get("s"))
        if kind == "s":
            return self._strings[int(text)]
        if kind == "b":
            return bool(int(text))
        return _day(text) if kind == "d" else text

    def _number(self, text: str, style: str | None) -> Any:
        number = float(text) if "." in text or "E" in text or "e" in text else int(text)
        if style not in self._date_styles:
            return number
        try:
            return from_excel(number, self._epoch, timedelta=style in self._duration_styles)
        except (OverflowError, ValueError):
            return number


def _day(text: str) -> Any:
    day: Any = from_ISO8601                   # openpyxl declares no types here
    return day(text)


def _inline_text(element: Element) -> str | None:
    """Return the text of an inline string, of all its runs."""
    inline: Any = element.find(INLINE_STRING)
    if inline is None:
        return None
    if len(inline) == 1 and inline[0].tag == _TEXT_TAG:
        return inline[0].text or None
    text: Any = Text.from_tree(inline)
    return text.content or None
