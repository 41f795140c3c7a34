"""Workbooks, however they are read: every sheet is a table, or several where blocks of cells lie apart.

Where the blocks are and what names their columns is found in `sheet_blocks`.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple

import pyarrow as pa

from detectors.errors import SourceError
from detectors.masking import mask_people
from detectors.message import Msg
from detectors.model import ColumnInfo, Rows, TableInfo, TableRef
from scanner.connectors.account import KINDS, Account, cell
from scanner.connectors.cell_kinds import are_headings
from scanner.connectors.files.sheet_blocks import Block, column_letter, find_blocks
from scanner.connectors.files.sheet_forms import label_of, pairs_of_row
from scanner.connectors.files.sheet_texts import SheetCells, SheetTexts
from scanner.connectors.files.source_file import SourceFile
from scanner.connectors.footer_rows import without_footers
from scanner.connectors.total_rows import note_total

DESCRIBED = 5_000                             # rows among which blocks are searched
CELL_HEAD = 1_000                             # characters of a cell by which it is judged what it is
BATCH = 5_000                                 # rows of a batch
_UNNAMED = re.compile("c[0-9]{2,}|[A-Z]{1,3}")
REMEMBERED = 2_000                            # workbooks whose tables are remembered


class SheetDamage(Exception):
    """A sheet can be read no further. row: the last one that was read, from 1; 0 for none."""

    def __init__(self, row: int = 0) -> None:
        super().__init__(row)
        self.row = row


@dataclass(frozen=True, slots=True)
class WorkbookSheet:
    """One sheet. max_rows: rows there may be.

    rows: gives the rows below so many of the first ones; None for an empty cell. It raises SheetDamage where
    the sheet is missing or damaged.
    unstored: gives how many formulas have no stored value; commented: how many cells have a comment.
    """

    title: str
    max_rows: int
    rows: Callable[[int], Iterator[Sequence[Any]]] = field(repr=False)
    unstored: Callable[[], int] = field(default=int, repr=False)
    commented: Callable[[], int] = field(default=int, repr=False)


@dataclass(frozen=True, slots=True)
class _SheetTable:
    """A table of a workbook. sheet: its number. is_last: whether it has the rows below those described."""

    ref: TableRef
    sheet: int
    block: Block
    is_last: bool


class _Workbook(NamedTuple):
    """The tables of a workbook, and how many of its sheets cannot be read at all."""

    tables: list[_SheetTable]
    unread: int


_NumberedRow = tuple[int, list[str | None]]
_FileKey = tuple[str, str, str]               # file and stamp

_workbooks: OrderedDict[_FileKey, _Workbook] = OrderedDict()
_texts = SheetTexts()                         # by file and number of the sheet


def describe_sheets(sheets: Sequence[WorkbookSheet], name: str, file: SourceFile) -> Iterator[TableInfo]:
    """Yield the tables of the sheets; an empty sheet has none. A single one is named by its file."""
    for table in _workbook(sheets, name, file).tables:
        sheet = sheets[table.sheet]
        columns = tuple(ColumnInfo(c, "cell", path=(c,)) for c in table.block.names)
        yield TableInfo(table.ref, columns, kind="file", rows=Rows(0, sheet.max_rows, "statistics"),
                        bytes=file.size, comment=mask_people(sheet.title))


def read_sheet(sheets: Sequence[WorkbookSheet], ref: TableRef, file: SourceFile) -> Iterator[pa.RecordBatch]:
    """Yield the rows of one table as text; what is not among them is noted in the account of the file."""
    tables, unread = _workbook(sheets, ref.schema, file)
    file.account.lose("sheets_unread", unread)
    chosen = tables if len(tables) == 1 else [table for table in tables if table.ref.name == ref.name]
    for table in chosen:
        block, sheet = table.block, sheets[table.sheet]
        file.account.lose("titles", block.title_cells, cell(block.place))
        file.account.lose("heading_values", block.heading_values, cell(block.place))
        file.account.lose("title_persons", block.title_persons, cell(block.place))
        if block.is_assumed and "headings_assumed" in KINDS:
            file.account.lose("headings_assumed", 1, cell(block.place))
        file.account.lose("formulas_without_values", sheet.unstored())
        file.account.lose("comments_unread", sheet.commented())
        texts = _texts.rows((_key_of(file), table.sheet))
        numbered = _rows_of(table, sheet, file.account) if texts is None else _rows_of_texts(table, texts)
        rows = _records_only(block, numbered, file.account)
        if block.is_cards:
            rows = _records_of_cards(block, rows, file.account)
        elif block.labels:
            rows = _records_of_form(block, rows, file.account)
        yield from _batches_of(block, rows)


def _workbook(sheets: Sequence[WorkbookSheet], name: str, file: SourceFile) -> _Workbook:
    key = _key_of(file)
    if key not in _workbooks:
        _workbooks[key] = workbook = _find_tables(sheets, name, file)
        if workbook.unread and not workbook.tables:
            del _workbooks[key]
            raise SourceError(Msg("no sheet of the workbook can be read"), where=file.where,
                              hint=Msg("open and save it again"))
        if len(_workbooks) > REMEMBERED:
            _workbooks.popitem(last=False)
    return _workbooks[key]


def _key_of(file: SourceFile) -> _FileKey:
    return file.where, file.path, file.stamp


def _find_tables(sheets: Sequence[WorkbookSheet], name: str, file: SourceFile) -> _Workbook:
    """Return the tables of the sheets; the texts of small sheets are kept for when their rows are read."""
    tables: list[_SheetTable] = []
    unread = 0
    for number, sheet in enumerate(_masked(sheets)):
        rows: list[list[str]] = []
        is_whole, has_more = True, False
        try:
            all_rows = sheet.rows(0)
            for row in islice(all_rows, DESCRIBED):
                rows.append([(cell_text(value) or "")[:CELL_HEAD] for value in row])  # noqa: PERF401  kept up to the damage
            has_more = next(all_rows, None) is not None
        except SheetDamage:
            is_whole = False
        if is_whole and not has_more and not file.account.losses and not _are_cut(rows):
            _texts.keep((_key_of(file), number), rows)          # losses are noted at each reading
        blocks = find_blocks(rows)
        unread += not blocks and not is_whole
        for i, block in enumerate(blocks):
            ref = TableRef(f"{sheet.title}_{block.place}" if i else sheet.title, name)
            tables.append(_SheetTable(ref, number, block, i == len(blocks) - 1))
    return _Workbook([replace(tables[0], ref=TableRef(name))] if len(tables) == 1 else tables, unread)


def _masked(sheets: Sequence[WorkbookSheet]) -> Iterator[WorkbookSheet]:
    """Yield the sheets by titles without what is somebody's in them; each title once."""
    used = {sheet.title for sheet in sheets}
    for sheet in sheets:
        title = masked = mask_people(sheet.title)
        number = 1
        while title != sheet.title and title in used:
            number += 1
            title = f"{masked}_{number}"
        used.add(title)
        yield replace(sheet, title=title)


