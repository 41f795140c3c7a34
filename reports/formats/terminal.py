"""Terminal text: first the path of each flow with clause, number and margin, and the open questions; then what was found per table."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from detectors.labels import labels
from detectors.model import unquote
from mappings.model import Assessed, Combination, Decision, Question
from reports.model import EntityReport, FlowReport, Report, Stock, TableReport, primary
from reports.words import note, number, persons, t

STYLES = {"security_assessment": "bold red", "standard_contract_or_certification": "bold yellow", "needs_review": "bold magenta",
          "not_necessary_stop": "bold red", "blocked_without_approval": "bold red"}


def render(report: Report, lang: str, width: int = 100, colour: bool = False) -> str:
    """The report as text of at most `width` columns; CJK characters count two."""
    console = Console(file=io.StringIO(), width=width, force_terminal=colour, color_system="standard" if colour else None, highlight=False,
                      emoji=False, markup=False, legacy_windows=False)
    console.print(Text(f"chujing  {t('title', lang)}  {t('as_of', lang)} {report.run.as_of}", style="bold"))
    console.print(Text(t("disclaimer", lang), style="dim"))
    if report.run.interrupted:
        console.print(Text(t("interrupted", lang), style="bold red"))
    if report.flows:
        for e in report.exporter:
            console.print()
            console.print(_entity(e, lang))
            for f in report.flows:
                if f.flow.id in e.flows:
                    console.print()
                    console.print(_flow(f, lang))
    elif report.tables:
        console.print(Text(t("no_flows", lang), style="dim"))
    for stock in report.stock:
        console.print()
        console.print(_stock(stock, lang))
    if report.questions:
        console.print()
        console.print(Text(t("questions", lang), style="bold"))
        for q in report.questions:
            console.print(_question(q, lang))
    if report.skipped:
        console.print()
        console.print(Text(t("skipped", lang), style="bold"))
        for s in report.skipped:
            console.print(Padding(Text(f"{s.id}  {s.reason}. {s.hint}"), (0, 0, 0, 2)))
    if report.tables:
        console.print()
        console.print(Text(f"{t('tables', lang)}: {_totals(report, lang)}", style="bold"))
        for table in report.tables:
            if any(c.findings for c in table.columns):
                console.print(_table(table, lang))
    out = console.file.getvalue()             # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in out.splitlines())


def _totals(report: Report, lang: str) -> str:
    found = [p for table in report.tables for c in table.columns if (p := primary(c)) and p.finding.kind == "personal_information"]
    return t("columns_found", lang, n=number(len(found)), s=number(sum(a.sensitive == "yes" for a in found)))


def _entity(e: EntityReport, lang: str) -> Text:
    out = Text()
    out.append(f"{t('entity', lang)} {e.entity}  ", style="bold")
    out.append(_path(e.decision, lang), style=STYLES.get(e.decision.path, "bold"))
    out.append(f"\n  {t('exporter', lang)}: {persons(e.individuals, lang)} {t('people', lang)}")
    out.append(f", {t('sensitive_individuals', lang)} {persons(e.sensitive_individuals, lang)}")
    if e.counted:
        out.append(f"  [{', '.join(e.counted)}]", style="dim")
    if e.exported is not None and e.exported_sensitive is not None:
        out.append(f"\n  {t('exported', lang)}: {persons(e.exported, lang)} {t('people', lang)}, {t('sensitive_individuals', lang)} ")
        out.append(persons(e.exported_sensitive, lang))
    else:
        out.append(f"\n  {t('no_ledger', lang)}", style="dim")
    if e.exported_exempt is not None:
        out.append(f"  {t('exported_exempt', lang)}: {persons(e.exported_exempt, lang)}", style="dim")
    return out


def _stock(s: Stock, lang: str) -> Group:
    head = Text(f"{t('stock', lang)}: {s.entity}", style="bold")
    line = f"{persons(s.individuals, lang)} {t('people', lang)} ({t('method.' + s.individuals.method, lang)})"
    if s.faces.high != 0:
        line += f", {t('stock.faces', lang)} {persons(s.faces, lang)}"
    lines = [line, *(f"{t('stock.' + d.status, lang, n=number(d.persons))}: {d.zh if lang == 'zh' else d.en}  {d.source} "
                     f"[{t(d.confidence_of_source, lang)}]" for d in s.duties if d.status != "below")]
    return Group(head, *(Padding(Text(x), (0, 0, 0, 4)) for x in [*lines, *(note(n, lang) for n in s.notes)]))


def _path(d: Decision, lang: str) -> str:
    words = t(f"path.{d.path}", lang)
    if d.path == "needs_review":
        words += ": " + " | ".join(t(f"path.{p}", lang) for p in d.possible)
    return words


def _flow(f: FlowReport, lang: str) -> Group:
    head = Text()
    to = f"{f.flow.recipient.name} {f.flow.recipient.country}".strip()
    head.append(f"{f.flow.id}", style="bold")
    head.append(f"  → {to}  " if to else "  ")
    head.append(_path(f.decision, lang), style=STYLES.get(f.decision.path, "bold"))
    lines = [f"{t('individuals', lang)} {persons(f.individuals, lang)} ({t('method.' + f.individuals.method, lang)}), "
             f"{t('sensitive_individuals', lang)} {persons(f.sensitive_individuals, lang)}"
             + (f", {t('minors', lang)} {persons(f.minors, lang)}" if f.minors.high else "")]
    for r in f.decision.because:
        words = r.words if lang == "zh" else r.words_en
        lines.append(f"{t('path.' + r.path, lang)}: {r.clause} [{t(r.confidence_of_source, lang)}] {r.fact}{' ' + words if words else ''}")
    lines += [t(f"margin.{m.counter}", lang, n=number(m.to_next), line=number(m.line)) for m in f.decision.margin]
    if f.without_unnecessary is not None:
        names = ", ".join(c.rsplit("/", 1)[1] for c in f.dropped)
        lines.append(t("without.text", lang, fields=names, path=_path(f.without_unnecessary, lang)))
    lines += [f"{t('unresolved', lang)}: {u}" for u in f.unresolved]
    lines += [note(n, lang) for n in (*f.count_notes, *f.decision.notes)]
    return Group(head, *(Padding(Text(line), (0, 0, 0, 4)) for line in lines))


def _question(q: Question, lang: str) -> Padding:
    ask = q.ask if lang == "zh" else q.ask_en
    scope = f" [{q.scope}]" if q.scope else ""
    leads = "; ".join(t("question.answer", lang, answer=t(f"answer.{a}", lang), paths=" | ".join(t(f"path.{p}", lang) for p in ps))
                      for a, ps in q.leads_to.items())
    return Padding(
        Text(f"{q.fact}{scope}: {ask}\n  {leads}\n  {t('question.how', lang)}: {q.how if lang == 'zh' else q.how_en}"), (0, 0, 0, 2)
    )


def _table(table: TableReport, lang: str) -> Table:
    drawn = (
        f"{t('drawn', lang)} {number(table.drawn.rows)} ({t('drawn.' + table.drawn.method, lang)})"
        if table.drawn
        else t(f"status.{table.status}", lang)
    )
    out = Table(title=f"{table.id}  {drawn}", title_justify="left", title_style="", box=None, padding=(0, 2, 0, 0), show_header=False,
                pad_edge=False, expand=False)
    out.add_column(no_wrap=True, max_width=34, overflow="ellipsis")
    out.add_column(no_wrap=True)
    out.add_column(no_wrap=True)
    out.add_column(no_wrap=True)
    out.add_column(no_wrap=True, overflow="ellipsis")
    for c in table.columns:
        if p := primary(c):
            out.add_row(
                "  " + c.name, label_words(p, lang), t(f"sensitive.{p.sensitive}", lang), f"{p.finding.confidence:.2f}", evidence(p, lang)
            )
    if table.combinations:
        out.caption = "\n".join(f"  {combination_words(c, lang)}" for c in table.combinations)
        out.caption_justify, out.caption_style = "left", ""
    return out


def combination_words(c: Combination, lang: str) -> str:
    """What is to be judged as a whole, and the columns."""
    names = ", ".join(unquote(column.rsplit("/", 1)[1]) for column in c.columns)
    return t("combination", lang, what=c.zh if lang == "zh" else c.en, columns=names)


def label_words(a: Assessed, lang: str) -> str:
    """A label's title in the language of the reader."""
    info = labels().get(a.finding.label)
    return str(a.finding.label) if info is None else info.zh if lang == "zh" else info.en


def evidence(a: Assessed, lang: str) -> str:
    """Kinds of evidence with their denominators, short."""
    parts: Sequence[str] = [
        t(f"origin.{e.origin}", lang) + (" " + t("of", lang, matched=number(e.matched), examined=number(e.examined)) if e.examined else "")
        for e in a.finding.evidence if e.origin != "table"
    ]
    return ", ".join(dict.fromkeys(parts))
