"""Exemptions of articles 4 to 6: each holds only if every condition is shown; a zone's list has own paths.

Source: 促进和规范数据跨境流动规定 第四条至第六条.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

from detectors.message import Msg
from mappings.joint_count import JointCount
from mappings.model import FactValue
from mappings.names import is_empty
from mappings.part_decision import LIST_NAMED, LIST_NOT_NAMED, PartDecision, PartResult
from mappings.rules import sort_by_rank
from mappings.zone_matching import Band, judge_scenario
from mappings.zones import Zone, ZoneScenario, denied_act, load_zone

Refusal = Literal["refused", "refused_group"]  # the answer that is noted where it does not hold
Exemption = Callable[[PartDecision], PartResult | Refusal]
HR_BASES = ("labour_rules", "collective_contract")
# stand for the name of a zone, and for a day, where nobody states them
ZONE_NAMED, DAY_NAMED = "ZONE", "DAY"
NOTHING = "none"                              # there is no such zone, and no such day
EXEMPT_BY_LIST = "exempt_ftz"
DOMESTIC_INTRODUCED = Msg("domestic personal information or important data was introduced")
ONE_BASIS = Msg("one of labour rules and collective contract is missing, and the text asks for both")
DUTY_NOT_EXEMPT = Msg("by the reading that was chosen, a statutory duty is no exemption")
NEEDLESS_FIELDS = Msg("fields in it are not shown to be necessary")
OPERATOR_EXCLUDED = Msg("the list leaves out operators of critical information infrastructure")
OTHER_GROUP = Msg("the exemption does not cover these persons")
NO_LIST = Msg("no list of the zone is named that it could rest on")
NOT_COVERED = Msg("the exemption does not cover this business or these persons")
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
    """Collected and made abroad, and nothing of China introduced.

    Source: 促进和规范数据跨境流动规定 第四条.
    """
    fact, where = "domestic_data_introduced", "collected_abroad"
    if not decision.is_met(where, shown=decision.part.mode == where):
        return "refused"
    if decision.own_fact(fact) != "no":
        decision.refuse(DOMESTIC_INTRODUCED)
        return "refused"
    return decision.settled_by(decision.part.claim, ("exemption", decision.part.claim), FactValue(fact, "no"))


def _contract_exemption(decision: PartDecision) -> PartResult | Refusal:
    refused = decision.rules.raw["refused"]["art5_1"]
    part = decision.part
    if not refused.keys().isdisjoint((part.kind, part.subject_group, part.purpose_group)):
        decision.refuse(NOT_COVERED)
    holds = (
        refused.keys().isdisjoint((part.kind, part.subject_group, part.purpose_group))
        and decision.own_fact("contract_with_individual") == "yes"
        and _are_fields_necessary(decision)
    )
    return _exempt_result(decision, "contract_with_individual", "fields_necessary") if holds else "refused"


def _human_resources_exemption(decision: PartDecision) -> PartResult | Refusal:
    if not _covers_group(decision):
        decision.refuse(OTHER_GROUP)
        return "refused_group"
    if not decision.is_met("for_hr_management", shown=decision.part.purpose_fit == "yes"):
        return "refused"
    bases = [name for name in HR_BASES if decision.own_fact(name) == "yes"]
    if not bases or not _are_fields_necessary(decision):
        return "refused"
    if len(bases) == len(HR_BASES):
        return _exempt_result(decision, *bases, "fields_necessary")
    reading = decision.reading("hr_basis")
    if reading != "practice":
        decision.refuse(ONE_BASIS)
        return "refused"
    return _under_reading(_exempt_result(decision, *bases, "fields_necessary"), reading)


def _emergency_exemption(decision: PartDecision) -> PartResult | Refusal:
    if decision.own_fact("emergency") != "yes" or not _are_fields_necessary(decision):
        return "refused"
    return _exempt_result(decision, "emergency", "fields_necessary")


def _statutory_duty_exemption(decision: PartDecision) -> PartResult | Refusal:
    """A condition of export of its own, under the reading that it is exempt.

    Source: 网络数据安全管理条例 第三十五条第（六）项.
    """
    fact = "statutory_duty_applies"
    if decision.own_fact(fact) != "yes" or not _are_fields_necessary(decision):
        return "refused"
    reading = decision.reading("statutory_duty")
    if reading != "exempt":
        decision.refuse(DUTY_NOT_EXEMPT)
        return "refused"
    return _under_reading(_exempt_result(decision, fact, "fields_necessary"), reading)


def _under_reading(result: PartResult, reading: str) -> PartResult:
    """The result with the reading of the law that it rests on."""
    return replace(result, reasons=tuple(replace(r, reading=reading) for r in result.reasons))


def _covers_group(decision: PartDecision) -> bool:
    """Does the exemption for human resources cover this group? It speaks of employees only."""
    group = decision.part.subject_group
    if not group:
        return decision.own_fact("employees_only") == "yes"
    if decision.is_stated("employees_only") and decision.own_fact("employees_only") == "no":
        return False
    match decision.rules.raw["groups"].get(group, {"hr": "counted"})["hr"]:
        case "covered":
            return True
        case "open":
            return decision.reading(group) == "employee"
    return False


def _are_fields_necessary(decision: PartDecision) -> bool:
    """Is every field necessary? Not, unless somebody says so, where one is not shown to be.

    Where a merely possible field has no reason yet, it is open whether that one is, if it is personal.
    """
    fact, part = "fields_necessary", decision.part
    if fact not in part.facts and part.unnecessary_fields:
        decision.refuse(NEEDLESS_FIELDS)
        return False
    if not decision.is_stated(fact) and part.listed and not (part.doubtful and decision.supposes_possible()):
        return True
    return decision.own_fact(fact) == "yes"


def _zone_exemption(decision: PartDecision) -> PartResult | Refusal:
    """What the list of a zone asks for; what left this year before it was issued counts all the same.

    Source: 促进和规范数据跨境流动规定答记者问 问8.
    """
    result = _zone_result(decision)
    if isinstance(result, str) or EXEMPT_BY_LIST not in result.paths or not _ran_before_list(decision):
        return result
    fact = "exempt_before_list"
    if decision.own_fact(fact) == "yes":
        return result
    return replace(result, paths=(), fixed=result.paths, count=decision.count())


def _ran_before_list(decision: PartDecision) -> bool:
    """Did the flow run on a day of this year on which its list had not been issued yet?"""
    name = decision.own_fact("ftz_list")
    book = None if is_empty(name) else load_zone(name)
    adopted_on = _adopted_on(decision) if _is_adopted(decision, book) else ""
    holds_from = max(book.issued if book is not None else "", adopted_on)
    began = decision.part.began
    return bool(began) and began < holds_from and holds_from > f"{decision.facts.as_of.year}-01-01"


def _zone_result(decision: PartDecision) -> PartResult | Refusal:
    """What the list of a zone asks for, if every condition of its use is answered yes; else national rules.

    Asked in turn: the territory of the list, or its adoption by the own zone from a day on; in force on the
    day; sector and scenario listed; not critical infrastructure; compared as a whole, with entries that are
    here; the local procedure; the entries.

    Source: 促进和规范数据跨境流动规定 第六条.
    """
    name = decision.own_fact("ftz_list")
    if name and is_empty(name):               # somebody says that there is none
        name = LIST_NOT_NAMED
    if not name and is_empty(decision.own_fact("list_adopted_by")):
        name = decision.list_named()
    if name == LIST_NOT_NAMED:
        decision.refuse(NO_LIST)
        return "refused"
    name = "" if name == LIST_NAMED else name
    book = load_zone(name) if name else None
    if not (
        _is_in_territory(decision, book)
        and _is_in_force(decision, book)
        and _is_sector_listed(decision, book)
        and _is_operator_in_scope(decision, book)
    ):
        return "refused"
    scenario = book.scenario(decision.own_fact("zone_scenario")) if book else None
    if not decision.is_met("scenario_listed", shown=scenario is not None):
        return "refused"
    whole = book is not None and (book.complete or (scenario is not None and scenario.complete))
    if not decision.is_met("list_complete", shown=whole) or not _has_entries(decision, book, scenario):
        return "refused"
    if decision.own_fact("filed") != "yes":
        return "refused"
    national = JointCount(decision.facts, decision.rules, decision.assigned).bands(decision.count(), ())[0]
    own_bands = judge_scenario(replace(scenario, complete=True), decision.count()) if scenario else ()
    if scenario is not None and own_bands:
        by_list = _zone_list_result(decision, name, scenario, own_bands, national)
        if not decision.is_stated("entry_matched"):
            return by_list
        if decision.own_fact("entry_matched") == "no" and by_list.paths != (EXEMPT_BY_LIST,):
            # its own entry holds so many persons: the answer settles nothing against it
            return replace(by_list, paths=sort_by_rank({*by_list.paths, EXEMPT_BY_LIST}))
    if decision.own_fact("entry_matched") == "no":
        outside = FactValue("entry_matched", "no"), FactValue("filed", "yes")
        return replace(decision.settled_by("ftz", ("exemption", "ftz"), *outside), national=national)
    rule = ZONE_RULES[decision.own_fact("entry_requires")]
    inside = decision.settled_by(rule, ("exemption", "ftz"), FactValue("entry_matched", "yes"))
    return replace(inside, national=national)


def _is_in_territory(decision: PartDecision, book: Zone | None) -> bool:
    """Is the exporter within the territory of the list, or was the list adopted by its own zone?"""
    zone = decision.fact("zone")
    if not zone:                              # no list reaches who does not say where it is registered
        zone = decision.assigned_value(("", "zone"), (ZONE_NAMED, NOTHING))
    if is_empty(zone):
        return False
    names = ("zone_in_scope", "list_adopted_by", "list_adopted_on")
    answers = {"zone": zone, **{name: decision.own_fact(name) for name in names}}
    if (why := denied_act(book, answers, decision.facts.as_of)) is not None:
        decision.refuse(why)
        return False
    if not _is_adopted(decision, book):
        return decision.is_met("zone_in_scope", shown=_covers(decision, book))
    adopted_on = _adopted_on(decision)
    if not adopted_on:                        # the act alone does not say from when on
        return decision.assigned_value(("", "list_adopted_on"), (DAY_NAMED, NOTHING)) == DAY_NAMED
    if adopted_on > decision.facts.as_of.isoformat():
        decision.refuse(Msg("the act that adopts the list holds from {day} on", day=adopted_on))
        return False
    return True


def _is_adopted(decision: PartDecision, book: Zone | None) -> bool:
    """Does the list hold by an act of the own zone, which its own territory does not reach?"""
    if is_empty(decision.own_fact("list_adopted_by")):
        return False
    return not decision.is_met("zone_in_scope", shown=_covers(decision, book))


def _covers(decision: PartDecision, book: Zone | None) -> bool:
    zone = decision.fact("zone")
    return book is not None and bool(zone) and book.covers(zone)


def _adopted_on(decision: PartDecision) -> str:
    """The day from which the act holds, as 2026-01-31; empty where nobody states it."""
    return decision.own_fact("list_adopted_on")


def _has_entries(decision: PartDecision, book: Zone | None, scenario: ZoneScenario | None) -> bool:
    """Are the entries here that somebody compared, of the scenario or sector? If not, a list is asked for.

    Source: 促进和规范数据跨境流动规定 第六条第二款.
    """
    if book is None or scenario is not None or book.lists_sector(decision.fact("sector")):
        return True
    return decision.list_named() == LIST_NAMED


def _is_in_force(decision: PartDecision, book: Zone | None) -> bool:
    """Was the list approved, filed and in force on the day? The dates of a known list say so themselves."""
    dated = book is not None and bool(book.issued)
    if book is not None and (dated or book.status) and not book.is_in_force(decision.facts.as_of):
        decision.refuse(book.day_fault(decision.facts.as_of) or "")
        return False
    shown = dated and book is not None and book.is_published(decision.facts.as_of)
    return decision.is_met("list_in_force", shown=shown)


def _is_operator_in_scope(decision: PartDecision, book: Zone | None) -> bool:
    """Does the list leave the operator in? Some leave out critical infrastructure, of others nobody knows."""
    if decision.fact("ciio") != "yes":
        return True
    if book is not None and book.ciio_excluded == "yes":
        decision.refuse(OPERATOR_EXCLUDED)
        return False
    shown = book is not None and book.ciio_excluded == "no"
    return decision.is_met("list_reaches_ciio", shown=shown)


def _is_sector_listed(decision: PartDecision, book: Zone | None) -> bool:
    """Does the list name the sector? An answer by a person comes before the list itself."""
    listed = book is not None and book.has_sector(decision.fact("sector"))
    return decision.is_met("sector_listed", shown=listed)


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
