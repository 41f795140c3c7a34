"""Flows as the rules see them: who is judged apart, how many there are, and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from mappings.countries import country_code
from mappings.counts import change_estimates
from mappings.exported_overlap import with_exported_overlap
from mappings.flow_report import EntityReport, FlowReport
from mappings.ledger_cover import exported_count, unledgered_flows
from mappings.model import Fact, Facts, FlowCount, FlowInput
from mappings.necessity import needless_columns, open_fields
from mappings.possible_fields import count_if_personal
from mappings.purpose import purpose_fit, purpose_situation, purpose_subjects
from mappings.rules import RuleSet


@dataclass(frozen=True, slots=True)
class FlowPart:
    """The persons of one subject group of a flow.

    roles: whose fields are theirs; None: everybody in the flow.
    """

    id: str
    group: str
    roles: frozenset[str] | None = None


def flow_parts(report: FlowReport, rules: RuleSet) -> tuple[FlowPart, ...]:
    """Return subject groups judged apart: where an exemption covers one group and the rows hold others."""
    flow = report.flow
    own_group = flow.subject_group or purpose_subjects(flow.purpose)
    # employees of a purpose are a group only where the flow says so itself
    stated_group = flow.subject_group or (own_group if own_group != "employee" else "")
    roles = _other_roles(report)
    if flow.claim != "art5_2" or not roles or "art5_2" not in rules.raw["exemptions"]:
        return (FlowPart(flow.id, stated_group),)
    roles_by_group: dict[str, set[str]] = {own_group: {""}}
    for role in sorted(roles):
        roles_by_group.setdefault(rules.group_of(role, own_group), set()).add(role)
    return tuple(
        FlowPart(flow.id, stated_group, frozenset(group_roles))
        if group == own_group
        else FlowPart(f"{flow.id}/{group}", group, frozenset(group_roles))
        for group, group_roles in roles_by_group.items()
    )


def _other_roles(report: FlowReport) -> set[str]:
    """Return roles of persons beside the flow's own."""
    possible = {p.role for p in report.open_fields if p.role}
    return possible | set(report.tally.roles.values() if report.tally is not None else report.other_roles)


def flow_count(report: FlowReport) -> FlowCount:
    """Return the head-counts of a flow as they were measured."""
    if report.measured is not None:
        return report.measured
    return FlowCount(
        report.individuals,
        report.sensitive_individuals,
        report.minors,
        report.ordinary_only,
        report.ordinary,
        strict=report.strict,
    )


def year_persons(report: FlowReport, as_of: date) -> FlowCount:
    """Return the persons a flow brings to the year: of one that stopped, those that left by the ledger."""
    if report.flow.status == "stopped":
        return exported_count(report.flow, report.exported, as_of)
    return flow_count(report)


def flow_inputs(report: FlowReport, rules: RuleSet, as_of: date) -> tuple[FlowInput, ...]:
    """Return a flow as the rules see it: one input, or one for each subject group judged apart."""
    flow = report.flow
    personal = _carries_personal_information(report)
    needless = needless_columns(report.fields)
    parts = flow_parts(report, rules)
    return tuple(
        FlowInput(
            part.id,
            part_count(report, part, len(parts), as_of),
            flow.mode,
            flow.claim,
            purpose_situation(flow.purpose),
            part.group,
            report.flow.facts,
            personal,
            needless,
            flow.id,
            part_count_if_personal(report, part, len(parts), as_of),
            tuple(p.column for p in report.fields_to_settle),
            bool(report.fields) and not open_fields(report.fields),
            any(p.lacks_reason for p in report.possible),
            _is_empty(report),
            country_code(flow.recipient.country),
            purpose_subjects(flow.purpose),
            flow.status == "stopped",
            purpose_fit(flow.purpose, flow.claim, flow.every),
            first_day(flow.status, flow.since),
        )
        for part in parts
    )


def first_day(status: str, since: date | None) -> str:
    """Return since when a flow ran, as 2026-01-31; empty: it is planned. Not stated: for ever."""
    return "" if status == "planned" else (since or date.min).isoformat()


def _is_empty(report: FlowReport) -> bool:
    """Do its columns hold personal information of nobody, or were they not read at all?

    Who left with one that stopped, the ledger says.
    """
    nobody = report.individuals.high == 0 and report.flow.status != "stopped"
    return nobody and report.personal != "no" and bool(report.fields or report.unresolved)


def _carries_personal_information(report: FlowReport) -> Fact:
    """Return whether a flow carries personal information; without a statement, unless nobody was counted."""
    if report.personal:
        return report.personal  # type: ignore[return-value]
    nobody = report.individuals.high == 0 and not report.declared and not report.unresolved
    return "no" if nobody and not report.fields else "yes"


def part_count(report: FlowReport, part: FlowPart, part_total: int, as_of: date) -> FlowCount:
    """Return persons of a part; without a histogram, at most those of the flow."""
    if part.roles is None or part_total == 1:
        return year_persons(report, as_of)
    if report.tally is None or report.flow.status == "stopped":
        return change_estimates(year_persons(report, as_of), low=0)
    from mappings.histogram import Histogram

    count = Histogram(report.tally).count(roles=part.roles)
    if report.individuals.high is None:
        return change_estimates(count, high=None, note=report.individuals.note)
    return count


def part_count_if_personal(
    report: FlowReport, part: FlowPart, part_total: int, as_of: date
) -> FlowCount | None:
    """Return persons of a part if everything possible is personal; None where nothing is open.

    Of a flow that stopped, the ledger has those that left without what is possible: there may be more.
    """
    if report.if_personal is None:
        return None
    if report.flow.status == "stopped":
        exported = year_persons(report, as_of)
        return change_estimates(exported, high=None) if exported.individuals.high != 0 else None
    if part.roles is None or part_total == 1:
        return report.if_personal
    if report.tally is None:
        return change_estimates(report.if_personal, low=0)
    count = count_if_personal(report.tally, report.possible, part.roles)
    return count if report.if_personal.individuals.high is not None else change_estimates(count, high=None)


def entity_facts(
    entity: EntityReport,
    flows: Sequence[FlowReport],
    rules: RuleSet,
    values: Mapping[str, str],
    as_of: date,
) -> Facts:
    """Return everything the decision of an entity rests on."""
    inputs = tuple(each for report in flows for each in flow_inputs(report, rules, as_of))
    union_counts = {union.flows: union.count for union in entity.unions}
    unledgered = unledgered_flows(((report.flow, report.exported) for report in flows), as_of)
    exported = {
        report.flow.id: replace(report.exported, stated=report.exported.stated or report.declared)
        for report in flows if report.exported is not None
    }
    return with_exported_overlap(Facts(
        entity.entity, as_of, inputs, values, union_counts, entity.group, unledgered, exported,
        entity.exported_elsewhere,
    ))
