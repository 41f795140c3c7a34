"""Flows of a finished scan: counted, noted, recorded in the ledger, and decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.errors import ConfigError, SourceError
from detectors.model import ColumnId, Rows, TableId
from detectors.names.lexicon import tokens
from mappings import zones
from mappings.decision import Circumstances
from mappings.entity_year import FlowPersons, entity_year, group_count
from mappings.individuals import CHEAP
from mappings.ledger import count_entries
from mappings.model import Flow, ZoneMatch
from mappings.necessity import ColumnMeasure
from mappings.rules import in_force
from reports.model import Report, TableReport
from scanner.config.model import Config
from scanner.connectors.protocol import CountsPersons
from scanner.count import decided_report, ledger
from scanner.count.flow import FlowAssessment, count_flow, escalate, measured_columns
from scanner.count.ladder import BudgetSpent, CountPolicy, Ladder
from scanner.count.row_plan import ColumnMeanings, conditions, count_rows, tables_of
from scanner.count.stock import entity_stocks
from scanner.gather.flow_columns import TableCatalogue, pick, source_of, table_of
from scanner.gather.inherit import Scanned, link_pairs, primary_findings
from scanner.gather.progress import Progress
from scanner.records.answers import FieldReply
from scanner.workspace import Workspace

if TYPE_CHECKING:
    from detectors.model import ColumnInfo, TableInfo
    from scanner.connectors.protocol import Connector, Where


def decide_flows(
    report: Report, workspace: Workspace, state: Scanned, as_of: date, values: bool, progress: Progress, record: str = "",
    policy: CountPolicy | None = None,
) -> Report:
    """The report with its flows resolved, counted, judged and decided. record: the month under which active flows go into the ledger."""
    config, replies = workspace.config, workspace.field_replies
    rules = in_force(as_of)
    meaning = _meaning(report, config, state)
    key = _key(workspace, as_of, progress) if values and any(f.declared is None for f in config.flows) else b""
    policy = policy or CountPolicy()
    if record:                                # who was exported is linked, never estimated
        policy = CountPolicy(exact=True)
    measured = measured_columns(report)
    counted = [count_flow(f, meaning, measured, replies, state, key, as_of, progress, policy) for f in config.flows]
    for entity in dict.fromkeys(f.entity for f in config.flows):
        escalate([c for c in counted if c.flow.entity == entity], rules, key, as_of, progress, policy)
    for c in counted:
        c.zones = _zones(c, meaning, config)
        c.candidates = tuple(sorted({str(f.finding.label) for cid in c.resolved.columns if (f := meaning.findings.get(cid)) is not None
                                     and f.finding.kind == "important_data_candidate"}))
        if key and c.flow.retention_days is not None and c.flow.declared is None:
            c.notes = (*c.notes, *_too_old(c, meaning, state, as_of, progress, policy))
        if c.flow.access_log and key:
            try:
                told = _queried(c.flow, meaning, state, key, as_of, progress, policy)
            except ConfigError as e:
                told = f"not_read|{e.line()}"
            c.notes = (*c.notes, told)
    if record:
        for c in counted:
            try:
                _record(c, record, meaning, measured, replies, state, key, as_of, workspace.folder, progress)
            except ConfigError as e:
                c.notes = (*c.notes, f"not_read|{e.line()}", "ledger_not_read")
    book = list(ledger.entries(workspace.folder, key, as_of.year)) if key else []
    report = replace(report, flows=tuple(c.report() for c in counted))
    persons = [FlowPersons(f, c.counter) for f, c in zip(report.flows, counted, strict=True)]
    by = Circumstances(rules, as_of, config.facts, workspace.entity_facts, filed=workspace.past_filings)
    entities = [
        entity_year(e, [p for p in persons if p.report.flow.entity == e], [x for x in book if x.entity == e], by, key)
        for e in dict.fromkeys(f.entity for f in config.flows)
    ]
    if len(entities) > 1:
        group = group_count(persons, key, as_of)
        entities = [replace(e, group=group) for e in entities]
    held = entity_stocks(config, meaning, state, key, as_of, progress, policy) if key and not record else ()
    report = replace(report, exporter=tuple(entities), tables=tuple(_measured(t, state.full_row_counts.get(t.id)) for t in report.tables))
    decided = decided_report.decided(report, by)
    return replace(decided, stock=held, facts={**decided.facts, **workspace.entity_facts})


def _measured(table: TableReport, rows: int | None) -> TableReport:
    """The table with its number of rows, where all were read to count persons and nothing else knew it."""
    return table if rows is None or table.rows.method == "exact" else replace(table, rows=Rows(rows, rows, "exact"))


def _configured(word: str, catalogue: TableCatalogue) -> tuple[ColumnId, TableId, str]:
    """A column the configuration names, by the end of its id: id, table, name. ConfigError with the nearest when there is none."""
    column = ColumnId(pick(word, list(catalogue.columns), "column"))
    return column, table_of(column), _column(column, catalogue).name


def _queried(
    flow: Flow, meaning: ColumnMeanings, state: Scanned, key: bytes, as_of: date, progress: Progress, policy: CountPolicy
) -> str:
    """A note: persons whose data was really queried by the flow's access log, beside those who could be."""
    from mappings.individuals import ExportedColumn, KeyColumn, RowPlan, estimate

    column, table, name = _configured(flow.access_log, meaning.catalogue)
    found = meaning.findings.get(column)
    label = str(found.finding.label) if found is not None and found.finding.subject_key else "user_id"
    plan = RowPlan((ExportedColumn(name, column, "no"),), (KeyColumn(name, label, meaning.scope(column, label)),))
    try:
        ladder = Ladder({table: plan}, {}, meaning.catalogue, state.connectors, meaning.tests, state.full_row_counts)
        counter = count_rows(ladder, key, as_of, progress, policy)
    except BudgetSpent:
        return "budget_spent"
    if counter.spoiled:
        return f"not_read|{counter.spoiled[0]}"
    people = estimate(counter.tally()).individuals
    return f"queried|{people.best:,}|{counter.rows:,}"


