"""Accounts beside a tenant, a branch, a school: is an equal number under two of these one person's?

A sample of keys that is the same whatever the order of rows says

one    names, contacts or identity numbers beside a number agree under nearly all tenants; or each number
       stands under one; or the numbers are so long that they are nobody else's anywhere
two    what stands beside them differs nearly always
open   neither: one person in `low`, one of each tenant in `high`. Several are likelier where each pair stands
       in one row, or the numbers follow each other

Where scopes mostly have their numbers in common, as shops and regions do, it is open only where the numbers
follow each other and each pair stands in one row, or each scope has those of the next smaller one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.folding import fold
from mappings.mixed_cells import LabelScope
from mappings.pair_evidence import Answer, Leaning, PairEvidence
from mappings.person_records import run_starts

MOST_TUPLES = 1 << 15                         # of a key, what it stands under and what stands beside
NEARLY = 0.9                                  # share of the compared numbers that must agree, or differ
LEAST_COMPARED = 3                            # numbers with something beside them in two scopes
ONCE = 1.05                                   # rows of a pair, at most, where each stands in one
DENSE = 0.5                                   # numbers there are, of all in their range
UNIQUE_LENGTH = 16                            # characters of a number that no two systems give by chance
NESTED = 0.98                                 # share of a scope's numbers that stand in a larger one, too
MOST_SCOPES = 200                             # that are compared with each other
MOST_DIGITS = 40                              # of a number whose size is looked at
SAMPLED_ROWS = 1_000                          # of a batch whose numbers are looked at
_U64 = np.uint64


@dataclass(slots=True)
class ScopeEvidence(PairEvidence):
    """What the rows said so far. shared: do most scopes of the kind have their numbers in common?
    unnamed: does no word say that it is a scope? Then each must have the numbers of the next smaller one.
    kind: of the keys, which other tables may hold, too.

    tuples: uint64 of shape (n, 2 + kinds): key, scope, and a hash of each kind of what stands beside (0:
    nothing), distinct; rows: of each. limit: keys up to this hash are kept. least, most: numbers, sampled.
    is_short: is one shorter than what is unique anywhere?
    """

    shared: bool = False
    unnamed: bool = False
    kind: LabelScope = ("", "")
    tuples: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), _U64))
    rows: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    limit: int = 2**64 - 1
    least: int = 10**MOST_DIGITS
    most: int = -1
    is_short: bool = False

    def add_rows(self, texts: pa.Array, columns: Sequence[np.ndarray]) -> None:
        """Add rows: the keys as texts, and the columns of `tuples`."""
        here = (columns[0] != 0) & (columns[1] != 0)
        self._add(np.column_stack([column[here] for column in columns]), np.ones(int(here.sum()), np.int64))
        texts = pc.utf8_ltrim(fold(texts.slice(0, SAMPLED_ROWS)), "0")
        self.is_short |= (pc.min(pc.utf8_length(texts)).as_py() or UNIQUE_LENGTH) < UNIQUE_LENGTH
        digits = pc.replace_substring_regex(texts, "[^0-9]", "").drop_null().to_pylist()
        numbers = [int(number) for number in digits if 0 < len(number) <= MOST_DIGITS]
        self.least, self.most = min([self.least, *numbers]), max([self.most, *numbers])

    def _add(self, tuples: np.ndarray, rows: np.ndarray, *, may_repeat: bool = False) -> None:
        if len(self.tuples):
            tuples, rows = np.concatenate([self.tuples, tuples]), np.concatenate([self.rows, rows])
        below = tuples[:, 0] <= _U64(self.limit)
        tuples, rows = tuples[below], rows[below]
        order = np.lexsort(tuples.T[::-1])
        tuples, rows = tuples[order], rows[order]
        if len(tuples):
            starts = np.flatnonzero(np.any([run_starts(column) for column in tuples.T], axis=0))
            tuples, rows = tuples[starts], (np.maximum if may_repeat else np.add).reduceat(rows, starts)
        while len(tuples) > MOST_TUPLES and tuples[0, 0] != tuples[-1, 0]:
            self.limit = int(tuples[len(tuples) // 2, 0]) - 1         # whole keys go
            below = tuples[:, 0] <= _U64(self.limit)
            if not below.any():               # one key in very many rows
                break
            tuples, rows = tuples[below], rows[below]
        self.tuples, self.rows = tuples, rows

    def merge(self, other: PairEvidence, *, may_repeat: bool = True) -> None:
        """Add what other rows said. may_repeat: they are of another flow, and may be the same rows."""
        if not isinstance(other, ScopeEvidence):
            return
        self.limit = min(self.limit, other.limit)
        self.least, self.most = min(self.least, other.least), max(self.most, other.most)
        self.is_short |= other.is_short
        self._add(other.tuples, other.rows, may_repeat=may_repeat)

    @property
    def has_several(self) -> bool:
        """Does a number stand under several scopes?"""
        return bool((self._pairs()[2] > 1).any())

    @property
    def answer(self) -> Answer:
        """Is a number one person's wherever it stands, or one person's of each scope?"""
        several, agreeing, differing = self._compared()
        compared = agreeing + differing
        if not several or self._is_unique():
            return "one"
        if compared >= min(LEAST_COMPARED, several) and 2 * compared >= several:
            if agreeing >= NEARLY * compared:
                return "one"
            return "two" if differing >= NEARLY * compared else "open"
        stand_once = self._stand_once() and not self.unnamed
        are_own = self._are_dense() and (stand_once or self._are_nested())
        return "one" if self.shared and not are_own else "open"

    @property
    def leaning(self) -> Leaning:
        """Several people are likelier where pairs stand in one row each, or numbers follow each other."""
        return "two" if self._stand_once() or self._are_dense() else "one"

    @property
    def is_proved(self) -> bool:
        """Does something beside say of every number under several scopes that it is one person's?"""
        several, agreeing, _ = self._compared()
        return agreeing == several or self._is_unique() or self.shared and self.answer == "one"

    def _is_unique(self) -> bool:
        """Are the numbers so long, and so far apart, that no two systems give the same?"""
        return not self.is_short and not self._are_dense()

    def _pairs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(number of the key of each pair, from 0; rows of each pair; scopes of each key)."""
        if not len(self.tuples):
            return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
        starts = np.flatnonzero(run_starts(self.tuples[:, 0]) | run_starts(self.tuples[:, 1]))
        key = np.cumsum(run_starts(self.tuples[starts, 0])) - 1
        return key, np.add.reduceat(self.rows, starts), np.bincount(key)

    def _compared(self) -> tuple[int, int, int]:
        """(numbers under several scopes, those that agree with themselves, those that differ)."""
        _, _, scopes = self._pairs()
        if not (scopes > 1).any():
            return 0, 0, 0
        key = np.cumsum(run_starts(self.tuples[:, 0])) - 1
        agree, differ = np.zeros(len(scopes), bool), np.zeros(len(scopes), bool)
        for column in range(2, self.tuples.shape[1]):
            both, equal = self._comparison(key, column, len(scopes))
            agree |= equal
            differ |= both
        return int((scopes > 1).sum()), int(agree.sum()), int((differ & ~agree).sum())

    def _comparison(self, key: np.ndarray, column: int, size: int) -> tuple[np.ndarray, np.ndarray]:
        """bool per key: does something of a kind stand beside it in two scopes; is some of that equal?"""
        values = self.tuples[:, column]
        here = values != 0
        columns = [key[here].astype(_U64), self.tuples[here, 1], values[here]]
        triples = np.unique(np.column_stack(columns), axis=0)
        scopes = np.unique(triples[:, :2], axis=0)
        several = np.bincount(scopes[:, 0].astype(np.int64), minlength=size) > 1
        values_of_key = np.unique(triples[:, ::2], axis=0)
        number = np.bincount(triples[:, 0].astype(np.int64), minlength=size)
        distinct = np.bincount(values_of_key[:, 0].astype(np.int64), minlength=size)
        return several, several & (distinct < number)

    def _stand_once(self) -> bool:
        """Does each pair of a number and its scope stand in about one row?"""
        key, rows, scopes = self._pairs()
        of_several = scopes[key] > 1
        return bool(of_several.any()) and int(rows[of_several].sum()) <= ONCE * int(of_several.sum())

    def _are_nested(self) -> bool:
        """Has each scope the numbers of the next smaller one, as where each begins with the same number?

        People who come now here, now there make no such order.
        """
        key, _, _ = self._pairs()
        starts = run_starts(self.tuples[:, 0]) | run_starts(self.tuples[:, 1])
        scopes = self.tuples[starts, 1]
        names, sizes = np.unique(scopes, return_counts=True)
        order = names[np.argsort(-sizes, kind="stable")]
        if len(order) > MOST_SCOPES:
            return False
        sets = [key[scopes == name] for name in order]
        return all(
            len(np.setdiff1d(smaller, larger)) <= (1 - NESTED) * len(smaller)
            for larger, smaller in pairwise(sets)
        )

    def _are_dense(self) -> bool:
        """Do the numbers follow each other, as those that each scope gives from 1 on?"""
        _, _, scopes = self._pairs()
        keys = len(scopes) * 2**64 / (self.limit + 1)
        return self.most >= 0 and keys >= DENSE * (self.most - self.least + 1)
