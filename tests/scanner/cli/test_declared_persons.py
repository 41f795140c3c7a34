"""Persons declared for a flow and in the ledger: what is open is asked, and one command settles it."""

import json

import pytest
from typer.testing import CliRunner

from scanner.cli.app import app

FLOW = (
    "  - {{id: {id}, entity: a, status: active, since: 2026-01-01, recipient: {{name: HQ, country: DE}},"
    " purpose: crm, declared: {{individuals: {n}, sensitive_individuals: 0, minors: 0, by: 王敏,"
    " on: 2026-06-01, evidence: log}}}}\n"
)
HEAD = (
    "version: 1\nexporter: {id: a, entities: [a],"
    " facts: {ciio: no, important_data: none, readings: strict}}\n"
    "sources: {}\nflows:\n"
)
EXEMPT, CONTRACT = "exempt_art5_4", "standard_contract_or_certification"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHUJING_KEY", "44" * 32)

    def run(*words):
        done = CliRunner().invoke(app, [*words, "--lang", "en"], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    return run


def configure(tmp_path, **flows):
    text = HEAD + "".join(FLOW.format(id=id, n=n) for id, n in flows.items())
    (tmp_path / "chujing.yaml").write_text(text, encoding="utf-8")


def declare(run, flow, persons):
    run("ledger", "declare", flow, "--period", "2026-01..2026-06", "--individuals", str(persons),
        "--sensitive", "0", "--by", "王敏", "--evidence", "log", "--as-of", "2026-06-30")


def decided(run, tmp_path):
    run("decide", "-o", "r.json")
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    return report["flows"][0]["decision"], report


@pytest.mark.parametrize(("answer", "path", "persons"), [("yes", EXEMPT, 80_000), ("no", CONTRACT, 130_000)])
def test_those_who_left_and_those_of_the_flow(run, tmp_path, answer, path, persons):
    configure(tmp_path, crm=80_000)
    declare(run, "crm", 50_000)
    run("scan", "--as-of", "2026-06-30")
    open_one, _ = decided(run, tmp_path)

    assert set(open_one["possible"]) == {EXEMPT, CONTRACT} and not open_one["certain"]
    [question] = [q for q in open_one["questions"] if q["fact"] == "exported_are_same"]
    assert {tuple(v) for v in question["leads_to"].values()} == {(EXEMPT,), (CONTRACT,)}
    run("facts", "set", f"exported_are_same={answer}", "--flow", "crm", "--by", "王敏", "--how", "两份名单")
    settled, report = decided(run, tmp_path)

    assert settled["possible"] == [path] and settled["certain"]
    year = report["exporter"][0]["individuals"]
    assert year["low"] == year["high"] == persons


@pytest.mark.parametrize(("persons", "path"), [(75_000, EXEMPT), (100_000, CONTRACT)])
def test_the_persons_of_two_declared_flows_together(run, tmp_path, persons, path):
    configure(tmp_path, crm=60_000, app=70_000)
    for flow in ("crm", "app"):
        declare(run, flow, 0)
    run("scan", "--as-of", "2026-06-30")
    open_one, _ = decided(run, tmp_path)
    assert "persons_together" in [q["fact"] for q in open_one["questions"]]
    totals = f"persons_together={persons}", "sensitive_together=0"
    run("facts", "set", *totals, "--by", "王敏", "--how", "两份名单")
    settled, _ = decided(run, tmp_path)

    assert settled["possible"] == [path] and settled["certain"]


def test_a_total_that_cannot_be_is_one_clear_line(run, tmp_path):
    configure(tmp_path, crm=60_000, app=70_000)
    run("scan", "--as-of", "2026-06-30")
    run("facts", "set", "persons_together=5", "--by", "王敏", "--how", "x")
    said = [line for line in run("decide").splitlines() if "! \"persons_together\" is 5" in line]

    assert len(said) == 2 and "130,000" in said[0] + run("show", "crm")
    assert not decided(run, tmp_path)[0]["certain"]
