"""Where a table begins among rows of text, what names its columns, and how wide it is.

One finder for delimited text and sheets alike. It judges by the rows below: a heading has another shape than
the cells under it, occurs nowhere else in its column, or is a word of the trade; a cell that looks like the
others of its column is data, and no such cell ever becomes the name of a column.

The weight of a value or shape that occurs nowhere below is the chance that a row of data would be as new:
the share of those that occur once (Good 1953, the population frequencies of species).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from detectors.cn.other_names import is_latin_name
from detectors.cn.person_name import SURNAMES, person_share, votes
from detectors.cn.person_name import is_valid as is_person_name
from detectors.names.matching import match_name

CellRow = Sequence[str]

COMMENT = "#"                                 # begins lines that are no rows
WITHIN = 30                                   # rows among which the headings are looked for
JUDGED = 100                                  # rows below them that are compared
WIDE = 0.6                                    # share of the usual cells that a row of headings fills at least
PRIOR = 1.0                                   # weight of the custom that a table has headings
CLOSE = 0.5                                   # weight that does not decide
HEADING_LINES = 3                             # lines that headings take at most
PEOPLE = 0.6                                  # share of other headings that are names of people, if any are
CERTAIN = 0.98                                # likelihood of a person's name beside a role
LONGEST_NAME = 200                            # characters of a heading
NAMED_ROWS = 0.9                              # share of rows with one cell more, which are named by it
_FEW = 5                                      # rows too few to tell a name of two words from a heading
_ALIKE = 0.7                                  # share of a column that makes its kind
_MISSING = frozenset({"", "-", "--", "/", "na", "n/a", "nan", "null", "none", "\\n", "无", "未知", "空"})
_KINDS = (
    ("email", re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")),
    ("month", re.compile(r"(19|20)\d{2}[-/.年]?(0?[1-9]|1[0-2])月?|(19|20)\d{2}年?|\d{1,2}月|Q[1-4]")),
    ("date", re.compile(r"(19|20)\d{2}[-/.年]?[01]?\d[-/.月]?[0-3]?\d日?([ T]\d{1,2}:\d{2}.*)?"
                        r"|\d{1,2}:\d{2}(:\d{2})?|\d{1,2}[-/][01]?\d[-/](19|20)?\d{2}")),
    ("digits", re.compile(r"\+?[\d -]{7,}[\dXx]|\(\d{2,4}\)[\d -]{6,}")),
    ("number", re.compile(r"[-+¥$€]?\d[\d,]*(\.\d+)?(e[-+]?\d+)?\s*%?", re.I)),
    ("url", re.compile(r"[a-z]+://\S+", re.I)),
    ("address", re.compile(r"\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}")),
    ("code", re.compile(r"(?=.*\d.*\d.*\d)[0-9A-Za-z_\-]{4,}")),
)
_ROLES = ("人", "员", "者", "姓名", "by", "By")  # ends of keys that announce a person
_SIGNS = " #|~^!$%&*:："
_MOMENT = re.compile(r"(19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[ T]*\d{1,2}:\d{2}.*")
_PARTS = re.compile(r"[^\w]+")
_PLATE = (r"[京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新][A-Z][·. ]?"
          r"[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9学警]")
_LATIN_NAME = re.compile(r"[A-Z][a-z'-]+(?: [A-Z]\.?)?(?: [A-Z][a-z'-]+){1,2}(?: [A-Z])?")
_WEEKDAY = re.compile("周[一二三四五六日天]")
_KEYED = re.compile(r"(.{1,20}?)\s*[:：=]\s*\S+")
_VALUE = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[A-Za-z]{2,}|(?<!\d)\d{9,}[Xx]?(?!\d)|1[3-9]\d{9}"
                    r"|\+\d[\d -]{6,}\d|[a-z]{1,20}://\S+|\d{1,3}(\.\d{1,3}){3}"
                    rf"|^{_PLATE}$"
                    r"|[路街道巷弄村]\w{0,6}\d+[号弄]|\d+号[院楼]|\d+单元\d+", re.I)
_SENTENCE = re.compile(r"[。！？；]|\w，\w")
_EXPECTED = (                                 # words of headings -> the kind of the cells below
    ("digits", re.compile(r"手机|电话|身份证|phone|mobile|(^|_)tel|id_?card", re.I)),
    ("email", re.compile(r"邮箱|e-?mail", re.I)),
    ("date", re.compile(r"日期|date$", re.I)),
)
_HEADING = re.compile(
    r"(id|no|name|date|time|type|code|city|status|remark|amount|price|total|comment|field|column|sex|gender|age"
    r"|[a-z]+_(id|no|num|number|name|date|time|at|by|type|code|status|count)"
    r"|(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?|(星期|礼拜)[一二三四五六日天]|[上下]半年"
    r"|第.{1,3}[周季期名]|[一二三四]季度"
    r"|year|month|title|email|phone|mobile|address|count|level|note|dept|department|role|country|region)"
    r"|.{0,8}(姓名|名称|名|编号|号码?|日期|时间|类型|类别|状态|备注|说明|描述|地址|城市|省份|地区|区域|部门|单位"
    r"|岗位|职务|职位|角色|金额|数量|价格|单价|合计|比例|等级|级别|性别|年龄|民族|学历|邮箱|电话|手机|来源|方式"
    r"|标识|代码|序号|人|员|者|师|方|商|长|户|经理|主任|主管|内容|意见|原因|结果|标题|渠道|产品|项目|科目|班级"
    r"|专业|学校|公司|国家)", re.I)


@dataclass(frozen=True, slots=True)
class Borders:
    """Where a table begins.

    names: of its columns, each once; `c05` for one without a heading. heading_rows: the first row of headings
    and the row after the last one, from 0; equal where there are none. first_row: of the data.
    is_assumed: whether neither reading of the first line, as headings or as data, is much likelier.
    title_cells, title_persons: values above the headings, and lines there that name people.
    """

    names: tuple[str, ...]
    heading_rows: tuple[int, int]
    first_row: int
    is_assumed: bool = False
    title_cells: int = 0
    title_persons: int = 0

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
    if n := _comments(texts):
        return _moved(find_borders(texts[n:]), texts[:n])
    width = usual_width(texts)
    start = _first_full_row(texts, width)
    weight = PRIOR if not texts else -9.0 if _is_line(texts[start], width) else _weight(texts, start)
    begin = _heading_row(texts, start) if texts and weight > 0 else _headings_below(texts, start)
    if begin is None:
        first = _first_data_row(texts, width)
        names = unique_names([], max((len(row) for row in texts[first:]), default=0))
        above = texts[:first]
        is_key = bool(texts) and _is_key_with_value(texts[first], width)
        is_assumed = abs(weight) < CLOSE or is_key or _is_unlike(texts, first)
        return Borders(names, (first, first), first, is_assumed,
                       sum(map(_values, chain.from_iterable(above))), sum(map(names_person, above)))
    end = begin + 1
    if begin and _is_group_line(texts[begin - 1]):
        begin -= 1
    while end - begin < HEADING_LINES and end < len(texts) - 1 and _continues(texts, begin, end):
        end += 1
    widest = max((len(row) for row in texts[begin:]), default=0)
    titles = _joined([texts[i] for i in range(begin, end)])
    titles = [""] * _shift(titles, [row for row in texts[end:] if sum(map(bool, row)) > 1]) + titles
    is_alone = len(titles) == 1 and weight <= PRIOR and not _words(titles)
    is_assumed = abs(weight) < CLOSE or is_alone or _is_unlike(texts, end, with_blanks=False)
    above = texts[:begin]
    return Borders(unique_names(titles, widest), (begin, end), end, is_assumed,
                   sum(map(_values, chain.from_iterable(texts[:end]))) + len(persons_among(titles)),
                   sum(map(names_person, above)))


def _shift(titles: CellRow, rows: Sequence[CellRow]) -> int:
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
                   title_cells=borders.title_cells + sum(map(_values, chain.from_iterable(above))),
                   title_persons=borders.title_persons + sum(map(names_person, above)))


def _is_unlike(rows: Sequence[CellRow], at: int, *, with_blanks: bool = True) -> bool:
    """Return whether a row has texts, and no cell of the kind of those below in any column of one kind.

    with_blanks: a row that is empty there is unlike them, too.
    """
    body = [r for r in rows[at + 1: at + 1 + JUDGED] if any(r)]
    row = rows[at] if at < len(rows) else []
    typed = unlike = 0
    for i, column in enumerate(zip_longest(*body, fillvalue="")):
        filled = [cell for cell in column if cell.lower() not in _MISSING]
        usual, n = Counter(map(cell_kind, filled)).most_common(1)[0] if filled else ("", 0)
        if not usual or n < max(2, min(len(filled) - 1, 0.85 * len(filled))):
            continue
        cell = row[i] if i < len(row) else ""
        typed += 1
        kind = cell_kind(cell)
        unlike += (kind != usual if with_blanks else not kind and cell.lower() not in _MISSING)
    return typed > 0 and unlike == typed


def usual_width(rows: Sequence[CellRow]) -> int:
    """Return how many cells most rows have that have more than one, up to the last filled one."""
    widths = [_filled_width(row) for row in rows]
    wide = [w for w in widths if w > 1]
    if not wide or len(wide) * 3 < sum(map(bool, widths)):
        return 1 if any(widths) else 0
    counts = Counter(wide)
    most = max(counts.values())
    return max(w for w, n in counts.items() if n == most)


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


def looks_like_value(text: str) -> bool:
    """Return whether a cell is no heading wherever it stands: an address, a long number, a garbled text."""
    return "\ufffd" in text or bool(_VALUE.search(text)) and cell_kind(text) != "date"


def is_value_as_heading(title: str) -> bool:
    """Return whether a heading is a value, a key with its value, or a text too long for a name."""
    if looks_like_value(title) or len(title) > LONGEST_NAME:
        return True
    keyed = _KEYED.fullmatch(title)
    return keyed is not None and is_word_of_headings(keyed[1])


def is_sideways(rows: Sequence[CellRow]) -> bool:
    """Return whether the headings stand in the first column, and each further column is a record."""
    texts = [[cell.strip() for cell in row] for row in rows]
    texts = [row for row in texts if sum(map(bool, row)) > 1]             # without titles and notes
    width = usual_width(texts)
    if len(texts) < 2 or width < 2 or len(texts) > JUDGED:
        return False
    turned = [[row[i] if i < len(row) else "" for row in texts] for i in range(width)]
    if _words(texts[0][:width]) > max(1, width * 2 // 5):
        return False
    return _words(turned[0]) >= 0.6 * len(texts) and _weight(turned, 0) > 2


def may_name_person(text: str) -> bool:
    """Return whether a cell may be a person's name, in Chinese or Latin letters, and is no usual heading."""
    if _WEEKDAY.fullmatch(text):
        return False
    is_name = is_person_name(text) or text[:1].isupper() and is_latin_name(text)
    return is_name and not is_word_of_headings(text)


