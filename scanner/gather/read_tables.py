"""Tables read one after another: carried over, examined remotely or here, or postponed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.errors import SourceError
from detectors.ids import source_of
from detectors.message import Note
from detectors.model import ColumnId, Skipped, TableId, TableInfo
from reports import unread
from scanner.config.pace import Pace
from scanner.connectors.protocol import ExaminationTask, Examines
from scanner.gather.carry_over import TableMark, TableMarks
from scanner.gather.examine import ExaminedTable, examine, examine_unread
from scanner.gather.examiner_pool import ExaminerPool
from scanner.gather.inherit import inherited_labels
from scanner.gather.judge import Judge
from scanner.gather.lineage import Lineage
from scanner.gather.listing import Listing, OpensOnCluster
from scanner.gather.prefetch import Postponed, Prefetcher
from scanner.gather.progress import Progress
from scanner.gather.remote_tables import RemoteTables
from scanner.gather.whole_columns import with_every_value

if TYPE_CHECKING:
    from detectors.columns import Inherited
    from detectors.columns.references import TableLinks
    from scanner.connectors.protocol import Sample
    from scanner.gather.carry_over import ResultStore


@dataclass(frozen=True, slots=True)
class Reading:
    """How tables are read.

    rows: to draw from each table. values: False reads names and comments only. context: changes with
    everything but the data that findings depend on. results: earlier ones, and where this run's go. deadline:
    by the monotonic clock. jobs: processes that examine. detectors: file of the user's own. engine: reads on
    a cluster what it can. whole: columns whose every value is looked at: ids, their ends, or patterns.
    """

    rows: int
    seed: int
    values: bool
    context: str
    paces: Mapping[str, Pace]
    results: ResultStore | None = None
    deadline: float | None = None
    jobs: int = 1
    detectors: Path | None = None
    engine: OpensOnCluster | None = None
    whole: Sequence[str] = ()

    def reads_values(self, info: TableInfo, is_named: bool) -> bool:
        """Are values of this table to be read? is_named: whether a flow names it."""
        return self.values and info.kind != "dictionary" and (is_named or not info.runs)

    def why_unread(self, info: TableInfo) -> Note:
        """Return why values of a table are not to be read."""
        if info.kind == "dictionary":
            return unread.DICTIONARY
        if not self.values:
            return unread.NOT_REQUESTED
        return unread.CODE if info.runs == "code" else unread.REMOTE


@dataclass(frozen=True, slots=True)
class ReadingOrder:
    """Tables in the order in which to read them, and what their columns inherit.

    Parents come before what is derived from them. urgent: tables of flows, read whatever the deadline.
    links: what the other tables of its source say of each. whole: columns whose every value is looked at.
    """

    tables: Sequence[TableId]
    lineage: Lineage
    link_targets: Mapping[ColumnId, Inherited]
    urgent: Collection[TableId]
    links: Mapping[TableId, TableLinks] = field(default_factory=dict)
    whole: Mapping[TableId, tuple[str, ...]] = field(default_factory=dict)

    def task(self, tid: TableId, info: TableInfo) -> ExaminationTask:
        """Return what is to be examined of a table, with what it inherits by keys alone."""
        return ExaminationTask(tid, info, self.link_targets, self.links.get(tid), self.whole.get(tid, ()))


def read_tables(
    listing: Listing, order: ReadingOrder, reading: Reading, judge: Judge, progress: Progress
) -> None:
    """Read every table as far as the time goes, and hand the results to the judge."""
    marks = TableMarks(listing.tables, reading.context, {s.id: s.url for s in listing.sources})
    ahead = _readable_ahead(listing, order, reading, marks)

    def draw(tid: TableId) -> Sample:
        info = listing.tables[tid]
        columns = [c.name for c in info.columns]
        connector = listing.connectors[source_of(tid)]
        sample = connector.sample(info.ref, columns, reading.rows, reading.seed)
        return with_every_value(connector, order.task(tid, info), sample)

    progress.plan(len(order.tables))
    remote_sources = {s for s, connector in listing.connectors.items() if isinstance(connector, Examines)}
    here = [tid for tid in ahead if source_of(tid) not in remote_sources]
    elsewhere = [order.task(tid, listing.tables[tid]) for tid in ahead if source_of(tid) in remote_sources]
    with (
        Prefetcher(draw, reading.paces, here, reading.deadline, order.urgent) as prefetcher,
        ExaminerPool(reading.jobs, reading.detectors) as pool,
    ):
        remote = RemoteTables(elsewhere, reading.rows, reading.seed)
        reader = _TableReader(listing, order, reading, judge, marks, prefetcher, pool, remote)
        for tid in order.tables:
            progress.step(tid)
            reader.read(tid)
        reader.settle(0)


def _readable_ahead(
    listing: Listing, order: ReadingOrder, reading: Reading, marks: TableMarks
) -> list[TableId]:
    """Return the tables that will surely be drawn, whatever else is found."""
    tables = [
        tid for tid in order.tables
        if reading.reads_values(listing.tables[tid], tid in order.urgent) and not order.lineage.get(tid)
    ]
    results = reading.results
    if results is None:
        return tables
    tasks = {tid: order.task(tid, listing.tables[tid]) for tid in tables}
    return [tid for tid, task in tasks.items() if not results.is_current(tid, marks.mark(task))]


@dataclass(frozen=True, slots=True)
class _Pending:
    """A table that is being examined. result: waits for the examination. why: see `Judge.add_examined`."""

    mark: TableMark
    why: Note
    result: Callable[[], ExaminedTable]


@dataclass(slots=True)
class _TableReader:
    listing: Listing
    order: ReadingOrder
    reading: Reading
    judge: Judge
    marks: TableMarks
    prefetcher: Prefetcher
    pool: ExaminerPool
    remote: RemoteTables
    pending: deque[_Pending] = field(default_factory=deque)

    def read(self, tid: TableId) -> None:
        """Read one table; its result may reach the judge later, but in the order of reading."""
        origins = self.order.lineage.get(tid, {})
        if origins:                           # takes over labels of other tables: those first
            self.settle(0)
        info = self.listing.tables[tid]
        inherited = {**inherited_labels(tid, info, origins, self.judge.primaries), **self.order.link_targets}
        task = replace(self.order.task(tid, info), inherited=inherited)
        mark = self.marks.mark(task)
        if self._is_carried_over(task, mark):
            return
        connector = self.listing.connectors.get(source_of(tid))
        if not self.reading.reads_values(info, tid in self.order.urgent):
            self._submit(task, mark, None, self.reading.why_unread(info))
        elif isinstance(connector, Examines):
            self.judge.add_examined(mark, self.remote.examine(connector, task))
        else:
            self._read_here(task, mark)

    def settle(self, room: int) -> None:
        """Hand results to the judge until no more than `room` tables are being examined."""
        while len(self.pending) > room:
            oldest = self.pending.popleft()
            self.judge.add_examined(oldest.mark, oldest.result(), oldest.why)

    def _is_carried_over(self, task: ExaminationTask, mark: TableMark) -> bool:
        """Hand an earlier result that still stands to the judge."""
        stored = self.reading.results.current(task.id, mark) if self.reading.results is not None else None
        if stored is None:
            return False
        self.judge.add_stored(mark, stored)
        return True

    def _read_here(self, task: ExaminationTask, mark: TableMark) -> None:
        outcome = self.prefetcher.take(task.id)
        if isinstance(outcome, SourceError):
            skipped = Skipped(task.id, outcome.message, outcome.hint)
            self.judge.add_examined(mark, examine_unread(task, skipped))
        elif isinstance(outcome, Postponed):
            self._postpone(task, mark, outcome)
        else:
            self._submit(task, mark, outcome)

    def _postpone(self, task: ExaminationTask, mark: TableMark, outcome: Postponed) -> None:
        """Let an earlier result stand for a table that is left to a later run, or its names alone."""
        results = self.reading.results
        earlier = results.previous(task.id, mark) if results is not None else None
        if earlier is not None:
            self.judge.add_stored(mark, earlier, unread.changed_reason(outcome.why))
        else:
            self.judge.add_examined(mark, examine(task, None), outcome.why)

    def _submit(
        self, task: ExaminationTask, mark: TableMark, sample: Sample | None, why: Note = unread.READ
    ) -> None:
        self.pending.append(_Pending(mark, why, self.pool.submit(task, sample)))
        self.settle(self.pool.room)
