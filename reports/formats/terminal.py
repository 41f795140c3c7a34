"""Terminal text: first the path of each flow with clause, number and margin, and the open questions; then what was found per table."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from detectors.model import unquote
from mappings.baseline import Difference
from mappings.flow_report import EntityReport, FlowReport, Stock
from mappings.model import PATHS, Assessed, Change, Combination, Decision, Estimate, Forecast, Question, Reason
from mappings.rules import RuleSet, in_force
from mappings.taxonomy import weaker_forms
from reports.cells import shown
from reports.messages import render as messages
from reports.messages.words import aside, heading, join_list, t
from reports.model import Report, TableReport, coverage, primary, standing
from reports.wording.facts import fact_words, facts_of
from reports.wording.figures import method_words, number, persons, since_words
from reports.wording.reading import sampling_words, unread_words
from reports.wording.titles import label_title

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
    if (told := covered(report, lang)):
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


def forecast_words(f: Forecast, lang: str) -> str:
    """Persons on 31 December and when the next line would be reached."""
    text = t(f"forecast.{f.counter}", lang, n=persons(f.persons, lang))
    if f.line and f.earliest is None:
        text += "; " + t("forecast.never", lang, line=number(f.line))
    elif f.line:
        text += "; " + t("forecast.line", lang, line=number(f.line), path=t(f"path.{f.path}", lang),
                         reached=f.reached or t("forecast.later", lang), earliest=f.earliest)
    return text


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


def change_words(c: Change, f: FlowReport, lang: str) -> str:
    """One change: what is left out or weaker, the persons before and after, and the path it leads to."""
    sensitive = {v for v, _, kind in f.tally.fields if kind == "yes"} if f.tally is not None else set()
    forms = {v.column: messages.render(v.weaker, lang) for v in f.fields}
    dropped = [i.column for i in c.items if i.action == "drop"]
    parts = []
    if len(dropped) > 1 and set(dropped) == sensitive:
        parts.append(t("change.drop", lang, what=t("change.all_sensitive", lang)))
    elif dropped:
        parts.append(t("change.drop", lang, what=join_list((unquote(x.rsplit("/", 1)[1]) for x in dropped), "names", lang)))
    for i in c.items:
        if i.action == "weaken":
            label = next((v.label for v in f.fields if v.column == i.column), None)
            form = forms.get(i.column) or (_form(label, lang) if label else "")
            parts.append(t("change.weaken", lang, what=unquote(i.column.rsplit("/", 1)[1]), form=form))
        elif i.action == "adults":
            parts.append(t("change.adults", lang))
    before, after = f.sensitive_individuals.best, c.sensitive
    counts = t("change.counts", lang, before=number(before), after=number(after)) if before != after else t(
        "change.people", lang, before=number(f.individuals.best), after=number(c.individuals))
    paths = c.possible if c.path == "needs_review" else (c.path,)
    path = path_names(paths, lang)
    text = t("change.to", lang, items=join_list(parts, "clauses", lang), counts=counts, path=path)
    return f"{text} {t('change.higher', lang)}" if c.higher else text


def _form(label: str, lang: str) -> str:
    form = weaker_forms().get(label)
    return "" if form is None else messages.render(form.words, lang)


def group_words(rules: RuleSet, group: str, lang: str) -> str:
    """A subject group in the reader's language."""
    about = rules.raw["groups"].get(group)
    return group if about is None else str(about["zh" if lang == "zh" else "en"])


def main_reasons(d: Decision) -> tuple[Reason, ...]:
    """One reason for each path and rule, the one with most persons; `--explain` prints all."""
    found: dict[tuple[str, str], Reason] = {}
    for r in d.because:
        other = found.get((r.path, r.rule))
        if other is None or _persons_in(r) > _persons_in(other):
            found[r.path, r.rule] = r
    return tuple(found.values())


def _persons_in(r: Reason) -> int:
    facts = facts_of(r)
    return int(facts[0].value) if facts and facts[0].value.isdecimal() else 0


def supposed(r: Reason, lang: str) -> str:
    """The fact a reason rests on; marked where nobody has given it."""
    said = fact_words(facts_of(r), lang)
    return f"{t('supposed', lang)} {said}" if r.supposed else said


def difference_words(d: Difference, lang: str) -> str:
    """What is not as it was filed, with action and clause."""
    words = messages.render(d.words, lang)
    return f"[{t('action.' + d.action, lang)}] {words}: {d.what}  {d.source} [{t(d.confidence_of_source, lang)}]"


def step_words(answer: str, lang: str) -> str:
    """The answer to a question of the decision order."""
    return t(f"path.{answer}" if answer in PATHS else f"step.{answer}", lang)


