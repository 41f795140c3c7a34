"""Person keys: normalised by meaning, cut when they are placeholders, hashed with the installation's secret key.

A hash is 64 bits of SipHash-2-4 over the value, under a key drawn from the installation's secret and the scope; at 10 million persons about
3e-6 collisions are expected. The key never leaves the process, so the hashes cannot be looked up by whoever holds the state.

>>> normalise("phone_mobile", "+86 137-1234-5670")
'13712345670'
>>> normalise("resident_id", "110105491231002")
'11010519491231002X'
>>> normalise("email", "Test@Example.com") is None
True
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.checksums import iso7064_mod11_2
from detectors.cn import resident_id
from detectors.cn.resident_id import check_rows
from detectors.folding import fold
from mappings.siphash import group_by_length, siphash

STRONG = frozenset({"resident_id", "passport", "other_id_document", "user_id", "employee_no", "username", "medical_record_no"})
ACCOUNTS = STRONG - {"resident_id", "passport", "other_id_document"}        # somebody's in one system, unless everybody uses it
GLOBAL = frozenset({"resident_id", "passport", "other_id_document", "phone_mobile", "email", "bank_card"})   # mean the same in every system
DIFFERENT = ("resident_id", "passport")       # two different ones are two persons (passports: unless something stronger says otherwise)

_SHORT_ONES = frozenset({"user_id", "employee_no", "username", "im_account", "medical_record_no"})  # a short one may well be somebody's
_LONGEST_WORD = 12                            # bytes of the longest word for nothing
_WORDS = frozenset({
    "test", "admin", "demo", "unknown", "na", "no", "null", "none", "nil", "n/a", "tbd", "xxx", "anonymous", "guest", "default", "system",
    "无", "空", "暂无", "未知", "不详", "测试", "匿名", "游客", "其他", "没有", "未填写", "保密",
})
_NUMBERS = frozenset({"13800138000", "13800000000", "13900000000", "13912345678", "18888888888", "12345678901", "123456789012345678",
                      "110101199001011234", "11111111111", "10086", "10010", "10000"})
_TEST_MAIL = re.compile(r"^(test|demo|admin|noreply|no-reply|example|xxx|abc|123)[0-9]*@|@(example\.(com|org|net)|test\.|localhost)")


def is_placeholder(text: str) -> bool:
    """Is it a value people type when they have none?

    >>> [is_placeholder(t) for t in ("13800138000", "111111111111111111", "N/A", "13000000000", "13712345670", "11")]
    [True, True, True, True, False, False]
    """
    low = text.lower()
    same = len(low) - len(low.rstrip(low[-1:]))
    return low in _WORDS or low in _NUMBERS or (same >= 6 and same >= len(low) - 2) or bool(_TEST_MAIL.search(low))


def normalise(label: str, text: str) -> str | None:
    """The value as it is compared; None for what cannot tell persons apart: masked, placeholder, or not of its kind."""
    text = text.strip()
    if not text or "*" in text or text.lower() in _WORDS:
        return None
    if label in _SHORT_ONES or label == "person_name":
        return text if text not in ("0", "-1") else None     # a short number may well be somebody's
    if is_placeholder(text):
        return None
    if label == "resident_id":
        return _resident_id(text)
    if label == "phone_mobile":
        digits = re.sub(r"[^0-9]", "", text)
        digits = re.sub(r"^(0086|86|0)(?=1[3-9][0-9]{9}$)", "", digits)
        return digits if 7 <= len(digits) <= 15 and not is_placeholder(digits) else None
    if label == "email":
        return text.lower() if "@" in text else None
    if label in ("bank_card", "bank_account"):
        number = re.sub(r"[\s-]", "", text)
        return number if sum(c.isdigit() for c in number) >= 8 else None     # a bank's name is no account
    if label in ("passport", "other_id_document"):
        number = re.sub(r"[\s-]", "", text).upper()
        return number if sum(c.isdigit() for c in number) >= 4 and len(number) >= 6 else None
    return text if text not in ("0", "-1") else None


def _resident_id(text: str) -> str | None:
    number = resident_id.compact(text)
    if len(number) == 15 and number.isdecimal() and resident_id.is_valid_15(number):
        body = number[:6] + "19" + number[6:]
        return body + iso7064_mod11_2(body)
    if len(number) < 15 or is_placeholder(number):
        return None
    return number if resident_id.is_valid(number) else f"?{number}"   # kept as a key, but no proof that two differ


def birth_date_of(label: str, text: str) -> date | None:
    """Date of birth in a resident ID or a date column; None if there is none.

    >>> birth_date_of("birth_date", "2015/3/9")
    datetime.date(2015, 3, 9)
    """
    try:
        if label == "resident_id":
            number = _resident_id(text)
            return resident_id.birth_date(number) if number and not number.startswith("?") else None
        m = re.match(r"^((?:19|20)[0-9]{2})[-/.年]?([0-9]{1,2})[-/.月]?([0-9]{1,2})", text)
        return date(int(m[1]), int(m[2]), int(m[3])) if m else None
    except ValueError:
        return None


def is_under_14(birth: date, on: date) -> bool:
    """Is a person born on `birth` under fourteen on the day `on`? Source: 个人信息保护法 第三十一条."""
    return (on.year - birth.year) - ((on.month, on.day) < (birth.month, birth.day)) < 14


def subkey(key: bytes, scope: str) -> bytes:
    """16 bytes for one scope: equal texts of two scopes get different hashes."""
    return hashlib.blake2b(scope.encode(), key=key, digest_size=16).digest()


def hash_keys(values: pa.Array, label: str, scope: str, key: bytes) -> tuple[np.ndarray, int]:
    """(uint64 per row, 0 where there is no usable key; cells that held something but were cut).

    Texts already in their compared form are hashed as they are, many at once; only the others go through `normalise`. For resident IDs the
    lowest bit says whether the number is valid: only valid ones prove that two people differ.
    """
    text = _texts(values)
    secret = subkey(key, scope)
    out = np.zeros(len(text), np.uint64)
    done = np.zeros(len(text), bool)
    if not pa.types.is_null(text.type):
        doubtful = _doubtful(text, label)
        for rows, chars in group_by_length(text):
            plain = _plain(label, chars)
            if doubtful is not None:
                plain &= ~doubtful[rows]
            if plain.all():
                out[rows], done[rows] = _whole(siphash(chars, secret), label), True
            elif plain.any():
                here = np.arange(len(text))[rows][plain]
                out[here], done[here] = _whole(siphash(chars[plain], secret), label), True
    rest = np.flatnonzero(~done)
    if not len(rest):
        return out, 0
    found, cut = _slowly(text.take(pa.array(rest)), label, secret)
    out[rest] = found
    return out, cut


def _whole(hashes: np.ndarray, label: str) -> np.ndarray:
    """Never 0, and the lowest bit set: the key is valid."""
    return hashes | np.uint64(1) if label == "resident_id" else np.where(hashes == 0, np.uint64(1), hashes)


def _texts(values: pa.Array) -> pa.Array:
    """The array as strings; whole numbers cast as they are, everything unusual folded."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    kind = values.type
    if pa.types.is_dictionary(kind):
        return _texts(values.dictionary_decode())
    if pa.types.is_string(kind):
        return values
    if pa.types.is_integer(kind) or pa.types.is_large_string(kind) or pa.types.is_boolean(kind):
        return values.cast(pa.string())
    return fold(values)


