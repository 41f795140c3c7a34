"""A page as text, from templates, styles and scripts; the same report gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from markupsafe import Markup

from mappings.flow_report import EntityReport, FlowReport
from mappings.forecast import Counter
from mappings.model import Assessed
from mappings.rules import RuleSet, in_force
from reports.model import ColumnReport, Report, TableReport, possible, primary, standing, stands_or_possible
from reports.page.assets import script, style
from reports.page.bilingual import LANGS, bilingual_function, both
from reports.page.data import page_data
from reports.page.environment import environment
from reports.page.flow_picture import FlowFindings, draw_flow
from reports.page.heat_map import MOST_ROWS, HeatRow, foremost_tables, heat_map
from reports.page.pages import SystemPage
from reports.page.picture_lines import lines_picture
from reports.page.picture_year import year_picture
from reports.page.safe import embedded_json, reveal_in_page
from reports.page.totals import Totals, categories, totals_of
from reports.page.week import tasks
from reports.wording.decision import group_words, reading_words
from reports.wording.distance import LineCount, distance_words, flow_count, year_count
from reports.wording.reading import assumptions
from reports.wording.table import coverage_words

PLAIN_ROWS = 1_000                            # for readers without scripts

PlainRow = tuple[TableReport, ColumnReport, Assessed]


@dataclass(frozen=True, slots=True)
class _PageContent:
    """What a page shows beside the report itself."""

    kind: Literal["whole", "index", "part"]
    tables: Sequence[TableReport]
    totals: Totals
    home: str = ""                            # address of the index; empty where the page is it
    more: Mapping[str, Any] = field(default_factory=dict)     # values of the templates


def whole_page(report: Report) -> str:
    """Return the report as one page."""
    by_table = {table.id: totals_of(report, [table]) for table in report.tables}
    tables = sorted(report.tables, key=lambda table: (-by_table[table.id].with_finding, table.id))
    rows = [HeatRow(id, "", by_table[id]) for id in foremost_tables(report, by_table)]
    heat = heat_map("heat", rows, categories(report), "table")
    return _render(report, _PageContent("whole", tables, totals_of(report, tables), more={"heat": heat}))


def index_page(report: Report, pages: Sequence[SystemPage], totals: Mapping[str, Totals], folder: str) -> str:
    """Return the first page of a report over several files: everything but the columns. totals: by file."""
    by_system: dict[str, Totals] = {}
    pages_of: dict[str, list[SystemPage]] = {}
    summed = Totals()
    for page in pages:
        by_system.setdefault(page.system, Totals()).join(totals[page.file])
        pages_of.setdefault(page.system, []).append(page)
        summed.join(totals[page.file])
    systems = sorted(by_system, key=lambda s: (-by_system[s].sensitive, -by_system[s].with_finding, s))
    rows = [
        HeatRow(system, f"{quote(folder)}/{quote(pages_of[system][0].file)}", by_system[system])
        for system in systems[:MOST_ROWS]
        if by_system[system].with_finding
    ]
    more = {
        "heat": heat_map("heat", rows, categories(report), "source"),
        "systems": [(system, by_system[system], pages_of[system]) for system in systems],
        "folder": folder,
        "quote": quote,
    }
    return _render(report, _PageContent("index", (), summed, more=more))


def part_page(report: Report, page: SystemPage, totals: Totals, home: str) -> str:
    """Return one page beside the index: its columns."""
    return _render(report, _PageContent("part", page.tables, totals, home, {"part": page}))


def _render(report: Report, page: _PageContent) -> str:
    rules = in_force(report.run.as_of)
    context = {**_page_context(report, page), **_wording(rules), **page.more}
    if page.kind != "part":
        context |= _flow_context(report, page.totals, rules)
    return reveal_in_page(environment().get_template("page/page.html").render(context))


def _page_context(report: Report, page: _PageContent) -> dict[str, Any]:
    """Return what every page has."""
    scripts = script(page.kind != "index")
    return {
        "r": report,
        "kind": page.kind,
        "style": style(),
        "script": scripts.text,
        "hash": scripts.hash,
        "home": page.home,
        "total": page.totals,
        "systems": (),
        "folder": "",
        "part": None,
        "heat": "",
        "data": embedded_json(page_data(report, page.tables, page.home)),
        "plain": _plain_rows(page.tables, primary),
        "doubts": _plain_rows(page.tables, possible),
        "assumed": list(assumptions(report)),
        "covered": bilingual_function(coverage_words)(report) if report.tables else "",
    }


def _wording(rules: RuleSet) -> dict[str, Any]:
    """Return what shows values in the words of the rules."""
    return {
        "group": bilingual_function(lambda group, lang: group_words(rules, group, lang)),
        "reading": bilingual_function(lambda reading, lang: reading_words(reading, rules, lang)),
    }


def _flow_context(report: Report, totals: Totals, rules: RuleSet) -> dict[str, Any]:
    """Return what pages with paths and flows have."""
    flows = {f.flow.id: f for f in report.flows}

    def counts_against_lines(name: str, entity: EntityReport, counter: Counter) -> Markup:
        return lines_picture(name, entity, [flows[id] for id in entity.flows if id in flows], rules, counter)

    def distance(count: LineCount, counter: Counter, short: bool = False) -> Markup:
        zh, en = (distance_words(count, counter, rules, lang, short) for lang in LANGS)
        return both(zh, en)

    return {
        "flows": flows,
        "week": tasks(report, totals),
        "lines": counts_against_lines,
        "far": distance,
        "of_year": lambda entity, counter: year_count(entity, report.flows, counter),
        "of_flow": flow_count,
        "year": lambda name, entity, counter: year_picture(name, entity, rules, counter),
        "flow_picture": _picture_function(report),
    }


def _plain_rows(
    tables: Sequence[TableReport], chosen: Callable[[ColumnReport], Assessed | None]
) -> tuple[list[PlainRow], int]:
    """Return the first rows with findings, and how many more there are. chosen: the finding of a column."""
    rows = [
        (table, column, assessed)
        for table in tables
        for column in table.columns
        if column.findings and (assessed := chosen(column))
    ]
    return rows[:PLAIN_ROWS], max(len(rows) - PLAIN_ROWS, 0)


def _picture_function(report: Report) -> Callable[[str, FlowReport], Markup]:
    leaving = {column for flow in report.flows for column in flow.columns}
    columns = [c for table in report.tables for c in table.columns if c.id in leaving] if leaving else []
    findings = FlowFindings(
        {column.id: stands_or_possible(column) for column in columns},
        {column.id for column in columns if standing(column) == "rejected"},
    )
    return lambda name, flow: draw_flow(name, flow, findings)
