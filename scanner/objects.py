"""Python objects as sources: tables in memory and SQLAlchemy engines, beside URLs and paths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.errors import ConfigError, SourceError
from detectors.message import Msg
from scanner.config.sources import Source, source_name
from scanner.connectors.frames import FramesConnector, is_frame
from scanner.connectors.urls import database_url

if TYPE_CHECKING:
    from scanner.config.sources import OpenSource
    from scanner.connectors.protocol import Connector
    from scanner.gather.listing import OpensOnCluster

MEMORY = "memory://"                          # the URL under which tables in memory are reported


@dataclass(slots=True)
class ObjectSources:
    """Sources by what each was made from; it opens those that are objects, as a cluster opens its own.

    beyond: opens the others first, if it can.
    """

    sources: list[Source] = field(default_factory=list)
    objects: dict[str, Any] = field(default_factory=dict)
    beyond: OpensOnCluster | None = None

    def add(self, thing: Any, dictionary: Path | None) -> None:
        """Take in a table, several by name, an engine, a path or a URL; raise ConfigError for no source."""
        if isinstance(thing, str | Path):
            url = str(thing)
            id = self._free_id(source_name(url))
            self.sources.append(Source(id, database_url(url), dictionary=dictionary))
        elif _is_engine(thing):
            self._add_engine(thing, dictionary)
        elif _is_engine(engine := getattr(thing, "engine", None)):  # a connection
            self._add_engine(engine, dictionary)
        elif is_frame(thing):
            self._add_object("frame", MEMORY, {"frame": thing}, dictionary)
        elif isinstance(thing, Mapping) and thing and all(map(is_frame, thing.values())):
            frames = {str(name): frame for name, frame in thing.items()}
            self._add_object("frames", MEMORY, frames, dictionary)
        elif isinstance(thing, Iterable) and not isinstance(thing, bytes | Mapping):
            for each in thing:
                self.add(each, dictionary)
        else:
            raise ConfigError(
                Msg("{kind} is nothing that can be scanned", kind=type(thing).__name__),
                hint=Msg("a path, a URL, chujing.yaml, a DataFrame of pandas or polars, a table of pyarrow, "
                         "an SQLAlchemy engine, or a list of these"),
            )

    def _add_engine(self, engine: Any, dictionary: Path | None) -> None:
        url = engine.url
        if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
            self._add_object("sqlite", "sqlite://", engine, dictionary)
            return
        text = url.render_as_string(hide_password=True)
        self._add_object(source_name(text), text, engine, dictionary)

    def _add_object(self, name: str, url: str, thing: Any, dictionary: Path | None) -> None:
        id = self._free_id(name)
        self.sources.append(Source(id, url, dictionary=dictionary))
        self.objects[id] = thing

    def _free_id(self, name: str) -> str:
        """Return a name that no source has yet: itself, or with a number."""
        ids = {source.id for source in self.sources}
        names = (name if n == 1 else f"{name}_{n}" for n in range(1, len(ids) + 2))
        return next(name for name in names if name not in ids)

    def connect(self, source: OpenSource, detectors: Path | None = None) -> Connector | None:
        """Return what reads an object; None for a source that is none."""
        thing = self.objects.get(source.id)
        if thing is None:
            return self.beyond.connect(source, detectors) if self.beyond is not None else None
        if _is_engine(thing):
            return _open_engine(thing, source)
        return FramesConnector(thing)


def _is_engine(thing: Any) -> bool:
    return hasattr(thing, "dialect") and hasattr(thing, "url")


def _open_engine(engine: Any, source: OpenSource) -> Connector:
    """Return a connector with connections of its own, so that no session of the caller is made read-only."""
    from scanner.connectors.protocol import Access
    from scanner.connectors.sql import SqlConnector

    access = Access(source.id, timeout=source.timeout)
    if source.url == "sqlite://":
        return SqlConnector("sqlite://", access, engine=_memory_copy(engine))
    return SqlConnector(engine.url.render_as_string(hide_password=False), access)


def _memory_copy(engine: Any) -> Any:
    """Return an engine on a copy of a SQLite database that is in memory."""
    import sqlite3

    import sqlalchemy as sa

    copy = sqlite3.connect(":memory:", check_same_thread=False)
    raw = engine.raw_connection()
    try:
        raw.driver_connection.backup(copy)
    except sqlite3.Error:
        raise SourceError(Msg("the database in memory cannot be copied"), where="sqlite") from None
    finally:
        raw.close()
    return sa.create_engine("sqlite://", creator=lambda: copy, poolclass=sa.StaticPool, hide_parameters=True)
