"""The one way to write a file: whole or not at all, with an error that says what to do."""

from __future__ import annotations

from pathlib import Path

from detectors.errors import ConfigError
from detectors.message import Msg
from reports.files import Content
from reports.files import replace_file as replace_file  # for callers that answer for the OSError themselves


def write_atomically(path: Path, content: Content) -> None:
    """Write a file in one step; raise ConfigError when it cannot be written. Its folder must exist."""
    try:
        replace_file(path, content)
    except OSError as e:
        raise ConfigError(
            Msg("cannot be written ({kind})", kind=type(e).__name__),
            where=str(path),
            hint=Msg("a file in a folder you may write"),
        ) from None
