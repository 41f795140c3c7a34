"""One flow: its columns, what is said of each, and its persons, as far as they can be counted at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from detectors.errors import ConfigError, SourceError
from detectors.message import Note
from detectors.model import ColumnId, TableId
from mappings import notes
from mappings.counts import (
    NOBODY,
    UNKNOWN_COUNT,
    UNSTATED,
    at_least_declared,
    change_estimates,
    declared_count,
    leave_open_above,
    mark_at_most,
)
from mappings.flow_report import UNDECIDED, FlowReport, PossibleField
from mappings.individuals import CHEAP_ROWS
from mappings.model import (
    UNKNOWN,
    Assessed,
    Estimate,
    Fact,
    FieldVerdict,
    Flow,
    FlowCount,
    Tally,
    ZoneMatch,
)
from mappings.necessity import ColumnMeasure, FieldRecords, judge_fields
from mappings.possible_fields import bears_on_count, beside_reading, count_if_personal, without_possible
from mappings.purpose import load_purpose
from mappings.subject_notes import possible_party
from mappings.system_overlaps import LinkedRows, with_expected
from reports.model import Report
from scanner.count.column_meanings import ColumnMeanings, conditions_by_table
from scanner.count.ladder import Ladder
from scanner.count.request import BudgetSpent, CountRequest, CountRun
from scanner.count.row_plan import columns_by_table, plan_table
from scanner.count.rows import count_rows
from scanner.gather.flow_columns import resolve_columns
from scanner.gather.query_lineage import SourceColumns
from scanner.gather.table_catalogue import VIEW, column_ids, pick_id
from scanner.records.answers import field_answers_of

if TYPE_CHECKING:
    from mappings.individuals import PersonCounter
    from mappings.row_columns import ExportedColumn, RowPlan
    from scanner.records.answers import FieldReply


@dataclass(frozen=True, slots=True)
class FieldEvidence:
    """What is known of fields beside their findings: figures of the samples, and answers that people gave."""

    measures: Mapping[ColumnId, ColumnMeasure]
    replies: Sequence[FieldReply] = ()


@dataclass(frozen=True, slots=True)
class FlowAssessment:
    """A flow with everything the rules ask about."""

    flow: Flow
    resolved: SourceColumns
    verdicts: tuple[FieldVerdict, ...]
    count: FlowCount = UNKNOWN_COUNT
    personal: Fact = "unknown"                # does it hold personal information
    notes: tuple[Note, ...] = ()
    counter: PersonCounter | None = None      # where every row was linked
    ladder: Ladder | None = None              # where the count has not been taken to its end
    other_roles: tuple[str, ...] = ()         # whose data stands in the rows beside their own subjects'
    zones: tuple[ZoneMatch, ...] = ()
    candidates: tuple[str, ...] = ()          # labels of candidate important data among its columns
    possible: tuple[PossibleField, ...] = ()  # not found and not surely nothing: in no count
    if_personal: FlowCount | None = None      # persons if all of these are personal
    doubts: tuple[FieldVerdict, ...] = ()     # necessity of possible fields, if they are personal

    def with_notes(self, *more: Note) -> FlowAssessment:
        """Return the assessment with further notes."""
        return replace(self, notes=(*self.notes, *more))

    def report(self) -> FlowReport:
        """Return the flow as it stands in the report, not decided yet."""
        count = beside_reading(self.count, self.if_personal)
        verdicts = {verdict.column: verdict for verdict in self.doubts}
        possible = tuple(replace(p, verdict=verdicts.get(p.column)) for p in self.possible)
        return FlowReport(
            self.flow, count.individuals, count.sensitive, count.minors, self.resolved.columns, self.verdicts,
            UNDECIDED, unresolved=self.resolved.unresolved, count_notes=self.notes,
            declared=self.flow.declared is not None, ordinary=count.ordinary,
            ordinary_only=count.ordinary_only,
            tally=self.tally, strict=count.strict,
            personal=self.personal, other_roles=self.other_roles, zones=self.zones,
            candidates=self.candidates, possible=possible, if_personal=self.if_personal,
            measured=count if count.if_young is not None else None,
        )

    @property
    def tally(self) -> Tally | None:
        """The histogram of the found fields; None where no row was linked."""
        if self.counter is None:
            return None
        return without_possible(self.counter.tally(), [p.column for p in self.possible])


def assess_flow(flow: Flow, evidence: FieldEvidence, run: CountRun) -> FlowAssessment:
    """Return a flow with its fields judged, and its persons counted if that is cheap or asked for."""
    says_columns = flow.declared is None or flow.names_columns
    resolved = resolve_columns(flow, run.meanings.catalogue) if says_columns else SourceColumns(())
    meanings = run.meanings
    assessment = FlowAssessment(
        flow, resolved, _verdicts(flow, resolved, evidence, meanings.findings),
        doubts=_verdicts(flow, resolved, evidence, meanings.possible),
    )
    if flow.declared is not None:
        row_count = count_flow(assessment, run).count if run.key and resolved.columns else NOBODY
        return _declared_assessment(assessment, meanings, row_count)
    return count_flow(assessment, run)


def _verdicts(
    flow: Flow, resolved: SourceColumns, evidence: FieldEvidence, findings: Mapping[ColumnId, Assessed]
) -> tuple[FieldVerdict, ...]:
    answers = field_answers_of(flow.id, resolved.columns, evidence.replies)
    fields = [findings[c] for c in resolved.columns if c in findings]
    return judge_fields(fields, load_purpose(flow.purpose), FieldRecords(evidence.measures, answers))


def measured_columns(report: Report) -> dict[ColumnId, ColumnMeasure]:
    """Return what the samples showed of every column: how many cells were filled, with what variety."""
    return {
        c.id: ColumnMeasure(t.drawn.rows, c.examined, c.constant, c.decimals)
        for t in report.tables if t.drawn is not None and t.status == "scanned" for c in t.columns
    }


def _declared_assessment(
    assessment: FlowAssessment, meanings: ColumnMeanings, row_count: FlowCount = NOBODY
) -> FlowAssessment:
    """Return a flow with the head-counts that somebody stated. row_count: persons in the rows of its columns.

    No sensitive person over a column that was found sensitive is no statement: at least one has the item.
    Neither are fewer persons than the rows surely hold: up to those that were counted may leave.
    """
    stated = assessment.flow.declared
    assert stated is not None
    note = notes.declared(stated.by, stated.on, stated.evidence)
    personal: Fact = "yes" if stated.individuals else "unknown"
    count = at_least_declared(by_hand := declared_count(stated, str(note)), row_count)
    declared = replace(assessment, count=count, personal=personal, notes=(note,))
    if count != by_hand:
        declared = declared.with_notes(notes.declared_below_rows(by_hand, row_count))
    findings = (meanings.findings.get(column) for column in assessment.resolved.columns)
    sensitive = tuple(a.finding.column for a in findings if a is not None and a.sensitive == "yes")
    if stated.individuals and stated.sensitive_individuals == 0 and sensitive:
        some = Estimate(1, 1, count.individuals.high, "declared", UNSTATED)
        return replace(declared, count=replace(count, sensitive=some)).with_notes(
            notes.declared_over_sensitive(sensitive)
        )
    return declared


def count_flow(assessment: FlowAssessment, run: CountRun) -> FlowAssessment:
    """Return a flow with its persons: linked where that is cheap or asked for, else bounded by statistics."""
    flow, resolved = assessment.flow, assessment.resolved
    try:
        where = conditions_by_table(flow.where, run.meanings.catalogue)
    except ConfigError as e:
        unresolved = replace(resolved, unresolved=(*resolved.unresolved, e.line()))
        return replace(assessment, resolved=unresolved, notes=(notes.CONDITIONS_UNKNOWN,))
    plans, are_all_rows = _row_plans(flow, resolved, run.meanings)
    if not plans:
        return _without_plans(assessment)
    request = CountRequest(run, plans, where)
    roles = tuple(sorted({e.role for e in request.exported if e.role and not e.possible}))
    if request.without_possible().plans:
        assessment = replace(assessment, personal="yes")
    else:
        assessment = replace(assessment, personal="no", notes=(notes.NOTHING_PERSONAL,))
    bounded = replace(assessment, other_roles=roles)
    if not run.key:
        return _bounded(bounded, request, _at_most_rows).with_notes(notes.METADATA_ONLY)
    ladder = Ladder(request)
    is_cheap = run.policy.exact or ladder.expected <= CHEAP_ROWS
    if not is_cheap and are_all_rows and not resolved.unresolved:
        by_statistics = _bounded(bounded, request, lambda part: Ladder(part).by_statistics())
        return replace(by_statistics.with_notes(notes.BY_STATISTICS), ladder=ladder)
    return link_rows(assessment, ladder, are_all_rows)


def _bounded(
    assessment: FlowAssessment, request: CountRequest, bound: Callable[[CountRequest], FlowCount]
) -> FlowAssessment:
    """Return a flow with bounds of the rows that leave: of what was found, and with what is possible."""
    possible = _bounded_fields(request)
    sure = request.without_possible()
    return replace(
        assessment, count=bound(sure) if sure.plans else NOBODY, possible=possible,
        if_personal=bound(request) if any(p.bears for p in possible) else None,
    )


def _bounded_fields(request: CountRequest) -> tuple[PossibleField, ...]:
    """Return the possible fields; whether each bears on the flow is as its columns tell."""
    sure = {tid: {e.role for e in plan.exported} for tid, plan in request.without_possible().plans.items()}
    meanings = request.run.meanings.possible

    def bears(tid: TableId, e: ExportedColumn) -> bool:
        is_core = meanings[e.id].finding.tier == "core"
        return is_core or e.sensitive != "no" or e.role not in sure.get(tid, ())

    return tuple(
        replace(_possible_field(e, meanings[e.id]), bears=bears(tid, e))
        for tid, plan in request.plans.items() for e in plan.exported if e.possible
    )


def _possible_field(column: ExportedColumn, assessed: Assessed, bit: int = -1) -> PossibleField:
    finding = assessed.finding
    return PossibleField(column.id, finding.label, column.sensitive, bit, column.role, finding.subject_key)


def _without_plans(assessment: FlowAssessment) -> FlowAssessment:
    """Return a flow of which no column is known to hold personal information."""
    resolved = assessment.resolved
    if resolved.unresolved or not resolved.columns:
        return replace(assessment, notes=(notes.UNTRACED,))
    return replace(assessment, count=NOBODY, personal="no", notes=(notes.NOTHING_PERSONAL,))


def _row_plans(
    flow: Flow, resolved: SourceColumns, meanings: ColumnMeanings
) -> tuple[dict[TableId, RowPlan], bool]:
    """Return (row plans by table, are these exactly the rows that leave?).

    A view that restricts the rows is counted over itself if it has a key of its own.
    """
    if flow.view and resolved.restricted:
        view = TableId(pick_id(flow.view, list(meanings.catalogue.tables), VIEW))
        plan = plan_table(view, column_ids(view, meanings.catalogue.tables[view]), meanings)
        if plan is not None and plan.keys:
            return {view: plan}, True
    tables = columns_by_table(resolved.columns)
    plans = {tid: plan_table(tid, columns, meanings) for tid, columns in tables.items()}
    return {tid: plan for tid, plan in plans.items() if plan is not None}, not resolved.restricted


def _at_most_rows(request: CountRequest) -> FlowCount:
    """Return at most as many persons as the catalogue says there are rows."""
    high = Ladder(request).rows
    everybody = Estimate(0, high or 0, high, "statistics")

    def count(*sensitive: str) -> FlowCount:
        some = any(e.sensitive in sensitive for e in request.exported)
        return FlowCount(everybody, everybody if some else Estimate(0, 0, 0, "statistics"), UNKNOWN)

    return replace(count("yes"), strict=count("yes", "depends") if request.is_undecided else None)


def link_rows(assessment: FlowAssessment, ladder: Ladder, are_all_rows: bool = True) -> FlowAssessment:
    """Return a flow with every row read and linked, or bounded by statistics where the budget ends first."""
    from mappings.histogram import count_tally

    try:
        counter = count_rows(ladder.request)
        counter.tally()                       # asks the workers, where units stayed there
    except BudgetSpent:
        flow = _bounded(assessment, ladder.request, lambda part: Ladder(part).by_statistics())
        return replace(flow.with_notes(notes.BUDGET_SPENT), ladder=ladder)
    except SourceError as e:
        flow = _bounded(assessment, ladder.request, lambda part: Ladder(part).by_statistics())
        return flow.with_notes(notes.not_read(e.message))
    possible = _linked_fields(ladder.request, counter.tally())
    tally = without_possible(counter.tally(), [p.column for p in possible])
    count = count_tally(tally) if tally.fields else NOBODY
    absent = frozenset(p.column for p in possible)
    count = with_expected(count, [LinkedRows(counter, absent)])
    if tally.equal_accounts:
        count = mark_at_most(count)
    if_personal = count_if_personal(tally, possible) if any(p.bears for p in possible) else None
    beside = [] if assessment.personal == "yes" else [notes.NOTHING_PERSONAL]
    beside += count.notes or (if_personal.notes if if_personal is not None else ())
    beside += [possible_party(p.column) for p in possible if p.bears and p.subject_key and p.role]
    if counter.excluded:
        beside.append(notes.tested_rows(counter.excluded, counter.excluded + counter.rows))
    beside += [notes.not_read(reason) for reason in counter.spoiled]
    if not are_all_rows:
        beside.append(notes.QUERY_CONDITIONS)

    def bounded(linked: FlowCount) -> FlowCount:
        if counter.spoiled or assessment.resolved.unresolved:
            linked = leave_open_above(linked)
        return linked if are_all_rows else change_estimates(linked, low=0, note="query_conditions")

    linked = replace(assessment, count=bounded(count), counter=counter, notes=tuple(beside), ladder=None)
    return replace(linked, possible=possible, if_personal=if_personal and bounded(if_personal))


def _linked_fields(request: CountRequest, tally: Tally) -> tuple[PossibleField, ...]:
    """Return the possible fields; whether each bears on the flow is as the histogram of its rows shows."""
    bits = {column: bit for column, bit, _ in tally.fields}
    sure = without_possible(tally, [e.id for e in request.possible])
    meanings = request.run.meanings.possible
    fields = ((e, _possible_field(e, meanings[e.id], bits[e.id])) for e in request.possible)
    return tuple(
        replace(field, bears=meanings[e.id].finding.tier == "core" or bears_on_count(sure, field))
        for e, field in fields
    )
