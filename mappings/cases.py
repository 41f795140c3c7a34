"""Every case that open facts, count intervals and open readings allow, and the path each leads to.

Flows of an entity depend on each other only through the count. So the facts of a flow are enumerated for that
flow alone, and flows meet as "counted" or "not counted". Where even that is too much (more than `MOST_CASES`
combinations), the smallest and the largest count that are possible bound the path from both sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod
from typing import Any

from detectors.message import Text
from mappings.counts import ENDLESS, NOBODY, UNKNOWN_COUNT, high_end
from mappings.decision_order import settle_part
from mappings.joint_count import JointCount, JointResult
from mappings.model import Estimate, Facts, FlowCount, FlowInput, Reason
from mappings.open_facts import POSSIBLE_FIELDS, OpenKey, try_assignments
from mappings.part_decision import PartDecision, PartResult
from mappings.rules import RuleSet, path_rank, sort_by_rank

BESIDE = "ordinary_beside_sensitive"          # the reading of what holds no sensitive item beside what does
AREA = "gba_above_line"                       # the reading of the area's contract above the assessment line
MOST_CASES = 512                              # combinations of flows counted or not that are tried one by one


@dataclass(frozen=True, slots=True)
class Case:
    """One combination of everything open, and where it leads.

    answers: values each open fact may have in it. in_count: parts that are counted together.
    """

    answers: Mapping[OpenKey, set[str]]
    paths: Mapping[str, tuple[str, ...]]      # part -> paths
    reasons: Sequence[tuple[str, Reason]]     # (part, or "" for everything counted)
    steps: Mapping[str, tuple[tuple[str, str], ...]]          # part -> (question, answer)
    in_count: tuple[str, ...] = ()
    band: tuple[str, ...] = ()                # of everything counted together; empty: nothing is
    # part -> paths without a zone's list
    national: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # counted parts whose path turns on a reading of their own; the reasons of the count stand apart for them
    read_apart: frozenset[str] = frozenset()
    refusals: Mapping[str, Text] = field(default_factory=dict)      # part -> why its claim does not hold
    fixed: frozenset[str] = frozenset()       # counted parts whose path is their own, whatever the band

    @property
    def supposes_possible(self) -> bool:
        """Does it hold only if something that is merely possible is personal?"""
        of_flows = (values for (_, name), values in self.answers.items() if name == POSSIBLE_FIELDS)
        return any("no" not in values for values in of_flows)


def parts_by_flow(facts: Facts) -> Mapping[str, list[FlowInput]]:
    """Flow id -> its parts, in order."""
    flows: dict[str, list[FlowInput]] = {}
    for part in facts.flows:
        flows.setdefault(part.whole, []).append(part)
    return flows


def every_case(facts: Facts, rules: RuleSet) -> list[Case]:
    """Return every case under every assignment of the entity's open facts and of the readings."""
    assignments = try_assignments(lambda shared: _Enumeration(facts, rules, shared).cases())
    return [case for cases in assignments for case in cases]


@dataclass(slots=True)
class _FlowOption:
    """One way the parts of a flow may be settled, and the answers that lead there."""

    results: tuple[PartResult, ...]
    answers: dict[OpenKey, set[str]] = field(default_factory=dict)

    @property
    def parts_in_count(self) -> int:
        """How many of the parts nothing settles before the count."""
        return sum(not r.paths for r in self.results)

    @property
    def weight(self) -> tuple[int, int]:
        """How much it adds to the count: parts, then persons at most."""
        persons = (r.count.individuals.high for r in self.results if not r.paths)
        return self.parts_in_count, sum(ENDLESS if n is None else n for n in persons)


