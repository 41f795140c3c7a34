"""Words that speak for a label in names and comments, and words for their surroundings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, wraps
from typing import Any, TypeVar, cast

from detectors.model import Label, Tier
from detectors.shipped import read_yaml

REMEMBERED = 1 << 16                          # results kept of each function: names and comments repeat
TABLES = 64                                   # the same for functions of a table, which may be large
CODED = frozenset({                           # labels whose values are codes by nature
    "gender", "marital_status", "ethnicity", "education", "religion", "occupation",
})
Function = TypeVar("Function", bound=Callable[..., Any])

_EXTRA: list[tuple[Label, str]] = []
_CACHES: list[Any] = []


@dataclass(frozen=True, slots=True)
class LexiconEntry:
    """What a word speaks for. person: only beside a person. near: only in a table with one of these words."""

    label: Label
    tier: Tier = "core"
    person: bool = False
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NameLexicon:
    """latin: entries by the tokens of a phrase. chinese: entries by word."""

    latin: Mapping[tuple[str, ...], LexiconEntry]
    chinese: Mapping[str, LexiconEntry]


def remembered(function: Function) -> Function:
    """Decorate a function whose results hold until `use` brings other words."""
    cached = lru_cache(REMEMBERED)(function)
    _CACHES.append(cached)
    return cast(Function, cached)


class _TableMemory:
    """Results of a function of a table. The table asked for last is not hashed: that reads all columns."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._cached = lru_cache(TABLES)(function)
        self._latest: tuple[object, tuple[Any, ...], Any] | None = None

    def ask(self, table: Any, *more: Any) -> Any:
        latest = self._latest
        if latest is None or latest[0] is not table or latest[1] != more:
            self._latest = latest = (table, more, self._cached(table, *more))
        return latest[2]

    def cache_clear(self) -> None:
        self._latest = None
        self._cached.cache_clear()


def remembered_of_table(function: Function) -> Function:
    """Decorate a function of a table, and perhaps more, as `remembered` does: it is asked for each column."""
    memory = _TableMemory(function)
    _CACHES.append(memory)
    return cast(Function, wraps(function)(lambda *arguments: memory.ask(*arguments)))


def use(names: Sequence[tuple[Label, str]]) -> None:
    """Let the user's own names, (label, phrase), go before ours; they replace those of an earlier call."""
    _EXTRA[:] = names
    for cached in _CACHES:
        cached.cache_clear()


@remembered
def own_words() -> frozenset[str]:
    """Return the phrases and words of the user, as `NameHit.word` has them."""
    return frozenset(phrase.lower() for _, phrase in _EXTRA)


@remembered
def lexicon() -> NameLexicon:
    """Return the words that ship and those of the user."""
    latin: dict[tuple[str, ...], LexiconEntry] = {}
    chinese: dict[str, LexiconEntry] = {}
    for label, phrase in _EXTRA:
        if phrase.isascii():
            latin[tuple(phrase.lower().split("_"))] = LexiconEntry(label)
        else:
            chinese[phrase.lower()] = LexiconEntry(label)
    for name, raw in read_yaml("data/names.yaml").items():
        entry = LexiconEntry(
            Label(raw.get("label", name)), raw.get("tier", "core"), raw.get("person", False),
            tuple(raw.get("near", ())),
        )
        for phrase in raw.get("en", ()):
            latin.setdefault(tuple(phrase.split("_")), entry)
        for word in raw.get("zh", ()):
            chinese.setdefault(word.lower(), entry)
    return NameLexicon(latin, chinese)


@cache
def contexts() -> Mapping[str, Any]:
    """Return words for tables, endings and operators, from `contexts.yaml`."""
    return cast(Mapping[str, Any], read_yaml("data/contexts.yaml"))


@cache
def chinese_words() -> Mapping[Label, tuple[str, ...]]:
    """Return the Chinese words that names and comments use, by label."""
    entries = read_yaml("data/names.yaml").items()
    return {Label(label): tuple(map(str, entry.get("zh", ()))) for label, entry in entries}
