"""The main job: list, sample, detect, assess, resolve flows, count, judge, decide.

What cannot be read becomes a `Skipped` in the report; the rest goes on.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from detectors.errors import ConfigError, SourceError
from detectors.message import Msg
from detectors.model import ColumnId, Skipped, TableId, TableInfo
from reports.messages.refusals.lines import refused
from reports.messages.words import number, t
from reports.messages.words import unread as unread_words
from reports.model import Read, Report, Run, SourceReport, TableReport, primary, waits
from reports.reviews.queue import owned
from reports.reviews.verdicts import Reviews, of_table
from scanner.config.model import Config
from scanner.config.pace import Pace
from scanner.config.run_options import RunOptions
from scanner.config.sources import Source
from scanner.connectors.protocol import Access, Examines, LearnsTables
from scanner.count.ladder import CountPolicy
from scanner.gather.carry_over import TableMark, detector_code_digest, digest, shape_digest
from scanner.gather.examine import ExaminedTable, ExaminerPool, examine, rows_of, unread_table, use_detectors
from scanner.gather.examine import report_examination as as_told
from scanner.gather.flow_columns import TableCatalogue, pick, resolve_columns, source_of, table_of
from scanner.gather.inherit import Scanned, inherited_labels, link_targets
from scanner.gather.lineage import parents_first, read_lineage
from scanner.gather.pacing import PacedConnector, check_open, deadline_of, source_paces
from scanner.gather.prefetch import Postponed, Prefetcher
from scanner.gather.progress import Progress
from scanner.state.version import VERSION
from scanner.workspace import Workspace, workspace_of

if TYPE_CHECKING:
    from detectors.columns import Inherited
    from mappings.model import Assessed
    from mappings.taxonomy import Taxonomy
    from scanner.connectors.dictionary import Dictionary
    from scanner.connectors.hive_metastore.listing import Metastore
    from scanner.connectors.protocol import Connector, Sample
    from scanner.gather.carry_over import ResultStore, StoredResult
    from scanner.gather.priority import TableSummary
    from scanner.spark import Engine

COUNTING = 0.75                               # of a budget, the part that reading may use where persons are to be counted


@dataclass(frozen=True, slots=True)
class Reading:
    """How tables are read, and what of earlier runs may stand. deadline: by the monotonic clock. jobs: processes that examine."""

    rows: int
    seed: int
    values: bool
    context: str
    paces: Mapping[str, Pace]
    results: ResultStore | None = None
    deadline: float | None = None
    jobs: int = 1


def scan(
    workspace: Workspace | Config,
    options: RunOptions = RunOptions(),
    *,
    progress: Progress | None = None,
    results: ResultStore | None = None,
    engine: Engine | None = None,
    **separate: Any,
) -> Report:
    """Scan every source of a configuration and decide every flow. A Config alone stands for the folder it was read from.

    results: verdicts of earlier runs; those that still stand are carried over, and this run records its own there.
    engine: opens the sources it can read on a cluster; the others are read here.
    separate: options by name, over those of `options`: rows=500. TypeError for one that does not exist.
    An interruption (Ctrl-C) yields a valid partial report.
    """
    from mappings.taxonomy import load_taxonomy

    started = datetime.now(UTC)
    if isinstance(workspace, Config):
        workspace = workspace_of(workspace)
    config = workspace.config
    options = replace(options, **separate)
    as_of = options.as_of or date.today()
    progress = progress or Progress(quiet=True)
    taxonomy = load_taxonomy(profile=options.profile or config.profile)
    use_detectors(config.detectors)
    state = Scanned()
    policy = CountPolicy(options.exact, options.budget)
    pace = source_paces(config.sources, options.gentle)
    share = COUNTING if config.flows else 1.0
    context = _context(config, options.rows, options.seed, options.values)
    how = Reading(options.rows, options.seed, options.values, context, pace, results, deadline_of(options.budget, share), options.jobs)
    with contextlib.ExitStack() as closing:
        try:
            _list(config, state, closing, pace, engine)
            _detect(workspace, state, taxonomy, as_of, how, progress)
        except KeyboardInterrupt:
            state.interrupted = True
        state.skipped += [
            Skipped(
                f"detector {name}",
                Msg("raised {kind}; its findings are missing", kind=kind),
                Msg("mend or remove it"),
            )
            for name, kind in sorted(state.failures.items())
        ]
        report = _report(config, state, taxonomy, started, as_of, options.seed)
        if config.flows and not state.interrupted:
            from scanner.count.assessment import decide_flows

            try:
                report = decide_flows(report, workspace, state, as_of, options.values, progress, options.record, policy)
            except KeyboardInterrupt:
                state.interrupted = True
                report = replace(report, run=replace(report.run, interrupted=True))
    return replace(report, run=replace(report.run, finished=_stamp(datetime.now(UTC))))


def _context(config: Config, rows: int, seed: int, values: bool) -> str:
    """Changes with everything but the data that a table's findings depend on."""
    from detectors.registry import version

    own = config.detectors.read_bytes() if config.detectors else b""
    return digest(VERSION, version(), detector_code_digest(), rows, seed, values, own)


