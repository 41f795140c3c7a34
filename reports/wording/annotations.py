"""A report as annotations of a code host: a line a column that holds something, at its place in a file.

Source: GitHub Actions, workflow commands: `::error file=...,line=...,title=...::message`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from detectors.labels import label_word
from detectors.model import ColumnId
from reports.cells import shown
from reports.messages.render import render
from reports.messages.words import t
from reports.model import Report, standing
from reports.query import FindingQuery, MatchedColumn, matching_columns

AnnotationLevel = Literal["error", "warning", "notice"]
FilePlace = tuple[str, int]                   # file, line from 1; 0: not known


def unreviewed(report: Report) -> Iterator[MatchedColumn]:
    """Yield the columns with personal information that no person has decided about.

    Operators (creator, updater) and what is merely possible do not count.
    """
    for match in matching_columns(report, FindingQuery()):
        finding = match.assessed.finding
        is_personal = finding.kind == "personal_information" and finding.tier != "audit"
        if is_personal and standing(match.column) == "suggested":
            yield match


def annotation_lines(report: Report, places: Mapping[ColumnId, FilePlace], lang: str) -> Iterator[str]:
    """Yield a line a column that is found or possible, and a line for whatever was not read.

    places: where columns are defined, of those that are defined in a file.
    """
    open_columns = {match.column.id for match in unreviewed(report)}
    for match in matching_columns(report, FindingQuery()):
        column, finding = match.column, match.assessed.finding
        level: AnnotationLevel = "error" if column.id in open_columns else "notice"
        standing_word = t(f"standing.{standing(column)}", lang)
        word = label_word(finding.label)
        title = f"{word.zh if lang == 'zh' else word.en} ({standing_word})"
        advice = t("annotation.review", lang, id=column.id) if column.id in open_columns else ""
        words = f"{column.id}{t('list.colon', lang)}{title}{advice}"
        yield _command(level, places.get(column.id, ("", 0)), title, words)
    for skipped in report.skipped:
        reason = f"{skipped.id}{t('list.colon', lang)}{render(skipped.reason, lang)}"
        yield _command("warning", ("", 0), t("annotation.unread", lang), reason)


def _command(level: AnnotationLevel, place: FilePlace, title: str, message: str) -> str:
    file, line = place
    properties = {"file": file, "line": str(line) if line else "", "title": title}
    named = ",".join(f"{key}={_property(shown(value))}" for key, value in properties.items() if value)
    return f"::{level} {named}::{_data(shown(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Return a value of a property, whose colons and commas are spelled out.

    >>> _property("a,b: 5%")
    'a%2Cb%3A 5%25'
    """
    return _data(text).replace(":", "%3A").replace(",", "%2C")
