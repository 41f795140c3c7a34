"""Person keys: normalised by meaning, no placeholders, hashed with the installation's secret key.

A hash is 64 bits of SipHash-2-4 over the value, under a key drawn from the installation's secret and the
scope; at 10 million persons about 3e-6 collisions are expected. The key never leaves the process, so the
hashes cannot be looked up by whoever holds the state.

>>> from mappings.key_forms import normalise
>>> normalise("phone_mobile", "+86 137-1234-5670")
'13712345670'
>>> normalise("resident_id", "110105491231002")
'11010519491231002X'
>>> normalise("email", "Test@Example.com") is None
True
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.cn.resident_id import valid_rows
from detectors.folding import LONGEST, fold
from detectors.labels import ACCOUNT_KEYS as ACCOUNT_KEYS
from mappings.key_forms import age_of, birth_date_of, gender_of, normalise_all
from mappings.name_forms import name_mark
from mappings.names import bare_name
from mappings.person_records import ADULT_BIT, MINOR_BIT
from mappings.plain_keys import is_compared_form
from mappings.siphash import group_by_length, siphash

IDENTITY_KEYS = frozenset({"resident_id", "passport", "other_id_document"})
CONTACT_KEYS = frozenset({"phone_mobile", "email", "bank_card"})
TYPED_KEYS = CONTACT_KEYS - {"bank_card"}     # what a form asks for and a desk lends; a card is issued to one
STRONG_KEYS = IDENTITY_KEYS | ACCOUNT_KEYS    # equal ones are one person, whatever stands beside them
GLOBAL_KEYS = IDENTITY_KEYS | CONTACT_KEYS    # mean the same in every system
# two different ones are two persons; of two kinds the first decides
DISTINGUISHING_KEYS = ("resident_id", "passport")
ADULT_AGE, OLDEST = 14, 120                    # years: from 14 on not under 14; older is nobody
LONGEST_WORD = 12                             # bytes of the longest word for nothing
MOSTLY = 0.9                                  # share of texts in their compared form at which all are hashed
HASHED_TOGETHER = 64                          # characters of a value that is hashed with others of its length


# kinds whose hashes say something in their lowest bits: is the number valid; is the name Chinese, masked?
_MARKED_KEYS: Mapping[str, Callable[[str], int]] = {
    "resident_id": lambda number: 0 if number.startswith("?") else 1, "person_name": name_mark,
}
_MARK_BITS: Mapping[str, int] = {"resident_id": 1, "person_name": 3}


def subkey(key: bytes, scope: str) -> bytes:
    """Return 16 bytes for one scope: equal texts of two scopes get different hashes."""
    return hashlib.blake2b(scope.encode(), key=key, digest_size=16).digest()


class KeyHashes(NamedTuple):
    """Keys of the rows of a column. first: uint64 per row, 0: none. cut: cells with something unusable.

    Where a cell holds several keys, the others are `further`, of the rows `further_rows`, in the order of
    rows and of the keys in a cell. sample: of accounts, some of the values hashed alike in all scopes.
    """

    first: np.ndarray
    cut: int
    further: np.ndarray
    further_rows: np.ndarray
    sample: np.ndarray = np.zeros(0, np.uint64)

    def number(self) -> np.ndarray:
        """Return how many keys each row has."""
        return (self.first != 0) + np.bincount(self.further_rows, minlength=len(self.first))

    def table(self, rows: np.ndarray) -> np.ndarray:
        """Return all keys of chosen rows, uint64 of shape (rows, keys), 0 where there is none.

        rows: positions, sorted. As many columns as the most of a cell, or a power of two above that.
        """
        here = np.isin(self.further_rows, rows)
        row = np.searchsorted(rows, self.further_rows[here])
        place = 1 + np.arange(len(row)) - np.searchsorted(row, row)
        most = int(place.max(initial=0))
        keys = np.zeros((len(rows), 1 << most.bit_length()), np.uint64)
        keys[:, 0] = self.first[rows]
        keys[row, place] = self.further[here]
        return keys


FurtherKeys = tuple[np.ndarray, np.ndarray]   # keys, and their rows, sorted
NO_FURTHER: FurtherKeys = np.zeros(0, np.uint64), np.zeros(0, np.int64)


def hash_keys(values: pa.Array, label: str, scope: str, key: bytes) -> tuple[np.ndarray, int]:
    """Return (uint64 per row, 0 where there is no usable key; cells that held something but were cut).

    Of a cell with several keys the first.
    """
    hashes = hash_all_keys(values, label, scope, key)
    return hashes.first, hashes.cut


def hash_all_keys(values: pa.Array, label: str, scope: str, key: bytes) -> KeyHashes:
    """Return every key of a column's cells.

    Texts already in their compared form are hashed as they are, many at once; only the others go through
    `normalise`. For resident IDs the lowest bit says whether the number is valid: only valid ones prove that
    two people differ; for names, whether they are Chinese.
    """
    text = _without_zeros(_folded_texts(values), label)
    secret = subkey(key, scope)
    hashes = np.zeros(len(text), np.uint64)
    hashed = np.zeros(len(text), bool)
    samples = [np.zeros(0, np.uint64)]
    if not pa.types.is_null(text.type):
        doubtful = _may_be_placeholder(text, label)
        for rows, chars in group_by_length(text):
            if label in ACCOUNT_KEYS:
                samples.append(siphash(_sampled(chars), subkey(key, "accounts")))
            plain = is_compared_form(label, chars)
            if doubtful is not None:
                plain &= ~doubtful[rows]
            if plain.all() or (isinstance(rows, slice) and plain.mean() > MOSTLY):
                hashes[rows], hashed[rows] = _marked_hashes(siphash(chars, secret), label), plain
            elif plain.any():
                here = np.arange(len(text))[rows][plain]
                hashes[here], hashed[here] = _marked_hashes(siphash(chars[plain], secret), label), True
    rest = np.flatnonzero(~hashed)
    sample = np.unique(np.concatenate(samples))
    if not len(rest):
        return KeyHashes(hashes, 0, np.zeros(0, np.uint64), rest, sample)
    slow = _hash_normalised(text.take(pa.array(rest)), label, secret)
    hashes[rest] = slow.first                 # whatever was hashed as it stands
    return KeyHashes(hashes, slow.cut, slow.further, rest[slow.further_rows], sample)


def _sampled(chars: np.ndarray) -> np.ndarray:
    """A quarter of some texts, by their last two characters. chars: uint8, shape (rows, characters)."""
    last = chars[:, -1] if chars.shape[1] < 2 else chars[:, -1] ^ chars[:, -2]
    return chars[(last & 3) == 0]


def _marked_hashes(hashes: np.ndarray, label: str) -> np.ndarray:
    """Hashes of valid keys: never 0; of resident IDs and Chinese names the lowest bit is set."""
    if label in _MARKED_KEYS:
        return (hashes & ~np.uint64(_MARK_BITS[label])) | np.uint64(1)
    return np.where(hashes == 0, np.uint64(1), hashes)


def _folded_texts(values: pa.Array) -> pa.Array:
    """The array as strings; whole numbers cast as they are, everything unusual folded."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    kind = values.type
    if pa.types.is_dictionary(kind):
        return _folded_texts(values.dictionary_decode())
    if pa.types.is_string(kind):
        return values
    if pa.types.is_integer(kind) or pa.types.is_large_string(kind) or pa.types.is_boolean(kind):
        return values.cast(pa.string())
    return fold(values)


