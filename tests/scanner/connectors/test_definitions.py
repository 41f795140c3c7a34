"""Definitions as a source: the same tables in five dialects, broken statements, manifests and schemas."""

import json
import random
import re

import pytest

import scanner
from detectors.errors import SourceError
from detectors.model import ColumnInfo, Skipped, TableInfo
from scanner.connectors import connect
from scanner.connectors.definitions.ddl import read_definitions

NAMES = ("mobile", "id_card", "user name", "order", "姓名", "createTime", "addr2", "group", "key_no", "备注")
COMMENTS = ("", "手机号码", "it''s; a -- note", "a,b (c)", "身份证", 'say "x"')
KINDS = {
    "mysql": ("bigint(20)", "varchar(64)", "datetime", "decimal(10,2)", "enum('a','b')", "json"),
    "postgres": (
        "bigint",
        "character varying(64)",
        "timestamp with time zone",
        "numeric(10,2)",
        "text[]",
        "jsonb",
    ),
    "oracle": ("NUMBER(10)", "VARCHAR2(64 CHAR)", "DATE", "CLOB"),
    "tsql": ("bigint", "nvarchar(64)", "datetime2(7)", "nvarchar(max)"),
    "sqlite": ("INTEGER", "TEXT", "REAL"),
    "hive": ("bigint", "string", "timestamp", "decimal(10,2)", "array<string>", "map<string,int>"),
    "clickhouse": ("UInt64", "String", "DateTime64(3)", "LowCardinality(String)", "Nullable(String)"),
}
QUOTES = {
    "mysql": "``",
    "postgres": '""',
    "oracle": '""',
    "tsql": "[]",
    "sqlite": '""',
    "hive": "``",
    "clickhouse": "``",
}
INSIDE = ("mysql", "hive", "clickhouse")  # where a comment stands in its column
COMMENTED = (*INSIDE, "postgres", "oracle", "tsql")


def drawn_tables(draw):
    """Tables as (name, comment, [(column, type index, comment)])."""
    return [
        (
            f"{draw.choice(('crm', 't_user', '会员', 'Order'))}{i}",
            draw.choice(COMMENTS),
            [
                (name, draw.randrange(9), draw.choice(COMMENTS))
                for name in draw.sample(NAMES, draw.randrange(1, 9))
            ],
        )
        for i in range(draw.randrange(1, 6))
    ]


def described(comment, table, column=None):
    """A description of SQL Server, by names as its tools write it or by place as people do."""
    places = ["SCHEMA", "dbo", "TABLE", table] + (["COLUMN", column] if column else [])
    if column:
        return (
            f"EXEC sp_addextendedproperty 'MS_Description', N'{comment}', '" + "', '".join(places) + "'\nGO\n"
        )
    named = [f"@level{i // 2}{'name' if i % 2 else 'type'}=N'{place}'" for i, place in enumerate(places)]
    return (
        "EXEC sys.sp_addextendedproperty @name=N'MS_Description', @value=N'"
        + comment
        + "', "
        + ",".join(named)
        + "\nGO\n"
    )


