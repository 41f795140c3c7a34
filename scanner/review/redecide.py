"""Decide again without reading data: from the last report's histograms, or from facts in a file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from detectors.errors import ConfigError
from detectors.message import Msg
from detectors.model import ColumnId
from mappings import notes
from mappings.deadlines import list_deadlines
from mappings.decision import Circumstances
from mappings.flow_report import FlowReport
from mappings.model import Flow
from mappings.necessity import with_answer
from mappings.regrade import regrade_flows
from mappings.rules import in_force
from mappings.stated import entity_of_facts, flows_of_facts, group_of_facts
from mappings.taxonomy import load_taxonomy
from reports.model import Report, Run
from reports.reviews.apply import apply_reviews
from reports.reviews.collection import Reviews
from reports.reviews.owners import with_owners
from scanner.config.model import Config
from scanner.count import decided_report
from scanner.count.flow import field_answers_of
from scanner.gather.inherit import primary_findings
from scanner.gather.table_catalogue import COLUMN, Entity, pick
from scanner.records.answers import FieldReply
from scanner.records.stated_facts import check_answers, read_stated_facts, with_flow_facts
from scanner.state import store
from scanner.state.version import VERSION
from scanner.workspace import Workspace


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Answers to try, and fields to drop or to send in a weaker form."""

    answers: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    weaken: tuple[str, ...] = ()


def parsed(text: str) -> WhatIf:
    """`ciio=yes,drop=crm/member/id_no,weaken=member/born`; ConfigError for anything else."""
    answers: dict[str, str] = {}
    changes: dict[str, list[str]] = {"drop": [], "weaken": []}
    for part in text.split(","):
        if not part.strip():
            continue
        name, eq, value = (x.strip() for x in part.partition("="))
        if not eq or not value:
            raise ConfigError(
                Msg('"{text}" is no answer', text=part),
                where="--what-if",
                hint=Msg("--what-if ciio=yes,drop=crm/member/id_no"),
            )
        if name in changes:
            changes[name].append(value)
        elif answers.get(name, value) != value:
            raise ConfigError(
                Msg(
                    '"{fact}" is answered twice, with "{value}" and "{other}"',
                    fact=name, value=answers[name], other=value,
                ),
                where="--what-if",
            )
        else:
            answers[name] = value
    return WhatIf(answers, tuple(changes["drop"]), tuple(changes["weaken"]))


def now(workspace: Workspace) -> Report:
    """The last scan of a folder decided by today's configuration, answers and reviews."""
    return again(store.last(workspace.folder), workspace, WhatIf(), None, workspace.reviews)


def again(
    previous: Report, workspace: Workspace | None, what_if: WhatIf, as_of: date | None, decided: Reviews | None = None
) -> Report:
    """The previous report decided anew: with today's configuration and reviews, other answers or fields, or as on another day."""
    day = as_of or previous.run.as_of
    config = workspace.config if workspace is not None and workspace.configured else None
    if decided is not None:
        previous = reviewed_report(previous, decided, day)
    if config is not None:
        previous = replace(with_owners(previous, config.owners), gradings=config.gradings)
    rules = in_force(day)
    check_answers(what_if.answers, rules)
    stated = config.facts if config is not None else previous.facts.get("exporter", {})
    own = workspace.entity_facts if workspace is not None else {}
    values = {**stated, **what_if.answers}
    now = {f.id: f for f in config.flows} if config is not None else {}
    replies = workspace.field_replies if workspace is not None else ()
    if config is not None:
        _unseen(previous, config)
        previous = replace(previous, deadlines=list_deadlines(config.filings, values, rules, day))
    flows = tuple(_refreshed_flow(f, now.get(f.flow.id), replies, what_if.answers) for f in previous.flows)
    report = replace(previous, flows=flows, run=replace(previous.run, as_of=day, rulesets=(rules.id,)))
    if what_if.drop or what_if.weaken:
        dropped = _columns(report, what_if.drop, Msg("drop"))
        report = decided_report.change_report(report, dropped, _columns(report, what_if.weaken, Msg("weaken")))
    own = {e: {**told, **what_if.answers} for e, told in own.items()}
    found = decided_report.decide_report(
        report, Circumstances(rules, day, values, own, filed=workspace.past_filings if workspace is not None else ())
    )
    return replace(found, facts={**previous.facts, "exporter": values, **own})


