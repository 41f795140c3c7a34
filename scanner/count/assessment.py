"""Flows of a finished scan assessed: counted, settled, annotated, recorded, and decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.errors import ConfigError
from detectors.model import ColumnId, Rows, TableId
from mappings.baseline import FiledScenario
from mappings.chosen_readings import Origins
from mappings.deadlines import Filing
from mappings.decision import Circumstances
from mappings.entity_year import FlowPersons, entity_year, with_exports
from mappings.flow_report import EntityReport, Stock
from mappings.group_total import group_count
from mappings.ledger_entries import LedgerEntry, entries_until
from mappings.model import Flow
from mappings.necessity import ColumnMeasure
from mappings.rules import RuleSet, in_force
from mappings.unit_runs import UnitMemory
from reports.model import Report, TableReport
from scanner.count import ledger
from scanner.count.access_log import access_log_note
from scanner.count.column_meanings import (
    ColumnMeanings,
    ColumnStatements,
    column_meanings,
    conditions_by_table,
)
from scanner.count.decided_report import decide_report
from scanner.count.flow import FieldEvidence, FlowAssessment, assess_flow, measured_columns
from scanner.count.ledger_record import LedgerTarget, record_flow
from scanner.count.request import CountPolicy, CountRun
from scanner.count.retention import retention_notes
from scanner.count.settle import settle_lines
from scanner.count.stock import entity_stocks
from scanner.count.zone_entries import zone_entries
from scanner.gather.progress import Progress
from scanner.gather.scan_sources import ScanResult

if TYPE_CHECKING:
    from scanner.records.answers import FieldReply


@dataclass(frozen=True, slots=True)
class Exporter:
    """Who exports, and what is known of it.

    id: of the group. holders: source -> entity that holds it. facts: of the group; own_facts: of one entity,
    by its id. origins: who stated them, and when.
    """

    id: str = ""
    holders: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    own_facts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    origins: Origins = field(default_factory=dict)

    def processes_minors(self, entity: str) -> str:
        """Return whether an entity says that it processes data of persons under 18; empty: not said."""
        return {**self.facts, **self.own_facts.get(entity, {})}.get("processes_minors", "")


@dataclass(frozen=True, slots=True)
class FlowBasis:
    """What flows are assessed by, of the configuration and of what people recorded.

    folder: its state holds the ledger. year_key: returns the hash key of a year, called if data is read.
    """

    flows: Sequence[Flow]
    exporter: Exporter
    statements: ColumnStatements
    replies: Sequence[FieldReply] = ()
    past_filings: Sequence[FiledScenario] = ()
    filings: Sequence[Filing] = ()
    folder: Path = Path()
    year_key: Callable[[int], bytes] = lambda year: b""


@dataclass(frozen=True, slots=True)
class CountingOptions:
    """How flows are counted.

    values: may data be read? record: month under which active flows go into the ledger.
    """

    as_of: date
    values: bool
    policy: CountPolicy
    record: str = ""


def assess_flows(
    report: Report, scanned: ScanResult, basis: FlowBasis, counting: CountingOptions, progress: Progress
) -> Report:
    """Return the report with its flows resolved, counted, judged and decided.

    Order: count all -> settle lines -> annotate -> record -> the year of every entity -> stock -> decide.
    """
    rules = in_force(counting.as_of)
    meanings = column_meanings(report, scanned.catalogue, basis.statements)
    run = _count_run(meanings, scanned, basis, counting, progress)
    assessments = count_all(basis, measured_columns(report), run)
    assessments = settle_all(assessments, rules, run)
    assessments = [annotate(a, basis.exporter.facts.get("ftz_list", ""), run) for a in assessments]
    if counting.record:
        target = LedgerTarget(basis.folder, counting.record)
        assessments = [record_flow(a, target, run) for a in assessments]
    exporter = basis.exporter
    facts = Circumstances(
        rules, run.as_of, exporter.facts, exporter.own_facts, filed=basis.past_filings,
        filings=basis.filings, knows_filings=True, origins=exporter.origins,
    )
    entries, key = _ledger_of_year(basis, run)
    persons = [
        FlowPersons(with_exports(a.report(), [e for e in entries if e.entity == a.flow.entity]), a.counter)
        for a in assessments
    ]
    entities = entity_years(persons, facts, entries, key)
    stock: tuple[Stock, ...] = ()
    if run.key and not counting.record:
        stock = entity_stocks(
            exporter.holders, exporter.id, run, lambda entity: exporter.processes_minors(entity) == "yes"
        )
    tables = tuple(_with_full_count(t, run.full_row_counts) for t in report.tables)
    flows = tuple(p.report for p in persons)
    decided = decide_report(replace(report, flows=flows, exporter=entities, tables=tables), facts)
    return replace(decided, stock=stock, facts={**decided.facts, **exporter.own_facts})


def _ledger_of_year(basis: FlowBasis, run: CountRun) -> tuple[list[LedgerEntry], bytes]:
    """Return the entries of the year up to the day, and the key of the year.

    A ledger is read whether or not a row was: persons of declared flows left, too.
    """
    year, key = run.as_of.year, run.key
    if not key and ledger.newest_entry(basis.folder, year):
        key = basis.year_key(year)
    return (entries_until(ledger.read_entries(basis.folder, key, year), run.as_of) if key else []), key


def count_all(
    basis: FlowBasis, measures: Mapping[ColumnId, ColumnMeasure], run: CountRun
) -> list[FlowAssessment]:
    """Return every flow with its fields judged and its persons counted as far as that is cheap."""
    evidence = FieldEvidence(measures, basis.replies)
    return [assess_flow(flow, evidence, run) for flow in basis.flows]


def settle_all(assessments: Sequence[FlowAssessment], rules: RuleSet, run: CountRun) -> list[FlowAssessment]:
    """Return the flows with counts taken further where a line of the law lies inside their entity's total."""
    settled: dict[str, FlowAssessment] = {}
    for entity in dict.fromkeys(a.flow.entity for a in assessments):
        own = settle_lines([a for a in assessments if a.flow.entity == entity], rules, run)
        settled |= {a.flow.id: a for a in own}
    return [settled[a.flow.id] for a in assessments]


