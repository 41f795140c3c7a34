"""Rows of which a cell holds several keys or several names: one person's, or several people's?

Two valid resident IDs are two persons. Names that signs part are taken for as many people in `best` and
`high`, for one in `low`. Of other keys the rows are asked; where these do not say that they are several
people's, it is open, and counted both ways. The second key of each column and the second name are taken for
one and the same person's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mappings.equal_groups import codes_of_pairs
from mappings.numbered_rows import RoleReading
from mappings.pair_evidence import CellEvidence, NameEvidence, PairEvidence
from mappings.person_keys import ACCOUNT_KEYS, IDENTITY_KEYS, KeyHashes
from mappings.person_records import AGE_BITS
from mappings.row_columns import KeyColumn, RowPlan
from mappings.row_reading import CellKeys, KeyColumns, KeyedRows
from mappings.unit_store import UnitStore

_U64 = np.uint64
_ONE = np.uint64(1)


@dataclass(frozen=True, slots=True)
class SharedCells:
    """Rows of which cells hold about as many keys and names; all arrays have an entry a row.

    keys: of each column, uint64 of shape (rows, keys of a cell), 0 where there is none. names: further ones,
    of shape (rows, names). places: of the rows in their reading.
    """

    keys: Sequence[tuple[KeyColumn, np.ndarray]]
    names: np.ndarray
    rows: KeyedRows
    reading: RoleReading
    places: np.ndarray

    @classmethod
    def by_size(
        cls, cells: CellKeys, names: KeyHashes, rows: KeyedRows, which: np.ndarray,
        where: tuple[RoleReading, np.ndarray],
    ) -> Iterator[SharedCells]:
        """Yield the rows marked in `which`; those with about as many keys in each column stand together.

        So a long list widens no other row. names: of the rows. where: their reading, and their places in it.
        """
        columns, (reading, places) = [names, *cells.hashes], where
        rows_with_several = np.flatnonzero(which)
        group = np.zeros(len(rows_with_several), np.int64)
        for hashes in columns:
            group = codes_of_pairs(group, _size_class(hashes.number()[rows_with_several]))
        for value in np.unique(group).tolist():
            here = rows_with_several[group == value]
            named, *keys = (each.table(here) for each in columns)
            yield cls(
                list(zip(cells.keys, keys, strict=True)), named[:, 1:], rows.take(here), reading, places[here]
            )

    def __len__(self) -> int:
        return len(self.places)

    def select(self, which: np.ndarray) -> SharedCells:
        """Return the rows marked in `which`, bool."""
        here = np.flatnonzero(which)
        keys = [(key, hashes[here]) for key, hashes in self.keys]
        return SharedCells(keys, self.names[here], self.rows.take(here), self.reading, self.places[here])

    def questions(self, plan: RowPlan) -> Iterator[tuple[SharedCells, list[KeyColumn], str]]:
        """Yield rows with columns of several keys, and of several names, whose subjects are open.

        Rows with several in the same columns stand together, whatever else is in the batch.
        """
        open_columns = self._columns(plan)
        signature = np.zeros(len(self), np.int64)
        for place, (_, several) in enumerate(open_columns):
            signature |= several.astype(np.int64) << place
        for value in np.unique(signature).tolist():
            columns = [c for place, (c, _) in enumerate(open_columns) if value >> place & 1]
            keys = [column for column in columns if isinstance(column, KeyColumn)]
            name = next((column for column in columns if isinstance(column, str)), "")
            yield self.select(signature == value), keys, name

    def _columns(self, plan: RowPlan) -> list[tuple[KeyColumn | str, np.ndarray]]:
        """Columns of keys, and of names, with bool per row: do they hold several that are open?"""
        columns: list[tuple[KeyColumn | str, np.ndarray]] = [
            (key, _has_several(hashes)) for key, hashes in self.keys if key.column not in plan.own_cells
        ]
        role = self.reading[1]
        name = next(iter(plan.open_names(role)), plan.names.get(role, ""))
        if name not in plan.own_cells:
            columns.append((name, (self.names != 0).any(axis=1)))
        return [(column, several) for column, several in columns if several.any()]

    def without_proved(self, store: UnitStore) -> SharedCells:
        """Add the holders of further valid resident IDs to a store; return the rows without these keys."""
        keys, had, has = [], np.zeros(len(self), bool), np.zeros(len(self), bool)
        for key, hashes in self.keys:
            had |= _has_several(hashes)
            if key.label == "resident_id" and not key.hidden:
                proved = ((hashes & _ONE) == _ONE) & ((hashes[:, :1] & _ONE) == _ONE)
                proved[:, 0] = False
                row, place = np.nonzero(proved)
                others = self._others(row, place - 1)
                store.add_keyed([(key, hashes[row, place])], others, np.ones(len(row), bool))
                hashes = np.where(proved, _U64(0), hashes)
            has |= _has_several(hashes)
            keys.append((key, hashes))
        names = np.where((had & ~has)[:, None], _U64(0), self.names)
        return replace(self, keys=keys, names=names)

    def add_as_one(self, store: UnitStore) -> None:
        """Add the rows with all keys of their cells as one person's."""
        store.add_keyed([c for key, hashes in self.keys for c in _columns_of(key, hashes)], self.rows)

    def add_apart(self, store: UnitStore, own: frozenset[str]) -> None:
        """Add the rows with the first keys, further persons for the others. own: columns of one person."""
        first: KeyColumns = [(key, hashes[:, 0]) for key, hashes in self.keys]
        first += [c for key, h in self.keys if key.column in own for c in _columns_of(key, h[:, 1:])]
        store.add_keyed(first, self.rows)
        others = [(key, hashes[:, 1:]) for key, hashes in self.keys if key.column not in own]
        is_keyed = np.zeros((len(self), max([self.names.shape[1], *(h.shape[1] for _, h in others)])), bool)
        for _, hashes in others:
            is_keyed[:, :hashes.shape[1]] |= hashes != 0
        row, place = np.nonzero(is_keyed)
        if len(row):
            columns = [(key, _at(hashes, row, place)) for key, hashes in others]
            store.add_keyed(columns, self._others(row, place))
        lone = (self.names != 0) & ~is_keyed[:, :self.names.shape[1]]
        for at in range(lone.shape[1]):
            here = lone[:, at]
            bits = self.rows.bits[here] & ~AGE_BITS
            store.add_keyless(later_reading(self.reading, at), self.places[here], self.names[here, at], bits)

    def _others(self, row: np.ndarray, place: np.ndarray) -> KeyedRows:
        """The rows as they speak of further persons, each by its row and its place, from 0."""
        name = _at(self.names, row, place) if self.names.shape[1] else None
        return KeyedRows(name, self.rows.bits[row] & ~AGE_BITS, self.rows.ordinals[row])

    def ask(self, evidence_of_keys: Sequence[PairEvidence], keys: Sequence[KeyColumn]) -> None:
        """Add what the cells say to the evidence of each column of keys."""
        tables = {id(key): hashes for key, hashes in self.keys}
        for key, evidence in zip(keys, evidence_of_keys, strict=False):
            hashes = tables[id(key)]
            number = (hashes != 0).sum(axis=1)
            cells = number > 1
            names = 1 + (self.names != 0).sum(axis=1)
            assert isinstance(evidence, CellEvidence)
            evidence.add_cells(hashes[cells])
            evidence.as_named += int((number == names)[cells].sum())


