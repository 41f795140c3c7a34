"""One table's sample becomes findings; no law is applied yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from detectors.message import Msg
from detectors.model import (
    ColumnFinding,
    ColumnId,
    ColumnSample,
    Drawn,
    Loss,
    Rows,
    Skipped,
)
from reports.model import ColumnReport, Density, ExaminedColumns, Status, TableReport
from scanner.gather.column_statistics import (
    columns_of,
    examined_cells,
    is_constant,
    is_kinship,
    usual_decimals,
)
from scanner.gather.table_catalogue import column_ids

if TYPE_CHECKING:
    from detectors.columns.every_value import EveryValue
    from mappings.model import Assessed
    from scanner.connectors.protocol import ExaminationTask, Sample

_NO_COUNTS: Mapping[str, EveryValue] = {}


@dataclass(frozen=True, slots=True)
class ExaminedTable:
    """A table with every finding, and what went wrong.

    skipped: why the table, or parts of it, could not be examined. failures: detector -> kind of exception it
    raised.
    """

    table: TableReport
    skipped: tuple[Skipped, ...] = ()
    failures: Mapping[str, str] | None = None


def examine(task: ExaminationTask, sample: Sample | None) -> ExaminedTable:
    """Return the findings of a table from its sample.

    Where there is none, names and comments alone are examined.
    """
    cells = columns_of(sample.batches) if sample is not None else {}
    columns = examine_cells(task, cells, sample.every if sample is not None else {})
    if sample is None:
        return as_examined(task, columns, None)
    examined = as_examined(task, columns, sample.drawn, sample.skipped)
    rows = table_rows(task.info.rows, sample.drawn, sample.losses)
    return replace(examined, table=replace(examined.table, losses=sample.losses, rows=rows))


def as_examined(
    task: ExaminationTask, columns: ExaminedColumns, drawn: Drawn | None, unread: Sequence[Skipped] = ()
) -> ExaminedTable:
    """Return examined columns as the report has them.

    drawn: None where no value was read. unread: parts of the table that could not be read.
    """
    from detectors.columns import failures

    tid, info, drawn = task.id, task.info, _with_whole_columns(drawn, columns)
    faults: tuple[Skipped, ...] = ()
    if columns.fault:
        reason = Msg("internal error, {kind}", kind=columns.fault)
        faults = (Skipped(tid, reason, Msg("please report it with this word")),)
    status: Status = "metadata_only" if drawn is None else "partial" if unread else "scanned"
    table = TableReport(
        tid, "skipped" if faults else status, info.comment, table_rows(info.rows, drawn), drawn,
        columns.columns, members=tuple(m.name for m in info.members),
    )
    return ExaminedTable(table, (*faults, *unread), dict(failures))


def _with_whole_columns(drawn: Drawn | None, columns: ExaminedColumns) -> Drawn | None:
    """Return how rows were drawn, and of which columns every value was looked at instead."""
    whole = tuple(column.name for column in columns.columns if column.density is not None)
    if drawn is None or not whole:
        return drawn
    method = Msg("{method}; every value of {names}", method=drawn.method, names=whole)
    return replace(drawn, method=method)


def examine_cells(
    task: ExaminationTask, cells: Mapping[str, Any], every: Mapping[str, EveryValue] = _NO_COUNTS
) -> ExaminedColumns:
    """Return the findings of a table's sampled cells, and what else the report says of each column.

    Runs wherever the cells are. cells: Arrow arrays by column name. every: counts of all cells, likewise.
    """
    from detectors.columns import detect
    from detectors.columns.restarting_keys import restarting_scopes

    info = task.info
    hits = {name: counts.hits() for name, counts in every.items()}
    samples = [ColumnSample(column_id, info, column, cells.get(column.name), hits.get(column.name))
               for column, column_id in zip(info.columns, column_ids(task.id, info), strict=True)]
    fault = ""
    try:
        findings = detect(info, samples, targets=task.inherited, links=task.links)
    except Exception as e:  # a fault of ours costs this table alone; its message may hold values
        findings, samples, fault = (), [replace(s, values=None) for s in samples], type(e).__name__
    by_column: dict[ColumnId, list[ColumnFinding]] = {}
    for finding in findings:
        by_column.setdefault(finding.column, []).append(finding)
    restarts = restarting_scopes(samples, by_column) if not fault else frozenset()
    columns = (_column_report(s, by_column.get(s.id, ()), s.id in restarts) for s in samples)
    return ExaminedColumns(tuple(_with_density(c, every.get(c.name)) for c in columns), fault)


def _with_density(column: ColumnReport, counts: EveryValue | None) -> ColumnReport:
    """Return the column with the share of its cells that hold something, where all were looked at."""
    if counts is None:
        return column
    low, high = counts.cells_with(hit.detector.name for hit in counts.hits())
    density = Density(counts.rows, counts.examined, low, high)
    return replace(column, examined=counts.examined, density=density)


def _column_report(
    sample: ColumnSample, findings: Sequence[ColumnFinding], restarts: bool
) -> ColumnReport:
    column = sample.column
    is_located = any(f.label == "geo_location" for f in findings)
    return ColumnReport(
        sample.id, column.name, column.type, column.comment, tuple(_blank_assessment(f) for f in findings),
        examined_cells(sample), constant=is_constant(sample), kinship=is_kinship(sample), restarts=restarts,
        decimals=usual_decimals(sample) if is_located else None,
    )


def _blank_assessment(finding: ColumnFinding) -> Assessed:
    from mappings.model import Assessed

    return Assessed(finding, "", "", "", "no", "", "recalled")


def examine_unread(task: ExaminationTask, reason: Skipped) -> ExaminedTable:
    """Return what names and comments say of a table that could not be read, and why there is no more."""
    examined = examine(task, None)
    table = replace(examined.table, status="skipped", rows=unread_rows(examined.table.rows))
    return ExaminedTable(table, (*examined.skipped, reason), examined.failures)


def unread_rows(listed: Rows) -> Rows:
    """Return the rows of a table of which none can be read: what it says of itself may be wrong."""
    return Rows(0, listed.high, "statistics") if listed.method == "exact" else listed


def table_rows(listed: Rows, drawn: Drawn | None, losses: Sequence[Loss] = ()) -> Rows:
    """Return the number of rows: the sample's when it read the whole table, else what the source says.

    Where anything was lost, or the borders of rows assumed, it is at least what was read.
    """
    if drawn is not None and any(loss.lost or loss.rows for loss in losses):
        return Rows(drawn.rows_total or drawn.rows, None, "row_sample")
    if drawn is not None and drawn.rows_total is not None:
        return Rows(drawn.rows_total, drawn.rows_total, "exact")
    if drawn is not None and listed.high is None:
        return Rows(drawn.rows, None, "row_sample")
    return listed
