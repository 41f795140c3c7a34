"""All value detectors: modules of `detectors.cn` and `detectors.common`, entry points `chujing.detectors`."""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import pkgutil
from collections.abc import Sequence
from functools import cache

from detectors.errors import RulesError
from detectors.message import Msg
from detectors.model import ValueDetector
from detectors.plug_ins import load_plug_in

_EXTRA: list[ValueDetector] = []


def use(extra: Sequence[ValueDetector]) -> None:
    """Put detectors of the user beside those that ship, in place of those of an earlier call."""
    _EXTRA[:] = extra
    value_detectors.cache_clear()
    version.cache_clear()
    value_detectors()


@cache
def value_detectors() -> tuple[ValueDetector, ...]:
    """Return the detectors, sorted by name; raise RulesError if two share one."""
    detectors: list[ValueDetector] = []
    for package in ("detectors.cn", "detectors.common"):
        path = importlib.import_module(package).__path__
        for module in pkgutil.iter_modules(path):
            detectors += declared_detectors(importlib.import_module(f"{package}.{module.name}"))
    for entry in importlib.metadata.entry_points(group="chujing.detectors"):
        detectors += declared_detectors(load_plug_in(entry))
    detectors += _EXTRA
    names = [d.name for d in detectors]
    for name in names:
        if names.count(name) > 1:
            raise RulesError(
                Msg('two detectors are called "{name}"', name=name), hint=Msg("rename one of them")
            )
    return tuple(sorted(detectors, key=lambda d: d.name))


def declared_detectors(module: object) -> list[ValueDetector]:
    """Return what a module declares, or an entry point that is a detector itself."""
    if isinstance(module, ValueDetector):
        return [module]
    only = getattr(module, "DETECTOR", None)
    return [*getattr(module, "DETECTORS", ()), *([only] if only is not None else [])]


@cache
def version() -> str:
    """Return twelve hexadecimal characters that change with detectors, patterns and text model."""
    from detectors.language.models import model_name

    text = f"{model_name()}\n" + "\n".join(
        f"{d.name} {d.label} {d.shape.pattern} {d.chance} {d.base}" for d in value_detectors()
    )
    return hashlib.sha256(text.encode()).hexdigest()[:12]
