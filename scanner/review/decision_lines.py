"""What is decided, what remains and what a review speaks of, in words for the screen."""

from __future__ import annotations

from collections.abc import Iterator

from reports.messages.render import render
from reports.messages.words import join_list, t
from reports.reviews.collection import unmatched
from reports.reviews.queue import Queue, ReviewGroup, remaining
from reports.reviews.review import Review
from reports.wording.figures import number, persons
from reports.wording.titles import label_title
from scanner.review.decisions import Desk


def scope_words(r: Review, lang: str) -> str:
    """What a review speaks of: a table or a pattern and how many columns of it, a column, or how many columns."""
    if len(r.columns) == 1:
        return r.columns[0]
    columns = t("review.columns", lang, n=number(len(r.columns or r.covered)))
    return f"{wide} ({columns})" if (wide := r.table or r.pattern) else columns


def status(at: Desk, lang: str) -> Iterator[str]:
    """What is decided, what no longer holds and why, who disagrees, and what remains."""
    held = [(c, c.reviewed) for table in at.report.tables for c in table.columns if c.reviewed is not None]
    for r in at.reviews.standing.values():
        where = scope_words(r, lang)
        what = (label_title(r.label, lang) + (f" -> {label_title(r.to, lang)}" if r.to else "")).strip()
        until = f"  {t('review.until', lang, day=r.until)}" if r.until else ""
        yield "  ".join(x for x in (r.id, t(f"verdict.{r.verdict}", lang), where, what, f"{r.by} {r.on}{until}", r.why) if x)
    for c, reviewed in held:
        if reviewed.stale:
            yield f"! {c.id}  {t('stale.' + reviewed.stale, lang)}  ({reviewed.id}, {reviewed.by}, {reviewed.on})"
        elif reviewed.against:
            verdict = t(f"verdict.{reviewed.verdict}", lang)
            others = render(reviewed.against, lang)
            yield f"! {c.id}  {t('review.against', lang, mine=verdict, by=reviewed.by, others=others)}"
    for r in unmatched(at.reviews, at.report):
        yield f"! {r.id}  {t('review.unmatched', lang)}"
    yield left(at.queue, lang)


def left(q: Queue, lang: str) -> str:
    """How much is decided and how many decisions remain, in one line."""
    groups, columns = remaining(q)
    return t("review.left", lang, decided=number(q.decided), of=number(q.columns), share=f"{q.share:.0%}", groups=number(groups),
             columns=number(columns))


def group_lines(g: ReviewGroup, lang: str, members: int = 3) -> Iterator[str]:
    """A group for the screen: what it is, why it is where it is, its first members and every kind of exception."""
    about = " ".join(x for x in (g.name, g.type, g.comment) if x)
    yield f"{g.id}  {label_title(g.label, lang)}  {about}"
    people = t("review.persons_unknown", lang) if g.persons.method == "unknown" else f"{persons(g.persons, lang)} {t('people', lang)}"
    facts = (
        t("review.leaves", lang, flows=join_list(g.flows, "names", lang)) if g.flows else "",
        t("review.columns", lang, n=number(len(g.members))),
        people,
        t("sensitive." + g.sensitive, lang),
        f"{g.confidence:.2f}",
    )
    yield "    " + "  ".join(x for x in facts if x)
    for m in g.equal[:members]:
        yield f"    {m.id}{'  ' + m.owner if m.owner else ''}"
    if len(g.equal) > members:
        yield f"    … +{number(len(g.equal) - members)}"
    for m in [m for m in g.members if m.exception][:members]:
        yield f"    ! {m.id}  {t('exception.' + m.exception, lang)}{'' if m.support is None else f' {m.support:.0%}'}"
    if (rest := sum(bool(m.exception) for m in g.members) - members) > 0:
        yield f"    ! … +{number(rest)}"
