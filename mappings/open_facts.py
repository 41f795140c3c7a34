"""Facts as one case assigns them; an open one that matters is asked for, and every answer is tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mappings.model import Facts, FlowInput
from mappings.rules import RuleSet

POSSIBLE_FIELDS = "possible_fields"           # what opens a flow whose columns are possibly personal
OpenKey = tuple[str, str]                     # (flow, or "" for the entity, or "reading"; fact)
T = TypeVar("T")
_FREE_VALUES = (["text"], ["number"], ["date"], ["zone"], ["act"])  # values that cannot be enumerated


class OpenFact(Exception):
    """Something is open: `key` must be assigned one of `values`."""

    def __init__(self, key: OpenKey, values: Sequence[str]) -> None:
        self.key = key
        self.values = tuple(values)


def try_assignments(
    run: Callable[[Mapping[OpenKey, str]], T], accepts: Callable[[OpenKey], bool] = lambda key: True
) -> list[T]:
    """Return what `run` gives under every assignment of the open things it meets.

    OpenFact goes on to the caller for a key that is not accepted.
    """
    waiting: list[dict[OpenKey, str]] = [{}]
    results: list[T] = []
    while waiting:
        assigned = waiting.pop()
        try:
            results.append(run(assigned))
        except OpenFact as o:
            if not accepts(o.key):
                raise
            waiting += [{**assigned, o.key: value} for value in reversed(o.values)]
    return results


@dataclass(slots=True)
class FactReader:
    """Facts and readings: stated, assumed by the rules, or assigned by the case at hand."""

    facts: Facts
    rules: RuleSet
    assigned: Mapping[OpenKey, str]

    def fact(self, name: str, flow: FlowInput | None = None) -> str:
        """Value of a fact; raise OpenFact when it is unknown and not assigned.

        Empty for what cannot be enumerated.
        """
        about = self.rules.raw["facts"].get(name)
        if about is None:                     # rules of another day that do not ask it
            return ""
        value = self._stated_value(name, flow)
        if value and value != "unknown":
            return value
        if value is None and "assume" in about:
            return str(about["assume"])
        if about["values"] in _FREE_VALUES:
            return ""
        key = (flow.whole if flow and about["scope"] == "flow" else "", name)
        possible = about["values"] if name != "important_data" else ["none", "notified"]
        return self.assigned_value(key, possible)

    def stated(self, name: str, flow: FlowInput | None = None) -> bool:
        """Did somebody answer it?"""
        return (self._stated_value(name, flow) or "unknown") != "unknown"

    def reading(self, name: str) -> str:
        """Value of a reading; raise OpenFact when it is not assigned.

        A reading that was not in question on the day keeps its last value.
        """
        about = self.rules.raw["readings"].get(name)
        if about is None:
            return ""
        if not self.rules.applies(about):
            return str(about["values"][-1])
        chosen, _ = self.rules.chosen_reading(name, self.facts.values)
        return chosen or self.assigned_value(("reading", name), about["values"])

    def _stated_value(self, name: str, flow: FlowInput | None) -> str | None:
        """What is stated of the flow, else of the entity.

        A fact of the entity that is left open in a flow is not open where the entity answers it.
        """
        own, of_entity = flow.facts.get(name) if flow else None, self.facts.values.get(name)
        about = self.rules.raw["facts"].get(name)
        if own == "unknown" and about is not None and about["scope"] == "entity":
            return of_entity or own
        return own or of_entity

    def assigned_value(self, key: OpenKey, values: Sequence[str]) -> str:
        """Return what the case at hand assigns; raise OpenFact where it assigns nothing."""
        if key not in self.assigned:
            raise OpenFact(key, values)
        return self.assigned[key]
