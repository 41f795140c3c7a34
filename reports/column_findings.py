"""What the columns of a report hold, by their ids."""

from __future__ import annotations

from detectors.model import ColumnId
from mappings.model import Assessed
from reports.model import Report, possible, primary


def primary_findings(report: Report) -> dict[ColumnId, Assessed]:
    """Return the primary finding of every labelled column."""
    return {c.id: finding for t in report.tables for c in t.columns if (finding := primary(c))}


def possible_findings(report: Report) -> dict[ColumnId, Assessed]:
    """Return what columns possibly hold, where nothing stands for them and nobody has decided."""
    columns = (c for t in report.tables for c in t.columns if not c.ignored)
    return {c.id: finding for c in columns if (finding := possible(c))}
