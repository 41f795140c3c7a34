"""Labels under a standard: category, grade, and what is sensitive under the chosen profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from detectors.errors import RulesError, nearest
from detectors.labels import labels
from detectors.message import Msg
from detectors.model import Label
from mappings.model import Confidence, Sensitive
from mappings.yaml_files import check_keys, load_yaml

PROFILES = {"2025": "gbt-45574-2025", "strict": "gbt-35273-2020"}


@dataclass(frozen=True, slots=True)
class Category:
    id: str
    zh: str
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class TaxonomyEntry:
    """What the standard says of one label."""

    category: Category
    grade: str
    sensitive: Sensitive


@dataclass(frozen=True, slots=True)
class CombinationRule:
    """Labels that are judged together: one of each group, and a time where that is asked."""

    id: str
    zh: str
    en: str
    groups: tuple[frozenset[Label], ...]
    time: bool
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class StockLine:
    """A duty of whoever holds so many persons (inclusive). of: all, or faces."""

    id: str
    persons: int
    of: str
    zh: str
    en: str
    source: str
    confidence: Confidence


def stock_lines(name: str = "gbt-43697-2024") -> tuple[StockLine, ...]:
    """Lines for persons held, from a taxonomy."""
    raw, _ = load_yaml("taxonomies", name)
    return tuple(StockLine(**line) for line in raw.get("stock_lines", ()))


@dataclass(frozen=True, slots=True)
class WeakerForm:
    """A form of a field that carries less and would often do. It is still personal information."""

    zh: str
    en: str
    source: str
    confidence: Confidence


@cache
def weaker_forms(name: str = "gbt-43697-2024") -> Mapping[str, WeakerForm]:
    """Label -> weaker form, from a taxonomy."""
    raw, _ = load_yaml("taxonomies", name)
    return {label: WeakerForm(**form) for label, form in raw.get("weaker", {}).items()}


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """A standard under a profile. grades are ordered from least to most severe."""

    id: str
    profile: str
    grades: tuple[str, ...]
    entries: Mapping[Label, TaxonomyEntry]
    sensitive_source: str
    sensitive_confidence: Confidence
    combinations: tuple[CombinationRule, ...] = ()


def load_taxonomy(name: str = "gbt-43697-2024", profile: str | None = None) -> Taxonomy:
    """Read a taxonomy by name or path; RulesError on unknown labels, grades, categories or profiles."""
    raw, where = load_yaml("taxonomies", name)
    check_keys(raw, ("id", "title", "source", "effective", "grades", "profiles", "categories", "labels", "combinations", "stock_lines",
                "weaker"), where)
    wanted = PROFILES.get(profile or "2025", profile or "")
    if wanted not in raw["profiles"]:
        raise RulesError(
            Msg('unknown profile "{name}"', name=wanted),
            where=where,
            hint=nearest(wanted, raw["profiles"]) or Msg("known: {names}", names=tuple(raw["profiles"])),
        )
    categories = {k: Category(k, v["zh"], v["source"], v["confidence"]) for k, v in raw["categories"].items()}
    entries = {}
    for label, entry in raw["labels"].items():
        check_keys(entry, ("category", "grade", "sensitive"), f"{where}: {label}")
        if label not in labels():
            raise RulesError(
                Msg('no detector makes the label "{name}"', name=label),
                where=where,
                hint=nearest(label, labels()),
            )
        if entry["category"] not in categories or entry["grade"] not in raw["grades"]:
            raise RulesError(Msg('"{name}" has an unknown category or grade', name=label), where=where)
        entries[Label(label)] = TaxonomyEntry(categories[entry["category"]], entry["grade"], entry["sensitive"][wanted])
    missing = set(labels()) - set(entries)
    if missing:
        raise RulesError(Msg("labels without a category: {names}", names=tuple(sorted(missing))), where=where)
    about = raw["profiles"][wanted]
    rules = tuple(_rule(name, rule, where) for name, rule in raw.get("combinations", {}).items())
    return Taxonomy(raw["id"], wanted, tuple(raw["grades"]), entries, about["source"], about["confidence"], rules)


def _rule(name: str, raw: Mapping[str, Any], where: str) -> CombinationRule:
    check_keys(raw, ("zh", "en", "of", "time", "source", "confidence"), f"{where}: {name}")
    for label in (x for group in raw["of"] for x in group):
        if label not in labels():
            raise RulesError(
                Msg('no detector makes the label "{name}"', name=label),
                where=f"{where}: {name}",
                hint=nearest(label, labels()),
            )
    groups = tuple(frozenset(map(Label, group)) for group in raw["of"])
    return CombinationRule(name, raw["zh"], raw["en"], groups, bool(raw.get("time")), raw["source"], raw["confidence"])
