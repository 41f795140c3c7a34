"""The year of an entity: persons of every set of flows that is counted together, and of the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

from detectors.errors import SourceError
from detectors.model import ColumnId
from mappings.counts import (
    AT_MOST,
    NOBODY,
    WITH_LEDGER,
    bound_union,
    change_estimates,
    combine_counts,
    lowered_to_parts,
)
from mappings.decide import EntityDecision, decide
from mappings.decision import Circumstances
from mappings.flow_inputs import FlowPart, entity_facts, flow_parts, part_count
from mappings.flow_report import UNDECIDED, EntityReport, FlowReport, Union
from mappings.ledger_cover import EXPORT_UNKNOWN, exported_count
from mappings.ledger_entries import LedgerEntry, count_entries
from mappings.model import Estimate, FlowCount, Ledgered, Tally

if TYPE_CHECKING:
    from mappings.individuals import PersonCounter
    from mappings.ledger import PersonSet
    from mappings.system_overlaps import LinkedRows

MOST_LINKED_SETS = 12                         # sets of flows whose persons are linked together, one by one
RELINK_ROWS = 200_000                         # rows that are linked again for every flow of every set


@dataclass(frozen=True, slots=True)
class FlowPersons:
    """A flow that is counted but not decided.

    counter: its persons as they were linked; None where no row was read.
    """

    report: FlowReport
    counter: PersonCounter | None

    @property
    def id(self) -> str:
        """Id of the flow."""
        return self.report.flow.id

    @property
    def possible(self) -> frozenset[ColumnId]:
        """Fields that were linked and are in no count of the flow: they may be nothing personal."""
        if self.counter is None or self.report.tally is None:
            return frozenset()
        in_count = {column for column, _, _ in self.report.tally.fields}
        return frozenset(column for column, _, _ in self.counter.tally().fields if column not in in_count)


@dataclass(frozen=True, slots=True)
class _MemberFlow:
    """A flow of a set that is counted together. parts: those in the set.

    absent: fields that belong to none of them.
    """

    persons: FlowPersons
    parts: tuple[FlowPart, ...]
    absent: frozenset[ColumnId]


def entity_year(
    entity: str, flows: Sequence[FlowPersons], past: Sequence[LedgerEntry], by: Circumstances, key: bytes
) -> EntityReport:
    """Return the entity's year, not decided yet: persons of every set of flows that is ever counted together.

    past: the entity's ledger of the year. key: of this year's hashes.
    """
    undecided = EntityReport(
        entity, Estimate.exactly(0), Estimate.exactly(0), UNDECIDED, tuple(f.id for f in flows)
    )
    values = {**by.values, **by.own.get(entity, {})}
    first = decide(entity_facts(undecided, [f.report for f in flows], by.rules, values, by.as_of), by.rules)
    parts = {p.id: (f, p) for f in flows for p in flow_parts(f.report, by.rules)}
    # exports of flows no longer configured: they count on
    unconfigured = [e for e in past if e.flow not in undecided.flows]
    sets = _sets_to_link(first, bool(past))
    largest = max(sets, key=len, default=())
    unions = []
    for ids in sorted(sets):
        members = _member_flows([parts[i] for i in ids])
        exported = [e for e in past if e.flow in {m.persons.id for m in members}] + unconfigured
        if len(ids) > 1 or exported:
            from mappings.individuals import CHEAP_ROWS

            relink = CHEAP_ROWS if ids == largest else RELINK_ROWS
            unions.append(_linked_union(ids, members, exported, _LinkSettings(key, by.as_of, relink)))
    apart = set(undecided.flows) - {parts[i][0].id for i in first.in_count}
    return with_ledger(replace(undecided, unions=tuple(unions), counted=first.in_count), past, apart)


def with_exports(report: FlowReport, entries: Sequence[LedgerEntry]) -> FlowReport:
    """Return a flow with what the ledger says left of it. entries: of the year, of any flow of its entity."""
    own = [e for e in entries if e.flow == report.flow.id]
    if not own:
        return report
    periods = tuple(dict.fromkeys(e.period for e in own))
    exported = Ledgered(count_entries(own), periods, any(e.how == "declared" for e in own))
    return replace(report, exported=exported)


def _sets_to_link(first: EntityDecision, with_ledger: bool) -> set[tuple[str, ...]]:
    """Sets of parts that are counted together; with a ledger, those of one part, too.

    Of too many to link one by one, the smallest and the largest: they bound the rest.
    """
    sets = {*first.joint_counts, *((i,) for i in first.in_count)} if with_ledger else set(first.joint_counts)
    return {min(sets, key=len), max(sets, key=len)} if len(sets) > MOST_LINKED_SETS else sets


def _member_flows(parts: Sequence[tuple[FlowPersons, FlowPart]]) -> list[_MemberFlow]:
    """The flows that the parts of a set belong to, each once."""
    by_flow: dict[str, tuple[FlowPersons, list[FlowPart]]] = {}
    for flow, part in parts:
        by_flow.setdefault(flow.id, (flow, []))[1].append(part)
    return [_MemberFlow(flow, tuple(own), _absent_fields(flow, own)) for flow, own in by_flow.values()]


def _absent_fields(flow: FlowPersons, parts: Sequence[FlowPart]) -> frozenset[ColumnId]:
    """Fields of a flow that belong to none of its parts, or are merely possible."""
    if flow.counter is None:
        return frozenset()
    tally, possible = flow.counter.tally(), flow.possible
    if any(p.roles is None for p in parts):
        return possible
    roles = {role for p in parts for role in p.roles or ()}
    return possible | {field for field, _, _ in tally.fields if tally.roles.get(field, "") not in roles}


@dataclass(frozen=True, slots=True)
class _LinkSettings:
    """How persons of several flows are linked.

    rows: up to which they are linked once for each flow, else for one alone.
    """

    key: bytes
    as_of: date
    rows: int


def _linked_union(
    ids: tuple[str, ...], members: Sequence[_MemberFlow], past: Sequence[LedgerEntry], linking: _LinkSettings
) -> Union:
    """Persons of several parts together, each once, with those exported since 1 January (past).

    Of a flow that stopped there are only those the ledger holds.
    """
    from mappings.ledger import head_counts, union_of_sets
    from mappings.system_overlaps import LinkedRows, with_expected

    stopped = [m for m in members if m.persons.report.flow.status == "stopped"]
    live = [m for m in members if m not in stopped]
    counts = [part_count(m.persons.report, p, 2, linking.as_of) for m in live for p in m.parts]
    counters = {m.persons.id: m.persons.counter for m in live if m.persons.counter is not None}
    rows = [LinkedRows(counters[m.persons.id], m.absent) for m in live if m.persons.id in counters]
    tallies: Mapping[str, Tally] = {}
    count = bound_union(counts)
    if live and len(rows) == len(live):
        with suppress(SourceError):           # units that stayed on machines that are gone: bounds serve
            linked = _tallies_by_flow(live, counters, linking)
            count = with_expected(_linked_count(next(iter(linked.values())), live, counts), rows)
            tallies = linked
    past_count = None
    if past:
        exported = [e.persons for e in past]
        sets = list(_person_sets(rows))
        year = with_past_exports(count, [*sets, *exported], some_unread=len(sets) < len(live))
        count = replace(year, remaining=count)
        past_count = head_counts(union_of_sets(exported))
    reports = [m.persons.report for m in stopped]
    exports = [exported_count(r.flow, r.exported, linking.as_of) for r in reports]
    if any(c.individuals.high is None for c in exports):
        count = change_estimates(count, high=None, note=EXPORT_UNKNOWN)
    return Union(ids, count, tallies, past_count)


def _person_sets(rows: Sequence[LinkedRows]) -> Iterator[PersonSet]:
    """Yield the persons of flows, of those whose units can be reached."""
    for each in rows:
        with suppress(SourceError):
            yield each.counter.persons(each.absent)


def _tallies_by_flow(
    members: Sequence[_MemberFlow], counters: Mapping[str, PersonCounter], linking: _LinkSettings
) -> dict[str, Tally]:
    """By flow: all persons with its own fields, those of the other flows reduced to three flags.

    So it can be said exactly what dropping its fields changes. Of many rows the first flow alone: linking
    again would cost more than it shows, and bounds serve for the others.
    """
    from mappings.individuals import PersonCounter

    tallies: dict[str, Tally] = {}
    for m in members:
        everybody = PersonCounter.over(linking.key, linking.as_of, counters[m.persons.id])
        for other in members:
            everybody.absorb(counters[other.persons.id], other.absent, whole=other is m)
        tally = everybody.tally()
        tallies[m.persons.id] = replace(tally, fields=tuple(f for f in tally.fields if f[0] not in m.absent))
        if sum(c.rows for c in counters.values()) > linking.rows:
            break
    return tallies


def _linked_count(tally: Tally, members: Sequence[_MemberFlow], counts: Sequence[FlowCount]) -> FlowCount:
    """Persons of a tally, left open where a flow's are.

    counts: of the parts; where one is a bound itself, there are at least as many as in the largest.
    """
    from mappings.histogram import Histogram

    count = Histogram(tally).count()
    if any(m.persons.report.individuals.high is None for m in members):
        count = change_estimates(count, high=None, note="partly_unread")
    low = max(c.individuals.low for c in counts)
    if low < count.individuals.low and any(
        c.individuals.note not in ("", AT_MOST) for c in counts
    ):
        count = lowered_to_parts(count, counts)
    return count


def with_past_exports(count: FlowCount, sets: Sequence[PersonSet], some_unread: bool) -> FlowCount:
    """Those who could be exported now and those who were since 1 January, each person once."""
    from mappings.ledger import head_counts, union_of_sets

    year = head_counts(union_of_sets(sets))
    if some_unread:
        return bound_union([count, year])

    def most(parts: Sequence[Estimate]) -> Estimate:
        high = None if any(p.high is None for p in parts) else max(p.high or 0 for p in parts)
        return Estimate(
            max(p.low for p in parts), max(p.best for p in parts), high, parts[-1].method, WITH_LEDGER
        )

    return combine_counts([count, year], most)


def with_ledger(entity: EntityReport, past: Sequence[LedgerEntry], apart: set[str]) -> EntityReport:
    """The entity's year with what the ledger says was exported, and how it grew month by month.

    apart: flows left out of the count.
    """
    if not past:
        return entity
    counts, rest = [x for x in past if x.flow not in apart], [x for x in past if x.flow in apart]
    people = count_entries(counts) if counts else NOBODY
    unconfigured = [x for x in past if x.flow not in entity.flows]
    return replace(
        entity,
        exported=people.individuals,
        exported_sensitive=people.sensitive,
        exported_measured=people,
        months=_persons_by_month(counts),
        exported_exempt=count_entries(rest).individuals if rest else None,
        exported_elsewhere=count_entries(unconfigured) if unconfigured else None,
    )


def _period_end(entry: LedgerEntry) -> str:
    """The last month of a period; any other word as it is."""
    return entry.period.rpartition("..")[2] or entry.period


def _persons_by_month(entries: Sequence[LedgerEntry]) -> tuple[tuple[str, FlowCount], ...]:
    """(2026-01, persons exported up to its end), ascending; other periods count for the months after them."""
    from mappings.ledger import head_counts, union_of_sets

    months: list[tuple[str, FlowCount]] = []
    sets: list[PersonSet] = []
    for period, recorded in groupby(sorted(entries, key=_period_end), key=_period_end):
        sets = [union_of_sets([*sets, *(e.persons for e in recorded)])]
        if len(period) == 7 and period[4] == "-":
            months.append((period, head_counts(sets[0])))
    return tuple(months)
