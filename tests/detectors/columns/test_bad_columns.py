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


# ---- inputs that say little or lie: no crash, and a doubt rather than silence


def _top(table, names, values=(), comments=(), table_comment=""):
    comments = comments or [""] * len(names)
    columns = tuple(ColumnInfo(n, "varchar(255)", c) for n, c in zip(names, comments, strict=True))
    info = TableInfo(TableRef(table), columns, table_comment)
    cells = values or [None] * len(names)
    samples = [
        ColumnSample(info.ref.column("s", c.parts), info, c, None if v is None else pa.array(v))
        for c, v in zip(columns, cells, strict=True)
    ]
    found = {}
    for f in detect(info, samples):
        if f.primary or f.possible:
            found[f.column.rpartition("/")[2]] = f
    return found


MOBILES = [f"138{i * i * 7919 % 10**8:08d}" for i in range(1, 60)]
PEOPLE = ["张伟明", "李娜", "王芳", "刘洋", "陈静怡", "杨磊", "赵敏", "黄晓明", "周杰", "吴倩"] * 4


def test_a_table_without_names_is_read_by_its_values():
    found = _top("t1", ["c1", "c2", "c3"], [MOBILES[:40], PEOPLE, [str(i) for i in range(40)]])

    assert (found["c1"].label, found["c2"].label) == ("phone_mobile", "person_name")
    assert found["c1"].primary and not (found.get("c3") and found["c3"].primary)


@pytest.mark.parametrize("names", [["手机号mobile", "user姓名"], ["Telefon_手机", "nombre_姓名"]])
def test_names_in_mixed_languages(names):
    found = _top("会员_member", names, [MOBILES[:40], PEOPLE])

    assert [found[n].label for n in names] == ["phone_mobile", "person_name"]


def test_a_comment_of_ten_thousand_characters_changes_nothing_and_hides_nothing():
    [plain] = _top("member", ["mobile"], comments=["手机号"]).values()
    [long] = _top("member", ["mobile"], comments=["手机号，" + "用于联系会员并核对订单信息。" * 800]).values()

    assert long.label == plain.label == "phone_mobile" and long.primary


def test_comments_that_are_shifted_by_a_row_do_not_hide_what_the_values_are():
    names = ["mobile", "name", "visits"]
    cells = [MOBILES[:40], PEOPLE, [str(i) for i in range(40)]]
    found = _top("member", names, cells, ["姓名", "次数", "手机号"])

    assert found["mobile"].label == "phone_mobile" and found["name"].label == "person_name"


def test_a_name_that_lies_is_no_phone_for_certain():
    """`salary_phone` is an allowance."""
    found = _top("payroll", ["employee_no", "salary_phone"], [
        [f"E{i:04d}" for i in range(40)], [f"{50 + i * 2.5:.2f}" for i in range(40)],
    ])

    assert not found.get("salary_phone") or found["salary_phone"].label != "phone_mobile" or (
        found["salary_phone"].possible
    )


def test_a_column_of_one_value_is_not_silence_where_its_name_speaks():
    assert _top("member", ["mobile"], [["13800138000"] * 40])["mobile"].label == "phone_mobile"
    assert "c1" not in _top("t1", ["c1"], [["1"] * 40])


def test_five_thousand_columns():
    names = [f"f{i:04d}" for i in range(4_999)] + ["mobile"]

    assert _top("wide", names)["mobile"].label == "phone_mobile"
