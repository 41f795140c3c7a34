"""The main job: list, sample, detect, assess, resolve flows, count, judge, decide.

What cannot be read becomes a `Skipped` in the report; the rest goes on.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from detectors.errors import ConfigError, SourceError
from detectors.model import ColumnFinding, ColumnId, ColumnSample, Drawn, Rows, Skipped, TableId, TableInfo
from reports.model import ColumnReport, Read, Report, Run, SourceReport, Status, TableReport, primary
from scanner.config import Config, Source
from scanner.connectors import Examines
from scanner.flows import Catalogue, pick, table_of
from scanner.lineage import order, ways
from scanner.progress import Progress
from scanner.results import Mark, code, digest, shape_of
from scanner.scanned import Scanned, inherited, link_targets

if TYPE_CHECKING:
    from detectors.fusion import Inherited
    from mappings.model import Assessed
    from mappings.taxonomy import Taxonomy
    from scanner.connectors import Connector
    from scanner.results import Results
    from scanner.spark import Engine

VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class Reading:
    """How tables are read, and what of earlier runs may stand."""

    rows: int
    seed: int
    values: bool
    context: str
    results: Results | None = None


def scan(
    config: Config, *, rows: int = 2_000, seed: int = 7, as_of: date | None = None, values: bool = True,
    profile: str | None = None, progress: Progress | None = None, record: str = "",
    exact: bool = False, budget: float | None = None, results: Results | None = None, engine: Engine | None = None,
) -> Report:
    """Scan every source of a configuration and decide every flow.

    results: earlier verdicts, of which those still standing are carried over, and where this run records its own.

    exact: link every row, whether or not a line needs it. budget: seconds counting may take.
    record: a month such as 2026-11, under which the persons of active flows go into the year's ledger.

    rows: rows drawn per table. values=False reads names and comments only. as_of: the day the decision is for.
    engine: opens the sources it can read on a cluster; the others are read here.
    An interruption (Ctrl-C) yields a valid partial report.
    """
    from detectors.columns import failures
    from mappings.taxonomy import load_taxonomy

    started = datetime.now(UTC)
    as_of = as_of or date.today()
    progress = progress or Progress(quiet=True)
    taxonomy = load_taxonomy(profile=profile or config.profile)
    use_detectors(config.detectors)
    state = Scanned()
    with contextlib.ExitStack() as closing:
        try:
            _list(config, state, closing, engine)
            _detect(config, state, taxonomy, as_of, Reading(rows, seed, values, _context(config, rows, seed, values), results), progress)
        except KeyboardInterrupt:
            state.interrupted = True
        state.skipped += [
            Skipped(f"detector {name}", f"raised {kind}; its findings are missing", "mend or remove it")
            for name, kind in sorted(failures.items())
        ]
        report = _report(config, state, taxonomy, started, as_of, seed)
        if config.flows and not state.interrupted:
            from scanner.assessment import decide_flows
            from scanner.escalation import Policy

            try:
                report = decide_flows(report, config, state, as_of, values, progress, record, Policy(exact, budget))
            except KeyboardInterrupt:
                state.interrupted = True
                report = replace(report, run=replace(report.run, interrupted=True))
    return replace(report, run=replace(report.run, finished=_stamp(datetime.now(UTC))))


def _context(config: Config, rows: int, seed: int, values: bool) -> str:
    """Changes with everything but the data that a table's findings depend on."""
    from detectors.registry import version

    return digest(VERSION, version(), code(), rows, seed, values, config.detectors.read_bytes() if config.detectors else b"")


def use_detectors(path: Path | None) -> None:
    """Put the user's own detectors beside those that ship; RulesError when the file or an example is at fault."""
    from detectors import custom, registry
    from detectors.columns import failures
    from detectors.names import lexicon
    from detectors.names.tables import table_subject

    own = custom.load(path) if path is not None else ()
    registry.use([c.detector for c in own if c.detector.shape.pattern != "$^"])
    lexicon.use([(c.detector.label, name) for c in own for name in c.names])
    table_subject.cache_clear()
    failures.clear()


