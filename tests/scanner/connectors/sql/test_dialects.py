"""What each dialect asks of its database, as SQLAlchemy compiles it and as sqlglot reads it."""

import re

import pytest
import sqlalchemy as sa
import sqlglot
from sqlalchemy.engine import make_url
from sqlalchemy.sql import quoted_name

from scanner.connectors.protocol import KeyQuestion
from scanner.connectors.sql import opening
from scanner.connectors.sql.counts import select_key_counts
from scanner.connectors.sql.dialects import TableSize, bigquery, rules
from scanner.connectors.sql.dialects.mysql import speaker
from scanner.connectors.sql.errors import explain_driver_error

DRIVERS = {
    "oracle": "oracle+oracledb",
    "mssql": "mssql+pymssql",
    "clickhouse": "clickhousedb",
    "doris": "mysql+pymysql",
    "starrocks": "mysql+pymysql",
    "tidb": "mysql+pymysql",
    "oceanbase": "mysql+pymysql",
    "snowflake": "snowflake",
    "bigquery": "bigquery",
    "duckdb": "duckdb",
    "mysql": "mysql+pymysql",
    "postgresql": "postgresql+psycopg",
}
ODD = {
    "oceanbase": "SEED",
    "doris": "REPEATABLE 7",
    "mssql": "%%physloc%%",
}  # right there, and unknown to sqlglot


def member():
    return sa.table(
        quoted_name("Member", True), sa.column(quoted_name("id", True)), schema=quoted_name("hr", True)
    )


def compiled(query, name):
    text = str(
        query.compile(
            dialect=make_url(f"{DRIVERS[name]}://u@h/d").get_dialect()(),
            compile_kwargs={"literal_binds": True},
        )
    )
    text = " ".join(text.split())
    return text if name == "mssql" else text.replace("%%", "%")


def parsed(text, name):
    if name not in ODD or ODD[name] not in text:
        sqlglot.parse_one(text, dialect=rules(name).SQLGLOT)


LARGE, SMALL = (50_000_000, 100 << 30), (50_000, 6 << 20)
SAMPLES = [
    ("oracle", LARGE, "", '"hr"."Member" SAMPLE BLOCK (0.002480) SEED (7) FETCH', "SAMPLE BLOCK"),
    (
        "oracle",
        SMALL,
        "",
        '"hr"."Member" SAMPLE BLOCK (42.317708) SEED (7) WHERE ora_hash(ROWID, 1023, 7) < 126',
        "SAMPLE BLOCK",
    ),
    ("oracle", (50_000, 1 << 20), "", '"hr"."Member" SAMPLE (5.200000) SEED (7)', "SAMPLE"),
    (
        "mssql",
        LARGE,
        "",
        "[hr].[Member] TABLESAMPLE SYSTEM (0.002480 PERCENT) REPEATABLE (8)",
        "TABLESAMPLE SYSTEM",
    ),
    (
        "mssql",
        SMALL,
        "",
        "WHERE CAST(substring(hashbytes('MD5', %%physloc%%), 1, 3) AS INTEGER) % 1024 < 126",
        "TABLESAMPLE SYSTEM",
    ),
    (
        "clickhouse",
        LARGE,
        "granules",
        "WHERE cityHash64(_part, intDiv(_part_offset, 8192), 7) % 1000000 < 5120 "
        "AND cityHash64(_part_offset, 7) % 1000000 < 10156",
        "granules by their hash",
    ),
    ("clickhouse", LARGE, "sampling key", "`hr`.`Member` SAMPLE 0.000052000 OFFSET 0.326220957", "SAMPLE"),
    ("doris", LARGE, "", "`hr`.`Member` TABLESAMPLE(8000 ROWS) REPEATABLE 7", "TABLESAMPLE of tablets"),
    ("starrocks", SMALL, "", "WHERE rand(7) < 0.06", "rand() of every row"),
    ("tidb", LARGE, "", "`hr`.`Member` TABLESAMPLE REGIONS()", "TABLESAMPLE REGIONS"),
    ("tidb", SMALL, "", "WHERE rand(7) < 0.06", "rand() of every row"),
    ("mysql", LARGE, "", "WHERE rand(7) < 0.004 LIMIT", "rand() of the first 2,000,000 rows"),
    ("oceanbase", LARGE, "", "`hr`.`Member` SAMPLE BLOCK (0.002480) SEED (7)", "SAMPLE BLOCK"),
    ("oceanbase", (50_000, 1 << 20), "", "`hr`.`Member` SAMPLE (5.200000) SEED (7)", "SAMPLE"),
    (
        "snowflake",
        LARGE,
        "",
        (
            '"hr"."Member" SAMPLE SYSTEM (0.500000) SEED (7) WHERE abs(hash("hr"."Member"."id", '
            "7)) % 1000000 < 10400"
        ),
        "SAMPLE SYSTEM",
    ),
    ("snowflake", SMALL, "", '"hr"."Member" SAMPLE ROW (5.200000) SEED (7)', "SAMPLE ROW"),
    (
        "bigquery",
        LARGE,
        "",
        "`hr`.`Member` TABLESAMPLE SYSTEM (4.000000 PERCENT) WHERE rand() < 0.0013",
        "TABLESAMPLE SYSTEM",
    ),
    ("bigquery", LARGE, "dt DATE 202611", "WHERE `dt` >= DATE '2026-11-01'", "the latest partition"),
    (
        "bigquery",
        SMALL,
        "_PARTITIONTIME TIMESTAMP 2026112507",
        "WHERE `_PARTITIONTIME` >= TIMESTAMP '2026-11-25 07:00:00'",
        "the latest partition",
    ),
    ("bigquery", SMALL, "shop INT64 4000", "WHERE `shop` >= 4000", "the latest partition"),
    ("duckdb", LARGE, "", "WHERE hash(rowid, 7) % 1048576 < 62", "hash of the row's number"),
]


