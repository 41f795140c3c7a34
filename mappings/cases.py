"""Every case that open facts, count intervals and open readings allow, and the path each leads to.

Flows of an entity depend on each other only through the count. So the facts of a flow are enumerated for that flow alone, and flows meet
as "counted" or "not counted". Where even that is too much (more than `CASES` combinations), the smallest and the largest count that are
possible bound the path from both sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Any

from mappings.counts import NOBODY
from mappings.joint_count import JointCount
from mappings.model import Facts, FlowInput, Reason
from mappings.open_facts import OpenKey, try_assignments
from mappings.part_decision import PartDecision, PartResult
from mappings.rules import RuleSet, path_rank, sort_by_rank

CASES = 512                                   # combinations of flows counted or not that are looked at one by one


def parts_by_flow(facts: Facts) -> Mapping[str, list[FlowInput]]:
    """Flow id -> its parts, in order."""
    out: dict[str, list[FlowInput]] = {}
    for f in facts.flows:
        out.setdefault(f.whole, []).append(f)
    return out


def every_case(facts: Facts, rules: RuleSet) -> list[Case]:
    """Every case under every assignment of the entity's open facts and of the readings."""
    return [case for shared in try_assignments(lambda a: _cases(facts, rules, a)) for case in shared]


@dataclass(slots=True)
class _FlowOption:
    """One way the parts of a flow may be settled, and the answers that lead there."""

    parts: tuple[PartResult, ...]
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
        left = [(f, s.count) for f, s in settled if not s.paths]
        ids = tuple(f.id for f, _ in left)
        if left and ids not in known:
            known[ids] = JointCount(facts, rules, shared).paths(left)
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


def _with_gba(s: PartResult, paths: tuple[str, ...]) -> tuple[str, ...]:
    return sort_by_rank({*paths, "gba_standard_contract"}) if s.gba and "standard_contract_or_certification" in paths else paths


def _between(paths: set[str], rules: RuleSet) -> tuple[str, ...]:
    """The paths, and those of the bands that lie between two bands among them."""
    bands = {t["path"] for t in rules.raw["thresholds"]}
    inside = [path_rank(p) for p in paths & bands]
    return sort_by_rank(paths | {p for p in bands if inside and min(inside) <= path_rank(p) <= max(inside)})


def _ways(name: str, parts: Sequence[FlowInput], facts: Facts, rules: RuleSet, shared: Mapping[OpenKey, str]) -> list[_FlowOption]:
    """Every way the parts of a flow may be settled under the open facts of that flow."""
    found: dict[Any, _FlowOption] = {}

    def run(own: Mapping[OpenKey, str]) -> tuple[Mapping[OpenKey, str], tuple[PartResult, ...]]:
        return own, tuple(PartDecision(facts, rules, {**shared, **own}, part).settle() for part in parts)

    for own, settled in try_assignments(run, mine=lambda key: key[0] == name):
        outcome = found.setdefault(_same(settled), _FlowOption(settled))
        for key, value in own.items():
            outcome.answers.setdefault(key, set()).add(value)
    return list(found.values())


def _same(settled: tuple[PartResult, ...]) -> Any:
    """What makes two ways the same: where they lead, not which answers led there; the steps differ and are kept apart."""
    return tuple((s.paths, s.reasons, s.steps, s.gba, s.national, id(s.count) if s.count is not NOBODY else 0) for s in settled)
