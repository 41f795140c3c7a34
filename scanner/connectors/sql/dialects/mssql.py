"""SQL Server: intent to read only, limits on queries and locks, bulk reads of the sys views, random pages.

SQL Server has no read-only session: rights of the account (db_datareader) keep it from writing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from detectors.message import Msg
from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.catalogue import ColumnsAndKeys, ListedTable
from scanner.connectors.sql.dialects import (
    PAGE,
    SampleClause,
    TableSize,
    connect_seconds,
    inline,
    lock_seconds,
    percent,
    suffixed,
)

DRIVER = "mssql+pymssql"
EXTRA = "mssql"
SQLGLOT = "tsql"
ORDERED = False
OF_A_PAGE = 8                                 # rows of the sample that one page gives
_COLUMNS = sa.text(
    "SELECT s.name, o.name, c.name, y.name, c.max_length, c.precision, c.scale, "
    "CAST(p.value AS NVARCHAR(4000)), c.is_nullable FROM sys.columns c "
    "JOIN sys.objects o ON o.object_id = c.object_id AND o.type IN ('U', 'V') AND o.is_ms_shipped = 0 "
    "JOIN sys.schemas s ON s.schema_id = o.schema_id JOIN sys.types y ON y.user_type_id = c.user_type_id "
    "LEFT JOIN sys.extended_properties p ON p.class = 1 AND p.major_id = c.object_id "
    "AND p.minor_id = c.column_id AND p.name = 'MS_Description' ORDER BY s.name, o.name, c.column_id")
_PRIMARY_KEYS = sa.text(
    "SELECT s.name, o.name, c.name FROM sys.indexes i "
    "JOIN sys.index_columns x ON x.object_id = i.object_id AND x.index_id = i.index_id "
    "JOIN sys.columns c ON c.object_id = x.object_id AND c.column_id = x.column_id "
    "JOIN sys.objects o ON o.object_id = i.object_id JOIN sys.schemas s ON s.schema_id = o.schema_id "
    "WHERE i.is_primary_key = 1 AND x.key_ordinal > 0 ORDER BY s.name, o.name, x.key_ordinal")
_FOREIGN_KEYS = sa.text(
    "SELECT s.name, o.name, k.name, c.name, rs.name, r.name, rc.name FROM sys.foreign_key_columns f "
    "JOIN sys.foreign_keys k ON k.object_id = f.constraint_object_id "
    "JOIN sys.objects o ON o.object_id = f.parent_object_id JOIN sys.schemas s ON s.schema_id = o.schema_id "
    "JOIN sys.columns c ON c.object_id = f.parent_object_id AND c.column_id = f.parent_column_id "
    "JOIN sys.objects r ON r.object_id = f.referenced_object_id "
    "JOIN sys.schemas rs ON rs.schema_id = r.schema_id "
    "JOIN sys.columns rc ON rc.object_id = f.referenced_object_id AND rc.column_id = f.referenced_column_id "
    "ORDER BY s.name, o.name, k.name, f.constraint_column_id")
_PARTITION_COLUMNS = sa.text(
    "SELECT s.name, o.name, c.name FROM sys.indexes i "
    "JOIN sys.index_columns x ON x.object_id = i.object_id AND x.index_id = i.index_id "
    "AND x.partition_ordinal > 0 "
    "JOIN sys.columns c ON c.object_id = x.object_id AND c.column_id = x.column_id "
    "JOIN sys.objects o ON o.object_id = i.object_id AND o.type = 'U' "
    "JOIN sys.schemas s ON s.schema_id = o.schema_id "
    "WHERE i.index_id IN (0, 1) ORDER BY s.name, o.name, x.partition_ordinal")
_TABLES = sa.text(
    "WITH stored AS (SELECT p.object_id, SUM(CASE WHEN a.type = 1 THEN p.rows ELSE 0 END) AS held, "
    "SUM(a.total_pages) AS pages, COUNT(DISTINCT p.partition_number) AS parts FROM sys.partitions p "
    "JOIN sys.allocation_units a ON a.container_id = p.hobt_id "
    "WHERE p.index_id IN (0, 1) GROUP BY p.object_id) "
    "SELECT s.name, o.name, o.type, CAST(p.value AS NVARCHAR(4000)), h.held, h.pages, m.definition, "
    "USER_NAME(s.principal_id), h.parts FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id "
    "LEFT JOIN stored h ON h.object_id = o.object_id LEFT JOIN sys.sql_modules m ON m.object_id = "
    "o.object_id "
    "LEFT JOIN sys.extended_properties p ON p.class = 1 "
    "AND p.major_id = o.object_id AND p.minor_id = 0 AND p.name = 'MS_Description' "
    "WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0")


def arguments(url: URL, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """Return limits, and for pymssql the intent to read only, which a cluster answers from a replica."""
    if url.get_driver_name() != "pymssql":
        return {"timeout": connect_seconds(seconds)}
    return {"login_timeout": connect_seconds(seconds), "timeout": max(1, int(seconds)), "charset": "UTF-8",
            "read_only": True}


def read_only(connection: sa.Connection, seconds: float) -> None:
    """Read committed rows only, and do not wait long for a table that is locked."""
    connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL READ COMMITTED"))
    connection.exec_driver_sql(f"SET LOCK_TIMEOUT {lock_seconds(seconds) * 1000:d}")


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Yield tables and views of every schema of the database."""
    catalogue = ColumnsAndKeys()
    columns = connection.execute(_COLUMNS)
    catalogue.add_columns(
        (schema, table, name, _type_name(kind, length, digits, places), comment, nullable)
        for schema, table, name, kind, length, digits, places, comment, nullable in columns)
    catalogue.add_primary(connection.execute(_PRIMARY_KEYS))
    catalogue.add_foreign(connection.execute(_FOREIGN_KEYS))
    partition_columns: dict[tuple[str, str], list[str]] = defaultdict(list)
    for schema, table, column in connection.execute(_PARTITION_COLUMNS):
        partition_columns[schema, table].append(column)
    listed = []
    for schema, table, kind, comment, rows, pages, text, owner, partitions in connection.execute(_TABLES):
        partitioned_by = tuple(partition_columns.get((schema, table), ()))
        listed.append(ListedTable(
            (schema, table), "view" if kind.strip() == "V" else "table", comment or "", rows,
            None if pages is None else int(pages) * PAGE, text or "", owner or "",
            partitioned_by=partitioned_by, partitions=int(partitions) if partitioned_by else None))
    yield from catalogue.tables(listed, SQLGLOT)


