"""Persons of units that share keys, or have none, as a histogram at the three levels."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mappings.account_scopes import KeyKinds
from mappings.equal_groups import codes_of
from mappings.key_companions import KeyCompanions
from mappings.keyless import KeylessRows
from mappings.link_facts import LinkFacts
from mappings.linking import PersonLinks
from mappings.lone_units import Pattern, add_patterns, add_table
from mappings.model import Level
from mappings.person_records import run_starts
from mappings.unit_graph import Parts, build_graph

LEVELS: tuple[Level, ...] = ("low", "best", "high")
_U64 = np.uint64


@dataclass(slots=True)
class LinkedPersons:
    """Persons by what matters of them, at each level; those of other units add up.

    shared, unproved: keys, as `PersonLinks` says.
    """

    patterns: dict[Level, dict[Pattern, int]] = field(default_factory=lambda: {level: {} for level in LEVELS})
    shared: int = 0
    unproved: int = 0

    def merge(self, other: LinkedPersons) -> None:
        """Add the persons of other units."""
        for level, patterns in other.patterns.items():
            add_table(self.patterns[level], patterns)
        self.shared += other.shared
        self.unproved += other.unproved

    def add_linked(self, links: PersonLinks) -> None:
        """Add the persons that linked units are. A unit that no key can link stands for its rows."""
        graph = links.units
        self.shared += links.shared
        self.unproved += links.unproved
        for level in LEVELS if len(graph.bits) else ():
            person = codes_of(getattr(links, level)())
            size = int(person.max()) + 1
            bits, kinds = np.zeros(size, _U64), np.zeros(size, _U64)
            persons = np.ones(size, np.int64)
            np.bitwise_or.at(bits, person, graph.bits)
            if level == "low":
                np.bitwise_or.at(kinds, person, links.unit_kinds())
            else:
                lone = links.unlinked & (links.nameless if level == "best" else True)
                persons[person[lone]] = graph.weight[lone]
            add_patterns(self.patterns[level], kinds, bits, persons)

    def add_keyless(self, rows: KeylessRows) -> None:
        """Add rows without a key, each pair once, all of each name: without a key it is the best evidence."""
        no_kinds = np.zeros(len(rows.bits), _U64)
        add_patterns(self.patterns["low"], no_kinds, rows.bits)
        add_patterns(self.patterns["high"], no_kinds, rows.bits, rows.rows)
        full = rows.has_full_name()
        add_patterns(self.patterns["best"], no_kinds[~full], rows.bits[~full], rows.rows[~full])
        named = rows.select(full)
        if len(named.bits):
            order = np.argsort(named.name, kind="stable")
            starts = np.flatnonzero(run_starts(named.name[order]))
            bits = np.bitwise_or.reduceat(named.bits[order], starts)
            add_patterns(self.patterns["best"], no_kinds[: len(bits)], bits)


def link_units(parts: Parts, kinds: KeyKinds, facts: LinkFacts) -> LinkedPersons:
    """Return the persons that units are. parts: all units that one of these persons may be."""
    linked = LinkedPersons()
    linked.add_linked(PersonLinks(KeyCompanions(build_graph(parts, kinds), kinds), facts))
    return linked
