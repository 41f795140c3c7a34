"""Wide Parquet files are read some columns at a time: the sample and what was lost are those of one read."""

import random

import deltalake
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scanner.connectors.files import parquet, row_groups
from scanner.connectors.opening import open_source
from scanner.connectors.protocol import Access

SEEDS = range(6)


def columns(rng, rows):
    """Columns of many types: nested ones, bytes, text that is long or in another encoding, nulls."""
    made = {
        "id": pa.array(range(rows)),
        "person": pa.array([{"name": f"n{i}", "tels": [f"139{i:08d}"] * (i % 3)} for i in range(rows)]),
        "raw": pa.array([f"姓名{i}".encode("gb18030") for i in range(rows)]),
        "blob": pa.array([bytes([0, 255, i % 256]) for i in range(rows)]),
        "long": pa.array(["x" * (30_000 if i == rows // 2 else 3) for i in range(rows)]),
        "tags": pa.array([[{"k": "a", "v": i}] for i in range(rows)]),
    }
    for i in range(rng.randrange(10, 40)):
        made[f"c{i}"] = pa.array([None if rng.random() < 0.1 else f"{i}-{n}" for n in range(rows)])
    order = list(made)
    rng.shuffle(order)
    return pa.table({name: made[name] for name in order})


def damage(place, rng):
    """Overwrite the pages of one column of one row group."""
    footer = pq.ParquetFile(place).metadata
    group = footer.row_group(rng.randrange(footer.num_row_groups))
    chunk = group.column(rng.randrange(group.num_columns))
    whole = bytearray(place.read_bytes())
    start = chunk.dictionary_page_offset or chunk.data_page_offset
    whole[start: start + 40] = b"\xff" * 40
    place.write_bytes(bytes(whole))


def sampled(url, rows=70):
    """The sample of the only table, as rows, how it was drawn, and what was lost."""
    connector = open_source(str(url), Access("x"))
    (info,) = connector.tables()
    sample = connector.sample(info.ref, [c.name for c in info.columns], rows, 7)
    table = pa.Table.from_batches(sample.batches)
    connector.close()
    return table.schema, table.to_pylist(), sample.drawn, sample.losses, sample.skipped


def in_slices(monkeypatch, width=3):
    monkeypatch.setattr(row_groups, "CELLS_AT_ONCE", 1)
    monkeypatch.setattr(row_groups, "FEWEST_COLUMNS", width)
    widest = []
    original = parquet._read_slice

    def read(file, number, names, account):
        widest.append(len(names))
        return original(file, number, names, account)

    monkeypatch.setattr(parquet, "_read_slice", read)
    return widest


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("is_damaged", [False, True])
def test_slices_of_columns_make_the_sample_of_one_read(tmp_path, monkeypatch, seed, is_damaged):
    rng = random.Random(seed)
    place = tmp_path / "wide.parquet"
    pq.write_table(columns(rng, 200), place, row_group_size=rng.choice((40, 90, 500)), compression="zstd")
    if is_damaged:
        damage(place, rng)
    whole = sampled(place)
    widest = in_slices(monkeypatch, rng.choice((1, 3, 7)))

    assert sampled(place) == whole
    assert max(widest) <= row_groups.FEWEST_COLUMNS


def test_partitions_and_names_that_stand_twice_are_as_in_one_read(tmp_path, monkeypatch):
    for city in ("上海", "北京"):
        (tmp_path / f"t/city={city}").mkdir(parents=True)
        table = columns(random.Random(city), 60).select(["id", "raw"])
        pq.write_table(table, tmp_path / f"t/city={city}/a.parquet")
    twice = pa.table([pa.array(range(50)), pa.array(["a"] * 50), pa.array(range(50))], names=["n", "v", "n"])
    pq.write_table(twice, tmp_path / "twice.parquet")
    wholes = [sampled(tmp_path / name) for name in ("t", "twice.parquet")]
    widest = in_slices(monkeypatch, 1)

    assert [sampled(tmp_path / name) for name in ("t", "twice.parquet")] == wholes
    assert widest


def test_rows_that_delta_deleted_stay_deleted(tmp_path, monkeypatch):
    table = pa.table({f"c{i}": [f"{i}-{n}" for n in range(300)] for i in range(9)})
    deltalake.write_deltalake(tmp_path / "d", table)
    deltalake.DeltaTable(tmp_path / "d").delete("c0 > '0-2'")
    whole = sampled(f"delta://{tmp_path / 'd'}")
    widest = in_slices(monkeypatch, 2)

    assert sampled(f"delta://{tmp_path / 'd'}") == whole
    assert widest
