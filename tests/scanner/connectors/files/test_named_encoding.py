"""A text whose encoding nobody can see is told with what to do; named in the options, it is read."""

import json

import pytest
from bent_reading import read

from detectors.errors import ConfigError
from scanner.connectors import connect
from scanner.testing import rows_of

PEOPLE = {
    "cp1251": [("имя", "телефон", "город"), ("Иван Петров", "+79161234567", "Москва")],
    "koi8-r": [("имя", "телефон", "город"), ("Анна Смирнова", "+79031112233", "Казань")],
    "cp1253": [("όνομα", "τηλέφωνο", "πόλη"), ("Γιώργος Παπαδόπουλος", "6912345678", "Αθήνα")],
    "cp1255": [("שם", "טלפון", "עיר"), ("דוד כהן", "0501234567", "תל אביב")],
    "cp1256": [("الاسم", "الهاتف", "المدينة"), ("محمد علي", "0501234567", "الرياض")],
    "cp874": [("ชื่อ", "โทรศัพท์", "เมือง"), ("สมชาย ใจดี", "0812345678", "กรุงเทพ")],
    "cp037": [("name", "phone", "city"), ("John Smith", "5551234567", "Boston")],
    "cp1140": [("name", "phone", "city"), ("John Smith", "5551234567", "Boston")],
    "cp1026": [("name", "phone", "city"), ("Ali Demir", "5551234567", "Izmir")],
}


def write(folder, encoding, rows, end="\n"):
    path = folder / "people.csv"
    path.write_bytes("".join(",".join(row) + end for row in rows).encode(encoding))
    return path


def read_as(path, encoding):
    source = connect(str(path), options={"encoding": encoding})
    (info,) = source.tables()
    names = tuple(column.name for column in info.columns)
    sample = source.sample(info.ref, names, 1_000, 1)
    return names, rows_of(sample.batches), sample.losses


@pytest.mark.parametrize("n", [1, 30])
@pytest.mark.parametrize("encoding", PEOPLE)
def test_what_nobody_can_see_is_told_and_names_no_column(encoding, n, tmp_path):
    heading, row = PEOPLE[encoding]
    reading = read(write(tmp_path, encoding, [heading, *[row] * n]))

    assert reading.refused or not reading.is_exact and reading.losses
    assert all(name.isascii() for names in reading.columns for name in names)


@pytest.mark.parametrize("encoding", PEOPLE)
def test_the_encoding_that_is_named_reads_it(encoding, tmp_path):
    heading, row = PEOPLE[encoding]
    for end in ("\n", "\r\n", *["\x85"] * (encoding == "cp037")):
        path = write(tmp_path, encoding, [heading, *[row] * 40], end)

        assert read_as(path, encoding.upper()) == (heading, [row] * 40, ())


@pytest.mark.parametrize("encoding", ["cp1251", "cp037", "utf-32"])
def test_json_in_an_encoding_that_is_named(encoding, tmp_path):
    records = [{"name": "Lin", "city": "Baku"}] * 3
    (tmp_path / "a.jsonl").write_bytes("\n".join(map(json.dumps, records)).encode(encoding))

    assert read_as(tmp_path / "a.jsonl", encoding) == (("name", "city"), [("Lin", "Baku")] * 3, ())


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "base64", "\0"])
def test_no_encoding_is_refused(encoding, tmp_path):
    path = write(tmp_path, "utf-8", PEOPLE["cp037"])

    with pytest.raises(ConfigError):
        connect(str(path), options={"encoding": encoding})
