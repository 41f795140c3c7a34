"""Findings as a Markdown table, for merge requests and wikis."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import IO

from reports.cells import shown
from reports.model import Report
from reports.query import FindingQuery, matching_columns
from reports.wording.matches import FINDING_FIELDS, finding_cells

_MARKS = re.compile(r"([\\`*_{}\[\]<>#+!|~&])")


def write(report: Report, file: IO[str]) -> None:
    """Write the table; what would be markup in a name stands for itself."""
    file.write(_row(FINDING_FIELDS) + _row(["---"] * len(FINDING_FIELDS)))
    for match in matching_columns(report, FindingQuery()):
        file.write(_row([_MARKS.sub(r"\\\1", shown(str(cell))) for cell in finding_cells(match)]))


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"
