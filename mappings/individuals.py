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

Source of the unit: 促进和规范数据跨境流动规定答记者问 问11 (自然人, 去重); vectorised min-label propagation for connected components.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np
import pyarrow as pa

from detectors.model import ColumnId, CountMethod
from mappings.keys import DIFFERENT, STRONG, birth_days, filled, hashed, minors
from mappings.ledger import FLAGS, UNDER_14, Persons, slimmed
from mappings.model import Cell, Estimate, FlowCount, Sensitive, Tally

FIELDS = 62                                   # exported fields with a bit of their own; further ordinary ones share the last
CELLS = 4_096                                 # cells a histogram keeps for each level
CROWD = 6                                     # a phone or e-mail under this many names or IDs links nobody
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
class Exported:
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

    exported: tuple[Exported, ...]
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


KINDS = (
    "resident_id",
    "passport",
    "other_id_document",
    "user_id",
    "employee_no",
    "username",
    "medical_record_no",
    "im_account",
    "phone_mobile",
    "email",
    "bank_card",
    "bank_account",
)       # which key names a person in the ledger, best first
SOFT = ("name_and_birth_date", "name_and_birth_date")        # links in `low` alone, proves nothing
MINOR = np.uint64(1) << np.uint64(63)         # the bit of a unit, beside its fields', that says the person is under fourteen
PENDING = 8_000_000                           # rows kept before equal ones are folded together


@dataclass(slots=True)
class _Units:
    """Rows with at least one key, reduced to what counting needs; equal keys under equal names are one unit.

    keys: uint64 of shape (n, kinds), 0 where there is none; name: uint64 hash or None where no row has a name;
    bits: fields filled, and MINOR;
    seen: ordinal of the first such row, or None where no choice between units will ever hang on it (one kind of key and no names).
    """

    keys: np.ndarray
    name: np.ndarray | None
    bits: np.ndarray
    seen: np.ndarray | None

    def __len__(self) -> int:
        return len(self.bits)


