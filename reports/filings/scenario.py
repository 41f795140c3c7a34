"""Scenarios of a filing: flows with the same recipient and purpose, of one entity or of a group."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Literal

from detectors.labels import labels
from detectors.model import ColumnId
from mappings.countries import same_recipient
from mappings.flow_report import FlowReport
from mappings.model import PATHS, Estimate, FieldVerdict
from mappings.names import bare_name
from mappings.purpose import load_purpose
from mappings.readiness import STOPS
from reports.model import ColumnReport, Report, primary

TO_FILL_IN = "【待填写】"                          # a place that people fill in
SOURCE = "来源："                              # in the remarks, before the columns an item comes from
SENSITIVE = "敏感个人信息"
LONGEST_NAME = 12                             # characters of a comment that names an item
Mechanism = Literal["assessment", "contract", "exempt"]
PATHS_BY_MECHANISM: Mapping[Mechanism, tuple[str, ...]] = {   # paths whose papers they are
    "assessment": ("security_assessment",),
    "contract": ("standard_contract_or_certification",),
    "exempt": tuple(path for path in PATHS if path.startswith("exempt")),
}


@dataclass(frozen=True, slots=True)
class DataItem:
    """A row of the official data-item table (出境数据项清单)."""

    name: str
    description: str
    necessity: str                            # starts with TO_FILL_IN where nobody has given a reason
    example: str                              # invented, never from the data
    remarks: str
    sensitive: bool
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FilingScenario:
    """A business scenario (出境场景)."""

    title: str
    recipient: str
    country: str
    purpose: str
    flows: tuple[FlowReport, ...]
    items: tuple[DataItem, ...]
    persons: Mapping[str, tuple[Estimate, Estimate]]      # by entity: persons, and those with sensitive
                                              # items; counts of a group stay apart


@cache
def examples() -> Mapping[str, str]:
    """Return invented examples by label."""
    import yaml

    path = files("reports").joinpath("filings", "examples.yaml")
    by_label: dict[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return by_label


def scenarios(
    report: Report, flows: Sequence[str] = (), mechanism: Mechanism | None = None
) -> tuple[FilingScenario, ...]:
    """Return the scenarios of the flows named, by default of all, that a mechanism binds.

    A flow that a court asks for, that is not necessary, stopped or holds nothing personal stands in no paper;
    an exempt one in its own impact assessment alone, which is kept and not filed. mechanism: None for any.
    Flows of several entities with the same recipient and purpose are one scenario.
    """
    columns = {column.id: column for table in report.tables for column in table.columns}
    groups: dict[tuple[tuple[str, str], str], list[FlowReport]] = {}
    for flow in report.flows:
        if (not flows or flow.flow.id in flows) and is_bound(flow, mechanism):
            recipient = flow.flow.recipient
            about = same_recipient(recipient.name, recipient.country), flow.flow.purpose
            groups.setdefault(about, []).append(flow)
    return tuple(_scenario(group, columns) for group in groups.values())


def is_bound(flow: FlowReport, mechanism: Mechanism | None = None) -> bool:
    """Does a path that is possible for a flow call for the papers of a mechanism; None: of any?"""
    if flow.flow.status == "stopped" or STOPS.intersection(flow.decision.possible):
        return False
    paths = PATHS_BY_MECHANISM.values() if mechanism is None else (PATHS_BY_MECHANISM[mechanism],)
    return any(path in flow.decision.possible for of_one in paths for path in of_one)


def mark_new_items(scenarios: Sequence[FilingScenario]) -> tuple[FilingScenario, ...]:
    """Return the scenarios with items that were not filed marked in the remarks: for a renewal."""
    marked = []
    for scenario in scenarios:
        new = {d.what for flow in scenario.flows for d in flow.filed if d.code == "new_field"}
        items = tuple(
            replace(item, remarks=f"【新增】{item.remarks}") if new.intersection(item.columns) else item
            for item in scenario.items
        )
        marked.append(replace(scenario, items=items))
    return tuple(marked)


def filing_changes(scenario: FilingScenario) -> tuple[str, ...]:
    """Return what is not as it was filed, in words."""
    return tuple(f"{d.words}：{d.what}（{d.source}）" for flow in scenario.flows for d in flow.filed)


def _scenario(flows: Sequence[FlowReport], columns: Mapping[ColumnId, ColumnReport]) -> FilingScenario:
    first = flows[0].flow
    purpose = load_purpose(first.purpose)
    return FilingScenario(
        f"{purpose.title}（{first.recipient.name}）",
        first.recipient.name,
        first.recipient.country,
        purpose.title,
        tuple(flows),
        _items((verdict for flow in flows for verdict in flow.fields), columns),
        _persons(flows),
    )


def _persons(flows: Sequence[FlowReport]) -> Mapping[str, tuple[Estimate, Estimate]]:
    """Return persons, and those with sensitive items, by entity."""
    persons: dict[str, tuple[Estimate, Estimate]] = {}
    for flow in flows:
        entity, counts = flow.flow.entity, (flow.individuals, flow.sensitive_individuals)
        if entity in persons:
            everybody, sensitive = persons[entity]
            counts = _bounded_total(everybody, counts[0]), _bounded_total(sensitive, counts[1])
        persons[entity] = counts
    return persons


def _bounded_total(a: Estimate, b: Estimate) -> Estimate:
    """Return the persons of two flows of one entity in one scenario: at least the larger, at most both."""
    high = None if a.high is None or b.high is None else a.high + b.high
    return Estimate(max(a.low, b.low), max(a.best, b.best), high, a.method, "overlap_unknown")


# ---- data items


def _items(
    verdicts: Iterable[FieldVerdict], columns: Mapping[ColumnId, ColumnReport]
) -> tuple[DataItem, ...]:
    """Return the items of fields; fields whose items have the same name are one item."""
    items: dict[str, DataItem] = {}
    for verdict in verdicts:
        item = _item(verdict, columns.get(verdict.column))
        name = bare_name(item.name)
        items[name] = _joined_item(items[name], item) if name in items else item
    return tuple(items.values())


def _item(verdict: FieldVerdict, column: ColumnReport | None) -> DataItem:
    """Return the item of a field, named by the column's comment if that is short, else by its label."""
    info = labels().get(verdict.label) if verdict.label else None
    title = info.zh if info else "其他"
    comment = _comment_beginning(column.comment) if column is not None else ""
    name = comment if 0 < len(comment) <= LONGEST_NAME else title
    assessed = primary(column) if column is not None else None
    description = "，".join(
        filter(None, (title if title != name else "", assessed.category_zh if assessed else ""))
    )
    sensitive = _is_sensitive(column)
    return DataItem(
        name,
        description or title,
        _necessity(verdict),
        examples().get(str(verdict.label), "（不举例）"),
        "；".join(filter(None, (SENSITIVE if sensitive else "", f"{SOURCE}{verdict.column}"))),
        sensitive,
        (str(verdict.column),),
    )


