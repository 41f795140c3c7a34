"""Decisions of people in a catalog that are not recorded: overruled by one here, or unclear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from reports.catalogs import CatalogDecision, UnclearDecision
from reports.messages.words import join_list, t
from reports.reviews.review import Review
from reports.wording.titles import label_title

MOST_DECISIONS = 24                           # decisions named, at most
MOST_COLUMNS = 3                              # columns named where a count says the rest


def overruled_lines(
    overruled: Sequence[tuple[CatalogDecision, Review]],
    unclear: Sequence[UnclearDecision],
    catalog: str,
    lang: str,
) -> Iterator[str]:
    """Yield each overruled decision with who decided when on both sides, then unclear ones by reason."""
    yield from (_overruled_line(decision, own, catalog, lang) for decision, own in overruled[:MOST_DECISIONS])
    if len(overruled) > MOST_DECISIONS:
        yield t("push.more", lang, n=len(overruled) - MOST_DECISIONS)
    for why in dict.fromkeys(decision.why for decision in unclear):
        columns = [decision.about for decision in unclear if decision.why == why]
        more = " …" if len(columns) > MOST_COLUMNS else ""
        some = join_list(columns[:MOST_COLUMNS], "names", lang) + more
        yield t(f"review.unsaid.{why}", lang, n=len(columns), some=some)


def _overruled_line(decision: CatalogDecision, own: Review, catalog: str, lang: str) -> str:
    return t(
        "review.overruled",
        lang,
        column=decision.about,
        there=decision.by or t("review.nobody", lang),
        catalog=catalog,
        on=_decision_day(decision) or t("review.no_day", lang),
        verdict=_verdict_words(decision, lang),
        here=own.by,
        since=own.on,
        stands=_verdict_words(own, lang),
    )


def _verdict_words(decision: CatalogDecision | Review, lang: str) -> str:
    label = label_title(decision.to, lang) if decision.to else ""
    return f"{t('verdict.' + decision.verdict, lang)} {label}".strip()


def _decision_day(decision: CatalogDecision) -> date | None:
    return datetime.fromisoformat(decision.on).astimezone().date() if decision.on else None