class _Pile:
    """The units of all tables that have the same kinds of keys. Folds equal ones whenever a third as much is pending as is settled."""

    def __init__(self) -> None:
        self.settled: _Units | None = None    # in the order of `_mixed`
        self.pending: list[_Units] = []
        self.waiting = 0

    def add(self, units: _Units) -> None:
        self.pending.append(units)
        self.waiting += len(units)
        if self.waiting >= max(PENDING, len(self.settled) // 3 if self.settled is not None else 0):
            self.units()

    def units(self) -> _Units:
        """Everything so far, folded."""
        if self.pending:
            new = _folded(_stacked(self.pending), False)
            self.pending, self.waiting = [], 0
            parts = [u for u in (self.settled, new) if u is not None]
            self.settled = None
            self.settled = _folded(_stacked(parts), True) if len(parts) > 1 else new
        assert self.settled is not None
        return self.settled


def _stacked(parts: list[_Units]) -> _Units:
    """Units of several batches, one under the other; the list is emptied as it is read."""
    if len(parts) == 1:
        return parts.pop()
    named = any(p.name is not None for p in parts)
    ordered = any(p.seen is not None for p in parts) or named
    keys = np.concatenate([p.keys for p in parts])
    name = np.concatenate([p.name if p.name is not None else np.zeros(len(p), _U64) for p in parts]) if named else None
    bits = np.concatenate([p.bits for p in parts])
    seen = np.concatenate([p.seen if p.seen is not None else np.zeros(len(p), np.int64) for p in parts]) if ordered else None
    parts.clear()
    return _Units(keys, name, bits, seen)


def _folded(u: _Units, runs: bool) -> _Units:
    """Equal keys under equal names as one unit with the fields of all of them. runs: the units are two runs already in order."""
    n, kinds = u.keys.shape
    if n < 2:
        return u
    plain = kinds == 1 and u.name is None and u.seen is None
    if plain and (u.bits == u.bits[0]).all():
        keys = np.sort(u.keys[:, 0], kind="stable" if runs else None)
        keys = keys[_firsts(keys)]
        return _Units(keys[:, None], None, np.full(len(keys), u.bits[0], _U64), None)
    mixed = u.keys[:, 0] if plain else _mixed(u)
    order = np.argsort(mixed, kind="stable") if runs else _order(mixed)
    mixed = np.take(mixed, order)
    starts = np.flatnonzero(_firsts(mixed))
    del mixed
    one = np.take(order, starts)
    if len(one) == n:
        bits, seen = np.take(u.bits, one), np.take(u.seen, one) if u.seen is not None else None
    else:
        bits = np.bitwise_or.reduceat(np.take(u.bits, order), starts)
        seen = np.minimum.reduceat(np.take(u.seen, order), starts) if u.seen is not None else None
    del order
    return _Units(np.take(u.keys, one, axis=0), np.take(u.name, one) if u.name is not None else None, bits, seen)


def _order(values: np.ndarray) -> np.ndarray:
    """Positions of the values in about ascending order: their upper bits are sorted with the position packed below them, which takes half
    the time of an argsort. Equal values that share their upper bits with another may stay apart; such units are joined by the graph."""
    width = int(len(values)).bit_length()
    packed = (values >> _U64(width)) << _U64(width)
    packed |= np.arange(len(values), dtype=_U64)
    packed.sort()
    packed &= _U64((1 << width) - 1)
    return packed.view(np.int64)


def _soft(name: np.ndarray, day: np.ndarray) -> np.ndarray:
    """A key from a name and a day of birth; 0 where one of them is missing."""
    mixed = (name ^ (day.astype(_U64) * _U64(0x9E3779B97F4A7C15))) * _U64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> _U64(31)
    return np.where((name != 0) & (day != 0), mixed | _ONE, _U64(0))


def _mixed(u: _Units) -> np.ndarray:
    """64 bits that stand for all keys and the name of a unit; the keys are secret hashes, so a plain mix is enough."""
    out = u.name.copy() if u.name is not None else np.zeros(len(u), _U64)
    for j in range(u.keys.shape[1]):
        out *= _U64(0x9E3779B97F4A7C15)
        out ^= out >> _U64(29)
        out += u.keys[:, j]
    return out


def _firsts(ordered: np.ndarray) -> np.ndarray:
    """bool: is it the first of its run?"""
    out = np.empty(len(ordered), bool)
    out[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=out[1:])
    return out


class PersonCounter:
    """Streams rows in, keeps keyed hashes, gives out a Tally. One key for all entities of a group and year."""

    def __init__(self, key: bytes, as_of: date, fields: Sequence[Exported] = ()) -> None:
        self._key = key
        self._as_of = as_of
        self._fields: dict[ColumnId, int] = {}
        self._sensitive: dict[ColumnId, Sensitive] = {}
        for e in sorted(fields, key=lambda e: (e.sensitive == "no", e.id)):
            self._fields.setdefault(e.id, min(len(self._fields), FIELDS - 1))
            self._sensitive[e.id] = e.sensitive
        self._slots: dict[tuple[str, str], int] = {}
        self._piles: dict[tuple[int, ...], _Pile] = {}
        self._keyless: dict[tuple[int, int], int] = {}       # (name, bits) -> rows
        self.rows = 0
        self.placeholders = 0
        self.excluded = 0                     # rows of test accounts
        self.spoiled: list[str] = []          # what could not be read whole

    def mark(self) -> Callable[[], None]:
        """Remember this moment; the function given back returns to it, as if nothing had been added since."""
        piles = {slots: (pile.settled, list(pile.pending), pile.waiting) for slots, pile in self._piles.items()}
        keyless, slots = dict(self._keyless), dict(self._slots)
        counts = self.rows, self.placeholders, self.excluded

        def back() -> None:
            self._piles = {}
            for which, (settled, pending, waiting) in piles.items():
                pile = self._piles[which] = _Pile()
                pile.settled, pile.pending, pile.waiting = settled, list(pending), waiting
            self._keyless, self._slots = dict(keyless), dict(slots)
            self.rows, self.placeholders, self.excluded = counts

        return back

    def add(self, plan: RowPlan, batch: Mapping[str, pa.Array]) -> None:
        """Count the rows of a batch; columns by name, equal lengths."""
        before = self.rows
        self.rows += len(next(iter(batch.values()))) if batch else 0
        for role in sorted({e.role for e in plan.exported}):
            self._add(plan, batch, role, before)

    def _add(self, plan: RowPlan, batch: Mapping[str, pa.Array], role: str, before: int) -> None:
        own = [e for e in plan.exported if e.role == role]
        n = len(batch[own[0].column])
        there: dict[str, np.ndarray] = {}
        bits = np.zeros(n, dtype=_U64)
        for e in own:
            if e.column not in there:
                there[e.column] = filled(batch[e.column])
            bits |= there[e.column].astype(_U64) << _U64(self._fields[e.id])
        keys = [k for k in plan.keys if k.role == role]
        columns = []
        for k in keys:
            found, cut = hashed(batch[k.column], k.label, k.scope, self._key)
            self.placeholders += cut if k.sure else 0
            columns.append(found)
        name = hashed(batch[plan.names[role]], "person_name", "name", self._key)[0] if role in plan.names else None
        leaves = bits != 0                    # a row whose exported fields are all blank sends nobody abroad
        soft = np.zeros(n, _U64)
        if role in plan.births:
            column, label = plan.births[role]
            bits |= np.where(minors(batch[column], label, self._as_of), MINOR, _U64(0))
            if name is not None and label == "birth_date":
                soft = _soft(name, birth_days(batch[column]))
        slots, matrix = self._by_slot(keys, columns, n)
        keyed = np.zeros(n, bool)
        for column in columns:
            keyed |= column != 0
        keyed &= leaves
        if soft.any() and keyed.any():
            slots, matrix = (*slots, self._slots.setdefault(SOFT, len(self._slots))), np.column_stack([matrix, soft])
        if name is not None and soft.any():
            name = np.where(keyed | (soft == 0), name, soft)        # without a key, the name with the day of birth is the best evidence
        self._keep(slots, _Units(matrix, name, bits, np.arange(before, before + n)), keyed)
        lone = leaves & ~keyed
        if role in plan.devices and lone.any():
            device = hashed(batch[plan.devices[role]], "device_id", "device_id", self._key)[0]
            name = device if name is None else np.where(lone & (name == 0), device, name)
        self._count_keyless(name[lone] if name is not None else np.zeros(int(lone.sum()), _U64), bits[lone])

    def _by_slot(self, keys: Sequence[KeyColumn], columns: Sequence[np.ndarray], n: int) -> tuple[tuple[int, ...], np.ndarray]:
        """Kinds of keys in order, and a column of hashes for each; a second column of a kind stands as a kind of its own in the pile."""
        order = sorted(range(len(keys)), key=lambda i: self._slot(keys[i]))
        matrix = np.stack([columns[i] for i in order], axis=1) if order else np.zeros((n, 0), _U64)
        return tuple(self._slot(keys[i]) for i in order), matrix

    def _keep(self, slots: tuple[int, ...], u: _Units, which: np.ndarray) -> None:
        if not which.any():
            return
        plain = len(slots) == 1 and u.name is None
        every = bool(which.all())
        self._piles.setdefault(slots, _Pile()).add(_Units(
            u.keys if every else u.keys[which], None if u.name is None else u.name if every else u.name[which],
            u.bits if every else u.bits[which], None if plain or u.seen is None else u.seen if every else u.seen[which],
        ))

    def _count_keyless(self, name: np.ndarray, bits: np.ndarray, rows: np.ndarray | None = None) -> None:
        if not len(bits):
            return
        pairs, inverse = np.unique(np.stack([name, bits], axis=1), axis=0, return_inverse=True)
        weights = np.bincount(inverse.ravel(), weights=rows).astype(np.int64)
        for (who, what), weight in zip(pairs.tolist(), weights.tolist(), strict=True):
            self._keyless[who, what] = self._keyless.get((who, what), 0) + weight

    def _slot(self, key: KeyColumn) -> int:
        return self._slots.setdefault((key.label, key.scope), len(self._slots))

    def absorb(self, other: PersonCounter, without: Collection[ColumnId] = ()) -> None:
        """Add the persons of another flow, less some fields; start from a counter without fields.

        Fields are reduced to three: sensitive, perhaps sensitive, ordinary.
        """
        to = {index: self._slots.setdefault(mine, len(self._slots)) for mine, index in other._slots.items()}
        masks = other._masks(without)
        for slots, pile in other._piles.items():
            u = pile.units()
            flags = _flags(u.bits, masks)
            order = sorted(range(len(slots)), key=lambda i: to[slots[i]])
            seen = u.seen + self.rows if u.seen is not None else None
            self._keep(tuple(to[slots[i]] for i in order), _Units(u.keys[:, order], u.name, flags, seen), (flags & ~MINOR) != 0)
        if other._keyless:
            pairs = np.array(list(other._keyless), _U64)
            flags = _flags(pairs[:, 1], masks)
            on = (flags & ~MINOR) != 0
            self._count_keyless(pairs[on, 0], flags[on], np.array(list(other._keyless.values()))[on])
        self._fields |= {ColumnId("sensitive"): 0, ColumnId("depends"): 1, ColumnId("ordinary"): 2}
        self._sensitive |= {ColumnId("sensitive"): "yes", ColumnId("depends"): "depends", ColumnId("ordinary"): "no"}
        self.rows += other.rows
        self.placeholders += other.placeholders
        self.spoiled += other.spoiled

    def _masks(self, without: Collection[ColumnId]) -> tuple[np.uint64, np.uint64, np.uint64]:
        def mask(kind: str) -> np.uint64:
            out = 0
            for f, i in self._fields.items():
                if f not in without and self._sensitive[f] == kind:
                    out |= 1 << i
            return _U64(out)

        return mask("yes"), mask("depends"), mask("no")

    def tally(self) -> Tally:
        """Persons by filled fields at the three levels."""
        kinds = [label for label, _ in sorted(self._slots, key=self._slots.__getitem__)]
        ids = [i for i, k in enumerate(kinds) if k == "resident_id"]
        lonely, units = _parted({slots: pile.units() for slots, pile in self._piles.items()}, self._keyless, ids)
        people = _People(units, kinds)
        cells: list[Cell] = []
        keep = sum(1 << i for f, i in self._fields.items() if self._sensitive[f] != "no")
        levels: tuple[tuple[Literal["low", "best", "high"], Callable[[], np.ndarray]], ...] = (
            ("low", people.low), ("best", people.best), ("high", people.high))
        for level, persons in levels:
            cells += _cells(level, persons(), units, lonely, level == "low", keep)
        keyless = sum(self._keyless.values())
        rescan = len(cells) > 3 * CELLS // 2 and any(s == "no" for s in self._sensitive.values())
        return Tally(
            fields=tuple((f, i, self._sensitive[f]) for f, i in self._fields.items()), cells=tuple(cells), rows=self.rows,
            rows_without_key=keyless, placeholders=self.placeholders, crowded=people.crowded, shared=people.shared,
            kinds=tuple(dict.fromkeys(k for k in kinds if k != SOFT[0])), coarse=rescan,
        )

    def persons(self, without: Collection[ColumnId] = ()) -> Persons:
        """The persons (at `best`) by one hash each, for the ledger: the smallest key of the best kind a person has."""
        kinds = sorted(self._slots, key=self._slots.__getitem__)
        rank = np.array([KINDS.index(label) if label in KINDS else len(KINDS) for label, _ in kinds] or [0])
        masks = self._masks(without)
        found: dict[int, list[np.ndarray]] = {}
        same: dict[int, list[np.ndarray]] = {}
        piles = {slots: pile.units() for slots, pile in self._piles.items()}
        alone, linked = _apart_by_sharing(piles)
        for slots, u in alone:
            order = sorted(range(len(slots)), key=lambda j: (rank[slots[j]], slots[j]))
            flags = _four(u.bits, masks)
            left = flags != 0
            for j in order:
                here = left & (u.keys[:, j] != 0)
                found.setdefault(slots[j], []).append((u.keys[here, j] & ~FLAGS) | flags[here])
                left &= ~here
        ids = [i for i, (label, _) in enumerate(kinds) if label == "resident_id"]
        units = _join(linked, self._keyless, ids)
        people = _People(units, [label for label, _ in kinds])
        keyless = people.identities(_four(units.bits, masks), rank, found, same)
        total = estimate(self.tally(), without)
        return slimmed(
            Persons(
                {kinds[i]: _sorted_distinct(np.concatenate(parts)) for i, parts in sorted(found.items()) if sum(map(len, parts))},
                {kinds[i]: np.concatenate(parts) for i, parts in sorted(same.items())},
                keyless,
                _slack(total.individuals),
                _slack(total.sensitive), least=(total.individuals.low, total.sensitive.low)
            )
        )


def _slack(e: Estimate) -> tuple[int, int | None]:
    return e.best - e.low, None if e.high is None else e.high - e.best


def _four(bits: np.ndarray, masks: tuple[np.uint64, np.uint64, np.uint64]) -> np.ndarray:
    """Fields reduced to the ledger's flags; 0 where nothing leaves."""
    flags = _flags(bits, masks)
    kept = flags & _U64(7)
    return np.where(kept != 0, kept | np.where((flags & MINOR) != 0, _U64(UNDER_14), _U64(0)), _U64(0))


def _sorted_distinct(hashes: np.ndarray) -> np.ndarray:
    """Sorted hashes with flags, each person once."""
    hashes = np.sort(hashes)
    return np.bitwise_or.reduceat(hashes, np.flatnonzero(_firsts(hashes >> _U64(4))))


def _flags(bits: np.ndarray, masks: tuple[np.uint64, np.uint64, np.uint64]) -> np.ndarray:
    """Fields reduced to sensitive, perhaps sensitive, ordinary; MINOR stays."""
    yes, depends, ordinary = masks
    return _flag(bits & yes, 0) | _flag(bits & depends, 1) | _flag(bits & ordinary, 2) | (bits & MINOR)


def _parted(
    piles: Mapping[tuple[int, ...], _Units], keyless: Mapping[tuple[int, int], int], ids: Sequence[int]
) -> tuple[dict[tuple[int, int], int], _Joined]:
    """(persons who share no key with anybody, as (slots, bits) -> persons; every other unit, and the rows without a key).

    Most persons share nothing with anyone and need no graph: they are one person at every level. ids: the kinds that are resident IDs; one
    that fails its check does not count as a kind a person has, so that `low` takes who has nothing else for somebody mistyped.
    """
    lonely: dict[tuple[int, int], int] = {}
    alone, linked = _apart_by_sharing(piles)
    for slots, u in alone:
        kinds = np.zeros(len(u), _U64)
        for j, slot in enumerate(slots):
            kinds |= np.where(_counts(u.keys[:, j], slot in ids), _ONE << _U64(min(slot, 63)), _U64(0))
        _tabulate(lonely, kinds, u.bits)
    return lonely, _join(linked, keyless, ids)


_Piles = list[tuple[tuple[int, ...], _Units]]


def _apart_by_sharing(piles: Mapping[tuple[int, ...], _Units]) -> tuple[_Piles, _Piles]:
    """(units that share no key with another unit, the others)."""
    shared = _shared_keys(piles)
    alone: _Piles = []
    linked: _Piles = []
    for slots, u in piles.items():
        hit = np.zeros(len(u), bool)
        for j, slot in enumerate(slots):
            hit |= shared[slot][j, slots] & (u.keys[:, j] != 0)
        for which, into in ((~hit, alone), (hit, linked)):
            if which.all():
                into.append((slots, u))
            elif which.any():
                into.append((slots, _Units(u.keys[which], u.name[which] if u.name is not None else None, u.bits[which],
                                           u.seen[which] if u.seen is not None else None)))
    return alone, linked


def _counts(hashes: np.ndarray, is_id: bool | np.ndarray) -> np.ndarray:
    """Which keys say that somebody is there: any, but of resident IDs only valid ones."""
    return (hashes != 0) & (((hashes & _ONE) == 1) | ~np.asarray(is_id))


def _shared_keys(piles: Mapping[tuple[int, ...], _Units]) -> dict[int, dict[tuple[int, tuple[int, ...]], np.ndarray]]:
    """slot -> (column, pile) -> bool per unit: does another unit have the same key of this kind?"""
    where: dict[int, list[tuple[int, tuple[int, ...]]]] = {}
    for slots in piles:
        for j, slot in enumerate(slots):
            where.setdefault(slot, []).append((j, slots))
    out: dict[int, dict[tuple[int, tuple[int, ...]], np.ndarray]] = {}
    for slot, places in where.items():
        every = np.concatenate([piles[slots].keys[:, j] for j, slots in places])
        if len(places) == 1 and len(places[0][1]) == 1 and piles[places[0][1]].name is None:
            out[slot] = {places[0]: np.zeros(len(every), bool)}       # one kind of key and no names: already folded
            continue
        ordered = np.sort(every)
        twice = ordered[1:][ordered[1:] == ordered[:-1]]
        del ordered
        twice = twice[twice != 0]
        twice = twice[_firsts(twice)] if len(twice) else twice
        hit = _among(every, twice)
        out[slot], start = {}, 0
        for j, slots in places:
            n = len(piles[slots])
            out[slot][j, slots] = hit[start:start + n]
            start += n
    return out


def _among(values: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """bool per value: does it stand in `ordered` (sorted, distinct)? A bitmap of their upper bits answers most at once."""
    if not len(ordered):
        return np.zeros(len(values), bool)
    width = int(min(26, max(10, len(ordered).bit_length() + 3)))
    shift = _U64(64 - width)
    seen = np.zeros(1 << width, bool)
    seen[(ordered >> shift).astype(np.int64)] = True
    maybe = np.flatnonzero(seen[(values >> shift).astype(np.int64)])
    out = np.zeros(len(values), bool)
    some = values[maybe]
    at = np.minimum(np.searchsorted(ordered, some), len(ordered) - 1)
    out[maybe] = ordered[at] == some
    return out


PEELED = 12                                   # patterns counted one by one before the rest is sorted


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
    starts = np.flatnonzero(_firsts(mixed[order]))
    totals = np.diff(np.append(starts, len(order))) if persons is None else np.add.reduceat(persons[order], starts)
    one = order[starts]
    for k, b, total in zip(kinds[one].tolist(), bits[one].tolist(), totals.tolist(), strict=True):
        table[k, b] = table.get((k, b), 0) + total


def estimate(tally: Tally, without: Collection[ColumnId] = (), method: CountMethod = "exact") -> FlowCount:
    """Persons of a tally when the fields `without` do not leave.

    A minor's every item is sensitive (个人信息保护法 第二十八条). Items that are sensitive only by combination or context
    widen `sensitive` upwards.
    """
    masks = {kind: sum({1 << i for f, i, s in tally.fields if s == kind and f not in without}) for kind in ("yes", "depends", "no")}
    shared = {i for f, i, _ in tally.fields if f not in without}
    masks = {k: m & sum(1 << i for i in shared) for k, m in masks.items()}
    kept = masks["yes"] | masks["depends"] | masks["no"]

    def count(level: str, test: Callable[[Cell], bool]) -> int:
        hits = [c for c in tally.cells if c.level == level and c.bits & kept and test(c)]
        if level != "low":
            return sum(c.persons for c in hits)
        keyed: dict[int, int] = {}
        for c in hits:
            for slot in range(c.slots.bit_length()):
                if c.slots >> slot & 1:
                    keyed[slot] = keyed.get(slot, 0) + c.persons
        return max(keyed.values(), default=1 if hits else 0)

    def interval(low: Callable[[Cell], bool], best: Callable[[Cell], bool], high: Callable[[Cell], bool]) -> Estimate:
        found = sorted((count("low", low), count("best", best), count("high", high)))
        return Estimate(found[0], count("best", best), found[2], method)

    def sensitive(c: Cell) -> bool:
        return bool(c.bits & masks["yes"]) or c.minor

    def perhaps(c: Cell) -> bool:
        return sensitive(c) or bool(c.bits & masks["depends"])

    def ordinary(c: Cell) -> bool:
        return bool(c.bits & (masks["no"] | masks["depends"])) and not c.minor

    def everybody(c: Cell) -> bool:
        return True

    def minor(c: Cell) -> bool:
        return c.minor

    return FlowCount(
        individuals=interval(everybody, everybody, everybody),
        sensitive=interval(sensitive, sensitive, perhaps),
        minors=interval(minor, minor, minor),
        ordinary_only=interval(lambda c: not perhaps(c), lambda c: not sensitive(c), lambda c: not sensitive(c)),
        ordinary=interval(ordinary, ordinary, ordinary),
        notes=notes(tally),
    )


def notes(tally: Tally) -> tuple[str, ...]:
    """How the count was made, with denominators: `code|argument|...`, put into words by the reports."""
    out = [f"keys|{', '.join(tally.kinds)}|{tally.rows}"]
    if tally.rows_without_key:
        out.append(f"keyless|{tally.rows_without_key}|{tally.rows}")
    if tally.placeholders:
        out.append(f"placeholders|{tally.placeholders}")
    if tally.shared:
        out.append(f"shared|{tally.shared}")
    if tally.coarse:
        out.append(f"coarse|{CELLS}")
    if tally.crowded:
        out.append(f"crowded|{tally.crowded}|{CROWD}")
    return tuple(out)


@dataclass(slots=True)
class _Joined:
    """All units side by side; edges in long form."""

    name: np.ndarray
    bits: np.ndarray
    weight: np.ndarray
    keyed: np.ndarray                         # bool: has at least one key
    slots: np.ndarray                         # uint64 bit set of the kinds of keys
    unit: np.ndarray                          # int64, edge -> unit
    slot: np.ndarray                          # int16, edge -> slot
    hash: np.ndarray                          # uint64, edge -> key


def _join(parts: Sequence[tuple[tuple[int, ...], _Units]], keyless: Mapping[tuple[int, int], int], ids: Sequence[int]) -> _Joined:
    """Units side by side in the order their first rows came, so that no hash decides what comes first; rows without a key last."""
    edges: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = [(np.zeros(0, np.int64), np.zeros(0, np.int16), np.zeros(0, _U64))]
    lone = np.array(sorted(keyless), _U64).reshape(-1, 2)
    start = 0
    seen: list[np.ndarray] = []
    for slots, u in parts:
        for j, slot in enumerate(slots):
            here = np.flatnonzero(u.keys[:, j])
            edges.append((here + start, np.full(len(here), slot, np.int16), u.keys[here, j]))
        seen.append(u.seen if u.seen is not None else np.zeros(len(u), np.int64))
        start += len(u)
    unit, slot_, hash_ = (np.concatenate([e[i] for e in edges]) for i in range(3))
    order = np.argsort(np.concatenate(seen), kind="stable") if seen else np.zeros(0, np.int64)
    place = np.empty(start, np.int64)
    place[order] = np.arange(start)
    unit = place[unit]
    by_unit = np.argsort(unit, kind="stable")
    unit, slot_, hash_ = unit[by_unit], slot_[by_unit], hash_[by_unit]
    n = start + len(lone)
    keyed = np.zeros(n, bool)
    keyed[:start] = True
    kinds = np.zeros(n, _U64)
    sure = _counts(hash_, np.isin(slot_, ids))
    np.bitwise_or.at(kinds, unit[sure], _ONE << np.minimum(slot_[sure], 63).astype(_U64))
    name = np.concatenate([*(u.name if u.name is not None else np.zeros(len(u), _U64) for _, u in parts), np.zeros(0, _U64)])[order]
    bits = np.concatenate([*(u.bits for _, u in parts), np.zeros(0, _U64)])[order]
    weight = np.concatenate([np.ones(start, np.int64), np.array([keyless[who, what] for who, what in lone.tolist()], np.int64)])
    return _Joined(np.concatenate([name, lone[:, 0]]), np.concatenate([bits, lone[:, 1]]), weight, keyed, kinds, unit, slot_, hash_)


class _People:
    """Which person each unit is, at each level."""

    def __init__(self, units: _Joined, kinds: Sequence[str]) -> None:
        self.u = units
        n = len(units.weight)
        strong = np.array([k in STRONG for k in kinds] or [False])
        self.node = _codes(units.hash)
        self.strong = strong[units.slot] if len(units.slot) else np.zeros(0, bool)
        self.soft = np.isin(units.slot, [i for i, k in enumerate(kinds) if k == SOFT[0]])
        self.proof = {}
        for kind in DIFFERENT:
            here = np.isin(units.slot, [i for i, k in enumerate(kinds) if k == kind])
            if kind == "resident_id":
                here &= (units.hash & _ONE) == 1      # a mistyped number proves nothing
            found = np.full(n, -1, np.int64)
            found[units.unit[here]] = self.node[here]
            self.proof[kind] = found
        other_names = self._different(units.name[units.unit].astype(np.int64))
        other_ids = self._different(self.proof["resident_id"][units.unit] + 1)
        weak = ~self.strong
        crowd = weak & ((other_names[self.node] >= CROWD) | (other_ids[self.node] >= CROWD)) if len(self.node) else weak
        split = weak & ~crowd & ((other_names[self.node] > 1) | (other_ids[self.node] > 1)) if len(self.node) else weak
        self.crowded = len(np.unique(self.node[crowd]))
        self.shared = len(np.unique(self.node[split]))
        self.kept = ~crowd
        self.split = split
        by_id = other_ids[self.node] > 1 if len(self.node) else weak
        said = np.where(by_id, self.proof["resident_id"][units.unit] + 1, units.name[units.unit].astype(np.int64))
        self.under = np.where(split, said, 0)                # the name or ID a shared key stands under; 0: none given

    def _different(self, what: np.ndarray) -> np.ndarray:
        """Per node: distinct non-zero companions."""
        size = int(self.node.max()) + 1 if len(self.node) else 1
        here = what != 0
        pairs = _codes_of(self.node[here], what[here])
        first = np.unique(pairs, return_index=True)[1] if len(pairs) else np.zeros(0, np.int64)
        return np.bincount(self.node[here][first], minlength=size)

    def low(self) -> np.ndarray:
        """Everything linked; only different valid resident IDs stay apart."""
        person = self._linked(self.kept, self.node)
        return self._apart(person, ("resident_id",))

    def best(self) -> np.ndarray:
        """Shared keys link, except under different names or IDs."""
        node = self._discriminated(nameless_join=True)
        person = self._linked(self.kept & ~self.soft, node)
        person = self._apart(person, DIFFERENT)
        alone = ~self.u.keyed & (self.u.name != 0)           # the best remaining evidence is the name
        return _merge(person, alone, self.u.name.astype(np.int64))

    def identities(
        self, flags: np.ndarray, rank: np.ndarray, found: dict[int, list[np.ndarray]], same: dict[int, list[np.ndarray]]
    ) -> dict[int, int]:
        """Add to `found` one hash with flags for each person at `best`, to `same` the person's other keys of that kind.

        Gives back flags -> persons nothing identifies. A shared key stands together with the name or ID it is split by.
        """
        person = _codes(self.best())
        size = int(person.max()) + 1 if len(person) else 0
        marks = np.zeros(size, _U64)
        np.bitwise_or.at(marks, person, flags)
        under = np.where(self.split, self.under, 0).astype(_U64)
        hashes = (self.u.hash ^ (under * _U64(0x9E3779B97F4A7C15))) & ~FLAGS
        use = np.flatnonzero(self.kept & ~self.soft & (marks[person[self.u.unit]] != 0))
        order = use[np.lexsort((hashes[use], self.u.slot[use], rank[self.u.slot[use]], person[self.u.unit[use]]))]
        whose = person[self.u.unit[order]]
        first = np.concatenate([[True], whose[1:] != whose[:-1]]) if len(order) else np.zeros(0, bool)
        head = np.repeat(order[first], np.diff(np.append(np.flatnonzero(first), len(order))))
        for slot in np.unique(self.u.slot[order]).tolist():
            own = first & (self.u.slot[order] == slot)
            found.setdefault(slot, []).append(hashes[order[own]] | marks[whose[own]])
            more = (self.u.slot[order] == slot) & (self.u.slot[head] == slot) & (hashes[order] != hashes[head])
            if more.any():
                same.setdefault(slot, []).append(np.stack([hashes[order[more]], hashes[head[more]]], axis=1))
        known = np.zeros(size, bool)
        known[whose] = True
        lone = np.flatnonzero(~known[person] & (flags != 0)) if size else np.zeros(0, np.int64)
        out: dict[int, int] = {}
        counted: set[int] = set()
        for i in lone.tolist():
            rows = int(self.u.weight[i]) if not self.u.keyed[i] and self.u.name[i] == 0 else int(int(person[i]) not in counted)
            counted.add(int(person[i]))
            out[int(marks[person[i]])] = out.get(int(marks[person[i]]), 0) + rows
        return out

    def high(self) -> np.ndarray:
        """Strong keys alone where there are any; else weak keys where names agree."""
        identified = np.zeros(len(self.u.weight), bool)
        identified[self.u.unit[self.strong]] = True
        node = self._discriminated(nameless_join=False)
        named = self.u.name != 0
        use = self.kept & ~self.soft & (self.strong | ~identified[self.u.unit] | named[self.u.unit])
        return self._apart(self._linked(use, node), DIFFERENT)

    def _discriminated(self, nameless_join: bool) -> np.ndarray:
        """Node of each edge, shared keys split by name or ID; nameless rows join the first named one, or stay apart."""
        under = self.under.copy()
        if nameless_join and self.split.any():
            first: dict[int, int] = {}
            for i in np.flatnonzero(self.split & (self.under != 0)):
                first.setdefault(int(self.node[i]), int(self.under[i]))
            for i in np.flatnonzero(self.split & (self.under == 0)):
                under[i] = first.get(int(self.node[i]), 0)
        return _codes_of(self.node, under)

    def _linked(self, use: np.ndarray, node: np.ndarray) -> np.ndarray:
        """Person of each unit: smallest unit of its connected component."""
        n = len(self.u.weight)
        if not use.any():
            return np.arange(n)
        size = int(node.max()) + 1
        label = _components(self.u.unit[use], node[use] + n, n + size)
        return label[:n]

    def _apart(self, person: np.ndarray, kinds: Sequence[str]) -> np.ndarray:
        """Split components that hold two different identity numbers; units without one go to the first."""
        n = len(person)
        settled = np.zeros(n, bool)           # component holds an ID of an earlier kind: that one decides
        for kind in kinds:
            proof = self.proof[kind]
            has = np.flatnonzero((proof >= 0) & ~settled)
            if not len(has):
                continue
            first = np.full(n, n, np.int64)
            np.minimum.at(first, person[has], has)
            representative = np.where(first[person] < n, first[person], person)
            mine = np.where((proof >= 0) & ~settled, proof, -1)
            target = person.copy()
            target[has] = _smallest(mine[has], has) if kind == DIFFERENT[0] else _smallest(_codes_of(person[has], mine[has]), has)
            rest = (proof < 0) & ~settled & (first[person] < n)
            target[rest] = target[representative[rest]]
            decided = first[person] < n
            person, settled = target, settled | decided
        return person


def _components(a: np.ndarray, b: np.ndarray, n: int) -> np.ndarray:
    """Smallest member of the connected component of each of n nodes, by min-label propagation with pointer jumping."""
    label = np.arange(n)
    while True:
        low = np.minimum(label[a], label[b])
        before = label.copy()
        np.minimum.at(label, label[a], low)
        np.minimum.at(label, label[b], low)
        while not np.array_equal(jumped := label[label], label):
            label = jumped
        if np.array_equal(label, before):
            return label


def _smallest(group: np.ndarray, member: np.ndarray) -> np.ndarray:
    """For each entry, the smallest member of its group."""
    codes = _codes(group)
    first = np.full(int(codes.max()) + 1, np.iinfo(np.int64).max, np.int64)
    np.minimum.at(first, codes, member)
    return first[codes]


def _merge(person: np.ndarray, use: np.ndarray, by: np.ndarray) -> np.ndarray:
    out = person.copy()
    here = np.flatnonzero(use)
    if len(here):
        out[here] = _smallest(by[here], here)
    return out


def _cells(
    level: Literal["low", "best", "high"], person: np.ndarray, u: _Joined, lonely: Mapping[tuple[int, int], int], with_slots: bool,
    keep: int,
) -> list[Cell]:
    """Histogram of persons by filled fields, minority and, for `low`, kinds of keys. A keyless unit stands for as many persons as rows.

    keep: the bits of fields that are or may be sensitive.
    """
    table: dict[tuple[int, int], int] = {}
    for (kinds, fields), total in lonely.items():
        pair = (kinds if with_slots else 0), fields
        table[pair] = table.get(pair, 0) + total
    if len(person):
        codes = _codes(person)
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
    return [Cell(level, b, m, s, t) for (b, m, s), t in sorted(_coarser(found, keep).items())]


def _coarser(found: dict[tuple[int, bool, int], int], keep: int) -> dict[tuple[int, bool, int], int]:
    """At most about `CELLS` cells: the smallest ones lose which ordinary fields are filled, never which sensitive ones (`keep`).

    Nobody is lost; only questions about dropping ordinary fields need the data again.
    """
    if len(found) <= CELLS:
        return found
    order = sorted(found, key=lambda c: (-found[c], c))
    out = {c: found[c] for c in order[:CELLS // 2]}
    for b, m, s in order[CELLS // 2:]:
        ordinary = b & ~keep
        cell = (b & keep) | (ordinary & -ordinary), m, s     # the first ordinary field stands for all of them
        out[cell] = out.get(cell, 0) + found[b, m, s]
    return out


def _codes(values: np.ndarray) -> np.ndarray:
    """Small integers for equal values (by sorting: np.unique hashes and is many times slower on 64-bit keys)."""
    if not len(values):
        return np.zeros(0, np.int64)
    order = np.argsort(values, kind="stable")
    new = np.empty(len(values), bool)
    new[0] = False
    new[1:] = values[order][1:] != values[order][:-1]
    out = np.empty(len(values), np.int64)
    out[order] = np.cumsum(new)
    return out


def _codes_of(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Small integers for equal pairs."""
    if not len(a):
        return np.zeros(0, np.int64)
    one, two = _codes(a), _codes(b)
    return _codes(one * (int(two.max()) + 1) + two)


def _flag(bits: np.ndarray, to: int) -> np.ndarray:
    return np.where(bits != 0, _ONE << _U64(to), _U64(0))
