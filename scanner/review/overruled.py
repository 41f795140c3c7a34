"""What people in a catalog decided and is not recorded: because somebody decided here since, or because it is not said who it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from reports.catalogs import CatalogDecision, UnclearDecision
from reports.messages.words import join_list, t
from reports.reviews.review import Review
from reports.wording.titles import label_title

SHOWN = 24                                    # decisions named, at most
SOME = 3                                      # columns named where a count says the rest


def lines(lost: Sequence[tuple[CatalogDecision, Review]], unsaid: Sequence[UnclearDecision], catalog: str, lang: str) -> Iterator[str]:
    """Each decision that yields to one here, with who and when on both sides; then, by reason, what was not taken for a decision."""
    yield from (_line(s, here, catalog, lang) for s, here in lost[:SHOWN])
    if len(lost) > SHOWN:
        yield t("push.more", lang, n=len(lost) - SHOWN)
    for why in dict.fromkeys(u.why for u in unsaid):
        every = [u.about for u in unsaid if u.why == why]
        more = " …" if len(every) > SOME else ""
        yield t(f"review.unsaid.{why}", lang, n=len(every), some=join_list(every[:SOME], "names", lang) + more)


def _line(s: CatalogDecision, here: Review, catalog: str, lang: str) -> str:
    return t("review.overruled", lang, column=s.about, there=s.by or t("review.nobody", lang), catalog=catalog,
             on=_day(s) or t("review.no_day", lang), verdict=_verdict(s, lang), here=here.by, since=here.on, stands=_verdict(here, lang))


def _verdict(decided: CatalogDecision | Review, lang: str) -> str:
    to = label_title(decided.to, lang) if decided.to else ""
    return f"{t('verdict.' + decided.verdict, lang)} {to}".strip()


def _day(s: CatalogDecision) -> date | None:
    return datetime.fromisoformat(s.on).astimezone().date() if s.on else None
