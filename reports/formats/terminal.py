"""The terminal's text: paths of flows with clause, number and margin, open questions, findings by table."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from detectors.ids import table_of
from mappings.flow_report import EntityReport, FlowReport, Stock
from mappings.model import Assessed, Plan, Question
from mappings.rules import RuleSet, in_force
from reports.cells import shown
from reports.messages import render as messages
from reports.messages.words import heading, in_brackets, join_list, t
from reports.model import ColumnReport, Report, TableReport, possible, primary, standing
from reports.wording.decision import answer_words, path_words
from reports.wording.duties import duty_words, shared_duties
from reports.wording.entity import (
    bound_reasons,
    exported_words,
    forecast_words,
    group_words,
    headline_words,
    option_words,
    stock_lines,
    totals_lines,
    year_words,
)
from reports.wording.facts import fact_title
from reports.wording.figures import number, persons
from reports.wording.flow import flow_lines
from reports.wording.possible import possible_columns, settling_words
from reports.wording.reading import assumptions, sampling_words, unread_words
from reports.wording.table import (
    brief_evidence,
    combination_words,
    coverage_words,
    evidence_words,
    label_words,
    personal_findings,
    review_marks,
    totals_words,
)
from reports.wording.titles import recipient_words

LONGEST = 2_000                               # characters of one line that are shown
MOST_TABLES = 40                              # on the screen; all of them are in the other formats
MOST_POSSIBLE = 20                            # possible columns on the screen
MARK_WIDTH, GAP_WIDTH, CONFIDENCE_WIDTH = 2, 2, 4  # columns of the screen
LEAST_EVIDENCE, BRIEF_EVIDENCE = 12, 30       # evidence narrower than that is left out, or brief
STYLES = {                                    # of paths
    "security_assessment": "bold red",
    "standard_contract_or_certification": "bold yellow",
    "needs_review": "bold magenta",
    "not_necessary_stop": "bold red",
    "blocked_without_approval": "bold red",
}
_TIE = "\ue000"                               # stands for a blank at which no line ends
_NUMBER_GAP = re.compile("(?<=[0-9]) (?=[\u3040-\u9fff])")      # between a number and what it counts


def render(
    report: Report, lang: str, width: int = 100, colour: bool = False, *, is_part: bool = False
) -> str:
    """Return the report as text of at most `width` columns; CJK characters count two.

    is_part: it is a part of one, so what is said of the whole is left out.
    """
    screen = io.StringIO()
    console = Console(
        file=screen,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )
    for part in _report_parts(report, lang, width, is_part=is_part):
        console.print(part)
    lines = screen.getvalue().replace(_TIE, " ").splitlines()
    return "\n".join(line.rstrip() for line in lines)


def _report_parts(
    report: Report, lang: str, width: int, *, is_part: bool
) -> Iterator[RenderableType]:
    if not is_part:
        yield from _heading_lines(report, lang)
    if report.flows:
        yield from _entities(report, lang)
    elif report.tables and not is_part:
        yield _text(t("no_flows", lang), "dim")
    for stock in report.stock:
        yield from _stock(stock, lang)
    yield from _questions(report.questions, lang)
    yield from _skipped_lines(report, lang)
    yield from _assumption_lines(report, lang)
    if report.tables:
        yield from _tables(report, lang, width)
    yield from _possible_band(report, lang)


def _text(text: str = "", style: str = "") -> Text:
    """Return text for the console in which names cannot move the cursor, turn the text or hide."""
    return Text(_NUMBER_GAP.sub(_TIE, shown(text, LONGEST)), style=style)


def _indented_block(part: RenderableType, columns: int) -> Padding:
    return Padding(part, (0, 0, 0, columns))


def _heading_lines(report: Report, lang: str) -> Iterator[Text]:
    """Yield what this is, as of which day, and how the tables were checked."""
    yield _text(f"chujing  {t('title', lang)}  {t('as_of', lang)} {report.run.as_of}", "bold")
    yield _text(t("disclaimer", lang), "dim")
    if report.run.interrupted:
        yield _text(t("interrupted", lang), "bold red")
    if coverage := coverage_words(report, lang):
        yield _text(coverage, "dim")


# ---- paths


def _entities(report: Report, lang: str) -> Iterator[RenderableType]:
    """Yield each entity's year, its flows, and what it would file."""
    rules = in_force(report.run.as_of)
    shared = shared_duties(report.flows)
    for entity in report.exporter:
        yield from _entity(entity, lang)
        for flow in report.flows:
            if flow.flow.id in entity.flows:
                yield from _flow(flow, rules, lang)
                own = (duty for duty in flow.duties if duty not in shared)
                duties = (*flow.decision.obligations, *own)
                yield from (_indented_block(_text(duty_words(duty, lang), "dim"), 4) for duty in duties)
        if entity.plan is not None:
            yield from _plan(entity.entity, entity.plan, lang)
    if words := group_words(report.exporter, lang):
        yield from (_text(), _text(words))
    if shared:
        yield from (_text(), _text(t("duties", lang), "bold"))
        duties = next(flow.duties for flow in report.flows if flow.duties)
        yield from (_indented_block(_text(duty_words(d, lang), "dim"), 4) for d in duties if d in shared)
    if any(path.startswith("exempt") for flow in report.flows for path in flow.decision.possible):
        yield from (_text(), _text(t("exempt.spelled", lang), "dim"))


