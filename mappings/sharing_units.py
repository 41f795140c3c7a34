"""Units that share keys: linked as a whole if they fit into memory, else a batch of components at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mappings.account_scopes import KeyKinds
from mappings.components import Components, NodeRuns, linking_nodes
from mappings.key_companions import KeyCompanions
from mappings.key_survey import KeySurvey, bucket_of_keys, next_facts, survey_companions, survey_keys
from mappings.link_facts import LinkFacts
from mappings.linking import PersonLinks
from mappings.person_records import Slots, Units
from mappings.remote_units import ordered_parts
from mappings.unit_graph import Parts, build_graph, linking_keys
from mappings.unit_runs import UnitMemory
from mappings.unit_spool import UnitSpool

LINKED_SIZE = 12                              # times the memory of its arrays that a unit takes while linked
SHARE = 6                                     # of the memory that linking may take at once
LEAST_UNITS = 1_000                           # of a batch; smaller ones cost more than they spare
_U64 = np.uint64


class SharingUnits:
    """Units that share a key with another one; which are one person is asked when all are there."""

    def __init__(self, kinds: KeyKinds, memory: UnitMemory) -> None:
        self._kinds, self._memory = kinds, memory
        self._spool = UnitSpool(memory)
        self._is_in_order = True              # else, which of equal ordinals is first, no arrival decides

    @classmethod
    def of_remote(
        cls, parts: Iterator[tuple[Slots, Units]], kinds: KeyKinds, memory: UnitMemory
    ) -> SharingUnits:
        """Return units that were chosen on other machines."""
        sharing = cls(kinds, memory)
        sharing._is_in_order = False
        for slots, units in parts:
            sharing.add(slots, units)
        return sharing

    def add(self, slots: Slots, units: Units) -> None:
        """Add units of some kinds of keys."""
        self._spool.add(slots, units)

    def links(self) -> tuple[LinkFacts, Iterator[PersonLinks]]:
        """Return what all units say together, and the links of those that fit into memory at a time."""
        if self._batches(self._spool.nbytes) > 1:
            facts = self._surveyed()
            return facts, self._by_components(facts)
        keys = KeyCompanions(build_graph(self._parts(self._spool), self._kinds), self._kinds)
        facts = LinkFacts()
        while not facts.is_complete:
            keys.settle(facts)
            facts = next_facts(survey_companions(keys), self._kinds, facts)
        return facts, iter([PersonLinks(keys, facts)])

    def _parts(self, spool: UnitSpool, batch: int = 0) -> Parts:
        """Return the units of a batch in an order of their own."""
        parts = spool.parts(batch)
        return list(parts) if self._is_in_order else ordered_parts(parts)

    def _batches(self, size: int) -> int:
        """Return in how many batches units that take so many bytes are to be linked."""
        most = self._memory.most
        if most is None:
            return 1
        return max(1, min(-(-size * LINKED_SIZE * SHARE // most), self._spool.size // LEAST_UNITS))

    def _surveyed(self) -> LinkFacts:
        """Return what surveys of keys say, each with all units of some keys in memory."""
        buckets = self._batches(self._spool.nbytes * 2)
        by_key = UnitSpool(self._memory, buckets)
        for slots, units in self._spool.parts():
            by_key.add_by_batch(slots, units, *self._buckets_of(slots, units, buckets))
        facts = LinkFacts()
        while not facts.is_complete:
            survey = KeySurvey.empty(self._kinds)
            for number in range(buckets):
                parts = self._parts(by_key, number)
                survey.merge(survey_keys(parts, self._kinds, facts, (number, buckets)))
            facts = next_facts(survey, self._kinds, facts)
        return facts

    def _buckets_of(self, slots: Slots, units: Units, buckets: int) -> tuple[np.ndarray, np.ndarray]:
        """Return (positions of units, the bucket of a key of each), each pair once."""
        pairs = [np.zeros(0, np.int64)]
        for j, slot in enumerate(slots):
            hashes = linking_keys(units, j, self._kinds.traits.get(slot))
            if hashes is not None:
                here = np.flatnonzero(hashes)
                pairs.append(here * buckets + bucket_of_keys(hashes[here], buckets))
        once = np.unique(np.concatenate(pairs))
        return once // buckets, once % buckets

    def _by_components(self, facts: LinkFacts) -> Iterator[PersonLinks]:
        """Yield the links of batches of components."""
        components = Components(self._spool.size)
        nodes, before = NodeRuns(self._memory), 0
        for slots, units in self._spool.parts():
            here, hashes = linking_nodes(slots, units, self._kinds, facts)
            nodes.add(hashes, here + before)
            before += len(units)
        nodes.join(components)
        batches, before = self._batches(self._spool.nbytes), 0
        by_component = UnitSpool(self._memory, batches)
        for slots, units in self._spool.parts():
            positions = np.arange(len(units))
            roots = components.roots(positions + before).astype(_U64) * _U64(0x9E3779B97F4A7C15)
            by_component.add_by_batch(slots, units, positions, bucket_of_keys(roots, batches))
            before += len(units)
        del components, nodes
        for number in range(batches):
            graph = build_graph(self._parts(by_component, number), self._kinds)
            yield PersonLinks(KeyCompanions(graph, self._kinds), facts)
