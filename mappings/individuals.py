"""How many natural persons: keys of a row belong to one subject, rows link by shared keys, and the answer is an interval.

low   everything that could be one person is one: every shared key links, and kinds of keys that never meet in a row are taken for the same
      people; two different valid resident IDs stay two persons all the same.
best  shared keys link, except a phone or e-mail shared under different names or IDs, and values shared by improbably many.
high  nothing merges without proof: rows with an identity number or a scoped user id merge by that alone; others by phone or e-mail only
      where names agree; a row without any key is a person of its own.

Linking uses every key of a row, exported or not, so dropping a field changes nobody's identity. The result is a histogram of persons by
which exported fields are filled; it holds no key and no value, and every later question is answered from it.

Source of the unit: 促进和规范数据跨境流动规定答记者问 问11 (自然人, 去重); vectorised min-label propagation for connected components.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from detectors.model import ColumnId, CountMethod
from mappings.keys import DIFFERENT, STRONG, born, distinct_of, hashed, under_14
from mappings.model import Cell, Estimate, FlowCount, Sensitive, Tally

FIELDS = 62                                   # exported fields with a bit of their own; further ordinary ones share the last
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
    """How the rows of one table speak of persons. names, births: role -> column (births with its label)."""

    exported: tuple[Exported, ...]
    keys: tuple[KeyColumn, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    births: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the counting reads."""
        wanted = (
            [e.column for e in self.exported]
            + [k.column for k in self.keys]
            + [*self.names.values()]
            + [c for c, _ in self.births.values()]
        )
        return tuple(dict.fromkeys(wanted))


@dataclass(slots=True)
class _Units:
    """Rows reduced to what counting needs; equal ones are one unit with a weight."""

    slots: tuple[int, ...]
    keys: np.ndarray                          # uint64, shape (n, len(slots)); 0: no key
    name: np.ndarray                          # uint64 hash of the name; 0: none
    bits: np.ndarray                          # uint64, exported fields that are filled
    minor: np.ndarray                         # bool
    weight: np.ndarray                        # int64, rows


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
        self._units: list[_Units] = []
        self.rows = 0
        self.placeholders = 0
        self.spoiled: list[str] = []          # what could not be read whole

    def add(self, plan: RowPlan, batch: Mapping[str, pa.Array]) -> None:
        """Count the rows of a batch; columns by name, equal lengths."""
        self.rows += len(next(iter(batch.values()))) if batch else 0
        for role in sorted({e.role for e in plan.exported}):
            self._add(plan, batch, role)

    def _add(self, plan: RowPlan, batch: Mapping[str, pa.Array], role: str) -> None:
        own = [e for e in plan.exported if e.role == role]
        n = len(batch[own[0].column])
        bits = np.zeros(n, dtype=_U64)
        for e in own:
            texts, index = distinct_of(batch[e.column]) if not _is_binary(batch[e.column]) else ([], _filled(batch[e.column]))
            bits |= np.where(index < max(len(texts), 1), _ONE << _U64(self._fields[e.id]), _U64(0))
        keys = [k for k in plan.keys if k.role == role]
        columns = []
        for k in keys:
            found, cut = hashed(batch[k.column], k.label, k.scope, self._key)
            self.placeholders += cut if k.sure else 0
            columns.append(found)
        name = hashed(batch[plan.names[role]], "person_name", "name", self._key)[0] if role in plan.names else np.zeros(n, dtype=_U64)
        minor = np.zeros(n, dtype=bool)
        if role in plan.births:
            column, label = plan.births[role]
            texts, index = distinct_of(batch[column])
            young = np.array([(b := born(label, t)) is not None and under_14(b, self._as_of) for t in texts] + [False])
            minor = young[index]
        slots = tuple(self._slot(k) for k in keys)
        matrix = np.stack(columns, axis=1) if columns else np.zeros((n, 0), dtype=_U64)
        leaves = bits != 0  # a row whose exported fields are all blank sends nobody abroad
        self._units.append(
            _compact(_Units(slots, matrix[leaves], name[leaves], bits[leaves], minor[leaves], np.ones(int(leaves.sum()), np.int64)))
        )

    def _slot(self, key: KeyColumn) -> int:
        return self._slots.setdefault((key.label, key.scope), len(self._slots))

    def absorb(self, other: PersonCounter, without: Collection[ColumnId] = ()) -> None:
        """Add the persons of another flow, less some fields; start from a counter without fields.

        Fields are reduced to three: sensitive, perhaps sensitive, ordinary.
        """
        to = {mine: self._slots.setdefault(mine, len(self._slots)) for mine in other._slots}
        back = {index: to[mine] for mine, index in other._slots.items()}
        yes, depends, ordinary = other._masks(without)
        for u in other._units:
            flags = (_flag(u.bits & yes, 0) | _flag(u.bits & depends, 1) | _flag(u.bits & ordinary, 2))
            on = flags != 0
            self._units.append(_Units(tuple(back[s] for s in u.slots), u.keys[on], u.name[on], flags[on], u.minor[on], u.weight[on]))
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
        units = _join(self._units, len(self._slots))
        kinds = [label for label, _ in sorted(self._slots, key=self._slots.__getitem__)]
        people = _People(units, kinds)
        cells: list[Cell] = []
        levels: tuple[tuple[Literal["low", "best", "high"], Callable[[], np.ndarray]], ...] = (
            ("low", people.low), ("best", people.best), ("high", people.high))
        for level, persons in levels:
            cells += _cells(level, persons(), units, level == "low")
        keyless = int(units.weight[~units.keyed].sum())
        return Tally(
            fields=tuple((f, i, self._sensitive[f]) for f, i in self._fields.items()), cells=tuple(cells), rows=self.rows,
            rows_without_key=keyless, placeholders=self.placeholders, crowded=people.crowded, shared=people.shared,
            kinds=tuple(dict.fromkeys(kinds)),
        )


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
    if tally.crowded:
        out.append(f"crowded|{tally.crowded}|{CROWD}")
    return tuple(out)


