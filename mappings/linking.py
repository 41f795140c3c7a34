"""Who is the same person: units that share keys, as a graph, at three levels.

Source: vectorised min-label propagation for connected components.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mappings.ledger import FLAGS
from mappings.person_keys import ACCOUNTS, DIFFERENT, GLOBAL, STRONG
from mappings.person_records import SOFT, Units, run_starts

_U64 = np.uint64
_ONE = np.uint64(1)
CROWD = 6                                     # a phone or e-mail under this many names or IDs links nobody
CROWDED_ACCOUNT = 100                         # an account, an employee's number: nobody's own under so many names, IDs or contacts
Piles = list[tuple[tuple[int, ...], Units]]


@dataclass(slots=True)
class UnitGraph:
    """All units side by side; edges in long form."""

    name: np.ndarray
    bits: np.ndarray
    weight: np.ndarray
    keyed: np.ndarray                         # bool: has at least one key
    slots: np.ndarray                         # uint64 bit set of the kinds of keys
    unit: np.ndarray                          # int64, edge -> unit
    slot: np.ndarray                          # int16, edge -> slot
    hash: np.ndarray                          # uint64, edge -> key


def split_by_shared_keys(piles: Mapping[tuple[int, ...], Units]) -> tuple[Piles, Piles]:
    """(units that share no key with another unit, the others)."""
    shared = _shared_keys(piles)
    alone: Piles = []
    linked: Piles = []
    for slots, u in piles.items():
        hit = np.zeros(len(u), bool)
        for j, slot in enumerate(slots):
            hit |= shared[slot][j, slots] & (u.keys[:, j] != 0)
        for which, into in ((~hit, alone), (hit, linked)):
            if which.any():
                into.append((slots, u.select(which)))
    return alone, linked


def is_usable_key(hashes: np.ndarray, is_id: bool | np.ndarray) -> np.ndarray:
    """Which keys say that somebody is there: any, but of resident IDs only valid ones."""
    return (hashes != 0) & (((hashes & _ONE) == 1) | ~np.asarray(is_id))


def _shared_keys(piles: Mapping[tuple[int, ...], Units]) -> dict[int, dict[tuple[int, tuple[int, ...]], np.ndarray]]:
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
        twice = twice[run_starts(twice)] if len(twice) else twice
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


def build_graph(parts: Sequence[tuple[tuple[int, ...], Units]], keyless: Mapping[tuple[int, int], int], ids: Sequence[int]) -> UnitGraph:
    """Units side by side in the order their first rows came, so that no hash decides what comes first; rows without a key last."""
    edges: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = [(np.zeros(0, np.int64), np.zeros(0, np.int16), np.zeros(0, _U64))]
    lone = np.array(sorted(keyless), _U64).reshape(-1, 2)
    start = 0
    seen: list[np.ndarray] = []
    for slots, u in parts:
        for j, slot in enumerate(slots):
            here = np.flatnonzero(u.keys[:, j])
            edges.append((here + start, np.full(len(here), slot, np.int16), u.keys[here, j]))
        seen.append(u.first_row if u.first_row is not None else np.zeros(len(u), np.int64))
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
    sure = is_usable_key(hash_, np.isin(slot_, ids))
    np.bitwise_or.at(kinds, unit[sure], _ONE << np.minimum(slot_[sure], 63).astype(_U64))
    name = np.concatenate([*(u.name if u.name is not None else np.zeros(len(u), _U64) for _, u in parts), np.zeros(0, _U64)])[order]
    bits = np.concatenate([*(u.bits for _, u in parts), np.zeros(0, _U64)])[order]
    weight = np.concatenate([np.ones(start, np.int64), np.array([keyless[who, what] for who, what in lone.tolist()], np.int64)])
    return UnitGraph(np.concatenate([name, lone[:, 0]]), np.concatenate([bits, lone[:, 1]]), weight, keyed, kinds, unit, slot_, hash_)


class PersonLinks:
    """Which person each unit is, at each level."""

    def __init__(self, units: UnitGraph, kinds: Sequence[str]) -> None:
        self.u = units
        n = len(units.weight)
        strong = np.array([k in STRONG for k in kinds] or [False])
        self.node = codes_of(units.hash)
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
        crowd = crowd | self._crowded_accounts(kinds)
        split = weak & ~crowd & ((other_names[self.node] > 1) | (other_ids[self.node] > 1)) if len(self.node) else weak
        self.crowded = len(np.unique(self.node[crowd]))
        self.shared = len(np.unique(self.node[split]))
        self.kept = ~crowd
        self.split = split
        by_id = other_ids[self.node] > 1 if len(self.node) else weak
        said = np.where(by_id, self.proof["resident_id"][units.unit] + 1, units.name[units.unit].astype(np.int64))
        self.under = np.where(split, said, 0)                # the name or ID a shared key stands under; 0: none given

    def _crowded_accounts(self, kinds: Sequence[str]) -> np.ndarray:
        """Edges of accounts that so many people stand under that they tell nobody: a wrong label, a shared login."""
        u = self.u
        heavy = np.isin(u.slot, [i for i, k in enumerate(kinds) if k in ACCOUNTS])
        if not heavy.any() or not (heavy := heavy & (np.bincount(self.node)[self.node] >= CROWDED_ACCOUNT)).any():
            return heavy
        others = [u.name.astype(np.int64)]
        for slot in (i for i, k in enumerate(kinds) if k in GLOBAL):
            here = u.slot == slot
            said = np.zeros(len(u.weight), np.int64)
            said[u.unit[here]] = self.node[here] + 1
            others.append(said)
        people = np.max([self._different(np.where(heavy, said[u.unit], 0)) for said in others], axis=0)
        return heavy & (people[self.node] >= CROWDED_ACCOUNT)

    def _different(self, what: np.ndarray) -> np.ndarray:
        """Per node: distinct non-zero companions."""
        size = int(self.node.max()) + 1 if len(self.node) else 1
        here = what != 0
        pairs = codes_of_pairs(self.node[here], what[here])
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
        person = codes_of(self.best())
        size = int(person.max()) + 1 if len(person) else 0
        marks = np.zeros(size, _U64)
        np.bitwise_or.at(marks, person, flags)
        under = np.where(self.split, self.under, 0).astype(_U64)
        hashes = (self.u.hash ^ (under * _U64(0x9E3779B97F4A7C15))) & ~FLAGS
        use = np.flatnonzero(self.kept & ~self.soft & (marks[person[self.u.unit]] != 0))
        order = use[np.lexsort((hashes[use], self.u.slot[use], rank[self.u.slot[use]], person[self.u.unit[use]]))]
        whose = person[self.u.unit[order]]
        first = run_starts(whose) if len(order) else np.zeros(0, bool)
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
        return codes_of_pairs(self.node, under)

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
            target[has] = _smallest(mine[has], has) if kind == DIFFERENT[0] else _smallest(codes_of_pairs(person[has], mine[has]), has)
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
    codes = codes_of(group)
    first = np.full(int(codes.max()) + 1, np.iinfo(np.int64).max, np.int64)
    np.minimum.at(first, codes, member)
    return first[codes]


def _merge(person: np.ndarray, use: np.ndarray, by: np.ndarray) -> np.ndarray:
    out = person.copy()
    here = np.flatnonzero(use)
    if len(here):
        out[here] = _smallest(by[here], here)
    return out


def codes_of(values: np.ndarray) -> np.ndarray:
    """Small integers for equal values (by sorting: np.unique hashes and is many times slower on 64-bit keys)."""
    if not len(values):
        return np.zeros(0, np.int64)
    order = np.argsort(values, kind="stable")
    out = np.empty(len(values), np.int64)
    out[order] = np.cumsum(run_starts(values[order])) - 1
    return out


def codes_of_pairs(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Small integers for equal pairs."""
    if not len(a):
        return np.zeros(0, np.int64)
    one, two = codes_of(a), codes_of(b)
    return codes_of(one * (int(two.max()) + 1) + two)
