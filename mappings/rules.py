"""Facts to decision: three-valued facts, intervals and open readings are all enumerated; the most demanding path that holds wins.

The order is that of the export rules: not an export; request of a foreign authority; notified important data; no personal information;
necessity; exemptions flow by flow; critical infrastructure; counts. Numbers, clauses and words live in `rulesets/*.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from detectors.errors import RulesError, nearest
from mappings.data import known, load
from mappings.model import PATHS, Decision, Duty, Estimate, Facts, FlowCount, FlowInput, Margin, Question, Reason

ENDLESS = 10**12                              # stands for "no upper bound"
LEAVES = 4_096                                # assignments of open facts looked at
_WORST = {"not_necessary_stop", "blocked_without_approval"}


def path_rank(path: str) -> int:
    """Position in PATHS, least to most demanding."""
    return PATHS.index(path)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A rule set as read; `raw` keeps the YAML."""

    id: str
    raw: Mapping[str, Any]

    def check_fact(self, name: str, value: str) -> None:
        """RulesError when the fact or the value is not known."""
        facts = self.raw["facts"]
        if name not in facts:
            raise RulesError(f'unknown fact "{name}"', hint=nearest(name, facts) or f"known: {', '.join(facts)}")
        allowed = [str(v) for v in facts[name]["values"]]
        if allowed in (["text"], ["number"]) or value == "unknown":
            return
        if allowed == ["date"]:
            try:
                date.fromisoformat(value)
            except ValueError:
                raise RulesError(f'"{name}" cannot be "{value}"', hint="write the date as 2026-01-31") from None
            return
        if value not in allowed:
            raise RulesError(f'"{name}" cannot be "{value}"', hint=f"one of: {', '.join([*allowed, 'unknown'])}")

    def company_questions(self) -> tuple[Question, ...]:
        """What a company is asked first, in order."""
        return tuple(self._question(f, "", {str(v): () for v in self.raw["facts"][f]["values"]}) for f in self.raw["company_questions"])

    def _question(self, fact: str, scope: str, leads: Mapping[str, tuple[str, ...]]) -> Question:
        about = self.raw["facts"][fact]
        return Question(fact, about["ask"], about["ask_en"], about["how"], about["how_en"], leads, scope)

    def lines(self, lang: str) -> Iterator[str]:
        """The rule set as text."""
        yield f"{self.raw['id']}  {self.raw['title']}  effective {self.raw['effective']}"
        for t in self.raw["thresholds"]:
            top = f"{t['max']:,}" if t["max"] else "∞"
            yield f"  {t['id']}  {t['counter']:<9} [{t['min']:,}, {top})  {t['path']}  {t['source']} [{t['confidence']}]"
        for name, r in self.raw["rules"].items():
            yield f"  {name:<24} {r['path']}  {r['source']} [{r['confidence']}]  {r['words'] if lang == 'zh' else r['words_en']}"
        for name, r in self.raw["readings"].items():
            yield f"  ? {name:<22} {' | '.join(r['values'])}  {r['words'] if lang == 'zh' else r['words_en']}"


def load_ruleset(name: str = "cn-2024") -> RuleSet:
    """Read a rule set by name or path."""
    raw, where = load("rulesets", name)
    known(raw, ("id", "title", "effective", "counting", "thresholds", "rules", "refused", "zone_bands", "readings", "facts",
                "company_questions", "obligations"), where)
    for t in raw["thresholds"]:
        if t["path"] not in PATHS:
            raise RulesError(f'unknown path "{t["path"]}"', where=where, hint=nearest(t["path"], PATHS))
    for fact in raw["facts"].values():        # YAML reads yes and no as booleans; here they are words
        fact["values"] = ["yes" if v is True else "no" if v is False else str(v) for v in fact["values"]]
    return RuleSet(raw["id"], raw)


@dataclass(frozen=True, slots=True)
class EntityDecision:
    """The decision of a legal entity, of each of its flows, and the count it rests on."""

    entity: Decision
    flows: Mapping[str, Decision]
    counted: tuple[str, ...]                  # flows in the count under at least one answer to the open facts
    together: tuple[tuple[str, ...], ...]     # every set of flows (ids sorted) counted together under some answer


class _Open(Exception):
    """A fact or reading that is open: `key` must be assigned one of `values`."""

    def __init__(self, key: tuple[str, str], values: Sequence[str]) -> None:
        self.key = key
        self.values = tuple(values)


