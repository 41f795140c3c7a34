"""A report on one screen: paths, what was found, is new, possible, not read, and what to do next.

Nothing is left out without a word: what a section has no room for is a number with the command that shows it.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from mappings.flow_report import EntityReport, FlowReport
from mappings.notes import BASIS_LATER, CLAIM_REFUSED, NO_BASIS, TOTAL_MISFIT
from mappings.readiness import OTHER_ACTS
from mappings.rules import RuleSet, in_force
from reports.cells import shown
from reports.messages.render import render
from reports.messages.words import heading, in_brackets, join_list, t
from reports.model import Report, coverage, is_unread, possible, primary, standing
from reports.text_width import fit, wrap_item
from reports.wording.decision import main_reasons, path_words, reason_fact_words
from reports.wording.entity import group_words, headline_words, three_totals, today_words, year_words
from reports.wording.facts import assumed_words, fact_title
from reports.wording.figures import method_words, number, persons
from reports.wording.flow import ready_words
from reports.wording.law import citation
from reports.wording.possible import possible_columns
from reports.wording.reading import assumptions, unread_words
from reports.wording.subjects import subject_lines
from reports.wording.table import coverage_words, label_words, review_marks, totals_words
from reports.wording.titles import recipient_words

SCREEN_LINES = 40                             # of all sections together
LONGEST = 600                                 # characters of one line before it is wrapped
MOST_LINES = 3                                # of the screen, that it may take
MOST_ENTITIES = 3                             # that have a section of their own
MOST_NEWS = 6                                 # differences from the scan before
NAMED_AT_ONCE = (NO_BASIS.code, BASIS_LATER, CLAIM_REFUSED, TOTAL_MISFIT)     # notes on a flow
MOST_IDS = 3                                  # columns of a label that are named


Lead = Literal["on", "init", "aside", "nowhere"]


@dataclass(slots=True)
class SummarySection:
    """A heading and items, of which the last give way first.

    least: items that stay. rest: the command that shows what gave way. style: of the heading, for a terminal.
    """

    heading: str
    items: list[str] = field(default_factory=list)
    least: int = 1
    rest: str = ""
    style: str = "bold"
    dropped: int = 0                           # items that gave way

    def lines(self, width: int, lang: str) -> list[str]:
        """Return the section as lines of at most so many columns."""
        lines = wrap_item(shown(self.heading, LONGEST), width) if self.heading else []
        for item in self.items:
            lines += _item_lines(item, width)
        if self.dropped:
            more = t("summary.more", lang, n=number(self.dropped), command=self.rest)
            lines += wrap_item(f"  {more}", width)
        return lines

    def drop_last(self, items: int = 1) -> None:
        """Let the last items give way."""
        del self.items[len(self.items) - items:]
        self.dropped += items


def _item_lines(item: str, width: int) -> list[str]:
    lines: list[str] = []
    for line in item.split("\n"):
        wrapped = wrap_item(shown(line, LONGEST), width)
        lines += wrapped[:MOST_LINES]
        if len(wrapped) > MOST_LINES:
            lines[-1] = fit(lines[-1], width - 1).removesuffix("…") + "…"
    return lines


def summary_lines(
    report: Report, lang: str, width: int, news: Sequence[str] = (), *, lead: Lead = "on"
) -> list[tuple[str, str]]:
    """Return the screen as (line, style): at most SCREEN_LINES lines of at most `width` columns.

    news: what differs from the scan before, a line each, the foremost first. lead: which commands are named
    at the end; init: there is no configuration yet; aside: this is not the scan that later commands use.
    """
    parts = _sections(report, lang, news, lead=lead)
    sections = [section for section in parts if section.heading or section.items]
    _fit(sections, width, lang, SCREEN_LINES)
    lines: list[tuple[str, str]] = []
    for section in sections:
        in_heading = len(wrap_item(shown(section.heading, LONGEST), width)) if section.heading else 0
        for i, line in enumerate(section.lines(width, lang)):
            lines.append((line, section.style if i < in_heading else ""))
    return lines


def _fit(sections: Sequence[SummarySection], width: int, lang: str, most: int) -> None:
    """Let items of the longest sections give way until all fit; where need be all of a section."""
    for section in sections:
        if (beyond := len(section.items) - most) > 0:
            section.drop_last(beyond)
    heights = [len(section.lines(width, lang)) for section in sections]
    for is_needed in (False, True):
        while sum(heights) > most:
            least = [0 if is_needed and section.rest else section.least for section in sections]
            longer = [i for i, section in enumerate(sections) if len(section.items) > least[i]]
            if not longer:
                break
            longest = max(longer, key=heights.__getitem__)
            sections[longest].drop_last()
            heights[longest] = len(sections[longest].lines(width, lang))


def _sections(
    report: Report, lang: str, news: Sequence[str], *, lead: Lead
) -> Iterator[SummarySection]:
    if is_unread(report):
        yield SummarySection(t("summary.nothing_read", lang), style="bold red")
    about = [t("disclaimer", lang), coverage_words(report, lang)]
    if report.run.interrupted:
        about.insert(0, t("interrupted", lang))
    title = f"chujing  {t('title', lang)}  {t('as_of', lang)} {report.run.as_of}"
    yield SummarySection(title, [line for line in about if line], least=3)
    yield from _entities(report, lang)
    if report.tables and not report.flows:
        yield SummarySection("", [t("no_flows", lang)])
    yield from _findings(report, lang)
    if news:
        lines = [f"  {line}" for line in news[:MOST_NEWS]]
        more = len(news) - len(lines)
        yield SummarySection(t("summary.news", lang), lines, 1, "chujing diff", dropped=more)
    yield from _possible(report, lang)
    yield from _unread(report, lang)
    yield from _questions(report, lang)
    if lead != "nowhere":
        steps = _steps_aside(report, lang) if lead == "aside" else _next_steps(report, lang, lead)
        if report.tables or report.flows:
            yield SummarySection(t("summary.next", lang), list(steps), least=2)


def _entities(report: Report, lang: str) -> Iterator[SummarySection]:
    """Yield a section an entity; of many entities one section."""
    rules = in_force(report.run.as_of)
    sections = [_entity(entity, report, rules, lang) for entity in report.exporter]
    group = [f"  {words}" for words in filter(None, [group_words(report.exporter, lang)])]
    if len(sections) <= MOST_ENTITIES:
        yield from sections
        yield SummarySection("", group)
        return
    items = [*group, *("\n".join((section.heading, *section.items)) for section in sections)]
    yield SummarySection(t("summary.entities", lang, n=number(len(items))), items, 2, "chujing show")


def _entity(entity: EntityReport, report: Report, rules: RuleSet, lang: str) -> SummarySection:
    """Return an entity's year and its flows: path, persons, the deciding clause, what is open."""
    items = ["\n".join(f"  {words}" for words in _year_lines(entity, lang))]
    flows = [flow for flow in report.flows if flow.flow.id in entity.flows]
    items += ["\n".join(_flow(flow, rules, lang)) for flow in flows]
    if assumed := assumed_words((flow.decision for flow in flows), lang):
        items[0] += f"\n  {assumed}"
    head = f"{t('entity', lang)} {entity.entity}  {headline_words(entity, lang)}"
    return SummarySection(head, items, least=min(len(items), 4), rest=f"chujing show {entity.entity}")


