"""Facts to decision: unknown facts, intervals and open readings are all enumerated, and every path some answer allows is named.

The order is that of the export rules: not an export; request of a foreign authority; what may not leave at all; notified important data;
no personal information; necessity; exemptions flow by flow; critical infrastructure; counts. Numbers and clauses come from the rule set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from mappings import notes
from mappings.calendar import add_months
from mappings.cases import Case, every_case, parts_by_flow
from mappings.counts import high_end, total_of_parts
from mappings.model import PATHS, Decision, Duty, Facts, FlowCount, FlowInput, Margin, Question, Reason, Step, law_text
from mappings.rules import RuleSet, path_rank, sort_by_rank


@dataclass(frozen=True, slots=True)
class EntityDecision:
    """The decision of a legal entity, of each of its flows and of their parts, and the count it rests on."""

    entity: Decision
    flows: Mapping[str, Decision]
    parts: Mapping[str, Decision]             # subject groups of a flow that are judged apart; a whole flow under its own id
    in_count: tuple[str, ...]                 # parts in the count under at least one answer to the open facts
    joint_counts: tuple[tuple[str, ...], ...]  # sets of parts (ids sorted) counted together under some answer


def decide(facts: Facts, rules: RuleSet) -> EntityDecision:
    """Every path that open facts, count intervals and open readings allow; `needs_review` when there is more than one."""
    found = every_case(facts, rules)
    told = _DecisionBuilder(facts, rules, found)
    parts = {f.id: told.decision([f]) for f in facts.flows}
    flows = {whole: parts[mine[0].id] if len(mine) == 1 else told.decision(mine) for whole, mine in parts_by_flow(facts).items()}
    counted = tuple(f.id for f in facts.flows if any(f.id in c.in_count for c in found))
    sets = tuple(sorted({tuple(sorted(c.in_count)) for c in found if len(c.in_count) > 1}))
    return EntityDecision(told.decision(None), flows, parts, counted, sets)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The paths alone, as in `Decision`."""

    path: str
    possible: tuple[str, ...]
    certain: bool


def decide_paths(facts: Facts, rules: RuleSet, flow: str) -> Outcome:
    """What `decide` says of one flow, without reasons and questions: for asking many times."""
    return _DecisionBuilder(facts, rules, every_case(facts, rules)).outcome({f.id for f in facts.flows if f.whole == flow})[1]


def is_allowed(decision: Decision, allow: Literal["exempt", "contract", "assessment"]) -> bool:
    """Does every possible path stay within --allow? Stopped and blocked flows never do."""
    exempt = {p for p in PATHS if p.startswith("exempt")} | {"not_export", "no_filing_art3"}
    contract = exempt | {"standard_contract_or_certification", "gba_standard_contract"}
    fine = {"exempt": exempt, "contract": contract, "assessment": contract | {"security_assessment"}}[allow]
    return all(p in fine for p in decision.possible or (decision.path,))


