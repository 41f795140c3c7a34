"""What every count of a run shares, and the rows that one count is about."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from detectors.model import TableId, TableInfo
from mappings.row_columns import ExportedColumn, RowPlan
from scanner.count.column_meanings import ColumnMeanings
from scanner.gather.progress import Progress

if TYPE_CHECKING:
    from mappings.unit_runs import UnitMemory
    from scanner.connectors.protocol import Connector, Where


@dataclass(frozen=True, slots=True)
class CountPolicy:
    """How far to go. exact: link every row. budget: seconds for all counting together. memory: bytes of it.

    None: no limit.
    """

    exact: bool = False
    budget: float | None = None
    memory: int | None = None
    started: float = field(default_factory=time.monotonic)

    def is_spent(self) -> bool:
        """Is the time up?"""
        return self.budget is not None and time.monotonic() - self.started > self.budget

    def remaining_seconds(self) -> float | None:
        """Return the seconds that remain; None: no limit."""
        return None if self.budget is None else max(0.0, self.budget - (time.monotonic() - self.started))


class BudgetSpent(Exception):
    """Counting was to stop here."""


@dataclass(frozen=True, slots=True)
class CountRun:
    """What every count of a run shares.

    connectors: open sources, by id. key: of the year; empty where no value is read. full_row_counts: filled
    by counts, rows of the tables that were read whole. conditioned: tables of which a flow takes some rows,
    and another one may take the same. memory: that all counters share.
    """

    meanings: ColumnMeanings
    connectors: Mapping[str, Connector]
    key: bytes = field(repr=False)
    as_of: date
    policy: CountPolicy
    progress: Progress
    full_row_counts: dict[TableId, int] = field(default_factory=dict)
    conditioned: frozenset[TableId] = frozenset()
    memory: UnitMemory | None = None

    def table(self, tid: TableId) -> TableInfo:
        """Return a table as it was listed."""
        return self.meanings.catalogue.tables[tid]


@dataclass(frozen=True, slots=True)
class CountRequest:
    """Rows whose persons are to be counted.

    plans: how the rows of each table speak of persons. where: conditions on the rows that leave.
    """

    run: CountRun
    plans: Mapping[TableId, RowPlan]
    where: Mapping[TableId, Where] = field(default_factory=dict)

    @property
    def exported(self) -> list[ExportedColumn]:
        """Columns that leave, table after table."""
        return [column for plan in self.plans.values() for column in plan.exported]

    @property
    def possible(self) -> list[ExportedColumn]:
        """Columns that leave and may hold nothing personal."""
        return [column for column in self.exported if column.possible]

    def without_possible(self) -> CountRequest:
        """Return the request as if what is merely possible were nothing."""
        if not self.possible:
            return self
        plans = {tid: plan.without_possible() for tid, plan in self.plans.items()}
        return replace(self, plans={tid: plan for tid, plan in plans.items() if plan.exported})

    @property
    def is_undecided(self) -> bool:
        """Does a column leave whose sensitivity depends on how the law is read?"""
        return any(column.sensitive == "depends" for column in self.exported)

    def tests(self, tid: TableId) -> Mapping[str, Mapping[str, Any]]:
        """Return the conditions that rows of test accounts fulfil."""
        return self.run.meanings.tests.get(tid, {})
