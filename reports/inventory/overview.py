"""The overview of a workbook: how much was scanned and found, how far reviews are, paths, parts."""

from __future__ import annotations

from collections import Counter as Tallied
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from detectors.model import unquote
from mappings.flow_report import EntityReport, FlowReport
from mappings.forecast import COUNTERS, Counter
from mappings.model import Decision, Margin
from mappings.rules import RuleSet, in_force
from reports.messages.words import t
from reports.model import Report, primary, standing
from reports.wording.decision import path_words
from reports.wording.distance import (
    LineCount,
    distance,
    distance_words,
    margin_distance_words,
    year_count,
)
from reports.wording.entity import headline_words, three_totals, today_words
from reports.wording.figures import number, persons, since_words
from reports.wording.table import coverage_words

COLUMNS = (("sheet.item", 34), ("sheet.content", 110))
OverviewRow = tuple[str, Any]


def overview_rows(report: Report, lang: str, parts: Mapping[str, Path]) -> Iterator[OverviewRow]:
    """Yield (item, content). parts: system -> the file its inventory stands in; empty: it is in this one."""
    yield from _run_rows(report, lang)
    yield from _column_rows(report, lang)
    rules = in_force(report.run.as_of)
    for entity in report.exporter:
        yield t("sheet.entity", lang, id=entity.entity), _entity_words(entity, report, rules, lang)
        if entity.totals is not None:
            lines = (*three_totals(entity.totals, lang), today_words(entity.totals, lang))
            yield t("sheet.totals", lang, id=entity.entity), t("sheet.and", lang).join(lines)
    for flow in report.flows:
        yield t("sheet.flow", lang, id=flow.flow.id), _flow_words(flow, lang)
    for system, path in parts.items():
        yield t("sheet.part", lang, system=unquote(system)), path.name


def _run_rows(report: Report, lang: str) -> Iterator[OverviewRow]:
    """Yield what was scanned, when, under which taxonomies."""
    join = t("sheet.and", lang).join
    further = (" ".join(dict.fromkeys((g.source, g.title))) for g in report.gradings)
    sizes = (
        t("sheet.system_size", lang, id=s.id, tables=number(s.tables), columns=number(s.columns))
        for s in report.sources
    )
    yield t("sheet.report", lang), t("title", lang)
    yield t("sheet.remark", lang), t("disclaimer", lang)
    yield t("sheet.as_of", lang), report.run.as_of
    yield t("sheet.finished", lang), report.run.finished[:19].replace("T", " ") + " UTC"
    yield t("sheet.taxonomies", lang), join([*report.run.taxonomies, *further])
    yield t("sheet.coverage", lang), coverage_words(report, lang)
    yield t("sheet.systems", lang), join(sizes)


def _column_rows(report: Report, lang: str) -> Iterator[OverviewRow]:
    """Yield how many columns there are, with findings of each kind, and reviewed with each outcome."""
    columns = [column for table in report.tables for column in table.columns]
    findings = [assessed for column in columns if (assessed := primary(column))]
    personal = [a for a in findings if a.finding.kind == "personal_information"]
    yield t("sheet.columns", lang), len(columns)
    yield t("sheet.found", lang), len(findings)
    for kind, n in sorted(Tallied(a.finding.kind for a in findings).items()):
        yield f"　{t(f'kind.{kind}', lang)}", n
    for state, n in sorted(Tallied(a.sensitive for a in personal).items()):
        yield t("sheet.personal", lang, state=t(f"sheet.sensitive.{state}", lang)), n
    for stands, n in sorted(Tallied(standing(column) for column in columns).items()):
        if stands:
            yield t("sheet.reviewed", lang, state=t(f"standing.{stands}", lang)), n


def _entity_words(entity: EntityReport, report: Report, rules: RuleSet, lang: str) -> str:
    year = year_words(entity, entity.decision, report, rules, lang)
    return t("sheet.and", lang).join([headline_words(entity, lang), *year])


def _flow_words(flow: FlowReport, lang: str) -> str:
    people = f"{persons(flow.individuals, lang)} {t('people', lang)}"
    return t("sheet.and", lang).join([path_words(flow.decision, lang), people])


def year_words(
    entity: EntityReport, decision: Decision, report: Report, rules: RuleSet, lang: str
) -> list[str]:
    """Return the counts of a year, each with its distance to the line that would change a decision's path."""
    margins = {margin.counter: margin for margin in decision.margin}
    counts = {counter: year_count(entity, report.flows, counter) for counter in COUNTERS}
    return [_count_words(count, c, _distance(count, c, margins.get(c), rules, lang), lang)
            for c, count in counts.items()]


def _distance(
    count: LineCount, counter: Counter, margin: Margin | None, rules: RuleSet, lang: str
) -> str:
    """Return how far a count is from the next line that would change the path, else from the next line."""
    away = distance(count.measured, counter, rules)
    if margin is None or away is None or away.stands != "below" or away.line == margin.line:
        return distance_words(count, counter, rules, lang)
    return margin_distance_words(margin, lang)


def _count_words(count: LineCount, counter: Counter, words: str, lang: str) -> str:
    """Return a count with its name, its distance to the next line, and its origin where that is not plain."""
    figure = f"{t(f'distance.{counter}', lang)}{persons(count.shown, lang)}"
    parts = (figure, since_words(count.shown, lang), words)
    return t("sheet.but", lang).join(filter(None, parts))
