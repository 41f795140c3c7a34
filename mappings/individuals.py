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

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import copy, deepcopy
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from detectors.message import Text
from detectors.model import ColumnId
from detectors.renamed import old_names
from mappings import name_forms
from mappings.account_scopes import KeyKinds, hash_scope
from mappings.field_bits import FieldBits
from mappings.histogram import count_tally
from mappings.keyless import PLACE_BITS, KeylessRows, PartialCount
from mappings.ledger import PersonSet
from mappings.mixed_cells import KindColumns, keys_of_other_kinds
from mappings.model import Level, SubjectAnswer, Tally
from mappings.numbered_rows import MOST_NUMBERED, NumberedRows, count_pairs
from mappings.pair_evidence import Answer, CellEvidence, PairEvidence
from mappings.person_hashes import person_hashes
from mappings.person_keys import (
    ACCOUNT_KEYS,
    KeyHashes,
    birth_days,
    hash_all_keys,
    hash_keys,
    is_filled,
    is_minor,
    join_texts,
    largest_number,
)
from mappings.person_records import MINOR_BIT, SOFT_KEY, Pile, Slots, Units, soft_key
from mappings.row_columns import ExportedColumn, KeyColumn, OpenSubjects, RowPlan
from mappings.tally import UnitPiles, tally_units

MOST_FAILING = 0.5                            # share of resident IDs failing their check, else none proves
CHEAP_ROWS = 2_000_000                        # rows that are linked without further thought
_U64 = np.uint64
MASKED = _U64(name_forms.MASKED)


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


_KeyColumns = list[tuple[KeyColumn, np.ndarray]]         # a column of keys with a hash per row


def _first_keys(keys: Sequence[KeyColumn], hashes: Sequence[KeyHashes]) -> _KeyColumns:
    """Return each column with the first key of its cells."""
    return [(key, h.first) for key, h in zip(keys, hashes, strict=True)]


def _all_keys(keys: Sequence[KeyColumn], hashes: Sequence[KeyHashes]) -> _KeyColumns:
    """Return each column, and further ones for the second and later keys of its cells."""
    columns = _first_keys(keys, hashes)
    for key, h in zip(keys, hashes, strict=True):
        rows, further = h.further_rows, h.further
        while len(rows):
            later, at = np.zeros(len(h.first), _U64), np.unique(rows, return_index=True)[1]
            later[rows[at]] = further[at]
            columns.append((key, later))
            rows, further = np.delete(rows, at), np.delete(further, at)
    return columns


def _id_of_key(plan: RowPlan, key: KeyColumn) -> ColumnId:
    """Return the id of a key's column, which may not leave itself."""
    own = [e for e in plan.exported if e.column == key.column]
    if own:
        return own[0].id
    return ColumnId(f"{plan.exported[0].id.rpartition('/')[0]}/{key.column}")


@dataclass(slots=True)
class _KeyedRows:
    """Rows of a batch whose keys stand beside: name, filled fields, name and birthday as a key, ordinals."""

    name: np.ndarray | None
    bits: np.ndarray
    soft: np.ndarray | None
    ordinals: np.ndarray


@dataclass(slots=True)
class _OpenRows:
    """Rows that may speak of one person or of several: counted both ways, while the data is asked.

    words: what the names of the columns say. evidence: of each pair of columns that is compared.
    """

    columns: tuple[ColumnId, ...]
    words: Answer
    one: PersonCounter
    two: PersonCounter
    evidence: list[PairEvidence] = field(default_factory=list)

    @property
    def answer(self) -> Answer:
        """What the rows say: `open` unless all pairs of columns agree."""
        answers: set[Answer] = {each.answer for each in self.evidence}
        return answers.pop() if len(answers) == 1 else "open"

    @property
    def in_cells(self) -> bool:
        """Is it asked of keys that stand in one cell?"""
        return any(isinstance(each, CellEvidence) for each in self.evidence)

    @property
    def is_noted(self) -> bool:
        """Does anything depend on the answer? Numbers of one cell are one person's without it."""
        settled = self.in_cells or any(each.own for each in self.evidence)
        return not settled or self.answer != "one"

    def is_apart(self, level: Level) -> bool:
        """Does a level take the rows to speak of several people?"""
        answer = self.answer
        if answer != "open":
            return answer == "two"
        return level == "high" or (level == "best" and self.words == "two")

    def copy(self) -> _OpenRows:
        return replace(self, one=self.one.copy(), two=self.two.copy(), evidence=deepcopy(self.evidence))