def persons_among(titles: Sequence[str]) -> frozenset[str]:
    """Return the headings that are people's names: most of those that are no words of headings.

    >>> sorted(persons_among(["月份", "李娜", "王小明"])), sorted(persons_among(["姓名", "高校", "金额"]))
    (['李娜', '王小明'], [])
    """
    others = [title for title in dict.fromkeys(titles) if title and not is_word_of_headings(title)
              and not cell_kind(title)]
    people = [title for title in others if may_name_person(title)]
    if any(title.isascii() for title in people):          # beside a known name, others of its form are names
        people += [title for title in others if title not in people and _LATIN_NAME.fullmatch(title)]
    if not people or len(people) < PEOPLE * len(others):
        return frozenset()
    chinese = [title for title in people if not title.isascii()]
    sure = int(votes(chinese).sum()) + len(people) - len(chinese)
    is_sure = sure >= 2 and sure >= PEOPLE * len(people)
    return frozenset(people) if is_sure else frozenset()


def _is_key_with_value(row: CellRow, width: int) -> bool:
    """Return whether a row says something of the table: when, or by whom it was exported or checked.

    width: of the table; in a row as wide, a role and a name in two cells are two headings (姓名, 费用).
    """
    filled = [cell for cell in row if cell]
    if len(filled) == 2 and not cell_kind(filled[0]) and _MOMENT.fullmatch(filled[1]):
        return True
    if len(filled) == width == 2 and names_person(filled):
        is_role = filled[0].strip(_SIGNS).endswith(_ROLES) and not is_word_of_headings(filled[1])
        name = filled[1].strip(_SIGNS)
        return is_role and len(name) > 2 and person_share(name) >= CERTAIN
    return any(names_person([cell]) for cell in filled) or (len(filled) < width and names_person(filled))


