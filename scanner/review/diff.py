"""What differs between two scans, and why: data, schema, rules, sample, review, facts or configuration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from detectors.ids import table_of
from detectors.model import ColumnId
from mappings.flow_report import FlowReport
from mappings.model import Assessed, Estimate
from reports.model import ColumnReport, Report, possible, primary, standing
from scanner.review.review_effects import (
    Columns,
    columns_in_count,
    is_changed_by_data,
    is_decided_otherwise,
    machine_meaning,
    meaning,
    redecided_columns,
    with_same_decisions,
)

Cause = Literal[
    "schema", "data", "rules", "sample", "facts", "configuration", "unread", "unknown", "review"
]
# of several causes of a flow's persons, the first of these
FLOW_CAUSES: tuple[Cause, ...] = ("schema", "data", "rules", "sample", "unknown", "review")
# of a flow: who is counted
DEFINITION_FIELDS = ("fields", "view", "sql", "where", "declared", "subject_group")
PERSON_FIGURES = ("persons", "sensitive_persons")


@dataclass(frozen=True, slots=True)
class ScanDifference:
    """One difference between two reports.

    what: finding, possible, sensitivity, grade, review, persons, sensitive_persons, path or table. before,
    after: empty where there was, or is, nothing.
    """

    about: str                                # id of a column, table or flow
    what: str
    before: str
    after: str
    cause: Cause
    also: tuple[Cause, ...] = ()              # further causes: data and reviews may both have changed

    @property
    def causes(self) -> tuple[Cause, ...]:
        """Return every cause, the nearest first."""
        return (self.cause, *self.also)


@dataclass(frozen=True)
class ReportPair:
    """Two reports side by side, with what is looked up once for every column."""

    old: Report
    new: Report

    @cached_property
    def before(self) -> Columns:
        """Columns of the old report by id, without those that are the same record in both."""
        return {c.id: c for c in self._old_columns if id(c) not in self._same}

    @cached_property
    def after(self) -> Columns:
        """Columns of the new report by id, without those that are the same record in both."""
        return {c.id: c for c in self._new_columns if id(c) not in self._same}

    @cached_property
    def _old_columns(self) -> list[ColumnReport]:
        return [c for t in self.old.tables if id(t) not in self._same_tables for c in t.columns]

    @cached_property
    def _new_columns(self) -> list[ColumnReport]:
        return [c for t in self.new.tables if id(t) not in self._same_tables for c in t.columns]

    @cached_property
    def _same_tables(self) -> Set[int]:
        """Identities of the tables that are the same record in both reports."""
        return {id(t) for t in self.old.tables} & {id(t) for t in self.new.tables}

    @cached_property
    def _same(self) -> Set[int]:
        """Identities of the columns that are the same record in both reports, of tables that are not."""
        return {*map(id, self._old_columns)} & {*map(id, self._new_columns)}

    @cached_property
    def redecided(self) -> frozenset[ColumnId]:
        """Columns that people decided otherwise in between, with an effect."""
        return redecided_columns(self.before, self.after)

    @cached_property
    def skipped(self) -> frozenset[str]:
        """Ids of what one of the two could not read."""
        return frozenset(s.id for r in (self.old, self.new) for s in r.skipped)

    @cached_property
    def methods(self) -> tuple[Mapping[str, str | None], Mapping[str, str | None]]:
        """How rows of each table were sampled, in the old and in the new report."""
        before, after = (
            {str(t.id): t.drawn.method if t.drawn is not None else None for t in r.tables}
            for r in (self.old, self.new)
        )
        return before, after

    @cached_property
    def has_equal_context(self) -> bool:
        """Whether any table was read in the same context both times."""
        after = self.new.run.tables
        return any(
            reading.context == after[table].context
            for table, reading in self.old.run.tables.items()
            if table in after
        )

    @property
    def has_equal_rules(self) -> bool:
        """Whether the rules of export decisions are the same."""
        old, new = self.old, self.new
        return (old.run.rulesets, old.profile) == (new.run.rulesets, new.profile)

    def is_unread(self, table: str) -> bool:
        """Return whether one of the two could not read a table or its source."""
        return table in self.skipped or table.split("/", 1)[0] in self.skipped


def compare_scans(old: Report, new: Report) -> list[ScanDifference]:
    """Return every difference, tables first, then columns, then flows; none for two scans of the same."""
    pair = ReportPair(old, new)
    return [*_table_differences(pair), *_column_differences(pair), *_flow_differences(pair)]


def _difference(about: str, what: str, before: str, after: str, causes: Iterable[Cause]) -> ScanDifference:
    first, *others = sorted(set(causes), key=get_args(Cause).index)
    return ScanDifference(about, what, before, after, first, tuple(others))


# ---- tables and columns


def _table_differences(pair: ReportPair) -> Iterator[ScanDifference]:
    before, after = ({t.id: t.status for t in r.tables} for r in (pair.old, pair.new))
    for table in sorted({*before, *after}):
        old, new = before.get(table, ""), after.get(table, "")
        if old == new:
            continue
        cause: Cause = "configuration"
        if "skipped" in (old, new) or pair.is_unread(table):
            cause = "unread"
        elif not old or not new:
            cause = "schema"
        yield ScanDifference(table, "table", old, new, cause)


def _column_differences(pair: ReportPair) -> Iterator[ScanDifference]:
    for column in sorted({*pair.before, *pair.after}):
        old, new = pair.before.get(column), pair.after.get(column)
        if old is new:
            continue
        before, after = (primary(c) if c is not None else None for c in (old, new))
        if before is None and after is None:
            yield from _possible_differences(pair, column, old, new)
            continue
        if _label(before) != _label(after):
            causes = _finding_causes(pair, column, old, new)
            yield _difference(column, "finding", _label(before), _label(after), causes)
            continue
        if before is not None and after is not None:
            yield from _rule_differences(column, before, after)
        if old is not None and new is not None and _review_state(old) != _review_state(new):
            cause: Cause = _machine_cause(pair, old, new) if is_changed_by_data(old, new) else "review"
            yield ScanDifference(column, "review", _review_state(old), _review_state(new), cause)


def _possible_differences(
    pair: ReportPair, column: ColumnId, old: ColumnReport | None, new: ColumnReport | None
) -> Iterator[ScanDifference]:
    """Yield what became possible, or is so no longer, where nothing stands for the column."""
    before, after = (possible(c) if c is not None else None for c in (old, new))
    if _label(before) != _label(after):
        causes = _finding_causes(pair, column, old, new)
        yield _difference(column, "possible", _label(before), _label(after), causes)


def _rule_differences(column: ColumnId, before: Assessed, after: Assessed) -> Iterator[ScanDifference]:
    """Yield what other rules make of the same label."""
    if before.sensitive != after.sensitive:
        yield ScanDifference(column, "sensitivity", before.sensitive, after.sensitive, "rules")
    if before.grade != after.grade:
        yield ScanDifference(column, "grade", before.grade, after.grade, "rules")


def _review_state(column: ColumnReport) -> str:
    """Return `accepted`, `suggested` ..., or why a review no longer holds."""
    if column.reviewed is not None and column.reviewed.stale:
        return f"stale|{column.reviewed.stale}"
    return standing(column)


def _label(assessed: Assessed | None) -> str:
    return str(assessed.finding.label) if assessed is not None else ""


def _finding_causes(
    pair: ReportPair, column: ColumnId, old: ColumnReport | None, new: ColumnReport | None
) -> Iterator[Cause]:
    """Yield why a finding came, went or changed; `unknown` where the reports do not tell."""
    if old is None or new is None:
        yield "unread" if pair.is_unread(table_of(column)) else "schema"
        return
    meanings, of_machine = (meaning(old), meaning(new)), (machine_meaning(old), machine_meaning(new))
    is_review = old.ignored != new.ignored or is_decided_otherwise(old, new) and meanings != of_machine
    if is_review:
        yield "review"
    if not is_review or not old.ignored and not new.ignored and of_machine[0] != of_machine[1]:
        yield _machine_cause(pair, old, new)


def _machine_cause(pair: ReportPair, old: ColumnReport, new: ColumnReport) -> Cause:
    """Return why the machine finds something else in a column, or why a review went stale by itself."""
    table = table_of(new.id)
    if table in pair.skipped:
        return "unread"
    stale = (getattr(column.reviewed, "stale", "") for column in (old, new))
    if is_changed_by_data(old, new) and "schema" in stale:
        return "schema"
    return _table_cause(pair, table) or "unknown"


def _table_cause(pair: ReportPair, table: str) -> Cause | None:
    """Return the nearest thing that differs between two verdicts on one table; None where nothing does.

    `unknown` where a source gives no mark of its rows.
    """
    old_run, new_run = pair.old.run, pair.new.run
    old, new = old_run.tables.get(table), new_run.tables.get(table)
    if old is None or new is None:
        return "unknown"
    if old.shape != new.shape:
        return "schema"
    if old.data and new.data and old.data != new.data:
        return "data"
    if any(getattr(old_run, f) != getattr(new_run, f) for f in ("detectors", "version", "taxonomies")):
        return "rules"
    before, after = pair.methods
    if old_run.seed != new_run.seed or before.get(table) != after.get(table):
        return "sample"
    if old.context != new.context:
        # other labels inherited, or another way of reading, which would hold for every table
        return "review" if pair.redecided and pair.has_equal_context else "rules"
    return None if old.data and new.data or old_run.id == new_run.id else "unknown"


# ---- flows


def _flow_differences(pair: ReportPair) -> Iterator[ScanDifference]:
    before, after = ({f.flow.id: f for f in r.flows} for r in (pair.old, pair.new))
    persons = {i: tuple(_person_differences(pair, before[i], f)) for i, f in after.items() if i in before}
    for flow in sorted({*before, *after}):
        old, new = before.get(flow), after.get(flow)
        if old is None or new is None:
            yield ScanDifference(flow, "path", _path(old), _path(new), "configuration")
            continue
        yield from persons[flow]
        if (old.decision.path, old.decision.certain) != (new.decision.path, new.decision.certain):
            yield _difference(flow, "path", _path(old), _path(new), _path_causes(pair, old, new, persons))


def _path(flow: FlowReport | None) -> str:
    return flow.decision.path if flow is not None else ""


def _person_differences(pair: ReportPair, old: FlowReport, new: FlowReport) -> Iterator[ScanDifference]:
    """Yield a flow's figures that changed."""
    tables = {table_of(c) for c in new.columns}
    redecided = columns_in_count(pair.redecided, new, tables, pair.before, pair.after)
    causes = _PersonCauses(
        _flow_cause(pair, old, new),
        bool(redecided),
        with_same_decisions(old, new, redecided, pair.before, pair.after) if redecided else None,
    )
    for what in PERSON_FIGURES:
        before, after = _estimate(old, what), _estimate(new, what)
        if _bounds(before) != _bounds(after):
            figures = _estimate_text(before), _estimate_text(after)
            yield _difference(new.flow.id, what, *figures, causes.of(what, before, after))