@dataclass(slots=True)
class _Joined:
    """All units side by side; edges in long form."""

    name: np.ndarray
    bits: np.ndarray
    minor: np.ndarray
    weight: np.ndarray
    keyed: np.ndarray                         # bool: has at least one key
    slots: np.ndarray                         # uint64 bit set of the kinds of keys
    unit: np.ndarray                          # int64, edge -> unit
    slot: np.ndarray                          # int16, edge -> slot
    hash: np.ndarray                          # uint64, edge -> key


def _join(parts: Sequence[_Units], slots: int) -> _Joined:
    if not parts:
        parts = [_Units((), np.zeros((0, 0), _U64), *(np.zeros(0, t) for t in (_U64, _U64, bool, np.int64)))]
    edges: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = [(np.zeros(0, np.int64), np.zeros(0, np.int16), np.zeros(0, _U64))]
    start = 0
    for u in parts:
        for j, slot in enumerate(u.slots):
            here = np.flatnonzero(u.keys[:, j])
            edges.append((here + start, np.full(len(here), slot, np.int16), u.keys[here, j]))
        start += len(u.weight)
    unit, slot_, hash_ = (np.concatenate([e[i] for e in edges]) for i in range(3))
    keyed = np.zeros(start, bool)
    keyed[unit] = True
    kinds = np.zeros(start, _U64)
    np.bitwise_or.at(kinds, unit, _ONE << np.minimum(slot_, 63).astype(_U64))
    name, bits, minor, weight = (np.concatenate([getattr(u, f) for u in parts]) for f in ("name", "bits", "minor", "weight"))
    return _Joined(name, bits, minor, weight, keyed, kinds, unit, slot_, hash_)


class _People:
    """Which person each unit is, at each level."""

    def __init__(self, units: _Joined, kinds: Sequence[str]) -> None:
        self.u = units
        n = len(units.weight)
        strong = np.array([k in STRONG for k in kinds] or [False])
        self.node = _codes(units.hash)
        self.strong = strong[units.slot] if len(units.slot) else np.zeros(0, bool)
        self.proof = {}
        for kind in DIFFERENT:
            here = np.isin(units.slot, [i for i, k in enumerate(kinds) if k == kind])
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
        person = self._linked(self.kept, node)
        person = self._apart(person, DIFFERENT)
        alone = ~self.u.keyed & (self.u.name != 0)           # the best remaining evidence is the name
        return _merge(person, alone, self.u.name.astype(np.int64))

    def high(self) -> np.ndarray:
        """Strong keys alone where there are any; else weak keys where names agree."""
        identified = np.zeros(len(self.u.weight), bool)
        identified[self.u.unit[self.strong]] = True
        node = self._discriminated(nameless_join=False)
        use = self.kept & (self.strong | ~identified[self.u.unit])
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


def _cells(level: Literal["low", "best", "high"], person: np.ndarray, u: _Joined, with_slots: bool) -> list[Cell]:
    """Histogram of persons by filled fields, minority and, for `low`, kinds of keys. A keyless unit stands for as many persons as rows."""
    if not len(person):
        return []
    codes = _codes(person)
    size = int(codes.max()) + 1
    bits, slots = np.zeros(size, _U64), np.zeros(size, _U64)
    minor, persons = np.zeros(size, bool), np.ones(size, np.int64)
    np.bitwise_or.at(bits, codes, u.bits)
    np.bitwise_or.at(slots, codes, u.slots if with_slots else np.zeros(len(codes), _U64))
    np.logical_or.at(minor, codes, u.minor)
    lone = ~u.keyed & ((u.name == 0) if level == "best" else True)
    if level != "low":
        persons[codes[lone]] = u.weight[lone]
    table: dict[tuple[int, bool, int], int] = {}
    keys = np.stack([bits, minor.astype(_U64), slots], axis=1)
    unique, inverse = np.unique(keys, axis=0, return_inverse=True)
    totals = np.bincount(inverse.ravel(), weights=persons).astype(np.int64)
    for (b, m, s), total in zip(unique.tolist(), totals.tolist(), strict=True):
        table[b, bool(m), s] = total
    return [Cell(level, b, m, s, t) for (b, m, s), t in sorted(table.items())]


def _compact(u: _Units) -> _Units:
    """Equal units become one with a weight."""
    if len(u.weight) < 2:
        return u
    columns = [*u.keys.T, u.name, u.bits, u.minor.astype(_U64)]
    order = np.lexsort(columns)
    different = np.zeros(len(order), bool)
    different[0] = True
    for c in columns:
        sorted_ = c[order]
        different[1:] |= sorted_[1:] != sorted_[:-1]
    group = np.cumsum(different) - 1
    first = np.full(int(group[-1]) + 1, len(order), np.int64)
    np.minimum.at(first, group, order)
    weight = np.bincount(group, weights=u.weight[order]).astype(np.int64)
    keep = np.argsort(first)                  # order of first appearance, so that no hash decides what comes first
    at = first[keep]
    return _Units(u.slots, u.keys[at], u.name[at], u.bits[at], u.minor[at], weight[keep])


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


def _is_binary(values: Any) -> bool:
    return bool(pa.types.is_binary(values.type) or pa.types.is_large_binary(values.type))


def _filled(values: Any) -> np.ndarray:
    return np.where(values.is_valid().to_numpy(zero_copy_only=False), 0, 1)
