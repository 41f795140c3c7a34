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
_STABLE_SIGNS = "、。《》“”‘’【】「」『』〈〉〔〕—–•"      # which NFKC leaves as they are, all of three bytes
_INVISIBLE = "[\u200b-\u200f\u202a-\u202e\u2060\ufeff]"
_LEAD_OF_INVISIBLE, _LEAD_OF_BOM = 0xE2, 0xEF      # first bytes of those characters in UTF-8
_BLOCK_BYTES = 1 << 18                        # of text looked at together: temporaries stay in the cache
_LEAD, _LEAD_OF_HAN, _LEADS_OF_HAN, _SECOND_OF_HAN = map(np.uint8, (0xC0, 0xE4, 5, 0xB8))
_STABLE_CODES = np.array([int.from_bytes(sign.encode()) for sign in _STABLE_SIGNS], np.uint32)
_OUTER = " \t\r\n\u3000\x00'\""
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_NUMBER_AS_TEXT = r"^[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,2}$|^[0-9]{6,}\.0+$"
_LONGEST_NUMBER, _SHORTEST_NUMBER, _SHORTEST_WITH_FRACTION = 24, 3, 8         # bytes


def _table(characters: str) -> np.ndarray:
    """Which bytes are one of some ASCII characters, bools by byte."""
    table = np.zeros(256, bool)
    table[[ord(c) for c in characters]] = True
    return table


_IS_DIGIT, _AFTER_DIGIT = _table("0123456789"), _table(".eE")
_WIDE_BLANK = "\u3000".encode()
_MAY_BE_OUTER = _table(_OUTER.replace("\u3000", ""))


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
    return _without_placeholders(_plain_numbers(_trimmed(_normalised_text(values.cast(pa.string())))))


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
    unstable = _unstable_cells(text)
    if not unstable.any():
        return text
    cells = text.filter(pa.array(unstable))
    narrow = _in_narrow_signs(cells)
    cells = pc.utf8_normalize(cells, "NFKC") if narrow is None else narrow
    if has_byte(cells, _LEAD_OF_INVISIBLE) or has_byte(cells, _LEAD_OF_BOM):
        cells = pc.replace_substring_regex(cells, _INVISIBLE, "")
    return pc.replace_with_mask(text, pa.array(unstable), cells)


def _in_narrow_signs(text: pa.Array) -> pa.Array | None:
    """Text with `，` and all of U+FF01 to U+FF5E as ASCII; None if there is more to change, or a null."""
    offsets, raw = _bytes(text)
    places = _unstable_places(raw)
    code = _codes(raw, places)
    first_half = (code >= 0xEFBC81) & (code <= 0xEFBCBF)         # U+FF01 to U+FF3F
    if text.null_count or not (first_half | (code >= 0xEFBD80) & (code <= 0xEFBD9E)).all():
        return None
    remaining = np.ones(len(raw), bool)
    remaining[places + 1] = remaining[places + 2] = False
    narrow = raw.copy()
    narrow[places] = raw[places + 2] - np.where(first_half, np.uint8(0x60), np.uint8(0x20))
    ends = (offsets - 2 * np.searchsorted(places, offsets)).astype(np.int32)
    return pa.StringArray.from_buffers(len(text), pa.py_buffer(ends), pa.py_buffer(narrow[remaining]))


def _unstable_cells(text: pa.Array) -> np.ndarray:
    """Cells with a character that NFKC or the removal of the invisible may change, bools.

    Stable are ASCII, Chinese characters from U+4E00 on and the signs of _STABLE_SIGNS. What lies under a null
    counts, too.
    """
    offsets, raw = _bytes(text)
    changes = np.zeros(len(text), bool)
    changes[np.searchsorted(offsets, _unstable_places(raw), side="right") - 1] = True
    return changes


def _unstable_places(raw: np.ndarray) -> np.ndarray:
    """First bytes of unstable characters in UTF-8; E4 B8 80 is the first Chinese one, E9 BF BF the last."""
    unstable = [np.zeros(0, np.int64)]
    for start in range(0, len(raw), _BLOCK_BYTES):
        block = raw[start:start + _BLOCK_BYTES]
        second = raw[start + 1:start + 1 + len(block)]           # of a character of several bytes
        odd = (block >= _LEAD) & ((block - _LEAD_OF_HAN) > _LEADS_OF_HAN)
        odd[:len(second)] |= (block[:len(second)] == _LEAD_OF_HAN) & (second < _SECOND_OF_HAN)
        places = start + np.flatnonzero(odd)
        if len(places):
            unstable.append(places[~np.isin(_codes(raw, places), _STABLE_CODES)])
    return np.concatenate(unstable)