def written(tables, dialect, draw):
    """The tables as somebody's tool would dump them in a dialect."""
    opening, closing = QUOTES[dialect]
    lines = [draw.choice(("", "-- dumped; by a tool\n", "/* a; comment */\n", "SET NAMES utf8;\n"))]
    later = []
    for table, about, columns in tables:
        quoted = f"{opening}{table}{closing}"
        prefix = draw.choice(
            ("", {"tsql": "[dbo].", "postgres": "public.", "oracle": "HR."}.get(dialect, ""))
        )
        body = []
        for name, kind, comment in columns:
            text = f"  {opening}{name}{closing} {KINDS[dialect][kind % len(KINDS[dialect])]}"
            if dialect not in ("hive", "clickhouse"):
                text += draw.choice(("", " NOT NULL", " DEFAULT NULL" if dialect != "oracle" else " NULL"))
            if comment and dialect in INSIDE:
                text += f" COMMENT '{comment}'"
            elif comment and dialect in ("postgres", "oracle"):
                later.append(f"COMMENT ON COLUMN {prefix}{quoted}.{opening}{name}{closing} IS '{comment}';\n")
            elif comment and dialect == "tsql":
                later.append(described(comment, table, name))
            body.append(text)
        first = f"{opening}{columns[0][0]}{closing}"
        if dialect not in ("hive", "clickhouse"):
            body += draw.choice(
                ([], [f"  PRIMARY KEY ({first})"], [f"  CONSTRAINT {opening}pk{closing} UNIQUE ({first})"])
            )
        tail = {
            "mysql": f" ENGINE=InnoDB COMMENT='{about}'",
            "hive": f" COMMENT '{about}' STORED AS ORC",
            "clickhouse": f" ENGINE = MergeTree() ORDER BY tuple() COMMENT '{about}'",
        }.get(dialect, "")
        end = "\nGO\n" if dialect == "tsql" else ";\n"
        lines.append(f"CREATE TABLE {prefix}{quoted} (\n" + ",\n".join(body) + f"\n){tail}{end}")
        if about and dialect in ("postgres", "oracle"):
            later.append(f"COMMENT ON TABLE {prefix}{quoted} IS '{about}';\n")
        elif about and dialect == "tsql":
            later.append(described(about, table))
    return "".join(lines + later)


@pytest.mark.parametrize("dialect", KINDS)
@pytest.mark.parametrize("seed", range(20))
def test_tables_columns_and_comments_are_those_that_were_written(dialect, seed):
    draw = random.Random(seed)
    tables = drawn_tables(draw)
    definitions = read_definitions(written(tables, dialect, draw))
    told = dialect in COMMENTED

    assert not definitions.unclear and not definitions.rows
    seen = {info.ref.name: info for info in definitions.tables.values()}
    assert [*seen] == [table for table, _, _ in tables]
    for table, about, columns in tables:
        info = seen[table]
        assert [c.name for c in info.columns] == [name for name, _, _ in columns]
        assert all(c.type for c in info.columns)
        said = [comment.replace("''", "'") if told else "" for _, _, comment in columns]
        assert [c.comment for c in info.columns] == said
        assert info.comment == (about.replace("''", "'") if told else "")


@pytest.mark.parametrize("dialect", KINDS)
@pytest.mark.parametrize("seed", range(12))
def test_a_table_that_is_defined_again_loses_no_column_unless_it_was_dropped(dialect, seed):
    draw = random.Random(seed)
    (table, about, columns), *others = drawn_tables(draw)
    quoted = table.join(QUOTES[dialect])
    again = [(name + "_2", kind, "") for name, kind, _ in columns] + draw.sample(columns, 1)
    prefix = draw.choice(("", "IF EXISTS "))
    end = "\nGO\n" if dialect == "tsql" else ";\n"
    between = draw.choice(("", f"DROP TABLE {prefix}{quoted}{end}"))
    plain = random.Random(0)                  # the same names of tables before and behind
    plain.choice = lambda choices: choices[0]
    text = "".join((
        written([(table, about, columns), *others], dialect, plain), end, between,
        written([(table, about, again)], dialect, plain),
    ))
    definitions = read_definitions(text)
    seen = {info.ref.name: {c.name for c in info.columns} for info in definitions.tables.values()}
    before = set() if between else {name for name, _, _ in columns}
    assert seen[table] == before | {name for name, _, _ in again}
    assert all(seen[other] == {name for name, _, _ in columns} for other, _, columns in others)


@pytest.mark.parametrize("words", ["CREATE OR REPLACE TABLE", "create or replace table"])
def test_a_table_that_is_replaced_has_the_new_columns_alone(words):
    text = f"CREATE TABLE a (mobile text);\n{words} a (email text);"
    (info,) = read_definitions(text).tables.values()
    assert [c.name for c in info.columns] == ["email"]


