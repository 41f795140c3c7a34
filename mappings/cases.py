"""Every case that open facts, count intervals and open readings allow, and the path each leads to.

Flows of an entity depend on each other only through the count. So the facts of a flow are enumerated for that flow alone, and flows meet
as "counted" or "not counted". Where even that is too much (more than `CASES` combinations), the smallest and the largest count that are
possible bound the path from both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod
from typing import Any, TypeVar

from mappings import zones
from mappings.counts import NOBODY, bound_union, combine_counts
from mappings.model import Estimate, Facts, FlowCount, FlowInput, Reason
from mappings.rules import RuleSet, path_rank

ENDLESS = 10**12                              # stands for "no upper bound"
CASES = 512                                   # combinations of flows counted or not that are looked at one by one
OpenKey = tuple[str, str]                     # (flow or "" for the entity or "reading", fact)
T = TypeVar("T")


def parts_by_flow(facts: Facts) -> Mapping[str, list[FlowInput]]:
    """Flow id -> its parts, in order."""
    out: dict[str, list[FlowInput]] = {}
    for f in facts.flows:
        out.setdefault(f.whole, []).append(f)
    return out


class _Open(Exception):
    """Something is open: `key` must be assigned one of `values`."""

    def __init__(self, key: OpenKey, values: Sequence[str]) -> None:
        self.key = key
        self.values = tuple(values)


def every_case(facts: Facts, rules: RuleSet) -> list[Case]:
    """Every case under every assignment of the entity's open facts and of the readings."""
    return [case for shared in _assignments(lambda a: _cases(facts, rules, a)) for case in shared]


def _assignments(run: Callable[[Mapping[OpenKey, str]], T], mine: Callable[[OpenKey], bool] = lambda key: True) -> list[T]:
    """What `run` gives under every assignment of the open things it meets, as far as they are `mine`."""
    todo: list[dict[OpenKey, str]] = [{}]
    out: list[T] = []
    while todo:
        assigned = todo.pop()
        try:
            out.append(run(assigned))
        except _Open as o:
            if not mine(o.key):
                raise
            todo += [{**assigned, o.key: v} for v in reversed(o.values)]
    return out


@dataclass(frozen=True, slots=True)
class _PartResult:
    """What became of a part before counting. paths empty: it is counted, with `count` and perhaps an alternative contract."""

    paths: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    steps: tuple[tuple[str, str], ...] = ()
    count: FlowCount = NOBODY
    gba: bool = False
    national: tuple[str, ...] = ()


@dataclass(slots=True)
class _FlowOption:
    """One way the parts of a flow may be settled, and the answers that lead there."""

    parts: tuple[_PartResult, ...]
    answers: dict[OpenKey, set[str]] = field(default_factory=dict)

    @property
    def counted(self) -> int:
        return sum(not p.paths for p in self.parts)


@dataclass(slots=True)
class Case:
    """One combination of everything open, and where it leads. answers: values each open fact may have in it."""

    answers: Mapping[OpenKey, set[str]]
    paths: dict[str, tuple[str, ...]]         # part -> paths
    reasons: list[tuple[str, Reason]]         # (part, or "" for everything counted)
    steps: dict[str, tuple[tuple[str, str], ...]]
    in_count: tuple[str, ...] = ()
    national: dict[str, tuple[str, ...]] = field(default_factory=dict)


def _cases(facts: Facts, rules: RuleSet, shared: Mapping[OpenKey, str]) -> list[Case]:
    """Every case under one assignment of the entity's facts and the readings."""
    flows = parts_by_flow(facts)
    ways = [_ways(name, parts, facts, rules, shared) for name, parts in flows.items()]
    order = [f for parts in flows.values() for f in parts]
    known: dict[tuple[str, ...], tuple[tuple[str, ...], tuple[Reason, ...], tuple[tuple[str, str], ...]]] = {}

    def case(chosen: Sequence[_FlowOption]) -> Case:
        settled = list(zip(order, (p for o in chosen for p in o.parts), strict=True))
        left = [(f, s) for f, s in settled if not s.paths]
        ids = tuple(f.id for f, _ in left)
        if left and ids not in known:
            known[ids] = _JointCount(facts, rules, shared).paths(left)
        paths, reasons, steps = known[ids] if left else ((), (), ())
        answers: dict[OpenKey, set[str]] = {k: {v} for k, v in shared.items()}
        for o in chosen:
            for k, vs in o.answers.items():
                answers[k] = answers.get(k, set()) | vs
        out = Case(answers, {}, [("", r) for r in reasons], {}, ids)
        for f, s in settled:
            out.paths[f.id] = s.paths or _with_gba(s, paths)
            out.steps[f.id] = s.steps if s.paths else (*s.steps, *steps)
            out.reasons += [(f.id, r) for r in s.reasons if s.paths or "gba_standard_contract" in out.paths[f.id]]
            if s.national:
                out.national[f.id] = s.national
        return out

    if prod(len(w) for w in ways) <= CASES:
        return [case(chosen) for chosen in product(*ways)]
    fewest = [min(w, key=lambda o: o.counted) for w in ways]
    most = [max(w, key=lambda o: o.counted) for w in ways]
    found: list[Case] = []
    for i, w in enumerate(ways):              # each way of each flow, with as little and as much beside it as there can be
        for o in w:
            low, high = (case([*rest[:i], o, *rest[i + 1:]]) for rest in (fewest, most))
            for part in order[sum(len(x[0].parts) for x in ways[:i]):][:len(o.parts)]:
                low.paths[part.id] = high.paths[part.id] = _between({*low.paths[part.id], *high.paths[part.id]}, rules)
            found += [low, high]
    return found


