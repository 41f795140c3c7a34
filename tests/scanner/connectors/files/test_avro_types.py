"""Avro: bytes that are text, days that Python cannot hold, text in another encoding, a damaged block."""

import io
import random

import bent_reading
import bent_types
import fastavro
import pytest

from detectors.folding import fold
from scanner.connectors import connect
from scanner.gather.column_statistics import columns_of


def read(path):
    source = connect(str(path))
    info = next(source.tables())
    sample = source.sample(info.ref, tuple(c.name for c in info.columns), 100_000, 1)
    return {n: fold(a).to_pylist() for n, a in columns_of(sample.batches).items()}, sample.losses


def write(path, kinds, records, **options):
    fields = [{"name": name, "type": kind} for name, kind in kinds.items()]
    schema = {"type": "record", "name": "r", "fields": fields}
    with path.open("wb") as out:
        fastavro.writer(out, schema, records, **options)
    return path


MOBILES = bent_types.mobiles(random.Random(3))
CASES = {
    "bytes": ("bytes", [m.encode() for m in MOBILES], MOBILES, set()),
    "a fixed length": ({"type": "fixed", "name": "f", "size": 11}, [m.encode() for m in MOBILES], MOBILES,
                       set()),
    "GB18030": ("bytes", [f"林一{m}".encode("gb18030") for m in MOBILES], [f"林一{m}" for m in MOBILES],
                {"other_encoding_cells"}),
    "a photograph": ("bytes", [b"\x89PNG\x00\xff"] * 6, ["\ufffd"] * 6, {"bytes_no_text"}),
    "a late day": ({"type": "int", "logicalType": "date"}, [2**31 - 1, 0, 1, 2, 3, 4],
                   [str(2**31 - 1), *(f"1970-01-0{i}" for i in range(1, 6))], set()),
    "a late moment": ({"type": "long", "logicalType": "timestamp-millis"}, [2**60] * 6, [str(2**60)] * 6,
                      set()),
    "numbers or text": (["int", "string"], [5, "5", MOBILES[0], 6, 7, MOBILES[1]],
                        ["5", "5", MOBILES[0], "6", "7", MOBILES[1]], set()),
    "an array of bytes": ({"type": "array", "items": "bytes"}, [[m.encode()] for m in MOBILES], MOBILES,
                          set()),
}


@pytest.mark.parametrize("name", CASES)
def test_every_type_is_read_beside_a_mobile(name, tmp_path):
    kind, values, texts, losses = CASES[name]
    records = [{"m": m, "x": value} for m, value in zip(MOBILES, values, strict=True)]
    cells, told = read(write(tmp_path / "t.avro", {"m": "string", "x": kind}, records))

    assert cells == {"m": MOBILES, "x": texts}
    assert {loss.kind for loss in told} == losses


def test_text_that_is_no_utf8_costs_no_more_than_its_cell(tmp_path):
    records = [{"m": m, "x": "甲乙丙丁" if i else "abcdefgh"} for i, m in enumerate(MOBILES)]
    path = write(tmp_path / "t.avro", {"m": "string", "x": "string"}, records)
    path.write_bytes(path.read_bytes().replace(b"abcdefgh", "张三李四".encode("gb18030")))
    cells, told = read(path)

    assert cells == {"m": MOBILES, "x": ["张三李四", *["甲乙丙丁"] * 5]}
    assert [(loss.kind, loss.n) for loss in told] == [("other_encoding_cells", 1)]


def test_a_damaged_block_costs_what_follows(tmp_path):
    mobiles = bent_types.mobiles(random.Random(4), 3_000)
    path = write(tmp_path / "t.avro", {"m": "string"}, [{"m": m} for m in mobiles], sync_interval=4_000,
                 codec="deflate")
    body = bytearray(path.read_bytes())
    body[len(body) // 2: len(body) // 2 + 200] = b"\xff" * 200
    path.write_bytes(body)
    cells, told = read(path)

    assert 1_000 < len(cells["m"]) < 2_000
    assert cells["m"][:1_000] == mobiles[:1_000]
    assert [(loss.kind, loss.lost, loss.rows) for loss in told] == [("unreadable_row_groups", True, True)]


def test_records_deeper_than_is_followed_are_said(tmp_path):
    path, schema = tmp_path / "t.avro", {
        "type": "record", "name": "r", "fields": [
            {"name": "m", "type": "string"}, {"name": "next", "type": ["null", "r"]}]}
    record = None
    for m in bent_types.mobiles(random.Random(5), 20):
        record = {"m": m, "next": record}
    with path.open("wb") as out:
        fastavro.writer(out, schema, [record])

    assert {loss.kind for loss in read(path)[1]} == {"unreadable_cells"}


def test_bytes_of_a_block_that_no_record_takes_are_said(tmp_path):
    rng = random.Random(3)
    records = [{"name": f"n{i}", "mobile": f"13{rng.randrange(10**9):09}"} for i in range(120)]
    schema = {"type": "record", "name": "r",
              "fields": [{"name": "name", "type": "string"}, {"name": "mobile", "type": "string"}]}
    file = io.BytesIO()
    fastavro.writer(file, schema, records, sync_interval=600)
    body = file.getvalue()
    for at in rng.sample(range(300, len(body) - 70), 40):
        (tmp_path / "a.avro").write_bytes(body[:at] + bytes(64) + body[at + 64:])
        reading = bent_reading.read(tmp_path / "a.avro")

        assert reading.refused or reading.losses or all(r["mobile"] in reading.text for r in records), at
