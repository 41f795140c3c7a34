"""Are those who left since 1 January by the ledger the persons of the flow: two readings, one answer.

Where either of the two was stated by somebody, nothing tells who is the same. At least, the fewer are all
among the more; at most, nobody is among both. An answer settles every union that holds the flow.

Source: 促进和规范数据跨境流动规定 第七条、第八条 (自当年1月1日起累计向境外提供); 答记者问 问11 (自然人去重).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mappings.counts import (
    COUNTERS,
    ENDLESS,
    bound_union,
    counter_estimate,
    high_end,
    tighten_count,
)
from mappings.model import Estimate, Facts, FlowCount, FlowInput

SAME_EXPORTED = "exported_are_same"           # the fact that settles it


def with_exported_overlap(measured: Facts) -> Facts:
    """Return measured facts whose unions follow what is answered; to do it twice changes nothing."""
    answers = {p.id: answer for p in _stated_parts(measured) if (answer := _answer_of(p, measured))}
    if not answers:
        return measured
    unions = {
        ids: _settled_union(ids, count, measured, answers) if answers.keys() & set(ids) else count
        for ids, count in measured.unions.items()
    }
    return replace(measured, unions=unions)


def open_exported_overlaps(measured: Facts) -> Iterator[tuple[str, Mapping[str, Facts]]]:
    """Yield each flow of which it is open, and the facts under both answers."""
    for part in _stated_parts(measured):
        in_union = any(part.id in ids and _is_interval(count) for ids, count in measured.unions.items())
        if in_union and not _answer_of(part, measured):
            yield part.id, {
                answer: with_exported_overlap(_with_answer(measured, part.id, answer))
                for answer in ("yes", "no")
            }


def _answer_of(part: FlowInput, facts: Facts) -> str:
    """What is answered of a flow, or of its company: yes or no; empty where nobody did."""
    answer = {**facts.values, **part.facts}.get(SAME_EXPORTED, "")
    return answer if answer in ("yes", "no") else ""


def _stated_parts(facts: Facts) -> Iterator[FlowInput]:
    """Yield flows judged as a whole whose persons, or those of the ledger, somebody stated."""
    for part in facts.flows:
        exported = facts.exported.get(part.id)
        if exported is None or not exported.stated or part.ended or part.id != part.whole:
            continue
        if part.count.individuals.high != 0 and exported.count.individuals.high != 0:
            yield part


def _is_interval(count: FlowCount) -> bool:
    estimates = (counter_estimate(count, name) for name in COUNTERS)
    return any(e is not None and e.low != e.high for e in estimates)


def _with_answer(facts: Facts, flow: str, answer: str) -> Facts:
    flows = tuple(
        replace(p, facts={**p.facts, SAME_EXPORTED: answer}) if p.id == flow else p for p in facts.flows
    )
    return replace(facts, flows=flows)


def _settled_union(
    ids: Sequence[str], count: FlowCount, facts: Facts, answers: Mapping[str, str]
) -> FlowCount:
    """The persons of a union as the answers bound them, within what it was counted to be.

    Its persons of now are known (`remaining`); what left beside them is theirs, others' or not known.
    """
    now = count.remaining
    if now is None:
        return count
    parts = {p.id: p for p in facts.flows if p.id in ids}
    wholes = dict.fromkeys(p.whole for p in parts.values())
    beside = [facts.exported[id].count for id in wholes if id in facts.exported and answers.get(id) != "yes"]
    if facts.exported_elsewhere is not None:
        beside.append(facts.exported_elsewhere)
    bounds = bound_union([now, *beside]) if beside else now
    for id in (id for id in ids if id in answers):
        bounds = _with_exported(bounds, parts[id].count, facts.exported[id].count, answers[id])
    return replace(tighten_count(replace(count, remaining=None), bounds), remaining=now)


def _with_exported(bounds: FlowCount, own: FlowCount, exported: FlowCount, answer: str) -> FlowCount:
    """Bounds of persons with those of a flow who left: the same as are in it, or nobody of them."""
    changed: dict[str, Any] = {}
    for name in COUNTERS:
        estimate: Estimate | None = getattr(bounds, name)
        if estimate is not None:
            of_flow, departed = _counter(own, name), _counter(exported, name)
            changed[name] = _joined(estimate, of_flow, departed) if answer == "yes" else _apart(
                estimate, of_flow, departed
            )
    return replace(bounds, **changed)


def _joined(estimate: Estimate, own: Estimate, exported: Estimate) -> Estimate:
    """An estimate that does not hold those who left yet: the fewer are among the more."""
    more = max(0, high_end(exported) - own.low)
    high = min(high_end(estimate) + more, ENDLESS)
    low = max(estimate.low, exported.low)
    return replace(
        estimate, low=low, best=min(max(low, estimate.best, exported.best), high),
        high=None if high == ENDLESS else high,
    )


def _apart(estimate: Estimate, own: Estimate, exported: Estimate) -> Estimate:
    """An estimate that holds those who left: they and those of the flow are different persons."""
    low = min(max(estimate.low, own.low + exported.low), high_end(estimate))
    return replace(estimate, low=low, best=max(low, estimate.best))


def _counter(count: FlowCount, name: str) -> Estimate:
    """A counter; of one that was not counted, nobody is sure."""
    estimate = counter_estimate(count, name)
    return Estimate(0, 0, count.individuals.high, count.individuals.method) if estimate is None else estimate
