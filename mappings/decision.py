"""From counted flows to decisions, for a finished scan and a report read back alike: no data is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

from detectors.message import Note
from detectors.model import ColumnId
from mappings import notes
from mappings.baseline import CurrentExport, FiledScenario, filing_differences
from mappings.chosen_readings import Origins, origin_of, with_chosen_readings
from mappings.counterfactual import screen_changes
from mappings.counts import NOBODY, total_of_parts
from mappings.deadlines import Filing
from mappings.decide import EntityDecision, decide
from mappings.duties import list_duties
from mappings.exported_overlap import with_exported_overlap
from mappings.filed_basis import filings_of, is_scenario_valid, is_valid, kinds_of_basis, late_basis
from mappings.flow_inputs import entity_facts, flow_count, flow_parts
from mappings.flow_report import EntityReport, FlowReport, PartReport, Union, YearTotals
from mappings.forecast import forecast_year, open_forecast
from mappings.ledger_cover import periods_outside
from mappings.ledger_question import export_question, higher_bands
from mappings.model import (
    IN_BAND,
    Change,
    ColumnNames,
    Decision,
    Facts,
    Flow,
    FlowCount,
    Item,
    Question,
)
from mappings.necessity import needless_columns
from mappings.open_ages import (
    AGES_FACT,
    answer_on_ages,
    are_adults_assumed,
    are_ages_open,
    is_contradicted,
    open_total,
    reading_of_flow,
    total_of_flow,
    with_open_ages,
)
from mappings.plan import plan_filings, without_own_contract
from mappings.possible_fields import at_most, union_if_personal, up_to_reading
from mappings.purpose import purpose_subjects
from mappings.readiness import FILED, Obstacle, flow_readiness
from mappings.recipients import NO_OTHER, recipient_questions, with_one_spelling
from mappings.recount import as_measured, with_count
from mappings.rules import RuleSet
from mappings.stated_total import stated_misfit, with_stated_total
from mappings.totals import year_totals
from mappings.variations import removable_fields, varied_flow
from mappings.zones import denied_day, named_list

GROUP_FILING = "combined_filing"              # the fact that a group files together


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What entities are decided by: the day and its rules, people's answers, and past filings.

    values: answers of the whole group; own: those of one entity, by its id. stated: facts that somebody
    stated whole, by entity; of the others they are made from the reports. filings: results, contracts and
    certificates; knows_filings: are those of a configuration all there. columns: (name, comment) of
    columns, for comparing with filings.
    """

    rules: RuleSet
    as_of: date
    values: Mapping[str, str]
    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    stated: Mapping[str, Facts] = field(default_factory=dict)
    filed: Sequence[FiledScenario] = ()
    filings: Sequence[Filing] = ()
    knows_filings: bool = False
    columns: Mapping[ColumnId, tuple[str, str]] = field(default_factory=dict)
    origins: Origins = field(default_factory=dict)      # who stated a fact, and when


@dataclass(frozen=True, slots=True)
class DecidedReports:
    """Flows and entities with their decisions, and the questions that are open among them."""

    flows: tuple[FlowReport, ...]
    entities: tuple[EntityReport, ...]
    questions: tuple[Question, ...]