def annotate(assessment: FlowAssessment, zone_list: str, run: CountRun) -> FlowAssessment:
    """Return a flow with zone entries, candidates, and notes on old rows and its access log.

    zone_list: of the exporter, where the flow names none.
    """
    zones = zone_entries(assessment, zone_list, run.meanings)
    annotated = replace(assessment, zones=zones, candidates=_candidate_labels(assessment, run.meanings))
    annotated = annotated.with_notes(*retention_notes(annotated, run))
    if annotated.flow.access_log and run.key:
        annotated = annotated.with_notes(access_log_note(annotated.flow, run))
    return annotated


def _candidate_labels(assessment: FlowAssessment, meanings: ColumnMeanings) -> tuple[str, ...]:
    """Return the labels of candidate important data among a flow's columns."""
    findings = [meanings.findings[c].finding for c in assessment.resolved.columns if c in meanings.findings]
    return tuple(sorted({str(f.label) for f in findings if f.kind == "important_data_candidate"}))


def entity_years(
    flows: Sequence[FlowPersons], facts: Circumstances, entries: Sequence[LedgerEntry], key: bytes
) -> tuple[EntityReport, ...]:
    """Return every entity with the persons of its flows' unions and of the year's ledger; not decided yet.

    entries: of the year's ledger. key: of the year; empty where no value was read.
    """
    entities = []
    for name in dict.fromkeys(f.report.flow.entity for f in flows):
        own = [f for f in flows if f.report.flow.entity == name]
        past = [e for e in entries if e.entity == name]
        entities.append(entity_year(name, own, past, facts, key))
    if len(entities) > 1:
        in_count = {part for e in entities for part in e.counted}
        group = group_count(flows, in_count, entries, facts, key)
        entities = [replace(e, group=group) for e in entities]
    return tuple(entities)


def _count_run(
    meanings: ColumnMeanings, scanned: ScanResult, basis: FlowBasis, counting: CountingOptions,
    progress: Progress,
) -> CountRun:
    needs_key = counting.values and any(f.declared is None or f.names_columns for f in basis.flows)
    key = basis.year_key(counting.as_of.year) if needs_key else b""
    policy = counting.policy
    if counting.record:                       # who was exported is linked, never estimated
        policy = CountPolicy(exact=True, memory=policy.memory)
    conditioned: set[TableId] = set()
    for flow in basis.flows if len(basis.flows) > 1 else ():
        with suppress(ConfigError):           # it is said where the flow is counted
            conditioned |= set(conditions_by_table(flow.where, meanings.catalogue))
    return CountRun(
        meanings, scanned.connectors, key, counting.as_of, policy, progress,
        conditioned=frozenset(conditioned), memory=UnitMemory(policy.memory),
    )


def _with_full_count(table: TableReport, full_row_counts: Mapping[TableId, int]) -> TableReport:
    """Return a table with its number of rows, where all were read to count persons.

    A number that is exact already stays.
    """
    rows = full_row_counts.get(table.id)
    if rows is None or table.rows.method == "exact":
        return table
    return replace(table, rows=Rows(rows, rows, "exact"))
