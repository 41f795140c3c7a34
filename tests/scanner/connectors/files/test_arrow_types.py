"""Every type of Arrow is read beside a mobile: as text where it holds any, accounted for where it does not;
what is damaged costs itself alone.
"""

import random
import re
import warnings

import bent_reading
import bent_types
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bent_types import ROWS, TYPES
from pyarrow import feather, orc

from detectors.folding import fold
from scanner.connectors import connect
from scanner.gather.column_statistics import columns_of
from scanner.gather.examine import table_rows


def write_ipc(table, path):
    with pa.ipc.new_file(path, table.schema) as writer:
        for batch in table.to_batches(max_chunksize=4):
            writer.write(batch)


def write_stream(table, path):
    with pa.ipc.new_stream(path, table.schema) as writer:
        writer.write_table(table)


WRITERS = {
    "t.parquet": lambda table, path: pq.write_table(table, path, row_group_size=4),
    "t.arrow": write_ipc,
    "t.arrows": write_stream,
    "t.feather": feather.write_feather,
    "t.orc": orc.write_table,
}
SEEDS = 3


def read(path):
    """Columns as text, losses and the count of rows of the one table in a file."""
    source = connect(str(path))
    info = next(source.tables())
    names = tuple(c.name for c in info.columns)
    sample = source.sample(info.ref, names, 10_000, 1)
    cells = {name: fold(array).to_pylist() for name, array in columns_of(sample.batches).items()}
    return cells, sample.losses, table_rows(info.rows, sample.drawn, sample.losses)


