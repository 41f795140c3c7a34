"""A whole report decided, or recounted without some of its fields."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from detectors.model import ColumnId
from mappings.deadlines import sort_deadlines
from mappings.decision import Circumstances, decide_reports
from mappings.earliest_start import EARLIEST_START, planned_starts
from mappings.recount import FieldEdits, recount_flows
from reports.model import Report


def decide_report(report: Report, by: Circumstances) -> Report:
    """Return the report with every entity and flow decided."""
    columns = {c.id: (c.name, c.comment) for t in report.tables for c in t.columns} if by.filed else {}
    result = decide_reports(report.flows, report.exporter, replace(by, columns=columns))
    dates = (d for d in report.deadlines if d.code != EARLIEST_START)
    deadlines = sort_deadlines((*dates, *planned_starts(result.flows, by.rules, by.as_of)))
    return replace(
        report, flows=result.flows, exporter=result.entities, questions=result.questions, deadlines=deadlines
    )


def change_report(
    report: Report, drop: Mapping[str, Collection[ColumnId]], weaken: Mapping[str, Collection[ColumnId]]
) -> Report:
    """Return the report as if flows left out fields, or sent them in a weaker form. drop, weaken: by flow."""
    edits = {
        flow: FieldEdits(drop.get(flow, ()), dict.fromkeys(weaken.get(flow, ()), "no"))
        for flow in {*drop, *weaken}
    }
    flows, entities = recount_flows(report.flows, report.exporter, edits)
    return replace(report, flows=flows, exporter=entities)
