"""Persons of a whole group, each once: of the flows that count, with what left by the ledger.

Flows that are exempt, blocked or without persons are in no total; of one that stopped, those that left are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass

from detectors.errors import SourceError
from mappings.counts import NOBODY, bound_union, change_estimates
from mappings.decision import Circumstances
from mappings.entity_year import FlowPersons, with_past_exports
from mappings.flow_inputs import FlowPart, flow_parts, part_count
from mappings.histogram import count_tally
from mappings.individuals import PersonCounter
from mappings.ledger_cover import EXPORT_UNKNOWN, exported_count
from mappings.ledger_entries import LedgerEntry
from mappings.model import FlowCount


@dataclass(frozen=True, slots=True)
class _FlowInCount:
    """A flow with those of its parts that count. whole: all of them do."""

    persons: FlowPersons
    parts: tuple[FlowPart, ...]
    whole: bool

    def is_linked(self) -> bool:
        """Were the persons of all of it linked?"""
        return self.whole and self.persons.counter is not None


def group_count(
    flows: Sequence[FlowPersons], in_count: Collection[str], past: Sequence[LedgerEntry], by: Circumstances,
    key: bytes,
) -> FlowCount:
    """Return the persons of all entities together: linked where every flow was, else bounds.

    in_count: parts of flows that are counted. past: the ledger of the year, of all. key: of the year.
    """
    members = [c for flow in flows if (c := _flow_in_count(flow, in_count, by)).parts]
    live = [c for c in members if c.persons.report.flow.status != "stopped"]
    now = _persons_now(live, by, key)
    ids, configured = {c.persons.id for c in members}, {flow.id for flow in flows}
    exported = [e.persons for e in past if e.flow in ids or e.flow not in configured]
    total = now
    if exported:
        sets = [c.persons.counter.persons(c.persons.possible) for c in live if c.persons.counter is not None]
        total = with_past_exports(now, [*sets, *exported], some_unread=not all(c.is_linked() for c in live))
    reports = [c.persons.report for c in members]
    exports = [exported_count(r.flow, r.exported, by.as_of) for r in reports if r.flow.status != "planned"]
    if any(count.individuals.note == EXPORT_UNKNOWN for count in exports):
        return change_estimates(total, high=None, note=EXPORT_UNKNOWN)
    return total


def _flow_in_count(flow: FlowPersons, in_count: Collection[str], by: Circumstances) -> _FlowInCount:
    parts = flow_parts(flow.report, by.rules)
    own = tuple(part for part in parts if part.id in in_count)
    return _FlowInCount(flow, own, len(own) == len(parts))


def _persons_now(live: Sequence[_FlowInCount], by: Circumstances, key: bytes) -> FlowCount:
    """Persons of the flows that run or are planned."""
    if not live:
        return NOBODY
    if all(c.is_linked() for c in live):
        with suppress(SourceError):           # units that stayed on machines that are gone: bounds serve
            return _linked_persons(live, by, key)
    return bound_union([
        part_count(c.persons.report, part, len(flow_parts(c.persons.report, by.rules)), by.as_of)
        for c in live for part in c.parts
    ])


def _linked_persons(live: Sequence[_FlowInCount], by: Circumstances, key: bytes) -> FlowCount:
    """Return the persons of flows that were all linked."""
    first = live[0].persons.counter
    everybody = PersonCounter(key, by.as_of, memory=None if first is None else first.memory)
    for c in live:
        assert c.persons.counter is not None
        everybody.absorb(c.persons.counter, c.persons.possible)
    return count_tally(everybody.tally())
