"""Persons that nobody stated: a counter left blank is unknown, never 0, and is asked for where it matters.

Source: 个人信息保护法 第二十八条 (information of persons under 14 is sensitive);
促进和规范数据跨境流动规定 第五条、第七条、第八条 (each counts sensitive persons apart).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from mappings.case_summary import CaseSummary, DecidedScope
from mappings.cases import every_case, parts_by_flow
from mappings.counts import (
    COUNTERS,
    OVERLAP_UNKNOWN,
    UNSTATED,
    bound_union,
    combine_counts,
    high_end,
)
from mappings.exported_overlap import SAME_EXPORTED, open_exported_overlaps
from mappings.model import Decision, Estimate, Facts, FlowCount, FlowInput, Question, law_text
from mappings.open_ages import AGES_FACT, if_adults, with_open_ages
from mappings.part_decision import stated_of_flow
from mappings.rules import RuleSet
from mappings.stated_total import SENSITIVE_TOGETHER, TOGETHER

PERSONS_OPEN = "persons"                      # what is asked of a flow of which no persons are stated
SENSITIVE_OPEN = "sensitive_persons"          # ... of which only the sensitive ones are not
TOGETHER_OPEN = TOGETHER                      # ... of flows whose overlap nobody knows
DOMESTIC_OPEN = "domestic_persons"            # ... of data in transit, how many persons are domestic
EVERYBODY = 10**10                            # stands for persons without an upper end
UNSTATED_FACTS = frozenset({PERSONS_OPEN, SENSITIVE_OPEN})


def ask_persons(
    measured: Facts, rules: RuleSet, flows: Mapping[str, Decision], entity: Decision, in_count: Sequence[str]
) -> tuple[Mapping[str, Decision], Decision]:
    """Return the decisions of flows and entity, with the persons that are asked for where they matter.

    in_count: parts that are counted together under some answer. measured: facts in which nobody of
    unknown age was taken to be a child, maybe.
    """
    if all(decision.certain for decision in (*flows.values(), entity)):
        return flows, entity
    facts = with_open_ages(measured)
    scopes = {flow: DecidedScope(tuple(own)) for flow, own in parts_by_flow(facts).items()}
    of_ages, of_flows = _open_ages(facts, measured), _open_flows(facts)
    of_exports = _open_exports(measured)
    for name, flow, ends in (*of_ages, *of_flows, *_open_overlap(facts, in_count), *of_exports):
        summaries = {answer: CaseSummary(f, rules, every_case(f, rules)) for answer, f in ends.items()}
        ask = partial(_question, rules, name, flow)
        flows = {
            each: _with_question(decision, ask, summaries, scopes[each]) for each, decision in flows.items()
        }
        entity = _with_question(entity, ask, summaries, DecidedScope(None))
    return flows, entity


def _open_ages(facts: Facts, measured: Facts) -> Iterator[tuple[str, str, Mapping[str, Facts]]]:
    """Yield the question whether any person may be under fourteen, where ages are not known."""
    adults = if_adults(measured)
    if adults is not measured:
        yield AGES_FACT, "", {"no": adults, "yes": facts}


def _open_flows(facts: Facts) -> Iterator[tuple[str, str, Mapping[str, Facts]]]:
    """Yield what is asked, of which flow, and the facts at both ends, of flows whose persons are open."""
    for flow, parts in parts_by_flow(facts).items():
        if name := _open_counter(parts):
            ends = {_answer(parts, end): _with_end(facts, flow, end) for end in ("low", "high")}
            if name == SENSITIVE_OPEN and len(parts) == 1 and "0" in ends:
                ends = {"0": ends.pop("0"), "1": _with_one_sensitive(facts, flow), **ends}
            yield name, flow, ends
        if any(p.claim == "art4" and not stated_of_flow(facts, p, DOMESTIC_OPEN) for p in parts):
            most = min(EVERYBODY, max(high_end(p.count.individuals) for p in parts))
            yield DOMESTIC_OPEN, flow, {
                "unbounded" if n == EVERYBODY else str(n): _with_domestic(facts, flow, n) for n in (0, most)
            }


def _open_overlap(
    facts: Facts, in_count: Sequence[str]
) -> Iterator[tuple[str, str, Mapping[str, Facts]]]:
    """Yield the persons of all that is counted, where only their bounds are known, at both ends."""
    counts = {part.id: part.count for part in facts.flows}
    ids = tuple(sorted(in_count))
    union = facts.unions.get(ids)
    if len(ids) < 2 or (union is not None and union.individuals.note != OVERLAP_UNKNOWN):
        return
    bounds = union or bound_union([counts[id] for id in ids])
    ends = {
        end: replace(facts, unions={**facts.unions, ids: combine_counts([bounds], partial(_at_end, end))})
        for end in ("low", "high")
    }
    yield TOGETHER_OPEN, ", ".join(ids), {
        _persons_at(bounds.individuals, end): ended for end, ended in ends.items()
    }


def _open_exports(measured: Facts) -> Iterator[tuple[str, str, Mapping[str, Facts]]]:
    """Yield whether those who left are among the persons of a flow, where nobody can link them."""
    for flow, ends in open_exported_overlaps(measured):
        yield SAME_EXPORTED, flow, {answer: with_open_ages(f) for answer, f in ends.items()}


def _with_one_sensitive(facts: Facts, flow: str) -> Facts:
    """The same facts with one person of a flow who has a sensitive item."""
    one = Estimate.exactly(1, "declared")

    def with_one(count: FlowCount) -> FlowCount:
        return replace(count, sensitive=one, minors=replace(count.minors, low=0, best=0, high=1))

    flows = tuple(replace(f, count=with_one(f.count)) if f.whole == flow else f for f in facts.flows)
    return replace(facts, flows=flows)


def _with_domestic(facts: Facts, flow: str, persons: int) -> Facts:
    """The same facts with so many domestic persons in a flow."""
    stated = tuple(
        replace(f, facts={**f.facts, DOMESTIC_OPEN: str(persons)}) if f.whole == flow else f
        for f in facts.flows
    )
    return replace(facts, flows=stated)


def _at_end(end: str, estimates: Sequence[Estimate]) -> Estimate:
    return _estimate_at(estimates[0], end)


def _persons_at(e: Estimate, end: str) -> str:
    persons = getattr(e, end)
    return "unbounded" if persons is None else str(persons)


def _open_counter(parts: list[FlowInput]) -> str:
    """What is to be asked of the parts of a flow; empty where everything is stated."""
    for name, counters in ((PERSONS_OPEN, ("individuals", "ordinary")), (SENSITIVE_OPEN, ("sensitive",))):
        if any(_is_open(getattr(p.count, counter)) for p in parts for counter in counters):
            return name
    return ""


def _is_open(e: Estimate | None) -> bool:
    """Was a counter left blank, or stated as an interval? One over what ran and what left is neither."""
    if e is None or e.note == OVERLAP_UNKNOWN:
        return False
    return e.note == UNSTATED or (e.method == "declared" and e.low != e.high)


def _with_question(
    decision: Decision, ask: Callable[[Mapping[str, tuple[str, ...]]], Question],
    summaries: Mapping[str, CaseSummary], scope: DecidedScope,
) -> Decision:
    """A decision with the question, where its answer changes the paths. ask: makes it, from answer to paths.
    """
    leads = {answer: summary.outcome(scope).possible for answer, summary in summaries.items()}
    if len(set(leads.values())) < 2:
        return decision
    return replace(decision, questions=(*decision.questions, ask(leads)))


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
        for name, e in estimates if e is not None and _is_open(e)
    }
    return replace(count, **changed)


def _estimate_at(e: Estimate, end: str) -> Estimate:
    if end == "low":
        return replace(e, best=e.low, high=e.low)
    return e if e.high is None else replace(e, low=e.high, best=e.high)


def _question(rules: RuleSet, name: str, flow: str, leads: Mapping[str, tuple[str, ...]]) -> Question:
    if name in (DOMESTIC_OPEN, AGES_FACT, SAME_EXPORTED):
        return rules.question(name, flow, leads)
    if name == TOGETHER_OPEN:
        return _overlap_question(flow, leads)
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


def _overlap_question(flows: str, leads: Mapping[str, tuple[str, ...]]) -> Question:
    ask = law_text(
        f"场景 {flows.replace(', ', '、')} 合计涉及多少人（同一人只计一次），其中多少人有敏感个人信息",
        f"how many distinct persons do {flows} concern together, and how many of them with a sensitive item",
    )
    how = law_text(
        "有行可读的，由 chujing scan 和 chujing ledger record 去重计算；填报的人数，核对名单后"
        f" chujing facts set {TOGETHER}=人数 {SENSITIVE_TOGETHER}=其中敏感人数 --by 姓名 --how 依据；"
        "事实文件中写 together",
        "where there are rows, chujing scan and chujing ledger record link them; of declared numbers, compare"
        f" the lists: chujing facts set {TOGETHER}=N {SENSITIVE_TOGETHER}=M --by NAME --how WORDS; in a file"
        " of facts, together:",
    )
    return Question(TOGETHER_OPEN, ask, how, leads, "")
