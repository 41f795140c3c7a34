"""The exit status of a scan or decision: what was read, what is allowed."""

from __future__ import annotations

from typing import Literal

from detectors.ids import table_of
from mappings.decide import is_allowed
from mappings.flow_report import FlowReport
from reports.model import Report, is_unread, waits

NOT_READ = "not_read"                         # code of the note


def exit_status(
    report: Report, allow: Literal["exempt", "contract", "assessment"] | None, *, unread: bool = True
) -> int:
    """Return 0, 3, 4, 5 or 130 as documented for `scan`."""
    if report.run.interrupted:
        return 130
    postponed = {t.id for t in report.tables if waits(t)}
    is_partial = any(f.unresolved or postponed & {table_of(c) for c in f.columns} for f in report.flows)
    is_lost = is_partial or any(_lost_rows(f) for f in report.flows)
    missed = 3 if unread and (report.skipped or is_lost or is_unread(report)) else 0
    within = [is_allowed(f.decision, allow) for f in report.flows] if allow is not None else [True]
    is_over = not (within and all(within))    # where no flow is decided, nothing is known to stay within
    return 5 if missed and is_over else 4 if is_over else missed


def _lost_rows(flow: FlowReport) -> bool:
    """Could rows of a flow not be counted, though its tables were listed and looked at?"""
    return any(note.code == NOT_READ for note in flow.count_notes)
