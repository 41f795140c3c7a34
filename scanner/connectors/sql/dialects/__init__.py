"""What differs between SQL databases. One file a dialect; a name without a file gets the generic rules below.

Each module may define: DRIVER, read_only(connection, seconds), estimates(connection), marks(connection), reaches(connection),
sampled(table, rows, size, seed) and share_of(value, share).
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from types import ModuleType

PAGE = 8_192                                  # bytes of a page, where a dialect samples by pages


@dataclass(frozen=True, slots=True)
class Size:
    """What the catalogue says of a table: rows and bytes, None where it does not; is there an integer key to draw points along?"""

    rows: int | None
    bytes: int | None
    keyed: bool


ALIASES = {"mariadb": "mysql"}


def rules(name: str) -> ModuleType | None:
    """The module of a dialect, or None."""
    try:
        return importlib.import_module(f"scanner.connectors.sql.dialects.{ALIASES.get(name, name)}")
    except ModuleNotFoundError:
        return None
