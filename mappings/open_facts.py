"""Facts as one case assigns them; what is open and matters is asked for by an exception, and every answer is tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mappings.model import Facts, FlowInput
from mappings.rules import RuleSet

OpenKey = tuple[str, str]                     # (flow or "" for the entity or "reading", fact)
T = TypeVar("T")


class OpenFact(Exception):
    """Something is open: `key` must be assigned one of `values`."""

    def __init__(self, key: OpenKey, values: Sequence[str]) -> None:
        self.key = key
        self.values = tuple(values)


def try_assignments(run: Callable[[Mapping[OpenKey, str]], T], mine: Callable[[OpenKey], bool] = lambda key: True) -> list[T]:
    """What `run` gives under every assignment of the open things it meets, as far as they are `mine`."""
    todo: list[dict[OpenKey, str]] = [{}]
    out: list[T] = []
    while todo:
        assigned = todo.pop()
        try:
            out.append(run(assigned))
        except OpenFact as o:
            if not mine(o.key):
                raise
            todo += [{**assigned, o.key: v} for v in reversed(o.values)]
    return out


@dataclass(slots=True)
class FactReader:
    """Facts and readings, known or assigned."""

    facts: Facts
    rules: RuleSet
    assigned: Mapping[OpenKey, str]

    def fact(self, name: str, flow: FlowInput | None = None) -> str:
        """Value of a fact; opens it when unknown."""
        about = self.rules.raw["facts"].get(name)
        if about is None:                     # rules of another day that do not ask it
            return ""
        value = (flow.facts.get(name) if flow else None) or self.facts.values.get(name)
        if value and value != "unknown":
            return value
        if value is None and "assume" in about:
            return str(about["assume"])
        if about["values"] in (["text"], ["number"], ["date"]):
            return ""
        key = (flow.whole if flow and about["scope"] == "flow" else "", name)
        if key in self.assigned:
            return self.assigned[key]
        raise OpenFact(key, about["values"] if name != "important_data" else ["none", "notified"])

    def stated(self, name: str, flow: FlowInput | None = None) -> bool:
        """Did somebody answer it?"""
        return ((flow.facts.get(name) if flow else None) or self.facts.values.get(name) or "unknown") != "unknown"

    def reading(self, name: str) -> str:
        """Value of a reading; opens it. A reading that was not in question on the day keeps its last value."""
        about = self.rules.raw["readings"].get(name)
        if about is None:
            return ""
        if not self.rules.applies(about):
            return str(about["values"][-1])
        key = ("reading", name)
        if key in self.assigned:
            return self.assigned[key]
        raise OpenFact(key, about["values"])
