"""What a review of a column made now would rest on, and reviews completed with it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from functools import lru_cache

from detectors.labels import is_among
from mappings.model import Assessed
from mappings.names import MOST_CACHED, fold_name
from reports.model import ColumnReport, Report, possible, stands_or_possible
from reports.patterns import compile_pattern
from reports.reviews.review import Review, ReviewBasis

DETECTOR = "review"                           # detector of a finding that a person made


@lru_cache(maxsize=1_000)
def folded_type(text: str) -> str:
    """Return a column's type without its lengths: `varchar(64)` is `varchar`."""
    return re.sub(r"\s*\([^)]*\)", "", fold_name(text))


def shape_of(column: ColumnReport) -> str:
    """Return eight hexadecimal digits that change with a column's folded name, type or comment."""
    return _shape(column.name, column.type, column.comment)


@lru_cache(maxsize=MOST_CACHED)
def _shape(name: str, type: str, comment: str) -> str:
    parts = (fold_name(name), folded_type(type), fold_name(comment))
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:8]


def support_of(column: ColumnReport) -> float | None:
    """Return the share of examined cells that agree with the finding, in [0, 1]; None if none were."""
    assessed = stands_or_possible(column)
    return _support(assessed) if assessed is not None else None


def _support(assessed: Assessed) -> float | None:
    shares = [e.prevalence for e in assessed.finding.evidence if e.origin == "value" and e.examined]
    return max(shares, default=None)


def basis_of(column: ColumnReport, mark: str = "") -> ReviewBasis:
    """Return what a column shows now. mark: of its table's rows, where the source gives one."""
    column = unreviewed_column(column)
    assessed = stands_or_possible(column)
    if assessed is None:
        return ReviewBasis("", shape_of(column), 0.0, None, mark)
    finding = assessed.finding
    return ReviewBasis(str(finding.label), shape_of(column), finding.confidence, _support(assessed), mark)


def unreviewed_column(column: ColumnReport) -> ColumnReport:
    """Return the column with the machine's findings alone."""
    review = column.reviewed
    if review is None:
        return column
    findings = [a for a in column.findings if a.finding.detector != DETECTOR]
    labels = [a.finding.label for a in findings]
    first = labels.index(review.found) if review.found and review.found in labels else None
    restored = tuple(_marked(a, i == first, review.possible) for i, a in enumerate(findings))
    return replace(column, findings=restored, reviewed=None)


def _marked(assessed: Assessed, stands: bool, merely_possible: bool) -> Assessed:
    """A finding that stands for its column or not; merely_possible: what stands is no more than that."""
    is_primary, is_possible = stands and not merely_possible, stands and merely_possible
    if (assessed.finding.primary, assessed.finding.possible) == (is_primary, is_possible):
        return assessed
    return replace(assessed, finding=replace(assessed.finding, primary=is_primary, possible=is_possible))


def with_column(review: Review, column: ColumnReport, mark: str = "") -> Review:
    """Return a review as one of this column, with what it shows now."""
    basis = basis_of(column, mark)
    return replace(review, columns=(column.id,), label=basis.label, basis=str(basis))


def with_covered_columns(review: Review, report: Report) -> Review:
    """Return a review of a table or a pattern with every column it is about, as the report shows it.

    A review with a label is about columns of that label, one without about columns with a finding; a
    relabelling without a label is about any column. What is merely possible is accepted by its label or by
    its column only. Ignored columns are left out.
    """
    shape = compile_pattern(review.pattern) if review.pattern else None
    covered = []
    for table in report.tables:
        if shape is None and table.id != review.table:
            continue
        read = report.run.tables.get(table.id)
        for column in table.columns:
            if column.ignored or shape is not None and not shape.fullmatch(column.id):
                continue
            basis = basis_of(column, read.data if read is not None else "")
            if is_covered(review, basis.label, possible(unreviewed_column(column)) is not None):
                covered.append((column.id, str(basis)))
    return replace(review, covered=tuple(covered))


def is_covered(review: Review, label: str, merely_possible: bool) -> bool:
    """Return whether a review of a table or a pattern is about a column of this label.

    label: what it holds, or merely possibly holds; empty for nothing.
    """
    if review.label:
        return is_among(label, (review.label,))
    if merely_possible and review.verdict in ("accept", "justify"):
        return False                          # what is right about findings makes no finding of a doubt
    return bool(label) or review.verdict == "relabel"
