"""Tests of `--where`: which findings a push takes, by their source, table, label, grade ..."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from detectors.errors import ConfigError, RulesError, nearest
from detectors.labels import labels
from detectors.message import Msg, Text
from detectors.model import Kind, Tier
from mappings.model import Sensitive
from mappings.taxonomy import load_taxonomy
from reports.model import Report, stands_or_possible
from reports.patterns import fits_any

TESTED = ("source", "table", "column", "label", "category", "grade", "sensitive", "kind", "tier")
MOST_LISTED = 12                              # values that an error lists

Conditions = Mapping[str, tuple[str, ...]]    # of TESTED: patterns of which one must fit


def parse_conditions(texts: Sequence[str]) -> Conditions:
    """Return `sensitive=yes,category=personal.*` as names with patterns; the same name twice means either.

    Raise ConfigError for what is no test or has an unknown name.
    """
    conditions: dict[str, tuple[str, ...]] = {}
    for part in (p.strip() for text in texts for p in text.split(",") if p.strip()):
        name, equals, pattern = part.partition("=")
        if not equals:
            raise ConfigError(
                Msg('"{text}" is no test', text=part), hint=Msg("--where sensitive=yes,category=personal.*")
            )
        if name not in TESTED:
            hint = _hint(nearest(name, TESTED), TESTED)
            raise ConfigError(Msg('nothing is called "{name}"', name=name), hint=hint)
        conditions[name] = (*conditions.get(name, ()), pattern)
    return conditions


def check_conditions(conditions: Conditions, report: Report) -> None:
    """Raise ConfigError for a test that nothing can pass: report, taxonomy, detectors lack its value."""
    possible_values = _possible_values(report)
    for name, patterns in conditions.items():
        values = possible_values.get(name)
        for pattern in patterns:
            if values and not fits_any(values, (pattern,)):
                more = ("…",) if len(values) > MOST_LISTED else ()
                hint = _hint(nearest(pattern, values), (*values[:MOST_LISTED], *more))
                raise ConfigError(Msg('"{text}" is no value of {name}', text=pattern, name=name), hint=hint)


def _hint(near: Text, names: Sequence[str]) -> Text:
    """Return the nearest name, if any, and all that are known."""
    all_names = Msg("known: {names}", names=tuple(names))
    return f"{near} {all_names}" if near else all_names


def _possible_values(report: Report) -> Mapping[str, Sequence[str]]:
    """Return the values that tests may have, by TESTED; of tables and columns any, so they are left out."""
    findings = [a for t in report.tables for c in t.columns if (a := stands_or_possible(c)) is not None]
    values: dict[str, Sequence[str]] = {
        "sensitive": get_args(Sensitive),
        "kind": get_args(Kind),
        "tier": get_args(Tier),
        "source": sorted(s.id for s in report.sources),
        "label": sorted({*labels(), *(a.finding.label for a in findings)}),
    }
    try:
        taxonomies = [load_taxonomy(name) for name in report.run.taxonomies]
    except RulesError:                        # a company's own, not here: any value may be one of its
        return values
    categories = {entry.category.id for taxonomy in taxonomies for entry in taxonomy.entries.values()}
    grades = [grade for taxonomy in taxonomies for grade in taxonomy.grades]
    values["category"] = sorted(categories | {a.category for a in findings})
    values["grade"] = list(dict.fromkeys([*grades, *(a.grade for a in findings)]))
    return values
