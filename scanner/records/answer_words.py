"""Answers to facts as the screen offers them: `是`, `无`, `已被告知` stand for `yes`, `none`, `notified`."""

from __future__ import annotations

from mappings.rules import STANCES, RuleSet, load_ruleset
from reports.messages.words import pair_of

KEYS = ("answer.", "fact.value.")             # where the words of values stand
ALWAYS = ("unknown",)                         # may be answered to every fact


def value_of(fact: str, text: str, rules: RuleSet | None = None) -> str:
    """Return the value of a fact that a text means: the value itself, or its words in either language.

    A text that means none of its values is returned as it is. rules: today's by default.

    >>> value_of("ciio", "否"), value_of("important_data", "无"), value_of("sector", "保险")
    ('no', 'none', '保险')
    """
    book = (rules or load_ruleset()).raw
    stances = STANCES if fact in book["readings"] else ()
    about = book["facts"].get(fact) or book["readings"].get(fact, {})
    for value in (*map(str, about.get("values", ())), *stances, *ALWAYS):
        words = {word.casefold() for key in KEYS for word in pair_of(key + value) or ()}
        if text.casefold() in words | {value}:
            return value
    return text


def shown_value(value: str, lang: str) -> str:
    """Return the words of a value; the value where it has none."""
    pair = next((pair for key in KEYS if (pair := pair_of(key + value)) is not None), None)
    return value if pair is None else pair[0] if lang == "zh" else pair[1]
