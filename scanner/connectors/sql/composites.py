"""Composites of a database as dotted columns, as files have them: `person.mobile`, `orders[].phone`.

A leaf is asked for by an expression of the dialect and called by its dotted name; statements use it like a
column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from detectors.model import ColumnInfo, TableInfo
from scanner.connectors.files.nested import Steps, names
from scanner.connectors.sql.catalogue import type_name

DEPTH = 8                                     # levels of composites that are followed


@dataclass(frozen=True, slots=True)
class InnerValue:
    """A value inside of a composite. path: from the column on. expression: SQL that gives it."""

    path: Steps
    type: str
    expression: str


class LeafColumn(sa.ColumnClause[Any]):
    """A leaf where statements have columns; by `_constructor` SQLAlchemy copies it into samples."""

    inherit_cache = False

    def __init__(self, name: Any, *rest: Any, sql: str = "", **parts: Any) -> None:
        super().__init__(name, *rest, **parts)
        self.sql = sql

    @property
    def _constructor(self) -> Any:            # type: ignore[override]
        return partial(LeafColumn, sql=self.sql)


@compiles(LeafColumn)
def _compile(element: LeafColumn, compiler: Any, **kw: Any) -> str:
    return str(compiler.escape_literal_column(element.sql))


def quoted(name: str) -> str:
    """Return a name as it stands in an expression.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def with_leaves(
    info: TableInfo, leaves: Mapping[str, Iterable[InnerValue]],
) -> tuple[TableInfo, Mapping[str, str]]:
    """Return a table with the leaves of its composites in their place, and their expressions by name.

    leaves: by the name of the column.
    """
    columns: list[ColumnInfo] = []
    expressions: dict[Steps, str] = {}
    for column in info.columns:
        inner = list(leaves.get(column.name, ()))
        columns += [replace(column, type=type_name(leaf.type), path=leaf.path) for leaf in inner] or [column]
        expressions |= {leaf.path: leaf.expression for leaf in inner}
    name_of = names(column.parts for column in columns)
    columns = [replace(column, name=name_of[column.parts]) for column in columns]
    by_name = {name_of[path]: expression for path, expression in expressions.items()}
    return replace(info, columns=tuple(columns)), by_name
