"""Listing and recording answers: facts in order of effect, and what people say of fields."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from detectors.errors import ConfigError, StateError, nearest
from detectors.message import Msg
from mappings.flow_report import FlowReport
from mappings.model import FieldVerdict, Question
from mappings.rules import load_ruleset
from mappings.workbooks import open_workbook
from reports.messages.render import render
from reports.messages.words import join_list, t
from reports.model import Report
from reports.wording.decision import answer_words
from reports.wording.flow import ready_words
from reports.wording.titles import purpose_words
from scanner.config.facts import check_fact
from scanner.gather.table_catalogue import Entity, pick
from scanner.records import answers, audit
from scanner.review import redecide
from scanner.state import store
from scanner.workspace import Workspace

FLOW_FIELD = Entity(
    lambda word: Msg('no field of the flow "{name}" was found', name=word),
    lambda word: Msg('field of the flow "{name}" is ambiguous', name=word),
)


def _last(base: Path) -> Report | None:
    try:
        return store.last(base)
    except StateError:
        return None


def listed(workspace: Workspace, lang: str) -> Iterator[str]:
    """Open facts in order of effect, from the last scan as it stands now; then the known ones."""
    if _last(workspace.folder) is not None:
        now = redecide.now(workspace)
        if now.questions:
            yield t("questions", lang)
            for i, q in enumerate(now.questions, 1):
                yield from question_lines(i, q, lang)
    config = workspace.config
    if not workspace.configured:
        return
    facts = load_ruleset().raw["facts"]
    yield t("facts.known", lang)
    for name, value in sorted(config.facts.items()):
        told = config.fact_provenance.get(name, {})
        who = ", ".join(x for x in (told.get("by", ""), told.get("on", ""), told.get("how", "")) if x)
        ask = facts[name]["ask" if lang == "zh" else "ask_en"]
        yield f"  {name} = {value}  {ask}  {'(' + who + ')' if who else ''}".rstrip()
    for scope, found in [*((e, f) for e, f in workspace.entity_facts.items()), *((f.id, f.facts) for f in config.flows)]:
        for name, value in sorted(found.items()):
            yield f"  [{scope}] {name} = {value}"


def question_lines(number: int, q: Question, lang: str) -> Iterator[str]:
    """A question with what each answer leads to and how one may know."""
    scope = f" [{q.scope}]" if q.scope else ""
    yield f"  {number}. {q.fact}{scope}  {render(q.ask, lang)}"
    yield from ("     " + words for words in answer_words(q, lang))
    yield f"     {t('question.how', lang)}{t('list.colon', lang)}{render(q.how, lang)}"


def answer_facts(workspace: Workspace, said: Sequence[str], by: str, how: str, flow: str, entity: str, on: date) -> Path:
    """Record facts; ConfigError for what is not known, in the wrong form, or contradicts chujing.yaml."""
    base, config = workspace.folder, workspace.config
    if flow:
        answers.require_flow(flow, (f.id for f in config.flows), config.file)
    if entity and entity not in config.entities:
        raise ConfigError(
            Msg('entity "{name}" is not under exporter', name=entity),
            where=config.file,
            hint=nearest(entity, config.entities),
        )
    recorded = {(a.fact, a.entity, a.flow) for a in workspace.answers.facts}
    entries: list[dict[str, object]] = []
    for part in said:
        name, eq, value = (x.strip() for x in part.partition("="))
        if not eq or not value:
            raise ConfigError(
                Msg('"{text}" is no answer', text=part), hint=Msg("chujing facts set ciio=no --by NAME")
            )
        check_fact(name, value, "facts set")
        own = (
            next((f.facts for f in config.flows if f.id == flow), {})
            if flow
            else workspace.entity_facts.get(entity, {})
            if entity
            else config.facts
        )
        if own.get(name, "unknown") not in ("unknown", value) and (name, entity, flow) not in recorded:
            raise ConfigError(
                Msg('"{fact}" is "{value}" in chujing.yaml', fact=name, value=own[name]),
                where=config.file,
                hint=Msg("change or remove it there"),
            )
        entries.append({"fact": name, "value": value, **({"flow": flow} if flow else {}), **({"entity": entity} if entity else {}),
                        "by": by, "on": on, **({"how": how} if how else {})})
    path = answers.append(base, entries)
    audit.append_act(base, "facts set", ", ".join(said) + (f" [{flow or entity}]" if flow or entity else ""), by, store.last_id(base))
    return path


def _report_of(flow: str, base: Path) -> FlowReport:
    last = _last(base)
    if last is None:
        raise ConfigError(
            Msg("no scan is remembered here"), where=str(base), hint=Msg("chujing scan -c chujing.yaml first")
        )
    found = {f.flow.id: f for f in last.flows}
    return found[answers.require_flow(flow, found, Msg("the last scan"))]


def answer_fields(workspace: Workspace, kind: str, flow: str, fields: Sequence[tuple[str, str]], by: str, on: date) -> Path:
    """Record what was decided about fields, by their full ids. fields: (end of an id, why)."""
    base, config = workspace.folder, workspace.config
    answers.require_flow(flow, (f.id for f in config.flows), config.file)
    columns = list(_report_of(flow, base).columns)
    entries = [{"flow": flow, "field": pick(word, columns, FLOW_FIELD), "answer": kind, "why": why, "by": by, "on": on}
               for word, why in fields]
    path = answers.append(base, entries)
    audit.append_act(
        base, f"fields {kind}", f"{flow}: {', '.join(str(e['field']) for e in entries)}", by, store.last_id(base)
    )
    return path


def field_list(file: Path) -> list[tuple[str, str]]:
    """(field, basis) rows of a CSV or XLSX with these two columns, named in English or Chinese."""
    xlsx = file.suffix.lower() == ".xlsx"
    rows = [list(r) for r in open_workbook(file, ConfigError).worksheets[0].iter_rows(values_only=True)] if xlsx else _csv(file)
    if not rows:
        raise ConfigError(Msg("no rows"), where=str(file))
    heads = [str(h or "").strip().lower() for h in rows[0]]
    places = [
        next((i for i, h in enumerate(heads) if h in names), None) for names in (("field", "字段", "数据项"), ("basis", "依据", "条款"))
    ]
    if None in places:
        raise ConfigError(Msg("the columns field and basis (字段, 依据) are needed"), where=f"{file}:1")
    at, why = (p for p in places if p is not None)
    found = [(str(r[at]).strip(), str(r[why] or "").strip()) for r in rows[1:] if len(r) > max(at, why) and r[at] and str(r[at]).strip()]
    for i, (_, basis) in enumerate(found, 2):
        if not basis:
            raise ConfigError(
                Msg("a field without its basis"),
                where=f"{file}:{i}",
                hint=Msg("say where the company's rules name it"),
            )
    return found


def _csv(file: Path) -> list[list[str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as f:
            return list(csv.reader(f))
    except (OSError, UnicodeDecodeError, csv.Error):
        raise ConfigError(Msg("cannot be read as UTF-8 CSV"), where=str(file)) from None


def fields_of(flow: str, workspace: Workspace, lang: str) -> Iterator[str]:
    """The fields of a flow as they stand now, and what stands before a filing."""
    flows = {f.flow.id: f for f in redecide.now(workspace).flows}
    found = flows[answers.require_flow(flow, flows, Msg("the last scan"))]
    why = found.flow.purpose
    yield f"{flow}  {t('purpose', lang)}" + (f"：{purpose_words(why, lang)}" if lang == "zh" else f": {why}")
    for v in found.fields:
        yield from field_lines(v, lang)
    yield "  " + ready_words(found, lang)


def field_lines(v: FieldVerdict, lang: str) -> Iterator[str]:
    """A field's verdict, the reason, what was measured and who answered."""
    reason = render(v.reason, lang)
    yield f"  {v.column}  {t('verdict.' + v.verdict, lang)}  {reason}  ({v.source} [{t(v.confidence_of_source, lang)}])"
    if v.criteria:
        yield "      " + join_list((t(f"criterion.{c}", lang) for c in v.criteria), "names", lang)
    for sign in v.signs:
        yield "      " + render(sign, lang)
    if v.weaker:
        yield "      " + t("weaker", lang, form=render(v.weaker, lang))
    if v.answer is not None:
        yield "      " + t(f"field_answer.{v.answer.answer}", lang, why=v.answer.why, by=v.answer.by, on=v.answer.on)
