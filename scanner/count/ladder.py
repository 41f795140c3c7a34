"""How far a count has to go: work grows only where a legal line lies inside the interval.

catalogue statistics -> value-hash sample in the database -> exact count of one key in the database -> exact
linking of all keys. Small tables are linked at once. A step in the database answers one key of one table: a
bound, which may settle a line. What a bound means:

high  no more persons than distinct values of a row's best key, and rows without it.
low   at least so many only where that key is the row's only one; other keys might link rows, and only linking
knows.

Statistics are the database's own estimate and may be stale: they settle nothing within a factor of two of a
line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING, Any

from detectors.errors import SourceError
from detectors.ids import source_of
from detectors.message import Note
from detectors.model import CountMethod, TableId, TableInfo
from mappings import notes
from mappings.model import UNKNOWN, Estimate, FlowCount
from mappings.row_columns import RowPlan, key_rank
from scanner.connectors.protocol import ROW_BYTES, KeyQuestion

if TYPE_CHECKING:
    from scanner.connectors.protocol import Connector
    from scanner.count.request import CountRequest

HASH_SAMPLE_SHARE = 64                        # a value-hash sample keeps one value in so many
STATISTICS_FACTOR = 2.0                       # catalogue statistics may be off by this factor
MOST_PLACEHOLDERS = 64                        # distinct values of a key column that may be nobody's number
STEPS: tuple[CountMethod, ...] = ("statistics", "hash_sample", "pushdown", "exact")


@dataclass(frozen=True, slots=True)
class _TableBounds:
    """Persons of one table and role: all of them, and those with a sensitive field by each reading."""

    everybody: Estimate
    sensitive: Estimate
    perhaps_sensitive: Estimate


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rows of one count, and the step it has reached."""

    request: CountRequest
    step: CountMethod = "statistics"

    @property
    def tables(self) -> list[TableInfo]:
        return [self.request.run.table(tid) for tid in self.request.plans]

    @property
    def connectors(self) -> list[Connector | None]:
        """Open source of each table; None where it could not be opened."""
        return [self.request.run.connectors.get(source_of(tid)) for tid in self.request.plans]

    @property
    def rows(self) -> int | None:
        """Rows the catalogue thinks there are; None where a table's are unknown."""
        highs = [info.rows.high for info in self.tables]
        return None if any(h is None for h in highs) else sum(h or 0 for h in highs)

    @property
    def expected(self) -> int:
        """Rows to read, roughly: by the catalogue, else by the bytes; nothing known counts as few."""
        return sum(_expected_rows(info) for info in self.tables)

    def at(self, step: CountMethod) -> Ladder:
        """Return the ladder after a step."""
        return replace(self, step=step)

    def next_step(self) -> CountMethod:
        """Return what one more step would be."""
        plans, tests = self.request.plans, self.request.run.meanings.tests
        counts_keys = not set(plans) & set(tests) and all(hasattr(c, "key_counts") for c in self.connectors)
        for step in STEPS[STEPS.index(self.step) + 1:]:
            if step == "exact" or counts_keys and (step != "hash_sample" or self._can_hash()):
                return step
        return "exact"

    def _can_hash(self) -> bool:
        return all(getattr(connector, "can_hash", False) for connector in self.connectors)

    def by_statistics(self) -> FlowCount:
        """Return at most so many persons as the catalogue says there are rows, twice over."""
        high = None if self.rows is None else round(self.rows * STATISTICS_FACTOR)
        everybody = Estimate(0, self.rows or 0, high, "statistics")
        count = self._by_statistics(everybody, "yes")
        if not self.request.is_undecided:
            return count
        return replace(count, strict=self._by_statistics(everybody, "yes", "depends"))

    def _by_statistics(self, everybody: Estimate, *sensitive: str) -> FlowCount:
        """Return bounds where fields of these degrees are sensitive. A minor's every item is."""
        some = any(e.sensitive in sensitive for e in self.request.exported)
        high = everybody.high if some or self._tells_ages() else 0
        persons = Estimate(0, everybody.best if some else 0, high, "statistics")
        return FlowCount(everybody, persons, self._minors(everybody, "statistics"),
                         ordinary_only=everybody, ordinary=everybody)

    def _minors(self, everybody: Estimate, step: CountMethod) -> Estimate:
        return Estimate(0, 0, everybody.high, step) if self._tells_ages() else UNKNOWN

    def _tells_ages(self) -> bool:
        """Does a column say how old persons are? Only linking reads it."""
        return any(plan.tells_ages for plan in self.request.plans.values())

    def in_database(self, step: CountMethod) -> FlowCount:
        """Return bounds from the database: each table's best key, and rows without it.

        Raise SourceError when it cannot say.
        """
        bounds = [
            self._table_bounds(tid, plan, role, step)
            for tid, plan in self.request.plans.items() for role in sorted({e.role for e in plan.exported})
        ]
        everybody = _sum_of_bounds([b.everybody for b in bounds], step)
        count = self._bounds(everybody, [b.sensitive for b in bounds], step)
        if not self.request.is_undecided:
            return count
        return replace(count, strict=self._bounds(everybody, [b.perhaps_sensitive for b in bounds], step))

    def _bounds(self, everybody: Estimate, parts: Sequence[Estimate], step: CountMethod) -> FlowCount:
        sensitive = _sum_of_bounds(parts, step)
        minors = self._minors(everybody, step)
        if self._tells_ages():                # a minor's every item is sensitive; only linking knows minors
            sensitive = replace(sensitive, high=everybody.high)
        least = max(0, everybody.low - (sensitive.high or 0))
        ordinary_only = Estimate(least, max(least, everybody.best - sensitive.best), everybody.high, step)
        return FlowCount(everybody, sensitive, minors, ordinary_only,
                         Estimate(least, everybody.best, everybody.high, step))

    def _table_bounds(self, tid: TableId, plan: RowPlan, role: str, step: CountMethod) -> _TableBounds:
        fields = [e for e in plan.exported if e.role == role]
        is_scoped = plan.open_subjects is not None and bool(plan.open_subjects.scoped)
        keys = [k for k in plan.keys if k.role == role and k.sure and not k.within and not is_scoped]
        best = min(keys, key=lambda k: (key_rank(k.label), k.column), default=None)
        connector: Any = self.request.run.connectors[source_of(tid)]
        share = HASH_SAMPLE_SHARE if step == "hash_sample" else 1
        sensitive = [e.column for e in fields if e.sensitive == "yes"]
        perhaps = [e.column for e in fields if e.sensitive != "no"]
        kind = "" if best is None else "user_id" if best.hidden else best.label
        column = best.column if best else None
        question = KeyQuestion(column, kind, [e.column for e in fields], [sensitive, perhaps])
        counts = connector.key_counts(
            self.request.run.table(tid).ref, question, self.request.where.get(tid, {}), share)
        is_only_key = len(keys) == 1 and not keys[0].hidden         # one hash may be spelled in two ways
        bounds = [_persons_bound(distinct, without, share, step, is_only_key) for distinct, without in counts]
        return _TableBounds(*bounds)


