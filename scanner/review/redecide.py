"""Decide again without reading data: from the last report's histograms, or from facts in a file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from math import inf
from pathlib import Path
from typing import TypeVar

from detectors.errors import ConfigError
from detectors.message import Msg
from detectors.model import ColumnId
from mappings.counts import bound_union
from mappings.deadlines import list_deadlines
from mappings.decision import Circumstances
from mappings.flow_report import UNDECIDED, EntityReport, FlowReport, Union
from mappings.model import Assessed, Estimate, Facts, Flow, FlowCount
from mappings.necessity import judge_fields, load_purpose, with_answer
from mappings.rules import in_force
from mappings.taxonomy import load_taxonomy
from reports.model import Report, Run
from reports.reviews.queue import owned
from reports.reviews.verdicts import Reviews, of_report
from scanner.config.model import Config
from scanner.count import decided_report
from scanner.count.flow import field_answers_of
from scanner.gather.flow_columns import pick
from scanner.gather.inherit import primary_findings
from scanner.records.answers import FieldReply
from scanner.records.stated_facts import check_answers, read_stated_facts, with_flow_facts
from scanner.state import store
from scanner.state.version import VERSION
from scanner.workspace import Workspace

Counts = TypeVar("Counts", FlowReport, FlowCount)


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
            raise ConfigError(f'"{name}" is answered twice, with "{answers[name]}" and "{value}"', where="--what-if")
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
        previous = reviewed(previous, decided, day)
    if config is not None:
        previous = replace(owned(previous, config.owners), gradings=config.gradings)
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
    flows = tuple(_refreshed(f, now.get(f.flow.id), replies, what_if.answers) for f in previous.flows)
    report = replace(previous, flows=flows, run=replace(previous.run, as_of=day, rulesets=(rules.id,)))
    if what_if.drop or what_if.weaken:
        report = decided_report.changed(report, _columns(report, what_if.drop, "drop"), _columns(report, what_if.weaken, "weaken"))
    own = {e: {**told, **what_if.answers} for e, told in own.items()}
    found = decided_report.decided(
        report, Circumstances(rules, day, values, own, filed=workspace.past_filings if workspace is not None else ())
    )
    return replace(found, facts={**previous.facts, "exporter": values, **own})


def reviewed(report: Report, decided: Reviews, as_of: date) -> Report:
    """The report with its columns as people decide them now; persons follow from the histograms; a note where they cannot."""
    now = of_report(report, decided, load_taxonomy(profile=report.profile), as_of)
    was, are = primary_findings(report), primary_findings(now)
    changed = {c for c in {*was, *are} if _meaning(was.get(c)) != _meaning(are.get(c))}
    if not changed:
        return now
    flows = {f.flow.id: f for f in report.flows}
    mine = {i: changed & set(f.columns) for i, f in flows.items()}
    drop = {i: {c for c in columns if _meaning(are.get(c)) is None} for i, columns in mine.items()}
    kinds = {i: {c: are[c].sensitive for c in columns - drop[i] if c in was and was[c].sensitive != are[c].sensitive}
             for i, columns in mine.items()}
    found = decided_report.rejudged(now, drop, kinds)
    exporter = tuple(
        replace(e, unions=tuple(replace(u, count=_noted(v.count, u.count)) for u, v in zip(e.unions, before.unions, strict=True)))
        for e, before in zip(found.exporter, report.exporter, strict=True)
    )
    return replace(found, exporter=exporter, flows=tuple(
        _noted(flows[f.flow.id], _renamed(f, flows[f.flow.id], mine[f.flow.id], was, are)) for f in found.flows))


def _noted(was: Counts, now: Counts) -> Counts:
    """Counts of a flow or a union, marked where reviews left wider bounds than were counted."""
    names = [n for n in ("individuals", "sensitive", "sensitive_individuals", "minors", "ordinary", "ordinary_only") if hasattr(now, n)]
    pairs = {n: (old, e) for n in names if (e := getattr(now, n)) is not None and (old := getattr(was, n)) is not None}
    return replace(now, **{n: replace(e, note="reviewed" if _wide(e) > _wide(old) else old.note) for n, (old, e) in pairs.items()})


def _wide(e: Estimate) -> float:
    return inf if e.high is None else e.high - e.low


def _meaning(a: Assessed | None) -> tuple[str, str] | None:
    """Label and sensitivity of personal information; None where it is none."""
    return (a.finding.label, a.sensitive) if a is not None and a.finding.kind == "personal_information" else None


def _renamed(
    f: FlowReport, before: FlowReport, columns: set[ColumnId], was: Mapping[ColumnId, Assessed], are: Mapping[ColumnId, Assessed]
) -> FlowReport:
    """The flow with all its columns still there, and its fields judged by their new labels."""
    if not columns:
        return f
    purpose = load_purpose(f.flow.purpose)
    anew = {v.column: v for v in judge_fields([are[c] for c in sorted(columns) if c in are], purpose)}
    kept = {v.column: replace(anew[v.column], signs=v.signs) if v.column in anew else v for v in before.fields
            if v.column not in columns or v.column in anew}
    counted = {c for c, _, _ in before.tally.fields} if before.tally is not None else set()
    unseen = any(_meaning(was.get(c)) is None and c not in counted for c in columns)
    notes = dict.fromkeys((*f.count_notes, *(("reviewed_since",) if unseen else ())))
    return replace(f, columns=before.columns, fields=tuple((kept | anew).values()), count_notes=tuple(notes))


def _unseen(previous: Report, config: Config) -> None:
    """ConfigError when a flow names a column the last scan did not see: what is gone or new cannot be counted without reading."""
    seen = sorted({c.id for t in previous.tables for c in t.columns})
    for flow in config.flows:
        for word in flow.fields:
            if seen and not any(c in "*?[" for c in word):
                try:
                    pick(word, seen, "column")
                except ConfigError as e:
                    raise ConfigError(
                        Msg(
                            'flow "{id}" names "{word}", which the last scan did not see',
                            id=flow.id,
                            word=word,
                        ),
                        where=config.file,
                        hint=f"{e.hint} or scan again".strip(),
                    ) from None


def _refreshed(f: FlowReport, current: Flow | None, replies: Sequence[FieldReply], answers: Mapping[str, str]) -> FlowReport:
    """Claim, mode, facts, subject group and answers on fields may change without a new scan; what leaves may not."""
    flow = f.flow
    if current is not None:
        flow = replace(flow, **{k: getattr(current, k) for k in ("mode", "claim", "facts", "subject_group", "status", "since", "onward")})
        if (current.fields, current.view, current.sql, current.where) != (flow.fields, flow.view, flow.sql, flow.where):
            f = replace(f, count_notes=tuple(dict.fromkeys((*f.count_notes, "changed_since"))))
    flow = replace(flow, facts={**flow.facts, **answers})
    given = field_answers_of(flow.id, f.columns, replies)
    return replace(f, flow=flow, fields=tuple(with_answer(v, given.get(v.column)) for v in f.fields))


def _columns(report: Report, words: Sequence[str], what: str) -> dict[str, set[ColumnId]]:
    """Columns named by the end of their ids, in every flow that has them; ConfigError with the nearest when no flow has one."""
    known = sorted({c for f in report.flows for c in f.columns})
    out: dict[str, set[ColumnId]] = {}
    for word in words:
        column = ColumnId(pick(word, known, f"field to {what}"))
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
        group = bound_union([c for f in given.values() for c in _total(f)])
        given = {e: replace(f, group=group) for e, f in given.items()}
    moment = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    name = hashlib.sha256(f"{moment}{path}".encode()).hexdigest()[:8]
    run = Run(f"facts-{name}", moment, moment, day, VERSION, 0, (rules.id,), (), "")
    report = Report(run, (), (), tuple(_flow(f, i, stated.flows) for f in given.values() for i in range(len(f.flows))),
                    tuple(_entity(f) for f in given.values()))
    found = decided_report.decided(report, Circumstances(rules, day, {}, stated=given))
    return replace(found, facts={"exporter": dict(next(iter(given.values())).values)} if given else {})


def _total(facts: Facts) -> list[FlowCount]:
    whole = tuple(sorted(f.id for f in facts.flows))
    return [facts.unions[whole]] if whole in facts.unions else [f.count for f in facts.flows]


def _flow(facts: Facts, i: int, flows: Mapping[str, Flow]) -> FlowReport:
    given = facts.flows[i]
    c = given.count
    return FlowReport(replace(flows[given.id], facts=given.facts), c.individuals, c.sensitive, c.minors, (), (), UNDECIDED, declared=True,
                      ordinary=c.ordinary, ordinary_only=c.ordinary_only, strict=c.strict)


def _entity(facts: Facts) -> EntityReport:
    nobody = Estimate.exactly(0)
    return EntityReport(facts.entity, nobody, nobody, UNDECIDED, tuple(f.id for f in facts.flows),
                        unions=tuple(Union(ids, count) for ids, count in facts.unions.items()), group=facts.group)
