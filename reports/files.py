"""A file written whole or not at all, so that nobody reads half of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

Content = str | bytes | Callable[[BinaryIO], object]    # text (written as UTF-8), bytes, or what writes bytes


def replace_file(path: Path, content: Content) -> None:
    """Put a file in its place in one step; raise OSError if it cannot be written. Its folder must exist."""
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
