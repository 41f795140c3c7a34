"""Flows whose columns people decided otherwise since: counted and judged again from their histograms."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any, TypeVar

from detectors.model import ColumnId
from mappings import notes
from mappings.counts import raise_union
from mappings.flow_inputs import flow_count
from mappings.flow_report import EntityReport, FlowReport
from mappings.model import Assessed, Estimate, FlowCount
from mappings.necessity import judge_fields
from mappings.purpose import load_purpose
from mappings.recount import FieldEdits, as_measured, recount_flows
from mappings.settled_fields import open_possible, settle_possible

Counts = TypeVar("Counts", FlowReport, FlowCount)
ESTIMATES = ("individuals", "sensitive", "sensitive_individuals", "minors", "ordinary", "ordinary_only")


@dataclass(frozen=True, slots=True)
class _Findings:
    """The finding that stands for a column, when flows were counted and now."""

    then: Mapping[ColumnId, Assessed]
    now: Mapping[ColumnId, Assessed]

    def differs(self, column: ColumnId) -> bool:
        """Does the column mean something else now?"""
        then, now = self.then.get(column), self.now.get(column)
        return then is not now and _meaning(then) != _meaning(now)

    def edits(self, columns: Collection[ColumnId]) -> FieldEdits:
        """How fields of a flow are otherwise by now."""
        drop = {c for c in columns if _meaning(self.now.get(c)) is None}
        kinds = {
            c: self.now[c].sensitive for c in columns
            if c not in drop and c in self.then and self.then[c].sensitive != self.now[c].sensitive
        }
        return FieldEdits(drop, kinds)


@dataclass(frozen=True, slots=True)
class ColumnFindings:
    """The finding that stands for each column, and what others possibly hold."""

    standing: Mapping[ColumnId, Assessed]
    possible: Mapping[ColumnId, Assessed] = field(default_factory=dict)


def regrade_flows(
    flows: Sequence[FlowReport], entities: Sequence[EntityReport], then: ColumnFindings, now: ColumnFindings
) -> tuple[tuple[FlowReport, ...], tuple[EntityReport, ...]]:
    """Return flows and entities as the findings of now make them.

    Estimates that reviews left wider than they were counted carry the note `reviewed`.
    """
    flows = [as_measured(flow) for flow in flows]
    settled = tuple(settle_possible(f, now.standing, now.possible) for f in flows)
    raised = {
        before.flow.id: (flow_count(before), flow_count(after))
        for before, after in zip(flows, settled, strict=True) if before is not after
    }
    years = tuple(_with_raised_unions(e, raised) for e in entities)
    regraded, years = _regrade_standing(settled, years, _Findings(then.standing, now.standing))
    doubts = {c: a for c, a in now.possible.items() if c not in then.possible}
    opened = (open_possible(after, before, doubts) for before, after in zip(flows, regraded, strict=True))
    return tuple(opened), years


def _with_raised_unions(
    entity: EntityReport, raised: Mapping[str, tuple[FlowCount, FlowCount]]
) -> EntityReport:
    """An entity whose unions hold flows that reviews gave more persons. raised: by flow, before and after."""
    unions = []
    for union in entity.unions:
        members = {part.partition("/")[0] for part in union.flows}
        pairs = [pair for flow, pair in raised.items() if flow in members and pair[0] != pair[1]]
        raised_count = _mark_wider(union.count, raise_union(union.count, pairs)) if pairs else union.count
        unions.append(replace(union, count=raised_count, tallies={}) if pairs else union)
    return replace(entity, unions=tuple(unions))


def _regrade_standing(
    flows: Sequence[FlowReport], entities: Sequence[EntityReport], findings: _Findings
) -> tuple[tuple[FlowReport, ...], tuple[EntityReport, ...]]:
    """Flows and entities as the findings that stand for columns now make them."""
    if findings.then is findings.now:
        return tuple(flows), tuple(entities)
    differing = {c for c in {*findings.then, *findings.now} if findings.differs(c)}
    if not differing:
        return tuple(flows), tuple(entities)
    columns = {f.flow.id: differing & set(f.columns) for f in flows}
    recounted, years = recount_flows(flows, entities, {i: findings.edits(cs) for i, cs in columns.items()})
    marked_flows = (
        _mark_wider(before, _rejudge(after, before, columns[before.flow.id], findings))
        for before, after in zip(flows, recounted, strict=True)
    )
    marked_years = (_mark_wider_unions(before, after) for before, after in zip(entities, years, strict=True))
    return tuple(marked_flows), tuple(marked_years)


def _mark_wider_unions(before: EntityReport, after: EntityReport) -> EntityReport:
    pairs = zip(before.unions, after.unions, strict=True)
    return replace(after, unions=tuple(replace(u, count=_mark_wider(b.count, u.count)) for b, u in pairs))


def _mark_wider(before: Counts, after: Counts) -> Counts:
    """Counts of a flow or a union, marked where reviews left wider bounds than were counted."""
    marked: dict[str, Any] = {}
    for name in ESTIMATES:
        old, new = getattr(before, name, None), getattr(after, name, None)
        if old is not None and new is not None:
            marked[name] = replace(new, note="reviewed" if _width(new) > _width(old) else old.note)
    return replace(after, **marked)


def _width(estimate: Estimate) -> float:
    return inf if estimate.high is None else estimate.high - estimate.low


def _meaning(a: Assessed | None) -> tuple[str, str] | None:
    """Label and sensitivity of personal information; None where it is none."""
    return (
        (a.finding.label, a.sensitive) if a is not None and a.finding.kind == "personal_information" else None
    )


def _rejudge(
    after: FlowReport, before: FlowReport, columns: Collection[ColumnId], findings: _Findings
) -> FlowReport:
    """A recounted flow with all its columns still there, and those that differ judged by their new labels."""
    if not columns:
        return after
    judged = judge_fields(
        [findings.now[c] for c in sorted(columns) if c in findings.now], load_purpose(after.flow.purpose)
    )
    anew = {v.column: v for v in judged}
    fields = {
        v.column: replace(anew[v.column], signs=v.signs) if v.column in anew else v
        for v in before.fields if v.column not in columns or v.column in anew
    }
    in_tally = {column for column, _, _ in before.tally.fields} if before.tally is not None else set()
    uncounted = any(_meaning(findings.then.get(c)) is None and c not in in_tally for c in columns)
    count_notes = dict.fromkeys((*after.count_notes, *((notes.REVIEWED_SINCE,) if uncounted else ())))
    # fields that were personal before stay where they were; new ones follow
    return replace(
        after, columns=before.columns, fields=tuple((fields | anew).values()), count_notes=tuple(count_notes)
    )
