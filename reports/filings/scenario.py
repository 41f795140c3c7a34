"""Scenarios of a filing: flows with the same recipient and purpose, of one entity or of a group that files together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from detectors.labels import labels
from detectors.model import ColumnId
from mappings.flow_report import FlowReport
from mappings.model import Estimate, FieldVerdict
from mappings.names import bare_name
from mappings.necessity import load_purpose
from reports.model import ColumnReport, Report

TO_WRITE = "【待填写】"


@dataclass(frozen=True, slots=True)
class DataItem:
    """A row of the official data-item table (出境数据项清单). necessity starts with TO_WRITE where nobody has given a reason."""

    name: str
    description: str
    necessity: str
    example: str                              # invented, never from the data
    remarks: str
    sensitive: bool
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FilingScenario:
    """A business scenario. persons: entity -> (individuals, sensitive); counts of a group stay apart."""

    title: str
    recipient: str
    country: str
    purpose: str
    flows: tuple[FlowReport, ...]
    items: tuple[DataItem, ...]
    persons: Mapping[str, tuple[Estimate, Estimate]]


@cache
def examples() -> Mapping[str, str]:
    """Invented examples by label."""
    import yaml

    found: dict[str, str] = yaml.safe_load(files("reports").joinpath("filings", "examples.yaml").read_text(encoding="utf-8"))
    return found


def scenarios(report: Report, flows: Sequence[str] = ()) -> tuple[FilingScenario, ...]:
    """Scenarios of the flows named, all active or planned ones by default; similar ones of several entities are one."""
    columns = {c.id: c for t in report.tables for c in t.columns}
    found: dict[tuple[str, str], list[FlowReport]] = {}
    for f in report.flows:
        leaves = f.decision.path not in ("not_export", "no_filing_art3") and f.flow.status != "stopped"
        if (f.flow.id in flows) if flows else leaves:
            found.setdefault((bare_name(f.flow.recipient.name), f.flow.purpose), []).append(f)
    return tuple(_scenario(mine, columns) for mine in found.values())


def mark_new_items(found: Sequence[FilingScenario]) -> tuple[FilingScenario, ...]:
    """The same scenarios with what is not as it was filed said in the remarks: for a renewal."""
    out = []
    for s in found:
        new = {d.what for f in s.flows for d in f.filed if d.code == "new_field"}
        items = tuple(replace(i, remarks=f"【新增】{i.remarks}") if any(w in new for w in i.columns) else i for i in s.items)
        out.append(replace(s, items=items))
    return tuple(out)


def changes(s: FilingScenario) -> tuple[str, ...]:
    """What is not as it was filed, in words."""
    return tuple(f"{d.words}：{d.what}（{d.source}）" for f in s.flows for d in f.filed)


def _scenario(flows: Sequence[FlowReport], columns: Mapping[ColumnId, ColumnReport]) -> FilingScenario:
    first = flows[0].flow
    purpose = load_purpose(first.purpose)
    items: dict[str, DataItem] = {}
    for f in flows:
        for v in f.fields:
            item = _item(v, columns.get(v.column))
            known = items.get(bare_name(item.name))
            items[bare_name(item.name)] = item if known is None else _joined(known, item)
    persons: dict[str, tuple[Estimate, Estimate]] = {}
    for f in flows:
        persons[f.flow.entity] = (f.individuals, f.sensitive_individuals) if f.flow.entity not in persons else (
            _most(persons[f.flow.entity][0], f.individuals), _most(persons[f.flow.entity][1], f.sensitive_individuals))
    return FilingScenario(
        f"{purpose.title}（{first.recipient.name}）",
        first.recipient.name,
        first.recipient.country,
        purpose.title,
        tuple(flows),
        tuple(items.values()),
        persons,
    )


def _most(a: Estimate, b: Estimate) -> Estimate:
    """Two flows of one entity in one scenario: at least the larger, at most both."""
    high = None if a.high is None or b.high is None else a.high + b.high
    return Estimate(max(a.low, b.low), max(a.best, b.best), high, a.method, "overlap_unknown")


def _item(v: FieldVerdict, column: ColumnReport | None) -> DataItem:
    info = labels().get(v.label) if v.label else None
    title = info.zh if info else "其他"
    comment = re.split(r"[，,；;（(:：\n]", column.comment.strip())[0].strip() if column is not None else ""
    name = comment if 0 < len(comment) <= 12 else title
    sensitive = column is not None and any(a.finding.primary and a.sensitive == "yes" for a in column.findings)
    category = next((a.category_zh for a in column.findings if a.finding.primary), "") if column is not None else ""
    remarks = "；".join(x for x in ("敏感个人信息" if sensitive else "", f"来源：{v.column}") if x)
    return DataItem(name, "，".join(x for x in (title if title != name else "", category) if x) or title, _necessity(v),
                    examples().get(str(v.label), "（不举例）"), remarks, sensitive, (str(v.column),))


def _necessity(v: FieldVerdict) -> str:
    """The reason a person gave, with author and date left to the annex; else what the list says, to be confirmed; else to be written."""
    if v.answer is not None and v.answer.answer in ("justify", "listed"):
        return v.answer.why
    if v.answer is not None:
        return f"{TO_WRITE}已决定{'不出境' if v.answer.answer == 'drop' else '减弱为' + v.answer.why}，仍在场景中"
    if v.verdict == "necessary" and v.confidence_of_source != "recalled":
        return f"建议：{v.reason}（{v.source}）"
    return f"{TO_WRITE}{v.reason}"


def _joined(a: DataItem, b: DataItem) -> DataItem:
    """The same item from two columns: one row, both sources, the reason that is given."""
    better = a if not a.necessity.startswith(TO_WRITE) else b
    sources = "、".join(dict.fromkeys(x.split("来源：", 1)[-1] for x in (a.remarks, b.remarks)))
    sensitive = a.sensitive or b.sensitive
    remarks = ("敏感个人信息；" if sensitive else "") + f"来源：{sources}"
    return DataItem(a.name, a.description, better.necessity, a.example, remarks, sensitive, (*a.columns, *b.columns))
