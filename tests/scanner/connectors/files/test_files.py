"""Files of every format, here and through fsspec: nested columns, partitions, samples that read little,
and files that are broken.
"""

import bz2
import gzip
import io
import json
import os
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import fastavro
import fsspec
import places
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from detectors.errors import ConfigError, SourceError
from detectors.masking import mask_values
from detectors.model import Skipped
from scanner import job
from scanner.config.model import Config
from scanner.config.sources import Source
from scanner.connectors import connect, families, redact
from scanner.connectors.files import archive, compression, csv, lines, row_groups, sampling, source_file
from scanner.connectors.host import readers
from scanner.connectors.sampling import positions
from scanner.testing import ConnectorContract, member_rows, rows_of


def member_table():
    ids, mobiles, cities = zip(*member_rows(), strict=True)
    return pa.table({"id": ids, "mobile": mobiles, "city": cities})


def member_text():
    return "id,mobile,city\n" + "".join(f"{i},{m or ''},{c}\n" for i, m, c in member_rows())


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, body in members.items():
            z.writestr(name.replace("__", "."), body)
    return out.getvalue()


def avro(schema, records):
    out = io.BytesIO()
    fastavro.writer(out, schema, records)
    return out.getvalue()


def bytes_of(writer, table, **options):
    out = pa.BufferOutputStream()
    writer(table, out, **options)
    return out.getvalue().to_pybytes()


def ipc(table, opener):
    out = pa.BufferOutputStream()
    with opener(out, table.schema) as w:
        for batch in table.to_batches(max_chunksize=50):
            w.write_batch(batch)
    return out.getvalue().to_pybytes()


MEMBER_AVRO = {
    "type": "record",
    "name": "m",
    "fields": [
        {"name": "id", "type": "int"},
        {"name": "mobile", "type": ["null", "string"], "doc": "手机号"},
        {"name": "city", "type": "string"},
    ],
}
MEMBER_RECORDS = [dict(zip(("id", "mobile", "city"), r, strict=True)) for r in member_rows()]
MEMBER = {
    "csv.bz2": lambda: bz2.compress(member_text().encode()),
    "csv.zst": lambda: pa.compress(member_text().encode(), "zstd", asbytes=True),
    "tsv.gz": lambda: gzip.compress(member_text().replace(",", "\t").encode()),
    "utf-16 with a mark": lambda: member_text().encode("utf-16"),
    "utf-16 little-endian without one": lambda: member_text().encode("utf-16-le"),
    "utf-16 big-endian without one": lambda: member_text().encode("utf-16-be"),
    "json array": lambda: json.dumps(MEMBER_RECORDS).encode(),
    "jsonl in gb18030": lambda: "\n".join(json.dumps(r, ensure_ascii=False) for r in MEMBER_RECORDS).encode(
        "gb18030"
    ),
    "parquet of many row groups": lambda: bytes_of(pq.write_table, member_table(), row_group_size=40),
    "orc": lambda: bytes_of(orc.write_table, member_table()),
    "feather": lambda: bytes_of(feather.write_feather, member_table(), chunksize=70),
    "arrow": lambda: ipc(member_table(), pa.ipc.new_file),
    "arrow stream": lambda: ipc(member_table(), pa.ipc.new_stream),
    "avro": lambda: avro(MEMBER_AVRO, MEMBER_RECORDS),
    "csv in a zip": lambda: zipped(member__csv=member_text()),
    "parquet in a zip": lambda: zipped(
        member__parquet=bytes_of(pq.write_table, member_table(), row_group_size=40)
    ),
}
SUFFIX = {
    "utf-16": "csv",
    "json array": "json",
    "jsonl": "jsonl",
    "parquet of": "parquet",
    "arrow": "arrow",
    "csv in": "zip",
    "parquet in": "zip",
}


def suffix_of(kind):
    return next((s for start, s in SUFFIX.items() if kind.startswith(start)), kind)


@pytest.fixture
def memory():
    """fsspec's file system in memory, emptied."""
    fs = fsspec.filesystem("memory")
    fs.store.clear()
    yield fs
    fs.store.clear()


class TestFormatsHere(ConnectorContract):
    @pytest.fixture(params=list(MEMBER))
    def source(self, request, tmp_path):
        path = tmp_path / f"member.{suffix_of(request.param)}"
        path.write_bytes(MEMBER[request.param]())
        yield connect(str(path))


class TestFormatsFarAway(ConnectorContract):
    @pytest.fixture(
        params=[
            "csv.bz2",
            "jsonl in gb18030",
            "parquet of many row groups",
            "orc",
            "arrow",
            "avro",
            "csv in a zip",
        ]
    )
    def source(self, request, memory):
        memory.pipe(f"/lake/member.{suffix_of(request.param)}", MEMBER[request.param]())
        yield connect("memory://lake/")


