"""Persons that somebody declares: over columns that the scan has read, and beside the ledger."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

import scanner
from mappings.counts import UNSTATED
from mappings.model import Declared, Estimate, Flow, Recipient
from mappings.zones import load_zone
from reports.messages.render import render
from scanner.count.flow import FlowAssessment, _declared_assessment
from scanner.count.ledger import StatedPersons, append_entry, declared_entry
from scanner.gather.flow_columns import SourceColumns
from scanner.workspace import open_workspace


@pytest.mark.parametrize("sensitive", ["yes", "no", "depends"])
@pytest.mark.parametrize("stated", [None, 0, 3])
@pytest.mark.parametrize("persons", [0, 1, 1_000])
def test_no_sensitive_person_over_a_sensitive_column_is_asked_about(sensitive, stated, persons):
    stated = None if stated is None else min(stated, persons)
    declared = Declared(persons, stated, "王敏", date(2026, 11, 2), "统计")
    flow = Flow("crm", "a", Recipient("HQ", "DE"), "", declared=declared)
    found = SimpleNamespace(sensitive=sensitive, finding=SimpleNamespace(column="crm/t/diagnosis"))
    meanings = SimpleNamespace(findings={"crm/t/diagnosis": found})

    done = _declared_assessment(FlowAssessment(flow, SourceColumns(("crm/t/diagnosis",)), ()), meanings)
    contradicted = sensitive == "yes" and stated == 0 and persons > 0

    assert ("declared_over_sensitive" in [note.code for note in done.notes]) is contradicted
    if contradicted:
        assert done.count.sensitive == Estimate(1, 1, persons, "declared", UNSTATED)
        assert "crm/t/diagnosis" in render(done.notes[-1], "zh")
    elif stated is not None:
        assert done.count.sensitive.high == stated


@pytest.mark.parametrize("persons", [0, 7, 2_000_000])
def test_the_ledger_counts_where_no_source_is_read(tmp_path, monkeypatch, persons):
    """Flows with declared persons alone: those that left by the ledger are in the year all the same."""
    monkeypatch.setenv("CHUJING_KEY", "44" * 32)
    file = tmp_path / "chujing.yaml"
    file.write_text(
        "version: 1\nexporter: {id: g, entities: [a], facts: {ciio: 'no', important_data: none}}\nflows:\n"
        "- {id: p, entity: a, status: active, since: 2026-03-01, purpose: crm,"
        " recipient: {name: HQ, country: DE}, declared: {individuals: 10, sensitive_individuals: 0, by: lin,"
        " on: 2026-10-02, evidence: list}}\n", encoding="utf-8",
    )
    workspace = open_workspace(file)
    key, _ = workspace.year_key(2026)
    entry = declared_entry("a", "p", "2026-03..2026-10", StatedPersons(persons, 0, "王敏", "日志"))
    append_entry(workspace.folder, key, 2026, entry)

    [year] = scanner.scan(str(file), as_of=date(2026, 11, 2)).exporter

    assert year.totals.exported.individuals == Estimate.exactly(persons)
    assert (year.band == ("security_assessment",)) is (persons > 1_000_000)


@pytest.mark.parametrize("status", ["superseded_by_x", "absorbed_into_y", "in_force", ""])
@pytest.mark.parametrize("until", ["", "2026-05-10", "2026-12-31"])
def test_a_superseded_list_is_in_force_on_no_day_after_its_last(status, until):
    zone = replace(load_zone("beijing_2024"), status=status, until=until)
    replaced = status.startswith(("superseded", "absorbed"))

    assert zone.is_in_force(date(2026, 11, 2)) is (until == "2026-12-31" or (not until and not replaced))
