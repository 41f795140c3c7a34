"""Accounts of several tables: is a number in two of them one person's?

Accounts of one name in one source may be those of one system or of several, both with numbers from 1 on. A
scope is therefore narrowed to the tables it is of: equal numbers have equal hashes, and a kind of key for
each table. Of the numbers that stand in several tables the rows say

same   names, contacts or identity numbers beside them mostly agree; or far more numbers are common than
       chance would make of so many among all that are given, in one run or several; or all of them stand in
       the table that their column is called by: `member_id` in `member`
apart  what stands beside them mostly differs
open   neither: one person each in `low` and `best`, several in `high`

Hashes in several tables that have none in common may be of other persons, or of the same under another salt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Literal

import numpy as np

from mappings.crowds import companion_counts
from mappings.number_ranges import NO_NUMBERS, NumberRange, wider_range
from mappings.person_records import TRAITS

TABLE_MARK = "\x1f"                           # between the scope that is hashed and the table
HASHED = ":hashed"                            # ends a scope of hashes and ciphers
WITHIN = "within:"                            # begins a scope of keys that are somebody's in a tenant alone
LEAST_COMPARED = 3                            # numbers with something beside them in two tables
AGREEING = 0.5                                # share of these that must agree
BEYOND_CHANCE = 5                             # times as many common numbers as chance makes
LEAST_COMMON = 10                             # and so many more
ScopeAnswer = Literal["same", "apart", "open"]


def narrowed_scope(scope: str, table: str) -> str:
    """Return a scope of accounts narrowed to a table, or to tables that are parts of one."""
    return f"{scope}{TABLE_MARK}{table}"


def tenant_scope(scope: str) -> str:
    """Return a scope of keys as that of keys which are somebody's within a tenant, a branch, a state alone.

    They are another kind: in `low` those of a table without the tenant may be the same people.
    """
    return scope if scope.startswith(WITHIN) else WITHIN + scope


def hash_scope(scope: str) -> str:
    """Return the scope under which keys are hashed.

    >>> hash_scope(narrowed_scope("crm:user", "crm/member")), hash_scope("phone_mobile")
    ('crm:user', 'phone_mobile')
    """
    return scope.partition(TABLE_MARK)[0]


def is_of_hashes(scope: str) -> bool:
    """Are the keys of a scope hashes, which another salt or method makes other ones of the same persons?"""
    return hash_scope(scope).endswith(HASHED)


def is_home(scope: str) -> bool:
    """Is a narrowed scope that of the table which its accounts are called by?

    >>> [is_home(narrowed_scope("crm:member", table)) for table in ("crm/member", "crm/orders")]
    [True, False]
    """
    accounts, mark, table = scope.partition(TABLE_MARK)
    stem, name = accounts.rpartition(":")[2].lower(), table.rpartition("/")[2].lower()
    return bool(mark and stem) and stem in (name, name.removesuffix("s"))


@dataclass(frozen=True, slots=True)
class KeyKinds:
    """Kinds of keys by their places. spaces: range of each kind's numbers, as sampled."""

    labels: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    spaces: Mapping[int, NumberRange] = field(default_factory=dict)
    # resident IDs of which so many fail their check that one which passes proves nothing (rounded by a sheet)
    mistyped: frozenset[int] = frozenset()
    # kinds, by place, that stand in one column in turn with another kind: their keys are different people's
    joined: Mapping[int, int] = field(default_factory=dict)

    @property
    def groups(self) -> tuple[int, ...]:
        """Return, by place, the first place whose keys are hashed alike."""
        first: dict[tuple[str, str], int] = {}
        pairs = zip(self.labels, map(hash_scope, self.scopes), strict=True)
        return tuple(first.setdefault(pair, i) for i, pair in enumerate(pairs))

    @property
    def traits(self) -> Mapping[int, str]:
        """Return the labels of the places that hold no keys, but what a person has one of."""
        return {place: label for place, label in enumerate(self.labels) if (label, label) in TRAITS}

    @property
    def homes(self) -> frozenset[int]:
        """Return the places of accounts that stand in the table that they are called by."""
        return frozenset(i for i, scope in enumerate(self.scopes) if is_home(scope))

    def narrowed(self) -> list[list[int]]:
        """Return the places of every group of accounts that stands in several tables."""
        members: dict[int, list[int]] = {}
        for place, group in enumerate(self.groups):
            members.setdefault(group, []).append(place)
        return [places for places in members.values() if len(places) > 1]


