"""Delta and Iceberg tables: the current snapshot only, less deleted rows, with comments and partitions."""

import base64
import json
import shutil
import struct
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.typedef import Record
from pyiceberg.types import ListType, LongType, NestedField, StringType, StructType, TimestampType
from pyroaring import BitMap

from detectors.errors import ConfigError, SourceError
from detectors.model import Skipped
from scanner.connectors import connect
from scanner.connectors.files import source_file
from scanner.connectors.lake.iceberg_table import IcebergDataFile
from scanner.connectors.sampling import positions
from scanner.testing import ConnectorContract, member_rows, rows_of

COMMENTED = pa.schema(
    [
        pa.field("id", pa.int64()),
        pa.field("mobile", pa.string(), metadata={"comment": "手机号"}),
        pa.field("city", pa.string()),
    ]
)


def members(schema=COMMENTED):
    ids, mobiles, cities = zip(*member_rows(), strict=True)
    return pa.table([ids, mobiles, cities], schema=schema)


def values(source, info, *columns, where=None):
    return rows_of(source.read(info.ref, columns, where or {}))


class TestDelta(ConnectorContract):
    """Written in two steps, with rows removed and files left behind."""

    @pytest.fixture(params=["delta://{}", "folder"])
    def source(self, request, tmp_path):
        at = tmp_path / "lake" / "member"
        extra = members().slice(0, 10).set_column(0, "id", pa.array(range(900, 910)))
        write_deltalake(at, pa.concat_tables([members(), extra]), partition_by=["city"], description="会员")
        DeltaTable(at).delete("id >= 900")
        assert len(list(at.rglob("*.parquet"))) > len(DeltaTable(at).file_uris())
        yield connect(f"delta://{at}" if request.param != "folder" else str(tmp_path / "lake"))

    def test_comments_partitions_and_version(self, source):
        info = self.info(source)

        assert (info.comment, info.columns[1].comment) == ("会员", "手机号")
        assert (info.partitioned_by, info.partitions, info.rows.high) == (("city",), 2, 300)
        assert info.fingerprint.startswith("delta ") and info.fingerprint.endswith(" 1")


class TestIceberg(ConnectorContract):
    @pytest.fixture(params=["catalogue", "folder", "metadata.json", "a folder of lakes"])
    def source(self, request, tmp_path):
        _, table = iceberg(tmp_path)
        table.append(members(pa.schema([(f.name, f.type) for f in COMMENTED])))
        table.append(pa.table({"id": [900], "mobile": ["x"], "city": ["杭州"]}))
        table.delete("id >= 900")
        at = tmp_path / "wh" / "hr" / "member"
        yield {
            "catalogue": lambda: connect(f"iceberg+sql://{tmp_path}/catalog.db"),
            "folder": lambda: connect(f"iceberg://{at}"),
            "metadata.json": lambda: connect(f"iceberg://{table.metadata_location.removeprefix('file://')}"),
            "a folder of lakes": lambda: connect(str(tmp_path / "wh")),
        }[request.param]()

    def test_comments_partitions_and_snapshot(self, source):
        info = self.info(source)

        assert info.columns[1].comment == "手机号"
        assert (info.partitioned_by, info.partitions, info.rows.high) == (("city",), 2, 300)
        assert info.fingerprint.startswith("iceberg ")


def iceberg(folder, fields=None, spec=None):
    """(catalogue, empty table hr.member)."""
    (folder / "wh").mkdir(exist_ok=True)
    catalogue = SqlCatalog("shop", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}/wh")
    catalogue.create_namespace_if_not_exists("hr")
    fields = fields or (
        NestedField(1, "id", LongType(), required=False),
        NestedField(2, "mobile", StringType(), doc="手机号", required=False),
        NestedField(3, "city", StringType(), required=False),
    )
    spec = spec or PartitionSpec(PartitionField(3, 1000, IdentityTransform(), "city"))
    return catalogue, catalogue.create_table(
        "hr.member", Schema(*fields), partition_spec=spec, location=f"file://{folder}/wh/hr/member"
    )


# Delta


def opens(monkeypatch):
    seen = []
    whole = source_file.SourceFile.arrow_source
    monkeypatch.setattr(
        source_file.SourceFile, "arrow_source", lambda self: seen.append(self.path) or whole(self)
    )
    return seen


def test_a_partition_of_delta_that_cannot_match_is_not_opened(tmp_path, monkeypatch):
    write_deltalake(tmp_path / "t", members(), partition_by=["city"])
    source = connect(str(tmp_path / "t"))
    info = next(source.tables())
    seen = opens(monkeypatch)

    assert len(values(source, info, "id", where={"city": {"eq": "上海"}})) == 150
    assert len(set(seen)) == 1


