"""Candidate flows: found with evidence from databases, logs, lineage and text;
domestic places are left alone; nothing is decided.
"""

import json

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

import scanner
from scanner.cli.app import app
from scanner.config.model import read
from scanner.setup.foreign_places import reason_abroad
from scanner.setup.suggest import suggest, suggestions_in_texts
from scanner.sheets import flow_register, register_columns
from scanner.state import store

WHERE = {
    "a bucket in Frankfurt": ("https://exports.s3.eu-central-1.amazonaws.com/a", [], "bucket", "region"),
    "a bucket in Singapore": ("oss://x then crm-out.oss-ap-southeast-1.aliyuncs.com", [], "bucket", "region"),
    "a bucket in Hong Kong": ("crm-out.oss-cn-hongkong.aliyuncs.com", [], "bucket", "region"),
    "software as a service": ("url = 'https://acme.my.salesforce.com/services'", [], "service", "unknown"),
    "a database host that is listed": (
        "jdbc:postgresql://dw.hq.example.com:5432/x",
        ["*.hq.example.com"],
        "database",
        "listed",
    ),
    "a file transfer to a listed network": (
        "sftp://user:secret@203.0.113.9/in",
        ["203.0.113.0/24"],
        "transfer",
        "listed",
    ),
    "a database host nobody has placed": ("mysql://dw.example.com/x", [], "database", "unknown"),
}


@pytest.mark.parametrize(("line", "listed", "kind", "why"), WHERE.values(), ids=WHERE)
def test_places_in_text(tmp_path, line, listed, kind, why):
    (tmp_path / "job.sql").write_text(f"-- x\n{line}\n", encoding="utf-8")
    found = {(s.kind, s.why): s for s in suggestions_in_texts(tmp_path, listed)}

    assert (kind, why) in found
    assert found[kind, why].evidence == (f"{tmp_path / 'job.sql'}:2",)
    assert "secret" not in str(found)


INSIDE = {
    "a bucket in Shanghai": "crm.oss-cn-shanghai.aliyuncs.com",
    "an internal bucket": "crm.oss-cn-beijing-internal.aliyuncs.com",
    "a domestic bucket": "s3.cn-north-1.amazonaws.com.cn",
    "a private address": "jdbc:mysql://10.2.3.4/x",
    "a domestic host": "mysql://dw.acme.cn/x",
    "this machine": "postgresql://localhost/x",
    "a name without a domain": "postgresql://warehouse/x",
}


@pytest.mark.parametrize("line", INSIDE.values(), ids=INSIDE)
def test_domestic_places_are_left_alone(tmp_path, line):
    (tmp_path / "job.py").write_text(line, encoding="utf-8")

    assert not list(suggestions_in_texts(tmp_path, []))


def test_what_is_not_read_is_named(tmp_path):
    (tmp_path / "large.sql").write_text("x" * 2_000_001, encoding="utf-8")
    (tmp_path / "events.json").write_text("{no json", encoding="utf-8")
    (tmp_path / "chujing.yaml").write_text("version: 1\nlineage: [events.json]\n", encoding="utf-8")
    _, skipped = suggest(read(tmp_path / "chujing.yaml"), None, [tmp_path / "large.sql"])

    assert [s.id for s in skipped] == [str(tmp_path / "large.sql"), str(tmp_path / "events.json")]


def test_a_listed_pattern_wins_over_what_the_name_says():
    assert reason_abroad("mirror.acme.cn", "", ["*.acme.cn"]) == "listed"
    assert reason_abroad("10.9.0.1", "", ["10.9.0.0/16"]) == "listed"


CONFIG = """version: 1
exporter: {id: a, entities: [a]}
abroad: ["203.0.113.0/24", "*.hq.example.com"]
lineage: [events.ndjson]
sources: {logs: {url: logs.csv}}
"""