@dataclass(slots=True)
class _Leaf:
    """One assignment of everything open, and where it leads."""

    assigned: Mapping[tuple[str, str], str]
    flows: dict[str, tuple[str, ...]] = field(default_factory=dict)     # flow -> paths (several where a count straddles)
    reasons: list[tuple[str, Reason]] = field(default_factory=list)     # (flow, or "" for all counted flows)
    counted: tuple[str, ...] = ()
    national: dict[str, tuple[str, ...]] = field(default_factory=dict)


def decide(facts: Facts, rules: RuleSet) -> EntityDecision:
    """Every path that open facts, count intervals and open readings allow; `needs_review` when there is more than one."""
    leaves = list(_leaves(facts, rules))
    flows = {f.id: _decision([(leaf, leaf.flows[f.id]) for leaf in leaves], f, facts, rules) for f in facts.flows}
    entity = _decision([(leaf, _worst(leaf)) for leaf in leaves], None, facts, rules)
    counted = tuple(f.id for f in facts.flows if any(f.id in leaf.counted for leaf in leaves))
    together = tuple(sorted({tuple(sorted(leaf.counted)) for leaf in leaves if len(leaf.counted) > 1}))
    return EntityDecision(entity, flows, counted, together)


def allowed(decision: Decision, allow: Literal["exempt", "contract", "assessment"]) -> bool:
    """Does every possible path stay within --allow? Stopped and blocked flows never do."""
    exempt = {p for p in PATHS if p.startswith("exempt")} | {"not_export", "no_filing_art3"}
    contract = exempt | {"standard_contract_or_certification", "gba_standard_contract"}
    fine = {"exempt": exempt, "contract": contract, "assessment": contract | {"security_assessment"}}[allow]
    return all(p in fine for p in decision.possible or (decision.path,))


def _leaves(facts: Facts, rules: RuleSet) -> Iterator[_Leaf]:
    todo: list[dict[tuple[str, str], str]] = [{}]
    done = 0
    while todo:
        assigned = todo.pop()
        try:
            yield _Settler(facts, rules, assigned).settle()
            done += 1
            if done >= LEAVES:
                return
        except _Open as o:
            todo += [{**assigned, o.key: v} for v in reversed(o.values)]


def _worst(leaf: _Leaf) -> tuple[str, ...]:
    """Paths of the entity: the most demanding flow decides at each end."""
    if not leaf.flows:
        return ("not_export",)
    low = max((min(ps, key=path_rank) for ps in leaf.flows.values()), key=path_rank)
    high = max((max(ps, key=path_rank) for ps in leaf.flows.values()), key=path_rank)
    between = [p for ps in leaf.flows.values() for p in ps if path_rank(low) <= path_rank(p) <= path_rank(high)]
    return tuple(sorted({low, high, *between}, key=path_rank))


