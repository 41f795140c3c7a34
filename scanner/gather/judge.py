"""Examined tables judged: by a taxonomy, by what people silenced, and by their reviews."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from detectors.errors import ConfigError
from detectors.message import Msg, Note, Text
from detectors.model import ColumnId, Skipped, TableId, TableInfo
from detectors.names.tables import table_subject
from detectors.names.tokens import tokens
from mappings.assess import assess, find_combinations
from mappings.taxonomy import Taxonomy
from reports import unread
from reports.model import ColumnReport, TableReading, TableReport, primary
from reports.reviews.apply import apply_to_table
from reports.reviews.collection import Reviews
from scanner.gather.examine import ExaminedTable, table_rows, unread_rows
from scanner.gather.table_catalogue import COLUMN, TableCatalogue, pick_id

if TYPE_CHECKING:
    from mappings.model import Assessed
    from scanner.config.model import Ignore
    from scanner.gather.carry_over import ResultStore, StoredResult, TableMark

REUSABLE_REASONS = ("", "asked", "dictionary")  # why values were not read: such results may be carried over


@dataclass(frozen=True, slots=True)
class JudgingBasis:
    """What findings are judged by.

    ignored: findings silenced in the configuration. as_of: the day that counts.
    """

    taxonomy: Taxonomy
    reviews: Reviews
    ignored: Sequence[Ignore]
    as_of: date


class Judge:
    """Takes results of tables in, records those of this run, and judges them all."""

    def __init__(self, catalogue: TableCatalogue, basis: JudgingBasis, results: ResultStore | None) -> None:
        self._infos = catalogue.tables
        self._basis = basis
        self._silenced = silenced_columns(basis.ignored, catalogue, basis.as_of)
        self._results = results
        self.primaries: dict[ColumnId, Assessed] = {}
        self.tables: list[TableReport] = []
        self.skipped: list[Skipped] = []
        self.read: dict[TableId, TableReading] = {}
        self.failures: dict[str, str] = {}    # detector -> kind of exception it raised

    def add_examined(self, mark: TableMark, examined: ExaminedTable, why: Note = unread.READ) -> None:
        """Take in a result of this run.

        why: a reason for which values were not read; only whole results are recorded.
        """
        self.skipped += examined.skipped
        self.failures |= examined.failures or {}
        table = replace(examined.table, why=why)
        moment = timestamp(datetime.now(UTC))
        if table.status != "skipped":
            if self._results is not None and why in REUSABLE_REASONS and table.status != "partial":
                moment = self._results.record(table.id, mark, table)
            self.read[table.id] = TableReading(moment, mark.shape, "" if why else mark.data, mark.context)
        self._judge(table)

    def add_stored(self, mark: TableMark, stored: StoredResult, why: Note = unread.READ) -> None:
        """Take in a result of an earlier run.

        why: a reason for which the table, although changed, was not read again.
        """
        table = stored.table
        self.read[table.id] = TableReading(stored.checked, mark.shape, stored.data, mark.context, True)
        self._judge(replace(table, why=why or table.why))

    def _judge(self, table: TableReport) -> None:
        read = self.read.get(table.id)
        judged = self._with_reviews(self._with_law(table), read.data if read is not None else "")
        info = self._infos[table.id]
        personal = _personal(judged)
        self.skipped += [Skipped(table.id, e.message, e.hint) for e in table.losses if e.lost]
        self.primaries |= personal
        self.tables.append(replace(
            judged, rows=unread_rows(info.rows) if judged.status == "skipped"
            else table_rows(info.rows, judged.drawn, judged.losses),
            subject=table_subject(info), owner=info.owner,
            combinations=tuple(find_combinations(personal, _is_timed(info), self._basis.taxonomy)),
        ))

    def _with_law(self, table: TableReport) -> TableReport:
        return replace(table, columns=tuple(self._with_taxonomy(c) for c in table.columns))

    def _with_taxonomy(self, column: ColumnReport) -> ColumnReport:
        why = self._silenced.get(column.id)
        if why is not None:
            return replace(column, findings=(), ignored=why)
        findings = assess([a.finding for a in column.findings], self._basis.taxonomy)
        return replace(column, findings=tuple(findings), ignored="")

    def _with_reviews(self, table: TableReport, data: str) -> TableReport:
        """Return the table as people decided it. data: the mark of its rows."""
        return apply_to_table(table, self._basis.reviews, self._basis.taxonomy, self._basis.as_of, data)


def silenced_columns(
    ignored: Sequence[Ignore], catalogue: TableCatalogue, as_of: date
) -> Mapping[ColumnId, Text]:
    """Return the columns that the configuration silences on a day: why, by whom and until when."""
    columns = catalogue.columns
    reasons: dict[ColumnId, Text] = {}
    for entry in ignored:
        if entry.column and entry.until >= as_of:
            with contextlib.suppress(ConfigError):
                column = ColumnId(pick_id(entry.column, columns, COLUMN))
                reasons[column] = Msg(
                    "{why} ({by}, until {day})", why=entry.why, by=entry.by, day=entry.until
                )
    return reasons


def _personal(table: TableReport) -> dict[ColumnId, Assessed]:
    primaries = {c.id: primary(c) for c in table.columns}
    return {c: p for c, p in primaries.items() if p is not None and p.finding.kind == "personal_information"}


def _is_timed(info: TableInfo) -> bool:
    """Does a column hold a date or a time?"""
    return any(
        "date" in c.type.lower() or "time" in c.type.lower() or {"time", "date"} & set(tokens(c.name))
        for c in info.columns
    )


def timestamp(moment: datetime) -> str:
    """Return a moment as reports write it: ISO 8601 in UTC, with microseconds."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
