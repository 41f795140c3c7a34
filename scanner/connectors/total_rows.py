"""Rows that sum up those above them, and lines of units below headings: neither holds a record."""

from __future__ import annotations

import re
from collections.abc import Sequence

from detectors.message import Text
from scanner.connectors.account import Account
from scanner.connectors.cell_kinds import MISSING, looks_like_value

TOTALS = frozenset((                          # without case, blanks and colons
    "合计", "总计", "小计", "共计", "总和", "累计", "total", "totals", "grandtotal", "subtotal", "sum",
))
_SUM = re.compile(r"[-+(¥￥$€]*\s*\d[\d,.]*(e[-+]?\d+)?\s*\D{0,3}", re.I)
_UNIT = re.compile(
    r"[（(\[【]\s*[^\s（(\[【）)\]】]{1,8}\s*[)）\]】]|[%‰℃¥￥$€]|[万亿千百]?(人民币|美|港|欧|日)?[元圆]|万|亿|角"
    r"|分钟?|[克吨斤升米个件台套箱只张份人次户天日月年岁时秒号市省名位]|千克|公斤|公里|[千厘毫平立]方?米|小时|人次|kg|km|cm"
    r"|mm|m2|m²|m3|m³|ml|kwh|cny|rmb|usd|eur|pcs?|hours?|days?|years?", re.I)


def is_total(cells: Sequence[str | None]) -> bool:
    """Return whether a row sums up others: a word for it, and behind it nothing but numbers.

    >>> is_total(["合计", "", "12.50"]), is_total(["合计", "林一"]), is_total(["Total", None, "3 人"])
    (True, False, True)
    """
    filled = [cell for cell in cells if cell and cell.strip().lower() not in MISSING]
    return names_total(cells) and len(cells) > 1 and not any(
        looks_like_value(cell) or not _SUM.fullmatch(cell.strip()) for cell in filled[1:])


def note_total(cells: Sequence[str | None], account: Account, place: Text) -> bool:
    """Return whether a row sums up others, which is noted; also of one that may, and is read as a row."""
    if not names_total(cells):
        return False
    is_sum = is_total(cells)
    account.lose("totals" if is_sum else "totals_assumed", len(cells) > 1, place)
    return is_sum


def names_total(cells: Sequence[str | None]) -> bool:
    """Return whether the first filled cell of a row is a word for a sum."""
    first = next((cell for cell in cells if cell), "") or ""
    return len(first) < 20 and "".join(first.split()).rstrip(":：").casefold() in TOTALS


def are_units(row: Sequence[str]) -> bool:
    """Return whether the filled cells of a row are units of what stands below, e.g. （元）, kg."""
    filled = [cell for cell in row if cell]
    return bool(filled) and all(map(_UNIT.fullmatch, filled))