@dataclass(slots=True)
class _Settler:
    """The decision order, with every fact either known or assigned."""

    facts: Facts
    rules: RuleSet
    assigned: Mapping[tuple[str, str], str]

    def fact(self, name: str, flow: FlowInput | None = None) -> str:
        """Value of a fact; opens it when unknown."""
        about = self.rules.raw["facts"][name]
        value = (flow.facts.get(name) if flow else None) or self.facts.values.get(name)
        if value and value != "unknown":
            return value
        if value is None and "assume" in about:
            return str(about["assume"])
        if about["values"] in (["text"], ["number"], ["date"]):
            return ""
        key = (flow.id if flow and about["scope"] == "flow" else "", name)
        if key in self.assigned:
            return self.assigned[key]
        raise _Open(key, about["values"] if name != "important_data" else ["none", "notified"])

    def reading(self, name: str) -> str:
        key = ("reading", name)
        if key in self.assigned:
            return self.assigned[key]
        raise _Open(key, self.rules.raw["readings"][name]["values"])

    def settle(self) -> _Leaf:
        leaf = _Leaf(self.assigned)
        left: list[FlowInput] = []
        for flow in self.facts.flows:
            name = self.before_counting(flow, leaf)
            if name is None:
                left.append(flow)
            elif name:
                self.because(leaf, flow.id, name)
        leaf.counted = tuple(f.id for f in left)
        if left:
            self.count(left, leaf)
        return leaf

    def because(self, leaf: _Leaf, flow: str, name: str, stated: str = "") -> None:
        rule = self.rules.raw["rules"][name]
        leaf.flows[flow] = (rule["path"],)
        leaf.reasons.append(
            (flow, Reason(name, rule["path"], rule["source"], stated or name, rule["confidence"], "", rule["words"], rule["words_en"]))
        )

    def before_counting(self, flow: FlowInput, leaf: _Leaf) -> str | None:
        """Rule that settles the flow before persons are counted; None: it is counted; empty: already written to the leaf."""
        if flow.mode == "access_inside_china":
            return "inside"
        if self.fact("foreign_authority_request", flow) == "yes" and self.fact("approval", flow) != "yes":
            return "foreign_authority"
        if self.fact("important_data", flow) == "notified":
            return "important_notified"
        if flow.has_personal_information == "no":
            return "no_personal_information"
        if self.fact("export_necessary", flow) == "no":
            return "not_necessary"
        if flow.subject_group == "applicant" and self.fact("overseas_takes_part_in_decision", flow) == "no":
            return "not_necessary"
        return self.exemption(flow, leaf)

    def exemption(self, flow: FlowInput, leaf: _Leaf) -> str | None:
        match flow.claim:
            case "art4":
                if self.fact("domestic_data_introduced", flow) == "no":
                    return "art4"
            case "art5_1":
                if (
                    flow.kind not in self.rules.raw["refused"]["art5_1"]
                    and self.fact("contract_with_individual", flow) == "yes"
                    and self.needed(flow)
                ):
                    return "art5_1"
            case "art5_2":
                if (flow.subject_group in ("", "employee") and self.fact("labour_rules", flow) == "yes"
                        and self.fact("collective_contract", flow) == "yes" and self.needed(flow)):
                    return "art5_2"
            case "art5_3":
                if self.fact("emergency", flow) == "yes":
                    return "art5_3"
            case "ftz":
                return self.zone(flow, leaf)
            case "statutory_duty":
                if self.reading("statutory_duty") == "exempt":
                    leaf.flows[flow.id] = ("exempt_art5_4",)
                    return ""
        return None

    def needed(self, flow: FlowInput) -> bool:
        if "fields_necessary" not in flow.facts and flow.unnecessary_fields:
            return False
        return self.fact("fields_necessary", flow) == "yes"

    def zone(self, flow: FlowInput, leaf: _Leaf) -> str | None:
        if self.fact("sector_listed", flow) != "yes" or self.fact("ciio", flow) == "yes" or self.fact("scenario_listed", flow) != "yes":
            return None
        if self.fact("filed", flow) != "yes":
            return None
        band = self.rules.raw["zone_bands"].get(self.fact("ftz_list", flow))
        if band is not None and "entry_matched" not in flow.facts:
            ends = {self.zone_rule(n, band) for n in (flow.count.sensitive.low, _high(flow.count.sensitive))}
            national = self.by_counts(flow.count, _Leaf(self.assigned), flow.id)
            leaf.national[flow.id] = national
            for name in ends:
                self.because(leaf, flow.id, name, f"list={self.fact('ftz_list', flow)}")
            leaf.flows[flow.id] = tuple(sorted({self.rules.raw["rules"][n]["path"] for n in ends}, key=path_rank))
            return ""
        return "ftz" if self.fact("entry_matched", flow) == "no" else None

    @staticmethod
    def zone_rule(n: int, band: Mapping[str, Any]) -> str:
        return "ftz_assessment" if n >= band["assessment"] else "ftz_contract" if n >= band["contract"] else "ftz"

    def count(self, left: Sequence[FlowInput], leaf: _Leaf) -> None:
        total = self.total(left)
        people = _high(total.individuals) > 0 or _high(total.sensitive) > 0
        maybe_nobody = total.individuals.low == 0 and total.sensitive.low == 0
        if people and self.fact("ciio") == "yes":
            rule = self.rules.raw["rules"]["ciio"]
            paths: tuple[str, ...] = (rule["path"],)
            leaf.reasons.append(
                ("", Reason("ciio", rule["path"], rule["source"], "ciio=yes", rule["confidence"], "", rule["words"], rule["words_en"]))
            )
        elif not people:
            rule = self.rules.raw["rules"]["no_personal_information"]
            paths = (rule["path"],)
            leaf.reasons.append(
                (
                    "",
                    Reason(
                        "no_personal_information",
                        rule["path"],
                        rule["source"],
                        "individuals=0",
                        rule["confidence"],
                        "",
                        rule["words"],
                        rule["words_en"],
                    ),
                )
            )
        else:
            paths = self.by_counts(total, leaf, "")
        if people and maybe_nobody:
            paths = ("no_filing_art3", *paths)
        for flow in left:
            gba = self.fact("route", flow) == "gba" and self.fact("recipient_outside_gba", flow) == "no"
            own = paths
            if gba and "standard_contract_or_certification" in paths:
                rule = self.rules.raw["rules"]["gba"]
                leaf.reasons.append(
                    (
                        flow.id,
                        Reason("gba", rule["path"], rule["source"], "route=gba", rule["confidence"], "", rule["words"], rule["words_en"]),
                    )
                )
                own = tuple(sorted({*paths, "gba_standard_contract"}, key=path_rank))
            leaf.flows[flow.id] = own

    def total(self, left: Sequence[FlowInput]) -> FlowCount:
        """Distinct persons over the flows left: the union where it was counted, else bounds from the flows."""
        counts = [self.one(f) for f in left]
        together = tuple(sorted(f.id for f in left))
        if together in self.facts.unions:
            return self.facts.unions[together]
        if len(counts) == 1:
            return counts[0]

        def bound(parts: Sequence[Estimate]) -> Estimate:
            high = None if any(p.high is None for p in parts) else sum(p.high or 0 for p in parts)
            return Estimate(
                max(p.low for p in parts),
                min(sum(p.best for p in parts), high if high is not None else ENDLESS),
                high,
                "exact",
                "overlap_unknown",
            )

        return FlowCount(bound([c.individuals for c in counts]), bound([c.sensitive for c in counts]), bound([c.minors for c in counts]))

    def one(self, flow: FlowInput) -> FlowCount:
        if flow.claim == "art4" and (n := flow.facts.get("domestic_persons")) and self.reading("mixed_art4") == "domestic_only":
            return FlowCount(Estimate.exactly(int(n)), Estimate.exactly(0))
        return flow.count

    def by_counts(self, c: FlowCount, leaf: _Leaf, flow: str) -> tuple[str, ...]:
        """Paths at both ends of the counters, and everything between them."""
        inclusive = c.ordinary or c.individuals
        disjoint = c.ordinary_only or Estimate(
            max(0, c.individuals.low - _high(c.sensitive)), max(0, c.individuals.best - c.sensitive.best),
            None if c.individuals.high is None else max(0, c.individuals.high - c.sensitive.low), c.individuals.method)
        ordinary, reading = inclusive, ""
        if _band(self.rules, "ordinary", inclusive) != _band(self.rules, "ordinary", disjoint):
            reading = self.reading("both_counters")
            ordinary = inclusive if reading == "inclusive" else disjoint
        if self.facts.values.get("sector") == "automotive" and _high(inclusive) >= 100_000 and self.reading("automotive") == "important":
            leaf.reasons.append(
                (
                    flow,
                    Reason(
                        "automotive",
                        "security_assessment",
                        "汽车数据安全管理若干规定（试行） 第三条",
                        f"individuals={inclusive.best}",
                        "verified",
                        "automotive",
                    ),
                )
            )
            return ("security_assessment",)
        low = self.at(ordinary.low, c.sensitive.low, leaf, flow, reading)
        high = self.at(_high(ordinary), _high(c.sensitive), leaf, flow, reading)
        steps = ["exempt_art5_4", "standard_contract_or_certification", "security_assessment"]
        return tuple(steps[steps.index(low):steps.index(high) + 1])

    def at(self, ordinary: int, sensitive: int, leaf: _Leaf, flow: str, reading: str) -> str:
        hits = [t for t in self.rules.raw["thresholds"]
                if t["min"] <= (ordinary if t["counter"] == "ordinary" else sensitive) < (t["max"] or ENDLESS + 1)]
        worst = max(hits, key=lambda t: path_rank(t["path"]))
        for t in hits:
            if t["path"] == worst["path"]:
                n = ordinary if t["counter"] == "ordinary" else sensitive
                said = _said(t["counter"], n, () if flow else leaf.counted)
                leaf.reasons.append((flow, Reason(t["id"], t["path"], t["source"], said, t["confidence"], reading)))
        return str(worst["path"])


