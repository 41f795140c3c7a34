"""The reading plan of `chujing plan`: tables in order, what speaks for each, and what reading costs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from detectors.model import CountMethod, TableId
from reports.cells import csv_cell, escape_json

Priority = Literal["flow", "sensitive", "persons", "uncertain", "rest", "copy"]
PRIORITIES: tuple[Priority, ...] = ("flow", "sensitive", "persons", "uncertain", "rest", "copy")
COLUMNS = (
    "rank", "table", "place", "personal", "sensitive", "uncertain", "columns", "labels", "rows",
    "rows_method", "bytes", "owner", "accessed", "values_read", "members", "copy_of",
    "seconds", "bytes_to_read", "night",
)



@dataclass(frozen=True, slots=True)
class TableSummary:
    """What is known of a table before any row is read, as far as ranking needs it; shards as one.

    The state stores it by the names of its fields.
    """

    id: TableId
    columns: int
    labels: tuple[str, ...] = ()              # of its personal columns, sensitive ones first
    personal: int = 0                         # columns
    sensitive: int = 0                        # of them, by some reading
    uncertain: int = 0                        # columns whose name says too little
    rows: int | None = None
    method: CountMethod = "unknown"           # of `rows`
    bytes: int | None = None
    owner: str = ""
    accessed: str = ""                        # ISO day
    kind: str = "table"
    key: str = ""                             # equal where columns are equal in name and type
    reads: tuple[str, ...] = ()               # names of tables that a view is derived from
    members: tuple[TableId, ...] = ()
    copy_of: str = ""                         # id of a living table


@dataclass(frozen=True, slots=True)
class RankedTable:
    """A table with its priority; labels and counts of the summary say why it has it."""

    summary: TableSummary
    priority: Priority
    last_read: str = ""                       # when its values were last read; empty: never


@dataclass(frozen=True, slots=True)
class PlannedTable:
    """A table of the plan.

    copies: ids of tables that look like copies of it. night: which night it is read in; 0 without a budget.
    """

    ranked: RankedTable
    copies: tuple[TableId, ...]
    seconds: float
    bytes: int
    night: int = 0

    @property
    def summary(self) -> TableSummary:
        """What is known of the table."""
        return self.ranked.summary


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """Every table in order.

    exclude: by source, patterns for `exclude:`. pace: seconds a table takes. measured: by an earlier scan
    here?
    """

    lines: tuple[PlannedTable, ...]
    exclude: Mapping[str, Sequence[str]]
    pace: float
    measured: bool
    unplaced: tuple[str, ...] = ()            # fields of flows that name no table

    @property
    def seconds(self) -> float:
        """Time to read every table."""
        return sum(line.seconds for line in self.lines)

    @property
    def bytes(self) -> int:
        """Bytes to read of all tables, at most."""
        return sum(line.bytes for line in self.lines)

    @property
    def nights(self) -> int:
        """Nights that reading takes; 0 without a budget."""
        return max((line.night for line in self.lines), default=0)


def records(plan: ReadingPlan) -> Iterator[dict[str, Any]]:
    """Yield every table of the plan as a flat record."""
    for rank, line in enumerate(plan.lines, 1):
        s = line.summary
        values = (
            rank, s.id, line.ranked.priority, s.personal, s.sensitive, s.uncertain, s.columns, list(s.labels),
            s.rows, s.method, s.bytes, s.owner, s.accessed, line.ranked.last_read, list(s.members), s.copy_of,
            round(line.seconds, 2), line.bytes, line.night or None,
        )
        yield dict(zip(COLUMNS, values, strict=True))


def to_csv(plan: ReadingPlan) -> str:
    """Return the plan as CSV; cells that a spreadsheet would take for a formula begin with an apostrophe."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows([_cell(value) for value in record.values()] for record in records(plan))
    return text.getvalue()


def _cell(value: object) -> object:
    text = " ".join(map(str, value)) if isinstance(value, list) else value
    return csv_cell(text)


def to_json(plan: ReadingPlan) -> str:
    """Return the plan as JSON: totals, what could be excluded, and every table on a line of its own."""
    totals = {
        "seconds": round(plan.seconds), "bytes_to_read": plan.bytes, "seconds_a_table": plan.pace,
        "measured": plan.measured, "nights": plan.nights or None,
    }
    values = {"totals": totals, "exclude": plan.exclude, "unplaced": plan.unplaced}
    head = json.dumps(values, ensure_ascii=False)
    tables = ",\n".join(json.dumps(record, ensure_ascii=False) for record in records(plan))
    return escape_json(f'{head[:-1]}, "tables": [\n{tables}\n]}}\n')
