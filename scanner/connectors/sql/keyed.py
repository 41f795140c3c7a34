"""The statements behind `ranges`: runs of rows along an integer key of a table."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import sqlalchemy as sa

from scanner.connectors.sql.ranges import RUNS, Bounds, parts, points

PROBE = 50                                    # rows from which the density of keys is told where the database cannot estimate


def along(
    connection: sa.Connection, rules: ModuleType | None, table: Any, key: str, identity: Sequence[str], columns: Sequence[str], rows: int,
    seed: int,
) -> list[Any] | None:
    """About `rows` rows from all over the table, in order of the key; None where keys are no integers or too few to draw among.

    identity: the columns that tell rows apart, `key` among them.
    """
    by = table.c[key]
    low, high = connection.execute(sa.select(sa.func.min(by), sa.func.max(by))).one()
    if not isinstance(low, int) or not isinstance(high, int) or high - low < rows:
        return None

    def inside(asked: Sequence[Bounds]) -> Sequence[float]:
        if rules is not None and hasattr(rules, "inside"):
            told: Sequence[float] = rules.inside(connection, table, key, asked)
            return told
        return [_probed(connection, by, a, b) for a, b in asked]

    runs = min(RUNS, rows)
    each = -(-rows // runs)
    found: dict[tuple[Any, ...], Any] = {}
    wanted = [table.c[c] for c in (*identity, *columns)]
    for start, (first, last) in points(parts(low, high, inside), runs, seed):
        run = connection.execute(sa.select(*wanted).where(by >= start, by <= last).order_by(by).limit(each)).all()
        if not run:                           # nothing behind the point in its part: what stands before it
            run = connection.execute(sa.select(*wanted).where(by >= first, by < start).order_by(by.desc()).limit(each)).all()
        for row in run:
            found.setdefault(tuple(row[: len(identity)]), row[len(identity) :])
    return [found[k] for k in sorted(found)][:rows]


def _probed(connection: sa.Connection, by: Any, low: int, high: int) -> float:
    """Rows in [low, high]: counted where they are few, else from the distance the first of them cover."""
    first = sa.select(by.label("k")).where(by >= low, by <= high).order_by(by).limit(PROBE).subquery()
    seen, end = connection.execute(sa.select(sa.func.count(), sa.func.max(first.c.k))).one()
    return float(seen) if seen < PROBE else seen * (high - low + 1) / (end - low + 1)