def decide_reports(
    flows: Sequence[FlowReport], entities: Sequence[EntityReport], by: Circumstances
) -> DecidedReports:
    """Return every entity decided with its flows; unions and months of the ledger are there already."""
    flows = with_one_spelling(flows)
    of_recipients = {q.scope: q for q in recipient_questions([report.flow for report in flows], by.rules)}
    by_id: dict[str, FlowReport] = {report.flow.id: as_measured(report) for report in flows}
    years: list[EntityReport] = []
    of_today: list[Question] = []
    misfits: dict[str, Note | None] = {}
    for entity in entities:
        values = {**by.values, **by.own.get(entity.entity, {})}
        own_flows = [by_id[i] for i in entity.flows]
        measured = entity_facts(entity, own_flows, by.rules, values, by.as_of)
        if (stated := by.stated.get(entity.entity)) is not None:
            measured = with_exported_overlap(replace(stated, unledgered=measured.unledgered))
        result = decide(measured, by.rules)
        misfits[entity.entity] = stated_misfit(measured, result.in_count)
        stated_year = with_stated_total(measured, result.in_count)
        if stated_year is not measured:
            measured, result = stated_year, decide(stated_year, by.rules)
        facts = with_open_ages(measured)
        exported = entity.exported_measured
        if exported is None and entity.exported is not None and entity.exported_sensitive is not None:
            exported = FlowCount(entity.exported, entity.exported_sensitive)
        totals = year_totals(measured, result.in_count, own_flows, by.rules, exported)
        of_today += _today_questions(totals, facts, by.rules)
        result = with_chosen_readings(result, facts, origin_of(by.origins, entity.entity), by.rules)
        by_id |= {i: _decided_flow(by_id[i], entity, measured, result, by.rules) for i in entity.flows}
        entity = replace(entity, totals=totals)
        years.append(_decided_entity(entity, [by_id[i] for i in entity.flows], result, facts, by))
    today = {flow: y.totals.today for y in years if y.totals is not None for flow in y.flows}
    decided = tuple(
        _compared_flow(
            _with_misfit(by_id[report.flow.id], misfits.get(report.flow.entity)), by,
            today.get(report.flow.id, ()), of_recipients.get(report.flow.id),
        )
        for report in flows
    )
    questions = open_questions(decided, years)
    keys = {(q.fact, q.scope) for q in questions}
    further = (q for q in of_today if (q.fact, q.scope) not in keys)
    bound = {report.flow.id for report in decided if FILED.intersection(report.decision.possible)}
    one_or_two = (q for flow, q in of_recipients.items() if flow in bound)
    return DecidedReports(decided, tuple(years), (*questions, *further, *one_or_two))


def _with_misfit(report: FlowReport, misfit: Note | None) -> FlowReport:
    """A counted flow whose decision says that a stated total does not fit."""
    if misfit is None or IN_BAND not in report.own:
        return report
    return replace(report, decision=replace(report.decision, notes=(*report.decision.notes, misfit)))


def _today_questions(totals: YearTotals, facts: Facts, rules: RuleSet) -> Iterator[Question]:
    """Yield what is asked of flows whose ledger lacks months, where the band of today turns on it."""
    higher = higher_bands(totals.today, rules)
    for flow in totals.unledgered if totals.today and higher else ():
        if flow in facts.unledgered:
            yield export_question(flow, facts.unledgered[flow], totals.today[:1], higher)


def _compared_flow(
    report: FlowReport, by: Circumstances, today: Sequence[str], of_recipient: Question | None
) -> FlowReport:
    """A flow with what is not as it was filed, and what stands before a filing.

    today: paths of its entity's year without planned flows. of_recipient: whether it is another's, too.
    """
    export = current_export(report, by.columns)
    obstacles = [Obstacle.of(note) for note in _date_notes(report.flow, by.as_of)]
    obstacles += map(Obstacle.of, _list_notes(report.flow, {**by.values, **report.flow.facts}, by.as_of))
    if of_recipient is not None and FILED.intersection(report.decision.possible):
        names = tuple(name for name in of_recipient.leads_to if name != NO_OTHER)
        obstacles.append(Obstacle.of(notes.recipient_open(report.flow.recipient.name, names, report.flow.id)))
    if report.exported is not None and (outside := periods_outside(report.flow, report.exported.periods)):
        obstacles.append(Obstacle.of(notes.exported_outside(outside)))
    values = {**by.values, **by.own.get(report.flow.entity, {})}
    obstacles += map(Obstacle.of, _age_notes(report, values))
    kinds = kinds_of_basis(report, today) if by.knows_filings else frozenset()
    filings = filings_of(report.flow, kinds, by.filings, values)
    if any(is_valid(filing, by.rules, by.as_of) for filing in filings):
        of_others = tuple(note for note in report.decision.notes if note.code != notes.BASIS_LATER)
        late = late_basis(report.flow, filings)
        report = replace(report, decision=replace(report.decision, notes=(*of_others, *late)))
    elif kinds and not is_scenario_valid(report.flow, kinds, by.filed, by.as_of):
        obstacles.append(Obstacle.of(notes.NO_BASIS))
    return replace(
        report, filed=filing_differences(by.filed, export, by.rules, by.as_of),
        not_ready=tuple(obstacle.note for obstacle in flow_readiness(report, *obstacles).obstacles),
    )


