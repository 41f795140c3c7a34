"""Counting goes only as far as a legal line asks: statistics, a value-hash sample,
one key in the database, every row linked.
"""

import sqlite3
from datetime import date

import pytest

import scanner
from mappings.counts import open_lines
from mappings.model import Estimate
from scanner.connectors import connect
from scanner.connectors.protocol import KeyQuestion
from scanner.count import ladder

DAY = date(2026, 11, 1)
PEOPLE = 6_000
FILL = {
    "postgresql": "INSERT INTO member SELECT i, '138' || lpad(i::text, 8, '0'),"
    " CASE WHEN mod(i, 3) = 0 THEN '+86 139' || lpad(i::text, 8, '0') END FROM generate_series(1, 6000) i",
    "mariadb": "INSERT INTO member SELECT seq, CONCAT('138', LPAD(seq, 8, '0')),"
    " CASE WHEN mod(seq, 3) = 0 THEN CONCAT('+86 139', LPAD(seq, 8, '0')) END FROM seq_1_to_6000",
}


@pytest.fixture(params=["postgresql", "mariadb"])
def source(request):
    server = request.getfixturevalue(request.param)
    server.fill(
        "CREATE TABLE member (id INTEGER PRIMARY KEY, mobile VARCHAR(20), second VARCHAR(30))",
        FILL[request.param],
    )
    if request.param == "postgresql":
        server.fill("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    connector = connect(server.reader, password=server.password)
    yield connector, next(t for t in connector.tables() if t.ref.name == "member").ref
    connector.close()


def test_one_key_is_counted_in_the_database_and_rows_without_it_too(source):
    connector, ref = source

    counted = connector.key_counts(
        ref, KeyQuestion("mobile", "phone_mobile", ["id", "mobile"], [["second"]]), {}, 1
    )
    some = connector.key_counts(
        ref, KeyQuestion("second", "phone_mobile", ["id"], [["second"]]), {"id": {"le": 30}}, 1
    )

    assert counted == [(PEOPLE, 0), (PEOPLE // 3, 0)]
    assert some == [(10, 20), (10, 0)]


def test_a_value_hash_sample_brackets_the_truth(source):
    connector, ref = source
    distinct, without = connector.key_counts(
        ref, KeyQuestion("mobile", "phone_mobile", ["mobile"], []), {}, 64
    )[0]

    bound = ladder._persons_bound(distinct, without, 64, "hash_sample", True)

    assert without == 0
    assert 0 < distinct < PEOPLE / 16
    assert bound.low <= PEOPLE <= bound.high


def test_prefixes_and_blanks_do_not_make_two_people(source):
    connector, ref = source

    assert (
        connector.key_counts(ref, KeyQuestion("second", "phone_mobile", ["second"], []), {}, 1)[0][0]
        == PEOPLE // 3
    )


@pytest.mark.parametrize(
    ("low", "high", "inside"),
    [
        (0, 99_999, []),
        (0, 100_000, [100_000]),
        (100_000, 999_999, []),
        (100_000, None, [1_000_000]),
        (1_000_000, 5_000_000, []),
    ],
)
def test_a_line_is_open_where_some_counts_fall_below_and_some_reach_it(low, high, inside):
    assert open_lines(Estimate(low, low, high, "statistics"), [100_000, 1_000_000]) == inside


@pytest.fixture
def company(tmp_path, monkeypatch):
    """A thousand members; small enough to link at once, unless told that only ten rows are cheap."""
    connection = sqlite3.connect(tmp_path / "crm.db")
    connection.execute("CREATE TABLE member (id INTEGER PRIMARY KEY, name TEXT, mobile TEXT)")
    connection.executemany(
        "INSERT INTO member VALUES (?,?,?)",
        [(i, f"林{chr(0x4E00 + i)}", f"137000{i:05d}") for i in range(1, 1001)],
    )
    connection.commit()
    connection.close()

    def scan(rows, claim="", **how):
        import yaml

        flow = {
            "id": "f",
            "entity": "a",
            "recipient": {"name": "HQ"},
            "purpose": "crm",
            "fields": ["member/*"],
        }
        (tmp_path / "chujing.yaml").write_text(
            yaml.safe_dump(
                {
                    "version": 1,
                    "exporter": {
                        "id": "a",
                        "entities": ["a"],
                        "facts": {"ciio": "no", "important_data": "none", "processes_minors": "no"},
                    },
                    "sources": {"crm": {"url": "sqlite:///crm.db"}},
                    "flows": [flow],
                }
            ),
            encoding="utf-8",
        )
        monkeypatch.setattr(ladder.Ladder, "expected", property(lambda self: rows))
        monkeypatch.setattr(ladder.Ladder, "rows", property(lambda self: rows))
        return scanner.scan(str(tmp_path / "chujing.yaml"), as_of=DAY, **how).flows[0]

    return scan


def test_few_rows_are_linked_at_once(company):
    flow = company(1_000)

    assert (flow.individuals.low, flow.individuals.best, flow.individuals.high, flow.individuals.method) == (
        1_000,
        1_000,
        1_000,
        "exact",
    )


def test_statistics_raise_the_question_and_the_database_settles_it(company):
    """The catalogue believes in three million rows: lines lie inside;
    one statement in the database shows a thousand persons.
    """
    flow = company(3_000_000)

    assert flow.individuals.method == "pushdown"
    assert flow.individuals.high == 1_000
    assert {"by_pushdown", "settled"} <= set(flow.count_notes)
    assert flow.decision.path == "exempt_art5_4"


def test_exact_links_every_row_whatever_the_catalogue_says(company):
    assert company(3_000_000, exact=True).individuals == Estimate(1_000, 1_000, 1_000, "exact")


def test_a_spent_budget_leaves_bounds_and_says_what_the_next_step_costs(company):
    flow = company(3_000_000, budget=0.0)

    assert flow.individuals.method == "statistics"
    assert any(n.startswith("unsettled|100,000, 1,000,000|pushdown|3,000,000") for n in flow.count_notes)
    assert flow.decision.path == "needs_review"
