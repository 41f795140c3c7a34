"""Everything a counter holds of its rows: units by kinds of keys, and the rows without any key."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace

import numpy as np

from mappings.account_samples import AccountSamples
from mappings.account_scopes import KeyKinds
from mappings.field_bits import BitMap
from mappings.keyless import KeylessRows, PartialCount
from mappings.keyless_pile import KeylessPile
from mappings.mixed_cells import KindColumns, LabelScope
from mappings.number_ranges import NO_NUMBERS, NumberRange, wider_range
from mappings.numbered_rows import (
    MOST_NUMBERED,
    NumberedColumns,
    NumberedRows,
    RoleReading,
)
from mappings.person_records import AGE_BITS, Slots, Units, without_rows_of
from mappings.remote_units import PlacedUnits, different_keys, joined_units
from mappings.row_reading import CellKeys, KeyColumns, KeyedRows
from mappings.unit_piles import Pile
from mappings.unit_runs import UNBOUNDED, KeyRuns, UnitMemory

NO_UNITS = Pile()
MOST_SENT = 3_000_000                         # units that go to where others are
MOST_FAILING = 0.5                            # share of resident IDs failing their check, else none proves
_U64 = np.uint64


@dataclass(slots=True)
class UnitStore:
    """Units by the places of their kinds of keys, and rows without a key.

    slots: (label, scope) of a kind of key -> its place. spaces: range of accounts' numbers, as sampled, by
    kind. numbered: rows without a key that have places in their reading; keyless: the other ones.
    """

    slots: dict[LabelScope, int] = field(default_factory=dict)
    kind_columns: KindColumns = field(default_factory=KindColumns)
    spaces: dict[LabelScope, NumberRange] = field(default_factory=dict)
    samples: AccountSamples = field(default_factory=AccountSamples)
    piles: dict[Slots, Pile] = field(default_factory=dict)
    keyless: KeylessPile = field(init=False)
    numbered: dict[RoleReading, NumberedRows] = field(default_factory=dict)
    unread_births: int = 0                    # cells with a day of birth in a form that is not read
    memory: UnitMemory = UNBOUNDED
    elsewhere: list[PlacedUnits] = field(default_factory=list)       # units on other machines

    def __post_init__(self) -> None:
        self.keyless = KeylessPile(self.memory)

    def copy(self) -> UnitStore:
        """Return a store that holds the same and can be added to on its own."""
        copied = copy(self)
        copied.slots, copied.spaces, copied.keyless = dict(self.slots), dict(self.spaces), self.keyless.copy()
        copied.kind_columns, copied.samples = self.kind_columns.copy(), self.samples.copy()
        copied.piles = {slots: pile.copy() for slots, pile in self.piles.items()}
        copied.elsewhere = list(self.elsewhere)
        copied.numbered = {reading: rows.copy() for reading, rows in self.numbered.items()}
        return copied

    def _pile(self, slots: Slots) -> Pile:
        """Return the pile of some kinds of keys, an empty one if it is new."""
        pile = self.piles.get(slots)
        if pile is None:
            pile = self.piles[slots] = Pile(self.memory)
        return pile

    def _fetch(self) -> None:
        """Put units that are elsewhere on the piles here."""
        several, self.elsewhere = self.elsewhere, []
        for each in several:
            for slots, units in each.parts():
                self._pile(slots).add(units)

    def remote(self) -> PlacedUnits | None:
        """Return all units where they are elsewhere, equal ones folded; None where they are here.

        A few that are here go there; where many are, the others come.
        """
        if not self.elsewhere:
            return None
        if sum(pile.size() for pile in self.piles.values()) > MOST_SENT:
            self._fetch()
            return None
        local = [(slots, pile.units()) for slots, pile in self.piles.items()]
        together = joined_units(self.elsewhere, local)
        self.piles, self.elsewhere = {}, [together]
        return together

    def place(self, kind: LabelScope) -> int:
        """Return the place of a kind of key, the next one if it is new."""
        return self.slots.setdefault(kind, len(self.slots))

    def kinds(self) -> list[LabelScope]:
        """(label, scope) of every kind of key, in the order of their places."""
        return sorted(self.slots, key=self.slots.__getitem__)

    def note_keys(self, cells: CellKeys, first_row: int) -> None:
        """Remember of which columns keys are, and how large the numbers of accounts.

        first_row: ordinal of their first row. Kinds of columns have their places already.
        """
        new = sorted((row, kind) for kind, row in cells.first_rows().items() if kind not in self.slots)
        for row, kind in new:
            self.kind_columns.first_row.setdefault(kind, row + first_row)
            self.place(kind)
        for kind, column, beside in cells.columns:
            self.kind_columns.add(kind, frozenset({column}), beside)
        self.add_spaces(cells.spaces)
        self.samples.add(cells.samples)

    def add_keyed(self, columns: KeyColumns, rows: KeyedRows, which: np.ndarray | None = None) -> None:
        """Add the rows marked in `which`, else all, with the keys of some columns."""
        which = np.ones(len(rows.bits), bool) if which is None else which
        if not which.any():
            return
        hashes = [((key.label, key.scope), each) for key, each in columns] + [*rows.traits.items()]
        slots, matrix = self._hashes_by_slot(hashes, len(rows.bits))
        self.add_units(slots, Units(matrix, rows.name, rows.bits, rows.ordinals), which)

    def _hashes_by_slot(
        self, columns: Sequence[tuple[LabelScope, np.ndarray]], rows: int
    ) -> tuple[Slots, np.ndarray]:
        """Kinds of keys in order, and a column of hashes for each.

        A second column of a kind stands as a kind of its own in the pile.
        """
        places = [self.place(kind) for kind, _ in columns]
        order = sorted(range(len(columns)), key=places.__getitem__)
        matrix = np.stack([columns[i][1] for i in order], axis=1) if order else np.zeros((rows, 0), _U64)
        return tuple(places[i] for i in order), matrix

    def add_units(self, slots: Slots, units: Units, which: np.ndarray) -> None:
        """Add the units marked in `which` to the pile of their kinds of keys."""
        if not which.any():
            return
        if len(slots) == 1 and units.name is None:
            units = replace(units, first_row=None)           # no choice will hang on the order
        self._pile(slots).add(units.select(which))

    def add_keyless(
        self, reading: RoleReading, places: np.ndarray, name: np.ndarray, bits: np.ndarray
    ) -> None:
        """Add rows without a key, by their places in a reading while these are few enough."""
        numbered = self.numbered.setdefault(reading, NumberedRows()) if reading[0] else None
        if numbered is None or numbered.is_closed:
            self.keyless.add(name, bits)
            return
        numbered.add(places, name, bits)
        if len(numbered) > MOST_NUMBERED and len(numbered.rows()[0]) > MOST_NUMBERED:
            _, names, filled = numbered.rows()
            self.keyless.add(names, filled)
            self.numbered[reading] = NumberedRows()
            self.numbered[reading].is_closed = True

    def rows_without_key(self) -> KeylessPile:
        """Return the rows without a key, each once."""
        if not any(len(numbered) for numbered in self.numbered.values()):
            return self.keyless
        pile = self.keyless.copy()
        for numbered in self.numbered.values():
            _, names, bits = numbered.rows()
            pile.add(names, bits)
        return pile

    def folded_units(self) -> dict[Slots, Units]:
        """Every unit, equal ones folded, by kinds of keys."""
        self._fetch()
        return {slots: pile.units() for slots, pile in self.piles.items()}

    def parts(self) -> Iterator[tuple[Slots, Units]]:
        """Yield every unit, equal ones folded, in parts that fit into memory, by kinds of keys."""
        if (remote := self.remote()) is not None:
            yield from remote.parts()
        yield from self.local_parts()

    def local_parts(self) -> Iterator[tuple[Slots, Units]]:
        """Yield the units that are here."""
        for slots, pile in self.piles.items():
            for units in pile.parts():
                yield slots, units

    def number_of_keys(self) -> int:
        """Return the keys of all units, of equal ones once."""
        if (remote := self.remote()) is not None:
            return sum(sum(size.filled) for size in remote.sizes.values())
        return sum(int(np.count_nonzero(u.keys)) for _, u in self.parts())

    def add_spaces(self, spaces: Mapping[LabelScope, NumberRange]) -> None:
        """Remember the range of the numbers of accounts that others saw."""
        for kind, space in spaces.items():
            self.spaces[kind] = wider_range(self.spaces.get(kind, NO_NUMBERS), space)

    def _add_kinds(self, other: UnitStore) -> dict[int, int]:
        """Add the kinds of keys of another store; return its places -> those of this one."""
        self.add_spaces(other.spaces)
        self.kind_columns.merge(other.kind_columns)
        self.samples.add(other.samples.hashes)
        self.unread_births += other.unread_births
        return {place: self.place(kind) for kind, place in other.slots.items()}

    def absorb(self, other: UnitStore, convert: BitMap, first_row: int, same_rows: bool = False) -> None:
        """Add what another store holds, its bits converted; first_row: ordinal of its first row here.

        same_rows: they are rows of tables that are here already, so that those of equal units are the same.
        """
        to = self._add_kinds(other)
        before: dict[Slots, Pile] = {}
        parts = other.parts
        if other.elsewhere and not same_rows:
            self.elsewhere += [
                replace(each, view=each.view.absorbed(to, first_row, convert)) for each in other.elsewhere
            ]
            parts = other.local_parts
        elif self.elsewhere and same_rows:
            self._fetch()
        for slots, u in parts():
            order = sorted(range(len(slots)), key=lambda i: to[slots[i]])
            own_slots = tuple(to[slots[i]] for i in order)
            if same_rows and own_slots in self.piles and slots not in before:
                before[slots] = self.piles[own_slots].copy()
            before.setdefault(slots, NO_UNITS)
            bits = convert(u.bits)
            rows = u.first_row + first_row if u.first_row is not None else None
            units = Units(u.keys[:, order], u.name, bits, rows, u.rows)
            for others in before[slots].parts() if before[slots] is not NO_UNITS else ():
                units = without_rows_of(units, others)
            self.add_units(own_slots, units, (bits & ~AGE_BITS) != 0)
        for reading, numbered in other.numbered.items():
            places, name, bits = numbered.rows()
            bits = convert(bits)
            leaves = (bits & ~AGE_BITS) != 0
            self.add_keyless(reading, places[leaves], name[leaves], bits[leaves])
        for pairs in other.keyless.parts():
            bits = convert(pairs.bits)
            leaves = (bits & ~AGE_BITS) != 0
            self.keyless.add(pairs.name[leaves], bits[leaves], pairs.rows[leaves])

    def add_settled(self, other: UnitStore) -> None:
        """Add what a store of the same fields holds; its ordinals stay."""
        to = self._add_kinds(other)
        self.elsewhere += [replace(each, view=each.view.absorbed(to, 0, None)) for each in other.elsewhere]
        parts = other.local_parts()
        for slots, units in parts:
            places = [to[slot] for slot in slots]
            order = sorted(range(len(places)), key=places.__getitem__)
            pile = self._pile(tuple(places[i] for i in order))
            pile.add(replace(units, keys=units.keys[:, order]))
        self.keyless.add_pile(other.keyless)
        for reading, numbered in other.numbered.items():
            self.add_keyless(reading, *numbered.rows())

    def merge(self, part: PartialCount) -> None:
        """Add what was counted elsewhere; its ordinals stay."""
        self.kind_columns.merge(part.kind_columns)
        for kind in part.kind_columns.ordered(part.kinds):
            self.place(kind)
        to = [self.place(kind) for kind in part.kinds]
        if part.remote is not None:
            view = replace(part.remote.view, places={kind: self.place(kind) for kind in part.kinds})
            self.elsewhere.append(replace(part.remote, view=view))
        for slots, u in part.piles.items():
            places = [to[s] for s in slots]
            order = sorted(range(len(places)), key=places.__getitem__)
            keys = u.keys if order == list(range(len(places))) else u.keys[:, order]
            pile = self._pile(tuple(places[j] for j in order))
            pile.add(replace(u, keys=keys))
        self.keyless.add(part.keyless.name, part.keyless.bits, part.keyless.rows)
        for reading, rows_of_reading in part.numbered.items():
            self.add_keyless(reading, *rows_of_reading)
        self.add_spaces(part.spaces)
        self.samples.add(part.samples)
        self.unread_births += part.unread_births

    def keyless_rows(self) -> KeylessRows:
        """Return the rows without a key and place as arrays."""
        parts = list(self.keyless.parts())
        columns = ([getattr(part, name) for part in parts] for name in KeylessRows.__slots__)
        return KeylessRows(*map(np.concatenate, columns))

    def numbered_rows(self, place: int) -> dict[RoleReading, NumberedColumns]:
        """Return the rows without a key that have places in a reading. place: of the reading's first row."""
        rows = {reading: numbered.rows() for reading, numbered in self.numbered.items()}
        return {reading: (places + place, name, bits) for reading, (places, name, bits) in rows.items()}

    def key_kinds(self, rows: int) -> KeyKinds:
        """Return the kinds of keys by place, with what their keys show. rows: that were read."""
        labels, scopes = zip(*self.kinds(), strict=True) if self.slots else ((), ())
        spaces = {self.slots[kind]: space for kind, space in self.spaces.items() if kind in self.slots}
        mistyped = (place for place, label in enumerate(labels) if label == "resident_id")
        joined = self.kind_columns.joined(self.slots)
        together = {other: {other, *(p for p in joined if joined[p] == other)} for other in joined.values()}
        joined = {p: other for p, other in joined.items() if self._is_once_a_row(rows, together[other])}
        return KeyKinds(labels, scopes, spaces, frozenset(filter(self._is_mistyped, mistyped)), joined)

    def _is_once_a_row(self, rows: int, slots: Collection[int]) -> bool:
        """Does every row hold another key of these kinds, or none? Else one person may use several kinds."""
        without_key = self.rows_without_key().rows
        if (remote := self.remote()) is not None:
            return different_keys(remote, frozenset(slots)) + without_key >= rows
        keys = KeyRuns(self.memory)
        for places, units in self.local_parts():
            for j in (j for j, slot in enumerate(places) if slot in slots):
                keys.add(units.keys[:, j])
        ranges = (np.unique(each[each != 0]) for each in keys.ranges())
        return sum(map(len, ranges)) + without_key >= rows

    def _is_mistyped(self, slot: int) -> bool:
        """Do more than a share of the resident IDs of a kind fail their check?"""
        failing = filled = 0
        if (remote := self.remote()) is not None:
            for slots, size in remote.sizes.items():
                for j in (j for j, each in enumerate(slots) if each == slot):
                    filled, failing = filled + size.filled[j], failing + size.failing[j]
            return failing > MOST_FAILING * filled
        for slots, units in self.parts():
            for j in (j for j, each in enumerate(slots) if each == slot):
                keys = units.keys[:, j]
                filled += int(np.count_nonzero(keys))
                failing += int(((keys != 0) & ((keys & _U64(1)) == 0)).sum())
        return failing > MOST_FAILING * filled
