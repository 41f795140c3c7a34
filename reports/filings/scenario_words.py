"""Scenarios in words, as the papers have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Literal

from mappings.countries import country_title
from mappings.counts import OVERLAP_UNKNOWN
from mappings.flow_report import FlowReport
from mappings.model import Estimate
from mappings.open_ages import ADULT_GROUPS, AGES_FACT, AGES_UNKNOWN
from mappings.rules import in_force
from reports.filings.blocks import TO_FILL_IN
from reports.filings.scenario import NO_NUMBER, READING_OPEN, FilingScenario
from reports.messages.words import t
from reports.wording.decision import group_words
from reports.wording.figures import number, since_words

PERIODS = {
    "day": "每日", "week": "每周", "month": "每月", "quarter": "每季度", "year": "每年", "hour": "每小时",
    "daily": "每日", "weekly": "每周", "monthly": "每月", "quarterly": "每季度", "yearly": "每年",
}
BASIS = {                                     # how persons were counted, by method
    "exact": "逐行读取相关数据，按自然人去重计数",
    "linked": "逐行读取相关数据，按证件号码、手机号码等标识关联，按自然人去重计数",
    "pushdown": "在数据库内按去重标识计数",
    "hash_sample": "按标识的哈希值抽样推算",
    "sketch": "按概率统计方法推算",
    "row_sample": "按行抽样推算",
    "statistics": "按数据库统计信息推算",
    "declared": "自行填报，未经扫描核对",
}
Children = Literal["yes", "no", "unknown"]


def date_words(day: date) -> str:
    """Return a date as papers have it: 2026年11月1日."""
    return f"{day.year}年{day.month}月{day.day}日"


def iso_words(day: str) -> str:
    """Return a date that people typed as papers have it; other text as it stands."""
    try:
        return date_words(date.fromisoformat(day))
    except ValueError:
        return day


def clause_words(clause: str) -> str:
    """Return a clause as papers cite it.

    >>> clause_words("个人信息保护法 第六条、第十三条")
    '《个人信息保护法》第六条、第十三条'
    """
    law, space, article = clause.partition(" 第")
    return f"《{law}》第{article}" if space else clause


def person_words(count: Estimate) -> str:
    """Return the number of persons to be filed; a place to write where nobody counted them."""
    return f"{number(count.best)}人" if is_count(count) else f"{TO_FILL_IN}人数尚未查明"


def person_cell(count: Estimate) -> str:
    """Return the number of persons as a cell of a table has it."""
    return number(count.best) if is_count(count) else TO_FILL_IN


def is_count(count: Estimate) -> bool:
    """Is there a number that may be filed: counted or stated, with an end, of persons of known age?

    A part that nobody stated, and bounds between what was stated, are no number.
    """
    is_stated = count.note not in NO_NUMBER and (
        count.method != "declared" or count.low == count.high or count.note == OVERLAP_UNKNOWN
    )
    return count.high is not None and count.method != "unknown" and is_stated


def basis_words(count: Estimate) -> str:
    """Return how persons were counted; of an estimate its bounds, and that people settle it before filing."""
    if not is_count(count):
        return f"{TO_FILL_IN}人数尚未查明，统计方法待补"
    words = since_words(count, "zh") or BASIS[count.method]
    if count.low != count.high:
        high = number(count.high or 0)
        bounds = f"下限{number(count.low)}人，上限{high}人"
        words += f"；该数为估计值（{bounds}），{TO_FILL_IN}报送前核定，并据此改写本注"
    return words


WHY_NO_NUMBER = {
    AGES_UNKNOWN: "现有数据不能判断年龄，不满十四周岁的人数未知；",
    READING_OPEN: "单独的证件号码等是否属于敏感个人信息，未见明文；",
}


def sensitive_basis(count: Estimate) -> str:
    """Return the bounds of those with sensitive items, where it is not one number; else nothing."""
    if count.low == count.high and is_count(count):
        return ""
    high = "未知" if count.high is None else f"{number(count.high)}人"
    why = WHY_NO_NUMBER.get(count.note, "")
    return f"；其中敏感个人信息：{why}下限{number(count.low)}人，上限{high}，{TO_FILL_IN}报送前核定"


def numbered(scenarios: Sequence[FilingScenario]) -> Iterator[tuple[str, FilingScenario]]:
    """Yield the scenarios, each with its number in words."""
    return ((f"场景{i}", scenario) for i, scenario in enumerate(scenarios, 1))


def mode_words(flows: Iterable[FlowReport]) -> str:
    """Return how the data leave."""
    return "、".join(dict.fromkeys(t("mode." + flow.flow.mode, "zh") for flow in flows))


def period_words(flows: Iterable[FlowReport]) -> str:
    """Return how often they leave; empty where nobody has said."""
    return "、".join(dict.fromkeys(PERIODS.get(f.flow.every, f.flow.every) for f in flows if f.flow.every))


def retention_words(flows: Iterable[FlowReport]) -> str:
    """Return how long they stay abroad; empty where nobody has said."""
    days = {flow.flow.retention_days for flow in flows if flow.flow.retention_days is not None}
    return "、".join(f"{n}天" for n in sorted(days))


def recipient_words(scenario: FilingScenario) -> str:
    """Return the recipient with its country or region."""
    country = country_title(scenario.country) or f"{TO_FILL_IN}国家或者地区"
    return f"{scenario.recipient or TO_FILL_IN + '境外接收方名称'}（{country}）"


def group_titles(flows: Iterable[FlowReport], day: date) -> str:
    """Return whose data leave; empty where nobody has said."""
    rules = in_force(day)
    groups = (f.flow.subject_group for f in flows if f.flow.subject_group)
    return "、".join(dict.fromkeys(group_words(rules, group, "zh") for group in groups))


def onward_names(flows: Iterable[FlowReport]) -> str:
    """Return those abroad to whom the recipient gives the data; empty if there are none."""
    return "、".join(dict.fromkeys(name for flow in flows for name in flow.flow.onward))


def system_names(flows: Iterable[FlowReport]) -> str:
    """Return the systems in China that the data come from, as people named them; empty if nobody has."""
    return "、".join(dict.fromkeys(name for flow in flows for name in flow.flow.systems))


def change_words(scenario: FilingScenario) -> str:
    """Return what is not as it was filed; empty if nothing."""
    changes = (f"{d.words}：{d.what}（{d.source}）" for flow in scenario.flows for d in flow.filed)
    return "；".join(dict.fromkeys(changes))


def children(flow: FlowReport) -> Children:
    """Are persons under 14 among those of a flow? unknown: nothing says how old they are."""
    if flow.minors.low > 0:
        return "yes"
    if flow.flow.subject_group in ADULT_GROUPS or flow.flow.facts.get(AGES_FACT) == "no":
        return "no"
    if flow.minors.high == 0 and (flow.declared or _has_ages(flow)):
        return "no"
    return "unknown"


def _has_ages(flow: FlowReport) -> bool:
    return flow.tally is not None and flow.tally.has_births is True


def is_open(scenario: FilingScenario) -> bool:
    """May more leave than the items say: is a column or a part of a query not settled, or none listed?

    Where nothing was scanned, what was stated is what leaves.
    """
    flows = scenario.flows
    is_empty = not scenario.items and not all(f.declared for f in flows)
    return is_empty or any(f.fields_to_settle or f.unresolved for f in flows)


def sensitive_names(scenario: FilingScenario) -> str:
    """Return the names of sensitive items; a place to write where they, or that there are any, are open."""
    names = "、".join(item.name for item in scenario.items if item.sensitive)
    if names:
        return names
    counts = [sensitive for _, sensitive in scenario.persons.values()]
    if any(count.low > 0 for count in counts):
        return f"{TO_FILL_IN}含敏感个人信息，列明其种类"
    ages = {children(flow) for flow in scenario.flows}
    if is_open(scenario) or ages != {"no"} or any(count.high != 0 for count in counts):
        return f"{TO_FILL_IN}是否含敏感个人信息尚待查明"
    return "不涉及"
