"""Codes of rule sets and zone lists as people read them in Chinese; in English the codes themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mappings.rules import RuleSet
from mappings.zones import Zone
from reports.messages.words import t

_WORDS = {
    "path": "path.{0}",
    "confidence": "{0}",
    "counter": "cli.counter.{0}",
    "data": "cli.data.{0}",
    "extent": "cli.zone.{0}",
}


def citation(source: str, confidence: str, lang: str) -> str:
    """Return a clause and how sure we are of it: `Art. 7(2) [verified]`."""
    return f"{clause_words(source, lang)} [{t(confidence, lang)}]"


def clause_words(source: str, lang: str) -> str:
    """Return clauses as they are cited; in Chinese with Chinese marks between several.

    >>> clause_words("个人信息保护法 第六条; 数据安全法 第三十六条", "zh")
    '个人信息保护法 第六条；数据安全法 第三十六条'
    """
    return source.replace("; ", t("list.clauses", lang))


def law_words(kind: str, word: str, lang: str) -> str:
    """Return a code of a kind in words. kind: path, confidence, counter, data, extent, state, entries.

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


def zone_lines(zone: Zone, lang: str) -> list[str]:
    """Return a zone's list in two lines: what it is, and what it covers."""
    extent = law_words("extent", "complete" if zone.complete else "partial", lang)
    state, confidence = law_words("state", zone.status, lang), law_words("confidence", zone.confidence, lang)
    entries = law_words("entries", str(len(zone.entries)), lang)
    return [
        f"{zone.id}  {zone.title}  {zone.issued}  {extent}  {state}  [{confidence}]",
        f"    {'、'.join(zone.sectors)}  {entries}",
    ]


def ruleset_lines(rules: RuleSet, lang: str) -> Iterator[str]:
    """Yield a rule set: its lines of persons, its rules, and the questions no text settles."""
    raw = rules.raw

    def words(kind: str, code: str) -> str:
        return law_words(kind, code, lang)

    def clause(entry: Mapping[str, Any]) -> str:
        return f"{rules.source(entry)} [{words('confidence', entry['confidence'])}]"

    title = raw["title"] if lang == "zh" else raw["title_en"]
    yield f"{rules.id}  {title}  {raw['effective']} – {raw['until'] or ''}".rstrip()
    for line in raw["thresholds"]:
        end = f"{line['max']:,}" if line["max"] else "∞"
        counter, path = words("counter", line["counter"]), words("path", line["path"])
        yield f"  {line['id']}  {counter:<9} [{line['min']:,}, {end})  {path}  {clause(line)}"
    for name, rule in raw["rules"].items():
        yield f"  {name:<24} {words('path', rule['path'])}  {clause(rule)}  {_in_language(rule, lang)}"
    for name, reading in raw["readings"].items():
        codes = reading["values"]
        values = " | ".join(reading["zh"][code] for code in codes) if lang == "zh" else " | ".join(codes)
        confidence = words("confidence", reading["confidence"])
        yield f"  ? {name:<22} {values}  {_in_language(reading, lang)} [{confidence}]"


def _in_language(entry: Mapping[str, Any], lang: str) -> str:
    return str(entry["words"] if lang == "zh" else entry["words_en"])
