"""Findings as a table for spreadsheets and scripts: a row a column that holds or may hold something."""

from __future__ import annotations

import csv
from typing import IO

from reports.cells import csv_cell
from reports.model import Report
from reports.query import FindingQuery, matching_columns
from reports.wording.matches import FINDING_FIELDS, finding_cells


def write(report: Report, file: IO[str]) -> None:
    """Write a heading and the rows, in the order of the report."""
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(FINDING_FIELDS)
    for match in matching_columns(report, FindingQuery()):
        rows.writerow([csv_cell(cell) for cell in finding_cells(match)])
