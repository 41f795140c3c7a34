"""What a query finds, for the screen: a paragraph a label, equal columns of several tables on one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from detectors.ids import column_part, source_of
from detectors.labels import labels
from detectors.model import unquote
from reports.messages.words import in_brackets, join_list, t
from reports.model import Report, coverage, standing
from reports.query import MatchedColumn
from reports.wording.figures import number
from reports.wording.table import evidence_words, label_words

FINDING_FIELDS = (
    "source", "table", "column", "type", "comment", "label", "title_zh", "title_en", "standing", "sensitive",
    "category", "grade", "confidence", "form", "evidence", "flows", "owner",
)
MOST_TABLES = 6                               # tables of one line that are named
_RANK = {"yes": 0, "depends": 1, "no": 2}

# rank of sensitivity, label and form in words, standing, sensitivity
_LabelKind = tuple[int, str, str, str]


def match_lines(hits: Sequence[MatchedColumn], lang: str, most: int) -> Iterator[str]:
    """Yield the columns by what they hold, the most sensitive first.

    most: lines of one label; the rest is a number.
    """
    kinds: dict[_LabelKind, list[MatchedColumn]] = {}
    for hit in hits:
        kinds.setdefault(_kind(hit, lang), []).append(hit)
    for kind, of_kind in sorted(kinds.items(), key=lambda item: (item[0][0], -len(item[1]), item[0])):
        yield _heading(kind, of_kind, lang)
        lines = [*_folded(of_kind, lang)]
        yield from (f"  {line}" for line in lines[:most])
        if len(lines) > most:
            yield "  " + t("find.more", lang, n=number(len(lines) - most))


def _kind(hit: MatchedColumn, lang: str) -> _LabelKind:
    state = standing(hit.column)
    words = label_words(hit.assessed, lang)
    sensitive = hit.assessed.sensitive
    return _RANK.get(sensitive, 2), words, "" if state == "suggested" else state, sensitive


def _heading(kind: _LabelKind, hits: Sequence[MatchedColumn], lang: str) -> str:
    _, label, state, sensitive = kind
    marks = (t(f"sensitive.{sensitive}", lang), t(f"standing.{state}", lang) if state else "")
    tables = len({hit.table.id for hit in hits})
    count = t("find.count", lang, n=number(len(hits)), tables=number(tables))
    return "  ".join(filter(None, (label, *marks, count)))


def _folded(hits: Sequence[MatchedColumn], lang: str) -> Iterator[str]:
    """Yield columns; names that stand together in the same tables are one line, others a line each."""
    tables_of: dict[str, list[MatchedColumn]] = {}
    for hit in hits:
        tables_of.setdefault(unquote(column_part(hit.column.id)), []).append(hit)
    together: dict[tuple[str, ...], list[str]] = {}
    for name, of_name in tables_of.items():
        if len(of_name) > 1:
            together.setdefault(tuple(hit.table.id for hit in of_name), []).append(name)
    for tables, names in sorted(together.items(), key=lambda item: (-len(item[0]), item[0])):
        yield _series_words(names, tables, lang)
    for of_name in tables_of.values():
        if len(of_name) == 1:
            yield _single_words(of_name[0], lang)


def _series_words(names: Sequence[str], tables: Sequence[str], lang: str) -> str:
    shown = join_list(tables[:MOST_TABLES], "names", lang) + (" …" if len(tables) > MOST_TABLES else "")
    columns = join_list(names, "names", lang)
    return t("find.series", lang, columns=columns, n=number(len(tables)), tables=shown)


def _single_words(hit: MatchedColumn, lang: str) -> str:
    facts = (
        f"{hit.assessed.finding.confidence:.2f}",
        t("review.leaves", lang, flows=join_list(hit.flows, "names", lang)) if hit.flows else "",
        hit.table.owner,
    )
    comment = in_brackets(hit.column.comment, lang) if hit.column.comment else ""
    return "  ".join(filter(None, (hit.column.id + comment, *facts)))


def match_summary(hits: Sequence[MatchedColumn], report: Report, lang: str) -> str:
    """Return on one line how many columns were found of how many, and what was not read and may hold more."""
    column_count = sum(len(table.columns) for table in report.tables)
    tables = len({hit.table.id for hit in hits})
    words = t("find.summary", lang, n=number(len(hits)), of=number(column_count), tables=number(tables))
    unread = coverage(report).skipped + len(report.skipped)
    return words + (t("find.unread", lang, n=number(unread)) if unread else "")


def finding_cells(match: MatchedColumn) -> tuple[str | float, ...]:
    """Return the cells of a row for programs, by FINDING_FIELDS; words stand in English, titles in both."""
    assessed, column = match.assessed, match.column
    finding = assessed.finding
    info = labels().get(finding.label)
    titles = (info.zh, info.en) if info is not None else (finding.label, finding.label)
    return (
        source_of(match.table.id), match.table.id, column.id, column.type, column.comment, finding.label,
        *titles, standing(column), assessed.sensitive, assessed.category, assessed.grade,
        round(finding.confidence, 4), finding.form, evidence_words(assessed, "en"), " ".join(match.flows),
        match.table.owner,
    )
