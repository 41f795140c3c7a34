"""Paths of all that is counted together: bands of persons, readings of the law, facts of the entity."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from mappings.counts import (
    ENDLESS,
    UNKNOWN_COUNT,
    bound_union,
    change_estimates,
    combine_counts,
    high_end,
    low_end,
    raise_union,
    without_ordinary_only,
)
from mappings.model import Estimate, FactValue, FlowCount, FlowInput, Reason
from mappings.names import is_mentioned
from mappings.open_facts import FactReader
from mappings.rules import facts_text, path_rank

COUNTER_NAMES = ("ordinary", "sensitive", "individuals")
EXEMPT = "exempt_art5_4"                      # of few ordinary persons
Figure = tuple[str, str]                      # number of persons, the interval it is the best figure of
Line = Mapping[str, Any]                      # a threshold of the rule set: counter, min, max, path, clause


class JointResult(NamedTuple):
    """Where everything that is counted together leads. steps: (question of the decision order, answer).

    apart: the paths of what holds no sensitive item, and their reasons, where that alone may stay exempt;
    empty: it makes no difference.
    """

    paths: tuple[str, ...]
    reasons: tuple[Reason, ...]
    steps: tuple[tuple[str, str], ...]
    apart: tuple[str, ...] = ()
    apart_reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class _CountUnderReadings:
    """Head-counts under the readings that are taken. readings: those that made a difference.

    lines: thresholds that then hold.
    """

    counters: Mapping[str, Estimate]
    readings: tuple[str, ...]
    lines: Sequence[Line]


class JointCount(FactReader):
    """The paths of parts that are counted together; facts and readings that matter are opened."""

    def result(self, parts: Sequence[tuple[FlowInput, FlowCount]]) -> JointResult:
        """Return paths, reasons and steps of parts with their counts."""
        total = self._total_count(parts)
        return self._result_by_entity_fact() or self._result_by_count(total, tuple(f.id for f, _ in parts))

    def _total_count(self, parts: Sequence[tuple[FlowInput, FlowCount]]) -> FlowCount:
        """Persons of the parts together: as they were linked, else bounds.

        What is taken for personal in this case was linked in no union: it raises the bounds.
        """
        if any(count is UNKNOWN_COUNT for _, count in parts):
            without_unknown = [(f, f.count if count is UNKNOWN_COUNT else count) for f, count in parts]
            return change_estimates(self._total_count(without_unknown), high=None)
        raised = [(f.count, count) for f, count in parts if count is f.if_personal]
        if not raised:
            return self._linked_count(parts)
        if len(parts) == 1 and (parts[0][0].id,) not in self.facts.unions:
            return parts[0][1]
        unraised = [(f, f.count if count is f.if_personal else count) for f, count in parts]
        return raise_union(self._linked_count(unraised), raised)

    def _linked_count(self, parts: Sequence[tuple[FlowInput, FlowCount]]) -> FlowCount:
        ids = tuple(sorted(f.id for f, _ in parts))
        if (linked := self.facts.unions.get(ids)) is not None:
            if all(count is f.count for f, count in parts):
                return linked
            bounds = bound_union([count for _, count in parts])       # only some persons of a part count
            return without_ordinary_only(combine_counts([bounds, linked], _up_to))
        return parts[0][1] if len(parts) == 1 else self._bounded_count(ids, [count for _, count in parts])

    def _bounded_count(self, ids: tuple[str, ...], counts: Sequence[FlowCount]) -> FlowCount:
        """Persons of a set that was not linked: at most a larger set's, at least a smaller set's."""
        bounds = bound_union(counts)
        for others, count in self.facts.unions.items():
            if set(ids) <= set(others):
                bounds = combine_counts([bounds, count], _at_most)
            elif set(others) <= set(ids):
                bounds = combine_counts([bounds, count], _at_least)
        return without_ordinary_only(bounds)

    def _result_by_entity_fact(self) -> JointResult | None:
        """The path of a fact of the entity that settles all that is counted; None where there is none."""
        for rule in self.rules.raw["entity_rules"]:
            if self.fact(rule["fact"]) == "yes":
                reason = self.rules.reason(rule["rule"], (FactValue(rule["fact"], "yes"),))
                return JointResult((reason.path,), (reason,), (("ciio", "yes"),))
        return None

    def _result_by_count(self, total: FlowCount, ids: Sequence[str]) -> JointResult:
        group = ""
        if self.facts.group is not None and self.fact("combined_filing") == "yes":
            total, group = self._grouped_count(total, self.facts.group)
        paths, reasons = self.bands(total, ids)
        if group:
            reasons = tuple(replace(r, reading=", ".join(filter(None, (r.reading, group)))) for r in reasons)
        apart, apart_reasons = self.bands(total, ids, ("ordinary", "individuals"))
        if apart == paths or EXEMPT not in apart:
            apart, apart_reasons = (), ()
        steps = (("ciio", "no"), *(("count", p) for p in paths))
        return JointResult(paths, reasons, steps, apart, apart_reasons)

    def _grouped_count(self, own: FlowCount, group: FlowCount) -> tuple[FlowCount, str]:
        """The group's persons instead of the entity's under the reading that adds them, if it matters.

        With the reading that was taken; empty where it does not matter.
        """
        pairs = (
            ("ordinary", group.ordinary or group.individuals, own.ordinary or own.individuals),
            ("sensitive", group.sensitive, own.sensitive),
        )
        if all(self._lines_at_ends(counter, a) == self._lines_at_ends(counter, b) for counter, a, b in pairs):
            return own, ""
        reading = self.reading("group_total")
        return group if reading == "added" else own, reading

    def bands(
        self, count: FlowCount, ids: Sequence[str], counters: Collection[str] = COUNTER_NAMES
    ) -> tuple[tuple[str, ...], tuple[Reason, ...]]:
        """Return the paths at both ends of the counters and all between them, with the reasons at the ends.

        ids: what is counted together. counters: those that are looked at.
        """
        read = self._count_under_readings(count)
        order = sorted({line["path"] for line in self.rules.raw["thresholds"]}, key=path_rank)
        positions: list[int] = []
        reasons: list[Reason] = []
        own = {name: e for name, e in read.counters.items() if name in counters}
        for persons in (_fewest(own, read.lines), {name: high_end(e) for name, e in own.items()}):
            hits = _hits(persons, read.lines)
            path = max((line["path"] for line in hits), key=path_rank)
            positions.append(order.index(path))
            reasons += [
                self._reason(line, _figure(line, own[name], persons[name]), ids, read.readings)
                for line in hits if line["path"] == path and (name := line["counter"])
            ]
        return tuple(order[min(positions):max(positions) + 1]), tuple(dict.fromkeys(reasons))

    def _reason(self, line: Line, figure: Figure, ids: Sequence[str], readings: Sequence[str]) -> Reason:
        """The reason of a line that holds so many persons."""
        counter = line["counter"] if line["counter"] == "individuals" else f"{line['counter']}_individuals"
        number, about = figure
        facts = (FactValue(counter, number, tuple(ids) if len(ids) > 1 else (), about),)
        return Reason(
            rule=line["id"],
            path=line["path"],
            clause=self.rules.source(line),
            fact=facts_text(facts),
            facts=facts,
            confidence_of_source=line["confidence"],
            reading=", ".join(readings),
        )

    def _count_under_readings(self, count: FlowCount) -> _CountUnderReadings:
        """The counters under every reading that is open and makes a difference."""
        readings: list[str] = []
        now = count.remaining
        if now is not None and self._lines_of_readings(now) != self._lines_of_readings(count):
            readings.append(self.reading("deleted_persons"))
            count = now if readings[-1] == "kept" else count
        if count.strict is not None and self._lines_of_readings(count.strict) != self._lines_of_readings(
            count
        ):
            readings.append(self.reading("id_number_alone"))
            count = count.strict if readings[-1] == "sensitive" else count
        ordinary, disjoint = count.ordinary or count.individuals, _ordinary_only_persons(count)
        if self._lines_at_ends("ordinary", ordinary) != self._lines_at_ends("ordinary", disjoint):
            readings.append(self.reading("both_counters"))
            ordinary = ordinary if readings[-1] == "inclusive" else disjoint
        lines = list(self.rules.raw["thresholds"])
        sector = self._sector_line()
        if sector is not None and high_end(count.individuals) >= sector["min"]:
            readings.append(self.reading(sector["reading"]))
            lines += [sector] if readings[-1] == sector["value"] else []
        counters = {"ordinary": ordinary, "sensitive": count.sensitive, "individuals": count.individuals}
        return _CountUnderReadings(counters, tuple(readings), lines)

    def _sector_line(self) -> Line | None:
        """The line of the entity's sector, by its code or a name that stands in what is stated of it."""
        own = self.facts.values.get("sector", "")
        lines: Mapping[str, Line] = self.rules.raw["sector_lines"]
        own_lines = (
            line for code, line in lines.items()
            if any(is_mentioned(name, own) for name in (code, *line["names"]))
        )
        return next(own_lines, None)

    def _lines_of_readings(self, count: FlowCount) -> Any:
        """Lines of every counter the readings turn on; equal where no reading matters."""
        return (
            self._lines_at_ends("sensitive", count.sensitive),
            self._lines_at_ends("ordinary", count.ordinary or count.individuals),
            self._lines_at_ends("ordinary", _ordinary_only_persons(count)),
        )

    def _lines_at_ends(self, counter: str, estimate: Estimate) -> tuple[list[Line], list[Line]]:
        lines = self.rules.raw["thresholds"]
        return _lines_at(low_end(estimate), counter, lines), _lines_at(high_end(estimate), counter, lines)


