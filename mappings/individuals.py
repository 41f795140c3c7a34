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

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy, deepcopy
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from detectors.message import Msg, Text
from detectors.model import ColumnId
from detectors.renamed import old_names
from mappings.field_bits import FieldBits
from mappings.histogram import count_tally
from mappings.keyless import PLACE_BITS, OpenPart, PartialCount, add_evidence
from mappings.kinship_keys import ask_kinship
from mappings.ledger import PersonSet
from mappings.masked_pairs import masked_rows
from mappings.model import Level, Tally
from mappings.open_rows import OpenRows, split_keys
from mappings.pair_evidence import Answer, PairEvidence
from mappings.person_hashes import person_hashes
from mappings.person_keys import ACCOUNT_KEYS, has_cut_cells, hash_all_keys, hash_keys
from mappings.role_batch import RoleBatch
from mappings.row_columns import ExportedColumn, KeyColumn, RowPlan
from mappings.row_reading import (
    Batch,
    RowKey,
    id_of_column,
)
from mappings.scoped_keys import ask_scopes
from mappings.shared_cells import SharedCells, cell_evidence
from mappings.tally import UnitPiles, tally_units
from mappings.unit_runs import UNBOUNDED, UnitMemory
from mappings.unit_store import UnitStore

CHEAP_ROWS = 2_000_000                        # rows that are linked without further thought
_U64 = np.uint64


