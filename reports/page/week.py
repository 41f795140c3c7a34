"""What to do this week, worked out from a report, the most pressing first.

Open facts, reasons owed, dates, reviews, and what was not read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from detectors.ids import column_part
from detectors.message import Msg
from detectors.model import unquote
from mappings.deadlines import Deadline, pressing_deadlines
from mappings.flow_report import FlowReport
from reports.messages.render import render
from reports.messages.words import join_list, pair_of, t
from reports.model import Report, coverage
from reports.page.bilingual import LANGS, WordPair, words_of
from reports.page.safe import safe_id
from reports.page.totals import Totals
from reports.wording.figures import number
from reports.wording.flow import difference_words
from reports.wording.reading import unread_words

SOON = timedelta(days=92)                     # a line forecast within so many days is named
MOST_NAMED = 4                                # columns of a flow whose reasons are owed, by name
MOST_SKIPPED = 5                              # named one by one; the rest as a number


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do: what, why, and the place in the page that shows it."""

    what: WordPair
    why: WordPair
    link: str
    count: int = 0


def tasks(report: Report, totals: Totals) -> tuple[Task, ...]:
    """Return everything that waits for somebody, in the order of its weight for a path."""
    due = pressing_deadlines(report.deadlines, report.run.as_of)
    return (
        *_deadline_tasks(report, [d for d in due if d.on < report.run.as_of]),
        *_deadline_tasks(report, [d for d in due if d.on >= report.run.as_of]),
        *_fact_tasks(report),
        *_filing_tasks(report.flows),
        *_reason_tasks(report.flows),
        *_file_by_tasks(report),
        *_line_tasks(report),
        *_notification_tasks(report),
        *_review_tasks(totals),
        *_skipped_tasks(report),
        *_unread_tasks(report),
    )


def _task(key: str, link: str, count: int, why: WordPair = ("", ""), **values: object) -> Task:
    """Return a task in the words `page.week.KEY`, or `page.week.KEY.1` of one where there are such."""
    one = f"page.week.{key}.1"
    name = one if count == 1 and pair_of(one) else f"page.week.{key}"
    return Task(words_of(name, n=number(count), **values), why, link, count)


def _flow_link(flow: str) -> str:
    return f"#flow-{safe_id(flow)}"


def _entity_link(entity: str) -> str:
    return f"#entity-{safe_id(entity)}"


# ---- dates of filings


def _deadline_tasks(report: Report, deadlines: Sequence[Deadline]) -> Iterator[Task]:
    """Yield dates of filings, overdue or due within thirty days of the report's day.

    The date after a notice that some decision names stands among the decisions' dates.
    """
    named = any(e.decision.extra.get("file_by") for e in report.exporter)
    flows = {f.flow.id for f in report.flows}
    for deadline in deadlines:
        if deadline.code == "notified" and named:
            continue
        flow = next((id for id in deadline.flows if id in flows), "")
        link = _flow_link(flow) if flow else "#paths" if report.exporter else "#week"
        days = (deadline.on - report.run.as_of).days
        what = _due_words(deadline, days, "zh"), _due_words(deadline, days, "en")
        why = _source_words(deadline, "zh"), _source_words(deadline, "en")
        yield Task(what, why, link)


def _due_words(deadline: Deadline, days: int, lang: str) -> str:
    """Return what is due. days: until then, negative if it is past."""
    filing = t("filing.important_data", lang) if deadline.filing == "important_data" else deadline.filing
    remaining = t(_days_key(days), lang, n=number(abs(days)))
    due = t(f"deadline.{deadline.code}", lang)
    return t("page.week.due", lang, day=deadline.on, left=remaining, what=filing, due=due)


def _days_key(days: int) -> str:
    if days == 0:
        return "page.week.due.today"
    return "page.week.due.in" if days > 0 else "page.week.due.past"


def _source_words(deadline: Deadline, lang: str) -> str:
    estimated = f" {t('deadline.estimated', lang)}" if deadline.estimated else ""
    return f"{deadline.source} [{t(deadline.confidence, lang)}]{estimated}"


# ---- decisions