def names_person(row: CellRow) -> bool:
    """Return whether a person stands behind a word for what people do, e.g. who exported a file."""
    parts = [part for cell in row for part in _PARTS.split(cell) if part]
    return any(key.endswith(_ROLES) and _begins_as_name(value) and not is_word_of_headings(value)
               for key, value in zip(parts, parts[1:], strict=False))


def _values(cell: str) -> int:
    """Return how many values a cell above a table holds."""
    return sum(1 for _ in _VALUE.finditer(cell)) if looks_like_value(cell) else 0


def _begins_as_name(text: str) -> bool:
    return is_person_name(text) or 2 <= len(text) <= 3 and text[0] in SURNAMES


def _filled_width(row: CellRow) -> int:
    return max((i + 1 for i, cell in enumerate(row) if cell), default=0)


def _first_full_row(rows: Sequence[CellRow], width: int) -> int:
    """Return the first row about as wide as the others; titles and keys with a value stand above."""
    for i, row in enumerate(rows[:WITHIN]):
        filled = sum(map(bool, row))
        if _is_key_with_value(row, width) and i < len(rows) - 1:
            continue
        if 0 < filled == _words(row) and _filled_width(row) <= width <= len(row):
            return i
        if filled >= max(1, math.ceil(width * WIDE)) or filled and filled + 1 >= width > 2:
            return i
    return _first_data_row(rows, width)


