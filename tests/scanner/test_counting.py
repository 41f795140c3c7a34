"""Flows counted over real sources: conditions, views, keys of several tables, other people in the same row."""

import sqlite3
from datetime import date

import pytest

import scanner

DAY = date(2026, 11, 1)
HEAD = """
version: 1
exporter: {id: a, entities: [a], facts: {ciio: no, important_data: none}}
sources: {crm: {url: "sqlite:///crm.db"}}
flows:
"""


@pytest.fixture
def crm(tmp_path):
    connection = sqlite3.connect(tmp_path / "crm.db")
    connection.executescript("""
        CREATE TABLE member (id INTEGER PRIMARY KEY, name TEXT, mobile TEXT, city TEXT, emergency_phone TEXT);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, member_id INTEGER REFERENCES member(id), remark TEXT);
        CREATE VIEW shanghai AS SELECT id, name, mobile FROM member WHERE city = '上海';
        CREATE VIEW names AS SELECT name FROM member WHERE city = '上海';
    """)
    rows = [(i, f"林{chr(0x4e00 + i)}", f"137000{i:05d}", "上海" if i % 4 == 0 else "杭州", f"138111{i // 2:05d}") for i in range(1, 101)]
    connection.executemany("INSERT INTO member VALUES (?,?,?,?,?)", rows)
    connection.executemany("INSERT INTO orders VALUES (?,?,?)", [(i, i % 40 + 1, "") for i in range(200)])
    connection.commit()
    connection.close()

    def scan(flow):
        (tmp_path / "chujing.yaml").write_text(
            HEAD + f"  - {{id: f, entity: a, recipient: {{name: HQ}}, purpose: crm, {flow}}}\n", encoding="utf-8"
        )
        return scanner.scan(str(tmp_path / "chujing.yaml"), as_of=DAY).flows[0]

    return scan


COUNTS = {
    "a whole table": ("fields: [member/name, member/mobile]", (100, 100, 100)),
    "rows of a condition": ("fields: [member/name], where: {crm/member: {city: {eq: 上海}}}", (25, 25, 25)),
    "two conditions hold together": ("fields: [member/name], where: {member: {city: {in: [上海]}, id: {le: 40}}}", (10, 10, 10)),
    "a foreign key is the member": ("fields: [orders/member_id, member/name]", (100, 100, 100)),
    "orders alone": ("fields: [orders/member_id]", (40, 40, 40)),
    "a view with a key is counted over itself": ("view: shanghai", (25, 25, 25)),
    "a query without conditions": ('sql: "SELECT name, mobile FROM member", source: crm', (100, 100, 100)),
    "a query with conditions gives an upper bound": (
        "sql: \"SELECT name, mobile FROM member WHERE city = '上海'\", source: crm",
        (0, 100, 100),
    ),
    "a field that is no personal information": ("fields: [orders/id]", (0, 0, 0)),
    "other people in the row": ("fields: [member/emergency_phone]", (51, 51, 51)),
}


@pytest.mark.parametrize(("flow", "people"), COUNTS.values(), ids=COUNTS)
def test_people_of_a_flow(crm, flow, people):
    found = crm(flow).individuals

    assert (found.low, found.best, found.high) == people


def test_a_view_without_a_key_is_bounded_by_its_tables(crm):
    found = crm("view: names")

    assert (found.individuals.low, found.individuals.high) == (0, 100)
    assert found.decision.possible == ("no_filing_art3", "exempt_art5_4")


def test_an_unknown_column_in_where_leaves_the_count_open(crm):
    found = crm("fields: [member/name], where: {member: {citty: {eq: 上海}}}")

    assert found.individuals.high is None
    assert "citty" in found.unresolved[0]
    assert found.decision.path == "needs_review"


def test_declared_counts_are_shown_as_declared(crm):
    found = crm("declared: {individuals: 120000, sensitive_individuals: 0, by: lin, on: 2026-10-01, evidence: HR list}")

    assert found.declared
    assert found.individuals.method == "declared"
    assert found.decision.path == "standard_contract_or_certification"
    assert found.count_notes == ("declared|lin|2026-10-01|HR list",)