def _year_lines(entity: EntityReport, lang: str) -> Iterator[str]:
    """Yield what left, runs and is planned, apart, and the band of today where planned flows move it."""
    if entity.totals is None:
        yield year_words(entity, lang)
        return
    yield from three_totals(entity.totals, lang)
    if entity.totals.today != entity.band:
        yield today_words(entity.totals, lang)


def _flow(f: FlowReport, rules: RuleSet, lang: str) -> Iterator[str]:
    recipient = recipient_words(f.flow.recipient, lang)
    arrow = f"  → {recipient}" if recipient else ""
    yield f"  {f.flow.id}{arrow}  {path_words(f.decision, lang)}"
    how = in_brackets(method_words(f.individuals, lang), lang)
    facts = [f"{persons(f.individuals, lang)} {t('people', lang)}{how}"]
    for reason in main_reasons(f.decision)[:1]:
        clause = citation(reason.clause, reason.confidence_of_source, lang)
        facts.append(f"{clause} {reason_fact_words(reason, lang)}".strip())
    if f.not_ready:
        facts.append(ready_words(f, lang))
    if f.decision.questions:
        names = join_list((fact_title(q.fact, lang) for q in f.decision.questions), "names", lang)
        facts.append(t("summary.open", lang, facts=names))
    yield "      " + join_list(facts, "clauses", lang)
    of_basis = (n for n in (*f.not_ready, *f.decision.notes) if n.code in NAMED_AT_ONCE)
    yield from (f"      ! {render(note, lang)}" for note in of_basis)


