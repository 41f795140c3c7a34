"""A count in parts: rows counted elsewhere, merged into one counter as if it had counted them itself.

Whatever the split, the tally is that of the whole: a part names its kinds of keys, and orders its rows by a
place that says which split they came from and how many of its rows came before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from detectors.model import ColumnId
from detectors.renamed import old_names
from mappings.account_samples import AccountSamples
from mappings.mixed_cells import KindColumns
from mappings.name_forms import MASKED
from mappings.number_ranges import NO_NUMBERS, NumberRange, wider_range
from mappings.numbered_rows import NumberedColumns, NumberedRows, RoleReading
from mappings.pair_evidence import Answer, PairEvidence
from mappings.person_records import Slots, Units, mix_keys
from mappings.remote_units import PLACE_BITS as PLACE_BITS
from mappings.remote_units import KeyNames, PlacedUnits, ordinals
from mappings.unit_piles import Pile

_U64 = np.uint64
Side = tuple[str, ...]                        # of open rows: columns, then "one" or "two"; (): of others


@dataclass(slots=True)
class KeylessRows:
    """Rows without a key: name (or device, or 0) and filled fields, uint64; rows of each pair, int64."""

    name: np.ndarray = field(default_factory=lambda: np.zeros(0, _U64))
    bits: np.ndarray = field(default_factory=lambda: np.zeros(0, _U64))
    rows: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    def has_full_name(self) -> np.ndarray:
        """Return bool per pair: does a name tell who it is? A masked one does not."""
        return (self.name != 0) & ((self.name & _U64(MASKED)) == 0)

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
    unread_births: int = field(default=0, kw_only=True)
    # values beside the first in cells of possible columns that would tell persons apart
    further_values: Mapping[ColumnId, int] = field(default_factory=dict, kw_only=True)
    cut: frozenset[ColumnId] = field(default=frozenset(), kw_only=True)    # columns with cells read in part
    kind_columns: KindColumns = field(default_factory=KindColumns, kw_only=True)
    # (label, scope) -> range of accounts' numbers, as sampled
    spaces: Mapping[tuple[str, str], NumberRange] = field(default_factory=dict)
    # some values of accounts by (label, scope) and column, hashed alike
    samples: Mapping[tuple[tuple[str, str], ColumnId], np.ndarray] = field(default_factory=dict)
    # rows without a key that have places (as `first_row`) in a reading: place, name, bits
    numbered: Mapping[RoleReading, NumberedColumns] = field(default_factory=dict)
    # rows whose subjects are open, by their columns
    open: Mapping[tuple[ColumnId, ...], OpenPart] = field(default_factory=dict)
    remote: PlacedUnits | None = None         # units that stay elsewhere; then none is in `piles`

    def __len__(self) -> int:
        units = sum(map(len, self.piles.values())) + len(self.keyless.bits)
        units += sum(len(places) for places, *_ in self.numbered.values())
        return units + sum(len(rows.one) + len(rows.two) for rows in self.open.values())

    def split_by_key(self, buckets: int) -> dict[int, PartialCount]:
        """Return the part in pieces by bucket; units that could fold share one, whatever split they are of.

        Counts stay with bucket 0.
        """
        if buckets == 1:
            return {0: self}
        pieces = {0: replace(self, piles={}, keyless=KeylessRows(), open={})}
        for slots, units in self.piles.items():
            for bucket, positions in positions_by_bucket(mix_keys(units), buckets):
                piece = pieces.setdefault(bucket, PartialCount(self.kinds))
                piece.piles = {**piece.piles, slots: units.select(positions)}
        for bucket, positions in positions_by_bucket(self.keyless.name, buckets):
            pieces.setdefault(bucket, PartialCount(self.kinds)).keyless = self.keyless.select(positions)
        for columns, rows in self.open.items():
            ones, twos = rows.one.split_by_key(buckets), rows.two.split_by_key(buckets)
            for bucket in sorted({*ones, *twos}):
                piece = pieces.setdefault(bucket, PartialCount(self.kinds))
                sides = ones.get(bucket, PartialCount()), twos.get(bucket, PartialCount())
                evidence = rows.evidence if bucket == 0 else ()
                piece.open = {**piece.open, columns: OpenPart(rows.words, *sides, evidence)}
        return pieces

    def sides(self) -> Iterator[tuple[Side, PartialCount]]:
        """Yield the part itself, and both sides of all rows whose subjects are open."""
        yield (), self
        for columns, rows in self.open.items():
            for name, side in (("one", rows.one), ("two", rows.two)):
                for inner, part in side.sides():
                    yield (*columns, name, *inner), part

    def without_units(self) -> PartialCount:
        """Return everything but the units with keys."""
        open_rows = {
            columns: replace(rows, one=rows.one.without_units(), two=rows.two.without_units())
            for columns, rows in self.open.items()
        }
        return replace(self, piles={}, open=open_rows)

    def with_remote(self, remote: Mapping[Side, PlacedUnits]) -> PartialCount:
        """Return the part with units that stay where they were counted, by side."""
        open_rows = {}
        for columns, rows in self.open.items():
            inner = [
                {side[len(columns) + 1:]: units for side, units in remote.items()
                 if side[:len(columns) + 1] == (*columns, name)}
                for name in ("one", "two")
            ]
            one, two = (each.with_remote(own) for each, own in zip((rows.one, rows.two), inner, strict=True))
            open_rows[columns] = replace(rows, one=one, two=two)
        return replace(self, remote=remote.get(()), open=open_rows)

    def split_by_size(self, size: int) -> Iterator[PartialCount]:
        """Yield rows without a key and the counts, then pieces of at most `size` units of one pile."""
        piles = tuple(self.piles.items())
        yield replace(self, piles={}, open={})
        for slots, units in piles:
            for start in range(0, len(units), size):
                positions = np.arange(start, min(start + size, len(units)))
                yield PartialCount(self.kinds, {slots: units.select(positions)})
        for columns, rows in self.open.items():
            yield PartialCount(self.kinds, open={columns: OpenPart(rows.words, evidence=rows.evidence)})
            for one in rows.one.split_by_size(size):
                yield PartialCount(self.kinds, open={columns: OpenPart(rows.words, one=one)})
            for two in rows.two.split_by_size(size):
                yield PartialCount(self.kinds, open={columns: OpenPart(rows.words, two=two)})

    def with_ordinals(self, first: int) -> PartialCount:
        """Return the part itself, its places made ordinals of rows in a counter that had `first` before."""
        splits = sorted(self.rows)
        before = np.zeros((splits[-1] if splits else 0) + 1, np.int64)
        before[splits] = np.cumsum([0, *(self.rows[split] for split in splits)])[:-1] + first
        for units in self.piles.values():
            if units.first_row is not None:
                units.first_row = ordinals(units.first_row, before)
        if self.remote is not None:
            view = replace(self.remote.view, rows_before=before)
            return replace(self, remote=replace(self.remote, view=view))
        return self


@dataclass(slots=True)
class OpenPart:
    """Rows whose subjects are open, counted as one person's and as several people's.

    evidence: what the rows say, of each pair of columns; empty: it is in another piece.
    """

    words: Answer
    one: PartialCount = field(default_factory=PartialCount)
    two: PartialCount = field(default_factory=PartialCount)
    evidence: Sequence[PairEvidence] = ()


def positions_by_bucket(hashes: np.ndarray, buckets: int) -> Iterator[tuple[int, np.ndarray]]:
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
        self._places: dict[tuple[str, str], int] = {}
        self._piles: dict[Slots, Pile] = {}
        self._keyless: list[KeylessRows] = []
        self._counts = PartialCount()         # everything else
        self._spaces: dict[tuple[str, str], NumberRange] = {}
        self._samples = AccountSamples()
        self._numbered: dict[RoleReading, NumberedRows] = {}
        self._open: dict[tuple[ColumnId, ...], _OpenCollector] = {}

    def add(self, part: PartialCount) -> None:
        """Add a part."""
        to = [self._places.setdefault(kind, len(self._places)) for kind in part.kinds]
        for slots, units in part.piles.items():
            places = [to[slot] for slot in slots]
            order = sorted(range(len(places)), key=places.__getitem__)
            if order != list(range(len(places))):
                units = replace(units, keys=units.keys[:, order])
            self._piles.setdefault(tuple(places[i] for i in order), Pile()).add(units)
        if len(part.keyless.bits):
            self._keyless.append(part.keyless)
        counts = self._counts
        counts.rows = {s: counts.rows.get(s, 0) + part.rows.get(s, 0) for s in {**counts.rows, **part.rows}}
        counts.placeholders += part.placeholders
        counts.excluded += part.excluded
        counts.has_parties |= part.has_parties
        counts.has_births |= part.has_births
        counts.unread_births += part.unread_births
        counts.cut |= part.cut
        counts.kind_columns.merge(part.kind_columns)
        counts.further_values = {
            column: counts.further_values.get(column, 0) + part.further_values.get(column, 0)
            for column in {**counts.further_values, **part.further_values}
        }
        for kind, space in part.spaces.items():
            self._spaces[kind] = wider_range(self._spaces.get(kind, NO_NUMBERS), space)
        self._samples.add(part.samples)
        for reading, columns_of_rows in part.numbered.items():
            self._numbered.setdefault(reading, NumberedRows()).add(*columns_of_rows)
        for columns, rows in part.open.items():
            self._open.setdefault(columns, _OpenCollector(rows.words)).add(rows)

    def add_units(self, side: Side, names: KeyNames, units: Units) -> None:
        """Add units of a side of what was added before. names: of their kinds of keys."""
        if not side:
            self.add(PartialCount(names, {tuple(range(len(names))): units}))
            return
        for columns, rows in self._open.items():
            if side[:len(columns)] == columns:
                rows.side(side[len(columns)]).add_units(side[len(columns) + 1:], names, units)
                return

    def part(self) -> PartialCount:
        """Return everything added as one part."""
        return replace(
            self._counts, kinds=tuple(self._places),
            piles={slots: pile.units() for slots, pile in self._piles.items()},
            keyless=_merge_pairs(self._keyless), spaces=self._spaces, samples=self._samples.hashes,
            numbered={reading: rows.rows() for reading, rows in self._numbered.items()},
            open={columns: rows.part() for columns, rows in self._open.items()},
        )


class _OpenCollector:
    """Parts of rows whose subjects are open."""

    def __init__(self, words: Answer) -> None:
        self._words = words
        self._one, self._two = PartCollector(), PartCollector()
        self._evidence: list[PairEvidence] = []

    def add(self, rows: OpenPart) -> None:
        self._one.add(rows.one)
        self._two.add(rows.two)
        add_evidence(self._evidence, rows.evidence)

    def side(self, name: str) -> PartCollector:
        """Return what collects one of the two sides."""
        return self._one if name == "one" else self._two

    def part(self) -> OpenPart:
        return OpenPart(self._words, self._one.part(), self._two.part(), self._evidence)


def add_evidence(evidence: list[PairEvidence], more: Sequence[PairEvidence]) -> None:
    """Add what other rows of a table say of the same columns to what some say."""
    if not evidence:
        evidence += deepcopy(list(more))
        return
    for own, other in zip(evidence, more, strict=bool(more)):
        own.merge(other, may_repeat=False)


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