@pytest.mark.parametrize(
    ("name", "size", "way", "words", "method"),
    SAMPLES,
    ids=[f"{s[0]} by {s[4]} {s[1][0]} {s[2]}" for s in SAMPLES],
)
def test_a_sample_is_drawn_by_the_server(name, size, way, words, method):
    source, tests, how = rules(name).sample_clause(
        member(), 2_000, TableSize(*size, has_integer_key=False, hint=way), 7
    )
    text = compiled(sa.select(*source.c).where(*tests).limit(8_000), name)

    assert how == method
    assert words in text
    assert (
        text.count("Member")
        == text.count("Member`.`id") + text.count('Member"."id') + text.count("Member].[id") + 1
    )
    assert not re.search(r"order by|count\(", text, re.I)
    parsed(text, name)


@pytest.mark.parametrize("name", DRIVERS)
def test_a_small_table_is_read_whole_and_one_of_unknown_size_is_not_sampled(name):
    assert (
        rules(name).sample_clause(member(), 2_000, TableSize(3_000, 1 << 20, has_integer_key=False), 7)
        is None
    )
    assert rules(name).sample_clause(member(), 2_000, TableSize(None, None, has_integer_key=False), 7) is None


CRC32 = (
    "floor((crc32(upper(replace(replace(CAST(`hr`.`Member`.`id` AS CHAR), ' ', ''), '-', "
    "''))) * 2654435761) / 65536) % 16 = 0"
)
SHARES = {
    "oracle": (
        'ora_hash(upper(replace(replace(CAST("hr"."Member"."id" AS VARCHAR2(4000 CHAR)), \' \', \'\'), '
        "'-', '')), 15) = 0"
    ),
    "mssql": (
        "CAST(substring(hashbytes('MD5', upper(replace(replace(CAST([hr].[Member].[id] AS NVARCHAR(max)), "
        "' ', ''), '-', ''))), 1, 3) AS INTEGER) % 16 = 0"
    ),
    "clickhouse": (
        "cityHash64(upper(replace(replace(toString(`hr`.`Member`.`id`), ' ', ''), '-', ''))) % 16 = 0"
    ),
    "doris": (
        "murmur_hash3_32(upper(replace(replace(CAST(`hr`.`Member`.`id` AS CHAR), ' ', ''), '-', ''))) & 15"
    ),
    "starrocks": (
        "murmur_hash3_32(upper(replace(replace(CAST(`hr`.`Member`.`id` AS CHAR), ' ', ''), '-', ''))) & 15"
    ),
    "tidb": CRC32,
    "oceanbase": CRC32,
    "snowflake": (
        "abs(hash(upper(replace(replace(CAST(\"hr\".\"Member\".\"id\" AS VARCHAR), ' ', ''), '-', "
        "'')))) % 16 = 0"
    ),
    "bigquery": (
        "farm_fingerprint(upper(replace(replace(CAST(`Member`.`id` AS STRING), ' ', ''), '-', ''))) & 15"
    ),
    "duckdb": (
        "hash(upper(replace(replace(CAST(\"hr\".\"Member\".\"id\" AS VARCHAR), ' ', ''), '-', ''))) % 16 = 0"
    ),
}


