"""Dates that follow from what was filed, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from mappings.deadlines import Deadline, Filing, extension_check
from mappings.rules import RuleSet
from reports.messages.render import render
from reports.messages.words import t

OF_FLOWS = ("notified",)                       # codes of dates that name the flows they are of


def deadline_lines(
    deadlines: Sequence[Deadline], filings: Sequence[Filing], rules: RuleSet, as_of: date, lang: str
) -> Iterator[str]:
    """Yield every date, soonest first; then the conditions of extensions."""
    if not deadlines:
        yield t("deadline.none", lang)
        return
    for deadline in deadlines:
        yield _deadline_line(deadline, as_of, lang)
    for filing in filings:
        if filing.kind == "assessment":
            yield from _extension_lines(filing, rules, as_of, lang)


def _deadline_line(deadline: Deadline, as_of: date, lang: str) -> str:
    if deadline.done:
        when = t("deadline.done", lang)
    elif deadline.on < as_of:
        when = t("deadline.past", lang)
    else:
        when = f"{(deadline.on - as_of).days:>5} {t('deadline.days', lang)}"
    source = f"{deadline.source} [{t(deadline.confidence, lang)}]"
    estimated = "  " + t("deadline.estimated", lang) if deadline.estimated else ""
    what = t("deadline." + deadline.code, lang)
    flows = f" [{', '.join(deadline.flows)}]" if deadline.code in OF_FLOWS and deadline.flows else ""
    return f"{deadline.on}  {when}  {deadline.filing}{flows}: {what}  {source}{estimated}"


def _extension_lines(filing: Filing, rules: RuleSet, as_of: date, lang: str) -> Iterator[str]:
    """Yield an empty line, the outcome with its source, the window, each condition and its answer."""
    check = extension_check(filing, rules, as_of)
    yield ""
    source = f"{check.source} [{t(check.confidence, lang)}]"
    yield f"{filing.id}: {t('extension.' + check.outcome, lang)}  {source}"
    window = "extension.open" if check.open_now else "extension.closed"
    estimated = "  " + t("deadline.estimated", lang) if check.estimated else ""
    yield f"  {t(window, lang, opens=check.opens, expiry=check.expiry)}{estimated}"
    for condition in check.conditions:
        answer = t("answer." + condition.answer, lang)
        yield f"  {answer}  {render(condition.words, lang)}  ({condition.id})"
