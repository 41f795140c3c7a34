"""Who is the same person: units that share keys, at three levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mappings.account_scopes import TABLE_MARK, Accounts, KeyKinds, ScopeAnswer
from mappings.crowds import CROWD_CONTACTS, CROWD_SIZE, CROWDED_ACCOUNT, Agreement, companion_counts, crowds
from mappings.equal_groups import (
    codes_of,
    codes_of_pairs,
    connected_components,
    merge_groups,
    smallest_of_group,
)
from mappings.name_forms import HAN, MASKED
from mappings.person_keys import (
    ACCOUNT_KEYS,
    CONTACT_KEYS,
    DISTINGUISHING_KEYS,
    GLOBAL_KEYS,
    IDENTITY_KEYS,
    STRONG_KEYS,
)
from mappings.person_records import SOFT_KEY
from mappings.unit_graph import UnitGraph, is_usable_key

NO_NODE = -1                                  # a unit without an identity number of a kind
_ONE = np.uint64(1)


class PersonLinks:
    """Which person each unit is, at each level.

    An edge is a key that a unit has; a node is a key; arrays are per edge unless they say otherwise. crowded:
    keys that link nobody because so many stand under them. shared: keys that stand under different names or
    IDs. unproved: contacts without names beside several others of a kind, or under names that agree by
    script or mask alone: one person's or several persons'.
    broken: kinds of accounts whose numbers stand for other people in other rows. unlinked: units that no key
    can link, having none or such of a crowd; nameless: units without a full name (both bool per unit).
    """

    def __init__(self, units: UnitGraph, kinds: KeyKinds) -> None:
        self.units = units
        self.kinds, self.mistyped = kinds.labels, kinds.mistyped
        self.node = codes_of(units.hash)
        self._size = int(self.node.max()) + 1 if len(self.node) else 1
        self._slot_of_node = np.zeros(self._size, np.int64)
        self._slot_of_node[self.node] = units.slot
        self.soft = self._is_of_kind([SOFT_KEY[0]])
        mistyped = self._is_of_kind(["resident_id"]) & ((units.hash & _ONE) == 0)
        mistyped |= np.isin(units.slot, list(kinds.mistyped))
        self.strong = self._is_of_kind(STRONG_KEYS) & ~mistyped
        # per unit: node, or NO_NODE
        self.proof = {kind: self._identity_numbers(kind) for kind in DISTINGUISHING_KEYS}
        names, crowd = self._edge_names(), self._crowded_identities()
        for kind in DISTINGUISHING_KEYS:      # a number that everybody types proves nothing
            number = self.proof[kind]
            number[(number != NO_NODE) & crowd[number]] = NO_NODE
        ids = self._edge_ids()
        name_counts, id_counts = self._name_counts(names), self._counts(ids)
        self.broken = self._broken_accounts(names)
        self.strong &= ~np.isin(units.slot, self.broken)
        crowd |= self._crowded_contacts(name_counts, id_counts) | self._crowded_accounts()
        # under one name many other contacts are one person's
        crowd |= self._crowded_by_contacts() & (name_counts != 1)
        is_crowd = crowd[self.node]
        self.links = ~is_crowd                # does the key link its units?
        self.unlinked = np.ones(len(units.weight), bool)
        self.unlinked[units.unit[self.links & ~self.soft]] = False
        self.nameless = (units.name == 0) | ((units.name & np.uint64(MASKED)) != 0)
        self._split(names, ids, (name_counts, id_counts))
        self._narrow_accounts(kinds, names)
        self.crowded = int(crowd.sum())
        self.shared = len(np.unique(self.node[self.split]))
        self.unproved = len(np.unique(self.node[self.split_high & ~self.split]))

    def _split(self, names: np.ndarray, ids: np.ndarray, counts: tuple[np.ndarray, np.ndarray]) -> None:
        """Keys under several names or IDs: `under` is what each edge stands under; 0: nothing.

        In `high` an identity number is split by names, too, a contact without a name by other contacts, and
        one by names in two scripts or masked.
        """
        several_names, several_ids = counts[0][self.node] > 1, counts[1][self.node] > 1
        weak = ~self.strong & self.links
        self.split = weak & (several_names | several_ids)
        several = np.where(several_ids, ids, names)
        full_counts = self._name_counts(np.where((names & MASKED) != 0, 0, names))
        is_masked = ~several_ids & (full_counts[self.node] > 1) & ((names & MASKED) != 0)  # any of the names
        self.under = np.where(self.split & ~is_masked, several, 0)
        identity = self._is_of_kind(IDENTITY_KEYS) & self.strong & self.links & several_names
        nameless = weak & ~self.split & (counts[0][self.node] == 0) & ~self.soft
        contacts = self._several_contacts(nameless)
        agreeing = weak & ~self.split & ~self.soft & (self._counts(names)[self.node] > 1)
        self.split_high = self.split | identity | agreeing | (contacts != 0)
        self.under_high = np.where(self.split, several, np.where(identity | agreeing, names, contacts))

    def _several_contacts(self, which: np.ndarray) -> np.ndarray:
        """Of the edges `which`: the contact of another kind they stand under, where there are several."""
        under = np.zeros(len(self.node), np.int64)
        for slot in self._slots(CONTACT_KEYS):
            keys = self._keys_of_units(slot)[self.units.unit]
            beside = np.where(which & (self.units.slot != slot), keys, 0)
            several = self._counts(beside)[self.node] > 1
            under = np.where((under == 0) & several, beside, under)
        return under

    def _narrow_accounts(self, kinds: KeyKinds, names: np.ndarray) -> None:
        """Accounts of several tables: `apart`, `apart_high` are the edges that hold in their table alone."""
        answers: dict[int, ScopeAnswer] = {}
        for places in kinds.narrowed():
            edges = np.flatnonzero(np.isin(self.units.slot, places) & self.links)
            others = self._slots(CONTACT_KEYS | IDENTITY_KEYS)
            beside = [self._keys_of_units(s)[self.units.unit[edges]] for s in others]
            accounts = Accounts(self.node[edges], self.units.slot[edges], [names[edges], *beside])
            for slot in places:
                answer = accounts.answer(slot, kinds.spaces, kinds.homes)
                if answer is not None:
                    answers[slot] = answer
        broken = [slot for slot, answer in answers.items() if answer == "apart"]
        unproved = [slot for slot, answer in answers.items() if answer != "same"]
        self.apart, self.apart_high = (np.isin(self.units.slot, slots) for slots in (broken, unproved))
        self.open_tables = {
            kinds.scopes[slot].partition(TABLE_MARK)[2]
            for slot, answer in answers.items() if answer == "open"
        }
        self.broken += [slot for slot in broken if slot not in self.broken]
        bits = [slot if slot in unproved else group for slot, group in enumerate(kinds.groups)]
        for slot, other in kinds.joined.items():
            bits[slot] = bits[other]
        self.kind_bits = _ONE << np.minimum(bits, 63).astype(np.uint64)

    def unit_kinds(self) -> np.ndarray:
        """Return the kinds of keys that each unit has, as a uint64 bit set."""
        u = self.units
        usable = is_usable_key(u.hash, self._is_of_kind(["resident_id"]))
        kinds = np.zeros(len(u.weight), np.uint64)
        np.bitwise_or.at(kinds, u.unit[usable], self.kind_bits[u.slot[usable]])
        return kinds

    def _by_table(self, node: np.ndarray, which: np.ndarray) -> np.ndarray:
        """Return nodes where those of edges `which` are another one for each kind of key."""
        if not which.any():
            return node
        return codes_of_pairs(node, np.where(which, self.units.slot.astype(np.int64) + 1, 0))

    def _is_of_kind(self, chosen: Sequence[str] | frozenset[str]) -> np.ndarray:
        """Which edges are keys of the chosen kinds?"""
        return np.isin(self.units.slot, self._slots(chosen))

    def _slots(self, chosen: Sequence[str] | frozenset[str]) -> list[int]:
        """Return the places of the chosen kinds of keys."""
        return [i for i, kind in enumerate(self.kinds) if kind in chosen]

    def _keys_of_units(self, slot: int) -> np.ndarray:
        """Per unit: its key of a kind as a node, from 1; 0: none."""
        here = self.units.slot == slot
        keys = np.zeros(len(self.units.weight), np.int64)
        keys[self.units.unit[here]] = self.node[here] + 1
        return keys

    def _counts(self, values: np.ndarray) -> np.ndarray:
        """Per node: how many distinct values other than 0 stand beside it. values: per edge."""
        return companion_counts(self.node, values, self._size)

    def _name_counts(self, names: np.ndarray) -> np.ndarray:
        """Per node: how many names stand beside it; a Chinese, a Latin and a masked one may be one name."""
        mark = names & (HAN | MASKED)
        marks = [m for m in range(HAN + MASKED + 1) if (mark == m).any()]
        if len(marks) < 2:
            return self._counts(names)
        return np.max([self._counts(np.where(mark == m, names, 0)) for m in marks], axis=0)

    def _identity_numbers(self, kind: str) -> np.ndarray:
        """Per unit: its identity number of a kind, as a node. A mistyped resident ID proves nothing."""
        here = self._is_of_kind([kind])
        if kind == "resident_id":
            here &= ((self.units.hash & _ONE) == 1) & ~np.isin(self.units.slot, list(self.mistyped))
        numbers = np.full(len(self.units.weight), NO_NODE, np.int64)
        numbers[self.units.unit[here]] = self.node[here]
        return numbers

    def _edge_names(self) -> np.ndarray:
        """The name of an edge's unit; 0: none."""
        return self.units.name[self.units.unit].astype(np.int64)

    def _edge_ids(self) -> np.ndarray:
        """The resident ID of an edge's unit; 0: none."""
        return self.proof["resident_id"][self.units.unit] + 1

    def _crowded_identities(self) -> np.ndarray:
        """Nodes of identity numbers that stand under improbably many names or contacts: everybody's."""
        slots = self._slots(IDENTITY_KEYS)
        if not slots:
            return np.zeros(self._size, bool)
        own = np.isin(self.units.slot, slots)
        names = self._name_counts(np.where(own, self._edge_names(), 0))
        return crowds(names, self._slot_of_node, slots, CROWD_SIZE) | self._under_contacts(slots)

    def _crowded_contacts(self, name_counts: np.ndarray, id_counts: np.ndarray) -> np.ndarray:
        """Nodes of weak keys that stand under improbably many names or IDs."""
        slots = self._weak_slots()
        crowd = crowds(name_counts, self._slot_of_node, slots, CROWD_SIZE)
        return crowd | crowds(id_counts, self._slot_of_node, slots, CROWD_SIZE)

    def _crowded_by_contacts(self) -> np.ndarray:
        """Nodes of weak keys that stand under improbably many other contacts."""
        return self._under_contacts(self._weak_slots())

    def _weak_slots(self) -> list[int]:
        """Return the places of keys that several people may share."""
        return [s for s in range(len(self.kinds))
                if self.kinds[s] not in STRONG_KEYS and self.kinds[s] != SOFT_KEY[0]]

    def _under_contacts(self, slots: Sequence[int]) -> np.ndarray:
        """Nodes of some kinds under improbably many contacts of one other kind."""
        crowd = np.zeros(self._size, bool)
        own = np.isin(self.units.slot, slots)
        for slot in self._slots(CONTACT_KEYS):
            beside = np.where(own & (self.units.slot != slot), self._keys_of_units(slot)[self.units.unit], 0)
            if beside.any():
                others = [s for s in slots if s != slot]
                crowd |= crowds(self._counts(beside), self._slot_of_node, others, CROWD_CONTACTS)
        return crowd

    def _broken_accounts(self, names: np.ndarray) -> list[int]:
        """Kinds of accounts whose numbers mostly stand under several names: they mean different people."""
        broken = []
        for slot in self._slots(ACCOUNT_KEYS):
            own = (self.units.slot == slot) & (names != 0)
            if own.any():
                units = np.bincount(self.node[own], minlength=self._size)
                several = self._name_counts(np.where(own, names, 0)) > 1
                if Agreement(int((units > 1).sum()), int(several.sum())).is_broken:
                    broken.append(slot)
        return broken

    def _crowded_accounts(self) -> np.ndarray:
        """Nodes of accounts that too many people stand under to name one: a wrong label, a shared login."""
        u = self.units
        heavy = self._is_of_kind(ACCOUNT_KEYS)
        if heavy.any():
            heavy &= np.bincount(self.node)[self.node] >= CROWDED_ACCOUNT
        crowd = np.zeros(self._size, bool)
        if not heavy.any():
            return crowd
        companions = [self._counts(np.where(heavy, self._edge_names(), 0))]
        for slot in self._slots(GLOBAL_KEYS):
            companions.append(self._counts(np.where(heavy, self._keys_of_units(slot)[u.unit], 0)))
        crowd[self.node[heavy]] = True
        return crowd & (np.max(companions, axis=0) >= CROWDED_ACCOUNT)

    def low(self) -> np.ndarray:
        """Return the person of each unit: everything linked; only different valid resident IDs stay apart."""
        first, linked = DISTINGUISHING_KEYS[0], self._linked_persons(self.links, self.node)
        return self._split_by_identity(linked, {first: self.proof[first]})

    def best(self) -> np.ndarray:
        """Return the person of each unit: shared keys link, except under different names or IDs."""
        nodes = self._by_table(self._split_nodes(), self.apart)
        person = self._linked_persons(self.links & ~self.soft, nodes)
        person = self._split_by_identity(person, self.proof)
        by_name = ~self.units.keyed & (self.units.name != 0)  # without a key, the name is the best evidence
        return merge_groups(person, by_name, self.units.name.astype(np.int64))

    def high(self) -> np.ndarray:
        """Return the person of each unit: strong keys alone, if any; else weak keys where names agree."""
        u = self.units
        identified = np.zeros(len(u.weight), bool)
        identified[u.unit[self.strong & self.links]] = True
        named = u.name != 0
        use = self.links & ~self.soft & (self.strong | ~identified[u.unit] | named[u.unit])
        nodes = self._by_table(codes_of_pairs(self.node, self.under_high), self.apart_high)
        person = self._linked_persons(use, nodes)
        return self._split_by_identity(person, self._numbers_by_name())

    def _numbers_by_name(self) -> dict[str, np.ndarray]:
        """Identity numbers per unit where one that stands under several names is as many numbers."""
        by_name = {}
        several = np.zeros(self._size, bool)
        several[self.node[self.split_high & self._is_of_kind(IDENTITY_KEYS)]] = True
        for kind, number in self.proof.items():
            name = np.where((number != NO_NODE) & several[number], self.units.name.astype(np.int64), 0)
            by_name[kind] = np.where(number == NO_NODE, NO_NODE, codes_of_pairs(number, name))
        return by_name

    def _split_nodes(self) -> np.ndarray:
        """Nodes with shared keys split by name or ID; nameless rows join the first named."""
        under = self.under.copy()
        if self.split.any():
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

    def _split_by_identity(self, person: np.ndarray, numbers: Mapping[str, np.ndarray]) -> np.ndarray:
        """Split persons that hold two different identity numbers; units without one go to the first.

        numbers: by kind, per unit. A person with a number of an earlier kind is not split by a later one.
        """
        settled = np.zeros(len(person), bool)
        for kind, number in numbers.items():
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