def _with_gba(s: _PartResult, paths: tuple[str, ...]) -> tuple[str, ...]:
    return sort_by_rank({*paths, "gba_standard_contract"}) if s.gba and "standard_contract_or_certification" in paths else paths


def sort_by_rank(paths: set[str]) -> tuple[str, ...]:
    """Paths from least to most demanding."""
    return tuple(sorted(paths, key=path_rank))


def _between(paths: set[str], rules: RuleSet) -> tuple[str, ...]:
    """The paths, and those of the bands that lie between two bands among them."""
    bands = {t["path"] for t in rules.raw["thresholds"]}
    inside = [path_rank(p) for p in paths & bands]
    return sort_by_rank(paths | {p for p in bands if inside and min(inside) <= path_rank(p) <= max(inside)})


def _ways(name: str, parts: Sequence[FlowInput], facts: Facts, rules: RuleSet, shared: Mapping[OpenKey, str]) -> list[_FlowOption]:
    """Every way the parts of a flow may be settled under the open facts of that flow."""
    found: dict[Any, _FlowOption] = {}

    def run(own: Mapping[OpenKey, str]) -> tuple[Mapping[OpenKey, str], tuple[_PartResult, ...]]:
        return own, tuple(_PartDecision(facts, rules, {**shared, **own}, part).settle() for part in parts)

    for own, settled in _assignments(run, mine=lambda key: key[0] == name):
        outcome = found.setdefault(_same(settled), _FlowOption(settled))
        for key, value in own.items():
            outcome.answers.setdefault(key, set()).add(value)
    return list(found.values())


def _same(settled: tuple[_PartResult, ...]) -> Any:
    """What makes two ways the same: where they lead, not which answers led there; the steps differ and are kept apart."""
    return tuple((s.paths, s.reasons, s.steps, s.gba, s.national, id(s.count) if s.count is not NOBODY else 0) for s in settled)


@dataclass(slots=True)
class _FactReader:
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
        raise _Open(key, about["values"] if name != "important_data" else ["none", "notified"])

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
        raise _Open(key, about["values"])


class _PartDecision(_FactReader):
    """The decision order for one part, up to the count."""

    def __init__(self, facts: Facts, rules: RuleSet, assigned: Mapping[OpenKey, str], part: FlowInput) -> None:
        super().__init__(facts, rules, assigned)
        self.part = part
        self.steps: list[tuple[str, str]] = []

    def settle(self) -> _PartResult:
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

    def by(self, rule: str, step: str, answer: str, fact: str, path: str = "") -> _PartResult:
        """Settled by a rule."""
        if step:
            self.step(step, answer)
        reason = self.rules.reason(rule, fact, path)
        return _PartResult((reason.path,), (reason,), tuple(self.steps))

    def counted(self) -> _PartResult:
        part = self.part
        gba = self.fact("route", part) == "gba" and self.fact("recipient_outside_gba", part) == "no"
        count = part.count
        if part.claim == "art4" and (n := part.facts.get("domestic_persons")) and self.reading("mixed_art4") == "domestic_only":
            count = FlowCount(Estimate.exactly(int(n), "declared"), Estimate.exactly(0, "declared"))
        return _PartResult((), (self.rules.reason("gba", "route=gba"),) if gba else (), tuple(self.steps), count, gba)

    def exemption(self) -> _PartResult | None:
        """The exemption that holds with every condition shown; None: the part is counted."""
        part = self.part
        if part.claim == "none" or part.claim not in self.rules.raw["exemptions"]:
            self.step("exemption", "not_claimed" if part.claim == "none" else "unknown_then")
            return None
        found: _PartResult | None = None
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
                    found = _PartResult(("exempt_art5_4",), (), (*self.steps, ("exemption", "statutory_duty")))
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

    def zone(self) -> _PartResult | None:
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
                return _PartResult(sort_by_rank({b.path for b in bands}), reasons, (*self.steps, ("exemption", "ftz")), national=national)
        if self.fact("entry_matched", part) == "no":
            return replace(self.by("ftz", "exemption", "ftz", "entry_matched=no, filed=yes"), national=national)
        found = tuple(self.rules.reason(r, "entry_matched=yes") for r in ("ftz_contract", "ftz_assessment"))
        return _PartResult(sort_by_rank({r.path for r in found}), found, (*self.steps, ("exemption", "ftz")), national=national)

    def national(self) -> tuple[str, ...]:
        """Paths of the part alone under the national rules."""
        return _JointCount(self.facts, self.rules, self.assigned).bands(self.part.count, ())[0]


class _JointCount(_FactReader):
    """Paths of everything that is left to be counted together."""

    def paths(
        self, left: Sequence[tuple[FlowInput, _PartResult]]
    ) -> tuple[tuple[str, ...], tuple[Reason, ...], tuple[tuple[str, str], ...]]:
        """Paths, reasons and steps of the parts left."""
        ids = tuple(sorted(f.id for f, _ in left))
        total = self.facts.unions.get(ids) or (left[0][1].count if len(left) == 1 else self.bounded(ids, [s.count for _, s in left]))
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
