"""Paths on this machine that can be read as a file."""

from __future__ import annotations

from pathlib import Path

from detectors.errors import ChujingError, SourceError
from detectors.message import Msg


def check_regular(path: Path, where: str, error: type[ChujingError] = SourceError) -> None:
    """Raise an error for a pipe, a socket or a device: reading one may never end, or change something."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise error(
            Msg("a pipe, a socket or a device is not read"), where=where,
            hint=Msg("save its content to a file"),
        )