def _comment_beginning(comment: str) -> str:
    return re.split(r"[，,；;（(:：\n]", comment.strip())[0].strip()


def _is_sensitive(column: ColumnReport | None) -> bool:
    if column is None:
        return False
    return any(a.finding.primary and a.sensitive == "yes" for a in column.findings)


def _necessity(verdict: FieldVerdict) -> str:
    """Return the reason a person gave; else what the list says, to be confirmed; else a place to write it.

    Author and date of a reason stand in the annex.
    """
    answer = verdict.answer
    if answer is not None and answer.answer in ("justify", "listed"):
        return answer.why
    if answer is not None:
        outcome = "不出境" if answer.answer == "drop" else f"减弱为{answer.why}"
        return f"{TO_FILL_IN}已决定{outcome}，仍在场景中"
    if verdict.verdict == "necessary" and verdict.confidence_of_source != "recalled":
        return f"建议：{verdict.reason}（{verdict.source}）"
    return f"{TO_FILL_IN}{verdict.reason}"


def _joined_item(a: DataItem, b: DataItem) -> DataItem:
    """Return the same item from two columns as one: both sources, the reason that is given."""
    reasoned = b if a.necessity.startswith(TO_FILL_IN) else a
    sources = "、".join(dict.fromkeys(item.remarks.split(SOURCE, 1)[-1] for item in (a, b)))
    sensitive = a.sensitive or b.sensitive
    remarks = (f"{SENSITIVE}；" if sensitive else "") + SOURCE + sources
    return DataItem(
        a.name, a.description, reasoned.necessity, a.example, remarks, sensitive, (*a.columns, *b.columns)
    )
