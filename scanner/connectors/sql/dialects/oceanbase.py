"""OceanBase in MySQL mode: read-only transactions, a time limit for every statement, random blocks by SAMPLE BLOCK ... SEED."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.dialects import Size, mysql, percent, suffixed
from scanner.connectors.sql.dialects.mysql import arguments, share_of

__all__ = ["arguments", "share_of"]

DRIVER = "mysql+pymysql"
EXTRA = "mysql"
SQLGLOT = "mysql"
SYSTEM = mysql.SYSTEM | {"oceanbase", "__recyclebin", "__public", "lbacsys", "oraauditor"}


def read_only(connection: sa.Connection, seconds: float) -> None:
    """This session reads only, and no statement runs longer than `seconds`."""
    connection.execute(sa.text("SET SESSION TRANSACTION READ ONLY"))
    connection.execute(sa.text("SET SESSION ob_query_timeout = :v"), {"v": int(seconds * 1_000_000)})
    connection.commit()


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables and views of one database, or of all where the URL names none."""
    yield from mysql.information_schema(connection, database, SYSTEM, SQLGLOT)


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """Random blocks of a table without an integer key; others go by the key."""
    if size.keyed or size.rows is None or size.rows <= rows * 2:
        return None
    return suffixed(table, f"SAMPLE BLOCK ({percent(2 * rows / size.rows):.6f}) SEED ({seed})"), (), "SAMPLE BLOCK"
