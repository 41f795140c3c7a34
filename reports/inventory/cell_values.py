"""What stands in the cells of an inventory row: texts in the row's language, numbers, days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

from detectors.labels import labels
from detectors.model import Label, unquote
from mappings.grading import Grading, LabelGrading
from mappings.model import Assessed
from reports.inventory.reported_column import ReportedColumn
from reports.messages.render import render
from reports.messages.words import t
from reports.model import possible, standing, stands_or_possible
from reports.reviews.basis import unreviewed_column
from reports.reviews.review import Verdict
from reports.wording.figures import number, persons
from reports.wording.reading import sampling_words
from reports.wording.table import label_words
from reports.wording.titles import label_title


def verdict_words(lang: str) -> Mapping[Verdict, str]:
    """Return what a reviewer chooses from."""
    return {verdict: t(f"verdict.{verdict}", lang) for verdict in get_args(Verdict)}


# ---- where the column is


def source_name(row: ReportedColumn) -> str:
    """Return the name of the column's source."""
    return unquote(row.table.id.split("/")[0])


def schema_name(row: ReportedColumn) -> str:
    """Return the schema of the column's table; empty where there is none."""
    parts = row.table.id.split("/")
    return unquote(parts[1]) if len(parts) > 2 else ""


def table_name(row: ReportedColumn) -> str:
    """Return the name of the column's table."""
    return unquote(row.table.id.split("/")[-1])


# ---- what was found


def finding_getter(value: Callable[[Assessed, str], Any]) -> Callable[[ReportedColumn], Any]:
    """Return what gives a value of the finding and the language; empty where nothing was found."""
    return lambda row: value(row.assessed, row.lang) if row.assessed is not None else ""


def sensitivity(assessed: Assessed, lang: str) -> str:
    """Return whether a finding is sensitive: yes, depends or no."""
    return t(f"sheet.sensitive.{assessed.sensitive}", lang)


def candidate_label(assessed: Assessed, lang: str) -> str:
    """Return the label of a candidate of important data; empty for any other finding."""
    return label_words(assessed, lang) if assessed.finding.kind == "important_data_candidate" else ""


def machine_finding(row: ReportedColumn) -> str:
    """Return what the machine found, with its confidence, whatever people decided."""
    assessed = stands_or_possible(unreviewed_column(row.column))
    if assessed is None:
        return ""
    return f"{label_words(assessed, row.lang)} ({assessed.finding.confidence:.2f})"


def possible_finding(row: ReportedColumn) -> str:
    """Return what the column possibly holds, with its confidence; empty where that is settled."""
    assessed = possible(row.column)
    if assessed is None:
        return ""
    return f"{label_words(assessed, row.lang)} ({assessed.finding.confidence:.2f})"


def persons_by_flow(row: ReportedColumn) -> str:
    """Return the persons of each flow the column leaves by; empty where nothing was found."""
    if row.assessed is None:
        return ""
    counts = (f"{f.flow.id} {persons(f.individuals, row.lang)}" for f in row.flows)
    return t("sheet.and", row.lang).join(counts)


def flow_ids(row: ReportedColumn) -> str:
    """Return the ids of the flows the column leaves by."""
    return t("sheet.and", row.lang).join(f.flow.id for f in row.flows)


# ---- how it was read


def row_count(row: ReportedColumn) -> int | str:
    """Return the rows of the table; `at least …` where no upper bound is known, empty for unknown."""
    rows = row.table.rows
    if rows.high is not None:
        return rows.high
    return t("sheet.at_least", row.lang, n=number(rows.low)) if rows.low else ""


def rows_drawn(row: ReportedColumn) -> int | str:
    """Return the rows of the sample; empty where none was drawn."""
    return row.table.drawn.rows if row.table.drawn is not None else ""


def way_of_reading(row: ReportedColumn) -> str:
    """Return whether values were read, and how the sample was drawn or why not."""
    table, lang = row.table, row.lang
    status = t(f"status.{table.status}", lang)
    if table.drawn is not None:
        why = sampling_words(table.drawn.method, lang)
    else:
        why = render(table.why, lang) if table.why else ""
    return t("sheet.way", lang, way=status, why=why) if why else status


# ---- what people decided


def review_state(row: ReportedColumn) -> str:
    """Return how the finding stands (silenced, stale, accepted …) and what others decided against it."""
    review, lang = row.column.reviewed, row.lang
    if row.column.ignored:
        return t("sheet.ignored", lang, why=render(row.column.ignored, lang))
    if review is not None and review.stale:
        state = t(f"stale.{review.stale}", lang)
    else:
        stands = standing(row.column)
        state = t(f"standing.{stands}", lang) if stands else ""
    if review is None or not review.against:
        return state
    return t("sheet.against", lang, state=state, others=render(review.against, lang))


def review_verdict(row: ReportedColumn) -> str:
    """Return what a person decided; empty where it no longer holds."""
    review = row.column.reviewed
    return "" if review is None or review.stale else verdict_words(row.lang)[review.verdict]


def review_label(row: ReportedColumn) -> str:
    """Return the right label of a relabelling that holds."""
    review = row.column.reviewed
    if review is None or review.stale or review.verdict != "relabel" or review.label not in labels():
        return ""
    return label_title(review.label, row.lang)


def review_getter(key: str) -> Callable[[ReportedColumn], Any]:
    """Return what gives a field of the review: by, on, why or until; empty where it no longer holds."""

    def value(row: ReportedColumn) -> Any:
        review = row.column.reviewed
        return "" if review is None or review.stale else getattr(review, key)

    return value


# ---- further taxonomies


def class_getter(grading: Grading, depth: int) -> Callable[[ReportedColumn], str]:
    """Return what gives the class at a depth (0: widest) of a further taxonomy."""

    def value(row: ReportedColumn) -> str:
        graded = _label_grading(grading, row)
        if graded is None:
            return t("page.unmapped", row.lang) if row.assessed is not None and depth == 0 else ""
        return graded.levels[depth] if depth < len(graded.levels) else ""

    return value


def grade_getter(grading: Grading) -> Callable[[ReportedColumn], str]:
    """Return what gives the grade of a further taxonomy."""

    def value(row: ReportedColumn) -> str:
        graded = _label_grading(grading, row)
        return graded.grade if graded is not None else ""

    return value


def grade_confidence_getter(grading: Grading) -> Callable[[ReportedColumn], str]:
    """Return what gives how sure class and grade of a further taxonomy are."""

    def value(row: ReportedColumn) -> str:
        graded = _label_grading(grading, row)
        return t(graded.confidence_of_source, row.lang) if graded is not None else ""

    return value


def _label_grading(grading: Grading, row: ReportedColumn) -> LabelGrading | None:
    return grading.labels.get(Label(row.assessed.finding.label)) if row.assessed is not None else None