def dry_run(config: Config, *, rows: int, seed: int, lang: str = "en") -> Iterator[str]:
    """Tables, the exact SQL or file reading, and estimated bytes; no data is read."""
    state = Scanned()
    with contextlib.ExitStack() as closing:
        _list(config, state, closing)
        for tid, info in sorted(state.infos.items()):
            size = t("cli.dry_size", lang, n=number(info.bytes)) if info.bytes is not None else t("cli.dry_no_size", lang)
            high, how = info.rows.high, t(f"method.{info.rows.method}", lang) if lang == "zh" else info.rows.method
            count = t("cli.dry_no_rows", lang, how=how) if high is None else t("cli.dry_rows", lang, n=number(high), how=how)
            yield t("cli.dry", lang, id=tid, columns=len(info.columns), rows=count, size=size)
            connector = state.connectors[tid.split("/", 1)[0]]
            if info.kind != "dictionary":
                yield "    " + refused(" ".join(connector.plan(info.ref, _names(info), rows, seed).split()), lang)
        for s in state.skipped:
            yield t("cli.dry_skipped", lang, id=s.id, why=unread_words(s.reason, s.hint, lang))


def exit_status(report: Report, allow: Literal["exempt", "contract", "assessment"] | None, *, unread: bool = True) -> int:
    """0, 3, 4, 5 or 130 as documented for `scan`."""
    from mappings.decide import is_allowed

    if report.run.interrupted:
        return 130
    later = {t.id for t in report.tables if waits(t)}
    partly = any(f.unresolved or later & {table_of(c) for c in f.columns} for f in report.flows)
    missed = 3 if unread and (report.skipped or partly) else 0
    over = allow is not None and any(not is_allowed(f.decision, allow) for f in report.flows)
    return 5 if missed and over else 4 if over else missed


def connect(source: Source, pace: Pace | None = None) -> Connector:
    """Open a source; SourceError or ConfigError if that fails."""
    from scanner import connectors

    pace = pace or source.pace
    check_open(pace, source.id)
    found = connectors.connect(source.url, name=source.id, password=source.password, timeout=source.timeout, options=source.options,
                               connections=pace.connections)
    return PacedConnector(found, pace, source.id) if pace.pause or pace.closed else found


def _list(
    config: Config, state: Scanned, closing: contextlib.ExitStack, pace: Mapping[str, Pace] | None = None, engine: Engine | None = None
) -> None:
    from scanner.connectors.dictionary import load_dictionary
    from scanner.connectors.shards import Shards
    from scanner.connectors.urls import redact

    for source in config.sources:
        tables = 0
        columns = 0
        try:
            dictionary = load_dictionary(source.dictionary) if source.dictionary else None
            there = engine.connect(source, config.detectors) if engine is not None else None
            inner = there or connect(source, (pace or {}).get(source.id))
            shards = Shards(inner, source.id, partial(_kept, source, dictionary), partial(_listed, source, inner))
            closing.callback(_close, inner)
            state.connectors[source.id] = there or shards
            for info in shards.tables() if there is None else _each_kept(there, source, dictionary):
                if isinstance(info, Skipped):
                    state.skipped.append(info)
                    continue
                state.infos[info.ref.id(source.id)] = info
                tables += 1
                columns += len(info.columns)
        except SourceError as e:
            state.skipped.append(Skipped(source.id, str(e), e.hint))
        state.sources.append(SourceReport(
            source.id, redact(source.url), _kind(source.url), tables, columns,
            source.dictionary.name if source.dictionary else "",
        ))