class PersonCounter:
    """Streams rows in, keeps keyed hashes, gives out a Tally.

    One key for all entities of a group and year.
    """

    def __init__(self, key: bytes, as_of: date, fields: Sequence[ExportedColumn] = ()) -> None:
        self._key = key
        self._as_of = as_of
        self._fields = FieldBits.of(fields)
        self._slots: dict[tuple[str, str], int] = {}         # (label, scope) of a kind of key -> its place
        self._kind_columns = KindColumns()
        self._spaces: dict[tuple[str, str], float] = {}      # largest number of an account, as sampled
        self._piles: dict[Slots, Pile] = {}
        self._keyless: dict[tuple[int, int], int] = {}       # (name, bits) -> rows
        self._numbered: dict[tuple[str, str], NumberedRows] = {}  # (reading, role) -> rows without a key
        self._rows_read: dict[str, int] = {}  # reading -> rows
        self.rows = 0
        self.placeholders = 0
        self.excluded = 0                     # rows of test accounts
        self.spoiled: list[Text] = []         # what could not be read whole
        self._has_parties = self._has_births = False
        self._open: dict[tuple[ColumnId, ...], _OpenRows] = {}
        self._tally: Tally | None = None      # while nothing is added

    def copy(self) -> PersonCounter:
        """Return a counter that holds the same and can be added to on its own."""
        copied = copy(self)
        copied._piles = {slots: pile.copy() for slots, pile in self._piles.items()}
        copied._keyless, copied._slots = dict(self._keyless), dict(self._slots)
        copied._numbered = {reading: rows.copy() for reading, rows in self._numbered.items()}
        copied._rows_read, copied._spaces = dict(self._rows_read), dict(self._spaces)
        copied._open = {columns: rows.copy() for columns, rows in self._open.items()}
        copied._tally, copied.spoiled = None, list(self.spoiled)
        copied._kind_columns = self._kind_columns.copy()
        return copied

    def snapshot(self) -> Callable[[], None]:
        """Remember this moment; return what goes back to it, as if nothing had been added since."""
        before = self.copy()

        def undo() -> None:
            again = before.copy()
            self._tally = None
            self._piles, self._keyless, self._slots = again._piles, again._keyless, again._slots
            self._open, self._numbered, self._rows_read = again._open, again._numbered, again._rows_read
            self.rows, self.placeholders, self.excluded = again.rows, again.placeholders, again.excluded

        return undo

    def add(
        self, plan: RowPlan, batch: Mapping[str, pa.Array], reading: str = "",
        places: np.ndarray | None = None,
    ) -> None:
        """Count the rows of a batch; columns by name, equal lengths.

        reading: of which reading of a table they are; a row without a key that stands at one place of equal
        readings is one. Empty: such rows are all different. places: of the rows in the reading, int64; None:
        they follow each other from the first batch on.
        """
        self._tally = None
        self.note_plan(plan)
        first_row = self.rows
        self.rows += len(next(iter(batch.values()))) if batch else 0
        if places is None:
            place = self._rows_read.get(reading, 0)
            self._rows_read[reading] = place + self.rows - first_row
            places = np.arange(place, place + self.rows - first_row)
        if plan.open_subjects is not None:
            self._add_open(plan, batch, (first_row, reading, places))
            return
        for role in sorted({e.role for e in plan.exported}):
            names, bits, lone = self._add_role(plan, batch, role, first_row)
            self._add_keyless((reading, role), places[lone], names[lone], bits[lone])

    def _add_role(
        self, plan: RowPlan, batch: Mapping[str, pa.Array], role: str, first_row: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Count the rows of a batch for the persons of one role who have a key.

        Return of all rows: the name or device, the filled fields, and whether it leaves without a key.
        """
        rows = self._role_rows(plan, batch, role)
        keys = [k for k in plan.keys if k.role == role]
        keys, hashes = self._keys_of_cells(plan, keys, batch)
        keyed, several = np.zeros(len(rows.bits), bool), np.zeros(len(rows.bits), bool)
        for h in hashes:
            keyed |= h.first != 0
            several[h.further_rows] = True
        keyed &= rows.leaves
        name = rows.name
        if name is not None:                  # a masked name alone is no evidence of who it is
            name = np.where(keyed | ((name & MASKED) == 0), name, _U64(0))
        if name is not None and rows.soft.any():
            # without a key, the name with the day of birth is the best evidence
            name = np.where(keyed | (rows.soft == 0), name, rows.soft)
        has_soft = bool(keys) and rows.name is not None and plan.births.get(role, ("", ""))[1] == "birth_date"
        for key in keys:                      # whatever this batch holds
            self._slots.setdefault((key.label, key.scope), len(self._slots))
        if has_soft:
            self._slots.setdefault(SOFT_KEY, len(self._slots))
        ordinals = np.arange(first_row, first_row + len(rows.bits))
        soft = rows.soft if has_soft else None
        batch_rows = _KeyedRows(name, rows.bits, soft, ordinals)
        self._add_keyed(_first_keys(keys, hashes), batch_rows, keyed & ~several)
        if (keyed & several).any():
            self._add_cells(plan, keys, hashes, batch_rows, keyed & several)
        lone = rows.leaves & ~keyed
        if role in plan.devices and lone.any():
            device, _ = hash_keys(batch[plan.devices[role]], "device_id", "device_id", self._key)
            name = device if name is None else np.where(lone & (name == 0), device, name)
        return name if name is not None else np.zeros(len(lone), _U64), rows.bits, lone

    def _add_keyed(self, columns: _KeyColumns, rows: _KeyedRows, which: np.ndarray) -> None:
        """Add the rows marked in `which` with the keys of some columns."""
        if not which.any():
            return
        slots, matrix = self._hashes_by_slot(columns, len(rows.bits))
        if rows.soft is not None:
            place = self._slots.setdefault(SOFT_KEY, len(self._slots))
            slots, matrix = (*slots, place), np.column_stack([matrix, rows.soft])
        self._add_to_pile(slots, Units(matrix, rows.name, rows.bits, rows.ordinals), which)

    def _add_cells(
        self, plan: RowPlan, keys: Sequence[KeyColumn], hashes: Sequence[KeyHashes], rows: _KeyedRows,
        which: np.ndarray,
    ) -> None:
        """Count rows of which a cell holds several keys both ways, and ask them whose these are."""
        columns = _all_keys(keys, hashes)
        first, further = columns[:len(keys)], columns[len(keys):]
        open_keys = [key for key, h in zip(keys, hashes, strict=True)
                     if len(h.further_rows) and key.column not in plan.own_cells]
        if not open_keys:
            self._add_keyed(columns, rows, which)
            return
        question = tuple(_id_of_key(plan, key) for key in open_keys)
        both = self._open.get(question)
        if both is None:
            both = self._open[question] = self._open_rows(OpenSubjects(question, (), plan, "two"))
            both.evidence = [CellEvidence() for _ in question]
        both.one._add_keyed(columns, rows, which)
        own = [each for each in further if each[0] not in open_keys]
        both.two._add_keyed([*first, *own], rows, which)
        nobody = _KeyedRows(None, rows.bits & ~MINOR_BIT, None, rows.ordinals)
        for key, others in further:
            if key in open_keys:
                both.two._add_keyed([(key, others)], nobody, which & (others != 0))
        for key, evidence in zip(open_keys, both.evidence, strict=True):
            matrix = np.stack([each for other, each in columns if other == key], axis=1)
            cells = which & ((matrix != 0).sum(axis=1) > 1)
            assert isinstance(evidence, CellEvidence)
            evidence.add_cells(matrix[cells])

    def note_plan(self, plan: RowPlan) -> None:
        """Remember what a plan says of all its rows: do they speak of several people, do they tell ages?"""
        roles = {e.role for e in plan.exported}
        self._has_parties |= len(roles) > 1
        self._has_births |= bool(roles & set(plan.births))

    def _add_open(
        self, plan: RowPlan, batch: Mapping[str, pa.Array], where: tuple[int, str, np.ndarray]
    ) -> None:
        """Count rows both ways, and ask them which it is. where: the first row, the reading, the places."""
        subjects = plan.open_subjects
        assert subjects is not None
        first_row, reading, places = where
        rows = self._open.get(subjects.columns)
        if rows is None:
            rows = self._open[subjects.columns] = self._open_rows(subjects)
            rows.evidence = [
                PairEvidence(label in ACCOUNT_KEYS, subjects.own, subjects.named)
                for *_, label in subjects.pairs
            ]
        for counter, way in ((rows.one, replace(plan, open_subjects=None)), (rows.two, subjects.apart)):
            counter.rows = first_row
            counter.add(way, batch, reading, places)
        for evidence, (one, another, label) in zip(rows.evidence, subjects.pairs, strict=True):
            hashes = [hash_keys(batch[column], label, label, self._key)[0] for column in (one, another)]
            evidence.add(*hashes)

    def _open_rows(self, subjects: OpenSubjects | _OpenRows) -> _OpenRows:
        """Return a place for rows whose subjects are open, by the fields of this counter."""
        one, two = PersonCounter(self._key, self._as_of), PersonCounter(self._key, self._as_of)
        one._fields = two._fields = self._fields
        return _OpenRows(subjects.columns, subjects.words, one, two)

    def _role_rows(self, plan: RowPlan, batch: Mapping[str, pa.Array], role: str) -> _RoleRows:
        """What is filled, who is named, and who is under fourteen."""
        own = [e for e in plan.exported if e.role == role]
        bits = np.zeros(len(batch[own[0].column]), _U64)
        for e in own:
            bits |= is_filled(batch[e.column]).astype(_U64) << _U64(self._fields.bits[e.id])
        name = None
        if role in plan.names:
            texts = batch[plan.names[role]]
            if role in plan.first_names:
                texts = join_texts(texts, batch[plan.first_names[role]])
            name, _ = hash_keys(texts, "person_name", "name", self._key)
        rows = _RoleRows(bits, bits != 0, name, np.zeros(len(bits), _U64))
        if role in plan.births:
            column, label = plan.births[role]
            rows.bits |= np.where(is_minor(batch[column], label, self._as_of), MINOR_BIT, _U64(0))
            if name is not None and label == "birth_date":
                full = np.where((name & MASKED) == 0, name, _U64(0))
                rows.soft = soft_key(full, birth_days(batch[column]))
        return rows

    def _keys_of_cells(
        self, plan: RowPlan, keys: Sequence[KeyColumn], batch: Mapping[str, pa.Array]
    ) -> tuple[list[KeyColumn], list[KeyHashes]]:
        """Return key columns with their hashes; one that holds other kinds, too, once for each of these."""
        read_keys: list[tuple[KeyColumn, KeyHashes]] = []
        for key in keys:
            hashes, column = self._key_hashes(key, batch), frozenset({_id_of_key(plan, key)})
            read_keys.append((key, hashes))
            self._kind_columns.add((key.label, key.scope), column)
            for other, others in keys_of_other_kinds(key, hashes, batch[key.column], self._key):
                read_keys.append((other, others))
                self._kind_columns.add((other.label, other.scope), column, (key.label, key.scope))
                self.placeholders += others.cut
        return [key for key, _ in read_keys], [hashes for _, hashes in read_keys]

    def _key_hashes(self, key: KeyColumn, batch: Mapping[str, pa.Array]) -> KeyHashes:
        """Hashes of a key column; cells that hold a placeholder are counted."""
        hashes = hash_all_keys(batch[key.column], key.compared_as, hash_scope(key.scope), self._key)
        if hash_scope(key.scope) != key.scope:
            kind = key.label, key.scope
            self._spaces[kind] = max(self._spaces.get(kind, 0.0), largest_number(batch[key.column]))
        self.placeholders += hashes.cut if key.sure else 0
        return hashes

    def _hashes_by_slot(self, columns: _KeyColumns, rows: int) -> tuple[Slots, np.ndarray]:
        """Kinds of keys in order, and a column of hashes for each.

        A second column of a kind stands as a kind of its own in the pile.
        """
        places = [self._slots.setdefault((k.label, k.scope), len(self._slots)) for k, _ in columns]
        order = sorted(range(len(columns)), key=places.__getitem__)
        matrix = np.stack([columns[i][1] for i in order], axis=1) if order else np.zeros((rows, 0), _U64)
        return tuple(places[i] for i in order), matrix

    def _add_to_pile(self, slots: Slots, units: Units, which: np.ndarray) -> None:
        """Add the units marked in `which` to the pile of their kinds of keys."""
        if not which.any():
            return
        if len(slots) == 1 and units.name is None:
            units = replace(units, first_row=None)           # no choice will hang on the order
        self._piles.setdefault(slots, Pile()).add(units.select(which))

    def _add_keyless(
        self, reading: tuple[str, str], places: np.ndarray, name: np.ndarray, bits: np.ndarray
    ) -> None:
        """Add rows without a key, by their places in a reading while these are few enough."""
        numbered = self._numbered.setdefault(reading, NumberedRows()) if reading[0] else None
        if numbered is None or numbered.is_closed:
            self._keyless = count_pairs(self._keyless, name, bits)
            return
        numbered.add(places, name, bits)
        if len(numbered) > MOST_NUMBERED and len(numbered.rows()[0]) > MOST_NUMBERED:
            _, names, filled = numbered.rows()
            self._keyless = count_pairs(self._keyless, names, filled)
            self._numbered[reading] = NumberedRows()
            self._numbered[reading].is_closed = True

    def _rows_without_key(self) -> dict[tuple[int, int], int]:
        """Return (name, bits) -> rows without a key, each once."""
        counts = self._keyless
        for numbered in self._numbered.values():
            _, name, bits = numbered.rows()
            counts = count_pairs(counts, name, bits)
        return counts

    def absorb(
        self, other: PersonCounter, without: Collection[ColumnId] = (), *, whole: bool = False
    ) -> None:
        """Add the persons of another flow, less some fields, to a counter without fields or made by `over`.

        Fields are reduced to three: sensitive, perhaps sensitive, ordinary. whole: the fields stay as they
        are; `over` prepared their bits.
        """
        self._tally = None
        self._has_parties |= other._has_parties
        self._has_births |= other._has_births
        to = {place: self._slots.setdefault(kind, len(self._slots)) for kind, place in other._slots.items()}
        self._add_spaces(other._spaces)
        self._kind_columns.merge(other._kind_columns)
        if whole:
            convert = other._fields.mover(self._fields.bits, without)
        else:
            convert = other._fields.reducer(without, self._fields.shift)
        for slots, pile in other._piles.items():
            u = pile.units()
            bits = convert(u.bits)
            order = sorted(range(len(slots)), key=lambda i: to[slots[i]])
            first_row = u.first_row + self.rows if u.first_row is not None else None
            units = Units(u.keys[:, order], u.name, bits, first_row, u.rows)
            self._add_to_pile(tuple(to[slots[i]] for i in order), units, (bits & ~MINOR_BIT) != 0)
        for reading, numbered in other._numbered.items():
            places, name, bits = numbered.rows()
            bits = convert(bits)
            leaves = (bits & ~MINOR_BIT) != 0
            self._add_keyless(reading, places[leaves], name[leaves], bits[leaves])
        for columns, rows in other._open.items():
            self._absorb_open(columns, rows, without, whole)
        if other._keyless:
            pairs = np.array(list(other._keyless), _U64)
            bits = convert(pairs[:, 1])
            leaves = (bits & ~MINOR_BIT) != 0
            rows_of = np.array(list(other._keyless.values()))[leaves]
            self._keyless = count_pairs(self._keyless, pairs[leaves, 0], bits[leaves], rows_of)
        if not whole:
            self._fields.add_reduced()
        self.rows += other.rows
        self.placeholders += other.placeholders
        self.spoiled += other.spoiled

    def _absorb_open(
        self, columns: tuple[ColumnId, ...], rows: _OpenRows, without: Collection[ColumnId], whole: bool
    ) -> None:
        """Add rows of another flow whose subjects are open; the same columns have one answer in all flows."""
        own = self._open.get(columns)
        if own is None:
            own = self._open[columns] = self._open_rows(rows)
            own.evidence = deepcopy(rows.evidence)
        else:
            for evidence, other in zip(own.evidence, rows.evidence, strict=True):
                evidence.merge(other)
        for target, source in ((own.one, rows.one), (own.two, rows.two)):
            target.rows = self.rows           # so that ordinals stay those of all rows
            target.absorb(source, without, whole=whole)

    def _settled(self, level: Level) -> PersonCounter:
        """Return a counter in which rows whose subjects are open are counted as a level takes them."""
        settled = self.copy()
        settled._open = {}
        for rows in self._open.values():
            settled_rows = rows.two if rows.is_apart(level) else rows.one
            settled._add_settled(settled_rows._settled(level) if settled_rows._open else settled_rows)
        settled.rows = self.rows
        return settled

    def _add_settled(self, other: PersonCounter) -> None:
        """Add what a counter of the same fields counted; its ordinals stay."""
        to = {place: self._slots.setdefault(kind, len(self._slots)) for kind, place in other._slots.items()}
        self._add_spaces(other._spaces)
        self._kind_columns.merge(other._kind_columns)
        for slots, units in other._folded_units().items():
            places = [to[slot] for slot in slots]
            order = sorted(range(len(places)), key=places.__getitem__)
            keys = units.keys[:, order]
            pile = self._piles.setdefault(tuple(places[i] for i in order), Pile())
            pile.add(replace(units, keys=keys))
        for pair, rows in other._keyless.items():
            self._keyless[pair] = self._keyless.get(pair, 0) + rows
        for reading, numbered in other._numbered.items():
            self._add_keyless(reading, *numbered.rows())
        self.placeholders += other.placeholders

    def part(self, split: int, before: int = 0) -> PartialCount:
        """Return everything counted, for another counter of the same fields to merge.

        split: which of a table's splits these rows are of. before: how many of its rows were counted before
        them. All rows must be of one table.
        """
        if self._open:                        # nobody asks the cells of the other splits: one person each
            settled = self._settled("low")
            settled._has_parties |= any(rows.is_noted for rows in self._open.values())
            return settled.part(split, before)
        place = (split << PLACE_BITS) + before
        piles = {
            slots: replace(u, first_row=None if u.first_row is None else u.first_row + place)
            for slots, u in self._folded_units().items()
        }
        without = self._rows_without_key()
        pairs = np.array(list(without), _U64).reshape(-1, 2)
        keyless = KeylessRows(pairs[:, 0], pairs[:, 1], np.array(list(without.values()), np.int64))
        return PartialCount(
            tuple(self._kinds()), piles, keyless, {split: self.rows}, self.placeholders, self.excluded,
            self._has_parties, self._has_births, dict(self._spaces),
        )

    def merge(self, part: PartialCount) -> None:
        """Add what was counted elsewhere, its rows after all there are.

        The tally is as if they had been added here, split after split.
        """
        self._tally = None
        part = part.with_ordinals(self.rows)
        to = [self._slots.setdefault(kind, len(self._slots)) for kind in part.kinds]
        for kind in part.kinds:               # of which columns, only their own counter knew
            self._kind_columns.add(kind, frozenset({"", "elsewhere"}))
        last = self._slots.get(SOFT_KEY, -1)
        for slots, u in part.piles.items():
            places = [to[s] for s in slots]
            order = sorted(range(len(places)), key=lambda j: (places[j] == last, places[j]))
            keys = u.keys if order == list(range(len(places))) else u.keys[:, order]
            pile = self._piles.setdefault(tuple(places[j] for j in order), Pile())
            pile.add(replace(u, keys=keys))
        lone = part.keyless
        for who, filled, rows in zip(lone.name.tolist(), lone.bits.tolist(), lone.rows.tolist(), strict=True):
            self._keyless[who, filled] = self._keyless.get((who, filled), 0) + rows
        self.rows += sum(part.rows.values())
        self.placeholders += part.placeholders
        self.excluded += part.excluded
        self._has_parties |= part.has_parties
        self._has_births |= part.has_births
        self._add_spaces(part.spaces)

    def _add_spaces(self, spaces: Mapping[tuple[str, str], float]) -> None:
        """Remember the largest numbers of accounts that others saw."""
        for kind, space in spaces.items():
            self._spaces[kind] = max(self._spaces.get(kind, 0.0), space)

    def merge_open(self, subjects: OpenSubjects, one: PartialCount, two: PartialCount) -> None:
        """Add rows whose subjects are open, counted elsewhere both ways; nobody asked the data."""
        self._tally = None
        rows = self._open.get(subjects.columns)
        if rows is None:
            rows = self._open[subjects.columns] = self._open_rows(subjects)
        for counter, part in ((rows.one, one), (rows.two, two)):
            counter.rows = self.rows
            counter.merge(part)
        self.rows = rows.one.rows
        self.excluded += one.excluded

    @classmethod
    def over(cls, key: bytes, as_of: date, one: PersonCounter) -> PersonCounter:
        """Return an empty counter with the fields of `one` and room for three flags of everything else."""
        counter = cls(key, as_of)
        counter._fields = one._fields.with_room()
        return counter

    def tally(self) -> Tally:
        """Return the persons by filled fields at the three levels; worked out once for the rows there are."""
        if self._tally is None:
            tally = self._open_tally() if self._open else self._closed_tally()
            self._tally = replace(tally, has_parties=self._has_parties, has_births=self._has_births)
        return self._tally

    def _closed_tally(self) -> Tally:
        units = UnitPiles(self._folded_units(), self._rows_without_key(), self._key_kinds())
        tally = tally_units(units, self._fields)
        return replace(tally, rows=self.rows, placeholders=self.placeholders)

    def _open_tally(self) -> Tally:
        """Each level of the tally with open subjects settled as that level takes them."""
        levels: tuple[Level, ...] = ("low", "best", "high")
        ways = {level: self._ways(level) for level in levels}
        tallies: dict[tuple[bool, ...], Tally] = {}
        for level in levels:
            if ways[level] not in tallies:
                tallies[ways[level]] = self._settled(level)._closed_tally()
        cells = tuple(c for level in levels for c in tallies[ways[level]].cells if c.level == level)
        subjects = tuple(
            SubjectAnswer(rows.columns, rows.answer, rows.in_cells)
            for rows in self._all_open() if rows.is_noted
        )
        return replace(tallies[ways["best"]], cells=cells, subjects=subjects,
                       coarse=any(t.coarse for t in tallies.values()))

    def _all_open(self) -> Iterator[_OpenRows]:
        """Yield rows whose subjects are open, and in the way that `best` takes those in which others are."""
        for rows in self._open.values():
            yield rows
            yield from (rows.two if rows.is_apart("best") else rows.one)._all_open()

    def _ways(self, level: Level) -> tuple[bool, ...]:
        """Return how a level takes everything that is open, in a fixed order."""
        ways: list[bool] = []
        for rows in self._open.values():
            ways += [rows.is_apart(level), *rows.one._ways(level), *rows.two._ways(level)]
        return tuple(ways)

    def persons(self, without: Collection[ColumnId] = ()) -> PersonSet:
        """Return the persons (at `best`) by one hash each, for the ledger. without: fields that stay home."""
        if self._open:
            settled = self._settled("best")
            settled._tally = self.tally()
            return settled.persons(without)
        masks = self._fields.masks(without)
        return person_hashes(
            self._folded_units(), self._rows_without_key(), self._key_kinds(), masks,
            count_tally(self.tally(), without),
        )

    def _folded_units(self) -> dict[Slots, Units]:
        """Every unit, equal ones folded, by kinds of keys."""
        return {slots: pile.units() for slots, pile in self._piles.items()}

    @property
    def field_bits(self) -> Mapping[ColumnId, int]:
        """Which bit of a unit says that a field is filled."""
        return self._fields.bits

    def empty(self) -> PersonCounter:
        """Return a counter without rows and fields, of the same key and day."""
        return PersonCounter(self._key, self._as_of)

    def keys_with_bits(self) -> Iterator[tuple[tuple[str, str], np.ndarray, np.ndarray]]:
        """Yield the keys of all rows and the fields beside them, by (label, scope), as in `best`."""
        counter = self._settled("best") if self._open else self
        kinds = counter._kinds()
        for slots, units in counter._folded_units().items():
            for j, slot in enumerate(slots):
                here = units.keys[:, j] != 0
                yield kinds[slot], units.keys[here, j], units.bits[here]

    def _kinds(self) -> list[tuple[str, str]]:
        """(label, scope) of every kind of key, in the order of their places."""
        return sorted(self._slots, key=self._slots.__getitem__)

    def _key_kinds(self) -> KeyKinds:
        labels, scopes = zip(*self._kinds(), strict=True) if self._slots else ((), ())
        spaces = {self._slots[kind]: space for kind, space in self._spaces.items() if kind in self._slots}
        mistyped = (place for place, label in enumerate(labels) if label == "resident_id")
        joined = self._kind_columns.joined(self._slots)
        joined = {place: other for place, other in joined.items() if self._is_once_a_row(place, other)}
        return KeyKinds(labels, scopes, spaces, frozenset(filter(self._is_mistyped, mistyped)), joined)

    def _is_once_a_row(self, *slots: int) -> bool:
        """Does every row hold another key of these kinds, or none? Else one person may use several kinds."""
        units = self._folded_units().items()
        keys = [u.keys[:, j] for places, u in units for j, slot in enumerate(places) if slot in slots]
        distinct = np.unique(np.concatenate([*keys, np.zeros(1, _U64)]))
        return len(distinct) - 1 + sum(self._rows_without_key().values()) >= self.rows

    def _is_mistyped(self, slot: int) -> bool:
        """Do more than a share of the resident IDs of a kind fail their check?"""
        failing = filled = 0
        for slots, units in self._folded_units().items():
            for j in (j for j, each in enumerate(slots) if each == slot):
                keys = units.keys[:, j]
                filled += int(np.count_nonzero(keys))
                failing += int(((keys != 0) & ((keys & _U64(1)) == 0)).sum())
        return failing > MOST_FAILING * filled


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
