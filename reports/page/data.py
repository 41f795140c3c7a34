"""Everything the scripts of a page know, as compact JSON. Counts and names only, no value."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from detectors.labels import labels
from mappings.grading import Grading
from reports.messages.words import all_words
from reports.model import Report, TableReport
from reports.page.bilingual import WordPair
from reports.page.column_arrays import ORIGINS, STANDINGS, TIERS, ColumnArrays
from reports.page.safe import safe_id
from reports.query import query_words

WORDS_USED = (  # beginnings of the keys of words that the scripts show
    "page.",
    "standing.",
    "stale.",
    "sensitive.",
    "grade.",
    "tier.",
    "form.",
    "origin.",
    "kind.",
    "status.",
    "verified",
    "secondary",
    "recalled",
    "verdict.",
    "evidence",
    "confidence",
    "label",
    "category",
    "column",
    "table",
    "owner",
    "source",
)


def page_data(report: Report, tables: Sequence[TableReport], home: str = "") -> dict[str, Any]:
    """Return what the scripts of a page know. home: address of the index; empty where the page is it."""
    columns = ColumnArrays(report)
    for table in tables:
        columns.add(table)
    kinds = {source.id: (source.kind, source.url) for source in report.sources}
    meanings = columns.meanings.all()
    used_labels = {meaning[0] for meaning in meanings}
    return {
        "run": report.run.id,
        "asOf": report.run.as_of.isoformat(),
        "home": home,
        "words": _words(),
        "labels": [[str(info.label), info.zh, info.en] for info in labels().values()],
        "query": query_words(used_labels),
        "standings": STANDINGS,
        "tiers": TIERS,
        "origins": ORIGINS,
        "sources": [[source, *kinds.get(source, ("", ""))] for source in columns.sources.all()],
        "flows": [
            [f.flow.id, f.flow.recipient.name, f.flow.recipient.country, safe_id(f.flow.id)]
            for f in report.flows
        ],
        "meanings": meanings,
        "gradings": [_grading(grading, used_labels) for grading in report.gradings],
        "tables": columns.tables,
        "columns": columns.rows,
        "reviewed": columns.reviewed,
        "leaving": columns.leaving,
        "strings": columns.strings.all(),
        "said": columns.translated,
    }


def _words() -> dict[str, WordPair]:
    return {key: words for key, words in all_words().items() if key.startswith(WORDS_USED)}


def _grading(grading: Grading, labels: Collection[str]) -> list[Any]:
    """Return [source, title, grades by severity, label -> [classes, grade, how sure]] of a taxonomy."""
    graded = {
        str(label): [entry.levels, entry.grade, entry.confidence_of_source]
        for label, entry in grading.labels.items()
        if label in labels
    }
    return [grading.source, grading.title, grading.grades, graded]
