"""Every word of pages, sheets and commands, Chinese and English, by its key: `t("page.title", lang)`.

They stand in `words/*.yaml`. A key `plan.title` is in `words/plan.yaml` if there is such a room, else in
`words/report.yaml`; a room is read when its first word is asked for. A machine proposes; people and authorities
decide; the words say so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from detectors.errors import ChujingError, RulesError, nearest
from detectors.labels import labels
from detectors.message import Msg, Note, Text, Word
from detectors.model import Label
from mappings.model import Estimate
from mappings.necessity import load_purpose
from reports.messages.legacy import read_note
from reports.messages.render import render
from reports.messages.sayings import told

COMMON = "report"                             # the room of every key that has no room of its own
Pair = tuple[str, str]                        # Chinese, English
_AGAINST = re.compile(r"(?P<before>^|; )(?P<verdict>accept|reject|relabel|justify)(?: (?P<to>[a-z_.]+))? \(")


def t(key: str, lang: str, **values: object) -> str:
    """The words of a key; the last part of the key where it is not known (a newer report)."""
    pair = pair_of(key)
    if pair is None:
        return key.rsplit(".", 1)[-1] if "." in key else nearest(key, all_words()) or key
    text = pair[0] if lang == "zh" else pair[1]
    return text.format(**values) if values else text


def counted(key: str, n: int, lang: str, **values: object) -> str:
    """The words of a key that counts, `{n}`: English has words of their own for one, under `key.1`."""
    return t(f"{key}.1" if n == 1 and lang != "zh" and pair_of(f"{key}.1") else key, lang, n=n, **values)


@cache
def pair_of(key: str) -> Pair | None:
    """Return the Chinese and the English of a key; None where there are none."""
    room = key.split(".")[0]
    return _room(room if "." in key and room in rooms() else COMMON).get(key)


def all_words() -> Mapping[str, Pair]:
    """Return every key with its pair: the common room first, then the page, then the others by name."""
    return {key: pair for room in rooms() for key, pair in _room(room).items()}


@cache
def rooms() -> tuple[str, ...]:
    """Return the names of the files of words, in the order of `all_words`."""
    names = {f.name.removesuffix(".yaml") for f in (resources.files("reports.messages") / "words").iterdir()}
    return (COMMON, "page", *sorted(names - {COMMON, "page"}))


@cache
def _room(name: str) -> Mapping[str, Pair]:
    """The words of one file; RulesError where a key stands twice or has not both languages."""
    import yaml

    text = (resources.files("reports.messages") / "words" / f"{name}.yaml").read_text(encoding="utf-8")
    root: Any = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
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


def against_words(text: str, lang: str) -> str:
    """What others decided, `relabel email (王敏, 2026-01-31); …`, in words."""

    def said(m: re.Match[str]) -> str:
        to = f" {label_title(m['to'], lang)}" if m["to"] else ""
        return f"{m['before']}{t('verdict.' + m['verdict'], lang)}{to} ("

    return _AGAINST.sub(said, text)


def label_title(label: str, lang: str) -> str:
    """A label's title in the language of the reader; the label itself where it is not ours."""
    info = labels().get(Label(label))
    return label if info is None else info.zh if lang == "zh" else info.en


@cache
def purpose_words(name: str, lang: str) -> str:
    """The title of a purpose that ships with the program; its own name for any other."""
    try:
        known = load_purpose(name) if re.fullmatch("[a-z0-9_]+", name) else None
    except ChujingError:
        return name
    return name if known is None else known.title if lang == "zh" else known.title_en


def drawn_words(method: str, lang: str) -> str:
    """How a sample was drawn, and of how many shards; shards may be drawn in several ways."""
    if isinstance(method, Msg | Word):
        return render(method, lang)
    if m := re.fullmatch("(.+), ([0-9]+) of ([0-9]+) members", method):
        return f"{drawn_words(m[1], lang)}{'，' if lang == 'zh' else ', '}{t('drawn.members', lang, n=m[2], total=m[3])}"
    return ("；" if lang == "zh" else " and ").join(told(how, lang) for how in method.split(" and "))


def note(text: Text, lang: str) -> str:
    """A note on a count, in words."""
    note = text if isinstance(text, Note) else read_note(text)
    return render(note, lang) if isinstance(note.message, Msg | Word) else told(text, lang)


def unread(reason: str, hint: str, lang: str) -> str:
    """Why something was not read and what to do about it, as sentences."""
    end = "。" if lang == "zh" else ". "
    return end.join(told(x, lang) for x in (reason, hint) if x)


def number(n: int) -> str:
    """1234567 as `1,234,567`."""
    return f"{n:,}"


def method_words(e: Estimate, lang: str) -> str:
    """How persons were counted; where the number is an interval for another reason than the count itself, that reason."""
    linked = e.method == "exact" and e.low != e.high
    return since_words(e, lang) or t("method.linked" if linked else f"method.{e.method}", lang)


def since_words(e: Estimate, lang: str) -> str:
    """Why a count gives bounds only although it was more than that: reviews, overlaps, what was not read; empty where it is not so."""
    key = f"method.since.{e.note}"
    known = pair_of(key) is not None and e.low != e.high and e.method != "unknown"
    return t(key, lang, method=t(f"method.{e.method}", lang)) if known else ""


def persons(e: Estimate, lang: str) -> str:
    """An estimate as people read it: one number when it is exact, else best with its interval."""
    if e.high is None and e.method == "unknown":
        return t("method.unknown", lang)
    if e.low == e.high:
        return number(e.best)
    top = number(e.high) if e.high is not None else t("unbounded", lang)
    return f"{number(e.best)} ({number(e.low)}–{top})"