def reviewed_report(report: Report, decided: Reviews, as_of: date) -> Report:
    """The report with its columns as people decide them now; persons follow from the histograms; a note where they cannot."""
    now = apply_reviews(report, decided, load_taxonomy(profile=report.profile), as_of)
    flows, entities = regrade_flows(report.flows, report.exporter, primary_findings(report), primary_findings(now))
    return replace(now, flows=flows, exporter=entities)


def _unseen(previous: Report, config: Config) -> None:
    """ConfigError when a flow names a column the last scan did not see: what is gone or new cannot be counted without reading."""
    seen = sorted({c.id for t in previous.tables for c in t.columns})
    for flow in config.flows:
        for word in flow.fields:
            if seen and not any(c in "*?[" for c in word):
                try:
                    pick(word, seen, COLUMN)
                except ConfigError as e:
                    raise ConfigError(
                        Msg(
                            'flow "{id}" names "{word}", which the last scan did not see',
                            id=flow.id,
                            word=word,
                        ),
                        where=config.file,
                        hint=Msg("{said} or scan again", said=e.hint) if e.hint else Msg("or scan again"),
                    ) from None


def _refreshed_flow(f: FlowReport, current: Flow | None, replies: Sequence[FieldReply], answers: Mapping[str, str]) -> FlowReport:
    """Claim, mode, facts, subject group and answers on fields may change without a new scan; what leaves may not."""
    flow = f.flow
    if current is not None:
        flow = replace(flow, **{k: getattr(current, k) for k in ("mode", "claim", "facts", "subject_group", "status", "since", "onward")})
        if (current.fields, current.view, current.sql, current.where) != (flow.fields, flow.view, flow.sql, flow.where):
            f = replace(f, count_notes=tuple(dict.fromkeys((*f.count_notes, notes.CHANGED_SINCE))))
    flow = replace(flow, facts={**flow.facts, **answers})
    given = field_answers_of(flow.id, f.columns, replies)
    return replace(f, flow=flow, fields=tuple(with_answer(v, given.get(v.column)) for v in f.fields))


def _columns(report: Report, words: Sequence[str], act: Msg) -> dict[str, set[ColumnId]]:
    """Columns named by the end of their ids, in every flow that has them; ConfigError with the nearest when no flow has one."""
    known = sorted({c for f in report.flows for c in f.columns})
    out: dict[str, set[ColumnId]] = {}
    field_to_change = Entity(
        lambda word: Msg('no field to {act} "{name}" was found', act=act, name=word),
        lambda word: Msg('field to {act} "{name}" is ambiguous', act=act, name=word),
    )
    for word in words:
        column = ColumnId(pick(word, known, field_to_change))
        for f in report.flows:
            if column in f.columns:
                out.setdefault(f.flow.id, set()).add(column)
    return out


def from_facts(path: Path, what_if: WhatIf, as_of: date | None) -> Report:
    """A report with flows only, decided from a facts file."""
    if what_if.drop or what_if.weaken:
        raise ConfigError(
            Msg("drop and weaken need a scan"),
            where="--what-if",
            hint=Msg("chujing decide --what-if drop=..., without --facts"),
        )
    day = as_of or date.today()
    stated = read_stated_facts(path, in_force(day), {}, day)
    day = as_of or (stated.facts[0].as_of if stated.facts else day)
    rules = in_force(day)
    check_answers(what_if.answers, rules)
    given = {f.entity: replace(with_flow_facts(f, what_if.answers) if what_if.answers else f, as_of=day) for f in stated.facts}
    if len(given) > 1:
        group = group_of_facts(list(given.values()))
        given = {e: replace(f, group=group) for e, f in given.items()}
    moment = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    name = hashlib.sha256(f"{moment}{path}".encode()).hexdigest()[:8]
    run = Run(f"facts-{name}", moment, moment, day, VERSION, 0, (rules.id,), (), "")
    flows = tuple(f for facts in given.values() for f in flows_of_facts(facts, stated.flows))
    report = Report(run, (), (), flows, tuple(entity_of_facts(f) for f in given.values()))
    found = decided_report.decide_report(report, Circumstances(rules, day, {}, stated=given))
    return replace(found, facts={"exporter": dict(next(iter(given.values())).values)} if given else {})
