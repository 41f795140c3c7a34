"""What left since 1 January is not known: the year's band may be higher than the persons of today make it.

Source: 促进和规范数据跨境流动规定 第七条、第八条 (自当年1月1日起累计向境外提供).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mappings.ledger_cover import EXPORT_OPEN
from mappings.model import Decision, Question, law_text
from mappings.rules import RuleSet, path_rank, sort_by_rank

AREA_CONTRACT, CONTRACT_BAND = "gba_standard_contract", "standard_contract_or_certification"


def open_decision(
    decision: Decision, unledgered: Mapping[str, Sequence[str]], rules: RuleSet
) -> Decision:
    """Return a decision whose band may be a higher one: both must pass where a path is to stay below one.

    unledgered: flows that are asked about, with the months that the ledger lacks.
    """
    higher = higher_bands(decision.possible, rules)
    if not higher:
        return decision
    own = (replace(q, leads_to=_raised_leads(q.leads_to, rules)) for q in decision.questions)
    questions = (export_question(f, months, decision.possible, higher) for f, months in unledgered.items())
    return replace(
        decision, path="needs_review", possible=sort_by_rank({*decision.possible, *higher}), certain=False,
        questions=(*own, *questions),
    )


def _raised_leads(leads: Mapping[str, tuple[str, ...]], rules: RuleSet) -> Mapping[str, tuple[str, ...]]:
    """Where answers lead, with the bands that what left before may reach; what is in no band stays."""
    in_band = {line["path"] for line in rules.raw["thresholds"]} | {AREA_CONTRACT}
    return {
        answer: sort_by_rank({*paths, *higher_bands(paths, rules)}) if in_band & set(paths) else paths
        for answer, paths in leads.items()
    }


def higher_bands(possible: Sequence[str], rules: RuleSet) -> tuple[str, ...]:
    """Return the bands above the lowest possible one; none where every case is at the highest.

    The contract of the Greater Bay Area stands for the national one.
    """
    bands = {line["path"] for line in rules.raw["thresholds"]}
    if AREA_CONTRACT in possible and not bands & set(possible):
        possible = [*possible, CONTRACT_BAND]
    ranks = [path_rank(path) for path in possible if path in bands]
    lowest = min(ranks, default=min(map(path_rank, possible), default=0))
    return sort_by_rank({path for path in bands if path_rank(path) > lowest})


def export_question(
    flow: str, months: Sequence[str], paths: Sequence[str], higher: Sequence[str]
) -> Question:
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
        f"一次说明：{declare} --individuals 人数 --sensitive 其中敏感人数 --by 姓名 --evidence 依据；"
        f"或逐月补记：{record}；事实文件中写 left",
        f"at once: {declare} --individuals N --sensitive M --by NAME --evidence WORDS;"
        f" or month by month: {record}; in a file of facts, left:",
    )
    leads = {"yes": sort_by_rank({*paths, *higher}), "no": tuple(paths)}
    return Question(EXPORT_OPEN, ask, how, leads, flow)
