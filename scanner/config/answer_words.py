"""Answers to facts as the screen offers them: `是`, `无`, `已被告知` stand for `yes`, `none`, `notified`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from detectors.yaml_document import Document
from mappings.names import bare_name, is_empty
from mappings.purpose import load_purpose, purpose_names
from mappings.rules import STANCES, RuleSet, load_ruleset
from mappings.yaml_files import is_path
from reports.messages.words import pair_of

KEYS = ("answer.", "fact.value.")             # where the words of values stand
ALWAYS = ("unknown",)                         # may be answered to every fact


def fact_of(text: str) -> str:
    """Return the code of a fact or reading that a text names, by its code or its title; else the text.

    >>> fact_of("ciio"), fact_of("关键信息基础设施运营者"), fact_of("collective contract")
    ('ciio', 'ciio', 'collective_contract')
    """
    book = load_ruleset().raw
    for name in (*book["facts"], *book["readings"]):
        if bare_name(text) in {bare_name(title) for title in (name, *(pair_of(f"fact.name.{name}") or ()))}:
            return str(name)
    return text


def value_of(fact: str, text: str, rules: RuleSet | None = None) -> str:
    """Return the value of a fact that a text means: the value itself, or its words in either language.

    What says that there is nothing (无, 不适用) is `none` where that is an answer or any text is, else not
    known. A text that means none of its values is returned as it is. rules: today's by default.

    >>> value_of("ciio", "否"), value_of("important_data", "无"), value_of("sector", "保险")
    ('no', 'none', '保险')
    >>> value_of("already_filed", "standard contract"), value_of("zone", "否"), value_of("ciio", "不适用")
    ('standard_contract', 'none', 'unknown')
    """
    book = (rules or load_ruleset()).raw
    stances = STANCES if fact in book["readings"] else ()
    about = book["facts"].get(fact) or book["readings"].get(fact, {})
    values = (*map(str, about.get("values", ())), *stances)
    for value in (*values, *ALWAYS):
        words = {bare_name(word) for key in KEYS for word in pair_of(key + value) or ()}
        if bare_name(text) in words | {bare_name(value)}:
            return value
    if not text.strip() or not is_empty(text) or fact not in book["facts"]:
        return text
    return "none" if "none" in values or values in (("text",), ("zone",), ("act",)) else "unknown"


def group_words() -> dict[str, tuple[str, ...]]:
    """Return the subject groups, each with the words that mean it: code, title in both languages, others."""
    groups = load_ruleset().raw["groups"]
    return {name: (name, g["zh"], g["en"], *g.get("also", ())) for name, g in groups.items()}


def group_of(text: str) -> str:
    """Return the subject group that a text means; empty where it means that there is none, else the text.

    >>> group_of("员工"), group_of("Employees"), group_of("候选人"), group_of("无"), group_of("火星人")
    ('employee', 'employee', 'applicant', '', '火星人')
    """
    own = bare_name(text)
    names = (name for name, words in group_words().items() if own in map(bare_name, words))
    return next(names, "" if is_empty(text) else text)


def purpose_of(text: str) -> str:
    """Return the purpose that a text names, by its code or its title; else the text.

    >>> purpose_of("crm"), purpose_of("营销推广"), purpose_of("MARKETING"), purpose_of("hr")
    ('crm', 'marketing', 'marketing', 'hr')
    """
    if text in purpose_names() or not text.strip() or is_path(text):
        return text
    own, purposes = bare_name(text), map(load_purpose, purpose_names())
    return next((p.id for p in purposes if own in map(bare_name, (p.id, p.title, p.title_en))), text)


def with_values(doc: Document, rules: RuleSet | None = None) -> Document:
    """Return a document whose facts and subject groups are the values that their words mean."""
    root = doc.value
    if not isinstance(root, dict):
        return doc
    value = {**root, **_valued(root, rules)}
    if isinstance(root.get("exporter"), dict):
        value["exporter"] = {**root["exporter"], **_valued(root["exporter"], rules)}
    if isinstance(root.get("flows"), list):
        value["flows"] = [{**f, **_valued(f, rules)} if isinstance(f, dict) else f for f in root["flows"]]
    return replace(doc, value=value)


def _valued(owner: Mapping[str, Any], rules: RuleSet | None) -> dict[str, Any]:
    """The facts of a company or flow, and its subject group, with their values: what there is to read."""
    valued: dict[str, Any] = {}
    if isinstance(facts := owner.get("facts"), dict):
        valued["facts"] = {name: _valued_answer(name, answer, rules) for name, answer in facts.items()}
    if isinstance(group := owner.get("subject_group"), str):
        valued["subject_group"] = group_of(group)
    if isinstance(purpose := owner.get("purpose"), str):
        valued["purpose"] = purpose_of(purpose)
    return valued


def _valued_answer(fact: str, answer: Any, rules: RuleSet | None) -> Any:
    if isinstance(answer, dict) and isinstance(answer.get("value"), str):
        return {**answer, "value": value_of(fact, answer["value"], rules)}
    return value_of(fact, answer, rules) if isinstance(answer, str) else answer


def shown_value(value: str, lang: str) -> str:
    """Return the words of a value; the value where it has none."""
    pair = next((pair for key in KEYS if (pair := pair_of(key + value)) is not None), None)
    return value if pair is None else pair[0] if lang == "zh" else pair[1]
