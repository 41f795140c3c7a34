"""The decision order for one part of a flow, up to the count: a question after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from detectors.message import Msg
from mappings.countries import BAY_AREA, MAINLAND
from mappings.counts import UNKNOWN_COUNT, UNSTATED, high_end, part_of_persons
from mappings.exemptions import EXEMPTIONS
from mappings.model import Estimate, FactValue, FlowCount
from mappings.part_decision import PartDecision, PartResult

# (fact, rule)
PROHIBITIONS = (("state_secret", "state_secret"), ("recipient_restricted", "restricted_recipient"))
PURPOSE_UNFIT = Msg("its purpose is none of those it covers")
PartRule = Callable[[PartDecision], PartResult | None]        # None: the next question is asked


def _settle_by_export(decision: PartDecision) -> PartResult | None:
    if decision.part.mode == "access_inside_china":
        return decision.settled_by("inside", ("export", "no"), FactValue("mode", decision.part.mode))
    fact = "leaves_mainland"
    if decision.part.country == MAINLAND and decision.own_fact(fact) == "no":
        return decision.settled_by("inside", ("export", "no"), FactValue(fact, "no"))
    decision.step("export", "yes")
    return None


def _settle_by_foreign_authority(decision: PartDecision) -> PartResult | None:
    fact = "foreign_authority_request"
    requested = decision.own_fact(fact)
    assumed = requested == "no" and not decision.is_stated(fact)
    decision.step("foreign_authority", "assumed_no" if assumed else requested)
    if requested == "yes" and decision.own_fact("approval") != "yes":
        return decision.settled_by("foreign_authority", None, FactValue(fact, "yes"))
    return None


def _settle_by_prohibition(decision: PartDecision) -> PartResult | None:
    for fact, rule in PROHIBITIONS:
        if rule in decision.rules.raw["rules"] and decision.own_fact(fact) == "yes":
            return decision.settled_by(rule, ("stopped", "yes"), FactValue(fact, "yes"))
    all_stated = all(decision.is_stated(fact) for fact, _ in PROHIBITIONS)
    decision.step("stopped", "no" if all_stated else "assumed_no")
    return None


def _settle_by_important_data(decision: PartDecision) -> PartResult | None:
    value = decision.important_data()
    if value == "notified":
        notice = filter(None, (decision.own_fact("notified_by"), decision.own_fact("notified_form")))
        decision.fixed = decision.settled_by(
            "important_notified", ("important", "yes"),
            FactValue("important_data", "notified", about=", ".join(notice)),
        )
        return None
    decision.step("important", "candidate" if value == "candidate" else "no")
    return None


def _settle_by_state_organ(decision: PartDecision) -> PartResult | None:
    """A state organ assesses whatever personal information it provides; which assessment that is, is open."""
    if decision.fact("state_organ") != "yes":
        return None
    count = decision.count()
    if _is_nobody(count) and not _leaves_uncounted(decision):
        nobody = FactValue("individuals", "0")
        return decision.settled_by(decision.part.nobody, ("personal", "no"), nobody)
    reading = decision.reading("state_organ_assessment")
    rule = "state_organ_own" if reading == "own_assessment" else "state_organ_cac"
    result = decision.settled_by(rule, ("ciio", "yes"), FactValue("state_organ", "yes"))
    reasons = tuple(replace(r, reading=reading) for r in result.reasons)
    perhaps_nobody = count.individuals.low == 0 and count.sensitive.low == 0 and not _is_nobody(count)
    nobody_path = decision.rules.raw["rules"][decision.part.nobody]["path"]
    paths = (nobody_path, *result.paths) if perhaps_nobody else result.paths
    return replace(result, reasons=reasons, paths=paths)


def _settle_by_personal_information(decision: PartDecision) -> PartResult | None:
    holds, counts_possible = decision.part.has_personal_information, decision.counts_possible()
    if holds == "no" and not counts_possible:
        nobody = FactValue("individuals", "0")
        return decision.settled_by("no_personal_information", ("personal", "no"), nobody)
    decision.step("personal", "unknown" if holds == "unknown" else "yes")
    return None


def _settle_by_necessity(decision: PartDecision) -> PartResult | None:
    if decision.own_fact("export_necessary") == "no":
        return decision.settled_by("not_necessary", ("necessary", "no"), FactValue("export_necessary", "no"))
    scale = "scale_necessary"
    if scale in decision.rules.raw["facts"] and decision.own_fact(scale) == "no":
        return decision.settled_by("scale_not_necessary", ("necessary", "no"), FactValue(scale, "no"))
    abroad = "overseas_takes_part_in_decision"
    group = decision.part.subject_group or decision.part.purpose_group
    if group == "applicant" and decision.own_fact(abroad) == "no":
        return decision.settled_by("applicants", ("necessary", "no"), FactValue(abroad, "no"))
    decision.step("necessary", "yes" if decision.is_stated("export_necessary") else "assumed_yes")
    return None


def _settle_by_exemption(decision: PartDecision) -> PartResult | None:
    """The exemption that is claimed, if every condition of it is shown."""
    claim = decision.part.claim
    if claim == "none" or claim not in decision.rules.raw["exemptions"]:
        decision.step("exemption", "not_claimed" if claim == "none" else "unknown_then")
        return None
    if decision.part.purpose_fit == "no":     # whatever else is answered
        decision.refuse(PURPOSE_UNFIT)
        decision.step("exemption", "refused")
        return None
    result = EXEMPTIONS[claim](decision)
    if isinstance(result, PartResult):
        return result
    decision.refuse_by_last_fact()
    decision.step("exemption", result)
    return None


# as the rules ask them; the first answer that settles a part ends it
DECISION_ORDER: tuple[PartRule, ...] = (
    _settle_by_export, _settle_by_foreign_authority, _settle_by_prohibition, _settle_by_important_data,
    _settle_by_personal_information, _settle_by_necessity, _settle_by_state_organ,
    _settle_by_exemption,
)


def settle_part(decision: PartDecision) -> PartResult:
    """Return the result of the first question that settles a part; else it is counted.

    Notified important data settles the path alone: its persons count, but for those of an exemption.
    Source: 促进和规范数据跨境流动规定 第七条、第八条.
    """
    for question in DECISION_ORDER:
        if (result := question(decision)) is not None:
            return _result_beside_fixed(decision.fixed, result)
    return _result_beside_fixed(decision.fixed, _result_in_count(decision))


def _result_beside_fixed(fixed: PartResult | None, result: PartResult) -> PartResult:
    """Return the result of a part with notified important data, which settles its path unless it stops."""
    if fixed is None or set(result.paths) == {"not_necessary_stop"}:
        return result
    return fixed if result.paths else replace(fixed, paths=(), fixed=fixed.paths, count=result.count)


def _is_nobody(count: FlowCount) -> bool:
    return high_end(count.individuals) == 0 and high_end(count.sensitive) == 0


def _leaves_uncounted(decision: PartDecision) -> bool:
    """Does somebody's information leave, though nobody was counted over personal columns?"""
    return decision.part.empty and decision.own_fact("nobody_leaves") == "no"


