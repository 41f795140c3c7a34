"""What a flow owes whatever its path: notice, separate consent or its basis, impact assessment, records, onward transfer, remote access.

An exemption removes the three procedures only (促进和规范数据跨境流动规定 第十条).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from mappings.model import Decision, Duty, Flow, FlowCount
from mappings.rules import RuleSet


def list_duties(
    flow: Flow, count: FlowCount, decision: Decision, facts: Mapping[str, str], rules: RuleSet, candidates: Collection[str] = ()
) -> tuple[Duty, ...]:
    """Duties in the order of the rule set. candidates: labels of candidate important data among what leaves."""
    leaves = not set(decision.possible) <= {"not_export", "no_filing_art3"}
    holds = {
        "sensitive": count.sensitive.high != 0,
        "minors": count.minors.high not in (0, None) or count.minors.best > 0,
        "onward": bool(flow.onward),
        "remote": flow.mode == "access_from_abroad",
        "transformed": bool(facts.get("transformation")) and facts.get("transformation") not in ("none", "no"),
        "candidate": bool(candidates),
        "surveying": "important.surveying" in candidates,
    }
    return tuple(
        _due(d, facts, rules) for d in rules.raw.get("duties", ())
        if rules.applies(d) and (leaves or d["id"] in ("candidates", "surveying")) and all(holds[w] for w in d.get("when", ()))
    )


def _due(d: Mapping[str, Any], facts: Mapping[str, str], rules: RuleSet) -> Duty:
    source = rules.source(d)
    value = facts.get(d["ask"], "unknown") if "ask" in d else ""
    if "ask" not in d or value in d["due"]:
        return Duty(d["zh"], d["en"], source, d["confidence"])
    if value in ("", "unknown"):
        return Duty(d["zh"], d["en"], source, d["confidence"], "ask")
    return Duty(d["not_due_zh"], d["not_due_en"], source, d["confidence"], "not_due")
