"""Purposes of an export: the need each names and the keys of their files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from detectors.model import Label
from mappings.model import Confidence
from mappings.yaml_files import check_keys, check_label, is_path, load_yaml, once_a_text, shipped_names

_KEYS = (
    "id", "title", "title_en", "function", "bound", "source", "confidence", "effective", "claim", "situation",
    "complete", "necessary", "case_by_case", "rules", "subjects", "ours", "own_rules",
)


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
    the fields.
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
    )


def purpose_of_name(name: str) -> Purpose | None:
    """Return a purpose by name or path; None for words of somebody's own, of which nothing is known."""
    return load_purpose(name) if name in purpose_names() or is_path(name) else None


def purpose_subjects(name: str) -> str:
    """Return whose data a purpose is about; empty where that is not known."""
    purpose = purpose_of_name(name)
    return purpose.subjects if purpose is not None else ""


def _need(raw: Mapping[str, Any], where: str) -> Need:
    check_keys(raw, ("item", "labels", "role", "condition", "source", "form"), where)
    for label in raw["labels"]:
        check_label(label, where)
    return Need(
        raw["item"], tuple(Label(x) for x in raw["labels"]), raw.get("condition", ""), raw.get("source", ""),
        raw.get("form", ""),
    )