class TestPartitionedFolder(ConnectorContract):
    """The same table, one folder a city."""

    @pytest.fixture
    def source(self, tmp_path):
        table = member_table()
        for city in ("上海", "杭州"):
            folder = tmp_path / "member" / f"city={city}"
            folder.mkdir(parents=True)
            part = table.filter(pa.compute.equal(table["city"], city)).drop_columns("city")
            pq.write_table(part, folder / "part-0.parquet", row_group_size=40)
        yield connect(str(tmp_path / "member"))


class TestXlsb(ConnectorContract):
    """Workbooks that calamine reads; ODS stands for them, since nothing here writes XLS or XLSB."""

    @pytest.fixture
    def source(self, tmp_path):
        rows = [("会员表（虚构）",), (), ("id", "mobile", "city"), *member_rows()]
        (tmp_path / "member.ods").write_bytes(ods(rows))
        yield connect(str(tmp_path / "member.ods"))


def ods(rows):
    """A small OpenDocument sheet, written by hand."""
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    body = "".join(
        "<table:table-row>"
        + "".join("<table:table-cell/>" if c is None else cell.format(c) for c in r)
        + "</table:table-row>"
        for r in (r or (None,) for r in rows)
    )
    spaces = " ".join(
        f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text")
    )
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        f"{spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="s">{body}</table:table></office:spreadsheet></office:body></'
        "office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0"?><m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<m:file-entry m:full-path="/" m:media-type="{kind}"/></m:manifest>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("mimetype", kind)
        z.writestr("META-INF/manifest.xml", manifest)
        z.writestr("content.xml", content)
    return out.getvalue()


# nested columns

ORDERS = [
    {
        "user": {"id": 1, "contact": {"phone": "13700000001"}},
        "tags": ["a", "b"],
        "orders": [{"phone": "13700000002", "n": 1}, {"phone": "13700000003", "n": 2}],
        "extra": [("home", "上海"), ("work", "杭州")],
    },
    {"user": {"id": 2, "contact": None}, "tags": [], "orders": None, "extra": []},
    {"user": None, "tags": None, "orders": [{"phone": None, "n": 3}], "extra": [("home", None)]},
]
ORDERS_SCHEMA = pa.schema(
    [
        ("user", pa.struct([("id", pa.int64()), ("contact", pa.struct([("phone", pa.string())]))])),
        ("tags", pa.list_(pa.string())),
        ("orders", pa.list_(pa.struct([("phone", pa.string()), ("n", pa.int32())]))),
        ("extra", pa.map_(pa.string(), pa.string())),
    ]
)
ORDERS_COLUMNS = [
    "user.id",
    "user.contact.phone",
    "tags",
    "orders[].phone",
    "orders[].n",
    "extra[].key",
    "extra[].value",
]
ORDERS_ROWS = [
    ("1", "13700000001", "a\nb", "13700000002\n13700000003", "1\n2", "home\nwork", "上海\n杭州"),
    ("2", None, None, None, None, None, None),
    (None, None, None, None, "3", "home", None),
]


def orders_table(records):
    return pa.Table.from_pylist(records, schema=ORDERS_SCHEMA)


ORDERS_AVRO = {
    "type": "record",
    "name": "o",
    "fields": [
        {
            "name": "user",
            "type": [
                "null",
                {
                    "type": "record",
                    "name": "u",
                    "fields": [
                        {"name": "id", "type": "long"},
                        {
                            "name": "contact",
                            "type": [
                                "null",
                                {
                                    "type": "record",
                                    "name": "c",
                                    "fields": [{"name": "phone", "type": "string"}],
                                },
                            ],
                        },
                    ],
                },
            ],
        },
        {"name": "tags", "type": ["null", {"type": "array", "items": "string"}]},
        {
            "name": "orders",
            "type": [
                "null",
                {
                    "type": "array",
                    "items": {
                        "type": "record",
                        "name": "l",
                        "fields": [
                            {"name": "phone", "type": ["null", "string"]},
                            {"name": "n", "type": "int"},
                        ],
                    },
                },
            ],
        },
        {"name": "extra", "type": {"type": "map", "values": ["null", "string"]}},
    ],
}
NESTED = {
    "parquet": lambda records: bytes_of(pq.write_table, orders_table(records)),
    "orc": lambda records: bytes_of(orc.write_table, orders_table(records)),
    "arrow": lambda records: ipc(orders_table(records), pa.ipc.new_file),
    "avro": lambda records: avro(ORDERS_AVRO, [{**r, "extra": dict(r["extra"])} for r in records]),
    "jsonl": lambda records: "\n".join(
        json.dumps({**r, "extra": [{"key": k, "value": v} for k, v in r["extra"]]}) for r in records
    ).encode(),
}


