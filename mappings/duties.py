"""What a flow owes whatever its path: notice, separate consent or its basis, impact assessment, records, onward transfer, remote access.

An exemption removes the three procedures only (促进和规范数据跨境流动规定 第十条).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mappings.model import Decision, Duty, Flow, FlowCount
from mappings.rules import RuleSet


def duties(
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
        _due(d, facts) for d in rules.raw.get("duties", ())
        if (leaves or d["id"] in ("candidates", "surveying")) and all(holds[w] for w in d.get("when", ()))
    )


def _due(d: Mapping[str, str], facts: Mapping[str, str]) -> Duty:
    ask = d.get("ask")
    if ask is None:
        return Duty(d["zh"], d["en"], d["source"], d["confidence"])  # type: ignore[arg-type]
    value = facts.get(ask, "unknown")
    if value in ("", "unknown"):
        return Duty(d["zh"], d["en"], d["source"], d["confidence"], "ask")  # type: ignore[arg-type]
    if value in d["due"]:
        return Duty(d["zh"], d["en"], d["source"], d["confidence"])  # type: ignore[arg-type]
    return Duty(d["not_due_zh"], d["not_due_en"], d["source"], d["confidence"], "not_due")  # type: ignore[arg-type]
