"""Labels under a standard: category, grade, and what is sensitive under the chosen profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from detectors.errors import RulesError, nearest
from detectors.labels import labels
from detectors.message import Msg, Word
from detectors.model import Label
from mappings.model import Confidence, Sensitive, law_text
from mappings.yaml_files import check_keys, check_label, load_yaml

NATIONAL_TAXONOMY = "gbt-43697-2024"
KEYS = (
    "id", "title", "source", "effective", "grades", "profiles", "categories", "labels", "combinations",
    "stock_lines", "weaker",
)
PROFILES = {"2025": "gbt-45574-2025", "strict": "gbt-35273-2020"}


@dataclass(frozen=True, slots=True)
class Category:
    """A category of a taxonomy."""

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
    title: Word
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
    words: Word
    source: str
    confidence: Confidence


def stock_lines(name: str = NATIONAL_TAXONOMY) -> tuple[StockLine, ...]:
    """Return the lines for persons held, from a taxonomy."""
    raw, _ = load_yaml("taxonomies", name)
    return tuple(
        StockLine(x["id"], x["persons"], x["of"], law_text(x["zh"], x["en"]), x["source"], x["confidence"])
        for x in raw.get("stock_lines", ())
    )


@dataclass(frozen=True, slots=True)
class WeakerForm:
    """A form of a field that carries less and would often do. It is still personal information."""

    words: Word
    source: str
    confidence: Confidence


@cache
def weaker_forms(name: str = NATIONAL_TAXONOMY) -> Mapping[str, WeakerForm]:
    """Return label -> weaker form, from a taxonomy."""
    raw, _ = load_yaml("taxonomies", name)
    return {
        label: WeakerForm(law_text(form["zh"], form["en"]), form["source"], form["confidence"])
        for label, form in raw.get("weaker", {}).items()
    }


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


def load_taxonomy(name: str = NATIONAL_TAXONOMY, profile: str | None = None) -> Taxonomy:
    """Read a taxonomy by name or path; raise RulesError on unknown labels, grades, categories or profiles."""
    raw, where = load_yaml("taxonomies", name)
    check_keys(raw, KEYS, where)
    profile = PROFILES.get(profile or "2025", profile or "")
    if profile not in raw["profiles"]:
        profiles = tuple(raw["profiles"])
        raise RulesError(
            Msg('unknown profile "{name}"', name=profile),
            where=where, hint=nearest(profile, profiles) or Msg("known: {names}", names=profiles),
        )
    about = raw["profiles"][profile]
    combinations = tuple(
        _combination(id, entry, f"{where}: {id}") for id, entry in raw.get("combinations", {}).items()
    )
    return Taxonomy(
        raw["id"], profile, tuple(raw["grades"]), _entries(raw, profile, where), about["source"],
        about["confidence"], combinations,
    )


def _entries(raw: Mapping[str, Any], profile: str, where: str) -> Mapping[Label, TaxonomyEntry]:
    """What the standard says of every label there is; raise RulesError where one is lacking."""
    categories = {
        id: Category(id, c["zh"], c["source"], c["confidence"]) for id, c in raw["categories"].items()
    }
    entries: dict[Label, TaxonomyEntry] = {}
    for label, entry in raw["labels"].items():
        check_keys(entry, ("category", "grade", "sensitive"), f"{where}: {label}")
        check_label(label, where)
        if entry["category"] not in categories or entry["grade"] not in raw["grades"]:
            raise RulesError(Msg('"{name}" has an unknown category or grade', name=label), where=where)
        entries[Label(label)] = TaxonomyEntry(
            categories[entry["category"]], entry["grade"], entry["sensitive"][profile]
        )
    if missing := set(labels()) - set(entries):
        raise RulesError(Msg("labels without a category: {names}", names=tuple(sorted(missing))), where=where)
    return entries


def _combination(id: str, raw: Mapping[str, Any], where: str) -> CombinationRule:
    check_keys(raw, ("zh", "en", "of", "time", "source", "confidence"), where)
    for label in (x for group in raw["of"] for x in group):
        check_label(label, where)
    groups = tuple(frozenset(map(Label, group)) for group in raw["of"])
    return CombinationRule(
        id, law_text(raw["zh"], raw["en"]), groups, bool(raw.get("time")), raw["source"], raw["confidence"]
    )
