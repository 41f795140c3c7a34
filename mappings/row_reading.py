"""What the rows of a batch say of the persons of one role: filled fields, name, birthday, keys by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.cn import person_name
from detectors.columns.kinship import are_relatives
from detectors.model import ColumnId
from mappings import name_forms
from mappings.account_scopes import hash_scope
from mappings.mixed_cells import LabelScope, keys_of_other_kinds
from mappings.number_ranges import NO_NUMBERS, NumberRange, number_range, wider_range
from mappings.person_keys import (
    NO_FURTHER,
    FurtherKeys,
    KeyHashes,
    age_bits,
    hash_all_keys,
    hash_births,
    hash_genders,
    hash_scopes,
    is_filled,
    join_texts,
)
from mappings.person_records import ADULT_BIT, BORN, GENDER
from mappings.row_columns import ADULT_ROLES, KeyColumn, RowPlan
from mappings.scope_hashes import within_rows, within_scope

_U64 = np.uint64
MASKED = _U64(name_forms.MASKED)
_MARKS = _U64(name_forms.HAN | name_forms.MASKED)
KeyColumns = list[tuple[KeyColumn, np.ndarray]]          # a column of keys with a hash per row
Batch = Mapping[str, pa.Array]                           # columns by name, of equal lengths


class RowKey(NamedTuple):
    """What rows are read with: the installation's secret, the day of the count, the bit of each field.

    places: of the rows in their reading.
    """

    secret: bytes
    as_of: date
    bits: Mapping[ColumnId, int]
    places: np.ndarray


@dataclass(slots=True)
class RoleRows:
    """What one role's columns say of the rows of a batch; arrays of one entry a row.

    bits: fields filled, and AGE_BITS. leaves: is one of them filled? A row whose exported fields are all
    blank sends nobody abroad. name: hash, or None where no column holds one. further_names: (names, rows), of
    cells that hold several. traits: hashes of what a person has one of, by kind, 0 where there is none.
    unread_births: cells that are filled and say no age.
    """

    bits: np.ndarray
    leaves: np.ndarray
    name: np.ndarray | None
    further_names: FurtherKeys = NO_FURTHER
    traits: dict[LabelScope, np.ndarray] = field(default_factory=dict)
    unread_births: int = 0


@dataclass(slots=True)
class KeyedRows:
    """Rows of a batch whose keys stand beside: name, filled fields, ordinals, traits by kind."""

    name: np.ndarray | None
    bits: np.ndarray
    ordinals: np.ndarray
    traits: Mapping[LabelScope, np.ndarray] = field(default_factory=dict)

    def take(self, rows: np.ndarray) -> KeyedRows:
        """Return the rows at some positions."""
        traits = {kind: hashes[rows] for kind, hashes in self.traits.items()}
        name = None if self.name is None else self.name[rows]
        return KeyedRows(name, self.bits[rows], self.ordinals[rows], traits)


@dataclass(slots=True)
class CellKeys:
    """Keys of a batch by columns; a column that holds several kinds stands once for each of these.

    columns: (kind, column that holds it, the kind it holds elsewhere). spaces: least and largest numbers of
    accounts, by kind. placeholders: cells that held one. samples: of accounts, see `account_samples`.
    """

    keys: list[KeyColumn] = field(default_factory=list)
    hashes: list[KeyHashes] = field(default_factory=list)
    columns: list[tuple[LabelScope, ColumnId, LabelScope | None]] = field(default_factory=list)
    spaces: dict[LabelScope, NumberRange] = field(default_factory=dict)
    placeholders: int = 0
    samples: dict[tuple[LabelScope, ColumnId], np.ndarray] = field(default_factory=dict)

    def add(self, key: KeyColumn, hashes: KeyHashes, column: ColumnId, beside: LabelScope | None) -> None:
        """Add a column of keys."""
        self.keys.append(key)
        self.hashes.append(hashes)
        self.columns.append(((key.label, key.scope), column, beside))
        self.placeholders += hashes.cut if key.sure else 0
        if len(hashes.sample):
            self.samples[(key.label, key.scope), column] = hashes.sample

    def first_rows(self) -> dict[LabelScope, int]:
        """Return the first row with a key of each kind of which only cells tell."""
        rows: dict[LabelScope, int] = {}
        for (kind, _, beside), hashes in zip(self.columns, self.hashes, strict=True):
            if beside is not None:
                row = int(np.argmax(hashes.first != 0))
                rows[kind] = min(row, rows.get(kind, row))
        return rows


def places_of_relatives(key: KeyColumn, batch: Batch, places: np.ndarray) -> np.ndarray:
    """Return per row what makes a key another person's in each row of a relative; 0 in the holder's rows."""
    return np.where(are_relatives(batch[key.kinship]), places.astype(_U64) + _U64(1), _U64(0))


def keys_of_cells(
    plan: RowPlan, role: str, batch: Batch, secret: bytes, places: np.ndarray
) -> CellKeys:
    """Return the keys of one role's persons. places: of the rows in their reading."""
    cells = CellKeys()
    for key in (k for k in plan.keys if k.role == role):
        values = _texts_with_keys(batch[key.column]) if key.in_text else batch[key.column]
        hashes = hash_all_keys(values, key.compared_as, hash_scope(key.scope), secret)
        kind, column = (key.label, key.scope), id_of_column(plan, key.column)
        if hash_scope(key.scope) != key.scope:
            numbers = number_range(batch[key.column])
            cells.spaces[kind] = wider_range(cells.spaces.get(kind, NO_NUMBERS), numbers)
        others = [*keys_of_other_kinds(key, hashes, batch[key.column], secret)]
        if key.kinship:
            hashes, others = within_rows(hashes, places_of_relatives(key, batch, places)), []
        if key.within:
            hashes = within_scope(hashes, hash_scopes(batch[key.within], secret))
        cells.add(key, hashes, column, None)
        for other, hashes_of_other in others:
            if key.typed and other.label == "other_id_document":
                hashes_of_other = within_scope(hashes_of_other, hash_scopes(batch[key.typed], secret))
            cells.add(other, hashes_of_other, column, kind)
    return cells


