"""How many natural persons: keys of a row belong to one subject, rows link by shared keys, and the answer is an interval.

low   everything that could be one person is one: every shared key links, and kinds of keys that never meet in a row are taken for the same
      people; two different valid resident IDs stay two persons all the same.
best  shared keys link, except a phone or e-mail shared under different names or IDs, and values shared by improbably many.
high  nothing merges without proof: an equal identity number or scoped user id, or an equal phone or e-mail where names agree; a row
      without any key is a person of its own.

A name with a day of birth links in `low` alone: of many people some share both. An identity number that fails its check proves nothing:
in `low`, whoever has no other key may be somebody else's number mistyped. Who registered twice and left nothing in common cannot be seen
by anybody.

Linking uses every key of a row, exported or not, so dropping a field changes nobody's identity. The result is a histogram of persons by
which exported fields are filled; it holds no key and no value, and every later question is answered from it.

Source of the unit: 促进和规范数据跨境流动规定答记者问 问11 (自然人, 去重).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

import numpy as np
import pyarrow as pa

from detectors.message import Note, Text
from detectors.model import ColumnId, CountMethod
from mappings import notes
from mappings.keyless import SPLIT, CountPart, KeylessRows
from mappings.ledger import FLAGS, UNDER_14, PersonSet, limit_size, merge_equal
from mappings.linking import CROWD, PersonLinks, UnitGraph, build_graph, codes_of, is_usable_key, split_by_shared_keys
from mappings.model import Cell, Estimate, FlowCount, Sensitive, Tally
from mappings.person_keys import birth_days, hash_keys, is_filled, is_minor
from mappings.person_records import MINOR, SOFT, Pile, Units, run_starts, soft_key

FIELDS = 62                                   # exported fields with a bit of their own; further ordinary ones share the last
CHEAP = 2_000_000                             # rows that are linked without further thought
CELLS = 4_096                                 # cells a histogram keeps for each level
_U64 = np.uint64
_ONE = np.uint64(1)


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """A column whose value tells persons apart. scope: equal hashes mean equal persons only within it."""

    column: str
    label: str
    scope: str
    role: str = ""                            # whose key: empty for the row's own subject, else spouse, receiver ...
    sure: bool = True                         # False: the column may hold something else, which is then no placeholder


@dataclass(frozen=True, slots=True)
class ExportedColumn:
    """A column that leaves, whose it is, and whether it is sensitive."""

    column: str
    id: ColumnId
    sensitive: Sensitive
    role: str = ""


@dataclass(frozen=True, slots=True)
class RowPlan:
    """How the rows of one table speak of persons. names, births: role -> column (births with its label).

    A device is nobody's proof: it only says which rows without a key may be one person (答记者问 问11: persons, not devices).
    """

    exported: tuple[ExportedColumn, ...]
    keys: tuple[KeyColumn, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    births: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    devices: Mapping[str, str] = field(default_factory=dict)          # role -> column: best evidence for rows without key or name

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the counting reads."""
        wanted = (
            [e.column for e in self.exported]
            + [k.column for k in self.keys]
            + [*self.names.values()]
            + [c for c, _ in self.births.values()]
            + [*self.devices.values()]
        )
        return tuple(dict.fromkeys(wanted))


KINDS = ("resident_id", "passport", "other_id_document", "user_id", "employee_no", "username", "medical_record_no", "im_account",
         "phone_mobile", "email", "bank_card", "bank_account")
OTHERS: Mapping[str, Sensitive] = {"sensitive": "yes", "depends": "depends", "ordinary": "no"}    # absorbed fields, reduced
PEELED = 12                                   # patterns of persons counted one by one before the rest is sorted


def key_rank(label: str) -> int:
    """Which kind of key names a person best: 0 is the best."""
    return KINDS.index(label) if label in KINDS else len(KINDS)