def _lines_at(n: int, counter: str, lines: Sequence[Line]) -> list[Line]:
    """Lines of a counter whose band holds n persons: min inclusive, max exclusive."""
    return [
        line for line in lines
        if line["counter"] == counter and line["min"] <= n < (line.get("max") or ENDLESS + 1)
    ]


def _hits(persons: Mapping[str, int], lines: Sequence[Line]) -> list[Line]:
    """Lines whose bands hold so many persons, by counter."""
    return [line for name, n in persons.items() for line in _lines_at(n, name, lines)]


def _fewest(counters: Mapping[str, Estimate], lines: Sequence[Line]) -> Mapping[str, int]:
    """Persons by counter at which the count asks for least.

    Who has no sensitive item has an ordinary one: the fewer are sensitive, the more are ordinary. The least
    is asked at a line, or where the sensitive ones are as few as they may be.
    """
    lowest = {name: low_end(e) for name, e in counters.items()}
    if "ordinary" not in counters or "sensitive" not in counters:
        return lowest
    everybody, sensitive = low_end(counters["individuals"]), counters["sensitive"]
    turns = {sensitive.low, everybody - counters["ordinary"].low}
    turns |= {line["min"] - step for line in lines if line["counter"] == "sensitive" for step in (0, 1)}
    turns |= {everybody - line["min"] + 1 for line in lines if line["counter"] == "ordinary"}
    splits = [
        {**lowest, "sensitive": n, "ordinary": max(lowest["ordinary"], everybody - n)}
        for n in sorted(turns) if sensitive.low <= n <= high_end(sensitive)
    ]
    if not splits:                            # bounds that contradict each other leave no split
        return lowest
    return min(splits, key=lambda persons: max(path_rank(line["path"]) for line in _hits(persons, lines)))


