"""Differences between two runs in words: one a line, and a summary for those who are notified."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reports.messages.words import heading, join_list, t
from reports.model import Report
from reports.wording.titles import label_title

if TYPE_CHECKING:
    from scanner.review.diff import ScanDifference

LISTED = 20                                   # differences spelled out in a summary; the rest is a number


def summary(differences: Sequence[ScanDifference], report: Report, lang: str) -> str:
    """Return what differs from the run before, as plain text; empty when nothing does."""
    if not differences:
        return ""
    first = f"chujing {report.run.as_of}: {t('diff.changes', lang, n=len(differences))}"
    listed = [difference_line(d, lang) for d in differences[:LISTED]]
    more = [f"… +{len(differences) - LISTED}"] if len(differences) > LISTED else []
    return "\n".join((first, *listed, *more)) + "\n"


def difference_line(difference: ScanDifference, lang: str) -> str:
    """Return a difference on one line: `crm/member/mobile  finding: - -> mobile number  [data]`."""
    what = difference.what
    before, after = (_value_words(what, text, lang) for text in (difference.before, difference.after))
    causes = join_list((t(f"cause.{cause}", lang) for cause in difference.causes), "names", lang)
    return f"{difference.about}  {heading(f'diff.{what}', lang)}{before} -> {after}  [{causes}]"


def _value_words(what: str, text: str, lang: str) -> str:
    """Return one side of a difference in words; `-` for none."""
    if not text:
        return "-"
    match what:
        case "review":
            return t(text.replace("|", ".") if text.startswith("stale|") else f"standing.{text}", lang)
        case "finding" | "possible":
            return label_title(text, lang)
        case "sensitivity":
            return t(f"sheet.sensitive.{text}", lang)
        case "path" | "grade":
            return t(f"{what}.{text}", lang)
        case "table":
            return t(f"status.{text}", lang)
    return text
