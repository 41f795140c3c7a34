"""Lines of keys with their values above the headings of a table: who exported it, when, and from where.

    导出人 | 林七未
    来源   | 会员系统
    姓名   | 手机号 | 城市
    林一   | …
"""

from __future__ import annotations

from collections.abc import Sequence

from scanner.connectors.cell_kinds import CellRow, cell_kind, is_word_of_headings, looks_like_value

MOST = 30                                     # such lines above a table
BELOW = 20                                    # rows below its headings that are looked at
_LONGEST_KEY = 20                             # characters
_KEYS = 0.6                                   # share of the keys that are words of headings


def lines_of_keys(rows: Sequence[CellRow]) -> int:
    """Return how many first rows are keys with values, titles and blanks above headings; 0 without a key.

    The headings are words of headings, unlike the cells below the first of them; in a form they are not, nor
    in a table on its side.

    >>> lines_of_keys([["导出人", "林七未"], ["姓名", "手机号", "城市"], ["林一", "13700000001", "上海"]])
    1
    >>> lines_of_keys([["姓名", "林一"], ["职位", "经理"], ["手机号", "13700000001"]])
    0
    """
    keys: list[str] = []
    for at, row in enumerate(rows[: MOST + 1]):
        if sum(map(bool, row)) < 2:
            continue
        pairs = _pairs(row)
        if not pairs:
            is_table = len(keys) > 0 and sum(map(is_word_of_headings, row)) > 1 and _are_data(rows[at + 1:])
            return at if is_table and _are_words(keys) else 0
        keys += [key for key, _ in pairs]
    return 0


def _pairs(row: CellRow) -> list[tuple[str, str]]:
    """Return the keys and values that a row consists of; empty where it is another one."""
    cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    pairs = list(zip(cells[::2], cells[1::2], strict=False))
    is_keyed = len(cells) % 2 == 0 and all(_is_key(key) and not is_word_of_headings(value)
                                           for key, value in pairs)
    return pairs if is_keyed else []


def _is_key(cell: str) -> bool:
    return 0 < len(cell) <= _LONGEST_KEY and not cell_kind(cell) and not looks_like_value(cell)


def _are_words(keys: Sequence[str]) -> bool:
    return sum(is_word_of_headings(key.rstrip(":： ")) for key in keys) >= _KEYS * len(keys)


def _are_data(rows: Sequence[CellRow]) -> bool:
    """Return whether the first column of rows holds other cells than words of headings."""
    first = [next((cell for cell in row if cell), "") for row in rows[:BELOW] if any(row)]
    return bool(first) and 2 * sum(map(is_word_of_headings, first)) < len(first)