def _size_class(number: np.ndarray) -> np.ndarray:
    """Equal for numbers of keys that fill tables of one width, int64."""
    return np.ceil(np.log2(np.maximum(number, 1))).astype(np.int64)


def later_reading(reading: RoleReading, place: int) -> RoleReading:
    """Return the reading in which the further persons of a place stand, by the same places of rows."""
    return (reading[0] and f"{reading[0]}\x1f{place}"), reading[1]


def _has_several(hashes: np.ndarray) -> np.ndarray:
    """bool per row: does its cell hold several keys? hashes: of shape (rows, keys)."""
    return np.asarray((hashes[:, 1:] != 0).any(axis=1))


def _columns_of(key: KeyColumn, hashes: np.ndarray) -> KeyColumns:
    """The first, second ... keys of cells as columns. hashes: of shape (rows, keys)."""
    return [(key, column) for column in hashes.T]


def _at(hashes: np.ndarray, row: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Hashes by row and place; 0 where there are not so many places."""
    if not hashes.shape[1]:
        return np.zeros(len(row), _U64)
    within = place < hashes.shape[1]
    return np.where(within, hashes[row, np.where(within, place, 0)], _U64(0))


def cell_evidence(plan: RowPlan, keys: Sequence[KeyColumn], name: str) -> list[CellEvidence]:
    """Return places for what cells say of columns of keys, and of a column of names, if there is one."""
    evidence: list[CellEvidence] = [
        CellEvidence(unlikely=key.label in IDENTITY_KEYS | ACCOUNT_KEYS or key.column in plan.group_cells)
        for key in keys
    ]
    return [*evidence, NameEvidence()] if name else evidence
