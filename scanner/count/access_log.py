"""Persons whose data was really queried from abroad, by a flow's access log."""

from __future__ import annotations

from detectors.errors import ConfigError, SourceError
from detectors.labels import wide_label
from detectors.message import Note
from mappings import notes
from mappings.histogram import count_tally
from mappings.model import Flow
from mappings.row_columns import ExportedColumn, KeyColumn, RowPlan
from scanner.count.request import BudgetSpent, CountRequest, CountRun
from scanner.count.rows import count_rows


def access_log_note(flow: Flow, run: CountRun) -> Note:
    """Return a note on the persons in a flow's access log, or on why they were not counted."""
    try:
        request = _request(flow.access_log, run)
        counter = count_rows(request)
        tally = counter.tally()
    except (ConfigError, SourceError) as e:
        return notes.not_read(e.line())
    except BudgetSpent:
        return notes.BUDGET_SPENT
    if counter.spoiled:
        return notes.not_read(counter.spoiled[0])
    persons = count_tally(tally).individuals
    return notes.queried(persons, counter.rows)


def _request(access_log: str, run: CountRun) -> CountRequest:
    """Return what to count: the one column that names whose data was queried."""
    meanings = run.meanings
    column, table, name = meanings.catalogue.find_column(access_log)
    finding = meanings.findings.get(column)
    is_key = finding is not None and finding.finding.subject_key
    label = str(wide_label(finding.finding.label)) if finding is not None and is_key else "user_id"
    key = KeyColumn(name, label, meanings.scope(column, label))
    return CountRequest(run, {table: RowPlan((ExportedColumn(name, column, "no"),), (key,))})