def has_cut_cells(values: pa.Array) -> bool:
    """Is a cell so long that only the first `LONGEST` characters of it are read?"""
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        return False
    is_long = (pc.max(pc.binary_length(values)).as_py() or 0) >= LONGEST
    return is_long and bool(pc.max(pc.utf8_length(values)).as_py() >= LONGEST)


def join_texts(first: pa.Array, second: pa.Array) -> pa.Array:
    """Return two columns as one text a row, a blank between; what is missing is left out."""
    texts = [_folded_texts(values).cast(pa.string()) for values in (first, second)]
    return pc.binary_join_element_wise(*texts, " ", null_handling="skip")


_WITH_ZEROS = "^0+[0-9]+$"


def _without_zeros(text: pa.Array, label: str) -> pa.Array:
    """Numbers of accounts without zeros before them, which one system writes and another loses."""
    if label not in ACCOUNT_KEYS or pa.types.is_null(text.type) or not len(text):
        return text
    padded = pc.match_substring_regex(text, _WITH_ZEROS)
    if not pc.any(padded).as_py():
        return text
    return pc.if_else(padded, pc.utf8_ltrim(text, "0"), text)


def _may_be_placeholder(text: pa.Array, label: str) -> np.ndarray | None:
    """Rows that may be placeholders though their form is right; None where the form alone decides."""
    if label != "email":
        return None
    test_mail = r"^(test|demo|admin|noreply|no-reply|example|xxx|abc|123)|@(example\.|test\.|localhost)"
    hits = pc.match_substring_regex(text, test_mail)
    return np.asarray(pc.fill_null(hits, True).to_numpy(zero_copy_only=False))


