"""Decide again without reading data: from the last report's histograms, or from facts in a file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.errors import ConfigError
from detectors.message import Msg
from detectors.model import ColumnId
from detectors.renamed import old_names
from mappings import notes
from mappings.deadlines import list_deadlines
from mappings.decision import Circumstances
from mappings.flow_report import FlowReport
from mappings.later_entries import is_later, with_earlier_ledger, with_ledger_of_day
from mappings.ledger_entries import LedgerEntry, entries_until
from mappings.model import Facts, Flow
from mappings.necessity import with_answer
from mappings.regrade import ColumnFindings, regrade_flows
from mappings.rules import RuleSet, in_force
from mappings.stated import entity_of_facts, flows_of_facts, group_of_facts
from reports.column_findings import findings_of_columns
from reports.model import Report, Run
from reports.reviews.apply import ReviewedScan
from reports.reviews.collection import Reviews
from reports.reviews.owners import with_owners
from scanner.config.answer_words import value_of
from scanner.config.model import Config
from scanner.count import decided_report, ledger
from scanner.gather.table_catalogue import COLUMN, Entity, pick_id
from scanner.records.answers import FieldReply, field_answers_of
from scanner.records.stated_facts import check_answers, read_stated_facts, with_flow_facts
from scanner.state import store
from scanner.state.version import VERSION
from scanner.workspace import Workspace

# what may change of a flow without a new scan; which columns and rows it exports may not
CHANGEABLE = (
    "mode", "claim", "facts", "subject_group", "status", "since", "until", "onward", "recipient",
)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Answers to try, and fields to drop or to send in a weaker form."""

    answers: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    weaken: tuple[str, ...] = ()


def parse_what_if(text: str) -> WhatIf:
    """Return what `ciio=yes,drop=crm/member/id_no,weaken=member/born` asks for.

    Raise ConfigError for anything else.
    """
    answers: dict[str, str] = {}
    fields: dict[str, list[str]] = {"drop": [], "weaken": []}
    for part in text.split(","):
        if not part.strip():
            continue
        name, equals, value = (x.strip() for x in part.partition("="))
        if not equals or not value:
            raise ConfigError(
                Msg('"{text}" is no answer', text=part),
                where="--what-if",
                hint=Msg("--what-if ciio=yes,drop=crm/member/id_no"),
            )
        if name in fields:
            fields[name].append(value)
            continue
        value = value_of(name, value)
        if answers.setdefault(name, value) != value:
            raise ConfigError(
                Msg(
                    '"{fact}" is answered twice, with "{value}" and "{other}"',
                    fact=name, value=answers[name], other=value,
                ),
                where="--what-if",
            )
    return WhatIf(answers, tuple(fields["drop"]), tuple(fields["weaken"]))


# ---- from the last scan


def decide_today(
    workspace: Workspace, whole: store.WholeTables | None = None, day: date | None = None,
    reviewed: ReviewedScan | None = None,
) -> Report:
    """Return the last scan of a folder decided by today's configuration, answers and reviews.

    whole: as for `store.last`; decisions need no table whole. day: whose rules count; None: that of the scan.
    reviewed: the same scan with the same reviews, where they were applied before.
    """
    last = store.last(workspace.folder, workspace.config_name, whole)
    return decide_again(last, workspace, WhatIf(), day, reviewed or workspace.reviews)


def decide_again(
    previous: Report,
    workspace: Workspace | None,
    what_if: WhatIf,
    as_of: date | None,
    reviews: Reviews | ReviewedScan | None = None,
) -> Report:
    """Return a report decided anew.

    workspace: whose configuration and answers count instead of the report's. as_of: the day whose rules
    count; None: the report's. reviews: all of them, or as they were applied before. Raise ConfigError for an
    answer or field that is not known, and where the configuration names columns that the last scan did not
    read.
    """
    day = as_of or previous.run.as_of
    rules = in_force(day)
    workspace = workspace or Workspace()
    report = with_reviews(previous, reviews, day) if reviews is not None else previous
    check_answers(what_if.answers, rules)
    values = {**previous.facts.get("exporter", {}), **what_if.answers}
    if workspace.configured:
        values = {**workspace.config.facts, **what_if.answers}
        _check_scanned_fields(report, workspace.config)
        report = _with_configuration(report, workspace.config, values, rules, day)
    if workspace.configured:
        report = _with_ledger_of_today(report, workspace, day)
    report = replace(
        report,
        flows=_with_current_flows(report.flows, workspace, what_if.answers),
        run=replace(report.run, as_of=day, rulesets=(rules.id,)),
    )
    if what_if.drop or what_if.weaken:
        drop = _columns_by_flow(report, what_if.drop, Msg("drop"))
        weaken = _columns_by_flow(report, what_if.weaken, Msg("weaken"))
        report = decided_report.change_report(report, drop, weaken)
    own = {entity: {**facts, **what_if.answers} for entity, facts in workspace.entity_facts.items()}
    circumstances = Circumstances(
        rules, day, values, own, filed=workspace.past_filings,
        filings=workspace.config.filings if workspace.configured else (),
        knows_filings=workspace.configured,
        origins={key: who for key, who in workspace.origins.items() if key[1] not in what_if.answers},
    )
    report = decided_report.decide_report(report, circumstances)
    return replace(report, facts={**previous.facts, "exporter": values, **own})