def _codes(raw: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The three bytes from each place on as one number."""
    last = len(raw) - 1
    code = raw[places].astype(np.uint32)
    for i in (1, 2):
        code = code << 8 | raw[np.minimum(places + i, last)]
    return code


def _bytes(text: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """(First byte of each cell of a string array, and one past the last; bytes of the cells, nulls' too)."""
    offsets, data = text.buffers()[1:3]
    if data is None or not len(text):
        return np.zeros(len(text) + 1, np.int64), np.zeros(0, np.uint8)
    ends = np.frombuffer(offsets, np.int64 if pa.types.is_large_string(text.type) else np.int32)
    ends = ends[text.offset:text.offset + len(text) + 1]
    return ends - ends[0], np.frombuffer(data, np.uint8)[ends[0]:ends[-1]]


def has_byte(text: pa.Array, byte: int) -> bool:
    """Does a byte occur anywhere in the cells of a string array? Far quicker than a search by cell."""
    return bool((_bytes(text)[1] == byte).any())


def _trimmed(text: pa.Array) -> pa.Array:
    """Text without outer blanks and quotes; looked at by their first and last bytes, as most have none."""
    offsets, raw = _bytes(text)
    filled = np.flatnonzero(np.diff(offsets))
    lasts = offsets[filled + 1] - 1
    firsts = raw[offsets[filled]]
    if _MAY_BE_OUTER[firsts].any() or _MAY_BE_OUTER[raw[lasts]].any() or (firsts == _WIDE_BLANK[0]).any():
        return pc.utf8_trim(text, _OUTER)
    lasts = lasts[raw[lasts] == _WIDE_BLANK[2]]
    if ((raw[lasts - 2] == _WIDE_BLANK[0]) & (raw[lasts - 1] == _WIDE_BLANK[1])).any():
        return pc.utf8_trim(text, _OUTER)
    return text


def _without_placeholders(text: pa.Array) -> pa.Array:
    """Null for blanks and for words that stand for nothing."""
    short = np.flatnonzero(np.diff(_bytes(text)[0]) <= _LONGEST_EMPTY)
    if not len(short):
        return text
    words = pc.utf8_lower(text.take(pa.array(short)))
    empty = np.zeros(len(text), bool)
    empty[short] = np.asarray(pc.is_in(words, value_set=_empty_words()))
    return pc.if_else(pa.array(empty), pa.scalar(None, pa.string()), text) if empty.any() else text


@cache
def _empty_words() -> pa.Array:
    """The words as Arrow has them. Making its first array from a list imports pandas: not at start-up."""
    return pa.array(_EMPTY)


def _plain_numbers(text: pa.Array) -> pa.Array:
    """`1.3912345678E+10` and `13912345678.0` as digits again, where every digit survived."""
    candidates = _may_be_numbers(text)
    if not len(candidates):
        return text
    cells = text.take(pa.array(candidates))
    odd = np.asarray(pc.fill_null(pc.match_substring_regex(cells, _NUMBER_AS_TEXT), False))
    if not odd.any():
        return text
    is_odd = np.zeros(len(text), bool)
    is_odd[candidates[odd]] = True
    numbers = [_number(float(cell)) for cell in cells.filter(pa.array(odd)).to_pylist()]
    return pc.replace_with_mask(text, pa.array(is_odd), pa.array(numbers, pa.string()))


def _may_be_numbers(text: pa.Array) -> np.ndarray:
    """Indices of cells that may be _NUMBER_AS_TEXT, by a few bytes: most digits of columns are plain."""
    offsets, raw = _bytes(text)
    lengths = np.diff(offsets)
    cells = np.flatnonzero((lengths >= _SHORTEST_NUMBER) & (lengths <= _LONGEST_NUMBER))
    first = offsets[cells]
    begins = _IS_DIGIT[raw[first]]
    cells, first = cells[begins], first[begins]
    last = raw[offsets[cells + 1] - 1]
    is_power = _AFTER_DIGIT[raw[first + 1]] & _IS_DIGIT[last]
    has_fraction = (last == ord("0")) & (lengths[cells] >= _SHORTEST_WITH_FRACTION)
    some = np.flatnonzero(has_fraction)
    for place in range(1, _SHORTEST_WITH_FRACTION - 2):
        some = some[_IS_DIGIT[raw[first[some] + place]]]
    may_be = is_power
    may_be[some] = True
    return np.asarray(cells[may_be])


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
