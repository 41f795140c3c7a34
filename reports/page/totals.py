"""Numbers over all columns of a report, gathered in one pass: for the whole, by system, and by table and category."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields

from detectors.model import ColumnId
from reports.model import ColumnReport, Report, TableReport, primary, standing


@dataclass(slots=True)
class Totals:
    """How many columns were found, how they stand, and where."""

    tables: int = 0
    columns: int = 0
    with_finding: int = 0  # columns with a finding that stands
    personal: int = 0
    sensitive: int = 0  # personal information, sensitive
    important: int = 0  # candidates of important data
    stale: int = 0
    accepted: int = 0
    rejected: int = 0
    leaving_suggested: int = 0  # columns of flows nobody has reviewed
    sensitive_suggested: int = 0
    by_category: Counter[str] = field(default_factory=Counter)
    sensitive_by_category: Counter[str] = field(default_factory=Counter)

    def add(self, table: TableReport, leaving: frozenset[ColumnId] | set[ColumnId]) -> None:
        """Count a table in."""
        self.tables += 1
        self.columns += len(table.columns)
        for c in table.columns:
            if c.findings or c.reviewed is not None:
                self._column(c, c.id in leaving)

    def join(self, other: Totals) -> None:
        """Count in what was counted apart."""
        for f in fields(self):
            mine, theirs = getattr(self, f.name), getattr(other, f.name)
            setattr(self, f.name, mine + theirs)

    def _column(self, c: ColumnReport, leaves: bool) -> None:
        self.stale += c.reviewed is not None and bool(c.reviewed.stale)
        stands = standing(c)
        self.rejected += stands == "rejected"
        self.accepted += stands == "accepted"
        if (p := primary(c)) is None:
            return
        sensitive = p.sensitive == "yes"
        self.with_finding += 1
        self.personal += p.finding.kind == "personal_information"
        self.sensitive += sensitive and p.finding.kind == "personal_information"
        self.important += p.finding.kind == "important_data_candidate"
        self.by_category[p.category] += 1
        self.sensitive_by_category[p.category] += sensitive
        if stands == "suggested":
            self.leaving_suggested += leaves
            self.sensitive_suggested += sensitive


def total(report: Report, tables: Iterable[TableReport]) -> Totals:
    """Numbers over some tables of a report."""
    leaving = {c for f in report.flows for c in f.columns}
    found = Totals()
    for table in tables:
        found.add(table, leaving)
    return found


def categories(report: Report) -> dict[str, str]:
    """Chinese name of every category among the findings that stand, in the order of their ids."""
    found: dict[str, str] = {}
    for table in report.tables:
        for c in table.columns:
            if c.findings and (p := primary(c)) is not None:
                found.setdefault(p.category, p.category_zh)
    return dict(sorted(found.items()))


def category_en(category: str) -> str:
    """A category as English readers see it.

    >>> category_en("personal.network_identity")
    'personal: network identity'
    """
    return category.replace(".", ": ").replace("_", " ")