@pytest.mark.parametrize("seed", range(20))
def test_a_broken_statement_costs_itself_and_is_named_by_its_line(seed):
    draw = random.Random(seed)
    dialect = draw.choice([*KINDS])
    tables = drawn_tables(draw)
    text = written(tables, dialect, draw)
    broken = draw.choice(
        (
            "CREATE TABLE ???;\n",
            "CREATE TABLE x (a int,, b ((( text;\n",
            "CREATE TABLE y (phone !! varchar(2) ^^^);\n",
        )
    )
    place = text.find("CREATE TABLE", draw.randrange(len(text) // 2)) if draw.random() < 0.7 else len(text)
    place = len(text) if place < 0 else place
    definitions = read_definitions(text[:place] + broken + text[place:])

    assert {table for table, _, _ in tables} <= {ref.name for ref in definitions.tables}
    assert [line for line, _ in definitions.unclear] == [text.count("\n", 0, place) + 1]


def told(definitions):
    """What is told of each table: its comment, its columns with theirs."""
    return {
        ref.name: (info.comment, [(c.name, c.comment) for c in info.columns])
        for ref, info in definitions.tables.items()
    }


BETWEEN = r'(?<=[`"\])\n]) '  # behind a name or before one, not inside
SLIPS = (  # what a statement may suffer, by its text and a place in it
    lambda text, i: text[: text.find("(", i)] + text[text.find("(", i) + 1 :],
    lambda text, i: text[:i] + "'" + text[i:],
    lambda text, i: text[:i] + ")" + text[i:],
    lambda text, i: text[:i] + " ??? !! " + text[i:],
    lambda text, i: text[: max(i, 20)],
    lambda text, i: text.replace(",", "", 1),
    lambda text, i: text.replace(",", ",,", 1),
    lambda text, i: text.replace("(", "", 1),
    lambda text, i: text[: text.rfind(")")],
    lambda text, i: text.replace("CREATE", "CREAT", 1),
    lambda text, i: text.replace("TABLE", "TABEL", 1),
    lambda text, i: text.replace("CREATE ", "", 1),
    lambda text, i: text.replace("'", "", 1),
)


@pytest.mark.parametrize("dialect", KINDS)
@pytest.mark.parametrize("seed", range(40))
def test_what_a_slip_costs_is_named_and_no_other_table_loses_anything(dialect, seed):
    """Between each two statements a broken one: the others are as they were, and a loss has its line."""
    draw = random.Random(seed)
    tables = drawn_tables(draw)
    whole = told(read_definitions(written(tables, dialect, random.Random(seed))))
    end = "\nGO\n" if dialect == "tsql" else ";\n"
    pieces = written(tables, dialect, random.Random(seed)).split(end)
    text, lines = "", {}
    for number, piece in enumerate(pieces):
        (table,) = drawn_tables(draw)[:1]
        name = f"broken{number}"
        sound = written([(name, *table[1:])], dialect, draw)
        sound = sound[sound.index("CREATE") :].split(end)[0]
        broken = draw.choice(SLIPS)(sound, draw.choice([m.start() for m in re.finditer(BETWEEN, sound)]))
        lines[name] = (text.count("\n") + 1, [column for column, _, _ in table[2]])
        text += broken + end + piece + (end if number + 1 < len(pieces) else "")
    definitions = read_definitions(text)

    assert {name: info for name, info in told(definitions).items() if "broken" not in name} == whole
    unclear = [line for line, _ in definitions.unclear]
    assert len(unclear) == len(set(unclear))
    for name, (line, columns) in lines.items():
        seen = [c.name for info in definitions.tables.values() if info.ref.name == name for c in info.columns]
        assert line in unclear or set(columns) <= set(seen), (text, name)


@pytest.mark.parametrize(
    "statement",
    [
        "COMMENT ON COLUMN p.m IS 手机",
        "COMMENT ON p.m IS 'x'",
        "ALTER TABLE p ADD",
        "ALTER TABLE p ADD ((( x",
    ],
)
def test_a_change_that_is_not_understood_has_its_line(statement):
    definitions = read_definitions(f"create table p (m text);\n{statement};\ncreate table q (n text);")

    assert definitions.unclear == [(2, "")] and len(definitions.tables) == 2


def test_later_statements_rename_describe_move_and_drop_columns():
    definitions = read_definitions(
        "create table p (a int, b text, c text, load float, `set` int,\n use int,\n comment text\n);\n"
        "alter table p modify column b varchar(9) comment '手机', drop column c, add index i (b);\n"
        "alter table p change a aa int comment '姓名';\nalter table p rename column b to mobile;\n"
        "alter table p add (x int, y struct<m:string,n:int>), comment = '客户';\nalter table p rename to q;\n"
        "alter table z add columns (w string comment 'x');\ncreate index j on p (a);\n"
        "comment on schema s is 'x';"
    )
    first, second = definitions.tables.values()

    assert not definitions.unclear and (first.ref.name, first.comment) == ("q", "客户")
    assert [(c.name, c.comment) for c in first.columns] == [
        ("aa", "姓名"),
        ("mobile", "手机"),
        ("load", ""),
        ("set", ""),
        ("use", ""),
        ("comment", ""),
        ("x", ""),
        ("y", ""),
    ]
    assert [(c.name, c.comment) for c in second.columns] == [("w", "x")]


def test_rows_of_a_dump_are_no_statements():
    definitions = read_definitions(
        "CREATE TABLE a (m text);\nCOPY public.a (m) FROM stdin;\nCREATE TABLE zz (mobile text);\n;'\n\\.\n"
        "INSERT INTO a VALUES ('x\nCREATE TABLE yy (n text);\n');\nCREATE TABLE b (m text);"
    )

    assert [ref.name for ref in definitions.tables] == ["a", "b"] and definitions.rows == 2


def test_comments_behind_columns_rows_views_and_added_columns():
    definitions = read_definitions(
        "create table p (\n  id int primary key,\n  m varchar(20), -- 手机号\n  n text -- 姓名\n);\n"
        "alter table p add column mail text comment '邮箱';\ninsert into p values (1, 'a;b', 'c');\n"
        "create view v as select 1;\ncreate table q as select * from p;\n"
    )
    (info,) = definitions.tables.values()

    assert [(c.name, c.comment) for c in info.columns] == [
        ("id", ""),
        ("m", "手机号"),
        ("n", "姓名"),
        ("mail", "邮箱"),
    ]
    assert info.columns[0].primary_key and definitions.rows == 1 and not definitions.unclear


@pytest.mark.parametrize(
    "words", ["AS SELECT id FROM a", "AS (SELECT 1)", "AS WITH x AS (SELECT 1) SELECT * FROM x"],
)
def test_a_table_that_a_query_fills_is_named_and_a_view_is_not(words):
    definitions = read_definitions(
        f"CREATE TABLE a (id int);\nCREATE VIEW v {words};\nCREATE TABLE b {words};\n"
        f"CREATE TEMPORARY TABLE IF NOT EXISTS c {words};"
    )
    assert [ref.name for ref in definitions.tables] == ["a"]
    assert (definitions.queries, definitions.unclear) == ([3, 4], [])


def test_a_scan_of_ddl_judges_names_and_says_what_it_did_not_read(tmp_path):
    file = tmp_path / "schema.sql"
    file.write_text(
        "CREATE TABLE member (mobile varchar(20) COMMENT '手机号码', n int);\n"
        "INSERT INTO member VALUES ('13912345678', 1);\n",
        encoding="gb18030",
    )
    report = scanner.scan(str(file))

    assert report.find("手机")["column"].tolist() == ["schema/member/mobile"]
    assert [t.status for t in report.tables] == ["metadata_only"]
    assert len(report.skipped) == 1 and "13912345678" not in repr(report.skipped)


def tables_of(path):
    listed = [*connect(str(path), name="s").tables()]
    return {t.ref.name: t for t in listed if isinstance(t, TableInfo)}, [
        s for s in listed if isinstance(s, Skipped)
    ]


def test_dbt_avro_and_json_schema_give_their_columns(tmp_path):
    (tmp_path / "manifest.json").write_text(
        json.dumps(
            {
                "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json"},
                "nodes": {
                    "model.a.users": {
                        "resource_type": "model",
                        "schema": "dw",
                        "name": "users",
                        "description": "用户",
                        "columns": {"mobile": {"name": "mobile", "description": "手机"}},
                    },
                    "test.a": {"resource_type": "test", "name": "t"},
                },
                "sources": {
                    "source.a.raw": {
                        "resource_type": "source",
                        "schema": "raw",
                        "identifier": "RAW",
                        "name": "raw",
                        "columns": {"id": {"name": "id", "data_type": "int"}},
                    }
                },
            }
        ),
        encoding="utf-8",
    )
    (tmp_path / "person.avsc").write_text(
        json.dumps(
            {
                "type": "record",
                "name": "person",
                "doc": "people",
                "fields": [
                    {"name": "mobile", "type": ["null", "string"], "doc": "手机"},
                    {
                        "name": "homes",
                        "type": {
                            "type": "array",
                            "items": {
                                "type": "record",
                                "name": "home",
                                "fields": [{"name": "street", "type": "string"}],
                            },
                        },
                    },
                    {"name": "work", "type": "home"},
                ],
            }
        ),
        encoding="utf-8",
    )
    (tmp_path / "person.schema.json").write_text(
        json.dumps(
            {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "properties": {
                    "mobile": {"type": "string", "description": "手机"},
                    "boss": {"$ref": "#"},
                    "homes": {"type": "array", "items": {"$ref": "#/$defs/home"}},
                },
                "$defs": {"home": {"properties": {"street": {"type": "string"}}}},
            }
        ),
        encoding="utf-8",
    )

    dbt, _ = tables_of(tmp_path / "manifest.json")
    assert dbt["users"].columns == (ColumnInfo("mobile", "", "手机"),) and dbt["RAW"].ref.schema == "raw"
    avro, _ = tables_of(tmp_path / "person.avsc")
    assert [c.name for c in avro["person"].columns] == ["mobile", "homes[].street", "work.street"]
    schema, _ = tables_of(tmp_path / "person.schema.json")
    assert {"mobile", "homes[].street"} <= {c.name for c in schema["person"].columns}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"type": "record"}', b"\xff\xfe\x00", b"\x00" * 50])
