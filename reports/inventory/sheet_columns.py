"""The columns of the inventory: what stands in each, how wide it is, and which of them reviewers fill.

Headings and what they mean stand in the words `sheet.head.*` and `sheet.hint.*`. `formats/xlsx.py` writes the
sheet; reviewers' columns are read back by their headings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mappings.grading import Grading
from reports.inventory import cell_values as values
from reports.inventory.cell_values import finding_getter, review_getter
from reports.inventory.reported_column import ReportedColumn
from reports.messages.words import pair_of, t
from reports.reviews.basis import basis_of
from reports.wording.table import category_words, evidence_words, label_words

SHEETS = {lang: t("sheet.inventory", lang) for lang in ("zh", "en")}


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column of the sheet.

    review: filled by people and read back. words: last part of its words' keys; its own key where empty.
    """

    key: str
    width: int                                # characters
    value: Callable[[ReportedColumn], Any]
    review: bool = False
    hidden: bool = False
    words: str = ""
    grading: Grading | None = None            # the further taxonomy it shows

    def title(self, lang: str) -> str:
        """Return its heading."""
        return self._text("sheet.head", lang)

    def hint(self, lang: str) -> str:
        """Return what it means; empty where its heading says so."""
        return self._text("sheet.hint", lang)

    def _text(self, room: str, lang: str) -> str:
        key, grading = f"{room}.{self.words or self.key}", self.grading
        if pair_of(key) is None:
            return ""
        if grading is None:
            return t(key, lang)
        return t(key, lang, source=grading.source, title=grading.title, grades=" < ".join(grading.grades))


# what a reviewer reads, and right beside it what a reviewer fills
FIRST_COLUMNS = (
    SheetColumn("source", 14, values.source_name),
    SheetColumn("schema", 12, values.schema_name),
    SheetColumn("table", 22, values.table_name),
    SheetColumn("name", 22, lambda row: row.column.name),
    SheetColumn("comment", 24, lambda row: row.column.comment),
    SheetColumn("label", 16, finding_getter(label_words)),
    SheetColumn("possible", 20, values.possible_finding),
    SheetColumn("verdict", 10, values.review_verdict, review=True),
    SheetColumn("to", 18, values.review_label, review=True),
    SheetColumn("by", 10, review_getter("by"), review=True),
    SheetColumn("on", 11, review_getter("on"), review=True),
    SheetColumn("why", 30, review_getter("why"), review=True),
    SheetColumn("until", 11, review_getter("until"), review=True),
    SheetColumn("type", 14, lambda row: row.column.type),
    SheetColumn("one", 12, finding_getter(lambda assessed, lang: t(f"kind.{assessed.finding.kind}", lang))),
    SheetColumn("two", 18, finding_getter(category_words)),
    SheetColumn("grade", 12, finding_getter(lambda assessed, lang: t(f"grade.{assessed.grade}", lang))),
)
LAST_COLUMNS = (
    SheetColumn("sensitive", 10, finding_getter(values.sensitivity)),
    SheetColumn("candidate", 18, finding_getter(values.candidate_label)),
    SheetColumn("basis", 46, finding_getter(lambda assessed, _: assessed.source)),
    SheetColumn("sure", 12, finding_getter(lambda assessed, lang: t(assessed.confidence_of_source, lang))),
    SheetColumn("confidence", 11, finding_getter(lambda assessed, _: round(assessed.finding.confidence, 2))),
    SheetColumn("evidence", 38, finding_getter(evidence_words)),
    SheetColumn("rows", 11, values.row_count),
    SheetColumn("drawn", 10, values.rows_drawn),
    SheetColumn("examined", 10, lambda row: row.column.examined or ""),
    SheetColumn("people", 36, values.persons_by_flow),
    SheetColumn("flows", 18, values.flow_ids),
    SheetColumn("how", 36, values.way_of_reading),
    SheetColumn("when", 11, lambda row: row.checked),
    SheetColumn("owner", 12, lambda row: row.table.owner),
    SheetColumn("machine", 28, values.machine_finding),
    SheetColumn("state", 20, values.review_state),
    SheetColumn("seen", 12, lambda row: str(basis_of(row.column, row.mark)), hidden=True),
    SheetColumn("id", 34, lambda row: row.column.id),
)


def sheet_columns(gradings: Sequence[Grading] = ()) -> tuple[SheetColumn, ...]:
    """Return the columns of the sheet; each further taxonomy has its own group of columns."""
    return (*FIRST_COLUMNS, *(column for grading in gradings for column in _group(grading)), *LAST_COLUMNS)


def _group(grading: Grading) -> list[SheetColumn]:
    depth = max((len(graded.levels) for graded in grading.labels.values()), default=1)
    columns = [
        *((f"{i}", f"level.{i + 1}", 16, values.class_getter(grading, i)) for i in range(depth)),
        ("grade", "further_grade", 12, values.grade_getter(grading)),
        ("sure", "further_sure", 12, values.grade_confidence_getter(grading)),
    ]
    return [
        SheetColumn(f"{grading.id}.{key}", width, value, words=words, grading=grading)
        for key, words, width, value in columns
    ]
