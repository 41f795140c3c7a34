"""Plain sheets of a workbook: flows with their paths, what was not checked, and how to fill the inventory.

COLUMNS: (key of the heading, width in characters).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mappings.flow_report import EntityReport, FlowReport
from mappings.model import Decision, Estimate
from mappings.rules import RuleSet, in_force
from reports import unread
from reports.inventory.overview import year_words
from reports.inventory.sheet_columns import SheetColumn
from reports.messages.render import render
from reports.messages.words import t
from reports.model import Report, possible
from reports.wording.decision import main_reasons, path_words, reason_fact_words
from reports.wording.facts import assumed_words
from reports.wording.figures import method_words, persons, sensitive_persons, since_words
from reports.wording.possible import possible_columns, settling_words
from reports.wording.reading import assumptions
from reports.wording.table import evidence_words, label_words
from reports.wording.titles import country_words, purpose_words

FLOW_COLUMNS = (
    ("sheet.flow.id", 16), ("entity", 16), ("recipient", 22), ("sheet.flow.country", 10), ("purpose", 22),
    ("mode", 14), ("sheet.flow.status", 9), ("sheet.flow.columns", 8), ("sheet.flow.people", 24),
    ("sheet.flow.sensitive", 24), ("method", 16), ("path", 34), ("sheet.flow.certain", 10), ("because", 60),
    ("sheet.flow.margin", 44), ("sheet.flow.open", 40),
)
POSSIBLE_COLUMNS = (
    ("sheet.column", 50), ("label", 22), ("sensitive", 12), ("confidence", 11), ("evidence", 38),
    ("flows", 24), ("sheet.settle", 100),
)
UNREAD_COLUMNS = (("sheet.what", 50), ("sheet.state", 20), ("sheet.why", 60), ("sheet.do", 60))
HELP_COLUMNS = (("sheet.column", 26), ("sheet.remark", 120))
HELP = (("how", 3), ("undo", 1), ("marks", 1))          # topics of the words `sheet.help`, with their texts


def flow_rows(report: Report, lang: str) -> Iterator[Sequence[Any]]:
    """Yield every flow."""
    rules = in_force(report.run.as_of)
    years = {id: entity for entity in report.exporter for id in entity.flows}
    for f in report.flows:
        flow = f.flow
        yield (
            flow.id, flow.entity, flow.recipient.name, country_words(flow.recipient.country, lang),
            purpose_words(flow.purpose, lang), t(f"mode.{flow.mode}", lang), t(f"flow.{flow.status}", lang),
            len(f.columns), _count_words(f.individuals, lang), _sensitive_words(f, lang),
            method_words(f.individuals, lang), path_words(f.decision, lang),
            t("answer.yes" if f.decision.certain else "answer.no", lang), _reason_words(f.decision, lang),
            _distance_words(f, years, report, rules, lang), _question_words(f.decision, lang),
        )


def _sensitive_words(f: FlowReport, lang: str) -> str:
    words = sensitive_persons(f.sensitive_individuals, f.strict, lang)
    return t("sheet.and", lang).join(filter(None, (words, since_words(f.sensitive_individuals, lang))))


def _count_words(count: Estimate, lang: str) -> str:
    return t("sheet.and", lang).join(filter(None, (persons(count, lang), since_words(count, lang))))


def _reason_words(decision: Decision, lang: str) -> str:
    reasons = (
        f"{r.clause} [{t(r.confidence_of_source, lang)}] {reason_fact_words(r, lang)}"
        for r in main_reasons(decision)
    )
    return t("sheet.and", lang).join(reasons)


def _question_words(decision: Decision, lang: str) -> str:
    asks = (render(question.ask, lang) for question in decision.questions)
    return t("sheet.and", lang).join(filter(None, (*asks, assumed_words((decision,), lang))))


def _distance_words(
    f: FlowReport, years: Mapping[str, EntityReport], report: Report, rules: RuleSet, lang: str
) -> str:
    """Return how far the year's counts are from the next lines, or that the flow is not counted in."""
    entity = years.get(f.flow.id)
    if entity is None or entity.counted and f.flow.id not in entity.counted:
        return t("distance.apart", lang)
    return t("sheet.and", lang).join(year_words(entity, f.decision, report, rules, lang))


def possible_rows(report: Report, lang: str) -> Iterator[Sequence[Any]]:
    """Yield the possible columns, those that leave first, and what settles each."""
    flows: dict[str, list[str]] = {}
    for f in report.flows:
        for column_id in f.columns:
            flows.setdefault(column_id, []).append(f.flow.id)
    rows = possible_columns(report)
    if not rows:
        yield t("sheet.possible.none", lang), "", "", "", "", "", ""
    for _, column in rows:
        assessed = possible(column)
        assert assessed is not None           # it is one of the possible columns
        yield (
            column.id, label_words(assessed, lang), t(f"sensitive.{assessed.sensitive}", lang),
            round(assessed.finding.confidence, 2), evidence_words(assessed, lang),
            t("sheet.and", lang).join(flows.get(column.id, ())), settling_words(column.id, lang),
        )


def unread_rows(report: Report, lang: str) -> Iterator[Sequence[Any]]:
    """Yield what was not read, tables checked by names alone or earlier, parts of flows without a column."""
    if not report.skipped:
        yield t("page.nothing_skipped", lang), "", "", ""
    for skipped in report.skipped:
        reason, hint = render(skipped.reason, lang), render(skipped.hint, lang)
        yield skipped.id, t("status.skipped", lang), reason, hint
    for table, loss in assumptions(report):
        yield table.id, t("status.assumed", lang), render(loss.message, lang), render(loss.hint, lang)
    for table in report.tables:
        if table.status == "metadata_only":
            why = render(table.why or unread.NOT_REQUESTED, lang)
            yield table.id, t("status.metadata_only", lang), why, ""
        elif table.why.code.startswith(unread.CHANGED):
            yield table.id, t("sheet.older", lang), render(unread.unchanged_reason(table.why), lang), ""
    for flow in report.flows:
        for part in flow.unresolved:
            yield flow.flow.id, t("sheet.unresolved", lang), render(part, lang), ""


def help_rows(columns: Sequence[SheetColumn], lang: str) -> Iterator[Sequence[Any]]:
    """Yield how to review, then what each column means."""
    for topic, texts in HELP:
        for i in range(1, texts + 1):
            head = t(f"sheet.help.{topic}", lang) if i == 1 else ""
            yield head, t(f"sheet.help.{topic}.{i}", lang)
    for column in columns:
        yield column.title(lang), column.hint(lang)
