"""Spark SQL through its Thrift server: Hive's protocol, and one statement a database for what that leaves out.

TABLESAMPLE reads every file here, whatever it says: PERCENT draws rows of all of them, ROWS are the first ones, and a test on partitions
does not pass through it. Partitions named in WHERE are read alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from detectors.model import Rows, Skipped, TableInfo
from scanner.connectors.sql.dialects import Size, hive
from scanner.connectors.sql.dialects.hive import SYSTEM, way

__all__ = ["SYSTEM", "way"]
DRIVER = "hive+chujing"
EXTRA = "hive"
SQLGLOT = "spark"
REPEATABLE = True
_SAID = re.compile(r"^([A-Z][A-Za-z ]+): (.*?)(?=\n[A-Z][A-Za-z ]+: |\Z)", re.M | re.S)


def arguments(url: Any, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """As for Hive; the queue is a pool of the server's fair scheduler."""
    return hive.arguments(url, seconds, options) | {"settings": hive.settings(options, ("spark.sql.thriftserver.scheduler.pool",))}


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Columns and comments by the protocol; owner, partition columns, statistics and view text by SHOW TABLE EXTENDED of each database."""
    found = list(hive.listed(connection, database, SQLGLOT))
    told: dict[tuple[str, str], Mapping[str, str]] = {}
    quote = connection.dialect.identifier_preparer.quote
    for schema in sorted({t.ref.schema for t in found if isinstance(t, TableInfo) and t.ref.schema}):
        for row in connection.execute(sa.text(f"SHOW TABLE EXTENDED IN {quote(schema)} LIKE '*'".replace(":", r"\:"))):
            told[row[0], row[1]] = dict(_SAID.findall(row[3]))
    for info in found:
        yield _with(info, told.get((info.ref.schema, info.ref.name), {})) if isinstance(info, TableInfo) else info


def _with(info: TableInfo, said: Mapping[str, str]) -> TableInfo:
    keys = tuple(re.findall(r"`([^`]+)`", said.get("Partition Columns", "")))
    size = re.search(r"(\d+) bytes", said.get("Statistics", ""))
    rows = re.search(r"(\d+) rows", said.get("Statistics", ""))
    changed = re.search(r"transient_lastDdlTime=(\d+)", said.get("Table Properties", ""))
    return replace(
        info, rows=Rows(0, int(rows[1]), "statistics") if rows else info.rows, bytes=int(size[1]) if size else None,
        owner=said.get("Owner", ""), partitioned_by=keys, definition=said.get("View Text", "").strip() if info.kind == "view" else "",
        fingerprint=f"{changed[1]} {said.get('Statistics', '')}" if changed and not keys and size else "",
    )


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """Rows of a few partitions; else a random number decides on each row, up to READABLE bytes."""
    if size.way:
        return hive.of_partitions(table, rows, size, seed)
    if size.rows is None or size.rows <= rows * 2 or size.bytes is not None and size.bytes > hive.READABLE:
        return None
    return hive.sampled(table, rows, size, seed)
