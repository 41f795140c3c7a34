"""A reported flow as something to be varied: fields that could stay home or go in a weaker form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mappings.counterfactual import SearchResult, smallest_changes
from mappings.counts import NOBODY, bound_union
from mappings.flow_inputs import FlowPart, flow_parts
from mappings.flow_report import EntityReport, FlowReport, Union
from mappings.model import Facts, Item
from mappings.necessity import needless_columns
from mappings.rules import RuleSet
from mappings.taxonomy import weaker_forms
from mappings.varied_flow import VariedFlow, VariedTotal

if TYPE_CHECKING:
    from mappings.histogram import Histogram


def varied_flow(report: FlowReport, entity: EntityReport, facts: Facts, rules: RuleSet) -> VariedFlow:
    """Return a flow with a histogram as something to be varied."""
    assert report.tally is not None
    from mappings.histogram import Histogram

    histogram = Histogram(report.tally)
    parts = {p.id: p for p in flow_parts(report, rules)}
    totals = tuple(VariedTotal((p.id,), histogram, p.roles) for p in parts.values())
    unions = tuple(
        _varied_union(union, report, parts, histogram, facts)
        for union in entity.unions
        if any(i in parts for i in union.flows)
    )
    needless = frozenset(needless_columns(report.fields))
    return VariedFlow(report.flow.id, facts, rules, totals, unions, needless)


def _varied_union(
    union: Union, report: FlowReport, parts: Mapping[str, FlowPart], histogram: Histogram, facts: Facts
) -> VariedTotal:
    """A union that a flow is counted in.

    By the union's own histogram of the flow, else by that of the flow and the rest beside it.
    """
    if report.flow.id in union.tallies:
        from mappings.histogram import Histogram

        own = Histogram(union.tallies[report.flow.id])
        most = union.count if union.past is not None else None
        return VariedTotal(union.flows, own, None, union.past, most)
    groups = [parts[i].roles for i in union.flows if i in parts]
    everybody = any(roles is None for roles in groups)
    roles = None if everybody else frozenset(role for roles in groups for role in roles or ())
    counts = {i.id: i.count for i in facts.flows}
    rest = [counts[i] for i in union.flows if i in counts and i not in parts]
    rest += [union.past] if union.past is not None else []
    return VariedTotal(union.flows, histogram, roles, bound_union(rest) if rest else NOBODY, union.count)


def removable_fields(report: FlowReport) -> tuple[Item, ...]:
    """Return every field of a flow as something to drop."""
    fields = report.tally.fields if report.tally is not None else ()
    return tuple(Item("drop", column) for column, _, _ in fields)


def mildest_changes(report: FlowReport) -> tuple[Item, ...]:
    """Return the mildest change of each field, and keeping minors' rows home.

    That is a weaker form where it makes the field ordinary, else dropping it.
    """
    if report.tally is None:
        return ()
    labels = {v.column: v.label for v in report.fields}
    forms = weaker_forms()
    items = [
        Item("weaken" if sensitive != "no" and labels.get(column) in forms else "drop", column)
        for column, _, sensitive in report.tally.fields
    ]
    return (*items, Item("adults")) if report.minors.high not in (0, None) else tuple(items)


def search_changes(
    report: FlowReport, entity: EntityReport, facts: Facts, rules: RuleSet
) -> tuple[SearchResult, SearchResult]:
    """Return the smallest sets of fields to drop, and of mildest changes, that lower the path."""
    flow = varied_flow(report, entity, facts, rules)
    drops = smallest_changes(flow, removable_fields(report), report.decision)
    mildest = mildest_changes(report)
    if all(i.action == "drop" for i in mildest):
        return drops, SearchResult((), True, 0)
    return drops, smallest_changes(flow, mildest, report.decision)
