"""Columns that are odd in every way: no exception, no guess from a handful of values,
and nothing lost that is there.
"""

import pyarrow as pa
import pytest

from detectors.columns import detect, value_findings
from detectors.model import ColumnInfo, ColumnSample, TableInfo, TableRef

PHONES = [f"1370000{i:04d}" for i in range(60)]


def primary(values, name="c01"):
    column = ColumnInfo(name, "text")
    table = TableInfo(TableRef("t"), (column,))
    found = detect(table, [ColumnSample(table.ref.column("s", (name,)), table, column, pa.array(values))])
    return next((f for f in found if f.primary), None)


FOUND = {
    "right-to-left marks": ["\u200f" + p + "\u202c" for p in PHONES],
    "zero-width characters inside": [p[:3] + "\u200b" + p[3:] for p in PHONES],
    "full-width digits": [p.translate({48 + i: 0xFF10 + i for i in range(10)}) for p in PHONES],
    "JSON escapes": [f'{{"\\u7535\\u8bdd": "{p}"}}' for p in PHONES],
    "control characters around": ["\x00" + p + "\x00" for p in PHONES],
    "half of it broken text": [p if i % 2 else p + "\ufffd\ufffd" for i, p in enumerate(PHONES)],
    "a dictionary array": pa.array(PHONES).dictionary_encode(),
    "integers": [int(p) for p in PHONES],
    "floats": [float(p) for p in PHONES],
    "lists": [[p, PHONES[0]] for p in PHONES],
    "structs": [{"tel": p} for p in PHONES],
}


@pytest.mark.parametrize("values", FOUND.values(), ids=FOUND)
def test_telephones_are_found_in_any_dress(values):
    assert "mobile" in {
        h.detector.name for h in value_findings(pa.array(values) if isinstance(values, list) else values)
    }


NOTHING = {
    "binary": [b"\x89PNG\r\n\x1a\n" + bytes(range(256))] * 50,
    "binary read as text": [bytes(range(1, 128)).decode() * 20 for _ in range(50)],
    "ten megabytes of noise in a cell": ["x1y2" * 2_500_000],
    "nothing": [None] * 50,
    "blanks": ["", " ", "\t", "N/A", "无"] * 10,
    "emoji": ["😀👍🏽 " * 20] * 10,
    "no rows": [],
}


@pytest.mark.parametrize("values", NOTHING.values(), ids=NOTHING)
def test_nothing_is_found_where_there_is_nothing(values):
    assert primary(values) is None


def test_a_telephone_beyond_the_part_of_a_cell_that_is_read_is_not_claimed():
    assert value_findings(pa.array(["x " * 40_000 + PHONES[0]])) == ()


@pytest.mark.parametrize("values", [PHONES[:2], [PHONES[0]] * 500], ids=["two rows", "one value all over"])
def test_a_handful_of_distinct_values_is_too_few_to_tell(values):
    hit = next(h for h in value_findings(pa.array(values)) if h.detector.name == "mobile")
    finding = primary(values)

    assert hit.note == "too few to tell"
    assert finding is None or any("too few" in e.note for e in finding.evidence)


def test_two_encodings_in_one_column_still_give_the_numbers():
    values = [
        "电话" + p if i % 2 else ("电话" + p).encode("gb18030").decode("latin-1")
        for i, p in enumerate(PHONES)
    ]

    assert "mobile" in {h.detector.name for h in value_findings(pa.array(values))}