def _doubtful(text: pa.Array, label: str) -> np.ndarray | None:
    """Rows that may be placeholders though their form is right; None where the form alone decides."""
    if label != "email":
        return None
    hits = pc.match_substring_regex(text, r"^(test|demo|admin|noreply|no-reply|example|xxx|abc|123)|@(example\.|test\.|localhost)")
    return np.asarray(pc.fill_null(hits, True).to_numpy(zero_copy_only=False))


_CLASSES = {                                  # what a byte may be
    "digit": "0123456789",
    "upper": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "safe": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-",
    "mail": "0123456789abcdefghijklmnopqrstuvwxyz_-.@",
}
_IS = {name: np.isin(np.arange(256), [ord(c) for c in chars]) for name, chars in _CLASSES.items()}
_NUMBERS_BY_WIDTH: dict[int, list[bytes]] = {}
for _number in sorted(_NUMBERS):
    _NUMBERS_BY_WIDTH.setdefault(len(_number), []).append(_number.encode())


def _plain(label: str, chars: np.ndarray) -> np.ndarray:
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
    if label in _SHORT_ONES:
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


_HAN_WORDS = tuple(w.encode() for w in sorted(_WORDS) if not w.isascii())


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


def _slowly(text: pa.Array, label: str, secret: bytes) -> tuple[np.ndarray, int]:
    distinct, inverse = distinct_texts(text)
    wanted = [None if t is None else normalise(label, t) for t in distinct]
    found = np.zeros(len(distinct) + 1, np.uint64)           # the last stands for null
    cut = np.array([t is not None and w is None for t, w in zip(distinct, wanted, strict=True)] + [False])
    for i, raw in [(i, w.encode("utf-8", "surrogatepass")) for i, w in enumerate(wanted) if w is not None and len(w) > _HASHED_TOGETHER]:
        found[i] = siphash(np.frombuffer(raw, np.uint8)[None, :], secret)[0]
    short = pa.array([w if w is not None and len(w) <= _HASHED_TOGETHER else None for w in wanted], pa.string())
    for rows, chars in group_by_length(short, 4 * _HASHED_TOGETHER):
        found[:-1][rows] = siphash(chars, secret)
    some = np.array([w is not None for w in wanted] + [False])
    if label == "resident_id":
        proof = np.array([w is not None and not w.startswith("?") for w in wanted] + [False])
        found = np.where(some, np.maximum(found & ~np.uint64(1), np.uint64(2)) | proof.astype(np.uint64), found)
    else:
        found[some & (found == 0)] = 1
    return found[inverse], int(cut[inverse].sum())


