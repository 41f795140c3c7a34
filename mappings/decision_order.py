"""The decision order for one part of a flow, up to the count: a question after the other."""

from __future__ import annotations

from collections.abc import Callable

from mappings.exemptions import EXEMPTIONS
from mappings.model import Estimate, FactValue, FlowCount
from mappings.part_decision import PartDecision, PartResult

# (fact, rule)
PROHIBITIONS = (("state_secret", "state_secret"), ("recipient_restricted", "restricted_recipient"))
Question = Callable[[PartDecision], PartResult | None]        # None: the next question is asked


def _export(d: PartDecision) -> PartResult | None:
    if d.part.mode == "access_inside_china":
        return d.settled_by("inside", ("export", "no"), FactValue("mode", d.part.mode))
    d.step("export", "yes")
    return None


def _foreign_authority(d: PartDecision) -> PartResult | None:
    fact = "foreign_authority_request"
    requested = d.own_fact(fact)
    assumed = requested == "no" and not d.is_stated(fact)
    d.step("foreign_authority", "assumed_no" if assumed else requested)
    if requested == "yes" and d.own_fact("approval") != "yes":
        return d.settled_by("foreign_authority", None, FactValue(fact, "yes"))
    return None


def _prohibitions(d: PartDecision) -> PartResult | None:
    for fact, rule in PROHIBITIONS:
        if rule in d.rules.raw["rules"] and d.own_fact(fact) == "yes":
            return d.settled_by(rule, ("stopped", "yes"), FactValue(fact, "yes"))
    d.step("stopped", "no" if all(d.is_stated(fact) for fact, _ in PROHIBITIONS) else "assumed_no")
    return None


def _important_data(d: PartDecision) -> PartResult | None:
    if d.own_fact("important_data") == "notified":
        return d.settled_by(
            "important_notified", ("important", "yes"), FactValue("important_data", "notified")
        )
    d.step("important", "no")
    return None


def _personal_information(d: PartDecision) -> PartResult | None:
    holds = d.part.has_personal_information
    if holds == "no":
        return d.settled_by("no_personal_information", ("personal", "no"), FactValue("individuals", "0"))
    d.step("personal", "yes" if holds == "yes" else "unknown")
    return None


def _necessity(d: PartDecision) -> PartResult | None:
    if d.own_fact("export_necessary") == "no":
        return d.settled_by("not_necessary", ("necessary", "no"), FactValue("export_necessary", "no"))
    abroad = "overseas_takes_part_in_decision"
    if d.part.subject_group == "applicant" and d.own_fact(abroad) == "no":
        return d.settled_by("applicants", ("necessary", "no"), FactValue(abroad, "no"))
    d.step("necessary", "yes" if d.is_stated("export_necessary") else "assumed_yes")
    return None


def _exemption(d: PartDecision) -> PartResult | None:
    """The exemption that is claimed, if every condition of it is shown."""
    claim = d.part.claim
    if claim == "none" or claim not in d.rules.raw["exemptions"]:
        d.step("exemption", "not_claimed" if claim == "none" else "unknown_then")
        return None
    result = EXEMPTIONS[claim](d)
    if isinstance(result, PartResult):
        return result
    d.step("exemption", result)
    return None


ORDER: tuple[Question, ...] = (  # as the rules ask them; the first answer that settles a part ends it
    _export, _foreign_authority, _prohibitions, _important_data, _personal_information, _necessity,
    _exemption,
)


def settle_part(d: PartDecision) -> PartResult:
    """Return the result of the first question that settles a part; else it is counted."""
    for question in ORDER:
        if (result := question(d)) is not None:
            return result
    return _to_be_counted(d)


def _to_be_counted(d: PartDecision) -> PartResult:
    """A part that nothing settles before; the contract of the Greater Bay Area may be an alternative."""
    part = d.part
    gba = d.own_fact("route") == "gba" and d.own_fact("recipient_outside_gba") == "no"
    count = part.count
    domestic = part.facts.get("domestic_persons")
    if part.claim == "art4" and domestic and d.reading("mixed_art4") == "domestic_only":
        count = FlowCount(Estimate.exactly(int(domestic), "declared"), Estimate.exactly(0, "declared"))
    reasons = (d.rules.reason("gba", (FactValue("route", "gba"),)),) if gba else ()
    return PartResult((), reasons, tuple(d.steps), count, gba)