def _hash_normalised(text: pa.Array, label: str, secret: bytes) -> KeyHashes:
    """As `hash_all_keys`, each distinct text through `normalise_all`."""
    distinct, inverse = distinct_texts(text)
    cells = [() if t is None else normalise_all(label, t) for t in distinct]
    hashes = _hash_keys_of_texts([key for cell in cells for key in cell], label, secret)
    number = np.array([*map(len, cells), 0])  # null is the last
    start = np.cumsum(number) - number
    cut = np.array([t is not None and not cell for t, cell in zip(distinct, cells, strict=True)] + [False])
    first = np.where(number > 0, hashes[start], np.uint64(0))[inverse]
    more = np.maximum(number[inverse] - 1, 0)
    rows = np.repeat(np.arange(len(inverse)), more)
    place = np.arange(len(rows)) - np.repeat(np.cumsum(more) - more, more)
    further = hashes[start[inverse][rows] + 1 + place]
    return KeyHashes(first, int(cut[inverse].sum()), further, rows)


def _hash_keys_of_texts(keys: Sequence[str | None], label: str, secret: bytes) -> np.ndarray:
    """uint64 per key, 0 for None and once more at the end, for null."""
    hashes = np.zeros(len(keys) + 1, np.uint64)
    hashes[:-1] = _hash_texts(keys, secret)
    is_key = np.array([k is not None for k in keys] + [False])
    if label in _MARKED_KEYS:
        mark, bits = _MARKED_KEYS[label], np.uint64(_MARK_BITS[label])
        marks = np.array([0 if k is None else mark(k) for k in keys] + [0], np.uint64)
        marked = np.maximum(hashes & ~bits, bits + np.uint64(1)) | marks
        hashes = np.where(is_key, marked, hashes)
    else:
        hashes[is_key & (hashes == 0)] = 1
    return hashes


def _hash_texts(texts: Sequence[str | None], secret: bytes) -> np.ndarray:
    """uint64 per text, 0 for None: short ones together by length, long ones one by one."""
    hashes = np.zeros(len(texts), np.uint64)
    short = [t if t is not None and len(t) <= HASHED_TOGETHER else None for t in texts]
    for rows, chars in group_by_length(pa.array(short, pa.string()), 4 * HASHED_TOGETHER):
        hashes[rows] = siphash(chars, secret)
    for i, t in enumerate(texts):
        if t is not None and len(t) > HASHED_TOGETHER:
            raw = np.frombuffer(t.encode("utf-8", "surrogatepass"), np.uint8)
            hashes[i] = siphash(raw[None, :], secret)[0]
    return hashes


def distinct_texts(values: pa.Array) -> tuple[list[str | None], np.ndarray]:
    """Return (distinct texts, folded, None for blanks; index per row).

    Nulls index one past the end, which numpy reads as the last.
    """
    coded = values if pa.types.is_dictionary(values.type) else pc.dictionary_encode(values)
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    texts = fold(coded.dictionary).to_pylist()
    return texts, pc.fill_null(coded.indices.cast(pa.int64()), len(texts)).to_numpy(zero_copy_only=False)


def is_filled(values: pa.Array) -> np.ndarray:
    """bool per row: is there something in the cell? Blanks and words such as `N/A` or `无` are nothing."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    kind = values.type
    if pa.types.is_dictionary(kind) or pa.types.is_floating(kind) or pa.types.is_nested(kind):
        return _per_row(values, lambda text: True)
    valid = np.asarray(values.is_valid().to_numpy(zero_copy_only=False))
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return valid
    text = values.cast(pa.string())
    filled, doubtful = _filled_by_bytes(text, valid)
    rows = np.flatnonzero(doubtful)
    if len(rows):
        filled[rows] = _per_row(text.take(pa.array(rows)), lambda text: True)
    return filled


def _filled_by_bytes(text: pa.Array, valid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(rows that are certainly filled, rows that may be), by length and by first and last byte.

    What ends with a digit, or is long and does not begin with a sign or a byte of unusual blanks, is no word
    for nothing.
    """
    offsets = np.frombuffer(text.buffers()[1], np.int32)[text.offset:text.offset + len(text) + 1]
    data = np.frombuffer(text.buffers()[2] or b"\0", np.uint8)
    lengths = np.diff(offsets)
    some = valid & (lengths > 0)
    first = data[np.minimum(offsets[:-1], len(data) - 1)]
    last = data[np.minimum(np.maximum(offsets[1:] - 1, 0), len(data) - 1)]
    ends_with_digit = (last >= ord("0")) & (last <= ord("9"))
    usual_start = (first > ord("'")) & (first != 0xC2) & (first != 0xE2) & (first != 0xE3) & (first != 0xEF)
    certain = some & (ends_with_digit | (lengths > LONGEST_WORD) & usual_start)
    return certain, some & ~certain