def _is_line(row: CellRow, width: int) -> bool:
    """Return whether a row of a wide table is a line of text, and no word of headings."""
    return width > 2 and sum(map(bool, row)) == 1 and not _words(row)


def _first_data_row(rows: Sequence[CellRow], width: int) -> int:
    """Return the first row that has any cell; the first of two, where rows are wide and it stands near."""
    filled = [sum(map(bool, row)) for row in rows]
    first = next((i for i, n in enumerate(filled) if n), 0)
    return next((i for i, n in enumerate(filled[:WITHIN]) if n > 1), first) if width > 2 else first


def _heading_row(rows: Sequence[CellRow], start: int) -> int:
    """Return the row whose cells name the columns, where the first full row is no data.

    A row further down is, where it has more words of headings and stands out from the cells below it, and
    the rows above are keys with their values, or headings over several columns.
    """
    for i in range(start + 1, min(start + HEADING_LINES + 2, len(rows))):
        if _names_more(rows[i], rows[start]) and _differs(rows, i) and _weight(rows, i) > 0:
            return i
    return start


def _headings_below(rows: Sequence[CellRow], start: int) -> int | None:
    """Return a row of nothing but words of headings below keys with their values."""
    for i in range(start + 1, min(start + HEADING_LINES + 2, len(rows))):
        is_named = 2 <= _words(rows[i]) == sum(map(bool, rows[i]))
        if is_named and _differs(rows, i) and _weight(rows, i) > 0:
            return i
    return None


def _names_more(row: CellRow, above: CellRow) -> bool:
    """Return whether a row has more words of headings than one above it, or they alone."""
    words, words_above = _words(row), _words(above)
    are_all = 0 < words == sum(map(bool, row)) and words_above < sum(map(bool, above))
    return are_all or 2 <= words > words_above


def _differs(rows: Sequence[CellRow], at: int) -> bool:
    """Return whether a row has a text above cells of another kind, and no cell of their kind."""
    body = [r for r in rows[at + 1: at + 1 + JUDGED] if any(r)]
    kinds = [usual_kind([r[i] for r in body if i < len(r)]) for i in range(len(rows[at]))]
    pairs = [(cell_kind(cell), kind) for cell, kind in zip(rows[at], kinds, strict=True) if cell and kind]
    return bool(pairs) and all(own != usual for own, usual in pairs)


