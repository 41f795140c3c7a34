"""Files as people reported them to other projects, with invented values: each is read, or it is said why not.

What needs a server or a folder (row-level security, views, dictionaries, archives, old databases) is tested
beside its reader.
"""

import io
import json
import zipfile

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from bent_documents import STRICT, edited, workbook_of
from bent_reading import read

PEOPLE = [("林一", "13700000001", "上海"), ("陈二", "13700000002", "杭州"), ("王三", "13700000003", "北京"),
          ("赵四", "13700000004", "成都"), ("孙五", "13700000005", "西安")]
MOBILES = [mobile for _, mobile, _ in PEOPLE]
HEADINGS = ("姓名", "手机号", "城市")
RECORDS = [dict(zip(HEADINGS, row, strict=True)) for row in PEOPLE]


def lines(*rows, sign=","):
    return "".join(sign.join(map(str, row)) + "\n" for row in rows)


TABLE = lines(HEADINGS, *PEOPLE)
SHEET = workbook_of({(1, 1): [HEADINGS, *PEOPLE]})
MANY = [(f"林{chr(0x4E00 + i % 90)}", f"137{i:08}", "上海") for i in range(1_000)]
QUOTED = [lines(row) for row in (HEADINGS, *MANY)]
QUOTED[20] = '"' + QUOTED[20]


def parquet(*columns):
    out = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([c for _, c in columns], names=[n for n, _ in columns]), out)
    return out.getvalue()


