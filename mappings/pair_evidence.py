"""Two columns of one kind of key in a row: two numbers of one person, or two people?

What the rows say, of a sample of values that is the same whatever their order:

two    the columns draw on the same population and rarely agree in a row; or a value that stands in several
       rows stands beside another one in most of them
one    of accounts: one that stands in several rows stands beside the same one nearly always, both ways
open   neither; contacts that nearly always have the same partner are two numbers of one person, or those of
       two people who always come together

What is open may lean: one person, or several, is likelier.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from mappings.person_records import run_starts

Answer = Literal["one", "two", "open"]
Leaning = Literal["one", "two", ""]           # what is likelier; empty: words decide
MOST_PAIRS = 1 << 15                          # distinct pairs kept for each of the two columns
SAME_POPULATION = 0.05                        # share of the smaller column's values that stand in the other
LEAST_COMMON = 3                              # and at least so many
RARELY = 0.2                                  # share of rows in which the columns agree at most
LEAST_REPEATED = 10                           # values that stand in several rows, to say anything
MOSTLY, HARDLY = 0.5, 0.05                    # share of them that stand beside several values
_U64 = np.uint64


@dataclass(slots=True)
class _PairSample:
    """Distinct pairs of a value with another one, of the values whose hashes are smallest; rows of each."""

    limit: int = 2**64 - 1
    pairs: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), _U64))
    rows: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    def add(self, pairs: np.ndarray, rows: np.ndarray, *, may_repeat: bool = False) -> None:
        """Add pairs, shape (n, 2), whose first value is not 0. rows: of each.

        may_repeat: they may be rows that were added before, so that of equal pairs the larger number holds.
        """
        pairs, rows = np.concatenate([self.pairs, pairs]), np.concatenate([self.rows, rows])
        below = pairs[:, 0] <= _U64(self.limit)
        pairs, rows = pairs[below], rows[below]
        order = np.lexsort((pairs[:, 1], pairs[:, 0]))
        pairs, rows = pairs[order], rows[order]
        if len(pairs):
            starts = np.flatnonzero(run_starts(pairs[:, 0]) | run_starts(pairs[:, 1]))
            pairs, rows = pairs[starts], (np.maximum if may_repeat else np.add).reduceat(rows, starts)
        while len(pairs) > MOST_PAIRS:        # whole values go, so that those that stay have all their pairs
            self.limit = int(pairs[len(pairs) // 2, 0]) - 1
            below = pairs[:, 0] <= _U64(self.limit)
            if not below.any():               # one value beside very many others
                pairs, rows = pairs[:MOST_PAIRS], rows[:MOST_PAIRS]
                break
            pairs, rows = pairs[below], rows[below]
        self.pairs, self.rows = pairs, rows

    def values(self, limit: int) -> np.ndarray:
        """Return the distinct first values up to a limit."""
        values = self.pairs[:, 0]
        return np.unique(values[values <= _U64(limit)])

    def repeated(self) -> tuple[int, int]:
        """Return (values in several rows that have a partner, those of them beside several partners)."""
        partnered = self.pairs[:, 1] != 0
        pairs, rows = self.pairs[partnered], self.rows[partnered]
        if not len(pairs):
            return 0, 0
        starts = np.flatnonzero(run_starts(pairs[:, 0]))
        totals = np.add.reduceat(rows, starts)
        partners = np.diff(np.append(starts, len(pairs)))
        return int((totals > 1).sum()), int((partners > 1).sum())


@dataclass(slots=True)
class PairEvidence:
    """What the rows said so far of two columns. both, equal: rows with both filled, and with one value.

    accounts: are they numbers of accounts? Two that stand in one row each are of the account of that row.
    own: do words call them one's own further numbers? named: has one a word for somebody? masked, unlike:
    rows in which one is masked and the other is not; those of them in which it shows another number.
    """

    accounts: bool = False
    own: bool = False
    named: bool = False
    both: int = 0
    equal: int = 0
    masked: int = 0
    unlike: int = 0
    first: _PairSample = field(default_factory=_PairSample)
    second: _PairSample = field(default_factory=_PairSample)

    def add(self, a: np.ndarray, b: np.ndarray) -> None:
        """Add rows. a, b: hashes of the two columns in one scope, 0: none."""
        self.both += int(((a != 0) & (b != 0)).sum())
        self.equal += int(((a == b) & (a != 0)).sum())
        differ = a != b
        for sample, x, y in ((self.first, a, b), (self.second, b, a)):
            rows = differ & (x != 0)
            sample.add(np.column_stack([x[rows], y[rows]]), np.ones(int(rows.sum()), np.int64))

    def add_masked(self, compared: np.ndarray, unlike: np.ndarray) -> None:
        """Add rows in which one of the two may be masked: bool per row."""
        self.masked += int(compared.sum())
        self.unlike += int(unlike.sum())

    @property
    def is_repeated(self) -> bool:
        """Is one column the other once more, masked here and there?"""
        return self.masked > 0 == self.unlike and self.both == self.equal

    def merge(self, other: PairEvidence, *, may_repeat: bool = True) -> None:
        """Add what other rows said. may_repeat: they are of another flow, and may be the same rows."""
        self.both += other.both
        self.equal += other.equal
        self.masked += other.masked
        self.unlike += other.unlike
        for own, others in ((self.first, other.first), (self.second, other.second)):
            own.limit = min(own.limit, others.limit)
            own.add(others.pairs, others.rows, may_repeat=may_repeat)

    @property
    def answer(self) -> Answer:
        """Are the two columns one person's, two persons', or does the data leave it open?"""
        if self.is_repeated:
            return "one"
        sides = (self.first.repeated(), self.second.repeated())
        are_of_rows = self.accounts and not any(repeated for repeated, _ in sides)
        if are_of_rows and not self.named:
            return "one"
        if self._draw_on_one_population():
            return "two" if not self._has_fixed_partners() else "one" if self.own else "open"
        if self.own or are_of_rows:
            return "one"
        repeated, varied = sum(n for n, _ in sides), sum(several for _, several in sides)
        if repeated >= LEAST_REPEATED and varied > MOSTLY * repeated and self.equal <= RARELY * self.both:
            return "two"
        return "one" if self.accounts and self.leaning else "open"

    @property
    def leaning(self) -> Leaning:
        """One person is likelier where each value has its partner, and no column a word for somebody."""
        sides = (self.first.repeated(), self.second.repeated())
        are_pairs = all(n >= LEAST_REPEATED and several <= HARDLY * n for n, several in sides)
        return "one" if are_pairs and not self.named else ""

    def _draw_on_one_population(self) -> bool:
        """Have the columns most values in common, and rarely in one row?"""
        limit = min(self.first.limit, self.second.limit)
        a, b = self.first.values(limit), self.second.values(limit)
        common = len(np.intersect1d(a, b, assume_unique=True))
        least = max(LEAST_COMMON, SAME_POPULATION * min(len(a), len(b)))
        return self.equal <= RARELY * self.both and common >= least

    def _has_fixed_partners(self) -> bool:
        """Has each value that stands in several rows, in whichever column, nearly always one partner?"""
        either = _PairSample(min(self.first.limit, self.second.limit))
        for sample in (self.first, self.second):
            either.add(sample.pairs, sample.rows)
        repeated, several = either.repeated()
        return repeated >= LEAST_REPEATED and several <= HARDLY * repeated


@dataclass(slots=True)
class CellEvidence(PairEvidence):
    """What the rows said of a column of which some cells hold several keys: one person's or several's?

    cells: how many do; many: those of them with three keys or more, which few people have; as_named: those
    with as many names beside. unlikely: are they of a kind of which few people have two, or called a group's?

    two    a key that stands in several such cells is in other company in most of them
    open   else: nothing proves that two numbers are one person's. Several people are likelier where the
           company sometimes changes, or most cells hold three or more and no key comes again, or one person
           is unlikely, or most cells have as many names beside
    """

    unlikely: bool = False
    cells: int = 0
    many: int = 0
    as_named: int = 0

    def add_cells(self, keys: np.ndarray) -> None:
        """Add cells: hashes of their keys, shape (cells, most keys of a cell), 0 where there is none."""
        self.cells += len(keys)
        self.many += int(((keys != 0).sum(axis=1) > 2).sum())
        company = keys.sum(axis=1, dtype=_U64)[:, None] - keys
        here = keys != 0
        self.first.add(np.column_stack([keys[here], company[here]]), np.ones(int(here.sum()), np.int64))

    def merge(self, other: PairEvidence, *, may_repeat: bool = True) -> None:
        """Add what other rows said."""
        PairEvidence.merge(self, other, may_repeat=may_repeat)
        if isinstance(other, CellEvidence):
            self.cells += other.cells
            self.many += other.many
            self.as_named += other.as_named

    @property
    def answer(self) -> Answer:
        """Are the keys of a cell several people's, or is it open?"""
        repeated, varied = self.first.repeated()
        return "two" if repeated >= LEAST_REPEATED and varied > MOSTLY * repeated else "open"

    @property
    def leaning(self) -> Leaning:
        """Is one person likelier, or are several?"""
        repeated, varied = self.first.repeated()
        again = repeated >= LEAST_REPEATED
        are_several = varied > HARDLY * repeated if again else 2 * self.many > self.cells
        return "two" if are_several or self.unlikely or 2 * self.as_named > self.cells else "one"