@pytest.mark.parametrize("kind", NESTED)
def test_structs_lists_and_maps_are_the_same_columns_in_every_format(kind, tmp_path):
    (tmp_path / f"o.{kind}").write_bytes(NESTED[kind](ORDERS))
    source = connect(str(tmp_path / f"o.{kind}"))
    info = next(source.tables())

    assert [c.name for c in info.columns] == ORDERS_COLUMNS
    assert info.ref.column("s", info.columns[3].parts) == "s/o/orders[].phone"
    assert rows_of(source.read(info.ref, ORDERS_COLUMNS, {})) == ORDERS_ROWS
    assert rows_of(source.read(info.ref, ("orders[].phone",), {"user.id": {"is_null": False}})) == [
        (r[3],) for r in ORDERS_ROWS[:2]
    ]
    assert rows_of(source.sample(info.ref, ("extra[].value", "user.id"), 10, 1).batches) == [
        (r[6], r[0]) for r in ORDERS_ROWS
    ]


@pytest.mark.parametrize("kind", NESTED)
def test_phones_inside_lists_structs_and_maps_are_found(kind, tmp_path):
    def person(i):
        return {
            "user": {"id": i, "contact": {"phone": f"1380013{i:04}"}},
            "tags": [f"1390013{i:04}"],
            "extra": [("mobile", f"1350013{i:04}")],
            "orders": [{"phone": f"1370013{i:04}", "n": 1}, {"phone": f"1360013{i:04}", "n": 2}],
        }

    people = [person(i * 3761 % 9973) for i in range(60)]        # in no order: serials are no findings
    (tmp_path / f"x.{kind}").write_bytes(NESTED[kind](people))
    report = job.scan(Config(sources=(Source("s", str(tmp_path / f"x.{kind}")),)))
    found = {
        c.name: [a.finding.label for a in c.findings if a.finding.primary] for c in report.tables[0].columns
    }

    assert all(
        found[c] == ["phone_mobile"]
        for c in ("user.contact.phone", "tags", "orders[].phone", "extra[].value")
    )


def test_a_literal_dot_and_a_nested_field_are_two_columns(tmp_path):
    pq.write_table(pa.table({"user": [{"id": 1}], "user.id": ["x"]}), tmp_path / "d.parquet")
    source = connect(str(tmp_path / "d.parquet"))
    info = next(source.tables())

    assert [info.ref.column("s", c.parts) for c in info.columns] == ["s/d/user.id", "s/d/user%2Eid"]
    assert rows_of(source.read(info.ref, tuple(c.name for c in info.columns), {})) == [("1", "x")]


def test_dictionaries_views_bytes_and_lists_of_lists(tmp_path):
    pq.write_table(
        pa.table(
            {
                "city": pa.array(["上海", "上海"]).dictionary_encode(),
                "raw": pa.array([b"13700000001", None]),
                "photo": pa.array([b"\xff\xfe", b"\x00"]),
                "deep": [[["a"], ["b"]], [None, []]],
            }
        ),
        tmp_path / "d.parquet",
    )
    source = connect(str(tmp_path / "d.parquet"))
    info = next(source.tables())

    assert rows_of(source.read(info.ref, ("city", "raw", "deep"), {})) == [
        ("上海", "13700000001", "a\nb"),
        ("上海", None, None),
    ]


# partitions


def partitioned(folder, days=6):
    for d in range(days):
        at = (
            folder
            / "events"
            / f"dt=2026-01-0{d + 1}"
            / ("kind=a%2Fb" if d % 2 else f"kind={source_file.NULL_PARTITION}")
        )
        at.mkdir(parents=True)
        table = pa.table(
            {"id": [d * 10, d * 10 + 1]} | ({"email": [f"u{d}@example.com"] * 2} if d >= 3 else {})
        )
        pq.write_table(table, at / "part-0.parquet")


def opens(monkeypatch):
    seen = []
    whole = source_file.SourceFile.arrow_source
    monkeypatch.setattr(
        source_file.SourceFile, "arrow_source", lambda self: seen.append(self.path) or whole(self)
    )
    return seen


def test_only_the_folders_a_where_can_match_are_opened(tmp_path, monkeypatch):
    partitioned(tmp_path)
    source = connect(str(tmp_path / "events"))
    info = next(source.tables())
    seen = opens(monkeypatch)

    assert (info.partitioned_by, info.partitions) == (("dt", "kind"), 6)
    rows = rows_of(source.read(info.ref, ("id", "kind"), {"dt": {"ge": "2026-01-05"}}))
    assert rows == [("40", None), ("41", None), ("50", "a/b"), ("51", "a/b")]
    assert {p.split("/dt=")[1][:10] for p in seen} == {"2026-01-05", "2026-01-06"}
    assert len(rows_of(source.read(info.ref, ("id",), {"kind": {"is_null": True}}))) == 6
    assert len(rows_of(source.read(info.ref, ("id",), {"kind": {"eq": "a/b"}, "id": {"gt": 40}}))) == 2


