"""OceanBase in MySQL mode: read-only sessions, a limit on each query, SAMPLE BLOCK ... SEED."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from detectors.message import Msg
from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.dialects import Size, percent, suffixed
from scanner.connectors.sql.dialects.mysql import DRIVER, EXTRA, SQLGLOT, arguments, information_schema, share_of

__all__ = ["DRIVER", "EXTRA", "SQLGLOT", "arguments", "read_only", "sampled", "share_of", "tables"]
ORDERED = False
SYSTEM = frozenset({"information_schema", "mysql", "oceanbase", "performance_schema", "sys", "__recyclebin", "__public"})
BLOCK = 16_384                                # bytes of a block
OF_A_BLOCK = 16                               # rows wanted of a block that was drawn


def read_only(connection: sa.Connection, seconds: float) -> None:
    """This session reads only, and no query runs longer than `seconds`."""
    connection.execute(sa.text("SET SESSION TRANSACTION READ ONLY"))
    connection.execute(sa.text("SET SESSION ob_query_timeout = :v"), {"v": int(seconds * 1_000_000)})
    connection.commit()


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables and views of one database, or of all where the URL names none."""
    yield from information_schema(connection, database, SYSTEM, SQLGLOT)


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """Blocks drawn at random, and of these rows by chance; rows of all blocks where half of them would be needed."""
    if size.rows is None or size.bytes is None or size.rows <= rows * 2:
        return None
    blocks, wanted = max(1, size.bytes // BLOCK), max(1, -(-rows // OF_A_BLOCK))
    if wanted * 2 >= blocks:
        return (
            suffixed(table, f"SAMPLE ({percent(1.3 * rows / size.rows):f}) SEED ({seed})"),
            (),
            Msg("SAMPLE"),
        )
    share = 1.3 * wanted / blocks
    drawn = suffixed(table, f"SAMPLE BLOCK ({percent(share):f}) SEED ({seed})")
    kept = min(1.0, 1.3 * rows / (size.rows * share))
    tests = () if kept > 0.7 else (sa.func.rand(sa.literal(seed, literal_execute=True)) < sa.literal(kept, literal_execute=True),)
    return drawn, tests, Msg("SAMPLE {how}", how="BLOCK")
