"""TiDB, spoken to as MySQL: a time limit for every statement, the MySQL catalogue, one row of every region of a very large table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.dialects import Size, mysql, suffixed
from scanner.connectors.sql.dialects.mysql import arguments, share_of

__all__ = ["arguments", "share_of"]

DRIVER = "mysql+pymysql"
EXTRA = "mysql"
SQLGLOT = "mysql"
SYSTEM = mysql.SYSTEM | {"metrics_schema", "inspection_schema"}
REGION = 96 << 20                             # bytes of a region, as it is split by default


def read_only(connection: sa.Connection, seconds: float) -> None:
    """No session of TiDB only reads: nothing but SELECT is sent. No SELECT runs longer than `seconds`."""
    connection.execute(sa.text("SET SESSION max_execution_time = :v"), {"v": int(seconds * 1000)})


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables and views of one database, or of all where the URL names none."""
    yield from mysql.information_schema(connection, database, SYSTEM, SQLGLOT)


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """Where regions are many, their first rows; else along an integer key, or a random number for each row."""
    if size.bytes is not None and size.bytes // REGION >= max(1, rows // 4):
        return suffixed(table, "TABLESAMPLE REGIONS()"), (), "first rows of all regions"
    return mysql.sampled(table, rows, size, seed)