def test_a_column_that_came_later_is_found_and_null_before(tmp_path):
    partitioned(tmp_path)
    source = connect(str(tmp_path / "events"))
    info = next(source.tables())

    assert [c.name for c in info.columns] == ["id", "email", "dt", "kind"]
    assert info.rows.high == 12
    assert sum(e is None for (e,) in rows_of(source.sample(info.ref, ("email",), 100, 1).batches)) == 6


def test_a_column_that_changed_its_type_is_one_column(tmp_path):
    (tmp_path / "t").mkdir()
    for i, values in enumerate(([1, 2], [2.5], ["x"])):
        pq.write_table(pa.table({"v": values}), tmp_path / "t" / f"part-{i}.parquet")
    source = connect(str(tmp_path / "t"))
    info = next(source.tables())

    sample = pa.Table.from_batches(source.sample(info.ref, ("v",), 10, 1).batches)
    assert sample["v"].to_pylist() == ["1", "2", "2.5", "x"]
    assert len(rows_of(source.read(info.ref, ("v",), {}))) == 4


def test_numbers_order_partitions_by_size_not_by_letters(tmp_path):
    for year in (9, 10, 2026):
        (tmp_path / "t" / f"y={year}").mkdir(parents=True)
        pq.write_table(pa.table({"id": [year]}), tmp_path / "t" / f"y={year}" / "part-0.parquet")
    source = connect(str(tmp_path / "t"))

    assert sorted(rows_of(source.read(next(source.tables()).ref, ("id",), {"y": {"ge": 10}}))) == [
        ("10",),
        ("2026",),
    ]


def test_a_broken_file_of_a_partitioned_table_is_named_and_the_others_are_read(tmp_path):
    partitioned(tmp_path)
    bad = sorted(tmp_path.rglob("*.parquet"))[2]
    bad.write_bytes(bad.read_bytes()[:-9])
    source = connect(str(tmp_path / "events"), name="lake")
    found = list(source.tables())
    info = found[-1]
    sample = source.sample(info.ref, ("id",), 100, 1)

    assert [(s.id, s.reason) for s in found[:-1]] == [
        ("lake/events", f"{bad}: not a complete Parquet file; the other files are read")
    ]
    assert (len(rows_of(sample.batches)), sample.drawn.rows_total) == (10, None)
    assert sample.drawn.method == "all rows, 1 of 6 files unread"
    assert len(rows_of(source.read(info.ref, ("id",), {"dt": {"ne": "2026-01-03"}}))) == 10
    with pytest.raises(
        SourceError, match="1 of 6 files are missing"
    ):  # a count of persons must not be short in silence
        list(source.read(info.ref, ("id",), {}))


