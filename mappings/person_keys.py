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
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.cn.resident_id import check_rows
from detectors.folding import fold
from mappings.key_forms import birth_date_of, is_under_14, normalise
from mappings.plain_keys import is_compared_form
from mappings.siphash import group_by_length, siphash

STRONG = frozenset({"resident_id", "passport", "other_id_document", "user_id", "employee_no", "username", "medical_record_no"})
ACCOUNTS = STRONG - {"resident_id", "passport", "other_id_document"}        # somebody's in one system, unless everybody uses it
GLOBAL = frozenset({"resident_id", "passport", "other_id_document", "phone_mobile", "email", "bank_card"})   # mean the same in every system
DIFFERENT = ("resident_id", "passport")       # two different ones are two persons (passports: unless something stronger says otherwise)

_LONGEST_WORD = 12                            # bytes of the longest word for nothing


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
            plain = is_compared_form(label, chars)
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
