"""The year of an entity: the persons of every set of flows that is counted together, with those the ledger knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from detectors.model import ColumnId
from mappings import decision
from mappings.counts import NOBODY, bound_union, change_estimates, combine_counts
from mappings.decide import decide
from mappings.flow_report import EntityReport, FlowReport, Union
from mappings.ledger import PersonSet, head_counts, union
from mappings.model import Estimate, FlowCount, Tally
from mappings.rules import RuleSet
from reports.model import Report
from scanner.config.model import Config
from scanner.count import ledger
from scanner.count.flow import OPEN, FlowAssessment
from scanner.count.ladder import CHEAP
from scanner.count.ledger import LedgerEntry

LINKED = 12                                   # sets of flows whose persons are linked together, one by one
SMALL = 200_000                               # rows that are linked again for every flow of every set


def entity_year(
    entity: str, mine: Sequence[FlowAssessment], past: Sequence[LedgerEntry], report: Report, config: Config, rules: RuleSet,
    key: bytes, as_of: date,
) -> EntityReport:
    """The entity's flows with the persons of every set that is counted together under some answer; not decided yet."""
    flows = {f.flow.id: f for f in report.flows}
    reports = [flows[c.flow.id] for c in mine]
    told = EntityReport(entity, Estimate.exactly(0), Estimate.exactly(0), OPEN, tuple(c.flow.id for c in mine))
    values = {**config.facts, **config.own_facts.get(entity, {})}
    first = decide(decision.entity_facts(told, reports, rules, values, as_of), rules)
    by_id = {c.flow.id: c for c in mine}
    parts = {p.id: (by_id[f.flow.id], p.roles) for f in reports for p in decision.parts_of(f, rules)}
    sets = {*first.joint_counts, *((i,) for i in first.in_count)} if past else set(first.joint_counts)
    gone = [e for e in past if e.flow not in by_id]          # flows no longer configured: what left has left
    unions = []
    largest = max(sets, key=len, default=())
    if len(sets) > LINKED:                    # too many to link one by one: the smallest and the largest bound the rest
        sets = {min(sets, key=len), largest}
    for ids in sorted(sets):
        inside = {i: parts[i] for i in ids}
        left = [e for e in past if e.flow in {c.flow.id for c, _ in inside.values()}] + gone
        if len(ids) > 1 or left:
            unions.append(_union(ids, inside, left, flows, key, as_of, each_flow=ids == largest))
    apart = set(told.flows) - {c.flow.id for c, _ in (parts[i] for i in first.in_count)}
    return _with_ledger(replace(told, unions=tuple(unions)), past, apart)


def group_count(counted: Sequence[FlowAssessment], key: bytes, as_of: date) -> FlowCount:
    """Persons of all entities together: linked where every flow was, else bounds."""
    from mappings.individuals import PersonCounter, estimate

    if any(c.counter is None for c in counted):
        return bound_union([c.count for c in counted])
    everybody = PersonCounter(key, as_of)
    for c in counted:
        assert c.counter is not None
        everybody.absorb(c.counter)
    return estimate(everybody.tally())


def _union(
    ids: tuple[str, ...],
    inside: Mapping[str, tuple[FlowAssessment, frozenset[str] | None]],
    past: Sequence[LedgerEntry],
    flows: Mapping[str, FlowReport],
    key: bytes,
    as_of: date,
    each_flow: bool,
) -> Union:
    """Persons of several parts together, each once, with those exported since 1 January.

    each_flow: with a histogram for each flow among them, so that what dropping its fields changes can be told exactly; of few rows always.
    """
    from mappings.individuals import Histogram, PersonCounter

    mine: dict[str, list[frozenset[str] | None]] = {}
    for c, roles in inside.values():
        mine.setdefault(c.flow.id, []).append(roles)
    by_id = {c.flow.id: c for c, _ in inside.values()}
    counts = {i: decision.part_count(flows[c.flow.id], decision.FlowPart(i, "", roles), 2 if roles is not None else 1)
              for i, (c, roles) in inside.items()}
    absent = {f: _absent(by_id[f], roles) for f, roles in mine.items()}
    tallies: dict[str, Tally] = {}
    if all(c.counter is not None for c in by_id.values()):
        for f, c in by_id.items():
            assert c.counter is not None
            merged_counter = PersonCounter.over(key, as_of, c.counter)
            for other, o in by_id.items():
                assert o.counter is not None
                merged_counter.absorb(o.counter, absent[other], whole=other == f)
            tally = merged_counter.tally()
            tallies[f] = replace(tally, fields=tuple(x for x in tally.fields if x[0] not in absent[f]))
            if sum(o.counter.rows for o in by_id.values() if o.counter is not None) > (CHEAP if each_flow else SMALL):
                break                         # linking again for each flow would cost more than it tells: bounds serve
        count = Histogram(next(iter(tallies.values()))).count()
        if any(c.count.individuals.high is None for c in by_id.values()):
            count = change_estimates(count, high=None, note="partly_unread")
        low = max(c.individuals.low for c in counts.values())
        if low < count.individuals.low and any(c.individuals.note for c in counts.values()):
            count = change_estimates(count, low=low)
    else:
        count = bound_union([counts[i] for i in ids])
    if not past:
        return Union(ids, count, tallies)
    gone = head_counts(union([e.persons for e in past]))
    sets = [c.counter.persons(absent[f]) for f, c in by_id.items() if c.counter is not None]
    return Union(ids, _with_past(count, sets, past, len(sets) < len(by_id)), tallies, gone)


def _absent(c: FlowAssessment, roles: Sequence[frozenset[str] | None]) -> frozenset[ColumnId]:
    """Fields of a flow that belong to no part of it that is counted."""
    if c.counter is None or any(r is None for r in roles):
        return frozenset()
    kept = {x for r in roles for x in r or ()}
    tally = c.counter.tally()
    return frozenset(f for f, _, _ in tally.fields if tally.roles.get(f, "") not in kept)


def _with_past(count: FlowCount, sets: Sequence[PersonSet], past: Sequence[LedgerEntry], some_unread: bool) -> FlowCount:
    """Those who could be exported now and those who were since 1 January, each person once."""
    year = head_counts(union([*sets, *(e.persons for e in past)]))
    if some_unread:
        return bound_union([count, year])

    def most(parts: Sequence[Estimate]) -> Estimate:
        high = None if any(p.high is None for p in parts) else max(p.high or 0 for p in parts)
        return Estimate(max(p.low for p in parts), max(p.best for p in parts), high, parts[-1].method, "with_ledger")

    return combine_counts([count, year], most)


def _with_ledger(e: EntityReport, past: Sequence[LedgerEntry], apart: set[str]) -> EntityReport:
    """The entity's year with what the ledger says was exported, flows that count and exempt ones apart, and how it grew month by month."""
    if not past:
        return e
    counts, rest = [x for x in past if x.flow not in apart], [x for x in past if x.flow in apart]
    people = ledger.count_persons(counts) if counts else NOBODY
    months: list[tuple[str, FlowCount]] = []
    so_far: PersonSet | None = None
    for period, found in groupby(sorted(counts, key=lambda x: x.period), key=lambda x: x.period):
        so_far = union([*([so_far] if so_far is not None else []), *(x.persons for x in found)])
        if len(period) == 7 and period[4] == "-":
            months.append((period, head_counts(so_far)))
    return replace(e, exported=people.individuals, exported_sensitive=people.sensitive, months=tuple(months),
                   exported_exempt=ledger.count_persons(rest).individuals if rest else None)