def test_a_text_file_that_breaks_half_way_is_read_up_to_there_and_reported(tmp_path):
    (tmp_path / "t").mkdir()
    for i in range(9):
        (tmp_path / "t" / f"part-{i}.csv.gz").write_bytes(gzip.compress(f"id\n{i}\n".encode()))
    whole = gzip.compress(
        b"id\n" + b"".join(b"%d\n" % random.Random(1).getrandbits(99) for _ in range(90_000))
    )
    (tmp_path / "t" / "part-9.csv.gz").write_bytes(whole[: len(whole) // 2])
    report = job.scan(Config(sources=(Source("s", str(tmp_path)),)))

    assert [(s.id, "part-9.csv.gz" in s.reason) for s in report.skipped] == [("s/t", True)]
    assert 9 < report.tables[0].rows.low < 90_009
    assert report.tables[0].rows.high is None


def test_two_folders_of_the_same_name_are_two_tables(tmp_path):
    for above in ("a", "b"):
        (tmp_path / above / "events" / "dt=1").mkdir(parents=True)
        pq.write_table(pa.table({above: [1]}), tmp_path / above / "events" / "dt=1" / "part-0.parquet")

    assert [(t.ref.name, t.columns[0].name) for t in connect(str(tmp_path)).tables()] == [
        ("b_events", "b"),
        ("events", "a"),
    ]


# samples


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_a_sample_opens_the_row_groups_that_were_drawn_and_no_others(kind, tmp_path, monkeypatch):
    for i in range(4):
        table = pa.table({"id": range(i * 1_000, i * 1_000 + 1_000)})
        path = tmp_path / f"part-{i}.{kind}"
        pq.write_table(table, path, row_group_size=20) if kind == "parquet" else feather.write_feather(
            table, path, chunksize=20
        )
    source = connect(str(tmp_path))
    info = next(source.tables())

    read = []
    take = row_groups.take_rows
    monkeypatch.setattr(sampling, "take_rows", lambda g, p, c: read.append(g) or take(g, p, c))
    sample = source.sample(info.ref, ("id",), 300, 5)
    expected = [g * 20 + p for g, ps in enumerate(positions([20] * 200, 300, 5)) for p in ps]

    assert [
        int(v) for (v,) in rows_of(sample.batches)
    ] == expected  # files by path, row groups in order: any engine draws these
    assert sample.drawn.method == "random rows of 32 of 200 row groups"
    assert (sample.drawn.rows, sample.drawn.rows_total, len(read)) == (300, 4_000, 32)
    assert info.rows.high == 4_000


def test_stripes_of_orc_are_row_groups(tmp_path):
    rng = random.Random(3)
    table = pa.table({"id": range(60_000), "filler": [str(rng.getrandbits(400)) for _ in range(60_000)]})
    orc.write_table(table, tmp_path / "big.orc", stripe_size=100_000)
    source = connect(str(tmp_path / "big.orc"))
    first, second = (source.sample(next(source.tables()).ref, ("id",), 200, 5) for _ in range(2))

    assert first.drawn.method.startswith("random rows of") and first.drawn.rows_total == 60_000
    assert not first.drawn.method.endswith("of 1 row groups")
    assert rows_of(first.batches) == rows_of(second.batches)


def large_csv(path, rows=60_000, cell="x"):
    path.write_text("place,filler\n" + "".join(f"{i},{cell}{i:020}\n" for i in range(rows)), encoding="utf-8")


@pytest.fixture
def small_is_large(monkeypatch):
    monkeypatch.setattr(sampling, "LARGE", 100_000)
    monkeypatch.setattr(sampling, "READ_ROWS", 5_000)
    monkeypatch.setattr(lines, "PIECE", 4 << 10)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "gb18030"])
def test_a_large_text_is_sampled_from_all_over(kind, tmp_path, small_is_large):
    path = tmp_path / ("big.jsonl" if kind == "jsonl" else "big.csv")
    if kind == "jsonl":
        path.write_text(
            "".join(json.dumps({"place": i, "filler": f"{i:020}"}) + "\n" for i in range(60_000)),
            encoding="utf-8",
        )
    elif kind == "csv":
        large_csv(path)
    else:
        path.write_text(
            "place,城市\n" + "".join(f"{i},上海浦东{i:015}\n" for i in range(60_000)), encoding="gb18030"
        )
    source = connect(str(path))
    info = next(source.tables())
    first, second = (source.sample(info.ref, ("place",), 1_000, 3) for _ in range(2))
    drawn = [int(p) for (p,) in rows_of(first.batches)]

    assert first.drawn.method.startswith("random lines of 256 of")
    assert len(drawn) == len(set(drawn)) == 1_000
    assert all(sum(lo <= p < lo + 6_000 for p in drawn) > 50 for lo in range(0, 60_000, 6_000))
    assert rows_of(first.batches) == rows_of(second.batches)
    assert len(rows_of(source.read(info.ref, ("place",), {}))) == 60_000


def test_every_line_belongs_to_one_piece(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "PIECE", 64)
    monkeypatch.setattr(lines, "PIECES", 10**6)
    rng = random.Random(1)
    written = [f"{i},{'x' * rng.randrange(150)}" for i in range(400)]
    (tmp_path / "a.csv").write_text("id,x\n" + "\n".join(written), encoding="utf-8")

    place = source_file.SourceFile(str(tmp_path / "a.csv"))
    batches, _ = lines.draw_lines([csv.lines(place, None)], 10**6, 1)

    assert [f"{i},{x or ''}" for i, x in rows_of([b for _, b in batches])] == written


@pytest.mark.parametrize("where", ["in the head", "far behind"])
def test_line_feeds_in_quotes_do_not_tear_rows(where, tmp_path, small_is_large):
    rows = [
        f'{i},"line\nfeed{i:020}"\n' if where == "in the head" or i > 55_000 else f"{i},filler{i:020}\n"
        for i in range(60_000)
    ]
    (tmp_path / "big.csv").write_text("place,remark\n" + "".join(rows), encoding="utf-8")
    source = connect(str(tmp_path / "big.csv"))
    sample = source.sample(next(source.tables()).ref, ("place",), 1_000, 3)

    assert sample.drawn.method.startswith("reservoir over the first")
    assert all(p.isdigit() for (p,) in rows_of(sample.batches))


