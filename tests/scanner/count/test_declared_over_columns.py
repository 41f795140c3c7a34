"""Persons that somebody declares: over columns that the scan has read, and beside the ledger."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import scanner
from mappings.counts import UNSTATED, at_least_declared, declared_count
from mappings.model import Declared, Estimate, Flow, FlowCount, Recipient
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
    """Flows with declared persons alone: those that left by the ledger are in the year all the same.

    Two million left and ten are there: the others were deleted since. Whether those still count is open. The
    answer that deleted information is not counted (个人信息保护政策法规问答 2026-04 问1) names the Provisions
    and speaks of what is processed now; the Provisions (第七条、第八条) count what was provided since
    1 January. So the assessment is one of two readings, never the only one and never left out.
    """
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
    assert ("security_assessment" in year.band) is (persons > 1_000_000)
    # whether those who left and are there no more count is a reading
    assert (len(year.band) > 1) is (persons > 1_000_000)


@pytest.mark.parametrize("status", ["superseded_by_x", "absorbed_into_y", "in_force", ""])
@pytest.mark.parametrize("until", ["", "2026-05-10", "2026-12-31"])
def test_a_superseded_list_is_in_force_on_no_day_after_its_last(status, until):
    zone = replace(load_zone("beijing_2024"), status=status, until=until)
    replaced = status.startswith(("superseded", "absorbed"))

    assert zone.is_in_force(date(2026, 11, 2)) is (until == "2026-12-31" or (not until and not replaced))


@pytest.mark.parametrize("rows", [0, 4, 300])
@pytest.mark.parametrize(("persons", "sensitive"), [(5, 0), (300, 0), (300, 300), (150_000, None)])
def test_fewer_declared_than_the_rows_hold_is_said_and_leaves_both_open(
    tmp_path, monkeypatch, rows, persons, sensitive
):
    monkeypatch.setenv("CHUJING_KEY", "44" * 32)
    monkeypatch.chdir(tmp_path)
    lines = [f"1380013{i:04d},王{chr(0x4E00 + i)}" for i in range(rows)]
    (tmp_path / "member.csv").write_text("\n".join(("手机号,姓名", *lines)) + "\n", encoding="utf-8")
    stated = "" if sensitive is None else f"sensitive_individuals: {sensitive}, "
    (tmp_path / "chujing.yaml").write_text(
        "version: 1\nexporter: {id: g, entities: [a], facts: {ciio: 'no', important_data: none}}\n"
        "sources: {m: {url: member.csv}}\nflows:\n- {id: p, entity: a, purpose: crm,"
        " recipient: {name: HQ, country: DE}, fields: [m/member/手机号, m/member/姓名], declared:"
        f" {{individuals: {persons}, {stated}minors: 0, by: lin, on: 2026-10-02, evidence: list}}}}\n",
        encoding="utf-8",
    )
    [flow] = scanner.scan("chujing.yaml", as_of=date(2026, 11, 2)).flows
    is_short = persons < rows

    assert (flow.individuals.low, flow.individuals.high) == (persons, max(rows, persons))
    assert ("declared_below_rows" in [note.code for note in flow.count_notes]) is is_short
    assert ("count" in [note.code for note in flow.not_ready]) is (is_short or sensitive is None)


COUNTS = st.builds(
    lambda low, more: Estimate(low, low, low + more, "linked"), st.integers(0, 50), st.integers(0, 50)
)


@given(st.integers(0, 50), st.integers(0, 50), COUNTS, COUNTS)
def test_a_statement_stays_possible_and_so_does_what_was_counted(persons, sensitive, counted, of_them):
    sensitive = min(persons, sensitive)
    stated = declared_count(Declared(persons, sensitive, "lin", date(2026, 11, 2), "list", 0), "")
    opened = at_least_declared(stated, FlowCount(counted, of_them))

    for figure, n, rows in ((opened.individuals, persons, counted), (opened.sensitive, sensitive, of_them)):
        assert figure.low == n
        assert figure.high == (rows.high if rows.low > n else n)


@pytest.mark.parametrize("fields", ["", "fields: [crm/t/mobile], "])
@pytest.mark.parametrize("answer", ["", "yes", "no"])
def test_nobody_declared_over_columns_nobody_read_is_asked_about(tmp_path, monkeypatch, fields, answer):
    """Only who names no column, or says that nobody leaves, is told that nothing is to be filed."""
    monkeypatch.setenv("CHUJING_KEY", "44" * 32)
    file = tmp_path / "chujing.yaml"
    own = f"facts: {{nobody_leaves: '{answer}'}}, " if answer else ""
    file.write_text(
        "version: 1\nexporter: {id: g, entities: [a], facts: {ciio: 'no', important_data: none}}\nflows:\n"
        f"- {{id: p, entity: a, purpose: crm, {fields}{own}recipient: {{name: HQ, country: DE}}, declared:"
        " {individuals: 0, sensitive_individuals: 0, by: lin, on: 2026-10-02, evidence: list}}\n",
        encoding="utf-8",
    )
    [flow] = scanner.scan(str(file), as_of=date(2026, 11, 2)).flows

    is_nobody = not fields or answer == "yes"
    asked = [question.fact for question in flow.decision.questions]
    assert (flow.decision.possible == ("no_filing_art3",)) is is_nobody
    assert ("nobody_leaves" in asked) is (bool(fields) and not answer)
