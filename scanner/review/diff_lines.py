"""Changes between two runs in words: one a line, and a summary for those who are notified."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reports.messages.words import heading, join_list, t
from reports.model import Report
from reports.wording.titles import label_title

if TYPE_CHECKING:
    from scanner.review.diff import Change

LISTED = 20                                   # changes listed in a summary; the rest is a number


def summary(changes: Sequence[Change], report: Report, lang: str) -> str:
    """Return what changed since the run before, as plain text; empty when nothing did."""
    if not changes:
        return ""
    first = f"chujing {report.run.as_of}: {t('diff.changes', lang, n=len(changes))}"
    listed = [change_line(c, lang) for c in changes[:LISTED]]
    rest = [f"… +{len(changes) - LISTED}"] if len(changes) > LISTED else []
    return "\n".join((first, *listed, *rest)) + "\n"


def change_line(change: Change, lang: str) -> str:
    """Return a change on one line: `crm/member/mobile  finding: - -> mobile number  [data]`."""
    before, after = (_value_words(change.what, text, lang) for text in (change.before, change.after))
    causes = join_list((t(f"cause.{cause}", lang) for cause in change.causes), "names", lang)
    return f"{change.about}  {heading(f'diff.{change.what}', lang)}{before} -> {after}  [{causes}]"


def _value_words(what: str, text: str, lang: str) -> str:
    if not text:
        return "-"
    match what:
        case "review":
            return t(text.replace("|", ".") if text.startswith("stale|") else f"standing.{text}", lang)
        case "finding":
            return label_title(text, lang)
        case "sensitivity":
            return t(f"sheet.sensitive.{text}", lang)
        case "path" | "grade":
            return t(f"{what}.{text}", lang)
        case "table":
            return t(f"status.{text}", lang)
    return text