def test_many_large_compressed_files_are_drawn_before_they_are_read(tmp_path, small_is_large):
    rng = random.Random(2)
    for i in range(12):
        body = "id,x\n" + "".join(f"{i},{rng.getrandbits(60)}\n" for _ in range(2_000))
        (tmp_path / f"part-{i:02}.csv.gz").write_bytes(gzip.compress(body.encode()))
    source = connect(str(tmp_path))
    sample = source.sample(next(source.tables()).ref, ("id",), 500, 3)

    assert sample.drawn.method.endswith("of 3 of 12 files, drawn at random")
    assert {v for (v,) in rows_of(sample.batches)} != {"0", "1", "2"}


# archives


def test_members_of_an_archive_are_tables_of_it(tmp_path):
    book = Workbook()
    book.active.append(["姓名"])
    book.active.append(["林一"])
    sheet = io.BytesIO()
    book.save(sheet)
    (tmp_path / "dump.zip").write_bytes(
        zipped(
            **{
                "a/员工__csv": "姓名,手机号\n林一,13700000001\n",
                "b__xlsx": sheet.getvalue(),
                "inner__zip": zipped(x__csv="a\n1\n"),
                "__MACOSX__csv": "x",
            }
        )
    )
    found = list(connect(str(tmp_path), name="s").tables())

    assert [t.ref.id("s") for t in found if not isinstance(t, Skipped)] == [
        "s/dump/b", "s/dump/员工", "s/dump%2Finner/x"
    ]
    assert [t for t in found if isinstance(t, Skipped)] == []


def test_names_of_an_archive_made_by_chinese_windows(tmp_path):
    body = zipped(aaaa__csv="a\n1\n").replace(b"aaaa.csv", "员工".encode("gb18030") + b".csv")
    (tmp_path / "d.zip").write_bytes(body)

    assert [t.ref.id("s") for t in connect(str(tmp_path / "d.zip")).tables()] == ["s/d/员工"]


def test_an_encrypted_member_is_skipped(tmp_path):
    body = bytearray(zipped(a__csv="a\n1\n", b__csv="b\nx\n"))
    central = body.index(b"PK\x01\x02")
    body[6] |= 1
    body[central + 8] |= 1
    (tmp_path / "d.zip").write_bytes(bytes(body))
    found = list(connect(str(tmp_path / "d.zip")).tables())

    assert [t.reason.rsplit(": ", 1)[1] for t in found if isinstance(t, Skipped)] == [
        "encrypted in the archive"
    ]
    assert [t.ref.name for t in found if not isinstance(t, Skipped)] == ["b"]


@pytest.mark.parametrize("kind", ["zip", "csv.gz", "csv.zst"])
def test_a_bomb_does_not_go_off(kind, tmp_path, monkeypatch):
    monkeypatch.setenv(readers.SWITCH, "own")               # the reader process has limits of its own
    monkeypatch.setattr(compression, "INFLATED", 1 << 20)

    monkeypatch.setattr(archive, "INFLATED", 1 << 20)
    body = b"a,b\n" + b"0" * (64 << 20)
    packed = {
        "zip": lambda: zipped(bomb__csv=body),
        "csv.gz": lambda: gzip.compress(body),
        "csv.zst": lambda: pa.compress(body, "zstd", asbytes=True),
    }
    (tmp_path / f"bomb.{kind}").write_bytes(packed[kind]())
    report = job.scan(Config(sources=(Source("s", str(tmp_path)),)))

    assert len(report.skipped) == 1
    assert "200 times its size" in report.skipped[0].reason


# other places


def test_a_core_install_reads_files_without_fsspec(tmp_path):
    (tmp_path / "member.csv").write_text(member_text(), encoding="utf-8")
    pq.write_table(member_table(), tmp_path / "m.parquet")
    code = (
        "import sys\n"
        "for m in ('fsspec', 's3fs', 'fastavro', 'python_calamine', 'deltalake', 'pyiceberg'): "
        "sys.modules[m] = None\n"
        "from scanner.connectors import connect\nfrom detectors.errors import ConfigError\n"
        f"s = connect({str(tmp_path)!r})\n"
        "print(sum(s.sample(t.ref, ('id',), 10, 1).drawn.rows for t in s.tables()))\n"
        "for url in ('s3://b/x/', 'delta:///x', 'iceberg+rest://h'):\n"
        "    try: connect(url)\n    except ConfigError as e: print(e.hint)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(places.ROOT)},
    )

    assert done.stdout.split("\n")[:4] == [
        "20",
        *(f"pip install 'chujing[{e}]'" for e in ("s3", "lake", "lake")),
    ], done.stderr


def test_globs_folders_and_hidden_files_far_away(memory):
    for name in ("a.csv", "b.csv", "_SUCCESS.csv", ".hidden.csv", "sub/c.csv", "_temporary/d.csv"):
        memory.pipe(f"/lake/x/{name}", b"id\n1\n")

    assert [t.ref.name for t in connect("memory://lake/x").tables()] == ["a", "b", "c"]
    assert [t.ref.name for t in connect("memory://lake/x/?.csv").tables()] == ["a", "b"]
    assert [t.ref.name for t in connect("memory://lake/x/a.csv").tables()] == ["a"]
    with pytest.raises(SourceError, match="no such file, folder or match"):
        connect("memory://lake/nope/")


