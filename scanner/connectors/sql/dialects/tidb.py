"""TiDB, by MySQL's protocol: a limit on each query, ranges of an integer key, one row of every region by TABLESAMPLE REGIONS()."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from detectors.message import Msg
from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.dialects import Size, suffixed
from scanner.connectors.sql.dialects.mysql import DRIVER, EXTRA, SCANNED, SQLGLOT, arguments, information_schema, share_of
from scanner.connectors.sql.dialects.mysql import sampled as by_chance

__all__ = ["DRIVER", "EXTRA", "SQLGLOT", "arguments", "read_only", "sampled", "share_of", "tables"]
ORDERED = False
REPEATABLE = False                            # rand() follows the order in which regions answer
SYSTEM = frozenset({"information_schema", "mysql", "performance_schema", "sys", "metrics_schema"})


def read_only(connection: sa.Connection, seconds: float) -> None:
    """No query runs longer than `seconds`; rights of the account keep it from writing, for read-only sessions do nothing here."""
    connection.execute(sa.text("SET SESSION max_execution_time = :v"), {"v": int(seconds * 1000)})
    connection.commit()


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables and views of one database, or of all where the URL names none."""
    yield from information_schema(connection, database, SYSTEM, SQLGLOT)


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """A row of every region where a table is too large for a random number on each row; others by their key, or by chance."""
    if not size.keyed and size.rows is not None and size.rows > SCANNED:
        return suffixed(table, "TABLESAMPLE REGIONS()"), (), Msg("TABLESAMPLE {how}", how="REGIONS")
    return by_chance(table, rows, size, seed)
