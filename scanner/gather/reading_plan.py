"""The plan of a sweep: tables in order, what reading each costs, and which copies might be left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from detectors.errors import ConfigError
from detectors.ids import source_of
from detectors.message import Msg
from detectors.model import TableId
from mappings.model import Flow
from reports.reading_plan import PlannedTable, RankedTable, ReadingPlan, TableSummary
from scanner.connectors.shards import OPENED
from scanner.gather.priority import merge_shards_and_copies, rank_tables
from scanner.gather.table_catalogue import TABLE, pick_id
from scanner.gather.table_copies import exclusion_patterns, ref_of

ASSUMED_TABLE_SECONDS = 0.5                   # seconds a table takes, before any scan here has shown it
ASSUMED_BYTES_A_SECOND = 20 << 20             # bytes read in a second, assumed
ROW_BYTES = 1 << 10                           # bytes read for each row drawn: a page holds eight of them


@dataclass(frozen=True, slots=True)
class ReadingPace:
    """How fast tables are read.

    rows: to draw from each. seconds: a table takes, as an earlier scan measured it. night: seconds of one
    night.
    """

    rows: int
    seconds: float | None = None
    night: float | None = None


def make_plan(
    entries: Iterable[TableSummary], flows: Sequence[Flow], last_read: Mapping[TableId, str],
    pace: ReadingPace,
) -> ReadingPlan:
    """Return the plan of a sweep. last_read: when values were last read, by table."""
    merged = merge_shards_and_copies(entries)
    in_flows, unplaced = flow_tables(flows, merged)
    copies: dict[str, list[TableId]] = {}
    for e in merged:
        if e.copy_of:
            copies.setdefault(e.copy_of, []).append(e.id)
    nights = _Nights(pace)
    lines = [nights.place(r, copies.get(r.summary.id, ())) for r in rank_tables(merged, in_flows, last_read)]
    return ReadingPlan(
        tuple(lines), _exclusions(merged), nights.seconds_a_table, pace.seconds is not None, unplaced
    )


@dataclass(slots=True)
class _Nights:
    """Tables placed into nights, one after another. spent: seconds of the night that has begun."""

    pace: ReadingPace
    night: int = 1
    spent: float = 0.0

    @property
    def seconds_a_table(self) -> float:
        return ASSUMED_TABLE_SECONDS if self.pace.seconds is None else self.pace.seconds

    def place(self, table: RankedTable, copies: Sequence[TableId]) -> PlannedTable:
        """Return a table with its cost and its night; a night that cannot hold it is over."""
        size = sample_bytes(table.summary, self.pace.rows)
        seconds = self.seconds_a_table + size / ASSUMED_BYTES_A_SECOND
        if self.pace.night is None:
            return PlannedTable(table, tuple(copies), seconds, size)
        if self.spent and self.spent + seconds > self.pace.night:
            self.spent, self.night = 0.0, self.night + 1
        self.spent += seconds
        return PlannedTable(table, tuple(copies), seconds, size, self.night)


def sample_bytes(e: TableSummary, rows: int) -> int:
    """Return the bytes a sample reads, at most: a file whole, of a table a page for every eighth row."""
    parts = min(len(e.members), OPENED) or 1
    if e.kind == "file":
        return (e.bytes or 0) * parts // max(len(e.members), 1)
    return min(rows * ROW_BYTES, e.bytes) if e.bytes is not None else rows * ROW_BYTES


def _exclusions(entries: Sequence[TableSummary]) -> dict[str, Sequence[str]]:
    """Return patterns that match the copies, by source."""
    patterns: dict[str, Sequence[str]] = {}
    for source in sorted({source_of(e.id) for e in entries if e.copy_of}):
        own = [e for e in entries if source_of(e.id) == source]
        tables = [(ref_of(tid), bool(e.copy_of)) for e in own for tid in (e.members or (e.id,))]
        copies = [ref for ref, is_copy in tables if is_copy]
        patterns[source] = exclusion_patterns(copies, [ref for ref, _ in tables])
    return patterns


def flow_tables(
    flows: Sequence[Flow], entries: Sequence[TableSummary]
) -> tuple[set[TableId], tuple[str, ...]]:
    """Return (tables that flows take, by name alone; fields that name no table).

    Tables under a view count as taken.
    """
    names = _FlowTables(entries)
    for flow in flows:
        names.add(flow)
    names.add_below_views()
    return names.tables, tuple(names.unplaced)


class _FlowTables:
    """Tables that flows name, one flow after another."""

    def __init__(self, entries: Sequence[TableSummary]) -> None:
        self._entries = entries
        self._ids = [e.id for e in entries]
        self._by_name: dict[str, list[TableSummary]] = {}
        for e in entries:
            for name in {ref_of(tid).name.casefold() for tid in (e.id, *e.members)}:
                self._by_name.setdefault(name, []).append(e)
        self.tables: set[TableId] = set()
        self.unplaced: list[str] = []

    def add(self, flow: Flow) -> None:
        """Add the tables of a flow's fields, view or query."""
        names = [field.rpartition("/")[0] for field in flow.fields] + ([flow.view] if flow.view else [])
        for name in dict.fromkeys(names):
            try:
                self.tables.add(TableId(pick_id(name, self._ids, TABLE)))
            except ConfigError as e:
                self.unplaced.append(Msg("{where}: {what}", where=flow.id, what=e.line()))
        for word in re.findall(r"[\w$]+", flow.sql):
            self.tables |= {e.id for e in self._tables_named(word, flow.source)}

    def add_below_views(self) -> None:
        """Add the tables that views among them read, and those below."""
        pending = [e for e in self._entries if e.id in self.tables]
        while pending:
            view = pending.pop()
            read = [e for name in view.reads for e in self._tables_named(name, source_of(view.id))]
            below = [e for e in read if e.id not in self.tables]
            self.tables |= {e.id for e in below}
            pending += below

    def _tables_named(self, name: str, source: str) -> Iterator[TableSummary]:
        """Yield the tables of that name, whatever the case. source: empty for any."""
        for e in self._by_name.get(name.casefold(), ()):
            if not source or source_of(e.id) == source:
                yield e