def test_a_file_changed_far_away_changes_the_fingerprint_and_ends_the_read(memory):
    memory.pipe("/lake/a.csv", b"id\n1\n")
    source = connect("memory://lake/a.csv")
    info = next(source.tables())
    reading = source.read(info.ref, ("id",), {})
    next(reading)
    memory.pipe("/lake/a.csv", b"id\n1\n2\n")

    with pytest.raises(SourceError, match="changed while it was read"):
        list(reading)
    assert next(connect("memory://lake/a.csv").tables()).fingerprint != info.fingerprint


@pytest.mark.parametrize("url", ["s3://AKIA:geheim@bucket/x", "gs://u:geheim@b/x"])
def test_a_key_in_a_url_is_refused_and_not_shown(url):
    with pytest.raises(ConfigError, match="does not belong in a URL") as e:
        connect(url)
    assert "geheim" not in e.value.line()


def test_secrets_of_a_query_are_not_shown():
    shown = redact(
        "https://h/a.csv?X-Amz-Credential=AKIA1&X-Amz-Signature=geheim1&versionId=3&sig=geheim2&AccessKeyId=geheim3"
    )

    assert "geheim" not in shown and "AKIA1" not in shown
    assert "versionId=3" in shown
    assert redact("s3://b/user_key=3/x.parquet") == "s3://b/user_key=3/x.parquet"


@pytest.mark.parametrize("scheme", ["s3", "oss", "gs"])
def test_a_file_system_that_is_not_installed_names_its_package(scheme, monkeypatch):
    package = {"s3": "s3fs", "oss": "ossfs", "gs": "gcsfs"}[scheme]
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules["fsspec.registry"]._registry, scheme, raising=False)
    with pytest.raises(ConfigError, match=f"{scheme}:// needs {package}"):
        connect(f"{scheme}://bucket/x")


def test_options_that_do_not_suit_are_one_clear_line():
    with pytest.raises(ConfigError, match="is not a JSON object") as e:
        connect("s3://b/x", options={"client_kwargs": "{geheim"})
    assert "geheim" not in e.value.line()


# bad input


def scan(folder):
    return job.scan(Config(sources=(Source("s", str(folder)),)))


CUT = {
    kind: body
    for kind, body in MEMBER.items()
    if kind not in ("csv.bz2", "csv.zst", "tsv.gz", "json array")
    and "utf-16" not in kind
    and kind not in ("jsonl in gb18030", "arrow stream")
}


