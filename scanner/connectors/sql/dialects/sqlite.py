"""SQLite: opened read-only; query_only besides."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from detectors.errors import SourceError
from detectors.input_files import check_regular
from detectors.message import Msg

ROW = "rowid"
_READ_VERSION, _LOGGED = 19, b"\x02"          # a byte of the file, and what it says of a write-ahead log
_FILE = sa.text("SELECT file FROM pragma_database_list WHERE name = 'main'")
_NAMES = sa.text("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
_WITH_ROW_NUMBER = sa.text(
    "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT wr")


def prepare_url(url: URL, options: Mapping[str, str]) -> URL:
    """Return the URL of the file, opened read-only. Raise SourceError if there is no such file."""
    if not url.database or url.database == ":memory:":
        return url
    if not Path(url.database).exists():
        raise SourceError(Msg("no such file"), where=url.database,
                          hint=Msg("relative paths start where you stand, or at chujing.yaml"))
    check_regular(Path(url.database), url.database)
    path = Path(url.database).resolve()
    query = {**url.query, "mode": "ro", "uri": "true"}
    if _leaves_log(path):
        query["immutable"] = "1"
    return url.set(database=f"file:{path}", query=query)


def _leaves_log(path: Path) -> bool:
    """Return whether reading a database would write files beside it: it has a log, which is empty now.

    Source: SQLite, file format, 1.3.3: byte 19 is 2 for a database with a write-ahead log.
    """
    log = Path(f"{path}-wal")
    with path.open("rb") as file:
        is_logged = file.read(20)[_READ_VERSION:] == _LOGGED
    return is_logged and not (log.exists() and log.stat().st_size)


def read_only(connection: sa.Connection, seconds: float) -> None:
    """Let no statement of this connection write."""
    connection.execute(sa.text("PRAGMA query_only = ON"))
    connection.commit()


def read_any_text(connection: sa.Connection) -> None:
    """Let text that is no UTF-8 keep its bytes, as half surrogate pairs."""
    driver: Any = connection.connection.driver_connection
    driver.text_factory = _decode


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def marks(connection: sa.Connection) -> Mapping[tuple[str, str], str]:
    """Return ("", table) -> size and time of the database's file and its log.

    Every table changes with them.
    """
    file = connection.execute(_FILE).scalar()
    stamps = []
    for path in (Path(f"{file}"), Path(f"{file}-wal")):
        if file and path.exists():
            status = path.stat()
            stamps.append(f"{status.st_size}-{status.st_mtime_ns}")
    names = connection.execute(_NAMES).scalars()
    return {("", name): " ".join(stamps) for name in names} if stamps else {}


def sampling_hints(connection: sa.Connection, database: str) -> Mapping[tuple[str, str], str]:
    """Return (database, table) -> ROW, for tables whose rows have a number."""
    names = connection.execute(_WITH_ROW_NUMBER).scalars()
    return dict.fromkeys(((database, name) for name in names), ROW)
