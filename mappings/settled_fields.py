"""Possible fields of a flow that people have settled since it was counted, and what became possible again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from detectors.model import ColumnId
from mappings import notes
from mappings.counts import change_estimates, combine_counts, high_end
from mappings.flow_inputs import flow_count
from mappings.flow_report import FlowReport, PossibleField
from mappings.model import Assessed, Estimate, FlowCount
from mappings.necessity import judge_fields
from mappings.possible_fields import open_both_ways, with_possible
from mappings.purpose import load_purpose
from mappings.recount import with_count, with_persons_of_tally


def settle_possible(
    report: FlowReport, standing: Mapping[ColumnId, Assessed], possible: Mapping[ColumnId, Assessed]
) -> FlowReport:
    """Return a flow with the possible fields that a person accepted in its counts, without the rejected ones.

    standing: the finding that stands for each column now. possible: what is still open.
    """
    settled = [p for p in report.possible if p.column not in possible]
    if not settled:
        return report
    remaining = tuple(p for p in report.possible if p.column in possible)
    joined = [
        replace(p, sensitive=standing[p.column].sensitive) for p in settled
        if p.column in standing and standing[p.column].finding.kind == "personal_information"
    ]
    changed = replace(report, possible=remaining, personal="yes" if joined else report.personal)
    if joined:
        count_notes = tuple(n for n in report.count_notes if n != notes.NOTHING_PERSONAL)
        changed = replace(changed, count_notes=count_notes)
    if report.tally is None or any(p.bit < 0 for p in joined):
        return _bounded(changed, report) if joined else _without_persons(changed, report)
    changed = with_persons_of_tally(replace(changed, tally=with_possible(report.tally, joined)))
    assert changed.tally is not None
    opened = open_both_ways(flow_count(changed), changed.tally, joined)
    if opened != flow_count(changed):
        changed = with_count(_scan_again(changed), opened)
    return changed


def _without_persons(changed: FlowReport, report: FlowReport) -> FlowReport:
    """A flow without histogram and with fewer possible fields: no more persons than all would make."""
    if not changed.open_fields or report.if_personal is None:
        return replace(changed, if_personal=None)
    return replace(changed, if_personal=_between(flow_count(report), report.if_personal))


def _bounded(changed: FlowReport, report: FlowReport) -> FlowReport:
    """A flow without histogram whose possible field was accepted: between what was found and everything."""
    if report.if_personal is None:
        return _scan_again(changed)
    between = _between(flow_count(report), report.if_personal)
    if_personal = report.if_personal if changed.open_fields else None
    return with_count(replace(_scan_again(changed), if_personal=if_personal), between)


def _between(low: FlowCount, high: FlowCount) -> FlowCount:
    def span(ends: list[Estimate]) -> Estimate:
        first, last = ends
        top = None if first.high is None or last.high is None else max(high_end(first), high_end(last))
        return Estimate(min(first.low, last.low), last.best, top, last.method, "reviewed")

    return combine_counts([low, high], lambda ends: span(list(ends)))


def _scan_again(report: FlowReport) -> FlowReport:
    return replace(report, count_notes=tuple(dict.fromkeys((*report.count_notes, notes.REVIEWED_SINCE))))


def open_possible(
    after: FlowReport, before: FlowReport, doubts: Mapping[ColumnId, Assessed]
) -> FlowReport:
    """Return a flow in which columns are merely possible again: a review of them no longer counts.

    before: the flow as it was counted. doubts: what those columns possibly hold.
    """
    columns = [c for c in before.columns if c in doubts]
    if not columns:
        return after
    bits = {column: bit for column, bit, _ in before.tally.fields} if before.tally is not None else {}
    roles = before.tally.roles if before.tally is not None else {}
    judged = judge_fields([doubts[c] for c in columns], load_purpose(before.flow.purpose))
    verdicts = {verdict.column: verdict for verdict in judged}
    opened = tuple(
        PossibleField(
            c, doubts[c].finding.label, doubts[c].sensitive, bits.get(c, -1), roles.get(c, ""),
            doubts[c].finding.subject_key, verdict=verdicts.get(c),
        )
        for c in columns
    )
    changed = replace(after, possible=(*after.possible, *opened))
    if all(p.bit >= 0 for p in opened):
        return with_persons_of_tally(changed)
    unknown = change_estimates(flow_count(before), high=None, note="reviewed")
    return replace(_scan_again(changed), if_personal=unknown)