def usual_kind(column: CellRow) -> str:
    """Return the kind of most cells of a column, empty where they are text or of many kinds."""
    filled = [c for c in column if c.lower() not in _MISSING]
    if not filled:
        return ""
    usual, n = Counter(map(cell_kind, filled)).most_common(1)[0]
    return usual if n >= _ALIKE * len(filled) else ""


def _is_group_line(row: CellRow) -> bool:
    """Return whether cells stand over several columns each, unlike a key beside its value."""
    filled = [i for i, cell in enumerate(row) if cell]
    if len(filled) < 2 or filled[0] + 1 == filled[1]:
        return False
    return not any(looks_like_value(row[i]) or cell_kind(row[i]) or is_person_name(row[i]) for i in filled)


def _words(row: CellRow) -> int:
    return sum(is_word_of_headings(cell) for cell in row)


def is_word_of_headings(text: str) -> bool:
    """Return whether tables often have a column of this name."""
    if not text or len(text) > 30 or looks_like_value(text):
        return False
    if _HEADING.fullmatch(text):
        return True
    hit = match_name(text)
    return hit is not None and hit.strength >= 0.9


def _weight(rows: Sequence[CellRow], at: int) -> float:
    """Return the log of how much likelier a row is to name the columns than to be data."""
    row = rows[at]
    body = [r for r in rows[at + 1: at + 1 + JUDGED] if any(r)]
    if _is_key_with_value(row, usual_width(body)) or sum(map(_is_decimal, row)) > 1:
        return -9.0
    columns = [[r[i] if i < len(r) else "" for r in body] for i in range(len(row))]
    usual = Counter(map(len, body)).most_common(1)[0][0] if body else len(row)
    if _filled_width(row) < usual and any(map(looks_like_value, row)):
        return -9.0                           # a key with its value, or a short row
    if len(row) < usual and "" not in row and (by := _shift(row, [r for r in body if sum(map(bool, r)) > 1])):
        columns = [[r[i + by] if i + by < len(r) else "" for r in body] for i in range(len(row))]
    pairs = [(cell, column) for cell, column in zip(row, columns, strict=True) if cell]
    values = sum(_is_value_among(cell, column) for cell, column in pairs)
    if values and not _are_headings_but(row, values) or _names_people_alone(row, body):
        return -9.0
    is_text = any(map(_SENTENCE.search, row)) or 2 * sum(map(looks_like_value, row)) >= len(pairs)
    if is_text and not _words(row):
        return -9.0                           # running text, or values above other cells
    if _is_sequence(row) and not any(_is_sequence(r) for r in body[:20]):
        return 5.0
    repeated = any(r == row for r in body)    # the headings of another page
    return PRIOR + sum(_weight_of_cell(cell, column, repeated) for cell, column in pairs)


def _are_headings_but(row: CellRow, values: int) -> bool:
    """Return whether cells are words of headings but for a few values, which were written above columns."""
    return _words(row) >= max(3, 0.6 * (len(row) - values), 2 * values)


def _names_people_alone(row: CellRow, body: Sequence[CellRow]) -> bool:
    """Return whether a row has names of people above nothing, or above a few others of their form."""
    people = sum(bool(cell) and is_person_name(cell) and not is_word_of_headings(cell) for cell in row)
    if 0 < len(body) <= _FEW and not _words(row):         # words with capitals above such words
        return any(all(i < len(r) and _LATIN_NAME.fullmatch(r[i]) for r in (row, *body))
                   for i in range(len(row)))
    return not body and people > _words(row)


def _is_decimal(cell: str) -> bool:
    return "." in cell and cell_kind(cell) == "number"


def _is_value_among(cell: str, column: CellRow) -> bool:
    """Return whether a cell is a value of a person, like others of its column, or without any to compare."""
    if not looks_like_value(cell):
        return False
    filled = [c for c in column if c.lower() not in _MISSING]
    return not filled or sum(map(looks_like_value, filled)) >= 0.3 * len(filled)


