"""One flow: its columns, its verdicts, its persons, as far as the legal lines ask for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from detectors.errors import ConfigError
from detectors.message import Note
from detectors.model import ColumnId, TableId
from mappings import notes
from mappings.counts import (
    NOBODY,
    UNKNOWN_COUNT,
    bound_union,
    change_estimates,
    declared_count,
    leave_open_above,
    open_lines,
    tighten_count,
)
from mappings.flow_report import UNDECIDED, FlowReport
from mappings.individuals import CHEAP
from mappings.model import (
    Estimate,
    Fact,
    FieldAnswer,
    FieldVerdict,
    Flow,
    FlowCount,
    ZoneMatch,
)
from mappings.necessity import ColumnMeasure, FieldRecords, judge_fields, load_purpose
from mappings.rules import RuleSet
from reports.model import Report
from scanner.config.model import Config
from scanner.count.ladder import BudgetSpent, CountPolicy, Ladder, try_step
from scanner.count.row_plan import ColumnMeanings, conditions, count_rows, plan_table, tables_of
from scanner.gather.flow_columns import FlowColumns, pick, resolve_columns
from scanner.gather.inherit import Scanned
from scanner.gather.progress import Progress

if TYPE_CHECKING:
    from mappings.individuals import PersonCounter
    from mappings.row_columns import RowPlan



@dataclass(slots=True)
class FlowAssessment:
    """A flow with everything the rules ask about."""

    flow: Flow
    resolved: FlowColumns
    verdicts: tuple[FieldVerdict, ...]
    count: FlowCount
    personal: Fact
    counter: PersonCounter | None = None
    notes: tuple[Note, ...] = ()
    ladder: Ladder | None = None              # where the count has not been taken to its end
    other_roles: tuple[str, ...] = ()         # whose data stands in the rows beside their own subjects'
    zones: tuple[ZoneMatch, ...] = ()
    candidates: tuple[str, ...] = ()          # labels of candidate important data among its columns

    def report(self) -> FlowReport:
        """The flow as it stands in the report, not decided yet."""
        c = self.count
        return FlowReport(
            self.flow,
            c.individuals,
            c.sensitive,
            c.minors,
            self.resolved.columns,
            self.verdicts,
            UNDECIDED,
            unresolved=self.resolved.unresolved,
            count_notes=self.notes,
            declared=self.flow.declared is not None,
            ordinary=c.ordinary,
            ordinary_only=c.ordinary_only,
            tally=self.counter.tally() if self.counter is not None else None,
            strict=c.strict,
            personal=self.personal,
            other_roles=self.other_roles,
            zones=self.zones,
            candidates=self.candidates,
        )


def count_flow(
    flow: Flow, meaning: ColumnMeanings, measured: Mapping[ColumnId, ColumnMeasure], config: Config, state: Scanned, key: bytes,
    as_of: date, progress: Progress, policy: CountPolicy,
) -> FlowAssessment:
    catalogue = meaning.catalogue
    resolved = resolve_columns(flow, catalogue) if flow.declared is None or flow.fields or flow.view or flow.sql else FlowColumns(())
    verdicts = _verdicts(flow, resolved, meaning, measured, config)
    if flow.declared is not None:
        return _declared(flow, resolved, verdicts)
    try:
        where = conditions(flow.where, catalogue)
    except ConfigError as e:
        resolved = replace(resolved, unresolved=(*resolved.unresolved, e.line()))
        return FlowAssessment(flow, resolved, verdicts, UNKNOWN_COUNT, "unknown", notes=(notes.CONDITIONS_UNKNOWN,))
    plans, whole = _plans(flow, resolved, meaning)
    others = tuple(sorted({e.role for p in plans.values() for e in p.exported if e.role}))
    if not plans:
        settled = not resolved.unresolved and bool(resolved.columns)
        note = notes.NOTHING_PERSONAL if settled else notes.UNTRACED
        count = NOBODY if settled else UNKNOWN_COUNT
        return FlowAssessment(flow, resolved, verdicts, count, "no" if settled else "unknown", notes=(note,))
    if not key:
        return FlowAssessment(flow, resolved, verdicts, _by_rows(plans, state), "yes", notes=(notes.METADATA_ONLY,), other_roles=others)
    ladder = Ladder(plans, where, catalogue, state.connectors, meaning.tests, state.full_row_counts)
    if not policy.exact and ladder.expected > CHEAP and whole and not resolved.unresolved:
        return FlowAssessment(flow, resolved, verdicts, ladder.by_statistics(), "yes", notes=(notes.BY_STATISTICS,), ladder=ladder,
                              other_roles=others)
    return _linked(flow, resolved, verdicts, ladder, whole, key, as_of, progress, policy)


def _linked(
    flow: Flow, resolved: FlowColumns, verdicts: tuple[FieldVerdict, ...], ladder: Ladder, whole: bool, key: bytes, as_of: date,
    progress: Progress, policy: CountPolicy,
) -> FlowAssessment:
    """Every row read and linked, or statistics where the budget ends first."""
    try:
        counter = count_rows(ladder, key, as_of, progress, policy)
    except BudgetSpent:
        return FlowAssessment(flow, resolved, verdicts, ladder.by_statistics(), "yes", notes=(notes.BUDGET_SPENT,), ladder=ladder)
    return _from_counter(flow, resolved, verdicts, counter, whole)


def escalate(mine: Sequence[FlowAssessment], rules: RuleSet, key: bytes, as_of: date, progress: Progress, policy: CountPolicy) -> None:
    """Take the widest count of an entity one step further while a legal line lies inside the entity's total."""
    lines = {c: rules.lines_of(c) for c in ("ordinary", "sensitive")}

    def unsettled() -> list[str]:
        total = bound_union([c.count for c in mine])
        found = [f"{line:,}" for line in open_lines(total.individuals, lines["ordinary"])]
        careful = {line for c in (total, total.strict) if c is not None for line in open_lines(c.sensitive, lines["sensitive"])}
        return found + [f"{line:,} (sensitive)" for line in sorted(careful)]

    while (still := unsettled()) and (waiting := [c for c in mine if c.ladder is not None]) and not policy.is_spent():
        c = max(
            waiting, key=lambda c: float("inf") if c.count.individuals.high is None else c.count.individuals.high - c.count.individuals.low
        )
        assert c.ladder is not None
        step = c.ladder.next_step()
        if step == "exact":
            done = _linked(c.flow, c.resolved, c.verdicts, c.ladder, True, key, as_of, progress, policy)
            c.count, c.counter, c.notes, c.ladder = done.count, done.counter, done.notes, done.ladder
            if done.ladder is not None:
                break
        else:
            progress.step(f"{c.flow.id}: {step}")
            found = try_step(c.ladder, step)
            if isinstance(found, Note):
                c.notes = (*c.notes, found)
            else:
                c.count, c.notes = tighten_count(c.count, found), (notes.IN_DATABASE[step],)
    for c in mine:
        if c.ladder is not None:
            open_end = notes.unsettled(tuple(still), c.ladder.next_step(), c.ladder.expected) if still else notes.SETTLED
            c.notes = (*c.notes, open_end)


