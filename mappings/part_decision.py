"""The decision order for one part of a flow, up to the count: export, prohibitions, necessity, exemptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mappings import zones
from mappings.counts import NOBODY
from mappings.joint_count import JointCount
from mappings.model import Estimate, Facts, FlowCount, FlowInput, Reason
from mappings.open_facts import FactReader, OpenKey
from mappings.rules import RuleSet, sort_by_rank


@dataclass(frozen=True, slots=True)
class PartResult:
    """What became of a part before counting. paths empty: it is counted, with `count` and perhaps an alternative contract."""

    paths: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    steps: tuple[tuple[str, str], ...] = ()
    count: FlowCount = NOBODY
    gba: bool = False
    national: tuple[str, ...] = ()


class PartDecision(FactReader):
    """The decision order for one part, up to the count."""

    def __init__(self, facts: Facts, rules: RuleSet, assigned: Mapping[OpenKey, str], part: FlowInput) -> None:
        super().__init__(facts, rules, assigned)
        self.part = part
        self.steps: list[tuple[str, str]] = []

    def settle(self) -> PartResult:
        part = self.part
        if part.mode == "access_inside_china":
            return self.by("inside", "export", "no", f"mode={part.mode}")
        self.step("export", "yes")
        asked = self.asked("foreign_authority_request", "foreign_authority")
        if asked == "yes" and self.fact("approval", part) != "yes":
            return self.by("foreign_authority", "", "", "foreign_authority_request=yes")
        for fact, rule in (("state_secret", "state_secret"), ("recipient_restricted", "restricted_recipient")):
            if rule in self.rules.raw["rules"] and self.fact(fact, part) == "yes":
                return self.by(rule, "stopped", "yes", f"{fact}=yes")
        self.step("stopped", "no" if self.stated("state_secret", part) and self.stated("recipient_restricted", part) else "assumed_no")
        if self.fact("important_data", part) == "notified":
            return self.by("important_notified", "important", "yes", "important_data=notified")
        self.step("important", "no")
        if part.has_personal_information == "no":
            return self.by("no_personal_information", "personal", "no", "individuals=0")
        self.step("personal", "yes" if part.has_personal_information == "yes" else "unknown")
        if self.fact("export_necessary", part) == "no":
            return self.by("not_necessary", "necessary", "no", "export_necessary=no")
        if part.subject_group == "applicant" and self.fact("overseas_takes_part_in_decision", part) == "no":
            return self.by("applicants", "necessary", "no", "overseas_takes_part_in_decision=no")
        self.step("necessary", "yes" if self.stated("export_necessary", part) else "assumed_yes")
        return self.exemption() or self.counted()

    def step(self, id: str, answer: str) -> None:
        self.steps.append((id, answer))

    def asked(self, fact: str, step: str) -> str:
        """A fact and its step, one that is assumed marked so."""
        value = self.fact(fact, self.part)
        self.step(step, value if self.stated(fact, self.part) or value != "no" else "assumed_no")
        return value

    def by(self, rule: str, step: str, answer: str, fact: str, path: str = "") -> PartResult:
        """Settled by a rule."""
        if step:
            self.step(step, answer)
        reason = self.rules.reason(rule, fact, path)
        return PartResult((reason.path,), (reason,), tuple(self.steps))

    def counted(self) -> PartResult:
        part = self.part
        gba = self.fact("route", part) == "gba" and self.fact("recipient_outside_gba", part) == "no"
        count = part.count
        if part.claim == "art4" and (n := part.facts.get("domestic_persons")) and self.reading("mixed_art4") == "domestic_only":
            count = FlowCount(Estimate.exactly(int(n), "declared"), Estimate.exactly(0, "declared"))
        return PartResult((), (self.rules.reason("gba", "route=gba"),) if gba else (), tuple(self.steps), count, gba)

    def exemption(self) -> PartResult | None:
        """The exemption that holds with every condition shown; None: the part is counted."""
        part = self.part
        if part.claim == "none" or part.claim not in self.rules.raw["exemptions"]:
            self.step("exemption", "not_claimed" if part.claim == "none" else "unknown_then")
            return None
        found: PartResult | None = None
        holds, why = True, ""
        match part.claim:
            case "art4":
                holds, why = self.fact("domestic_data_introduced", part) == "no", "domestic_data_introduced=no"
            case "art5_1":
                refused = self.rules.raw["refused"]["art5_1"]
                holds = part.kind not in refused and self.fact("contract_with_individual", part) == "yes" and self.needed()
                why = "contract_with_individual=yes, fields_necessary=yes"
            case "art5_2":
                if not self.employees():
                    self.step("exemption", "refused_group")
                    return None
                holds = self.fact("labour_rules", part) == "yes" and self.fact("collective_contract", part) == "yes" and self.needed()
                why = "labour_rules=yes, collective_contract=yes, fields_necessary=yes"
            case "art5_3":
                holds, why = self.fact("emergency", part) == "yes", "emergency=yes"
            case "ftz":
                found = self.zone()
                holds = found is not None
            case "statutory_duty":
                holds = self.reading("statutory_duty") == "exempt"
                if holds:
                    found = PartResult(("exempt_art5_4",), (), (*self.steps, ("exemption", "statutory_duty")))
        if not holds:
            self.step("exemption", "refused")
            return None
        return found or self.by(part.claim, "exemption", part.claim, why)

    def employees(self) -> bool:
        """Does the exemption for human resources cover this group? It speaks of employees only."""
        group = self.part.subject_group
        if not group:
            return self.fact("employees_only", self.part) == "yes"
        match self.rules.raw["groups"].get(group, {"hr": "counted"})["hr"]:
            case "covered":
                return True
            case "open":
                return self.reading(group) == "employee"
        return False

    def needed(self) -> bool:
        if "fields_necessary" not in self.part.facts and self.part.unnecessary_fields:
            return False
        return self.fact("fields_necessary", self.part) == "yes"

    def zone(self) -> PartResult | None:
        """What the list of a zone says; None: national rules. Nothing is outside a list that is not whole."""
        part = self.part
        name = self.fact("ftz_list", part)
        book = zones.load_zone(name) if name else None
        sector = "yes" if book and not self.stated("sector_listed", part) and book.has_sector(self.fact("sector")) else ""
        if (sector or self.fact("sector_listed", part)) != "yes" or (book is None or book.ciio_excluded) and self.fact("ciio") == "yes":
            return None
        scenario = book.scenario(self.fact("zone_scenario", part)) if book else None
        if (scenario is None or self.stated("scenario_listed", part)) and self.fact("scenario_listed", part) != "yes":
            return None
        if self.fact("filed", part) != "yes":
            return None
        national = self.national()
        if scenario is not None and not self.stated("entry_matched", part):
            bands = zones.judge_scenario(scenario, part.count)
            if bands:
                rule = {"exempt_ftz": "ftz", "standard_contract_or_certification": "ftz_contract", "security_assessment": "ftz_assessment"}
                reasons = tuple(replace(self.rules.reason(rule[b.path], f"list={name}, {scenario.name}: {b.fact}"), clause=b.source,
                                        confidence_of_source=b.confidence) for b in bands)
                return PartResult(sort_by_rank({b.path for b in bands}), reasons, (*self.steps, ("exemption", "ftz")), national=national)
        if self.fact("entry_matched", part) == "no":
            return replace(self.by("ftz", "exemption", "ftz", "entry_matched=no, filed=yes"), national=national)
        found = tuple(self.rules.reason(r, "entry_matched=yes") for r in ("ftz_contract", "ftz_assessment"))
        return PartResult(sort_by_rank({r.path for r in found}), found, (*self.steps, ("exemption", "ftz")), national=national)

    def national(self) -> tuple[str, ...]:
        """Paths of the part alone under the national rules."""
        return JointCount(self.facts, self.rules, self.assigned).bands(self.part.count, ())[0]