def test_a_sample_of_delta_takes_the_row_groups_the_seed_names(tmp_path):
    for i in range(3):
        write_deltalake(
            tmp_path / "t",
            pa.table({"id": range(i * 1_000, i * 1_000 + 1_000)}),
            mode="append",
            target_file_size=1 << 30,
        )
    source = connect(f"delta://{tmp_path}/t")
    info = next(source.tables())
    sample = source.sample(info.ref, ("id",), 50, 9)
    order = sorted(DeltaTable(tmp_path / "t").file_uris())
    ids = [pq.read_table(f)["id"].to_pylist() for f in order]
    expected = [ids[g][p] for g, ps in enumerate(positions([1_000] * 3, 50, 9)) for p in ps]

    assert [int(v) for (v,) in rows_of(sample.batches)] == expected
    assert (sample.drawn.method, sample.drawn.rows_total) == ("random rows of 3 of 3 row groups", 3_000)


def log(folder):
    """Actions of the first version of a Delta table."""
    path = folder / "_delta_log" / "00000000000000000000.json"
    return path, [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def rewrite(path, actions, protocol):
    actions = [a for a in actions if "commitInfo" not in a]
    for a in actions:
        if "protocol" in a:
            a["protocol"] = protocol
    path.write_text("\n".join(json.dumps(a) for a in actions), encoding="utf-8")


Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
B85 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"


def test_rows_in_a_deletion_vector_are_gone(tmp_path):
    """Deletion vectors as the Delta protocol writes them into the log: a roaring bitmap in Z85."""
    folder = tmp_path / "t"
    write_deltalake(folder, members())
    path, actions = log(folder)
    gone = [0, 1, 299]
    body = struct.pack("<IqI", 1681511377, 1, 0) + BitMap(gone).serialize()
    body += b"\0" * (-len(body) % 4)
    for a in actions:
        if "add" in a:
            inline = base64.b85encode(body).decode().translate(str.maketrans(B85, Z85))
            a["add"]["deletionVector"] = {
                "storageType": "i",
                "pathOrInlineDv": inline,
                "sizeInBytes": len(body),
                "cardinality": len(gone),
            }
    rewrite(
        path,
        actions,
        {
            "minReaderVersion": 3,
            "minWriterVersion": 7,
            "readerFeatures": ["deletionVectors"],
            "writerFeatures": ["deletionVectors"],
        },
    )
    source = connect(str(folder))
    info = next(source.tables())
    kept = [str(i) for i, _, _ in member_rows() if i - 1 not in gone]

    assert [i for (i,) in values(source, info, "id")] == kept
    assert [i for (i,) in rows_of(source.sample(info.ref, ("id",), 1_000, 1).batches)] == kept
    assert source.sample(info.ref, ("id",), 20, 1).drawn.rows_total == 297
    assert not {"1", "2", "300"} & {i for (i,) in rows_of(source.sample(info.ref, ("id",), 290, 1).batches)}


def test_columns_that_were_renamed_go_by_their_new_names(tmp_path):
    folder = tmp_path / "t"
    write_deltalake(folder, pa.table({"col-1": [1], "col-2": [{"col-3": "13700000001"}]}))
    path, actions = log(folder)
    for a in actions:
        if "metaData" in a:
            schema = json.loads(a["metaData"]["schemaString"])
            first, second = schema["fields"]
            for f, name in [(first, "id"), (second, "user"), (second["type"]["fields"][0], "phone")]:
                f["metadata"] = {
                    "delta.columnMapping.id": int(f["name"][-1]),
                    "delta.columnMapping.physicalName": f["name"],
                }
                f["name"] = name
            a["metaData"]["schemaString"] = json.dumps(schema)
            a["metaData"]["configuration"] = {
                "delta.columnMapping.mode": "name",
                "delta.columnMapping.maxColumnId": "3",
            }
    rewrite(path, actions, {"minReaderVersion": 2, "minWriterVersion": 5})
    source = connect(str(folder))
    info = next(source.tables())

    assert [c.name for c in info.columns] == ["id", "user.phone"]
    assert values(source, info, "user.phone", "id") == [("13700000001", "1")]
    assert rows_of(source.sample(info.ref, ("user.phone",), 5, 1).batches) == [("13700000001",)]


def test_names_that_a_uri_writes_otherwise(tmp_path):
    folder = tmp_path / "客户 表%"
    write_deltalake(
        folder, pa.table({"id": [1, 2, 3], "城市": ["上海", "a b/c%", None]}), partition_by=["城市"]
    )
    source = connect(str(folder))

    assert sorted(values(source, next(source.tables()), "id", "城市"), key=str) == [
        ("1", "上海"),
        ("2", "a b/c%"),
        ("3", None),
    ]


def test_a_folder_with_lakes_and_files_keeps_them_apart(tmp_path):
    write_deltalake(tmp_path / "x" / "orders", pa.table({"id": [1]}))
    write_deltalake(tmp_path / "x" / "orders", pa.table({"id": [2]}), mode="overwrite")
    (tmp_path / "x" / "plain.csv").write_text("a\nb\n", encoding="utf-8")
    source = connect(str(tmp_path / "x"))
    infos = {i.ref.name: i for i in source.tables()}

    assert set(infos) == {"orders", "plain"}
    assert values(source, infos["orders"], "id") == [("2",)]


def test_no_delta_table_is_one_clear_error(tmp_path):
    with pytest.raises(SourceError, match="no Delta table|the file is gone"):
        connect(f"delta://{tmp_path}/nope")
    (tmp_path / "bad" / "_delta_log").mkdir(parents=True)
    (tmp_path / "bad" / "_delta_log" / "00000000000000000000.json").write_text("{geheim", encoding="utf-8")
    found = list(connect(str(tmp_path / "bad")).tables())

    assert [type(f) for f in found] == [Skipped]
    assert "geheim" not in str(found)


@pytest.mark.parametrize("kind", ["delta", "iceberg"])
def test_a_data_file_that_is_gone_is_named_and_the_others_are_sampled(kind, tmp_path):
    if kind == "delta":
        write_deltalake(tmp_path / "wh" / "member", members(), partition_by=["city"])
    else:
        iceberg(tmp_path)[1].append(members(pa.schema([(f.name, f.type) for f in COMMENTED])))
    sorted(p for p in (tmp_path / "wh").rglob("*.parquet"))[0].unlink()
    source = connect(str(tmp_path / "wh"))
    info = next(source.tables())
    sample = source.sample(info.ref, ("id",), 1_000, 1)

    assert (sample.drawn.rows, sample.drawn.rows_total) == (150, None)
    assert [("the file is gone" in s.reason, s.id) for s in sample.skipped] == [(True, "source/member")]
    with pytest.raises(SourceError, match="the file is gone"):
        values(source, info, "id")


# Iceberg


def test_schema_changes_of_iceberg_are_followed_by_field_id(tmp_path):
    _, table = iceberg(tmp_path)
    table.append(pa.table({"id": [1], "mobile": ["13700000001"], "city": ["上海"]}))
    with table.update_schema() as change:
        change.rename_column("mobile", "phone")
        change.add_column("note", StringType())
    table.append(pa.table({"id": [2], "phone": ["13700000002"], "city": ["上海"], "note": ["x"]}))
    with table.update_schema() as change:
        change.delete_column("note")
        change.add_column("note", StringType())  # another column of the same name: the old values are gone
    source = connect(f"iceberg+sql://{tmp_path}/catalog.db")
    info = next(source.tables())

    assert info.ref.id("s") == "s/hr/member"
    assert sorted(values(source, info, "id", "phone", "note")) == [
        ("1", "13700000001", None),
        ("2", "13700000002", None),
    ]
    assert len(rows_of(source.sample(info.ref, ("phone",), 10, 1).batches)) == 2


def test_a_snapshot_that_was_replaced_is_not_read(tmp_path):
    _, table = iceberg(tmp_path)
    table.append(pa.table({"id": [1], "mobile": ["a"], "city": ["上海"]}))
    before = next(connect(f"iceberg+sql://{tmp_path}/catalog.db").tables())
    table.overwrite(pa.table({"id": [2], "mobile": ["b"], "city": ["上海"]}))
    source = connect(f"iceberg+sql://{tmp_path}/catalog.db")
    info = next(source.tables())

    assert values(source, info, "id") == [("2",)]
    assert info.fingerprint != before.fingerprint


def test_a_partition_of_iceberg_that_cannot_match_is_not_opened(tmp_path, monkeypatch):
    _, table = iceberg(tmp_path)
    table.append(members(pa.schema([(f.name, f.type) for f in COMMENTED])))
    source = connect(f"iceberg+sql://{tmp_path}/catalog.db")
    info = next(source.tables())
    seen = []
    whole = IcebergDataFile.arrow_source
    monkeypatch.setattr(IcebergDataFile, "arrow_source", lambda self: seen.append(self.path) or whole(self))

    assert len(values(source, info, "id", where={"city": {"eq": "上海"}})) == 150
    assert len(set(seen)) == 1


def test_nested_columns_and_times_of_iceberg(tmp_path):
    fields = (
        NestedField(1, "at", TimestampType(), required=False),
        NestedField(
            2,
            "user",
            StructType(NestedField(3, "phone", StringType(), doc="手机", required=False)),
            required=False,
        ),
        NestedField(4, "tags", ListType(5, StringType(), element_required=False), required=False),
    )
    _, table = iceberg(tmp_path, fields, PartitionSpec())
    table.append(
        pa.Table.from_pylist(
            [
                {"at": datetime(2026, 1, d, 3), "user": {"phone": f"1370000000{d}"}, "tags": ["a", "b"]}
                for d in (1, 2)
            ],
            schema=pa.schema(
                [
                    ("at", pa.timestamp("us")),
                    ("user", pa.struct([("phone", pa.string())])),
                    ("tags", pa.list_(pa.string())),
                ]
            ),
        )
    )
    source = connect(f"iceberg+sql://{tmp_path}/catalog.db")
    info = next(source.tables())

    assert [(c.name, c.comment) for c in info.columns] == [("at", ""), ("user.phone", "手机"), ("tags", "")]
    assert (info.partitioned_by, info.partitions) == ((), None)
    assert values(source, info, "user.phone", "tags", where={"at": {"ge": "2026-01-02"}}) == [
        ("13700000002", "a\nb")
    ]


def test_rows_in_a_position_delete_file_are_gone(tmp_path):
    """pyiceberg writes no delete files; this one is put into a manifest by hand."""
    _, table = iceberg(tmp_path, spec=PartitionSpec())
    table.append(members(pa.schema([(f.name, f.type) for f in COMMENTED])))
    data = next(iter(table.scan().plan_files())).file.file_path
    deletes = f"{tmp_path}/wh/hr/member/data/gone.parquet"
    pq.write_table(pa.table({"file_path": [data] * 2, "pos": pa.array([0, 299], pa.int64())}), deletes)

    with table.transaction() as t, t.update_snapshot().fast_append() as append:
        append.append_data_file(
            DataFile.from_args(
                content=DataFileContent.POSITION_DELETES,
                file_path=f"file://{deletes}",
                file_format=FileFormat.PARQUET,
                partition=Record(),
                record_count=2,
                file_size_in_bytes=900,
                spec_id=0,
            )
        )
    source = connect(f"iceberg+sql://{tmp_path}/catalog.db")
    info = next(source.tables())

    assert {i for (i,) in values(source, info, "id")} == {str(i) for i in range(2, 300)}
    assert source.sample(info.ref, ("id",), 20, 1).drawn.rows_total == 298


def test_a_catalogue_that_is_not_there(tmp_path):
    with pytest.raises(SourceError, match="no such catalogue"):
        connect(f"iceberg+sql://{tmp_path}/nope.db")
    assert not (tmp_path / "nope.db").exists()  # and none was made
    with pytest.raises(SourceError, match="no Iceberg table"):
        connect(f"iceberg://{tmp_path}")
    with pytest.raises(ConfigError, match="the catalogue is not described"):
        connect("iceberg://geheim-catalogue")


def test_a_catalogue_is_only_read(tmp_path):
    iceberg(tmp_path)[1].append(pa.table({"id": [1], "mobile": ["a"], "city": ["上海"]}))
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    source = connect(f"iceberg+sql://{tmp_path}/catalog.db")
    info = next(source.tables())

    assert source.sample(info.ref, ("id",), 5, 1).drawn.rows == 1
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before


def test_two_catalogues_in_one_database_must_be_told_apart(tmp_path):
    iceberg(tmp_path)
    other = SqlCatalog("other", uri=f"sqlite:///{tmp_path}/catalog.db", warehouse=f"file://{tmp_path}/wh")
    other.create_namespace("x")
    other.create_table("x.y", Schema(NestedField(1, "id", LongType(), required=False)))

    with pytest.raises(ConfigError, match="2 catalogues"):
        connect(f"iceberg+sql://{tmp_path}/catalog.db")
    assert [
        t.ref.id("s")
        for t in connect(f"iceberg+sql://{tmp_path}/catalog.db", options={"catalog": "other"}).tables()
    ] == ["s/x/y"]


def test_metadata_of_one_broken_table_leave_the_others(tmp_path):
    _, table = iceberg(tmp_path)
    table.append(pa.table({"id": [1], "mobile": ["a"], "city": ["上海"]}))
    shutil.copytree(tmp_path / "wh" / "hr" / "member", tmp_path / "wh" / "hr" / "bad")
    for f in (tmp_path / "wh" / "hr" / "bad" / "metadata").glob("*.json"):
        f.write_text("{geheim", encoding="utf-8")
    found = list(connect(str(tmp_path / "wh"), name="s").tables())

    assert [f.id for f in found if isinstance(f, Skipped)] == ["s/bad"]
    assert [f.ref.name for f in found if not isinstance(f, Skipped)] == ["member"]
    assert "geheim" not in str(found)
