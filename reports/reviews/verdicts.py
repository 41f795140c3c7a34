"""What people decided about findings, and how far it still holds. Pure: no file, no clock.

A review names one column, equal columns as a group, a table, or a pattern of column ids; the most specific one that still holds counts,
and of equals the later. It goes stale when the machine finds another label, when the column's name, type or comment changes, when its
values change materially, or when it expires; the machine's finding then stands again, with the review shown beside it. One of a table or
a pattern decides the columns it saw, each as it was: what comes later is shown as not decided.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, reduce
from typing import Literal

from detectors.labels import label_word, labels
from detectors.message import Msg, Text
from detectors.model import ColumnFinding, ColumnId, Evidence, Label, TableId
from mappings.assess import assess
from mappings.names import fold_name
from mappings.taxonomy import Taxonomy
from reports.model import ColumnReport, Report, Reviewed, TableReport, primary

Verdict = Literal["accept", "reject", "relabel", "justify"]
MATERIAL = 0.2                                # change of a confidence, or of the share of cells that agree, that reopens a review
DETECTOR = "review"                           # detector of a finding that a person made


@dataclass(frozen=True, slots=True)
class ReviewBasis:
    """What a review was made of. support: share of examined cells that agreed, None where none were looked at. mark: of the rows."""

    label: str                                # empty: nothing was found
    shape: str                                # folded name, type and comment
    confidence: float
    support: float | None
    mark: str = ""

    def __str__(self) -> str:
        support = "-" if self.support is None else f"{self.support:.2f}"
        return f"{self.label or '-'} {self.shape} {self.confidence:.2f} {support} {self.mark}".strip()


def parse_basis(text: str) -> ReviewBasis:
    """The inverse of `str(Seen)`; ValueError for anything else.

    >>> str(parsed("email 0a1b2c3d 0.97 0.94"))
    'email 0a1b2c3d 0.97 0.94'
    """
    label, shape, confidence, support, *mark = text.split(" ")
    if not re.fullmatch("[0-9a-f]{8}", shape) or len(mark) > 1:
        raise ValueError("not what a review is made of")
    return ReviewBasis("" if label == "-" else label, shape, float(confidence), None if support == "-" else float(support), "".join(mark))


@dataclass(frozen=True, slots=True)
class Review:
    """One decision as it is recorded. Exactly one of columns, table, pattern and undo is filled."""

    by: str
    on: date
    verdict: Verdict = "accept"
    columns: tuple[ColumnId, ...] = ()        # several: equal columns, decided together
    table: str = ""
    pattern: str = ""                         # of column ids; * stands for any characters
    label: str = ""                           # what had been found; of tables and patterns, only findings of this label
    to: str = ""                              # what it is instead
    why: str = ""
    until: date | None = None                 # last day it holds
    basis: str = ""
    check: tuple[ColumnId, ...] = ()          # members drawn for a second look
    undo: str = ""                            # id of an earlier review that no longer counts
    covered: tuple[tuple[ColumnId, str], ...] = ()                        # of a table or pattern: columns it decides, and what each showed
    again: str = ""                           # id of the undoing after which the same was decided once more

    @property
    def scope(self) -> str:
        return "table" if self.table else "pattern" if self.pattern else "column" if len(self.columns) == 1 else "group"

    @property
    def id(self) -> str:
        """The same decision has the same id in every file."""
        said = (self.verdict, self.label, self.to, self.why, self.until, self.basis, self.undo)
        later = (*(x for pair in self.covered for x in pair), *((self.again,) if self.again else ()))
        parts = (self.by, self.on, *said, *self.columns, self.table, self.pattern, *later)
        return "r-" + hashlib.sha256("\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()[:10]


SPECIFIC = {"column": 3, "group": 2, "table": 1, "pattern": 0}


def folded_type(text: str) -> str:
    """A column's type without its lengths: `varchar(64)` is `varchar`."""
    return re.sub(r"\s*\([^)]*\)", "", fold_name(text))


