"""All value detectors: every module of `detectors.cn` and `detectors.common`, and the entry points `chujing.detectors`."""

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

_EXTRA: list[ValueDetector] = []


def use(extra: Sequence[ValueDetector]) -> None:
    """Detectors of the user's beside those that ship; replaces what was used before."""
    _EXTRA[:] = extra
    value_detectors.cache_clear()
    version.cache_clear()
    value_detectors()


@cache
def value_detectors() -> tuple[ValueDetector, ...]:
    """Detectors sorted by name; RulesError when two share one."""
    found: list[ValueDetector] = []
    for package in ("detectors.cn", "detectors.common"):
        path = importlib.import_module(package).__path__
        for module in pkgutil.iter_modules(path):
            found += _declared(importlib.import_module(f"{package}.{module.name}"))
    for entry in importlib.metadata.entry_points(group="chujing.detectors"):
        found += _declared(entry.load())
    found += _EXTRA
    names = [d.name for d in found]
    for name in names:
        if names.count(name) > 1:
            raise RulesError(
                Msg('two detectors are called "{name}"', name=name), hint=Msg("rename one of them")
            )
    return tuple(sorted(found, key=lambda d: d.name))


def _declared(module: object) -> list[ValueDetector]:
    if isinstance(module, ValueDetector):
        return [module]
    one = getattr(module, "DETECTOR", None)
    return [*getattr(module, "DETECTORS", ()), *([one] if one is not None else [])]


@cache
def version() -> str:
    """Changes when a detector is added, removed or changes its pattern, and with the text model: twelve hexadecimal characters."""
    from detectors.language.models import model_name

    text = f"{model_name()}\n" + "\n".join(
        f"{d.name} {d.label} {d.shape.pattern} {d.chance} {d.base}" for d in value_detectors()
    )
    return hashlib.sha256(text.encode()).hexdigest()[:12]
