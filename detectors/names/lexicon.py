"""The words of names and comments that speak for a label, from `detectors/data/names.yaml`, and words for their surroundings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, TypeVar, cast

from detectors.model import Label, Tier

CODED = frozenset({"gender", "marital_status", "ethnicity", "education", "religion", "occupation"})      # values are codes by nature
_EXTRA: list[tuple[Label, str]] = []
REMEMBERED = 1 << 16                          # names and comments whose meaning is kept: warehouses repeat them, and memory is bounded


Function = TypeVar("Function", bound=Callable[..., Any])
_REMEMBERING: list[Any] = []


def remembered(function: Function) -> Function:
    """Decorate a function whose results hold until `use` brings other words; the latest REMEMBERED results are kept."""
    cached = lru_cache(REMEMBERED)(function)
    _REMEMBERING.append(cached)
    return cast(Function, cached)


@dataclass(frozen=True, slots=True)
class _NameEntry:
    label: Label
    tier: Tier
    person: bool
    near: tuple[str, ...]


def _yaml(name: str) -> Any:
    import yaml

    return yaml.safe_load(files("detectors").joinpath("data", name).read_text(encoding="utf-8"))


@cache
def contexts() -> Mapping[str, Any]:
    """Words for tables, endings and operators, from `contexts.yaml`."""
    return _yaml("contexts.yaml")


def use(names: Sequence[tuple[Label, str]]) -> None:
    """Names of the user's own detectors, as (label, phrase); they go before ours."""
    _EXTRA[:] = names
    for function in _REMEMBERING:
        function.cache_clear()


@remembered
def _tables() -> tuple[Mapping[tuple[str, ...], _NameEntry], Mapping[str, _NameEntry]]:
    """(phrases of Latin tokens, Chinese words) -> entry."""
    latin: dict[tuple[str, ...], _NameEntry] = {}
    chinese: dict[str, _NameEntry] = {}
    for label, phrase in _EXTRA:
        entry = _NameEntry(label, "core", False, ())
        if phrase.isascii():
            latin[tuple(phrase.lower().split("_"))] = entry
        else:
            chinese[phrase.lower()] = entry
    for name, raw in _yaml("names.yaml").items():
        entry = _NameEntry(Label(raw.get("label", name)), raw.get("tier", "core"), raw.get("person", False), tuple(raw.get("near", ())))
        for phrase in raw.get("en", ()):
            latin.setdefault(tuple(phrase.split("_")), entry)
        for word in raw.get("zh", ()):
            chinese.setdefault(word.lower(), entry)
    return latin, chinese


@cache
def chinese_words() -> Mapping[Label, tuple[str, ...]]:
    """Chinese words that names and comments use, by label."""
    return {Label(label): tuple(map(str, entry.get("zh", ()))) for label, entry in _yaml("names.yaml").items()}