@dataclass(frozen=True, slots=True)
class ScopeSums:
    """What the rows say of the accounts of one table against those of others, to be added up.

    common: numbers that stand in both; compared, agreeing: of them, with something beside on both sides, with
    something equal. own, others: numbers of the table, and of others. present: places that have numbers;
    outside: of the homes, those where some number of the table, or of all others, does not stand.
    """

    common: int = 0
    compared: int = 0
    agreeing: int = 0
    own: int = 0
    others: int = 0
    present: frozenset[int] = frozenset()
    outside: frozenset[int] = frozenset()

    def __add__(self, more: ScopeSums) -> ScopeSums:
        return ScopeSums(
            self.common + more.common, self.compared + more.compared, self.agreeing + more.agreeing,
            self.own + more.own, self.others + more.others,
            self.present | more.present, self.outside | more.outside,
        )

    def answer(
        self, spaces: Mapping[int, NumberRange], homes: frozenset[int] = frozenset()
    ) -> ScopeAnswer | None:
        """Return what the rows say of the table against the others; None where no number is common.

        homes: places of tables that the accounts are called by.
        """
        if not self.common:
            return None
        if self.compared >= LEAST_COMPARED:
            return "same" if self.agreeing > AGREEING * self.compared else "apart"
        here = homes & self.present
        if self.common >= LEAST_COMMON and len(here) == 1 and not here & self.outside:
            return "same"
        ranges = [spaces[s] for s in sorted(self.present) if s in spaces]
        numbers = reduce(wider_range, ranges, NO_NUMBERS)
        if numbers.least > numbers.largest:
            return "open"
        by_chance = self.own * self.others / numbers.size
        return "same" if self.common > LEAST_COMMON + BEYOND_CHANCE * by_chance else "open"


@dataclass(frozen=True, slots=True)
class Accounts:
    """Edges of accounts of one group: node, place of the kind, and what stands beside (0: nothing)."""

    node: np.ndarray
    slot: np.ndarray
    beside: Sequence[np.ndarray]

    def sums(self, slot: int, homes: frozenset[int]) -> ScopeSums:
        """Return what the rows say of one table against the others. homes: as `answer` has them."""
        is_own = self.slot == slot
        common = np.intersect1d(self.node[is_own], self.node[~is_own])
        compared = agreeing = 0
        if len(common):
            here = np.isin(self.node, common)
            node = np.unique(self.node[here], return_inverse=True)[1]
            for values in self.beside:
                both, equal = _compare_sides(node, is_own[here], values[here])
                compared, agreeing = compared + both, agreeing + equal
        return ScopeSums(
            len(common), compared, agreeing, len(np.unique(self.node[is_own])),
            len(np.unique(self.node[~is_own])), frozenset(np.unique(self.slot).tolist()),
            frozenset(home for home in homes if self._is_outside(slot, home)),
        )

    def _is_outside(self, slot: int, home: int) -> bool:
        """Does a number of a table, or one of all others, not stand in the one table they are called by?"""
        at_home = self.slot == home
        rest = ~at_home if slot == home else self.slot == slot
        return not bool(np.isin(self.node[rest], self.node[at_home]).all())


def _compare_sides(node: np.ndarray, is_own: np.ndarray, values: np.ndarray) -> tuple[int, int]:
    """Return (nodes with a value on both sides, those of them with an equal one)."""
    size = int(node.max()) + 1
    own, other = np.where(is_own, values, 0), np.where(is_own, 0, values)
    each = [companion_counts(node, side, size) for side in (own, other)]
    both = (each[0] > 0) & (each[1] > 0)
    together = companion_counts(node, values, size)
    return int(both.sum()), int((both & (together < each[0] + each[1])).sum())
