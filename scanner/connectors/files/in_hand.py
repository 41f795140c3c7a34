"""Files as they are opened: a reader says which one it has in hand, and refuses those that ended others.

Set up for all of a process; where nobody did, nothing is said and nothing refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from detectors.errors import SourceError
from detectors.message import Text


class _File(Protocol):
    @property
    def path(self) -> str:
        """Absolute, or a URL."""

    @property
    def where(self) -> str:
        """As people see it."""


_refused: dict[str, tuple[Text, Text]] = {}
_watchers: list[Callable[[str], None]] = []


def refuse(files: Mapping[str, tuple[Text, Text]]) -> None:
    """Open some files no more. files: path -> what is said of it, and what to do about it."""
    _refused.update(files)


def watch(say: Callable[[str], None]) -> None:
    """Have the path of every file said before it is opened."""
    _watchers.append(say)


def note_opening(file: _File) -> None:
    """Say that a file is about to be opened. Raise SourceError if it is refused."""
    if file.path in _refused:
        what, hint = _refused[file.path]
        raise SourceError(what, where=file.where, hint=hint)
    for say in _watchers:
        say(file.path)
