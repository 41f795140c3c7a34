"""What a flow owes whatever its path: notice, consent or its basis, impact assessment, records and more.

An exemption removes the three procedures only (促进和规范数据跨境流动规定 第十条).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mappings.flow_report import FlowReport
from mappings.model import NOBODY_PATHS, Duty, law_text
from mappings.names import is_mentioned
from mappings.rules import RuleSet

# duties about data that stays in the country, too
SMALL_PROCESSOR = 100_000                     # persons from which on a processor is no small one
DUTIES_WITHOUT_EXPORT = ("candidates", "candidates_notice", "surveying")


def list_duties(report: FlowReport, values: Mapping[str, str], rules: RuleSet) -> tuple[Duty, ...]:
    """Return the duties of a decided flow in the order of the rule set. values: facts of its entity."""
    facts = {**values, **report.flow.facts}
    leaves = not set(report.decision.possible) <= {"not_export", *NOBODY_PATHS}
    holds = _circumstances(report, facts)
    return tuple(
        _duty(entry, facts, rules) for entry in rules.raw.get("duties", ())
        if rules.applies(entry) and (leaves or entry["id"] in DUTIES_WITHOUT_EXPORT)
        and all(_does_hold(word, holds, facts, report, rules) for word in entry.get("when", ()))
    )


def _does_hold(
    word: str, holds: Mapping[str, bool], facts: Mapping[str, str], report: FlowReport, rules: RuleSet
) -> bool:
    """Does a circumstance under `when` hold: `path:X`, `fact:NAME=VALUE|VALUE`, or a word of its own."""
    kind, colon, rest = word.partition(":")
    if not colon:
        return holds[word]
    if kind == "path":
        return rest in report.decision.possible
    name, _, values = rest.partition("=")
    if name == "small_processor" and report.individuals.low >= SMALL_PROCESSOR:
        return False                          # what is printed beside it says otherwise
    own = facts.get(name, "")
    if rules.raw["facts"][name]["values"] == ["text"]:
        return any(is_mentioned(value, own) for value in values.split("|"))
    return own in values.split("|")


def _circumstances(report: FlowReport, facts: Mapping[str, str]) -> Mapping[str, bool]:
    """The words under `when` of a duty, and whether they hold of a flow."""
    return {
        "sensitive": report.sensitive_individuals.high != 0,
        "minors": report.minors.high not in (0, None) or report.minors.best > 0,  # under 14
        "onward": bool(report.flow.onward),
        "remote": report.flow.mode == "access_from_abroad",
        "transformed": facts.get("transformation", "") not in ("", "none", "no"),
        "planned": report.flow.status == "planned",
        "zone_claimed": report.flow.claim == "ftz",
        "candidate": bool(report.candidates) or facts.get("important_data") == "candidate",
        "surveying": "important.surveying" in report.candidates,
    }


def _duty(entry: Mapping[str, Any], facts: Mapping[str, str], rules: RuleSet) -> Duty:
    """A duty of the rule set: due, not due, or to be asked for the fact it depends on."""
    source, confidence = rules.source(entry), entry["confidence"]
    words = law_text(entry["zh"], entry["en"])
    value = facts.get(entry["ask"], "unknown") if "ask" in entry else ""
    if "ask" not in entry or value in entry["due"]:
        return Duty(words, source, confidence, entry.get("status", "due"))
    if value in ("", "unknown"):
        return Duty(words, source, confidence, "ask")
    return Duty(law_text(entry["not_due_zh"], entry["not_due_en"]), source, confidence, "not_due")
