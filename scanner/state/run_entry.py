"""Which of the remembered runs a word means: the last scan is the last good one of its configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

CONFIG = "chujing.yaml"
RunFault = Literal["", "interrupted", "unread", "lost"]     # why a run is no good scan


class SourceRead(NamedTuple):
    """A source of a run. url: without what is secret. tables: that were read."""

    id: str
    url: str
    tables: int


@dataclass(frozen=True, slots=True)
class RunOrigin:
    """What a run was asked to do.

    config: name of the configuration's file; "" for a scan of a URL; None where it may be any. command: as
    it was typed, without what is secret. settings: digests of what a configuration says, by part.
    """

    config: str | None = None
    command: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunEntry:
    """A remembered run without its report. None: a run of an earlier version, of which it is not known."""

    id: str
    started: str                              # ISO 8601, UTC
    as_of: str                                # ISO 8601
    origin: RunOrigin = RunOrigin()
    sources: Sequence[SourceRead] = ()
    tables: int | None = None
    findings: int | None = None               # columns with one
    status: int | None = None                 # exit status
    is_good: bool = True

    def is_of(self, config: str) -> bool:
        """Return whether it is a run of a configuration; `""` is every one."""
        return not config or self.origin.config in (config, None)

    def is_comparable(self, other: RunEntry) -> bool:
        """Return whether both are runs of one configuration or, of URLs, of the same sources."""
        ours, theirs = self.origin.config, other.origin.config
        if ours is None or theirs is None:
            return True
        return ours == theirs and (bool(ours) or self._urls == other._urls)

    @property
    def _urls(self) -> list[str]:
        return sorted(source.url for source in self.sources)


def config_of(folder: Path) -> str:
    """Return the name of the configuration that a folder has by default; empty: none."""
    return CONFIG if (folder / CONFIG).exists() else ""


def last_of(entries: Sequence[RunEntry], config: str) -> RunEntry | None:
    """Return the last scan of a configuration: the newest good run, else the newest that read anything.

    entries: the newest first. config: `""` for any.
    """
    own = [entry for entry in entries if entry.is_of(config)]
    good = (entry for entry in own if entry.is_good)
    return next(good, None) or next((entry for entry in own if entry.tables), None)


def previous_of(entries: Sequence[RunEntry], last: RunEntry) -> RunEntry | None:
    """Return the good run before the last scan, of the same configuration or the same URL."""
    earlier = entries[[entry.id for entry in entries].index(last.id) + 1 :]
    return next((entry for entry in earlier if entry.is_good and entry.is_comparable(last)), None)


def lost_sources(read: Mapping[str, int], before: RunEntry | None) -> list[str]:
    """Return the sources of which a run read nothing although the last scan had read them.

    read: tables by source, of every source that the run was to read.
    """
    earlier = {source.id for source in before.sources if source.tables} if before is not None else set()
    return [id for id, tables in read.items() if not tables and id in earlier]
