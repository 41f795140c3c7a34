"""Numbers over the columns of a report, gathered in one pass: for all, by system, table and category."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields

from detectors.model import ColumnId
from reports.model import ColumnReport, Report, TableReport, primary, standing


@dataclass(slots=True)
class Totals:
    """How many columns have a finding, how they were decided, and where."""

    tables: int = 0
    columns: int = 0
    with_finding: int = 0                     # columns with a finding that holds
    personal: int = 0
    sensitive: int = 0                        # personal information, sensitive
    important: int = 0                        # candidates of important data
    stale: int = 0
    accepted: int = 0
    rejected: int = 0
    possible: int = 0                         # neither found nor surely nothing
    leaving_possible: int = 0
    leaving_suggested: int = 0                # columns of flows nobody has reviewed
    sensitive_suggested: int = 0
    by_category: Counter[str] = field(default_factory=Counter)
    sensitive_by_category: Counter[str] = field(default_factory=Counter)

    def add(self, table: TableReport, leaving: Collection[ColumnId]) -> None:
        """Count a table in. leaving: columns of flows."""
        self.tables += 1
        self.columns += len(table.columns)
        for column in table.columns:
            if column.findings or column.reviewed is not None:
                self._add_column(column, column.id in leaving)

    def join(self, other: Totals) -> None:
        """Count in what was counted apart."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    def _add_column(self, column: ColumnReport, leaves: bool) -> None:
        self.stale += column.reviewed is not None and bool(column.reviewed.stale)
        state = standing(column)
        self.rejected += state == "rejected"
        self.accepted += state == "accepted"
        self.possible += state == "possible"
        self.leaving_possible += state == "possible" and leaves
        assessed = primary(column)
        if assessed is None:
            return
        sensitive = assessed.sensitive == "yes"
        self.with_finding += 1
        self.personal += assessed.finding.kind == "personal_information"
        self.sensitive += sensitive and assessed.finding.kind == "personal_information"
        self.important += assessed.finding.kind == "important_data_candidate"
        self.by_category[assessed.category] += 1
        self.sensitive_by_category[assessed.category] += sensitive
        if state == "suggested":
            self.leaving_suggested += leaves
            self.sensitive_suggested += sensitive


def totals_of(report: Report, tables: Iterable[TableReport]) -> Totals:
    """Return numbers over some tables of a report."""
    leaving = {column for flow in report.flows for column in flow.columns}
    totals = Totals()
    for table in tables:
        totals.add(table, leaving)
    return totals


def categories(report: Report) -> dict[str, str]:
    """Return the Chinese name of every category among the findings that hold, in the order of their ids."""
    names: dict[str, str] = {}
    for table in report.tables:
        for column in table.columns:
            if column.findings and (assessed := primary(column)) is not None:
                names.setdefault(assessed.category, assessed.category_zh)
    return dict(sorted(names.items()))
