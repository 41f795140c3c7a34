"""Flows whose columns people decided otherwise since they were counted: persons from the histograms, fields judged by their new labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import inf
from typing import TypeVar

from detectors.model import ColumnId
from mappings import notes
from mappings.flow_report import EntityReport, FlowReport
from mappings.model import Assessed, Estimate, FlowCount
from mappings.necessity import judge_fields, load_purpose
from mappings.recount import recount_flows

Counts = TypeVar("Counts", FlowReport, FlowCount)


def regrade_flows(
    flows: Sequence[FlowReport], entities: Sequence[EntityReport], was: Mapping[ColumnId, Assessed], are: Mapping[ColumnId, Assessed]
) -> tuple[tuple[FlowReport, ...], tuple[EntityReport, ...]]:
    """Return flows and entities as the findings of now make them. was, are: the finding that stands for a column, then and now.

    Estimates that reviews left wider than they were counted carry the note `reviewed`.
    """
    changed = {c for c in {*was, *are} if _meaning(was.get(c)) != _meaning(are.get(c))}
    if not changed:
        return tuple(flows), tuple(entities)
    before = {f.flow.id: f for f in flows}
    columns = {i: changed & set(f.columns) for i, f in before.items()}
    drop = {i: {c for c in cs if _meaning(are.get(c)) is None} for i, cs in columns.items()}
    kinds = {i: {c: are[c].sensitive for c in cs - drop[i] if c in was and was[c].sensitive != are[c].sensitive}
             for i, cs in columns.items()}
    recounted, years = recount_flows(flows, entities, drop, kinds)
    marked_years = tuple(
        replace(now, unions=tuple(replace(u, count=_noted(v.count, u.count)) for u, v in zip(now.unions, then.unions, strict=True)))
        for now, then in zip(years, entities, strict=True)
    )
    marked_flows = tuple(
        _noted(before[f.flow.id], _renamed(f, before[f.flow.id], columns[f.flow.id], was, are)) for f in recounted
    )
    return marked_flows, marked_years


def _noted(was: Counts, now: Counts) -> Counts:
    """Counts of a flow or a union, marked where reviews left wider bounds than were counted."""
    names = [n for n in ("individuals", "sensitive", "sensitive_individuals", "minors", "ordinary", "ordinary_only") if hasattr(now, n)]
    pairs = {n: (old, e) for n in names if (e := getattr(now, n)) is not None and (old := getattr(was, n)) is not None}
    return replace(now, **{n: replace(e, note="reviewed" if _wide(e) > _wide(old) else old.note) for n, (old, e) in pairs.items()})


def _wide(e: Estimate) -> float:
    return inf if e.high is None else e.high - e.low


def _meaning(a: Assessed | None) -> tuple[str, str] | None:
    """Label and sensitivity of personal information; None where it is none."""
    return (a.finding.label, a.sensitive) if a is not None and a.finding.kind == "personal_information" else None


def _renamed(
    f: FlowReport, before: FlowReport, columns: set[ColumnId], was: Mapping[ColumnId, Assessed], are: Mapping[ColumnId, Assessed]
) -> FlowReport:
    """The flow with all its columns still there, and its fields judged by their new labels."""
    if not columns:
        return f
    purpose = load_purpose(f.flow.purpose)
    anew = {v.column: v for v in judge_fields([are[c] for c in sorted(columns) if c in are], purpose)}
    kept = {v.column: replace(anew[v.column], signs=v.signs) if v.column in anew else v for v in before.fields
            if v.column not in columns or v.column in anew}
    counted = {c for c, _, _ in before.tally.fields} if before.tally is not None else set()
    unseen = any(_meaning(was.get(c)) is None and c not in counted for c in columns)
    about = dict.fromkeys((*f.count_notes, *((notes.REVIEWED_SINCE,) if unseen else ())))
    return replace(f, columns=before.columns, fields=tuple((kept | anew).values()), count_notes=tuple(about))
