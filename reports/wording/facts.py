"""What a decision rests on, in words; programs and `chujing facts` say it as `sensitive_individuals=10239`.

>>> persons = FactValue("sensitive_individuals", "10239", ("crm-hq", "hr-hq"))
>>> facts = (FactValue("labour_rules", "yes"), persons)
>>> fact_words(facts, "zh")
'劳动规章制度：是；敏感个人信息涉及 10,239 人 (crm-hq + hr-hq)'
>>> fact_words(facts, "en")
'labour rules: yes; sensitive persons: 10,239 (crm-hq + hr-hq)'
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mappings.model import Decision, FactValue, Reason
from reports.messages.legacy import parse_facts
from reports.messages.words import heading, in_brackets, join_list, pair_of, t


def fact_title(name: str, lang: str) -> str:
    """Return what a fact, or what else is asked, is called; its code where it has no word."""
    pair = pair_of(f"fact.name.{name}")
    return name if pair is None else pair[0] if lang == "zh" else pair[1]


def named_fact(name: str, lang: str) -> str:
    """Return what a fact is called, with the code by which it is answered.

    >>> named_fact("ciio", "zh"), named_fact("my_fact", "en")
    ('关键信息基础设施运营者（ciio）', 'my_fact')
    """
    title = fact_title(name, lang)
    return title if title == name else title + in_brackets(name, lang)


def facts_of(reason: Reason) -> tuple[FactValue, ...]:
    """Return what a reason rests on; of a report of version 0.1, from its text."""
    return reason.facts or parse_facts(reason.fact)


def fact_words(facts: Sequence[FactValue], lang: str) -> str:
    """Return facts and counts of a decision's reason for people; a code that has no word as it is."""
    return join_list((_words(f, lang) for f in facts), "facts", lang)


def assumed_words(decisions: Iterable[Decision], lang: str) -> str:
    """Return what decisions take for granted because nobody answered it; empty where that is nothing."""
    values = {name: value for d in decisions for name, value in d.extra.get("assumed", {}).items()}
    facts = join_list((_value_words(name, value, lang) for name, value in values.items()), "facts", lang)
    return heading("unanswered", lang) + facts if facts else ""


def _words(fact: FactValue, lang: str) -> str:
    over = f" ({' + '.join(fact.over)})" if fact.over else ""
    if pair_of(f"fact.count.{fact.name}"):
        return f"{_count_words(fact, lang)}{over}"
    about = f", {fact.about}" if fact.about else ""
    return f"{_value_words(fact.name, fact.value, lang)}{over}{about}"


def _count_words(fact: FactValue, lang: str) -> str:
    """Return a number of persons with the interval it is of; the interval alone where it has no end."""
    value = t("fact.value.unbounded", lang) if fact.value == "unbounded" else fact.value
    figure = f"{int(value):,}" if value.isdigit() else value
    about = fact.about + t("unbounded", lang) if fact.about.endswith("–") else fact.about
    if about:
        figure = about if fact.value == "unbounded" else f"{figure} ({about})"
    return t(f"fact.count.{fact.name}", lang, n=figure)


def _value_words(name: str, value: str, lang: str) -> str:
    """Return a fact with its value; in English names and values are the codes themselves."""
    shown = t(f"fact.value.{value}", lang) if lang == "zh" and pair_of(f"fact.value.{value}") else value
    title = t(f"fact.name.{name}", lang) if lang == "zh" else name.replace("_", " ")
    return title + t("list.colon", lang) + shown
