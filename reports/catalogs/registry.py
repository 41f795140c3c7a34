"""Catalogs by name: those in this package, and those of other packages by the entry point `chujing.catalogs`."""

from __future__ import annotations

import importlib
import importlib.metadata
import pkgutil
from types import ModuleType

import reports.catalogs
from detectors.errors import ConfigError, nearest
from detectors.message import Msg


def catalogs() -> tuple[str, ...]:
    """Names that can stand after `--to`."""
    names = [m.name for m in pkgutil.iter_modules(reports.catalogs.__path__)]
    own = [name for name in names if hasattr(importlib.import_module(f"reports.catalogs.{name}"), "payloads")]
    return tuple(sorted({*own, *(e.name for e in importlib.metadata.entry_points(group="chujing.catalogs"))}))


def find(name: str) -> ModuleType:
    """The catalog of this name; ConfigError with the known ones."""
    for entry in importlib.metadata.entry_points(group="chujing.catalogs"):
        if entry.name == name:
            return entry.load()
    if name not in catalogs():
        raise ConfigError(
            Msg('no catalog "{name}"', name=name),
            hint=nearest(name, catalogs()) or Msg("known: {names}", names=tuple(catalogs())),
        )
    return importlib.import_module(f"reports.catalogs.{name}")
