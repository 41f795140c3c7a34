"""The statements behind `ranges`: runs of rows along an integer key of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa

from scanner.connectors.sql.ranges import RUNS, Bounds, EstimatedPart, split_key, starting_points

TOGETHER = 64                                 # places that one statement reads, of one column
TOGETHER_CELLS = 2_048                        # columns of all places that one statement reads
# rows that tell how densely keys lie, where the database cannot estimate
PROBE = 20
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
    run = sa.select(*selected).where(key >= _LOW, key <= _HIGH).order_by(key).limit(-(-rows // runs))
    starts = [(start, last) for start, (_, last) in starting_points(parts, runs, seed)]
    by_key = {row[0]: row[1:] for row in _execute_together(connection, run, starts)}
    return [by_key[value] for value in sorted(by_key)][:rows]


def _filled_parts(
    connection: sa.Connection, table: KeyedTable, parts: Sequence[EstimatedPart],
) -> list[EstimatedPart]:
    """Return the parts that hold rows, each from its first key to its last."""
    key = table.key_column
    ends = sa.select(sa.func.min(key).label("low"), sa.func.max(key).label("high"), _LOW.label("part"))
    ends = ends.where(key >= _LOW, key <= _HIGH)
    rows = {bounds[0]: estimated for bounds, estimated in parts}
    filled = _execute_together(connection, ends, [bounds for bounds, _ in parts])
    return sorted(((first, last), rows[part]) for first, last, part in filled if first is not None)


# the bounds of a place, in a statement that is written out once for all of them
_LOW, _HIGH = (sa.literal_column(f"(0 /* {end} of the part */)", sa.BigInteger) for end in ("low", "high"))


def _execute_together(connection: sa.Connection, select: Any, places: Sequence[Bounds]) -> list[Any]:
    """Return the rows that `select` gives of each of some places, many places to a statement.

    It is compiled once, not once a place: a table has hundreds of places, and perhaps as many columns.
    """
    text = str(select.compile(connection, compile_kwargs={"literal_binds": True}))
    step = max(1, min(TOGETHER, TOGETHER_CELLS // len(select.selected_columns)))
    rows: list[Any] = []
    for start in range(0, len(places), step):
        parts = (f"SELECT * FROM ({text.replace(_LOW.name, str(low)).replace(_HIGH.name, str(high))}) p{i}"  # noqa: S608
                 for i, (low, high) in enumerate(places[start : start + step]))
        rows += connection.exec_driver_sql(" UNION ALL ".join(parts)).all()
    return rows


def _ends(connection: sa.Connection, key: Any) -> Bounds | None:
    """Return the smallest and the largest key; None where there is none, or where they are no integers."""
    first, last = connection.execute(sa.select(sa.func.min(key), sa.func.max(key))).one()
    return (first, last) if isinstance(first, int) and isinstance(last, int) else None


def _estimate(connection: sa.Connection, table: KeyedTable, bounds: Sequence[Bounds]) -> Sequence[float]:
    if table.estimate is not None:
        return table.estimate(connection, table.clause, table.key, bounds)
    return _estimate_by_density(connection, table.key_column, bounds)


def _estimate_by_density(connection: sa.Connection, key: Any, bounds: Sequence[Bounds]) -> list[float]:
    """Return the rows in each range: counted where they are few, else by how densely its first keys lie.

    Too high where only these are dense: such a range is cut again, and its parts are estimated better.
    """
    first_keys = sa.select(key.label("key")).where(key >= _LOW, key <= _HIGH).order_by(key).limit(PROBE)
    probed = first_keys.subquery("first_keys").c.key
    probe = sa.select(sa.func.count(), sa.func.min(probed), sa.func.max(probed), _LOW)
    by_start = {row[3]: row[:3] for row in _execute_together(connection, probe, bounds)}
    return [_by_density(by_start[low], high) for low, high in bounds]


def _by_density(probed: tuple[int, int, int], high: int) -> float:
    rows, first, last = probed
    return float(rows) if rows < PROBE else (high - first + 1) * rows / (last - first + 1)
