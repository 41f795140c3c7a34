"""From counted flows to decisions: for a finished scan and for a report read back alike, without reading data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from detectors.model import ColumnId
from mappings import notes
from mappings.baseline import CurrentExport, FiledScenario, compare
from mappings.counterfactual import screen_changes
from mappings.counts import NOBODY, total_of_parts
from mappings.decide import EntityDecision, decide
from mappings.duties import list_duties
from mappings.flow_inputs import entity_facts, flow_count, parts_of
from mappings.flow_report import EntityReport, FlowReport, PartReport
from mappings.forecast import forecast_year
from mappings.model import Change, ColumnNames, Decision, Facts, Item, Question
from mappings.necessity import needless_columns, open_fields
from mappings.plan import plan_filings
from mappings.rules import RuleSet
from mappings.variations import removable_fields, varied_flow


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What entities are decided by: the day and its rules, what their people answered, and what was filed before.

    values: answers of the whole group; own: those of one entity, by its id. stated: facts that somebody stated whole, by entity; of the
    others they are made from the reports. columns: (name, comment) of columns, for comparing with filings.
    """

    rules: RuleSet
    as_of: date
    values: Mapping[str, str]
    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    stated: Mapping[str, Facts] = field(default_factory=dict)
    filed: Sequence[FiledScenario] = ()
    columns: Mapping[ColumnId, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DecidedReports:
    """Flows and entities with their decisions, and the questions that are open among them."""

    flows: tuple[FlowReport, ...]
    entities: tuple[EntityReport, ...]
    questions: tuple[Question, ...]


def decide_reports(flows: Sequence[FlowReport], entities: Sequence[EntityReport], by: Circumstances) -> DecidedReports:
    """Return every entity decided with its flows; the entities have their unions and months of the ledger already."""
    by_id: dict[str, FlowReport] = {f.flow.id: f for f in flows}
    decided_entities: list[EntityReport] = []
    for e in entities:
        own_flows = [by_id[i] for i in e.flows]
        values = {**by.values, **by.own.get(e.entity, {})}
        facts = by.stated.get(e.entity) or entity_facts(e, own_flows, by.rules, values, by.as_of)
        result = decide(facts, by.rules)
        for f in own_flows:
            by_id[f.flow.id] = _flow(f, e, facts, result, by.rules)
        decided_entities.append(_entity(e, [by_id[i] for i in e.flows], result, by.rules, by.as_of))
    ordered = tuple(
        replace(f, filed=compare(by.filed, current_export(f, by.columns), by.rules, by.as_of)) for f in (by_id[f.flow.id] for f in flows)
    )
    return DecidedReports(ordered, tuple(decided_entities), open_questions(ordered, decided_entities))


def current_export(f: FlowReport, columns: Mapping[ColumnId, tuple[str, str]]) -> CurrentExport:
    """What a flow sends now, with the names its columns go by."""
    fields = []
    for v in f.fields:
        name, comment = columns.get(v.column, (v.column.rsplit("/", 1)[-1], ""))
        fields.append(ColumnNames(v.column, name, comment, str(v.label or "")))
    return CurrentExport(f.flow, tuple(fields), f.individuals, f.sensitive_individuals)


def _flow(f: FlowReport, e: EntityReport, facts: Facts, result: EntityDecision, rules: RuleSet) -> FlowReport:
    decision = result.flows[f.flow.id]
    whole = parts_of(f, rules)
    parts = tuple(PartReport(p.id, p.group, next(i.count for i in facts.flows if i.id == p.id), result.parts[p.id])
                  for p in whole) if len(whole) > 1 else ()
    slim: Decision | None = None
    found: tuple[Change, ...] = ()
    dropped = needless_columns(f.fields)
    if f.tally is not None:
        subject = varied_flow(f, e, facts, rules)
        slim = subject.decided([Item("drop", c) for c in dropped]) if dropped else None
        found = screen_changes(subject, removable_fields(f), decision)
    blocked = tuple(notes.open_field(v.column, v.verdict) for v in open_fields(f.fields)) + tuple(
        notes.open_question(q.fact) for q in decision.questions
    )
    return replace(
        f, decision=decision, parts=parts, without_unnecessary=slim, dropped=dropped if slim is not None else (), changes=found,
        duties=list_duties(f.flow, flow_count(f), decision, {**facts.values, **f.flow.facts}, rules, f.candidates), not_ready=blocked,
    )


def _entity(e: EntityReport, mine: Sequence[FlowReport], result: EntityDecision, rules: RuleSet, as_of: date) -> EntityReport:
    """The year's counts of an entity: over every part that is counted under some answer."""
    most = tuple(sorted(result.in_count))
    unions = {u.flows: u.count for u in e.unions}
    parts = {p.id: p.count for f in mine for p in f.parts} | {f.flow.id: flow_count(f) for f in mine if not f.parts}
    year = total_of_parts(most, parts, unions) if most else NOBODY
    return replace(
        e, individuals=year.individuals, sensitive_individuals=year.sensitive, decision=result.entity, counted=result.in_count,
        forecast=forecast_year(e.months, result.entity, rules, as_of), plan=plan_filings(mine, rules, year.individuals, e.group),
    )


def open_questions(flows: Iterable[FlowReport], entities: Iterable[EntityReport]) -> tuple[Question, ...]:
    """Open facts once each, those that settle most first: paths an answer takes away, summed over the flows it bears on."""
    found: dict[tuple[str, str], Question] = {}
    effect: dict[tuple[str, str], int] = {}
    for d in [*(e.decision for e in entities), *(d for f in flows for d in _decisions(f))]:
        for q in d.questions:
            found.setdefault((q.fact, q.scope), q)
    for d in [d for f in flows for d in _decisions(f)]:
        for q in d.questions:
            gone = sum(len(d.possible) - len(paths) for paths in q.leads_to.values())
            effect[q.fact, q.scope] = effect.get((q.fact, q.scope), 0) + gone
    return tuple(sorted(found.values(), key=lambda q: (-effect.get((q.fact, q.scope), 0), q.scope != "", q.fact, q.scope)))


def _decisions(f: FlowReport) -> tuple[Decision, ...]:
    """Of the flow, and of its parts where they are judged apart."""
    return (f.decision, *(p.decision for p in f.parts))
