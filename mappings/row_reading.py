"""What the rows of a batch say of the persons of one role: filled fields, name, birthday, keys by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from detectors.model import ColumnId
from mappings import name_forms
from mappings.account_scopes import hash_scope
from mappings.mixed_cells import LabelScope, keys_of_other_kinds
from mappings.person_keys import (
    KeyHashes,
    birth_days,
    hash_all_keys,
    hash_keys,
    is_filled,
    is_minor,
    join_texts,
    largest_number,
)
from mappings.person_records import MINOR_BIT, soft_key
from mappings.row_columns import KeyColumn, RowPlan

_U64 = np.uint64
MASKED = _U64(name_forms.MASKED)
KeyColumns = list[tuple[KeyColumn, np.ndarray]]          # a column of keys with a hash per row
Batch = Mapping[str, pa.Array]                           # columns by name, of equal lengths


class RowKey(NamedTuple):
    """What rows are read with: the installation's secret, the day of the count, the bit of each field."""

    secret: bytes
    as_of: date
    bits: Mapping[ColumnId, int]


@dataclass(slots=True)
class RoleRows:
    """What one role's columns say of the rows of a batch; arrays of one entry a row.

    bits: fields filled, and MINOR. leaves: is one of them filled? A row whose exported fields are all blank
    sends nobody abroad. name: hash, or None where no column holds one. soft: key of name and day of birth, 0
    where there is none.
    """

    bits: np.ndarray
    leaves: np.ndarray
    name: np.ndarray | None
    soft: np.ndarray


@dataclass(slots=True)
class KeyedRows:
    """Rows of a batch whose keys stand beside: name, filled fields, name and birthday as a key, ordinals."""

    name: np.ndarray | None
    bits: np.ndarray
    soft: np.ndarray | None
    ordinals: np.ndarray


@dataclass(slots=True)
class CellKeys:
    """Keys of a batch by columns; a column that holds several kinds stands once for each of these.

    columns: (kind, column that holds it, the kind it holds elsewhere). spaces: largest numbers of accounts,
    by kind. placeholders: cells that held one.
    """

    keys: list[KeyColumn] = field(default_factory=list)
    hashes: list[KeyHashes] = field(default_factory=list)
    columns: list[tuple[LabelScope, ColumnId, LabelScope | None]] = field(default_factory=list)
    spaces: dict[LabelScope, float] = field(default_factory=dict)
    placeholders: int = 0

    def add(self, key: KeyColumn, hashes: KeyHashes, column: ColumnId, beside: LabelScope | None) -> None:
        """Add a column of keys."""
        self.keys.append(key)
        self.hashes.append(hashes)
        self.columns.append(((key.label, key.scope), column, beside))
        self.placeholders += hashes.cut if key.sure else 0


def keys_of_cells(plan: RowPlan, role: str, batch: Batch, secret: bytes) -> CellKeys:
    """Return the keys of one role's persons."""
    cells = CellKeys()
    for key in (k for k in plan.keys if k.role == role):
        hashes = hash_all_keys(batch[key.column], key.compared_as, hash_scope(key.scope), secret)
        kind, column = (key.label, key.scope), id_of_key(plan, key)
        if hash_scope(key.scope) != key.scope:
            largest = largest_number(batch[key.column])
            cells.spaces[kind] = max(cells.spaces.get(kind, 0.0), largest)
        cells.add(key, hashes, column, None)
        for other, others in keys_of_other_kinds(key, hashes, batch[key.column], secret):
            cells.add(other, others, column, kind)
    return cells


def role_rows(plan: RowPlan, batch: Batch, role: str, key: RowKey) -> RoleRows:
    """Return what is filled, who is named, and who is under fourteen."""
    own = [e for e in plan.exported if e.role == role]
    bits = np.zeros(len(batch[own[0].column]), _U64)
    for e in own:
        bits |= is_filled(batch[e.column]).astype(_U64) << _U64(key.bits[e.id])
    name = None
    if role in plan.names:
        texts = batch[plan.names[role]]
        if role in plan.first_names:
            texts = join_texts(texts, batch[plan.first_names[role]])
        name, _ = hash_keys(texts, "person_name", "name", key.secret)
    rows = RoleRows(bits, bits != 0, name, np.zeros(len(bits), _U64))
    if role in plan.births:
        column, label = plan.births[role]
        rows.bits |= np.where(is_minor(batch[column], label, key.as_of), MINOR_BIT, _U64(0))
        if name is not None and label == "birth_date":
            full = np.where((name & MASKED) == 0, name, _U64(0))
            rows.soft = soft_key(full, birth_days(batch[column]))
    return rows


def first_keys(keys: Sequence[KeyColumn], hashes: Sequence[KeyHashes]) -> KeyColumns:
    """Return each column with the first key of its cells."""
    return [(key, h.first) for key, h in zip(keys, hashes, strict=True)]


def further_keys_of_cells(keys: Sequence[KeyColumn], hashes: Sequence[KeyHashes]) -> KeyColumns:
    """Return columns of the second and later keys of cells, each under the column that holds them."""
    columns: KeyColumns = []
    for key, h in zip(keys, hashes, strict=True):
        rows, further = h.further_rows, h.further
        while len(rows):
            later, at = np.zeros(len(h.first), _U64), np.unique(rows, return_index=True)[1]
            later[rows[at]] = further[at]
            columns.append((key, later))
            rows, further = np.delete(rows, at), np.delete(further, at)
    return columns


def id_of_key(plan: RowPlan, key: KeyColumn) -> ColumnId:
    """Return the id of a key's column, which may not leave itself."""
    own = [e for e in plan.exported if e.column == key.column]
    if own:
        return own[0].id
    return ColumnId(f"{plan.exported[0].id.rpartition('/')[0]}/{key.column}")
