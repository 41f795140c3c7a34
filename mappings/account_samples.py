"""Do columns of accounts of different scopes hold the same values? Samples say so; nothing is linked.

Of a column the values with the smallest hashes are kept, under one key for all, so that equal values of two
columns are in both samples or in none. Numbers from 1 on are alike in all tables: that two columns hold
the same values is a question, not an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from detectors.model import ColumnId
from mappings.account_scopes import hash_scope
from mappings.mixed_cells import LabelScope

MOST_SAMPLED = 1_000                          # values of a column
LEAST_EQUAL, EQUAL_SHARE = 5, 0.5             # equal values, and their share of the smaller sample
MOST_PAIRS_OF_COLUMNS = 3                     # that are named
_NOTHING = np.zeros(0, np.uint64)


@dataclass(slots=True)
class AccountSamples:
    """Sorted hashes by kind and column."""

    hashes: dict[tuple[LabelScope, ColumnId], np.ndarray] = field(default_factory=dict)

    def copy(self) -> AccountSamples:
        return AccountSamples(dict(self.hashes))

    def add(self, samples: Mapping[tuple[LabelScope, ColumnId], np.ndarray]) -> None:
        """Add values of columns."""
        for column, values in samples.items():
            before = self.hashes.get(column, _NOTHING)
            if len(before) == MOST_SAMPLED:
                values = values[values < before[-1]]
            if len(values):
                before = np.unique(np.concatenate([before, values]))[:MOST_SAMPLED]
            self.hashes[column] = before

    def equal_columns(self) -> tuple[tuple[ColumnId, ColumnId], ...]:
        """Return pairs of columns of different scopes that mostly hold the same values."""
        return tuple(sorted(self._pairs()))[:MOST_PAIRS_OF_COLUMNS]

    def _pairs(self) -> Iterator[tuple[ColumnId, ColumnId]]:
        for (kind, one), (other_kind, other) in combinations(sorted(self.hashes), 2):
            scopes = {(label, hash_scope(scope)) for label, scope in (kind, other_kind)}
            is_question = one != other and len(scopes) > 1
            if is_question and _are_equal(self.hashes[kind, one], self.hashes[other_kind, other]):
                yield min(one, other), max(one, other)


def _are_equal(one: np.ndarray, other: np.ndarray) -> bool:
    """Do most values of the smaller column stand in the other one, as far as both samples reach?"""
    limits = [values[-1] for values in (one, other) if len(values) == MOST_SAMPLED]
    if limits:
        one, other = (values[values <= min(limits)] for values in (one, other))
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common >= max(LEAST_EQUAL, EQUAL_SHARE * min(len(one), len(other)))
