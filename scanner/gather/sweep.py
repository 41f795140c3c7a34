"""Names, comments and statistics of every table, before any value is read: what `chujing plan` ranks.

Tables are summed up as they stream by; one small summary each is saved, some hundreds to a transaction. A
sweep that was stopped goes on where it was, and the next one examines only tables that are new or whose
definition changed, or all when what examines them changed.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from detectors.errors import ConfigError, ExtraError, SourceError
from detectors.input_files import input_bytes
from detectors.model import Skipped, TableId, TableInfo, TableRef
from reports.reading_plan import TableSummary
from scanner.connectors.protocol import Outlines
from scanner.gather.carry_over import ResultStore, detector_code_digest, digest, shape_digest
from scanner.gather.listing import dictionary_of, open_lister, with_masked_comments
from scanner.gather.priority import approximate_rows, sensitive_labels, summarize
from scanner.gather.progress import Progress
from scanner.gather.summary_store import (
    BATCH,
    SUMMARY_FIELDS,
    MarkedSummary,
    SummaryMark,
    SummaryStore,
    key_of,
)
from scanner.gather.unread_files import scanned_elsewhere, selects
from scanner.state.version import VERSION

if TYPE_CHECKING:
    from scanner.config.sources import Source


class TableLister(Protocol):
    """A connector, or a metastore in its place."""

    def tables(self) -> Iterator[TableInfo | Skipped]:
        """Yield every table, or why it could not be listed."""

    def close(self) -> None:
        """Release what is open. May be called twice."""


@dataclass(frozen=True, slots=True)
class SweepScope:
    """What is swept, and what names are examined by.

    detectors: file of the user's own. open_source: opens its lister.
    """

    sources: Sequence[Source]
    profile: str
    detectors: Path | None = None
    open_source: Callable[[Source], TableLister] = open_lister


@dataclass(slots=True)
class SweepResult:
    """Outcome of a sweep, in tables.

    refreshed: those whose names were examined anew; removed: those no longer listed.
    """

    tables: int = 0
    refreshed: int = 0
    removed: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class _SweepRun:
    """What the sweeps of all sources share. after: called when some hundred tables more are saved."""

    store: SummaryStore
    context: str
    sensitive: Collection[str]
    result: SweepResult
    progress: Progress
    after: Callable[[SweepResult], None]


def sweep(
    scope: SweepScope, results: ResultStore, progress: Progress,
    after: Callable[[SweepResult], None] = lambda _: None,
) -> SweepResult:
    """Sum up every table of every source. after: called when some hundred tables more are saved.

    A source or table that cannot be listed is skipped; its summaries of earlier sweeps stay. An interruption
    (Ctrl-C) keeps what was done.
    """
    sensitive = sensitive_labels(scope.profile)
    context = _context_digest(scope, sensitive)
    run = _SweepRun(SummaryStore(results), context, sensitive, SweepResult(), progress, after)
    try:
        for source in scope.sources:
            _sweep_source(source, scope, run)
    except KeyboardInterrupt:
        run.result.interrupted = True
    return run.result


def _sweep_source(source: Source, scope: SweepScope, run: _SweepRun) -> None:
    tables = _SourceSweep(source, run)
    try:
        with contextlib.closing(scope.open_source(source)) as lister:
            tables.sweep(lister)
            elsewhere = scanned_elsewhere(getattr(lister, "unread_paths", dict)(), scope.sources)
            run.result.skipped = [s for s in run.result.skipped if s.id not in elsewhere]
    except (SourceError, ExtraError) as e:
        run.result.skipped.append(Skipped(source.id, e.message, e.hint))
    finally:
        tables.save()


def _context_digest(scope: SweepScope, sensitive: Collection[str]) -> str:
    """Return a digest that changes with detectors, the user's own among them, and with what is sensitive."""
    from detectors.registry import version

    own = input_bytes(scope.detectors, ConfigError) if scope.detectors else b""
    return digest(VERSION, SUMMARY_FIELDS, version(), detector_code_digest(), sorted(sensitive), own)


