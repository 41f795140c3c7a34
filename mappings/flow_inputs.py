"""Flows as the rules see them: who is judged apart, how many there are, and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mappings.counts import change_estimates
from mappings.flow_report import EntityReport, FlowReport
from mappings.histogram import Histogram
from mappings.model import Fact, Facts, Flow, FlowCount, FlowInput
from mappings.necessity import load_purpose, needless_columns, open_fields
from mappings.rules import RuleSet


@dataclass(frozen=True, slots=True)
class FlowPart:
    """The persons of one subject group of a flow.

    roles: whose fields are theirs; None: everybody in the flow.
    """

    id: str
    group: str
    roles: frozenset[str] | None = None


def parts_of(f: FlowReport, rules: RuleSet) -> tuple[FlowPart, ...]:
    """Return subject groups judged apart: where an exemption covers one group and the rows hold others."""
    own = f.flow.subject_group or purpose_subjects(f.flow)
    roles = set(f.tally.roles.values()) if f.tally is not None else set(f.other_roles)
    if f.flow.claim != "art5_2" or not roles or "art5_2" not in rules.raw["exemptions"]:
        return (FlowPart(f.flow.id, f.flow.subject_group or (own if own != "employee" else "")),)
    groups: dict[str, set[str]] = {own: {""}}
    for role in sorted(roles):
        groups.setdefault(rules.group_of(role, own), set()).add(role)
    stated = f.flow.subject_group if f.flow.subject_group or own != "employee" else ""
    return tuple(
        FlowPart(
            f.flow.id if group == own else f"{f.flow.id}/{group}", stated if group == own else group,
            frozenset(mine),
        )
        for group, mine in groups.items()
    )


def purpose_subjects(flow: Flow) -> str:
    """Whose data the purpose is about."""
    return load_purpose(flow.purpose).subjects if flow.purpose else ""


def flow_count(f: FlowReport) -> FlowCount:
    """The head-counts of a flow as the rules take them."""
    return FlowCount(
        f.individuals, f.sensitive_individuals, f.minors, f.ordinary_only, f.ordinary, strict=f.strict
    )


def flow_inputs(f: FlowReport, rules: RuleSet) -> tuple[FlowInput, ...]:
    """A flow as the rules see it: one input, or one for each subject group judged apart."""
    nobody = f.individuals.high == 0 and not f.declared and not f.unresolved
    personal: Fact = f.personal if f.personal else "no" if nobody else "yes"  # type: ignore[assignment]
    left = needless_columns(f.fields)
    facts = dict(f.flow.facts)
    if "fields_necessary" not in facts and f.fields and not open_fields(f.fields):
        facts["fields_necessary"] = "yes"     # every field listed or justified by somebody
    kind = load_purpose(f.flow.purpose).situation if f.flow.purpose else ""
    whole = parts_of(f, rules)
    return tuple(
        FlowInput(
            p.id, part_count(f, p, len(whole)), f.flow.mode, f.flow.claim, kind, p.group, facts, personal,
            left, f.flow.id,
        )
        for p in whole
    )


def part_count(f: FlowReport, part: FlowPart, of: int) -> FlowCount:
    """Persons of a part; without a histogram, at most those of the flow."""
    if part.roles is None or of == 1:
        return flow_count(f)
    if f.tally is None:
        return change_estimates(flow_count(f), low=0)
    found = Histogram(f.tally).count(roles=part.roles)
    return (
        change_estimates(found, high=None, note=f.individuals.note) if f.individuals.high is None else found
    )


def entity_facts(
    e: EntityReport, mine: Sequence[FlowReport], rules: RuleSet, values: Mapping[str, str], as_of: date
) -> Facts:
    """Everything the decision of an entity rests on."""
    parts = tuple(i for f in mine for i in flow_inputs(f, rules))
    return Facts(e.entity, as_of, parts, values, {u.flows: u.count for u in e.unions}, e.group)
