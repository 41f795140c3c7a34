"""Terminal text: first the path of each flow with clause, number and margin, and the open questions; then what was found per table."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mappings.flow_report import EntityReport, FlowReport, Stock
from mappings.model import Estimate, Question
from mappings.rules import RuleSet, in_force
from reports.cells import shown
from reports.messages import render as messages
from reports.messages.words import aside, heading, join_list, t
from reports.model import Report, TableReport, primary, standing
from reports.wording.decision import answer_words, group_words, main_reasons, path_names, path_words, reason_fact_words
from reports.wording.entity import forecast_words
from reports.wording.figures import method_words, number, persons, since_words
from reports.wording.flow import change_words, difference_words, ready_words
from reports.wording.reading import sampling_words, unread_words
from reports.wording.table import combination_words, coverage_words, evidence_words, label_words

LONG = 2_000                                  # characters of one line that are shown
SHOWN = 40                                    # tables on the screen; all of them are in the other formats
MARK, GAP, CONFIDENCE = 2, 2, 4                # columns of the screen
LEAST, BRIEF = 12, 30                         # evidence narrower than that is left out, or brief
_TIE, _COUNTED = "\ue000", re.compile("(?<=[0-9]) (?=[\u3040-\u9fff])")      # no line ends between a number and what it counts
STYLES = {"security_assessment": "bold red", "standard_contract_or_certification": "bold yellow", "needs_review": "bold magenta",
          "not_necessary_stop": "bold red", "blocked_without_approval": "bold red"}


def render(report: Report, lang: str, width: int = 100, colour: bool = False) -> str:
    """The report as text of at most `width` columns; CJK characters count two."""
    console = Console(file=io.StringIO(), width=width, force_terminal=colour, color_system="standard" if colour else None, highlight=False,
                      emoji=False, markup=False, legacy_windows=False)
    console.print(_text(f"chujing  {t('title', lang)}  {t('as_of', lang)} {report.run.as_of}", style="bold"))
    console.print(_text(t("disclaimer", lang), style="dim"))
    if report.run.interrupted:
        console.print(_text(t("interrupted", lang), style="bold red"))
    if (told := coverage_words(report, lang)):
        console.print(_text(told, style="dim"))
    if report.flows:
        rules = in_force(report.run.as_of)
        for e in report.exporter:
            console.print()
            console.print(_entity(e, lang))
            for f in report.flows:
                if f.flow.id in e.flows:
                    console.print()
                    console.print(_flow(f, rules, lang))
            if (planned := _plan(e, lang)) is not None:
                console.print()
                console.print(planned)
    elif report.tables:
        console.print(_text(t("no_flows", lang), style="dim"))
    for stock in report.stock:
        console.print()
        console.print(_stock(stock, lang))
    if report.questions:
        console.print()
        console.print(_text(t("questions", lang), style="bold"))
        for q in report.questions:
            console.print(_question(q, lang))
    if report.skipped:
        console.print()
        console.print(_text(t("skipped", lang), style="bold"))
        for s in report.skipped:
            console.print(Padding(_text(f"{s.id}  {unread_words(s.reason, s.hint, lang)}"), (0, 0, 0, 2)))
    if report.tables:
        console.print()
        console.print(_text(f"{heading('tables', lang)}{_totals(report, lang)}", style="bold"))
        found = [table for table in report.tables if any(primary(c) for c in table.columns)]
        foremost = _foremost(found, report)
        if marks := _reviews(report, lang):
            console.print(_text(marks, style="dim"))
        layout = _layout(foremost, lang, width)
        for table in foremost:
            console.print(_table(table, lang, layout))
        if len(foremost) < len(found):
            console.print(_text(t("more_tables", lang, n=number(len(found) - len(foremost))), style="dim"))
    out = console.file.getvalue()             # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in out.replace(_TIE, " ").splitlines())


def _text(text: str = "", style: str = "") -> Text:
    """Text for the console in which names cannot move the cursor, turn the text or hide."""
    return Text(_COUNTED.sub(_TIE, shown(text, LONG)), style=style)


def _foremost(found: Sequence[TableReport], report: Report) -> list[TableReport]:
    """The tables worth a place on the screen, in order: those of flows, then those with most sensitive and most personal columns."""
    if len(found) <= SHOWN:
        return list(found)
    leaving = {c.rsplit("/", 1)[0] for f in report.flows for c in f.columns}

    def weight(table: TableReport) -> tuple[bool, int, int]:
        personal = [p for c in table.columns if (p := primary(c)) and p.finding.kind == "personal_information"]
        return table.id in leaving, sum(p.sensitive == "yes" for p in personal), len(personal)

    kept = {table.id for table in sorted(found, key=weight, reverse=True)[:SHOWN]}
    return [table for table in found if table.id in kept]


def _totals(report: Report, lang: str) -> str:
    found = [p for table in report.tables for c in table.columns if (p := primary(c)) and p.finding.kind == "personal_information"]
    return t("columns_found", lang, n=number(len(found)), s=number(sum(a.sensitive == "yes" for a in found)))


def _persons(individuals: Estimate, sensitive: Estimate, lang: str) -> str:
    """Head-counts of everybody and of those with sensitive information."""
    everybody = f"{persons(individuals, lang)} {t('people', lang)}"
    return join_list((everybody, f"{t('sensitive_individuals', lang)} {persons(sensitive, lang)}"), "pieces", lang)


def _entity(e: EntityReport, lang: str) -> Group:
    head = _text(f"{t('entity', lang)} {e.entity}  ", style="bold")
    head.append(path_words(e.decision, lang), style=STYLES.get(e.decision.path, "bold"))
    year = _text(heading("exporter", lang) + _persons(e.individuals, e.sensitive_individuals, lang))
    if e.counted:
        year.append(f"  [{', '.join(e.counted)}]", style="dim")
    if e.exported is not None and e.exported_sensitive is not None:
        ledger = _text(heading("exported", lang) + _persons(e.exported, e.exported_sensitive, lang))
    else:
        ledger = _text(t("no_ledger", lang), style="dim")
    why = dict.fromkeys(since_words(n, lang) for n in (e.individuals, e.sensitive_individuals))
    lines = [year, *(_text(x, style="dim") for x in why if x), ledger]
    lines += [_text(f"{heading('forecast', lang)}{forecast_words(f, lang)}") for f in e.forecast]
    if e.exported_exempt is not None:
        lines.append(_text(f"{heading('exported_exempt', lang)}{persons(e.exported_exempt, lang)}", style="dim"))
    return Group(head, *(Padding(line, (0, 0, 0, 2)) for line in lines))


def _plan(e: EntityReport, lang: str) -> Group | None:
    """What would be filed, for whom; contract and certificate side by side where both are open."""
    if e.plan is None:
        return None
    lines: list[Text | Table] = []
    for o in e.plan.options:
        to = join_list(o.for_recipients, "names", lang)
        words = messages.render(o.words, lang)
        lines.append(_text(f"{t('plan.' + o.path, lang)} [{', '.join(o.flows)}] → {to}: {words}  {o.source} "
                          f"[{t(o.confidence_of_source, lang)}]"))
    lines += [_text(messages.render(n, lang)) for n in e.plan.notes]
    if e.plan.compared:
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=True, header_style="dim")
        for head in (t("plan.compare", lang), t("plan.contract", lang), t("plan.certificate", lang)):
            table.add_column(head, overflow="fold")
        for r in e.plan.compared:
            table.add_row(*(r[:3] if lang == "zh" else r[3:]))
        lines.append(table)
    return Group(_text(f"{heading('plan', lang)}{e.entity}", style="bold"), *(Padding(x, (0, 0, 0, 4)) for x in lines))


def _stock(s: Stock, lang: str) -> Group:
    head = _text(f"{heading('stock', lang)}{s.entity}", style="bold")
    line = f"{persons(s.individuals, lang)} {t('people', lang)}{aside(method_words(s.individuals, lang), lang)}"
    if s.faces.high != 0:
        line = join_list((line, f"{t('stock.faces', lang)} {persons(s.faces, lang)}"), "pieces", lang)
    lines = [line, *(f"{heading('stock.' + d.status, lang, n=number(d.persons))}{messages.render(d.words, lang)}  {d.source} "
                     f"[{t(d.confidence_of_source, lang)}]" for d in s.duties if d.status != "below")]
    return Group(head, *(Padding(_text(x), (0, 0, 0, 4)) for x in [*lines, *(messages.render(n, lang) for n in s.notes)]))


def _flow(f: FlowReport, rules: RuleSet, lang: str) -> Group:
    to = f"{f.flow.recipient.name} {f.flow.recipient.country}".strip()
    head = _text(f.flow.id, style="bold")
    head.append_text(_text(f"  → {to}  " if to else "  ", style="not bold"))
    head.append(path_words(f.decision, lang), style=STYLES.get(f.decision.path, "bold"))
    counts = [
        f"{t('individuals', lang)} {persons(f.individuals, lang)}{aside(method_words(f.individuals, lang), lang)}",
        f"{t('sensitive_individuals', lang)} {persons(f.sensitive_individuals, lang)}",
    ]
    if f.minors.high:
        counts.append(f"{t('minors', lang)} {persons(f.minors, lang)}")
    lines = [join_list(counts, "pieces", lang)]
    if f.strict is not None and f.strict.sensitive != f.sensitive_individuals:
        lines.append(t("strict", lang, n=persons(f.strict.sensitive, lang)))
    for part in f.parts:
        lines.append(f"{heading('parts', lang)}{group_words(rules, part.group, lang)} {persons(part.count.individuals, lang)} "
                     f"{t('people', lang)} → {path_words(part.decision, lang)}")
    for r in main_reasons(f.decision):
        words = messages.render(r.words, lang)
        lines.append(f"{heading('path.' + r.path, lang)}{r.clause} [{t(r.confidence_of_source, lang)}] {reason_fact_words(r, lang)}"
                     f"{' ' + words if words else ''}")
    lines += [t(f"margin.{m.counter}", lang, n=number(m.to_next), line=number(m.line)) for m in f.decision.margin]
    if f.without_unnecessary is not None:
        names = join_list((c.rsplit("/", 1)[1] for c in f.dropped), "names", lang)
        path = path_words(f.without_unnecessary, lang)
        same = t("without.same", lang) if path == path_words(f.decision, lang) else ""
        lines.append(t("without.text", lang, fields=names, path=path) + same)
    lines += [f"{heading('changes', lang)}{change_words(c, f, lang)}" for c in f.changes]
    if "national_path" in f.decision.extra:
        lines.append(f"{heading('national', lang)}{path_names(f.decision.extra['national_path'], lang)}")
    if f.zones:
        zones = (f"{z.scenario} / {z.category} ({len(z.columns)})" for z in f.zones[:3])
        lines.append(f"{heading('zones', lang)}{join_list(zones, 'clauses', lang)}")
        lines += [t("zones.partial", lang)] if not all(z.complete for z in f.zones) else []
    if f.fields:
        lines.append(ready_words(f, lang))
    lines += [f"{heading('filed', lang)}{difference_words(d, lang)}" for d in f.filed if d.action != "none"]
    lines += [f"{heading('unresolved', lang)}{messages.render(u, lang)}" for u in f.unresolved]
    lines += [messages.render(n, lang) for n in (*f.count_notes, *f.decision.notes)]
    return Group(head, *(Padding(_text(line), (0, 0, 0, 4)) for line in lines))


def _question(q: Question, lang: str) -> Padding:
    ask = messages.render(q.ask, lang)
    scope = f" [{q.scope}]" if q.scope else ""
    how = f"{heading('question.how', lang)}{messages.render(q.how, lang)}"
    lines = Group(_text(join_list(answer_words(q, lang), "clauses", lang)), _text(how))
    return Padding(Group(_text(f"{q.fact}{scope}: {ask}"), Padding(lines, (0, 0, 0, 2))), (0, 0, 0, 2))


@dataclass(frozen=True, slots=True)
class _Layout:
    """Widths of the columns under every table, the same in all of them, so that the eye runs down one line; 0: left out."""

    name: int
    label: int
    sensitive: int
    evidence: int


def _layout(tables: Sequence[TableReport], lang: str, width: int) -> _Layout:
    """Mark, name, label, sensitivity and confidence stand at any width; evidence has what is left, and goes first where that is little."""
    found = [(c.name, p) for table in tables for c in table.columns if (p := primary(c))]
    names = max((cell_len(shown(name)) for name, _ in found), default=1)
    labels = max((cell_len(label_words(p, lang)) for _, p in found), default=1)
    sensitive = max((cell_len(t(f"sensitive.{p.sensitive}", lang)) for _, p in found), default=0)
    room = width - (MARK + GAP + (sensitive + GAP if sensitive else 0) + CONFIDENCE + GAP)
    if names + labels > room:
        names = max(room - labels, min(names, room * 2 // 5))
        labels = min(labels, room - names)
    evidence = room - names - labels - GAP
    return _Layout(names, labels, sensitive, evidence if evidence >= LEAST else 0)


def _table(table: TableReport, lang: str, layout: _Layout) -> Group:
    drawn = (
        f"{t('drawn', lang)} {number(table.drawn.rows)}{aside(sampling_words(table.drawn.method, lang), lang)}"
        if table.drawn
        else t(f"status.{table.status}", lang)
    )
    owner = f"  {table.owner}" if table.owner else ""
    out = Table(box=None, padding=(0, GAP, 0, 0), show_header=False, pad_edge=False, expand=False)
    for fixed in (MARK + layout.name, layout.label, layout.sensitive, CONFIDENCE, layout.evidence):
        if fixed:
            out.add_column(no_wrap=True, width=fixed, overflow="ellipsis")
    for c in table.columns:
        if p := primary(c):
            mark = "!" if c.reviewed is not None and c.reviewed.stale else "+" if standing(c) == "accepted" else " "
            cells: list[Text | str] = [_text(f"{mark:<{MARK}}{shown(c.name)}"), label_words(p, lang)]
            cells += [t(f"sensitive.{p.sensitive}", lang)] if layout.sensitive else []
            cells += [f"{p.finding.confidence:.2f}"]
            cells += [evidence_words(p, lang, brief=layout.evidence < BRIEF)] if layout.evidence else []
            out.add_row(*cells)
    told = [Padding(_text(combination_words(c, lang)), (0, 0, 0, 2)) for c in table.combinations]
    return Group(_text(f"{table.id}  {drawn}{owner}", style="bold"), out, *told)


def _reviews(report: Report, lang: str) -> str:
    """What the marks before columns mean, and how many people decided; empty where nobody did."""
    decided = [c for table in report.tables for c in table.columns if c.reviewed is not None]
    stale = sum(bool(c.reviewed and c.reviewed.stale) for c in decided)
    count = Counter(standing(c) for c in decided if c.reviewed is not None and not c.reviewed.stale)
    parts = [t(f"marks.{what}", lang, n=number(n)) for what, n in (("accepted", count["accepted"]), ("stale", stale),
                                                                  ("rejected", count["rejected"])) if n]
    return t("marks", lang, marks=join_list(parts, "marks", lang)) if parts else ""


