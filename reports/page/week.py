"""What to do this week, worked out from a report: open facts, reasons owed, dates, reviews, what was not read; most pressing first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from detectors.message import Msg
from detectors.model import unquote
from mappings.deadlines import Deadline, pressing_deadlines
from mappings.flow_report import FlowReport
from reports.formats.terminal import difference_words
from reports.messages.render import render
from reports.messages.words import pair_of, t
from reports.model import Report, coverage
from reports.page.safe import safe_id
from reports.page.totals import Totals
from reports.wording.figures import number
from reports.wording.reading import unread_words

LANGS = ("zh", "en")
SOON = timedelta(days=92)  # a line forecast within so many days is named
MOST_SKIPPED = 5  # named one by one; the rest as a number


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do: what, why, and the place in the page that shows it."""

    what: tuple[str, str]  # zh, en
    why: tuple[str, str]
    link: str
    count: int = 0


def tasks(report: Report, totals: Totals) -> tuple[Task, ...]:
    """Everything that waits for somebody, in the order of its weight for a path."""
    due = pressing_deadlines(report.deadlines, report.run.as_of)
    return (
        *_due(report, [d for d in due if d.on < report.run.as_of]),
        *_due(report, [d for d in due if d.on >= report.run.as_of]),
        *_facts(report),
        *_filed(report.flows),
        *_reasons(report.flows),
        *_dates(report),
        *_reviews(totals),
        *_skipped(report),
        *_unread(report),
    )


def _task(key: str, link: str, n: int, why: Sequence[str] = ("", ""), **values: object) -> Task:
    told = f"page.week.{key}.1" if n == 1 and pair_of(f"page.week.{key}.1") else f"page.week.{key}"
    zh, en = (t(told, lang, n=number(n), **values) for lang in LANGS)
    return Task((zh, en), (why[0], why[1]), link, n)


def _due(report: Report, due: Sequence[Deadline]) -> Iterator[Task]:
    """Dates of filings, overdue or due within thirty days of the report's day; a date some decision names is said there."""
    named = any(e.decision.extra.get("file_by") for e in report.exporter)
    here = {f.flow.id for f in report.flows}
    for d in due:
        if d.code == "notified" and named:
            continue
        days = (d.on - report.run.as_of).days
        flow = next((f for f in d.flows if f in here), "")
        why = [
            f"{d.source} [{t(d.confidence, lang)}]" + (f" {t('deadline.estimated', lang)}" if d.estimated else "") for lang in LANGS
        ]
        what = [t("filing.important_data", lang) if d.filing == "important_data" else d.filing for lang in LANGS]
        told = [
            t(
                "page.week.due",
                lang,
                day=d.on,
                left=t(_days_key(days), lang, n=number(abs(days))),
                what=w,
                due=t(f"deadline.{d.code}", lang),
            )
            for w, lang in zip(what, LANGS, strict=True)
        ]
        yield Task((told[0], told[1]), (why[0], why[1]), f"#flow-{safe_id(flow)}" if flow else "#paths" if report.exporter else "#week")


def _days_key(days: int) -> str:
    return "page.week.due.today" if days == 0 else "page.week.due.in" if days > 0 else "page.week.due.past"


def _facts(report: Report) -> Iterator[Task]:
    if not (open_ := report.questions):
        return
    several = [q for q in open_ if len({p for ps in q.leads_to.values() for p in ps}) > 1]
    why = tuple(t("page.week.facts.why", lang, n=len(several)) if several else "" for lang in LANGS)
    yield _task("facts", "#questions", len(open_), why)


def _filed(flows: Sequence[FlowReport]) -> Iterator[Task]:
    for f in flows:
        if differing := [d for d in f.filed if d.action != "none"]:
            yield _task(
                "filed",
                f"#flow-{safe_id(f.flow.id)}",
                len(differing),
                [difference_words(differing[0], lang) for lang in LANGS],
                flow=f.flow.id,
            )


def _reasons(flows: Sequence[FlowReport]) -> Iterator[Task]:
    for f in flows:
        owed = [str(b.message.values["column"]) for b in f.not_ready if b.code == "field" and isinstance(b.message, Msg)]
        if owed:
            names = "、".join(unquote(x.rsplit("/", 1)[-1]) for x in owed[:4]) + ("…" if len(owed) > 4 else "")
            yield _task("reasons", f"#flow-{safe_id(f.flow.id)}", len(owed), (names, names.replace("、", ", ")), flow=f.flow.id)


def _dates(report: Report) -> Iterator[Task]:
    """Dates some decision names, and lines the ledger's pace reaches soon."""
    as_of = report.run.as_of
    named = {(str(day), e.entity) for e in report.exporter if (day := e.decision.extra.get("file_by"))}
    for day, entity in sorted(named):
        yield _task("file_by", f"#entity-{safe_id(entity)}", 0, day=day, entity=entity)
    for e in report.exporter:
        for f in e.forecast:
            if f.line and f.earliest is not None and as_of <= f.earliest <= as_of + SOON:
                paths = [t(f"path.{f.path}", lang) for lang in LANGS]
                yield _task(
                    "line", f"#entity-{safe_id(e.entity)}", 0, paths, day=f.earliest.isoformat(), line=number(f.line), entity=e.entity
                )
    yield from _notified(report, as_of)


def _notified(report: Report, as_of: date) -> Iterator[Task]:
    """Important data that was notified without saying when: two months cannot be counted."""
    for f in report.flows:
        if "notified_on_missing" in f.decision.notes:
            yield _task("notified", f"#flow-{safe_id(f.flow.id)}", 0, flow=f.flow.id, day=as_of.isoformat())


def _reviews(totals: Totals) -> Iterator[Task]:
    if totals.stale:
        yield _task("stale", "#s=stale", totals.stale)
    if totals.leaving_suggested:
        yield _task("leaving", "#s=suggested&leaving=1", totals.leaving_suggested)
    if totals.sensitive_suggested:
        yield _task("sensitive", "#s=suggested&sensitive=yes", totals.sensitive_suggested)


def _skipped(report: Report) -> Iterator[Task]:
    for s in report.skipped[:MOST_SKIPPED]:
        yield _task("skipped", "#skipped", 0, [unread_words(s.reason, s.hint, lang) for lang in LANGS], what=s.id)
    if (more := len(report.skipped) - MOST_SKIPPED) > 0:
        yield _task("skipped_more", "#skipped", more)


def _unread(report: Report) -> Iterator[Task]:
    """Tables judged by names alone, or by an earlier reading although they changed."""
    c = coverage(report)
    waiting = Counter({**c.names}) + Counter({**c.older})
    if n := sum(waiting.values()):
        why = ["; ".join(render(k, lang) for k in sorted(waiting)) for lang in LANGS]
        yield _task("unread", "#coverage", n, why, of=number(c.tables))
