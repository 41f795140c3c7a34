"""Purposes of an export: the need each names and the keys of their files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from detectors.model import Label
from mappings.model import Confidence
from mappings.names import is_empty, is_mentioned
from mappings.yaml_files import check_keys, check_label, is_path, load_yaml, once_a_text, shipped_names

_KEYS = (
    "id", "title", "title_en", "function", "bound", "source", "confidence", "effective", "claim", "situation",
    "complete", "necessary", "case_by_case", "rules", "subjects", "ours", "own_rules", "not_for",
)
PurposeFit = Literal["yes", "no", "open"]     # does a purpose go with the exemption that is claimed


@dataclass(frozen=True, slots=True)
class Need:
    """One item of a purpose's list. condition: when it is needed; empty: always.

    Form `tail`: the last characters would do.
    """

    item: str
    labels: tuple[Label, ...]
    condition: str = ""
    source: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a purpose needs.

    complete=False: the source gives no field list, so every field is for a person to judge.
    bound: `collection` where the list says what may be collected, an outer bound for export; else `export`.
    situation: name under which a rule set may refuse an exemption. subjects: whose data it is about. ours: a
    starting point written here, to be confirmed. own_rules: the company's own labour rules or contracts name
    the fields. not_for: claims of an exemption that cannot rest on it.
    """

    id: str
    title: str
    title_en: str
    function: str
    bound: str
    source: str
    confidence: Confidence
    complete: bool
    necessary: tuple[Need, ...]
    case_by_case: tuple[Need, ...] = ()
    rules: tuple[str, ...] = ()
    claim: str = ""
    situation: str = ""
    subjects: str = ""
    ours: bool = False
    own_rules: bool = False
    not_for: tuple[str, ...] = ()


@cache
def purpose_names() -> tuple[str, ...]:
    """Names of the purposes that ship."""
    return shipped_names("purposes")


@once_a_text
def load_purpose(name: str) -> Purpose:
    """Read a purpose by name or path; RulesError on unknown keys or labels."""
    raw, where = load_yaml("purposes", name, "PurposeKeys")
    check_keys(raw, _KEYS, where)
    return Purpose(
        id=raw["id"],
        title=raw["title"],
        title_en=raw.get("title_en", raw["title"]),
        function=raw.get("function", ""),
        bound=raw.get("bound", "export"),
        source=raw["source"],
        confidence=raw["confidence"],
        complete=bool(raw["complete"]),
        necessary=tuple(_need(n, where) for n in raw.get("necessary", ())),
        case_by_case=tuple(_need(n, where) for n in raw.get("case_by_case", ())),
        rules=tuple(raw.get("rules", ())),
        claim=raw.get("claim", ""),
        situation=raw.get("situation", ""),
        subjects=raw.get("subjects", ""),
        ours=bool(raw.get("ours", False)),
        own_rules=bool(raw.get("own_rules", False)),
        not_for=tuple(raw.get("not_for", ())),
    )


def purpose_of_name(name: str) -> Purpose | None:
    """Return a purpose by name or path; None for words of somebody's own, of which nothing is known."""
    return load_purpose(name) if name in purpose_names() or is_path(name) else None


def purpose_subjects(name: str) -> str:
    """Return whose data a purpose is about; empty where that is not known."""
    purpose = purpose_of_name(name)
    return purpose.subjects if purpose is not None else ""


def purpose_situation(name: str) -> str:
    """Return the situation of a purpose, which a rule set may refuse; empty where it has none."""
    purpose = purpose_of_name(name)
    return purpose.situation if purpose is not None else ""


def purpose_fit(name: str, claim: str, every: str = "") -> PurposeFit:
    """Return whether a purpose goes with an exemption: by its file, or by the words in which it is written.

    Nothing that is written is nothing against the claim. every: how often the flow leaves, in words; what
    leaves regularly is no emergency.

    >>> [purpose_fit(name, "art5_2") for name in ("", "hr_management", "crm", "expenses")]
    ['yes', 'yes', 'no', 'open']
    >>> [purpose_fit(name, "art5_2") for name in ("薪酬发放", "customer analytics", "HR analytics", "其他")]
    ['yes', 'no', 'open', 'open']
    >>> purpose_fit("医疗救助", "art5_3", "每月"), purpose_fit("医疗救助", "art5_3", "一次")
    ('no', 'open')
    """
    if claim in _rhythm_words()["not_for"] and is_standing(every):
        return "no"
    if is_empty(name):
        return "yes"
    purpose = purpose_of_name(name)
    if purpose is not None:
        return "no" if claim in purpose.not_for else "yes" if claim == purpose.claim else "open"
    kinds = [kind for kind in _purpose_words().values() if any(is_mentioned(w, name) for w in kind["words"])]
    if kinds and all(claim in kind["not_for"] for kind in kinds):
        return "no"
    return "yes" if kinds and all(claim in kind.get("fits", ()) for kind in kinds) else "open"


@cache
def _purpose_words() -> Mapping[str, Any]:
    raw: Mapping[str, Any] = load_yaml("vocabulary", "purpose_words")[0]
    return raw


def is_standing(every: str) -> bool:
    """Do the words in which somebody wrote how often a flow leaves say that it does so regularly?

    >>> [is_standing(every) for every in ("每日", "Real-time", "一次性", "每次紧急事件", "不定期", "")]
    [True, True, False, False, False, False]
    """
    words = _rhythm_words()
    single, standing = (any(is_mentioned(w, every) for w in words[kind]) for kind in ("single", "standing"))
    return standing and not single


@cache
def _rhythm_words() -> Mapping[str, Any]:
    raw: Mapping[str, Any] = load_yaml("vocabulary", "rhythm_words")[0]
    return raw


def _need(raw: Mapping[str, Any], where: str) -> Need:
    check_keys(raw, ("item", "labels", "role", "condition", "source", "form"), where)
    for label in raw["labels"]:
        check_label(label, where)
    return Need(
        raw["item"], tuple(Label(x) for x in raw["labels"]), raw.get("condition", ""), raw.get("source", ""),
        raw.get("form", ""),
    )