@dataclass(slots=True)
class _DecisionBuilder:
    """Cases put together into decisions."""

    facts: Facts
    rules: RuleSet
    cases: Sequence[Case]

    def decision(self, parts: Sequence[FlowInput] | None) -> Decision:
        """The decision of some parts of one flow, or of the entity."""
        ids = None if parts is None else {p.id for p in parts}
        paths, outcome = self.outcome(ids)
        possible, certain, path = outcome.possible, outcome.certain, outcome.path
        reasons: dict[tuple[str, str, str], Reason] = {}
        unknown = {n for c in self.cases for s, n in c.answers if s != "reading"}
        for c, ps in zip(self.cases, paths, strict=True):
            for owner, r in c.reasons:
                mine = ids is None or owner in ids or owner == "" and bool(ids & set(c.in_count))
                if mine and r.path in ps:
                    supposed = any(f.name in unknown for f in r.facts)
                    reasons.setdefault((r.rule, r.path, r.reading), replace(r, supposed=supposed))
        about = tuple(notes.reading(r["words"], r["words_en"]) for r in
                      (self.rules.raw["readings"][n] for n in sorted({n for c in self.cases for s, n in c.answers if s == "reading"})))
        most = tuple(sorted({i for c in self.cases for i in c.in_count}))
        if (
            path == "security_assessment"
            and self.facts.values.get("important_data") == "notified"
            and not self.facts.values.get("notified_on")
        ):
            about += (notes.NOTIFIED_ON_MISSING,)
        if most and self.rules.raw["counting"]["from"] != "1 January":
            about += (notes.COUNTING_PREVIOUS_YEAR,)
        mine = bool(most) and (ids is None or bool(ids & set(most)))
        counts = {f.id: f.count for f in self.facts.flows}
        whole = "" if not parts else parts[0].whole
        return Decision(
            path, possible, certain, tuple(sorted(reasons.values(), key=lambda r: (-path_rank(r.path), r.rule, r.reading))),
            _margins(total_of_parts(most, counts, self.facts.unions), possible, self.rules) if mine else (),
            _obligations(possible, self.rules),
            self.questions(ids, whole, paths), about, self.extra(parts, path, reasons.values()), self.steps(parts),
        )

    def outcome(self, ids: set[str] | None) -> tuple[list[tuple[str, ...]], Outcome]:
        """Paths of some parts, or of everything, in each case, and what they come to together."""
        paths = [self.worst(c, ids) for c in self.cases]
        possible = sort_by_rank({p for ps in paths for p in ps})
        alternatives = {"gba_standard_contract", "standard_contract_or_certification"}
        certain = len(possible) == 1 or (set(possible) == alternatives and all(set(ps) == alternatives for ps in paths))
        return paths, Outcome(possible[-1] if certain else "needs_review", possible, certain)

    def worst(self, c: Case, ids: set[str] | None) -> tuple[str, ...]:
        """Paths of several parts: the most demanding one decides at each end."""
        found = [ps for i, ps in c.paths.items() if ids is None or i in ids]
        if not found:
            return ("not_export",)
        low = max((min(ps, key=path_rank) for ps in found), key=path_rank)
        high = max((max(ps, key=path_rank) for ps in found), key=path_rank)
        return sort_by_rank({low, high, *(p for ps in found for p in ps if path_rank(low) <= path_rank(p) <= path_rank(high))})

    def steps(self, parts: Sequence[FlowInput] | None) -> tuple[Step, ...]:
        """The decision order with every answer some case gives; only what was asked."""
        if parts is None:
            return ()
        out = []
        for step in self.rules.raw["order"]:
            answers = dict.fromkeys(a for c in self.cases for p in parts for i, a in c.steps[p.id] if i == step["id"])
            if answers:
                out.append(Step(step["id"], law_text(step["zh"], step["en"]), tuple(answers), step["source"], step["confidence"]))
        return tuple(out)

    def extra(self, parts: Sequence[FlowInput] | None, path: str, reasons: Any) -> dict[str, Any]:
        ids = {p.id for p in parts} if parts else None
        out: dict[str, Any] = {}
        if national := {p for c in self.cases for i, ps in c.national.items() if ids is None or i in ids for p in ps}:
            out["national_path"] = list(sort_by_rank(national))
        if any(r.rule == "important_notified" for r in reasons) and (on := self.facts.values.get("notified_on")):
            out["file_by"] = add_months(date.fromisoformat(on), 2).isoformat()
        needless = tuple(dict.fromkeys(f for p in parts or () for f in p.unnecessary_fields))
        if needless:
            out["dropping"] = list(needless)
        if parts and len(parts) == 1 and path == "standard_contract_or_certification" and parts[0].count.sensitive.low > 0:
            ordinary = parts[0].count.ordinary_only or parts[0].count.individuals
            if high_end(ordinary) < min(self.rules.lines_of("ordinary")):
                out |= {"scope": "sensitive part", "ordinary_part": "exempt_art5_4"}
        if parts is None and self.facts.group is not None:
            out["group_total"] = self.facts.group.individuals.best
        return out

    def questions(self, ids: set[str] | None, whole: str, paths: Sequence[tuple[str, ...]]) -> tuple[Question, ...]:
        """Open facts by effect: what each answer would lead to. Facts whose answers change nothing are left out."""
        found = []
        for scope, fact in sorted({k for c in self.cases for k in c.answers if k[0] != "reading"}):
            leads: dict[str, set[str]] = {}
            for c, ps in zip(self.cases, paths, strict=True):
                for value in c.answers.get((scope, fact), ()):
                    leads.setdefault(value, set()).update(ps)
            sets = list(leads.values())
            if len(sets) < 2 or all(s == sets[0] for s in sets):
                continue
            effect = len(set[str]().union(*sets) - sets[0].intersection(*sets[1:]))
            ordered = {v: sort_by_rank(ps) for v, ps in sorted(leads.items(), reverse=True)}
            found.append((-effect, bool(scope), fact, scope, self.rules.question(fact, scope, ordered)))
        return tuple(q for *_, q in sorted(found, key=lambda f: f[:4]))


def _margins(count: FlowCount, possible: Sequence[str], rules: RuleSet) -> tuple[Margin, ...]:
    """Persons of everything counted to the next line that would ask for more, from the upper end where there is one."""
    out: list[Margin] = []
    for counter, e in (("ordinary", count.ordinary or count.individuals), ("sensitive", count.sensitive)):
        now = e.high if e.high is not None else e.best
        lines = sorted((t["min"], t["path"]) for t in rules.raw["thresholds"] if t["counter"] == counter and t["min"] > now
                       and path_rank(t["path"]) > path_rank(possible[-1]))
        if lines:
            out.append(Margin(counter, lines[0][0], lines[0][0] - now, lines[0][1]))  # type: ignore[arg-type]
    return tuple(out)


def _obligations(possible: Sequence[str], rules: RuleSet) -> tuple[Duty, ...]:
    """What the paths themselves ask for; duties of every flow with personal information are in `mappings/duties.py`."""
    book = rules.raw["obligations"]
    return tuple(dict.fromkeys(Duty(law_text(d["zh"], d["en"]), d.get("source", ""), d.get("confidence", "verified"))
                               for p in possible for d in book.get(p, ())))