_MAY_HOLD_KEYS = r"1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}|[0-9]{17}|[^ ]@[^ ]|\+[0-9]{2}"


def _texts_with_keys(values: pa.Array) -> pa.Array:
    """Texts that may hold a number or an address; null for the others."""
    texts = values.cast(pa.string())
    return pc.if_else(pc.match_substring_regex(texts, _MAY_HOLD_KEYS), texts, pa.scalar(None, pa.string()))


def role_rows(
    plan: RowPlan, batch: Batch, role: str, key: RowKey, cells: CellKeys | None = None
) -> RoleRows:
    """Return what is filled, who is named, and who is under fourteen. cells: keys that were read before."""
    own = [e for e in plan.exported if e.role == role]
    bits = np.zeros(len(batch[own[0].column]), _U64)
    for e in own:
        bits |= is_filled(batch[e.column]).astype(_U64) << _U64(key.bits[e.id])
    rows = RoleRows(bits, bits != 0, None)
    if role in plan.names:
        texts = batch[plan.names[role]]
        if role in plan.first_names:
            texts = join_texts(texts, batch[plan.first_names[role]])
        names = hash_all_keys(texts, "person_name", "name", key.secret)
        others = [names.further], [names.further_rows]
        for column in plan.open_names(role):
            other = hash_all_keys(batch[column], "person_name", "name", key.secret).first
            is_another = (other != names.first) & ((other ^ names.first) & _MARKS == 0) & (other != 0)
            is_another &= _are_comparable(texts, batch[column])
            is_another |= _begin_otherwise(texts, batch[column]) & (other != 0) & (names.first != 0)
            others[0].append(other[is_another])
            others[1].append(np.flatnonzero(is_another))
        further, of_rows = np.concatenate(others[0]), np.concatenate(others[1])
        order = np.argsort(of_rows, kind="stable")
        rows.name, rows.further_names = names.first, (further[order], of_rows[order])
    rows.bits |= _ages(plan, batch, role, key.as_of, _valid_numbers(cells) if cells is not None else {})
    if role in plan.births:
        column, label = plan.births[role]
        if label == "birth_date":
            rows.traits[BORN] = born = hash_births(batch[column], key.secret)
            rows.unread_births = int((is_filled(batch[column]) & (born == 0) & rows.leaves).sum())
    if role in plan.genders:
        rows.traits[GENDER] = hash_genders(batch[plan.genders[role]], key.secret)
    return rows