def _entity(entity: EntityReport, lang: str) -> Iterator[RenderableType]:
    head = _text(f"{t('entity', lang)} {entity.entity}  ", "bold")
    head.append(headline_words(entity, lang), style=STYLES.get(entity.decision.path, "bold"))
    yield from (_text(), head)
    yield from (_indented_block(line, 2) for line in _year_lines(entity, lang))


def _year_lines(entity: EntityReport, lang: str) -> Iterator[Text]:
    """Yield the year's count and why it is not exact, what was exported by the ledger, and the forecast."""
    year = _text(year_words(entity, lang))
    if entity.counted:
        year.append(f"  [{', '.join(entity.counted)}]", style="dim")
    yield year
    for note in bound_reasons(entity, lang):
        yield _text(note, "dim")
    exported = exported_words(entity, lang)
    yield _text(exported) if exported else _text(t("no_ledger", lang), "dim")
    yield from (_text(line) for line in totals_lines(entity, lang))
    for forecast in entity.forecast:
        yield _text(heading("forecast", lang) + forecast_words(forecast, lang))
    if entity.exported_exempt is not None:
        yield _text(heading("exported_exempt", lang) + persons(entity.exported_exempt, lang), "dim")


def _flow(f: FlowReport, rules: RuleSet, lang: str) -> Iterator[RenderableType]:
    recipient = recipient_words(f.flow.recipient, lang)
    head = _text(f.flow.id, "bold")
    head.append_text(_text(f"  → {recipient}  " if recipient else "  ", "not bold"))
    head.append(path_words(f.decision, lang), style=STYLES.get(f.decision.path, "bold"))
    yield from (_text(), head)
    yield from (_indented_block(_text(line), 4) for line in flow_lines(f, rules, lang))


def _plan(entity: str, plan: Plan, lang: str) -> Iterator[RenderableType]:
    """Yield what would be filed, for whom; contract and certificate side by side where both are open."""
    yield from (_text(), _text(heading("plan", lang) + entity, "bold"))
    for option in plan.options:
        yield _indented_block(_text(option_words(option, lang)), 4)
    for note in plan.notes:
        yield _indented_block(_text(messages.render(note, lang)), 4)
    if plan.compared:
        yield _indented_block(_comparison(plan, lang), 4)


def _comparison(plan: Plan, lang: str) -> Table:
    table = Table(
        box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=True, header_style="dim"
    )
    for key in ("plan.compare", "plan.contract", "plan.certificate"):
        table.add_column(t(key, lang), overflow="fold")
    for row in plan.compared:
        table.add_row(*(row[:3] if lang == "zh" else row[3:]))
    return table


