"""Persons that nobody stated: a counter left blank is unknown, never 0, and is asked for where it matters.

Source: 个人信息保护法 第二十八条 (information of persons under 14 is sensitive);
促进和规范数据跨境流动规定 第五条、第七条、第八条 (each counts sensitive persons apart).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mappings.case_summary import CaseSummary, DecidedScope
from mappings.cases import every_case, parts_by_flow
from mappings.counts import COUNTERS, UNSTATED
from mappings.model import Decision, Estimate, Facts, FlowCount, FlowInput, Question, law_text
from mappings.rules import RuleSet

PERSONS_OPEN = "persons"                      # what is asked of a flow of which no persons are stated
SENSITIVE_OPEN = "sensitive_persons"          # ... of which only the sensitive ones are not
UNSTATED_FACTS = frozenset({PERSONS_OPEN, SENSITIVE_OPEN})


def ask_persons(
    facts: Facts, rules: RuleSet, flows: Mapping[str, Decision], entity: Decision
) -> tuple[Mapping[str, Decision], Decision]:
    """Return the decisions of flows and entity, with the persons that are asked for where they matter."""
    for flow, parts in parts_by_flow(facts).items():
        name = _open_counter(parts)
        if not name:
            continue
        ends = {_answer(parts, end): _with_end(facts, flow, end) for end in ("low", "high")}
        summaries = {answer: CaseSummary(f, rules, every_case(f, rules)) for answer, f in ends.items()}
        scopes = {each: DecidedScope(tuple(own)) for each, own in parts_by_flow(facts).items()}
        flows = {
            each: _with_question(decision, name, flow, summaries, scopes[each])
            for each, decision in flows.items()
        }
        entity = _with_question(entity, name, flow, summaries, DecidedScope(None))
    return flows, entity


def _open_counter(parts: list[FlowInput]) -> str:
    """What is to be asked of the parts of a flow; empty where everything is stated."""
    if any(p.count.individuals.note == UNSTATED for p in parts):
        return PERSONS_OPEN
    return SENSITIVE_OPEN if any(p.count.sensitive.note == UNSTATED for p in parts) else ""


def _with_question(
    decision: Decision, name: str, flow: str, summaries: Mapping[str, CaseSummary], scope: DecidedScope
) -> Decision:
    """A decision with the question, where its answer changes the paths."""
    leads = {answer: summary.outcome(scope).possible for answer, summary in summaries.items()}
    if len(set(leads.values())) < 2:
        return decision
    return replace(decision, questions=(*decision.questions, _question(name, flow, leads)))


def _answer(parts: list[FlowInput], end: str) -> str:
    """How many persons an end takes: of those who are asked for, at least or at most."""
    name = "individuals" if _open_counter(parts) == PERSONS_OPEN else "sensitive"
    persons = [getattr(getattr(p.count, name), end) for p in parts]
    return "unbounded" if None in persons else str(sum(persons))


def _with_end(facts: Facts, flow: str, end: str) -> Facts:
    """The same facts if as few, or as many, persons as may be are those nobody stated."""
    ended = tuple(
        replace(f, count=_count_at(f.count, end)) if f.whole == flow else f for f in facts.flows
    )
    unions = {ids: _count_at(count, end) if flow in ids else count for ids, count in facts.unions.items()}
    return replace(facts, flows=ended, unions=unions)


def _count_at(count: FlowCount, end: str) -> FlowCount:
    """The more persons are sensitive, the fewer have nothing else."""
    estimates = ((name, getattr(count, name)) for name in COUNTERS)
    other = {"low": "high", "high": "low"}[end]
    changed: dict[str, Any] = {
        name: _estimate_at(e, other if name == "ordinary_only" else end)
        for name, e in estimates if e is not None and e.note == UNSTATED
    }
    return replace(count, **changed)


def _estimate_at(e: Estimate, end: str) -> Estimate:
    if end == "low":
        return replace(e, best=e.low, high=e.low)
    return e if e.high is None else replace(e, low=e.high, best=e.high)


def _question(name: str, flow: str, leads: Mapping[str, tuple[str, ...]]) -> Question:
    if name == PERSONS_OPEN:
        ask = law_text(
            f"场景 {flow} 涉及多少人，其中多少人有敏感个人信息（不满十四周岁的均计入）",
            f"how many persons does {flow} concern, and how many of them with a sensitive item"
            " (everybody under 14 is one)",
        )
    else:
        ask = law_text(
            f"场景 {flow} 的人中，有多少人有敏感个人信息（不满十四周岁的均计入）",
            f"how many of the persons of {flow} have a sensitive item (everybody under 14 is one)",
        )
    how = law_text(
        "在事实文件中写 individuals、sensitive、minors；在 chujing.yaml 的 declared 下写明，或在场景登记表"
        "填报“其中敏感人数”“其中不满十四周岁”；没有的写 0",
        "write individuals, sensitive and minors in the file of facts, under declared in chujing.yaml, or in"
        " the register of flows; write 0 where there are none",
    )
    return Question(name, ask, how, leads, flow)