def _fact_tasks(report: Report) -> Iterator[Task]:
    """Yield the open facts, and of how many the path depends."""
    questions = report.questions
    if not questions:
        return
    decisive = [q for q in questions if len({path for paths in q.leads_to.values() for path in paths}) > 1]
    why = words_of("page.week.facts.why", n=len(decisive)) if decisive else ("", "")
    yield _task("facts", "#questions", len(questions), why)


def _filing_tasks(flows: Sequence[FlowReport]) -> Iterator[Task]:
    """Yield flows that are not as they were filed."""
    for flow in flows:
        if different := [d for d in flow.filed if d.action != "none"]:
            why = difference_words(different[0], "zh"), difference_words(different[0], "en")
            yield _task("filed", _flow_link(flow.flow.id), len(different), why, flow=flow.flow.id)


def _reason_tasks(flows: Sequence[FlowReport]) -> Iterator[Task]:
    """Yield flows with fields whose necessity nobody has given a reason for."""
    for flow in flows:
        columns = [
            str(note.message.values["column"])
            for note in flow.not_ready
            if note.code == "field" and isinstance(note.message, Msg)
        ]
        if columns:
            names = "、".join(unquote(column_part(column)) for column in columns[:MOST_NAMED])
            names += "…" if len(columns) > MOST_NAMED else ""
            why = names, names.replace("、", ", ")
            yield _task("reasons", _flow_link(flow.flow.id), len(columns), why, flow=flow.flow.id)


def _file_by_tasks(report: Report) -> Iterator[Task]:
    """Yield dates that decisions name."""
    dates = {(str(day), e.entity) for e in report.exporter if (day := e.decision.extra.get("file_by"))}
    for day, entity in sorted(dates):
        yield _task("file_by", _entity_link(entity), 0, day=day, entity=entity)


def _line_tasks(report: Report) -> Iterator[Task]:
    """Yield lines that the ledger's pace reaches soon."""
    as_of = report.run.as_of
    for entity in report.exporter:
        for forecast in entity.forecast:
            day = forecast.earliest
            if forecast.line and day is not None and as_of <= day <= as_of + SOON:
                values = {"day": day.isoformat(), "line": number(forecast.line), "entity": entity.entity}
                yield _task(
                    "line", _entity_link(entity.entity), 0, words_of(f"path.{forecast.path}"), **values
                )


def _notification_tasks(report: Report) -> Iterator[Task]:
    """Yield important data that was notified without a date: two months cannot be counted."""
    day = report.run.as_of.isoformat()
    for flow in report.flows:
        if "notified_on_missing" in flow.decision.notes:
            yield _task("notified", _flow_link(flow.flow.id), 0, flow=flow.flow.id, day=day)


# ---- findings and reading


def _review_tasks(totals: Totals) -> Iterator[Task]:
    if totals.stale:
        yield _task("stale", "#s=stale", totals.stale)
    if totals.leaving_suggested:
        yield _task("leaving", "#s=suggested&leaving=1", totals.leaving_suggested)
    if totals.leaving_possible:
        yield _task("possible_leaving", "#s=possible&leaving=1", totals.leaving_possible)
    if more := totals.possible - totals.leaving_possible:
        yield _task("possible", "#s=possible", more)
    if totals.sensitive_suggested:
        yield _task("sensitive", "#s=suggested&sensitive=yes", totals.sensitive_suggested)


def _skipped_tasks(report: Report) -> Iterator[Task]:
    for skipped in report.skipped[:MOST_SKIPPED]:
        zh, en = (unread_words(skipped.reason, skipped.hint, lang) for lang in LANGS)
        yield _task("skipped", "#skipped", 0, (zh, en), what=skipped.id)
    if (more := len(report.skipped) - MOST_SKIPPED) > 0:
        yield _task("skipped_more", "#skipped", more)


def _unread_tasks(report: Report) -> Iterator[Task]:
    """Yield tables judged by names alone, or by an earlier reading although they changed."""
    covered = coverage(report)
    waiting = Counter({**covered.names}) + Counter({**covered.older})
    if tables := sum(waiting.values()):
        zh, en = (
            join_list((render(why, lang) for why in sorted(waiting)), "clauses", lang) for lang in LANGS
        )
        yield _task("unread", "#coverage", tables, (zh, en), of=number(covered.tables))