def shape_of(column: ColumnReport) -> str:
    """Eight hexadecimal digits that change with a column's folded name, type or comment."""
    parts = (fold_name(column.name), folded_type(column.type), fold_name(column.comment))
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:8]


def support_of(column: ColumnReport) -> float | None:
    """Share of examined cells that agree with the column's finding; None where none were looked at."""
    p = primary(column)
    return max((e.prevalence for e in p.finding.evidence if e.origin == "value" and e.examined), default=None) if p else None


def basis_of(column: ColumnReport, mark: str = "") -> ReviewBasis:
    """What a review of this column made now would rest on. mark: of its table's rows, where the source gives one."""
    column = unreviewed(column)
    p = primary(column)
    return ReviewBasis(str(p.finding.label) if p else "", shape_of(column), p.finding.confidence if p else 0.0, support_of(column), mark)


def unreviewed(column: ColumnReport) -> ColumnReport:
    """The column with the machine's findings alone."""
    if column.reviewed is None:
        return column
    found = [a for a in column.findings if a.finding.detector != DETECTOR]
    first = next((i for i, a in enumerate(found) if column.reviewed.found and a.finding.label == column.reviewed.found), None)
    back = tuple(replace(a, finding=replace(a.finding, primary=i == first)) if a.finding.primary != (i == first) else a
                 for i, a in enumerate(found))
    return replace(column, findings=back, reviewed=None)


@dataclass(frozen=True, slots=True)
class ColumnReview:
    """A review that speaks of a column: where it stands in order, and what the column showed then; empty where it does not say."""

    order: int
    id: str
    review: Review
    basis: str


class Reviews:
    """Every review that was not undone, by what it speaks of."""

    def __init__(self, entries: Sequence[Review] = ()) -> None:
        self.entries = tuple(entries)
        standing: dict[str, Review] = {}      # in order; one that is recorded again counts from there
        for e in entries:
            name = e.undo or e.id
            standing.pop(name, None)
            if not e.undo:
                standing[name] = e
        self.standing: Mapping[str, Review] = standing

    @cached_property
    def _columns(self) -> Mapping[ColumnId, list[ColumnReview]]:
        found: dict[ColumnId, list[ColumnReview]] = {}
        for i, (id, r) in enumerate(self.standing.items()):
            for c in r.columns:
                found.setdefault(c, []).append(ColumnReview(i, id, r, r.basis))
        return found

    @cached_property
    def _wide(self) -> tuple[Mapping[str, list[_WideReview]], Sequence[tuple[re.Pattern[str], _WideReview]]]:
        """Reviews of tables, by table, and of patterns."""
        every = [_WideReview(i, id, r, dict(r.covered)) for i, (id, r) in enumerate(self.standing.items()) if r.table or r.pattern]
        tables: dict[str, list[_WideReview]] = {}
        for w in every:
            if w.review.table:
                tables.setdefault(w.review.table, []).append(w)
        return tables, [(glob(w.review.pattern), w) for w in every if w.review.pattern]

    def on(self, column: ColumnId, table: TableId | str) -> list[ColumnReview]:
        """Everything that speaks of a column."""
        tables, patterns = self._wide
        wide = (*tables.get(table, ()), *(w for shape, w in patterns if shape.fullmatch(column)))
        return [*self._columns.get(column, ()), *(ColumnReview(w.order, w.id, w.review, w.covered.get(column, "")) for w in wide)]

    def __bool__(self) -> bool:
        return bool(self.standing)


@dataclass(frozen=True, slots=True)
class _WideReview:
    """A review of a table or a pattern, with what it saw by column."""

    order: int
    id: str
    review: Review
    covered: Mapping[ColumnId, str]


