"""A flow to be varied: its persons and decision as if fields or minors' rows stayed home."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from detectors.model import ColumnId
from mappings.case_summary import Outcome
from mappings.counts import COUNTERS, young_reading
from mappings.decide import decide, decide_paths
from mappings.model import Change, Decision, Estimate, Facts, FlowCount, Item
from mappings.rules import RuleSet

if TYPE_CHECKING:
    from mappings.histogram import Histogram

PATH_LEVELS = {
    "gba_standard_contract": 1, "standard_contract_or_certification": 1, "security_assessment": 2,
    "own_security_assessment": 2,
    "not_necessary_stop": 3, "blocked_without_approval": 3,
}


def path_level(path: str) -> int:
    """0 nothing to file, 1 contract or certification, 2 assessment, 3 stopped."""
    return PATH_LEVELS.get(path, 0)


def level_range(decision: Decision | Outcome) -> tuple[int, int]:
    """Return the (highest, lowest) level of the possible paths.

    An open fact that keeps the highest one must not hide that the lowest fell.
    """
    levels = [path_level(p) for p in decision.possible or (decision.path,)]
    return max(levels), min(levels)


@dataclass(frozen=True, slots=True)
class VariedTotal:
    """Persons of a part of the flow, or of several parts and flows together, as the histogram gives them.

    ids: the parts counted. roles: whose fields of the flow belong to it; None: all. rest: others beside those
    of the histogram, of unknown overlap. most: what there is today; less data never makes more persons.
    """

    ids: tuple[str, ...]
    histogram: Histogram
    roles: frozenset[str] | None = None
    rest: FlowCount | None = None
    most: FlowCount | None = None

    def count(self, drop: Collection[ColumnId], weaker: Collection[ColumnId], adults: bool) -> FlowCount:
        """Return the persons after a change."""
        own = self.histogram.count(drop, weaker, adults, self.roles)
        return own if self.rest is None else _with_rest(own, self.rest, self.most)


def _with_rest(own: FlowCount, rest: FlowCount, most: FlowCount | None) -> FlowCount:
    """Persons of a histogram and of the rest together, under each reading."""
    count = _bounded_sum(own, rest, most)
    if own.strict is not None or rest.strict is not None:
        strict = most.strict or most if most is not None else None
        count = replace(count, strict=_bounded_sum(own.strict or own, rest.strict or rest, strict))
    young = [young_reading(c) for c in (own, rest)]
    if not any(young):
        return count
    most = young_reading(most) or most if most is not None else None
    return replace(count, if_young=_with_rest(young[0] or own, young[1] or rest, most))


def _bounded_sum(own: FlowCount, rest: FlowCount, most: FlowCount | None) -> FlowCount:
    """Bounds of two counts whose overlap is not known; at most what there is today."""
    estimates: dict[str, Any] = {}
    for name in COUNTERS:
        top = counter_of(most, name) if most is not None else None
        estimates[name] = _add_estimates(counter_of(own, name), counter_of(rest, name), top)
    return FlowCount(**estimates)


def _add_estimates(a: Estimate, b: Estimate, top: Estimate | None) -> Estimate:
    high = None if a.high is None or b.high is None else a.high + b.high
    best = a.best + b.best
    if top is not None:
        best = min(best, top.best)
        if top.high is not None:
            high = top.high if high is None else min(high, top.high)
    low = max(a.low, b.low)
    return Estimate(
        low, max(low, best), None if high is None else max(low, best, high), a.method, "overlap_unknown"
    )


def counter_of(count: FlowCount, name: str) -> Estimate:
    """Return a counter; ordinary ones that are not known are bounded by everybody."""
    estimate: Estimate | None = getattr(count, name)
    if estimate is not None:
        return estimate
    return replace(count.individuals, low=0) if name == "ordinary_only" else count.individuals


@dataclass(frozen=True, slots=True)
class VariedFlow:
    """A flow to be varied: the facts of its entity, its parts, and the totals it is counted in.

    needless: fields that are not shown to be necessary.
    """

    flow: str
    facts: Facts
    rules: RuleSet
    parts: tuple[VariedTotal, ...]
    unions: tuple[VariedTotal, ...] = ()
    needless: frozenset[ColumnId] = frozenset()

    def facts_with(self, items: Collection[Item]) -> Facts:
        """Return the facts after a change."""
        drop, weaker, adults = _by_action(items)
        counts = {t.ids[0]: t.count(drop, weaker, adults) for t in self.parts}
        needless = tuple(sorted(self.needless - drop - weaker))
        own = {f.id for f in self.facts.flows if f.whole == self.flow}
        flows = tuple(
            replace(f, count=counts.get(f.id, f.count), unnecessary_fields=needless) if f.id in own else f
            for f in self.facts.flows
        )
        unions = {ids: count for ids, count in self.facts.unions.items() if own.isdisjoint(ids)}
        varied = {t.ids: t.count(drop, weaker, adults) for t in self.unions}
        return replace(self.facts, flows=flows, unions=unions | varied)

    def decided(self, items: Collection[Item]) -> Decision:
        """Return the flow's decision after a change."""
        return decide(self.facts_with(items), self.rules).flows[self.flow]

    def outcome(self, items: Collection[Item]) -> Outcome:
        """Return the flow's paths after a change."""
        return decide_paths(self.facts_with(items), self.rules, self.flow)

    def change(
        self, items: Sequence[Item], before: Decision | Outcome, outcome: Outcome | None = None
    ) -> Change:
        """Return a change with its counts. outcome: where it leads, if that is known already."""
        after = outcome or self.outcome(items)
        count = self.parts[0].histogram.count(*_by_action(items))
        now, then = level_range(after), level_range(before)
        return Change(
            tuple(items), after.path, after.possible, count.individuals.best, count.sensitive.best,
            lower=now < then, higher=now[1] > then[1],
        )


def _by_action(items: Collection[Item]) -> tuple[set[ColumnId], set[ColumnId], bool]:
    """(fields dropped, fields in a weaker form, do rows of persons under 14 stay home)."""
    dropped = {i.column for i in items if i.action == "drop"}
    weakened = {i.column for i in items if i.action == "weaken"}
    return dropped, weakened, any(i.action == "adults" for i in items)
