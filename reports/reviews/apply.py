"""Reviews applied to findings, and how far they still hold. Pure: no file, no clock.

Of the reviews about a column the most specific one that still holds counts, and of equals the later. A review
goes stale when the machine finds another label, when the column's name, type or comment changes, when its
values change materially, or when it expires; the machine's finding then holds again, with the review shown
beside it. A review of a table or a pattern decides the columns it covered, each as it was: what comes later
is shown as not decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from operator import is_

from detectors.labels import is_among, label_word, labels
from detectors.message import Msg, Text
from detectors.model import ColumnFinding, Evidence, Label, TableId
from mappings.assess import assess
from mappings.taxonomy import Taxonomy, load_taxonomy
from reports.model import ColumnReport, Report, Reviewed, TableReport, possible
from reports.reviews.basis import DETECTOR, basis_of, is_covered, unreviewed_column
from reports.reviews.collection import ColumnReview, Reviews
from reports.reviews.review import SPECIFICITY, VERDICTS, Review, ReviewBasis, Verdict, parse_basis

MATERIAL_CHANGE = 0.2                         # change of confidence or support that reopens a review
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class ReviewContext:
    """What reviews are applied with."""

    reviews: Reviews
    taxonomy: Taxonomy                        # assesses the labels that people set
    as_of: date


def apply_reviews(report: Report, reviews: Reviews, taxonomy: Taxonomy, as_of: date) -> Report:
    """Return a report with its columns as people decided them; flows and counts stay as they are."""
    marks = {id: read.data for id, read in report.run.tables.items()}
    tables = (apply_to_table(t, reviews, taxonomy, as_of, marks.get(t.id, "")) for t in report.tables)
    return replace(report, tables=tuple(tables))


@dataclass(frozen=True, slots=True)
class ReviewedScan:
    """A scan as it was read, and as people decide its columns on a day."""

    read: Report
    reviews: Reviews
    day: date
    report: Report

    @classmethod
    def of(cls, read: Report, reviews: Reviews, day: date) -> ReviewedScan:
        """Return a scan with reviews applied."""
        return cls(read, reviews, day, apply_reviews(read, reviews, load_taxonomy(profile=read.profile), day))


def apply_to_table(
    table: TableReport, reviews: Reviews, taxonomy: Taxonomy, as_of: date, mark: str = ""
) -> TableReport:
    """Return a table as people decided its columns. mark: of its rows, where the source gives one."""
    context, are_any = ReviewContext(reviews, taxonomy, as_of), bool(reviews)
    columns = tuple([
        apply_to_column(column, table.id, context, mark) if are_any or column.reviewed is not None else column
        for column in table.columns
    ])
    if all(map(is_, columns, table.columns)):
        return table
    return replace(table, columns=columns)


def apply_to_column(
    column: ColumnReport, table: TableId | str, context: ReviewContext, mark: str = ""
) -> ColumnReport:
    """Return a column as people decided it; as the machine found it if nobody did, or that is stale."""
    column = unreviewed_column(column)
    if not context.reviews or column.ignored:
        return column
    entries = context.reviews.on(column.id, table)
    if not entries:
        return column
    now, merely_possible = basis_of(column, mark), possible(column) is not None
    values_read = column.examined > 0
    judged = [
        _Judged(entry, staleness(entry, _shown_then(entry, now, merely_possible), values_read, context.as_of))
        for entry in entries
        if _is_about(entry, now, merely_possible)
    ]
    if not judged:
        return column
    best = max(judged, key=_Judged.precedence)
    column = replace(column, reviewed=replace(_reviewed(best, judged, now), possible=merely_possible))
    return column if best.stale else _decided_column(column, best.review, context.taxonomy)


# ---- which review counts


@dataclass(frozen=True, slots=True)
class _Judged:
    """A review about a column, and whether it still holds."""

    entry: ColumnReview
    stale: str                                # why it does not hold; empty while it does

    @property
    def review(self) -> Review:
        return self.entry.review

    def precedence(self) -> tuple[bool, bool, int, int]:
        """Return what is greatest for the review that counts."""
        review = self.review
        return not self.stale, review.verdict != "justify", SPECIFICITY[review.scope], self.entry.order


def _is_about(entry: ColumnReview, now: ReviewBasis, merely_possible: bool) -> bool:
    """Return whether a review has something to say of a column as it is now.

    One of a table or pattern that did not cover the column is about its label, if it names one; and of a
    column without a finding only a relabelling is.
    """
    review = entry.review
    if entry.basis or review.columns:
        return True
    return is_covered(review, now.label, merely_possible)


def staleness(entry: ColumnReview, now: ReviewBasis, values_read: bool, as_of: date) -> str:
    """Return why a review no longer holds for a column; empty while it does.

    expired; unseen: of a table or pattern, without record of the columns it covered; appeared: it did not
    cover this one; label, schema, values: changed since.
    """
    review = entry.review
    if review.until is not None and as_of > review.until:
        return "expired"
    if not review.columns and not entry.basis:
        return "appeared" if review.covered else "unseen"
    then = parse_basis(entry.basis) if entry.basis else None
    settled = _is_settled(review, now)
    if _has_label_changed(review, then, now) and not settled:
        return "label"
    if then is None:
        return ""
    if then.shape != now.shape:
        return "schema"
    return "values" if values_read and not settled and _have_values_changed(review.verdict, then, now) else ""


def _shown_then(entry: ColumnReview, now: ReviewBasis, merely_possible: bool) -> ReviewBasis:
    """Return what a column shows now in the terms of a review that was made when doubts were not shown."""
    if merely_possible and entry.basis and not parse_basis(entry.basis).label:
        return ReviewBasis("", now.shape, 0.0, None, now.mark)
    return now


def _is_settled(review: Review, now: ReviewBasis) -> bool:
    """Return whether the machine came to what the review says."""
    if review.verdict == "reject":
        return not now.label
    return review.verdict == "relabel" and is_among(now.label, (review.to,))


def _has_label_changed(review: Review, then: ReviewBasis | None, now: ReviewBasis) -> bool:
    if then is None:
        return bool(review.label) and not is_among(now.label, (review.label,))
    return not is_among(now.label, (then.label,))


def _have_values_changed(verdict: Verdict, then: ReviewBasis, now: ReviewBasis) -> bool:
    """Return whether values speak so much more against a verdict that it is to be looked at again.

    A sample of the same rows never does.
    """
    if then.mark and then.mark == now.mark:
        return False
    rise = now.confidence - then.confidence
    if then.support is not None and now.support is not None:
        rise = max(rise, now.support - then.support, key=abs)
    against = {"accept": -rise, "justify": -rise, "reject": rise}.get(verdict, abs(rise))
    return against > MATERIAL_CHANGE + ROUNDING


# ---- what it makes of the column


def _reviewed(best: _Judged, judged: Sequence[_Judged], now: ReviewBasis) -> Reviewed:
    """Return the review that counts as a report shows it."""
    review = best.review
    others = (
        [] if best.stale else [j.review for j in judged if not j.stale and _is_contradicted(j.review, review)]
    )
    return Reviewed(
        review.verdict,
        Label(_decided_label(best, now)),
        review.by,
        review.on,
        review.why,
        review.scope,
        review.until,
        best.stale,
        Label(now.label),
        _decision_words(others),
        best.entry.id,
    )


def _is_contradicted(other: Review, review: Review) -> bool:
    """Return whether another person decided otherwise on the same level."""
    return (
        other.by != review.by
        and SPECIFICITY[other.scope] == SPECIFICITY[review.scope]
        and "justify" not in (other.verdict, review.verdict)
        and (other.verdict, other.to) != (review.verdict, review.to)
    )


def _decided_label(best: _Judged, now: ReviewBasis) -> str:
    """Return the label that a review decided on; of a column that came later, none."""
    review, basis = best.review, best.entry.basis
    if review.verdict == "relabel":
        return review.to
    label = parse_basis(basis).label if basis else review.label
    return label or ("" if best.stale == "appeared" else now.label)


def _decision_words(reviews: Sequence[Review]) -> Text:
    """Return what was decided, by whom and when, each decision once; empty for none."""
    decisions = list(dict.fromkeys(map(_decision, reviews)))
    if not decisions:
        return ""
    return reduce(lambda first, rest: Msg("{first}; {rest}", first=first, rest=rest), decisions)


def _decision(review: Review) -> Msg:
    verdict = VERDICTS[review.verdict]
    if not review.to:
        return Msg("{verdict} ({by}, {on})", verdict=verdict, by=review.by, on=review.on)
    label = label_word(review.to)
    return Msg("{verdict} {label} ({by}, {on})", verdict=verdict, label=label, by=review.by, on=review.on)


def _decided_column(column: ColumnReport, review: Review, taxonomy: Taxonomy) -> ColumnReport:
    """Return a column with its findings as a review that holds makes them; it settles what is possible."""
    if review.verdict == "justify":
        return column
    if review.verdict == "accept":
        confirmed = (
            replace(a, finding=replace(a.finding, primary=True, possible=False)) if a.finding.possible else a
            for a in column.findings
        )
        return replace(column, findings=tuple(confirmed))
    secondary = tuple(
        replace(a, finding=replace(a.finding, primary=False, possible=False))
        if a.finding.primary or a.finding.possible else a
        for a in column.findings
    )
    if review.verdict == "reject":
        return replace(column, findings=secondary)
    return replace(column, findings=(*assess([_person_finding(column, review)], taxonomy), *secondary))


def _person_finding(column: ColumnReport, review: Review) -> ColumnFinding:
    """Return the finding a person makes of a column, with what the machine's evidence of that label was."""
    about = labels()[Label(review.to)]
    by_person = Evidence("review", Msg("{by}, {on}", by=review.by, on=review.on))
    same = (a.finding for a in column.findings if is_among(a.finding.label, (review.to,)))
    of_machine = next((finding.evidence for finding in same), ())
    return ColumnFinding(
        column.id,
        about.label,
        DETECTOR,
        about.kind,
        "core",
        1.0,
        (by_person, *of_machine),
        True,
        about.subject_key,
    )
