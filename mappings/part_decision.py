"""One part of a flow in the decision order: facts it asks for, steps it leaves, what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from detectors.message import Msg, Text
from mappings.counts import NOBODY
from mappings.model import Facts, FactValue, FlowCount, FlowInput, Reason, law_text
from mappings.names import is_empty
from mappings.open_facts import POSSIBLE_FIELDS, FactReader, OpenKey
from mappings.rules import RuleSet

LIST_NAMED, LIST_NOT_NAMED = "yes", "no"     # a list of a zone that nobody named: is there one


@dataclass(frozen=True, slots=True)
class PartResult:
    """What becomes of a part before counting.

    paths empty: it is counted, with `count` and perhaps an alternative contract.
    steps: (question of the decision order, answer). national: paths under the national rules, where a zone's
    list decides.
    """

    paths: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    steps: tuple[tuple[str, str], ...] = ()
    count: FlowCount = NOBODY
    gba: bool = False                         # is the contract of the Greater Bay Area an alternative
    chosen: str = ""                          # of the two, the contract somebody chose: gba, national
    national: tuple[str, ...] = ()
    nobody: str = ""                          # the path of nobody, where its count reaches down to that
    # it is counted, and its path is its own whatever the band: notified important data
    fixed: tuple[str, ...] = ()
    refusal: Text = ""                        # why the exemption that is claimed does not hold


def stated_of_flow(facts: Facts, part: FlowInput, name: str) -> str:
    """Return what is stated of one flow, or of a company with that flow alone; empty: nothing is."""
    own = part.facts.get(name, "")
    if not own and len({flow.whole for flow in facts.flows}) == 1:
        own = facts.values.get(name, "")
    return "" if own == "unknown" else own


class PartDecision(FactReader):
    """One part on its way through the decision order; each question that is asked leaves a step."""

    def __init__(
        self, facts: Facts, rules: RuleSet, assigned: Mapping[OpenKey, str], part: FlowInput
    ) -> None:
        super().__init__(facts, rules, assigned)
        self.part = part
        self.steps: list[tuple[str, str]] = []
        self.fixed: PartResult | None = None  # what settles its path, though its persons may count
        self.refusal: Text = ""               # why its claim does not hold, where that is known
        self._last_fact = ("", "")            # the fact that was asked last, and its value

    def fact(self, name: str, flow: FlowInput | None = None) -> str:
        """Value of a fact, as for any reader."""
        value = super().fact(name, flow)
        self._last_fact = (name, value)
        return value

    def refuse(self, why: Text) -> None:
        """Note why the claim does not hold; what is noted first stands."""
        self.refusal = self.refusal or why

    def refuse_by_last_fact(self) -> None:
        """Note the condition that was asked last and denied, where nothing else is said."""
        name, value = self._last_fact
        if value == "no" or (name in ("zone", "ftz_list") and is_empty(value)):
            about = self.rules.raw["facts"][name]
            no = law_text("否", "no") if self.is_stated(name) else law_text("无人回答", "answered by nobody")
            self.refuse(Msg("{ask} {answer}", ask=law_text(about["ask"], about["ask_en"]), answer=no))

    def own_fact(self, name: str) -> str:
        """Value of a fact of this part's flow, or of the entity; opens it when unknown."""
        return self.fact(name, self.part)

    def important_data(self) -> str:
        """Answer on important data for this flow.

        Said of the company alone, "none" and "candidate" hold of every flow, "notified" only of its one flow:
        of several, each is asked.
        """
        name = "important_data"
        if name in self.part.facts or self.facts.values.get(name) != "notified":
            return self.own_fact(name)
        if len({flow.whole for flow in self.facts.flows}) == 1:
            return "notified"
        return self.fact(name, replace(self.part, facts={**self.part.facts, name: "unknown"}))

    def is_mixed_in_transit(self) -> bool:
        """Was it all collected abroad, and domestic data brought in? Asked of what claims article 4."""
        if self.part.claim != "art4" or "art4" not in self.rules.raw["exemptions"]:
            return False
        if not self.is_met("collected_abroad", shown=self.part.mode == "collected_abroad"):
            return False
        return self.own_fact("domestic_data_introduced") == "yes"

    def domestic_persons(self) -> str:
        """Number of domestic persons in this flow; empty: nobody stated it.

        Said of the company alone, it holds of its only flow: of several, each is asked.
        """
        return stated_of_flow(self.facts, self.part, "domestic_persons")

    def is_stated(self, name: str) -> bool:
        """Did somebody answer it, for the flow or the entity?"""
        return self.stated(name, self.part)

    def is_met(self, name: str, *, shown: bool = False) -> bool:
        """Is a condition met: as somebody answered; else where something shows it; else it is asked."""
        return shown if shown and not self.is_stated(name) else self.own_fact(name) == "yes"

    def list_named(self) -> str:
        """Is there a list of a zone that the exemption rests on? Nobody named one, so it is open."""
        return self.assigned_value((self.part.whole, "ftz_list"), (LIST_NAMED, LIST_NOT_NAMED))

    def counts_possible(self) -> bool:
        """Is what is merely possible in this part's flow personal? Opens it where something is."""
        return self.part.if_personal is not None and self.supposes_possible()

    def supposes_possible(self) -> bool:
        """Is what is merely possible in this part's flow personal in the case at hand? Opens it."""
        return self.assigned_value((self.part.whole, POSSIBLE_FIELDS), ("no", "yes")) == "yes"

    def count(self) -> FlowCount:
        """Persons of the part in the case at hand."""
        raised = self.part.if_personal
        return raised if raised is not None and self.counts_possible() else self.part.count

    def step(self, question: str, answer: str) -> None:
        """Note the answer to a question of the order."""
        self.steps.append((question, answer))

    def settled_by(self, rule: str, step: tuple[str, str] | None, *facts: FactValue) -> PartResult:
        """Return the path of a rule, with the facts it rests on.

        step: (question, answer) that settles the part.
        """
        if step is not None:
            self.step(*step)
        reason = self.rules.reason(rule, facts)
        return PartResult((reason.path,), (reason,), tuple(self.steps))
