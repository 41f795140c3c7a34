"""ClickHouse: readonly, limits on every query, bulk reads of the system tables, granules by a hash."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from detectors.message import Msg
from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.catalogue import ColumnsAndKeys, ListedTable
from scanner.connectors.sql.dialects import SampleClause, TableSize, connect_seconds, inline, suffixed

DRIVER = "clickhousedb+connect"
EXTRA = "clickhouse"
SQLGLOT = "clickhouse"
ORDERED = False
SYSTEM = frozenset({"system", "INFORMATION_SCHEMA", "information_schema"})
GRANULE = 8_192                               # rows that are read together
OF_A_GRANULE = 64                             # rows of the sample that one granule gives
PARTS = 1_000_000                             # of a hash, by which a share is chosen
_NULLABLE = ("Nullable", "LowCardinality(Nullable")           # how types begin whose cells may be null
_COLUMNS = sa.text(
    "SELECT database, table, name, type, comment, is_in_primary_key, is_in_partition_key FROM system.columns "
    "WHERE (database = :database OR :database = '') "
    "AND database NOT IN ('system', 'INFORMATION_SCHEMA', 'information_schema') "
    "ORDER BY database, table, position")
_PARTITIONS = sa.text(
    "SELECT database, table, uniqExact(partition_id) FROM system.parts "
    "WHERE active AND (database = :database OR :database = '') GROUP BY database, table")
_TABLES = sa.text(
    "SELECT database, name, engine, comment, total_rows, total_bytes, as_select FROM system.tables "
    "WHERE (database = :database OR :database = '') "
    "AND database NOT IN ('system', 'INFORMATION_SCHEMA', 'information_schema') "
    "AND NOT is_temporary AND NOT startsWith(name, '.inner')")
_SAMPLING_KEYS = sa.text(
    "SELECT database, name, engine, sampling_key FROM system.tables WHERE database = :database "
    "OR :database = ''")
_PART_HASHES = sa.text(
    "SELECT database, table, toString(groupBitXor(cityHash64(name, rows))) FROM system.parts "
    "WHERE active GROUP BY database, table")


def arguments(url: URL, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """Return limits: every query only reads (2: settings may still be changed) and ends in time."""
    if url.get_driver_name() not in ("connect", ""):
        return {}
    return {"connect_timeout": connect_seconds(seconds), "send_receive_timeout": int(seconds) + 5,
            "settings": {"readonly": 2, "max_execution_time": int(seconds)}}


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Yield tables and views of one database, or of all where the URL names none."""
    values = {"database": database}
    columns = connection.execute(_COLUMNS, values).all()
    catalogue = ColumnsAndKeys()
    catalogue.add_columns(
        (_schema(db, database), table, name, kind, comment, kind.startswith(_NULLABLE))
        for db, table, name, kind, comment, *_ in columns)
    catalogue.add_primary(
        (_schema(db, database), table, name)
        for db, table, name, _, _, is_primary, _ in columns if is_primary)
    partition_columns: dict[tuple[str, str], list[str]] = {}
    for db, table, name, _, _, _, is_partitioning in columns:
        if is_partitioning:
            partition_columns.setdefault((db, table), []).append(name)
    partitions = {(db, table): int(n) for db, table, n in connection.execute(_PARTITIONS, values)}
    listed = [
        ListedTable(
            (_schema(db, database), table), "view" if engine.endswith("View") else "table", comment or "",
            rows, size, text or "", partitioned_by=tuple(partition_columns.get((db, table), ())),
            partitions=partitions.get((db, table)) if (db, table) in partition_columns else None)
        for db, table, engine, comment, rows, size, text in connection.execute(_TABLES, values)
    ]
    yield from catalogue.tables(listed, SQLGLOT)


def _schema(database: str, own: str) -> str:
    """Return the schema of a table's ref: empty in the database that the URL names."""
    return "" if database == own else database


def sampling_hints(connection: sa.Connection, database: str) -> Mapping[tuple[str, str], str]:
    """Return (database, table) -> `sampling key`, or `granules` of the MergeTree family."""
    rows = connection.execute(_SAMPLING_KEYS, {"database": database})
    return {(db, table): "sampling key" if key else "granules"
            for db, table, engine, key in rows if re.search(r"MergeTree$", engine)}


def marks(connection: sa.Connection) -> Mapping[tuple[str, str], str]:
    """Return (database, table) -> which parts hold its rows.

    Merging parts changes it too, and then the table is read once more.
    """
    return {(db, table): str(mark) for db, table, mark in connection.execute(_PART_HASHES)}


def sample_clause(table: Any, rows: int, size: TableSize, seed: int) -> SampleClause | None:
    """Return SAMPLE where the table has a sampling key.

    Else granules by a hash of their place, a few rows of each.
    """
    if size.rows is None or size.rows <= rows * 2 or not size.hint:
        return None
    share = min(1.0, 1.3 * rows / size.rows)
    if size.hint == "sampling key":
        offset = (seed * 0.618_033_988_7) % 1 * (1 - share)
        sample = suffixed(table, f"SAMPLE {share:.9f} OFFSET {offset:.9f}")
        return SampleClause(sample, (), Msg("SAMPLE"))
    part: Any = sa.literal_column("_part")
    place: Any = sa.literal_column("_part_offset")
    share_of_granule = min(1.0, max(share, 1.3 * OF_A_GRANULE / GRANULE))
    granule = sa.func.cityHash64(part, sa.func.intDiv(place, inline(GRANULE)), inline(seed))
    row = sa.func.cityHash64(place, inline(seed))
    conditions = (
        _share_condition(granule, min(1.0, share / share_of_granule)),
        _share_condition(row, share_of_granule),
    )
    return SampleClause(table, conditions, Msg("granules by their hash"))


def _share_condition(value: Any, share: float) -> Any:
    """Return the condition that a hash is among this share of all."""
    return value % inline(PARTS) < inline(max(1, round(share * PARTS)))


def share_of(value: Any, share: int) -> Any:
    """Return which of `share` equal parts a text's hash falls into."""
    return sa.func.cityHash64(value) % inline(share)
