"""OceanBase in MySQL mode: read-only sessions, a limit on each query, SAMPLE BLOCK ... SEED."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from detectors.message import Msg
from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.dialects import SampleClause, TableSize, inline, percent, suffixed
from scanner.connectors.sql.dialects.mysql import DRIVER, EXTRA, SQLGLOT, arguments, share_of
from scanner.connectors.sql.information_schema import list_tables

__all__ = ["DRIVER", "EXTRA", "SQLGLOT", "arguments", "read_only", "sample_clause", "share_of", "tables"]
ORDERED = False
SYSTEM = frozenset({
    "information_schema", "mysql", "oceanbase", "performance_schema", "sys", "__recyclebin", "__public"})
BLOCK = 16_384                                # bytes of a block
OF_A_BLOCK = 16                               # rows of the sample that one block gives
MOST = 0.7                                    # share of the rows above which all rows of the blocks are read


def read_only(connection: sa.Connection, seconds: float) -> None:
    """Let this session read only, and no query run longer than `seconds`."""
    connection.execute(sa.text("SET SESSION TRANSACTION READ ONLY"))
    connection.execute(sa.text("SET SESSION ob_query_timeout = :v"), {"v": int(seconds * 1_000_000)})
    connection.commit()


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Yield tables and views of one database, or of all where the URL names none."""
    yield from list_tables(connection, database, SYSTEM, SQLGLOT)


def sample_clause(table: Any, rows: int, size: TableSize, seed: int) -> SampleClause | None:
    """Return random blocks, and of these rows by chance.

    Where half of the blocks would be needed, rows of all of them.
    """
    if size.rows is None or size.bytes is None or size.rows <= rows * 2:
        return None
    blocks, needed = max(1, size.bytes // BLOCK), max(1, -(-rows // OF_A_BLOCK))
    if needed * 2 >= blocks:
        sample = suffixed(table, f"SAMPLE ({percent(1.3 * rows / size.rows):f}) SEED ({seed})")
        return SampleClause(sample, (), Msg("SAMPLE"))
    share = 1.3 * needed / blocks
    sample = suffixed(table, f"SAMPLE BLOCK ({percent(share):f}) SEED ({seed})")
    share_of_block = min(1.0, 1.3 * rows / (size.rows * share))
    is_chosen = sa.func.rand(inline(seed)) < inline(share_of_block)
    conditions = () if share_of_block > MOST else (is_chosen,)
    return SampleClause(sample, conditions, Msg("SAMPLE {how}", how="BLOCK"))