@dataclass(slots=True)
class KinshipEvidence(PairEvidence):
    """What the rows said of keys beside a column that says whose relative each row is.

    of_identity: are they identity numbers, which a relative has himself as a rule?

    one    no key stands in several rows of which one is a relative's; no identity number under two relations
    open   else: it is the holder's in all of them. Several people are likelier where nothing else says who
           they are
    """

    of_identity: bool = False

    def add_rows(self, keys: np.ndarray, relations: np.ndarray, are_relatives: np.ndarray) -> None:
        """Add rows: hashes of keys and of what stands in the column; which are of relatives."""
        here = keys != 0
        hashes = np.where(are_relatives, relations | _U64(1), relations & ~_U64(1))
        self.first.add(np.column_stack([keys[here], hashes[here]]), np.ones(int(here.sum()), np.int64))

    @property
    def answer(self) -> Answer:
        """Is each key of the person of its row, or is it open?"""
        pairs, rows = self.first.pairs, self.first.rows
        if not len(pairs):
            return "one"
        starts = np.flatnonzero(run_starts(pairs[:, 0]))
        totals = np.add.reduceat(rows, starts)
        relations = np.diff(np.append(starts, len(pairs)))
        has_relative = np.maximum.reduceat((pairs[:, 1] & _U64(1)).astype(np.int64), starts) > 0
        several = relations > 1 if self.of_identity else totals > 1
        return "open" if (several & has_relative).any() else "one"

    @property
    def leaning(self) -> Leaning:
        """Several people are likelier, unless names or birthdays tell them apart anyway."""
        return "one" if self.named else "two"


@dataclass(slots=True)
class NameEvidence(CellEvidence):
    """Several names in a cell: of several people, or other names of one? Nothing proves it."""

    @property
    def answer(self) -> Answer:
        """It stays open."""
        return "open"

    @property
    def leaning(self) -> Leaning:
        """Several people are likelier."""
        return "two"
