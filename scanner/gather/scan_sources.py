"""Gathering: sources are opened and listed, their tables ordered, read, examined and judged."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.ids import source_of, table_of
from detectors.message import Msg
from detectors.model import Skipped, TableId
from mappings.model import Flow
from reports.model import SourceReport, TableReading, TableReport
from scanner.gather.flow_columns import resolve_columns
from scanner.gather.inherit import link_targets, table_links
from scanner.gather.judge import Judge, JudgingBasis
from scanner.gather.lineage import Lineage, parents_first, read_lineage
from scanner.gather.listing import Listing, Opening, list_sources
from scanner.gather.progress import Progress
from scanner.gather.read_tables import Reading, ReadingOrder, read_tables
from scanner.gather.table_catalogue import TableCatalogue
from scanner.gather.unread_files import ignored_files
from scanner.gather.whole_columns import whole_columns

if TYPE_CHECKING:
    from reports.reading_plan import TableSummary
    from scanner.config.sources import Source
    from scanner.connectors.protocol import Connector


@dataclass(frozen=True, slots=True)
class ScanScope:
    """What is read, as the configuration says.

    links: (column, column it points at). lineage: files. profile: of the taxonomy, for what is urgent.
    """

    sources: Sequence[Source]
    flows: Sequence[Flow] = ()
    links: Sequence[tuple[str, str]] = ()
    lineage: Sequence[Path] = ()
    profile: str = "gbt-45574-2025"


@dataclass(frozen=True, slots=True)
class ScanResult:
    """Outcome of gathering.

    connectors: open sources, by id. read: when each table was examined, and on what basis.
    """

    connectors: Mapping[str, Connector]
    catalogue: TableCatalogue
    sources: tuple[SourceReport, ...]
    tables: tuple[TableReport, ...]           # sorted by id
    skipped: tuple[Skipped, ...]
    read: Mapping[str, TableReading]                  # by table id
    interrupted: bool


@dataclass(slots=True)
class _PartialScan:
    """What was gathered so far, so that an interruption leaves a valid partial result."""

    listing: Listing = field(default_factory=Listing)
    unusable: tuple[Skipped, ...] = ()        # files of lineage
    judge: Judge | None = None
    finished: bool = False


def scan_sources(
    scope: ScanScope, reading: Reading, basis: JudgingBasis, progress: Progress,
    open_sources: contextlib.ExitStack,
) -> ScanResult:
    """Open, list, read and judge everything in scope; what cannot be read is skipped.

    An interruption (Ctrl-C) yields a valid partial result. open_sources: closes what was opened.
    """
    so_far = _PartialScan()
    with contextlib.suppress(KeyboardInterrupt):
        opening = Opening(reading.paces, reading.engine, reading.detectors)
        list_sources(scope.sources, opening, so_far.listing, open_sources)
        _set_ignored_aside(so_far.listing, basis)
        catalogue = so_far.listing.catalogue(scope.sources)
        lineage, so_far.unusable = read_lineage(catalogue, scope.lineage)
        order = _reading_order(scope, catalogue, lineage, reading)
        so_far.judge = Judge(catalogue, basis, reading.results)
        read_tables(so_far.listing, order, reading, so_far.judge, progress)
        so_far.finished = True
    return _result(scope, so_far)


def _set_ignored_aside(listing: Listing, basis: JudgingBasis) -> None:
    """Move what nobody needs to read from the skipped to the files of its source that are only named."""
    reasons = ignored_files(listing.skipped, basis.ignored, basis.as_of)
    listing.skipped[:] = [one for one in listing.skipped if one.id not in reasons]
    for i, source in enumerate(listing.sources):
        of_source = [why for name, why in sorted(reasons.items()) if source_of(name) == source.id]
        if of_source:
            listing.sources[i] = replace(source, other_files=(*source.other_files, *of_source))


def _reading_order(
    scope: ScanScope, catalogue: TableCatalogue, lineage: Lineage, reading: Reading
) -> ReadingOrder:
    flow_tables = {table_of(c) for f in scope.flows for c in resolve_columns(f, catalogue).columns}
    urgent_first = _by_urgency(scope, catalogue, flow_tables, reading)
    tables = list(parents_first(catalogue, lineage, urgent_first))
    stated = catalogue.listed_links(scope.links)
    targets, links = link_targets(catalogue, stated), table_links(catalogue, stated)
    return ReadingOrder(
        tables, lineage, targets, flow_tables, links, whole_columns(catalogue, reading.whole))


def _by_urgency(
    scope: ScanScope, catalogue: TableCatalogue, flow_tables: Collection[TableId], reading: Reading
) -> Sequence[TableId]:
    """Return the tables by urgency where the time may not do for all; nothing where it does."""
    if reading.deadline is None and not any(p.closed for p in reading.paces.values()):
        return ()
    from scanner.gather.priority import reading_order, sensitive_labels
    from scanner.gather.summary_store import SummaryStore, last_readings

    summaries: dict[TableId, TableSummary] = {}
    last_read: Mapping[TableId, str] = {}
    if reading.results is not None:
        swept = SummaryStore(reading.results).summaries([s.id for s in scope.sources])
        summaries = {summary.id: summary for summary in swept}
        last_read, _ = last_readings(reading.results)
    return reading_order(
        catalogue.tables, flow_tables, sensitive_labels(scope.profile), summaries, last_read
    )


def _result(scope: ScanScope, so_far: _PartialScan) -> ScanResult:
    listing, judge = so_far.listing, so_far.judge
    skipped = [*listing.skipped, *so_far.unusable, *(judge.skipped if judge is not None else ())]
    if judge is not None and so_far.finished:
        skipped += [_failed_detector(name, kind) for name, kind in sorted(judge.failures.items())]
    return ScanResult(
        listing.connectors, listing.catalogue(scope.sources), tuple(listing.sources),
        tuple(sorted(judge.tables, key=lambda t: t.id)) if judge is not None else (), tuple(skipped),
        dict(sorted(judge.read.items())) if judge is not None else {}, not so_far.finished,
    )


def _failed_detector(name: str, kind: str) -> Skipped:
    reason = Msg("raised {kind}; its findings are missing", kind=kind)
    return Skipped(f"detector {name}", reason, Msg("mend or remove it"))
