"""A whole report decided, or recounted without some of its fields."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from detectors.model import ColumnId
from mappings.decision import Circumstances, decide_reports
from mappings.recount import Kinds, recount_flows
from reports.model import Report


def decide_report(report: Report, by: Circumstances) -> Report:
    """Return the report with every entity and flow decided."""
    columns = {c.id: (c.name, c.comment) for t in report.tables for c in t.columns} if by.filed else {}
    result = decide_reports(report.flows, report.exporter, replace(by, columns=columns))
    return replace(report, flows=result.flows, exporter=result.entities, questions=result.questions)


def change_report(
    report: Report, drop: Mapping[str, Collection[ColumnId]], weaken: Mapping[str, Collection[ColumnId]]
) -> Report:
    """Return the report as if flows left out fields, or sent them in a weaker form. drop, weaken: by flow."""
    return recount_report(report, drop, {i: dict.fromkeys(columns, "no") for i, columns in weaken.items()})


def recount_report(
    report: Report, drop: Mapping[str, Collection[ColumnId]], kinds: Mapping[str, Kinds]
) -> Report:
    """Return the report as if fields of flows were not there, or were more or less sensitive.

    drop, kinds: by flow.
    """
    flows, entities = recount_flows(report.flows, report.exporter, drop, kinds)
    return replace(report, flows=flows, exporter=entities)
