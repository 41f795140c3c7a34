"""Whose columns are: by an owners file, else as the source says."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace

from detectors.errors import ConfigError, combined
from detectors.message import Msg
from detectors.model import ColumnId
from reports.model import Report, TableReport
from reports.patterns import compile_pattern, is_pattern

Owners = Sequence[tuple[str, str]]            # (pattern of ids, owner); the first that fits counts


def owners_in(text: str, where: str) -> Owners:
    """Return the rows of an owners file: pattern, owner; raise ConfigError with the line of every fault.

    Blank rows, comments and a head are skipped. where: the file, for errors.
    """
    owners = []
    faults: list[ConfigError] = []
    rows = csv.reader(io.StringIO(text))
    for row in rows:
        cells = [cell.strip() for cell in row]
        if not any(cells) or cells[0].startswith("#") or _is_head(cells):
            continue
        if len(cells) < 2 or not cells[0] or not cells[1]:
            what, hint = Msg("a row needs a pattern and an owner"), Msg("crm/public/*,王敏")
            faults.append(ConfigError(what, where=f"{where}:{rows.line_num}", hint=hint))
            continue
        owners.append((cells[0], cells[1]))
    if faults:
        raise combined(faults)
    return owners


def _is_head(cells: Sequence[str]) -> bool:
    return [cell.casefold() for cell in cells[:2]] == ["pattern", "owner"]


class OwnerLookup:
    """Finds the owner of a column. Rows without `*`, of which a catalog gives many, are looked up."""

    def __init__(self, owners: Owners) -> None:
        self._exact: dict[str, tuple[int, str]] = {}      # id -> (row, owner)
        for row, (pattern, owner) in enumerate(owners):
            if not is_pattern(pattern):
                self._exact.setdefault(pattern, (row, owner))
        self._rows = len(owners)
        rows = enumerate(owners)
        self._patterns = [(row, compile_pattern(p), owner) for row, (p, owner) in rows if is_pattern(p)]

    def owner(self, column: ColumnId, table: TableReport) -> str:
        """Return the owner by the first row that fits the column or its table, else the table's own."""
        if not self._rows:
            return table.owner
        exact = [self._exact[id] for id in (column, table.id) if id in self._exact]
        exact_row, exact_owner = min(exact, default=(self._rows, table.owner))
        for row, shape, owner in self._patterns:
            if row < exact_row and (shape.fullmatch(column) or shape.fullmatch(table.id)):
                return owner
        return exact_owner


def with_owners(report: Report, owners: Owners) -> Report:
    """Return the report with the owners of its tables as the file names them."""
    if not owners:
        return report
    lookup = OwnerLookup(owners)
    tables = (replace(t, owner=lookup.owner(ColumnId(f"{t.id}/"), t)) for t in report.tables)
    return replace(report, tables=tuple(tables))
