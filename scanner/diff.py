"""What changed between two scans, and what each change comes from: data, schema, rules, sample, review, facts or configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from detectors.model import ColumnId
from mappings.model import Assessed, Estimate
from reports.model import ColumnReport, FlowReport, Report, primary, standing
from scanner.flows import table_of

Cause = Literal["data", "schema", "rules", "sample", "review", "facts", "configuration", "unread", "unknown"]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. what: finding, sensitivity, grade, review, persons, sensitive_persons, path, table. before, after: may be empty."""

    about: str                                # id of a column, table or flow
    what: str
    before: str
    after: str
    cause: Cause


def compare(a: Report, b: Report) -> list[Change]:
    """Every change from `a` to `b`, tables first, then columns, then flows; none for two scans of the same."""
    return [*_tables(a, b), *_columns(a, b), *_flows(a, b)]


def _tables(a: Report, b: Report) -> Iterator[Change]:
    before, after = {t.id: t.status for t in a.tables}, {t.id: t.status for t in b.tables}
    for tid in sorted({*before, *after}):
        old, new = before.get(tid, ""), after.get(tid, "")
        if old != new:
            yield Change(tid, "table", old, new, "unread" if "skipped" in (old, new) or _unread(a, b, tid) else
                         "schema" if not old or not new else "configuration")


def _unread(a: Report, b: Report, tid: str) -> bool:
    """Was the table's source, or the table itself, not reached by one of the two?"""
    source = tid.split("/", 1)[0]
    return any(s.id in (tid, source) for r in (a, b) for s in r.skipped)


def _columns(a: Report, b: Report) -> Iterator[Change]:
    before, after = _by_id(a), _by_id(b)
    for cid in sorted({*before, *after}):
        old, new = before.get(cid), after.get(cid)
        was, now = (primary(c) if c is not None else None for c in (old, new))
        if was is None and now is None:
            continue
        if was is None or now is None or was.finding.label != now.finding.label:
            yield Change(cid, "finding", _label(was), _label(now), _why(a, b, cid, old, new))
            continue
        for what, x, y in (("sensitivity", was.sensitive, now.sensitive), ("grade", was.grade, now.grade)):
            if x != y:
                yield Change(cid, what, x, y, "rules")
        if old is not None and new is not None and _standing(old) != _standing(new):
            yield Change(cid, "review", _standing(old), _standing(new), "review")


def _by_id(report: Report) -> Mapping[ColumnId, ColumnReport]:
    return {c.id: c for t in report.tables for c in t.columns}


def _decided(column: ColumnReport) -> tuple[str, ...]:
    """What a person's decision on a column comes to."""
    r = column.reviewed
    return (r.verdict, r.label, r.stale) if r is not None else ()


def _standing(column: ColumnReport) -> str:
    """`accepted`, `suggested` ..., or why a review no longer holds."""
    return f"stale|{column.reviewed.stale}" if column.reviewed is not None and column.reviewed.stale else standing(column)


def _label(found: Assessed | None) -> str:
    return str(found.finding.label) if found is not None else ""


def _why(a: Report, b: Report, cid: ColumnId, old: ColumnReport | None, new: ColumnReport | None) -> Cause:
    """What a finding that came, went or changed comes from; `unknown` where the reports do not tell."""
    if old is None or new is None:
        return "unread" if _unread(a, b, table_of(cid)) else "schema"
    if old.ignored != new.ignored or _decided(old) != _decided(new):
        return "review"
    if any(s.id == table_of(cid) for r in (a, b) for s in r.skipped):
        return "unread"
    return _table_cause(a, b, table_of(cid))


def _table_cause(a: Report, b: Report, tid: str) -> Cause:
    """The nearest thing that differs between two verdicts on one table."""
    x, y = a.run.tables.get(tid), b.run.tables.get(tid)
    if x is None or y is None:
        return "unknown"
    if x.shape != y.shape:
        return "schema"
    if x.data and y.data and x.data != y.data:
        return "data"
    if (a.run.detectors, a.run.version, a.run.taxonomies) != (b.run.detectors, b.run.version, b.run.taxonomies):
        return "rules"
    drawn = [next((t.drawn for t in r.tables if t.id == tid), None) for r in (a, b)]
    if a.run.seed != b.run.seed or [d and d.method for d in drawn[:1]] != [d and d.method for d in drawn[1:]]:
        return "sample"
    if x.context != y.context:
        return "rules"
    return "unknown"                          # the source does not say whether its rows changed


def _flows(a: Report, b: Report) -> Iterator[Change]:
    before, after = {f.flow.id: f for f in a.flows}, {f.flow.id: f for f in b.flows}
    reviewed = _reviewed(a, b)
    for fid in sorted({*before, *after}):
        old, new = before.get(fid), after.get(fid)
        if old is None or new is None:
            yield Change(fid, "path", _path(old), _path(new), "configuration")
            continue
        cause = "review" if reviewed & set(new.columns) else _flow_cause(a, b, old, new)
        for what, x, y in (("persons", old.individuals, new.individuals),
                           ("sensitive_persons", old.sensitive_individuals, new.sensitive_individuals)):
            if (x.low, x.best, x.high) != (y.low, y.best, y.high):
                yield Change(fid, what, _people(x), _people(y), "sample" if cause == "unknown" and x.method != y.method else cause)
        if (old.decision.path, old.decision.certain) != (new.decision.path, new.decision.certain):
            yield Change(fid, "path", _path(old), _path(new), _path_cause(a, b, old, new, cause))


def _reviewed(a: Report, b: Report) -> set[ColumnId]:
    """Columns that people decided otherwise in between."""
    was = {c.id: _decided(c) for t in a.tables for c in t.columns if c.reviewed is not None}
    are = {c.id: _decided(c) for t in b.tables for c in t.columns if c.reviewed is not None}
    return {c for c in {*was, *are} if was.get(c) != are.get(c)}


def _path(f: FlowReport | None) -> str:
    return f.decision.path if f is not None else ""


def _people(e: Estimate) -> str:
    return f"{e.best:,}" if e.low == e.best == e.high else f"{e.best:,} ({e.low:,}-{'?' if e.high is None else f'{e.high:,}'})"


def _flow_cause(a: Report, b: Report, old: FlowReport, new: FlowReport) -> Cause:
    """What changed persons come from: the flow's own definition, its columns, their tables' rows, the findings, the rules."""
    if any(getattr(old.flow, f) != getattr(new.flow, f) for f in ("fields", "view", "sql", "where", "declared", "subject_group")):
        return "configuration"
    if old.columns != new.columns:
        return "schema"
    causes = {_table_cause(a, b, t) for t in {table_of(c) for c in new.columns}}
    for cause in ("schema", "data", "rules", "sample"):
        if cause in causes:
            return cause
    return "unknown"


def _path_cause(a: Report, b: Report, old: FlowReport, new: FlowReport, persons: Cause) -> Cause:
    """What another path comes from: other rules, other facts, another flow, or other persons."""
    if (a.run.rulesets, a.profile) != (b.run.rulesets, b.profile):
        return "rules"
    if a.facts != b.facts or old.flow.facts != new.flow.facts:
        return "facts"
    if old.flow != new.flow:
        return "configuration"
    return persons
