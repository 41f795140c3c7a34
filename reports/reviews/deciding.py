"""What a decision on the queue records: reviews of a group's members, and how far wide reviews reach."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isqrt

from detectors.model import ColumnId
from reports.model import ColumnReport, Report
from reports.reviews.queue import ReviewGroup, ReviewMember, is_outlier
from reports.reviews.review import SPECIFICITY, Review, ReviewBasis

MOST_CHECKED = 10


def group_reviews(
    group: ReviewGroup, decision: Review, members: Iterable[ReviewMember] | None = None
) -> tuple[Review, ...]:
    """Return a decision as reviews of members: one of all together, one of each whose values stand apart.

    decision: a review that is about nothing yet. members: without the exceptions by default.
    """
    chosen = list(group.equal if members is None else members)
    usual = group.basis.support
    apart = [m for m in chosen if is_outlier(m.confidence, m.support, group.confidence, usual)]
    apart_ids = {m.id for m in apart}
    alike = tuple(m.id for m in chosen if m.id not in apart_ids)

    def review(columns: tuple[ColumnId, ...], basis: ReviewBasis) -> Review:
        check = check_sample(group.id, columns)
        return replace(decision, columns=columns, label=group.basis.label, basis=str(basis), check=check)

    together = [review(alike, group.basis)] if alike else []
    return (*together, *(review((m.id,), _member_basis(group, m)) for m in apart))


def _member_basis(group: ReviewGroup, member: ReviewMember) -> ReviewBasis:
    return replace(group.basis, confidence=round(member.confidence, 2), support=member.support, mark="")


def check_sample(seed: str, members: Sequence[ColumnId]) -> tuple[ColumnId, ...]:
    """Return members to look at once more after a group was decided; the same seed gives the same.

    About the square root of their number, at most ten; none of a single one.
    """
    if len(members) < 2:
        return ()
    number = min(MOST_CHECKED, max(1, isqrt(len(members))))
    return tuple(sorted(random.Random(seed).sample(sorted(members), number)))  # noqa: S311


@dataclass(frozen=True, slots=True)
class Reach:
    """Columns that a review of a table or a pattern is about now."""

    columns: tuple[ColumnId, ...]
    nearer: tuple[ColumnId, ...]              # of these, the ones that keep a review of their own

    @property
    def decided(self) -> tuple[ColumnId, ...]:
        """Return columns for which this review counts."""
        nearer = set(self.nearer)
        return tuple(column for column in self.columns if column not in nearer)


def reach_of_reviews(report: Report, reviews: Iterable[Review]) -> Mapping[str, Reach]:
    """Return how far reviews of tables and patterns reach, by their ids."""
    columns = {column.id: column for table in report.tables for column in table.columns}
    reaches: dict[str, Reach] = {}
    for review in reviews:
        if review.is_wide:
            covered = [columns[id] for id, _ in review.covered if id in columns]
            nearer = tuple(column.id for column in covered if _has_nearer_review(column, review))
            reaches[review.id] = Reach(tuple(column.id for column in covered), nearer)
    return reaches


def _has_nearer_review(column: ColumnReport, review: Review) -> bool:
    """Return whether a review that is on a column counts before this one."""
    own = column.reviewed
    if own is None or own.stale or "justify" in (review.verdict, own.verdict):
        return False
    return SPECIFICITY[own.scope] > SPECIFICITY[review.scope]