class PersonCounter:
    """Streams rows in, keeps keyed hashes, gives out a Tally. One key for all entities of a group and year."""

    def __init__(self, key: bytes, as_of: date, fields: Sequence[ExportedColumn] = ()) -> None:
        self._key = key
        self._as_of = as_of
        self._fields: dict[ColumnId, int] = {}
        self._sensitive: dict[ColumnId, Sensitive] = {}
        self._roles = {e.id: e.role for e in fields if e.role}
        self._shift = 0                       # where the flags of absorbed flows begin
        for e in sorted(fields, key=lambda e: (e.sensitive == "no", e.id)):
            self._fields.setdefault(e.id, min(len(self._fields), FIELDS - 1))
            self._sensitive[e.id] = e.sensitive
        self._slots: dict[tuple[str, str], int] = {}
        self._piles: dict[tuple[int, ...], Pile] = {}
        self._keyless: dict[tuple[int, int], int] = {}       # (name, bits) -> rows
        self.rows = 0
        self.placeholders = 0
        self.excluded = 0                     # rows of test accounts
        self.spoiled: list[Text] = []         # what could not be read whole
        self._told: Tally | None = None       # the tally, while nothing is added

    def snapshot(self) -> Callable[[], None]:
        """Remember this moment; the function given back returns to it, as if nothing had been added since."""
        piles = {slots: (pile.settled, list(pile.pending), pile.waiting) for slots, pile in self._piles.items()}
        keyless, slots = dict(self._keyless), dict(self._slots)
        counts = self.rows, self.placeholders, self.excluded

        def back() -> None:
            self._told = None
            self._piles = {}
            for which, (settled, pending, waiting) in piles.items():
                pile = self._piles[which] = Pile()
                pile.settled, pile.pending, pile.waiting = settled, list(pending), waiting
            self._keyless, self._slots = dict(keyless), dict(slots)
            self.rows, self.placeholders, self.excluded = counts

        return back

    def add(self, plan: RowPlan, batch: Mapping[str, pa.Array]) -> None:
        """Count the rows of a batch; columns by name, equal lengths."""
        self._told = None
        before = self.rows
        self.rows += len(next(iter(batch.values()))) if batch else 0
        for role in sorted({e.role for e in plan.exported}):
            self._add(plan, batch, role, before)

    def _add(self, plan: RowPlan, batch: Mapping[str, pa.Array], role: str, before: int) -> None:
        own = [e for e in plan.exported if e.role == role]
        n = len(batch[own[0].column])
        bits = np.zeros(n, dtype=_U64)
        for e in own:
            bits |= is_filled(batch[e.column]).astype(_U64) << _U64(self._fields[e.id])
        keys = [k for k in plan.keys if k.role == role]
        columns = []
        for k in keys:
            found, cut = hash_keys(batch[k.column], k.label, k.scope, self._key)
            self.placeholders += cut if k.sure else 0
            columns.append(found)
        name = hash_keys(batch[plan.names[role]], "person_name", "name", self._key)[0] if role in plan.names else None
        leaves = bits != 0                    # a row whose exported fields are all blank sends nobody abroad
        soft = np.zeros(n, _U64)
        if role in plan.births:
            column, label = plan.births[role]
            bits |= np.where(is_minor(batch[column], label, self._as_of), MINOR, _U64(0))
            if name is not None and label == "birth_date":
                soft = soft_key(name, birth_days(batch[column]))
        slots, matrix = self._by_slot(keys, columns, n)
        keyed = np.zeros(n, bool)
        for found in columns:
            keyed |= found != 0
        keyed &= leaves
        if keys and role in plan.births and plan.births[role][1] == "birth_date" and name is not None:      # whatever this batch holds
            slots, matrix = (*slots, self._slots.setdefault(SOFT, len(self._slots))), np.column_stack([matrix, soft])
        if name is not None and soft.any():
            name = np.where(keyed | (soft == 0), name, soft)        # without a key, the name with the day of birth is the best evidence
        self._keep(slots, Units(matrix, name, bits, np.arange(before, before + n)), keyed)
        lone = leaves & ~keyed
        if role in plan.devices and lone.any():
            device = hash_keys(batch[plan.devices[role]], "device_id", "device_id", self._key)[0]
            name = device if name is None else np.where(lone & (name == 0), device, name)
        self._count_keyless(name[lone] if name is not None else np.zeros(int(lone.sum()), _U64), bits[lone])

    def _by_slot(self, keys: Sequence[KeyColumn], columns: Sequence[np.ndarray], n: int) -> tuple[tuple[int, ...], np.ndarray]:
        """Kinds of keys in order, and a column of hashes for each; a second column of a kind stands as a kind of its own in the pile."""
        order = sorted(range(len(keys)), key=lambda i: self._slot(keys[i]))
        matrix = np.stack([columns[i] for i in order], axis=1) if order else np.zeros((n, 0), _U64)
        return tuple(self._slot(keys[i]) for i in order), matrix

    def _keep(self, slots: tuple[int, ...], u: Units, which: np.ndarray) -> None:
        if not which.any():
            return
        if len(slots) == 1 and u.name is None:
            u = replace(u, first_row=None)         # no choice will hang on the order
        self._piles.setdefault(slots, Pile()).add(u.select(which))

    def _count_keyless(self, name: np.ndarray, bits: np.ndarray, rows: np.ndarray | None = None) -> None:
        if not len(bits):
            return
        pairs, inverse = np.unique(np.stack([name, bits], axis=1), axis=0, return_inverse=True)
        weights = np.bincount(inverse.ravel(), weights=rows).astype(np.int64)
        for (who, what), weight in zip(pairs.tolist(), weights.tolist(), strict=True):
            self._keyless[who, what] = self._keyless.get((who, what), 0) + weight

    def _slot(self, key: KeyColumn) -> int:
        return self._slots.setdefault((key.label, key.scope), len(self._slots))

    def absorb(self, other: PersonCounter, without: Collection[ColumnId] = (), *, whole: bool = False) -> None:
        """Add the persons of another flow, less some fields; start from a counter without fields, or with `over`.

        Fields are reduced to three: sensitive, perhaps sensitive, ordinary. whole: the fields stay as they are; `over` prepared their bits.
        """
        self._told = None
        to = {index: self._slots.setdefault(mine, len(self._slots)) for mine, index in other._slots.items()}
        reduced = other._moved(self._fields, without) if whole else other._reduced(without, self._shift)
        for slots, pile in other._piles.items():
            u = pile.units()
            flags = reduced(u.bits)
            order = sorted(range(len(slots)), key=lambda i: to[slots[i]])
            seen = u.first_row + self.rows if u.first_row is not None else None
            self._keep(tuple(to[slots[i]] for i in order), Units(u.keys[:, order], u.name, flags, seen), (flags & ~MINOR) != 0)
        if other._keyless:
            pairs = np.array(list(other._keyless), _U64)
            flags = reduced(pairs[:, 1])
            on = (flags & ~MINOR) != 0
            self._count_keyless(pairs[on, 0], flags[on], np.array(list(other._keyless.values()))[on])
        if not whole:
            for i, (name, kind) in enumerate(OTHERS.items()):
                self._fields[ColumnId(name)] = self._shift + i
                self._sensitive[ColumnId(name)] = kind
        self.rows += other.rows
        self.placeholders += other.placeholders
        self.spoiled += other.spoiled

    def part(self, split: int, before: int = 0) -> CountPart:
        """Everything counted, for another counter of the same fields to merge. split: which of a table's splits these rows are of, and
        before: how many of its rows were counted before them. All rows must be of one table."""
        place = (split << SPLIT) + before
        piles = {slots: pile.units() for slots, pile in self._piles.items()}
        pairs = np.array(list(self._keyless), _U64).reshape(-1, 2)
        return CountPart(
            tuple(sorted(self._slots, key=self._slots.__getitem__)),
            {slots: Units(u.keys, u.name, u.bits, None if u.first_row is None else u.first_row + place) for slots, u in piles.items()},
            KeylessRows(pairs[:, 0], pairs[:, 1], np.array(list(self._keyless.values()), np.int64)),
            {split: self.rows}, self.placeholders, self.excluded,
        )

    def merge(self, part: CountPart) -> None:
        """Add what was counted elsewhere, its rows after all there are: the tally is as if they had been added here, split after split."""
        self._told = None
        part = part.with_ordinals(self.rows)
        to = [self._slots.setdefault(kind, len(self._slots)) for kind in part.kinds]
        last = self._slots.get(SOFT, -1)
        for slots, u in part.piles.items():
            mine = [to[s] for s in slots]
            order = sorted(range(len(mine)), key=lambda j: (mine[j] == last, mine[j]))
            keys = u.keys if order == list(range(len(mine))) else u.keys[:, order]
            self._piles.setdefault(tuple(mine[j] for j in order), Pile()).add(Units(keys, u.name, u.bits, u.first_row))
        lone = part.keyless
        for who, what, rows in zip(lone.name.tolist(), lone.bits.tolist(), lone.rows.tolist(), strict=True):
            self._keyless[who, what] = self._keyless.get((who, what), 0) + rows
        self.rows += sum(part.rows.values())
        self.placeholders += part.placeholders
        self.excluded += part.excluded

    @classmethod
    def over(cls, key: bytes, as_of: date, one: PersonCounter) -> PersonCounter:
        """An empty counter that keeps the fields of `one` as they are and has room for three flags of everything else."""
        made = cls(key, as_of)
        made._shift = FIELDS - len(OTHERS)
        made._fields = {f: min(i, made._shift - 1) for f, i in one._fields.items()}
        made._sensitive = dict(one._sensitive)
        made._roles = dict(one._roles)
        return made

    def _reduced(self, without: Collection[ColumnId], shift: int) -> Callable[[np.ndarray], np.ndarray]:
        masks = self._masks(without)

        def flags(bits: np.ndarray) -> np.ndarray:
            three = _flags(bits, masks)
            return (three & MINOR) | ((three & ~MINOR) << _U64(shift))

        return flags

    def _moved(self, to: Mapping[ColumnId, int], without: Collection[ColumnId]) -> Callable[[np.ndarray], np.ndarray]:
        ways = {(i, to[f]) for f, i in self._fields.items() if f not in without}

        def moved(bits: np.ndarray) -> np.ndarray:
            out = bits & MINOR
            for i, j in ways:
                out |= ((bits >> _U64(i)) & _ONE) << _U64(j)
            return out

        return moved

    def _masks(self, without: Collection[ColumnId]) -> tuple[np.uint64, np.uint64, np.uint64]:
        def mask(kind: str) -> np.uint64:
            out = 0
            for f, i in self._fields.items():
                if f not in without and self._sensitive[f] == kind:
                    out |= 1 << i
            return _U64(out)

        return mask("yes"), mask("depends"), mask("no")

    def tally(self) -> Tally:
        """Persons by filled fields at the three levels; worked out once for the rows there are."""
        if self._told is None:
            self._told = self._tallied()
        return self._told

    def _tallied(self) -> Tally:
        kinds = [label for label, _ in sorted(self._slots, key=self._slots.__getitem__)]
        ids = [i for i, k in enumerate(kinds) if k == "resident_id"]
        lonely, units = _parted({slots: pile.units() for slots, pile in self._piles.items()}, self._keyless, ids)
        people = PersonLinks(units, kinds)
        keep = sum({1 << i for f, i in self._fields.items() if self._sensitive[f] != "no"})
        roles = sorted({self._roles.get(f, "") for f in self._fields})
        whose = [sum({1 << i for f, i in self._fields.items() if self._roles.get(f, "") == r}) & ~keep for r in roles]
        levels: tuple[tuple[Literal["low", "best", "high"], Callable[[], np.ndarray]], ...] = (
            ("low", people.low), ("best", people.best), ("high", people.high))
        cells: list[Cell] = []
        coarse = False
        for level, persons in levels:
            table = _table(level, persons(), units, lonely)
            coarse |= len(table) > CELLS
            cells += [Cell(level, b, m, s, t) for (b, m, s), t in sorted(_coarser(table, keep, whose).items())]
        return Tally(
            fields=tuple((f, i, self._sensitive[f]) for f, i in self._fields.items()), cells=tuple(cells), rows=self.rows,
            rows_without_key=sum(self._keyless.values()), placeholders=self.placeholders, crowded=people.crowded, shared=people.shared,
            kinds=tuple(dict.fromkeys(k for k in kinds if k != SOFT[0])), coarse=coarse, roles=self._roles,
        )

    def persons(self, without: Collection[ColumnId] = ()) -> PersonSet:
        """The persons (at `best`) by one hash each, for the ledger: the smallest key of the best kind a person has."""
        kinds = sorted(self._slots, key=self._slots.__getitem__)
        ranks = np.array([key_rank(label) for label, _ in kinds] or [0])
        masks = self._masks(without)
        found: dict[int, list[np.ndarray]] = {}
        same: dict[int, list[np.ndarray]] = {}
        piles = {slots: pile.units() for slots, pile in self._piles.items()}
        alone, linked = split_by_shared_keys(piles)
        for slots, u in alone:
            order = sorted(range(len(slots)), key=lambda j: (ranks[slots[j]], slots[j]))
            flags = _four(u.bits, masks)
            left = flags != 0
            for j in order:
                here = left & (u.keys[:, j] != 0)
                found.setdefault(slots[j], []).append((u.keys[here, j] & ~FLAGS) | flags[here])
                left &= ~here
        ids = [i for i, (label, _) in enumerate(kinds) if label == "resident_id"]
        units = build_graph(linked, self._keyless, ids)
        people = PersonLinks(units, [label for label, _ in kinds])
        keyless = people.identities(_four(units.bits, masks), ranks, found, same)
        total = estimate(self.tally(), without)
        return limit_size(
            PersonSet(
                {kinds[i]: merge_equal(np.sort(np.concatenate(parts))) for i, parts in sorted(found.items()) if sum(map(len, parts))},
                {kinds[i]: np.concatenate(parts) for i, parts in sorted(same.items())},
                keyless,
                _slack(total.individuals),
                _slack(total.sensitive),
                least=(total.individuals.low, total.sensitive.low),
            )
        )