def _each_kept(connector: Connector, source: Source, dictionary: Dictionary | None) -> Iterator[TableInfo | Skipped]:
    """Tables of a cluster: shards stay apart, for their rows do not come here."""
    for info in connector.tables():
        if isinstance(info, Skipped):
            yield info
        elif (found := _kept(source, dictionary, info)) is not None:
            yield found


def _kept(source: Source, dictionary: Dictionary | None, info: TableInfo) -> TableInfo | None:
    """The table with the words of the dictionary; None when it is not to be scanned."""
    from scanner.connectors.dictionary import overlay

    if not source.selects(info.ref.schema, info.ref.name):
        return None
    return overlay(info, dictionary) if dictionary else info


def open_metastore(source: Source) -> Metastore:
    """The metastore that lists a source's tables."""
    from scanner.connectors.hive_metastore.listing import Metastore

    access = Access(source.id, source.metastore_password, source.timeout, source.options)
    return Metastore(source.metastore, access, source.selects)


def open_lister(source: Source) -> Connector | Metastore:
    """What lists a source's tables: its metastore alone, where it has one."""
    return open_metastore(source) if source.metastore else connect(source)


def _listed(source: Source, connector: Connector) -> Iterator[TableInfo | Skipped]:
    """Tables as the source lists them, or as its metastore does."""
    if not source.metastore:
        yield from connector.tables()
        return
    with contextlib.closing(open_metastore(source)) as metastore:
        for info in metastore.tables():
            if isinstance(info, TableInfo) and isinstance(connector, LearnsTables):
                connector.learn(info)
            yield info


def _close(connector: Connector) -> None:
    with contextlib.suppress(SourceError):
        connector.close()


def _kind(url: str) -> str:
    if url.startswith("spark:"):
        return "spark"
    return url.split("://", 1)[0].split("+", 1)[0] if "://" in url else "files"


def _names(info: TableInfo) -> tuple[str, ...]:
    return tuple(c.name for c in info.columns)


def _detect(workspace: Workspace, state: Scanned, taxonomy: Taxonomy, as_of: date, reading: Reading, progress: Progress) -> None:
    """Every table, parents before what is made of them: carried over where nothing changed, else read, as far as the time goes."""
    config = workspace.config
    known, missing = read_lineage(state.catalogue, config.lineage)
    state.skipped += missing
    flows = {table_of(c) for f in config.flows for c in resolve_columns(f, state.catalogue).columns}
    plan = list(parents_first(state.catalogue, known, _pressing(config, state, flows, reading)))
    targets = link_targets(state.catalogue, state.listed_links(config.links, [s.id for s in config.sources]))
    marks = _Marks(state, reading.context, {s.id: s.url for s in state.sources})
    judging = _Judging(state, taxonomy, _silenced(config, state.catalogue, as_of), reading.results, workspace.reviews, as_of)
    there = {s for s, c in state.connectors.items() if isinstance(c, Examines)}
    told = [t for t in plan if _readable(state.infos[t], reading) and not known.get(t) and source_of(t) not in there
            and not (reading.results is not None and reading.results.is_current(t, marks.of(t, targets)))]

    def draw(tid: TableId) -> Sample:
        info = state.infos[tid]
        return state.connectors[source_of(tid)].sample(info.ref, _names(info), reading.rows, reading.seed)

    progress.plan(len(plan))
    with Prefetcher(draw, reading.paces, told, reading.deadline, flows) as ahead, ExaminerPool(reading.jobs, config.detectors) as workers:
        under_way: deque[tuple[TableId, TableMark, str, Callable[[], ExaminedTable]]] = deque()

        def settle(room: int) -> None:
            while len(under_way) > room:
                tid, mark, why, result = under_way.popleft()
                judging.examined(tid, mark, result(), why)

        for tid in plan:
            progress.step(tid)
            if known.get(tid):                # takes over labels of other tables: those first
                settle(0)
            info = state.infos[tid]
            given = inherited_labels(tid, info, known.get(tid, {}), judging.primaries) | targets
            mark = marks.of(tid, given)
            if reading.results is not None and (kept := reading.results.current(tid, mark)) is not None:
                judging.carried(tid, mark, kept)
                continue
            connector = state.connectors.get(source_of(tid))
            if _readable(info, reading) and isinstance(connector, Examines):
                judging.examined(tid, mark, _examined_there(connector, tid, info, given, reading))
                continue
            drawn = ahead.take(tid) if _readable(info, reading) else None
            if isinstance(drawn, SourceError):
                told_of = unread_table(tid, info, given, Skipped(tid, str(drawn), drawn.hint))
                judging.examined(tid, mark, told_of)
            elif isinstance(drawn, Postponed):
                why = f"{drawn.why}|{drawn.until}"
                older = reading.results.previous(tid, mark) if reading.results is not None else None
                if older is not None:
                    judging.carried(tid, mark, older, f"changed_{why}")
                else:
                    judging.examined(tid, mark, examine(tid, info, given, None), why)
            else:
                why = "" if drawn is not None else "dictionary" if info.kind == "dictionary" else "asked"
                under_way.append((tid, mark, why, workers.submit(tid, info, given, drawn)))
                settle(workers.room)
        settle(0)
    state.failures |= judging.failures


