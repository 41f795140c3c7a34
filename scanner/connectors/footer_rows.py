"""Lines below the rows of a table that speak of the table: who made it, when, its source, its page, its size.

known    such words in the first column and nothing else beside them, below the last row: no row
doubtful such words elsewhere, or a lone text below the last row that is unlike its column: read as a row, and
         no count rests on it

A row that is sparse, or a name with a colon, is neither.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Literal, TypeVar

from detectors.message import Text
from scanner.connectors.account import Account
from scanner.connectors.cell_kinds import MISSING, cell_kind, cell_shape, usual_kind
from scanner.connectors.footer_words import BARE_KEY, KEY, OTHER, PAGE, SPACED, WORDED
from scanner.connectors.total_rows import names_total

FooterKind = Literal["", "known", "doubtful"]
Cells = Sequence[str | None]
ROWS_ABOVE = 100                              # by which it is judged what rows of the table look like
MOST_BELOW = 30                               # lines below the rows, at most
_MOST_FILLED = 6                              # cells of a line below the rows, at most
_LONGEST = 400                                # characters of a text about a table


def may_stand_below(cells: Cells) -> bool:
    """Return whether a row may be a line about the table: it has one cell, or a few of such words.

    >>> may_stand_below(["王小明", "13700000001", "上海"]), may_stand_below(["王小明", None, ""])
    (False, True)
    """
    filled = _filled(cells)
    if names_total(filled):
        return True
    if len(filled) == 1:
        return len(cells) > 1 or _grade_of_words(filled) != ""
    return 1 < len(filled) <= _MOST_FILLED and _grade_of_words(filled) != ""


def is_about_table(cells: Cells) -> bool:
    """Return whether a line speaks of the table for certain, wherever it stands: who made it, when, its page.

    >>> is_about_table(["制表人：王小明", ""]), is_about_table(["客户：王小明"]), is_about_table(["王小明"])
    (True, False, False)
    """
    return _grade_of_words(_filled(cells)) == "known"


TableRow = TypeVar("TableRow", bound=Cells)


def without_footers(
    rows: Iterable[tuple[int, TableRow]], account: Account, place_of: Callable[[int], Text]
) -> Iterator[tuple[int, TableRow]]:
    """Yield numbered rows but those that are lines about the table; note these, and what may be such.

    place_of: of a number.
    """
    for number, cells, kind in rows_with_kinds(rows):
        if kind:
            account.lose("footers" if kind == "known" else "footers_assumed", 1, place_of(number))
        if kind != "known":
            yield number, cells


def rows_with_kinds(rows: Iterable[tuple[int, TableRow]]) -> Iterator[tuple[int, TableRow, FooterKind]]:
    """Yield numbered rows of a table, each with what it is."""
    above: deque[TableRow] = deque(maxlen=ROWS_ABOVE)
    below: list[tuple[int, TableRow]] = []         # lines that the rows may end with

    def judged(*, at_end: bool) -> Iterator[tuple[int, TableRow, FooterKind]]:
        kinds = footers([cells for _, cells in below], above, at_end=at_end)
        yield from ((*row, kind) for row, kind in zip(below, kinds, strict=True))

    for number, cells in rows:
        if may_stand_below(cells):
            below.append((number, cells))
            if len(below) <= MOST_BELOW:
                continue
        yield from judged(at_end=False)
        above.extend(cells for _, cells in below)
        if not below or below[-1][1] is not cells:
            yield number, cells, ""
            above.append(cells)
        below = []
    yield from judged(at_end=True)


def footers(rows: Sequence[Cells], above: Sequence[Cells], *, at_end: bool = True) -> list[FooterKind]:
    """Return what each of some rows is that may be lines about the table. above: usual rows before them.

    at_end: nothing else follows them; within a table, a line of its page alone is certain.

    >>> table = [["林一", "13700000001", "上海"], ["陈二", "13700000002", "北京"]]
    >>> footers([["制表人：王小明", "", ""], ["王小明", "", ""], ["核对：第 2 遍", "", ""]], table)
    ['known', '', 'known']
    >>> footers([["制表人：王小明", "", ""], ["第1页 共3页"]], table, at_end=False)
    ['doubtful', 'known']
    >>> footers([["备注：已离职"]], [["备注：新员工"], ["林一"]])
    ['']
    """
    return [_kind_of(cells, above, at_end) for cells in rows]


def _kind_of(cells: Cells, above: Sequence[Cells], at_end: bool) -> FooterKind:
    filled = _filled(cells)
    words = _grade_of_words(filled)
    place = next((i for i, cell in enumerate(cells) if _is_filled(cell)), 0)
    column = _filled([row[place] for row in above if len(row) > place])
    if words and any(_grade_of_words(_filled(row)) for row in above):
        return ""                             # rows of this table have such words
    is_usual = len(filled) == 1 and any(len(_filled(row)) == 1 for row in above)
    is_first = place == 0 and above and not is_usual
    if words and is_first and (at_end or all(map(PAGE.fullmatch, filled))):
        return words
    if words:
        return "doubtful" if at_end or is_first else ""
    is_lone = at_end and len(filled) == 1 and above and not is_usual
    return "doubtful" if is_lone and column and _is_unlike(filled[0], column) else ""


def _is_unlike(cell: str, column: Sequence[str]) -> bool:
    """Return whether a cell has a form that no other cell of its column has."""
    kind = cell_kind(cell)
    if kind and kind == usual_kind(column):
        return False
    return cell_shape(cell) not in {cell_shape(other) for other in column}


def _grade_of_words(filled: Sequence[str]) -> FooterKind:
    """Return whether all cells of a row are words about a table, for certain or perhaps; empty: not all."""
    if not filled or len(filled) > _MOST_FILLED:
        return ""
    if names_total(filled):
        return ""                             # those are told by `total_rows`
    kind: FooterKind = "known"
    is_value = False                          # a cell behind a word
    for cell, other in pairwise([*filled, ""]):
        if is_value:
            is_value = False
        elif len(cell) > _LONGEST:
            return ""
        elif KEY.fullmatch(cell):
            is_value = bool(other) and not WORDED.fullmatch(other)
        elif WORDED.fullmatch(cell) or OTHER.fullmatch(cell):
            continue
        elif SPACED.fullmatch(cell):
            kind = "doubtful"
        elif BARE_KEY.fullmatch(cell) and len(filled) <= 2 and other:
            kind, is_value = "doubtful", True
        elif cell is not filled[0] and cell_kind(cell) in ("date", "month"):
            continue
        else:
            return ""
    return kind


def _is_filled(cell: str | None) -> bool:
    return bool(cell) and str(cell).strip().lower() not in MISSING


def _filled(cells: Cells) -> list[str]:
    return [str(cell).strip() for cell in cells if _is_filled(cell)]
