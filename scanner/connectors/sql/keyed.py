"""The statements behind `ranges`: runs of rows along an integer key of a table."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import sqlalchemy as sa

from scanner.connectors.sql.ranges import RUNS, Bounds, parts, points

TOGETHER = 32                                 # places that one statement asks for
PROBE = 50                                    # rows from which the density of keys is told where the database cannot estimate


def along(
    connection: sa.Connection, rules: ModuleType | None, table: Any, key: str, identity: Sequence[str], columns: Sequence[str], rows: int,
    seed: int,
) -> list[Any] | None:
    """About `rows` rows from all over the table, in order of the key; None where keys are no integers or too few to draw among.

    identity: the columns that tell rows apart, `key` among them.
    """
    by = table.c[key]
    whole = _ends(connection, by)
    if whole is None or whole[1] - whole[0] < rows:
        return None
    low, high = whole

    def inside(asked: Sequence[Bounds]) -> Sequence[float]:
        if rules is not None and hasattr(rules, "inside"):
            told: Sequence[float] = rules.inside(connection, table, key, asked)
            return told
        return [_probed(connection, by, a, b) for a, b in asked]

    cut = parts(low, high, inside)
    ends = _together(connection, [
        sa.select(sa.literal(i).label("i"), sa.func.min(by).label("low"), sa.func.max(by).label("high")).where(by >= a, by <= b)
        for i, ((a, b), _) in enumerate(cut)])
    filled = sorted(((first, last), cut[i][1]) for i, first, last in ends if first is not None)
    runs = min(RUNS, rows)
    wanted = [table.c[c].label(f"c{i}") for i, c in enumerate((*identity, *columns))]
    drawn = _together(connection, [
        sa.select(*wanted).where(by >= start, by <= last).order_by(by).limit(-(-rows // runs))
        for start, (_, last) in points(filled, runs, seed)]) if filled else []
    found = {tuple(row[: len(identity)]): row[len(identity) :] for row in drawn}
    return [found[k] for k in sorted(found)][:rows]


def _together(connection: sa.Connection, selects: Sequence[Any]) -> list[Any]:
    """Rows of many selects, TOGETHER of them to a statement."""
    rows: list[Any] = []
    for start in range(0, len(selects), TOGETHER):
        each = [s.subquery(f"p{i}") for i, s in enumerate(selects[start : start + TOGETHER])]
        rows += connection.execute(sa.union_all(*(sa.select(*p.c) for p in each))).all()
    return rows


def _ends(connection: sa.Connection, by: Any) -> Bounds | None:
    """Smallest and largest key; None where there is none, or where they are no integers."""
    first, last = connection.execute(sa.select(sa.func.min(by), sa.func.max(by))).one()
    return (first, last) if isinstance(first, int) and isinstance(last, int) else None


def _probed(connection: sa.Connection, by: Any, low: int, high: int) -> float:
    """Rows in [low, high]: counted where they are few, else from how densely keys lie at both ends and in the middle.

    Too high where the ends are dense and the middle is not: such a range is halved again, and its parts are told better.
    """
    within = (by >= low, by <= high)
    first = _run(connection, by, by.asc(), *within)
    if len(first) < PROBE:
        return float(len(first))
    last = _run(connection, by, by.desc(), *within)
    middle = _run(connection, by, by.asc(), by >= (first[0] + last[0]) // 2, by <= high)
    densities = [len(keys) / (abs(keys[-1] - keys[0]) + 1) for keys in (first, middle, last) if keys]
    return (last[0] - first[0] + 1) * sum(densities) / len(densities)


def _run(connection: sa.Connection, by: Any, order: Any, *within: Any) -> list[int]:
    return list(connection.execute(sa.select(by).where(*within).order_by(order).limit(PROBE)).scalars())