def _record(
    c: FlowAssessment,
    period: str,
    meaning: ColumnMeanings,
    measured: Mapping[ColumnId, ColumnMeasure],
    replies: Sequence[FieldReply],
    state: Scanned,
    key: bytes,
    as_of: date,
    base: Path,
    progress: Progress,
) -> None:
    """An active flow's persons into the ledger: all it selects, or the rows of the month where `delta` names their date."""
    flow = c.flow
    if flow.status != "active":
        c.notes += ("ledger_not_active",)
        return
    if flow.delta and key:
        first, after = ledger.month_bounds(period)
        _, table, name = _configured(flow.delta, meaning.catalogue)
        where = {**flow.where, table: {**flow.where.get(table, {}), name: {"ge": first, "lt": after}}}
        c_now = count_flow(replace(flow, where=where), meaning, measured, replies, state, key, as_of, progress, CountPolicy(exact=True))
    else:
        c_now = c
    if c_now.counter is None or c_now.counter.spoiled:
        c.notes += ("ledger_not_read",)
        return
    made = ledger.measured_entry(flow.entity, flow.id, period, c_now.counter.persons(), c_now.counter.rows)
    number = ledger.append(base, key, as_of.year, made)
    c.notes += (f"ledger_recorded|{period}|{count_entries([made]).individuals.best}|{number}",)


def _meaning(report: Report, config: Config, state: Scanned) -> ColumnMeanings:
    catalogue = state.catalogue
    known = catalogue.columns
    sources = [s.id for s in config.sources]
    named = state.listed_names(config.subjects, known, "column", sources)
    subjects = {ColumnId(pick(name, known, "column")): config.subjects[name] for name in named}
    links = dict(link_pairs(catalogue, state.listed_links(config.links, sources)))
    tests = {name: config.test_rows[name] for name in state.listed_names(config.test_rows, list(catalogue.tables), "table", sources)}
    return ColumnMeanings(catalogue, primary_findings(report), subjects, links, conditions(tests, catalogue))


