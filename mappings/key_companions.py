"""What stands beside each key: names, identity numbers, contacts, traits; and the keys that are a crowd's."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from mappings.account_scopes import KeyKinds
from mappings.crowds import companion_counts
from mappings.equal_groups import codes_of
from mappings.link_facts import LinkFacts
from mappings.name_forms import HAN, MASKED
from mappings.person_keys import DISTINGUISHING_KEYS, STRONG_KEYS
from mappings.person_records import BORN
from mappings.unit_graph import UnitGraph

NO_NODE = -1                                  # a unit without an identity number of a kind
_U64 = np.uint64
_ONE = np.uint64(1)


def _mixed_pairs(values: np.ndarray, more: np.ndarray) -> np.ndarray:
    """Return int64 that are equal for equal pairs, whatever stands beside them; 0 for a pair of zeros."""
    mix = values.astype(_U64) * _U64(0x9E3779B97F4A7C15)
    mix ^= mix >> _U64(29)
    mix += more.astype(_U64)
    mix *= _U64(0xBF58476D1CE4E5B9)
    return np.where((values != 0) | (more != 0), mix | _ONE, _U64(0)).view(np.int64)


class KeyCompanions:
    """Keys as nodes, with what stands beside them; arrays are per edge unless they say otherwise.

    node: the key of an edge. hashes, slot_of_node: of the key and its kind, per node. soft: is it a name with
    a day of birth? strong: of a kind that is one person's, and not mistyped. proof: per unit, by kind, its
    identity number as a node, or NO_NODE. names, ids, births, traits: beside an edge, as hashes, 0 for
    nothing; name_counts, id_counts, trait_counts: different ones per node. crowd: bool per node, as the facts
    say that `settle` was given; before, none is.
    """

    def __init__(self, units: UnitGraph, kinds: KeyKinds) -> None:
        self.units, self.kinds = units, kinds
        self.node = codes_of(units.hash)
        self.size = int(self.node.max()) + 1 if len(self.node) else 1
        self.slot_of_node = np.zeros(self.size, np.int64)
        self.slot_of_node[self.node] = units.slot
        self.hashes = np.zeros(self.size, _U64)
        self.hashes[self.node] = units.hash
        self.soft = self.is_of_kind([BORN[0]])
        mistyped = self.is_of_kind(["resident_id"]) & ((units.hash & _ONE) == 0)
        mistyped |= np.isin(units.slot, list(kinds.mistyped))
        self._proving = ~mistyped
        self.names = units.name[units.unit].astype(np.int64)
        self.name_counts = self.count_names(self.names)
        traits = {kind: hashes.view(np.int64)[units.unit] for kind, hashes in units.traits.items()}
        self.traits = none = np.zeros(len(self.node), np.int64)
        for values in traits.values():
            self.traits = _mixed_pairs(self.traits, values)
        self.births = traits.get(BORN[0], none)
        counts = [self.counts(values) for values in traits.values()]
        self.trait_counts = np.max([np.zeros(self.size, np.int64), *counts], axis=0)
        self.settle(LinkFacts())

    def settle(self, facts: LinkFacts) -> None:
        """Take keys for a crowd's, and kinds of accounts for broken, that are so over all units."""
        self.crowd = facts.are_crowds(self.hashes)
        self.strong = self.is_of_kind(STRONG_KEYS) & self._proving
        self.strong &= ~np.isin(self.units.slot, facts.broken)
        self.proof = {
            kind: self._identity_numbers(kind, self.is_of_kind([kind]) & self._proving)
            for kind in DISTINGUISHING_KEYS
        }
        for number in self.proof.values():    # a number that everybody types proves nothing
            number[(number != NO_NODE) & self.crowd[number]] = NO_NODE
        number = self.proof["resident_id"]
        ids = np.where(number != NO_NODE, self.hashes[number], _U64(0))
        self.ids = ids.view(np.int64)[self.units.unit]
        self.id_counts = self.counts(self.ids)

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

    def contacts_beside(self, slot: int) -> np.ndarray:
        """Per edge: the contact of a kind that its unit has, as a node, from 1; 0: none, or itself."""
        return np.where(self.units.slot != slot, self.keys_of_units(slot)[self.units.unit], 0)

    def _identity_numbers(self, kind: str, here: np.ndarray) -> np.ndarray:
        """Per unit: its identity number of a kind, as a node. here: edges that prove something."""
        numbers = np.full(len(self.units.weight), NO_NODE, np.int64)
        numbers[self.units.unit[here]] = self.node[here]
        return numbers
