"""Which texts are already in their compared form, told from their bytes, many rows at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from detectors.cn.resident_id import check_rows
from mappings.key_forms import PLACEHOLDER_NUMBERS, PLACEHOLDER_WORDS, SHORT_KEYS

_CLASSES = {                                  # what a byte may be
    "digit": "0123456789",
    "upper": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "safe": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-",
    "mail": "0123456789abcdefghijklmnopqrstuvwxyz_-.@",
}
_IS = {name: np.isin(np.arange(256), [ord(c) for c in chars]) for name, chars in _CLASSES.items()}
_NUMBERS_BY_WIDTH: dict[int, list[bytes]] = {}
for _number in sorted(PLACEHOLDER_NUMBERS):
    _NUMBERS_BY_WIDTH.setdefault(len(_number), []).append(_number.encode())


def is_compared_form(label: str, chars: np.ndarray) -> np.ndarray:
    """Which rows are certainly what `normalise(label, fold(text))` would give back unchanged. Saying no only costs time."""
    n, width = chars.shape
    c = np.ascontiguousarray(chars.T)         # character by character, all rows at once
    nobody = np.zeros(n, bool)
    if label == "resident_id":
        return check_rows(chars)[1] & (c[17] != 120) & _unlisted(c) if width == 18 else nobody
    if label == "phone_mobile":
        return _all(c, "digit") & (c[0] == 49) & (c[1] >= 51) & _varied_tail(c) & _unlisted(c) if width == 11 else nobody
    if label == "person_name":
        return _han(c) if width in (6, 9, 12) else nobody
    if label == "email":
        return _all(c, "mail") & (_how_many(c, lambda x: x == 64) == 1) & _varied_tail(c)
    if label in ("bank_card", "bank_account"):
        return _all(c, "digit") & _varied_tail(c) & _unlisted(c) if width >= 8 else nobody
    if label in ("passport", "other_id_document"):
        digits = _how_many(c, lambda x: (x - 48) < 10)
        return _all(c, "upper") & (digits >= 4) & _varied_tail(c) & _unlisted(c) & _no_power(c) if width >= 6 else nobody
    if label in SHORT_KEYS:
        some = (_how_many(c, lambda x: (x - 48) < 10) > 0) & _all(c, "safe") & _no_power(c) & (c[0] != 45)
        return some & (c[0] != 48) if width == 1 else some
    return nobody


def _all(c: np.ndarray, kind: str) -> np.ndarray:
    """Are all characters of that class?"""
    ok = np.ones(c.shape[1], bool)
    for column in c:
        ok &= (column - 48) < 10 if kind == "digit" else _IS[kind][column]
    return ok


def _how_many(c: np.ndarray, test: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """How many characters pass a test."""
    count = np.zeros(c.shape[1], np.uint8)
    for column in c:
        count += test(column)
    return count


def _han(c: np.ndarray) -> np.ndarray:
    """Two to four characters from U+4E00 to U+9FFF that are none of the words for nobody."""
    ok = np.ones(c.shape[1], bool)
    for lead, second in zip(c[0::3], c[1::3], strict=True):
        ok &= ((lead >= 0xE5) | ((lead == 0xE4) & (second >= 0xB8))) & (lead <= 0xE9)
    for word in _HAN_WORDS:
        if len(word) == len(c):
            ok &= ~_same(c, word)
    return ok


_HAN_WORDS = tuple(w.encode() for w in sorted(PLACEHOLDER_WORDS) if not w.isascii())


def _same(c: np.ndarray, word: bytes) -> np.ndarray:
    """Is it this word? Few rows get past its last characters."""
    same = c[-1] == word[-1]
    for i in range(len(word) - 2, -1, -1):
        same &= c[i] == word[i]
        if not same.any():
            break
    return same


def _no_power(c: np.ndarray) -> np.ndarray:
    """Not `1E5`: a number that a spreadsheet shortened."""
    return (c[1] | 32) != 101 if len(c) > 1 else np.ones(c.shape[1], bool)


def _varied_tail(c: np.ndarray) -> np.ndarray:
    """Not one character repeated to the end, as placeholders are."""
    width = len(c)
    if width < 6:
        return np.ones(c.shape[1], bool)
    varied = c[-2] != c[-1]
    for i in range(width - 3, max(0, min(2, width - 6)) - 1, -1):
        varied |= c[i] != c[-1]
        if varied.all():
            break
    return varied


def _unlisted(c: np.ndarray) -> np.ndarray:
    """None of the numbers people type when they have none."""
    ok = np.ones(c.shape[1], bool)
    for known in _NUMBERS_BY_WIDTH.get(len(c), ()):
        ok &= ~_same(c, known)
    return ok
