"""Recipients whose names differ in the legal form alone: one, or two, as somebody answers.

How many there are decides how many contracts are concluded and how many papers there are.
Source: 个人信息出境标准合同办法 第六条 (a contract with each recipient).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mappings.company_forms import may_be_one_company
from mappings.countries import country_code, same_recipient
from mappings.flow_report import FlowReport
from mappings.model import Flow, Question, Recipient, law_text
from mappings.names import is_empty, party_name
from mappings.rules import RuleSet

SAME_AS = "recipient_same_as"                 # the fact that settles it: a name, or none
NO_OTHER = "none"


def with_one_spelling(reports: Sequence[FlowReport]) -> tuple[FlowReport, ...]:
    """Return flows whose recipients are called as the one that somebody says they are the same as."""
    flows = [report.flow for report in reports]
    return tuple(
        report if (other := _answered(report.flow, flows)) is None
        else replace(report, flow=replace(report.flow, recipient=other))
        for report in reports
    )


def recipient_questions(flows: Sequence[Flow], rules: RuleSet) -> tuple[Question, ...]:
    """Return what is asked of flows to recipients that may be one: the shorter name is asked about."""
    if SAME_AS not in rules.raw["facts"]:
        return ()
    near_names = ((flow, _near(flow, flows)) for flow in flows)
    return tuple(
        _question(flow, names, rules) for flow, names in near_names if names and not _is_answered(flow, names)
    )


def _question(flow: Flow, names: Sequence[str], rules: RuleSet) -> Question:
    question = rules.question(SAME_AS, flow.id, {**dict.fromkeys(names, ()), NO_OTHER: ()})
    own, others = flow.recipient.name, "、".join(f"“{name}”" for name in names)
    ask = law_text(
        f"接收方“{own}”与{others}{'之一' if len(names) > 1 else ''}是否为同一接收方",
        f'is the recipient "{own}" the same as {" or ".join(chr(34) + name + chr(34) for name in names)}',
    )
    return replace(question, ask=ask)


def _near(flow: Flow, flows: Sequence[Flow]) -> tuple[str, ...]:
    """Longer names of recipients of the same entity, in the same country, that may be the flow's own."""
    if flow.status == "stopped":
        return ()
    others = (other for other in flows if other.entity == flow.entity and other.status != "stopped")
    names = {
        same_recipient(other.recipient.name, ""): other.recipient.name for other in others
        if _order(flow.recipient.name) < _order(other.recipient.name)
        and may_be_one_company(flow.recipient.name, other.recipient.name)
        and _may_share_country(flow.recipient.country, other.recipient.country)
    }
    return tuple(sorted(names.values(), key=_order))


def _order(name: str) -> tuple[int, str]:
    plain = party_name(name)
    return len(plain), plain


def _may_share_country(one: str, other: str) -> bool:
    codes = {country_code(one) or one, country_code(other) or other} - {""}
    return len(codes) < 2


def _answered(flow: Flow, flows: Sequence[Flow]) -> Recipient | None:
    """The recipient that a flow's own is said to be the same as; None where that is nobody's, or its own."""
    answer = flow.facts.get(SAME_AS, "")
    named = {party_name(name) for name in _near(flow, flows)} & {party_name(answer)}
    if not answer or not named:
        return None
    same = next(f for f in flows if f.entity == flow.entity and party_name(f.recipient.name) in named)
    return replace(same.recipient, country=same.recipient.country or flow.recipient.country)


def _is_answered(flow: Flow, names: Sequence[str]) -> bool:
    answer = flow.facts.get(SAME_AS, "")
    if not answer or answer == "unknown":
        return False
    return is_empty(answer) or party_name(answer) in {party_name(name) for name in names}