def dry_run(config: Config, *, rows: int, seed: int) -> Iterator[str]:
    """Tables, the exact SQL or file reading, and estimated bytes; no data is read."""
    state = Scanned()
    with contextlib.ExitStack() as closing:
        _list(config, state, closing)
        for tid, info in sorted(state.infos.items()):
            size = f"{info.bytes:,} bytes" if info.bytes is not None else "size unknown"
            high = info.rows.high
            count = f"about {high:,} rows" if high is not None else "rows unknown"
            yield f"{tid}  {len(info.columns)} columns, {count} ({info.rows.method}), {size}"
            connector = state.connectors[tid.split("/", 1)[0]]
            if info.kind != "dictionary":
                yield "    " + " ".join(connector.plan(info.ref, _names(info), rows, seed).split())
        for s in state.skipped:
            yield f"{s.id}  skipped: {s.reason}. {s.hint}"


def exit_status(report: Report, allow: Literal["exempt", "contract", "assessment"] | None, *, unread: bool = True) -> int:
    """0, 3, 4, 5 or 130 as documented for `scan`."""
    from mappings.decide import allowed

    if report.run.interrupted:
        return 130
    missed = 3 if unread and (report.skipped or any(f.unresolved for f in report.flows)) else 0
    over = allow is not None and any(not allowed(f.decision, allow) for f in report.flows)
    return 5 if missed and over else 4 if over else missed


def connect(source: Source) -> Connector:
    """Open a source; SourceError or ConfigError if that fails."""
    from scanner import connectors

    return connectors.connect(source.url, name=source.id, password=source.password, timeout=source.timeout, options=source.options,
                              connections=source.connections)


def _list(config: Config, state: Scanned, closing: contextlib.ExitStack, engine: Engine | None = None) -> None:
    from scanner.connectors import redact
    from scanner.connectors.dictionary import load_dictionary, overlay

    for source in config.sources:
        tables = 0
        columns = 0
        try:
            dictionary = load_dictionary(source.dictionary) if source.dictionary else None
            connector = (engine and engine.connect(source, config.detectors)) or connect(source)
            closing.callback(_close, connector)
            state.connectors[source.id] = connector
            for info in connector.tables():
                if isinstance(info, Skipped):
                    state.skipped.append(info)
                    continue
                if not source.wants(info.ref.schema, info.ref.name):
                    continue
                info = overlay(info, dictionary) if dictionary else info
                state.infos[info.ref.id(source.id)] = info
                tables += 1
                columns += len(info.columns)
        except SourceError as e:
            state.skipped.append(Skipped(source.id, str(e), e.hint))
        state.sources.append(SourceReport(
            source.id, redact(source.url), _kind(source.url), tables, columns,
            source.dictionary.name if source.dictionary else "",
        ))


def _close(connector: Connector) -> None:
    with contextlib.suppress(SourceError):
        connector.close()


def _kind(url: str) -> str:
    if url.startswith("spark:"):
        return "spark"
    return url.split("://", 1)[0].split("+", 1)[0] if "://" in url else "files"


def _names(info: TableInfo) -> tuple[str, ...]:
    return tuple(c.name for c in info.columns)


