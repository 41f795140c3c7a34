"""Fold any Arrow array once into comparable text, before any detector looks.

NFKC turns full-width digits into ASCII; zero-width characters and outer blanks go; numbers become plain
digits again (`1.39E+10`, `13912345678.0`); blanks and placeholders such as `N/A` or `无` are null, so that
they are not examined.
"""

from __future__ import annotations

import math
import re
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

LONGEST = 65_536                              # characters of one cell that are examined
_EMPTY = ("", "null", "none", "nan", "n/a", "na", "-", "--", "无", "空", "暂无", "未知", "/", "\\n", "nil")
_LONGEST_EMPTY = max(len(text.encode()) for text in _EMPTY)
_UNSTABLE = "[^\x00-\x7f\u4e00-\u9fff、。《》“”]"       # characters that NFKC or the removal below may change
_INVISIBLE = "[\u200b-\u200f\u202a-\u202e\u2060\ufeff]"
_LEAD_OF_INVISIBLE, _LEAD_OF_BOM = 0xE2, 0xEF      # first bytes of those characters in UTF-8
_OUTER = " \t\r\n\u3000\x00'\""
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_NUMBER_AS_TEXT = r"^[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,2}$|^[0-9]{6,}\.0+$"
_LONGEST_NUMBER = 24                          # bytes


def fold(values: pa.Array) -> pa.Array:
    """Return a string array of the same length; null where there is nothing to examine."""
    kind = values.type
    if values.null_count == len(values):
        return pa.nulls(len(values), pa.string())
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if pa.types.is_dictionary(kind):
        return fold(values.dictionary_decode())
    if isinstance(kind, pa.BaseExtensionType):
        return fold(values.storage)
    if pa.types.is_floating(kind):
        return pa.array([_number(value) for value in values.to_pylist()], pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.nulls(len(values), pa.string())
    if pa.types.is_nested(kind):
        return _texts(values)
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        values = _as_text(values)
    trimmed = pc.utf8_trim(_normalised_text(values.cast(pa.string())), _OUTER)
    return _without_placeholders(_plain_numbers(trimmed))


def _as_text(values: pa.Array) -> pa.Array:
    """Cells of any type as text, also where Arrow cannot cast them."""
    try:
        return values.cast(pa.string(), safe=False)
    except pa.ArrowException:
        return _texts(values)


def _texts(values: pa.Array) -> pa.Array:
    """Python's words for the cells; null where it cannot hold one."""
    cells = []
    for value in values:
        try:
            cell = value.as_py()
        except (ValueError, OverflowError, LookupError):     # a date after year 9999, an unknown time zone
            cell = None
        cells.append(None if cell is None else str(cell))
    return pa.array(cells, pa.string())


def _normalised_text(text: pa.Array) -> pa.Array:
    """Text cut to LONGEST, in NFKC, without invisible characters, escapes of JSON as characters."""
    if (pc.max(pc.binary_length(text)).as_py() or 0) > LONGEST:
        text = pc.utf8_slice_codeunits(text, 0, LONGEST)
    if not pc.all(pc.string_is_ascii(text)).as_py():
        text = _in_nfkc(text)
    if has_byte(text, ord("\\")) and pc.any(pc.match_substring(text, "\\u")).as_py():
        plain = [None if cell is None else _JSON_ESCAPE.sub(_character, cell) for cell in text.to_pylist()]
        text = pa.array(plain, pa.string())
    return text


def _in_nfkc(text: pa.Array) -> pa.Array:
    """Text in NFKC without invisible characters; only cells that have something to change are touched."""
    unstable = pc.fill_null(pc.match_substring_regex(text, _UNSTABLE), False)
    if not pc.any(unstable).as_py():
        return text
    cells = pc.utf8_normalize(text.filter(unstable), "NFKC")
    if has_byte(cells, _LEAD_OF_INVISIBLE) or has_byte(cells, _LEAD_OF_BOM):
        cells = pc.replace_substring_regex(cells, _INVISIBLE, "")
    return pc.replace_with_mask(text, unstable, cells)


def has_byte(text: pa.Array, byte: int) -> bool:
    """Does a byte occur anywhere in the cells of a string array? Far quicker than a search by cell."""
    offsets, data = text.buffers()[1:3]
    if data is None or not len(text):
        return False
    ends = np.frombuffer(offsets, np.int64 if pa.types.is_large_string(text.type) else np.int32)
    raw = np.frombuffer(data, np.uint8)[ends[text.offset]:ends[text.offset + len(text)]]
    return bool((raw == byte).any())


def _without_placeholders(text: pa.Array) -> pa.Array:
    """Null for blanks and for words that stand for nothing."""
    short = pc.fill_null(pc.less_equal(pc.binary_length(text), _LONGEST_EMPTY), True)
    if not pc.any(short).as_py():
        return text
    empty = pc.and_(short, pc.is_in(pc.utf8_lower(pc.if_else(short, text, "?")), value_set=_empty_words()))
    return pc.if_else(pc.fill_null(empty, True), pa.scalar(None, pa.string()), text)


@cache
def _empty_words() -> pa.Array:
    """The words as Arrow has them. Making its first array from a list imports pandas: not at start-up."""
    return pa.array(_EMPTY)


def _plain_numbers(text: pa.Array) -> pa.Array:
    """`1.3912345678E+10` and `13912345678.0` as digits again, where every digit survived."""
    short = pc.less_equal(pc.binary_length(text), _LONGEST_NUMBER)
    if not pc.any(short).as_py():
        return text
    candidates = text if pc.all(short).as_py() else pc.if_else(short, text, "")
    odd = pc.match_substring_regex(candidates, _NUMBER_AS_TEXT)
    if not pc.any(odd).as_py():
        return text
    cells = zip(text.to_pylist(), odd.to_pylist(), strict=True)
    return pa.array([_number(float(cell)) if is_odd else cell for cell, is_odd in cells], pa.string())


def _number(value: float | None) -> str | None:
    """A number as digits, without a fraction where it has none; None for NaN and what has no end."""
    if value is None or not math.isfinite(value):
        return None
    return str(int(value)) if value == int(value) and abs(value) < 1e19 else repr(value)


def _character(escape: re.Match[str]) -> str:
    """The character of a JSON escape; half of a surrogate pair stays as it is."""
    code = int(escape[1], 16)
    return escape[0] if 0xD800 <= code < 0xE000 else chr(code)


def shape(text: str) -> str:
    """Return classes and lengths, never characters: digits 9, Latin letters A, Han 汉, blanks _, others #.

    >>> shape("13912345678")
    '9×11'
    """
    classes: list[tuple[str, int]] = []
    for character in text[:200]:
        kind = _class(character)
        if classes and classes[-1][0] == kind:
            classes[-1] = (kind, classes[-1][1] + 1)
        else:
            classes.append((kind, 1))
    return " ".join(f"{kind}×{length}" for kind, length in classes[:20])


def _class(character: str) -> str:
    if character.isdigit():
        return "9"
    if "\u4e00" <= character <= "\u9fff":
        return "汉"
    if character.isalpha():
        return "A"
    return "_" if character.isspace() else "#"
