"""StarRocks, by MySQL's protocol: as Doris, but a random number decides on each row."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.dialects.doris import SYSTEM, read_only, share_of
from scanner.connectors.sql.dialects.mysql import DRIVER, EXTRA, arguments, sample_clause
from scanner.connectors.sql.information_schema import list_tables

__all__ = ["DRIVER", "EXTRA", "arguments", "read_only", "sample_clause", "share_of", "tables"]
SQLGLOT = "starrocks"
ORDERED = False
REPEATABLE = False                            # which rows are met first is up to the workers


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Yield tables and views of one database, or of all where the URL names none."""
    yield from list_tables(connection, database, SYSTEM, SQLGLOT)
