"""How PostgreSQL's values become Python's: as the server writes them where Python might not hold them."""

from __future__ import annotations

from functools import cache
from typing import Any

# days and moments may be infinite or before our era, times may be 24:00, JSON may hold a key twice
_AS_WRITTEN = (
    "date", "time", "timetz", "timestamp", "timestamptz", "interval", "json", "jsonb", "inet", "cidr", "uuid",
    "int4range", "int8range", "numrange", "daterange", "tsrange", "tstzrange", "int4multirange",
    "int8multirange", "nummultirange", "datemultirange", "tsmultirange", "tstzmultirange",
)
_TEXTS = ("text", "varchar", "bpchar", "name", "\"char\"")
_UNKNOWN = 0                                  # number of types that have no loader of their own


@cache
def value_adapters() -> Any:
    """Return the context of psycopg's connections."""
    from psycopg import adapters
    from psycopg.adapt import AdaptersMap, Loader
    from psycopg.pq import Format

    declared_text: Any = adapters.get_loader(adapters.types["text"].oid, Format.TEXT)

    class AnyTextLoader(Loader):
        """Decodes text as the connection does; where that is not declared, or not true, bytes stay."""

        encoding = "utf-8"

        def __new__(cls, oid: int, context: Any = None) -> Any:
            connection = context.connection if context is not None else None
            encoding = connection.info.encoding if connection is not None else "utf-8"
            if encoding != "ascii" and not getattr(connection, "reads_any_text", False):
                return declared_text(oid, context)
            loader: Any = super().__new__(cls)
            loader.encoding = "utf-8" if encoding == "ascii" else encoding
            return loader

        def load(self, data: Any) -> str:
            return bytes(data).decode(self.encoding, "surrogateescape")

    context = AdaptersMap(adapters)
    for name in (*_TEXTS, *_AS_WRITTEN):
        context.register_loader(name, AnyTextLoader)
    context.register_loader(_UNKNOWN, AnyTextLoader)
    return context
