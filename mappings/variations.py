"""A reported flow as something to be varied: fields that could stay home or go in a weaker form."""

from __future__ import annotations

from collections.abc import Mapping

from mappings.counterfactual import SearchResult, smallest_changes
from mappings.counts import NOBODY, bound_union
from mappings.flow_inputs import FlowPart, parts_of
from mappings.flow_report import EntityReport, FlowReport, Union
from mappings.histogram import Histogram
from mappings.model import Facts, Item
from mappings.necessity import needless_columns
from mappings.rules import RuleSet
from mappings.taxonomy import weaker_forms
from mappings.varied_flow import VariedFlow, VariedTotal


def varied_flow(f: FlowReport, e: EntityReport, facts: Facts, rules: RuleSet) -> VariedFlow:
    """Return a flow with a histogram as something to be varied."""
    assert f.tally is not None
    histogram = Histogram(f.tally)
    parts = {p.id: p for p in parts_of(f, rules)}
    totals = tuple(VariedTotal((p.id,), histogram, p.roles) for p in parts.values())
    unions = (
        _varied_union(u, f, parts, histogram, facts) for u in e.unions if any(i in parts for i in u.flows)
    )
    return VariedFlow(f.flow.id, facts, rules, totals, tuple(unions), frozenset(needless_columns(f.fields)))


def _varied_union(
    u: Union, f: FlowReport, parts: Mapping[str, FlowPart], histogram: Histogram, facts: Facts
) -> VariedTotal:
    """A union that a flow is counted in.

    By the union's own histogram of the flow, else by that of the flow and the rest beside it.
    """
    if f.flow.id in u.tallies:
        own = Histogram(u.tallies[f.flow.id])
        return VariedTotal(u.flows, own, None, u.past, u.count if u.past is not None else None)
    groups = [parts[i].roles for i in u.flows if i in parts]
    everybody = any(roles is None for roles in groups)
    roles = None if everybody else frozenset(role for roles in groups for role in roles or ())
    counts = {i.id: i.count for i in facts.flows}
    rest = [counts[i] for i in u.flows if i in counts and i not in parts]
    rest += [u.past] if u.past is not None else []
    return VariedTotal(u.flows, histogram, roles, bound_union(rest) if rest else NOBODY, u.count)


def removable_fields(f: FlowReport) -> tuple[Item, ...]:
    """Return every field of a flow as something to drop."""
    return tuple(Item("drop", column) for column, _, _ in f.tally.fields) if f.tally is not None else ()


def mildest_changes(f: FlowReport) -> tuple[Item, ...]:
    """Return the mildest change of each field, and keeping minors' rows home.

    That is a weaker form where it makes the field ordinary, else dropping it.
    """
    if f.tally is None:
        return ()
    labels = {v.column: v.label for v in f.fields}
    forms = weaker_forms()
    items = [
        Item("weaken" if sensitive != "no" and labels.get(column) in forms else "drop", column)
        for column, _, sensitive in f.tally.fields
    ]
    return (*items, Item("adults")) if f.minors.high != 0 else tuple(items)


def search_changes(
    f: FlowReport, e: EntityReport, facts: Facts, rules: RuleSet
) -> tuple[SearchResult, SearchResult]:
    """Return the smallest sets of fields to drop, and of mildest changes, that lower the path."""
    flow = varied_flow(f, e, facts, rules)
    drops = smallest_changes(flow, removable_fields(f), f.decision)
    mildest = mildest_changes(f)
    if all(i.action == "drop" for i in mildest):
        return drops, SearchResult((), True, 0)
    return drops, smallest_changes(flow, mildest, f.decision)
