"""Blocks of cells in a sheet: where each lies, and what names its columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from detectors.cn.person_name import is_valid as is_person_name
from scanner.connectors.cell_kinds import cell_kind, is_word_of_headings, looks_like_value, usual_kind
from scanner.connectors.files.sheet_forms import label_columns, label_of, names_of_form
from scanner.connectors.heading_people import has_acting_person
from scanner.connectors.heading_weights import JUDGED
from scanner.connectors.key_lines import lines_of_keys
from scanner.connectors.table_borders import WITHIN, Borders, find_borders, is_sideways, unique_names

SheetRow = Sequence[str]
MOST = 5_000                                  # rows of a text that may lie as those of a sheet do
_FEWEST = 3                                   # rows of a table below which another one begins at once
_FEW = 4                                      # rows too few to tell a person's name from a heading
_UNNAMED = re.compile(r"c(\d\d+)")


@dataclass(frozen=True, slots=True)
class Block:
    """Cells that make a table.

    names: of its columns. columns: of the sheet, from 0. first_row: of the data, from 0. last_row: after
    them. place: its first cell. title_cells, title_persons, heading_values: as `Borders` has them.
    is_sideways: its columns are records. is_cards: records stand under each other, each with all its headings
    in the first column.
    is_assumed: whether the first line is headings or data is not certain. labels: among its columns, those of
    a form that hold labels, each before its value.
    """

    names: tuple[str, ...]
    columns: tuple[int, ...]
    first_row: int
    last_row: int
    place: str
    title_cells: int = 0
    title_persons: int = 0
    heading_values: int = 0
    is_sideways: bool = False
    is_assumed: bool = False
    is_cards: bool = False
    labels: tuple[int, ...] = ()


def column_letter(number: int) -> str:
    """Return what a workbook calls its column, counted from 0.

    >>> column_letter(0), column_letter(25), column_letter(26)
    ('A', 'Z', 'AA')
    """
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def find_blocks(rows: Sequence[SheetRow]) -> list[Block]:
    """Return the blocks among the rows of a sheet, none of an empty one. Empty text: no cell.

    >>> [b.place for b in find_blocks([["姓名", "手机号"], ["林一", "13700000001"], [],
    ...                                ["", "", "", "城市", "邮编"], ["", "", "", "上海", "200000"]])]
    ['A1', 'D4']
    """
    return [_block(rows, begin, end, columns) for begin, end in _spans(rows)
            for columns in _side_by_side(rows[begin:end])]


def lies_as_sheet(rows: Sequence[SheetRow]) -> bool:
    """Return whether the cells of a text lie otherwise than in one table below its headings."""
    filled = [row for row in rows if any(row)]
    if len(filled) > MOST or max(map(len, filled), default=0) < 2:
        return False
    heads = filled[0]
    has_blanks = any(not any(row) for row in rows[1:])
    if not has_blanks and sum(map(is_word_of_headings, heads)) > 0.5 * len(heads) and len(heads) > 2:
        return False
    words = sum(is_word_of_headings(label_of(row[0])) for row in filled[:JUDGED] if row)
    if not has_blanks and 2 * words < len(filled[:JUDGED]):
        return False
    blocks = find_blocks(rows)
    forms = sum(bool(block.is_sideways or block.is_cards or block.labels) for block in blocks)
    if forms:
        return forms == len(blocks)           # keys with values above a table are its own
    return len(blocks) > 1 and all(2 * sum(map(is_word_of_headings, block.names)) >= len(block.names)
                                   for block in blocks)


def _side_by_side(rows: Sequence[SheetRow]) -> list[list[int]]:
    """Return the columns of each table among rows: blank columns part those of other lengths."""
    filled = sorted(_filled_columns(rows))
    starts = [0, *(i for i in range(1, len(filled)) if filled[i] > filled[i - 1] + 1), len(filled)]
    parts = [filled[a:b] for a, b in zip(starts, starts[1:], strict=False)]
    if len(parts) == 1 or any(len(part) < 2 for part in parts):
        return [filled]
    if _names_repeat([_cut(rows, part) for part in parts]):
        return parts
    lengths = [max(i for i, row in enumerate(_cut(rows, part)) if any(row)) for part in parts]
    have_headings = all(find_borders(cells[:JUDGED]).has_headings or is_sideways(cells)
                        for cells in (_cut(rows, part) for part in parts))
    return parts if len(set(lengths)) == len(parts) and have_headings else [filled]


def _names_repeat(parts: Sequence[Sequence[SheetRow]]) -> bool:
    """Return whether tables beside each other have the same headings."""
    borders = [find_borders(cells[:JUDGED]) for cells in parts]
    if not all(edges.has_headings for edges in borders):
        return False
    names = [set(edges.names) for edges in borders]
    return all(len(a & b) > 1 and len(a & b) >= 0.5 * min(len(a), len(b))
               for a, b in zip(names, names[1:], strict=False))


def _spans(rows: Sequence[SheetRow]) -> Iterator[tuple[int, int]]:
    """Yield (first row, row after) of each block: rows up to blank ones, below which another table begins."""
    bands = [part for band in _bands(rows) for part in _parts_of_band(rows, *band)]
    if not bands:
        return
    begin, end = bands[0]
    for first, after in bands[1:]:
        if _begins_table(rows, (begin, end), (first, after)):
            yield begin, end
            begin = first
        end = after
    yield begin, end


def _bands(rows: Sequence[SheetRow]) -> list[tuple[int, int]]:
    """Return (first row, row after) of rows without a blank one between them."""
    bands: list[tuple[int, int]] = []
    for i, row in enumerate(rows):
        if not any(row):
            continue
        if bands and bands[-1][1] == i:
            bands[-1] = (bands[-1][0], i + 1)
        else:
            bands.append((i, i + 1))
    return bands


def _parts_of_band(rows: Sequence[SheetRow], begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield rows without a blank one between them, cut where headings stand below cells of other kinds."""
    body = _cut(rows[begin:end], sorted(_filled_columns(rows[begin:end])))
    if len(body) < _FEWEST or not find_borders(body[:JUDGED]).has_headings:
        yield begin, end
        return
    kinds = [usual_kind([row[i] for row in body[1:JUDGED]]) for i in range(len(body[0]))]
    typed = [i for i, kind in enumerate(kinds) if kind]
    start = begin
    for i in range(_FEWEST, len(body) - 1):
        row, below = body[i], body[i + 1]
        words = [cell for cell in row if cell]
        are_unlike = not any(row[k] and cell_kind(row[k]) for k in typed) and any(map(cell_kind, below))
        if typed and are_unlike and len(words) > 1 and all(map(is_word_of_headings, words)):
            yield start, begin + i
            start = begin + i
    yield start, end


