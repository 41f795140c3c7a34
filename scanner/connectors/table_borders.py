"""Where a table begins among rows of text, what names its columns, and how wide it is.

One finder for delimited text and sheets alike. It judges by the rows below, see `heading_weights`; a cell
that looks like the others of its column is data, and no such cell ever becomes the name of a column.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from detectors.cn.person_name import is_valid as is_person_name
from scanner.connectors.cell_kinds import (
    MISSING,
    CellRow,
    cell_kind,
    cell_shape,
    count_values,
    is_value_as_heading,
    is_word_of_headings,
    kind_of_list,
    looks_like_value,
    usual_kind,
)
from scanner.connectors.footer_rows import is_about_table
from scanner.connectors.heading_people import (
    has_acting_person,
    is_key_with_value,
    is_person_above,
    may_name_person,
    persons_among,
)
from scanner.connectors.heading_weights import (
    JUDGED,
    NEVER,
    PRIOR,
    count_unnamed,
    count_words,
    filled_width,
    heading_weight,
    usual_width,
)
from scanner.connectors.key_lines import lines_of_keys
from scanner.connectors.total_rows import are_units

COMMENT = "#"                                 # begins lines that are no rows
WITHIN = 30                                   # rows among which the headings are looked for
WIDE = 0.6                                    # share of the usual cells that a row of headings fills at least
CLOSE = 0.5                                   # weight that does not decide
_QUOTED = re.compile(r'.\s*"+([^"]+)')
_OF_DIGITS = frozenset({"number", "digits", "month", "date", "code"})
_ENDS_AS_VALUE = re.compile(r"(?<=[^\W\d])[\d][\d./: -]*[\dXx]$")
_PERIOD = re.compile(r"(19|20)\d\d([-./]?(0[1-9]|1[0-2])([-./]?([0-2]\d|3[01]))?)?")    # of a heading: 202401
_IDENTIFIER = re.compile(r"[A-Za-z]+(_[A-Za-z0-9]+)+|[A-Za-z]{2,}\d{1,6}")             # sales202401, x_flag
_SEVERAL_DIGITS = 5                           # no number of a heading has as many
_WORD_BEFORE_DIGITS = re.compile(r"[^\W\d]+(?=\d)")
_AMOUNT = re.compile(r"[-+¥$€]?\d[\d,]*\.\d+(?=\s)")
HEADING_LINES = 3                             # lines that headings take at most
_GLUED_QUOTE = re.compile(r'\w"+\w')          # no measure in inches, and no quoted word behind a blank


@dataclass(frozen=True, slots=True)
class Borders:
    """Where a table begins.

    names: of its columns, each once; `c05` for one without a heading. heading_rows: the first row of headings
    and the row after the last one, from 0; equal where there are none. first_row: of the data.
    is_assumed: whether neither reading of the first line, as headings or as data, is much likelier.
    title_cells, title_persons: values above the headings, and lines there that name people.
    heading_values: values among the headings; they name no column.
    """

    names: tuple[str, ...]
    heading_rows: tuple[int, int]
    first_row: int
    is_assumed: bool = False
    title_cells: int = 0
    title_persons: int = 0
    heading_values: int = 0

    @property
    def has_headings(self) -> bool:
        return self.heading_rows[0] < self.heading_rows[1]


def find_borders(rows: Sequence[CellRow]) -> Borders:
    """Return where the table among rows begins. rows: its first ones, of some hundred; empty text: no cell.

    >>> find_borders([["会员表", ""], ["姓名", "手机号"], ["林一", "13700000001"]]).names
    ('姓名', '手机号')
    >>> find_borders([["林一", "13700000001"], ["林二", "13700000002"]]).names
    ('c00', 'c01')
    """
    texts = [[cell.strip() for cell in row] for row in rows]
    if n := _comments(texts) or lines_of_keys(texts):
        return _moved(find_borders(texts[n:]), texts[:n])
    width = usual_width(texts)
    start = _first_full_row(texts, width)
    weight = PRIOR if not texts else NEVER if _is_line(texts[start], width) else heading_weight(texts, start)
    begin = _heading_row(texts, start) if texts and weight > 0 else _headings_below(texts, start)
    if begin is None:
        first = _first_data_row(texts, width)
        names = unique_names([], max((len(row) for row in texts[first:]), default=0))
        above = texts[:first]
        is_key = bool(texts) and (is_key_with_value(texts[first], width)
                                  or _is_key_above_key(texts, first, width))
        is_short = first < len(texts) and _is_line(texts[first], width) or _may_be_short_row(texts, first)
        is_assumed = abs(weight) < CLOSE or is_key or is_short or _is_unlike(texts, first)
        is_assumed = is_assumed or _begins_as_headings(texts, first)
        return Borders(names, (first, first), first, is_assumed,
                       sum(map(count_values, chain.from_iterable(above))), sum(map(_is_of_person, above)))
    end = begin + 1
    if begin and _is_group_line(texts[begin - 1]):
        begin -= 1
    while end - begin < HEADING_LINES and end < len(texts) - 1 and _continues(texts, begin, end):
        end += 1
    widest = max((len(row) for row in texts[begin:]), default=0)
    titles = _joined([texts[i] for i in range(begin, end)])
    beyond = _data_behind(titles, texts[end:]) | _people_above(titles, texts[end: end + JUDGED])
    beyond |= _run_into_values(titles, texts[end: end + JUDGED])
    beyond |= _run_over_quotes(titles, texts[end: end + JUDGED])
    titles = ["" if i in beyond else title for i, title in enumerate(titles)]
    titles = [""] * count_unnamed(titles, [row for row in texts[end:] if sum(map(bool, row)) > 1]) + titles
    is_alone = len(titles) == 1 and weight <= PRIOR and not count_words(titles)
    is_assumed = abs(weight) < CLOSE or is_alone or _is_unlike(texts, end, with_blanks=False)
    above = texts[:begin]
    values = sum(map(count_values, chain.from_iterable(texts[begin:end])))
    return Borders(unique_names(titles, widest), (begin, end), end, is_assumed,
                   sum(map(count_values, chain.from_iterable(above))), sum(map(_is_of_person, above)),
                   values + len(persons_among(titles)) + len(beyond))


def _is_of_person(row: CellRow) -> bool:
    """Return whether a line above the headings names somebody whom the table may be about."""
    return has_acting_person(row) and not is_about_table(row)


def _data_behind(titles: CellRow, rows: Sequence[CellRow]) -> frozenset[int]:
    """Return which headings are cells of data: a line of the file ends too late, and holds the first row.

    Where the headings end, a heading may stand in one cell with the begin of the row, and bytes may be lost.
    """
    rows = [row for row in rows if sum(map(bool, row)) > 1][:JUDGED]
    if any(len(row) >= len(titles) for row in rows):
        titles = titles[:filled_width(titles)]            # a delimiter behind the last cell of each row
    width = max(map(filled_width, rows), default=len(titles))
    if width >= len(titles):
        return frozenset()
    shapes = {cell_shape(cell) for row in rows for cell in row if any(map(str.isdigit, cell))}
    beyond = frozenset(i for i in range(width, len(titles)) if cell_shape(titles[i].strip('" ')) in shapes
                       and not _PERIOD.fullmatch(titles[i]))
    first = max(1, len(titles) - width)       # of those that may be data; no line holds more than one row
    if width < 2 or not _ends_as_row(titles, rows, width, first):
        return beyond
    end = next((i for i in range(first, width) if not _is_pure_heading(titles[i])), width)
    return beyond | frozenset(range(end, len(titles)))


def _run_into_values(titles: CellRow, rows: Sequence[CellRow]) -> frozenset[int]:
    """Return which headings end as values of their column do, and the cells of the row behind them."""
    for i, title in enumerate(titles):
        end = _ENDS_AS_VALUE.search(title.strip('" '))
        if end is None or sum(map(str.isdigit, end[0])) < _SEVERAL_DIGITS or _PERIOD.fullmatch(end[0]):
            continue
        if _sort_of_kind(usual_kind([row[i] for row in rows if i < len(row)]), is_kind=True) == "number":
            return frozenset(j for j in range(i, len(titles)) if j == i or not _is_pure_heading(titles[j]))
    return frozenset()


def _begins_as_headings(rows: Sequence[CellRow], at: int) -> bool:
    """Return whether a row of data has a word of headings that none below has, alone or before a value."""
    row, body = rows[at] if at < len(rows) else [], rows[at + 1: at + 1 + JUDGED]
    for i, cell in enumerate(row):
        word = _WORD_BEFORE_DIGITS.match(cell)
        column = [other[i] for other in body if i < len(other)]
        usual = usual_kind(column)
        if usual and _is_pure_heading(cell) or cell.isascii() and is_word_of_headings(cell) and (
                column and cell not in column and not any(map(str.isdigit, cell))):
            return True
        if word and usual and is_word_of_headings(word[0]) and not any(
                other.startswith(word[0]) for other in column):
            return True
    return False


def _ends_as_row(titles: CellRow, rows: Sequence[CellRow], width: int, first: int) -> bool:
    """Return whether headings beyond all columns are cells of the last columns, none of another kind.

    first: of the headings that may be cells.
    """
    agree = False
    for i in range(len(titles) - 1, first, -1):
        cell = titles[i].strip('" ')
        column = [row[at].strip('" ') for row in rows if (at := i - len(titles) + width) < len(row)]
        kind, usual = _sort_of_kind(cell), _sort_of_kind(usual_kind(column), is_kind=True)
        if usual and kind != usual and cell.lower() not in MISSING:
            if i >= width:
                return False
            break
        own = cell_kind(cell)                 # words with digits are headings, too: 5月, sales202401
        is_same = own not in ("month", "code") or own == usual_kind(column)
        is_alike = bool(usual) and kind == usual and is_same
        agree = agree or is_alike or bool(cell) and (cell in column or is_person_above(cell, column))
    behind = [title for title in titles[width:] if title]
    if not agree and any(cell_kind(title) == "month" or _IDENTIFIER.fullmatch(title) for title in behind):
        return False
    return agree or len(titles) > width + 1 and not count_words(behind) or (
        len(titles) >= 2 * width - 1 and not any(map(_is_pure_heading, titles[width:])))


def _sort_of_kind(text: str, *, is_kind: bool = False) -> str:
    """Return the kind of a cell; one for all that has digits, as a day may look like a number or a code."""
    kind = text if is_kind else cell_kind(text)
    return "number" if kind in _OF_DIGITS else kind


def _is_pure_heading(title: str) -> bool:
    """Return whether a word of headings stands alone: no digit, nothing in other letters behind a blank."""
    title = title.strip('" ')
    is_alone = title.isascii() or " " not in title
    return is_alone and is_word_of_headings(title) and not any(map(str.isdigit, title))


def _run_over_quotes(titles: CellRow, rows: Sequence[CellRow]) -> frozenset[int]:
    """Return which headings have a quote between letters, or one before a cell like those below.

    What stands behind it may be a cell of the next row, for a line feed or a delimiter is lost.
    """
    quoted = {i: _QUOTED.findall(title) for i, title in enumerate(titles) if '"' in title}
    if not quoted:
        return frozenset()
    shapes = {cell_shape(cell.strip('" ')) for row in rows for cell in row if any(map(str.isdigit, cell))}
    return frozenset(i for i, texts in quoted.items()
                     if not is_word_of_headings(titles[i].replace('"', ""))
                     and (_GLUED_QUOTE.search(titles[i])
                          or any(cell_shape(text) in shapes or is_person_name(text) for text in texts)))


def _people_above(titles: CellRow, rows: Sequence[CellRow]) -> frozenset[int]:
    """Return which headings are names of people above such names."""
    columns = ([row[i] for row in rows if i < len(row) and row[i].lower() not in MISSING]
               for i in range(len(titles)))
    return frozenset(i for i, column in enumerate(columns) if is_person_above(titles[i], column)
                     and (may_name_person(titles[i]) or not titles[i].isascii()))


def _comments(rows: Sequence[CellRow]) -> int:
    """Return how many first rows are comments, `# exported by a job`, above others."""
    n = 0
    while n < len(rows) and sum(map(bool, rows[n])) == 1 and rows[n][0].startswith(COMMENT):
        n += 1
    if n == len(rows) or rows[n] and rows[n][0].startswith(COMMENT):
        return 0
    return n - (n > 0 and is_word_of_headings(rows[n - 1][0].lstrip(COMMENT + " ")))


def _moved(borders: Borders, above: Sequence[CellRow]) -> Borders:
    """Return borders of a table that has further rows above it."""
    n = len(above)
    begin, end = borders.heading_rows
    return replace(borders, heading_rows=(begin + n, end + n), first_row=borders.first_row + n,
                   title_cells=borders.title_cells + sum(map(count_values, chain.from_iterable(above))),
                   title_persons=borders.title_persons + sum(map(_is_of_person, above)))


def _is_unlike(rows: Sequence[CellRow], at: int, *, with_blanks: bool = True) -> bool:
    """Return whether a row has texts, and no cell of the kind of those below in any column of one kind.

    with_blanks: a row that is empty there is unlike them, too.
    """
    body = [r for r in rows[at + 1: at + 1 + JUDGED] if any(r)]
    row = rows[at] if at < len(rows) else []
    typed = unlike = 0
    for i, column in enumerate(zip_longest(*body, fillvalue="")):
        filled = [cell for cell in column if cell.lower() not in MISSING]
        usual, n = Counter(map(cell_kind, filled)).most_common(1)[0] if filled else ("", 0)
        if not usual or n < max(2, min(len(filled) - 1, 0.85 * len(filled))):
            continue
        cell = row[i] if i < len(row) else ""
        typed += 1
        kind = kind_of_list(cell)
        unlike += (kind != usual if with_blanks else not kind and cell.lower() not in MISSING)
    return typed > 0 and unlike == typed


def unique_names(titles: Sequence[str], width: int) -> tuple[str, ...]:
    """Return a name for each of `width` columns, each once; none is a value.

    >>> unique_names(["name", "name", "13700000001"], 4)
    ('name', 'name_2', 'c02', 'c03')
    """
    names: list[str] = []
    used = {title for title in titles if title}
    used_names: set[str] = set()
    people = persons_among(titles)
    for i in range(max(width, len(titles))):
        title = " ".join(titles[i].split()) if i < len(titles) else ""
        is_name = bool(title) and not is_value_as_heading(title) and titles[i] not in people
        name = title if is_name else f"c{i:02}"
        number = 2
        candidate = name
        while candidate in used_names or candidate != name and candidate in used:
            candidate = f"{name}_{number}"
            number += 1
        used_names.add(candidate)
        names.append(candidate)
    return tuple(names)


def is_sideways(rows: Sequence[CellRow]) -> bool:
    """Return whether the headings stand in the first column, and each further column is a record."""
    texts = [[cell.strip() for cell in row] for row in rows]
    texts = [row for row in texts if sum(map(bool, row)) > 1]             # without titles and notes
    width = usual_width(texts)
    if len(texts) < 2 or width < 2 or len(texts) > JUDGED:
        return False
    turned = [[row[i] if i < len(row) else "" for row in texts] for i in range(width)]
    if count_words(texts[0][:width]) > max(1, width * 2 // 5):
        return False
    return count_words(turned[0]) >= 0.6 * len(texts) and heading_weight(turned, 0) > 2


def _first_full_row(rows: Sequence[CellRow], width: int) -> int:
    """Return the first row about as wide as the others; titles and keys with a value stand above."""
    for i, row in enumerate(rows[:WITHIN]):
        filled = sum(map(bool, row))
        if i < len(rows) - 1 and (is_key_with_value(row, width) or _is_key_above_key(rows, i, width)):
            continue
        if 0 < filled == count_words(row) and filled_width(row) <= width <= len(row):
            return i
        if filled >= max(1, math.ceil(width * WIDE)) or filled and filled + 1 >= width > 2:
            return i
    return _first_data_row(rows, width)


def _is_key_above_key(rows: Sequence[CellRow], at: int, width: int) -> bool:
    """Return whether a role and perhaps a name stand above a row that says when, or by whom, it was made."""
    filled = [cell for cell in rows[at] if cell]
    is_above = at + 1 < len(rows) and is_key_with_value(rows[at + 1], width)
    return is_above and len(filled) == 2 and has_acting_person(filled)


def _is_line(row: CellRow, width: int) -> bool:
    """Return whether a row of a wide table is a line of text, and no word of headings."""
    return width > 2 and sum(map(bool, row)) == 1 and not count_words(row)


def _first_data_row(rows: Sequence[CellRow], width: int) -> int:
    """Return the first row that has any cell; the first of two, where rows are wide and it stands near."""
    filled = [sum(map(bool, row)) for row in rows]
    first = next((i for i, n in enumerate(filled) if n), 0)
    if width < 3:
        return first
    wide = next((i for i, n in enumerate(filled[:WITHIN]) if n > 1), first)
    column = [row[0] for row in rows[wide:][:JUDGED] if row and row[0]]
    return next((i for i in range(first, wide) if is_person_above("".join(rows[i][:1]), column)
                 or i == wide - 1 and _is_among(rows[i], column)), wide)


def _is_among(row: CellRow, column: CellRow) -> bool:
    """Return whether a row has one cell, which stands or ends as the cells of the first column do."""
    cell = row[0] if row else ""
    if not cell or sum(map(bool, row)) > 1:
        return False
    ends = {(other[-1], len(other)) for other in column}
    return cell in column or len(column) > 1 and ends == {(cell[-1], len(cell))}


def _may_be_short_row(rows: Sequence[CellRow], first: int) -> bool:
    """Return whether a line above data without headings is no longer than cells of the first column."""
    row = rows[first - 1] if 0 < first < len(rows) else []
    if sum(map(bool, row)) != 1 or not row[0]:
        return False
    return len(row[0]) <= max((len(other[0]) for other in rows[first:][:JUDGED] if other), default=0)


def _heading_row(rows: Sequence[CellRow], start: int) -> int:
    """Return the row whose cells name the columns, where the first full row is no data.

    A row further down is, where it has more words of headings and stands out from the cells below it, and
    the rows above are keys with their values, or headings over several columns.
    """
    for i in range(start + 1, min(start + HEADING_LINES + 2, len(rows))):
        if _names_more(rows[i], rows[start]) and _differs(rows, i) and heading_weight(rows, i) > 0:
            return i
    return start


def _headings_below(rows: Sequence[CellRow], start: int) -> int | None:
    """Return a row of nothing but words of headings below keys with their values."""
    for i in range(start + 1, min(start + HEADING_LINES + 2, len(rows))):
        words, cells = count_words(rows[i]), len(rows[i])
        is_named = (words > 1 or words == 1 and cells == 2) and words == sum(map(bool, rows[i]))
        if is_named and _differs(rows, i) and heading_weight(rows, i) > 0:
            return i
    return None


def _names_more(row: CellRow, above: CellRow) -> bool:
    """Return whether a row has more words of headings than one above it, or they alone."""
    words, words_above = count_words(row), count_words(above)
    are_all = 0 < words == sum(map(bool, row)) and words_above < sum(map(bool, above))
    return are_all or 2 <= words > words_above


def _differs(rows: Sequence[CellRow], at: int) -> bool:
    """Return whether a row has a text above cells of another kind, and no cell of their kind.

    Words of headings may stand beside a blank above such cells.
    """
    body = [r for r in rows[at + 1: at + 1 + JUDGED] if any(r)]
    kinds = [usual_kind([r[i] for r in body if i < len(r)]) for i in range(len(rows[at]))]
    pairs = [(cell_kind(cell), kind) for cell, kind in zip(rows[at], kinds, strict=True) if cell and kind]
    if not pairs:                             # an index without a heading
        return any(kinds) and 0 < count_words(rows[at]) == sum(map(bool, rows[at]))
    return all(own != usual for own, usual in pairs)


def _is_group_line(row: CellRow) -> bool:
    """Return whether cells stand over several columns each, unlike a key beside its value."""
    filled = [i for i, cell in enumerate(row) if cell]
    if len(filled) < 2 or filled[0] + 1 == filled[1]:
        return False
    return not any(looks_like_value(row[i]) or cell_kind(row[i]) or is_person_name(row[i]) for i in filled)


def _continues(rows: Sequence[CellRow], begin: int, at: int) -> bool:
    """Return whether a row is a further line of headings: blanks above are filled, or units stand below."""
    above, row = rows[begin], rows[at]
    body = [r for r in rows[at + 1: at + 1 + JUDGED] if any(r)]
    if are_units(row):
        columns = {i: [r[i] for r in body if i < len(r)] for i, cell in enumerate(row) if cell}
        return (any(map(_are_amounts, columns.values()))
                and not any(row[i] in column for i, column in columns.items()))
    typed = differing = 0
    for i, cell in enumerate(row):
        column = [r[i] for r in body if i < len(r)]
        if cell and (cell in column or looks_like_value(cell)):
            return False
        if usual := usual_kind(column):
            typed += 1
            differing += cell_kind(cell) != usual and cell.lower() not in MISSING
        elif cell and not is_word_of_headings(cell):
            return False
    is_grouped = any(not cell for cell in above) or len(set(above)) < len(above)
    words = count_words(row)
    return bool(typed and differing == typed and (is_grouped or words >= 2) and words)


def _are_amounts(column: CellRow) -> bool:
    """Return whether most filled cells of a column are numbers, or begin so; one may look like a month."""
    filled = [cell for cell in column if cell.lower() not in MISSING]
    return 2 * sum(cell_kind(cell) in ("number", "digits", "month") or bool(_AMOUNT.match(cell))
                   for cell in filled) > len(filled)


def _joined(lines: Sequence[CellRow]) -> list[str]:
    """Return one heading a column of several lines; a heading over several columns stands before each."""
    width = max(map(len, lines))
    titles = [""] * width
    for number, line in enumerate(lines):
        last = ""
        for i in range(width):
            cell = line[i] if i < len(line) else ""
            last = cell or (last if number < len(lines) - 1 else "")
            if last and last not in titles[i].split(" "):
                titles[i] = f"{titles[i]} {last}".strip()
    return titles


def widened(borders: Borders, width: int) -> Borders:
    """Return borders of a table that has rows of `width` cells further down."""
    if width <= len(borders.names):
        return borders
    return replace(borders, names=unique_names(borders.names, width))
