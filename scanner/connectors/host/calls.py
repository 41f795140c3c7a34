"""What is asked of readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from detectors.message import Msg, Text
from detectors.model import Skipped
from scanner.connectors.protocol import Access

NO_SOURCE = -1                                # number of a call that needs none
MEMORY = "CHUJING_READER_MEMORY"              # environment variable: gigabytes a reader may take


@dataclass(frozen=True, slots=True)
class SourceOpening:
    """How a reader opens a source.

    folder: in which relative paths begin; empty: none. environ: what file systems look up, e.g. credentials.
    detectors: file of the user's own, which names of people in names of files are masked by.
    """

    url: str
    access: Access
    folder: str
    detectors: Path | None = None
    environ: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked of a source. opening: where the reader may not have opened it yet.

    crashed: files that ended a reader, by path, each with the signal; they are not opened again.
    is_alone: the reader has no other call, and says which file it has in hand.
    """

    source: int
    verb: str
    arguments: tuple[Any, ...]
    opening: SourceOpening | None = field(default=None, repr=False)
    crashed: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_alone: bool = False


def crash_words(signal: str) -> tuple[Msg, Msg]:
    """Return what is said of a file that ended a reader, and what to do about it. signal: e.g. SIGSEGV."""
    hint = Msg("it may be damaged: write it again; or it needs more memory: set {variable} to more gigabytes",
               variable=MEMORY)
    return Msg("reading it crashed ({signal})", signal=signal or "?"), hint


@dataclass(frozen=True, slots=True)
class FilesOfTable:
    """Files that are listed together. where: the first of them. size: of all, in bytes."""

    name: str
    schema: str
    where: Text
    size: int


@dataclass(frozen=True, slots=True)
class SourceFiles:
    """The files of a source: with tables, unread ones, and others, see `FilesConnector`."""

    tables: tuple[FilesOfTable, ...]
    unread: tuple[Skipped, ...]
    other_files: tuple[Text, ...]
    unread_paths: Mapping[str, str]
