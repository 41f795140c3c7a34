"""DuckDB: a file opened read-only, without the network; rows drawn by a hash of their number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from detectors.errors import SourceError
from detectors.input_files import check_regular
from detectors.message import Msg
from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.catalogue import ColumnsAndKeys, ListedTable
from scanner.connectors.sql.composites import InnerValue
from scanner.connectors.sql.dialects import SampleClause, TableSize, inline
from scanner.connectors.sql.duckdb_types import leaves_of_column

EXTRA = "duckdb"
SQLGLOT = "duckdb"
ENGINE = {"json_deserializer": str}           # JSON as it is written: a key may stand in it twice
PARTS = 1 << 20                               # parts a row's number is hashed into
_COLUMNS = sa.text(
    "SELECT schema_name, table_name, column_name, data_type, comment, is_nullable FROM duckdb_columns() "
    "WHERE database_name = current_database() AND NOT internal "
    "ORDER BY schema_name, table_name, column_index")
_KEYS = sa.text(
    "SELECT schema_name, table_name, constraint_type, constraint_index, constraint_column_names, "
    "referenced_table, referenced_column_names FROM duckdb_constraints() "
    "WHERE database_name = current_database() AND constraint_type IN ('PRIMARY KEY', 'FOREIGN KEY')")
_TABLES = sa.text(
    "SELECT schema_name, table_name, 'table', comment, estimated_size, '' FROM duckdb_tables() "
    "WHERE database_name = current_database() AND NOT internal UNION ALL "
    "SELECT schema_name, view_name, 'view', comment, NULL, sql FROM duckdb_views() "
    "WHERE database_name = current_database() AND NOT internal")
_FILE = sa.text("SELECT path FROM duckdb_databases() WHERE database_name = current_database()")
_NAMES = sa.text("SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal")


def prepare_url(url: URL, options: Mapping[str, str]) -> URL:
    """Return the URL as it is. Raise SourceError if there is no such file: DuckDB would create it."""
    if url.database and url.database != ":memory:" and not Path(url.database).exists():
        raise SourceError(Msg("no such file"), where=url.database,
                          hint=Msg("relative paths start where you stand, or at chujing.yaml"))
    if url.database:
        check_regular(Path(url.database), url.database)
    return url


def arguments(url: URL, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """Return settings by which nothing is written, fetched or read beside the file."""
    if not url.database or url.database == ":memory:":
        return {}
    return {"read_only": True,
            "config": {"enable_external_access": "false", "autoinstall_known_extensions": "false"}}


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Yield tables and views of every schema of the file."""
    catalogue = ColumnsAndKeys()
    catalogue.add_columns(connection.execute(_COLUMNS))
    keys = connection.execute(_KEYS).all()
    catalogue.add_primary(
        (schema, table, column)
        for schema, table, kind, _, columns, _, _ in keys if kind == "PRIMARY KEY" for column in columns)
    catalogue.add_foreign(
        (schema, table, f"{number:06}", column, schema, target, target_column)
        for schema, table, kind, number, columns, target, target_columns in keys if kind == "FOREIGN KEY"
        for column, target_column in zip(columns, target_columns, strict=True))
    listed = [ListedTable((schema, table), kind, comment or "", rows, None, text)
              for schema, table, kind, comment, rows, text in connection.execute(_TABLES)]
    yield from catalogue.tables(listed, SQLGLOT)


def leaves(connection: sa.Connection) -> Mapping[tuple[str, str], Mapping[str, list[InnerValue]]]:
    """Return (schema, table) -> leaves of its columns that are structs, maps, or lists of these."""
    by_table: dict[tuple[str, str], dict[str, list[InnerValue]]] = {}
    for schema, table, name, kind, *_ in connection.execute(_COLUMNS):
        if inner := leaves_of_column(name, kind):
            by_table.setdefault((schema, table), {})[name] = inner
    return by_table


def marks(connection: sa.Connection) -> Mapping[tuple[str, str], str]:
    """Return (schema, table) -> size and time of the file and its log: every table changes with them."""
    file = connection.execute(_FILE).scalar()
    paths = [path for path in (Path(f"{file}"), Path(f"{file}.wal")) if file and path.exists()]
    stamp = " ".join(f"{path.stat().st_size}-{path.stat().st_mtime_ns}" for path in paths)
    names = ((schema, table) for schema, table in connection.execute(_NAMES))
    return dict.fromkeys(names, stamp) if stamp else {}


def sample_clause(table: Any, rows: int, size: TableSize, seed: int) -> SampleClause | None:
    """Return rows from all over the table: their numbers alone are read, and columns only of chosen rows."""
    if size.rows is None or size.rows <= rows * 2:
        return None
    number = sa.func.hash(sa.literal_column("rowid"), inline(seed))
    is_chosen = number % inline(PARTS) < inline(max(1, int(1.5 * PARTS * rows / size.rows)))
    return SampleClause(table, (is_chosen,), Msg("hash of the row's number"))


def share_of(value: Any, share: int) -> Any:
    """Return which of `share` equal parts a text's hash falls into."""
    return sa.func.hash(value) % inline(share)