def _detect(config: Config, state: Scanned, taxonomy: Taxonomy, as_of: date, reading: Reading, progress: Progress) -> None:
    """Every table, parents before what is made of them: carried over where nothing changed, else read."""
    targets = link_targets(state.catalogue, config.links)
    silenced = _silenced(config, state.catalogue, as_of)
    progress.plan(len(state.infos))
    primaries: dict[ColumnId, Assessed] = {}
    known, unread = ways(state.catalogue, config.lineage)
    state.skipped += unread
    urls = {s.id: s.url for s in state.sources}
    for tid in order(state.catalogue, known):
        info = state.infos[tid]
        progress.step(tid)
        given = inherited(tid, info, known.get(tid, {}), primaries) | targets
        own = {c: i for c, i in given.items() if table_of(c) == tid}
        mark = Mark(shape_of(info), info.fingerprint and digest(info.fingerprint),
                    digest(reading.context, urls[tid.split("/", 1)[0]], sorted(own.items())))
        kept = reading.results.kept(tid, mark) if reading.results is not None else None
        if kept is not None:
            table, at, mark = kept.table, kept.checked, replace(mark, data=kept.data)
        else:
            table, at = _examine(tid, info, given, state, reading), _stamp(datetime.now(UTC))
            if reading.results is not None and table.status != "skipped":
                at = reading.results.record(tid, mark, table)
        if table.status != "skipped":
            state.read[tid] = Read(at, mark.shape, mark.data, mark.context, kept is not None)
        table = _judged(table, info, silenced, taxonomy)
        primaries |= _personal(table)
        state.tables.append(table)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at a sample gave: labels and counts, no value. fault: the kind of exception where the fault is ours."""

    columns: tuple[ColumnReport, ...]
    fault: str = ""


def _examine(tid: TableId, info: TableInfo, given: Mapping[ColumnId, Inherited], state: Scanned, reading: Reading) -> TableReport:
    """One table sampled and detected, with every finding; not judged by any law yet."""
    status: Status = "metadata_only"
    drawn: Drawn | None = None
    looked: Looked | None = None
    cells: Mapping[str, object] = {}
    if reading.values and info.kind != "dictionary":
        connector = state.connectors[tid.split("/", 1)[0]]
        try:
            if isinstance(connector, Examines):
                looked, drawn = connector.examine(tid, info, given, reading.rows, reading.seed)
            else:
                sample = connector.sample(info.ref, _names(info), reading.rows, reading.seed)
                drawn, cells = sample.drawn, columns_of(sample.batches)
            status = "scanned"
        except SourceError as e:
            state.skipped.append(Skipped(tid, str(e), e.hint))
            status = "skipped"
    looked = looked or look(tid, info, given, cells)
    columns = looked.columns
    if looked.fault:
        state.skipped.append(Skipped(tid, f"internal error, {looked.fault}", "please report it with this word"))
    if looked.fault or status == "skipped" and not any(c.findings for c in columns):
        status, columns = "skipped", tuple(replace(c, examined=0) for c in columns)
    return TableReport(tid, status, info.comment, _rows(info.rows, drawn), drawn, columns)


def look(tid: TableId, info: TableInfo, given: Mapping[ColumnId, Inherited], cells: Mapping[str, object]) -> Looked:
    """Findings of a table's sampled cells, and what else the report says of each column. Runs wherever the cells are."""
    from detectors.fusion import detect

    samples = [ColumnSample(info.ref.column(tid.split("/", 1)[0], c.parts), info, c, cells.get(c.name)) for c in info.columns]
    fault = ""
    try:
        found = detect(info, samples, targets=given)
    except Exception as e:  # a fault of ours on one table must not lose the others; its message may hold values
        found, fault = (), type(e).__name__
    by_column: dict[ColumnId, list[ColumnFinding]] = {}
    for f in found:
        by_column.setdefault(f.column, []).append(f)
    placed = {f.column for f in found if f.label == "geo_location"}
    return Looked(tuple(
        ColumnReport(
            s.id, s.column.name, s.column.type, s.column.comment, tuple(_unjudged(f) for f in by_column.get(s.id, ())),
            _examined(s), "", _constant(s), _decimals(s) if s.id in placed else None,
        )
        for s in samples
    ), fault)


def _unjudged(finding: ColumnFinding) -> Assessed:
    from mappings.model import Assessed

    return Assessed(finding, "", "", "", "no", "", "recalled")


