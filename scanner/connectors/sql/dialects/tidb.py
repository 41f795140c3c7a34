"""TiDB, by MySQL's protocol: a limit on each query, ranges of an integer key, one row of every region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from detectors.message import Msg
from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.dialects import SampleClause, TableSize, mysql, suffixed
from scanner.connectors.sql.dialects.mysql import DRIVER, EXTRA, SCANNED, SQLGLOT, arguments, share_of
from scanner.connectors.sql.information_schema import list_tables

__all__ = ["DRIVER", "EXTRA", "SQLGLOT", "arguments", "read_only", "sample_clause", "share_of", "tables"]
ORDERED = False
REPEATABLE = False                            # rand() follows the order in which regions answer
SYSTEM = frozenset({"information_schema", "mysql", "performance_schema", "sys", "metrics_schema"})


def read_only(connection: sa.Connection, seconds: float) -> None:
    """Let no query run longer than `seconds`.

    Read-only sessions do nothing here, so the account must not write.
    """
    connection.execute(sa.text("SET SESSION max_execution_time = :v"), {"v": int(seconds * 1000)})
    connection.commit()


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Yield tables and views of one database, or of all where the URL names none."""
    yield from list_tables(connection, database, SYSTEM, SQLGLOT)


def sample_clause(table: Any, rows: int, size: TableSize, seed: int) -> SampleClause | None:
    """Return a row of every region where a table is too large for a random number on each row.

    Else as MySQL.
    """
    if not size.has_integer_key and size.rows is not None and size.rows > SCANNED:
        regions = suffixed(table, "TABLESAMPLE REGIONS()")
        return SampleClause(regions, (), Msg("TABLESAMPLE {how}", how="REGIONS"))
    return mysql.sample_clause(table, rows, size, seed)
