"""StarRocks, spoken to as MySQL: as Doris, but every row passes a random number, for it draws no tablets."""

from __future__ import annotations

from typing import Any

from scanner.connectors.sql.dialects import Size, mysql
from scanner.connectors.sql.dialects.doris import DRIVER, EXTRA, SYSTEM, arguments, read_only, share_of, tables

__all__ = ["DRIVER", "EXTRA", "SYSTEM", "arguments", "read_only", "share_of", "tables"]

SQLGLOT = "starrocks"
REPEATABLE = False                            # its rand() takes a seed for each thread


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """A random number decides on each row; a statement reads no further than it must."""
    return mysql.sampled(table, rows, Size(size.rows, size.bytes, False), seed)
