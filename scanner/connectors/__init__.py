"""Connectors: list, sample, read, close. Found by URL scheme or file suffix; heavy imports wait until used.

What a connector is stands in `protocol`, how one is opened in `opening`. A plug-in imports the names below
from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scanner.connectors.protocol import (
    BATCH_BYTES,
    CELL,
    Access,
    Connector,
    Counting,
    CountsPersons,
    Examines,
    LearnsTables,
    Outlines,
    Sample,
    Where,
)
from scanner.connectors.registry import families
from scanner.connectors.urls import PACKED, packed, redact, suffix

if TYPE_CHECKING:
    from scanner.connectors.opening import connect

__all__ = [
    "BATCH_BYTES", "CELL", "PACKED", "Access", "Connector", "Counting", "CountsPersons", "Examines",
    "LearnsTables", "Outlines", "Sample", "Where", "connect", "families", "packed", "redact", "suffix",
]


def __getattr__(name: str) -> Any:
    """Return `connect` from the module that opens sources, imported at first use."""
    if name != "connect":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from scanner.connectors.opening import connect

    return connect
