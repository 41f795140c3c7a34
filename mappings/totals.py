"""Three totals of an entity's year that are never mixed: left since 1 January, running, planned.

What left is what the ledger says. Where the ledger does not cover the time in which a flow ran, be it the
month under way alone, what left of it is unknown, never nobody.

Source: 促进和规范数据跨境流动规定 第七条、第八条 (自当年1月1日起累计向境外提供).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mappings.counts import NOBODY, bound_union, total_of_parts
from mappings.decide import decide
from mappings.flow_report import EntityReport, FlowReport, YearTotals
from mappings.ledger_cover import EXPORT_UNKNOWN, exported_count, may_have_run, ran_in_year
from mappings.model import Facts, FlowCount
from mappings.open_ages import open_total, with_open_ages
from mappings.possible_fields import union_if_personal, up_to_reading
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


def group_totals(years: Sequence[EntityReport]) -> YearTotals | None:
    """Return the three totals of several entities together, as bounds: nobody linked them one by one.

    None where there is one entity, or one of them has none.
    """
    totals = [year.totals for year in years if year.totals is not None]
    if len(years) < 2 or len(totals) < len(years):
        return None
    exports = [total.exported for total in totals if total.exported is not None]
    return YearTotals(
        bound_union(exports) if len(exports) == len(totals) else None,
        bound_union([total.running for total in totals]), bound_union([total.planned for total in totals]),
        tuple(flow for total in totals for flow in total.unledgered),
    )


def year_totals(
    measured: Facts, in_count: Sequence[str], reports: Sequence[FlowReport], rules: RuleSet,
    exported: FlowCount | None = None,
) -> YearTotals:
    """Return the three totals of an entity, and its paths today and once each planned flow has started.

    measured: with ages as open as they are. in_count: parts that are counted. exported: what the ledger says
    of all of them together, linked.
    """
    facts = with_open_ages(measured)
    flows = {report.flow.id: report.flow for report in reports}
    in_year = dict.fromkeys(p.whole for p in facts.flows if p.id in in_count)
    ran = [r for r in reports if r.flow.id in in_year and may_have_run(r.flow, facts.as_of)]
    exports = {r.flow.id: exported_count(r.flow, r.exported, facts.as_of) for r in ran}
    unledgered = tuple(
        r.flow.id for r in ran
        if exports[r.flow.id].individuals.note == EXPORT_UNKNOWN
        or (r.exported is None and ran_in_year(r.flow, facts.as_of))
    )
    total = exported if exported is not None else bound_union(list(exports.values()))
    total = open_total(total, measured, in_count, past=True)

    def persons(status: str) -> FlowCount:
        parts = [p for p in facts.flows if p.id in in_count and flows[p.whole].status == status]
        if not parts:
            return NOBODY
        count = _persons_now(tuple(sorted(p.id for p in parts)), facts, exported is not None)
        return up_to_reading(count, union_if_personal(count, parts))

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
        tuple(flow for flow in unledgered if flow not in facts.unledgered),
    )
