"""StarRocks, by MySQL's protocol: as Doris, but without its TABLESAMPLE; a random number decides on each row, within bounds."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.dialects.doris import SYSTEM, read_only, share_of
from scanner.connectors.sql.dialects.mysql import DRIVER, EXTRA, arguments, information_schema, sampled

__all__ = ["DRIVER", "EXTRA", "arguments", "read_only", "sampled", "share_of", "tables"]
SQLGLOT = "starrocks"
ORDERED = False
REPEATABLE = False                            # which rows are met first is up to the workers


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables and views of one database, or of all where the URL names none."""
    yield from information_schema(connection, database, SYSTEM, SQLGLOT)
