"""Codes of rule sets and zone lists as people read them in Chinese; in English the codes themselves."""

from __future__ import annotations

import re

from reports.messages.words import t

_WORDS = {
    "path": "path.{0}",
    "confidence": "{0}",
    "counter": "cli.counter.{0}",
    "data": "cli.data.{0}",
    "extent": "cli.zone.{0}",
}


def law_words(kind: str, word: str, lang: str) -> str:
    """A code of a kind in words. kind: path, confidence, counter, data, extent, state, entries.

    >>> law_words("state", "absorbed_into_beijing_2025", "zh"), law_words("path", "exempt_art4", "en")
    ('已并入 beijing_2025', 'exempt_art4')
    """
    if kind == "entries":
        return t("cli.entries", lang, n=word).strip()
    if lang != "zh":
        return word
    if kind == "state":
        m = re.fullmatch("(in_force_as_of|absorbed_into|in_force)_?(.*)", word)
        return t(f"cli.zone.{m[1]}", lang, month=m[2].replace("_", "-"), name=m[2]) if m else word
    return t(_WORDS[kind].format(word), lang)