_FAMILIES = "".join(sorted(person_name.SURNAMES))
# of names: in letters, where a whole one has several words; of these Latin ones; in syllables
_SCRIPTS = (
    r"[\p{Latin}\p{Cyrillic}\p{Greek}\p{Arabic}\p{Hebrew}]", r"\p{Latin}", r"[\p{Hiragana}\p{Katakana}]",
)


def _begin_otherwise(one: pa.Array, another: pa.Array) -> np.ndarray:
    """bool per row: are both Chinese names, of other families? So masked ones are, too: 张经理, 王伟."""
    sides = [texts.cast(pa.string()).fill_null("") for texts in (one, another)]
    first = [pc.utf8_slice_codeunits(side, 0, 1) for side in sides]
    are_families = [np.asarray(pc.match_substring_regex(side, f"^[{_FAMILIES}]")) for side in sides]
    return np.asarray(pc.not_equal(*first)) & np.logical_and(*are_families)


def _are_comparable(one: pa.Array, another: pa.Array) -> np.ndarray:
    """bool per row: are two names whole and in one script, so that different ones are two people's?"""
    sides = [texts.cast(pa.string()).fill_null("") for texts in (one, another)]
    scripts = [[np.asarray(pc.match_substring_regex(side, script)) for script in _SCRIPTS] for side in sides]
    are_alike = np.logical_and.reduce([a == b for a, b in zip(*scripts, strict=True)])
    are_whole = np.logical_and.reduce([
        np.asarray(pc.match_substring_regex(side, r"[^\s,]+[\s,]+[^\s,]+")) for side in sides
    ])
    return np.asarray(are_alike & (are_whole | ~scripts[0][0]))


def _valid_numbers(cells: CellKeys) -> dict[str, np.ndarray]:
    """Which cells of each column of resident IDs begin with a valid one, bool per row."""
    return {
        key.column: (hashes.first & _U64(1)) == _U64(1)
        for key, hashes in zip(cells.keys, cells.hashes, strict=True)
        if key.label == "resident_id" and not (key.hidden or key.kinship or key.within or key.in_text)
    }


def _ages(
    plan: RowPlan, batch: Batch, role: str, on: date, valid: Mapping[str, np.ndarray]
) -> np.ndarray:
    """uint64 per row: how old by the first column that says it: a date of birth, a resident ID, an age.

    valid: which cells of columns are resident IDs that pass their check.
    """
    sources = [plan.births[role]] if role in plan.births else []
    sources += [(k.column, k.label) for k in plan.keys
                if k.role == role and k.label == "resident_id" and k.sure and not k.hidden]
    sources += [(plan.ages[role], "age")] if role in plan.ages else []
    bits = np.zeros(len(next(iter(batch.values()))), _U64)
    for column, label in dict.fromkeys(sources):
        is_open = bits == 0
        for own in (k for k in plan.keys if k.column == column and k.kinship):
            is_open &= ~are_relatives(batch[own.kinship])            # there it is the holder's
        rest = np.flatnonzero(is_open)
        values = batch[column]
        are_valid = valid.get(column) if label == "resident_id" else None
        if len(rest) < len(values):
            values, are_valid = values.take(pa.array(rest)), None if are_valid is None else are_valid[rest]
        bits[rest] = age_bits(values, label, on, are_valid)
    if role in ADULT_ROLES:
        bits[bits == 0] = ADULT_BIT
    return bits


def first_keys(keys: Sequence[KeyColumn], hashes: Sequence[KeyHashes]) -> KeyColumns:
    """Return each column with the first key of its cells."""
    return [(key, h.first) for key, h in zip(keys, hashes, strict=True)]


def id_of_column(plan: RowPlan, column: str) -> ColumnId:
    """Return the id of a column of keys or names, which may not leave itself."""
    own = [e for e in plan.exported if e.column == column]
    if own:
        return own[0].id
    return ColumnId(f"{plan.exported[0].id.rpartition('/')[0]}/{column}")
