"""The page of rules: what the shipped law says, with the clause and how sure we are of the source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mappings.rules import RuleSet, load_ruleset
from mappings.taxonomy import PROFILES, load_taxonomy
from mappings.yaml_files import shipped_names
from mappings.zones import load_zone, zone_names
from reports.docs_build.markdown import code, page, table

INTRODUCTION = """\
Clauses are quoted in the language of the law. How sure we are of a source: `verified`, the text itself was
read in a copy; `secondary`, a summary or another third party was read; `recalled`, from memory or inferred.
Law is dated YAML in `mappings/`; `chujing rules` prints a rule set."""

SOURCE_HEADS = ("source", "how sure")
Entry = Mapping[str, Any]


def rules_page() -> str:
    """Return the page."""
    sets = [load_ruleset(name) for name in sorted(shipped_names("rulesets"), reverse=True)]
    sections = [section for rules in sets for section in _sections(rules)]
    return page("Rules", INTRODUCTION, *sections, *_taxonomy_sections(), *_zone_sections())


def _sections(rules: RuleSet) -> Iterator[str]:
    """Yield the parts of one rule set."""
    raw = rules.raw
    until = f" until {raw['until']}" if raw["until"] else ""
    yield f"## {rules.id}: {raw['title_en']} ({raw['title']})"
    yield f"In force from {raw['effective']}{until}. File: `mappings/rulesets/{rules.id}.yaml`."
    yield _part("Lines of persons", ("line", "who", "persons", "path"), (
        (line["id"], line["counter"], _band(line), code(line["path"]), *_sources(rules, line))
        for line in (*raw["thresholds"], *raw["sector_lines"].values())
    ))
    yield _part("Rules", ("rule", "path", "when"), (
        (code(name), code(rule["path"]), rule["words_en"], *_sources(rules, rule))
        for name, rule in raw["rules"].items()
    ))
    yield _part("Open readings: both are computed", ("reading", "values", "what is not settled"), (
        (code(name), ", ".join(map(code, reading["values"])), reading["words_en"], *_sources(rules, reading))
        for name, reading in raw["readings"].items()
    ))
    yield _part("Duties of every flow", ("duty", "what"), (
        (code(duty["id"]), duty["en"], *_sources(rules, duty)) for duty in raw["duties"]
    ))
    yield _part("What follows from a path", ("path", "what"), (
        (code(path), duty["en"], *_sources(rules, duty))
        for path, duties in raw["obligations"].items() for duty in duties
    ))
    yield _part("Dates", ("of", "figures"), (
        (code(name), _figure_words(entry), *_sources(rules, entry)) for name, entry in raw["validity"].items()
    ))
    yield _part("What is not as it was filed", ("difference", "what", "action"), (
        (code(name), entry["en"], _action(entry["action"]), *_sources(rules, entry))
        for name, entry in raw["baseline"].items()
    ))


def _part(title: str, head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """Return a table with the columns of sources at its end, below its heading."""
    return f"### {title}\n\n{table((*head, *SOURCE_HEADS), rows)}"


def _sources(rules: RuleSet, entry: Entry) -> tuple[str, str]:
    """Return clauses of an entry and how sure we are of them."""
    clauses = rules.source(entry) if "source" in entry else ""
    since = f" (from {entry['effective']})" if "effective" in entry else ""
    return clauses + since, entry.get("confidence", "")


def _band(line: Entry) -> str:
    """Return persons of a line: the first number is inside, the second outside.

    >>> _band({"min": 10000, "max": None}), _band({"min": 1, "max": 10000})
    ('from 10,000', '1 to below 10,000')
    """
    if line.get("max") is None:
        return f"from {line['min']:,}"
    return f"{line['min']:,} to below {line['max']:,}"


def _figure_words(entry: Entry) -> str:
    """Return the numbers of an entry in words: `years: 3, extend working days: 60`."""
    return ", ".join(f"{k.replace('_', ' ')}: {v}" for k, v in entry.items() if isinstance(v, int))


def _action(action: str | Mapping[str, str]) -> str:
    """Return what is to be done; by kind of filing where that differs."""
    if isinstance(action, str):
        return code(action)
    return ", ".join(f"{kind}: {code(what)}" for kind, what in action.items())


def _taxonomy_sections() -> Iterator[str]:
    """Yield what the national taxonomy says of every label, and what is sensitive under each profile."""
    newer, stricter = (load_taxonomy(profile=profile) for profile in PROFILES.values())
    sources = " and ".join(
        f"`{taxonomy.profile}` ({taxonomy.sensitive_source}, {taxonomy.sensitive_confidence})"
        for taxonomy in (newer, stricter)
    )
    yield f"## {newer.id}: the national taxonomy"
    yield (f"File: `mappings/taxonomies/{newer.id}.yaml`. The columns named after a profile say whether a "
           f"label is sensitive under it: {sources}.")
    rows = [
        (code(label), code(entry.category.id), entry.category.zh, entry.grade, entry.sensitive,
         stricter.entries[label].sensitive, entry.category.source, entry.category.confidence)
        for label, entry in newer.entries.items()
    ]
    heads = ("label", "category", "Chinese", "grade", newer.profile, stricter.profile, *SOURCE_HEADS)
    yield table(heads, rows)


def _zone_sections() -> Iterator[str]:
    """Yield the lists of free-trade zones that ship."""
    yield "## Lists of free-trade zones"
    yield ("Folder: `mappings/zone_lists/`. Nothing is called outside a list that is not whole; see "
           "[deciding](../deciding.md).")
    rows = [
        (code(zone.id), zone.title, zone.issued, "、".join(zone.sectors), len(zone.entries),
         "yes" if zone.complete else "no", zone.source, zone.confidence)
        for zone in map(load_zone, zone_names())
    ]
    yield table(("list", "title", "issued", "sectors", "entries", "whole", *SOURCE_HEADS), rows)
