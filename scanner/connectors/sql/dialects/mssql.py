"""SQL Server: intent to read only, a limit on queries and on locks, bulk reads of the sys views, TABLESAMPLE ... REPEATABLE.

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
from scanner.connectors.sql.catalogue import Catalogue, Listed
from scanner.connectors.sql.dialects import PAGE, Size, connect_seconds, lock_seconds, percent, suffixed

DRIVER = "mssql+pymssql"
EXTRA = "mssql"
SQLGLOT = "tsql"
ORDERED = False
OF_A_PAGE = 8                                 # rows wanted of a page that was drawn


def arguments(url: URL, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """Limits, and for pymssql the intent to read only, which a cluster answers from a replica that may be read."""
    if url.get_driver_name() != "pymssql":
        return {"timeout": connect_seconds(seconds)}
    return {"login_timeout": connect_seconds(seconds), "timeout": max(1, int(seconds)), "charset": "UTF-8", "read_only": True}


def read_only(connection: sa.Connection, seconds: float) -> None:
    """Committed rows only, and no long wait for a table that is locked."""
    connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL READ COMMITTED"))
    connection.exec_driver_sql(f"SET LOCK_TIMEOUT {lock_seconds(seconds) * 1000:d}")


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables and views of every schema of the database."""
    found = Catalogue()
    found.add_columns((s, t, n, _type(kind, length, digits, places), comment, null)
                      for s, t, n, kind, length, digits, places, comment, null in connection.execute(sa.text(
        "SELECT s.name, o.name, c.name, y.name, c.max_length, c.precision, c.scale, CAST(p.value AS NVARCHAR(4000)), c.is_nullable "
        "FROM sys.columns c JOIN sys.objects o ON o.object_id = c.object_id AND o.type IN ('U', 'V') AND o.is_ms_shipped = 0 "
        "JOIN sys.schemas s ON s.schema_id = o.schema_id JOIN sys.types y ON y.user_type_id = c.user_type_id "
        "LEFT JOIN sys.extended_properties p ON p.class = 1 AND p.major_id = c.object_id AND p.minor_id = c.column_id "
        "AND p.name = 'MS_Description' ORDER BY s.name, o.name, c.column_id")))
    found.add_primary(connection.execute(sa.text(
        "SELECT s.name, o.name, c.name FROM sys.indexes i JOIN sys.index_columns x ON x.object_id = i.object_id AND x.index_id = i.index_id"
        " JOIN sys.columns c ON c.object_id = x.object_id AND c.column_id = x.column_id JOIN sys.objects o ON o.object_id = i.object_id "
        "JOIN sys.schemas s ON s.schema_id = o.schema_id WHERE i.is_primary_key = 1 AND x.key_ordinal > 0 "
        "ORDER BY s.name, o.name, x.key_ordinal")))
    found.add_foreign(connection.execute(sa.text(
        "SELECT s.name, o.name, k.name, c.name, rs.name, r.name, rc.name FROM sys.foreign_key_columns f "
        "JOIN sys.foreign_keys k ON k.object_id = f.constraint_object_id JOIN sys.objects o ON o.object_id = f.parent_object_id "
        "JOIN sys.schemas s ON s.schema_id = o.schema_id JOIN sys.columns c ON c.object_id = f.parent_object_id "
        "AND c.column_id = f.parent_column_id JOIN sys.objects r ON r.object_id = f.referenced_object_id "
        "JOIN sys.schemas rs ON rs.schema_id = r.schema_id JOIN sys.columns rc ON rc.object_id = f.referenced_object_id "
        "AND rc.column_id = f.referenced_column_id ORDER BY s.name, o.name, k.name, f.constraint_column_id")))
    by: dict[tuple[str, str], list[str]] = defaultdict(list)
    for schema, table, column in connection.execute(sa.text(
        "SELECT s.name, o.name, c.name FROM sys.indexes i JOIN sys.index_columns x ON x.object_id = i.object_id AND x.index_id = i.index_id"
        " AND x.partition_ordinal > 0 JOIN sys.columns c ON c.object_id = x.object_id AND c.column_id = x.column_id "
        "JOIN sys.objects o ON o.object_id = i.object_id AND o.type = 'U' JOIN sys.schemas s ON s.schema_id = o.schema_id "
        "WHERE i.index_id IN (0, 1) ORDER BY s.name, o.name, x.partition_ordinal")):
        by[schema, table].append(column)
    listed = connection.execute(sa.text(
        "WITH stored AS (SELECT p.object_id, SUM(CASE WHEN a.type = 1 THEN p.rows ELSE 0 END) AS held, SUM(a.total_pages) AS pages, "
        "COUNT(DISTINCT p.partition_number) AS parts FROM sys.partitions p JOIN sys.allocation_units a ON a.container_id = p.hobt_id "
        "WHERE p.index_id IN (0, 1) GROUP BY p.object_id) "
        "SELECT s.name, o.name, o.type, CAST(p.value AS NVARCHAR(4000)), h.held, h.pages, m.definition, USER_NAME(s.principal_id), h.parts "
        "FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id LEFT JOIN stored h ON h.object_id = o.object_id "
        "LEFT JOIN sys.sql_modules m ON m.object_id = o.object_id LEFT JOIN sys.extended_properties p ON p.class = 1 "
        "AND p.major_id = o.object_id AND p.minor_id = 0 AND p.name = 'MS_Description' "
        "WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0"))
    yield from found.tables(
        (Listed((s, t), "view" if kind.strip() == "V" else "table", comment or "", rows, None if pages is None else int(pages) * PAGE,
                text or "", owner or "", "", tuple(by.get((s, t), ())), int(parts) if (s, t) in by else None)
         for s, t, kind, comment, rows, pages, text, owner, parts in listed), SQLGLOT)


