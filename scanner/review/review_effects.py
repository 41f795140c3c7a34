"""What reviews alone changed between two reports: columns decided otherwise, flows decided alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from detectors.model import ColumnId
from mappings.flow_report import FlowReport
from mappings.model import Sensitive
from mappings.recount import FieldEdits, recount_flow
from reports.model import ColumnReport, primary, stands_or_possible
from reports.reviews.basis import unreviewed_column

Columns = Mapping[ColumnId, ColumnReport]
ColumnMeaning = tuple[str, Sensitive]         # label and sensitivity of a column
BY_DATA = ("label", "values", "schema")       # why a review goes stale although nobody decided anything


def is_decided_otherwise(old: ColumnReport, new: ColumnReport) -> bool:
    """Return whether people decided otherwise on a column between two reports.

    A review that the data made stale, or that holds again because of the data, is no decision.
    """
    before, after = old.reviewed, new.reviewed
    if before is None or after is None:
        return before is not after
    if (before.id, before.verdict, before.by, before.on) != (after.id, after.verdict, after.by, after.on):
        return True
    return before.stale != after.stale and not {before.stale, after.stale} & set(BY_DATA)


def is_changed_by_data(old: ColumnReport, new: ColumnReport) -> bool:
    """Return whether the same review went stale, or holds again, because of the data."""
    if old.reviewed is None or new.reviewed is None:
        return False
    return old.reviewed.stale != new.reviewed.stale and not is_decided_otherwise(old, new)


def meaning(column: ColumnReport) -> ColumnMeaning | None:
    """Return the label and sensitivity of a column's primary finding; None where it has none.

    The label of what is merely possible ends with a question mark.
    """
    assessed = stands_or_possible(column)
    if assessed is None:
        return None
    return f"{assessed.finding.label}{'?' if assessed.finding.possible else ''}", assessed.sensitive


def _has_finding(column: ColumnReport) -> bool:
    return primary(column) is not None


def machine_meaning(column: ColumnReport) -> ColumnMeaning | None:
    """Return the label and sensitivity that a column would have without reviews."""
    return meaning(unreviewed_column(column))


def redecided_columns(before: Columns, after: Columns) -> frozenset[ColumnId]:
    """Return the columns of both reports whose meaning people changed by other decisions.

    Accepting what the machine found changes nothing.
    """
    return frozenset(
        column
        for column, new in after.items()
        if (old := before.get(column)) is not None
        and is_decided_otherwise(old, new)
        and (_is_overruled(old) or _is_overruled(new))
    )


def _is_overruled(column: ColumnReport) -> bool:
    return meaning(column) != machine_meaning(column)


def columns_in_count(
    columns: Collection[ColumnId], flow: FlowReport, tables: Collection[str], before: Columns, after: Columns
) -> frozenset[ColumnId]:
    """Return the columns a flow's persons depend on: those it exports, and the keys of its tables."""
    exported = set(flow.columns)
    return frozenset(
        column
        for column in columns
        if column in exported
        or column.rsplit("/", 1)[0] in tables
        and (_is_key(before[column]) or _is_key(after[column]))
    )


def _is_key(column: ColumnReport) -> bool:
    assessed = primary(column)
    return assessed is not None and bool(assessed.finding.subject_key)


def with_same_decisions(
    old: FlowReport, new: FlowReport, redecided: Collection[ColumnId], before: Columns, after: Columns
) -> tuple[FlowReport, FlowReport] | None:
    """Return both flows recounted from their histograms as if people had decided alike on some columns.

    A field that one of the two leaves out is left out of the other; one that they grade differently is graded
    as in the new one. None where a flow has no histogram, or where a decision made a column a key or none:
    another key makes other persons, which no histogram knows.
    """
    other = {c for c in redecided if meaning(before[c]) != meaning(after[c])}
    if old.tally is None or new.tally is None or any(_is_key(r[c]) for r in (before, after) for c in other):
        return None
    grades = {
        column: new_meaning[1]
        for column in other
        if (new_meaning := meaning(after[column])) is not None
        and _has_finding(after[column]) and _has_finding(before[column])
    }
    dropped = other - set(grades)
    return _recounted(old, dropped, grades), _recounted(new, dropped, grades)


def _recounted(
    flow: FlowReport, dropped: Collection[ColumnId], grades: Mapping[ColumnId, Sensitive]
) -> FlowReport:
    """Return a flow without some fields and with others graded anew; itself where that changes nothing."""
    assert flow.tally is not None
    drop = {column for column, _, _ in flow.tally.fields if column in dropped}
    regraded = {
        column: grades[column]
        for column, _, grade in flow.tally.fields
        if grades.get(column, grade) != grade
    }
    return recount_flow(flow, FieldEdits(drop, regraded))
