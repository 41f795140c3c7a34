"""Contracts of ours through datacontract-cli: read, tested against the data they describe, exported, and the
exports read by Great Expectations.
"""

from dataclasses import replace

import findings
import pytest
import sqlalchemy as sa

import clients
import scanner
from reports.catalogs import find
from reports.catalogs.picking import Selection
from reports.model import primary

EXPORTS = (
    "avro", "dbml", "dbt-models", "dbt-sources", "great-expectations", "html", "jsonschema", "markdown",
    "odcs",
    "protobuf", "pydantic-model", "sodacl", "sql",
)  # its sqlalchemy knows no JSON
EVERYTHING = Selection(suggested=True, possible=True, operators=True)


def write_contracts(report, folder, selection=EVERYTHING):
    """The contracts of a report in a folder: their file names."""
    contracts = find("odcs")
    files = dict(contracts.files(contracts.payloads(report, selection)))
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [*files]


def accepted(report):
    """A report in which a person accepted whatever stands."""
    for table in report.tables:
        for column in table.columns:
            if (stands := primary(column)) is not None:
                label = stands.finding.label
                review = findings.column(table.id, column.name, label, verdict="accept").reviewed
                report = findings.with_column(report, column.id, reviewed=review)
    return report


def login(server):
    """What datacontract-cli reads from its environment: user and password stand in no contract."""
    url = sa.make_url(server.admin)
    return {
        "DATACONTRACT_POSTGRES_USERNAME": url.username,
        "DATACONTRACT_POSTGRES_PASSWORD": url.password or "-",
    }


def fill(server):
    server.fill(
        "CREATE TABLE member (id bigint PRIMARY KEY, mobile varchar(20), id_no char(18), born date, "
        "balance numeric(12, 2), created timestamptz, creator varchar(40), is_vip boolean, extra jsonb)",
        "COMMENT ON TABLE member IS '会员 ${HOME}'",
        "COMMENT ON COLUMN member.mobile IS '手机号 ${CHUJING_NOT_SET}'",
        "INSERT INTO member SELECT n, '139' || n, '110105194912310021', '1980-01-01', 1.5, now(), 'wang', "
        "true, '{}' FROM generate_series(12345678, 12345737) n",
    )


@pytest.mark.parametrize(
    "report",
    [
        findings.crm(),
        findings.crm(verdict=""),
        findings.hostile(),
        findings.wide(5, 12),
        findings.wide(5, 12, "accept"),
    ],
    ids=["accepted and suggested", "suggested", "hostile names", "wide", "all accepted"],
)
def test_every_contract_is_accepted(report, tmp_path):
    names = write_contracts(report, tmp_path)
    answers = clients.run_client("contracts_client.py", {"do": "lint", "folder": str(tmp_path)}, tmp_path)

    assert {name: answer["failed"] for name, answer in answers.items()} == {name: [] for name in names}
    assert len(names) == len(report.tables)


@pytest.mark.parametrize("review", [lambda report: report, accepted], ids=["suggested", "accepted"])
def test_contracts_of_a_database_pass_their_own_tests(postgresql, tmp_path, review):
    fill(postgresql)
    report = review(scanner.scan(postgresql.admin))
    names = write_contracts(report, tmp_path)
    question = {"do": "test", "folder": str(tmp_path)}
    answers = clients.run_client("contracts_client.py", question, tmp_path, **login(postgresql))

    assert {name: answer["failed"] for name, answer in answers.items()} == {name: [] for name in names}
    assert sum(answer["passed"] for answer in answers.values()) == 2 * 9  # a column is there, of its type


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_contracts_of_files_pass_their_own_tests(tmp_path, suffix):
    import pandas as pd

    people = pd.DataFrame({
        "姓名": ["王伟", "李娜"] * 30, "mobile": ["13912345678", "13698765432"] * 30, "n": range(60),
        "share": [0.5, 1.25] * 30,
    })
    file = tmp_path / f"people.{suffix}"
    people.to_csv(file, index=False) if suffix == "csv" else people.to_parquet(file)
    (name,) = write_contracts(scanner.scan(str(file)), tmp_path)
    answers = clients.run_client("contracts_client.py", {"do": "test", "folder": str(tmp_path)}, tmp_path)

    beyond = "warning: Checking types in parquet files is not supported yet."
    assert [failed for failed in answers[name]["failed"] if not failed.endswith(beyond)] == []
    assert answers[name]["passed"] == 4


def test_contracts_are_exported_and_great_expectations_checks_rows_by_them(postgresql, tmp_path):
    fill(postgresql)
    report = accepted(scanner.scan(postgresql.admin))
    (name,) = write_contracts(report, tmp_path)
    question = {"do": "export", "folder": str(tmp_path), "formats": EXPORTS}
    answers = clients.run_client("contracts_client.py", question, tmp_path)
    assert answers.keys() == {name} and all(answers[name][format] > 40 for format in EXPORTS)

    columns = [column.name for column in report.tables[0].columns]
    for rows, held in (((",".join(columns),), True), ((",".join([*columns, "secret"]),), False)):
        (tmp_path / "rows.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        suite = tmp_path / (name.removesuffix(".yaml") + ".great-expectations")
        question = {"suite": str(suite), "csv": str(tmp_path / "rows.csv")}
        answer = clients.run_client("expectations_client.py", question, tmp_path)
        assert bool(answer["held"]) is held or answer["failed"], answer
        assert bool([f for f in answer["failed"] if "column_set" in f]) is not held


@pytest.mark.parametrize("broken", ["servers", "type"])
def test_a_contract_that_does_not_fit_its_table_fails(postgresql, tmp_path, broken):
    fill(postgresql)
    report = scanner.scan(postgresql.admin)
    mobile = next(c.id for c in report.tables[0].columns if c.name == "mobile")
    if broken == "type":
        report = findings.with_column(report, mobile, type="DATE")
    else:
        moved = tuple(replace(s, url=s.url.rsplit("/", 1)[0] + "/nowhere") for s in report.sources)
        report = replace(report, sources=moved)
    write_contracts(report, tmp_path)
    (answer,) = clients.run_client(
        "contracts_client.py",
        {"do": "test", "folder": str(tmp_path)},
        tmp_path,
        **login(postgresql),
    ).values()

    assert answer["failed"]
