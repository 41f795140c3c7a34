"""Counts of an entity taken further, step by step, while a legal line lies inside the entity's total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from detectors.message import Note
from detectors.model import CountMethod
from mappings import notes
from mappings.counts import bound_union, open_lines, tighten_count
from mappings.model import FlowCount
from mappings.rules import RuleSet
from scanner.count.flow import FlowAssessment, link_rows
from scanner.count.ladder import Ladder, try_step
from scanner.count.request import CountRun


def settle_lines(
    assessments: Sequence[FlowAssessment], rules: RuleSet, run: CountRun
) -> list[FlowAssessment]:
    """Return the flows of one entity, counted further while a line is open and time remains.

    The widest count goes first, one step at a time.
    """
    flows = list(assessments)
    lines = _open_lines(flows, rules)
    while lines and not run.policy.is_spent() and (index := _widest_flow(flows)) is not None:
        ladder = flows[index].ladder
        assert ladder is not None
        step = ladder.next_step()
        if step != "exact":
            flows[index] = _bounded_flow(flows[index], ladder, step)
        else:
            flows[index] = link_rows(flows[index], ladder)
            if flows[index].ladder is not None:         # the budget ended first
                break
        lines = _open_lines(flows, rules)
    return [_with_outlook(flow, lines) for flow in flows]


def _open_lines(flows: Sequence[FlowAssessment], rules: RuleSet) -> list[str]:
    """Return the lines that lie inside the total of some flows, as people read them.

    That is with and without what is merely possible.
    """
    counts = [f.count for f in flows]
    lines = dict.fromkeys(_open_lines_of(bound_union(counts), rules))
    if any(f.if_personal is not None for f in flows):
        lines |= dict.fromkeys(_open_lines_of(bound_union([f.if_personal or f.count for f in flows]), rules))
    return list(lines)


def _open_lines_of(total: FlowCount, rules: RuleSet) -> list[str]:
    ordinary = open_lines(total.individuals, rules.lines_of("ordinary"))
    readings = [total] if total.strict is None else [total, total.strict]
    sensitive = {line for r in readings for line in open_lines(r.sensitive, rules.lines_of("sensitive"))}
    return [f"{line:,}" for line in ordinary] + [f"{line:,} (sensitive)" for line in sorted(sensitive)]


def _widest_flow(flows: Sequence[FlowAssessment]) -> int | None:
    """Return the index of the widest count that has not been taken to its end; None where all have."""
    unfinished = [i for i, f in enumerate(flows) if f.ladder is not None]
    return max(unfinished, key=lambda i: _interval_width(flows[i]), default=None)


def _interval_width(flow: FlowAssessment) -> float:
    persons = flow.count.individuals
    return float("inf") if persons.high is None else persons.high - persons.low


def _bounded_flow(flow: FlowAssessment, ladder: Ladder, step: CountMethod) -> FlowAssessment:
    """Return a flow with the bounds of a step in the database."""
    ladder.request.run.progress.step(f"{flow.flow.id}: {step}")
    climbed = replace(flow, ladder=ladder.at(step))
    count, if_personal = flow.count, flow.if_personal
    sure = ladder.request.without_possible()
    if sure.plans:
        outcome = try_step(Ladder(sure), step)
        if isinstance(outcome, Note):
            return climbed.with_notes(outcome)
        count = tighten_count(count, outcome)
    if if_personal is not None:
        outcome = try_step(ladder, step)
        if isinstance(outcome, Note):
            return climbed.with_notes(outcome)
        if_personal = tighten_count(if_personal, outcome)
    return replace(climbed, count=count, if_personal=if_personal, notes=(notes.IN_DATABASE[step],))


def _with_outlook(flow: FlowAssessment, lines: Sequence[str]) -> FlowAssessment:
    """Return a flow with a note on what its count would take, where it has not been taken to its end."""
    if flow.ladder is None:
        return flow
    if not lines:
        return flow.with_notes(notes.SETTLED)
    return flow.with_notes(notes.unsettled(tuple(lines), flow.ladder.next_step(), flow.ladder.expected))
