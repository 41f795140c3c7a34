"""What the columns of a report hold, by their ids."""

from __future__ import annotations

from detectors.model import ColumnId
from mappings.model import Assessed
from reports.model import Report, possible, primary


def findings_of_columns(report: Report) -> tuple[dict[ColumnId, Assessed], dict[ColumnId, Assessed]]:
    """Return the primary finding of every labelled column, and what columns possibly hold.

    Possible is what nothing stands for and nobody has decided; of an ignored column nothing.
    """
    standing: dict[ColumnId, Assessed] = {}
    merely_possible: dict[ColumnId, Assessed] = {}
    for table in report.tables:
        for column in table.columns:
            if not column.findings:
                continue
            if (finding := primary(column)) is not None:
                standing[column.id] = finding
            if not column.ignored and (finding := possible(column)) is not None:
                merely_possible[column.id] = finding
    return standing, merely_possible