def _stock(stock: Stock, lang: str) -> Iterator[RenderableType]:
    yield from (_text(), _text(heading("stock", lang) + stock.entity, "bold"))
    yield from (_indented_block(_text(line), 4) for line in stock_lines(stock, lang))


# ---- what is open


def _questions(questions: Sequence[Question], lang: str) -> Iterator[RenderableType]:
    if questions:
        yield from (_text(), _text(t("questions", lang), "bold"))
    for question in questions:
        scope = f" [{question.scope}]" if question.scope else ""
        title = fact_title(question.fact, lang)
        yield _indented_block(_text(f"{title}{scope}: {messages.render(question.ask, lang)}"), 2)
        yield _indented_block(_text(join_list(answer_words(question, lang), "clauses", lang)), 4)
        yield _indented_block(_text(heading("question.how", lang) + messages.render(question.how, lang)), 4)


def _skipped_lines(report: Report, lang: str) -> Iterator[RenderableType]:
    if report.skipped:
        yield from (_text(), _text(t("skipped", lang), "bold"))
    for skipped in report.skipped:
        yield _indented_block(_text(f"{skipped.id}  {unread_words(skipped.reason, skipped.hint, lang)}"), 2)


def _assumption_lines(report: Report, lang: str) -> Iterator[RenderableType]:
    assumed = list(assumptions(report))
    if assumed:
        yield from (_text(), _text(t("assumed", lang), "bold"))
    for table, loss in assumed:
        yield _indented_block(_text(f"{table.id}  {unread_words(loss.message, loss.hint, lang)}"), 2)


# ---- findings per table


def _tables(report: Report, lang: str, width: int) -> Iterator[RenderableType]:
    yield from (_text(), _text(heading("tables", lang) + _totals_line(report, lang), "bold"))
    tables = [table for table in report.tables if any(primary(column) for column in table.columns)]
    foremost = _foremost_tables(tables, report)
    if marks := review_marks(report, lang):
        yield _text(marks, "dim")
    layout = _layout(foremost, lang, width)
    for table in foremost:
        yield from _table(table, lang, layout)
    if len(foremost) < len(tables):
        yield _text(t("more_tables", lang, n=number(len(tables) - len(foremost))), "dim")


def _totals_line(report: Report, lang: str) -> str:
    open_columns = sum(possible(column) is not None for table in report.tables for column in table.columns)
    more = t("possible.count", lang, n=number(open_columns)) if open_columns else ""
    return totals_words(report, lang) + more


def _foremost_tables(tables: Sequence[TableReport], report: Report) -> list[TableReport]:
    """Return the tables worth a place on the screen, in their order.

    Those of flows come first, then those with most sensitive and most personal columns.
    """
    if len(tables) <= MOST_TABLES:
        return list(tables)
    leaving = {table_of(column) for flow in report.flows for column in flow.columns}

    def weight(table: TableReport) -> tuple[bool, int, int]:
        personal = personal_findings(table)
        sensitive = sum(assessed.sensitive == "yes" for assessed in personal)
        return table.id in leaving, sensitive, len(personal)

    foremost = {table.id for table in sorted(tables, key=weight, reverse=True)[:MOST_TABLES]}
    return [table for table in tables if table.id in foremost]


@dataclass(frozen=True, slots=True)
class _ScreenLayout:
    """Widths of the columns under tables, equal in all, so that the eye runs down one line; 0: left out."""

    name: int
    label: int
    sensitive: int
    evidence: int


