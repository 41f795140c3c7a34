"""Who is the same person: units that share keys, at three levels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mappings.equal_groups import (
    codes_of,
    codes_of_pairs,
    connected_components,
    merge_groups,
    smallest_of_group,
)
from mappings.person_keys import ACCOUNT_KEYS, DISTINGUISHING_KEYS, GLOBAL_KEYS, STRONG_KEYS
from mappings.person_records import SOFT_KEY
from mappings.unit_graph import UnitGraph

CROWD_SIZE = 6                                # a phone or e-mail under this many names or IDs links nobody
CROWDED_ACCOUNT = 100  # an account or employee's number: nobody's own under so many names, IDs, contacts
NO_NODE = -1                                  # a unit without an identity number of a kind
_ONE = np.uint64(1)


class PersonLinks:
    """Which person each unit is, at each level.

    An edge is a key that a unit has; a node is a key; arrays are per edge unless they say otherwise. crowded:
    keys that link nobody because so many stand under them. shared: keys that stand under different names or
    IDs.
    """

    def __init__(self, units: UnitGraph, kinds: Sequence[str]) -> None:
        self.units = units
        self.node = codes_of(units.hash)
        self.soft = self._is_of_kind(kinds, [SOFT_KEY[0]])
        self.strong = self._is_of_kind(kinds, STRONG_KEYS)
        # per unit: node, or NO_NODE
        self.proof = {kind: self._identity_numbers(kinds, kind) for kind in DISTINGUISHING_KEYS}
        names, ids = self._edge_names(), self._edge_ids()
        name_counts = self._companion_counts(names)[self.node] if len(self.node) else names
        id_counts = self._companion_counts(ids)[self.node] if len(self.node) else ids
        weak = ~self.strong
        crowd = weak & ((name_counts >= CROWD_SIZE) | (id_counts >= CROWD_SIZE))
        crowd |= self._crowded_accounts(kinds)
        self.links = ~crowd                   # does the key link its units?
        self.split = weak & ~crowd & ((name_counts > 1) | (id_counts > 1))
        # name or ID a split key stands under; 0: none
        self.under = np.where(self.split, np.where(id_counts > 1, ids, names), 0)
        self.crowded = len(np.unique(self.node[crowd]))
        self.shared = len(np.unique(self.node[self.split]))

    def _is_of_kind(self, kinds: Sequence[str], chosen: Sequence[str] | frozenset[str]) -> np.ndarray:
        """Which edges are keys of the chosen kinds? kinds: of the slots."""
        return np.isin(self.units.slot, [i for i, kind in enumerate(kinds) if kind in chosen])

    def _identity_numbers(self, kinds: Sequence[str], kind: str) -> np.ndarray:
        """Per unit: its identity number of a kind, as a node. A mistyped resident ID proves nothing."""
        here = self._is_of_kind(kinds, [kind])
        if kind == "resident_id":
            here &= (self.units.hash & _ONE) == 1
        numbers = np.full(len(self.units.weight), NO_NODE, np.int64)
        numbers[self.units.unit[here]] = self.node[here]
        return numbers

    def _edge_names(self) -> np.ndarray:
        """The name of an edge's unit; 0: none."""
        return self.units.name[self.units.unit].astype(np.int64)

    def _edge_ids(self) -> np.ndarray:
        """The resident ID of an edge's unit; 0: none."""
        return self.proof["resident_id"][self.units.unit] + 1

    def _crowded_accounts(self, kinds: Sequence[str]) -> np.ndarray:
        """Edges of accounts that too many people stand under to name one: a wrong label, a shared login."""
        u = self.units
        heavy = self._is_of_kind(kinds, ACCOUNT_KEYS)
        if heavy.any():
            heavy &= np.bincount(self.node)[self.node] >= CROWDED_ACCOUNT
        if not heavy.any():
            return heavy
        companions = [self._companion_counts(np.where(heavy, self._edge_names(), 0))]
        for slot in (i for i, kind in enumerate(kinds) if kind in GLOBAL_KEYS):
            here = u.slot == slot
            keys = np.zeros(len(u.weight), np.int64)
            keys[u.unit[here]] = self.node[here] + 1
            companions.append(self._companion_counts(np.where(heavy, keys[u.unit], 0)))
        return heavy & (np.max(companions, axis=0)[self.node] >= CROWDED_ACCOUNT)

    def _companion_counts(self, values: np.ndarray) -> np.ndarray:
        """Per node: how many distinct values other than 0 stand beside it."""
        size = int(self.node.max()) + 1 if len(self.node) else 1
        here = values != 0
        pairs = codes_of_pairs(self.node[here], values[here])
        first = np.unique(pairs, return_index=True)[1] if len(pairs) else np.zeros(0, np.int64)
        return np.bincount(self.node[here][first], minlength=size)

    def low(self) -> np.ndarray:
        """Return the person of each unit: everything linked; only different valid resident IDs stay apart."""
        return self._split_by_identity(self._linked_persons(self.links, self.node), DISTINGUISHING_KEYS[:1])

    def best(self) -> np.ndarray:
        """Return the person of each unit: shared keys link, except under different names or IDs."""
        person = self._linked_persons(self.links & ~self.soft, self._split_nodes(nameless_join=True))
        person = self._split_by_identity(person, DISTINGUISHING_KEYS)
        by_name = ~self.units.keyed & (self.units.name != 0)  # without a key, the name is the best evidence
        return merge_groups(person, by_name, self.units.name.astype(np.int64))

    def high(self) -> np.ndarray:
        """Return the person of each unit: strong keys alone, if any; else weak keys where names agree."""
        u = self.units
        identified = np.zeros(len(u.weight), bool)
        identified[u.unit[self.strong]] = True
        named = u.name != 0
        use = self.links & ~self.soft & (self.strong | ~identified[u.unit] | named[u.unit])
        person = self._linked_persons(use, self._split_nodes(nameless_join=False))
        return self._split_by_identity(person, DISTINGUISHING_KEYS)

    def _split_nodes(self, nameless_join: bool) -> np.ndarray:
        """Nodes with shared keys split by name or ID; nameless rows join the first named, or stay apart."""
        under = self.under.copy()
        if nameless_join and self.split.any():
            first: dict[int, int] = {}
            for i in np.flatnonzero(self.split & (self.under != 0)):
                first.setdefault(int(self.node[i]), int(self.under[i]))
            for i in np.flatnonzero(self.split & (self.under == 0)):
                under[i] = first.get(int(self.node[i]), 0)
        return codes_of_pairs(self.node, under)

    def _linked_persons(self, use: np.ndarray, node: np.ndarray) -> np.ndarray:
        """Person of each unit: smallest unit of its connected component. use: edges that link.

        node: their keys.
        """
        n = len(self.units.weight)
        if not use.any():
            return np.arange(n)
        label = connected_components(self.units.unit[use], node[use] + n, n + int(node.max()) + 1)
        return label[:n]

    def _split_by_identity(self, person: np.ndarray, kinds: Sequence[str]) -> np.ndarray:
        """Split persons that hold two different identity numbers; units without one go to the first.

        A person with a number of an earlier kind is not split by a later one.
        """
        settled = np.zeros(len(person), bool)
        for kind in kinds:
            number = self.proof[kind]
            numbered = np.flatnonzero((number != NO_NODE) & ~settled)
            if not len(numbered):
                continue
            first = np.full(len(person), len(person), np.int64)  # per person: its first unit with a number
            np.minimum.at(first, person[numbered], numbered)
            has_number = first[person] < len(person)
            group = number[numbered]
            if kind != DISTINGUISHING_KEYS[0]:  # an equal resident ID is one person wherever it stands
                group = codes_of_pairs(person[numbered], group)
            apart = person.copy()
            apart[numbered] = smallest_of_group(group, numbered)
            rest = (number == NO_NODE) & ~settled & has_number
            apart[rest] = apart[first[person[rest]]]
            person, settled = apart, settled | has_number
        return person
