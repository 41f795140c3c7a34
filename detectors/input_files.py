"""The one way to open a file that a person names: pipes, sockets and devices are refused before they are.

Reading one may never end (/dev/zero), wait for ever (a pipe nobody writes to) or change something.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TextIO

from detectors.errors import ChujingError, SourceError
from detectors.message import Msg

UTF8 = "utf-8-sig"                            # a byte order mark is passed over


def check_regular(path: Path, where: str, error: type[ChujingError] = SourceError) -> None:
    """Raise an error of a kind for a pipe, a socket or a device; not for what is no file at all."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise error(
            Msg("a pipe, a socket or a device is not read"), where=where,
            hint=Msg("save its content to a file"),
        )


def input_text(path: Path, error: type[ChujingError], encoding: str = UTF8) -> str:
    """Return the text of a file; raise an error of a kind for a pipe or device, else OSError, ValueError."""
    check_regular(path, str(path), error)
    return path.read_text(encoding=encoding)


def input_bytes(path: Path, error: type[ChujingError]) -> bytes:
    """Return the bytes of a file; raise an error of a kind for a pipe or device, else OSError."""
    check_regular(path, str(path), error)
    return path.read_bytes()


def open_input(path: Path, error: type[ChujingError]) -> TextIO:
    """Return an open UTF-8 file with its line ends as they are, for `csv`; raise like `input_text`."""
    check_regular(path, str(path), error)
    return path.open(encoding=UTF8, newline="")
