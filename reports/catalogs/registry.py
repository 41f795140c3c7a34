"""Catalogs by name: those in this package, and others by the entry point `chujing.catalogs`."""

from __future__ import annotations

import importlib
import pkgutil
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from detectors.plug_ins import load_plug_in

GROUP = "chujing.catalogs"
FOLDER = Path(__file__).parent


def catalogs() -> tuple[str, ...]:
    """Return the names that can stand after `--to`, sorted."""
    modules = (m.name for m in pkgutil.iter_modules([str(FOLDER)]))
    own = [name for name in modules if hasattr(_own(name), "payloads")]
    return tuple(sorted({*own, *(entry.name for entry in entry_points(group=GROUP))}))


def find(name: str) -> ModuleType:
    """Return the catalog of this name; raise ConfigError with the known ones if there is none."""
    for entry in entry_points(group=GROUP):
        if entry.name == name:
            return load_plug_in(entry)
    if name not in catalogs():
        raise ConfigError(
            Msg('no catalog "{name}"', name=name),
            hint=nearest(name, catalogs()) or Msg("known: {names}", names=tuple(catalogs())),
        )
    return _own(name)


def _own(name: str) -> ModuleType:
    return importlib.import_module(f"reports.catalogs.{name}")
