"""The conditions of `where:` as SQLAlchemy expressions, and tables by their quoted names."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import quoted_name

from detectors.model import TableRef
from scanner.connectors.protocol import Where
from scanner.connectors.sql.composites import LeafColumn

_COMPARISONS = {
    "eq": operator.eq, "ne": operator.ne,
    "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
}


def table_clause(
    ref: TableRef, columns: Iterable[str], expressions: Mapping[str, str] | None = None,
) -> sa.TableClause:
    """Return a table with these columns, each once; its names are quoted as they stand.

    expressions: of columns that are leaves of composites, by name.
    """
    leaves = expressions or {}
    clauses = (
        LeafColumn(name, sql=leaves[name]) if name in leaves else sa.column(quoted_name(name, True))
        for name in dict.fromkeys(columns))
    return sa.table(quoted_name(ref.name, True), *clauses,
                    schema=quoted_name(ref.schema, True) if ref.schema else None)


def conditions_of(table: Any, where: Where) -> tuple[Any, ...]:
    """Return the comparisons of `where`, all of which must hold."""
    return tuple(
        _compare(table.c[column], comparison, value)
        for column, tests in where.items() for comparison, value in tests.items()
    )


def _compare(column: Any, comparison: str, value: Any) -> Any:
    if comparison == "in":
        return column.in_(list(value))
    if comparison == "is_null":
        return column.is_(None) if value else column.is_not(None)
    return _COMPARISONS[comparison](column, value)
