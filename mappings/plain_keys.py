"""Which texts are in their compared form already, by their bytes, many rows at once.

Texts of one length are an array of shape (characters, rows): one character of all rows after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from detectors.cn.resident_id import valid_rows
from mappings.hashed_values import DIGEST_LENGTHS, HIDDEN_KEY, OF_NOTHING
from mappings.key_forms import (
    PLACEHOLDER_NUMBERS,
    PLACEHOLDER_WORDS,
    ROUNDED,
    SHORT_KEYS,
    UUID_LENGTH,
)
from mappings.name_forms import is_family_name, is_marked

_DIGITS = "0123456789"
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CHARACTER_CLASSES = {                        # what a byte may be
    "upper": _DIGITS + _UPPER,
    "safe": _DIGITS + _UPPER + _UPPER.lower() + "_-",
    "hex": _DIGITS + "abcdef",
    "mail": _DIGITS + _UPPER.lower() + "_-.@",
}
_IS_OF_CLASS = {
    name: np.isin(np.arange(256), [ord(c) for c in chars]) for name, chars in _CHARACTER_CLASSES.items()
}
_HAN_PLACEHOLDERS = tuple(w.encode() for w in sorted(PLACEHOLDER_WORDS) if not w.isascii())
_HASHES_OF_NOTHING = tuple(n.encode() for n in sorted(OF_NOTHING))
_PLACEHOLDER_NUMBERS = tuple(n.encode() for n in sorted(PLACEHOLDER_NUMBERS))


def is_compared_form(label: str, chars: np.ndarray) -> np.ndarray:
    """Which rows are certainly what `normalise(label, fold(text))` would give back unchanged.

    chars: uint8, shape (rows, characters). A no only costs time.
    """
    text = np.ascontiguousarray(chars.T)
    form = "short_key" if label in SHORT_KEYS else label
    if form in _PLAIN_FORMS:
        least, most, is_form = _PLAIN_FORMS[form]
        if least <= len(text) <= most:
            return is_form(text)
    return np.zeros(text.shape[1], bool)


def _is_plain_resident_id(text: np.ndarray) -> np.ndarray:
    """A valid number that ends with a digit or an upper-case X."""
    return valid_rows(text.T)[1] & (text[17] != ord("x")) & _is_unlisted(text)


def _is_plain_phone(text: np.ndarray) -> np.ndarray:
    """Eleven digits that begin with 13 to 19."""
    return (
        _all_digits(text)
        & (text[0] == ord("1"))
        & (text[1] >= ord("3"))
        & _has_varied_tail(text)
        & ~_is_rounded(text)
        & _is_unlisted(text)
    )


def _is_plain_name(text: np.ndarray) -> np.ndarray:
    """Two to four characters U+4E00 to U+9FFF, no title, not two names, and none of the words for nobody."""
    ok, begin = np.full(text.shape[1], len(text) % 3 == 0), np.full(text.shape[1], len(text) == 12)
    for place, (lead, second, third) in enumerate(zip(text[0::3], text[1::3], text[2::3], strict=False)):
        ok &= ((lead >= 0xE5) | ((lead == 0xE4) & (second >= 0xB8))) & (lead <= 0xE9)
        point = ((lead & 0x0F).astype(np.int32) << 12) | ((second & 0x3F).astype(np.int32) << 6)
        point |= third & 0x3F
        ok &= ~is_marked(point)
        if place % 2 == 0 and begin.any():
            begin &= is_family_name(point)
    ok &= ~begin
    return ok & _is_none_of(text, _HAN_PLACEHOLDERS)


def _is_plain_email(text: np.ndarray) -> np.ndarray:
    has_one_at = _count_characters(text, lambda c: c == ord("@")) == 1
    return _all_in(text, "mail") & has_one_at & _has_varied_tail(text)


def _is_plain_account(text: np.ndarray) -> np.ndarray:
    is_rounded = len(text) >= 16 and _is_rounded(text)
    return _all_digits(text) & _has_varied_tail(text) & _is_unlisted(text) & ~np.asarray(is_rounded)


def _is_plain_document(text: np.ndarray) -> np.ndarray:
    """At least four digits among upper-case letters."""
    enough = _count_characters(text, _is_digit) >= 4
    is_value = _has_varied_tail(text) & _is_unlisted(text) & _is_unshortened(text)
    return _all_in(text, "upper") & enough & is_value


def _is_plain_short_key(text: np.ndarray) -> np.ndarray:
    """A digit at least, no sign before it; of one character, not 0."""
    ok = (_count_characters(text, _is_digit) > 0) & _all_in(text, "safe") & _is_unshortened(text)
    ok &= text[0] != ord("-")
    if len(text) == UUID_LENGTH:              # capitals of a UUID are small letters when compared
        ok &= _count_characters(text, lambda c: (c >= ord("A")) & (c <= ord("F"))) == 0
    return ok & (text[0] != ord("0")) if len(text) == 1 else ok


def _is_plain_hash(text: np.ndarray) -> np.ndarray:
    """Small hexadecimal digits, as many as a hash has."""
    if len(text) not in DIGEST_LENGTHS:
        return np.zeros(text.shape[1], bool)
    return _all_in(text, "hex") & _is_none_of(text, _HASHES_OF_NOTHING)


def _is_digit(column: np.ndarray) -> np.ndarray:
    return (column - ord("0")) < 10           # uint8: what is below `0` wraps to large numbers


def _all_digits(text: np.ndarray) -> np.ndarray:
    ok = np.ones(text.shape[1], bool)
    for column in text:
        ok &= _is_digit(column)
    return ok


def _all_in(text: np.ndarray, kind: str) -> np.ndarray:
    """Are all characters of that class?"""
    ok = np.ones(text.shape[1], bool)
    for column in text:
        ok &= _IS_OF_CLASS[kind][column]
    return ok


def _count_characters(text: np.ndarray, test: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """How many characters pass a test."""
    count = np.zeros(text.shape[1], np.uint8)
    for column in text:
        count += test(column)
    return count


def _is_none_of(text: np.ndarray, words: Sequence[bytes]) -> np.ndarray:
    ok = np.ones(text.shape[1], bool)
    for word in words:
        if len(word) == len(text):
            ok &= ~_is_word(text, word)
    return ok


def _is_word(text: np.ndarray, word: bytes) -> np.ndarray:
    """Is it this word? Few rows get past its last characters."""
    same = text[-1] == word[-1]
    for i in range(len(word) - 2, -1, -1):
        same &= text[i] == word[i]
        if not same.any():
            break
    return same


def _is_unlisted(text: np.ndarray) -> np.ndarray:
    """None of the numbers people type when they have none."""
    return _is_none_of(text, _PLACEHOLDER_NUMBERS)


def _is_unshortened(text: np.ndarray) -> np.ndarray:
    """Not `1E5`: a number that a spreadsheet shortened."""
    return (text[1] | 32) != ord("e") if len(text) > 1 else np.ones(text.shape[1], bool)


def _is_rounded(text: np.ndarray) -> np.ndarray:
    """Does it end with zeros, as a number does of which a sheet lost the last figures?"""
    ends = text[-1] == ord("0")
    for i in range(2, ROUNDED + 1):
        if not ends.any():
            break
        ends &= text[-i] == ord("0")
    return ends


def _has_varied_tail(text: np.ndarray) -> np.ndarray:
    """Not one character repeated to the end, as placeholders are."""
    width = len(text)
    if width < 6:
        return np.ones(text.shape[1], bool)
    varied = text[-2] != text[-1]
    for i in range(width - 3, max(0, min(2, width - 6)) - 1, -1):
        varied |= text[i] != text[-1]
        if varied.all():
            break
    return varied


ANY_LENGTH = 1 << 31                          # characters
# (fewest, most characters, test)
_PLAIN_FORMS: Mapping[str, tuple[int, int, Callable[[np.ndarray], np.ndarray]]] = {
    "resident_id": (18, 18, _is_plain_resident_id),
    "phone_mobile": (11, 11, _is_plain_phone),
    "person_name": (6, 12, _is_plain_name),
    "email": (1, ANY_LENGTH, _is_plain_email),
    "bank_card": (8, ANY_LENGTH, _is_plain_account),
    "bank_account": (8, ANY_LENGTH, _is_plain_account),
    "passport": (6, ANY_LENGTH, _is_plain_document),
    "other_id_document": (6, ANY_LENGTH, _is_plain_document),
    HIDDEN_KEY: (32, 128, _is_plain_hash),
    "short_key": (1, ANY_LENGTH, _is_plain_short_key),
}
