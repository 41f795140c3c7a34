"""What sort of thing a cell is: a number, a day, somebody's value, or a word that is often a heading."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from detectors.names.matching import match_name

CellRow = Sequence[str]
LONGEST_NAME = 200                            # characters of a heading
REMEMBERED = 8_192                            # cells whose sort is remembered: it is asked several times
_ALIKE = 0.7                                  # share of a column that makes its kind
MISSING = frozenset({"", "-", "--", "/", "na", "n/a", "nan", "null", "none", "\\n", "无", "未知", "空"})
_KIND = re.compile(                           # the first group that fits all of a cell is its kind
    r"(?P<email>[^@\s]+@[^@\s]+\.[A-Za-z]{2,})\Z"
    r"|(?P<month>(?:19|20)\d{2}[-/.年]?(?:0?[1-9]|1[0-2])月?|(?:19|20)\d{2}年?|\d{1,2}月|Q[1-4])\Z"
    r"|(?P<date>(?:19|20)\d{2}[-/.年]?[01]?\d[-/.月]?[0-3]?\d日?(?:[ T]\d{1,2}:\d{2}.*)?"
    r"|\d{1,2}:\d{2}(?::\d{2})?|\d{1,2}[-/][01]?\d[-/](?:19|20)?\d{2})\Z"
    r"|(?P<digits>\+?[\d -]{7,}[\dXx]|\(\d{2,4}\)[\d -]{6,})\Z"
    r"|(?P<number>[-+¥$€]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?\s*%?)\Z"
    r"|(?P<url>(?i:[a-z]+)://\S+)\Z"
    r"|(?P<address>\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5})\Z"
    r"|(?P<code>(?=.*\d.*\d.*\d)[0-9A-Za-z_\-]{4,})\Z")
_PLATE = (r"[京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新][A-Z][·. ]?"
          r"[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9学警]")
_KEYED = re.compile(r"(.{1,20}?)\s*(?:[:：=]\s*\S+|[、，；;|]\s*(?=.*\d.*\d).+)")
_VALUE = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[A-Za-z]{2,}|(?<!\d)\d{9,}[Xx]?(?!\d)|1[3-9]\d{9}"
                    r"|\+\d[\d -]{6,}\d|[a-z]{1,20}://\S+|\d{1,3}(\.\d{1,3}){3}"
                    rf"|^{_PLATE}$"
                    r"|[路街道巷弄村]\w{0,6}\d+[号弄]|\d+号[院楼]|\d+单元\d+", re.I)
_HEADING = re.compile(
    r"(id|no|name|date|time|type|code|city|status|remark|amount|price|total|comment|field|column|sex|gender|age"
    r"|[a-z]+_(id|no|num|number|name|date|time|at|by|type|code|status|count)"
    r"|(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?|(星期|礼拜)[一二三四五六日天]|[上下]半年"
    r"|周[一二三四五六日天末]|[早中晚夜白]班|[上下]午|父亲|母亲|子女|配偶|儿子|女儿|爸爸|妈妈|爷爷|奶奶|老师|学生"
    r"|[组队班]长|第.{1,3}[周季期名]|[一二三四]季度"
    r"|year|month|title|email|phone|mobile|address|count|level|note|dept|department|role|country|region)"
    r"|.{0,8}(姓名|名称|名|编号|号码?|日期|时间|类型|类别|状态|备注|说明|描述|地址|城市|省份|地区|区域|部门|单位"
    r"|岗位|职务|职位|角色|金额|数量|价格|单价|合计|比例|等级|级别|性别|年龄|民族|学历|邮箱|电话|手机|来源|方式"
    r"|标识|代码|序号|人|员|者|师|方|商|长|户|经理|主任|主管|内容|意见|原因|结果|标题|渠道|产品|项目|科目|班级"
    r"|专业|学校|公司|国家)", re.I)


@lru_cache(REMEMBERED)
def cell_kind(cell: str) -> str:
    """Return email, date, number …; empty for text."""
    match = _KIND.match(cell)
    return match.lastgroup or "" if match else ""


_BETWEEN = re.compile(r"[,;|、，；\n]\s*")
_NO_WORDS = frozenset({"number", "digits", "date", "email"})         # kinds of cells that name no column


def kind_of_list(cell: str) -> str:
    """Return the kind of a cell, or of all the values that signs part in it; empty for text.

    >>> kind_of_list("a@b.cn; c@d.cn"), kind_of_list("13700000001、13700000002") != "", kind_of_list("a, 1")
    ('email', True, '')
    """
    kinds = {cell_kind(cell)} - {""} or {cell_kind(part) for part in _BETWEEN.split(cell)}
    return kinds.pop() if len(kinds) == 1 else ""


def usual_kind(column: CellRow) -> str:
    """Return the kind of most cells of a column, empty where they are text or of many kinds."""
    filled = [c for c in column if c.lower() not in MISSING]
    if not filled:
        return ""
    usual, n = Counter(map(cell_kind, filled)).most_common(1)[0]
    return usual if n >= _ALIKE * len(filled) else ""


@lru_cache(REMEMBERED)
def looks_like_value(text: str) -> bool:
    """Return whether a cell is no heading wherever it stands: an address, a long number, a garbled text."""
    return "\ufffd" in text or bool(_VALUE.search(text)) and cell_kind(text) != "date"


def is_value_as_heading(title: str) -> bool:
    """Return whether a heading is a value, a key with its value, or a text too long for a name."""
    if looks_like_value(title) or len(title) > LONGEST_NAME:
        return True
    keyed = _KEYED.fullmatch(title)
    return keyed is not None and is_word_of_headings(keyed[1])


@lru_cache(REMEMBERED)
def is_word_of_headings(text: str) -> bool:
    """Return whether tables often have a column of this name."""
    if not text or len(text) > 30 or cell_kind(text) in _NO_WORDS or looks_like_value(text):
        return False
    if _HEADING.fullmatch(text):
        return True
    hit = match_name(text)
    return hit is not None and hit.strength >= 0.9


def are_headings(cells: Sequence[str]) -> bool:
    """Return whether most cells of a line are words of headings."""
    words = sum(is_word_of_headings(cell) for cell in cells)
    return len(cells) > 1 and words >= max(2, 0.6 * len(cells))


def count_values(cell: str) -> int:
    """Return how many values a cell above a table holds."""
    return sum(1 for _ in _VALUE.finditer(cell)) if looks_like_value(cell) else 0


class _Signs(dict[int, str]):
    """The sign of each character, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        c = chr(code)
        self[code] = "9" if c.isdigit() else "中" if c > "\u2e7f" else "a" if c.isalpha() else c
        return self[code]


_SIGNS = _Signs()
_RUN = re.compile(r"(.)\1+")


@lru_cache(REMEMBERED)
def cell_shape(cell: str) -> str:
    """Return runs of letters, digits, Han characters and others, each as one sign."""
    return _RUN.sub(r"\1", cell.translate(_SIGNS))