def age_bits(
    values: pa.Array, label: str, on: date, are_valid: np.ndarray | None = None
) -> np.ndarray:
    """uint64 per row: MINOR_BIT or ADULT_BIT by a resident ID, a date of birth or an age; 0: it says none.

    are_valid: bool per row, which are surely valid resident IDs; None: nobody looked.
    """
    text = _folded_texts(values) if label == "resident_id" else values
    bits = np.zeros(len(text), np.uint64)
    rest = np.ones(len(text), bool)
    if label == "resident_id" and not pa.types.is_null(text.type):
        today = on.year * 10_000 + on.month * 100 + on.day
        for rows, chars in group_by_length(text):
            if chars.shape[1] == 18:
                day = np.zeros(len(chars), np.int32)
                for digit in np.ascontiguousarray(chars[:, 6:14].T):
                    day = day * np.int32(10) + (digit - np.uint8(48))
                valid = valid_rows(chars)[1] if are_valid is None else are_valid[rows]
                since = np.where(valid, np.int32(today) - day, np.int32(-1))         # 10,000 to a year
                bits[rows], rest[rows] = _bits_of_ages(since, 10_000), ~valid
    here = np.flatnonzero(rest)
    if len(here):
        texts, index = distinct_texts(text.take(pa.array(here)))
        ages = [-1 if t is None else age_of(label, t, on) for t in texts]
        bits[here] = _bits_of_ages(np.array([*ages, -1]))[index]
    return bits


def _bits_of_ages(ages: np.ndarray, year: int = 1) -> np.ndarray:
    """uint64 per age, `year` to a year: of nobody who is not born yet or older than people get."""
    bits = np.where(ages < ADULT_AGE * year, MINOR_BIT, ADULT_BIT)
    return np.where((ages >= 0) & (ages < (OLDEST + 1) * year), bits, np.uint64(0))


def _per_row(values: pa.Array, test: Callable[[str], bool]) -> np.ndarray:
    """bool per row: does its text, folded, pass a test? Blanks do not."""
    texts, index = distinct_texts(values)
    return np.array([*(t is not None and test(t) for t in texts), False])[index]


def hash_births(values: pa.Array, key: bytes) -> np.ndarray:
    """uint64 per row: day of birth, however it is written; 0 where there is none."""
    return _hash_words(values, lambda text: str(birth_date_of("birth_date", text) or ""), "birth_date", key)


def hash_genders(values: pa.Array, key: bytes) -> np.ndarray:
    """uint64 per row: gender by a word for it; 0 where there is none, and for bare numbers."""
    return _hash_words(values, gender_of, "gender", key)


def hash_scopes(values: pa.Array, key: bytes) -> np.ndarray:
    """uint64 per row: the tenant, branch or state that stands in a cell, any text; of blanks the same."""
    return np.maximum(_hash_words(values, scope_word, "key_scope", key), np.uint64(1))


def scope_word(text: str) -> str:
    """Return the form in which tenants, branches, states are compared: without case, marks, first zeros.

    >>> [scope_word(text) for text in ("Tenant-02", "tenant_02", "007", "0", "上海 分行")]
    ['tenant02', 'tenant02', '7', '0', '上海分行']
    """
    word = bare_name(text)
    return word.lstrip("0") or "0" if word.isdecimal() else word


def _hash_words(values: pa.Array, word_of: Callable[[str], str], scope: str, key: bytes) -> np.ndarray:
    """uint64 per row: what a function makes of its text; 0 where that is empty."""
    texts, index = distinct_texts(values)
    words = [None if t is None else word_of(t) or None for t in texts]
    hashes = _hash_texts(words, subkey(key, scope))
    hashes |= np.array([w is not None for w in words], np.uint64)
    return np.append(hashes, np.uint64(0))[index]
