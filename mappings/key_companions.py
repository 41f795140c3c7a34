"""What stands beside each key: names, identity numbers, contacts, traits; and the keys that are a crowd's."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from mappings.account_scopes import KeyKinds
from mappings.crowds import CROWD_CONTACTS, CROWD_SIZE, CROWDED_ACCOUNT, Agreement, companion_counts, crowds
from mappings.equal_groups import codes_of, codes_of_pairs
from mappings.name_forms import HAN, MASKED
from mappings.person_keys import (
    ACCOUNT_KEYS,
    CONTACT_KEYS,
    DISTINGUISHING_KEYS,
    GLOBAL_KEYS,
    IDENTITY_KEYS,
    STRONG_KEYS,
)
from mappings.person_records import BORN
from mappings.unit_graph import UnitGraph

NO_NODE = -1                                  # a unit without an identity number of a kind
_ONE = np.uint64(1)


def _numbers(hashes: np.ndarray) -> np.ndarray:
    """Return equal numbers, from 1, for equal hashes; 0 for none."""
    return np.where(hashes != 0, codes_of(hashes) + 1, 0)


class KeyCompanions:
    """Keys as nodes, with what stands beside them; arrays are per edge unless they say otherwise.

    node: the key of an edge. size: nodes there are. slot_of_node: kind of key per node. soft: is it a name
    with a day of birth? strong: of a kind that is one person's, and not mistyped. proof: per unit, by kind,
    its identity number as a node, or NO_NODE. names, ids, births, traits: beside an edge, as numbers, 0
    for nothing; name_counts, id_counts, trait_counts: different ones per node.
    """

    def __init__(self, units: UnitGraph, kinds: KeyKinds) -> None:
        self.units, self.kinds = units, kinds
        self.node = codes_of(units.hash)
        self.size = int(self.node.max()) + 1 if len(self.node) else 1
        self.slot_of_node = np.zeros(self.size, np.int64)
        self.slot_of_node[self.node] = units.slot
        self.soft = self.is_of_kind([BORN[0]])
        mistyped = self.is_of_kind(["resident_id"]) & ((units.hash & _ONE) == 0)
        mistyped |= np.isin(units.slot, list(kinds.mistyped))
        self.strong = self.is_of_kind(STRONG_KEYS) & ~mistyped
        self.proof = {
            kind: self._identity_numbers(kind, self.is_of_kind([kind]) & ~mistyped)
            for kind in DISTINGUISHING_KEYS
        }
        self.names = units.name[units.unit].astype(np.int64)
        self.name_counts = self.count_names(self.names)
        traits = {kind: _numbers(hashes)[units.unit] for kind, hashes in units.traits.items()}
        self.traits = none = np.zeros(len(self.node), np.int64)
        for values in traits.values():
            both = (self.traits != 0) | (values != 0)
            self.traits = np.where(both, codes_of_pairs(self.traits, values) + 1, 0)
        self.births = traits.get(BORN[0], none)
        counts = [self.counts(values) for values in traits.values()]
        self.trait_counts = np.max([np.zeros(self.size, np.int64), *counts], axis=0)
        crowd = self._crowded_identities()
        for number in self.proof.values():    # a number that everybody types proves nothing
            number[(number != NO_NODE) & crowd[number]] = NO_NODE
        self.ids = self.proof["resident_id"][units.unit] + 1
        self.id_counts = self.counts(self.ids)
        self.broken = self._broken_accounts()
        self.strong &= ~np.isin(units.slot, self.broken)
        crowd |= self._crowded_contacts() | self._crowded_accounts()
        # under one name many other contacts are one person's
        self.crowd = crowd | (self._under_contacts(self._weak_slots()) & (self.name_counts != 1))

    def is_of_kind(self, chosen: Collection[str]) -> np.ndarray:
        """Which edges are keys of the chosen kinds?"""
        return np.isin(self.units.slot, self.slots(chosen))

    def slots(self, chosen: Collection[str]) -> list[int]:
        """Return the places of the chosen kinds of keys."""
        return [i for i, kind in enumerate(self.kinds.labels) if kind in chosen]

    def keys_of_units(self, slot: int) -> np.ndarray:
        """Per unit: its key of a kind as a node, from 1; 0: none."""
        here = self.units.slot == slot
        keys = np.zeros(len(self.units.weight), np.int64)
        keys[self.units.unit[here]] = self.node[here] + 1
        return keys

    def counts(self, values: np.ndarray) -> np.ndarray:
        """Per node: how many distinct values other than 0 stand beside it. values: per edge."""
        return companion_counts(self.node, values, self.size)

    def count_names(self, names: np.ndarray) -> np.ndarray:
        """Per node: how many names stand beside it; a Chinese, a Latin and a masked one may be one name."""
        mark = names & (HAN | MASKED)
        marks = [m for m in range(HAN + MASKED + 1) if (mark == m).any()]
        if len(marks) < 2:
            return self.counts(names)
        return np.max([self.counts(np.where(mark == m, names, 0)) for m in marks], axis=0)

    def _identity_numbers(self, kind: str, here: np.ndarray) -> np.ndarray:
        """Per unit: its identity number of a kind, as a node. here: edges that prove something."""
        numbers = np.full(len(self.units.weight), NO_NODE, np.int64)
        numbers[self.units.unit[here]] = self.node[here]
        return numbers

    def _crowded_identities(self) -> np.ndarray:
        """Nodes of identity numbers under improbably many names, births or contacts: everybody's."""
        slots = self.slots(IDENTITY_KEYS)
        if not slots:
            return np.zeros(self.size, bool)
        own = np.isin(self.slot_of_node, slots)
        names = np.where(own, self.name_counts, 0)
        return self._crowds(names, slots) | self._under_contacts(slots)

    def _crowds(self, names: np.ndarray, slots: Sequence[int]) -> np.ndarray:
        """Nodes of some kinds under improbably many names, or something else of which a person has one."""
        crowd = crowds(names, self.slot_of_node, slots, CROWD_SIZE)
        return crowd | crowds(self.trait_counts, self.slot_of_node, slots, CROWD_SIZE)

    def _crowded_contacts(self) -> np.ndarray:
        """Nodes of weak keys that stand under improbably many names, births or IDs."""
        slots = self._weak_slots()
        crowd = self._crowds(self.name_counts, slots)
        return crowd | crowds(self.id_counts, self.slot_of_node, slots, CROWD_SIZE)

    def _weak_slots(self) -> list[int]:
        """Return the places of keys that several people may share."""
        return [place for place, kind in enumerate(self.kinds.labels)
                if kind not in STRONG_KEYS and place not in self.kinds.traits]

    def _under_contacts(self, slots: Sequence[int]) -> np.ndarray:
        """Nodes of some kinds under improbably many contacts of one other kind."""
        crowd = np.zeros(self.size, bool)
        own = np.isin(self.units.slot, slots)
        for slot in self.slots(CONTACT_KEYS):
            here = own & (self.units.slot != slot)
            beside = np.where(here, self.keys_of_units(slot)[self.units.unit], 0)
            if beside.any():
                others = [s for s in slots if s != slot]
                crowd |= crowds(self.counts(beside), self.slot_of_node, others, CROWD_CONTACTS)
        return crowd

    def _broken_accounts(self) -> list[int]:
        """Kinds of accounts whose numbers mostly stand under several names: they mean different people."""
        broken = []
        for slot in self.slots(ACCOUNT_KEYS):
            own = (self.units.slot == slot) & (self.names != 0)
            if own.any():
                units = np.bincount(self.node[own], minlength=self.size)
                several = self.count_names(np.where(own, self.names, 0)) > 1
                if Agreement(int((units > 1).sum()), int(several.sum())).is_broken:
                    broken.append(slot)
        return broken

    def disputed_accounts(self) -> list[int]:
        """Kinds of accounts whose numbers mostly stand under several contacts of a kind, where they recur."""
        disputed = []
        for slot in self.slots(ACCOUNT_KEYS):
            for contact in self.slots(CONTACT_KEYS):
                beside = np.where(self.units.slot == slot, self.keys_of_units(contact)[self.units.unit], 0)
                units = np.bincount(self.node[beside != 0], minlength=self.size)
                several = self.counts(beside) > 1
                if contact != slot and Agreement(int((units > 1).sum()), int(several.sum())).is_broken:
                    disputed.append(slot)
        return disputed

    def _crowded_accounts(self) -> np.ndarray:
        """Nodes of accounts that too many people stand under to name one: a wrong label, a shared login."""
        u = self.units
        heavy = self.is_of_kind(ACCOUNT_KEYS)
        if heavy.any():
            heavy &= np.bincount(self.node)[self.node] >= CROWDED_ACCOUNT
        crowd = np.zeros(self.size, bool)
        if not heavy.any():
            return crowd
        companions = [self.counts(np.where(heavy, self.names, 0))]
        for slot in self.slots(GLOBAL_KEYS):
            companions.append(self.counts(np.where(heavy, self.keys_of_units(slot)[u.unit], 0)))
        crowd[self.node[heavy]] = True
        return crowd & (np.max(companions, axis=0) >= CROWDED_ACCOUNT)
