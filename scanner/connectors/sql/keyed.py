"""The statements behind `ranges`: runs of rows along an integer key of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa

from scanner.connectors.sql.ranges import RUNS, Bounds, EstimatedPart, split_key, starting_points

TOGETHER = 32                                 # places that one statement reads
# rows that tell how densely keys lie, where the database cannot estimate
PROBE = 50
EstimateRows = Callable[[sa.Connection, Any, str, Sequence[Bounds]], Sequence[float]]    # hook of a dialect


@dataclass(frozen=True, slots=True)
class KeyedTable:
    """A table with an integer key, and the columns that are wanted of it.

    estimate: how the dialect estimates rows between bounds; None where it cannot.
    """

    clause: Any
    key: str
    columns: Sequence[str]
    estimate: EstimateRows | None

    @property
    def key_column(self) -> Any:
        return self.clause.c[self.key]


def sample_along_key(connection: sa.Connection, table: KeyedTable, rows: int, seed: int) -> list[Any] | None:
    """Return about `rows` rows from all over the table, in order of the key.

    None where keys are no integers, or too few to choose among.
    """
    ends = _ends(connection, table.key_column)
    if ends is None or ends[1] - ends[0] < rows:
        return None
    parts = _filled_parts(connection, table, split_key(*ends, partial(_estimate, connection, table)))
    if not parts:
        return []
    key = table.key_column
    runs = min(RUNS, rows)
    selected = [table.clause.c[name].label(f"c{i}") for i, name in enumerate((table.key, *table.columns))]
    sampled = _execute_together(connection, [
        sa.select(*selected).where(key >= start, key <= last).order_by(key).limit(-(-rows // runs))
        for start, (_, last) in starting_points(parts, runs, seed)
    ])
    by_key = {row[0]: row[1:] for row in sampled}
    return [by_key[value] for value in sorted(by_key)][:rows]


def _filled_parts(
    connection: sa.Connection, table: KeyedTable, parts: Sequence[EstimatedPart],
) -> list[EstimatedPart]:
    """Return the parts that hold rows, each from its first key to its last."""
    key = table.key_column
    ends = _execute_together(connection, [
        sa.select(sa.literal(i).label("i"), sa.func.min(key).label("low"), sa.func.max(key).label("high"))
        .where(key >= low, key <= high)
        for i, ((low, high), _) in enumerate(parts)
    ])
    return sorted(((first, last), parts[i][1]) for i, first, last in ends if first is not None)


def _execute_together(connection: sa.Connection, selects: Sequence[Any]) -> list[Any]:
    """Return the rows of many selects, TOGETHER of them to a statement."""
    rows: list[Any] = []
    for start in range(0, len(selects), TOGETHER):
        parts = [s.subquery(f"p{i}") for i, s in enumerate(selects[start : start + TOGETHER])]
        rows += connection.execute(sa.union_all(*(sa.select(*p.c) for p in parts))).all()
    return rows


def _ends(connection: sa.Connection, key: Any) -> Bounds | None:
    """Return the smallest and the largest key; None where there is none, or where they are no integers."""
    first, last = connection.execute(sa.select(sa.func.min(key), sa.func.max(key))).one()
    return (first, last) if isinstance(first, int) and isinstance(last, int) else None


def _estimate(connection: sa.Connection, table: KeyedTable, bounds: Sequence[Bounds]) -> Sequence[float]:
    if table.estimate is not None:
        return table.estimate(connection, table.clause, table.key, bounds)
    probe = _KeyProbe(connection, table.key_column)
    return [probe.estimate(low, high) for low, high in bounds]


class _KeyProbe:
    """Looks at keys in a range. Its statements are built once: there are thousands of ranges."""

    def __init__(self, connection: sa.Connection, key: Any) -> None:
        self._connection = connection
        within = sa.select(key).where(key >= sa.bindparam("low"), key <= sa.bindparam("high")).limit(PROBE)
        self._first, self._last = within.order_by(key.asc()), within.order_by(key.desc())

    def estimate(self, low: int, high: int) -> float:
        """Return the rows in [low, high]: counted where they are few, else estimated.

        By how densely keys lie at both ends and midway. Too high where the ends are dense and the middle is
        not: such a range is halved again, and its parts are estimated better.
        """
        first = self._keys(self._first, low, high)
        if len(first) < PROBE:
            return float(len(first))
        last = self._keys(self._last, low, high)
        middle = self._keys(self._first, (first[0] + last[0]) // 2, high)
        densities = [len(keys) / (abs(keys[-1] - keys[0]) + 1) for keys in (first, middle, last) if keys]
        return (last[0] - first[0] + 1) * sum(densities) / len(densities)

    def _keys(self, statement: Any, low: int, high: int) -> list[int]:
        return list(self._connection.execute(statement, {"low": low, "high": high}).scalars())
