"""What was filed against what is sent: fields, recipients, purposes, modes, retention, persons, validity.

Each difference carries its clause and an action: none, ask counsel, supplement or refile, stop. A filed data
item and a column are the same where the filing names the column, or where their names agree once width,
spaces and case are folded; what matches nothing is shown, never guessed.

Source: 数据出境安全评估办法 第十四条; 个人信息出境标准合同办法 第八条; 网络数据安全管理条例 第三十八条.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from detectors.labels import labels
from detectors.message import Word
from detectors.renamed import old_attributes
from mappings.company_forms import may_be_one_company
from mappings.model import ColumnNames, Confidence, Estimate, Flow, law_text
from mappings.names import bare_name, party_name
from mappings.rules import RuleSet

ProcedureKind = Literal["assessment", "contract", "certificate"]
Action = Literal["none", "ask_counsel", "supplement_or_refile", "stop"]
SOON_DAYS = 90                                # days before an end of validity in which it is announced


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
    """What a flow sends now. possible: columns of it that may be personal information."""

    flow: Flow
    fields: tuple[ColumnNames, ...]
    persons: Estimate
    sensitive: Estimate
    possible: tuple[ColumnNames, ...] = ()


@old_attributes(words_en="words.en")
@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was filed. what: the field, recipient or figures."""

    code: str
    filing: str                               # id of the filing; empty: none covers it
    what: str
    action: Action
    words: Word
    source: str
    confidence_of_source: Confidence


def is_same_field(item: FiledItem, field: ColumnNames) -> bool:
    """Are a filed item and a column the same?"""
    column, name, comment, label = field
    if item.columns:
        return column in item.columns
    info = labels().get(label)  # type: ignore[call-overload]
    titles = (info.zh, info.en) if info else ()
    names = {bare_name(text) for text in (name, comment, label, *titles, column) if text}
    names |= {part for n in list(names) for part in re.split(r"[、/（(）)]", n) if len(part) > 1}
    return bare_name(item.name) in names


def covering_filing(filings: Sequence[FiledScenario], flow: Flow) -> FiledScenario | None:
    """Return the filing that is about a flow: by its id, else by entity, recipient and purpose."""
    about = party_name(flow.entity), party_name(flow.recipient.name), flow.purpose
    by_id = (f for f in filings if f.flow == flow.id)
    unnamed = [f for f in filings if not f.flow]
    by_names = (f for f in unnamed if (party_name(f.entity), party_name(f.recipient), f.purpose) == about)
    by_core = (
        f for f in unnamed if (party_name(f.entity), f.purpose) == (about[0], flow.purpose)
        and may_be_one_company(f.recipient, flow.recipient.name)
    )
    return next(by_id, None) or next(by_names, None) or next(by_core, None)


def filing_differences(
    filings: Sequence[FiledScenario], export: CurrentExport, rules: RuleSet, as_of: date
) -> tuple[Difference, ...]:
    """Return what differs between a flow and what was filed for it.

    Nothing does where nothing was filed for its entity at all.
    """
    flow = export.flow
    own = [f for f in filings if party_name(f.entity) == party_name(flow.entity)]
    if not own or flow.status == "stopped":
        return ()
    filing = covering_filing(own, flow)
    if filing is None:
        return (_uncovered_difference(own, flow, rules),)
    pair = _FiledExport(filing, export, as_of)
    return tuple(
        _difference(code, filing, what, rules) for rule in DIFFERENCE_RULES for code, what in rule(pair)
    )


def _uncovered_difference(filings: Sequence[FiledScenario], flow: Flow, rules: RuleSet) -> Difference:
    """A flow that no filing is about: a new recipient for a purpose that was filed, else a new scenario."""
    same_purpose = [f for f in filings if f.purpose == flow.purpose]
    recipient = party_name(flow.recipient.name)
    new_recipient = same_purpose and all(party_name(f.recipient) != recipient for f in filings)
    return _difference(
        "new_recipient" if new_recipient else "new_scenario", same_purpose[0] if same_purpose else None,
        f"{flow.recipient.name} / {flow.purpose}", rules,
    )


