"""Persons of active flows put into the year's ledger: all that a flow selects, or those of one month."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from detectors.errors import ConfigError
from detectors.message import Note
from mappings import notes
from mappings.ledger_entries import count_entries
from mappings.model import Flow
from scanner.count import ledger
from scanner.count.flow import FlowAssessment, count_flow
from scanner.count.request import CountPolicy, CountRun


@dataclass(frozen=True, slots=True)
class LedgerTarget:
    """Where persons are recorded. folder: its state holds the ledger. period: a month such as 2026-11."""

    folder: Path
    period: str


def record_flow(assessment: FlowAssessment, target: LedgerTarget, run: CountRun) -> FlowAssessment:
    """Put a flow's persons into the ledger.

    Return the flow with notes on what was recorded, or why nothing was.
    """
    if assessment.flow.status != "active":
        return assessment.with_notes(notes.LEDGER_NOT_ACTIVE)
    try:
        return assessment.with_notes(_record_persons(assessment, target, run))
    except ConfigError as e:
        return assessment.with_notes(notes.not_read(e.line()), notes.LEDGER_NOT_READ)


def _record_persons(assessment: FlowAssessment, target: LedgerTarget, run: CountRun) -> Note:
    flow = assessment.flow
    if flow.delta and run.key:
        assessment = _assessment_of_month(assessment, target.period, run)
    counter = assessment.counter
    if counter is None or counter.spoiled:
        return notes.LEDGER_NOT_READ
    persons = counter.persons([p.column for p in assessment.possible])
    entry = ledger.measured_entry(flow.entity, flow.id, target.period, persons, counter.rows)
    number = ledger.append_entry(target.folder, run.key, run.as_of.year, entry)
    count = notes.persons_recorded(count_entries([entry]).individuals)
    if bearing := [p for p in assessment.possible if p.bears]:
        return notes.ledger_without_possible(target.period, count, number, len(bearing))
    return notes.ledger_recorded(target.period, count, number)


def _assessment_of_month(assessment: FlowAssessment, period: str, run: CountRun) -> FlowAssessment:
    """Return a flow with the persons of one month, whose date its `delta` names.

    Raise ConfigError for a bad name.
    """
    flow = _flow_within_month(assessment.flow, period, run)
    if flow.declared is not None:
        return assessment
    blank = FlowAssessment(flow, assessment.resolved, assessment.verdicts)
    return count_flow(blank, replace(run, policy=CountPolicy(exact=True)))


def _flow_within_month(flow: Flow, period: str, run: CountRun) -> Flow:
    """Return the flow of those rows alone that were exported in a month."""
    first, after = ledger.month_bounds(period)
    _, table, name = run.meanings.catalogue.find_column(flow.delta)
    conditions = {**flow.where.get(table, {}), name: {"ge": first, "lt": after}}
    return replace(flow, where={**flow.where, table: conditions})