def _age_notes(report: FlowReport, values: Mapping[str, str]) -> Iterator[Note]:
    """Yield what is to be done where nobody knows who is under 14, or where children contradict an answer.

    Source: 个人信息保护法 第二十八条.
    """
    flow, answer = report.flow, answer_on_ages(values, report.flow.facts)
    is_question = any(question.fact == AGES_FACT for question in report.decision.questions)
    if is_question or report.declared or report.personal == "no" or report.individuals.high == 0:
        return
    if is_contradicted(report.minors, answer):
        yield notes.minors_contradicted(report.minors.low)
    elif report.minors.method == "unknown" and are_ages_open(
        flow_count(report), flow.subject_group or purpose_subjects(flow.purpose), answer
    ):
        yield notes.AGES_UNCOUNTED if answer else notes.AGES_UNKNOWN


def _date_notes(flow: Flow, as_of: date) -> Iterator[Note]:
    """Yield where the status of a flow and its dates say different things on the day."""
    if flow.status == "active" and flow.since is not None and flow.since > as_of:
        yield notes.not_begun(flow.since)
    if flow.status == "active" and flow.until is not None and flow.until < as_of:
        yield notes.is_over(flow.until)
    if flow.status == "planned" and flow.since is not None and flow.since < as_of:
        yield notes.has_begun(flow.since)
    if flow.status == "stopped" and flow.until is not None and flow.until > as_of:
        yield notes.not_over(flow.until)


def _list_notes(flow: Flow, values: Mapping[str, str], as_of: date) -> Iterator[Note]:
    """Yield an answer that a zone's list is in force, against the dates of the list on the day."""
    day = min(as_of, flow.until) if flow.status == "stopped" and flow.until is not None else as_of
    if (why := denied_day(named_list(values.get("ftz_list", "")), values, day)) is not None:
        yield notes.list_not_of_the_day(why, flow.id)


def current_export(report: FlowReport, columns: Mapping[ColumnId, tuple[str, str]]) -> CurrentExport:
    """What a flow sends now, with the names its columns go by."""

    def named(column: ColumnId, label: object) -> ColumnNames:
        name, comment = columns.get(column, (column.rsplit("/", 1)[-1], ""))
        return ColumnNames(column, name, comment, str(label or ""))

    if_personal = report.if_personal
    return CurrentExport(
        report.flow, tuple(named(v.column, v.label) for v in report.fields),
        at_most(report.individuals, if_personal.individuals if if_personal is not None else None),
        at_most(report.sensitive_individuals, if_personal.sensitive if if_personal is not None else None),
        tuple(named(p.column, p.label) for p in report.possible),
    )


def _decided_flow(
    report: FlowReport, entity: EntityReport, facts: Facts, result: EntityDecision, rules: RuleSet
) -> FlowReport:
    """A flow with its decision and what follows from it."""
    decision = result.flows[report.flow.id]
    needless = needless_columns(report.fields)
    without: Decision | None = None
    changes: tuple[Change, ...] = ()
    if report.tally is not None and report.flow.status != "stopped":
        varied = varied_flow(report, entity, facts, rules)
        changes = screen_changes(varied, removable_fields(report), decision)
        if needless:
            without = varied.decided([Item("drop", column) for column in needless])
    opened = with_open_ages(facts)
    decided = replace(
        _with_total(report, facts),
        decision=decision,
        parts=_part_reports(report, opened, result, rules),
        without_unnecessary=without,
        dropped=needless if without is not None else (),
        changes=changes,
        own=result.own[report.flow.id],
    )
    return replace(decided, duties=list_duties(decided, facts.values, rules))


