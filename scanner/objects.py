"""Python objects as sources: tables in memory and SQLAlchemy engines, beside URLs and paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.errors import ConfigError, SourceError
from detectors.message import Msg
from scanner.config.sources import Source, source_name
from scanner.connectors.frames import (
    FramesConnector,
    is_column,
    is_frame,
    is_record,
    is_spark,
    table_of_columns,
    table_of_records,
)
from scanner.connectors.urls import database_url

if TYPE_CHECKING:
    from scanner.config.sources import OpenSource
    from scanner.connectors.protocol import Connector
    from scanner.gather.listing import OpensOnCluster

MEMORY = "memory://"  # the URL under which tables in memory are reported


@dataclass(slots=True)
class ObjectSources:
    """Sources by what each was made from; it opens those that are objects, as a cluster opens its own.

    beyond: opens the others first, if it can.
    """

    sources: list[Source] = field(default_factory=list)
    objects: dict[str, Any] = field(default_factory=dict)
    beyond: OpensOnCluster | None = None

    def add(self, thing: Any, dictionary: Path | None) -> None:
        """Take in a table, several by name, columns by name, an engine, a path or a URL, or a list of these.

        Raise ConfigError for what is no source, and for a list or text with nothing in it.
        """
        if isinstance(thing, str | Path):
            self._add_url(str(thing), dictionary)
        elif _is_engine(thing):
            self._add_engine(thing, dictionary)
        elif _is_engine(engine := getattr(thing, "engine", None)):  # a connection
            self._add_engine(engine, dictionary)
        elif is_spark(thing):
            raise ConfigError(
                Msg("a DataFrame of Spark is not collected here"),
                hint=Msg('scan its table or files: scan("hive://…" or a path, spark=session)'),
            )
        elif isinstance(thing, Mapping):
            self._add_mapping(thing, dictionary)
        elif is_frame(thing):
            self._add_object("frame", MEMORY, {"frame": thing}, dictionary)
        elif isinstance(thing, list | tuple) and thing and all(map(is_record, thing)):
            self._add_object("frame", MEMORY, {"frame": table_of_records(thing)}, dictionary)
        elif isinstance(thing, list | tuple | Set | Iterator):
            before = len(self.sources)
            for each in thing:
                self.add(each, dictionary)
            if len(self.sources) == before:
                raise _nothing_in(thing)
        else:
            raise _no_source(Msg("{kind} is nothing that can be scanned", kind=type(thing).__name__))

    def _add_url(self, url: str, dictionary: Path | None) -> None:
        if not url.strip():
            raise _nothing_in(url)
        self.sources.append(Source(self._free_id(source_name(url)), database_url(url), dictionary=dictionary))

    def _add_mapping(self, things: Mapping[Any, Any], dictionary: Path | None) -> None:
        """Take in tables by name, or the columns of one table by name."""
        if not things:
            raise _nothing_in(things)
        if all(map(is_column, things.values())):
            self._add_object("frame", MEMORY, {"frame": table_of_columns(things)}, dictionary)
        elif odd := [thing for thing in things.values() if not is_frame(thing) or is_spark(thing)]:
            raise _no_source(
                Msg("a dict with {kind} in it is nothing that can be scanned", kind=type(odd[0]).__name__)
            )
        else:
            self._add_object("frames", MEMORY, _frames_by_name(things), dictionary)

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


def _no_source(message: Msg) -> ConfigError:
    return ConfigError(
        message,
        hint=Msg(
            "a path, a URL, chujing.yaml, a DataFrame of pandas or polars, a table of pyarrow, "
            "a dict of these or of columns by name, an SQLAlchemy engine, or a list of these"
        ),
    )


def _nothing_in(thing: Any) -> ConfigError:
    return _no_source(Msg("nothing to scan: the {kind} is empty", kind=type(thing).__name__))


def _frames_by_name(frames: Mapping[Any, Any]) -> dict[str, Any]:
    """Return tables by the text of their names; a second one of a name gets a number."""
    named: dict[str, Any] = {}
    for key, frame in frames.items():
        name = free = ".".join(map(str, key)) if isinstance(key, tuple) else str(key)
        number = 1
        while free in named:
            number += 1
            free = f"{name}_{number}"
        named[free] = frame
    return named


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
