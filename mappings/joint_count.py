"""Paths of everything that is counted together: bands of persons, readings of the law, facts of the entity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mappings.counts import bound_union, combine_counts
from mappings.model import Estimate, FlowCount, FlowInput, Reason
from mappings.open_facts import FactReader
from mappings.rules import path_rank

ENDLESS = 10**12                              # stands for "no upper bound"


class JointCount(FactReader):
    """Paths of everything that is left to be counted together."""

    def paths(
        self, left: Sequence[tuple[FlowInput, FlowCount]]
    ) -> tuple[tuple[str, ...], tuple[Reason, ...], tuple[tuple[str, str], ...]]:
        """Paths, reasons and steps of the parts left."""
        ids = tuple(sorted(f.id for f, _ in left))
        total = self.facts.unions.get(ids) or (left[0][1] if len(left) == 1 else self.bounded(ids, [count for _, count in left]))
        if high_end(total.individuals) == 0 and high_end(total.sensitive) == 0:
            return ("no_filing_art3",), (self.rules.reason("no_personal_information", "individuals=0"),), (("count", "no_filing_art3"),)
        perhaps_nobody = total.individuals.low == 0 and total.sensitive.low == 0
        settled = next((r for r in self.rules.raw["entity_rules"] if self.fact(r["fact"]) == "yes"), None)
        if settled is not None:
            reason = self.rules.reason(settled["rule"], f"{settled['fact']}=yes")
            found: tuple[str, ...] = (reason.path,)
            reasons: tuple[Reason, ...] = (reason,)
            steps: tuple[tuple[str, str], ...] = (("ciio", "yes"),)
        else:
            if self.facts.group is not None and self.fact("combined_filing") == "yes":
                total = self.grouped(total)
            found, reasons = self.bands(total, tuple(f.id for f, _ in left))
            steps = (("ciio", "no"), *(("count", p) for p in found))
        return (("no_filing_art3", *found) if perhaps_nobody else found), reasons, steps

    def bounded(self, ids: tuple[str, ...], counts: Sequence[FlowCount]) -> FlowCount:
        """Persons of a set that was not linked: no more than any larger set has, no fewer than any smaller one."""
        found = bound_union(counts)
        for others, count in self.facts.unions.items():
            if set(ids) <= set(others):
                found = combine_counts([found, count], _at_most)
            elif set(others) <= set(ids):
                found = combine_counts([found, count], _at_least)
        return replace(found, ordinary_only=None, strict=None if found.strict is None else replace(found.strict, ordinary_only=None))

    def grouped(self, own: FlowCount) -> FlowCount:
        """The group's persons instead of the entity's, under the reading that adds them; asked only where it matters."""
        group = self.facts.group
        assert group is not None
        same = all(
            self.at(n, c) == self.at(m, c)
            for c, a, b in (
                ("ordinary", group.ordinary or group.individuals, own.ordinary or own.individuals),
                ("sensitive", group.sensitive, own.sensitive),
            )
            for n, m in ((a.low, b.low), (high_end(a), high_end(b)))
        )
        return own if same or self.reading("group_total") != "added" else group

    def bands(self, c: FlowCount, ids: Sequence[str]) -> tuple[tuple[str, ...], tuple[Reason, ...]]:
        """Paths at both ends of the counters, and everything between them. ids: what is counted together."""
        read: list[str] = []
        if c.strict is not None and self.every_end(c.strict) != self.every_end(c):
            read.append(self.reading("id_number_alone"))
            c = c.strict if read[-1] == "sensitive" else c
        ordinary, disjoint = c.ordinary or c.individuals, _disjoint(c)
        if self.ends("ordinary", ordinary) != self.ends("ordinary", disjoint):
            read.append(self.reading("both_counters"))
            ordinary = ordinary if read[-1] == "inclusive" else disjoint
        own = self.facts.values.get("sector", "")
        sector = next((line for name, line in self.rules.raw["sector_lines"].items() if own == name or own in line["names"]), None)
        more = []
        if sector and high_end(c.individuals) >= sector["min"]:
            read.append(self.reading(sector["reading"]))
            more = [sector] if read[-1] == sector["value"] else []
        reasons: list[Reason] = []
        ends = []
        for o, s, i in (
            (ordinary.low, c.sensitive.low, c.individuals.low),
            (high_end(ordinary), high_end(c.sensitive), high_end(c.individuals)),
        ):
            hits = [(t, n) for counter, n in (("ordinary", o), ("sensitive", s), ("individuals", i)) for t in self.at(n, counter, more)]
            ends.append(max((t["path"] for t, _ in hits), key=path_rank))
            reasons += [
                Reason(t["id"], t["path"], self.rules.source(t), _count_words(t["counter"], n, ids), t["confidence"], ", ".join(read))
                for t, n in hits if t["path"] == ends[-1]
            ]
        bands = sorted({t["path"] for t in self.rules.raw["thresholds"]}, key=path_rank)
        low, high = sorted(bands.index(e) for e in ends)
        return tuple(bands[low:high + 1]), tuple(dict.fromkeys(reasons))

    def at(self, n: int, counter: str, more: Sequence[Mapping[str, Any]] = ()) -> list[Mapping[str, Any]]:
        """Bands of a counter that hold n persons."""
        return [t for t in [*self.rules.raw["thresholds"], *more]
                if t["counter"] == counter and t["min"] <= n < (t.get("max") or ENDLESS + 1)]

    def every_end(self, c: FlowCount) -> Any:
        """Bands of every counter the readings turn on."""
        return self.ends("sensitive", c.sensitive), self.ends("ordinary", c.ordinary or c.individuals), self.ends("ordinary", _disjoint(c))

    def ends(self, counter: str, e: Estimate) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
        return self.at(e.low, counter), self.at(high_end(e), counter)


def _disjoint(c: FlowCount) -> Estimate:
    """Persons without any sensitive item; bounded where they were not counted."""
    return c.ordinary_only or Estimate(
        max(0, c.individuals.low - high_end(c.sensitive)), max(0, c.individuals.best - c.sensitive.best),
        None if c.individuals.high is None else max(0, c.individuals.high - c.sensitive.low), c.individuals.method)


def _at_most(pair: Sequence[Estimate]) -> Estimate:
    e, larger = pair
    high = larger.high if e.high is None else e.high if larger.high is None else max(e.low, min(e.high, larger.high))
    return replace(e, best=e.best if high is None else min(e.best, high), high=high)


def _at_least(pair: Sequence[Estimate]) -> Estimate:
    e, smaller = pair
    low = max(e.low, smaller.low)
    return replace(e, low=low, best=max(low, e.best), high=None if e.high is None else max(low, e.high))


def high_end(e: Estimate) -> int:
    """The upper end as a number."""
    return ENDLESS if e.high is None else e.high


def _count_words(counter: str, n: int, ids: Sequence[str]) -> str:
    """The count a line was held against, and over what."""
    name = counter if counter == "individuals" else f"{counter}_individuals"
    return f"{name}={'unbounded' if n >= ENDLESS else n}" + (f" ({' + '.join(ids)})" if len(ids) > 1 else "")
