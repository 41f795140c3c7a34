"""What dialects make of their database's catalogue, on rows as these databases give them;
and that sqlglot can read what is asked.
"""

import pytest
import sqlglot
from sqlalchemy.engine import make_url

from detectors.model import Skipped
from scanner.connectors.sql.dialects import rules


class Rows(list):
    """Rows of a statement."""

    def all(self):
        return self

    def mappings(self):
        return self

    def scalars(self):
        return Rows(r[0] for r in self)


class Recorded:
    """A connection that answers from a table of (words of the statement, rows)
    and notes what it was asked.
    """

    def __init__(self, url, answers):
        self.dialect = make_url(url).get_dialect()()
        self.answers, self.asked = answers, []

    def execute(self, statement, values=None):
        text = " ".join(str(statement.compile(dialect=self.dialect)).split())
        self.asked.append(text)
        return Rows(next((rows for words, rows in self.answers if words in text), []))


CASES = {
    "oracle": (
        "oracle+oracledb://r@h/d",
        "",
        [
            (
                "all_tab_columns",
                [
                    ("HR", "MEMBER", "ID", "NUMBER", 0, 10, 0, None, "N"),
                    ("HR", "MEMBER", "MOBILE", "VARCHAR2", 20, None, None, "手机号", "Y"),
                    ("HR", "V", "ID", "NUMBER", 0, None, None, None, "Y"),
                ],
            ),
            (
                "all_constraints",
                [
                    ("HR", "MEMBER", "P", "PK", "ID", None, None, None),
                    ("HR", "MEMBER", "R", "FK", "MOBILE", "HR", "PHONE", "NO"),
                ],
            ),
            ("all_part_tables", [("HR", "MEMBER", 4, "ID")]),
            ("all_tab_comments", [("HR", "MEMBER", "会员")]),
            ("all_views", [("HR", "V", "SELECT id FROM member")]),
            ("all_tables", [("HR", "MEMBER", 300, 2)]),
        ],
        {"schema": "HR", "type": "varchar2(20)", "bytes": 16_384, "owner": "HR", "by": ("ID",), "parts": 4},
    ),
    "mssql": (
        "mssql+pymssql://r@h/d",
        "d",
        [
            (
                "FROM sys.columns",
                [
                    ("HR", "MEMBER", "ID", "int", 4, 10, 0, None, False),
                    ("HR", "MEMBER", "MOBILE", "nvarchar", 40, 0, 0, "手机号", True),
                    ("HR", "V", "ID", "int", 4, 10, 0, None, True),
                ],
            ),
            ("is_primary_key", [("HR", "MEMBER", "ID")]),
            ("foreign_key_columns", [("HR", "MEMBER", "FK", "MOBILE", "HR", "PHONE", "NO")]),
            ("partition_ordinal", [("HR", "MEMBER", "ID")]),
            (
                "WITH stored",
                [
                    ("HR", "MEMBER", "U ", "会员", 300, 2, None, "dbo", 4),
                    (
                        "HR",
                        "V",
                        "V ",
                        None,
                        None,
                        None,
                        "CREATE VIEW v AS SELECT id FROM member",
                        "dbo",
                        None,
                    ),
                ],
            ),
        ],
        {"schema": "HR", "type": "nvarchar(20)", "bytes": 16_384, "owner": "dbo", "by": ("ID",), "parts": 4},
    ),
    "clickhouse": (
        "clickhousedb://r@h/d",
        "d",
        [
            (
                "system.columns",
                [
                    ("d", "MEMBER", "ID", "UInt64", "", 1, 1),
                    ("d", "MEMBER", "MOBILE", "Nullable(String)", "手机号", 0, 0),
                    ("d", "V", "ID", "UInt64", "", 0, 0),
                ],
            ),
            ("uniqExact", [("d", "MEMBER", 4)]),
            (
                "system.tables",
                [
                    ("d", "MEMBER", "ReplicatedMergeTree", "会员", 300, 16_384, ""),
                    ("d", "V", "View", "", None, None, "SELECT id FROM member"),
                ],
            ),
        ],
        {"schema": "", "type": "nullable(string)", "bytes": 16_384, "owner": "", "by": ("ID",), "parts": 4},
    ),
    "snowflake": (
        "snowflake://r@acme/d/hr",
        "d/hr",
        [
            (
                "information_schema.columns",
                [
                    ("HR", "MEMBER", "ID", "NUMBER", None, None, "NO"),
                    ("HR", "MEMBER", "MOBILE", "TEXT", 20, "手机号", "YES"),
                    ("HR", "V", "ID", "NUMBER", None, None, "YES"),
                ],
            ),
            (
                "PRIMARY KEYS",
                [{"schema_name": "HR", "table_name": "MEMBER", "column_name": "ID", "key_sequence": 1}],
            ),
            (
                "IMPORTED KEYS",
                [
                    {
                        "fk_schema_name": "HR",
                        "fk_table_name": "MEMBER",
                        "fk_name": "FK",
                        "fk_column_name": "MOBILE",
                        "pk_schema_name": "HR",
                        "pk_table_name": "PHONE",
                        "pk_column_name": "NO",
                        "key_sequence": 1,
                    }
                ],
            ),
            ("information_schema.views", [("HR", "V", "SELECT id FROM member")]),
            (
                "information_schema.tables",
                [
                    ("HR", "MEMBER", "BASE TABLE", "会员", 300, 16_384, "SYSADMIN", "2026-11-25 07:00:00"),
                    ("HR", "V", "VIEW", None, None, None, "SYSADMIN", "2026-11-25 07:00:00"),
                ],
            ),
        ],
        {"schema": "HR", "type": "text(20)", "bytes": 16_384, "owner": "SYSADMIN", "by": (), "parts": None},
    ),
    "bigquery": (
        "bigquery://p/d",
        "d",
        [
            (
                "COLUMN_FIELD_PATHS",
                [("MEMBER", "MOBILE", "MOBILE", "手机号"), ("MEMBER", "MOBILE", "MOBILE.x", "no")],
            ),
            (
                "COLUMNS",
                [
                    ("MEMBER", 2, "MOBILE", "STRING", "YES", "NO"),
                    ("MEMBER", 1, "ID", "INT64", "NO", "YES"),
                    ("V", 1, "ID", "INT64", "YES", "NO"),
                ],
            ),
            ("TABLE_OPTIONS", [("MEMBER", "description", '"会员"')]),
            ("VIEWS", [("V", "SELECT id FROM member")]),
            ("__TABLES__", [("MEMBER", 300, 16_384, 1_764_000_000_000), ("V", 0, 0, 1)]),
            ("TABLES", [("MEMBER", "BASE TABLE"), ("V", "VIEW")]),
        ],
        {"schema": "", "type": "string", "bytes": 16_384, "owner": "", "by": ("ID",), "parts": None},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_catalogue_becomes_tables(name):
    url, database, answers, told = CASES[name]
    connection = Recorded(url, answers)
    member, view = list(rules(name).tables(connection, database))

    assert (member.ref.schema, member.ref.name, member.comment, member.rows.high) == (
        told["schema"],
        "MEMBER",
        "会员",
        300,
    )
    assert [c.name for c in member.columns] == ["ID", "MOBILE"]
    assert [c.comment for c in member.columns] == ["", "手机号"]
    assert [c.nullable for c in member.columns] == [False, True]
    assert member.columns[1].type == told["type"]
    assert member.columns[0].primary_key is (name != "bigquery")
    assert [f.target.name for f in member.foreign_keys] == (
        [] if name in ("clickhouse", "bigquery") else ["PHONE"]
    )
    assert (member.bytes, member.owner, member.partitioned_by, member.partitions) == (
        told["bytes"],
        told["owner"],
        told["by"],
        told["parts"],
    )
    assert (view.kind, "FROM member" in view.definition, view.rows.high) == ("view", True, None)
    for statement in connection.asked:
        sqlglot.parse_one(statement.replace("%(", "(").replace(")s", ")"), dialect=rules(name).SQLGLOT)


@pytest.mark.parametrize("name", CASES)
def test_a_table_without_a_column_that_may_be_seen_is_named(name):
    url, database, answers, _ = CASES[name]
    bare = [(w, []) if rows and len(rows) == 3 else (w, rows) for w, rows in answers]
    found = list(rules(name).tables(Recorded(url, bare), database))

    assert {type(t) for t in found} == {Skipped}
    assert any("GRANT" in t.hint for t in found)


def test_partitions_that_bigquery_requires_are_looked_up_in_bulk():
    connection = Recorded(
        "bigquery://p/d",
        [
            (
                "TABLE_OPTIONS",
                [("visit", "require_partition_filter", "true"), ("log", "require_partition_filter", "true")],
            ),
            ("COLUMNS", [("visit", "day", "DATE", "YES"), ("visit", "id", "INT64", "NO")]),
            (
                "PARTITIONS",
                [
                    ("visit", "20261124", 5),
                    ("visit", "20261125", 9),
                    ("visit", "20261126", 0),
                    ("visit", "__NULL__", 3),
                    ("log", "2026112507", 4),
                ],
            ),
        ],
    )
    assert rules("bigquery").sampling_hints(connection, "d") == {
        ("d", "visit"): "day DATE 20261125",
        ("d", "log"): "_PARTITIONTIME TIMESTAMP 2026112507",
    }


def test_clickhouse_tells_how_a_table_can_be_sampled():
    connection = Recorded(
        "clickhousedb://r@h/d",
        [
            (
                "system.tables",
                [
                    ("d", "a", "MergeTree", "intHash32(id)"),
                    ("d", "b", "ReplacingMergeTree", ""),
                    ("d", "c", "Distributed", ""),
                    ("d", "v", "View", ""),
                ],
            )
        ],
    )
    assert rules("clickhouse").sampling_hints(connection, "d") == {
        ("d", "a"): "sampling key",
        ("d", "b"): "granules",
    }
