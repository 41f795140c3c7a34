"""Flows and entities as if fields were not there, or more or less sensitive, by their histograms."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from detectors.model import ColumnId
from mappings.counts import AT_MOST, bound_union, change_estimates, mark_at_most, young_reading
from mappings.flow_inputs import flow_count
from mappings.flow_report import EntityReport, FlowReport, Union
from mappings.model import Estimate, FlowCount, Sensitive, Tally
from mappings.possible_fields import beside_reading, count_if_personal
from mappings.varied_flow import VariedTotal


@dataclass(frozen=True, slots=True)
class FieldEdits:
    """What is otherwise with the fields of a flow. drop: they are not there.

    kinds: how sensitive they are instead.
    """

    drop: Collection[ColumnId] = frozenset()
    kinds: Mapping[ColumnId, Sensitive] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.drop or self.kinds)

    def apply(self, tally: Tally) -> Tally:
        """Return the tally with the fields as they would be."""
        fields = (
            (column, bit, self.kinds.get(column, kind))
            for column, bit, kind in tally.fields
            if column not in self.drop
        )
        return replace(tally, fields=tuple(fields))


NO_EDITS = FieldEdits()


def recount_flows(
    flows: Sequence[FlowReport], entities: Sequence[EntityReport], edits: Mapping[str, FieldEdits]
) -> tuple[tuple[FlowReport, ...], tuple[EntityReport, ...]]:
    """Return flows and entities as if fields were otherwise. edits: by flow."""
    edits = {flow: e for flow, e in edits.items() if e}
    by_id = {f.flow.id: recount_flow(as_measured(f), edits.get(f.flow.id, NO_EDITS)) for f in flows}
    years = [replace(e, unions=tuple(_recount_union(u, by_id, edits) for u in e.unions)) for e in entities]
    return tuple(by_id[f.flow.id] for f in flows), tuple(years)


def recount_flow(report: FlowReport, edits: FieldEdits) -> FlowReport:
    """Return a flow as if fields were otherwise; without a histogram, at most the persons there are."""
    if not edits:
        return report
    edited = replace(
        report, fields=tuple(v for v in report.fields if v.column not in edits.drop),
        columns=tuple(column for column in report.columns if column not in edits.drop),
    )
    possible = tuple(
        replace(p, sensitive=edits.kinds.get(p.column, p.sensitive))
        for p in report.possible if p.column not in edits.drop
    )
    if report.tally is None:
        edited = replace(edited, possible=possible, if_personal=None)
        if report.if_personal is not None and edited.open_fields:
            edited = replace(edited, if_personal=change_estimates(report.if_personal, low=0))
        return with_count(edited, change_estimates(flow_count(report), low=0))
    edited = replace(edited, tally=edits.apply(report.tally), possible=possible)
    return with_persons_of_tally(edited)


def with_persons_of_tally(report: FlowReport) -> FlowReport:
    """Return a flow with the persons of its histogram, with and without what is merely possible."""
    from mappings.histogram import Histogram

    assert report.tally is not None
    is_open, note = report.individuals.high is None, report.individuals.note

    def bounded(count: FlowCount) -> FlowCount:
        count = mark_at_most(count) if note == AT_MOST else count
        return change_estimates(count, high=None, note=note) if is_open else count

    if_personal = count_if_personal(report.tally, report.possible) if report.open_fields else None
    recounted = with_count(report, beside_reading(bounded(Histogram(report.tally).count()), if_personal))
    return replace(recounted, if_personal=if_personal and bounded(if_personal))


def with_count(report: FlowReport, count: FlowCount) -> FlowReport:
    """Return a flow with other head-counts, as they were measured."""
    return replace(
        report, individuals=count.individuals, sensitive_individuals=count.sensitive, minors=count.minors,
        ordinary=count.ordinary, ordinary_only=count.ordinary_only, strict=count.strict,
        measured=count if count.if_young is not None else None,
    )


def as_measured(report: FlowReport) -> FlowReport:
    """Return a flow with its persons as they were measured, whatever somebody says of their ages."""
    return report if report.measured is None else with_count(report, report.measured)


def _recount_union(u: Union, flows: Mapping[str, FlowReport], edits: Mapping[str, FieldEdits]) -> Union:
    """A union with edited flows: exact where one flow changed.

    Where several did, no more than each change alone leaves, and no fewer than any flow has.
    """
    from mappings.histogram import Histogram

    members = sorted({part.partition("/")[0] for part in u.flows})
    edited = [flow for flow in members if flow in edits]
    if not edited:
        return u
    tallies = {
        flow: edits[flow].apply(tally) if flow in edited else tally for flow, tally in u.tallies.items()
    }
    counts = [_member_count(flows[flow]) for flow in members] + ([u.past] if u.past is not None else [])
    after = [
        VariedTotal(u.flows, Histogram(tallies[flow]), None, u.past, u.count).count((), (), False)
        if flow in tallies else bound_union(counts)
        for flow in edited
    ]
    if len(after) == 1:
        return replace(u, count=after[0], tallies=tallies)
    return replace(u, count=tighter_union(counts, after, [edits[flow] for flow in edited]), tallies={})


def _member_count(report: FlowReport) -> FlowCount:
    """Persons of a flow in a union: at most those of the flow where its parts are judged apart."""
    return change_estimates(flow_count(report), low=0) if report.parts else flow_count(report)


def tighter_union(
    counts: Sequence[FlowCount], after: Sequence[FlowCount], edits: Sequence[FieldEdits]
) -> FlowCount:
    """Return bounds of a union after several changes: of any two bounds that hold, the tighter.

    counts: of the flows as they are now. after: of the union, after each of the changes alone.
    """
    bounds = bound_union(counts)
    regraded = any(e.kinds for e in edits)
    raised = any(kind != "no" for e in edits for kind in e.kinds.values())
    people = _at_most_each(bounds.individuals, [c.individuals for c in after])
    strict = None
    if bounds.strict is not None:
        strict = tighter_union([c.strict or c for c in counts], [c.strict or c for c in after], edits)
    if_young = None
    if bounds.if_young is not None:
        young, after_young = ([young_reading(c) or c for c in each] for each in (counts, after))
        if_young = tighter_union(young, after_young, edits)
    return replace(
        bounds,
        strict=strict,
        if_young=if_young,
        individuals=people,
        minors=_at_most_each(bounds.minors, [c.minors for c in after]),
        sensitive=_at_most_each(bounds.sensitive, [people] if raised else [c.sensitive for c in after]),
        ordinary=_at_most_each(
            bounds.ordinary or bounds.individuals,
            [people] if regraded else [c.ordinary or c.individuals for c in after],
        ),
    )


def _at_most_each(estimate: Estimate, others: Sequence[Estimate]) -> Estimate:
    """An estimate that is at most each of some others."""
    highs = [x.high for x in (estimate, *others) if x.high is not None]
    high = min(highs) if highs else None
    low = estimate.low if high is None else min(estimate.low, high)
    best = max(low, min(x.best for x in (estimate, *others)))
    return replace(estimate, low=low, best=best, high=high)
