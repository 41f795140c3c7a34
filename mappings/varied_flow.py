"""A flow to be varied: its persons and its decision as if fields stayed home, went in a weaker form, or minors' rows stayed home."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from detectors.model import ColumnId
from mappings.case_summary import Outcome
from mappings.decide import decide, decide_paths
from mappings.histogram import Histogram
from mappings.model import Change, Decision, Estimate, Facts, FlowCount, Item
from mappings.rules import RuleSet

_COUNTERS = ("individuals", "sensitive", "minors", "ordinary_only", "ordinary")
_LEVELS = {"gba_standard_contract": 1, "standard_contract_or_certification": 1, "security_assessment": 2, "not_necessary_stop": 3,
           "blocked_without_approval": 3}


def path_level(path: str) -> int:
    """0 nothing to file, 1 contract or certification, 2 assessment, 3 stopped."""
    return _LEVELS.get(path, 0)


@dataclass(frozen=True, slots=True)
class VariedTotal:
    """Persons of a part of the flow, or of several parts and flows together, as the histogram gives them.

    ids: the parts counted. roles: whose fields of the flow belong to it; None: all. rest: others beside those of the histogram, of unknown
    overlap. most: what there is today; less data never makes more persons.
    """

    ids: tuple[str, ...]
    histogram: Histogram
    roles: frozenset[str] | None = None
    rest: FlowCount | None = None
    most: FlowCount | None = None

    def count(self, drop: Collection[ColumnId], weaker: Collection[ColumnId], adults: bool) -> FlowCount:
        """Persons after a change."""
        found = self.histogram.count(drop, weaker, adults, self.roles)
        return found if self.rest is None else self._beside(found)

    def _beside(self, found: FlowCount) -> FlowCount:
        assert self.rest is not None
        out = _beside_one(found, self.rest, self.most)
        if found.strict is None and self.rest.strict is None:
            return out
        most = self.most.strict or self.most if self.most is not None else None
        return replace(out, strict=_beside_one(found.strict or found, self.rest.strict or self.rest, most))


def _beside_one(a: FlowCount, b: FlowCount, most: FlowCount | None) -> FlowCount:
    def one(name: str) -> Estimate:
        x, y = counter_of(a, name), counter_of(b, name)
        top = counter_of(most, name) if most is not None else None
        high = None if x.high is None or y.high is None else x.high + y.high
        if top is not None and top.high is not None:
            high = top.high if high is None else min(high, top.high)
        low = max(x.low, y.low)
        best = x.best + y.best if top is None else min(x.best + y.best, top.best)
        return Estimate(low, max(low, best), None if high is None else max(low, best, high), x.method, "overlap_unknown")

    found: dict[str, Any] = {name: one(name) for name in _COUNTERS}
    return FlowCount(**found)


def counter_of(count: FlowCount, name: str) -> Estimate:
    """A counter; ordinary ones that are not known are bounded by everybody."""
    found: Estimate | None = getattr(count, name)
    if found is not None:
        return found
    return replace(count.individuals, low=0) if name == "ordinary_only" else count.individuals


@dataclass(frozen=True, slots=True)
class VariedFlow:
    """A flow to be varied: the facts of its entity, its parts, and the totals it is counted in. needless: fields not shown necessary."""

    flow: str
    facts: Facts
    rules: RuleSet
    parts: tuple[VariedTotal, ...]
    unions: tuple[VariedTotal, ...] = ()
    needless: frozenset[ColumnId] = frozenset()

    def facts_with(self, items: Collection[Item]) -> Facts:
        """The facts after a change."""
        drop, weaker, adults = _split(items)
        counts = {t.ids[0]: t.count(drop, weaker, adults) for t in self.parts}
        left = tuple(sorted(self.needless - drop - weaker))
        flows = tuple(
            replace(f, count=counts.get(f.id, f.count), unnecessary_fields=left) if f.whole == self.flow else f for f in self.facts.flows
        )
        unions = {ids: c for ids, c in self.facts.unions.items() if not any(f.whole == self.flow for f in self.facts.flows if f.id in ids)}
        return replace(self.facts, flows=flows, unions=unions | {t.ids: t.count(drop, weaker, adults) for t in self.unions})

    def decided(self, items: Collection[Item]) -> Decision:
        """The flow's decision after a change."""
        return decide(self.facts_with(items), self.rules).flows[self.flow]

    def outcome(self, items: Collection[Item]) -> Outcome:
        """The flow's paths after a change."""
        return decide_paths(self.facts_with(items), self.rules, self.flow)

    def change(self, items: Sequence[Item], before: Decision | Outcome, found: Outcome | None = None) -> Change:
        """A change, with its counts."""
        found = found or self.outcome(items)
        own = self.parts[0].histogram.count(*_split(items))
        now, then = level_range(found), level_range(before)
        return Change(tuple(items), found.path, found.possible, own.individuals.best, own.sensitive.best, now < then, now[1] > then[1])


def _split(items: Collection[Item]) -> tuple[set[ColumnId], set[ColumnId], bool]:
    """(fields dropped, fields in a weaker form, do rows of persons under 14 stay home)."""
    return ({i.column for i in items if i.action == "drop"}, {i.column for i in items if i.action == "weaken"},
            any(i.action == "adults" for i in items))


def level_range(decision: Decision | Outcome) -> tuple[int, int]:
    """(highest, lowest) level among the possible paths: an open fact that keeps the highest one must not hide that the lowest fell."""
    levels = [path_level(p) for p in decision.possible or (decision.path,)]
    return max(levels), min(levels)