def _batches_of(block: Block, rows: Iterator[list[str | None]]) -> Iterator[pa.RecordBatch]:
    if block.is_sideways:
        records = map(list, zip(*rows, strict=True))
        next(records, None)                   # the names
        rows = (record for record in records if any(record))
    while some := list(islice(rows, BATCH)):
        yield _batch_of(some, block.names)


def _records_of_cards(
    block: Block, rows: Iterator[list[str | None]], account: Account,
) -> Iterator[list[str | None]]:
    """Yield a row for each card and each column of values in it."""
    card: dict[str, list[str | None]] = {}
    for label, *values in rows:
        name = label_of(label or "")
        if name not in block.names:
            beyond = sum(value is not None for value in values) + (label is not None)
            account.lose("sheet_cells_beyond", beyond, cell(block.place))
        else:
            if name in card or name == block.names[0]:
                yield from _records_of_card(block, card)
                card = {}
            card[name] = values
    yield from _records_of_card(block, card)


def _records_of_form(
    block: Block, rows: Iterator[list[str | None]], account: Account,
) -> Iterator[list[str | None]]:
    """Yield a row for each form: a label that comes again begins the next one."""
    form: dict[str, str | None] = {}
    for row in rows:
        for label, cells in pairs_of_row(row, block.labels):
            if label not in block.names:
                account.lose("sheet_cells_beyond", len(cells) + bool(label), cell(block.place))
                continue
            if label in form:
                yield [form.get(name) for name in block.names]
                form = {}
            form[label] = "\n".join(cells) or None
    if form:
        yield [form.get(name) for name in block.names]