def _slack(e: Estimate) -> tuple[int, int | None]:
    return e.best - e.low, None if e.high is None else e.high - e.best


def _four(bits: np.ndarray, masks: tuple[np.uint64, np.uint64, np.uint64]) -> np.ndarray:
    """Fields reduced to the ledger's flags; 0 where nothing leaves."""
    flags = _flags(bits, masks)
    kept = flags & _U64(7)
    return np.where(kept != 0, kept | np.where((flags & MINOR) != 0, _U64(UNDER_14), _U64(0)), _U64(0))


def _flags(bits: np.ndarray, masks: tuple[np.uint64, np.uint64, np.uint64]) -> np.ndarray:
    """Fields reduced to sensitive, perhaps sensitive, ordinary; MINOR stays."""
    yes, depends, ordinary = masks
    return _flag(bits & yes, 0) | _flag(bits & depends, 1) | _flag(bits & ordinary, 2) | (bits & MINOR)


def _parted(
    piles: Mapping[tuple[int, ...], Units], keyless: Mapping[tuple[int, int], int], ids: Sequence[int]
) -> tuple[dict[tuple[int, int], int], UnitGraph]:
    """(persons who share no key with anybody, as (slots, bits) -> persons; every other unit, and the rows without a key).

    Most persons share nothing with anyone and need no graph: they are one person at every level. ids: the kinds that are resident IDs; one
    that fails its check does not count as a kind a person has, so that `low` takes who has nothing else for somebody mistyped.
    """
    lonely: dict[tuple[int, int], int] = {}
    alone, linked = split_by_shared_keys(piles)
    for slots, u in alone:
        kinds = np.zeros(len(u), _U64)
        for j, slot in enumerate(slots):
            kinds |= np.where(is_usable_key(u.keys[:, j], slot in ids), _ONE << _U64(min(slot, 63)), _U64(0))
        _tabulate(lonely, kinds, u.bits)
    return lonely, build_graph(linked, keyless, ids)


