"""What changed between two scans, and what each change comes from: data, schema, rules, sample, review, facts or configuration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from detectors.model import ColumnId
from mappings.model import Assessed, Estimate
from reports.model import ColumnReport, FlowReport, Report, primary, standing
from scanner.flows import table_of
from scanner.moved import Columns, alike, bearing, decided, lapsed, machine, meant, moved

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


def compare(a: Report, b: Report) -> list[Change]:
    """Every change from `a` to `b`, tables first, then columns, then flows; none for two scans of the same."""
    before, after = _by_id(a), _by_id(b)
    people = moved(before, after)
    return [*_tables(a, b), *_columns(a, b, before, after, people), *_flows(a, b, before, after, people)]


def _change(about: str, what: str, before: str, after: str, causes: Iterable[Cause]) -> Change:
    first, *rest = sorted(set(causes), key=get_args(Cause).index)
    return Change(about, what, before, after, first, tuple(rest))


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


def _columns(a: Report, b: Report, before: Columns, after: Columns, people: Moved) -> Iterator[Change]:
    for cid in sorted({*before, *after}):
        old, new = before.get(cid), after.get(cid)
        was, now = (primary(c) if c is not None else None for c in (old, new))
        if was is None and now is None:
            continue
        if was is None or now is None or was.finding.label != now.finding.label:
            yield _change(cid, "finding", _label(was), _label(now), _why(a, b, cid, old, new, people))
            continue
        for what, x, y in (("sensitivity", was.sensitive, now.sensitive), ("grade", was.grade, now.grade)):
            if x != y:
                yield Change(cid, what, x, y, "rules")
        if old is not None and new is not None and _standing(old) != _standing(new):
            cause: Cause = _lapse(a, b, old, new, people) if lapsed(old, new) else "review"
            yield Change(cid, "review", _standing(old), _standing(new), cause)


def _by_id(report: Report) -> Columns:
    return {c.id: c for t in report.tables for c in t.columns}


def _standing(column: ColumnReport) -> str:
    """`accepted`, `suggested` ..., or why a review no longer holds."""
    return f"stale|{column.reviewed.stale}" if column.reviewed is not None and column.reviewed.stale else standing(column)


def _label(found: Assessed | None) -> str:
    return str(found.finding.label) if found is not None else ""


def _why(a: Report, b: Report, cid: ColumnId, old: ColumnReport | None, new: ColumnReport | None, people: Moved) -> Iterator[Cause]:
    """What a finding that came, went or changed comes from; `unknown` where the reports do not tell."""
    if old is None or new is None:
        yield "unread" if _unread(a, b, table_of(cid)) else "schema"
        return
    said = old.ignored != new.ignored or decided(old, new) and (meant(old), meant(new)) != (machine(old), machine(new))
    if said:
        yield "review"
    if not said or not old.ignored and not new.ignored and machine(old) != machine(new):
        yield _lapse(a, b, old, new, people)


def _lapse(a: Report, b: Report, old: ColumnReport, new: ColumnReport, people: Moved) -> Cause:
    """What another finding of the machine comes from, or a review that went stale by itself."""
    tid = table_of(new.id)
    if any(s.id == tid for r in (a, b) for s in r.skipped):
        return "unread"
    schema = lapsed(old, new) and "schema" in (getattr(c.reviewed, "stale", "") for c in (old, new))
    return "schema" if schema else _table_cause(a, b, tid, people) or "unknown"


def _table_cause(a: Report, b: Report, tid: str, people: Moved) -> Cause | None:
    """The nearest thing that differs between two verdicts on one table; `unknown` where it gives no mark of its rows, None if nothing."""
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
    if x.context != y.context:                # other labels inherited, or read in another way, which would hold for every table
        alike = people and any(r.context == b.run.tables[i].context for i, r in a.run.tables.items() if i in b.run.tables)
        return "review" if alike else "rules"
    return None if x.data and y.data or a.run.id == b.run.id else "unknown"


def _flows(a: Report, b: Report, columns: Columns, now: Columns, people: Moved) -> Iterator[Change]:
    before, after = {f.flow.id: f for f in a.flows}, {f.flow.id: f for f in b.flows}
    counts = {fid: tuple(_counts(a, b, before[fid], f, people, columns, now)) for fid, f in after.items() if fid in before}
    for fid in sorted({*before, *after}):
        old, new = before.get(fid), after.get(fid)
        if old is None or new is None:
            yield Change(fid, "path", _path(old), _path(new), "configuration")
            continue
        yield from counts[fid]
        if (old.decision.path, old.decision.certain) != (new.decision.path, new.decision.certain):
            yield _change(fid, "path", _path(old), _path(new), _path_causes(a, b, old, new, counts, people))


def _path(f: FlowReport | None) -> str:
    return f.decision.path if f is not None else ""


def _people(e: Estimate) -> str:
    return f"{e.best:,}" if e.low == e.best == e.high else f"{e.best:,} ({e.low:,}-{'?' if e.high is None else f'{e.high:,}'})"


def _counts(a: Report, b: Report, old: FlowReport, new: FlowReport, people: Moved, before: Columns,
            after: Columns) -> Iterator[Change]:
    """A flow's figures that changed. With the same decisions on both sides, what differs still is not the reviews' doing."""
    rest = _flow_cause(a, b, old, new, people)
    bear = bearing(people, new, {table_of(c) for c in new.columns}, before, after)
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


def _flow_cause(a: Report, b: Report, old: FlowReport, new: FlowReport, people: Moved) -> Cause | None:
    """What changed persons come from beside reviews: its definition, its columns, their rows, the rules; None if nothing."""
    if any(getattr(old.flow, f) != getattr(new.flow, f) for f in ("fields", "view", "sql", "where", "declared", "subject_group")):
        return "configuration"
    if old.columns != new.columns:
        return "schema"
    causes = {_table_cause(a, b, t, people) for t in {table_of(c) for c in new.columns}}
    order: tuple[Cause, ...] = ("schema", "data", "rules", "sample", "unknown", "review")
    return next((cause for cause in order if cause in causes), None)


def _path_causes(a: Report, b: Report, old: FlowReport, new: FlowReport, counts: Mapping[str, tuple[Change, ...]],
                 people: Moved) -> Iterator[Cause]:
    """What another path comes from: other rules, other facts, another flow, other persons, here or in flows that are counted together."""
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
        yield _flow_cause(a, b, old, new, people) or "unknown"