def _with_total(report: FlowReport, measured: Facts) -> FlowReport:
    """A flow with its persons as people read them: some are of unknown age, some leave perhaps."""
    count = flow_count(report)
    reading = report.if_personal and reading_of_flow(report.if_personal, measured, report.flow.id)
    total = up_to_reading(total_of_flow(count, measured, report.flow.id), reading)
    others = tuple(note for note in report.count_notes if note != notes.ADULTS_ASSUMED)
    if not report.declared and are_adults_assumed(measured, report.flow.id):
        report = replace(report, count_notes=(*others, notes.ADULTS_ASSUMED))
    elif len(others) < len(report.count_notes):
        report = replace(report, count_notes=others)
    return report if total is count else replace(with_count(report, total), measured=count)


def _part_reports(
    report: FlowReport, facts: Facts, result: EntityDecision, rules: RuleSet
) -> tuple[PartReport, ...]:
    """The subject groups of a flow with their decisions, where they are judged apart."""
    parts = flow_parts(report, rules)
    if len(parts) == 1:
        return ()
    counts = {i.id: i.count for i in facts.flows}
    return tuple(PartReport(p.id, p.group, counts[p.id], result.parts[p.id]) for p in parts)


def _decided_entity(
    entity: EntityReport, flows: Sequence[FlowReport], result: EntityDecision, facts: Facts, by: Circumstances
) -> EntityReport:
    """The year of an entity with its decision; its persons are those of every part that is ever counted."""
    part_ids = tuple(sorted(result.in_count))
    parts = {part.id: part.count for part in facts.flows}
    year = total_of_parts(part_ids, parts, facts.unions) if part_ids else NOBODY
    opened = partial(open_total, measured=facts, ids=result.in_count, past=True)
    exported = entity.exported_measured and opened(entity.exported_measured).sensitive
    months = [(month, opened(count)) for month, count in entity.months]
    forecast = forecast_year(months, result.entity, by.rules, by.as_of)
    if entity.totals is not None and entity.totals.unledgered:
        forecast = tuple(map(open_forecast, forecast))
    plan = plan_filings(flows, by.rules, year.individuals, entity.group)
    if plan is not None and entity.group is not None and facts.values.get(GROUP_FILING) == "yes":
        chosen = origin_of(by.origins, entity.entity).get(GROUP_FILING, ("", ""))
        plan = replace(plan, notes=(*plan.notes, notes.group_filing(chosen)))
    if plan is not None and facts.values.get("seated_abroad") == "yes":
        plan = without_own_contract(plan)
    members = [part for part in facts.flows if part.id in result.in_count]
    shown = up_to_reading(year, union_if_personal(year, members))
    return replace(
        entity, unions=tuple(_with_reading(union, facts) for union in entity.unions),
        individuals=shown.individuals, sensitive_individuals=shown.sensitive, decision=result.entity,
        counted=result.in_count, forecast=forecast,
        exported_sensitive=exported or entity.exported_sensitive,
        plan=plan,
        band=result.band.possible if result.band is not None else (),
        strict=shown.strict,
    )


def _with_reading(union: Union, facts: Facts) -> Union:
    """Return a union with its persons if everything possible is personal."""
    parts = [part for part in facts.flows if part.id in union.flows]
    return replace(union, if_personal=union_if_personal(union.count, parts))


def open_questions(flows: Iterable[FlowReport], entities: Iterable[EntityReport]) -> tuple[Question, ...]:
    """Return open facts once each, those that settle most first.

    What counts is the paths an answer takes away, summed over the flows it bears on.
    """
    of_flows = [d for f in flows for d in (f.decision, *(p.decision for p in f.parts))]
    questions: dict[tuple[str, str], Question] = {}
    for d in (*(e.decision for e in entities), *of_flows):
        for q in d.questions:
            questions.setdefault((q.fact, q.scope), q)
    effect = dict.fromkeys(questions, 0)
    for d in of_flows:
        for q in d.questions:
            effect[q.fact, q.scope] += sum(len(d.possible) - len(paths) for paths in q.leads_to.values())
    return tuple(
        sorted(questions.values(), key=lambda q: (-effect[q.fact, q.scope], q.scope != "", q.fact, q.scope))
    )