def _examined_there(
    connector: Examines, tid: TableId, info: TableInfo, given: Mapping[ColumnId, Inherited], reading: Reading
) -> ExaminedTable:
    """A table drawn and detected where the data is."""
    from detectors.columns import failures

    try:
        looked, drawn = connector.examine(tid, info, given, reading.rows, reading.seed)
    except SourceError as e:
        return unread_table(tid, info, given, Skipped(tid, str(e), e.hint))
    return as_told(tid, info, looked, drawn, (), failures)


def _pressing(config: Config, state: Scanned, flows: Collection[TableId], reading: Reading) -> Sequence[TableId]:
    """The tables in the order in which to read them, where the time may not do for all; as they come where it does."""
    if reading.deadline is None and not any(p.closed for p in reading.paces.values()):
        return ()
    from scanner.gather.priority import reading_order as by_priority
    from scanner.gather.priority import sensitive_labels
    from scanner.gather.sweep import SummaryStore as Swept
    from scanner.gather.sweep import last_readings

    kept: dict[TableId, TableSummary] = {}
    read: dict[TableId, str] = {}
    if reading.results is not None:
        kept = {e.id: e for e in Swept(reading.results).entries([s.id for s in config.sources])}
        read, _ = last_readings(reading.results)
    return by_priority(state.infos, flows, sensitive_labels(config.profile), kept, read)


def _readable(info: TableInfo, reading: Reading) -> bool:
    return reading.values and info.kind != "dictionary"


class _Marks:
    """What the verdict on a table rests on; the parts that do not change within a run are worked out once."""

    def __init__(self, state: Scanned, context: str, urls: Mapping[str, str]) -> None:
        self._state = state
        self._contexts = {source: (context, url) for source, url in urls.items()}
        self._parts: dict[TableId, tuple[str, str]] = {}

    def of(self, tid: TableId, given: Mapping[ColumnId, Inherited]) -> TableMark:
        info = self._state.infos[tid]
        if tid not in self._parts:
            self._parts[tid] = shape_digest(info), info.fingerprint and digest(info.fingerprint)
        source = source_of(tid)
        own = sorted((c, given[c]) for c in (info.ref.column(source, k.parts) for k in info.columns) if c in given)
        return TableMark(*self._parts[tid], digest(*self._contexts[source], own))