@dataclass(slots=True)
class _Enumeration:
    """The cases under one assignment (shared) of the entity's facts and the readings."""

    facts: Facts
    rules: RuleSet
    shared: Mapping[OpenKey, str]
    # by parts in the count, and which of its counts each has: each set is decided once
    joint: dict[tuple[tuple[str, str], ...], JointResult] = field(default_factory=dict)

    def cases(self) -> list[Case]:
        """Every combination of the flows' options, or bounds where there are too many."""
        flows = parts_by_flow(self.facts)
        options = [self._flow_options(flow, parts) for flow, parts in flows.items()]
        order = list(flows.values())
        if prod(len(o) for o in options) <= MOST_CASES:
            return [self._case(order, chosen) for chosen in product(*options)]
        return list(self._bounding_cases(order, options))

    def _bounding_cases(
        self, order: Sequence[Sequence[FlowInput]], options: Sequence[Sequence[_FlowOption]]
    ) -> Iterator[Case]:
        """Each option of each flow, with as few and as many parts beside it in the count as there can be."""
        fewest = [min(o, key=lambda x: x.weight) for o in options]
        most = [max(o, key=lambda x: x.weight) for o in options]
        for i, own in enumerate(options):
            for option in own:
                low, high = (
                    self._case(order, [*others[:i], option, *others[i + 1 :]]) for others in (fewest, most)
                )
                between = {
                    p.id: _with_bands_between({*low.paths[p.id], *high.paths[p.id]}, self.rules)
                    for p in order[i]
                }
                yield replace(low, paths={**low.paths, **between})
                yield replace(high, paths={**high.paths, **between})

    def _case(self, order: Sequence[Sequence[FlowInput]], chosen: Sequence[_FlowOption]) -> Case:
        """The case of one option for each flow. order: the parts of each flow."""
        pairs = [
            (p, r)
            for parts, option in zip(order, chosen, strict=True)
            for p, r in zip(parts, option.results, strict=True)
        ]
        in_count = [(p, r.count) for p, r in pairs if not r.paths]
        joint = self._joint_result(in_count)
        ordinary, perhaps, beside = self._ordinary_beside(joint, in_count)
        either = beside._replace(paths=sort_by_rank({*joint.paths, *beside.paths}), steps=joint.steps)
        paths = {
            p.id: r.paths or r.fixed or _paths_in_count(
                r, self._with_area(r, beside if p.id in ordinary else either if p.id in perhaps else joint)
            )
            for p, r in pairs
        }
        reasons = [("", reason) for reason in joint.reasons]
        reasons += [(part, reason) for part in sorted(ordinary | perhaps) for reason in beside.reasons]
        reasons += [
            (p.id, reason)
            for p, r in pairs
            for reason in r.reasons
            if r.paths or r.fixed or "gba_standard_contract" in paths[p.id]
        ]
        return Case(
            answers=self._possible_answers(chosen), paths=paths, reasons=reasons,
            steps={p.id: r.steps if r.paths or r.fixed else (*r.steps, *joint.steps) for p, r in pairs},
            in_count=tuple(p.id for p, _ in in_count),
            band=joint.paths,
            national={p.id: r.national for p, r in pairs if r.national},
            read_apart=ordinary,
            refusals={p.id: r.refusal for p, r in pairs if r.refusal},
            fixed=frozenset(p.id for p, r in pairs if r.fixed),
        )

    def _with_area(self, result: PartResult, joint: JointResult) -> tuple[str, ...]:
        """Paths of the count, or the contract of the Greater Bay Area above the line, where it is read so."""
        above = "security_assessment" in joint.paths and ("ciio", "no") in joint.steps
        if not (result.gba and above and AREA in self.rules.raw["readings"]):
            return joint.paths
        if JointCount(self.facts, self.rules, self.shared).reading(AREA) != "available":
            return joint.paths
        rest = [path for path in joint.paths if path != "security_assessment"]
        return sort_by_rank({*rest, "gba_standard_contract"})

    def _ordinary_beside(
        self, joint: JointResult, in_count: Sequence[tuple[FlowInput, FlowCount]]
    ) -> tuple[frozenset[str], frozenset[str], JointResult]:
        """Counted parts without a sensitive item whose path turns on those that have one; those that perhaps
        hold none, and are few enough then; where it leads.
        """
        if not joint.apart or BESIDE not in self.rules.raw["readings"]:
            return frozenset(), frozenset(), joint
        line = min(self.rules.lines_of("ordinary"))
        few = {p.id for p, count in in_count if count.individuals.low < line}
        ends = {p.id: (_strict(count).low, high_end(_strict(count))) for p, count in in_count}
        parts = frozenset(id for id, (_, high) in ends.items() if high == 0)
        perhaps = frozenset(id for id, (low, high) in ends.items() if low == 0 < high and id in few)
        if not parts | perhaps:
            return frozenset(), frozenset(), joint
        reading = JointCount(self.facts, self.rules, self.shared).reading(BESIDE)
        apart = reading == "apart"
        reasons = joint.apart_reasons if apart else joint.reasons
        named = tuple(replace(r, reading=", ".join(filter(None, (r.reading, reading)))) for r in reasons)
        return parts, perhaps, JointResult(joint.apart if apart else joint.paths, named, ())

    def _joint_result(self, in_count: Sequence[tuple[FlowInput, FlowCount]]) -> JointResult:
        """Where the parts that are counted lead together."""
        parts = tuple((p.id, _kind_of_count(p, count)) for p, count in in_count)
        if not parts:
            return JointResult((), (), ())
        if parts not in self.joint:
            self.joint[parts] = JointCount(self.facts, self.rules, self.shared).result(in_count)
        return self.joint[parts]

    def _possible_answers(self, chosen: Sequence[_FlowOption]) -> Mapping[OpenKey, set[str]]:
        """Values each open fact may have in a case."""
        answers: dict[OpenKey, set[str]] = {key: {value} for key, value in self.shared.items()}
        for option in chosen:
            for key, values in option.answers.items():
                answers[key] = answers.get(key, set()) | values
        return answers

    def _flow_options(self, flow: str, parts: Sequence[FlowInput]) -> list[_FlowOption]:
        """Every way the parts of a flow may be settled under the open facts of that flow."""

        def run(own: Mapping[OpenKey, str]) -> tuple[Mapping[OpenKey, str], tuple[PartResult, ...]]:
            assigned = {**self.shared, **own}
            return own, tuple(
                settle_part(PartDecision(self.facts, self.rules, assigned, part)) for part in parts
            )

        options: dict[Any, _FlowOption] = {}
        for own, results in try_assignments(run, lambda key: key[0] == flow):
            option = options.setdefault(_option_identity(results), _FlowOption(results))
            for key, value in own.items():
                option.answers.setdefault(key, set()).add(value)
        return list(options.values())


