"""How much likelier a row is to name the columns than to be data.

A heading has another shape than the cells under it, occurs nowhere else in its column, or is a word of the
trade. The weight of a value or shape that occurs nowhere below is the chance that a row of data would be as
new: the share of those that occur once (Good 1953, the population frequencies of species).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from detectors.cn.person_name import is_valid as is_person_name
from scanner.connectors.cell_kinds import (
    _ALIKE,
    MISSING,
    CellRow,
    cell_kind,
    cell_shape,
    is_word_of_headings,
    looks_like_value,
    usual_kind,
)
from scanner.connectors.heading_people import (
    LATIN_NAME,
    is_key_with_value,
    is_person_above,
    speaks_of_column,
)

JUDGED = 100                                  # rows below them that are compared
PRIOR = 1.0                                   # weight of the custom that a table has headings
NEVER = -9.0                                  # weight of a row that names no columns
WEIGHTS = {                                   # logs of likelihoods, of a cell or of a row
    "a word of headings": 3.0, "a text above a kind": 2.5, "of another kind": 1.0,
    "a share above numbers": 1.0, "cells that count up": 5.0, "stands below": -3.0,
    "of the kind below": -2.5, "of the shape below": -2.5, "a value above texts": -1.0,
    "a person above people": -1.5, "nothing new": -0.4, "no value": -1.5,
}
NAMED_ROWS = 0.9                              # share of rows with one cell more, which are named by it
_FEW = 5                                      # rows too few to tell a name of two words from a heading
_SENTENCE = re.compile(r"[。！？；]|\w，\w")
_EXPECTED = (                                 # words of headings -> the kind of the cells below
    ("digits", re.compile(r"手机|电话|身份证|phone|mobile|(^|_)tel|id_?card", re.I)),
    ("email", re.compile(r"邮箱|e-?mail", re.I)),
    ("date", re.compile(r"日期|date$", re.I)),
)


def heading_weight(rows: Sequence[CellRow], at: int) -> float:
    """Return the log of how much likelier a row is to name the columns than to be data."""
    row = rows[at]
    body = [r for r in rows[at + 1: at + 1 + JUDGED] if any(r)]
    if is_key_with_value(row, usual_width(body)) or sum(map(_is_decimal, row)) > 1:
        return NEVER
    columns = [[r[i] if i < len(r) else "" for r in body] for i in range(len(row))]
    usual = Counter(map(len, body)).most_common(1)[0][0] if body else len(row)
    if filled_width(row) < usual and any(map(looks_like_value, row)):
        return NEVER                           # a key with its value, or a short row
    wide = [r for r in body if sum(map(bool, r)) > 1]
    if len(row) < usual and "" not in row and (by := count_unnamed(row, wide)):
        columns = [[r[i + by] if i + by < len(r) else "" for r in body] for i in range(len(row))]
    pairs = [(cell, column) for cell, column in zip(row, columns, strict=True) if cell]
    values = sum(_is_value_among(cell, column) for cell, column in pairs)
    if values and not _are_headings_but(row, values) or _names_people_alone(row, body):
        return NEVER
    if not count_words(row) and any(is_person_above(cell, _filled(column)) for cell, column in pairs):
        return NEVER
    is_text = any(map(_SENTENCE.search, row)) or 2 * sum(map(looks_like_value, row)) >= len(pairs)
    if is_text and not count_words(row):
        return NEVER                           # running text, or values above other cells
    if _is_sequence(row) and not any(_is_sequence(r) for r in body[:20]):
        return WEIGHTS["cells that count up"]
    repeated = any(r == row for r in body)    # the headings of another page
    return PRIOR + sum(_weight_of_cell(cell, column, repeated) for cell, column in pairs)


def count_words(row: CellRow) -> int:
    return sum(map(is_word_of_headings, row))


def filled_width(row: CellRow) -> int:
    width = len(row)
    while width and not row[width - 1]:
        width -= 1
    return width


def usual_width(rows: Sequence[CellRow]) -> int:
    """Return how many cells most rows have that have more than one, up to the last filled one."""
    widths = [filled_width(row) for row in rows]
    wide = [w for w in widths if w > 1]
    if not wide or len(wide) * 3 < sum(map(bool, widths)):
        return 1 if any(widths) else 0
    counts = Counter(wide)
    most = max(counts.values())
    return max(w for w, n in counts.items() if n == most)


def count_unnamed(titles: CellRow, rows: Sequence[CellRow]) -> int:
    """Return how many first columns of rows wider than their headings have none.

    R writes none above the names of rows. A delimiter behind the last cell of each row is no column.
    """
    rows = rows[:JUDGED]
    extra = Counter(len(row) - len(titles) for row in rows).most_common(1)[0] if rows else (0, 0)
    beyond = extra[0]
    if beyond < 1 or extra[1] < NAMED_ROWS * len(rows):
        return 0
    columns = [[row[i] if i < len(row) else "" for row in rows] for i in range(len(titles) + beyond)]
    kinds = [usual_kind(column) for column in columns]
    expected = [next((kind for kind, word in _EXPECTED if word.search(title)), "") for title in titles]
    fits = [sum(bool(kind) and kind == kinds[i + by] for i, kind in enumerate(expected))
            for by in range(beyond + 1)]
    if fits[0] < max(fits):
        return fits.index(max(fits))
    return int(beyond == 1 and fits[1] == fits[0] and any(columns[-1]))


def _are_headings_but(row: CellRow, values: int) -> bool:
    """Return whether cells are words of headings but for a few values, which were written above columns."""
    return count_words(row) >= max(3, 0.6 * (len(row) - values), 2 * values)


def _names_people_alone(row: CellRow, body: Sequence[CellRow]) -> bool:
    """Return whether a row has names of people above nothing, or above a few others of their form."""
    people = sum(bool(cell) and is_person_name(cell) and not is_word_of_headings(cell) for cell in row)
    if 0 < len(body) <= _FEW and not count_words(row):         # words with capitals above such words
        return any(all(i < len(r) and LATIN_NAME.fullmatch(r[i]) for r in (row, *body))
                   for i in range(len(row)) if not speaks_of_column(row[i]))
    return not body and people > count_words(row)


def _is_decimal(cell: str) -> bool:
    return "." in cell and cell_kind(cell) == "number"


def _is_value_among(cell: str, column: CellRow) -> bool:
    """Return whether a cell is a value of a person, like others of its column, or without any to compare."""
    if not looks_like_value(cell):
        return False
    filled = [c for c in column if c.lower() not in MISSING]
    return not filled or sum(map(looks_like_value, filled)) >= 0.3 * len(filled)


def _filled(column: CellRow) -> list[str]:
    return [c for c in column if c.lower() not in MISSING]


def _weight_of_cell(cell: str, column: CellRow, repeated: bool) -> float:
    filled = _filled(column)
    word = WEIGHTS["a word of headings"] if is_word_of_headings(cell) else 0.0
    if not filled:
        return word
    if cell.lower() in MISSING:
        return WEIGHTS["no value"]
    if cell in filled and not repeated:
        return WEIGHTS["stands below"] * min(1.0, filled.count(cell) * 20 / len(filled))
    kind = cell_kind(cell)
    kinds = Counter(map(cell_kind, filled))
    usual, n = kinds.most_common(1)[0]
    if usual and n >= _ALIKE * len(filled):
        if kind == usual and cell.endswith("%") and not any(c.endswith("%") for c in filled):
            return WEIGHTS["a share above numbers"]
        if kind == usual:
            return WEIGHTS["of the kind below"]
        if not kind and _is_shaped_as(cell, filled):
            return WEIGHTS["of the shape below"]
        return WEIGHTS["a text above a kind" if not kind else "of another kind"]
    if kind in ("number", "digits", "date", "email"):
        return WEIGHTS["a value above texts"]
    return word + _weight_of_text(cell, filled)


def _is_shaped_as(cell: str, filled: CellRow) -> bool:
    """Return whether a cell with digits has the shape of most others, e.g. a code of fewer digits."""
    shape = cell_shape(cell.strip("\"'"))
    return "9" in shape and 2 * sum(cell_shape(other) == shape for other in filled) >= len(filled)


def _weight_of_text(cell: str, filled: CellRow) -> float:
    """Return the weight of a text above texts: whether its value, its shape and its length are new."""
    if is_person_above(cell, filled):
        return WEIGHTS["a person above people"]
    news = (_news(cell, filled), _news(cell_shape(cell), [cell_shape(c) for c in filled]),
            _news(len(cell) // 4, [len(c) // 4 for c in filled]))
    return max(news) if max(news) > 0.2 else WEIGHTS["nothing new"]


def _news(feature: object, others: Sequence[object]) -> float:
    """Return how surprising a feature would be in a further row of data; 0 where others have it."""
    counts = Counter(others)
    if feature in counts:
        return 0.0
    once = sum(n == 1 for n in counts.values())
    return min(2.5, math.log((len(others) + 1) / (once + 1)))


def _is_sequence(row: CellRow) -> bool:
    """Return whether at least three cells count up by one: years, months, days, hours."""
    numbers = [int("".join(re.findall(r"\d+", cell))) for cell in row
               if len(cell) < 12 and cell_kind(cell) in ("number", "month", "date", "digits")]
    steps = [b - a for a, b in zip(numbers, numbers[1:], strict=False)]
    regular = sum(step in (1, 89, 8870) for step in steps)           # 202312 is followed by 202401
    return len(steps) >= 2 and regular >= 0.8 * len(steps)
