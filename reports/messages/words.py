"""Every word of pages, sheets and commands, Chinese and English, by its key: `t("page.title", lang)`.

English that counts says both forms where it counts: `{n} {n|column holds|columns hold} …`.

They stand in `words/*.yaml`. A key `plan.title` is in `words/plan.yaml` if there is such a room, else in
`words/report.yaml`; a room is read when its first word is needed. A machine proposes; people and authorities
decide; the words say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

from detectors.errors import RulesError, nearest
from detectors.message import Msg
from detectors.shipped import fast_loader

_NUMBER_FORM = re.compile(r"\{(\w+)\|([^{}|]*)\|([^{}|]*)\}")  # a blank, what follows one, what other numbers
COMMON_ROOM = "report"  # the room of every key that has no room of its own
Pair = tuple[str, str]  # Chinese, English


def t(key: str, lang: str, **values: object) -> str:
    """The words of a key; the last part of the key where it is not known (a newer report).

    Whole numbers are shown with separators, all but a `year`.

    >>> [t("cli.reviews", "en", n=n) for n in (1, "2")]
    [' (1 review)', ' (2 reviews)']
    >>> t("cli.reviews", "en", n=12000)
    ' (12,000 reviews)'
    >>> t("ledger.empty", "en", year=2026)
    'the ledger of 2026 is empty'
    """
    pair = pair_of(key)
    if pair is None:
        return key.rsplit(".", 1)[-1] if "." in key else nearest(key, all_words()) or key
    text = pair[0] if lang == "zh" else pair[1]
    if not values:
        return text
    shown = {
        name: _Number(value) if type(value) is int and name != "year" else value
        for name, value in values.items()
    }
    return _with_number_forms(text, values).format(**shown)


class _Number(int):
    """A whole number that is shown with separators where a text does not say how."""

    def __format__(self, form: str) -> str:
        return int.__format__(self, form or ",")


def _with_number_forms(text: str, values: Mapping[str, object]) -> str:
    """Return a text in which, of the words for one and for others, those that fit the numbers stand."""
    return _NUMBER_FORM.sub(lambda m: m[2] if str(values[m[1]]) == "1" else m[3], text)


def heading(key: str, lang: str, **values: object) -> str:
    """Return the words of a key before what they are about: `coverage: `."""
    return t(key, lang, **values) + t("list.heading", lang)


def in_brackets(text: str, lang: str) -> str:
    """Return a remark in brackets, with the space before it: ` (exact)`; nothing where there is no remark."""
    return t("list.aside", lang, text=text) if text else ""


def join_list(parts: Iterable[str], kind: str, lang: str) -> str:
    """Return parts with what stands between them in a language.

    kind: a key under `list` in words/list.yaml, such as names, clauses or alternatives.

    >>> join_list(("a", "b"), "words", "zh")
    'a、b'
    """
    return t(f"list.{kind}", lang).join(parts)


def plural(key: str, n: int, lang: str, **values: object) -> str:
    """The words of a key that counts, `{n}`: English has words of their own for one, under `key.1`."""
    return t(f"{key}.1" if n == 1 and lang != "zh" and pair_of(f"{key}.1") else key, lang, n=n, **values)


@cache
def pair_of(key: str) -> Pair | None:
    """Return the Chinese and the English of a key; None where there are none."""
    room = key.split(".")[0]
    return _room(room if "." in key and room in rooms() else COMMON_ROOM).get(key)


def all_words() -> Mapping[str, Pair]:
    """Return every key with its pair: the common room first, then the page, then the others by name."""
    return {key: pair for room in rooms() for key, pair in _room(room).items()}


@cache
def rooms() -> tuple[str, ...]:
    """Return the names of the files of words, in the order of `all_words`."""
    names = {f.name.removesuffix(".yaml") for f in (resources.files("reports.messages") / "words").iterdir()}
    return (COMMON_ROOM, "page", *sorted(names - {COMMON_ROOM, "page"}))


@cache
def _room(name: str) -> Mapping[str, Pair]:
    """The words of one file; RulesError where a key stands twice or has not both languages."""
    import yaml

    text = (resources.files("reports.messages") / "words" / f"{name}.yaml").read_text(encoding="utf-8")
    root: Any = yaml.compose(text, Loader=fast_loader())
    pairs: dict[str, Pair] = {}
    for key, node in root.value:
        where = f"reports/messages/words/{name}.yaml:{key.start_mark.line + 1}"
        if key.value in pairs:
            raise RulesError(Msg('"{name}" stands twice', name=key.value), where=where)
        pairs[key.value] = _pair(node, where)
    return pairs


def _pair(node: Any, where: str) -> Pair:
    texts = {key.value: value.value for key, value in node.value}
    for language in ("zh", "en"):
        if language not in texts:
            raise RulesError(Msg('"{name}" is missing', name=language), where=where)
    for language in texts.keys() - {"zh", "en"}:
        raise RulesError(Msg('unknown key "{name}"', name=language), where=where)
    return texts["zh"], texts["en"]
