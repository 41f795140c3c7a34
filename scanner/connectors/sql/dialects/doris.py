"""Apache Doris, spoken to as MySQL: a time limit for every query, the MySQL catalogue, tablets by TABLESAMPLE ... REPEATABLE."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.dialects import Size, percent, suffixed
from scanner.connectors.sql.dialects.mysql import arguments, information_schema

__all__ = ["arguments"]

DRIVER = "mysql+pymysql"
EXTRA = "mysql"
SQLGLOT = "doris"
SYSTEM = frozenset({"information_schema", "mysql", "__internal_schema", "_statistics_", "sys"})


def read_only(connection: sa.Connection, seconds: float) -> None:
    """No session of Doris only reads: nothing but SELECT is sent. No query runs longer than `seconds`."""
    connection.execute(sa.text("SET query_timeout = :v"), {"v": max(1, int(seconds))})


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables and views of one database, or of all where the URL names none."""
    yield from information_schema(connection, database, SYSTEM, SQLGLOT)


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """Tablets of the table, and as much of them as is needed."""
    if size.rows is None or size.rows <= rows * 2:
        return None
    share = max(1, round(percent(2 * rows / size.rows)))      # whole per cent
    return suffixed(table, f"TABLESAMPLE({share} PERCENT) REPEATABLE {seed}"), (), "TABLESAMPLE"


def share_of(value: Any, share: int) -> Any:
    """Which of `share` equal parts a text's hash falls into."""
    return sa.func.murmur_hash3_64(value).op("&")(sa.literal(share - 1, literal_execute=True))
