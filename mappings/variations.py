"""A reported flow as something to be varied: which fields could stay home or go in a weaker form, and what that would change."""

from __future__ import annotations

from mappings.counterfactual import SearchResult, smallest_changes
from mappings.counts import NOBODY, bound_union
from mappings.flow_inputs import parts_of
from mappings.flow_report import EntityReport, FlowReport
from mappings.histogram import Histogram
from mappings.model import Facts, Item
from mappings.necessity import needless_columns
from mappings.rules import RuleSet
from mappings.taxonomy import weaker_forms
from mappings.varied_flow import VariedFlow, VariedTotal


def varied_flow(f: FlowReport, e: EntityReport, facts: Facts, rules: RuleSet) -> VariedFlow:
    """The flow as something to be varied."""
    assert f.tally is not None
    own = Histogram(f.tally)
    whole = {p.id: p for p in parts_of(f, rules)}
    counts = {i.id: i.count for i in facts.flows}
    unions = []
    for u in e.unions:
        inside = [whole[i] for i in u.flows if i in whole]
        if not inside:
            continue
        if f.flow.id in u.tallies:
            unions.append(VariedTotal(u.flows, Histogram(u.tallies[f.flow.id]), None, u.past, u.count if u.past is not None else None))
            continue
        roles = None if any(p.roles is None for p in inside) else frozenset(r for p in inside for r in p.roles or ())
        rest = [counts[i] for i in u.flows if i not in whole and i in counts] + ([u.past] if u.past is not None else [])
        unions.append(VariedTotal(u.flows, own, roles, bound_union(rest) if rest else NOBODY, u.count))
    parts = tuple(VariedTotal((p.id,), own, p.roles) for p in whole.values())
    return VariedFlow(f.flow.id, facts, rules, parts, tuple(unions), frozenset(needless_columns(f.fields)))


def removable_fields(f: FlowReport) -> tuple[Item, ...]:
    """Every field of a flow as something to drop."""
    return tuple(Item("drop", c) for c, _, _ in f.tally.fields) if f.tally is not None else ()


def mildest_changes(f: FlowReport) -> tuple[Item, ...]:
    """The mildest change of each field: a weaker form where that makes it ordinary, else dropping; and keeping minors' rows home."""
    if f.tally is None:
        return ()
    labels = {v.column: v.label for v in f.fields}
    forms = weaker_forms()
    out = [Item("weaken" if kind != "no" and labels.get(c) in forms else "drop", c) for c, _, kind in f.tally.fields]
    return (*out, Item("adults")) if f.minors.high != 0 else tuple(out)


def search_changes(f: FlowReport, e: EntityReport, facts: Facts, rules: RuleSet) -> tuple[SearchResult, SearchResult]:
    """The smallest sets of fields to drop, and of mildest changes, that lower the path."""
    subject = varied_flow(f, e, facts, rules)
    drops = smallest_changes(subject, removable_fields(f), f.decision)
    mild = mildest_changes(f)
    return drops, smallest_changes(subject, mild, f.decision) if any(i.action != "drop" for i in mild) else SearchResult((), True, 0)
