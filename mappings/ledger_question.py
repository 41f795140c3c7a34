"""What left since 1 January is not known: the year's band may be higher than the persons of today make it.

Source: 促进和规范数据跨境流动规定 第七条、第八条 (自当年1月1日起累计向境外提供).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from mappings.decide import EntityDecision
from mappings.ledger_cover import EXPORT_OPEN
from mappings.model import IN_BAND, Decision, Question, law_text
from mappings.rules import RuleSet, path_rank, sort_by_rank


def with_open_exports(
    result: EntityDecision, unledgered: Mapping[str, Sequence[str]], rules: RuleSet
) -> EntityDecision:
    """Return the decision of an entity in which what the ledger does not cover is asked for.

    Persons that left before can only raise the band: what it binds is certain only at the highest one.
    unledgered: flows of which the ledger does not have every month, with those it lacks.
    """
    if not unledgered:
        return result

    def widened(decision: Decision, of_flows: Iterable[str]) -> Decision:
        higher = _higher_bands(decision, rules)
        if not higher:
            return decision
        questions = tuple(_question(flow, unledgered[flow], decision.possible, higher) for flow in of_flows)
        return replace(_with_bands(decision, higher), questions=(*decision.questions, *questions))

    bound = {flow for flow, own in result.own.items() if IN_BAND in own}
    flows = {
        flow: widened(decision, [flow] if flow in unledgered else unledgered) if flow in bound else decision
        for flow, decision in result.flows.items()
    }
    parts = {
        part: decision if part not in result.in_count else _with_bands(
            decision, _higher_bands(decision, rules)
        )
        for part, decision in result.parts.items()
    }
    return replace(result, entity=widened(result.entity, unledgered), flows=flows, parts=parts)


def _with_bands(decision: Decision, higher: Sequence[str]) -> Decision:
    """Return a decision whose band may be a higher one: both must pass where a path is to stay below one."""
    if not higher:
        return decision
    possible = sort_by_rank({*decision.possible, *higher})
    return replace(decision, path="needs_review", possible=possible, certain=False)


def _higher_bands(decision: Decision, rules: RuleSet) -> tuple[str, ...]:
    """Paths of the bands above the lowest possible band; none where every case is at the highest one."""
    bands = {line["path"] for line in rules.raw["thresholds"]}
    ranks = [path_rank(path) for path in decision.possible if path in bands]
    lowest = min(ranks, default=min(map(path_rank, decision.possible), default=0))
    return sort_by_rank({path for path in bands if path_rank(path) > lowest})


def _question(flow: str, months: Sequence[str], paths: Sequence[str], higher: Sequence[str]) -> Question:
    """Return whether more persons left than the flow holds today, with the acts that settle it."""
    lacking = f"{months[0]} – {months[-1]}" if len(months) > 1 else "".join(months)
    ask = law_text(
        f"自1月1日起经场景 {flow} 已出境的人是否多于现有的人"
        f"（台账缺其运行的月份：{lacking or '停止日期不明'}）",
        f"did more persons leave with {flow} since 1 January than it holds today"
        f" (the ledger lacks months in which it ran: {lacking or 'the day it stopped is not known'})",
    )
    period = f"{months[0]}..{months[-1]}" if len(months) > 1 else "".join(months) or "YEAR-MONTH"
    record = f"chujing ledger record {flow} --period {months[0] if months else period}"
    declare = f"chujing ledger declare {flow} --period {period}"
    how = law_text(
        f"一次说明：{declare} --individuals 人数 --by 姓名 --evidence 依据；或逐月补记：{record}",
        f"at once: {declare} --individuals N --by NAME --evidence WORDS; or month by month: {record}",
    )
    leads = {"yes": sort_by_rank({*paths, *higher}), "no": tuple(paths)}
    return Question(EXPORT_OPEN, ask, how, leads, flow)