def _kind_of_count(part: FlowInput, count: FlowCount) -> str:
    """Which count of a part it is: as found, with what is possible, without an end, or of some persons."""
    if count is part.count:
        return "found"
    return "possible" if count is part.if_personal else "unknown" if count is UNKNOWN_COUNT else "some"


def _option_identity(results: tuple[PartResult, ...]) -> Any:
    """What makes two options the same: where they lead and by which steps, not which answers led there."""
    return tuple(
        (
            r.paths, r.fixed, r.reasons, r.steps, r.gba, r.chosen, r.national, str(r.refusal),
            id(r.count) if r.count is not NOBODY else 0,
        )
        for r in results
    )


def _strict(count: FlowCount) -> Estimate:
    """Persons with a sensitive item, where an ID number alone and the like count as one."""
    return (count.strict or count).sensitive


def _paths_in_count(result: PartResult, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Paths of a counted part: those of the count, its own alternatives, and none where it holds nobody."""
    nobody = (result.nobody,) if result.nobody else ()
    return (*nobody, *_with_gba_contract(result, paths))


def _with_gba_contract(result: PartResult, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Paths with the contract of the Greater Bay Area beside the national one, where it is an alternative.

    Of the two, the one that somebody chose stands alone.
    """
    if not result.gba or "standard_contract_or_certification" not in paths or result.chosen == "national":
        return paths
    rest = [p for p in paths if p != "standard_contract_or_certification" or result.chosen != "gba"]
    return sort_by_rank({*rest, "gba_standard_contract"})


def _with_bands_between(paths: set[str], rules: RuleSet) -> tuple[str, ...]:
    """The paths, and those of the bands that lie between two bands among them."""
    bands = {line["path"] for line in rules.raw["thresholds"]}
    inside = [path_rank(p) for p in paths & bands]
    return sort_by_rank(paths | {p for p in bands if inside and min(inside) <= path_rank(p) <= max(inside)})
