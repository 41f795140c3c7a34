"""A file behind another one, byte by byte: it is read, or told, and the number of rows is not exact."""

import io

import fastavro
import pyarrow as pa
import pytest
from bent_reading import read
from pyarrow import feather, orc, parquet

ROWS = 400


def numbers(start):
    """Two tables of which give files of the same length, so that places in one are places in the other."""
    return pa.table({"n": range(start, start + ROWS), "m": [i * 7 % 1_000 + 1_000 for i in range(ROWS)]})


def written(write, **options):
    def body(table):
        packed = io.BytesIO()
        write(table, packed, **options)
        return packed.getvalue()

    return body


def stream(table):
    packed = io.BytesIO()
    with pa.ipc.new_stream(packed, table.schema) as writer:
        writer.write_table(table)
    return packed.getvalue()


def avro(table):
    fields = [{"name": name, "type": "long"} for name in table.schema.names]
    packed = io.BytesIO()
    schema = fastavro.parse_schema({"type": "record", "name": "r", "fields": fields})
    fastavro.writer(packed, schema, table.to_pylist(), sync_marker=bytes(16))
    return packed.getvalue()


FORMATS = {
    "parquet": written(parquet.write_table),
    "plain.parquet": written(parquet.write_table, compression="none", use_dictionary=False),
    "indexed.parquet": written(parquet.write_table, write_page_index=True, row_group_size=90),
    "feather": written(feather.write_feather, chunksize=90),
    "plain.feather": written(feather.write_feather, compression="uncompressed"),
    "orc": written(orc.write_table),
    "arrows": stream,
    "avro": avro,
}


@pytest.mark.parametrize("name", FORMATS)
def test_two_files_in_one_are_read_or_told(name, tmp_path):
    body = FORMATS[name]
    for second in (numbers(1_000), numbers(1_000).slice(0, 90)):
        (tmp_path / f"a.{name}").write_bytes(body(numbers(0)) + body(second))
        reading = read(tmp_path / f"a.{name}")
        n = sum(map(len, reading.tables))
        assert reading.refused or n == ROWS + len(second) or not reading.is_exact and reading.losses


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_alone_is_exact(name, tmp_path):
    (tmp_path / f"a.{name}").write_bytes(FORMATS[name](numbers(0)))
    reading = read(tmp_path / f"a.{name}")
    assert reading.is_exact and sum(map(len, reading.tables)) == ROWS


@pytest.mark.parametrize("name", FORMATS)
def test_foreign_bytes_behind_a_file_cost_themselves(name, tmp_path):
    for foreign in (b"<html>", b"\0" * 70_000 + b"x", b"PAR1" * 3 + b"ORC" * 9 + b"\n"):
        (tmp_path / f"a.{name}").write_bytes(FORMATS[name](numbers(0)) + foreign)
        reading = read(tmp_path / f"a.{name}")
        assert sum(map(len, reading.tables)) == ROWS, foreign
        assert not reading.is_exact and reading.losses


@pytest.mark.parametrize("n", (4, 5, 12, 300))
def test_bytes_that_no_length_of_an_orc_file_speaks_of_are_told(n, tmp_path):
    whole = FORMATS["orc"](numbers(0))
    end = 3 + orc.ORCFile(io.BytesIO(whole)).content_length
    (tmp_path / "a.orc").write_bytes(whole[:end] + b"7" * n + whole[end:])
    reading = read(tmp_path / "a.orc")

    assert sum(map(len, reading.tables)) == ROWS
    assert not reading.is_exact and [loss.n for loss in reading.losses] == [n]


@pytest.mark.parametrize("headings", (("姓名", "手机号"), ("姓名", "手机号", *[""] * 2_000)))
def test_two_thousand_columns_without_a_value_are_read(headings, tmp_path):
    lines = [f"林一,1370000{i:04}{',' * 2_000}" for i in range(50)]
    (tmp_path / "a.csv").write_text("\n".join([",".join(headings), *lines]) + "\n")
    reading = read(tmp_path / "a.csv")

    assert reading.is_exact and [len(names) for names in reading.columns] == [2_002]
    assert {row[:2] for row in reading.tables[0]} == {("林一", f"1370000{i:04}") for i in range(50)}
