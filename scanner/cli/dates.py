"""Deadlines on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mappings.deadlines import check_extension, list_deadlines
from mappings.rules import in_force
from reports.messages.words import t
from scanner.config.model import Config


def deadline_lines(config: Config, as_of: date, lang: str) -> Iterator[str]:
    """Every date that follows from the filings, soonest first; then the conditions of each extension."""
    rules = in_force(as_of)
    found = list_deadlines(config.filings, config.facts, rules, as_of)
    if not found:
        yield t("deadline.none", lang)
        return
    for d in found:
        mark = (
            t("deadline.done", lang)
            if d.done
            else t("deadline.past", lang)
            if d.on < as_of
            else f"{(d.on - as_of).days:>5} {t('deadline.days', lang)}"
        )
        guess = "  " + t("deadline.estimated", lang) if d.estimated else ""
        yield f"{d.on}  {mark}  {d.filing}: {t('deadline.' + d.code, lang)}  {d.source} [{t(d.confidence, lang)}]{guess}"
    for f in config.filings:
        if f.kind == "assessment":
            check = check_extension(f, rules, as_of)
            yield ""
            yield f"{f.id}: {t('extension.' + check.outcome, lang)}  {check.source} [{t(check.confidence, lang)}]"
            window = t("extension.open" if check.open_now else "extension.closed", lang, opens=check.opens, expiry=check.expiry)
            yield f"  {window}{'  ' + t('deadline.estimated', lang) if check.estimated else ''}"
            for id, answer, zh, en in check.conditions:
                yield f"  {t('answer.' + answer, lang)}  {zh if lang == 'zh' else en}  ({id})"
