"""Which findings go into a catalog, and as what: a person's word or a machine's guess."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from detectors.ids import column_part
from detectors.labels import labels
from detectors.model import unquote
from detectors.renamed import old_attributes, old_names
from mappings.model import Assessed
from reports.catalogs.naming import CatalogTable, NamingRule, catalog_tables
from reports.model import ColumnReport, Report, Standing, TableReport, primary, standing, stands_or_possible
from reports.query import fits, flows_by_column, values_of


@dataclass(frozen=True, slots=True)
class Selection:
    """What a push shall hold: findings that are accepted, or suggested or possible if asked, and pass."""

    entities: tuple[NamingRule, ...] = ()
    suggested: bool = False
    possible: bool = False                    # what is neither found nor surely nothing, as suggestions
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)      # see reports/query.py
    owner: str = ""
    min_confidence: float = 0.0
    operators: bool = False                   # suggested ones who created or changed a record, too
    whole: bool = False                       # tables and columns, too, where a catalog may lack them
    recognizers: bool = False                 # the patterns too, where a catalog can use them
    lang: str = "zh"                          # of texts that people read in the catalog

    def finding(self, column: ColumnReport) -> Assessed | None:
        """Return the finding of a column that this push may hold."""
        return stands_or_possible(column) if self.possible else primary(column)

    def takes(self, state: Standing) -> bool:
        """Return whether a push may hold a finding that stands so."""
        return {"accepted": True, "suggested": self.suggested, "possible": self.possible}.get(state, False)

    def passes(
        self, table: TableReport, column: ColumnReport, assessed: Assessed, flows: Sequence[str] = ()
    ) -> bool:
        """Return whether a finding passes the tests: owner, confidence, operators and conditions.

        flows: ids of those the column leaves by.
        """
        if self.owner and table.owner != self.owner or assessed.finding.confidence < self.min_confidence:
            return False
        if assessed.finding.tier == "audit" and not self.operators and standing(column) != "accepted":
            return False
        return fits(self.where, values_of(table, column, assessed, flows))


@old_attributes(found="assessed")
@dataclass(frozen=True, slots=True)
class Pick:
    """A column with the finding that goes into the catalog."""

    place: CatalogTable
    column: ColumnReport
    assessed: Assessed
    accepted: bool                            # by a person
    stamp: str                                # when it was decided or detected, ISO 8601 UTC

    @property
    def path(self) -> tuple[str, ...]:
        """Return the elements of the column's path; several for a nested field."""
        return path_of(self.column)

    @property
    def guesses(self) -> tuple[str, ...]:
        """Return `Payload.guesses` of what this is written as."""
        return () if self.accepted else (guess(self.column, self.assessed),)

    @property
    def title(self) -> tuple[str, str]:
        """Return the label in Chinese and in English."""
        label = self.assessed.finding.label
        about = labels().get(label)
        return (about.zh, about.en) if about else (label, label)

    @property
    def reason(self) -> str:
        """Return who accepted it, or what detected it. It changes with the verdict, not with samples."""
        review = self.column.reviewed
        if self.accepted and review is not None:
            return f"{review.by} {review.on:%Y-%m-%d}" + (f": {review.why}" if review.why else "")
        finding = self.assessed.finding
        origins = ", ".join(sorted({evidence.origin for evidence in finding.evidence}))
        doubt = "possible, " if finding.possible else ""
        doubt += f"{finding.form}, " if finding.form != "plain" else ""
        return f"{doubt}{finding.detector}, {finding.confidence:.1f}: {origins}"


def path_of(column: ColumnReport) -> tuple[str, ...]:
    """Return the elements of a column's path; several for a nested field."""
    return tuple(unquote(part) for part in column_part(column.id).split("."))


def named_tables(report: Report, selection: Selection) -> Iterator[CatalogTable]:
    """Yield the tables of a report that have a name in the catalog, whatever the tests say."""
    return catalog_tables(report, selection.entities)


def picks(report: Report, selection: Selection) -> Iterator[tuple[CatalogTable, list[Pick]]]:
    """Yield tables with the columns that go into the catalog; tables without one are left out."""
    leaving = flows_by_column(report)
    for place in named_tables(report, selection):
        table = place.table
        chosen = [
            _pick(report, place, column, assessed)
            for column in table.columns
            if (assessed := selection.finding(column)) is not None
            and selection.takes(standing(column))
            and selection.passes(table, column, assessed, leaving.get(column.id, ()))
        ]
        if chosen:
            yield place, chosen


def _pick(report: Report, place: CatalogTable, column: ColumnReport, assessed: Assessed) -> Pick:
    review = column.reviewed
    if standing(column) == "accepted" and review is not None:
        return Pick(place, column, assessed, True, f"{review.on:%Y-%m-%d}T00:00:00Z")
    read = report.run.tables.get(place.table.id)
    return Pick(place, column, assessed, False, read.at if read is not None else report.run.finished)


def guess(column: ColumnReport, assessed: Assessed) -> str:
    """Return a suggestion as a push remembers it: the column and its label."""
    return f"{column.id}|{assessed.finding.label}"


def guesses(report: Report) -> frozenset[str]:
    """Return every suggestion that holds: detected or possible, and neither accepted nor rejected."""
    return frozenset(
        guess(column, assessed)
        for table in report.tables
        for column in table.columns
        if standing(column) in ("suggested", "possible")
        and (assessed := stands_or_possible(column)) is not None
    )


def excluded_ids(report: Report, selection: Selection) -> frozenset[str]:
    """Return ids a push is not about, so that what is in the catalog about them stays as it is.

    These are columns that a test keeps out, and their tables where no other column passes.
    """
    excluded: set[str] = set()
    leaving = flows_by_column(report)
    for table in report.tables:
        findings = ((c, a) for c in table.columns if (a := selection.finding(c)) is not None)
        passing = {c.id: selection.passes(table, c, a, leaving.get(c.id, ())) for c, a in findings}
        excluded |= {id for id, passes in passing.items() if not passes}
        if passing and not any(passing.values()):
            excluded.add(table.id)
    return frozenset(excluded)


def unread_ids(report: Report) -> frozenset[str]:
    """Return ids of sources, tables and columns that could not be read: what is in them is unknown."""
    return frozenset({s.id for s in report.skipped} | {t.id for t in report.tables if t.status == "skipped"})


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