def _type_name(kind: str, length: int, digits: int, places: int) -> str:
    """Return a type with its length or digits, e.g. nvarchar(20), decimal(10, 2)."""
    if kind in ("varchar", "char", "varbinary", "binary", "nvarchar", "nchar"):
        return f"{kind}(max)" if length < 0 else f"{kind}({length // 2 if kind.startswith('n') else length})"
    return f"{kind}({digits}, {places})" if kind in ("decimal", "numeric") else kind


def sample_clause(table: Any, rows: int, size: TableSize, seed: int) -> SampleClause | None:
    """Return random pages and a few rows of each, by a hash of where a row stands."""
    if size.rows is None or size.bytes is None or size.rows <= rows * 2:
        return None
    pages, needed = max(1, size.bytes // PAGE), max(1, -(-rows // OF_A_PAGE))
    share = min(1.0, 1.3 * needed / pages)
    sample = suffixed(table, f"TABLESAMPLE SYSTEM ({percent(share):f} PERCENT) REPEATABLE ({seed + 1})")
    method = Msg("TABLESAMPLE {how}", how="SYSTEM")
    density = size.rows * share / (1.3 * rows)    # rows of the pages for each that is needed
    if density < 1.5:
        return SampleClause(sample, (), method)
    is_chosen = _hash(sa.literal_column("%%physloc%%")) % inline(1024) < inline(int(1024 / density) + 1)
    return SampleClause(sample, (is_chosen,), method)


def share_of(value: Any, share: int) -> Any:
    """Return which of `share` equal parts a text's hash falls into."""
    return _hash(value) % inline(share)


def _hash(value: Any) -> Any:
    """Return three bytes of the MD5 of a value, as a number."""
    md5 = sa.func.hashbytes(sa.literal_column("'MD5'"), value)
    return sa.cast(sa.func.substring(md5, sa.literal_column("1"), sa.literal_column("3")), sa.Integer)