def _records_only(
    block: Block, rows: Iterator[_NumberedRow], account: Account,
) -> Iterator[list[str | None]]:
    """Yield rows but those that hold the headings once more, as on each page, or sums of others."""
    is_upright = not (block.is_cards or block.labels or block.is_sideways)
    if is_upright:
        rows = without_footers(rows, account, lambda number: _place_of(block, number))
    own = [(i, name) for i, name in enumerate(block.names) if not _UNNAMED.fullmatch(name)]
    can_repeat = len(own) > 1 and is_upright
    before = DESCRIBED - 1                    # above, blocks were told apart
    for number, row in rows:
        is_below_blank, before = number > before + 1, max(before, number)
        place = _place_of(block, number)
        if can_repeat and all(" ".join((row[i] or "").split()) == name for i, name in own):
            account.lose("repeated_headings", 1, place)
            continue
        if is_upright and is_below_blank and are_headings([text for text in row if text]):
            account.lose("other_table", 1, place)
        if not (is_upright and number > block.first_row and note_total(row, account, place)):
            yield row


def _place_of(block: Block, number: int) -> Msg:
    """Return the first cell of a row of a table. number: from 0."""
    return cell(f"{column_letter(block.columns[0])}{number + 1}")


def _records_of_card(block: Block, card: Mapping[str, list[str | None]]) -> Iterator[list[str | None]]:
    if card:
        blank = [None] * (len(block.columns) - 1)
        records = map(list, zip(*(card.get(name, blank) for name in block.names), strict=True))
        yield from (record for record in records if any(record))


def _rows_of(table: _SheetTable, sheet: WorkbookSheet, account: Account) -> Iterator[_NumberedRow]:
    """Yield the filled rows of a table, each behind its number from 0; note cells beside it below the
    rows that were described.
    """
    columns, first = table.block.columns, table.block.first_row
    rows = islice(_up_to_damage(sheet, first, account),
                  None if table.is_last else table.block.last_row - first)
    size = len(columns)
    is_whole = columns == tuple(range(size))
    for number, row in enumerate(rows, first):
        width = len(row)
        values = row[:size] if is_whole else [row[i] if i < width else None for i in columns]
        cells = [cell_text(value) for value in values]
        if number >= DESCRIBED and (width > size or not is_whole):
            _note_beyond(row, number, set(columns), account)
        if any(text is not None for text in cells):
            yield number, cells + [None] * (size - len(cells))


def _rows_of_texts(table: _SheetTable, texts: SheetCells) -> Iterator[_NumberedRow]:
    """Yield the filled rows of a table, numbered, in a sheet whose texts were kept."""
    columns, block = table.block.columns, table.block
    rows = texts[block.first_row: None if table.is_last else block.last_row]
    for number, row in enumerate(rows, block.first_row):
        width = len(row)
        cells = [(row[i] or None) if i < width else None for i in columns]
        if any(cells):
            yield number, cells


def _are_cut(rows: SheetCells) -> bool:
    return any(len(text) >= CELL_HEAD for row in rows for text in row)


def _up_to_damage(sheet: WorkbookSheet, skipped: int, account: Account) -> Iterator[Sequence[Any]]:
    """Yield the rows of a sheet, as far as they can be read; note where they end before the sheet does."""
    try:
        yield from sheet.rows(skipped)
    except SheetDamage as e:
        account.lose("sheet_cut", 1, cell(f"?{e.row + 1}"))


def _note_beyond(row: Sequence[Any], number: int, columns: set[int], account: Account) -> None:
    beyond = [i for i, value in enumerate(row) if i not in columns and cell_text(value) is not None]
    if beyond:
        account.lose("sheet_cells_beyond", len(beyond), cell(f"{column_letter(beyond[0])}{number + 1}"))


def cell_text(value: Any) -> str | None:
    """Return a cell as text: whole numbers without a point, days without a time."""
    if value is None:
        return None
    if isinstance(value, str):
        return value or None
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e19:
        return str(int(value))
    return str(value)


def _batch_of(block: list[list[str | None]], columns: Sequence[str]) -> pa.RecordBatch:
    arrays = [pa.array([row[i] for row in block], pa.string()) for i in range(len(columns))]
    return pa.RecordBatch.from_arrays(arrays, names=list(columns))
