"""Flows and entities as if fields were not there, or were more or less sensitive; persons come from the histograms."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from detectors.model import ColumnId
from mappings.counts import bound_union, change_estimates
from mappings.flow_inputs import flow_count
from mappings.flow_report import EntityReport, FlowReport, Union
from mappings.histogram import Histogram
from mappings.model import Estimate, FlowCount, Sensitive, Tally
from mappings.varied_flow import VariedTotal

Kinds = Mapping[ColumnId, Sensitive]           # how sensitive fields are instead


def recount_flows(
    flows: Sequence[FlowReport], entities: Sequence[EntityReport], drop: Mapping[str, Collection[ColumnId]], kinds: Mapping[str, Kinds]
) -> tuple[tuple[FlowReport, ...], tuple[EntityReport, ...]]:
    """Return flows and entities as if fields of flows were not there, or were more or less sensitive; counts come from the histograms.

    drop, kinds: by flow.
    """
    by_id = {f.flow.id: recount_flow(f, set(drop.get(f.flow.id, ())), kinds.get(f.flow.id, {})) for f in flows}
    touched = {i for i in by_id if drop.get(i) or kinds.get(i)}
    exporter = []
    for e in entities:
        unions = tuple(_changed_union(u, e, by_id, touched, drop, kinds) for u in e.unions)
        exporter.append(replace(e, unions=unions))
    return tuple(by_id[f.flow.id] for f in flows), tuple(exporter)


def _less(tally: Tally, drop: Collection[ColumnId], kinds: Kinds) -> Tally:
    return replace(tally, fields=tuple((c, i, kinds.get(c, kind)) for c, i, kind in tally.fields if c not in drop))


def recount_flow(f: FlowReport, drop: set[ColumnId], kinds: Kinds) -> FlowReport:
    """A flow's persons without some fields, and with others graded otherwise, from its histogram."""
    if not drop and not kinds:
        return f
    fields = tuple(v for v in f.fields if v.column not in drop)
    if f.tally is None:                       # nothing to count from: at most those there are
        columns = tuple(c for c in f.columns if c not in drop)
        return _with_count(replace(f, fields=fields, columns=columns), change_estimates(flow_count(f), low=0))
    tally = _less(f.tally, drop, kinds)
    count = Histogram(tally).count()
    if f.individuals.high is None:
        count = change_estimates(count, high=None, note=f.individuals.note)
    return _with_count(replace(f, fields=fields, columns=tuple(c for c in f.columns if c not in drop), tally=tally), count)


def _with_count(f: FlowReport, c: FlowCount) -> FlowReport:
    return replace(f, individuals=c.individuals, sensitive_individuals=c.sensitive, minors=c.minors, ordinary=c.ordinary,
                   ordinary_only=c.ordinary_only, strict=c.strict)


def _changed_union(
    u: Union, e: EntityReport, flows: Mapping[str, FlowReport], touched: set[str], drop: Mapping[str, Collection[ColumnId]],
    kinds: Mapping[str, Kinds],
) -> Union:
    """Exact where one flow changed; where several did, no more than each change alone leaves, and no fewer than any flow has."""
    inside = {i.partition("/")[0] for i in u.flows} & touched
    if not inside:
        return u
    tallies = {f: _less(t, drop.get(f, ()), kinds.get(f, {})) if f in inside else t for f, t in u.tallies.items()}
    whole = [flows[i] for i in {i.partition("/")[0] for i in u.flows}]
    own = [change_estimates(flow_count(f), low=0) if f.parts else flow_count(f) for f in whole]
    past = [u.past] if u.past is not None else []
    left = []
    for f in sorted(inside):
        exact = VariedTotal(u.flows, Histogram(tallies[f]), None, u.past, u.count) if f in tallies else None
        left.append(exact.count((), (), False) if exact is not None else bound_union(own + past))
    if len(left) == 1:
        return replace(u, count=left[0], tallies=tallies)
    return replace(u, count=_bounded(left, own + past, [kinds.get(f, {}) for f in inside]), tallies={})


def _bounded(left: Sequence[FlowCount], own: Sequence[FlowCount], kinds: Sequence[Kinds]) -> FlowCount:
    """Bounds of a union after several changes: of any two bounds that hold, the tighter. left: after each of the changes alone."""
    apart = bound_union(own)
    moved, raised = any(kinds), any(kind != "no" for k in kinds for kind in k.values())
    people = _tighter(apart.individuals, [c.individuals for c in left])
    ordinary = apart.ordinary or apart.individuals
    strict = None if apart.strict is None else _bounded([c.strict or c for c in left], [c.strict or c for c in own], kinds)
    return replace(
        apart, strict=strict, individuals=people, minors=_tighter(apart.minors, [c.minors for c in left]),
        sensitive=_tighter(apart.sensitive, [people] if raised else [c.sensitive for c in left]),
        ordinary=_tighter(ordinary, [people] if moved else [c.ordinary or c.individuals for c in left]),
    )


def _tighter(e: Estimate, others: Sequence[Estimate]) -> Estimate:
    """An estimate that is at most each of some others."""
    highs = [x.high for x in (e, *others) if x.high is not None]
    high = min(highs) if highs else None
    low = e.low if high is None else min(e.low, high)
    best = max(low, min(x.best for x in (e, *others)))
    return replace(e, low=low, best=best, high=high)