def _high(e: Estimate) -> int:
    return ENDLESS if e.high is None else e.high


def _said(counter: str, n: int, together: Sequence[str]) -> str:
    """The count a line was held against, and over which flows."""
    return f"{counter}_individuals={'unbounded' if n >= ENDLESS else n}" + (f" ({' + '.join(together)})" if len(together) > 1 else "")


def _band(rules: RuleSet, counter: str, e: Estimate) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(t["path"] for t in rules.raw["thresholds"] if t["counter"] == counter and t["min"] <= n < (t["max"] or ENDLESS + 1))
                 for n in (e.low, _high(e)))


def _decision(cases: Sequence[tuple[_Leaf, tuple[str, ...]]], flow: FlowInput | None, facts: Facts, rules: RuleSet) -> Decision:
    possible = tuple(sorted({p for _, paths in cases for p in paths}, key=path_rank))
    alternatives = {"gba_standard_contract", "standard_contract_or_certification"}
    certain = len(possible) == 1 or (set(possible) == alternatives and all(set(ps) == alternatives for _, ps in cases))
    path = possible[-1] if certain else "needs_review"
    reasons: dict[tuple[str, str, str], Reason] = {}
    for leaf, paths in cases:
        for owner, reason in leaf.reasons:
            mine = owner == "" and (flow is None or flow.id in leaf.counted) or flow is None or owner == flow.id
            if mine and reason.path in paths:
                reasons.setdefault((reason.rule, reason.path, reason.reading), reason)
    national = tuple(
        sorted({p for leaf, _ in cases for f, ps in leaf.national.items() if flow is None or f == flow.id for p in ps}, key=path_rank)
    )
    extra: dict[str, Any] = {"national_path": list(national)} if national else {}
    if "important_notified" in {r.rule for r in reasons.values()} and (on := facts.values.get("notified_on")):
        extra["file_by"] = _months_later(date.fromisoformat(on), 2).isoformat()
    if any(n == "fields_necessary" for leaf, _ in cases for _, n in leaf.assigned) or (flow and flow.unnecessary_fields):
        extra["dropping"] = list(flow.unnecessary_fields) if flow else []
    open_readings = [rules.raw["readings"][n] for n in sorted({n for leaf, _ in cases for s, n in leaf.assigned if s == "reading"})]
    notes = tuple(f"reading|{r['words']}|{r['words_en']}" for r in open_readings)
    most = tuple(sorted({f for leaf, _ in cases for f in leaf.counted}))
    mine = bool(most) and (flow is None or flow.id in most)
    total = facts.unions.get(most) or next((f.count for f in facts.flows if (f.id,) == most), None)
    count = flow.count if flow is not None else None
    if count is not None and path == "standard_contract_or_certification" and count.sensitive.low > 0:
        ordinary = count.ordinary_only or count.individuals
        if _high(ordinary) < 100_000:
            extra |= {"scope": "sensitive part", "ordinary_part": "exempt_art5_4"}
    return Decision(
        path, possible, certain, tuple(sorted(reasons.values(), key=lambda r: (-path_rank(r.path), r.rule, r.reading))),
        _margins(total, possible, rules) if mine else (),
        _obligations(possible, rules), _questions(cases, flow, rules), notes, extra,
    )


