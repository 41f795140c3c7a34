"""What the entries of a Hive metastore mean, and its database read without a server."""

import json

import pytest
import sqlalchemy as sa

from detectors.model import Rows, Skipped
from scanner.connectors.hive_metastore.database import (
    COLUMNS,
    DBS,
    KEYS,
    PARAMS,
    PART_PARAMS,
    PARTITIONS,
    SDS,
    TBLS,
)
from scanner.connectors.hive_metastore.description import table_info
from scanner.connectors.hive_metastore.metastore import Metastore
from scanner.connectors.hive_metastore.records import MetastoreTable, PartitionTotals
from scanner.connectors.protocol import Access

ID = (("id", "bigint", ""),)
PLACEHOLDER = (("col", "array<string>", "from deserializer"),)


def entry(columns=ID, keys=(), parts=None, kind="MANAGED_TABLE", definition="", **parameters):
    told = {k.replace("__", "."): v for k, v in parameters.items()}
    return MetastoreTable("d", "t", kind, "me", 1_700_000_000, 0, definition, columns, keys, told, parts)


def test_no_rows_beside_some_bytes_means_nobody_counted():
    assert table_info(entry(numRows="0", totalSize="2048"), "s").rows == Rows(0, None, "unknown")
    assert table_info(entry(numRows="0", totalSize="0"), "s").rows == Rows(0, 0, "statistics")
    assert table_info(entry(numRows="-1", totalSize="-1"), "s").bytes is None


def test_partitions_are_counted_where_the_table_is_not():
    parts = PartitionTotals(3, 1_700_000_000, 1_700_086_400, 30, 3_000)
    info = table_info(entry(keys=(("dt", "string", "日期"),), parts=parts, numRows="0", totalSize="0"), "s")
    assert (info.rows.high, info.bytes, info.partitions, info.partitioned_by) == (30, 3_000, 3, ("dt",))
    assert [c.name for c in info.columns] == ["id", "dt"]
    assert info.accessed == "2023-11-15"


def test_a_schema_that_hive_cannot_read_is_taken_from_sparks_parameters():
    schema = json.dumps(
        {
            "type": "struct",
            "fields": [
                {"name": "id", "type": "long", "metadata": {}},
                {
                    "name": "who",
                    "type": {"type": "struct", "fields": [{"name": "tel", "type": "string"}]},
                    "metadata": {"comment": "联系人"},
                },
                {"name": "dt", "type": "date", "metadata": {}},
            ],
        },
        ensure_ascii=False,
    )
    parts = {
        "spark__sql__sources__schema__part__0": schema[:40],
        "spark__sql__sources__schema__part__1": schema[40:],
        "spark__sql__sources__schema__partCol__0": "dt",
    }
    info = table_info(entry(PLACEHOLDER, **parts), "s")

    assert [(c.name, c.type, c.comment) for c in info.columns] == [
        ("id", "bigint", ""),
        ("who", "struct<tel:string>", "联系人"),
        ("dt", "date", ""),
    ]
    assert info.partitioned_by == ("dt",)


def test_columns_that_only_the_files_know_are_a_skipped_table():
    found = table_info(entry(PLACEHOLDER, spark__sql__sources__provider="delta"), "s")
    assert isinstance(found, Skipped)
    assert (found.id, "delta" in found.reason) == ("s/d/t", True)


@pytest.mark.parametrize(
    ("made", "hears"),
    [
        (entry(numRows="5", totalSize="99"), True),
        (entry(spark__sql__create__version="4.0", spark__sql__sources__provider="parquet"), False),
        (entry(spark__sql__create__version="4.0", spark__sql__statistics__totalSize="99"), True),
        (
            entry(table_type="ICEBERG", metadata_location="s3://b/7.json", spark__sql__create__version="4.0"),
            True,
        ),
        (entry(spark__sql__sources__provider="delta", numRows="5"), False),
        (entry(kind="VIRTUAL_VIEW", definition="SELECT 1"), False),
    ],
    ids=["Hive", "Spark without statistics", "Spark with statistics", "Iceberg", "Delta", "view"],
)
def test_only_what_hears_of_new_rows_has_a_fingerprint(made, hears):
    assert bool(table_info(made, "s").fingerprint) is hears


def test_a_fingerprint_changes_with_schema_statistics_and_partitions():
    keys = (("dt", "string", ""),)
    made = [
        entry(),
        entry((("id", "int", ""),)),
        entry(numRows="5"),
        entry(transient_lastDdlTime="1700000001"),
        *(entry(keys=keys, parts=PartitionTotals(*x)) for x in ((1, 5), (2, 5), (2, 6))),
    ]
    assert len({table_info(e, "s").fingerprint for e in made}) == len(made)


@pytest.fixture
def database(tmp_path):
    """Two catalogues, a table of three partitions of which two have statistics, one of them nonsense."""
    url = f"sqlite:///{tmp_path / 'metastore.db'}"
    engine = sa.create_engine(url)
    with engine.begin() as c:
        for table in (DBS, TBLS, SDS, COLUMNS, KEYS, PARAMS, PARTITIONS, PART_PARAMS):
            c.exec_driver_sql(
                f'CREATE TABLE "{table.name}" ({", ".join(f"""[{x.name}]""" for x in table.c)})'
            )
        c.execute(
            DBS.insert(),
            [{"DB_ID": 1, "NAME": "d", "CTLG_NAME": "hive"}, {"DB_ID": 2, "NAME": "d", "CTLG_NAME": "other"}],
        )
        c.execute(
            TBLS.insert(),
            [
                {
                    "TBL_ID": i,
                    "DB_ID": d,
                    "SD_ID": i,
                    "TBL_NAME": n,
                    "TBL_TYPE": "MANAGED_TABLE",
                    "CREATE_TIME": 5,
                }
                for i, d, n in ((1, 1, "visits"), (2, 1, "empty"), (3, 2, "elsewhere"))
            ],
        )
        c.execute(SDS.insert(), [{"SD_ID": i, "CD_ID": i} for i in (1, 2, 3)])
        c.execute(
            COLUMNS.insert(),
            [
                {"CD_ID": 1, "COLUMN_NAME": n, "TYPE_NAME": "string", "INTEGER_IDX": i}
                for i, n in enumerate(("who", "when"))
            ],
        )
        c.execute(KEYS.insert(), [{"TBL_ID": 1, "PKEY_NAME": "dt", "PKEY_TYPE": "string", "INTEGER_IDX": 0}])
        c.execute(PARTITIONS.insert(), [{"PART_ID": i, "TBL_ID": 1, "CREATE_TIME": i} for i in (1, 2, 3)])
        c.execute(
            PART_PARAMS.insert(),
            [
                {"PART_ID": i, "PARAM_KEY": "numRows", "PARAM_VALUE": v}
                for i, v in ((1, "10"), (2, "30"), (3, "many"))
            ],
        )
    engine.dispose()
    return url


def test_partitions_with_statistics_stand_for_those_without(database):
    visits = next(
        t for t in Metastore(database, Access("s", timeout=30)).tables() if not isinstance(t, Skipped)
    )
    assert ([c.name for c in visits.columns], visits.partitions, visits.rows.high) == (
        ["who", "when", "dt"],
        3,
        60,
    )


def test_another_catalogue_is_read_when_it_is_named(database):
    assert [
        t.id for t in Metastore(database, Access("s", timeout=30)).tables() if isinstance(t, Skipped)
    ] == ["s/d/empty"]
    assert [
        t.id for t in Metastore(database, Access("s", timeout=30, options={"catalog": "other"})).tables()
    ] == ["s/d/elsewhere"]
