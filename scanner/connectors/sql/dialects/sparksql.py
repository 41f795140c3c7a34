"""Spark SQL through its Thrift server: Hive's protocol, and one statement a database for the rest.

TABLESAMPLE reads every file here, whatever it says: PERCENT takes rows of all of them, ROWS are the first
ones, and a test on partitions does not pass through it. Partitions named in WHERE are read alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from detectors.model import Rows, Skipped, TableInfo
from scanner.connectors.sql.dialects import SampleClause, TableSize, hive
from scanner.connectors.sql.dialects.hive import SYSTEM, sampling_hint

__all__ = ["SYSTEM", "sampling_hint"]
DRIVER = "hive+chujing"
EXTRA = "hive"
SQLGLOT = "spark"
REPEATABLE = True
_PROPERTY_LINE = re.compile(r"^([A-Z][A-Za-z ]+): (.*?)(?=\n[A-Z][A-Za-z ]+: |\Z)", re.M | re.S)


def arguments(url: Any, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """Return what Hive's dialect does; the queue is a pool of the server's fair scheduler."""
    settings = hive.session_settings(options, ("spark.sql.thriftserver.scheduler.pool",))
    return hive.arguments(url, seconds, options) | {"settings": settings}


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Yield columns and comments by the protocol; the rest by SHOW TABLE EXTENDED of each database.

    The rest is owner, partition columns, statistics and view text.
    """
    listed = list(hive.list_tables(connection, database, SQLGLOT))
    properties: dict[tuple[str, str], Mapping[str, str]] = {}
    quote = connection.dialect.identifier_preparer.quote
    schemas = {info.ref.schema for info in listed if isinstance(info, TableInfo)}
    for schema in sorted(schemas - {""}):
        query = f"SHOW TABLE EXTENDED IN {quote(schema)} LIKE '*'".replace(":", r"\:")
        for row in connection.execute(sa.text(query)):
            properties[row[0], row[1]] = dict(_PROPERTY_LINE.findall(row[3]))
    for info in listed:
        if isinstance(info, TableInfo):
            yield _with_properties(info, properties.get((info.ref.schema, info.ref.name), {}))
        else:
            yield info


def _with_properties(info: TableInfo, properties: Mapping[str, str]) -> TableInfo:
    statistics = properties.get("Statistics", "")
    partition_columns = tuple(re.findall(r"`([^`]+)`", properties.get("Partition Columns", "")))
    size = re.search(r"(\d+) bytes", statistics)
    rows = re.search(r"(\d+) rows", statistics)
    changed = re.search(r"transient_lastDdlTime=(\d+)", properties.get("Table Properties", ""))
    return replace(
        info,
        rows=Rows(0, int(rows[1]), "statistics") if rows else info.rows,
        bytes=int(size[1]) if size else None,
        owner=properties.get("Owner", ""),
        partitioned_by=partition_columns,
        definition=properties.get("View Text", "").strip() if info.kind == "view" else "",
        fingerprint=f"{changed[1]} {statistics}" if changed and not partition_columns and size else "",
    )


def sample_clause(table: Any, rows: int, size: TableSize, seed: int) -> SampleClause | None:
    """Return rows of a few partitions; else a random number decides on each row, up to READABLE bytes."""
    if size.hint:
        return hive.sample_partitions(table, rows, size, seed)
    is_too_large = size.bytes is not None and size.bytes > hive.READABLE
    if size.rows is None or size.rows <= rows * 2 or is_too_large:
        return None
    return hive.sample_clause(table, rows, size, seed)