@pytest.mark.parametrize(("name", "words"), SHARES.items(), ids=SHARES)
def test_distinct_keys_of_a_part_are_counted_in_one_statement(name, words):
    query = select_key_counts(
        member(), KeyQuestion("id", "resident_id", ["id"]), lambda v: rules(name).share_of(v, 16)
    )
    text = compiled(query, name)

    assert words in text
    assert ("!= ''" in text) is (name != "oracle")  # where an empty text is null
    parsed(text, name)


@pytest.mark.parametrize(
    ("words", "name"),
    {
        "5.7.99 Doris version doris-2.1.7-rc03": "doris",
        "8.0.33 StarRocks version 3.3.5": "starrocks",
        "8.0.11-TiDB-v7.5.0 TiDB Server (Apache License 2.0)": "tidb",
        "5.7.25-OceanBase-v4.2.1.0 OceanBase 4.2.1.0": "oceanbase",
        "10.11.6-MariaDB Debian 12": "mysql",
        "8.4.2 MySQL Community Server - GPL": "mysql",
    }.items(),
)
def test_a_server_behind_the_mysql_protocol_is_known_by_its_version(words, name):
    assert speaker(words) == name


@pytest.mark.parametrize(
    ("url", "driver"),
    {
        "doris://r@fe:9030/dw": "mysql+pymysql",
        "starrocks://r@fe:9030/dw": "mysql+pymysql",
        "tidb://r@h/dw": "mysql+pymysql",
        "oceanbase://r@h/dw": "mysql+pymysql",
        "oracle://r@h/?service_name=x": "oracle+oracledb",
        "mssql://r@h/dw": "mssql+pymssql",
        "clickhouse://r@h/dw": "clickhousedb+connect",
        "mariadb://r@h/dw": "mariadb+pymysql",
        "postgresql+psycopg2://r@h/d": "postgresql+psycopg2",
    }.items(),
)
def test_a_url_without_a_driver_gets_ours(url, driver):
    assert opening.parse_url(url, "s3cret").drivername == driver


class TestSessions:
    """Read-only where the server has it, and limits everywhere."""

    def test_clickhouse(self):
        given = rules("clickhouse").arguments(make_url("clickhousedb+connect://r@h/d"), 60, {})
        assert given["settings"] == {"readonly": 2, "max_execution_time": 60}
        assert given["send_receive_timeout"] == 65

    def test_snowflake(self):
        given = rules("snowflake").arguments(
            make_url("snowflake://r@acme/d"), 60, {"warehouse": "small", "other": "x"}
        )
        assert given["session_parameters"]["STATEMENT_TIMEOUT_IN_SECONDS"] == 60
        assert given["session_parameters"]["QUERY_TAG"] == "chujing"
        assert given["warehouse"] == "small" and "other" not in given

    def test_mssql(self):
        given = rules("mssql").arguments(make_url("mssql+pymssql://r@h/d"), 60, {})
        assert (given["read_only"], given["timeout"], given["login_timeout"]) == (True, 60, 15)

    def test_bigquery(self):
        assert bigquery.prepare_url(make_url("bigquery://p/d"), {}).query["maximum_bytes_billed"] == str(
            10 << 30
        )
        assert (
            bigquery.prepare_url(make_url("bigquery://p/d?maximum_bytes_billed=5"), {}).query[
                "maximum_bytes_billed"
            ]
            == "5"
        )
        assert bigquery.REPEATABLE is False


@pytest.mark.parametrize(
    ("words", "what"),
    {
        "ORA-00942: table or view does not exist": "gone since it was listed",
        "ORA-01017: invalid username/password; logon denied": "wrong user or password",
        "The SELECT permission was denied on the object 'salary'": "permission denied",
        "Lock request time out period exceeded.": "locked by another session",
        "Code: 159. DB::Exception: Timeout exceeded: elapsed 60.1 seconds": "time limit reached",
        "Code: 497. DB::Exception: r: Not enough privileges.": "permission denied",
        "Lost connection to MySQL server during query (timed out)": "no answer within the time limit",
        "SQL access control error: Insufficient privileges to operate on table": "permission denied",
        "Query exceeded limit for bytes billed: 10737418240.": "more bytes than allowed would be billed",
        'database "zz" does not exist': "no such database",
        'column "gone" of relation "member" does not exist': "gone since it was listed",
    }.items(),
)
def test_what_a_driver_says_is_told_in_our_words(words, what):
    assert explain_driver_error(Exception(words))[0] == what