def _tabulate(table: dict[tuple[int, int], int], kinds: np.ndarray, bits: np.ndarray, persons: np.ndarray | None = None) -> None:
    """Add persons by (kinds of keys, fields) to a table; few different pairs among many persons."""
    for _ in range(PEELED):                   # most people look like one of a few; sorting is for the rest
        if not len(bits):
            return
        same = (bits == bits[0]) & (kinds == kinds[0])
        pair = int(kinds[0]), int(bits[0])
        table[pair] = table.get(pair, 0) + int(same.sum() if persons is None else persons[same].sum())
        if same.all():
            return
        kinds, bits, persons = kinds[~same], bits[~same], None if persons is None else persons[~same]
    mixed = kinds * _U64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> _U64(31)
    mixed += bits * _U64(0xD6E8FEB86659FD93)
    order = np.argsort(mixed)
    starts = np.flatnonzero(run_starts(mixed[order]))
    totals = np.diff(np.append(starts, len(order))) if persons is None else np.add.reduceat(persons[order], starts)
    one = order[starts]
    for k, b, total in zip(kinds[one].tolist(), bits[one].tolist(), totals.tolist(), strict=True):
        table[k, b] = table.get((k, b), 0) + total


def estimate(tally: Tally, without: Collection[ColumnId] = (), method: CountMethod = "exact") -> FlowCount:
    """Persons of a tally when the fields `without` do not leave."""
    return Histogram(tally).count(without, method=method)


