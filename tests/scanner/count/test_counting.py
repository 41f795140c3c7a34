"""Flows counted over real sources: conditions, views, keys of several tables,
other people in the same row.
"""

import hashlib
import sqlite3
from datetime import date

import pytest

import scanner
from detectors.errors import SourceError
from scanner.connectors import connect

DAY = date(2026, 11, 1)
HEAD = """
version: 1
exporter: {id: a, entities: [a], facts: {ciio: no, important_data: none, processes_minors: no}}
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
    rows = [
        (i, f"林{chr(0x4E00 + i)}", f"137000{i:05d}", "上海" if i % 4 == 0 else "杭州", f"138111{i // 2:05d}")
        for i in range(1, 101)
    ]
    connection.executemany("INSERT INTO member VALUES (?,?,?,?,?)", rows)
    connection.executemany("INSERT INTO orders VALUES (?,?,?)", [(i, i % 40 + 1, "") for i in range(200)])
    connection.commit()
    connection.close()

    def scan(flow):
        (tmp_path / "chujing.yaml").write_text(
            HEAD + f"  - {{id: f, entity: a, recipient: {{name: HQ}}, purpose: crm, {flow}}}\n",
            encoding="utf-8",
        )
        scan.last = scanner.scan(str(tmp_path / "chujing.yaml"), as_of=DAY)
        return scan.last.flows[0]

    def report(flow):
        scan(flow)
        return scan.last

    scan.report = report
    return scan


COUNTS = {
    "a whole table": ("fields: [member/name, member/mobile]", (100, 100, 100)),
    "rows of a condition": ("fields: [member/name], where: {crm/member: {city: {eq: 上海}}}", (25, 25, 25)),
    "two conditions hold together": (
        "fields: [member/name], where: {member: {city: {in: [上海]}, id: {le: 40}}}",
        (10, 10, 10),
    ),
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
    found = crm(
        "declared: {individuals: 120000, sensitive_individuals: 0, by: lin, on: 2026-10-01, evidence: "
        "HR list}"
    )

    assert found.declared
    assert found.individuals.method == "declared"
    assert found.decision.path == "standard_contract_or_certification"
    assert found.count_notes == ("declared|lin|2026-10-01|HR list",)


class Unsteady:
    """A connector whose connection is lost after nine tenths, as often as told."""

    def __init__(self, inner, faults):
        self.inner, self.faults = inner, faults

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def read(self, ref, columns, where):
        batches = [b.slice(i, 1) for b in self.inner.read(ref, columns, where) for i in range(b.num_rows)]
        for i, batch in enumerate(batches):
            if self.faults and i == len(batches) * 9 // 10:
                self.faults -= 1
                raise SourceError("connection lost", where="crm/member", hint="scan again")
            yield batch


@pytest.mark.parametrize(("faults", "high"), [(1, 100), (2, 100), (3, None)])
def test_a_lost_connection_is_tried_again_and_nobody_counts_twice(crm, monkeypatch, faults, high):
    from scanner.gather import listing

    opened = listing.connect
    monkeypatch.setattr(listing, "connect", lambda source, pace=None: Unsteady(opened(source, pace), faults))

    flow = crm("fields: [member/name, member/mobile, member/city]")

    assert flow.individuals.high == high
    assert flow.individuals.best == (100 if high else 90)
    assert any(n.startswith("not_read|") for n in flow.count_notes) == (high is None)


def test_a_file_that_changes_while_it_is_counted_is_said(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("name,mobile\n" + "".join(f"林{i},137000{i:05d}\n" for i in range(50)), encoding="utf-8")
    connector = connect(str(file), name="s")
    info = next(iter(connector.tables()))

    with pytest.raises(SourceError, match="changed while it was read"):
        for _ in connector.read(info.ref, ["mobile"], {}):
            with file.open("a", encoding="utf-8") as more:
                more.write("陈一,13800000001\n")


def test_persons_held_are_shown_apart_and_lines_for_them_cited(crm, monkeypatch):
    from mappings import taxonomy

    lines = taxonomy.stock_lines()
    assert {(x.id, x.persons) for x in lines} >= {
        ("officer", 1_000_000),
        ("large_handler", 10_000_000),
        ("faces", 100_000),
    }
    report = crm.report("fields: [member/mobile], where: {member: {city: {eq: 上海}}}")

    assert report.flows[0].individuals.best == 25
    held = report.stock[0].individuals
    assert (held.low, held.best, held.high) == (151, 151, 151)  # members, and those to call
    duties = report.stock[0].duties
    assert {(d.persons, d.of) for d in duties if d.status != "below"} == {(1, "all")}   # audits of one's own
    assert {d.status for d in duties if d.persons > 1} == {"below"}
    assert all(d.source for d in report.stock[0].duties)


def test_rows_of_test_accounts_are_left_out_and_their_number_said(crm, tmp_path):
    flow = crm("fields: [member/mobile]")
    assert flow.individuals.best == 100
    (tmp_path / "chujing.yaml").write_text(
        (tmp_path / "chujing.yaml").read_text(encoding="utf-8")
        + "test_rows: {member: {city: {eq: 上海}, id: {le: 2}}}\n",
        encoding="utf-8",
    )

    flow = scanner.scan(str(tmp_path / "chujing.yaml"), as_of=DAY).flows[0]

    assert (flow.individuals.low, flow.individuals.best, flow.individuals.high) == (73, 73, 73)
    assert "test_rows|27|100" in flow.count_notes


def test_persons_really_queried_stand_beside_those_who_could_be(crm):
    flow = crm("mode: access_from_abroad, fields: [member/*], access_log: orders/member_id")

    assert flow.individuals.best > 100  # everybody who could be looked at, and whom they name
    assert "queried|40|200" in flow.count_notes


def test_each_entity_holds_its_own(crm, tmp_path):
    crm("fields: [member/mobile]")
    (tmp_path / "second.csv").write_text(
        "name,mobile\n" + "".join(f"陈{i},1390000{i:04d}\n" for i in range(7)), encoding="utf-8"
    )
    text = (tmp_path / "chujing.yaml").read_text(encoding="utf-8")
    (tmp_path / "chujing.yaml").write_text(
        text.replace("entities: [a]", "entities: [a, b]")
        .replace('{url: "sqlite:///crm.db"}', '{url: "sqlite:///crm.db", entity: a}')
        .replace("}}\nflows", "}, two: {url: second.csv, entity: b}}\nflows"),
        encoding="utf-8",
    )

    report = scanner.scan(str(tmp_path / "chujing.yaml"), as_of=DAY)

    assert {s.entity: s.individuals.best for s in report.stock} == {"a": 151, "b": 7}


@pytest.mark.parametrize("name", ["mobile_md5", "id_card_sha256"])
def test_hashes_of_a_key_tell_persons_apart_within_their_column(tmp_path, name):
    algorithm = name.rpartition("_")[2]
    numbers = [hashlib.new(algorithm, f"{i % 30}".encode()).hexdigest() for i in range(80)]
    again = [hashlib.new(algorithm, f"{i % 30}".encode()).hexdigest() for i in range(10)]
    for table, cells in (("member", numbers), ("guest", again)):
        (tmp_path / table).mkdir()
        lines = [f"{name},visits", *(f"{cell},{i}" for i, cell in enumerate(cells)), ""]
        (tmp_path / table / f"{table}.csv").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "chujing.yaml").write_text(
        HEAD.replace('crm: {url: "sqlite:///crm.db"}', "m: {url: member}, g: {url: guest}")
        + f"  - {{id: one, entity: a, recipient: {{name: HQ}}, purpose: crm, fields: [m/member/{name}]}}\n"
        + f"  - {{id: two, entity: a, recipient: {{name: HQ}}, purpose: crm,"
        f" fields: [m/member/{name}, g/guest/{name}]}}\n",
        encoding="utf-8",
    )
    report = scanner.scan(str(tmp_path / "chujing.yaml"), as_of=DAY)
    one, two = (flow.individuals for flow in report.flows)

    assert (one.low, one.best, one.high) == (30, 30, 30)
    assert two.low == 30 and two.high == 40                  # by another salt they might be others