def _key(workspace: Workspace, as_of: date, progress: Progress) -> bytes:
    """This year's key, with its fingerprint noted in the state of the configuration's folder."""
    key, created = workspace.year_key(as_of.year)
    if created is not None:
        progress.tell("cli.key", file=created)
    return key


def _zones(c: FlowAssessment, meaning: ColumnMeanings, config: Config) -> tuple[ZoneMatch, ...]:
    """Entries of the flow's list that its columns speak for."""
    name = c.flow.facts.get("ftz_list") or config.facts.get("ftz_list", "")
    if not name:
        return ()
    book = zones.load_zone(name)
    columns = []
    for cid in c.resolved.columns:
        column = _column(cid, meaning.catalogue)
        found = meaning.findings.get(cid)
        columns.append((str(cid), column.name, column.comment, str(found.finding.label) if found is not None else ""))
    out = []
    for m in zones.match_columns(book, columns, c.flow.facts.get("zone_scenario", "")):
        e = m.entry
        scenario = book.scenario(e.scenario)
        out.append(ZoneMatch(book.id, e.scenario, e.category, e.kind, e.path, e.count_min, e.count_max, e.page, e.confidence, m.columns,
                             scenario is not None and scenario.complete))
    return tuple(out)


def _column(cid: ColumnId, catalogue: TableCatalogue) -> ColumnInfo:
    info = catalogue.tables[table_of(cid)]
    return next(c for c in info.columns if info.ref.column(source_of(cid), c.parts) == cid)


_DATED = ("created", "create", "gmt", "register", "registered", "reg", "add", "added", "order", "signup")


def _too_old(
    c: FlowAssessment, meaning: ColumnMeanings, state: Scanned, as_of: date, progress: Progress, policy: CountPolicy
) -> tuple[str, ...]:
    """Rows older than the stated retention, with their denominator, for each table of the flow that says when a row was made."""
    assert c.flow.retention_days is not None
    before = as_of - timedelta(days=c.flow.retention_days)
    notes = []
    for tid in tables_of(c.resolved.columns):
        info = meaning.catalogue.tables[tid]
        connector = state.connectors.get(source_of(tid))
        column = _dated(info, c.flow, meaning.catalogue)
        if column is None or connector is None or info.kind == "view" or (info.rows.high or 0) > CHEAP or policy.is_spent():
            continue
        progress.step(f"{tid}: {column}")
        kind = next(c.type.lower() for c in info.columns if c.name == column)
        text = "date" not in kind and "time" not in kind
        where = {**c.flow.where.get(tid, {}), column: {"lt": before.isoformat() if text else before}}
        try:
            total = _how_many(connector, info, column, dict(c.flow.where.get(tid, {})))
            old = _how_many(connector, info, column, where)
        except SourceError as e:
            notes.append(f"not_read|{tid}: {e}")
            continue
        if old:
            notes.append(f"too_old|{tid}|{column}|{before}|{old:,}|{total:,}|{c.flow.retention_days}")
    return tuple(notes)


def _how_many(connector: Connector, info: TableInfo, column: str, where: Where) -> int:
    """Rows that pass `where`."""
    if isinstance(connector, CountsPersons):
        return connector.count_rows(info, where)
    return sum(b.num_rows for b in connector.read(info.ref, [column], where))


def _dated(info: TableInfo, flow: Flow, catalogue: TableCatalogue) -> str | None:
    """The column that says when a row was made: the flow's `dated`, else the only one whose name and type say so."""
    for word in flow.dated:
        column, table, name = _configured(word, catalogue)
        if table == info.ref.id(source_of(column)):
            return name
    words = [
        c.name
        for c in info.columns
        if set(tokens(c.name)) & set(_DATED)
        and set(tokens(c.name)) & {"at", "time", "date", "on", "create"}
        or c.comment.startswith(("创建时间", "注册时间", "下单时间", "登记时间"))
        or c.name in ("创建时间", "注册时间", "下单时间", "登记时间")
    ]
    return words[0] if len(words) == 1 else None
