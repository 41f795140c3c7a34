"""What is decided, what remains and what a review is about, in words for the screen."""

from __future__ import annotations

from collections.abc import Iterator

from reports.messages.render import render
from reports.messages.words import join_list, t
from reports.model import ColumnReport
from reports.reviews.collection import unmatched
from reports.reviews.queue import ReviewGroup, ReviewProgress
from reports.reviews.review import Review
from reports.wording.figures import number, persons
from reports.wording.possible import settling_words
from reports.wording.titles import label_title
from scanner.review.decisions import Desk


def scope_words(review: Review, lang: str) -> str:
    """Return what a review is about: one column, how many, or a table or pattern and how many of it."""
    if len(review.columns) == 1:
        return review.columns[0]
    columns = t("review.columns", lang, n=number(len(review.columns or review.covered)))
    wide = review.table or review.pattern
    return f"{wide} ({columns})" if wide else columns


def status_lines(desk: Desk, lang: str) -> Iterator[str]:
    """Yield every review that counts, those that no longer hold and why, who disagrees, and what remains."""
    for review in desk.reviews.standing.values():
        yield _review_line(review, lang)
    for table in desk.report.tables:
        for column in table.columns:
            yield from _doubt_lines(column, lang)
    for review in unmatched(desk.reviews, desk.report):
        yield f"! {review.id}  {t('review.unmatched', lang)}"
    yield remaining_words(desk.progress, lang)


def _review_line(review: Review, lang: str) -> str:
    label = label_title(review.label, lang)
    if review.to:
        label += f" -> {label_title(review.to, lang)}"
    until = f"  {t('review.until', lang, day=review.until)}" if review.until else ""
    parts = (
        review.id,
        t(f"verdict.{review.verdict}", lang),
        scope_words(review, lang),
        label.strip(),
        f"{review.by} {review.on}{until}",
        review.why,
    )
    return "  ".join(part for part in parts if part)


def _doubt_lines(column: ColumnReport, lang: str) -> Iterator[str]:
    """Yield why the review of a column no longer holds, or who decided otherwise."""
    reviewed = column.reviewed
    if reviewed is None:
        return
    if reviewed.stale:
        author = f"{reviewed.id}, {reviewed.by}, {reviewed.on}"
        yield f"! {column.id}  {t('stale.' + reviewed.stale, lang)}  ({author})"
    elif reviewed.against:
        verdict, others = t(f"verdict.{reviewed.verdict}", lang), render(reviewed.against, lang)
        yield f"! {column.id}  {t('review.against', lang, mine=verdict, by=reviewed.by, others=others)}"


def remaining_words(progress: ReviewProgress, lang: str) -> str:
    """Return on one line how much is decided and how many decisions remain."""
    return t(
        "review.left",
        lang,
        decided=number(progress.decided),
        of=number(progress.columns),
        share=f"{progress.share:.0%}",
        groups=number(progress.groups),
        columns=number(progress.waiting),
    )


def group_lines(group: ReviewGroup, lang: str, most: int = 3) -> Iterator[str]:
    """Yield a group for the screen: what it is, why it is where it is, its first members and exceptions.

    most: members, and exceptions, that are named; the rest is a number.
    """
    about = " ".join(x for x in (group.name, group.type, group.comment) if x)
    yield f"{group.id}  {label_title(group.label, lang)}  {about}"
    yield "    " + "  ".join(fact for fact in _urgency_facts(group, lang) if fact)
    for member in group.equal[:most]:
        yield f"    {member.id}{'  ' + member.owner if member.owner else ''}"
    if len(group.equal) > most:
        yield f"    … +{number(len(group.equal) - most)}"
    if group.possible:
        yield f"    {settling_words(group.id, lang)}"
    exceptions = [member for member in group.members if member.exception]
    for member in exceptions[:most]:
        support = "" if member.support is None else f" {member.support:.0%}"
        yield f"    ! {member.id}  {t('exception.' + member.exception, lang)}{support}"
    if len(exceptions) > most:
        yield f"    ! … +{number(len(exceptions) - most)}"


def _urgency_facts(group: ReviewGroup, lang: str) -> tuple[str, ...]:
    """Return the facts that place a group in the queue; empty where one does not apply."""
    if group.persons.method == "unknown":
        people = t("review.persons_unknown", lang)
    else:
        people = f"{persons(group.persons, lang)} {t('people', lang)}"
    flows = join_list(group.flows, "names", lang)
    return (
        t("standing.possible", lang) if group.possible else "",
        t(f"form.{group.form}", lang) if group.form != "plain" else "",
        t("review.leaves", lang, flows=flows) if group.flows else "",
        t("review.columns", lang, n=number(len(group.members))),
        people,
        t("sensitive." + group.sensitive, lang),
        f"{group.confidence:.2f}",
    )