def _weight_of_cell(cell: str, column: CellRow, repeated: bool) -> float:
    filled = [c for c in column if c.lower() not in _MISSING]
    word = 3.0 if is_word_of_headings(cell) else 0.0
    if not filled:
        return word
    if cell in filled and not repeated:
        return -3.0 * min(1.0, filled.count(cell) * 20 / len(filled))
    kind = cell_kind(cell)
    kinds = Counter(map(cell_kind, filled))
    usual, n = kinds.most_common(1)[0]
    if usual and n >= _ALIKE * len(filled):
        if kind == usual and cell.endswith("%") and not any(c.endswith("%") for c in filled):
            return 1.0                        # a share above numbers
        if kind == usual:
            return -2.5
        if not kind and _is_shaped_as(cell, filled):
            return -2.5
        return 2.5 if not kind else 1.0
    if kind in ("number", "digits", "date", "email"):
        return -1.0
    return word + _weight_of_text(cell, filled)


def _is_shaped_as(cell: str, filled: CellRow) -> bool:
    """Return whether a cell with digits has the shape of most others, e.g. a code of fewer digits."""
    shape = _shape(cell)
    return "9" in shape and 2 * sum(_shape(other) == shape for other in filled) >= len(filled)


def _weight_of_text(cell: str, filled: CellRow) -> float:
    """Return the weight of a text above texts: whether its value, its shape and its length are new."""
    if may_name_person(cell) and sum(map(may_name_person, filled)) >= 0.5 * len(filled):
        return -1.5
    news = (_news(cell, filled), _news(_shape(cell), [_shape(c) for c in filled]),
            _news(len(cell) // 4, [len(c) // 4 for c in filled]))
    return max(news) if max(news) > 0.2 else -0.4


def _news(feature: object, others: Sequence[object]) -> float:
    """Return how surprising a feature would be in a further row of data; 0 where others have it."""
    counts = Counter(others)
    if feature in counts:
        return 0.0
    once = sum(n == 1 for n in counts.values())
    return min(2.5, math.log((len(others) + 1) / (once + 1)))


def cell_kind(cell: str) -> str:
    """Return email, date, number …; empty for text."""
    return next((kind for kind, pattern in _KINDS if pattern.fullmatch(cell)), "")


def _shape(cell: str) -> str:
    """Return runs of letters, digits, Han characters and others, each as one sign."""
    signs = ("9" if c.isdigit() else "中" if c > "\u2e7f" else "a" if c.isalpha() else c for c in cell)
    return re.sub(r"(.)\1+", r"\1", "".join(signs))


def _is_sequence(row: CellRow) -> bool:
    """Return whether at least three cells count up by one: years, months, days, hours."""
    numbers = [int("".join(re.findall(r"\d+", cell))) for cell in row
               if len(cell) < 12 and cell_kind(cell) in ("number", "month", "date", "digits")]
    steps = [b - a for a, b in zip(numbers, numbers[1:], strict=False)]
    regular = sum(step in (1, 89, 8870) for step in steps)           # 202312 is followed by 202401
    return len(steps) >= 2 and regular >= 0.8 * len(steps)


def _continues(rows: Sequence[CellRow], begin: int, at: int) -> bool:
    """Return whether a row is a further line of headings: blanks above are filled, or units stand below."""
    above, row = rows[begin], rows[at]
    body = [r for r in rows[at + 1: at + 1 + JUDGED] if any(r)]
    typed = differing = 0
    for i, cell in enumerate(row):
        column = [r[i] for r in body if i < len(r)]
        if cell and (cell in column or looks_like_value(cell)):
            return False
        if usual := usual_kind(column):
            typed += 1
            differing += cell_kind(cell) != usual and cell.lower() not in _MISSING
        elif cell and not is_word_of_headings(cell):
            return False
    is_grouped = any(not cell for cell in above) or len(set(above)) < len(above)
    words = _words(row)
    return bool(typed and differing == typed and (is_grouped or words >= 2) and words)


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