class _SourceSweep:
    """The sweep of one source."""

    def __init__(self, source: Source, run: _SweepRun) -> None:
        self._source = source
        self._run = run
        self._context = run.context
        self._new: list[MarkedSummary] = []
        self._resized: dict[TableId, tuple[TableInfo, SummaryMark]] = {}    # only size or owner changed
        self._earlier = run.store.marks(source.id)
        self._unlisted = set(self._earlier)

    def sweep(self, lister: TableLister) -> None:
        """Sum up every table that the source lists.

        At the end, delete summaries of those it no longer lists.
        """
        self._run.progress.plan(len(self._earlier))
        self._context = digest(self._context, self._source.url, _dictionary_digest(self._source))
        outlines: Mapping[TableRef, str] = {}
        if getattr(lister, "can_outline", False):
            outlining = cast(Outlines, lister)
            outlines = self._changed_outlines(outlining)
            listed = outlining.described(outlines.keys()) if outlines else iter(())
        else:
            listed = lister.tables()
        overlay, lost = _overlay(self._source)
        self._run.result.skipped += lost
        for info in self._selected_tables(listed):
            self._add(overlay(info), outlines.get(info.ref, ""))
        self.save()
        self._run.store.delete(self._unlisted)
        self._run.result.removed += len(self._unlisted)

    def _changed_outlines(self, lister: Outlines) -> Mapping[TableRef, str]:
        """Return the tables that are to be described, with the source's own mark of each."""
        selects = self._source.selects
        return {
            ref: outline for ref, outline in lister.outlines()
            if selects(ref.schema, ref.name) and not self._is_unchanged(ref, outline)
        }

    def _selected_tables(self, listed: Iterator[TableInfo | Skipped]) -> Iterator[TableInfo]:
        for info in listed:
            if isinstance(info, Skipped):
                if selects(self._source, info):
                    self._run.result.skipped.append(info)
                self._unlisted.discard(key_of(info.id))
            elif self._source.selects(info.ref.schema, info.ref.name):
                yield info

    def _is_unchanged(self, ref: TableRef, outline: str) -> bool:
        """Is the table as it was when it was summed up, by the source's own mark? Count it if so."""
        tid = ref.id(self._source.id)
        earlier = self._earlier.get(key_of(tid))
        if earlier is None or not outline or earlier.outline != digest(self._context, outline):
            return False
        self._count(tid)
        return True

    def _add(self, info: TableInfo, outline: str) -> None:
        info = with_masked_comments(info)
        tid = info.ref.id(self._source.id)
        earlier = self._earlier.get(key_of(tid))
        shape = digest(self._context, shape_digest(info))
        mark = SummaryMark(shape, digest(self._context, outline) if outline else "", _facts(info))
        if earlier is None or earlier.shape != mark.shape:
            self._new.append(MarkedSummary(summarize(tid, info, self._run.sensitive), mark))
            self._run.result.refreshed += 1
        elif earlier != mark:
            self._resized[tid] = replace(info, columns=(), foreign_keys=()), mark
        self._count(tid)

    def _count(self, tid: TableId) -> None:
        self._unlisted.discard(key_of(tid))
        self._run.result.tables += 1
        self._run.progress.step(tid)
        if len(self._new) + len(self._resized) >= BATCH:
            self.save()
            self._run.after(self._run.result)

    def save(self) -> None:
        """Save what was summed up since the last time, in one transaction."""
        summaries = self._run.store.load(self._resized)
        resized = [
            MarkedSummary(_resized_summary(summaries[tid], info), mark)
            for tid, (info, mark) in self._resized.items() if tid in summaries
        ]
        self._run.store.save(self._source.id, [*self._new, *resized])
        self._new, self._resized = [], {}


def _dictionary_digest(source: Source) -> str:
    """Return a digest that changes with the dictionary that is laid over a source."""
    try:
        own = input_bytes(source.dictionary, SourceError) if source.dictionary else None
        return hashlib.sha256(own).hexdigest() if own is not None else ""
    except (OSError, SourceError):            # said where it is laid over the tables
        return ""


def _overlay(source: Source) -> tuple[Callable[[TableInfo], TableInfo], Sequence[Skipped]]:
    """Return a function that lays the source's dictionary over a table, and what of it cannot be read."""
    from scanner.connectors.dictionary import overlay

    dictionary, lost = dictionary_of(source)
    return (lambda info: info) if dictionary is None else (lambda info: overlay(info, dictionary)), lost


def _resized_summary(summary: TableSummary, info: TableInfo) -> TableSummary:
    return replace(summary, rows=approximate_rows(info), method=info.rows.method, bytes=info.bytes,
                   owner=info.owner, accessed=info.accessed)


def _facts(info: TableInfo) -> str:
    return digest(info.rows.high, info.rows.method, info.bytes, info.owner, info.accessed)
