"""Facts to decision: every path that some answer to an unknown fact, interval or reading allows is named.

The order is that of the export rules: not an export; request of a foreign authority; what may not leave at
all; notified important data; no personal information; necessity; exemptions flow by flow; critical
infrastructure; counts. Numbers and clauses come from the rule set.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mappings.case_summary import CaseSummary, DecidedScope, Outcome
from mappings.cases import AREA, Case, every_case, parts_by_flow
from mappings.ledger_question import AREA_CONTRACT, higher_bands, open_decision
from mappings.model import IN_BAND, NOBODY_PATHS, PATHS, Decision, Facts, FlowInput
from mappings.open_ages import with_open_ages
from mappings.rules import RuleSet, sort_by_rank
from mappings.unstated_persons import ask_persons


@dataclass(frozen=True, slots=True)
class EntityDecision:
    """The decision of a legal entity, of each of its flows and of their parts, and the count it rests on."""

    entity: Decision
    flows: Mapping[str, Decision]
    # subject groups of a flow that are judged apart; a whole flow under its own id
    parts: Mapping[str, Decision]
    # what each flow comes to by its own facts, whatever else there is; IN_BAND: the year's band binds it
    own: Mapping[str, tuple[str, ...]]
    band: Outcome | None                      # of all that is counted together; None: nothing ever is
    in_count: tuple[str, ...]                 # parts in the count under at least one answer to the open facts
    joint_counts: tuple[tuple[str, ...], ...]  # sets of parts (ids sorted) counted together under some answer


def decide(facts: Facts, rules: RuleSet) -> EntityDecision:
    """Return every path that open facts, count intervals and open readings allow.

    `needs_review` where there is more than one.
    """
    measured, facts = facts, with_open_ages(facts)
    cases = every_case(facts, rules)
    summary = CaseSummary(facts, rules, cases)
    parts = {f.id: summary.decision(DecidedScope((f,))) for f in facts.flows}
    flows = {
        flow: parts[own[0].id] if len(own) == 1 else summary.decision(DecidedScope(tuple(own)))
        for flow, own in parts_by_flow(facts).items()
    }
    in_count = tuple(f.id for f in facts.flows if any(f.id in c.in_count for c in cases))
    joint_counts = tuple(sorted({tuple(sorted(c.in_count)) for c in cases if len(c.in_count) > 1}))
    own = {flow: _own_outcome(cases, parts) for flow, parts in parts_by_flow(facts).items()}
    open_flows, entity = ask_persons(
        measured, rules, flows, summary.decision(DecidedScope(None)), in_count
    )
    decided = EntityDecision(entity, open_flows, parts, own, summary.band(), in_count, joint_counts)
    unledgered = _unledgered_in_count(facts, in_count)
    return _with_open_exports(decided, unledgered, rules, _is_area_open(facts, rules))


def _is_area_open(facts: Facts, rules: RuleSet) -> bool:
    """Did somebody choose to read that the contract of the Greater Bay Area is open above the line, too?"""
    return AREA in rules.raw["readings"] and rules.chosen_reading(AREA, facts.values)[0] == "available"


def _unledgered_in_count(facts: Facts, in_count: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Counted flows of which it is not known who left since 1 January, with the months the ledger lacks."""
    flows = {f.whole for f in facts.flows if f.id in in_count}
    return {flow: months for flow, months in facts.unledgered.items() if flow in flows}


def _with_open_exports(
    result: EntityDecision, unledgered: Mapping[str, tuple[str, ...]], rules: RuleSet, is_area_open: bool
) -> EntityDecision:
    """Return the decision of an entity in which what the ledger does not cover is asked for.

    Persons that left before can only raise the band: what it binds is certain only at the highest one.
    """
    if not unledgered:
        return result
    bound = {flow for flow, own in result.own.items() if IN_BAND in own}
    is_highest = result.band is not None and not higher_bands(result.band.possible, rules)

    def opened(flow: str, decision: Decision) -> Decision:
        own_months = {flow: unledgered[flow]} if flow in unledgered else unledgered
        is_settled = is_highest or is_area_open        # its contract, however many more left
        if flow not in bound or (is_settled and AREA_CONTRACT in decision.possible):
            return decision
        return open_decision(decision, own_months, rules)

    return replace(
        result,
        entity=open_decision(result.entity, unledgered, rules),
        flows={flow: opened(flow, decision) for flow, decision in result.flows.items()},
        parts={
            part: open_decision(decision, {}, rules) if part in result.in_count else decision
            for part, decision in result.parts.items()
        },
        band=result.band and _open_outcome(result.band, rules),
    )


def _open_outcome(outcome: Outcome, rules: RuleSet) -> Outcome:
    """Return paths with those of the higher bands, which what left before may reach."""
    higher = higher_bands(outcome.possible, rules)
    if not higher:
        return outcome
    return Outcome("needs_review", sort_by_rank({*outcome.possible, *higher}), False)


def _own_outcome(cases: Sequence[Case], parts: Sequence[FlowInput]) -> tuple[str, ...]:
    """Where a flow comes out by its own facts in any case: paths, least demanding first, then IN_BAND."""
    paths: set[str] = set()
    bound = False
    for case in cases:
        settled = [p.id for p in parts if p.id not in case.in_count or p.id in case.fixed]
        bound |= len(settled) < len(parts)
        paths |= {path for part in settled for path in case.paths[part]}
        paths |= {path for p in parts if p.id not in settled for path in NOBODY_PATHS & set(case.paths[p.id])}
    return (*sort_by_rank(paths), *((IN_BAND,) if bound else ()))


def decide_paths(facts: Facts, rules: RuleSet, flow: str) -> Outcome:
    """Return what `decide` says of one flow, without reasons and questions: for asking many times."""
    facts = with_open_ages(facts)
    parts = tuple(f for f in facts.flows if f.whole == flow)
    cases = every_case(facts, rules)
    outcome = CaseSummary(facts, rules, cases).outcome(DecidedScope(parts))
    in_count = {part for case in cases for part in case.in_count}
    is_bound = any(part.id in in_count for part in parts)
    return _open_outcome(outcome, rules) if is_bound and _unledgered_in_count(facts, in_count) else outcome


def is_allowed(decision: Decision, allow: Literal["exempt", "contract", "assessment"]) -> bool:
    """Does every possible path stay within --allow? Stopped and blocked flows never do."""
    exempt = {p for p in PATHS if p.startswith("exempt")} | {"not_export", *NOBODY_PATHS}
    contract = exempt | {"standard_contract_or_certification", "gba_standard_contract"}
    within = {"exempt": exempt, "contract": contract, "assessment": contract | {"security_assessment"}}[allow]
    return all(p in within for p in decision.possible or (decision.path,))