def _with_ledger_of_today(report: Report, workspace: Workspace, day: date) -> Report:
    """Return a report with the ledger of the day: with what was entered since its scan, without what left
    later.
    """
    scan_day, newest = report.run.as_of, ledger.newest_entry(workspace.folder, day.year)
    is_newer = newest and datetime.fromisoformat(newest) >= _second(report.run.finished)
    if day == scan_day and not is_newer:
        return report
    if day.year != scan_day.year:
        entries = _entries_of_year(workspace, day, newest)
        flows, entities = with_earlier_ledger(report.flows, report.exporter, entries)
    else:
        every = _entries_of_year(workspace, date(day.year, 12, 31), newest)
        scanned = [e for e in entries_until(every, scan_day) if not is_later(e, report.run.finished)]
        flows, entities = with_ledger_of_day(
            report.flows, report.exporter, entries_until(every, day), scanned
        )
    return replace(report, flows=flows, exporter=entities)


def _entries_of_year(workspace: Workspace, day: date, newest: str) -> list[LedgerEntry]:
    """Return the entries of a year up to a day. newest: moment of its newest one; empty: there is none."""
    if not newest:
        return []
    key, _ = workspace.year_key(day.year)
    return entries_until(ledger.read_entries(workspace.folder, key, day.year), day)


