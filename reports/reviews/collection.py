"""All reviews of a folder, by what they are about."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from detectors.model import ColumnId, TableId
from reports.model import Report
from reports.patterns import compile_pattern
from reports.reviews.review import Review


@dataclass(frozen=True, slots=True)
class ColumnReview:
    """A review as far as it is about one column."""

    order: int                                # place among all reviews
    id: str
    review: Review
    basis: str                                # what the column showed then; empty: not recorded


@dataclass(frozen=True, slots=True)
class _WideReview:
    """A review of a table or a pattern, with the basis of each column it covers."""

    order: int
    id: str
    review: Review
    bases: Mapping[ColumnId, str]


class Reviews:
    """Every review that was not undone, by what it is about."""

    def __init__(self, entries: Sequence[Review] = ()) -> None:
        """entries: in the order in which they were recorded; one that is recorded again counts from there."""
        self.entries = tuple(entries)
        standing: dict[str, Review] = {}
        for entry in entries:
            id = entry.undo or entry.id
            standing.pop(id, None)
            if not entry.undo:
                standing[id] = entry
        self.standing: Mapping[str, Review] = standing

    def on(self, column: ColumnId, table: TableId | str) -> list[ColumnReview]:
        """Return all reviews that are about a column."""
        tables, patterns = self._wide_reviews
        wide = (*tables.get(table, ()), *(w for shape, w in patterns if shape.fullmatch(column)))
        return [
            *self._by_column.get(column, ()),
            *(ColumnReview(w.order, w.id, w.review, w.bases.get(column, "")) for w in wide),
        ]

    def __bool__(self) -> bool:
        return bool(self.standing)

    @cached_property
    def _by_column(self) -> Mapping[ColumnId, list[ColumnReview]]:
        """Reviews of columns and groups."""
        reviews: dict[ColumnId, list[ColumnReview]] = {}
        for order, (id, review) in enumerate(self.standing.items()):
            for column in review.columns:
                reviews.setdefault(column, []).append(ColumnReview(order, id, review, review.basis))
        return reviews

    @cached_property
    def _wide_reviews(
        self,
    ) -> tuple[Mapping[str, list[_WideReview]], Sequence[tuple[re.Pattern[str], _WideReview]]]:
        """Reviews of tables by table, and reviews of patterns."""
        wide = [
            _WideReview(order, id, review, dict(review.covered))
            for order, (id, review) in enumerate(self.standing.items())
            if review.is_wide
        ]
        tables: dict[str, list[_WideReview]] = {}
        for entry in wide:
            if entry.review.table:
                tables.setdefault(entry.review.table, []).append(entry)
        patterns = [entry for entry in wide if entry.review.pattern]
        return tables, [(compile_pattern(entry.review.pattern), entry) for entry in patterns]


def unmatched(reviews: Reviews, report: Report) -> list[Review]:
    """Return reviews that are about no column of the report: renamed, dropped, or not scanned."""
    columns = {column.id for table in report.tables for column in table.columns}
    tables = {table.id for table in report.tables}

    def matches(review: Review) -> bool:
        if review.pattern:
            fits: Callable[[str], object] = compile_pattern(review.pattern).fullmatch
            return any(map(fits, columns))
        return review.table in tables or any(column in columns for column in review.columns)

    return [review for review in reviews.standing.values() if not matches(review)]
