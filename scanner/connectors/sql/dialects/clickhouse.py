"""ClickHouse: readonly with limits on every query, bulk reads of the system tables, granules drawn by a hash of their number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from detectors.message import Msg
from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.catalogue import Catalogue, Listed
from scanner.connectors.sql.dialects import Size, connect_seconds, suffixed

DRIVER = "clickhousedb+connect"
EXTRA = "clickhouse"
SQLGLOT = "clickhouse"
ORDERED = False
SYSTEM = frozenset({"system", "INFORMATION_SCHEMA", "information_schema"})
GRANULE = 8_192                               # rows that are read together
OF_A_GRANULE = 64                             # rows taken of a granule that was drawn


def arguments(url: URL, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """Every query reads only (2: limits may still be set) and ends in time."""
    if url.get_driver_name() not in ("connect", ""):
        return {}
    return {"connect_timeout": connect_seconds(seconds), "send_receive_timeout": int(seconds) + 5,
            "settings": {"readonly": 2, "max_execution_time": int(seconds)}}


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables and views of one database, or of all where the URL names none."""
    known = {"database": database}
    found = Catalogue()
    columns = connection.execute(sa.text(
        "SELECT database, table, name, type, comment, is_in_primary_key, is_in_partition_key FROM system.columns "
        "WHERE (database = :database OR :database = '') AND database NOT IN ('system', 'INFORMATION_SCHEMA', 'information_schema') "
        "ORDER BY database, table, position"), known).all()
    found.add_columns((_at(d, database), t, n, kind, comment, kind.startswith(("Nullable", "LowCardinality(Nullable")))
                      for d, t, n, kind, comment, *_ in columns)
    found.add_primary((_at(d, database), t, n) for d, t, n, _, _, key, _ in columns if key)
    by: dict[tuple[str, str], list[str]] = {}
    for d, t, n, _, _, _, part in columns:
        if part:
            by.setdefault((d, t), []).append(n)
    parts = {(d, t): int(n) for d, t, n in connection.execute(sa.text(
        "SELECT database, table, uniqExact(partition_id) FROM system.parts WHERE active AND (database = :database OR :database = '') "
        "GROUP BY database, table"), known)}
    listed = connection.execute(sa.text(
        "SELECT database, name, engine, comment, total_rows, total_bytes, as_select FROM system.tables "
        "WHERE (database = :database OR :database = '') AND database NOT IN ('system', 'INFORMATION_SCHEMA', 'information_schema') "
        "AND NOT is_temporary AND NOT startsWith(name, '.inner')"), known)
    yield from found.tables(
        (Listed((_at(d, database), t), "view" if engine.endswith("View") else "table", comment or "", rows, size, text or "",
                partitioned_by=tuple(by.get((d, t), ())), partitions=parts.get((d, t)) if (d, t) in by else None)
         for d, t, engine, comment, rows, size, text in listed), SQLGLOT)


def _at(schema: str, database: str) -> str:
    return "" if schema == database else schema


def ways(connection: sa.Connection, database: str) -> Mapping[tuple[str, str], str]:
    """(database, table) -> `sampling key`, or `granules` of the MergeTree family."""
    told = connection.execute(sa.text(
        "SELECT database, name, engine, sampling_key FROM system.tables WHERE database = :database OR :database = ''"),
        {"database": database})
    return {(d, t): "sampling key" if key else "granules" for d, t, engine, key in told if re.search(r"MergeTree$", engine)}


def marks(connection: sa.Connection) -> Mapping[tuple[str, str], str]:
    """(database, table) -> which parts hold its rows; merging parts changes it too, and then the table is read once more."""
    told = connection.execute(sa.text(
        "SELECT database, table, toString(groupBitXor(cityHash64(name, rows))) FROM system.parts WHERE active GROUP BY database, table"))
    return {(d, t): str(mark) for d, t, mark in told}


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """SAMPLE where the table has a sampling key; else granules drawn by a hash of their place, and a few rows of each."""
    if size.rows is None or size.rows <= rows * 2 or not size.way:
        return None
    share = min(1.0, 1.3 * rows / size.rows)
    if size.way == "sampling key":
        offset = (seed * 0.618_033_988_7) % 1 * (1 - share)
        return suffixed(table, f"SAMPLE {share:.9f} OFFSET {offset:.9f}"), (), Msg("SAMPLE")
    part: Any = sa.literal_column("_part")
    place: Any = sa.literal_column("_part_offset")
    number = sa.literal(seed, literal_execute=True)
    thinned = min(1.0, max(share, 1.3 * OF_A_GRANULE / GRANULE))
    granules = sa.func.cityHash64(part, sa.func.intDiv(place, sa.literal(GRANULE, literal_execute=True)), number)
    within = sa.func.cityHash64(place, number)
    return (
        table,
        (_below(granules, min(1.0, share / thinned)), _below(within, thinned)),
        Msg("granules by their hash"),
    )


def _below(value: Any, share: float) -> Any:
    """Is a hash among the given share of all?"""
    return value % sa.literal(1_000_000, literal_execute=True) < sa.literal(max(1, round(share * 1_000_000)), literal_execute=True)


def share_of(value: Any, share: int) -> Any:
    """Which of `share` equal parts a text's hash falls into."""
    return sa.func.cityHash64(value) % sa.literal(share, literal_execute=True)