def _begins_table(rows: Sequence[SheetRow], above: tuple[int, int], band: tuple[int, int]) -> bool:
    """Return whether rows below a blank one are another table than those above it."""
    upper, lower = _filled_columns(rows[slice(*above)]), _filled_columns(rows[slice(*band)])
    if band[1] - band[0] < 2 or above[1] - above[0] < 2:
        return False
    if not upper & lower:
        return True
    if len(lower) < 2 or _goes_on_sideways(rows, above, band):
        return False
    borders = find_borders(_cut(rows[band[0]: band[0] + JUDGED], sorted(lower)))
    if not borders.has_headings or borders.is_assumed:
        return False
    upper_borders = find_borders(_cut(rows[above[0]: above[0] + JUDGED], sorted(upper)))
    is_table = upper_borders.has_headings and upper_borders.first_row < above[1] - above[0]
    return is_table and upper_borders.names != borders.names


def _goes_on_sideways(
    rows: Sequence[SheetRow], above: tuple[int, int], band: tuple[int, int],
) -> bool:
    """Return whether rows below a blank one are further columns of the records of a table on its side."""
    parts = [rows[slice(*above)], rows[slice(*band)]]
    columns = _filled_columns(parts[0])
    if columns != _filled_columns(parts[1]):
        return False
    cells = [[row for row in _cut(part, sorted(columns)) if any(row)] for part in parts]
    labels = [{label_of(row[0]) for row in part} for part in cells]
    return not labels[0] & labels[1] and any(map(is_sideways, cells)) and is_sideways([*cells[0], *cells[1]])


