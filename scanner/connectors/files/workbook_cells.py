"""Rows of XLSX sheets: their values alone, of a workbook that openpyxl opened.

It is imported where a workbook is read: Spark's workers have openpyxl only then.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from functools import cache
from io import BytesIO
from itertools import islice, pairwise, zip_longest
from operator import itemgetter
from string import ascii_letters
from typing import IO, Any, NamedTuple
from xml.etree.ElementTree import Element, ParseError, iterparse

from openpyxl.cell.text import Text
from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.datetime import from_excel, from_ISO8601
from openpyxl.worksheet._reader import INLINE_STRING, ROW_TAG, VALUE_TAG

from scanner.connectors.account import Account, cell
from scanner.connectors.files.sheets import SheetDamage

_TEXT_TAG = INLINE_STRING[:-2] + "t"
MAX_ROWS = 1 << 20                            # of a sheet
MAX_COLUMNS = 1 << 14
ORDER_ROWS = 5_000                            # rows by which it is judged whether rows stand in their order
DAMAGE = (ParseError, zlib.error, zipfile.BadZipFile, EOFError, NotImplementedError)
_PLACE = re.compile(r"\$?[A-Z]{1,3}\$?[0-9]{1,7}")
_LETTERS = ascii_letters + "$"
_CELL_ERRORS = (ValueError, LookupError, OverflowError, TypeError)    # of one cell that is not well formed
_STRICT, _USUAL = (b"http://purl.oclc.org/ooxml/spreadsheetml/main",
                   b"http://schemas.openxmlformats.org/spreadsheetml/2006/main")
_HEAD = 2_048                                 # bytes of a sheet in which its namespace stands


@cache
def _column(letters: str) -> int:
    return column_index_from_string(letters.replace("$", ""))


class _PlacedRow(NamedTuple):
    """A row as it stands in the file. number: its own; number_of_cells: that which its first cell names."""

    number: int
    number_of_cells: int
    values: list[Any]


def sheet_rows(worksheet: Any, account: Account, skipped: int) -> Iterator[list[Any]]:
    """Yield the values of each row below so many of the first ones; an empty list for one without cells.

    Rows stand by their numbers. What has the number of an earlier one is read behind it, in the order of the
    file, and noted in the account, as is a cell that cannot be read. Raise SheetDamage where the sheet ends.
    """
    after = 0
    for row_number, values in _placed(_united_rows(_rows_as_they_stand(worksheet, account)), account):
        number = max(row_number, after + 1)
        if row_number <= after:
            account.lose("places_twice", 1, cell(f"?{number}"))
        for _ in range(max(after, skipped) + 1, number):
            yield []
        after = number
        if number > skipped:
            yield values


def _rows_as_they_stand(worksheet: Any, account: Account) -> Iterator[_PlacedRow]:
    """Yield the rows of a sheet in the order of the file. Raise SheetDamage where no more can be read."""
    cells = _SheetCells(worksheet, account)
    number = 0
    try:
        with worksheet._get_source() as part:
            source = _in_usual_namespace(part)
            for _, element in iterparse(source):  # noqa: S314  expat bounds what entities grow to
                if element.tag == ROW_TAG:
                    number = _row_number(element.get("r"), number)
                    place = element[0].get("r", "") if len(element) else ""
                    yield _PlacedRow(number, _row_number(place.lstrip(_LETTERS) or None, number - 1),
                               cells.values(element))
                    element.clear()
    except DAMAGE:
        raise SheetDamage(number) from None


def _in_usual_namespace(part: IO[bytes]) -> IO[bytes]:
    """Return a sheet whose names are those of other workbooks, where it is of the strict kind."""
    is_strict = _STRICT in part.read(_HEAD)
    part.seek(0)
    return BytesIO(part.read().replace(_STRICT, _USUAL)) if is_strict else part


def _united_rows(rows: Iterator[_PlacedRow]) -> Iterator[_PlacedRow]:
    """Yield rows; those of one number that follow each other and have no column in common are one."""
    before: _PlacedRow | None = None
    try:
        for row in rows:
            if before is not None:
                if row.number == before.number and _are_apart(before.values, row.values):
                    before = before._replace(values=[
                        b if a is None else a for a, b in zip_longest(before.values, row.values)])
                    continue
                yield before
            before = row
    except SheetDamage:
        if before is not None:
            yield before
        raise
    if before is not None:
        yield before


def _are_apart(one: Sequence[Any], other: Sequence[Any]) -> bool:
    return all(a is None or b is None for a, b in zip(one, other, strict=False))


def _placed(rows: Iterator[_PlacedRow], account: Account) -> Iterator[tuple[int, list[Any]]]:
    """Yield (number, values) of rows, by their numbers where the first ones do not stand in that order."""
    first, damage = _next_rows(rows, ORDER_ROWS)
    numbers = [row.number for row in first]
    if all(a < b for a, b in pairwise(numbers)):
        yield from ((row.number, row.values) for row in first)
    else:
        rest, damage = ([], damage) if damage else _next_rows(rows, None)
        first += rest
        numbers = [row.number for row in first]
        others = [row.number_of_cells for row in first]
        if len(set(numbers)) < len(first) == len(set(others)):        # its cells say where each row stands
            account.lose("places_twice", len(first) - len(set(numbers)), cell(f"?{first[0].number}"))
            numbers = others
        yield from sorted(zip(numbers, (row.values for row in first), strict=True), key=itemgetter(0))
    if damage:
        raise damage
    yield from ((row.number, row.values) for row in rows)


def _next_rows(rows: Iterator[_PlacedRow], n: int | None) -> tuple[list[_PlacedRow], SheetDamage | None]:
    """Return the next rows, at most so many, and what ends them before."""
    placed: list[_PlacedRow] = []
    try:
        placed.extend(islice(rows, n))        # what came before the damage stays
    except SheetDamage as e:
        return placed, e
    return placed, None


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
            if column > MAX_COLUMNS:
                self._account.lose("sheet_cells_beyond", 1, cell(_shown_place(place, row)))
                continue
            if column <= len(values) and value is not None and values[column - 1] is not None:
                self._account.lose("places_twice", 1, cell(_shown_place(place, row)))
                column = len(values) + 1
            if column == len(values) + 1:
                values.append(value)
            elif column > len(values) or value is not None:
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
