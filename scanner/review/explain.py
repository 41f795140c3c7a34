"""Why a column has its label, what people decided about it, and why a flow has its path, in plain words."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import TYPE_CHECKING, get_args

from detectors.evidence import is_against
from detectors.message import Msg
from detectors.model import ColumnId, Evidence, Origin, TableId
from detectors.renamed import old_names
from mappings.flow_report import FlowReport
from mappings.model import Assessed, Reason
from reports.messages.render import render
from reports.messages.words import heading, in_brackets, join_list, t
from reports.model import ColumnReport, Report, Reviewed, possible
from reports.reviews.basis import DETECTOR
from reports.reviews.collection import Reviews
from reports.reviews.review import Review
from reports.wording.decision import answer_words, path_names, reason_words
from reports.wording.possible import possible_lines, settling_words
from reports.wording.table import combination_words, label_words
from reports.wording.titles import label_title
from scanner.gather.table_catalogue import Entity, pick_id

if TYPE_CHECKING:
    from scanner.state.store import WholeTables
    from scanner.workspace import Workspace

COLUMN_OR_FLOW = Entity(
    lambda word: Msg('no column or flow "{name}" was found', name=word),
    lambda word: Msg('column or flow "{name}" is ambiguous', name=word),
)


def current_scan(
    workspace: Workspace, whole: WholeTables | None = None, word: str = ""
) -> tuple[Report, Reviews]:
    """Return the last scan of a folder as people have decided it, on its own day, and all their reviews.

    whole: which of its tables are read whole, given its outline; None: all. word: what is looked at; where it
    is the id of a table or column, that table alone is read, and flows are not decided anew.
    """
    from scanner.review.decisions import current_report, open_desk
    from scanner.state import store

    part = store.last_of_table(workspace.folder, workspace.config_name, word) if "/" in word else None
    if part is not None:
        desk = open_desk(workspace, date.today(), report=part)
        return desk.report, desk.reviews
    desk = open_desk(workspace, date.today(), whole)
    return current_report(desk), desk.reviews


def tables_to_explain(outline: Report, word: str) -> Collection[TableId]:
    """Return the tables whose evidence is needed to explain what a word names: of a flow none.

    Raise ConfigError as `explain` does.
    """
    if any(f.flow.id == word for f in outline.flows):
        return ()
    tables = {column.id: table.id for table in outline.tables for column in table.columns}
    return (tables[ColumnId(pick_id(word, [*tables], COLUMN_OR_FLOW))],)


def explain(report: Report, word: str, lang: str, reviews: Reviews | None = None) -> str:
    """Return the text for a column or flow; raise ConfigError with the nearest name if there is none.

    reviews: all of them, also those that do not count.
    """
    flows = {f.flow.id: f for f in report.flows}
    columns = {column.id: (column, table) for table in report.tables for column in table.columns}
    if word in flows:
        exported = [columns[id][0] for id in flows[word].columns if id in columns]
        reviewed = [f"  = {c.id}: {words}" for c in exported for words in review_lines(c, lang)]
        return "\n".join([*_flow_lines(flows[word], lang), *reviewed])
    column, table = columns[ColumnId(pick_id(word, [*columns], COLUMN_OR_FLOW))]
    combinations = [
        f"  {join_list((combination_words(c, lang), c.source), 'clauses', lang)}"
        f" [{t(c.confidence_of_source, lang)}]"
        for c in table.combinations
        if column.id in c.columns
    ]
    return "\n".join([*_column_lines(column, table.id, reviews or Reviews(), lang), *combinations])


# ---- columns


def _column_lines(column: ColumnReport, table: str, reviews: Reviews, lang: str) -> Iterator[str]:
    yield f"{column.id}  {column.type}  {column.comment}".rstrip()
    if column.ignored:
        yield f"  {heading('explain.ignored', lang)}{column.ignored}"
    yield from (f"  = {words}" for words in review_lines(column, lang))
    yield from (f"  - {words}" for words in _other_review_lines(column, table, reviews, lang))
    if possible(column) is not None:
        yield f"  ? {t('standing.possible', lang)}{t('list.heading', lang)}{settling_words(column.id, lang)}"
    for assessed in column.findings:
        yield from _finding_lines(assessed, lang)
    if not column.findings:
        bound = t("nothing_bound", lang, d=_density_bound(column.examined)) if column.examined else ""
        yield "  " + t("nothing_in", lang, n=column.examined) + bound
    else:
        yield f"  {t('explain.legend', lang)}"


def _finding_lines(assessed: Assessed, lang: str) -> Iterator[str]:
    """Yield a finding, what it was told by, what the taxonomy says of it, what is for it or against."""
    finding = assessed.finding
    mark = "*" if finding.primary else "?" if finding.possible else " "
    confidence = t("explain.confidence", lang, p=f"{finding.confidence:.2f}")
    yield f" {mark} {label_words(assessed, lang)} {finding.label}{in_brackets(confidence, lang)}"
    kinds = (_detector_words(finding.detector, lang), t(f"kind.{finding.kind}", lang))
    yield f"     {join_list(kinds, 'clauses', lang)}"
    yield f"     {t(f'explain.tier.{finding.tier}', lang)}"
    is_open = assessed.sensitive == "depends"
    grading = (
        t("explain.category", lang, name=f"{assessed.category_zh} {assessed.category}"),
        t("explain.grade", lang, name=t(f"grade.{assessed.grade}", lang)),
        t("explain.depends" if is_open else f"sensitive.{assessed.sensitive}", lang),
        assessed.source,
    )
    clauses = join_list((clause for clause in grading if clause), "clauses", lang)
    yield f"     {clauses} [{t(assessed.confidence_of_source, lang)}]"
    yield from (f"     {_evidence_line(evidence, lang)}" for evidence in finding.evidence)


def _detector_words(detector: str, lang: str) -> str:
    """Return in plain words what a label was told by: a kind of evidence, a person or a detector."""
    if detector == DETECTOR:
        return t("explain.by.review", lang)
    if detector in get_args(Origin):
        return t(f"explain.by.{detector}", lang)
    return t("explain.by.detector", lang, name=detector)


def review_lines(column: ColumnReport, lang: str) -> Iterator[str]:
    """Yield what a person decided on a column, whether it still holds, and who decided otherwise.

    Nothing where nobody decided.
    """
    reviewed = column.reviewed
    if reviewed is None:
        return
    machine = label_title(reviewed.found, lang) if reviewed.found else t("explain.nothing", lang)
    what = {"justify": "", "reject": machine}.get(reviewed.verdict, label_title(reviewed.label, lang))
    yield _review_words(reviewed, reviewed.scope, what, lang)
    if reviewed.stale:
        yield f"! {t('stale.' + reviewed.stale, lang)}; {t('explain.stands', lang, found=machine)}"
    if reviewed.against:
        yield f"! {t('explain.against', lang, others=render(reviewed.against, lang))}"


def _other_review_lines(column: ColumnReport, table: str, reviews: Reviews, lang: str) -> Iterator[str]:
    """Yield further reviews of a column: reasons why it is there, and those that another one overrules."""
    counting = column.reviewed.id if column.reviewed is not None else ""
    for entry in reviews.on(column.id, table):
        if entry.id == counting:
            continue
        review = entry.review
        if review.verdict == "justify":
            yield _review_words(review, review.scope, "", lang)
        else:
            words = _review_words(review, review.scope, label_title(review.to or review.label, lang), lang)
            yield f"{words}  {t('explain.overruled', lang)}"


def _review_words(review: Review | Reviewed, scope: str, what: str, lang: str) -> str:
    """Return who decided what, when and why.

    `accepted by lin on 2026-11-20: mobile number; reason: checked  (of this column, r-0123456789; until
    2027-06-30)`
    """
    verdict = t(f"explain.{review.verdict}", lang, by=review.by, on=review.on)
    label = t("explain.what", lang, what=what) if what else ""
    why = t("explain.why", lang, why=review.why) if review.why else ""
    place = t("explain.scope", lang, scope=t(f"page.scope.{scope}", lang), id=review.id)
    until = f"; {t('review.until', lang, day=review.until)}" if review.until is not None else ""
    return f"{verdict}{label}{why}  ({place}{until})"


def _density_bound(examined: int) -> str:
    """Return the density of a kind that none among n cells still allows, at 95 %: 1 - 0.05 ** (1 / n)."""
    return f"{100 * (1 - 0.05 ** (1 / examined)):.2g} %"


def _evidence_line(evidence: Evidence, lang: str) -> str:
    """Return a piece of evidence, and whether it is for the label or against it."""
    side = heading("explain.opposing" if is_against(evidence) else "explain.for", lang)
    words = f"{t(f'origin.{evidence.origin}', lang)}{t('list.clauses', lang)}{render(evidence.note, lang)}"
    share = ""
    if evidence.examined:
        unit = t(f"page.unit.{(evidence.unit or 'x')[0]}", lang)
        key = "of.unit" if evidence.matched else "explain.looked"
        share = t(key, lang, matched=evidence.matched, examined=evidence.examined, unit=unit)
    return f"- {side}{words}{in_brackets(share, lang)}"


# ---- flows


def _flow_lines(flow: FlowReport, lang: str) -> Iterator[str]:
    decision = flow.decision
    yield f"{flow.flow.id}: {t('path.' + decision.path, lang)}{in_brackets(decision.path, lang)}"
    if len(decision.possible) > 1:
        yield "  " + path_names(decision.possible, lang)
    yield from (f"  ? {words}" for words in possible_lines(flow, lang))
    yield from (f"  - {_reason_line(reason, lang)}" for reason in decision.because)
    for question in decision.questions:
        yield f"  ? {render(question.ask, lang)}  " + join_list(answer_words(question, lang), "clauses", lang)
    for field in flow.fields:
        verdict = f"{t('verdict.' + field.verdict, lang)}, {render(field.reason, lang)}"
        yield f"  . {field.column}: {verdict}{in_brackets(field.source, lang)}"
    for note in (*flow.unresolved, *flow.count_notes, *decision.notes):
        yield f"  ! {render(note, lang)}"


def _reason_line(reason: Reason, lang: str) -> str:
    clause = f"{reason.clause} [{t(reason.confidence_of_source, lang)}]"
    return f"{heading('path.' + reason.path, lang)}{clause} {reason_words(reason, lang)}".rstrip()


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