def _from_counter(
    flow: Flow, resolved: FlowColumns, verdicts: tuple[FieldVerdict, ...], counter: PersonCounter, whole: bool
) -> FlowAssessment:
    from mappings.histogram import estimate

    count = estimate(counter.tally())
    beside = list(count.notes)
    if counter.excluded:
        beside.append(notes.test_accounts(counter.excluded, counter.excluded + counter.rows))
    if counter.spoiled:
        beside += [notes.not_read(what) for what in counter.spoiled]
        count = leave_open_above(count)
    if resolved.unresolved:
        count = leave_open_above(count)
    if not whole:
        beside.append(notes.QUERY_CONDITIONS)
        count = _from_nobody(count)
    return FlowAssessment(flow, resolved, verdicts, count, "yes", counter, tuple(beside))


def field_answers_of(flow: str, columns: Sequence[ColumnId], config: Config) -> dict[ColumnId, FieldAnswer]:
    """What people answered on the columns a flow has; answers on columns that left it are history."""
    return {ColumnId(a.field): a.answer for a in config.field_answers if a.flow == flow and a.field in columns}


def _verdicts(
    flow: Flow, resolved: FlowColumns, meaning: ColumnMeanings, measured: Mapping[ColumnId, ColumnMeasure], config: Config
) -> tuple[FieldVerdict, ...]:
    answers: dict[ColumnId, FieldAnswer] = field_answers_of(flow.id, resolved.columns, config)
    findings = meaning.findings
    fields = [findings[c] for c in resolved.columns if c in findings]
    return judge_fields(fields, load_purpose(flow.purpose), FieldRecords(measured, answers))


def measured_columns(report: Report) -> dict[ColumnId, ColumnMeasure]:
    """What the samples showed of every column: how many cells of how many rows were filled, and with what variety."""
    return {c.id: ColumnMeasure(t.drawn.rows, c.examined, c.constant, c.decimals)
            for t in report.tables if t.drawn is not None and t.status == "scanned" for c in t.columns}


def _plans(flow: Flow, resolved: FlowColumns, meaning: ColumnMeanings) -> tuple[dict[TableId, RowPlan], bool]:
    """(plans by table, are these exactly the rows that leave?). A view with a key of its own is counted over itself."""
    if flow.view and resolved.restricted:
        tid = TableId(pick(flow.view, list(meaning.catalogue.tables), "view"))
        info = meaning.catalogue.tables[tid]
        own = plan_table(tid, [info.ref.column(tid.split("/", 1)[0], c.parts) for c in info.columns], meaning)
        if own is not None and own.keys:
            return {tid: own}, True
    found = {t: plan_table(t, cs, meaning) for t, cs in tables_of(resolved.columns).items()}
    return {t: p for t, p in found.items() if p is not None}, not resolved.restricted


def _by_rows(plans: Mapping[TableId, RowPlan], state: Scanned) -> FlowCount:
    """At most as many persons as the catalogue says there are rows."""
    highs = [state.infos[t].rows.high for t in plans]
    high = None if any(h is None for h in highs) else sum(h or 0 for h in highs)
    everybody = Estimate(0, high or 0, high, "statistics")

    def reading(*kinds: str) -> FlowCount:
        some = any(e.sensitive in kinds for p in plans.values() for e in p.exported)
        return FlowCount(everybody, Estimate(0, (high or 0) if some else 0, high if some else 0, "statistics"))

    depends = any(e.sensitive == "depends" for p in plans.values() for e in p.exported)
    return replace(reading("yes"), strict=reading("yes", "depends") if depends else None)


def _from_nobody(count: FlowCount) -> FlowCount:
    return change_estimates(count, low=0, note="query_conditions")


def _declared(flow: Flow, resolved: FlowColumns, verdicts: tuple[FieldVerdict, ...]) -> FlowAssessment:
    d = flow.declared
    assert d is not None
    note = notes.declared(d.by, d.on, d.evidence)
    return FlowAssessment(flow, resolved, verdicts, declared_count(d, str(note)), "yes" if d.individuals else "unknown", notes=(note,))