def _layout(tables: Sequence[TableReport], lang: str, width: int) -> _ScreenLayout:
    """Return the widths: name, label, sensitivity and confidence stand at any width of the screen.

    Evidence has the rest of the room, and goes first where that is little.
    """
    columns = [column for table in tables for column in table.columns]
    rows = [(column.name, assessed) for column in columns if (assessed := primary(column))]
    names = max((cell_len(shown(name)) for name, _ in rows), default=1)
    labels = max((cell_len(label_words(assessed, lang)) for _, assessed in rows), default=1)
    sensitive = max((cell_len(t(f"sensitive.{assessed.sensitive}", lang)) for _, assessed in rows), default=0)
    fixed = MARK_WIDTH + CONFIDENCE_WIDTH + 2 * GAP_WIDTH
    room = width - fixed - (sensitive + GAP_WIDTH if sensitive else 0)
    if names + labels > room:
        names = max(room - labels, min(names, room * 2 // 5))
        labels = min(labels, room - names)
    evidence = room - names - labels - GAP_WIDTH
    return _ScreenLayout(names, labels, sensitive, evidence if evidence >= LEAST_EVIDENCE else 0)


def _table(table: TableReport, lang: str, layout: _ScreenLayout) -> Iterator[RenderableType]:
    """Yield a table's head, its columns with findings, and what is to be judged as a whole."""
    owner = f"  {table.owner}" if table.owner else ""
    yield _text(f"{table.id}  {_way_of_reading(table, lang)}{owner}", "bold")
    grid = Table(box=None, padding=(0, GAP_WIDTH, 0, 0), show_header=False, pad_edge=False, expand=False)
    widths = (MARK_WIDTH + layout.name, layout.label, layout.sensitive, CONFIDENCE_WIDTH, layout.evidence)
    for width in widths:
        if width:
            grid.add_column(no_wrap=True, width=width, overflow="ellipsis")
    for column in table.columns:
        if assessed := primary(column):
            grid.add_row(*_cells(column, assessed, lang, layout))
    yield grid
    for combination in table.combinations:
        yield _indented_block(_text(combination_words(combination, lang)), 2)


def _way_of_reading(table: TableReport, lang: str) -> str:
    if not table.drawn:
        return t(f"status.{table.status}", lang)
    method = in_brackets(sampling_words(table.drawn.method, lang), lang)
    return f"{t('drawn', lang)} {number(table.drawn.rows)}{method}"


def _cells(
    column: ColumnReport, assessed: Assessed, lang: str, layout: _ScreenLayout
) -> Iterator[RenderableType]:
    yield _text(f"{_review_mark(column):<{MARK_WIDTH}}{shown(column.name)}")
    yield label_words(assessed, lang)
    if layout.sensitive:
        yield t(f"sensitive.{assessed.sensitive}", lang)
    yield f"{assessed.finding.confidence:.2f}"
    if layout.evidence:
        words = brief_evidence if layout.evidence < BRIEF_EVIDENCE else evidence_words
        yield words(assessed, lang)


def _possible_band(report: Report, lang: str) -> Iterator[RenderableType]:
    """Yield what is neither found nor ruled out, those that leave first, and what settles it."""
    rows = possible_columns(report)
    if not rows:
        return
    yield from (_text(), _text(t("possible.band", lang, n=number(len(rows))), "bold"))
    for _, column in rows[:MOST_POSSIBLE]:
        yield _indented_block(_text(_possible_line(column, lang)), 2)
    if len(rows) > MOST_POSSIBLE:
        yield _indented_block(_text(t("possible.more", lang, n=number(len(rows) - MOST_POSSIBLE)), "dim"), 2)
    yield _indented_block(_text(settling_words(rows[0][1].id if len(rows) == 1 else "", lang), "dim"), 2)


def _possible_line(column: ColumnReport, lang: str) -> str:
    assessed = possible(column)
    assert assessed is not None               # it is one of the possible columns
    words = (
        column.id, label_words(assessed, lang), t(f"sensitive.{assessed.sensitive}", lang),
        f"{assessed.finding.confidence:.2f}", evidence_words(assessed, lang),
    )
    return "  ".join(word for word in words if word)


def _review_mark(column: ColumnReport) -> str:
    """Return `!` where a review is stale, `+` where a person accepted the finding."""
    if column.reviewed is not None and column.reviewed.stale:
        return "!"
    return "+" if standing(column) == "accepted" else " "
