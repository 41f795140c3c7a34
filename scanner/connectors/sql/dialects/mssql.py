"""SQL Server: a replica for readers where there is one, time limits, comments from extended properties, pages by TABLESAMPLE."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.catalogue import Catalogue, Listed
from scanner.connectors.sql.dialects import Size, connect_seconds, lock_seconds, percent, suffixed

DRIVER = "mssql+pymssql"
EXTRA = "mssql"
SQLGLOT = "tsql"


def arguments(url: URL, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """Asks for a readable replica (ApplicationIntent=ReadOnly); `seconds` for a statement."""
    if url.get_driver_name() != "pymssql":    # another driver takes other words
        return {}
    return {"login_timeout": connect_seconds(seconds), "timeout": max(1, int(seconds)), "charset": "UTF-8", "read_only": True,
            "appname": "chujing"}


def read_only(connection: sa.Connection, seconds: float) -> None:
    """SQL Server knows no session that only reads: nothing but SELECT is sent. A table that is locked is given up soon."""
    connection.exec_driver_sql(f"SET LOCK_TIMEOUT {lock_seconds(seconds) * 1000}")
    connection.commit()


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables and views of every schema; rows and bytes from the catalogue's own counters."""
    found = Catalogue()
    found.add_columns(
        (s, t, n, kind, comment, null) for s, t, n, kind, comment, null in connection.execute(sa.text(
            "SELECT s.name, o.name, c.name, y.name, CAST(p.value AS nvarchar(4000)), c.is_nullable FROM sys.objects o "
            "JOIN sys.schemas s ON s.schema_id = o.schema_id JOIN sys.columns c ON c.object_id = o.object_id "
            "JOIN sys.types y ON y.user_type_id = c.user_type_id LEFT JOIN sys.extended_properties p ON p.class = 1 "
            "AND p.major_id = o.object_id AND p.minor_id = c.column_id AND p.name = 'MS_Description' "
            "WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0 ORDER BY s.name, o.name, c.column_id")))
    found.add_primary(connection.execute(sa.text(
        "SELECT s.name, o.name, c.name FROM sys.indexes i JOIN sys.objects o ON o.object_id = i.object_id "
        "JOIN sys.schemas s ON s.schema_id = o.schema_id JOIN sys.index_columns x ON x.object_id = i.object_id AND x.index_id = i.index_id "
        "JOIN sys.columns c ON c.object_id = x.object_id AND c.column_id = x.column_id WHERE i.is_primary_key = 1 "
        "ORDER BY s.name, o.name, x.key_ordinal")))
    found.add_foreign(connection.execute(sa.text(
        "SELECT s.name, o.name, k.name, c.name, rs.name, r.name, rc.name FROM sys.foreign_keys k "
        "JOIN sys.objects o ON o.object_id = k.parent_object_id JOIN sys.schemas s ON s.schema_id = o.schema_id "
        "JOIN sys.objects r ON r.object_id = k.referenced_object_id JOIN sys.schemas rs ON rs.schema_id = r.schema_id "
        "JOIN sys.foreign_key_columns x ON x.constraint_object_id = k.object_id "
        "JOIN sys.columns c ON c.object_id = o.object_id AND c.column_id = x.parent_column_id "
        "JOIN sys.columns rc ON rc.object_id = r.object_id AND rc.column_id = x.referenced_column_id "
        "ORDER BY s.name, o.name, k.name, x.constraint_column_id")))
    listed = connection.execute(sa.text(
        "SELECT s.name, o.name, o.type, CAST(p.value AS nvarchar(4000)), n.rows, n.bytes, n.parts, OBJECT_DEFINITION(o.object_id), "
        "o.modify_date FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id "
        "LEFT JOIN sys.extended_properties p ON p.class = 1 AND p.major_id = o.object_id AND p.minor_id = 0 AND p.name = 'MS_Description' "
        "LEFT JOIN (SELECT q.object_id, SUM(q.rows) AS rows, COUNT(*) AS parts, SUM(a.pages) * 8192 AS bytes FROM sys.partitions q "
        "LEFT JOIN (SELECT container_id, SUM(used_pages) AS pages FROM sys.allocation_units GROUP BY container_id) a "
        "ON a.container_id = q.hobt_id WHERE q.index_id IN (0, 1) GROUP BY q.object_id) n ON n.object_id = o.object_id "
        "WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0 ORDER BY s.name, o.name"))
    yield from found.tables(
        (Listed((s, t), "view" if kind.strip() == "V" else "table", comment or "", rows, size, text if text and kind.strip() == "V" else "",
                partitions=parts if parts and parts > 1 else None)
         for s, t, kind, comment, rows, size, parts, text, _ in listed), SQLGLOT)


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """Random pages, about eight rows wanted of each; of a table of few pages every page."""
    if size.rows is None or size.rows <= rows * 2:
        return None
    pages = max(1, (size.bytes or 0) // 8_192)
    wanted = -(-rows // 8)
    if wanted * 2 >= pages:
        return None                           # by the key, or from the start: TABLESAMPLE draws no single rows
    return suffixed(table, f"TABLESAMPLE ({percent(1.3 * wanted / pages):.6f} PERCENT) REPEATABLE ({seed + 1})"), (), "TABLESAMPLE"


def share_of(value: Any, share: int) -> Any:
    """Which of `share` equal parts (a power of two) a text's hash falls into."""
    return sa.func.checksum(value).op("&")(sa.literal(share - 1, literal_execute=True))