def _months_later(day: date, months: int) -> date:
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    return date(year, month, 28)


def _margins(count: FlowCount | None, possible: Sequence[str], rules: RuleSet) -> tuple[Margin, ...]:
    """Persons of all counted flows to the next line that would ask for more, from the upper end where there is one."""
    out: list[Margin] = []
    if count is None:
        return ()
    for counter, e in (("ordinary", count.ordinary or count.individuals), ("sensitive", count.sensitive)):
        now = e.high if e.high is not None else e.best
        lines = sorted((t["min"], t["path"]) for t in rules.raw["thresholds"] if t["counter"] == counter and t["min"] > now
                       and path_rank(t["path"]) > path_rank(possible[-1]))
        if lines:
            out.append(Margin(counter, lines[0][0], lines[0][0] - now, lines[0][1]))  # type: ignore[arg-type]
    return tuple(out)


def _obligations(possible: Sequence[str], rules: RuleSet) -> tuple[Duty, ...]:
    book = rules.raw["obligations"]
    due = [] if set(possible) <= {"not_export", "no_filing_art3"} else list(book["common"])
    for path in possible:
        due += book.get(path, [])
    return tuple(dict.fromkeys(Duty(d["zh"], d["en"]) for d in due))


def _questions(cases: Sequence[tuple[_Leaf, tuple[str, ...]]], flow: FlowInput | None, rules: RuleSet) -> tuple[Question, ...]:
    """Open facts by effect: what each answer would lead to. Facts whose answers change nothing are left out."""
    keys = {k for leaf, _ in cases for k in leaf.assigned if k[0] != "reading"}
    found = []
    for scope, fact in sorted(keys):
        if flow is not None and scope not in ("", flow.id):
            continue
        leads: dict[str, set[str]] = {}
        for leaf, paths in cases:
            if (value := leaf.assigned.get((scope, fact))) is not None:
                leads.setdefault(value, set()).update(paths)
        sets = list(leads.values())
        if len(sets) < 2 or all(s == sets[0] for s in sets):
            continue
        effect = len(set[str]().union(*sets) - sets[0].intersection(*sets[1:]))
        ordered = {v: tuple(sorted(ps, key=path_rank)) for v, ps in sorted(leads.items(), reverse=True)}
        found.append((-effect, fact, scope, rules._question(fact, scope, ordered)))
    return tuple(q for *_, q in sorted(found, key=lambda f: f[:3]))