class _Judging:
    """Takes verdicts on tables in, records them, and judges them by today's taxonomy."""

    def __init__(
        self, state: Scanned, taxonomy: Taxonomy, silenced: Mapping[ColumnId, str], results: ResultStore | None,
        reviews: Reviews, as_of: date,
    ) -> None:
        self._state = state
        self._taxonomy = taxonomy
        self._silenced = silenced
        self._results = results
        self._reviews = reviews
        self._as_of = as_of
        self.primaries: dict[ColumnId, Assessed] = {}
        self.failures: dict[str, str] = {}

    def examined(self, tid: TableId, mark: TableMark, found: ExaminedTable, why: str = "") -> None:
        """A verdict of this run. why: a reason for which values were not looked at; only whole verdicts are recorded."""
        self._state.skipped += found.skipped
        self.failures |= found.failures or {}
        table, at = replace(found.table, why=why), _stamp(datetime.now(UTC))
        if table.status != "skipped":
            if self._results is not None and why in ("", "asked", "dictionary") and table.status != "partial":
                at = self._results.record(tid, mark, table)
            self._state.read[tid] = Read(at, mark.shape, mark.data if not why else "", mark.context)
        self._judge(table)

    def carried(self, tid: TableId, mark: TableMark, kept: StoredResult, why: str = "") -> None:
        """A verdict of an earlier run. why: a reason for which the table, although changed, was not read again."""
        self._state.read[tid] = Read(kept.checked, mark.shape, kept.data, mark.context, True)
        self._judge(replace(kept.table, why=why or kept.table.why))

    def _judge(self, table: TableReport) -> None:
        data = read.data if (read := self._state.read.get(table.id)) is not None else ""
        table = _judged(table, self._state.infos[table.id], self._silenced, self._taxonomy, self._reviews, self._as_of, data)
        self.primaries |= _personal(table)
        self._state.tables.append(table)


def _judged(
    table: TableReport, info: TableInfo, silenced: Mapping[ColumnId, str], taxonomy: Taxonomy, reviews: Reviews, as_of: date, data: str
) -> TableReport:
    """The findings of a table under today's taxonomy, silenced ones left out, and as people decided them. data: mark of its rows."""
    from detectors.names.tables import table_subject
    from mappings.assess import assess, find_combinations

    table = replace(table, columns=tuple(
        replace(c, findings=() if c.id in silenced else tuple(assess([a.finding for a in c.findings], taxonomy)),
                ignored=silenced.get(c.id, ""))
        for c in table.columns
    ))
    table = of_table(table, reviews, taxonomy, as_of, data)
    return replace(table, rows=rows_of(info.rows, table.drawn), subject=table_subject(info), owner=info.owner,
                   combinations=tuple(find_combinations(_personal(table), _timed(info), taxonomy)))


def _personal(table: TableReport) -> dict[ColumnId, Assessed]:
    return {c.id: p for c in table.columns if (p := primary(c)) and p.finding.kind == "personal_information"}


def _timed(info: TableInfo) -> bool:
    """Does a column hold a date or a time?"""
    from detectors.names.lexicon import tokens

    return any("date" in c.type.lower() or "time" in c.type.lower() or {"time", "date"} & set(tokens(c.name)) for c in info.columns)


def _silenced(config: Config, catalogue: TableCatalogue, as_of: date) -> dict[ColumnId, str]:
    known = catalogue.columns
    out: dict[ColumnId, str] = {}
    for entry in config.ignore:
        if entry.until >= as_of:
            with contextlib.suppress(ConfigError):
                out[ColumnId(pick(entry.column, known, "column"))] = f"{entry.why} ({entry.by}, until {entry.until})"
    return out


def _report(
    config: Config, state: Scanned, taxonomy: Taxonomy, started: datetime, as_of: date, seed: int,
) -> Report:
    from detectors.registry import version
    from mappings.deadlines import list_deadlines
    from mappings.rules import in_force

    stamp = _stamp(started)
    name = hashlib.sha256(f"{stamp}{config.file}".encode()).hexdigest()[:8]
    run = Run(
        id=f"{started:%Y%m%dT%H%M%SZ}-{name}", started=stamp, finished=stamp, as_of=as_of, version=VERSION, seed=seed,
        rulesets=(in_force(as_of).id,), taxonomies=(taxonomy.id,), detectors=version(), interrupted=state.interrupted,
        tables=dict(sorted(state.read.items())),
    )
    tables = tuple(sorted(state.tables, key=lambda t: t.id))
    return owned(Report(
        run=run, sources=tuple(state.sources), tables=tables, skipped=tuple(state.skipped), profile=taxonomy.profile,
        facts={"exporter": dict(config.facts)} if config.facts else {}, gradings=config.gradings,
        deadlines=list_deadlines(config.filings, config.facts, in_force(as_of), as_of),
    ), config.owners)


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
