"""Who is the same person: units that share keys, as a graph, at three levels.

Source: vectorised min-label propagation for connected components.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mappings.equal_groups import codes_of, codes_of_pairs, connected_components, merge_groups, smallest_of_group
from mappings.ledger import FLAGS
from mappings.person_keys import ACCOUNTS, DIFFERENT, GLOBAL, STRONG
from mappings.person_records import SOFT, run_starts
from mappings.unit_graph import UnitGraph

_U64 = np.uint64
_ONE = np.uint64(1)
CROWD = 6                                     # a phone or e-mail under this many names or IDs links nobody
CROWDED_ACCOUNT = 100                         # an account, an employee's number: nobody's own under so many names, IDs or contacts


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
        return merge_groups(person, alone, self.u.name.astype(np.int64))

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
        label = connected_components(self.u.unit[use], node[use] + n, n + size)
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
            target[has] = smallest_of_group(mine[has], has) if kind == DIFFERENT[0] else smallest_of_group(codes_of_pairs(person[has], mine[has]), has)
            rest = (proof < 0) & ~settled & (first[person] < n)
            target[rest] = target[representative[rest]]
            decided = first[person] < n
            person, settled = target, settled | decided
        return person
