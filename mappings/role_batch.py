"""Rows of a batch as they speak of the persons of one role: added to a store, cells of several keys apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mappings.masked_pairs import masked_rows
from mappings.numbered_rows import RoleReading
from mappings.person_keys import KeyHashes, hash_keys
from mappings.person_records import AGE_BITS, BORN, soft_key
from mappings.row_columns import SERVING_ROLES, RowPlan
from mappings.row_reading import (
    MASKED,
    Batch,
    CellKeys,
    KeyedRows,
    RoleRows,
    RowKey,
    first_keys,
    keys_of_cells,
    role_rows,
)
from mappings.shared_cells import SharedCells, later_reading
from mappings.unit_store import UnitStore

_U64 = np.uint64


@dataclass(frozen=True, slots=True)
class RoleBatch:
    """keyed, several: bool per row: does it leave with a key; does a cell hold several keys or names?

    device: hash per row, or None where no column holds one.
    """

    role: str
    rows: RoleRows
    cells: CellKeys
    keyed: np.ndarray
    several: np.ndarray
    device: np.ndarray | None

    @classmethod
    def of(cls, plan: RowPlan, batch: Batch, role: str, key: RowKey) -> RoleBatch:
        """Return what the rows of a batch say of one role's persons."""
        cells = keys_of_cells(plan, role, batch, key.secret, key.places)
        rows = role_rows(plan, batch, role, key, cells)
        keyed, several = np.zeros(len(rows.bits), bool), np.zeros(len(rows.bits), bool)
        for h in cells.hashes:
            keyed |= h.first != 0
            several[h.further_rows] = True
        several[rows.further_names[1]] = True
        if role in plan.keyed_roles:
            is_named = rows.name != 0 if rows.name is not None else False
            is_masked = np.zeros(len(keyed), bool)
            for own in (k for k in plan.keys if k.role == role and k.beside):
                is_masked |= masked_rows(batch[own.column], batch[own.beside])[1]
            rows.leaves &= keyed | is_named | is_masked
        keyed &= rows.leaves
        device = None
        if role in plan.devices and (rows.leaves & ~keyed).any():
            device, _ = hash_keys(batch[plan.devices[role]], "device_id", "device_id", key.secret)
        return cls(role, rows, cells, keyed, several, device)

    def place_kinds(self, store: UnitStore) -> None:
        """Give places to the kinds of keys of all columns, whatever this batch holds."""
        kinds = [kind for kind, _, beside in self.cells.columns if beside is None]
        for kind in [*kinds, *(self.rows.traits if kinds else ())]:
            store.place(kind)

    def add_to(
        self, store: UnitStore, reading: str, first_row: int, places: np.ndarray
    ) -> list[SharedCells]:
        """Add the rows to a store; return those with several keys or names in a cell, which are not added.

        first_row: ordinal of the first row. places: of the rows in their reading.
        """
        store.note_keys(self.cells, first_row)
        name, rows = self._names(), self.rows
        ordinals = np.arange(first_row, first_row + len(rows.bits))
        keyed_rows = KeyedRows(name, rows.bits, ordinals, rows.traits)
        columns = first_keys(self.cells.keys, self.cells.hashes)
        store.add_keyed(columns, keyed_rows, self.keyed & ~self.several)
        where = reading, self.role
        first = np.zeros(len(places), _U64) if name is None else name
        names = KeyHashes(first, 0, *rows.further_names)
        several = self.keyed & self.several
        shared = list(SharedCells.by_size(self.cells, names, keyed_rows, several, (where, places)))
        lone = rows.leaves & ~self.keyed
        self._add_lone(names, lone, store, (where, places))
        lone_names = self._lone_names(name, lone)
        store.add_keyless(where, places[lone], lone_names[lone], rows.bits[lone])
        return shared

    def _add_lone(
        self, names: KeyHashes, lone: np.ndarray, store: UnitStore, where: tuple[RoleReading, np.ndarray]
    ) -> None:
        """Add who is named beside another one in rows without a key: nothing proves they are one person."""
        reading, places = where
        here = lone[names.further_rows]
        further, rows = names.further[here], names.further_rows[here]
        place = np.arange(len(rows)) - np.searchsorted(rows, rows)
        bits = self.rows.bits[rows] & ~AGE_BITS
        for value in np.unique(place).tolist():
            at = place == value
            store.add_keyless(later_reading(reading, value), places[rows[at]], further[at], bits[at])

    def _names(self) -> np.ndarray | None:
        """Names, but for masked ones without a key, which are no evidence of who it is.

        Of whoever serves many, they are: 张经理 in many rows is rather one person than as many.
        """
        name, traits = self.rows.name, self.rows.traits
        if name is None:
            return None
        unkeyed = name & ~MASKED if self.role in SERVING_ROLES else _U64(0)
        name = np.where(self.keyed | ((name & MASKED) == 0), name, unkeyed)
        if BORN in traits:                    # without a key, both together are the best evidence
            soft = soft_key(name, traits[BORN])
            name = np.where(self.keyed | (soft == 0), name, soft)
        return name

    def _lone_names(self, name: np.ndarray | None, lone: np.ndarray) -> np.ndarray:
        """Names of the rows without a key, or the device where there is none."""
        if name is None:
            return np.zeros(len(lone), _U64) if self.device is None else self.device
        return name if self.device is None else np.where(lone & (name == 0), self.device, name)