def glob(pattern: str) -> re.Pattern[str]:
    """A pattern of column ids: `*` is any characters, everything else itself. What stands between two is taken where it comes first and
    not looked for again, so that no name makes many `*` slow.

    >>> [bool(glob("crm/*mo*e").fullmatch(c)) for c in ("crm/member/mobile", "crm/momoe", "crm/member/mobile2")]
    [True, True, False]
    """
    first, *others = map(re.escape, re.split(r"\*+", pattern))
    inner = "".join(f"(?>.*?{x})" for x in others[:-1])
    return re.compile(first + (f"{inner}.*{others[-1]}" if others else ""), re.DOTALL)


def staleness(said: ColumnReview, now: ReviewBasis, looked: bool, as_of: date) -> str:
    """Why a review no longer speaks for a column: expired, unseen, appeared, label, schema or values; empty while it does.

    looked: were values read? unseen: one of a table or pattern that does not say which columns it saw; appeared: it did not see this one.
    """
    review = said.review
    if review.until is not None and as_of > review.until:
        return "expired"
    if not review.columns and not said.basis:
        return "appeared" if review.covered else "unseen"
    was = parse_basis(said.basis) if said.basis else None
    label = was.label if was is not None else review.label
    settled = review.verdict == "reject" and not now.label or review.verdict == "relabel" and now.label == review.to
    if label != now.label and not settled and (was is not None or label):
        return "label"
    if was is None:
        return ""
    if was.shape != now.shape:
        return "schema"
    return "values" if looked and not settled and _values_changed(review.verdict, was, now) else ""


def _values_changed(verdict: Verdict, was: ReviewBasis, now: ReviewBasis) -> bool:
    """Did values change so that the verdict is to be looked at again? A sample of the same rows never says so."""
    if was.mark and was.mark == now.mark:
        return False
    up = now.confidence - was.confidence
    if was.support is not None and now.support is not None:
        agree = now.support - was.support
        up = agree if abs(agree) > abs(up) else up
    worse = {"accept": -up, "justify": -up, "reject": up}.get(verdict, abs(up))
    return worse > MATERIAL + 1e-9


VERDICTS = {
    "accept": Msg("accept"), "reject": Msg("reject"), "relabel": Msg("relabel"), "justify": Msg("justify"),
}


def _decisions(reviews: Sequence[Review]) -> Text:
    """What was decided, by whom and when, each decision once; empty for none."""
    decisions = list(dict.fromkeys(_decision(r) for r in reviews))
    if not decisions:
        return ""
    return reduce(lambda first, rest: Msg("{first}; {rest}", first=first, rest=rest), decisions)


def _decision(r: Review) -> Msg:
    verdict = VERDICTS[r.verdict]
    if not r.to:
        return Msg("{verdict} ({by}, {on})", verdict=verdict, by=r.by, on=r.on)
    return Msg("{verdict} {label} ({by}, {on})", verdict=verdict, label=label_word(r.to), by=r.by, on=r.on)


def apply_to_column(
    column: ColumnReport,
    table: TableId | str,
    reviews: Reviews,
    taxonomy: Taxonomy,
    as_of: date,
    mark: str = "",
) -> ColumnReport:
    """The column as people decided it; as the machine found it where nobody did, or where that is stale."""
    column = unreviewed(column)
    if not reviews or column.ignored or not (spoken := reviews.on(column.id, table)):
        return column
    now = basis_of(column, mark)
    about = [s for s in spoken if s.basis or s.review.columns or not s.review.label or s.review.label == now.label]
    judged = [(s, staleness(s, now, column.examined > 0, as_of)) for s in about
              if s.basis or s.review.columns or now.label or s.review.verdict == "relabel"]
    if not judged:
        return column
    said, why = max(judged, key=lambda j: (not j[1], j[0].review.verdict != "justify", SPECIFIC[j[0].review.scope], j[0].order))
    best, held = said.review, [s.review for s, gone in judged if not gone and not why]
    others = [r for r in held if r.by != best.by and SPECIFIC[r.scope] == SPECIFIC[best.scope]
              and "justify" not in (r.verdict, best.verdict) and (r.verdict, r.to) != (best.verdict, best.to)]
    label = best.to if best.verdict == "relabel" else (parse_basis(said.basis).label if said.basis else best.label) or (
        "" if why == "appeared" else now.label)           # of a column that came later nothing was said
    decided = Reviewed(best.verdict, Label(label), best.by, best.on, best.why, best.scope, best.until, why, Label(now.label),
                       _decisions(others), said.id)
    column = replace(column, reviewed=decided)
    if why or best.verdict in ("accept", "justify"):
        return column
    plain = tuple(replace(a, finding=replace(a.finding, primary=False)) if a.finding.primary else a for a in column.findings)
    if best.verdict == "reject":
        return replace(column, findings=plain)
    return replace(column, findings=(*assess([_person_finding(column, best)], taxonomy), *plain))


