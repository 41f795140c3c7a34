"""Rows of which a cell holds several keys or several names: one person's, or several people's?

Two valid resident IDs are two persons. Names that signs part are taken for as many people in `best` and
`high`, for one in `low`. Of other keys the rows are asked; what stays open, and what words, the kind of key
or as many names beside make unlikely to be one person's, is counted both ways. The second key of each column
and the second name are taken for one and the same person's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mappings.numbered_rows import RoleReading
from mappings.open_rows import OpenRows
from mappings.pair_evidence import CellEvidence, NameEvidence
from mappings.person_keys import ACCOUNT_KEYS, IDENTITY_KEYS
from mappings.person_records import AGE_BITS
from mappings.row_columns import KeyColumn, RowPlan
from mappings.row_reading import CellKeys, KeyColumns, KeyedRows, first_keys, later_keys
from mappings.unit_store import UnitStore

_U64 = np.uint64
_ONE = np.uint64(1)


@dataclass(frozen=True, slots=True)
class SharedCells:
    """Rows of a batch of which some cells hold several keys or names.

    later: by place (second, third ...) the columns with a key there. names: the same of names. which: the
    rows that are meant, bool. places: of the rows in their reading.
    """

    cells: CellKeys
    later: Sequence[KeyColumns]
    names: Sequence[np.ndarray]
    rows: KeyedRows
    which: np.ndarray
    reading: RoleReading
    places: np.ndarray

    @classmethod
    def of(
        cls, cells: CellKeys, names: Sequence[np.ndarray], rows: KeyedRows, which: np.ndarray,
        where: tuple[RoleReading, np.ndarray],
    ) -> SharedCells:
        """Return the rows of a batch. where: their reading and their places in it."""
        later: list[KeyColumns] = []
        for key, hashes in zip(cells.keys, cells.hashes, strict=True):
            for place, column in enumerate(later_keys(hashes)):
                if place == len(later):
                    later.append([])
                later[place].append((key, column))
        return cls(cells, later, names, rows, which, *where)

    def questions(self, plan: RowPlan) -> Iterator[tuple[SharedCells, list[KeyColumn], str]]:
        """Yield rows with columns of several keys, and of several names, whose subjects are open.

        Rows with several in the same columns stand together, whatever else is in the batch.
        """
        open_columns = self._columns(plan)
        signature = np.zeros(len(self.which), np.int64)
        for place, (_, several) in enumerate(open_columns):
            signature |= several.astype(np.int64) << place
        for value in np.unique(signature[self.which]).tolist():
            columns = [c for place, (c, _) in enumerate(open_columns) if value >> place & 1]
            keys = [column for column in columns if isinstance(column, KeyColumn)]
            name = next((column for column in columns if isinstance(column, str)), "")
            yield replace(self, which=self.which & (signature == value)), keys, name

    def _columns(self, plan: RowPlan) -> list[tuple[KeyColumn | str, np.ndarray]]:
        """Columns of keys, and of names, with bool per row: do they hold several that are open?"""
        columns: list[tuple[KeyColumn | str, np.ndarray]] = []
        for key in self.cells.keys:
            later = [[pair] for each in self.later for pair in each if pair[0] is key]
            if later and key.column not in plan.own_cells:
                columns.append((key, _rows_with(later, len(self.which))))
        name = plan.names.get(self.reading[1], "")
        if self.names and name not in plan.own_cells:
            columns.append((name, np.any([names != 0 for names in self.names], axis=0)))
        return columns

    def without_proved(self, store: UnitStore) -> SharedCells:
        """Add the holders of further valid resident IDs to a store; return the rows without these keys."""
        later: list[KeyColumns] = []
        first = {id(key): h.first for key, h in zip(self.cells.keys, self.cells.hashes, strict=True)}
        for place, columns in enumerate(self.later):
            others: KeyColumns = []
            for key, hashes in columns:
                if key.label == "resident_id" and not key.hidden:
                    proved = ((hashes & _ONE) == _ONE) & ((first[id(key)] & _ONE) == _ONE)
                    store.add_keyed([(key, np.where(proved, hashes, _U64(0)))], self._others(place),
                                    self.which & proved)
                    hashes = np.where(proved, _U64(0), hashes)
                others.append((key, hashes))
            later.append(others)
        proved_rows = _rows_with(self.later, len(self.which)) & ~_rows_with(later, len(self.which))
        names = [np.where(proved_rows, _U64(0), each) for each in self.names]
        return replace(self, later=later, names=names)

    def add_as_one(self, store: UnitStore) -> None:
        """Add the rows with all keys of their cells as one person's."""
        columns = [*first_keys(self.cells.keys, self.cells.hashes), *(c for each in self.later for c in each)]
        store.add_keyed(columns, self.rows, self.which)

    def add_apart(self, store: UnitStore, own: frozenset[str]) -> None:
        """Add the rows with the first keys, further persons for the others. own: columns of one person."""
        columns = first_keys(self.cells.keys, self.cells.hashes)
        columns += [(k, h) for each in self.later for k, h in each if k.column in own]
        store.add_keyed(columns, self.rows, self.which)
        for place in range(max(len(self.later), len(self.names))):
            rows = self._others(place)
            later = self.later[place] if place < len(self.later) else []
            later = [(key, hashes) for key, hashes in later if key.column not in own]
            keyed = self.which & _rows_with([later], len(self.which))
            store.add_keyed(later, rows, keyed)
            if rows.name is not None:
                lone = self.which & ~keyed & (rows.name != 0)
                store.add_keyless(
                    self.later_reading(place), self.places[lone], rows.name[lone], rows.bits[lone]
                )

    def later_reading(self, place: int) -> RoleReading:
        """Return the reading in which the further persons of a place stand, by the same places of rows."""
        return (self.reading[0] and f"{self.reading[0]}\x1f{place}"), self.reading[1]

    def _others(self, place: int) -> KeyedRows:
        """The rows as they speak of the further person of a place."""
        name = self.names[place] if place < len(self.names) else None
        return KeyedRows(name, self.rows.bits & ~AGE_BITS, self.rows.ordinals)

    def ask(self, both: OpenRows, keys: Sequence[KeyColumn]) -> None:
        """Add what the cells say to the evidence of each column of keys."""
        for key, evidence in zip(keys, both.evidence, strict=False):
            matrix = np.stack(list(self._hashes_of(key)), axis=1)
            number = (matrix != 0).sum(axis=1)
            cells = self.which & (number > 1)
            names = 1 + np.sum([names != 0 for names in self.names], axis=0) if self.names else number * 0
            assert isinstance(evidence, CellEvidence)
            evidence.add_cells(matrix[cells])
            evidence.as_named += int((number == names)[cells].sum())

    def _hashes_of(self, key: KeyColumn) -> Iterator[np.ndarray]:
        """Yield the first, second ... keys of one column."""
        for other, hashes in zip(self.cells.keys, self.cells.hashes, strict=True):
            if other is key:
                yield hashes.first
        for columns in self.later:
            yield from (hashes for other, hashes in columns if other is key)


def _rows_with(columns: Sequence[KeyColumns], rows: int) -> np.ndarray:
    """bool per row: is there a key in any of the columns?"""
    some = np.zeros(rows, bool)
    for each in columns:
        for _, hashes in each:
            some |= hashes != 0
    return some


def cell_evidence(plan: RowPlan, keys: Sequence[KeyColumn], name: str) -> list[CellEvidence]:
    """Return places for what cells say of columns of keys, and of a column of names, if there is one."""
    evidence: list[CellEvidence] = [
        CellEvidence(unlikely=key.label in IDENTITY_KEYS | ACCOUNT_KEYS or key.column in plan.group_cells)
        for key in keys
    ]
    return [*evidence, NameEvidence()] if name else evidence