@pytest.mark.parametrize("suffix", ["sql", "avsc", "ddl"])
def test_a_file_that_defines_nothing_is_one_line(tmp_path, content, suffix):
    file = tmp_path / f"x.{suffix}"
    file.write_bytes(content)
    try:
        tables, _ = tables_of(file)
    except SourceError as e:
        assert str(e)
    else:
        assert all(not info.columns for info in tables.values())
    assert scanner.scan(str(file)).skipped


SPELLED = ("member", "MEMBER", "crm.member", "CRM.Member", "`crm`.`member`", '"member"')


@pytest.mark.parametrize("created", ["member", "crm.member"])
@pytest.mark.parametrize("name", SPELLED)
def test_every_statement_takes_the_same_name_for_the_same_table(created, name):
    """COMMENT, ALTER and DROP agree on which table a name speaks of."""
    create = f"CREATE TABLE {created} (a int, b int);"
    commented = read_definitions(f"{create} COMMENT ON TABLE {name} IS '会员';").tables
    altered = read_definitions(f"{create} ALTER TABLE {name} ADD COLUMN c int;").tables
    dropped = read_definitions(f"{create} DROP TABLE {name}; CREATE TABLE {created} (d int);").tables

    assert [info.comment for info in commented.values()] == ["会员"]
    assert [[c.name for c in info.columns] for info in altered.values()] == [["a", "b", "c"]]
    assert [[c.name for c in info.columns] for info in dropped.values()] == [["d"]]


def test_a_bare_name_that_two_schemas_have_is_neither_and_is_told():
    both = "CREATE TABLE crm.member (a int);\nCREATE TABLE hr.member (b int);\n"
    for change in ("COMMENT ON TABLE member IS '会员';", "ALTER TABLE member ADD COLUMN c int;"):
        definitions = read_definitions(both + change)
        assert [line for line, _ in definitions.unclear] == [3]
        assert all(not info.comment and len(info.columns) == 1 for info in definitions.tables.values())
    kept = read_definitions(both + "DROP TABLE member; CREATE TABLE crm.member (d int);").tables
    assert sorted(c.name for info in kept.values() for c in info.columns) == ["a", "b", "d"]
