"""Entries of a free-trade zone's list that a flow's columns speak for."""

from __future__ import annotations

from mappings.model import ColumnNames, ZoneMatch
from mappings.zone_matching import match_columns
from mappings.zones import load_zone
from scanner.count.column_meanings import ColumnMeanings
from scanner.count.flow import FlowAssessment


def zone_entries(
    assessment: FlowAssessment, zone_list: str, meanings: ColumnMeanings
) -> tuple[ZoneMatch, ...]:
    """Return the entries that columns of a flow speak for.

    zone_list: the list where the flow names none; empty: none.
    """
    flow = assessment.flow
    name = flow.facts.get("ftz_list") or zone_list
    if not name:
        return ()
    book = load_zone(name)
    columns = []
    for column_id in assessment.resolved.columns:
        column = meanings.catalogue.column(column_id)
        finding = meanings.findings.get(column_id)
        label = str(finding.finding.label) if finding is not None else ""
        columns.append(ColumnNames(column_id, column.name, column.comment, label))
    return match_columns(book, columns, flow.facts.get("zone_scenario", ""))
