"""Columns within which numbers of accounts begin anew, though no word says so: `xq` beside `member_no`.

The sample says it: numbers repeat, hardly any stands twice under one value of the column, and under most
values they have few gaps. Columns that say when, how many, or of which kind something is are no such.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.columns.column_stems import words
from detectors.columns.concepts import concepts_of
from detectors.folding import fold
from detectors.labels import ACCOUNT_KEYS
from detectors.model import ColumnFinding, ColumnId, ColumnInfo, ColumnSample
from detectors.names.tokens import tokens

LEAST_ROWS, LEAST_REPEATED = 12, 3            # rows with both; numbers under two values
MOST_VALUES = 0.34                            # values of the column to rows
TWICE = 0.05                                  # of the rows of repeated numbers, under one value
DENSE = 0.5                                   # numbers there are, of all up to the largest under a value
MOSTLY = 0.8                                  # of rows under values whose numbers are dense
_OTHER = frozenset({"h_time", "h_status", "h_type", "h_count"})      # concepts of what is no scope


def restarting_scopes(
    samples: Sequence[ColumnSample], findings: Mapping[ColumnId, Sequence[ColumnFinding]]
) -> frozenset[ColumnId]:
    """Return the columns of a table within which its numbers of accounts begin anew, by a sample of rows."""
    keys = [s for s in samples if any(f.primary and f.label in ACCOUNT_KEYS for f in findings.get(s.id, ()))]
    if not keys:
        return frozenset()
    return frozenset(
        scope.id for scope in samples
        if not any(f.primary for f in findings.get(scope.id, ())) and may_be_scope(scope.column)
        and any(_begin_anew(key, scope) for key in keys)
    )


def may_be_scope(column: ColumnInfo) -> bool:
    """May a column be a scope by its name?

    >>> [may_be_scope(ColumnInfo(name)) for name in ("xq", "month", "wave", "status")]
    [True, False, False, False]
    """
    others = words()["no_scopes"]
    if column.primary_key or not set(others["en"]).isdisjoint(tokens(column.name)):
        return False
    if any(word in text for word in others["zh"] for text in (column.name, column.comment)):
        return False
    return _OTHER.isdisjoint(concepts_of(column.name).any)


def _begin_anew(key: ColumnSample, scope: ColumnSample) -> bool:
    """Do the numbers of a column repeat, each under another value of the other column?"""
    if key.values is None or scope.values is None or len(key.values) != len(scope.values):
        return False
    numbers, values = fold(key.values), fold(scope.values)
    both = pc.and_(pc.is_valid(numbers), pc.is_valid(values))
    numbers, values = numbers.filter(both), values.filter(both)
    rows = len(numbers)
    distinct = len(pc.unique(values))
    if rows < LEAST_ROWS or not 1 < distinct <= MOST_VALUES * rows:
        return False
    number, value = (_codes(column) for column in (numbers, values))
    pairs = np.unique(np.column_stack([number, value]), axis=0)
    under = np.bincount(pairs[:, 0])
    repeated = under > 1
    of_repeated = int(repeated[number].sum())
    if int(repeated.sum()) < LEAST_REPEATED or of_repeated - int(under[repeated].sum()) > TWICE * of_repeated:
        return False
    return _are_dense(numbers, value)


def _codes(column: pa.Array) -> np.ndarray:
    return np.asarray(column.dictionary_encode().indices)


def _are_dense(numbers: pa.Array, value: np.ndarray) -> bool:
    """Are most of the numbers under most values there, from the least to the largest?"""
    digits = pc.replace_substring_regex(numbers, "[^0-9]", "")
    sizes = [int(text[-15:]) if text else -1 for text in digits.to_pylist()]
    number = np.array(sizes, np.int64)
    dense = 0
    for each in np.unique(value):
        own = np.unique(number[value == each])
        own = own[own >= 0]
        if len(own) > 1 and len(own) >= DENSE * (own[-1] - own[0] + 1):
            dense += int((value == each).sum())
    return dense >= MOSTLY * len(value)
