"""Apache Doris, by MySQL's protocol: a limit on each query, tablets drawn by TABLESAMPLE ... REPEATABLE."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from detectors.message import Msg
from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.dialects import Size, suffixed
from scanner.connectors.sql.dialects.mysql import DRIVER, EXTRA, arguments, information_schema

__all__ = ["DRIVER", "EXTRA", "arguments", "read_only", "sampled", "share_of", "tables"]
SQLGLOT = "doris"
ORDERED = False
SYSTEM = frozenset({"information_schema", "__internal_schema", "mysql", "_statistics_", "sys"})


def read_only(connection: sa.Connection, seconds: float) -> None:
    """No query runs longer than `seconds`; rights of the account keep it from writing, for there is no read-only session."""
    connection.execute(sa.text("SET query_timeout = :v"), {"v": max(1, int(seconds))})
    connection.commit()


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables and views of one database, or of all where the URL names none."""
    yield from information_schema(connection, database, SYSTEM, SQLGLOT)


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """Some tablets of every partition, from a place the seed says. Rows are spread over tablets by a hash, so one stands for many."""
    if size.rows is None or size.bytes is None or size.rows <= rows * 2:
        return None
    return (
        suffixed(table, f"TABLESAMPLE({rows * 4:d} ROWS) REPEATABLE {seed:d}"),
        (),
        Msg("TABLESAMPLE of tablets"),
    )


def share_of(value: Any, share: int) -> Any:
    """Which of `share` equal parts (a power of two) a text's hash falls into."""
    return sa.func.murmur_hash3_32(value).op("&")(sa.literal(share - 1, literal_execute=True))
