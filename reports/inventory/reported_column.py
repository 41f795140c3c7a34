"""What one row of the inventory is about: a column of a report and what stands around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from detectors.model import ColumnId
from mappings.flow_report import FlowReport
from mappings.model import Assessed
from reports.model import ColumnReport, Report, TableReport, primary


@dataclass(frozen=True, slots=True)
class ReportedColumn:
    """A column of a report with its table, its finding if any, and the flows it leaves by.

    lang: the language its row is written in.
    """

    column: ColumnReport
    table: TableReport
    assessed: Assessed | None
    flows: tuple[FlowReport, ...]
    checked: str                              # day its table's verdict was made, ISO 8601
    mark: str                                 # of its table's rows, where the source gives one
    lang: str


def reported_columns(report: Report, lang: str) -> Iterator[ReportedColumn]:
    """Yield every column of a report, in its order."""
    leaving: dict[ColumnId, tuple[FlowReport, ...]] = {}
    for flow in report.flows:
        for column_id in flow.columns:
            leaving[column_id] = (*leaving.get(column_id, ()), flow)
    for table in report.tables:
        reading = report.run.tables.get(table.id)
        day, mark = (reading.at[:10], reading.data) if reading else ("", "")
        for column in table.columns:
            flows = leaving.get(column.id, ())
            yield ReportedColumn(column, table, primary(column), flows, day, mark, lang)
