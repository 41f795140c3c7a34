"""What changed between two scans, and what each change comes from: data, schema, rules, sample, review, facts or configuration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from detectors.ids import table_of
from detectors.model import ColumnId
from mappings.flow_report import FlowReport
from mappings.model import Assessed, Estimate
from reports.model import ColumnReport, Report, primary, standing
from scanner.review.moved import Columns, alike, bearing, decided, decided_columns, has_lapsed, machine, meant

Cause = Literal["schema", "data", "rules", "sample", "facts", "configuration", "unread", "unknown", "review"]
Moved = frozenset[ColumnId]                   # columns that people decided otherwise in between, with an effect


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. what: finding, sensitivity, grade, review, persons, sensitive_persons, path, table. before, after: may be empty."""

    about: str                                # id of a column, table or flow
    what: str
    before: str
    after: str
    cause: Cause
    also: tuple[Cause, ...] = ()              # what else it comes from: data and reviews may both have changed

    @property
    def causes(self) -> tuple[Cause, ...]:
        return (self.cause, *self.also)


@dataclass(frozen=True)
class Two:
    """Two reports side by side, with what is looked up once for every column. people: what these decided otherwise in between."""

    a: Report
    b: Report
    people: Moved

    @cached_property
    def skipped(self) -> frozenset[str]:
        """Ids of what one of the two could not read."""
        return frozenset(s.id for r in (self.a, self.b) for s in r.skipped)

    @cached_property
    def methods(self) -> tuple[Mapping[str, str | None], Mapping[str, str | None]]:
        """How rows of each table were drawn."""
        before, after = ({str(t.id): t.drawn.method if t.drawn is not None else None for t in r.tables} for r in (self.a, self.b))
        return before, after

    @cached_property
    def has_same_context(self) -> bool:
        """Was any table read in the same context both times?"""
        return any(r.context == self.b.run.tables[i].context for i, r in self.a.run.tables.items() if i in self.b.run.tables)


def compare(a: Report, b: Report) -> list[Change]:
    """Every change from `a` to `b`, tables first, then columns, then flows; none for two scans of the same."""
    before, after = _by_id(a), _by_id(b)
    two = Two(a, b, decided_columns(before, after))
    return [*_tables(two), *_columns(two, before, after), *_flows(two, before, after)]


def _change(about: str, what: str, before: str, after: str, causes: Iterable[Cause]) -> Change:
    first, *rest = sorted(set(causes), key=get_args(Cause).index)
    return Change(about, what, before, after, first, tuple(rest))


def _tables(two: Two) -> Iterator[Change]:
    before, after = {t.id: t.status for t in two.a.tables}, {t.id: t.status for t in two.b.tables}
    for tid in sorted({*before, *after}):
        old, new = before.get(tid, ""), after.get(tid, "")
        if old != new:
            yield Change(tid, "table", old, new, "unread" if "skipped" in (old, new) or _is_unread(two, tid) else
                         "schema" if not old or not new else "configuration")


def _is_unread(two: Two, tid: str) -> bool:
    """Was the table's source, or the table itself, not reached by one of the two?"""
    return tid in two.skipped or tid.split("/", 1)[0] in two.skipped


def _columns(two: Two, before: Columns, after: Columns) -> Iterator[Change]:
    for cid in sorted({*before, *after}):
        old, new = before.get(cid), after.get(cid)
        was, now = (primary(c) if c is not None else None for c in (old, new))
        if was is None and now is None:
            continue
        if was is None or now is None or was.finding.label != now.finding.label:
            yield _change(cid, "finding", _label(was), _label(now), _why(two, cid, old, new))
            continue
        for what, x, y in (("sensitivity", was.sensitive, now.sensitive), ("grade", was.grade, now.grade)):
            if x != y:
                yield Change(cid, what, x, y, "rules")
        if old is not None and new is not None and _standing(old) != _standing(new):
            cause: Cause = _lapse(two, old, new) if has_lapsed(old, new) else "review"
            yield Change(cid, "review", _standing(old), _standing(new), cause)


def _by_id(report: Report) -> Columns:
    return {c.id: c for t in report.tables for c in t.columns}


def _standing(column: ColumnReport) -> str:
    """`accepted`, `suggested` ..., or why a review no longer holds."""
    return f"stale|{column.reviewed.stale}" if column.reviewed is not None and column.reviewed.stale else standing(column)


def _label(found: Assessed | None) -> str:
    return str(found.finding.label) if found is not None else ""


def _why(two: Two, cid: ColumnId, old: ColumnReport | None, new: ColumnReport | None) -> Iterator[Cause]:
    """What a finding that came, went or changed comes from; `unknown` where the reports do not tell."""
    if old is None or new is None:
        yield "unread" if _is_unread(two, table_of(cid)) else "schema"
        return
    said = old.ignored != new.ignored or decided(old, new) and (meant(old), meant(new)) != (machine(old), machine(new))
    if said:
        yield "review"
    if not said or not old.ignored and not new.ignored and machine(old) != machine(new):
        yield _lapse(two, old, new)


