"""What differs between SQL databases. One file a dialect; a name without a file gets the generic rules below.

Each module may define: DRIVER, read_only(connection, seconds), estimates(connection) and sampled(table, rows, total, seed).
"""

from __future__ import annotations

import importlib
from types import ModuleType

ALIASES = {"mariadb": "mysql"}


def rules(name: str) -> ModuleType | None:
    """The module of a dialect, or None."""
    try:
        return importlib.import_module(f"scanner.connectors.sql.dialects.{ALIASES.get(name, name)}")
    except ModuleNotFoundError:
        return None
