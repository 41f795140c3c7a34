"""Columns that say whose relative the person of a row is: a key beside them may be the holder's, not his.

A name says so, or the values do: a closed set of words for relatives.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.folding import fold
from detectors.model import ColumnInfo
from detectors.names.matching import first_phrase
from detectors.names.tokens import tokens
from detectors.shipped import read_yaml

NEARLY_ALL = 0.9                              # share of the distinct values that must be words for relatives
MOST_VALUES = 60                              # distinct values of a column that holds such words
MOST_WORDS = 2_000                            # cells that are looked at


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(str(word).lower() for group in read_yaml("data/kinship.yaml")[kind] for word in group)


@cache
def _columns() -> tuple[frozenset[str], frozenset[str]]:
    columns = read_yaml("data/kinship.yaml")["columns"]
    return frozenset(columns["en"]), frozenset(columns["zh"])


def is_called_kinship(column: ColumnInfo) -> bool:
    """Do name or comment say that a column holds whose relative somebody is?

    >>> [is_called_kinship(ColumnInfo(name)) for name in ("relationType", "与户主关系", "customer_type")]
    [True, True, False]
    """
    parts, (letters, chinese) = tokens(column.name), _columns()
    if "_".join(parts[-2:]) in letters or bool(parts) and parts[-1] in letters:
        return True
    return any(text in chinese for text in (column.name, first_phrase(column.comment)))


def are_relatives(values: pa.Array) -> np.ndarray:
    """Return bool per cell: is it a word for somebody else than whoever has the key himself?

    Numbers and codes nobody knows count as such, blanks do not.
    """
    texts = _folded(values)
    own = pc.is_in(texts, pa.array(sorted(_words("own")) + [""], pa.string()))
    return np.asarray(pc.invert(pc.fill_null(own, True)))


def holds_kinship(values: pa.Array) -> bool:
    """Are nearly all values words for relatives, one at least for another than the holder?

    >>> [holds_kinship(pa.array(each)) for each in (["本人", "配偶"], ["SELF", "CHILD"], ["self", "own"])]
    [True, True, False]
    """
    texts = pc.unique(_folded(values[:MOST_WORDS]).drop_null()).to_pylist()
    words = [text for text in texts if text]
    if not 0 < len(words) <= MOST_VALUES:
        return False
    relatives = [word for word in words if word in _words("relatives")]
    kinship = len(relatives) + sum(word in _words("own") for word in words)
    return bool(relatives) and kinship >= NEARLY_ALL * len(words)


def are_codes(values: pa.Array) -> bool:
    """Are several short codes all there is, of which nobody knows what they mean?

    >>> [are_codes(pa.array(each)) for each in (["01", "02"], ["friend", "vip"], ["1", "1"])]
    [True, False, False]
    """
    texts = pc.unique(_folded(values[:MOST_WORDS]).drop_null())
    codes = pc.match_substring_regex(texts, "^([0-9]{1,2}|[a-z]{1,2}|[a-z][0-9]{1,2})$")
    return 1 < len(texts) <= MOST_VALUES and pc.all(codes).as_py() is True


def _folded(values: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(pc.utf8_lower(fold(values)))