def _second(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(microsecond=0)


def with_reviews(report: Report, reviews: Reviews | ReviewedScan, as_of: date) -> Report:
    """Return a report with its columns as people decide them now.

    Persons follow from the histograms; a note says where they cannot. reviews: all of them, or as they were
    applied before, to this report on this day or to another.
    """
    scan = reviews if isinstance(reviews, ReviewedScan) else ReviewedScan.of(report, reviews, as_of)
    if scan.read is not report or scan.day != as_of and scan.reviews:
        scan = ReviewedScan.of(report, scan.reviews, as_of)
    reviewed = scan.report
    then = now = ColumnFindings(*findings_of_columns(report))
    if any(after is not before for before, after in zip(report.tables, reviewed.tables, strict=True)):
        now = ColumnFindings(*findings_of_columns(reviewed))
    flows, entities = regrade_flows(report.flows, report.exporter, then, now)
    return replace(reviewed, flows=flows, exporter=entities)


def _with_configuration(
    report: Report, config: Config, facts: Mapping[str, str], rules: RuleSet, day: date
) -> Report:
    """Return a report with today's owners, gradings and dates of filings."""
    deadlines = list_deadlines(config.filings, facts, rules, day, config.flows)
    return replace(with_owners(report, config.owners), gradings=config.gradings, deadlines=deadlines)


def _check_scanned_fields(report: Report, config: Config) -> None:
    """Raise ConfigError when a flow names a column that the last scan did not read.

    What is new or was dropped cannot be counted without reading.
    """
    columns = sorted({column.id for table in report.tables for column in table.columns})
    if not columns:
        return
    for flow in config.flows:
        for word in flow.fields:
            if not any(character in "*?[" for character in word):
                _check_scanned_field(word, flow, columns, config.file)


def _check_scanned_field(word: str, flow: Flow, columns: Sequence[ColumnId], file: str) -> None:
    try:
        pick_id(word, columns, COLUMN)
    except ConfigError as e:
        raise ConfigError(
            Msg('flow "{id}" names "{word}", which the last scan did not see', id=flow.id, word=word),
            where=file,
            hint=Msg("{said} or scan again", said=e.hint) if e.hint else Msg("or scan again"),
        ) from None


def _with_current_flows(
    reports: Sequence[FlowReport], workspace: Workspace, answers: Mapping[str, str]
) -> tuple[FlowReport, ...]:
    """Return flows as today's configuration describes them, where there is one."""
    current = {flow.id: flow for flow in workspace.config.flows} if workspace.configured else {}
    replies = workspace.field_replies
    return tuple(_with_current_flow(r, current.get(r.flow.id), replies, answers) for r in reports)


def _with_current_flow(
    report: FlowReport, current: Flow | None, replies: Sequence[FieldReply], answers: Mapping[str, str]
) -> FlowReport:
    """Return a flow with what may change without a new scan, and with the answers on its fields.

    A note says where the columns or rows that it exports are defined otherwise by now.
    """
    flow = report.flow
    if current is not None:
        flow = replace(flow, **{name: getattr(current, name) for name in CHANGEABLE})
        if any(getattr(current, name) != getattr(flow, name) for name in ("fields", "view", "sql", "where")):
            count_notes = tuple(dict.fromkeys((*report.count_notes, notes.CHANGED_SINCE)))
            report = replace(report, count_notes=count_notes)
    flow = replace(flow, facts={**flow.facts, **answers})
    by_column = field_answers_of(flow.id, report.columns, replies)
    fields = tuple(with_answer(verdict, by_column.get(verdict.column)) for verdict in report.fields)
    possible = tuple(
        replace(p, verdict=with_answer(p.verdict, by_column.get(p.column))) if p.verdict is not None else p
        for p in report.possible
    )
    return replace(report, flow=flow, fields=fields, possible=possible)


def _columns_by_flow(report: Report, words: Sequence[str], act: Msg) -> dict[str, set[ColumnId]]:
    """Return, by flow, the columns that words name by the end of their ids.

    Raise ConfigError with the nearest when no flow has one. act: what is to be done with them, for the error.
    """
    exported = sorted({column for flow in report.flows for column in flow.columns})
    entity = Entity(
        lambda word: Msg('no field to {act} "{name}" was found', act=act, name=word),
        lambda word: Msg('field to {act} "{name}" is ambiguous', act=act, name=word),
    )
    by_flow: dict[str, set[ColumnId]] = {}
    for word in words:
        column = ColumnId(pick_id(word, exported, entity))
        for flow in report.flows:
            if column in flow.columns:
                by_flow.setdefault(flow.flow.id, set()).add(column)
    return by_flow


# ---- from stated facts


def decide_stated(path: Path, what_if: WhatIf, as_of: date | None) -> Report:
    """Return a report of flows only, decided from a file of facts.

    as_of: the day whose rules count; None: the day that the file names, else today. Raise ConfigError for a
    fault in the file, and for fields to drop or weaken, which need a scan.
    """
    if what_if.drop or what_if.weaken:
        raise ConfigError(
            Msg("drop and weaken need a scan"),
            where="--what-if",
            hint=Msg("chujing decide --what-if drop=..., without --facts"),
        )
    today = as_of or date.today()
    stated = read_stated_facts(path, in_force(today), {}, today)
    day = as_of or (stated.facts[0].as_of if stated.facts else today)
    rules = in_force(day)
    check_answers(what_if.answers, rules)
    facts = _with_group(
        {
            f.entity: replace(with_flow_facts(f, what_if.answers) if what_if.answers else f, as_of=day)
            for f in stated.facts
        }
    )
    report = Report(
        _run_of_facts(path, day, rules),
        (),
        (),
        tuple(flow for f in facts.values() for flow in flows_of_facts(f, stated.flows, stated.exported)),
        tuple(entity_of_facts(f) for f in facts.values()),
    )
    report = decided_report.decide_report(report, Circumstances(rules, day, {}, stated=facts))
    return replace(report, facts={"exporter": dict(next(iter(facts.values())).values)} if facts else {})


def _with_group(facts: Mapping[str, Facts]) -> Mapping[str, Facts]:
    """Return facts by entity; of several entities, with the persons of all of them together."""
    if len(facts) <= 1:
        return facts
    group = group_of_facts(list(facts.values()))
    return {entity: replace(f, group=group) for entity, f in facts.items()}


def _run_of_facts(path: Path, day: date, rules: RuleSet) -> Run:
    moment = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    id = hashlib.sha256(f"{moment}{path}".encode()).hexdigest()[:8]
    return Run(f"facts-{id}", moment, moment, day, VERSION, 0, (rules.id,), (), "")


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