class PersonCounter:
    """Streams rows in, keeps keyed hashes, gives out a Tally.

    One key for all entities of a group and year.
    """

    def __init__(
        self, key: bytes, as_of: date, fields: Sequence[ExportedColumn] = (), memory: UnitMemory | None = None
    ) -> None:
        self._key = key
        self._as_of = as_of
        self._fields = FieldBits.of(fields)
        self._store = UnitStore(memory=UNBOUNDED if memory is None else memory)
        self._rows_read: dict[str, int] = {}  # reading -> rows
        self._readings: frozenset[str] = frozenset()         # tables read as a whole; "": others, too
        self.rows = 0
        self.placeholders = 0
        self.excluded = 0                     # rows of test accounts
        self._further_values: dict[ColumnId, int] = {}       # in cells of possible columns, beside the first
        self.doubtful = 0                     # persons, at most, of lines that may be no rows
        self.spoiled: list[Text] = []         # what could not be read whole
        self._cut: frozenset[ColumnId] = frozenset()         # columns of which cells were read in part
        self._has_parties = self._has_births = False
        self._open: dict[tuple[ColumnId, ...], OpenRows[PersonCounter]] = {}
        self._tally: Tally | None = None      # while nothing is added

    def copy(self) -> PersonCounter:
        """Return a counter that holds the same and can be added to on its own."""
        copied = copy(self)
        copied._store, copied._rows_read = self._store.copy(), dict(self._rows_read)
        copied._open = {columns: rows.copy() for columns, rows in self._open.items()}
        copied._tally, copied.spoiled = None, list(self.spoiled)
        copied._further_values = dict(self._further_values)
        return copied

    def snapshot(self) -> Callable[[], None]:
        """Remember this moment; return what goes back to it, as if nothing had been added since."""
        before = self.copy()

        def undo() -> None:
            again = before.copy()
            self._tally = None
            self._store, self._open, self._rows_read = again._store, again._open, again._rows_read
            self.rows, self.placeholders, self.excluded = again.rows, again.placeholders, again.excluded
            self.doubtful, self._further_values = again.doubtful, again._further_values

        return undo

    def add(
        self, plan: RowPlan, batch: Batch, reading: str = "",
        places: np.ndarray | None = None,
    ) -> None:
        """Count the rows of a batch; columns by name, equal lengths.

        reading: of which reading of a table they are; a row without a key that stands at one place of equal
        readings is one. Empty: such rows are all different. places: of the rows in the reading, int64; None:
        they follow each other from the first batch on.
        """
        self._tally = None
        self.note_plan(plan)
        self._note_cut(id_of_column(plan, column) for column in plan.telling if has_cut_cells(batch[column]))
        first_row = self.rows
        self.rows += len(next(iter(batch.values()))) if batch else 0
        self._note_further_values(plan, batch)
        self._readings |= {reading if places is None else ""}
        if places is None:
            place = self._rows_read.get(reading, 0)
            self._rows_read[reading] = place + self.rows - first_row
            places = np.arange(place, place + self.rows - first_row)
        if plan.open_subjects is not None:
            self._add_open(plan, batch, (first_row, reading, places))
            return
        somebody = np.zeros(len(places), np.int64)          # roles of whom each row speaks
        key = RowKey(self._key, self._as_of, self._fields.bits, places)
        roles = sorted({e.role for e in plan.exported})
        batches = [RoleBatch.of(plan, batch, role, key) for role in roles]
        for rows in batches:                  # kinds of columns have their places before those of cells
            rows.place_kinds(self._store)
        for rows in batches:
            self.placeholders += rows.cells.placeholders
            self._store.unread_births += rows.rows.unread_births
            somebody += rows.rows.leaves
            for cells in rows.add_to(self._store, reading, first_row, places):
                for question in cells.without_proved(self._store).questions(plan):
                    self._add_open_cells(plan, *question)
        self._has_parties |= bool((somebody > 1).any())

    def _add_open_cells(
        self, plan: RowPlan, rows: SharedCells, keys: Sequence[KeyColumn], name: str
    ) -> None:
        """Count rows of which some columns hold several both ways, and ask these. name: of names, or ""."""
        columns = tuple(dict.fromkeys(id_of_column(plan, c) for c in [*(k.column for k in keys), name] if c))
        if not columns:
            rows.add_as_one(self._store)
            return
        both = self._open.get(columns)
        if both is None:
            both = self._open[columns] = self._open_rows(columns, "two")
            both.evidence = [*cell_evidence(plan, keys, name)]
        rows.add_as_one(both.one._store)
        rows.add_apart(both.two._store, plan.own_cells)
        rows.ask(both.evidence, keys)

    def note_plan(self, plan: RowPlan) -> None:
        """Remember whether a plan tells ages."""
        self._has_births |= plan.tells_ages

    def _note_further_values(self, plan: RowPlan, batch: Batch) -> None:
        """Count values beside the first in the cells of possible columns that would tell persons apart."""
        for e in plan.exported:
            if e.values and e.possible:
                number = hash_all_keys(batch[e.column], e.values, e.values, self._key).number()
                self._add_further_values({e.id: int(np.maximum(number - 1, 0).sum())})

    def _add_further_values(self, numbers: Mapping[ColumnId, int]) -> None:
        for column, number in numbers.items():
            if number:
                self._further_values[column] = self._further_values.get(column, 0) + number

    def _note_cut(self, columns: Iterable[ColumnId]) -> None:
        """Remember columns that tell persons apart of which some cells were read in part."""
        for column in sorted(set(columns) - self._cut):
            self.spoiled.append(Msg("cells of {column} are longer than 65,536 characters", column=column))
            self._cut |= {column}

    def _add_open(
        self, plan: RowPlan, batch: Batch, where: tuple[int, str, np.ndarray]
    ) -> None:
        """Count rows both ways, and ask them which it is. where: the first row, the reading, the places."""
        subjects = plan.open_subjects
        assert subjects is not None
        first_row, reading, places = where
        rows = self._open.get(subjects.columns)
        if rows is None:
            rows = self._open[subjects.columns] = self._open_rows(subjects.columns, subjects.words)
        if subjects.kinship:
            add_evidence(rows.evidence, ask_kinship(plan, subjects, batch, self._key))
        elif subjects.scoped:
            add_evidence(rows.evidence, ask_scopes(plan, subjects, batch, self._key))
        elif not rows.evidence:
            rows.evidence = [
                PairEvidence(label in ACCOUNT_KEYS, subjects.own, subjects.named)
                for *_, label in subjects.pairs
            ]
        as_one = replace(plan, open_subjects=subjects.rest)
        for counter, way in ((rows.one, as_one), (rows.two, subjects.apart)):
            counter.rows = first_row
            counter.add(way, batch, reading, places)
        self._has_parties |= rows.one._has_parties
        for evidence, (one, another, label) in zip(
            rows.evidence, subjects.pairs, strict=not (subjects.scoped or subjects.kinship)
        ):
            hashes = [hash_keys(batch[column], label, label, self._key)[0] for column in (one, another)]
            evidence.add(*hashes)
            evidence.add_masked(*masked_rows(batch[one], batch[another]))

    def _open_rows(self, columns: tuple[ColumnId, ...], words: Answer) -> OpenRows[PersonCounter]:
        """Return a place for rows whose subjects are open, by the fields of this counter."""
        one, two = self.empty(), self.empty()
        one._fields = two._fields = self._fields
        return OpenRows(columns, words, one, two)

    def absorb(
        self, other: PersonCounter, without: Collection[ColumnId] = (), *, whole: bool = False,
        same_rows: bool = False,
    ) -> None:
        """Add the persons of another flow, less some fields, to a counter without fields or made by `over`.

        Fields are reduced to three: sensitive, perhaps sensitive, ordinary. whole: the fields stay as they
        are; `over` prepared their bits. same_rows: of the tables that were absorbed before.
        """
        self._tally = None
        readings = self._readings | other._readings
        # cells with several keys are in no reading of their own: their counter says whose rows they are
        same_rows |= bool(readings) and "" not in readings and readings in (self._readings, other._readings)
        self._readings = readings
        self._has_parties |= other._has_parties
        self._has_births |= other._has_births
        if whole:
            convert = other._fields.mover(self._fields.bits, without)
        else:
            convert = other._fields.reducer(without, self._fields.shift)
        self._store.absorb(other._store, convert, self.rows, same_rows)
        for columns, rows in other._open.items():
            own = self._open_of(columns, rows)
            for target, source in ((own.one, rows.one), (own.two, rows.two)):
                target.rows = self.rows       # so that ordinals stay those of all rows
                target.absorb(source, without, whole=whole, same_rows=same_rows)
        if not whole:
            self._fields.add_reduced()
        self.rows += other.rows
        self.placeholders += other.placeholders
        self.doubtful = max(self.doubtful, other.doubtful) if same_rows else self.doubtful + other.doubtful
        self._add_further_values(other._further_values)
        self.spoiled += other.spoiled

    def _open_of(
        self, columns: tuple[ColumnId, ...], rows: OpenRows[PersonCounter]
    ) -> OpenRows[PersonCounter]:
        """Return the place for rows of another flow whose subjects are open, asked of all flows together."""
        own = self._open.get(columns)
        if own is None:
            own = self._open[columns] = self._open_rows(columns, rows.words)
            own.evidence = deepcopy(rows.evidence)
        else:
            for evidence, other in zip(own.evidence, rows.evidence, strict=True):
                evidence.merge(other)
        return own

    def _settled(self, level: Level) -> PersonCounter:
        """Return a counter in which rows whose subjects are open are counted as a level takes them."""
        settled = self.copy()
        settled._open = {}
        split = split_keys(self._open.values(), level)
        for rows in self._open.values():
            settled_rows = rows.at_level(level, split)
            if settled_rows._open:
                settled_rows = settled_rows._settled(level)
            settled._store.add_settled(settled_rows._store)
            settled.placeholders += settled_rows.placeholders
        settled.rows = self.rows
        return settled

    def part(self, split: int, before: int = 0) -> PartialCount:
        """Return everything counted, for another counter of the same fields to merge.

        split: which of a table's splits these rows are of. before: how many of its rows were counted before
        them. All rows must be of one table.
        """
        place = (split << PLACE_BITS) + before
        piles = {
            slots: replace(u, first_row=None if u.first_row is None else u.first_row + place)
            for slots, u in self._store.folded_units().items()
        }
        return PartialCount(
            tuple(self._store.kinds()), piles, self._store.keyless_rows(), {split: self.rows},
            self.placeholders, self.excluded, self._has_parties, self._has_births, dict(self._store.spaces),
            self._store.samples.hashes, self._store.numbered_rows(place),
            {columns: self._open_part(rows, split, before) for columns, rows in self._open.items()},
            unread_births=self._store.unread_births, cut=self._cut, further_values=dict(self._further_values),
            kind_columns=self._store.kind_columns.copy(place),
        )

    def _open_part(self, rows: OpenRows[PersonCounter], split: int, before: int) -> OpenPart:
        """Return rows whose subjects are open, for another counter to merge."""
        one, two = (counter.part(split, before) for counter in (rows.one, rows.two))
        return OpenPart(rows.words, one, two, rows.evidence)

    def merge(self, part: PartialCount) -> None:
        """Add what was counted elsewhere, its rows after all there are.

        The tally is as if they had been added here, split after split.
        """
        self._tally = None
        self._note_cut(part.cut)
        self._readings |= {""}
        self._store.merge(part.with_ordinals(self.rows))
        for columns, each in part.open.items():
            rows = self._open.get(columns)
            if rows is None:
                rows = self._open[columns] = self._open_rows(columns, each.words)
            add_evidence(rows.evidence, each.evidence)
            for counter, side in ((rows.one, each.one), (rows.two, each.two)):
                counter.rows = self.rows
                counter.merge(replace(side, rows=part.rows))
        self.rows += sum(part.rows.values())
        self.placeholders += part.placeholders
        self.excluded += part.excluded
        self._add_further_values(part.further_values)
        self._has_parties |= part.has_parties
        self._has_births |= part.has_births

    @classmethod
    def over(cls, key: bytes, as_of: date, one: PersonCounter) -> PersonCounter:
        """Return an empty counter with the fields of `one` and room for three flags of everything else."""
        counter = cls(key, as_of, memory=one.memory)
        counter._fields = one._fields.with_room()
        return counter

    def tally(self) -> Tally:
        """Return the persons by filled fields at the three levels; worked out once for the rows there are."""
        if self._tally is None:
            tally = self._open_tally() if self._open else self._closed_tally()
            self._tally = replace(tally, has_parties=self._has_parties, has_births=self._has_births,
                                  doubtful=self.doubtful, further_values=dict(self._further_values))
        return self._tally

    def _closed_tally(self) -> Tally:
        store = self._store
        tally = tally_units(self._units(), self._fields)
        equal = store.samples.equal_columns()
        return replace(tally, rows=self.rows, placeholders=self.placeholders, equal_accounts=equal,
                       unread_births=store.unread_births)

    def _units(self) -> UnitPiles:
        """Return everything that was counted."""
        store = self._store
        remote, kinds = store.remote(), store.key_kinds(self.rows)
        return UnitPiles(store.piles, store.rows_without_key(), kinds, store.memory, remote)

    @property
    def memory(self) -> UnitMemory:
        """Return the memory that this counter shares with others."""
        return self._store.memory

    @property
    def has_parties(self) -> bool:
        """Does a row speak of several people?"""
        return self._has_parties

    def number_of_keys(self) -> int:
        """Return the keys of all rows, of equal rows once; of open subjects both ways together."""
        both = (side for rows in self._open.values() for side in (rows.one, rows.two))
        return self._store.number_of_keys() + sum(side.number_of_keys() for side in both)

    def _open_tally(self) -> Tally:
        """Each level of the tally with open subjects settled as that level takes them."""
        levels: tuple[Level, ...] = ("low", "best", "high")
        ways = {level: self._ways(level) for level in levels}
        tallies: dict[tuple[bool, ...], Tally] = {}
        for level in levels:
            if ways[level] not in tallies:
                tallies[ways[level]] = self._settled(level)._closed_tally()
        matters = ways["low"] == ways["high"] or tallies[ways["low"]].cells != tallies[ways["high"]].cells
        cells = tuple(c for level in levels for c in tallies[ways[level]].cells if c.level == level)
        answers = (rows.subject_answer() for rows in self._all_open() if rows.is_noted and matters)
        subjects = tuple(sorted(answers, key=lambda answer: answer.columns))
        return replace(tallies[ways["best"]], cells=cells, subjects=subjects,
                       coarse=any(t.coarse for t in tallies.values()))

    def _all_open(self) -> Iterator[OpenRows[PersonCounter]]:
        """Yield rows whose subjects are open, and in the way that `best` takes those in which others are."""
        split = split_keys(self._open.values(), "best")
        for rows in self._open.values():
            yield rows
            yield from rows.at_level("best", split)._all_open()

    def _ways(self, level: Level) -> tuple[bool, ...]:
        """Return how a level takes everything that is open, in a fixed order."""
        ways: list[bool] = []
        split = split_keys(self._open.values(), level)
        for rows in self._open.values():
            ways += [rows.is_apart(level, split), *rows.one._ways(level), *rows.two._ways(level)]
        return tuple(ways)

    def persons(self, without: Collection[ColumnId] = ()) -> PersonSet:
        """Return the persons (at `best`) by one hash each, for the ledger. without: fields that stay home."""
        if self._open:
            settled = self._settled("best")
            settled._tally = self.tally()
            return settled.persons(without)
        total = count_tally(self.tally(), without)
        return person_hashes(self._units(), self._fields.masks(without), total)

    @property
    def field_bits(self) -> Mapping[ColumnId, int]:
        """Which bit of a unit says that a field is filled."""
        return self._fields.bits

    def empty(self) -> PersonCounter:
        """Return a counter without rows and fields, of the same key and day, in the same memory."""
        return PersonCounter(self._key, self._as_of, memory=self.memory)

    def keys_with_bits(self) -> Iterator[tuple[tuple[str, str], np.ndarray, np.ndarray]]:
        """Yield the keys of all rows and the fields beside them, by (label, scope), as in `best`."""
        counter = self._settled("best") if self._open else self
        kinds = counter._store.kinds()
        for slots, units in counter._store.parts():
            for j, slot in enumerate(slots):
                here = units.keys[:, j] != 0
                yield kinds[slot], units.keys[here, j], units.bits[here]

if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