def written(table, file, folder):
    """The file, or None where its format has no such type."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            WRITERS[file](table, str(folder / file))
    except (pa.ArrowException, OSError, TypeError, ValueError):
        return None
    return folder / file


def of_orc(cells, expected, losses):
    """The same for ORC, whose branches have no names of their own, whose moments are always of nanoseconds,
    and which writes what it cannot read: that column is null, and it is said.
    """
    cells = dict(zip(expected, cells.values(), strict=True))
    if any(loss.kind == "unreadable_columns" and "column x" in loss.message for loss in losses):
        return cells, expected | {"x": [None] * ROWS}, [e for e in losses if e.kind != "unreadable_columns"]
    cells["x"] = [re.sub(r"(:[0-9]{2}\.[0-9]{3})000000Z$", r"\1", c) if c else c for c in cells.get("x", ())]
    return cells, {"x": []} | expected, losses


@pytest.mark.parametrize("name", TYPES)
def test_every_type_is_read_beside_a_mobile(name, tmp_path):
    formats = 0
    for seed in range(SEEDS):
        rng = random.Random(seed)
        typed, beside = TYPES[name](rng), bent_types.mobiles(rng)
        table = pa.table({"手机": beside, "x": typed.array})
        for file in WRITERS:
            path = written(table, file, tmp_path) if file != "t.orc" or typed.orc else None
            if path is None:
                continue
            formats += 1
            cells, losses, count = read(path)
            expected = {"手机": beside} | {f"x{behind}": texts for behind, texts in typed.cells.items()}
            if file == "t.orc":
                cells, expected, losses = of_orc(cells, expected, losses)
            assert cells == expected, file
            assert {loss.kind for loss in losses} == typed.losses, file
            assert (count.method, count.low) == ("exact", ROWS) or file == "t.orc", file
    assert formats >= SEEDS


@pytest.mark.parametrize("file", ["t.parquet", "t.arrow", "t.arrows"])
def test_columns_of_one_name_are_all_read(file, tmp_path):
    a, b, c = (bent_types.mobiles(random.Random(seed)) for seed in range(3))
    table = pa.Table.from_arrays([pa.array(a), pa.array(b), pa.array(c)], names=["v", "v_2", "v"])
    cells, losses, _ = read(written(table, file, tmp_path))

    assert (cells, losses) == ({"v": a, "v_2": b, "v_3": c}, ())


def test_each_byte_column_of_a_table_is_judged_by_itself(tmp_path):
    rng = random.Random(7)
    texts = bent_types.mobiles(rng)
    table = pa.table({
        "photo": [b"\x89PNG\x00" + rng.randbytes(200) for _ in texts],
        "mobile": [text.encode() for text in texts],
        "name": ["欧阳娜娜".encode("gb18030")] * ROWS,
    })
    cells, losses, _ = read(written(table, "t.parquet", tmp_path))

    assert cells["mobile"] == texts
    assert cells["name"] == ["欧阳娜娜"] * ROWS
    assert cells["photo"] == [None] * ROWS
    assert {(loss.kind, loss.n): "photo" in loss.message for loss in losses} == {
        ("other_encoding_cells", ROWS): False, ("bytes_no_text", ROWS): True}


# ---- damage ------------------------------------------------------------------------------------------------


@pytest.fixture
def people():
    rng = random.Random(5)
    rows = 4_000
    return pa.table({
        "name": [f"林{rng.randrange(10**6)}" for _ in range(rows)],
        "mobile": bent_types.mobiles(rng, rows),
        "town": [f"城{rng.randrange(10**6)}" for _ in range(rows)],
    })


def damage_chunk(path, group, column):
    """Overwrite the middle of one column of one row group of a Parquet file."""
    chunk = pq.ParquetFile(path).metadata.row_group(group).column(column)
    start = chunk.dictionary_page_offset or chunk.data_page_offset
    body = bytearray(path.read_bytes())
    body[start: start + 400] = b"\xff" * 400
    path.write_bytes(body)


def test_a_damaged_column_costs_itself(people, tmp_path):
    path = tmp_path / "t.parquet"
    pq.write_table(people, path, row_group_size=1_000)
    for group in range(4):
        damage_chunk(path, group, 2)
    cells, losses, count = read(path)

    assert cells["mobile"] == people["mobile"].to_pylist()
    assert cells["town"] == [None] * 4_000
    assert [(loss.kind, loss.n, loss.lost) for loss in losses] == [("unreadable_columns", 1, True)]
    assert "town" in losses[0].message
    assert count.method != "exact"


def test_a_damaged_row_group_costs_itself(people, tmp_path):
    path = tmp_path / "t.parquet"
    pq.write_table(people, path, row_group_size=1_000)
    for column in range(3):
        damage_chunk(path, 1, column)
    cells, losses, count = read(path)

    whole = people["mobile"].to_pylist()
    assert cells["mobile"] == whole[:1_000] + whole[2_000:]
    assert [(loss.kind, loss.n) for loss in losses] == [("unreadable_row_groups", 1)]
    assert "part 2" in losses[0].message
    assert (count.method, count.high) == ("row_sample", None)


@pytest.mark.parametrize("file", ["t.arrow", "t.arrows"])
def test_a_damaged_batch_costs_itself(people, file, tmp_path):
    path = tmp_path / file
    new = pa.ipc.new_file if file == "t.arrow" else pa.ipc.new_stream
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with new(str(path), people.schema, options=options) as writer:
        for batch in people.to_batches(max_chunksize=1_000):
            writer.write(batch)
    spoil_frames(path, 2)
    cells, losses, count = read(path)

    whole = people["mobile"].to_pylist()
    assert cells["mobile"] == (whole[:2_000] + whole[3_000:] if file == "t.arrow" else whole[:2_000])
    assert [(loss.kind, loss.n) for loss in losses] == [("unreadable_row_groups", 1)]
    assert (count.method, count.high) == ("row_sample", None)


def spoil_frames(path, number):
    """Spoil what is compressed in one batch: the third part of all frames is its."""
    body = bytearray(path.read_bytes())
    starts = [i for i in range(len(body)) if body[i: i + 4] == b"\x28\xb5\x2f\xfd"]
    per_batch = len(starts) // 4
    for start in starts[number * per_batch: (number + 1) * per_batch]:
        body[start: start + 4] = b"\xff" * 4
    path.write_bytes(body)


def test_a_damaged_stripe_costs_itself(people, tmp_path):
    path = tmp_path / "t.orc"
    orc.write_table(people, str(path), compression="zstd")
    body = bytearray(path.read_bytes())
    body[200: len(body) // 2] = b"\xff" * (len(body) // 2 - 200)
    path.write_bytes(body)
    cells, losses, count = read(path)

    assert losses
    assert all(loss.lost for loss in losses)
    assert count.method != "exact"


def test_what_is_cut_off_a_long_cell_is_said(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("mobile,x\n" + "".join(f"13812345678,{'文' * n}\n" for n in (65_536, 65_537, 1)), "utf-8")
    cells, losses, count = read(path)

    assert [len(cell) for cell in cells["x"]] == [65_536, 65_536, 1]
    assert [(loss.kind, loss.n, loss.lost) for loss in losses] == [("long_cells", 1, False)]
    assert (count.method, count.low) == ("exact", 3)


@pytest.mark.parametrize("compression", ["uncompressed", "lz4"])
def test_bytes_that_went_missing_are_never_silent(compression, tmp_path):
    rng = random.Random(compression)
    mobiles = [f"13{rng.randrange(10**9):09}" for _ in range(120)]
    table = pa.table({"name": [f"n{i}" for i in range(120)], "mobile": mobiles})
    feather.write_feather(table, tmp_path / "a.feather", compression=compression, chunksize=50)
    body = (tmp_path / "a.feather").read_bytes()
    whole = bent_reading.read(tmp_path / "a.feather")
    for _ in range(40):
        at, n = rng.randrange(200, len(body) - 300), rng.randrange(1, 41)
        (tmp_path / "b.feather").write_bytes(body[:at] + body[at + n:])
        reading = bent_reading.read(tmp_path / "b.feather")

        assert not reading.is_exact or all(mobile in reading.text for mobile in mobiles), (at, n)
    assert whole.is_exact and not whole.losses