@pytest.mark.parametrize("kind", CUT)
def test_a_truncated_file_is_skipped_with_its_name(kind, tmp_path):
    body = CUT[kind]()
    (tmp_path / f"cut.{suffix_of(kind)}").write_bytes(body[: len(body) * 2 // 3])
    (tmp_path / "member.csv").write_text(member_text(), encoding="utf-8")
    report = scan(tmp_path)

    assert [s.id for s in report.skipped] == ["s/cut"]
    assert f"cut.{suffix_of(kind)}" in report.skipped[0].reason and report.skipped[0].hint
    assert "13700000" not in str(report.skipped)
    assert next(t for t in report.tables if t.id == "s/member").drawn.rows == 300


EMPTY = {
    "empty csv": ("e.csv", b""),
    "header only": ("e.csv", b"id,mobile\n"),
    "parquet of no rows": ("e.parquet", bytes_of(pq.write_table, member_table().slice(0, 0))),
    "orc of no rows": ("e.orc", bytes_of(orc.write_table, member_table().slice(0, 0))),
    "arrow of no rows": ("e.arrow", ipc(member_table().slice(0, 0), pa.ipc.new_file)),
    "empty jsonl": ("e.jsonl", b""),
    "avro of no rows": ("e.avro", avro(MEMBER_AVRO, [])),
    "empty array": ("e.json", b"[]"),
}


@pytest.mark.parametrize(("name", "body"), EMPTY.values(), ids=EMPTY)
def test_files_of_no_rows_are_no_fault(name, body, tmp_path):
    (tmp_path / name).write_bytes(body)
    report = scan(tmp_path)

    assert report.skipped == ()
    assert all(t.drawn.rows == 0 for t in report.tables)


@pytest.mark.parametrize("name", ["e.parquet", "e.orc", "e.arrow", "e.avro", "e.xls", "e.zip"])
def test_an_empty_file_of_a_binary_format_is_skipped(name, tmp_path):
    (tmp_path / name).write_bytes(b"")

    assert [s.id for s in scan(tmp_path).skipped] == ["s/e"]


@pytest.mark.parametrize("name", ["a/logo__png", ""])
def test_an_archive_without_a_table_is_skipped(name, tmp_path):
    (tmp_path / "e.zip").write_bytes(zipped(**({name: b"\x89PNG\r\n\x1a\n"} if name else {})))

    assert [(s.id, "no table" in s.reason) for s in scan(tmp_path).skipped] == [("s/e", True)]


def test_a_file_removed_while_scanning(tmp_path):
    for kind in ("csv", "parquet of many row groups", "orc", "avro"):
        body = member_text().encode() if kind == "csv" else MEMBER[kind]()
        (tmp_path / f"m{suffix_of(kind)}.{suffix_of(kind)}").write_bytes(body)
    source = connect(str(tmp_path))
    infos = list(source.tables())
    for f in tmp_path.iterdir():
        f.unlink()

    assert len(infos) == 4
    for info in infos:
        with pytest.raises(SourceError, match="the file is gone"):
            source.sample(info.ref, ("id",), 10, 1)


def test_names_of_ten_thousand_characters(memory):
    long = "手机号" + "x" * 10_000
    memory.pipe(f"/lake/{'t' * 10_000}.csv", f"{long},id\n13700000001,1\n".encode())
    memory.pipe(
        "/lake/p.parquet", bytes_of(pq.write_table, pa.table({long: ["13700000001"], "s": [{long: 1}]}))
    )
    memory.pipe("/lake/z.zip", zipped(**{"m" * 10_000 + "__csv": f"{long}\n1\n"}))
    source = connect("memory://lake/")
    infos = list(source.tables())

    assert [len(i.ref.name) for i in infos] == [1, 10_000, 10_000]
    assert all(
        len(rows_of(source.sample(i.ref, [c.name for c in i.columns], 5, 1).batches)) == 1 for i in infos
    )


def test_a_file_that_may_not_be_opened(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text("id\n1\n", encoding="utf-8")
    whole = Path.open

    def refuse(self, *args, **options):
        if self.name == "a.csv":
            raise PermissionError(13, "geheim")
        return whole(self, *args, **options)

    monkeypatch.setattr(Path, "open", refuse)
    (found,) = connect(str(tmp_path)).tables()

    assert found.reason.endswith("a.csv: cannot be opened (PermissionError)") and "permissions" in found.hint


def test_bytes_that_are_no_text_of_any_known_encoding(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"\x00\x01\x02\x00" * 500)
    (tmp_path / "b.jsonl").write_bytes(b'{"a": "\xff\xfe\xff"}\n' * 9 + '{"a": "上海"}\n'.encode() * 50)
    report = scan(tmp_path)

    assert {s.id for s in report.skipped} <= {"s/a", "s/b"} and "s/a" in {s.id for s in report.skipped}


def test_a_where_that_does_not_suit_a_column_is_one_clear_line(tmp_path):
    pq.write_table(member_table(), tmp_path / "m.parquet")
    source = connect(str(tmp_path))
    with pytest.raises(SourceError, match="cannot test gt on a column of type int64"):
        list(source.read(next(source.tables()).ref, ("id",), {"id": {"gt": "geheim"}}))


def test_every_format_is_found_by_its_suffix():
    assert {
        "csv",
        "tsv",
        "parquet",
        "orc",
        "feather",
        "arrow",
        "avro",
        "xls",
        "xlsb",
        "xlsx",
        "jsonl",
        "zip",
        "s3://",
        "hdfs://",
        "delta://",
        "iceberg://",
    } <= set(families())


def test_names_of_files_and_sheets_are_masked_and_each_table_is_read(tmp_path):
    for name in ("张三13812345678", "李娜13912345678"):
        (tmp_path / f"{name}.csv").write_text(f"id,name\n1,{name}\n", encoding="utf-8")
    book = Workbook()
    book.active.title = "王伟13712345678"
    for sheet in (book.active, book.create_sheet("李娜13612345678"), book.create_sheet("all")):
        sheet.append(["id", "title"])
        sheet.append([1, sheet.title])
    book.save(tmp_path / "b.xlsx")
    source = connect(str(tmp_path))
    tables = {(info.ref.schema, info.ref.name): info for info in source.tables()}
    samples = {key: source.sample(info.ref, [info.columns[1].name], 9, 7) for key, info in tables.items()}
    cells = {key: sample.batches[0].column(0)[0].as_py() for key, sample in samples.items()}
    folder = f"{mask_values(tmp_path.name)}_••••••"

    assert cells == {
        ("", "••••••"): "张三13812345678", ("", f"{folder}.csv"): "李娜13912345678",
        ("b", "••••••"): "王伟13712345678", ("b", "••••••_2"): "李娜13612345678", ("b", "all"): "all"}
