"""SQLite: opened read-only; query_only besides."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL

from detectors.errors import SourceError
from detectors.message import Msg

ROW = "rowid"


def opened(url: URL, options: Mapping[str, str]) -> URL:
    """The file, opened read-only."""
    if not url.database or url.database == ":memory:":
        return url
    if not Path(url.database).exists():
        raise SourceError(
            Msg("no such file"),
            where=url.database,
            hint=Msg("relative paths start where you stand, or at chujing.yaml"),
        )
    return url.set(database=f"file:{Path(url.database).resolve()}", query={**url.query, "mode": "ro", "uri": "true"})


def read_only(connection: sa.Connection, seconds: float) -> None:
    """No statement of this connection writes."""
    connection.execute(sa.text("PRAGMA query_only = ON"))
    connection.commit()


def marks(connection: sa.Connection) -> Mapping[tuple[str, str], str]:
    """("", table) -> size and time of the database's file and its log: every table changes with them."""
    file = connection.execute(sa.text("SELECT file FROM pragma_database_list WHERE name = 'main'")).scalar()
    stamps = []
    for path in (Path(f"{file}"), Path(f"{file}-wal")):
        if file and path.exists():
            told = path.stat()
            stamps.append(f"{told.st_size}-{told.st_mtime_ns}")
    names = connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")).scalars()
    return {("", name): " ".join(stamps) for name in names} if stamps else {}


def ways(connection: sa.Connection, database: str) -> Mapping[tuple[str, str], str]:
    """(database, table) -> ROW, for tables whose rows have a number."""
    named = connection.execute(sa.text("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT wr"))
    return dict.fromkeys(((database, name) for name in named.scalars()), ROW)
