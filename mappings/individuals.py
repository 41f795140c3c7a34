"""How many natural persons: rows link by shared keys of one subject, and the answer is an interval.

low   everything that could be one person is one: every shared key links, and kinds of keys that never meet in
      a row are taken for the same people; two different valid resident IDs stay two persons all the same.
best  shared keys link, except a phone or e-mail shared under different names or IDs, and values shared by
improbably many.
high  nothing merges without proof: an equal identity number or scoped user id, or an equal phone or e-mail
      where names agree; a row without any key is a person of its own.

A name with a day of birth links in `low` alone: of many people some share both. An identity number that fails
its check proves nothing: in `low`, whoever has no other key may be somebody else's number mistyped. Who
registered twice and left nothing in common cannot be seen by anybody.

Linking uses every key of a row, exported or not, so dropping a field changes nobody's identity. The result is
a histogram of persons by which exported fields are filled; it holds no key and no value, and every later
question is answered from it.

Source of the unit: 促进和规范数据跨境流动规定答记者问 问11 (自然人, 去重).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from detectors.message import Text
from detectors.model import ColumnId
from detectors.renamed import old_names
from mappings.field_bits import FieldBits
from mappings.histogram import count_tally
from mappings.keyless import PLACE_BITS, KeylessRows, PartialCount
from mappings.ledger import PersonSet
from mappings.model import Tally
from mappings.person_hashes import person_hashes
from mappings.person_keys import birth_days, hash_keys, is_filled, is_minor
from mappings.person_records import MINOR_BIT, SOFT_KEY, Pile, Slots, Units, soft_key
from mappings.row_columns import ExportedColumn, KeyColumn, RowPlan
from mappings.tally import UnitPiles, tally_units

CHEAP_ROWS = 2_000_000                        # rows that are linked without further thought
_U64 = np.uint64


@dataclass(slots=True)
class _RoleRows:
    """What one role's columns say of the rows of a batch; arrays of one entry a row.

    bits: fields filled, and MINOR. leaves: is one of them filled? A row whose exported fields are all blank
    sends nobody abroad. name: hash, or None where no column holds one. soft: key of name and day of birth, 0
    where there is none.
    """

    bits: np.ndarray
    leaves: np.ndarray
    name: np.ndarray | None
    soft: np.ndarray


class PersonCounter:
    """Streams rows in, keeps keyed hashes, gives out a Tally.

    One key for all entities of a group and year.
    """

    def __init__(self, key: bytes, as_of: date, fields: Sequence[ExportedColumn] = ()) -> None:
        self._key = key
        self._as_of = as_of
        self._fields = FieldBits.of(fields)
        self._slots: dict[tuple[str, str], int] = {}         # (label, scope) of a kind of key -> its place
        self._piles: dict[Slots, Pile] = {}
        self._keyless: dict[tuple[int, int], int] = {}       # (name, bits) -> rows
        self.rows = 0
        self.placeholders = 0
        self.excluded = 0                     # rows of test accounts
        self.spoiled: list[Text] = []         # what could not be read whole
        self._tally: Tally | None = None      # while nothing is added

    def snapshot(self) -> Callable[[], None]:
        """Remember this moment; return what goes back to it, as if nothing had been added since."""
        piles = {
            slots: (pile.settled, list(pile.pending), pile.waiting) for slots, pile in self._piles.items()
        }
        keyless, slots = dict(self._keyless), dict(self._slots)
        counts = self.rows, self.placeholders, self.excluded

        def undo() -> None:
            self._tally = None
            self._piles = {}
            for which, (settled, pending, waiting) in piles.items():
                pile = self._piles[which] = Pile()
                pile.settled, pile.pending, pile.waiting = settled, list(pending), waiting
            self._keyless, self._slots = dict(keyless), dict(slots)
            self.rows, self.placeholders, self.excluded = counts

        return undo

    def add(self, plan: RowPlan, batch: Mapping[str, pa.Array]) -> None:
        """Count the rows of a batch; columns by name, equal lengths."""
        self._tally = None
        first_row = self.rows
        self.rows += len(next(iter(batch.values()))) if batch else 0
        for role in sorted({e.role for e in plan.exported}):
            self._add_role(plan, batch, role, first_row)

    def _add_role(self, plan: RowPlan, batch: Mapping[str, pa.Array], role: str, first_row: int) -> None:
        """Count the rows of a batch for the persons of one role."""
        rows = self._role_rows(plan, batch, role)
        keys = [k for k in plan.keys if k.role == role]
        hashes = [self._key_hashes(k, batch) for k in keys]
        keyed = np.zeros(len(rows.bits), bool)
        for h in hashes:
            keyed |= h != 0
        keyed &= rows.leaves
        slots, matrix = self._hashes_by_slot(keys, hashes, len(rows.bits))
        if keys and rows.name is not None and plan.births.get(role, ("", ""))[1] == "birth_date":
            soft_slot = self._slots.setdefault(SOFT_KEY, len(self._slots))  # whatever this batch holds
            slots, matrix = (*slots, soft_slot), np.column_stack([matrix, rows.soft])
        name = rows.name
        if name is not None and rows.soft.any():
            # without a key, the name with the day of birth is the best evidence
            name = np.where(keyed | (rows.soft == 0), name, rows.soft)
        self._add_to_pile(
            slots, Units(matrix, name, rows.bits, np.arange(first_row, first_row + len(rows.bits))), keyed
        )
        lone = rows.leaves & ~keyed
        if role in plan.devices and lone.any():
            device, _ = hash_keys(batch[plan.devices[role]], "device_id", "device_id", self._key)
            name = device if name is None else np.where(lone & (name == 0), device, name)
        names = name[lone] if name is not None else np.zeros(int(lone.sum()), _U64)
        self._count_keyless(names, rows.bits[lone])

    def _role_rows(self, plan: RowPlan, batch: Mapping[str, pa.Array], role: str) -> _RoleRows:
        """What is filled, who is named, and who is under fourteen."""
        own = [e for e in plan.exported if e.role == role]
        bits = np.zeros(len(batch[own[0].column]), _U64)
        for e in own:
            bits |= is_filled(batch[e.column]).astype(_U64) << _U64(self._fields.bits[e.id])
        name = None
        if role in plan.names:
            name, _ = hash_keys(batch[plan.names[role]], "person_name", "name", self._key)
        rows = _RoleRows(bits, bits != 0, name, np.zeros(len(bits), _U64))
        if role in plan.births:
            column, label = plan.births[role]
            rows.bits |= np.where(is_minor(batch[column], label, self._as_of), MINOR_BIT, _U64(0))
            if name is not None and label == "birth_date":
                rows.soft = soft_key(name, birth_days(batch[column]))
        return rows

    def _key_hashes(self, key: KeyColumn, batch: Mapping[str, pa.Array]) -> np.ndarray:
        """Hashes of a key column; cells that hold a placeholder are counted."""
        hashes, placeholders = hash_keys(batch[key.column], key.compared_as, key.scope, self._key)
        self.placeholders += placeholders if key.sure else 0
        return hashes

    def _hashes_by_slot(
        self, keys: Sequence[KeyColumn], hashes: Sequence[np.ndarray], rows: int
    ) -> tuple[Slots, np.ndarray]:
        """Kinds of keys in order, and a column of hashes for each.

        A second column of a kind stands as a kind of its own in the pile.
        """
        places = [self._slots.setdefault((k.label, k.scope), len(self._slots)) for k in keys]
        order = sorted(range(len(keys)), key=places.__getitem__)
        matrix = np.stack([hashes[i] for i in order], axis=1) if order else np.zeros((rows, 0), _U64)
        return tuple(places[i] for i in order), matrix

    def _add_to_pile(self, slots: Slots, units: Units, which: np.ndarray) -> None:
        """Add the units marked in `which` to the pile of their kinds of keys."""
        if not which.any():
            return
        if len(slots) == 1 and units.name is None:
            units = replace(units, first_row=None)           # no choice will hang on the order
        self._piles.setdefault(slots, Pile()).add(units.select(which))

    def _count_keyless(self, name: np.ndarray, bits: np.ndarray, rows: np.ndarray | None = None) -> None:
        """Add rows without a key. rows: how many each entry stands for; None: one."""
        if not len(bits):
            return
        pairs, inverse = np.unique(np.stack([name, bits], axis=1), axis=0, return_inverse=True)
        weights = np.bincount(inverse.ravel(), weights=rows).astype(np.int64)
        for (who, filled), weight in zip(pairs.tolist(), weights.tolist(), strict=True):
            self._keyless[who, filled] = self._keyless.get((who, filled), 0) + weight

    def absorb(
        self, other: PersonCounter, without: Collection[ColumnId] = (), *, whole: bool = False
    ) -> None:
        """Add the persons of another flow, less some fields, to a counter without fields or made by `over`.

        Fields are reduced to three: sensitive, perhaps sensitive, ordinary. whole: the fields stay as they
        are; `over` prepared their bits.
        """
        self._tally = None
        to = {place: self._slots.setdefault(kind, len(self._slots)) for kind, place in other._slots.items()}
        if whole:
            convert = other._fields.mover(self._fields.bits, without)
        else:
            convert = other._fields.reducer(without, self._fields.shift)
        for slots, pile in other._piles.items():
            u = pile.units()
            bits = convert(u.bits)
            order = sorted(range(len(slots)), key=lambda i: to[slots[i]])
            first_row = u.first_row + self.rows if u.first_row is not None else None
            units = Units(u.keys[:, order], u.name, bits, first_row)
            self._add_to_pile(tuple(to[slots[i]] for i in order), units, (bits & ~MINOR_BIT) != 0)
        if other._keyless:
            pairs = np.array(list(other._keyless), _U64)
            bits = convert(pairs[:, 1])
            leaves = (bits & ~MINOR_BIT) != 0
            self._count_keyless(
                pairs[leaves, 0], bits[leaves], np.array(list(other._keyless.values()))[leaves]
            )
        if not whole:
            self._fields.add_reduced()
        self.rows += other.rows
        self.placeholders += other.placeholders
        self.spoiled += other.spoiled

    def part(self, split: int, before: int = 0) -> PartialCount:
        """Return everything counted, for another counter of the same fields to merge.

        split: which of a table's splits these rows are of. before: how many of its rows were counted before
        them. All rows must be of one table.
        """
        place = (split << PLACE_BITS) + before
        piles = {
            slots: Units(u.keys, u.name, u.bits, None if u.first_row is None else u.first_row + place)
            for slots, u in self._folded_units().items()
        }
        pairs = np.array(list(self._keyless), _U64).reshape(-1, 2)
        keyless = KeylessRows(pairs[:, 0], pairs[:, 1], np.array(list(self._keyless.values()), np.int64))
        return PartialCount(
            tuple(self._kinds()), piles, keyless, {split: self.rows}, self.placeholders, self.excluded
        )

    def merge(self, part: PartialCount) -> None:
        """Add what was counted elsewhere, its rows after all there are.

        The tally is as if they had been added here, split after split.
        """
        self._tally = None
        part = part.with_ordinals(self.rows)
        to = [self._slots.setdefault(kind, len(self._slots)) for kind in part.kinds]
        last = self._slots.get(SOFT_KEY, -1)
        for slots, u in part.piles.items():
            places = [to[s] for s in slots]
            order = sorted(range(len(places)), key=lambda j: (places[j] == last, places[j]))
            keys = u.keys if order == list(range(len(places))) else u.keys[:, order]
            pile = self._piles.setdefault(tuple(places[j] for j in order), Pile())
            pile.add(Units(keys, u.name, u.bits, u.first_row))
        lone = part.keyless
        for who, filled, rows in zip(lone.name.tolist(), lone.bits.tolist(), lone.rows.tolist(), strict=True):
            self._keyless[who, filled] = self._keyless.get((who, filled), 0) + rows
        self.rows += sum(part.rows.values())
        self.placeholders += part.placeholders
        self.excluded += part.excluded

    @classmethod
    def over(cls, key: bytes, as_of: date, one: PersonCounter) -> PersonCounter:
        """Return an empty counter with the fields of `one` and room for three flags of everything else."""
        counter = cls(key, as_of)
        counter._fields = one._fields.with_room()
        return counter

    def tally(self) -> Tally:
        """Return the persons by filled fields at the three levels; worked out once for the rows there are."""
        if self._tally is None:
            units = UnitPiles(self._folded_units(), self._keyless, [label for label, _ in self._kinds()])
            tally = tally_units(units, self._fields)
            self._tally = replace(tally, rows=self.rows, placeholders=self.placeholders)
        return self._tally

    def persons(self, without: Collection[ColumnId] = ()) -> PersonSet:
        """Return the persons (at `best`) by one hash each, for the ledger. without: fields that stay home."""
        masks = self._fields.masks(without)
        return person_hashes(
            self._folded_units(), self._keyless, self._kinds(), masks, count_tally(self.tally(), without)
        )

    def _folded_units(self) -> dict[Slots, Units]:
        """Every unit, equal ones folded, by kinds of keys."""
        return {slots: pile.units() for slots, pile in self._piles.items()}

    def _kinds(self) -> list[tuple[str, str]]:
        """(label, scope) of every kind of key, in the order of their places."""
        return sorted(self._slots, key=self._slots.__getitem__)


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