def _figure(line: Line, e: Estimate, persons: int) -> Figure:
    """The figure of an estimate as it is shown elsewhere, where a line holds all of it; else the persons.

    Beside either stands the interval that it is of.
    """
    low, high = low_end(e), high_end(e)
    if line["min"] <= low and high < (line.get("max") or ENDLESS):
        return str(e.best), f"{low:,}–{high:,}" if low < high else ""
    number = "unbounded" if persons >= ENDLESS else str(persons)
    top = "" if high >= ENDLESS else f"{high:,}"
    return number, f"{low:,}–{top}" if low < high else ""


def _ordinary_only_persons(count: FlowCount) -> Estimate:
    """Persons without any sensitive item; bounded where they were not counted."""
    if count.ordinary_only is not None:
        return count.ordinary_only
    everybody, sensitive = count.individuals, count.sensitive
    return Estimate(
        low=max(0, everybody.low - high_end(sensitive)),
        best=max(0, everybody.best - sensitive.best),
        high=None if everybody.high is None else max(0, everybody.high - sensitive.low),
        method=everybody.method,
    )


def _at_most(pair: Sequence[Estimate]) -> Estimate:
    """The first estimate, at most the second."""
    e, larger = pair
    if e.high is None or larger.high is None:
        high = larger.high if e.high is None else e.high
    else:
        high = max(e.low, min(e.high, larger.high))
    return replace(e, best=e.best if high is None else min(e.best, high), high=high)


def _up_to(pair: Sequence[Estimate]) -> Estimate:
    """From the first estimate up to the second."""
    e, larger = pair
    high = None if larger.high is None else max(e.low, larger.high)
    return replace(e, best=e.best if high is None else min(e.best, high), high=high)


def _at_least(pair: Sequence[Estimate]) -> Estimate:
    """The first estimate, at least the second."""
    e, smaller = pair
    low = max(e.low, smaller.low)
    return replace(e, low=low, best=max(low, e.best), high=None if e.high is None else max(low, e.high))