@pytest.fixture
def company(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [
        f"{i},user{i % 7},{'203.0.113.' + str(i % 9) if i % 4 == 0 else '10.0.0.' + str(i % 200)},GET"
        for i in range(400)
    ]
    (tmp_path / "logs.csv").write_text("id,username,client_ip,action\n" + "\n".join(rows), encoding="utf-8")
    event = {
        "eventType": "COMPLETE",
        "job": {"namespace": "n", "name": "nightly"},
        "inputs": [{"namespace": "x", "name": "crm.member"}],
        "outputs": [{"namespace": "postgresql://reader:pw@dw.hq.example.com:5432", "name": "dw.member"}],
    }
    (tmp_path / "events.ndjson").write_text(json.dumps(event) + "\n", encoding="utf-8")
    (tmp_path / "chujing.yaml").write_text(CONFIG, encoding="utf-8")
    store.remember(scanner.scan("chujing.yaml"), tmp_path)
    return tmp_path


def test_access_logs_and_lineage_are_evidence_with_counts(company):
    found, skipped = suggest(read(company / "chujing.yaml"), store.last(company))
    by_kind = {s.kind: s for s in found}

    assert not skipped
    assert by_kind["access"].evidence == ("logs/logs.client_ip: 100 of 400 rows, 7 accounts",)
    assert by_kind["access"].mode == "access_from_abroad"
    assert by_kind["lineage"].target == "dw.hq.example.com"
    assert by_kind["lineage"].tables == ("crm.member",)
    assert "pw" not in str(found)


def test_candidates_go_into_a_sheet_and_a_rejected_one_does_not_come_back(company):
    run = CliRunner()
    first = run.invoke(app, ["flows", "suggest", "--sheet", "c.xlsx"])
    ids = [line.split()[0] for line in first.output.splitlines() if line.startswith("sug-")]
    sheet = load_workbook("c.xlsx")[register_columns.SHEET]

    assert first.exit_code == 0, first.output
    assert [sheet.cell(r, 1).value for r in range(3, 3 + len(ids))] == ids
    faults = flow_register.read(company / "c.xlsx").faults
    assert any("目的" in f.what for f in faults)  # a candidate is no flow until a person fills it in
    assert run.invoke(app, ["flows", "reject", ids[0], "--why", "test system", "--by", "王敏"]).exit_code == 0
    again = run.invoke(app, ["flows", "suggest"])
    assert ids[0] not in again.output
    assert ids[1] in again.output
    assert "flows reject" in run.invoke(app, ["audit"]).output


def test_a_source_that_cannot_be_opened_is_named_and_the_rest_goes_on(company):
    text = (company / "chujing.yaml").read_text(encoding="utf-8")
    (company / "chujing.yaml").write_text(
        text.replace("sources: {", "sources: {gone: {url: 'sqlite:///gone.db'}, "), encoding="utf-8"
    )
    done = CliRunner().invoke(app, ["flows", "suggest"])

    assert done.exit_code == 3
    assert "gone" in done.output
    assert "access" in done.output


def test_foreign_servers_and_publications_of_a_real_postgresql(postgresql):
    from scanner.connectors.protocol import Access
    from scanner.connectors.sql import SqlConnector

    postgresql.fill(
        "DROP PUBLICATION IF EXISTS out_pub",
        "DROP EXTENSION IF EXISTS file_fdw CASCADE",
        "CREATE FOREIGN DATA WRAPPER hq_wrapper",
        "CREATE SERVER hq FOREIGN DATA WRAPPER hq_wrapper OPTIONS (host '203.0.113.7', dbname 'dw')",
        "CREATE FOREIGN TABLE hq_member (id int) SERVER hq",
        "CREATE TABLE sent (id int)",
        "CREATE PUBLICATION out_pub FOR TABLE sent",
    )
    try:
        connector = SqlConnector(postgresql.reader, Access("shop", postgresql.password, 30))
        found = {name: (kind, host, tables) for kind, name, host, tables in connector.reaches()}
        connector.close()
    finally:
        postgresql.fill(
            "DROP PUBLICATION out_pub", "DROP FOREIGN DATA WRAPPER hq_wrapper CASCADE", "DROP TABLE sent"
        )

    assert found["foreign server hq"] == ("foreign_server", "203.0.113.7", ["public/hq_member"])
    assert found["publication out_pub"] == ("replication", "", ["public/sent"])


def test_accounts_for_hosts_abroad_on_a_real_mariadb(mariadb):
    from scanner.connectors.protocol import Access
    from scanner.connectors.sql import SqlConnector

    mariadb.fill("CREATE USER 'hq'@'203.0.113.9' IDENTIFIED BY 'x-9Kd-4'")
    try:
        reader = SqlConnector(mariadb.reader, Access("shop", mariadb.password, 30))
        admin = SqlConnector(mariadb.admin, Access("shop", timeout=30))
        seen = {name: (kind, host) for kind, name, host, _ in admin.reaches()}
        own = list(reader.reaches())
        reader.close()
        admin.close()
    finally:
        mariadb.fill("DROP USER 'hq'@'203.0.113.9'")

    assert seen["account 'hq'@'203.0.113.9'"] == ("access", "203.0.113.9")
    assert not any("hq" in name for _, name, _, _ in own)  # an account without the right sees itself only
