"""Why a column has its label, what people decided about it, and why a flow has its path, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from detectors.message import Msg
from detectors.model import ColumnId, Evidence
from mappings.flow_report import FlowReport
from reports.messages.render import render
from reports.messages.words import aside, heading, join_list, t
from reports.model import ColumnReport, Report, Reviewed
from reports.reviews.basis import DETECTOR
from reports.reviews.collection import Reviews
from reports.reviews.review import Review
from reports.wording.decision import (
    answer_words,
    path_names,
    reason_fact_words,
)
from reports.wording.table import combination_words, label_words
from reports.wording.titles import label_title
from scanner.gather.table_catalogue import Entity, pick

if TYPE_CHECKING:
    from scanner.workspace import Workspace

COLUMN_OR_FLOW = Entity(
    lambda word: Msg('no column or flow "{name}" was found', name=word),
    lambda word: Msg('column or flow "{name}" is ambiguous', name=word),
)


def current(workspace: Workspace, today: date) -> tuple[Report, Reviews]:
    """The last scan of a folder as people have decided it until today, and all that they decided."""
    from scanner.review import decisions

    at = decisions.desk(workspace, today)
    return decisions.current(at), at.reviews


def explain(report: Report, word: str, lang: str, reviews: Reviews | None = None) -> str:
    """Text for a column or flow; ConfigError with the nearest name if there is none. reviews: all of them, those that do not count, too."""
    flows = {f.flow.id: f for f in report.flows}
    columns = {c.id: (c, table) for table in report.tables for c in table.columns}
    if word in flows:
        mine = [columns[c][0] for c in flows[word].columns if c in columns]
        return "\n".join([_flow(flows[word], lang), *(f"  = {c.id}: {words}" for c in mine for words in review_lines(c, lang))])
    column, table = columns[ColumnId(pick(word, [*columns], COLUMN_OR_FLOW))]
    together = [c for c in table.combinations if column.id in c.columns]
    told = [f"  {combination_words(c, lang)}; {c.source} [{t(c.confidence_of_source, lang)}]" for c in together]
    return "\n".join([_column(column, table.id, reviews or Reviews(), lang), *told])


def _column(column: ColumnReport, table: str, reviews: Reviews, lang: str) -> str:
    lines = [f"{column.id}  {column.type}  {column.comment}".rstrip()]
    if column.ignored:
        lines.append(f"  {heading('explain.ignored', lang)}{column.ignored}")
    lines += [f"  = {words}" for words in review_lines(column, lang)]
    lines += [f"  - {words}" for words in _others(column, table, reviews, lang)]
    for a in column.findings:
        f = a.finding
        mark = "*" if f.primary else " "
        how = t("origin.review", lang) if f.detector == DETECTOR else f.detector
        kinds = join_list((how, t(f"tier.{f.tier}", lang), t(f"kind.{f.kind}", lang)), "pieces", lang)
        lines.append(f" {mark} {label_words(a, lang)} {f.label} {aside(kinds, lang)}  {f.confidence:.2f}")
        meaning = (f"{a.category_zh} {a.category}", t(f"grade.{a.grade}", lang), t(f"sensitive.{a.sensitive}", lang), a.source)
        lines.append(f"     {join_list((x for x in meaning if x), 'clauses', lang)} [{t(a.confidence_of_source, lang)}]")
        lines += [f"     {_evidence(e, lang)}" for e in f.evidence]
    if not column.findings:
        lines.append(
            "  "
            + t("nothing_in", lang, n=column.examined)
            + (t("nothing_bound", lang, d=_bound(column.examined)) if column.examined else "")
        )
    return "\n".join(lines)


def review_lines(column: ColumnReport, lang: str) -> Iterator[str]:
    """What a person decided on a column, whether it still holds, and who decided otherwise; nothing where nobody did."""
    r = column.reviewed
    if r is None:
        return
    machine = label_title(r.found, lang) if r.found else t("explain.nothing", lang)
    yield _said(r, r.scope, "" if r.verdict == "justify" else machine if r.verdict == "reject" else label_title(r.label, lang), lang)
    if r.stale:
        yield f"! {t('stale.' + r.stale, lang)}; {t('explain.stands', lang, found=machine)}"
    if r.against:
        yield f"! {t('explain.against', lang, others=render(r.against, lang))}"


def _others(column: ColumnReport, table: str, reviews: Reviews, lang: str) -> Iterator[str]:
    """Further reviews that speak of a column: reasons why it is there, and those that a nearer or later one overrules."""
    counted = column.reviewed.id if column.reviewed is not None else ""
    for said in reviews.on(column.id, table):
        if said.id != counted:
            r = said.review
            what = "" if r.verdict == "justify" else label_title(r.to or r.label, lang)
            yield _said(r, r.scope, what, lang) + ("" if r.verdict == "justify" else f"  {t('explain.overruled', lang)}")


def _said(r: Review | Reviewed, scope: str, what: str, lang: str) -> str:
    """`accepted by lin on 2026-11-20: mobile number; reason: checked  (of this column, r-0123456789; until 2027-06-30)`."""
    told = t(f"explain.{r.verdict}", lang, by=r.by, on=r.on) + (t("explain.what", lang, what=what) if what else "")
    why = t("explain.why", lang, why=r.why) if r.why else ""
    until = f"; {t('review.until', lang, day=r.until)}" if r.until is not None else ""
    return f"{told}{why}  ({t('explain.scope', lang, scope=t(f'page.scope.{scope}', lang), id=r.id)}{until})"


def _bound(examined: int) -> str:
    """Density of a kind that 0 of n cells still allow, at 95 %: 1 - 0.05 ** (1 / n)."""
    return f"{100 * (1 - 0.05 ** (1 / examined)):.2g} %"


def _evidence(e: Evidence, lang: str) -> str:
    unit = t(f"page.unit.{(e.unit or 'x')[0]}", lang)
    share = " " + t("of.unit", lang, matched=e.matched, examined=e.examined, unit=unit) if e.examined else ""
    return f"- {heading(f'origin.{e.origin}', lang)}{render(e.note, lang)}{share}"


def _flow(flow: FlowReport, lang: str) -> str:
    d = flow.decision
    lines = [f"{flow.flow.id}: {t('path.' + d.path, lang)}{aside(d.path, lang)}"]
    if len(d.possible) > 1:
        lines.append("  " + path_names(d.possible, lang))
    for r in d.because:
        words = render(r.words, lang)
        clause = f"{r.clause} [{t(r.confidence_of_source, lang)}]"
        lines.append(f"  - {heading('path.' + r.path, lang)}{clause} {reason_fact_words(r, lang)} {words}".rstrip())
    lines += [f"  ? {render(q.ask, lang)}  " + join_list(answer_words(q, lang), "clauses", lang) for q in d.questions]
    lines += [
        f"  . {v.column}: {t('verdict.' + v.verdict, lang)}, {render(v.reason, lang)}{aside(v.source, lang)}"
        for v in flow.fields
    ]
    lines += [f"  ! {render(u, lang)}" for u in (*flow.unresolved, *flow.count_notes, *d.notes)]
    return "\n".join(lines)
