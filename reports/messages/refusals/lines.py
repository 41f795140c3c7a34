"""Errors in Chinese. They are raised in English, which programs and tests rely on; people read them through `line` where one is printed.

Each table holds templates: {…} stands for what changes. Sources are walked by a test, which names every error that has no Chinese here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from detectors.errors import ChujingError
from detectors.message import Msg, Word
from reports.messages.phrases import Phrases
from reports.messages.refusals import catalogs, commands, law, settings, sheets, usage
from reports.messages.render import render
from reports.messages.sayings import REASONS, REMEDIES, told

PLACES: Mapping[str, str] = {
    "{place}: detector {n}": "{place}：第 {n} 个检测器",
    "{place}, entry {n}": "{place}，第 {n} 条",
    "{place}, row {n}": "{place}，第 {n} 行",
    "ledger {n}, entry {of}": "{n} 年台账，第 {of} 笔",
    "ledger {n} of {place}": "{place} 的 {n} 年台账",
    "state of {place}": "{place} 的状态库",
    "the last scan": "上次扫描",
}
TABLES = (settings.WORDS, commands.WORDS, law.WORDS, catalogs.WORDS, sheets.WORDS)
_BLANKS: Mapping[str, Callable[[str], str | None]] = {
    "said": lambda text: refused(text, "zh"),
    "fault": lambda text: refused(text, "zh"),
    "entity": {"column": "字段", "table": "表", "view": "视图", "flow": "场景"}.get,
    "how": lambda text: refused(text, "zh"),
    "kind": {"this kind": "该识别器"}.get,
    "near": lambda text: "、".join(f"“{x.strip(chr(39))}”" for x in text.split(", ")),
    "part": settings.PARTS.get,
    "what": {"'<stream end>'": "文件末尾"}.get,
    "shape": catalogs.KINDS.get,
    "other": catalogs.KINDS.get,
    "whose": lambda text: text.replace("'s API", " API"),
    "act": settings.ACTS.get,
    "status": commands.STATUS.get,
    "verdict": sheets.VERDICTS.get,
}


def refused(text: str, lang: str) -> str:
    """What an error or a refusal says, in the language of the reader; as it stands where its words are not known.

    >>> refused('no flow "crm-h". Did you mean "crm-hq"?', "zh")
    '没有场景“crm-h”。是否为“crm-hq”？'
    """
    if isinstance(text, Msg | Word):
        return render(text, lang)
    if lang != "zh" or not text:
        return text
    known = _phrases()
    return known.said(text) or known.after_place(text) or known.with_remedy(text) or told(text, "zh")


def line(error: ChujingError, lang: str) -> str:
    """An error on one line, for people: where, what happened, what to do."""
    return sentence(error.where, error.what, error.hint, lang)


def sentence(where: str, what: str, hint: str, lang: str) -> str:
    """The three parts of an error on one line."""
    if lang != "zh":
        return ChujingError(what, where=where, hint=hint).line()
    place = render(where, lang) if isinstance(where, Msg) else _places().said(where) or where
    return "。".join(x for x in ("：".join(x for x in (place, refused(what, lang)) if x), refused(hint, lang)) if x)


@cache
def _phrases() -> Phrases:
    tables = (REASONS, REMEDIES, settings.YAML, commands.HOW, usage.WORDS, catalogs.SHAPES, *TABLES)
    return Phrases({english: chinese for table in tables for english, chinese in table.items()}, _BLANKS)


@cache
def _places() -> Phrases:
    return Phrases(PLACES, {})