@dataclass(frozen=True, slots=True)
class _PersonCauses:
    """Why persons of a flow may differ.

    other: the cause beside reviews; None: nothing else differs. with_reviews: whether decisions on its
    columns differ. levelled: both flows with the same decisions; None where that cannot be computed.
    """

    other: Cause | None
    with_reviews: bool
    levelled: tuple[FlowReport, FlowReport] | None

    def of(self, what: str, before: Estimate, after: Estimate) -> Set[Cause]:
        """Return the causes of one figure; another method of counting explains what nothing else does."""
        causes = self._by_figures(what, before, after)
        return {"sample"} if causes == {"unknown"} and before.method != after.method else causes

    def _by_figures(self, what: str, before: Estimate, after: Estimate) -> Set[Cause]:
        """Return the causes of one figure, whatever its methods.

        What differs with the same decisions on both sides, too, is not the reviews' doing.
        """
        if not self.with_reviews:
            return {self.other or "unknown"}
        if self.other is None:
            return {"review"}
        if self.levelled is not None:
            old, new = (_bounds(_estimate(flow, what)) for flow in self.levelled)
            if old == new:
                return {"review"}
            if (old, new) == (_bounds(before), _bounds(after)):
                return {self.other}
        return {self.other, "review"}


def _estimate(flow: FlowReport, what: str) -> Estimate:
    return flow.individuals if what == "persons" else flow.sensitive_individuals


