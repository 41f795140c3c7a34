"""How far a count has to go: work grows only where a legal line lies inside the interval.

catalogue statistics -> value-hash sample in the database -> exact count of one key in the database -> exact linking of all keys. Small
tables are linked at once. A step in the database answers one key of one table: a bound, which may settle a line. What a bound means:

high  no more persons than distinct values of a row's best key, and rows without it.
low   at least so many only where that key is the row's only one; other keys might link rows, and only linking knows.

Statistics are the database's own estimate and may be stale: they settle nothing within a factor of two of a line.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt
from typing import TYPE_CHECKING, Any

from detectors.errors import SourceError
from detectors.message import Note
from detectors.model import CountMethod, TableId
from mappings import notes
from mappings.model import Estimate, FlowCount
from mappings.row_columns import RowPlan, key_rank
from scanner.connectors.protocol import ROW_BYTES
from scanner.gather.flow_columns import TableCatalogue, source_of

if TYPE_CHECKING:
    from scanner.connectors.protocol import Connector

SHARE = 64                                    # a value-hash sample keeps one value in so many
STALE = 2.0                                   # catalogue statistics may be off by this factor
PLACEHOLDERS = 64                             # distinct values of a key column that may be nobody's number
STEPS: tuple[CountMethod, ...] = ("statistics", "hash_sample", "pushdown", "exact")


@dataclass(slots=True)
class CountPolicy:
    """How far to go. budget: seconds for all counting together; None: no limit."""

    exact: bool = False
    budget: float | None = None
    started: float = field(default_factory=time.monotonic)

    def is_spent(self) -> bool:
        return self.budget is not None and time.monotonic() - self.started > self.budget

    def remaining_seconds(self) -> float | None:
        """Seconds left; None: no limit."""
        return None if self.budget is None else max(0.0, self.budget - (time.monotonic() - self.started))


class BudgetSpent(Exception):
    """Counting was to stop here."""


@dataclass(slots=True)
class Ladder:
    """The tables of one flow, and the step its count has reached."""

    plans: Mapping[TableId, RowPlan]
    where: Mapping[TableId, Mapping[str, Mapping[str, Any]]]
    catalogue: TableCatalogue
    connectors: Mapping[str, Connector]
    tests: Mapping[TableId, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)       # rows never counted
    full_row_counts: dict[TableId, int] = field(default_factory=dict)   # rows of tables that were read whole
    step: CountMethod = "statistics"

    @property
    def rows(self) -> int | None:
        """Rows the catalogue thinks there are; None where a table's are unknown."""
        highs = [self.catalogue.tables[t].rows.high for t in self.plans]
        return None if any(h is None for h in highs) else sum(h or 0 for h in highs)

    @property
    def expected(self) -> int:
        """Rows to read, roughly: by the catalogue, else by the bytes; nothing known counts as few."""
        total = 0
        for t in self.plans:
            info = self.catalogue.tables[t]
            by_bytes = (info.bytes or 0) // ROW_BYTES
            total += by_bytes if info.rows.high is None or info.kind == "file" and info.rows.method != "exact" else info.rows.high
        return total

    def next_step(self) -> CountMethod:
        """What one more step would be."""
        inside = not set(self.plans) & set(self.tests) and all(hasattr(self.connectors.get(source_of(t)), "key_counts") for t in self.plans)
        later = STEPS[STEPS.index(self.step) + 1:]
        for step in later:
            if step == "exact" or inside and (step != "hash_sample" or self._hashes()):
                return step
        return "exact"

    def _hashes(self) -> bool:
        return all(getattr(self.connectors.get(source_of(t)), "can_hash", False) for t in self.plans)

    def by_statistics(self) -> FlowCount:
        """At most so many persons as the catalogue says there are rows, twice over."""
        rows = self.rows
        high = None if rows is None else round(rows * STALE)
        everybody = Estimate(0, rows or 0, high, "statistics")

        def reading(*kinds: str) -> FlowCount:
            some = any(e.sensitive in kinds for p in self.plans.values() for e in p.exported)
            perhaps = some or any(p.births for p in self.plans.values())      # a minor's every item is sensitive
            return FlowCount(everybody, Estimate(0, (rows or 0) if some else 0, high if perhaps else 0, "statistics"),
                             ordinary_only=everybody, ordinary=everybody)

        return replace(reading("yes"), strict=reading("yes", "depends") if self._depends() else None)

    def _depends(self) -> bool:
        return any(e.sensitive == "depends" for p in self.plans.values() for e in p.exported)

    def in_database(self, step: CountMethod) -> FlowCount:
        """Bounds from the database: each table's best key, and rows without it. SourceError when it cannot say."""
        parts = [self._table(tid, plan, role, step) for tid, plan in self.plans.items() for role in sorted({e.role for e in plan.exported})]
        found = self._bounds([p[0] for p in parts], [p[1] for p in parts], step)
        return replace(found, strict=self._bounds([p[0] for p in parts], [p[2] for p in parts], step)) if self._depends() else found

    def _bounds(self, everybodies: Sequence[Estimate], sensitives: Sequence[Estimate], step: CountMethod) -> FlowCount:
        everybody, sensitive = _sum(everybodies, step), _sum(sensitives, step)
        if any(p.births for p in self.plans.values()):       # a minor's every item is sensitive, and only linking knows the minors
            sensitive = replace(sensitive, high=everybody.high)
        least = max(0, everybody.low - (sensitive.high or 0))
        return FlowCount(everybody, sensitive, Estimate(0, 0, everybody.high if any(p.births for p in self.plans.values()) else 0, step),
                         Estimate(least, max(least, everybody.best - sensitive.best), everybody.high, step),
                         Estimate(least, everybody.best, everybody.high, step))

    def _table(self, tid: TableId, plan: RowPlan, role: str, step: CountMethod) -> tuple[Estimate, Estimate, Estimate]:
        own = [e for e in plan.exported if e.role == role]
        keys = [k for k in plan.keys if k.role == role and k.sure]
        best = min(keys, key=lambda k: (key_rank(k.label), k.column), default=None)
        connector: Any = self.connectors[source_of(tid)]
        share = SHARE if step == "hash_sample" else 1
        yes = [e.column for e in own if e.sensitive == "yes"]
        perhaps = [e.column for e in own if e.sensitive != "no"]
        found = connector.key_counts(self.catalogue.tables[tid].ref, best.column if best else None, best.label if best else "",
                                     [e.column for e in own], [yes, perhaps], self.where.get(tid, {}), share)
        everybody, sure, unsure = (_bound(d, n, share, step, len(keys) == 1 and best is not None) for d, n in found)
        return everybody, sure, unsure


def _bound(distinct: int, without: int, share: int, step: CountMethod, only: bool) -> Estimate:
    """Persons from `distinct` values of a sample that keeps one value in `share`, and rows without a value."""
    scaled = distinct * share
    spread = 0 if share == 1 else round(1.96 * sqrt(max(distinct, 1) * share * (share - 1)) + 3.84 * share)
    low = max(0, scaled - spread - PLACEHOLDERS) if only else 0
    return Estimate(max(low, min(1, scaled + without)), scaled + without, scaled + spread + without, step)


def _sum(parts: Sequence[Estimate], step: CountMethod) -> Estimate:
    return Estimate(max(p.low for p in parts), sum(p.best for p in parts), sum(p.high or 0 for p in parts), step)


def try_step(ladder: Ladder, step: CountMethod) -> FlowCount | Note:
    """The bounds of a step in the database; a note where the database cannot say."""
    ladder.step = step
    try:
        return ladder.in_database(step)
    except SourceError as e:
        return notes.step_failed(step, e.what)
