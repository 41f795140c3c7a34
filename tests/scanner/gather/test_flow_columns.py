"""Flows are traced to source columns; what cannot be traced is listed."""

import pytest

from detectors.errors import ConfigError
from detectors.model import ColumnInfo, TableId, TableInfo, TableRef
from mappings.model import Flow, Recipient
from scanner.gather.flow_columns import resolve_columns
from scanner.gather.query_lineage import view_origins
from scanner.gather.table_catalogue import COLUMN, TableCatalogue, pick_id


def table(name, *columns, definition=""):
    kind = "view" if definition else "table"
    return TableInfo(
        TableRef(name),
        tuple(ColumnInfo(c) for c in columns),
        kind=kind,
        definition=definition,
        dialect="sqlite",
    )


CATALOGUE = TableCatalogue(
    {
        TableId("crm/member"): table("member", "id", "name", "mobile", "city"),
        TableId("crm/order"): table("order", "id", "member_id", "amount"),
        TableId("crm/v_member"): table(
            "v_member",
            "full_name",
            "amount",
            definition="CREATE VIEW v_member AS SELECT m.name AS full_name, o.amount "
            'FROM member m JOIN "order" o ON o.member_id = m.id',
        ),
    }
)


def flow(**what):
    return Flow(id="f", entity="e", recipient=Recipient("HQ"), purpose="crm", **what)


CASES = {
    "fields by suffix": ({"fields": ("member/name", "mobile")}, ["crm/member/name", "crm/member/mobile"], 0),
    "a whole table": (
        {"fields": ("order/*",)},
        ["crm/order/id", "crm/order/member_id", "crm/order/amount"],
        0,
    ),
    "a view": ({"view": "v_member"}, ["crm/member/name", "crm/order/amount"], 0),
    "a query": (
        {"sql": "SELECT name, mobile FROM member", "source": "crm"},
        ["crm/member/name", "crm/member/mobile"],
        0,
    ),
    "a star": (
        {"sql": "SELECT * FROM member", "source": "crm"},
        ["crm/member/id", "crm/member/name", "crm/member/mobile", "crm/member/city"],
        0,
    ),
    "a subquery": (
        {"sql": "SELECT x.n FROM (SELECT name AS n FROM member) x", "source": "crm"},
        ["crm/member/name"],
        0,
    ),
    "a union": (
        {"sql": "SELECT name FROM member UNION ALL SELECT mobile FROM member", "source": "crm"},
        ["crm/member/name", "crm/member/mobile"],
        0,
    ),
    "an expression": (
        {"sql": "SELECT upper(name) || city AS n FROM member", "source": "crm"},
        ["crm/member/name", "crm/member/city"],
        0,
    ),
    "a view in a query": (
        {"sql": "SELECT full_name FROM v_member", "source": "crm"},
        ["crm/member/name", "crm/order/amount"],
        0,
    ),
    "an unknown table": ({"sql": "SELECT name FROM nowhere", "source": "crm"}, [], 1),
    "not SQL": ({"sql": "SELEC name FRM", "source": "crm"}, [], 1),
    "a field that is gone": ({"fields": ("member/name", "member/mobil")}, ["crm/member/name"], 1),
}


@pytest.mark.parametrize(("what", "columns", "unresolved"), CASES.values(), ids=CASES)
def test_resolve(what, columns, unresolved):
    resolved = resolve_columns(flow(**what), CATALOGUE)

    assert sorted(resolved.columns) == sorted(columns)
    assert len(resolved.unresolved) == unresolved


def test_an_ambiguous_suffix_names_the_choices():
    with pytest.raises(ConfigError, match="ambiguous") as e:
        pick_id("id", CATALOGUE.columns, COLUMN)

    assert "crm/member/id" in e.value.line()


def test_the_nearest_name_is_offered():
    with pytest.raises(ConfigError) as e:
        pick_id("member/mobil", CATALOGUE.columns, COLUMN)

    assert "member/mobile" in e.value.line()


def test_a_view_inherits_labels_hashing_stays_personal_and_aggregation_ends_it(tmp_path):
    import sqlite3

    import scanner
    from reports.model import labels, primary

    connection = sqlite3.connect(tmp_path / "a.db")
    connection.executescript("""
        CREATE TABLE member (id INTEGER PRIMARY KEY, mobile TEXT, diagnosis TEXT, city TEXT);
        CREATE VIEW v AS SELECT m.mobile AS c1, upper(m.diagnosis) AS c2, count(m.diagnosis) AS c4,
                                m.city || '' AS c5 FROM member m GROUP BY m.mobile;
    """)
    connection.close()

    report = scanner.scan(f"sqlite:///{tmp_path / 'a.db'}", values=False)
    found = {c.id: p for t in report.tables for c in t.columns if (p := primary(c))}

    assert {c.rsplit("/", 1)[1]: label for c, label in labels(report).items() if c.startswith("a/v/")} == {
        "c1": "phone_mobile",
        "c2": "health",
        "c5": "postal_address",
    }
    assert any(
        e.origin == "lineage" and "a/member/mobile" in e.note for e in found["a/v/c1"].finding.evidence
    )


def test_a_hash_of_a_column_stays_personal_and_a_sum_over_it_does_not():
    view = TableInfo(
        TableRef("v"),
        (ColumnInfo("h", "text"), ColumnInfo("n", "int")),
        kind="view",
        dialect="postgres",
        definition="SELECT md5(member.mobile) AS h, count(member.mobile) AS n FROM member GROUP BY 1",
    )
    catalogue = TableCatalogue({**CATALOGUE.tables, TableId("crm/v"): view})

    derived = view_origins(TableId("crm/v"), catalogue)

    assert {name: d.how for name, d in derived.items()} == {"h": "hashed", "n": "aggregated"}
