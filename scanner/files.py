"""The one way to write a file: whole or not at all, so that nobody reads half of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from detectors.errors import ConfigError
from detectors.message import Msg

Content = (
    str | bytes | Callable[[BinaryIO], object]
)  # text (written as UTF-8), bytes, or a function that writes bytes


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


def replace_file(path: Path, content: Content) -> None:
    """Like `write_atomically`, for a caller that answers for the OSError itself."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as file:
            if callable(content):
                content(file)
            else:
                file.write(content.encode() if isinstance(content, str) else content)
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise
