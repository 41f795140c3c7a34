"""A count in parts: rows counted elsewhere, merged into one counter as if it had counted them itself.

Whatever the split, the tally is that of the whole: a part names its kinds of keys, and orders its rows by a
place that says which split they came from and how many of its rows came before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from detectors.model import ColumnId
from detectors.renamed import old_names
from mappings.account_samples import AccountSamples
from mappings.person_records import Pile, Slots, Units, mix_keys

_U64 = np.uint64
PLACE_BITS = 36                               # bits of a place that count rows within one split


@dataclass(slots=True)
class KeylessRows:
    """Rows without a key: name (or device, or 0) and filled fields, uint64; rows of each pair, int64."""

    name: np.ndarray = field(default_factory=lambda: np.zeros(0, _U64))
    bits: np.ndarray = field(default_factory=lambda: np.zeros(0, _U64))
    rows: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    def select(self, which: np.ndarray) -> KeylessRows:
        """Return the pairs marked in `which` (bool), or at its positions."""
        return KeylessRows(self.name[which], self.bits[which], self.rows[which])


@dataclass(slots=True)
class PartialCount:
    """What was counted of some rows of one table. It holds keyed hashes and counts, no value.

    kinds: (label, scope) of each slot. rows: split -> rows counted.
    `Units.first_row` holds places: split << PLACE_BITS | rows of it before this one.
    """

    kinds: tuple[tuple[str, str], ...] = ()
    piles: Mapping[Slots, Units] = field(default_factory=dict)
    keyless: KeylessRows = field(default_factory=KeylessRows)
    rows: Mapping[int, int] = field(default_factory=dict)
    placeholders: int = 0
    excluded: int = 0
    has_parties: bool = False                 # do rows speak of several people, by the names of columns?
    has_births: bool = False                  # does a column say how old they are?
    # (label, scope) -> largest number of an account, as sampled
    spaces: Mapping[tuple[str, str], float] = field(default_factory=dict)
    # some values of accounts by (label, scope) and column, hashed alike
    samples: Mapping[tuple[tuple[str, str], ColumnId], np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(map(len, self.piles.values())) + len(self.keyless.bits)

    def split_by_key(self, buckets: int) -> dict[int, PartialCount]:
        """Return the part in pieces by bucket; units that could fold share one, whatever split they are of.

        Counts stay with bucket 0.
        """
        if buckets == 1:
            return {0: self}
        pieces = {0: replace(self, piles={}, keyless=KeylessRows())}
        for slots, units in self.piles.items():
            for bucket, positions in _positions_by_bucket(mix_keys(units), buckets):
                piece = pieces.setdefault(bucket, PartialCount(self.kinds))
                piece.piles = {**piece.piles, slots: units.select(positions)}
        for bucket, positions in _positions_by_bucket(self.keyless.name, buckets):
            pieces.setdefault(bucket, PartialCount(self.kinds)).keyless = self.keyless.select(positions)
        return pieces

    def split_by_size(self, size: int) -> Iterator[PartialCount]:
        """Yield rows without a key and the counts, then pieces of at most `size` units of one pile."""
        piles = tuple(self.piles.items())
        yield replace(self, piles={})
        for slots, units in piles:
            for start in range(0, len(units), size):
                positions = np.arange(start, min(start + size, len(units)))
                yield PartialCount(self.kinds, {slots: units.select(positions)})

    def with_ordinals(self, first: int) -> PartialCount:
        """Return the part itself, its places made ordinals of rows in a counter that had `first` before."""
        splits = sorted(self.rows)
        before = np.zeros((splits[-1] if splits else 0) + 1, np.int64)
        before[splits] = np.cumsum([0, *(self.rows[split] for split in splits)])[:-1] + first
        within = (1 << PLACE_BITS) - 1
        for units in self.piles.values():
            if units.first_row is not None:
                units.first_row = before[units.first_row >> PLACE_BITS] + (units.first_row & within)
        return self


def _positions_by_bucket(hashes: np.ndarray, buckets: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (bucket, positions of its hashes), for each bucket that has any.

    By the upper bits: the lowest one of a resident ID's hash says whether its check digit is right.
    """
    bucket_of = ((hashes >> _U64(32)) % _U64(buckets)).astype(np.int64)
    order = np.argsort(bucket_of, kind="stable")
    starts = np.searchsorted(bucket_of[order], np.arange(buckets + 1))
    for bucket in np.flatnonzero(np.diff(starts)).tolist():
        yield bucket, order[starts[bucket] : starts[bucket + 1]]


class PartCollector:
    """Parts of one table as they come in, equal units folded."""

    def __init__(self) -> None:
        self._kinds: tuple[tuple[str, str], ...] = ()
        self._piles: dict[Slots, Pile] = {}
        self._keyless: list[KeylessRows] = []
        self._rows: dict[int, int] = {}
        self._placeholders = 0
        self._excluded = 0
        self._has_parties = self._has_births = False
        self._spaces: dict[tuple[str, str], float] = {}
        self._samples = AccountSamples()

    def add(self, part: PartialCount) -> None:
        """Add a part; ValueError when it names other kinds of keys, for then it is of another table."""
        if part.kinds:
            if self._kinds and part.kinds != self._kinds:
                raise ValueError("parts of different tables")
            self._kinds = part.kinds
        for slots, units in part.piles.items():
            self._piles.setdefault(slots, Pile()).add(units)
        if len(part.keyless.bits):
            self._keyless.append(part.keyless)
        for split, rows in part.rows.items():
            self._rows[split] = self._rows.get(split, 0) + rows
        self._placeholders += part.placeholders
        self._excluded += part.excluded
        self._has_parties |= part.has_parties
        self._has_births |= part.has_births
        for kind, space in part.spaces.items():
            self._spaces[kind] = max(self._spaces.get(kind, 0.0), space)
        self._samples.add(part.samples)

    def part(self) -> PartialCount:
        """Return everything added as one part."""
        piles = {slots: pile.units() for slots, pile in self._piles.items()}
        return PartialCount(
            self._kinds, piles, _merge_pairs(self._keyless), self._rows, self._placeholders, self._excluded,
            self._has_parties, self._has_births, self._spaces, self._samples.hashes,
        )


def _merge_pairs(parts: Sequence[KeylessRows]) -> KeylessRows:
    """Return equal pairs once, their rows added."""
    if not parts:
        return KeylessRows()
    pairs = np.stack(
        [np.concatenate([p.name for p in parts]), np.concatenate([p.bits for p in parts])], axis=1
    )
    rows = np.concatenate([p.rows for p in parts])
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    pairs, rows = pairs[order], rows[order]
    starts = np.flatnonzero(np.append(True, (pairs[1:] != pairs[:-1]).any(axis=1)))
    return KeylessRows(pairs[starts, 0], pairs[starts, 1], np.add.reduceat(rows, starts))


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
