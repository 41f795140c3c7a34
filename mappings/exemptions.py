"""Exemptions of articles 4 to 6: each holds only if every condition is shown; a zone's list has own paths.

Source: 促进和规范数据跨境流动规定 第四条至第六条.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

from mappings.joint_count import JointCount
from mappings.model import FactValue
from mappings.part_decision import PartDecision, PartResult
from mappings.rules import sort_by_rank
from mappings.zone_matching import Band, judge_scenario
from mappings.zones import Zone, ZoneScenario, load_zone

Refusal = Literal["refused", "refused_group"]  # the answer that is noted where it does not hold
Exemption = Callable[[PartDecision], PartResult | Refusal]
ZONE_RULES = {  # path that a list asks for -> rule
    "exempt_ftz": "ftz", "standard_contract_or_certification": "ftz_contract",
    "security_assessment": "ftz_assessment",
}


def _exempt_result(decision: PartDecision, *facts: str) -> PartResult:
    """The claim holds by some facts that are yes."""
    return decision.settled_by(
        decision.part.claim, ("exemption", decision.part.claim), *(FactValue(name, "yes") for name in facts)
    )


def _collected_abroad_exemption(decision: PartDecision) -> PartResult | Refusal:
    fact = "domestic_data_introduced"
    if decision.own_fact(fact) != "no":
        return "refused"
    return decision.settled_by(decision.part.claim, ("exemption", decision.part.claim), FactValue(fact, "no"))


def _contract_exemption(decision: PartDecision) -> PartResult | Refusal:
    refused = decision.rules.raw["refused"]["art5_1"]
    holds = (
        decision.part.kind not in refused
        and decision.own_fact("contract_with_individual") == "yes"
        and _are_fields_necessary(decision)
    )
    return _exempt_result(decision, "contract_with_individual", "fields_necessary") if holds else "refused"


def _human_resources_exemption(decision: PartDecision) -> PartResult | Refusal:
    if not _covers_group(decision):
        return "refused_group"
    holds = (
        decision.own_fact("labour_rules") == "yes"
        and decision.own_fact("collective_contract") == "yes"
        and _are_fields_necessary(decision)
    )
    if not holds:
        return "refused"
    return _exempt_result(decision, "labour_rules", "collective_contract", "fields_necessary")


def _emergency_exemption(decision: PartDecision) -> PartResult | Refusal:
    return _exempt_result(decision, "emergency") if decision.own_fact("emergency") == "yes" else "refused"


def _statutory_duty_exemption(decision: PartDecision) -> PartResult | Refusal:
    if decision.reading("statutory_duty") != "exempt":
        return "refused"
    return PartResult(("exempt_art5_4",), (), (*decision.steps, ("exemption", "statutory_duty")))


def _covers_group(decision: PartDecision) -> bool:
    """Does the exemption for human resources cover this group? It speaks of employees only."""
    group = decision.part.subject_group
    if not group:
        return decision.own_fact("employees_only") == "yes"
    match decision.rules.raw["groups"].get(group, {"hr": "counted"})["hr"]:
        case "covered":
            return True
        case "open":
            return decision.reading(group) == "employee"
    return False


def _are_fields_necessary(decision: PartDecision) -> bool:
    """Is every field necessary? Not, unless somebody says so, where one is not shown to be."""
    if "fields_necessary" not in decision.part.facts and decision.part.unnecessary_fields:
        return False
    return decision.own_fact("fields_necessary") == "yes"


def _zone_exemption(decision: PartDecision) -> PartResult | Refusal:
    """What the list of a zone asks for, if it applies; else national rules.

    Nothing is outside a list that is not whole.
    """
    name = decision.own_fact("ftz_list")
    book = load_zone(name) if name else None
    if not _is_sector_listed(decision, book):
        return "refused"
    if (book is None or book.ciio_excluded) and decision.fact("ciio") == "yes":
        return "refused"
    scenario = book.scenario(decision.own_fact("zone_scenario")) if book else None
    asks_scenario = scenario is None or decision.is_stated("scenario_listed")
    if asks_scenario and decision.own_fact("scenario_listed") != "yes":
        return "refused"
    if decision.own_fact("filed") != "yes":
        return "refused"
    national = JointCount(decision.facts, decision.rules, decision.assigned).bands(decision.count(), ())[0]
    if scenario is not None and not decision.is_stated("entry_matched"):
        bands = judge_scenario(scenario, decision.count())
        if bands:
            return _zone_list_result(decision, name, scenario, bands, national)
    if decision.own_fact("entry_matched") == "no":
        outside = FactValue("entry_matched", "no"), FactValue("filed", "yes")
        return replace(decision.settled_by("ftz", ("exemption", "ftz"), *outside), national=national)
    inside = (FactValue("entry_matched", "yes"),)
    reasons = tuple(decision.rules.reason(rule, inside) for rule in ("ftz_contract", "ftz_assessment"))
    steps = (*decision.steps, ("exemption", "ftz"))
    return PartResult(sort_by_rank({r.path for r in reasons}), reasons, steps, national=national)


def _is_sector_listed(decision: PartDecision, book: Zone | None) -> bool:
    """Does the list name the sector? An answer by a person comes before the list itself."""
    if book and not decision.is_stated("sector_listed") and book.has_sector(decision.fact("sector")):
        return True
    return decision.own_fact("sector_listed") == "yes"


def _zone_list_result(
    decision: PartDecision, list_name: str, scenario: ZoneScenario, bands: tuple[Band, ...],
    national: tuple[str, ...],
) -> PartResult:
    """What the entries of a scenario ask for at both ends of the count."""
    reasons = tuple(
        replace(
            decision.rules.reason(
                ZONE_RULES[b.path], (FactValue("list", list_name, about=f"{scenario.name}: {b.fact}"),)
            ),
            clause=b.source,
            confidence_of_source=b.confidence,
        )
        for b in bands
    )
    steps = (*decision.steps, ("exemption", "ftz"))
    return PartResult(sort_by_rank({b.path for b in bands}), reasons, steps, national=national)


EXEMPTIONS: Mapping[str, Exemption] = {        # by claim
    "art4": _collected_abroad_exemption,
    "art5_1": _contract_exemption,
    "art5_2": _human_resources_exemption,
    "art5_3": _emergency_exemption,
    "ftz": _zone_exemption,
    "statutory_duty": _statutory_duty_exemption,
}