def _type(kind: str, length: int, digits: int, places: int) -> str:
    """A type with its length or digits, e.g. nvarchar(20), decimal(10, 2)."""
    if kind in ("varchar", "char", "varbinary", "binary", "nvarchar", "nchar"):
        return f"{kind}(max)" if length < 0 else f"{kind}({length // 2 if kind.startswith('n') else length})"
    return f"{kind}({digits}, {places})" if kind in ("decimal", "numeric") else kind


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """Pages drawn at random and a few rows of each, by a hash of where a row stands."""
    if size.rows is None or size.bytes is None or size.rows <= rows * 2:
        return None
    pages, wanted = max(1, size.bytes // PAGE), max(1, -(-rows // OF_A_PAGE))
    share = min(1.0, 1.3 * wanted / pages)
    drawn = suffixed(table, f"TABLESAMPLE SYSTEM ({percent(share):f} PERCENT) REPEATABLE ({seed + 1})")
    dense = size.rows * share / (1.3 * rows)  # rows of the pages drawn for each that is wanted
    if dense < 1.5:
        return drawn, (), Msg("TABLESAMPLE {how}", how="SYSTEM")
    place = _hashed(sa.literal_column("%%physloc%%"))
    return (
        drawn,
        (
            place % sa.literal(1024, literal_execute=True)
            < sa.literal(int(1024 / dense) + 1, literal_execute=True),
        ),
        Msg("TABLESAMPLE {how}", how="SYSTEM"),
    )


def share_of(value: Any, share: int) -> Any:
    """Which of `share` equal parts a text's hash falls into."""
    return _hashed(value) % sa.literal(share, literal_execute=True)


def _hashed(value: Any) -> Any:
    """Three bytes of the MD5 of a value, as a number."""
    md5 = sa.func.hashbytes(sa.literal_column("'MD5'"), value)
    return sa.cast(sa.func.substring(md5, sa.literal_column("1"), sa.literal_column("3")), sa.Integer)
