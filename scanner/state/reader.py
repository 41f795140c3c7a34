"""Reading the state: a SQLite file by Python's own driver, any other database by SQLAlchemy.

Loading SQLAlchemy takes longer than most answers do. What is read is the same, and so is what is raised.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from scanner.state import database

if TYPE_CHECKING:
    import sqlalchemy as sa

StateRow = Sequence[Any]


class StateReader(Protocol):
    """Reads a state within one transaction. place: which database it is."""

    place: str

    def rows(self, query: str, **values: Any) -> Iterator[StateRow]:
        """Yield the rows of a query in SQL that every database understands. values: of its `:names`."""


class SqlReader:
    """Reads by a connection of SQLAlchemy."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self.place = connection.engine.url.render_as_string(False)

    def rows(self, query: str, **values: Any) -> Iterator[StateRow]:
        """Yield the rows of a query."""
        import sqlalchemy as sa

        yield from self._connection.execute(sa.text(query), values)


class FileReader:
    """Reads a SQLite file."""

    def __init__(self, connection: sqlite3.Connection, file: Path) -> None:
        self._connection = connection
        self.place = str(file)

    def rows(self, query: str, **values: Any) -> Iterator[StateRow]:
        """Yield the rows of a query."""
        yield from self._connection.execute(query, values)


@contextmanager
def open_reader(folder: Path) -> Iterator[StateReader]:
    """Open the state of a folder to read it, its tables brought up to date first.

    Raise StateError where there is none, or it cannot be used.
    """
    file = database.state_file(folder)
    if file is not None and file.exists():
        with database.errors_named(f"sqlite:///{file}"), closing(_connected(file)) as connection:
            if _is_of_today(connection):
                yield FileReader(connection, file)
                return
    with database.connection(folder, create=False) as c:
        yield SqlReader(c)


def _connected(file: Path) -> sqlite3.Connection:
    """Return a connection whose statements are one transaction: none that is written meanwhile is seen."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("BEGIN")
    return connection


def _is_of_today(connection: sqlite3.Connection) -> bool:
    """Return whether the tables are those of this version; else they are to be changed, or refused."""
    named = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")
    if named.fetchone() is None:
        return False
    revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return revision is not None and str(revision[0]) == database.revisions()[-1]


def names_of(values: Sequence[Any]) -> tuple[str, Mapping[str, Any]]:
    """Return the `:names` of values for an IN of a query, and the values by their names.

    >>> names_of(["a", "b"])
    (':v0, :v1', {'v0': 'a', 'v1': 'b'})
    """
    by_name = {f"v{i}": value for i, value in enumerate(values)}
    return ", ".join(f":{name}" for name in by_name), by_name
