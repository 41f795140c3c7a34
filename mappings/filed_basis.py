"""What a running flow rests on: what was filed or issued for it that its path asks for, and since when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from detectors.message import Note
from mappings import notes
from mappings.baseline import FiledScenario, covering_filing
from mappings.calendar import stated_day
from mappings.deadlines import Filing, expiry_date, is_issued
from mappings.flow_report import FlowReport
from mappings.model import IN_BAND, Flow
from mappings.readiness import FILED
from mappings.rules import RuleSet

BASIS_BY_PATH: Mapping[str, tuple[str, ...]] = {     # path -> what may have been filed or issued for it
    "security_assessment": ("assessment",), "own_security_assessment": ("assessment",),
    "standard_contract_or_certification": ("contract", "certificate", "assessment"),
    "gba_standard_contract": ("contract", "certificate", "assessment"),
}


def kinds_of_basis(report: FlowReport, today: Sequence[str]) -> frozenset[str]:
    """Return what may be the basis of an active flow; empty where some possible path asks for no filing.

    What a planned flow will ask for once it starts does not bind today. today: paths of its entity's year
    without planned flows.
    """
    settled = set(report.own) - {IN_BAND}
    possible = settled | set(today) if IN_BAND in report.own else set(report.decision.possible)
    if report.flow.status != "active" or not possible or not possible <= FILED:
        return frozenset()
    return frozenset(kind for path in possible for kind in BASIS_BY_PATH[path])


def filings_of(
    flow: Flow, kinds: frozenset[str], filings: Sequence[Filing], values: Mapping[str, str]
) -> tuple[Filing, ...]:
    """Return what was filed or issued for a flow of these kinds. values: facts of its entity.

    What came before the notice that its data is important did not assess it as that, and nobody concludes a
    contract with himself. Sources: 数据出境安全管理政策问答（2025年5月）问2; 个人信息出境认证办法 第七条.
    """
    facts = {**values, **flow.facts}
    since = stated_day(facts, "notified_on") if facts.get("important_data") == "notified" else ""
    if facts.get("seated_abroad") == "yes":
        kinds = kinds - {"contract"}
    return tuple(
        f for f in filings if f.kind in kinds and flow.id in f.flows and since <= f.on.isoformat()
    )


def is_valid(filing: Filing, rules: RuleSet, day: date) -> bool:
    """Does a filing hold on a day?"""
    expires = expiry_date(filing, rules)
    return is_issued(filing, rules, day) and (expires is None or expires > day)


def is_scenario_valid(
    flow: Flow, kinds: frozenset[str], filed: Sequence[FiledScenario], day: date
) -> bool:
    """Does a dossier that was filed, of these kinds, cover a flow on a day?"""
    scenario = covering_filing(filed, flow)
    return (
        scenario is not None and scenario.kind in kinds
        and (scenario.valid_until is None or scenario.valid_until >= day)
    )


def late_basis(flow: Flow, filings: Sequence[Filing]) -> Iterator[Note]:
    """Yield that a flow began before the first of its filings took effect."""
    first = min((filing.on for filing in filings), default=None)
    if first is not None and flow.since is not None and flow.since < first:
        yield notes.basis_later(flow.since, first)