def _result_in_count(decision: PartDecision) -> PartResult:
    """A part that nothing settles before; the contract of the Greater Bay Area may be an alternative.

    Nobody in it: there is nothing to count, whatever else the entity sends.
    """
    gba = _is_in_bay_area(decision)
    chosen = decision.own_fact("chosen_contract") if gba else ""
    reasons = (decision.rules.reason("gba", (FactValue("route", "gba"),)),) if gba else ()
    everybody = decision.count()
    if _is_nobody(everybody):
        if _leaves_uncounted(decision):
            steps, refusal = tuple(decision.steps), decision.refusal
            return PartResult((), reasons, steps, UNKNOWN_COUNT, gba, chosen, refusal=refusal)
        nobody = FactValue("individuals", "0")
        path = decision.rules.raw["rules"][decision.part.nobody]["path"]
        return decision.settled_by(decision.part.nobody, ("count", path), nobody)
    perhaps_nobody = everybody.individuals.low == 0 and everybody.sensitive.low == 0
    path = decision.rules.raw["rules"][decision.part.nobody]["path"] if perhaps_nobody else ""
    count = _persons_in_count(decision, everybody)
    steps, refusal = tuple(decision.steps), decision.refusal
    return PartResult((), reasons, steps, count, gba, chosen, nobody=path, refusal=refusal)


def _is_in_bay_area(decision: PartDecision) -> bool:
    """May the contract of the Greater Bay Area be used: to Hong Kong or Macao, and no further?

    A processor abroad would conclude it with itself.
    """
    if decision.own_fact("route") != "gba" or decision.fact("seated_abroad") == "yes":
        return False
    country = decision.part.country
    in_area = country in BAY_AREA if country else decision.own_fact("recipient_in_gba") == "yes"
    return in_area and decision.own_fact("recipient_outside_gba") == "no"


def _persons_in_count(decision: PartDecision, everybody: FlowCount) -> FlowCount:
    """Persons that count: of data in transit with which domestic data was mixed, perhaps the domestic ones.

    Where nobody stated how many these are, none to all of them.
    """
    if not decision.is_mixed_in_transit() or decision.reading("mixed_art4") != "domestic_only":
        return everybody
    stated = decision.domestic_persons()
    domestic = Estimate(0, 0, everybody.individuals.high, "declared", UNSTATED)
    return part_of_persons(everybody, Estimate.exactly(int(stated), "declared") if stated else domestic)
