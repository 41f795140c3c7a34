"""The job: gather -> count -> decide -> report.

What cannot be read is named in the report; the rest goes on.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from detectors.errors import ConfigError
from detectors.input_files import input_bytes
from detectors.model import Skipped
from reports.model import Report, Run
from reports.reviews.owners import with_owners
from reports.wording.dry_run import skipped_line, table_lines
from scanner.config.model import Config
from scanner.config.run_options import RunOptions
from scanner.gather.carry_over import detector_code_digest, digest
from scanner.gather.dry_run import plan_reads
from scanner.gather.examiner_pool import use_detectors
from scanner.gather.judge import JudgingBasis, timestamp
from scanner.gather.listing import connect as connect
from scanner.gather.pacing import deadline_of, source_paces
from scanner.gather.progress import Progress
from scanner.gather.read_tables import Reading
from scanner.gather.scan_sources import ScanResult, ScanScope, scan_sources
from scanner.records.exit_status import exit_status as exit_status
from scanner.state.version import VERSION
from scanner.workspace import Workspace, workspace_of

if TYPE_CHECKING:
    from scanner.count.assessment import FlowBasis
    from scanner.gather.carry_over import ResultStore
    from scanner.gather.listing import OpensOnCluster

COUNTING = 0.75                               # of a budget, the part for reading where persons are counted


def scan(
    workspace: Workspace | Config, options: RunOptions = RunOptions(), *, progress: Progress | None = None,
    results: ResultStore | None = None, engine: OpensOnCluster | None = None, **separate: Any,
) -> Report:
    """Scan every source of a configuration and decide every flow.

    A Config alone stands for the folder it was read from, with what is recorded there.
    results: of earlier runs; those that still stand are carried over, and this run records its own there.
    engine: opens the sources it can read on a cluster; the others are read here.
    separate: options by name, over those of `options`: rows=500. TypeError for one that does not exist.
    An interruption (Ctrl-C) yields a valid partial report.
    """
    from mappings.taxonomy import load_taxonomy

    started, run, shown = datetime.now(UTC), replace(options, **separate), progress or Progress(quiet=True)
    if isinstance(workspace, Config):
        workspace = workspace_of(workspace)
    config = workspace.config
    config.require_secrets()
    as_of = run.as_of or date.today()
    taxonomy = load_taxonomy(profile=run.profile or config.profile)
    basis = JudgingBasis(taxonomy, workspace.reviews, config.ignore, as_of)
    use_detectors(config.detectors)
    with contextlib.ExitStack() as open_sources:
        reading = _reading(config, run, results, engine)
        scanned = scan_sources(_scope(config), reading, basis, shown, open_sources)
        report = _report(config, scanned, basis, started, run.seed)
        if config.flows and not scanned.interrupted:
            try:
                report = _assessed(report, scanned, workspace, run, shown)
            except KeyboardInterrupt:
                report = replace(report, run=replace(report.run, interrupted=True))
    return replace(report, run=replace(report.run, finished=timestamp(datetime.now(UTC))))


def _scope(config: Config) -> ScanScope:
    return ScanScope(config.sources, config.flows, config.links, config.lineage, config.profile)


def _reading(
    config: Config, run: RunOptions, results: ResultStore | None, engine: OpensOnCluster | None
) -> Reading:
    share = COUNTING if config.flows else 1.0
    gentle = config.run.gentle if run.gentle is None else run.gentle
    paces = source_paces(config.sources, bool(gentle))
    return Reading(
        run.rows, run.seed, run.values, _context(config, run), paces, results,
        deadline_of(run.budget, share), run.jobs or config.run.jobs or 1, config.detectors, engine,
        run.whole,
    )


def _context(config: Config, run: RunOptions) -> str:
    """Return a digest that changes with everything but the data that a table's findings depend on."""
    from detectors.registry import version

    own = input_bytes(config.detectors, ConfigError) if config.detectors else b""
    return digest(VERSION, version(), detector_code_digest(), run.rows, run.seed, run.values, own)


def _assessed(
    report: Report, scanned: ScanResult, workspace: Workspace, run: RunOptions, progress: Progress
) -> Report:
    """Return a report with its flows counted and decided; only where there are some is all of that loaded."""
    from scanner.count.assessment import CountingOptions, assess_flows
    from scanner.count.request import CountPolicy

    counting = CountingOptions(
        report.run.as_of, run.values, CountPolicy(run.exact, run.budget, run.memory), run.record)
    return assess_flows(report, scanned, _flow_basis(workspace, progress), counting, progress)


def _flow_basis(workspace: Workspace, progress: Progress) -> FlowBasis:
    from scanner.count.assessment import Exporter, FlowBasis
    from scanner.count.column_meanings import ColumnStatements

    config = workspace.config
    only = config.entities[0] if len(config.entities) == 1 else config.exporter
    holders = {s.id: s.entity or only for s in config.sources}
    return FlowBasis(
        config.flows,
        Exporter(config.exporter, holders, config.facts, workspace.entity_facts, workspace.origins),
        ColumnStatements(config.subjects, config.links, config.test_rows), workspace.field_replies,
        workspace.past_filings, config.filings, workspace.folder, partial(_year_key, workspace, progress),
    )


def _year_key(workspace: Workspace, progress: Progress, year: int) -> bytes:
    """Return the hash key of a year, its fingerprint noted in the state of the folder."""
    key, created = workspace.year_key(year)
    if created is not None:
        progress.tell("cli.key", file=created)
    return key


def _report(config: Config, scanned: ScanResult, basis: JudgingBasis, started: datetime, seed: int) -> Report:
    """Return the report of what was gathered, its flows not assessed yet."""
    from detectors.registry import version
    from mappings.deadlines import list_deadlines
    from mappings.rules import in_force

    stamp = timestamp(started)
    name = hashlib.sha256(f"{stamp}{config.file}".encode()).hexdigest()[:8]
    rules = in_force(basis.as_of)
    run = Run(
        id=f"{started:%Y%m%dT%H%M%SZ}-{name}", started=stamp, finished=stamp, as_of=basis.as_of,
        version=VERSION, seed=seed, rulesets=(rules.id,), taxonomies=(basis.taxonomy.id,),
        detectors=version(), interrupted=scanned.interrupted, tables=scanned.read,
    )
    report = Report(
        run=run, sources=scanned.sources, tables=scanned.tables, skipped=scanned.skipped,
        profile=basis.taxonomy.profile, facts={"exporter": dict(config.facts)} if config.facts else {},
        gradings=config.gradings,
        deadlines=list_deadlines(config.filings, config.facts, rules, basis.as_of, config.flows),
    )
    return with_owners(report, config.owners)


def dry_run(config: Config, *, rows: int, seed: int, lang: str = "en") -> Iterator[str]:
    """Yield tables, the exact SQL or file reading, and estimated bytes, in words; no data is read."""
    for planned in plan_reads(config.sources, rows, seed):
        if isinstance(planned, Skipped):
            yield skipped_line(planned, lang)
        else:
            yield from table_lines(planned.id, planned.info, planned.plan, lang)
