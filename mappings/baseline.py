"""What was filed against what is sent: new fields, recipients, purposes and modes, longer retention, more persons, an end of validity.

Each difference carries its clause and an action: none, ask counsel, supplement or refile, stop. A filed data item and a column are the same
where the filing names the column, or where their names agree once width, spaces and case are folded; what matches nothing is shown, never
guessed.

Source: 数据出境安全评估办法 第十四条; 个人信息出境标准合同办法 第八条; 网络数据安全管理条例 第三十八条.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from detectors.labels import labels
from mappings.model import Confidence, Estimate, Flow
from mappings.names import bare_name
from mappings.rules import RuleSet

ProcedureKind = Literal["assessment", "contract", "certificate"]
Action = Literal["none", "ask_counsel", "supplement_or_refile", "stop"]
SOON = 90                                     # days before an end of validity that is said ahead


@dataclass(frozen=True, slots=True)
class FiledItem:
    """A data item as it was filed. columns: ids of columns, where the filing names them."""

    name: str
    description: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FiledScenario:
    """One scenario of a filing: who to whom, what for, which items, how many persons, until when."""

    id: str
    kind: ProcedureKind
    entity: str
    recipient: str
    purpose: str
    items: tuple[FiledItem, ...]
    persons: int | None = None
    sensitive: int | None = None
    retention_days: int | None = None
    valid_until: date | None = None
    mode: str = ""
    onward: tuple[str, ...] = ()
    flow: str = ""                            # id of the flow it is about, where known


@dataclass(frozen=True, slots=True)
class CurrentExport:
    """What a flow sends now. fields: (column id, name, comment, label)."""

    flow: Flow
    fields: tuple[tuple[str, str, str, str], ...]
    persons: Estimate
    sensitive: Estimate


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was filed. what: the field, recipient or figures."""

    code: str
    filing: str                               # id of the filing; empty: none covers it
    what: str
    action: Action
    words: str
    words_en: str
    source: str
    confidence_of_source: Confidence


def is_same_field(item: FiledItem, field: tuple[str, str, str, str]) -> bool:
    """Are a filed item and a column the same?"""
    column, name, comment, label = field
    if item.columns:
        return column in item.columns
    info = labels().get(label)  # type: ignore[call-overload]
    names = {bare_name(x) for x in (name, comment, label, info.zh if info else "", info.en if info else "", column) if x}
    names |= {part for n in list(names) for part in re.split(r"[、/（(）)]", n) if len(part) > 1}
    return bare_name(item.name) in names


def covering_filing(filed: Sequence[FiledScenario], flow: Flow) -> FiledScenario | None:
    """The filing that is about a flow: by its id, else by entity, recipient and purpose."""
    return next((f for f in filed if f.flow == flow.id), None) or next(
        (f for f in filed if not f.flow and (bare_name(f.entity), bare_name(f.recipient), f.purpose) == (
            bare_name(flow.entity), bare_name(flow.recipient.name), flow.purpose)), None)


def compare(filed: Sequence[FiledScenario], sent: CurrentExport, rules: RuleSet, as_of: date) -> tuple[Difference, ...]:
    """What differs between a flow and what was filed for it; empty where nothing was filed for its entity at all."""
    flow = sent.flow
    mine = [f for f in filed if bare_name(f.entity) == bare_name(flow.entity)]
    if not mine or flow.status == "stopped":
        return ()
    book = rules.raw["baseline"]
    out: list[Difference] = []

    def differ(code: str, about: FiledScenario | None, what: str) -> None:
        rule: dict[str, Any] = book[code]
        action: Any = rule["action"] if isinstance(rule["action"], str) else rule["action"][about.kind if about else "assessment"]
        out.append(Difference(code, about.id if about else "", what, action, rule["zh"], rule["en"], rule["source"], rule["confidence"]))

    about = covering_filing(mine, flow)
    if about is None:
        to_others = [f for f in mine if f.purpose == flow.purpose]
        recipient = bare_name(flow.recipient.name)
        differ("new_recipient" if to_others and all(bare_name(f.recipient) != recipient for f in mine) else "new_scenario",
               to_others[0] if to_others else None, f"{flow.recipient.name} / {flow.purpose}")
        return tuple(out)
    if bare_name(about.recipient) != bare_name(flow.recipient.name):
        differ("new_recipient", about, f"{about.recipient} → {flow.recipient.name}")
    if about.purpose != flow.purpose:
        differ("new_purpose", about, f"{about.purpose} → {flow.purpose}")
    if about.mode and about.mode != flow.mode:
        differ("new_mode", about, f"{about.mode} → {flow.mode}")
    for field in sent.fields:
        if not any(is_same_field(item, field) for item in about.items):
            differ("new_field", about, field[0])
    for item in about.items:
        if not any(is_same_field(item, field) for field in sent.fields):
            differ("field_gone", about, item.name)
    for name in flow.onward:
        if bare_name(name) not in {bare_name(x) for x in about.onward}:
            differ("new_onward", about, name)
    if flow.retention_days is not None and about.retention_days is not None and flow.retention_days > about.retention_days:
        differ("longer_retention", about, f"{about.retention_days} → {flow.retention_days}")
    for counter, allowed, now in (("individuals", about.persons, sent.persons), ("sensitive_individuals", about.sensitive, sent.sensitive)):
        if allowed is not None:
            if now.low * 100 > allowed * 120:
                differ("over_120", about, f"{counter}: {allowed:,} → {now.best:,}")
            elif now.low > allowed:
                differ("over_approved", about, f"{counter}: {allowed:,} → {now.best:,}")
            elif now.high is None or now.high > allowed:
                differ("may_be_over", about, f"{counter}: {allowed:,} → {now.best:,}")
    if about.valid_until is not None:
        if about.valid_until < as_of:
            differ("expired", about, str(about.valid_until))
        elif (about.valid_until - as_of).days <= SOON:
            differ("expires_soon", about, str(about.valid_until))
    return tuple(out)
