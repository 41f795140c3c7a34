"""Forms: cells in which a label stands before its value, several pairs a row, a person a form.

    姓名 | 林一 | 性别 | 女
    手机号 | … | 身份证号 | …

The labels name the columns; a label that comes again begins the next record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scanner.connectors.cell_kinds import cell_kind, is_word_of_headings, looks_like_value
from scanner.connectors.files.ruled_lines import as_key_lines
from scanner.connectors.heading_people import may_name_person

LABELS = 0.6                                  # share of a column's cells that are words of headings
KEY_LINES = 0.8                               # share of lines that are labels with values
MOST_LINES = 5_000                            # of a file of such lines
_KEY = r"[^\W\d]\w{0,19}[ \t]*[:：=]"
_PAIR = re.compile(r"([^\W\d][\w（）()/ -]{0,19}?)[ \t]*[:：=][ \t]*(.*?)"
                   rf"(?=[ \t]{{2,}}{_KEY}|[;；][ \t]*(?={_KEY})|\Z)")


def label_of(cell: str) -> str:
    """Return what a form calls a value: a cell without a colon and blanks around it."""
    return " ".join(cell.split()).rstrip(":：= ")


def label_columns(rows: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Return the columns of labels in a form of several pairs a row; empty where it is none.

    >>> label_columns([["姓名", "林一", "性别", "女"], ["手机号", "13700000001", "城市", "上海"]])
    (0, 2)
    """
    filled = [row for row in rows if any(row)]
    width = max(map(len, filled), default=0)
    if width < 4 or not filled or all(_is_label(cell) for cell in filled[0] if cell):
        return ()
    columns = [[row[i] for row in filled if i < len(row) and row[i]] for i in range(width)]
    shares = [sum(map(_is_label, column)) / len(column) if column else 0.0 for column in columns]
    labels = tuple(i for i, share in enumerate(shares) if share >= LABELS)
    if len(labels) < 2 or labels[0] != next((i for i, column in enumerate(columns) if column), 0):
        return ()
    if any(b - a < 2 for a, b in zip(labels, (*labels[1:], width), strict=True)):
        return ()
    others = [share for i, share in enumerate(shares) if i not in labels and columns[i]]
    values = [cell for i, column in enumerate(columns) if i not in labels for cell in column]
    is_form = bool(others) and max(others) < 0.5 * LABELS and any(map(_is_somebodys, values))
    return labels if is_form else ()


def names_of_form(rows: Sequence[Sequence[str]], labels: Sequence[int]) -> tuple[str, ...]:
    """Return the labels of a form, each once, in their order."""
    cells = (label_of(row[i]) for row in rows for i in labels if i < len(row) and row[i])
    return tuple(dict.fromkeys(cell for cell in cells if not _is_somebodys(cell)))


def pairs_of_row(row: Sequence[str | None], labels: Sequence[int]) -> Iterator[tuple[str, list[str]]]:
    """Yield each label of a row with the cells behind it."""
    for begin, end in zip(labels, (*labels[1:], len(row)), strict=True):
        cells = [cell for cell in row[begin:end] if cell]
        label = row[begin] if begin < len(row) else None
        if cells:
            yield (label_of(label), cells[1:]) if label else ("", cells)


def rows_of_key_lines(lines: Sequence[str]) -> list[list[str]]:
    """Return labels and values of lines such as `姓名: 林一  城市: 上海`; empty where most lines are none.

    >>> rows_of_key_lines(["姓名: 林一  城市: 上海", "手机号：13700000001"])
    [['姓名', '林一', '城市', '上海'], ['手机号', '13700000001']]
    """
    lines = as_key_lines(lines)
    filled = [text.strip() for text in lines if text.strip()]
    if not filled or len(filled) > MOST_LINES:
        return []
    pairs = [_PAIR.findall(text) if _PAIR.match(text) else [] for text in filled]
    keyed = [row for row in pairs if row and all(label for label, _ in row)]
    labels = {label for row in keyed for label, _ in row}
    words = sum(map(_is_label, labels))
    if len(keyed) < KEY_LINES * len(filled) or words < LABELS * len(labels) or len(labels) < 2:
        return []
    table: list[list[str]] = []
    remaining = iter(zip(filled, pairs, strict=True))
    for text in lines:
        if not text.strip():
            table.append([])
            continue
        whole, row = next(remaining)
        table.append([cell for pair in row for cell in pair] or ["", whole])
    return table


def _is_label(cell: str) -> bool:
    return is_word_of_headings(label_of(cell))


def _is_somebodys(cell: str) -> bool:
    return looks_like_value(cell) or cell_kind(cell) in ("digits", "date", "email") or may_name_person(cell)