def _expected_rows(info: TableInfo) -> int:
    is_uncounted = info.rows.high is None or (info.kind == "file" and info.rows.method != "exact")
    return (info.bytes or 0) // ROW_BYTES if is_uncounted else info.rows.high or 0


def _persons_bound(distinct: int, without: int, share: int, step: CountMethod, is_only_key: bool) -> Estimate:
    """Return persons from a sample's distinct values, and rows without a value.

    share: the sample keeps one value in so many.
    """
    scaled = distinct * share
    spread = 0 if share == 1 else round(1.96 * sqrt(max(distinct, 1) * share * (share - 1)) + 3.84 * share)
    low = max(0, scaled - spread - MOST_PLACEHOLDERS) if is_only_key else 0
    return Estimate(max(low, min(1, scaled + without)), scaled + without, scaled + spread + without, step)


def _sum_of_bounds(parts: Sequence[Estimate], step: CountMethod) -> Estimate:
    low, best, high = max(p.low for p in parts), sum(p.best for p in parts), sum(p.high or 0 for p in parts)
    return Estimate(low, best, high, step)


def try_step(ladder: Ladder, step: CountMethod) -> FlowCount | Note:
    """Return the bounds of a step in the database; a note where the database cannot say."""
    try:
        return ladder.in_database(step)
    except SourceError as e:
        return notes.step_failed(step, e.what)
