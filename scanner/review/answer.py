"""Listing and recording answers: facts in order of effect, and what people state about fields."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from detectors.errors import ConfigError, nearest
from detectors.input_files import open_input
from detectors.message import Msg
from detectors.model import ColumnId
from mappings.flow_report import FlowReport
from mappings.model import FieldVerdict, Question
from mappings.rules import load_ruleset
from mappings.workbooks import open_workbook
from reports.messages.render import render
from reports.messages.words import in_brackets, join_list, t
from reports.model import Report
from reports.wording.decision import answer_words
from reports.wording.facts import named_fact
from reports.wording.flow import obstacle_lines, ready_words
from reports.wording.subjects import OPEN_NOTES
from reports.wording.titles import purpose_words
from scanner.config.answer_words import fact_of, shown_value, value_of
from scanner.config.facts import OF_THE_COMPANY, check_fact, is_reading
from scanner.gather.table_catalogue import Entity, pick_id
from scanner.records import answers, audit
from scanner.review import redecide
from scanner.state import store
from scanner.workspace import Workspace

FLOW_FIELD = Entity(
    lambda word: Msg('no field of the flow "{name}" was found', name=word),
    lambda word: Msg('field of the flow "{name}" is ambiguous', name=word),
)
FIELD_HEADINGS = ("field", "字段", "数据项")           # headings of a list of fields
BASIS_HEADINGS = ("basis", "依据", "条款")
UNKNOWN_ANSWER = "unknown"
SOURCE_KEYS = ("by", "on", "how")


@dataclass(frozen=True, slots=True)
class AnswerSource:
    """Who answers, on which day, and how they know."""

    by: str
    on: date
    how: str = ""


def _last_report(workspace: Workspace) -> Report | None:
    if store.last_entry(workspace.folder, workspace.config_name) is None:
        return None
    return store.last(workspace.folder, workspace.config_name)


# ---- facts


def fact_lines(workspace: Workspace, lang: str) -> Iterator[str]:
    """Yield open facts in order of effect, from the last scan as it stands today, then the known ones."""
    if _last_report(workspace) is not None:
        report = redecide.decide_today(workspace)
        if report.questions:
            yield t("questions", lang)
            for number, question in enumerate(report.questions, 1):
                yield from _question_lines(number, question, lang)
        yield from _subject_lines(report, lang)
    else:
        yield t("questions.unscanned", lang)
    if workspace.configured:
        yield from _stated_fact_lines(workspace, lang)


def _subject_lines(report: Report, lang: str) -> Iterator[str]:
    """Yield what is open about whose keys are, with the line of chujing.yaml that settles it."""
    open_notes = dict.fromkeys(
        render(note, lang) for flow in report.flows for note in flow.count_notes
        if note.code in OPEN_NOTES
    )
    if open_notes:
        yield t("questions.subjects", lang)
        yield from (f"  {words}" for words in open_notes)


def _question_lines(number: int, question: Question, lang: str) -> Iterator[str]:
    """Yield a question, what each answer leads to, and how one may know."""
    scope = f" [{question.scope}]" if question.scope else ""
    title = named_fact(question.fact, lang)
    yield f"  {number}. {title}{scope}  {render(question.ask, lang)}"
    yield from ("     " + words for words in answer_words(question, lang))
    yield f"     {t('question.how', lang)}{t('list.colon', lang)}{render(question.how, lang)}"


def _stated_fact_lines(workspace: Workspace, lang: str) -> Iterator[str]:
    config, rules = workspace.config, load_ruleset()
    scopes = [*workspace.entity_facts.items(), *((flow.id, flow.facts) for flow in config.flows)]
    answered = [value for facts in (config.facts, *(own for _, own in scopes)) for value in facts.values()]
    yield t("facts.known", lang)
    if not {*answered} - {UNKNOWN_ANSWER}:
        yield f"  {t('facts.none', lang)}"
    for name, value in sorted(config.facts.items()):
        if value == UNKNOWN_ANSWER:           # it is among the open ones, where it matters
            continue
        source = config.fact_provenance.get(name, {})
        who = join_list((source[key] for key in SOURCE_KEYS if source.get(key)), "words", lang)
        question = render(rules.question(name, "", {}).ask, lang)
        yield f"  {_stated_words(name, value, lang)}  {question}{in_brackets(who, lang)}"
    for scope, facts in scopes:
        for name, value in sorted(facts.items()):
            if value != UNKNOWN_ANSWER:
                yield f"  [{scope}] {_stated_words(name, value, lang)}"


def _stated_words(name: str, value: str, lang: str) -> str:
    """Return an answer as it was typed; in Chinese in the words of the screen, with the code of the fact."""
    return f"{name} = {value}" if lang == "en" else f"{named_fact(name, lang)} = {shown_value(value, lang)}"


def answer_facts(
    workspace: Workspace, texts: Sequence[str], source: AnswerSource, flow: str = "", entity: str = ""
) -> Path:
    """Record facts and return the file of answers.

    texts: `fact=value`. flow, entity: what the facts are of; neither: the whole group. Raise ConfigError for
    one that is not known, has the wrong form or contradicts chujing.yaml.
    """
    folder, config = workspace.folder, workspace.config
    if flow:
        answers.require_flow(flow, (f.id for f in config.flows), config.file)
    if entity and entity not in config.entities:
        raise ConfigError(
            Msg('entity "{name}" is not under exporter', name=entity),
            where=config.file,
            hint=nearest(entity, config.entities),
        )
    recorded = {a.fact for a in workspace.answers.facts if (a.entity, a.flow) == (entity, flow)}
    stated = _stated_facts(workspace, flow, entity)
    entries: list[dict[str, object]] = []
    for text in texts:
        name, value = _parse_answer(text)
        if flow and is_reading(name):
            raise ConfigError(OF_THE_COMPANY, where="facts set", hint=Msg("without --flow"))
        if name not in recorded and stated.get(name, "unknown") not in ("unknown", value):
            raise ConfigError(
                Msg('"{fact}" is "{value}" in chujing.yaml', fact=name, value=stated[name]),
                where=config.file,
                hint=Msg("change or remove it there"),
            )
        scope = {key: id for key, id in (("flow", flow), ("entity", entity)) if id}
        how = {"how": source.how} if source.how else {}
        entries.append({"fact": name, "value": value, **scope, "by": source.by, "on": source.on, **how})
    path = answers.append(folder, entries)
    act = ", ".join(texts) + (f" [{flow or entity}]" if flow or entity else "")
    audit.append_act(folder, "facts set", act, source.by, store.last_id(folder, workspace.config_name))
    return path


def _parse_answer(text: str) -> tuple[str, str]:
    """Return (fact, value) of `fact=value`; raise ConfigError for a fact or value that is not known."""
    name, equals, value = (x.strip() for x in text.partition("="))
    if not equals or not value:
        raise ConfigError(
            Msg('"{text}" is no answer', text=text), hint=Msg("chujing facts set ciio=no --by NAME")
        )
    name = fact_of(name)
    value = value_of(name, value)
    check_fact(name, value, "facts set")
    return name, value


def _stated_facts(workspace: Workspace, flow: str, entity: str) -> Mapping[str, str]:
    """Return the facts of a flow, of an entity, or of the whole group where neither is named."""
    if flow:
        return next((f.facts for f in workspace.config.flows if f.id == flow), {})
    return workspace.entity_facts.get(entity, {}) if entity else workspace.config.facts


# ---- fields of a flow


def answer_fields(
    workspace: Workspace, flow: str, kind: str, fields: Sequence[tuple[str, str]], source: AnswerSource
) -> Path:
    """Record what was decided about fields of a flow, and return the file of answers.

    kind: justify, drop, weaken or listed. fields: (end of a column's id, or a pattern of ids, reason).
    """
    folder, config = workspace.folder, workspace.config
    answers.require_flow(flow, (f.id for f in config.flows), config.file)
    columns = list(_last_flow(flow, workspace).columns)
    entries = [
        {
            "flow": flow,
            "field": column,
            "answer": kind,
            "why": why,
            "by": source.by,
            "on": source.on,
        }
        for word, why in fields
        for column in _fields_named(word, columns)
    ]
    path = answers.append(folder, entries)
    text = f"{flow}: {', '.join(str(entry['field']) for entry in entries)}"
    audit.append_act(folder, f"fields {kind}", text, source.by, store.last_id(folder, workspace.config_name))
    return path


def _fields_named(word: str, columns: Sequence[ColumnId]) -> Sequence[str]:
    """Return the columns that a pattern such as `crm/member/*` matches, or the one a word names.

    Raise ConfigError where there is none.
    """
    matches = [column for column in columns if fnmatchcase(column, word)] if "*" in word else []
    return matches or [pick_id(word, columns, FLOW_FIELD)]


def _last_flow(flow: str, workspace: Workspace) -> FlowReport:
    """Return a flow of the last scan; raise ConfigError where there is no scan or no such flow in it."""
    report = _last_report(workspace)
    if report is None:
        raise ConfigError(
            Msg("no scan is remembered here"),
            where=str(workspace.folder),
            hint=Msg("chujing scan -c chujing.yaml first"),
        )
    flows = {f.flow.id: f for f in report.flows}
    return flows[answers.require_flow(flow, flows, Msg("the last scan"))]


def read_field_list(file: Path) -> list[tuple[str, str]]:
    """Return (field, basis) of each row of a CSV or XLSX with these two columns, named in English or Chinese.

    Raise ConfigError where a column is missing, or the basis of a field.
    """
    rows = _xlsx_rows(file) if file.suffix.lower() == ".xlsx" else _csv_rows(file)
    if not rows:
        raise ConfigError(Msg("no rows"), where=str(file))
    headings = [str(heading or "").strip().lower() for heading in rows[0]]
    at, basis_at = _find_heading(headings, FIELD_HEADINGS), _find_heading(headings, BASIS_HEADINGS)
    if at is None or basis_at is None:
        raise ConfigError(Msg("the columns field and basis (字段, 依据) are needed"), where=f"{file}:1")
    fields = [
        (str(row[at]).strip(), str(row[basis_at] or "").strip())
        for row in rows[1:]
        if len(row) > max(at, basis_at) and row[at] and str(row[at]).strip()
    ]
    for i, (_, basis) in enumerate(fields, 2):
        if not basis:
            raise ConfigError(
                Msg("a field without its basis"),
                where=f"{file}:{i}",
                hint=Msg("say where the company's rules name it"),
            )
    return fields


def _find_heading(headings: Sequence[str], names: Sequence[str]) -> int | None:
    return next((i for i, heading in enumerate(headings) if heading in names), None)


def _xlsx_rows(file: Path) -> list[list[object]]:
    sheet = open_workbook(file, ConfigError).worksheets[0]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def _csv_rows(file: Path) -> list[list[object]]:
    try:
        with open_input(file, ConfigError) as opened:
            return [list(row) for row in csv.reader(opened)]
    except (OSError, UnicodeDecodeError, csv.Error):
        raise ConfigError(Msg("cannot be read as UTF-8 CSV"), where=str(file)) from None


def field_lines(flow: str, workspace: Workspace, lang: str) -> Iterator[str]:
    """Yield the fields of a flow as they stand today, then what is to be done before a filing."""
    flows = {f.flow.id: f for f in redecide.decide_today(workspace).flows}
    report = flows[answers.require_flow(flow, flows, Msg("the last scan"))]
    purpose = report.flow.purpose
    words = f"：{purpose_words(purpose, lang)}" if lang == "zh" else f": {purpose}"
    yield f"{flow}  {t('purpose', lang)}{words}"
    for verdict in report.fields:
        yield from _verdict_lines(verdict, lang)
    yield "  " + ready_words(report, lang)
    yield from (f"  {words}" for words in obstacle_lines(report, lang))


def flow_lines(workspace: Workspace, lang: str) -> Iterator[str]:
    """Yield every flow with its purpose, how many fields it has and what stands before a filing of them."""
    for report in redecide.decide_today(workspace).flows:
        purpose = purpose_words(report.flow.purpose, lang)
        yield f"{report.flow.id}  {purpose}  {t('review.fields', lang, n=len(report.fields))}"
        yield "  " + ready_words(report, lang)


def _verdict_lines(verdict: FieldVerdict, lang: str) -> Iterator[str]:
    """Yield the verdict on a field, its reason, what was measured and who answered."""
    words = f"{t('verdict.' + verdict.verdict, lang)}  {render(verdict.reason, lang)}"
    yield f"  {verdict.column}  {words}  ({verdict.source} [{t(verdict.confidence_of_source, lang)}])"
    if verdict.criteria:
        yield "      " + join_list((t(f"criterion.{c}", lang) for c in verdict.criteria), "names", lang)
    for sign in verdict.signs:
        yield "      " + render(sign, lang)
    if verdict.weaker:
        yield "      " + t("weaker", lang, form=render(verdict.weaker, lang))
    if verdict.answer is not None:
        answer = verdict.answer
        key = f"field_answer.{answer.answer}"
        yield "      " + t(key, lang, why=answer.why, by=answer.by, on=answer.on)
