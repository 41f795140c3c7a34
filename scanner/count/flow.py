"""One flow: its columns, its verdicts, its persons, as far as the legal lines ask for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from detectors.errors import ConfigError
from detectors.model import ColumnId, TableId
from mappings.counts import NOBODY, bound_union, change_estimates, combine_counts
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
from scanner.count.ladder import BudgetSpent, CountPolicy, Ladder, open_lines, try_step
from scanner.count.row_plan import ColumnMeanings, conditions, count_rows, plan_table, tables_of
from scanner.gather.flow_columns import FlowColumns, pick, resolve_columns
from scanner.gather.inherit import Scanned
from scanner.gather.progress import Progress
from scanner.records.answers import FieldReply

if TYPE_CHECKING:
    from mappings.individuals import PersonCounter, RowPlan



@dataclass(slots=True)
class FlowAssessment:
    """A flow with everything the rules ask about."""

    flow: Flow
    resolved: FlowColumns
    verdicts: tuple[FieldVerdict, ...]
    count: FlowCount
    personal: Fact
    counter: PersonCounter | None = None
    notes: tuple[str, ...] = ()
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
    flow: Flow, meaning: ColumnMeanings, measured: Mapping[ColumnId, ColumnMeasure], replies: Sequence[FieldReply],
    state: Scanned, key: bytes, as_of: date, progress: Progress, policy: CountPolicy,
) -> FlowAssessment:
    catalogue = meaning.catalogue
    resolved = resolve_columns(flow, catalogue) if flow.declared is None or flow.fields or flow.view or flow.sql else FlowColumns(())
    verdicts = _verdicts(flow, resolved, meaning, measured, replies)
    if flow.declared is not None:
        return _declared(flow, resolved, verdicts)
    try:
        where = conditions(flow.where, catalogue)
    except ConfigError as e:
        resolved = replace(resolved, unresolved=(*resolved.unresolved, e.line()))
        return FlowAssessment(flow, resolved, verdicts, _unknown(), "unknown", notes=("conditions_unknown",))
    plans, whole = _plans(flow, resolved, meaning)
    others = tuple(sorted({e.role for p in plans.values() for e in p.exported if e.role}))
    if not plans:
        settled = not resolved.unresolved and bool(resolved.columns)
        note = "nothing_personal" if settled else "untraced"
        count = NOBODY if settled else _unknown()
        return FlowAssessment(flow, resolved, verdicts, count, "no" if settled else "unknown", notes=(note,))
    if not key:
        return FlowAssessment(flow, resolved, verdicts, _by_rows(plans, state), "yes", notes=("metadata_only",), other_roles=others)
    ladder = Ladder(plans, where, catalogue, state.connectors, meaning.tests, state.full_row_counts)
    if not policy.exact and ladder.expected > CHEAP and whole and not resolved.unresolved:
        return FlowAssessment(flow, resolved, verdicts, ladder.by_statistics(), "yes", notes=("by_statistics",), ladder=ladder,
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
        return FlowAssessment(flow, resolved, verdicts, ladder.by_statistics(), "yes", notes=("budget_spent",), ladder=ladder)
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
            if isinstance(found, str):
                c.notes = (*c.notes, found)
            else:
                c.count, c.notes = tighter(c.count, found), (f"by_{step}",)
    for c in mine:
        if c.ladder is not None:
            told = f"unsettled|{', '.join(still)}|{c.ladder.next_step()}|{c.ladder.expected:,}" if still else "settled"
            c.notes = (*c.notes, told)


def tighter(a: FlowCount, b: FlowCount) -> FlowCount:
    """What both bounds allow; the later one's best figure and method. Statistics bound nothing from above for certain, so they give way."""

    def one(parts: Sequence[Estimate]) -> Estimate:
        x, y = parts
        if x.method == "statistics":
            return y
        low = max(x.low, y.low)
        high = y.high if x.high is None else x.high if y.high is None else max(low, min(x.high, y.high))
        return Estimate(low, max(low, y.best if high is None else min(y.best, high)), high, y.method, y.note)

    return combine_counts([a, b], one)


def _from_counter(
    flow: Flow, resolved: FlowColumns, verdicts: tuple[FieldVerdict, ...], counter: PersonCounter, whole: bool
) -> FlowAssessment:
    from mappings.individuals import estimate

    count = estimate(counter.tally())
    notes = list(count.notes)
    if counter.excluded:
        notes.append(f"test_rows|{counter.excluded}|{counter.excluded + counter.rows}")
    if counter.spoiled:
        notes += [f"not_read|{s}" for s in counter.spoiled]
        count = open_above(count)
    if resolved.unresolved:
        count = open_above(count)
    if not whole:
        notes.append("query_conditions")
        count = _from_nobody(count)
    return FlowAssessment(flow, resolved, verdicts, count, "yes", counter, tuple(notes))


def field_answers_of(flow: str, columns: Sequence[ColumnId], replies: Sequence[FieldReply]) -> dict[ColumnId, FieldAnswer]:
    """What people answered on the columns a flow has; answers on columns that left it are history."""
    return {ColumnId(a.field): a.answer for a in replies if a.flow == flow and a.field in columns}


def _verdicts(
    flow: Flow, resolved: FlowColumns, meaning: ColumnMeanings, measured: Mapping[ColumnId, ColumnMeasure],
    replies: Sequence[FieldReply],
) -> tuple[FieldVerdict, ...]:
    answers: dict[ColumnId, FieldAnswer] = field_answers_of(flow.id, resolved.columns, replies)
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


def _unknown() -> FlowCount:
    return FlowCount(Estimate(0, 0, None, "unknown"), Estimate(0, 0, None, "unknown"), Estimate(0, 0, None, "unknown"))


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


def open_above(count: FlowCount) -> FlowCount:
    """Something that leaves was not read: there may be more."""
    return change_estimates(count, high=None, note="partly_unread")


def _from_nobody(count: FlowCount) -> FlowCount:
    return change_estimates(count, low=0, note="query_conditions")


def _declared(flow: Flow, resolved: FlowColumns, verdicts: tuple[FieldVerdict, ...]) -> FlowAssessment:
    d = flow.declared
    assert d is not None
    note = f"declared|{d.by}|{d.on}|{d.evidence}"
    count = FlowCount(Estimate.exactly(d.individuals, "declared", note), Estimate.exactly(d.sensitive_individuals, "declared", note),
                      Estimate.exactly(d.minors, "declared", note))
    return FlowAssessment(flow, resolved, verdicts, count, "yes" if d.individuals else "unknown", notes=(note,))
