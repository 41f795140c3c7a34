"""What `chujing plan` says: tables in order, why each stands there, what reading it costs, and which copies might be left out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from detectors.errors import ConfigError
from detectors.ids import source_of
from detectors.model import TableId
from mappings.model import Flow
from scanner.connectors.shards import OPENED
from scanner.gather.priority import RankedTable, TableSummary, merge_shards_and_copies, rank_tables
from scanner.gather.table_catalogue import pick
from scanner.gather.table_copies import exclusions, ref_of

ASSUMED = 0.5                                 # seconds a table takes, before any scan here has shown it
RATE = 20 << 20                               # bytes read in a second, assumed
ROW = 1 << 10                                 # bytes read for each row that is drawn: a page holds eight of them


@dataclass(frozen=True, slots=True)
class PlannedTable:
    """A table of the plan. copies: ids of tables that look like copies of it. night: which night it is read in; 0 without a budget."""

    ranked: RankedTable
    copies: tuple[TableId, ...]
    seconds: float
    bytes: int
    night: int = 0


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """Everything in order. exclude: by source, patterns for `exclude:`. pace: seconds a table takes; measured: by an earlier scan here?"""

    lines: tuple[PlannedTable, ...]
    exclude: Mapping[str, Sequence[str]]
    pace: float
    measured: bool
    unplaced: tuple[str, ...] = ()            # fields of flows that name no table

    @property
    def seconds(self) -> float:
        return sum(x.seconds for x in self.lines)

    @property
    def bytes(self) -> int:
        return sum(x.bytes for x in self.lines)

    @property
    def nights(self) -> int:
        return max((x.night for x in self.lines), default=0)


def make_plan(
    entries: Iterable[TableSummary], flows: Sequence[Flow], read: Mapping[TableId, str], rows: int, pace: float | None = None,
    budget: float | None = None,
) -> ReadingPlan:
    """The plan of a sweep. read: when values were last read, by table. rows: to draw from a table. pace: measured seconds a table takes.
    budget: seconds of one night."""
    known = merge_shards_and_copies(entries)
    inside, unplaced = flow_tables(flows, known)
    copied: dict[str, list[TableId]] = {}
    for e in known:
        if e.copy_of:
            copied.setdefault(e.copy_of, []).append(e.id)
    took = ASSUMED if pace is None else pace
    lines: list[PlannedTable] = []
    spent, night = 0.0, 1
    for r in rank_tables(known, inside, read):
        size = sample_bytes(r.entry, rows)
        seconds = took + size / RATE
        if budget is not None and spent and spent + seconds > budget:
            spent, night = 0.0, night + 1
        spent += seconds
        lines.append(PlannedTable(r, tuple(copied.get(r.entry.id, ())), seconds, size, night if budget is not None else 0))
    return ReadingPlan(tuple(lines), _exclusions(known), took, pace is not None, unplaced)


def sample_bytes(e: TableSummary, rows: int) -> int:
    """Bytes a sample reads, at most: a file whole, of a table a page for every eighth row."""
    parts = min(len(e.members), OPENED) or 1
    if e.kind == "file":
        return (e.bytes or 0) * parts // max(len(e.members), 1)
    return min(rows * ROW, e.bytes) if e.bytes is not None else rows * ROW


def _exclusions(entries: Sequence[TableSummary]) -> dict[str, Sequence[str]]:
    out: dict[str, Sequence[str]] = {}
    for source in sorted({source_of(e.id) for e in entries if e.copy_of}):
        own = [e for e in entries if source_of(e.id) == source]
        each = [(ref_of(m), bool(e.copy_of)) for e in own for m in (e.members or (e.id,))]
        out[source] = exclusions([r for r, copy in each if copy], [r for r, _ in each])
    return out


def flow_tables(flows: Sequence[Flow], entries: Sequence[TableSummary]) -> tuple[set[TableId], tuple[str, ...]]:
    """(tables that flows take, by name alone; fields that name no table). Tables under a view count as taken."""
    ids = [e.id for e in entries]
    by_name: dict[str, list[TableSummary]] = {}
    for e in entries:
        for name in {ref_of(t).name.casefold() for t in (e.id, *e.members)}:
            by_name.setdefault(name, []).append(e)
    found: set[TableId] = set()
    unplaced: list[str] = []
    for f in flows:
        words = [x.rpartition("/")[0] for x in f.fields] + ([f.view] if f.view else [])
        for word in dict.fromkeys(words):
            try:
                found.add(TableId(pick(word, ids, "table")))
            except ConfigError as error:
                unplaced.append(f"{f.id}: {error.line()}")
        if f.sql:
            found |= {e.id for name in _words(f.sql) for e in by_name.get(name, ()) if not f.source or source_of(e.id) == f.source}
    left = [e for e in entries if e.id in found]
    while left:
        view = left.pop()
        below = [e for name in view.reads for e in by_name.get(name, ()) if source_of(e.id) == source_of(view.id) and e.id not in found]
        found |= {e.id for e in below}
        left += below
    return found, tuple(unplaced)


def _words(sql: str) -> Collection[str]:
    return {w.casefold() for w in re.findall(r"[\w$]+", sql)}