def _findings(report: Report, lang: str) -> Iterator[SummarySection]:
    """Yield what was found, a label a line, the sensitive and the frequent first."""
    if not report.tables or is_unread(report):
        return
    by_label: dict[tuple[int, str], list[str]] = {}
    rank = {"yes": 0, "depends": 1, "no": 2}
    for column in (column for table in report.tables for column in table.columns):
        if (assessed := primary(column)) is not None:
            mark = t(f"sensitive.{assessed.sensitive}", lang)
            words = "  ".join(filter(None, (label_words(assessed, lang), mark)))
            by_label.setdefault((rank[assessed.sensitive], words), []).append(column.id)
    ordered = sorted(by_label.items(), key=lambda item: (item[0][0], -len(item[1]), item[0][1]))
    items = [f"  {words}  {_ids_words(ids, lang)}" for (_, words), ids in ordered]
    if items and (marks := review_marks(report, lang)):
        items.insert(0, f"  {marks}")
    yield SummarySection(heading("tables", lang) + totals_words(report, lang), items, 3, "chujing find")


def _ids_words(ids: Sequence[str], lang: str) -> str:
    more = " …" if len(ids) > MOST_IDS else ""
    return t("summary.columns", lang, n=number(len(ids)), ids=join_list(ids[:MOST_IDS], "names", lang) + more)


def _possible(report: Report, lang: str) -> Iterator[SummarySection]:
    """Yield what is possible, a label a line, in the order in which columns are to be settled."""
    rows = possible_columns(report)
    by_label: dict[str, list[str]] = {}
    for _, column in rows:
        assessed = possible(column)
        by_label.setdefault(label_words(assessed, lang) if assessed else "", []).append(column.id)
    if rows:
        items = [f"  {words}  {_ids_words(ids, lang)}" for words, ids in by_label.items()]
        head = t("possible.band", lang, n=number(len(rows)))
        yield SummarySection(head, items, 1, "chujing find review=possible")


def _unread(report: Report, lang: str) -> Iterator[SummarySection]:
    """Yield what could not be read, and what had to be assumed."""
    skipped = [f"  {s.id}  {unread_words(s.reason, s.hint, lang)}" for s in report.skipped]
    if skipped:
        head = f"{t('skipped', lang)}  {number(len(skipped))}"
        yield SummarySection(head, skipped, 3, "chujing show", "bold yellow")
    assumed = [
        f"  {table.id}  {unread_words(loss.message, loss.hint, lang)}" for table, loss in assumptions(report)
    ]
    if assumed:
        yield SummarySection(t("assumed", lang), assumed, 2, "chujing show")


def _questions(report: Report, lang: str) -> Iterator[SummarySection]:
    items = []
    for question in report.questions:
        scope = f" [{question.scope}]" if question.scope else ""
        how = render(question.how, lang)
        acts = f"\n      {how}" if question.fact in OTHER_ACTS or "chujing " in how else ""
        items.append(f"  {fact_title(question.fact, lang)}{scope}: {render(question.ask, lang)}{acts}")
    items += [f"  {words}" for words in subject_lines(report, lang)]
    if items:
        yield SummarySection(t("questions", lang), items, 2, "chujing facts")


def _next_steps(report: Report, lang: str, lead: Lead) -> Iterator[str]:
    """Yield the commands that lead on, each with what it does."""
    columns = [column for table in report.tables for column in table.columns]
    waiting = sum(standing(column) in ("suggested", "possible") for column in columns)
    law = in_force(report.run.as_of).raw
    facts = {*law["facts"], *law["readings"]}
    answered = next((q for q in report.questions if q.fact in facts), None)
    if answered is not None:
        flow, name = f" --flow {answered.scope}" if answered.scope else "", t("summary.name", lang)
        yield _step(f"chujing facts set {answered.fact}=…{flow} --by {name} --how …", "facts", lang)
    if waiting:
        yield _step("chujing review todo", "review", lang, n=number(waiting))
    if report.flows:
        yield _step(f"chujing show {report.flows[0].flow.id}", "flow", lang)
    elif columns and lead == "init":
        yield _step(f"chujing init {_address(report)}", "init", lang)
    elif columns:
        yield _step("chujing flows template flows.xlsx", "template", lang)
    yield _step("chujing show", "show", lang, tables=number(coverage(report).tables))


def _address(report: Report) -> str:
    """Return the URL to begin a configuration with, as it is typed; URL where that cannot be told."""
    urls = [source.url for source in report.sources]
    return shlex.quote(urls[0]) if len(urls) == 1 and "***" not in urls[0] else "URL"


def _steps_aside(report: Report, lang: str) -> Iterator[str]:
    """Yield what leads on from a scan beside the one of the folder's configuration."""
    id, tables = report.run.id, number(coverage(report).tables)
    yield _step(f"chujing show --report {id}", "show", lang, tables=tables)
    yield _step(f"chujing find 身份证 --report {id}", "find", lang)


def _step(command: str, what: str, lang: str, **values: str) -> str:
    return f"  {command}  # " + t(f"summary.next.{what}", lang, **values)