def _filled_columns(rows: Sequence[SheetRow]) -> set[int]:
    return {i for row in rows for i, cell in enumerate(row) if cell}


def _cut(rows: Sequence[SheetRow], columns: Sequence[int]) -> list[list[str]]:
    return [[row[i] if i < len(row) else "" for i in columns] for row in rows]


def _labels_of_cards(cells: Sequence[SheetRow]) -> tuple[str, ...]:
    """Return the headings of records that stand under each other, as cards; empty where it is no such block.

    >>> _labels_of_cards([["姓名", "林一"], ["手机号", "1"], ["", ""], ["姓名", "林二"], ["手机号", "2"]])
    ('姓名', '手机号')
    """
    column = [label_of(row[0]) for row in cells if any(row)]
    labels = tuple(dict.fromkeys(column))
    cards = column.count(column[0]) if column else 0
    is_regular = cards > 1 and len(labels) > 1 and len(column) >= 0.6 * cards * len(labels)
    if not is_regular or "" in labels or any(map(looks_like_value, labels)) or max(map(len, cells)) < 2:
        return ()
    if sum(map(is_word_of_headings, labels)) < 0.6 * len(labels):
        return ()
    starts = [i for i, label in enumerate(column) if label == labels[0]] + [len(column)]
    parts = [column[a:b] for a, b in zip(starts, starts[1:], strict=False)]
    return labels if all(len(set(part)) == len(part) for part in parts) else ()


def _may_be_tables(cells: Sequence[SheetRow], first: str) -> bool:
    """Return whether cards of several records differ in their labels: they may be tables on their side."""
    rows = [row for row in cells if any(row)]
    if not any(sum(map(bool, row)) > 2 for row in rows):
        return False
    labels: list[set[str]] = []
    for row in rows:
        if label_of(row[0]) == first:
            labels.append(set())
        labels[-1].add(label_of(row[0]))
    return any(card != labels[0] for card in labels)


def _is_somebody(name: str) -> bool:
    return is_person_name(name) and not is_word_of_headings(name)


def _block(rows: Sequence[SheetRow], begin: int, end: int, columns: Sequence[int]) -> Block:
    cells = _cut(rows[begin:end], columns)
    place = f"{column_letter(columns[0])}{begin + 1}"
    form = Block((), tuple(columns), begin, end, place)
    if not lines_of_keys(cells) and (block := _block_of_form(cells, form)) is not None:
        return block
    borders = find_borders(cells[: WITHIN + JUDGED])
    if len(cells) < _FEW and any(map(_is_somebody, borders.names)):
        borders = Borders(unique_names([], len(columns)), (0, 0), 0, True)
    names = tuple(column_letter(columns[int(m[1])]) if (m := _UNNAMED.fullmatch(name)) else name
                  for name in borders.names)
    return replace(form, names=names, first_row=begin + borders.first_row, title_cells=borders.title_cells,
                   title_persons=borders.title_persons, heading_values=borders.heading_values,
                   is_assumed=borders.is_assumed)


def _block_of_form(cells: Sequence[SheetRow], form: Block) -> Block | None:
    """Return a form, cards or a table on its side, whose labels name the columns; None for another block."""
    if label_places := label_columns(cells):
        return replace(form, names=names_of_form(cells, label_places), labels=label_places)
    if labels := _labels_of_cards(cells):
        return replace(form, names=labels, is_cards=True, is_assumed=_may_be_tables(cells, labels[0]))
    if not is_sideways(cells):
        return None
    filled = [row for row in cells if any(row)]
    has_blanks = not all(map(any, cells))     # these may part two tables
    notes = [row[0] for row in filled if sum(map(bool, row)) < 2]
    names = unique_names([row[0] if sum(map(bool, row)) > 1 else "" for row in filled], 0)
    return replace(form, names=names, title_cells=sum(map(looks_like_value, notes)),
                   title_persons=sum(has_acting_person([note]) for note in notes), is_sideways=True,
                   is_assumed=has_blanks)
