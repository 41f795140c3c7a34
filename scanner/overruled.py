"""What people in a catalog decided and is not recorded: because somebody decided here since, or because it is not said who it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from detectors.model import ColumnId
from reports.catalogs import Said, Unsaid
from reports.reviews import Review
from reports.words import t
from scanner.reviewing import Desk, label_title

SHOWN = 24                                    # decisions named, at most
SOME = 3                                      # columns named where a count says the rest


def lines(at: Desk, said: Sequence[Said], unsaid: Sequence[Unsaid], catalog: str, lang: str) -> Iterator[str]:
    """Each decision that yields to one here, with who and when on both sides; then, by reason, what was not taken for a decision."""
    lost = [(s, here) for s in said if (here := _stands(at, s, catalog)) is not None]
    yield from (_line(s, here, catalog, lang) for s, here in lost[:SHOWN])
    if len(lost) > SHOWN:
        yield t("push.more", lang, n=len(lost) - SHOWN)
    for why in dict.fromkeys(u.why for u in unsaid):
        every = [u.about for u in unsaid if u.why == why]
        yield t(f"review.unsaid.{why}", lang, n=len(every), some=", ".join(every[:SOME]) + (" …" if len(every) > SOME else ""))


def _stands(at: Desk, s: Said, catalog: str) -> Review | None:
    """The newest decision here that a decision of a catalog yields to; None where it is recorded, now or before. As `reviewing.heard`."""
    here = [r for _, r in at.reviews.on(ColumnId(s.about), s.about.rpartition("/")[0]) if r.columns]
    day = _day(s)
    if not here or any((r.by, r.verdict, r.to) == (s.by or catalog, s.verdict, s.to) and (r.on == day or day is None) for r in here):
        return None
    newest = max(here, key=lambda r: r.on)
    return newest if day is None or newest.on >= day else None


def _line(s: Said, here: Review, catalog: str, lang: str) -> str:
    return t("review.overruled", lang, column=s.about, there=s.by or t("review.nobody", lang), catalog=catalog,
             on=_day(s) or t("review.no_day", lang), verdict=_verdict(s, lang), here=here.by, since=here.on, stands=_verdict(here, lang))


def _verdict(decided: Said | Review, lang: str) -> str:
    to = label_title(decided.to, lang) if decided.to else ""
    return f"{t('verdict.' + decided.verdict, lang)} {to}".strip()


def _day(s: Said) -> date | None:
    return datetime.fromisoformat(s.on).astimezone().date() if s.on else None
