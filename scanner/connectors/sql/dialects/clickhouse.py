"""ClickHouse: read-only settings, a time limit for every query, sizes from system.tables, SAMPLE or the hash of the sorting key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.catalogue import Catalogue, Listed
from scanner.connectors.sql.dialects import Size, connect_seconds, suffixed

DRIVER = "clickhousedb"
EXTRA = "clickhouse"
SQLGLOT = "clickhouse"
SYSTEM = ("system", "information_schema", "INFORMATION_SCHEMA")
GRACE = 5                                     # seconds beyond a query's own limit until its connection is given up


def arguments(url: URL, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """readonly=2: nothing is written, settings may be set."""
    return {"connect_timeout": connect_seconds(seconds), "send_receive_timeout": int(seconds) + GRACE,
            "settings": {"readonly": 2, "max_execution_time": max(1, int(seconds))}}


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables and views of one database, or of all where the URL names none."""

    def at(schema: str, table: str) -> tuple[str, str]:
        return "" if schema == database else schema, table

    def of(name: str, *columns: str) -> Any:
        view = sa.table(name, *(sa.column(c) for c in columns), schema="system")
        return sa.select(*view.c).where(view.c.database == database if database else view.c.database.not_in(SYSTEM))

    found = Catalogue()
    columns = connection.execute(of("columns", "database", "table", "name", "type", "comment", "is_in_primary_key", "is_in_partition_key",
                                    "position").order_by(sa.column("database"), sa.column("table"), sa.column("position"))).all()
    found.add_columns((*at(s, t), n, kind, comment, kind.startswith("Nullable")) for s, t, n, kind, comment, *_ in columns)
    found.add_primary((*at(s, t), n) for s, t, n, _, _, key, *_ in columns if key)
    parted: dict[tuple[str, str], list[str]] = {}
    for s, t, n, _, _, _, part, _ in columns:
        if part:
            parted.setdefault(at(s, t), []).append(n)
    listed = connection.execute(of("tables", "database", "name", "engine", "comment", "total_rows", "total_bytes", "as_select"))
    yield from found.tables(
        (Listed(at(s, t), "view" if engine in ("View", "LiveView", "WindowView") else "table", comment or "", rows, size, view or "",
                partitioned_by=tuple(parted.get(at(s, t), ())))
         for s, t, engine, comment, rows, size, view in listed), SQLGLOT)


def marks(connection: sa.Connection) -> Mapping[tuple[str, str], str]:
    """(database, table) -> rows and latest change of its parts; merging parts counts as a change."""
    query = sa.text("SELECT database, table, concat(toString(sum(rows)), ' ', toString(max(modification_time))) FROM system.parts "
                    "WHERE active GROUP BY database, table")
    return {(s, t): str(m) for s, t, m in connection.execute(query)}


def ways(connection: sa.Connection, database: str) -> Mapping[tuple[str, str], str]:
    """(database, table) -> `sample` where the table has a sampling key, else the columns of its sorting key."""
    query = sa.text("SELECT database, name, sampling_key, sorting_key FROM system.tables WHERE engine LIKE '%MergeTree'")
    return {(s, t): "sample" if by else key for s, t, by, key in connection.execute(query)}


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """SAMPLE reads the drawn part only; a hash of the sorting key reads these columns whole and the others where it falls right."""
    if size.rows is None or size.rows <= rows * 2:
        return None
    share = min(1.0, 1.3 * rows / size.rows)
    if size.way == "sample":
        offset = (seed * 0.6180339887) % 1 * (1 - share)
        return suffixed(table, f"SAMPLE {share:.9f} OFFSET {offset:.9f}"), (), "SAMPLE"
    key = [c.strip("` ") for c in size.way.split(",")]
    if not size.way or not all(re.fullmatch(r"[A-Za-z_]\w*", c) for c in key):
        return None
    parts = max(1, round(1 / share))
    place = sa.func.cityHash64(sa.literal(seed, literal_execute=True), *(sa.column(c) for c in key))
    return table, (place % sa.literal(parts, literal_execute=True) == sa.literal(0, literal_execute=True),), "hash of the sorting key"


def share_of(value: Any, share: int) -> Any:
    """Which of `share` equal parts a text's hash falls into."""
    return sa.func.cityHash64(value) % sa.literal(share, literal_execute=True)
