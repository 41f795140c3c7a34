"""Who is the same person: units that share keys, at three levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mappings.equal_groups import codes_of_pairs, connected_components, join_groups, smallest_of_group
from mappings.key_companions import NO_NODE, KeyCompanions
from mappings.link_facts import MOST_KINDS, LinkFacts
from mappings.name_forms import HAN, MASKED
from mappings.person_keys import ACCOUNT_KEYS, CONTACT_KEYS, DISTINGUISHING_KEYS
from mappings.unit_graph import is_usable_key

MANY_CONTACTS = 3                             # numbers of a kind that few people have under one account
_ONE = np.uint64(1)


class PersonLinks:
    """Which person each unit is, at each level.

    An edge is a key that a unit has; a node is a key; arrays are per edge unless they say otherwise. Of each
    person all units are there; what these and others say together are the facts.
    shared: keys that stand under different names or IDs. unproved: keys that are one person's or several
    persons': contacts without names beside several others of a kind, or under names that agree by script or
    mask alone; numbers under several names, days of birth or genders.
    unlinked: units that no key can link, having such of a crowd; nameless: units without a full name (both
    bool per unit).
    """

    def __init__(self, keys: KeyCompanions, facts: LinkFacts) -> None:
        keys.settle(facts)
        self.units, self.keys = keys.units, keys
        self.node, self.soft = keys.node, keys.soft
        self.kind_bits = facts.kind_bits(keys.kinds)
        self.links = ~keys.crowd[self.node]   # does the key link its units?
        self.apart, self.apart_high = (np.isin(self.units.slot, p) for p in (facts.apart, facts.unproved))
        self.unlinked = np.ones(len(self.units.weight), bool)
        self.unlinked[self.units.unit[self.links & ~self.soft]] = False
        self.nameless = (self.units.name == 0) | ((self.units.name & np.uint64(MASKED)) != 0)
        self._split(facts.disputed)
        self.shared = self._number_of_keys(self.split)
        self.unproved = self._number_of_keys(self.split_high & ~self.split)

    def _split(self, disputed_accounts: Sequence[int]) -> None:
        """Keys under several names or IDs: `under` is what each edge stands under; 0: nothing.

        A contact without a name is split by what else a person has one of. In `high` any number is split by
        names and by that, too; a contact without a name by other contacts, and one by names in two scripts or
        masked; an account without names and IDs by contacts, where it has more than most people, or where
        most of its kind that stand beside contacts again stand beside others.
        """
        keys, names, ids = self.keys, self.keys.names, self.keys.ids
        several_names, several_ids, several_traits = (
            counts[self.node] > 1 for counts in (keys.name_counts, keys.id_counts, keys.trait_counts)
        )
        weak = ~keys.strong & self.links & ~self.soft
        is_nameless = keys.name_counts[self.node] == 0
        by_trait = weak & is_nameless & several_traits & ~several_ids
        accounts = keys.is_of_kind(ACCOUNT_KEYS) & keys.strong & self.links & is_nameless
        accounts &= keys.id_counts[self.node] == 0
        self.split = weak & (several_names | several_ids) | by_trait
        several = np.where(several_ids, ids, np.where(by_trait, keys.traits, names))
        full_counts = keys.count_names(np.where((names & MASKED) != 0, 0, names))
        is_masked = ~several_ids & (full_counts[self.node] > 1) & ((names & MASKED) != 0)  # any of the names
        self.under = np.where(self.split & ~is_masked, several, 0)
        doubtful = keys.strong & self.links & several_names
        contacts = self._several_contacts(weak & ~self.split & is_nameless, 2)
        disputed = accounts & np.isin(self.units.slot, disputed_accounts)
        of_accounts = np.where(
            disputed, self._several_contacts(disputed, 2), self._several_contacts(accounts, MANY_CONTACTS)
        )
        self.is_by_contact = of_accounts != 0  # then the contact, not the account, says who it is
        contacts += of_accounts
        agreeing = weak & ~self.split & (keys.counts(names)[self.node] > 1)
        contradicted = self.links & ~self.soft & several_traits
        self.split_high = self.split | doubtful | agreeing | contradicted | (contacts != 0)
        under = np.where(self.split, several, np.where(doubtful | agreeing, names, contacts))
        self.under_high = codes_of_pairs(under, np.where(contradicted, keys.traits, 0))

    def _several_contacts(self, which: np.ndarray, least: int) -> np.ndarray:
        """Of the edges `which`: the contact of another kind they stand under, where there are so many."""
        under = np.zeros(len(self.node), np.int64)
        for slot in self.keys.slots(CONTACT_KEYS):
            keys = self.keys.keys_of_units(slot)[self.units.unit]
            beside = np.where(which & (self.units.slot != slot), keys, 0)
            several = self.keys.counts(beside)[self.node] >= least
            under = np.where((under == 0) & several, beside, under)
        return under

    def _number_of_keys(self, which: np.ndarray) -> int:
        """Return how many keys the marked edges are of."""
        is_marked = np.zeros(self.keys.size, bool)
        is_marked[self.node[which]] = True
        return int(np.count_nonzero(is_marked))

    def unit_kinds(self) -> np.ndarray:
        """Return the kinds of keys that each unit has, as a uint64 bit set.

        A key of a crowd is nobody's. Whoever has no other one counts by the name: those in one script.
        """
        u = self.units
        usable = is_usable_key(u.hash, self.keys.is_of_kind(["resident_id"])) & self.links
        kinds = np.zeros(len(u.weight), np.uint64)
        np.bitwise_or.at(kinds, u.unit[usable], self.kind_bits[u.slot[usable]])
        script = (u.name[self._of_crowds()] & np.uint64(HAN)) + np.uint64(MOST_KINDS + 1)
        kinds[self._of_crowds()] = _ONE << script
        return kinds

    def _of_crowds(self) -> np.ndarray:
        """Which units have a full name, and no key but a crowd's? bool per unit."""
        return self.unlinked & ~self.nameless

    def _by_table(self, node: np.ndarray, which: np.ndarray) -> np.ndarray:
        """Return nodes where those of edges `which` are another one for each kind of key."""
        if not which.any():
            return node
        return codes_of_pairs(node, np.where(which, self.units.slot.astype(np.int64) + 1, 0))

    def low(self) -> np.ndarray:
        """Return the person of each unit: everything linked; only different valid resident IDs stay apart."""
        first, linked = DISTINGUISHING_KEYS[0], self._linked_persons(self.links, self.node)
        person = self._split_by_identity(linked, {first: self.keys.proof[first]})
        return join_groups(person, self._of_crowds(), self.units.name)

    def best(self) -> np.ndarray:
        """Return the person of each unit: shared keys link, except under different names or IDs."""
        nodes = self._by_table(self._split_nodes(), self.apart)
        person = self._linked_persons(self.links & ~self.soft, nodes)
        return self._split_by_identity(person, self.keys.proof)

    def high(self) -> np.ndarray:
        """Return the person of each unit: strong keys alone, if any; else weak keys where names agree."""
        u, strong = self.units, self.keys.strong
        identified = np.zeros(len(u.weight), bool)
        identified[u.unit[strong & self.links & ~self.is_by_contact]] = True
        named = u.name != 0
        use = self.links & ~self.soft & (strong | ~identified[u.unit] | named[u.unit])
        nodes = self._by_table(codes_of_pairs(self.node, self.under_high), self.apart_high)
        person = self._linked_persons(use, nodes)
        return self._split_by_identity(person, self._numbers_by_name())

    def _numbers_by_name(self) -> dict[str, np.ndarray]:
        """Identity numbers per unit where one that stands under several names is as many numbers."""
        by_name = {}
        for kind, number in self.keys.proof.items():
            under = np.zeros(len(self.units.weight), np.int64)
            several = self.split_high & self.keys.is_of_kind([kind])
            under[self.units.unit[several]] = self.under_high[several] + 1
            by_name[kind] = np.where(number == NO_NODE, NO_NODE, codes_of_pairs(number, under))
        return by_name

    def _split_nodes(self) -> np.ndarray:
        """Nodes with shared keys split by name or ID; nameless rows join the first named."""
        named = np.flatnonzero(self.split & (self.under != 0))
        nodes, at = np.unique(self.node[named], return_index=True)
        first = np.zeros(self.keys.size, np.int64)           # per node
        first[nodes] = self.under[named[at]]
        under = np.where(self.split & (self.under == 0), first[self.node], self.under)
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
