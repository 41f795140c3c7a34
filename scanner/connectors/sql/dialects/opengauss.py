"""openGauss, GaussDB, Hologres, PolarDB 11: PostgreSQL's protocol with a catalogue older than PostgreSQL 12.

Written after their documents and tried on a new PostgreSQL alone: its catalogue still has what is asked.
Neither pages nor hidden rows are asked for: tables are sampled along an integer key or give their first rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.catalogue import ColumnsAndKeys, ListedTable
from scanner.connectors.sql.dialects.postgresql import (
    DRIVER,
    EXTRA,
    SQLGLOT,
    SYSTEM,
    arguments,
    prepare_engine,
    read_only,
    type_name,
)

__all__ = ["DRIVER", "EXTRA", "SQLGLOT", "arguments", "prepare_engine", "read_only", "tables"]
OF_SYSTEM = sorted(SYSTEM | {
    "blockchain", "cstore", "dbe_perf", "hologres", "pkg_service", "snapshot", "sys",
})
# a partition of a table is no table beside it; before PostgreSQL 10 there is none of kind p
_OF_TABLES = (
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace {more}"
    "WHERE n.nspname <> ALL(:system) AND n.nspname NOT LIKE 'pg\\_%' AND NOT EXISTS ("
    "SELECT 1 FROM pg_inherits i JOIN pg_class parent ON parent.oid = i.inhparent "
    "WHERE i.inhrelid = c.oid AND parent.relkind = 'p')"
)


def _statement(columns: str, more: str, conditions: str) -> Any:
    return sa.text(f"SELECT {columns} {_OF_TABLES.format(more=more)} {conditions}")


_COLUMNS = _statement(
    "n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), "
    "col_description(c.oid, a.attnum), NOT a.attnotnull",
    "JOIN pg_attribute a ON a.attrelid = c.oid ",
    "AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped "
    "ORDER BY 1, 2, a.attnum",
)
_PRIMARY_KEYS = _statement(
    "n.nspname, c.relname, a.attname",
    "JOIN pg_constraint k ON k.conrelid = c.oid JOIN pg_attribute a ON a.attrelid = c.oid ",
    "AND k.contype = 'p' AND a.attnum = ANY(k.conkey) ORDER BY 1, 2, a.attnum",
)
_TABLES = _statement(
    "n.nspname, c.relname, c.relkind, obj_description(c.oid, 'pg_class'), c.reltuples, "
    "c.relpages::bigint * current_setting('block_size')::bigint, "
    "CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END, pg_get_userbyid(c.relowner)",
    "", "AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1, 2",
)


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Yield tables and views of all schemas, with comments, primary keys and the planner's rows."""
    values = {"system": OF_SYSTEM}
    catalogue = ColumnsAndKeys()
    catalogue.add_columns(
        (schema, table, name, type_name(kind), comment, nullable)
        for schema, table, name, kind, comment, nullable in connection.execute(_COLUMNS, values))
    catalogue.add_primary(connection.execute(_PRIMARY_KEYS, values))
    listed = [
        ListedTable((schema, table), "view" if kind in "vm" else "table", comment or "",
                    rows if kind == "r" and rows > 0 else None, size or None, view or "", owner)
        for schema, table, kind, comment, rows, size, view, owner in connection.execute(_TABLES, values)
    ]
    yield from catalogue.tables(listed, SQLGLOT)