def _difference(code: str, filing: FiledScenario | None, what: str, rules: RuleSet) -> Difference:
    """A difference with its action, which may depend on the kind of filing, and its clause."""
    rule = rules.raw["baseline"][code]
    action = rule["action"]
    if not isinstance(action, str):
        action = action[filing.kind if filing else "assessment"]
    words = law_text(rule["zh"], rule["en"])
    return Difference(
        code, filing.id if filing else "", what, action, words, rule["source"], rule["confidence"]
    )


@dataclass(frozen=True, slots=True)
class _FiledExport:
    """A filing, what is sent under it, and the day on which they are compared."""

    filing: FiledScenario
    export: CurrentExport
    as_of: date


DifferenceRule = Callable[[_FiledExport], Iterator[tuple[str, str]]]  # gives (code, what) of each difference


def _recipient_differences(pair: _FiledExport) -> Iterator[tuple[str, str]]:
    was, now = pair.filing.recipient, pair.export.flow.recipient.name
    if may_be_one_company(was, now):
        yield "recipient_form", f"{was} → {now}"
    elif party_name(was) != party_name(now):
        yield "new_recipient", f"{was} → {now}"


def _purpose_differences(pair: _FiledExport) -> Iterator[tuple[str, str]]:
    was, now = pair.filing.purpose, pair.export.flow.purpose
    if was != now:
        yield "new_purpose", f"{was} → {now}"


def _mode_differences(pair: _FiledExport) -> Iterator[tuple[str, str]]:
    was, now = pair.filing.mode, pair.export.flow.mode
    if was and was != now:
        yield "new_mode", f"{was} → {now}"


def _new_fields(pair: _FiledExport) -> Iterator[tuple[str, str]]:
    for field in pair.export.fields:
        if not any(is_same_field(item, field) for item in pair.filing.items):
            yield "new_field", field[0]


def _possible_fields(pair: _FiledExport) -> Iterator[tuple[str, str]]:
    """Columns that may be personal information and were not filed: neither a new field nor none."""
    for field in pair.export.possible:
        if not any(is_same_field(item, field) for item in pair.filing.items):
            yield "possible_field", field[0]


def _missing_items(pair: _FiledExport) -> Iterator[tuple[str, str]]:
    for item in pair.filing.items:
        exported = (*pair.export.fields, *pair.export.possible)
        if not any(is_same_field(item, field) for field in exported):
            yield "field_gone", item.name


def _onward_recipient_differences(pair: _FiledExport) -> Iterator[tuple[str, str]]:
    filed = {party_name(name) for name in pair.filing.onward}
    for name in pair.export.flow.onward:
        if party_name(name) not in filed:
            yield "new_onward", name


def _retention_differences(pair: _FiledExport) -> Iterator[tuple[str, str]]:
    was, now = pair.filing.retention_days, pair.export.flow.retention_days
    if was is not None and now is not None and now > was:
        yield "longer_retention", f"{was} → {now}"


def _person_differences(pair: _FiledExport) -> Iterator[tuple[str, str]]:
    counters = (
        ("individuals", pair.filing.persons, pair.export.persons),
        ("sensitive_individuals", pair.filing.sensitive, pair.export.sensitive),
    )
    for counter, approved, now in counters:
        if approved is not None and (code := _excess(approved, now)):
            yield code, f"{counter}: {approved:,} → {now.best:,}"


def _excess(approved: int, now: Estimate) -> str:
    """How far persons are over the number that was approved; empty: they are not."""
    if now.low * 100 > approved * 120:
        return "over_120"
    if now.low > approved:
        return "over_approved"
    return "may_be_over" if now.high is None or now.high > approved else ""


def _validity_differences(pair: _FiledExport) -> Iterator[tuple[str, str]]:
    until = pair.filing.valid_until
    if until is None:
        return
    if until < pair.as_of:
        yield "expired", str(until)
    elif (until - pair.as_of).days <= SOON_DAYS:
        yield "expires_soon", str(until)


DIFFERENCE_RULES: tuple[DifferenceRule, ...] = (  # in the order in which differences are shown
    _recipient_differences, _purpose_differences, _mode_differences, _new_fields, _possible_fields,
    _missing_items,
    _onward_recipient_differences, _retention_differences, _person_differences,
    _validity_differences,
)
