"""DuckDB: a file opened read-only, without the network and without other files; rows drawn by a hash of their number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.catalogue import Catalogue, Listed
from scanner.connectors.sql.dialects import Size

EXTRA = "duckdb"
SQLGLOT = "duckdb"
PARTS = 1 << 20                               # parts a row's number is hashed into


def opened(url: URL, options: Mapping[str, str]) -> URL:
    """The file, which must be there: DuckDB would create it."""
    if url.database and url.database != ":memory:" and not Path(url.database).exists():
        raise SourceError(
            Msg("no such file"),
            where=url.database,
            hint=Msg("relative paths start where you stand, or at chujing.yaml"),
        )
    return url


def arguments(url: URL, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """Nothing is written, fetched or read beside the file."""
    if not url.database or url.database == ":memory:":
        return {}
    return {"read_only": True, "config": {"enable_external_access": "false", "autoinstall_known_extensions": "false"}}


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables and views of every schema of the file."""
    found = Catalogue()
    found.add_columns(connection.execute(sa.text(
        "SELECT schema_name, table_name, column_name, data_type, comment, is_nullable FROM duckdb_columns() "
        "WHERE database_name = current_database() AND NOT internal ORDER BY schema_name, table_name, column_index")))
    keys = connection.execute(sa.text(
        "SELECT schema_name, table_name, constraint_type, constraint_index, constraint_column_names, referenced_table, "
        "referenced_column_names FROM duckdb_constraints() WHERE database_name = current_database() "
        "AND constraint_type IN ('PRIMARY KEY', 'FOREIGN KEY')")).all()
    found.add_primary((s, t, c) for s, t, kind, _, names, _, _ in keys if kind == "PRIMARY KEY" for c in names)
    found.add_foreign((s, t, f"{i:06}", own, s, target, other) for s, t, kind, i, names, target, others in keys if kind == "FOREIGN KEY"
                      for own, other in zip(names, others, strict=True))
    listed = connection.execute(sa.text(
        "SELECT schema_name, table_name, 'table', comment, estimated_size, '' FROM duckdb_tables() "
        "WHERE database_name = current_database() AND NOT internal UNION ALL "
        "SELECT schema_name, view_name, 'view', comment, NULL, sql FROM duckdb_views() "
        "WHERE database_name = current_database() AND NOT internal"))
    yield from found.tables(
        (Listed((s, t), kind, comment or "", rows, None, text) for s, t, kind, comment, rows, text in listed), SQLGLOT)


def marks(connection: sa.Connection) -> Mapping[tuple[str, str], str]:
    """(schema, table) -> size and time of the file and its log: every table changes with them."""
    file = connection.execute(sa.text("SELECT path FROM duckdb_databases() WHERE database_name = current_database()")).scalar()
    paths = [p for p in (Path(f"{file}"), Path(f"{file}.wal")) if file and p.exists()]
    stamp = " ".join(f"{p.stat().st_size}-{p.stat().st_mtime_ns}" for p in paths)
    names = connection.execute(sa.text("SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal"))
    return {(s, t): stamp for s, t in names} if stamp else {}  # noqa: C420 - rows of a driver become plain pairs


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """Rows from all over the table: their numbers alone are looked at, and columns only where a row is taken."""
    if size.rows is None or size.rows <= rows * 2:
        return None
    number = sa.func.hash(sa.literal_column("rowid"), sa.literal(seed, literal_execute=True))
    kept = number % sa.literal(PARTS, literal_execute=True) < sa.literal(max(1, int(1.5 * PARTS * rows / size.rows)), literal_execute=True)
    return table, (kept,), Msg("hash of the row's number")


def share_of(value: Any, share: int) -> Any:
    """Which of `share` equal parts a text's hash falls into."""
    return sa.func.hash(value) % sa.literal(share, literal_execute=True)
