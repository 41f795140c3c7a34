"""SQLite: opened read-only; query_only besides."""

from __future__ import annotations

import sqlalchemy as sa

SYSTEM: frozenset[str] = frozenset()


def read_only(connection: sa.Connection, seconds: float) -> None:
    """No statement of this connection writes."""
    connection.execute(sa.text("PRAGMA query_only = ON"))
    connection.commit()
