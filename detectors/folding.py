"""Fold any Arrow array once into comparable text, before any detector looks.

NFKC turns full-width digits into ASCII; zero-width characters and outer blanks go; numbers become plain
digits again (`1.39E+10`, `13912345678.0`); blanks and placeholders such as `N/A` or `无` are null, so that
they are not examined.
"""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

LONGEST = 65_536                              # characters of one cell that are looked at
_EMPTY = pa.array(["", "null", "none", "nan", "n/a", "na", "-", "--", "无", "空", "暂无", "未知", "/", "\\n", "nil"])

_LONGEST_EMPTY = max(len(t.as_py().encode()) for t in _EMPTY)
_UNSTABLE = "[^\x00-\x7f\u4e00-\u9fff、。《》“”]"       # characters that NFKC or the removal below may change


def fold(values: pa.Array) -> pa.Array:
    """String array of the same length; null where there is nothing to examine."""
    kind = values.type
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if pa.types.is_dictionary(kind):
        return fold(values.dictionary_decode())
    if pa.types.is_floating(kind):
        return pa.array([_number(v) for v in values.to_pylist()], pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.nulls(len(values), pa.string())
    if pa.types.is_nested(kind):
        return pa.array([None if v is None else str(v) for v in values.to_pylist()], pa.string())
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        values = values.cast(pa.string(), safe=False)
    text = values.cast(pa.string())
    if (pc.max(pc.binary_length(text)).as_py() or 0) > LONGEST:
        text = pc.utf8_slice_codeunits(text, 0, LONGEST)
    if not pc.all(pc.string_is_ascii(text)).as_py() and pc.any(pc.match_substring_regex(text, _UNSTABLE)).as_py():
        text = pc.replace_substring_regex(pc.utf8_normalize(text, "NFKC"), "[\u200b-\u200f\u202a-\u202e\u2060\ufeff]", "")
    if pc.any(pc.match_substring(text, "\\u")).as_py():
        text = pa.array([t if t is None else _ESCAPE.sub(_character, t) for t in text.to_pylist()], pa.string())
    text = pc.utf8_trim(text, " \t\r\n\u3000\x00'\"")
    text = _scientific(text)
    short = pc.fill_null(pc.less_equal(pc.binary_length(text), _LONGEST_EMPTY), True)
    if not pc.any(short).as_py():
        return text
    empty = pc.and_(short, pc.is_in(pc.utf8_lower(pc.if_else(short, text, "?")), value_set=_EMPTY))
    return pc.if_else(pc.fill_null(empty, True), pa.scalar(None, pa.string()), text)


_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


def _character(escape: re.Match[str]) -> str:
    """The character of a JSON escape; half of a surrogate pair stays as it is."""
    code = int(escape[1], 16)
    return escape[0] if 0xD800 <= code < 0xE000 else chr(code)


def _number(value: float | None) -> str | None:
    if value is None or value != value:
        return None
    return str(int(value)) if value == int(value) and abs(value) < 1e19 else repr(value)


def _scientific(text: pa.Array) -> pa.Array:
    """`1.3912345678E+10` and `13912345678.0` back to digits; only where every digit survived."""
    short = pc.less_equal(pc.binary_length(text), 24)
    if not pc.any(short).as_py():
        return text
    odd = pc.match_substring_regex(
        text if pc.all(short).as_py() else pc.if_else(short, text, ""), r"^[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,2}$|^[0-9]{6,}\.0+$"
    )
    if not pc.any(odd).as_py():
        return text
    return pa.array([_number(float(t)) if o else t for t, o in zip(text.to_pylist(), odd.to_pylist(), strict=True)], pa.string())


def shape(text: str) -> str:
    """Classes and lengths, never characters: digits 9, Latin letters A, Han 汉, blank _, others themselves.

    >>> shape("13912345678")
    '9×11'
    """
    out: list[tuple[str, int]] = []
    for c in text[:200]:
        kind = "9" if c.isdigit() else "汉" if "\u4e00" <= c <= "\u9fff" else "A" if c.isalpha() else "_" if c.isspace() else "#"
        if out and out[-1][0] == kind:
            out[-1] = (kind, out[-1][1] + 1)
        else:
            out.append((kind, 1))
    return " ".join(f"{k}×{n}" for k, n in out[:20])
