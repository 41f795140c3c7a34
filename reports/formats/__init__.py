"""Report formats: the suffix of the output file is the name of the module."""

from __future__ import annotations

import importlib
import importlib.metadata
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import IO

from detectors.errors import ConfigError, nearest
from reports.model import Report

Writer = Callable[[Report, IO[str]], None]


def formats() -> tuple[str, ...]:
    """Suffixes that can be written."""
    own = [m.name for m in pkgutil.iter_modules(__path__) if m.name != "terminal"]
    return tuple(sorted({*own, *(e.name for e in importlib.metadata.entry_points(group="chujing.formats"))}))


def writer(path: Path) -> Writer:
    """What writes a file of this suffix; ConfigError with the known ones."""
    name = path.suffix.lower().removeprefix(".")
    for entry in importlib.metadata.entry_points(group="chujing.formats"):
        if entry.name == name:
            return entry.load()
    if name not in formats():
        raise ConfigError(
            f'no report format "{path.suffix or path.name}"', hint=nearest(name, formats()) or f"known: {', '.join(formats())}"
        )
    return importlib.import_module(f"reports.formats.{name}").write
