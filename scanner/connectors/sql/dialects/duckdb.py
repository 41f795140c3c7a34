"""DuckDB: a file opened read-only, on one thread so that a seed draws the same rows; comments and keys from duckdb_*()."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from detectors.errors import SourceError
from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.catalogue import Catalogue, Listed
from scanner.connectors.sql.dialects import Size, percent, suffixed

EXTRA = "duckdb"
SQLGLOT = "duckdb"
MAIN = "main"                                 # the schema that names nobody writes
EACH = 20_000_000                             # rows up to which chance decides on each row, beyond on blocks of 2,048


def opened(url: URL) -> URL:
    """The file; SourceError where there is none, for DuckDB would make it."""
    if url.database and url.database != ":memory:" and not Path(url.database).exists():
        raise SourceError("no such file", where=url.database, hint="relative paths start where you stand, or at chujing.yaml")
    return url


def arguments(url: URL, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """Read-only, one thread; a file is locked by whoever writes it."""
    return {"read_only": bool(url.database) and url.database != ":memory:", "config": {"threads": 1}}


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables and views of every schema of the file; `main` goes without saying."""

    def at(schema: str, table: str) -> tuple[str, str]:
        return "" if schema == MAIN else schema, table

    here = "database_name = current_database() AND NOT internal"
    found = Catalogue()
    found.add_columns((*at(s, t), n, kind, comment, null) for s, t, n, kind, comment, null in connection.execute(sa.text(
        "SELECT schema_name, table_name, column_name, data_type, comment, is_nullable FROM duckdb_columns() "
        f"WHERE {here} ORDER BY 1, 2, column_index")))
    keys = connection.execute(sa.text(
        "SELECT schema_name, table_name, constraint_index, constraint_type, constraint_column_names, referenced_table, "
        "referenced_column_names FROM duckdb_constraints() WHERE database_name = current_database() ORDER BY 1, 2, 3")).all()
    found.add_primary((*at(s, t), c) for s, t, _, kind, columns, *_ in keys if kind == "PRIMARY KEY" for c in columns)
    found.add_foreign((*at(s, t), str(n), c, *at(s, other), o) for s, t, n, kind, columns, other, others in keys if kind == "FOREIGN KEY"
                      for c, o in zip(columns, others, strict=False))
    views = [Listed(at(s, t), "view", comment or "", definition=sql or "") for s, t, comment, sql in connection.execute(sa.text(
        f"SELECT schema_name, view_name, comment, sql FROM duckdb_views() WHERE {here}"))]
    listed = [Listed(at(s, t), "table", comment or "", rows) for s, t, comment, rows in connection.execute(sa.text(
        f"SELECT schema_name, table_name, comment, estimated_size FROM duckdb_tables() WHERE {here}"))]
    yield from found.tables([*listed, *views], SQLGLOT)


def marks(connection: sa.Connection) -> Mapping[tuple[str, str], str]:
    """(schema, table) -> size and time of the file and its log: every table changes with them."""
    file = connection.execute(sa.text("SELECT path FROM duckdb_databases() WHERE database_name = current_database()")).scalar()
    stamps = [f"{p.stat().st_size}-{p.stat().st_mtime_ns}" for p in (Path(f"{file}"), Path(f"{file}.wal")) if file and p.exists()]
    names = connection.execute(sa.text("SELECT schema_name, table_name FROM duckdb_columns() WHERE NOT internal GROUP BY ALL"))
    return {("" if s == MAIN else s, t): " ".join(stamps) for s, t in names} if stamps else {}


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """Chance decides on each row, of a large table on each block; columns that are not asked for are not read."""
    if size.rows is None or size.rows <= rows * 2:
        return None
    each = size.rows <= EACH
    share = percent((1.3 if each else 2.0) * rows / size.rows)
    method = "bernoulli" if each else "system"
    return suffixed(table, f"TABLESAMPLE {method}({share:.6f} PERCENT) REPEATABLE ({seed})"), (), f"TABLESAMPLE {method.upper()}"


def share_of(value: Any, share: int) -> Any:
    """Which of `share` equal parts a text's hash falls into."""
    return sa.func.hash(value) % sa.literal(share, literal_execute=True)