def _judged(table: TableReport, info: TableInfo, silenced: Mapping[ColumnId, str], taxonomy: Taxonomy) -> TableReport:
    """The findings of a table under today's taxonomy, silenced ones left out."""
    from detectors.names.tables import table_subject
    from mappings.assess import assess, combined

    table = replace(table, columns=tuple(
        replace(c, findings=() if c.id in silenced else tuple(assess([a.finding for a in c.findings], taxonomy)),
                ignored=silenced.get(c.id, ""))
        for c in table.columns
    ))
    return replace(table, rows=_rows(info.rows, table.drawn), subject=table_subject(info),
                   combinations=tuple(combined(_personal(table), _timed(info), taxonomy)))


def _personal(table: TableReport) -> dict[ColumnId, Assessed]:
    return {c.id: p for c in table.columns if (p := primary(c)) and p.finding.kind == "personal_information"}


def _timed(info: TableInfo) -> bool:
    """Does a column hold a date or a time?"""
    from detectors.names.lexicon import tokens

    return any("date" in c.type.lower() or "time" in c.type.lower() or {"time", "date"} & set(tokens(c.name)) for c in info.columns)


def _rows(listed: Rows, drawn: Drawn | None) -> Rows:
    """Row count: the sample's when it saw the whole table, else what the catalogue says."""
    if drawn is not None and drawn.rows_total is not None:
        return Rows(drawn.rows_total, drawn.rows_total, "exact")
    if drawn is not None and listed.high is None:
        return Rows(drawn.rows, None, "row_sample")
    return listed


def columns_of(batches: Iterable[object]) -> Mapping[str, object]:
    """Arrow arrays by column name, concatenated over batches."""
    import pyarrow as pa

    parts = list(batches)
    if not parts:
        return {}
    table = pa.Table.from_batches(parts)
    return {name: table.column(i).combine_chunks() for i, name in enumerate(table.column_names)}


def _examined(sample: ColumnSample) -> int:
    """Cells that are neither null nor blank."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = sample.values
    if values is None:
        return 0
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        full = pc.sum(pc.not_equal(pc.utf8_trim_whitespace(values), "")).as_py()
        return int(full or 0)
    return int(len(values) - values.null_count)


def _constant(sample: ColumnSample) -> bool:
    """Do the examined cells, more than one, all hold the same value?"""
    import pyarrow as pa
    import pyarrow.compute as pc

    from detectors.folding import fold

    if sample.values is None or _examined(sample) < 2:
        return False
    kind = sample.values.type                 # Arrow compares neither coded nor nested values
    filled = (fold(sample.values) if pa.types.is_dictionary(kind) or pa.types.is_nested(kind) else sample.values).drop_null()
    return int(pc.count_distinct(filled).as_py() or 0) == 1


def _decimals(sample: ColumnSample) -> int | None:
    """Decimal places of a column's numbers, the middle one of the sample."""
    if sample.values is None:
        return None
    places = sorted(len(text.partition(".")[2]) for v in sample.values.drop_null().to_pylist()[:500] if "." in (text := str(v)))
    return places[len(places) // 2] if places else None


def _silenced(config: Config, catalogue: Catalogue, as_of: date) -> dict[ColumnId, str]:
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
    from mappings.rules import in_force

    stamp = _stamp(started)
    name = hashlib.sha256(f"{stamp}{config.file}".encode()).hexdigest()[:8]
    run = Run(
        id=f"{started:%Y%m%dT%H%M%SZ}-{name}", started=stamp, finished=stamp, as_of=as_of, version=VERSION, seed=seed,
        rulesets=(in_force(as_of).id,), taxonomies=(taxonomy.id,), detectors=version(), interrupted=state.interrupted,
        tables=dict(sorted(state.read.items())),
    )
    tables = tuple(sorted(state.tables, key=lambda t: t.id))
    return Report(
        run=run, sources=tuple(state.sources), tables=tables, skipped=tuple(state.skipped), profile=taxonomy.profile,
        facts={"exporter": dict(config.facts)} if config.facts else {},
    )


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