def _person_finding(column: ColumnReport, review: Review) -> ColumnFinding:
    """The finding a person makes of a column, with what the machine had seen of that label."""
    about = labels()[Label(review.to)]
    told = Evidence("review", Msg("{by}, {on}", by=review.by, on=review.on))
    machine = next((a.finding.evidence for a in column.findings if a.finding.label == review.to), ())
    return ColumnFinding(column.id, about.label, DETECTOR, about.kind, "core", 1.0, (told, *machine), True, about.subject_key)


def apply_to_table(table: TableReport, reviews: Reviews, taxonomy: Taxonomy, as_of: date, mark: str = "") -> TableReport:
    """Every column of a table as people decided it."""
    if not reviews and all(c.reviewed is None for c in table.columns):
        return table
    return replace(table, columns=tuple(apply_to_column(c, table.id, reviews, taxonomy, as_of, mark) for c in table.columns))


def apply_reviews(report: Report, reviews: Reviews, taxonomy: Taxonomy, as_of: date) -> Report:
    """A finished report with its columns as people decide them now; flows and counts stay as they are."""
    marks = {tid: r.data for tid, r in report.run.tables.items()}
    return replace(report, tables=tuple(apply_to_table(t, reviews, taxonomy, as_of, marks.get(t.id, "")) for t in report.tables))


def review_of(column: ColumnReport, verdict: Verdict, by: str, on: date, why: str = "", to: str = "", until: date | None = None,
           mark: str = "") -> Review:
    """A review of one column as it stands in a report."""
    now = basis_of(column, mark)
    return Review(by, on, verdict, (column.id,), label=now.label, to=to, why=why, until=until, basis=str(now))


def with_covered_columns(review: Review, report: Report) -> Review:
    """A review of a table or a pattern with every column it speaks of, as the report shows it; none where there is none."""
    shape = glob(review.pattern) if review.pattern else None
    saw = []
    for t in report.tables:
        if shape is None and t.id != review.table:
            continue
        read = report.run.tables.get(t.id)
        shown = ((c, basis_of(c, read.data if read is not None else "")) for c in t.columns
                 if not c.ignored and (shape is None or shape.fullmatch(c.id)))
        saw += [(c.id, str(s)) for c, s in shown if (s.label == review.label if review.label else s.label or review.verdict == "relabel")]
    return replace(review, covered=tuple(saw))


def unmatched(reviews: Reviews, report: Report) -> Iterable[Review]:
    """Reviews that speak of no column of the report: renamed, dropped, or not scanned."""
    columns = {c.id for t in report.tables for c in t.columns}
    tables = {t.id for t in report.tables}

    def hits(r: Review) -> bool:
        matches: Callable[[str], object] = glob(r.pattern).fullmatch
        return any(c in columns for c in r.columns) or r.table in tables or bool(r.pattern) and any(map(matches, columns))

    return [r for r in reviews.standing.values() if not hits(r)]
