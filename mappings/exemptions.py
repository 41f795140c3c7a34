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
from mappings.zones import Band, Zone, ZoneScenario, judge_scenario, load_zone

Refusal = Literal["refused", "refused_group"]  # the answer that is noted where it does not hold
Exemption = Callable[[PartDecision], PartResult | Refusal]
ZONE_RULES = {  # path that a list asks for -> rule
    "exempt_ftz": "ftz", "standard_contract_or_certification": "ftz_contract",
    "security_assessment": "ftz_assessment",
}


def _exempt(d: PartDecision, *facts: str) -> PartResult:
    """The claim holds by some facts that are yes."""
    return d.settled_by(
        d.part.claim, ("exemption", d.part.claim), *(FactValue(name, "yes") for name in facts)
    )


def _collected_abroad(d: PartDecision) -> PartResult | Refusal:
    fact = "domestic_data_introduced"
    if d.own_fact(fact) != "no":
        return "refused"
    return d.settled_by(d.part.claim, ("exemption", d.part.claim), FactValue(fact, "no"))


def _contract(d: PartDecision) -> PartResult | Refusal:
    refused = d.rules.raw["refused"]["art5_1"]
    holds = (
        d.part.kind not in refused
        and d.own_fact("contract_with_individual") == "yes"
        and _fields_necessary(d)
    )
    return _exempt(d, "contract_with_individual", "fields_necessary") if holds else "refused"


def _human_resources(d: PartDecision) -> PartResult | Refusal:
    if not _covers_group(d):
        return "refused_group"
    holds = (
        d.own_fact("labour_rules") == "yes"
        and d.own_fact("collective_contract") == "yes"
        and _fields_necessary(d)
    )
    return _exempt(d, "labour_rules", "collective_contract", "fields_necessary") if holds else "refused"


def _emergency(d: PartDecision) -> PartResult | Refusal:
    return _exempt(d, "emergency") if d.own_fact("emergency") == "yes" else "refused"


def _statutory_duty(d: PartDecision) -> PartResult | Refusal:
    if d.reading("statutory_duty") != "exempt":
        return "refused"
    return PartResult(("exempt_art5_4",), (), (*d.steps, ("exemption", "statutory_duty")))


def _covers_group(d: PartDecision) -> bool:
    """Does the exemption for human resources cover this group? It speaks of employees only."""
    group = d.part.subject_group
    if not group:
        return d.own_fact("employees_only") == "yes"
    match d.rules.raw["groups"].get(group, {"hr": "counted"})["hr"]:
        case "covered":
            return True
        case "open":
            return d.reading(group) == "employee"
    return False


def _fields_necessary(d: PartDecision) -> bool:
    """Is every field necessary? Not, unless somebody says so, where one is not shown to be."""
    if "fields_necessary" not in d.part.facts and d.part.unnecessary_fields:
        return False
    return d.own_fact("fields_necessary") == "yes"


def _zone(d: PartDecision) -> PartResult | Refusal:
    """What the list of a zone asks for, if it applies; else national rules.

    Nothing is outside a list that is not whole.
    """
    name = d.own_fact("ftz_list")
    book = load_zone(name) if name else None
    if not _names_sector(d, book) or (book is None or book.ciio_excluded) and d.fact("ciio") == "yes":
        return "refused"
    scenario = book.scenario(d.own_fact("zone_scenario")) if book else None
    if (scenario is None or d.is_stated("scenario_listed")) and d.own_fact("scenario_listed") != "yes":
        return "refused"
    if d.own_fact("filed") != "yes":
        return "refused"
    national = JointCount(d.facts, d.rules, d.assigned).bands(d.part.count, ())[0]
    if scenario is not None and not d.is_stated("entry_matched"):
        bands = judge_scenario(scenario, d.part.count)
        if bands:
            return _by_bands(d, name, scenario, bands, national)
    if d.own_fact("entry_matched") == "no":
        outside = FactValue("entry_matched", "no"), FactValue("filed", "yes")
        return replace(d.settled_by("ftz", ("exemption", "ftz"), *outside), national=national)
    inside = (FactValue("entry_matched", "yes"),)
    reasons = tuple(d.rules.reason(rule, inside) for rule in ("ftz_contract", "ftz_assessment"))
    steps = (*d.steps, ("exemption", "ftz"))
    return PartResult(sort_by_rank({r.path for r in reasons}), reasons, steps, national=national)


def _names_sector(d: PartDecision, book: Zone | None) -> bool:
    """Does the list name the sector? An answer by a person comes before the list itself."""
    if book and not d.is_stated("sector_listed") and book.has_sector(d.fact("sector")):
        return True
    return d.own_fact("sector_listed") == "yes"


def _by_bands(
    d: PartDecision, list_name: str, scenario: ZoneScenario, bands: tuple[Band, ...],
    national: tuple[str, ...],
) -> PartResult:
    """What the entries of a scenario ask for at both ends of the count."""
    reasons = tuple(
        replace(
            d.rules.reason(
                ZONE_RULES[b.path], (FactValue("list", list_name, about=f"{scenario.name}: {b.fact}"),)
            ),
            clause=b.source,
            confidence_of_source=b.confidence,
        )
        for b in bands
    )
    steps = (*d.steps, ("exemption", "ftz"))
    return PartResult(sort_by_rank({b.path for b in bands}), reasons, steps, national=national)


EXEMPTIONS: Mapping[str, Exemption] = {        # by claim
    "art4": _collected_abroad,
    "art5_1": _contract,
    "art5_2": _human_resources,
    "art5_3": _emergency,
    "ftz": _zone,
    "statutory_duty": _statutory_duty,
}