_HASHED_TOGETHER = 64                         # characters of a value that is hashed with others of its length


def distinct_texts(values: pa.Array) -> tuple[list[str | None], np.ndarray]:
    """(distinct texts, folded, None for blanks; index per row; nulls index one past the end, which numpy reads as the last)."""
    coded = pc.dictionary_encode(values)
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    if pa.types.is_dictionary(values.type):
        coded = values
    texts = fold(coded.dictionary).to_pylist()
    return texts, pc.fill_null(coded.indices.cast(pa.int64()), len(texts)).to_numpy(zero_copy_only=False)


def is_filled(values: pa.Array) -> np.ndarray:
    """bool per row: is there something in the cell? Blanks and words such as `N/A` or `无` are nothing."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    kind = values.type
    valid = np.asarray(values.is_valid().to_numpy(zero_copy_only=False))
    if pa.types.is_dictionary(kind) or pa.types.is_floating(kind) or pa.types.is_nested(kind):
        texts, index = distinct_texts(values)
        return np.array([*(t is not None for t in texts), False])[index]
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return valid
    text = values.cast(pa.string())
    offsets = np.frombuffer(text.buffers()[1], np.int32)[text.offset:text.offset + len(text) + 1]
    data = np.frombuffer(text.buffers()[2] or b"\0", np.uint8)
    lengths = np.diff(offsets)
    some = valid & (lengths > 0)
    first = data[np.minimum(offsets[:-1], len(data) - 1)]
    last = data[np.minimum(np.maximum(offsets[1:] - 1, 0), len(data) - 1)]
    sure = some & (((last >= 48) & (last <= 57)) | (lengths > _LONGEST_WORD) & (first > 39) & (first != 0xC2) & (first != 0xE2)
                   & (first != 0xE3) & (first != 0xEF))
    doubt = np.flatnonzero(some & ~sure)
    if len(doubt):
        texts, index = distinct_texts(text.take(pa.array(doubt)))
        sure[doubt] = np.array([*(t is not None for t in texts), False])[index]
    return sure


def is_minor(values: pa.Array, label: str, on: date) -> np.ndarray:
    """bool per row: born less than fourteen years before `on`, by a resident ID or a date of birth."""
    text = _texts(values) if label == "resident_id" else values
    out = np.zeros(len(text), bool)
    rest = np.ones(len(text), bool)
    if label == "resident_id" and not pa.types.is_null(text.type):
        line = (on.year - 14) * 10_000 + on.month * 100 + on.day        # born later than this day
        for rows, chars in group_by_length(text):
            if chars.shape[1] == 18:
                ok = check_rows(chars)[1]
                day = (chars[:, 6:14].astype(np.int64) - 48) @ (10 ** np.arange(7, -1, -1))
                out[rows], rest[rows] = ok & (day > line), ~ok
    here = np.flatnonzero(rest)
    if len(here):
        texts, index = distinct_texts(text.take(pa.array(here)))
        young = np.array([t is not None and (b := birth_date_of(label, t)) is not None and is_under_14(b, on) for t in texts] + [False])
        out[here] = young[index]
    return out


def birth_days(values: pa.Array) -> np.ndarray:
    """int64 per row: day of birth as a proleptic ordinal; 0 where there is none."""
    texts, index = distinct_texts(values)
    days = [0 if t is None or (b := birth_date_of("birth_date", t)) is None else b.toordinal() for t in texts]
    return np.array([*days, 0], np.int64)[index]
