"""Apache Doris, by MySQL's protocol: a limit on each query, tablets drawn by TABLESAMPLE ... REPEATABLE."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from detectors.message import Msg
from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.dialects import SampleClause, TableSize, inline, suffixed
from scanner.connectors.sql.dialects.mysql import DRIVER, EXTRA, arguments
from scanner.connectors.sql.information_schema import list_tables

__all__ = ["DRIVER", "EXTRA", "arguments", "read_only", "sample_clause", "share_of", "tables"]
SQLGLOT = "doris"
ORDERED = False
SYSTEM = frozenset({"information_schema", "__internal_schema", "mysql", "_statistics_", "sys"})


def read_only(connection: sa.Connection, seconds: float) -> None:
    """Let no query run longer than `seconds`.

    There is no read-only session, so the account must not write.
    """
    connection.execute(sa.text("SET query_timeout = :v"), {"v": max(1, int(seconds))})
    connection.commit()


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Yield tables and views of one database, or of all where the URL names none."""
    yield from list_tables(connection, database, SYSTEM, SQLGLOT)


def sample_clause(table: Any, rows: int, size: TableSize, seed: int) -> SampleClause | None:
    """Return some tablets of every partition, the first of which the seed chooses.

    Rows are spread over tablets by a hash, so one stands for many.
    """
    if size.rows is None or size.bytes is None or size.rows <= rows * 2:
        return None
    tablets = suffixed(table, f"TABLESAMPLE({rows * 4:d} ROWS) REPEATABLE {seed:d}")
    return SampleClause(tablets, (), Msg("TABLESAMPLE of tablets"))


def share_of(value: Any, share: int) -> Any:
    """Return which of `share` equal parts (a power of two) a text's hash falls into."""
    return sa.func.murmur_hash3_32(value).op("&")(inline(share - 1))
