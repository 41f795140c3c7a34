"""Tables of the databases that speak MySQL's protocol, by one statement a view of information_schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.catalogue import ColumnsAndKeys, ListedTable, TableKey

_Partitioning = tuple[tuple[str, ...], int | None]            # partition columns, how many partitions
_NOT_PARTITIONED: _Partitioning = ((), None)


@dataclass(frozen=True, slots=True)
class _Views:
    """The views of information_schema, limited to one database, or to all but those of the system."""

    database: str
    system: frozenset[str]

    def select(self, name: str, *columns: str) -> tuple[Any, Any]:
        """Return a view, and a select of these columns of the rows that count."""
        view = sa.table(name, *(sa.column(c) for c in columns), schema="information_schema")
        schema = view.c.table_schema
        is_ours = schema == self.database if self.database else schema.not_in(sorted(self.system))
        return view, sa.select(*view.c).where(is_ours)

    def key(self, schema: str, table: str) -> TableKey:
        """Return a table as its ref has it: without a schema in the URL's own database."""
        return "" if schema == self.database else schema, table


def list_tables(
    connection: sa.Connection, database: str, system: frozenset[str], dialect: str,
) -> Iterator[TableInfo | Skipped]:
    """Yield tables and views of one database, or of all where the URL names none.

    system: schemas that are left out. dialect: sqlglot's name of it.
    """
    views = _Views(database, system)
    catalogue = ColumnsAndKeys()
    _add_columns(catalogue, connection, views)
    _add_keys(catalogue, connection, views)
    _, query = views.select("views", "table_schema", "table_name", "view_definition")
    definitions = {views.key(schema, table): text for schema, table, text in connection.execute(query)}
    partitioning = _partitioning(connection, views)
    _, query = views.select("tables", "table_schema", "table_name", "table_type", "table_comment",
                            "table_rows", "data_length", "update_time")
    listed = []
    for schema, table, kind, comment, rows, size, changed in connection.execute(query):
        if kind == "SEQUENCE":
            continue
        key, is_view = views.key(schema, table), "VIEW" in kind
        listed.append(ListedTable(
            key, "view" if is_view else "table", "" if is_view else comment or "", rows, size,
            definitions.get(key) or "", "", str(changed or "")[:10],
            *partitioning.get(key, _NOT_PARTITIONED)))
    yield from catalogue.tables(listed, dialect)


def _add_columns(catalogue: ColumnsAndKeys, connection: sa.Connection, views: _Views) -> None:
    view, query = views.select("columns", "table_schema", "table_name", "column_name", "column_type",
                               "column_comment", "is_nullable")
    rows = connection.execute(query.order_by(view.c.table_name, sa.column("ordinal_position")))
    catalogue.add_columns(
        (*views.key(schema, table), name, kind, comment, nullable == "YES")
        for schema, table, name, kind, comment, nullable in rows)


def _add_keys(catalogue: ColumnsAndKeys, connection: sa.Connection, views: _Views) -> None:
    view, query = views.select(
        "key_column_usage", "table_schema", "table_name", "column_name", "constraint_name",
        "referenced_table_schema", "referenced_table_name", "referenced_column_name")
    query = query.order_by(view.c.table_name, view.c.constraint_name, sa.column("ordinal_position"))
    keys = connection.execute(query).all()
    catalogue.add_primary(
        (*views.key(schema, table), column) for schema, table, column, name, *_ in keys if name == "PRIMARY")
    catalogue.add_foreign(
        (*views.key(schema, table), name, column, *views.key(target_schema, target), target_column)
        for schema, table, column, name, target_schema, target, target_column in keys if target is not None)


def _partitioning(connection: sa.Connection, views: _Views) -> Mapping[TableKey, _Partitioning]:
    """Return partition columns and the number of partitions by table; empty where the server tells none."""
    view, query = views.select("partitions", "table_schema", "table_name", "partition_expression",
                               "subpartition_expression")
    query = query.where(sa.column("partition_name").is_not(None))
    query = query.add_columns(sa.func.count()).group_by(*view.c)
    partitioning: dict[TableKey, _Partitioning] = {}
    try:
        for schema, table, expression, sub_expression, count in connection.execute(query):
            quoted = re.findall(r"`([^`]+)`", f"{expression or ''},{sub_expression or ''}")
            columns = quoted or [e for e in (expression, sub_expression) if e]
            partitioning[views.key(schema, table)] = tuple(dict.fromkeys(columns)), int(count)
    except DBAPIError:                        # not all who speak this protocol have the view
        connection.rollback()
    return partitioning