class Histogram:
    """A tally as arrays, for many questions: which fields leave, in which form, of whom."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.levels: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = {}
        for level in ("low", "best", "high"):
            cells = [c for c in tally.cells if c.level == level]
            self.levels[level] = (np.array([c.bits for c in cells], _U64), np.array([c.minor for c in cells], bool),
                                  np.array([c.slots for c in cells], _U64), np.array([c.persons for c in cells], np.int64))

    def masks(
        self, without: Collection[ColumnId] = (), weaker: Collection[ColumnId] = (), roles: Collection[str] | None = None
    ) -> tuple[int, int, int]:
        """Bits of the fields that leave: sensitive, perhaps sensitive, ordinary."""
        yes = depends = no = 0
        for f, i, kind in self.tally.fields:
            if f in without or roles is not None and self.tally.roles.get(f, "") not in roles:
                continue
            if kind == "no" or f in weaker:
                no |= 1 << i
            elif kind == "yes":
                yes |= 1 << i
            else:
                depends |= 1 << i
        return yes, depends, no

    def count(
        self, without: Collection[ColumnId] = (), weaker: Collection[ColumnId] = (), adults: bool = False,
        roles: Collection[str] | None = None, method: CountMethod = "exact",
    ) -> FlowCount:
        """Persons when the fields `without` do not leave.

        weaker: sensitive fields sent in a form that is not sensitive. adults: rows of persons under 14 stay home. roles: only the persons
        whose fields these are; an empty role is the rows' own subject, None is everybody.
        A minor's every item is sensitive (个人信息保护法 第二十八条). Items that are sensitive only by context, an ID number alone say,
        are ordinary in the count itself and sensitive in its `strict` reading.
        """
        yes, depends, no = self.masks(without, weaker, roles)
        found = self._measured(yes, depends | no, method, adults)
        return replace(found, strict=self._measured(yes | depends, no, method, adults)) if depends else found

    def _measured(self, sensitive: int, ordinary: int, method: CountMethod, adults: bool) -> FlowCount:
        numbers: dict[str, dict[str, int]] = {}
        for level, (bits, minor, slots, persons) in self.levels.items():
            here = (bits & _U64(sensitive | ordinary)) != 0
            if adults:
                here &= ~minor
            careful = (((bits & _U64(sensitive)) != 0) | minor) & here
            which = {"individuals": here, "sensitive": careful, "minors": minor & here, "ordinary_only": here & ~careful,
                     "ordinary": ((bits & _U64(ordinary)) != 0) & ~minor & here}
            numbers[level] = {name: int(persons[hits].sum()) if level != "low" else _by_kind(slots[hits], persons[hits])
                              for name, hits in which.items()}

        def interval(name: str) -> Estimate:
            found = sorted(numbers[level][name] for level in numbers)
            return Estimate(found[0], numbers["best"][name], found[2], method)

        return FlowCount(
            interval("individuals"),
            interval("sensitive"),
            interval("minors"),
            interval("ordinary_only"),
            interval("ordinary"),
            count_notes(self.tally),
        )


def _by_kind(slots: np.ndarray, persons: np.ndarray) -> int:
    """Persons under the kind of key most of them have; one where there are persons and none has a key."""
    if not len(persons):
        return 0
    used = int(np.bitwise_or.reduce(slots))
    kinds = [int(persons[(slots >> _U64(k)) & _ONE != 0].sum()) for k in range(used.bit_length()) if used >> k & 1]
    return max(kinds, default=1)


def count_notes(tally: Tally) -> tuple[Note, ...]:
    """How the count was made, with denominators."""
    out = [notes.keys_used(tally.kinds, tally.rows)]
    if tally.rows_without_key:
        out.append(notes.keyless(tally.rows_without_key, tally.rows))
    if tally.placeholders:
        out.append(notes.placeholders(tally.placeholders))
    if tally.shared:
        out.append(notes.shared(tally.shared))
    if tally.coarse:
        out.append(notes.coarse(CELLS))
    if tally.crowded:
        out.append(notes.crowded(tally.crowded, CROWD))
    return tuple(out)


def _table(
    level: Literal["low", "best", "high"], person: np.ndarray, u: UnitGraph, lonely: Mapping[tuple[int, int], int]
) -> dict[tuple[int, bool, int], int]:
    """Persons by (filled fields, minority, for `low` kinds of keys). A keyless unit stands for as many persons as rows."""
    with_slots = level == "low"
    table: dict[tuple[int, int], int] = {}
    for (kinds, fields), total in lonely.items():
        pair = (kinds if with_slots else 0), fields
        table[pair] = table.get(pair, 0) + total
    if len(person):
        codes = codes_of(person)
        size = int(codes.max()) + 1
        bits, slots = np.zeros(size, _U64), np.zeros(size, _U64)
        persons = np.ones(size, np.int64)
        np.bitwise_or.at(bits, codes, u.bits)
        if with_slots:
            np.bitwise_or.at(slots, codes, u.slots)
        lone = ~u.keyed & ((u.name == 0) if level == "best" else True)
        if level != "low":
            persons[codes[lone]] = u.weight[lone]
        _tabulate(table, slots, bits, persons)
    found: dict[tuple[int, bool, int], int] = {}
    for (k, b), total in table.items():
        cell = b & ~int(MINOR), bool(b & int(MINOR)), k
        found[cell] = found.get(cell, 0) + total
    return found


def _coarser(found: dict[tuple[int, bool, int], int], keep: int, whose: Sequence[int]) -> dict[tuple[int, bool, int], int]:
    """At most about `CELLS` cells: the smallest ones lose which ordinary fields are filled, never which are or may be sensitive (`keep`).

    whose: the ordinary fields of each role; the first filled one of a role stands for all of them.

    Nobody is lost; only questions about dropping ordinary fields need the data again.
    """
    if len(found) <= CELLS:
        return found
    order = sorted(found, key=lambda c: (-found[c], c))
    out = {c: found[c] for c in order[:CELLS // 2]}
    for b, m, s in order[CELLS // 2:]:
        bits = b & keep
        for mine in whose:
            bits |= b & mine & -(b & mine)
        cell = bits, m, s
        out[cell] = out.get(cell, 0) + found[b, m, s]
    return out


def _flag(bits: np.ndarray, to: int) -> np.ndarray:
    return np.where(bits != 0, _ONE << _U64(to), _U64(0))