def zipped(*members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members:
            archive.writestr(name, text)
    return out.getvalue()


def half_gbk():
    body = [lines(row) for row in (HEADINGS, *MANY)]
    return "".join(body[:500]).encode() + "".join(body[500:]).encode("gbk")


# what it is: (file, content, columns or None where any do, what must be read, kinds that must be said)
INPUTS = {
    "a title line": ("a.csv", "会员名单\n" + TABLE, HEADINGS, MOBILES, ()),
    "sep=,": ("a.csv", "sep=,\n" + TABLE, HEADINGS, MOBILES, ()),
    "a blank first line": ("a.csv", "\n" + TABLE, HEADINGS, MOBILES, ()),
    "rows wider than the header": (
        "a.csv", lines(HEADINGS, *((*p, "x", p[1][::-1]) for p in PEOPLE)), (*HEADINGS, "c03", "c04"),
        [*MOBILES, *(m[::-1] for m in MOBILES)], ()),
    "R's write.table": (
        "a.txt", lines((f'"{h}"' for h in HEADINGS), *([f'"{i}"', *(f'"{c}"' for c in p)]
                                                      for i, p in enumerate(PEOPLE, 1)), sign=" "),
        ("c00", *HEADINGS), MOBILES, ()),
    "a second block at F45": (
        "a.xlsx", workbook_of({(1, 1): [("城市", "数量"), ("上海", 3), ("北京", 4)],
                               (45, 6): [HEADINGS, *PEOPLE]}), None, MOBILES, ()),
    "a dimension of one cell": (
        "a.xlsx", edited(SHEET, "sheet1", (r"<dimension[^>]*/>", '<dimension ref="A1"/>')), HEADINGS, MOBILES,
        ()),
    "strict OOXML": ("a.xlsx", edited(SHEET, "", *STRICT), HEADINGS, MOBILES, ()),
    "names and e-mails without a header": (
        "a.csv", lines(*((p[0], f"u{i}@example.com") for i, p in enumerate(PEOPLE))), ("c00", "c01"),
        ["u0@example.com", "u4@example.com"], ()),
    "JSON lines named .txt": ("a.txt", "\n".join(map(json.dumps, RECORDS)), HEADINGS, MOBILES, ()),
    "an object keyed by mobiles": (
        "a.json", json.dumps({p[1]: {"姓名": p[0]} for p in PEOPLE}), ("{key}", "{value}.姓名"), MOBILES, ()),
    "a quote that is never closed": (
        "a.csv", "".join(QUOTED), HEADINGS, [row[1] for row in MANY], ("broken_quotes",)),
    "pandas' index column": (
        "a.csv", lines(("", *HEADINGS), *((i, *p) for i, p in enumerate(PEOPLE))), ("c00", *HEADINGS),
        MOBILES, ()),
    "duplicate headings": (
        "a.csv", lines(("姓名", "手机号", "手机号"), *((p[0], p[1], p[1][::-1]) for p in PEOPLE)),
        ("姓名", "手机号", "手机号_2"), [m[::-1] for m in MOBILES], ()),
    "months as headings": (
        "a.csv", lines(("姓名", "2024-11", "2024-12", "2025-01"), *((p[0], 1, 2, 3) for p in PEOPLE)),
        ("姓名", "2024-11", "2024-12", "2025-01"), [p[0] for p in PEOPLE], ()),
    "a key-value row above the header": (
        "a.csv", "导出人,周立,\n" + TABLE, HEADINGS, MOBILES, ("title_persons",)),
    "||": ("a.csv", lines(HEADINGS, *PEOPLE, sign="||"), HEADINGS, MOBILES, ()),
    "~": ("a.csv", lines(HEADINGS, *PEOPLE, sign="~"), HEADINGS, MOBILES, ()),
    "an ID key after record 2,500": (
        "a.jsonl", "\n".join(json.dumps({"n": i, **({"id_card": "11010519491231002X"} if i == 2_600 else {})})
                             for i in range(3_000)), ("n", "id_card"), ["11010519491231002X"], ()),
    "an array a line": ("a.json", "\n".join(map(json.dumps, [HEADINGS, *PEOPLE])), HEADINGS, MOBILES, ()),
    "two arrays in one file": (
        "a.json", json.dumps(RECORDS[:2]) + "\n" + json.dumps(RECORDS[2:]), HEADINGS, MOBILES, ()),
    "a uuid beside a mobile": (
        "a.parquet", parquet(("id", pa.ExtensionArray.from_storage(
            pa.uuid(), pa.array([bytes([i] * 16) for i in range(5)], pa.binary(16)))),
            ("mobile", pa.array(MOBILES))), ("id", "mobile"), MOBILES, ()),
    "two columns v": (
        "a.parquet", parquet(("v", pa.array(MOBILES)), ("v", pa.array([m[::-1] for m in MOBILES]))), None,
        [*MOBILES, *(m[::-1] for m in MOBILES)], ()),
    "two members of one name": (
        "a.zip", zipped(("m.csv", TABLE), ("m.csv", lines(HEADINGS, ("周六", "13900000006", "上海")))), None,
        [*MOBILES, "13900000006"], ()),
    "the second half in GBK": (
        "a.csv", half_gbk(), HEADINGS, [c for row in MANY for c in row[:2]], ("other_encoding",)),
    "Big5": ("a.csv", lines(("姓名", "手機", "城市"), *(("陳" + p[0][1], p[1], "臺北市") for p in PEOPLE))
             .encode("big5"), ("姓名", "手機", "城市"), [*MOBILES, "陳二"], ()),
    "an empty fill": (
        "a.xlsx", edited(SHEET, "styles", (r'<fills count="2">', '<fills count="3"><fill/>')), HEADINGS,
        MOBILES, ()),
    "a lone surrogate as a key": (
        "a.jsonl", "\n".join(json.dumps({"\ud83d": "x", **r}) for r in RECORDS), None, MOBILES, ()),
    "40,000 keys": (
        "a.json", json.dumps({f"u{i:05}": {"手机号": f"137{i:08}"} for i in range(40_000)}),
        ("{key}", "{value}.手机号"), ["13700039999"], ()),
}


@pytest.mark.parametrize("what", INPUTS)
def test_a_reported_input_is_read(what, tmp_path):
    file, content, columns, values, kinds = INPUTS[what]
    (tmp_path / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    reading = read(tmp_path / file)
    text = reading.text

    assert reading.refused == []
    assert [value for value in values if value not in text] == []
    assert columns is None or reading.columns == [columns]
    assert {loss.kind for loss in reading.losses} == set(kinds)
    assert not any(value in name for names in reading.columns for name in names for value in values)


def test_a_feather_file_with_a_wrong_byte_is_read_or_refused(tmp_path):
    path = tmp_path / "a.feather"
    feather.write_feather(pa.table({"mobile": MOBILES}), path)
    good = path.read_bytes()
    for at in range(8, len(good), 97):
        path.write_bytes(good[:at] + bytes([good[at] ^ 0x41]) + good[at + 1:])
        reading = read(path)
        assert reading.refused or reading.rows