def reading_words(reading: str, rules: RuleSet, lang: str) -> str:
    """Readings of the law a reason rests on, in words."""
    words = [r["zh" if lang == "zh" else "en"].get(x) for x in reading.split(", ") for r in rules.raw["readings"].values()]
    return join_list(dict.fromkeys(w for w in words if w), "names", lang) or reading


def _stock(s: Stock, lang: str) -> Group:
    head = _text(f"{heading('stock', lang)}{s.entity}", style="bold")
    line = f"{persons(s.individuals, lang)} {t('people', lang)}{aside(method_words(s.individuals, lang), lang)}"
    if s.faces.high != 0:
        line = join_list((line, f"{t('stock.faces', lang)} {persons(s.faces, lang)}"), "pieces", lang)
    lines = [line, *(f"{heading('stock.' + d.status, lang, n=number(d.persons))}{messages.render(d.words, lang)}  {d.source} "
                     f"[{t(d.confidence_of_source, lang)}]" for d in s.duties if d.status != "below")]
    return Group(head, *(Padding(_text(x), (0, 0, 0, 4)) for x in [*lines, *(messages.render(n, lang) for n in s.notes)]))


def path_words(d: Decision, lang: str) -> str:
    """The path, or every possible one."""
    words = t(f"path.{d.path}", lang)
    if d.path == "needs_review":
        words += t("list.heading", lang) + path_names(d.possible, lang)
    return words


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
        lines.append(f"{heading('path.' + r.path, lang)}{r.clause} [{t(r.confidence_of_source, lang)}] {supposed(r, lang)}"
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


def ready_words(f: FlowReport, lang: str) -> str:
    """What stands before a filing, in one line."""
    fields = sum(b.code == "field" for b in f.not_ready)
    if not f.not_ready:
        return t("ready.yes", lang)
    return t("ready.no", lang, fields=fields, of=len(f.fields), facts=len(f.not_ready) - fields)


def covered(report: Report, lang: str) -> str:
    """How the tables were checked: by values, carried over, by names and comments only, not at all, and why; empty without tables."""
    c = coverage(report)
    if not c.tables:
        return ""
    oldest = min((r.at[:10] for r in report.run.tables.values() if r.carried), default="")
    parts = [
        t("coverage.values", lang, n=number(c.values)) if c.values else "",
        t("coverage.carried", lang, n=number(c.carried), oldest=oldest) if c.carried else "",
        *(t("coverage.older", lang, n=number(n), why=messages.render(why, lang)) for why, n in sorted(c.older.items())),
        *(t("coverage.names", lang, n=number(n), why=messages.render(why, lang)) for why, n in sorted(c.names.items())),
        t("coverage.skipped", lang, n=number(c.skipped)) if c.skipped else "",
    ]
    return f"{heading('coverage', lang, n=number(c.tables))}" + join_list((p for p in parts if p), "clauses", lang)


def path_names(paths: Iterable[str], lang: str) -> str:
    """Paths of which one applies."""
    return join_list((t(f"path.{path}", lang) for path in paths), "alternatives", lang)


def leads(q: Question, lang: str) -> list[str]:
    """Each answer to a question, and the paths it leaves."""
    return [t("question.answer", lang, answer=t(f"answer.{a}", lang), paths=path_names(ps, lang))
            for a, ps in q.leads_to.items()]


def _question(q: Question, lang: str) -> Padding:
    ask = messages.render(q.ask, lang)
    scope = f" [{q.scope}]" if q.scope else ""
    how = f"{heading('question.how', lang)}{messages.render(q.how, lang)}"
    lines = Group(_text(join_list(leads(q, lang), "clauses", lang)), _text(how))
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
            cells += [evidence(p, lang, brief=layout.evidence < BRIEF)] if layout.evidence else []
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


def combination_words(c: Combination, lang: str) -> str:
    """What is to be judged as a whole, and the columns."""
    names = join_list((unquote(column.rsplit("/", 1)[1]) for column in c.columns), "names", lang)
    return t("combination", lang, what=messages.render(c.title, lang), columns=names)


def label_words(a: Assessed, lang: str) -> str:
    """A finding's label in the language of the reader."""
    return label_title(a.finding.label, lang)


def evidence(a: Assessed, lang: str, brief: bool = False) -> str:
    """Kinds of evidence with their denominators, short. brief: cells that agreed come first, as bare figures."""
    found = [e for e in a.finding.evidence if e.origin != "table"]
    if brief:
        cells = [f"{number(e.matched)}/{number(e.examined)}" for e in found if e.examined]
        origins = (t(f"origin.{e.origin}", lang) for e in found if not e.examined)
        return join_list(dict.fromkeys((*cells, *origins)), "names", lang)
    parts: Sequence[str] = [
        t(f"origin.{e.origin}", lang) + (" " + t("of", lang, matched=number(e.matched), examined=number(e.examined)) if e.examined else "")
        for e in found
    ]
    return join_list(dict.fromkeys(parts), "names", lang)
