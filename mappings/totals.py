"""Three totals of an entity's year that are never mixed: left since 1 January, running, planned.

What left is what the ledger says. Where the ledger does not cover the months in which a flow ran, what left
of it is unknown, never nobody.

Source: 促进和规范数据跨境流动规定 第七条、第八条 (自当年1月1日起累计向境外提供).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mappings.counts import NOBODY, bound_union, total_of_parts
from mappings.decide import decide
from mappings.flow_report import FlowReport, YearTotals
from mappings.ledger_cover import EXPORT_UNKNOWN, exported_count
from mappings.model import Facts, FlowCount
from mappings.rules import RuleSet

MOST_STARTS = 20                              # planned flows whose start is worked out one by one


def _persons_now(ids: tuple[str, ...], facts: Facts, with_ledger: bool) -> FlowCount:
    """Persons of some parts as they are now; with a ledger, a union may hold those that left before, too."""
    counts = {p.id: p.count for p in facts.flows}
    union = facts.unions.get(ids)
    if len(ids) == 1:
        return counts[ids[0]]
    if union is not None and union.remaining is not None:
        return union.remaining
    if union is not None and with_ledger:
        return bound_union([counts[id] for id in ids])
    return total_of_parts(ids, counts, facts.unions)


def year_totals(
    facts: Facts, in_count: Sequence[str], reports: Sequence[FlowReport], rules: RuleSet,
    exported: FlowCount | None = None,
) -> YearTotals:
    """Return the three totals of an entity, and its paths today and once each planned flow has started.

    in_count: parts that are counted. exported: what the ledger says of all of them together, linked.
    """
    flows = {report.flow.id: report.flow for report in reports}
    in_year = dict.fromkeys(p.whole for p in facts.flows if p.id in in_count)
    ran = [r for r in reports if r.flow.id in in_year and r.flow.status != "planned"]
    exports = {r.flow.id: exported_count(r.flow, r.exported, facts.as_of) for r in ran}
    unledgered = tuple(flow for flow, count in exports.items() if count.individuals.note == EXPORT_UNKNOWN)
    total = exported if exported is not None else bound_union(list(exports.values()))

    def persons(status: str) -> FlowCount:
        ids = tuple(sorted(p.id for p in facts.flows if p.id in in_count and flows[p.whole].status == status))
        return _persons_now(ids, facts, exported is not None) if ids else NOBODY

    def band(planned: str = "") -> tuple[str, ...]:
        chosen = tuple(
            p for p in facts.flows if flows[p.whole].status != "planned" or p.whole == planned
        )
        outcome = decide(replace(facts, flows=chosen), rules).band if chosen else None
        return outcome.possible if outcome is not None else ()

    planned = [flow for flow in in_year if flows[flow].status == "planned"]
    return YearTotals(
        None if unledgered else total, persons("active"), persons("planned"), unledgered,
        band(), {flow: band(flow) for flow in planned[:MOST_STARTS]},
    )
