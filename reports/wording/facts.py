"""What a decision rests on, in words: `sensitive_individuals=10239` is how programs and `chujing facts` say it.

>>> facts = (FactValue("labour_rules", "yes"), FactValue("sensitive_individuals", "10239", ("crm-hq", "hr-hq")))
>>> fact_words(facts, "zh")
'劳动规章制度：是；敏感个人信息涉及 10,239 人 (crm-hq + hr-hq)'
>>> fact_words(facts, "en")
'labour rules: yes; sensitive persons: 10,239 (crm-hq + hr-hq)'
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from mappings.model import FactValue, Reason

COUNTS: Mapping[str, tuple[str, str]] = {
    "individuals": ("自然人", "persons"), "sensitive_individuals": ("敏感个人信息涉及", "sensitive persons"),
    "ordinary_individuals": ("非敏感个人信息涉及", "persons without sensitive information"),
}
FACTS: Mapping[str, str] = {
    "ciio": "关键信息基础设施运营者", "important_data": "重要数据", "notified_on": "告知日期", "sector": "行业", "zone": "自贸试验区",
    "route": "路径", "foreign_authority_request": "应外国司法或执法机构要求", "approval": "主管机关批准",
    "export_necessary": "出境确属必要", "overseas_takes_part_in_decision": "境外方参与录用决定", "labour_rules": "劳动规章制度",
    "collective_contract": "集体合同", "contract_with_individual": "为订立、履行个人作为一方的合同", "employees_only": "仅本单位员工",
    "fields_necessary": "字段均属必需", "domestic_data_introduced": "引入境内数据", "domestic_persons": "境内人员",
    "emergency": "紧急情况", "sector_listed": "清单列有本行业", "scenario_listed": "清单列有本场景", "entry_matched": "落入清单条目",
    "filed": "已完成自贸区程序", "ftz_list": "适用清单", "list": "适用清单", "recipient_outside_gba": "提供至大湾区以外",
    "already_filed": "已备案或已认证", "combined_filing": "集团合并申报", "state_secret": "涉密测绘成果",
    "recipient_restricted": "接收方在限制或禁止清单", "legal_basis": "合法性基础", "notified_by": "告知机关", "notified_form": "告知形式",
    "zone_scenario": "清单业务场景", "holds_one_million": "处理一百万人以上", "transformation": "去标识化", "mode": "方式",
}
VALUES: Mapping[str, str] = {
    "yes": "是", "no": "否", "unknown": "未知", "none": "无", "notified": "已被告知或公布", "published": "已公布", "unbounded": "无上限",
    "gba": "粤港澳大湾区", "access_from_abroad": "境外访问", "transfer": "传输至境外", "personal": "仅含个人信息", "mixed": "混合",
    "domestic": "境内", "candidate": "疑似",
    "emergency": "紧急情况", "consent": "个人同意", "contract": "合同所必需", "hr": "人力资源管理所必需",
    "statutory": "法定职责或义务", "public": "已依法公开", "other": "其他", "letter": "函件", "meeting": "会议", "document": "文件",
    "publication": "公布",
}


def facts_of(reason: Reason) -> tuple[FactValue, ...]:
    """Return what a reason rests on; of a report of version 0.1, from its text."""
    return reason.facts or parse_facts(reason.fact)


def parse_facts(text: str) -> tuple[FactValue, ...]:
    """Return facts that were written as text.

    >>> [str(f) for f in parse_facts("labour_rules=yes, sensitive_individuals=10239 (a + b)")]
    ['labour_rules=yes', 'sensitive_individuals=10239 (a + b)']
    """
    return tuple(_parse_fact(part) for part in re.split(r", (?=[a-z_]+=)", text)) if text else ()


def _parse_fact(text: str) -> FactValue:
    name, _, rest = text.partition("=")
    if m := re.fullmatch(r"([^\s,()（）]+) \((.*)\)", rest):
        return FactValue(name, m[1], tuple(m[2].split(" + ")))
    value, _, about = rest.partition(", ")
    return FactValue(name, value, about=about)


def fact_words(facts: Sequence[FactValue], lang: str) -> str:
    """Facts and counts of a decision's reason for people; a code that has no word is shown as it is."""
    return ("；" if lang == "zh" else "; ").join(_words(f, lang) for f in facts)


def _words(fact: FactValue, lang: str) -> str:
    over = f" ({' + '.join(fact.over)})" if fact.over else ""
    return _pair_words(fact.name, fact.value, lang) + over + (f", {fact.about}" if fact.about else "")


def _pair_words(name: str, value: str, lang: str) -> str:
    if name in COUNTS:
        n = f"{int(value):,}" if value.isdigit() else VALUES.get(value, value) if lang == "zh" else value
        return f"{COUNTS[name][0]} {n} 人" if lang == "zh" else f"{COUNTS[name][1]}: {n}"
    if lang == "zh":
        return f"{FACTS.get(name, name)}：{VALUES.get(value, value)}"
    return f"{name.replace('_', ' ')}: {value}"