def _bounds(estimate: Estimate) -> tuple[int, int, int | None]:
    return estimate.low, estimate.best, estimate.high


def _estimate_text(estimate: Estimate) -> str:
    """Return `21,998 (11,784-28,828)`; `?` for no upper bound, one number for an exact count."""
    if estimate.low == estimate.best == estimate.high:
        return f"{estimate.best:,}"
    high = "?" if estimate.high is None else f"{estimate.high:,}"
    return f"{estimate.best:,} ({estimate.low:,}-{high})"


def _flow_cause(pair: ReportPair, old: FlowReport, new: FlowReport) -> Cause | None:
    """Return why persons differ beside reviews: the flow's definition, its columns, their rows, the rules.

    None where none of these does.
    """
    if any(getattr(old.flow, name) != getattr(new.flow, name) for name in DEFINITION_FIELDS):
        return "configuration"
    if old.columns != new.columns:
        return "schema"
    causes = {_table_cause(pair, table) for table in {table_of(c) for c in new.columns}}
    return next((cause for cause in FLOW_CAUSES if cause in causes), None)


def _path_causes(
    pair: ReportPair, old: FlowReport, new: FlowReport, persons: Mapping[str, tuple[ScanDifference, ...]]
) -> Iterator[Cause]:
    """Yield why a path differs: other rules, facts, another flow, other persons.

    persons: by flow, the differences of its persons; those of flows that are counted together matter, too.
    """
    stated: Cause | None = None
    if not pair.has_equal_rules:
        stated = "rules"
    elif pair.old.facts != pair.new.facts or old.flow.facts != new.flow.facts:
        stated = "facts"
    elif old.flow != new.flow:
        stated = "configuration"
    if stated is not None:
        yield stated
    joint_flows = {new.flow.id}
    for entity in pair.new.exporter:
        if new.flow.id in entity.counted:
            joint_flows.update(entity.counted)
    causes = {cause for flow in joint_flows for d in persons.get(flow, ()) for cause in d.causes}
    yield from causes
    if not causes and stated is None:
        if pair.redecided.intersection(new.columns) and old.possible != new.possible:
            yield "review"                    # what was possible in it was settled, and nobody else leaves
        else:
            yield _flow_cause(pair, old, new) or "unknown"