def _lapse(two: Two, old: ColumnReport, new: ColumnReport) -> Cause:
    """What another finding of the machine comes from, or a review that went stale by itself."""
    tid = table_of(new.id)
    if tid in two.skipped:
        return "unread"
    schema = has_lapsed(old, new) and "schema" in (getattr(c.reviewed, "stale", "") for c in (old, new))
    return "schema" if schema else _table_cause(two, tid) or "unknown"


def _table_cause(two: Two, tid: str) -> Cause | None:
    """The nearest thing that differs between two verdicts on one table; `unknown` where it gives no mark of its rows, None if nothing."""
    a, b = two.a, two.b
    x, y = a.run.tables.get(tid), b.run.tables.get(tid)
    if x is None or y is None:
        return "unknown"
    if x.shape != y.shape:
        return "schema"
    if x.data and y.data and x.data != y.data:
        return "data"
    if (a.run.detectors, a.run.version, a.run.taxonomies) != (b.run.detectors, b.run.version, b.run.taxonomies):
        return "rules"
    before, after = two.methods
    if a.run.seed != b.run.seed or before.get(tid) != after.get(tid):
        return "sample"
    if x.context != y.context:                # other labels inherited, or read in another way, which would hold for every table
        return "review" if two.people and two.has_same_context else "rules"
    return None if x.data and y.data or a.run.id == b.run.id else "unknown"


def _flows(two: Two, columns: Columns, now: Columns) -> Iterator[Change]:
    before, after = {f.flow.id: f for f in two.a.flows}, {f.flow.id: f for f in two.b.flows}
    counts = {fid: tuple(_counts(two, before[fid], f, columns, now)) for fid, f in after.items() if fid in before}
    for fid in sorted({*before, *after}):
        old, new = before.get(fid), after.get(fid)
        if old is None or new is None:
            yield Change(fid, "path", _path(old), _path(new), "configuration")
            continue
        yield from counts[fid]
        if (old.decision.path, old.decision.certain) != (new.decision.path, new.decision.certain):
            yield _change(fid, "path", _path(old), _path(new), _path_causes(two, old, new, counts))


def _path(f: FlowReport | None) -> str:
    return f.decision.path if f is not None else ""


def _people(e: Estimate) -> str:
    return f"{e.best:,}" if e.low == e.best == e.high else f"{e.best:,} ({e.low:,}-{'?' if e.high is None else f'{e.high:,}'})"


def _counts(two: Two, old: FlowReport, new: FlowReport, before: Columns, after: Columns) -> Iterator[Change]:
    """A flow's figures that changed. With the same decisions on both sides, what differs still is not the reviews' doing."""
    rest = _flow_cause(two, old, new)
    bear = bearing(two.people, new, {table_of(c) for c in new.columns}, before, after)
    level = alike(old, new, bear, before, after) if bear else None
    for what in ("persons", "sensitive_persons"):
        x, y = _estimate(old, what), _estimate(new, what)
        if _figures(x) == _figures(y):
            continue
        causes: set[Cause] = {rest or "unknown"} if not bear else {"review"} if rest is None else {rest, "review"}
        if level is not None and rest is not None:
            same = [_figures(_estimate(f, what)) for f in level]
            causes = {"review"} if same[0] == same[1] else {rest} if same == [_figures(x), _figures(y)] else causes
        yield _change(new.flow.id, what, _people(x), _people(y), {"sample"} if causes == {"unknown"} and x.method != y.method else causes)


def _estimate(f: FlowReport, what: str) -> Estimate:
    return f.individuals if what == "persons" else f.sensitive_individuals


def _figures(e: Estimate) -> tuple[int, int, int | None]:
    return e.low, e.best, e.high


def _flow_cause(two: Two, old: FlowReport, new: FlowReport) -> Cause | None:
    """What changed persons come from beside reviews: its definition, its columns, their rows, the rules; None if nothing."""
    if any(getattr(old.flow, f) != getattr(new.flow, f) for f in ("fields", "view", "sql", "where", "declared", "subject_group")):
        return "configuration"
    if old.columns != new.columns:
        return "schema"
    causes = {_table_cause(two, t) for t in {table_of(c) for c in new.columns}}
    order: tuple[Cause, ...] = ("schema", "data", "rules", "sample", "unknown", "review")
    return next((cause for cause in order if cause in causes), None)


def _path_causes(two: Two, old: FlowReport, new: FlowReport, counts: Mapping[str, tuple[Change, ...]]) -> Iterator[Cause]:
    """What another path comes from: other rules, other facts, another flow, other persons, here or in flows that are counted together."""
    a, b = two.a, two.b
    if (a.run.rulesets, a.profile) != (b.run.rulesets, b.profile):
        yield "rules"
    elif a.facts != b.facts or old.flow.facts != new.flow.facts:
        yield "facts"
    elif old.flow != new.flow:
        yield "configuration"
    together = {new.flow.id, *(i for e in b.exporter if new.flow.id in e.counted for i in e.counted)}
    persons = {cause for i in together for c in counts.get(i, ()) for cause in c.causes}
    yield from persons
    if not persons and (a.run.rulesets, a.profile, a.facts, old.flow) == (b.run.rulesets, b.profile, b.facts, new.flow):
        yield _flow_cause(two, old, new) or "unknown"
