"""Workbooks as people send them: every cell is read or named, and no value becomes the name of a column."""

import io
import random
import re
import zipfile

import bent
import bent_reading
import pytest
import xls_file
from bent_documents import edited
from openpyxl import Workbook

from detectors.model import Skipped
from scanner.connectors import connect
from scanner.connectors.files import sheets
from scanner.connectors.files.sheet_texts import SheetTexts
from scanner.connectors.files.workbook_parts import parts_beside_cells

PEOPLE = [(f"林{'一二三四五六七八九'[i]}", f"1370000000{i}") for i in range(9)]
TABLE = [("姓名", "手机号"), *PEOPLE]
PHONES = [phone for _, phone in PEOPLE]


def workbook(blocks, *, title="s", hidden=()):
    """A workbook of one sheet with rows at the given cells, and of hidden sheets."""
    book = Workbook()
    book.active.title = title
    for (row, column), rows in blocks.items():
        for i, cells in enumerate(rows):
            for j, cell in enumerate(cells):
                book.active.cell(row + i, column + j, cell)
    for name in hidden:
        sheet = book.create_sheet(name)
        sheet.sheet_state = "hidden"
        for cells in TABLE:
            sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(path, body):
    """Return {table: (columns, cells by column, losses by kind)}."""
    path.write_bytes(body)
    source = connect(str(path))
    found = {}
    for info in source.tables():
        assert not isinstance(info, Skipped), info
        names = [c.name for c in info.columns]
        batches = list(source.read(info.ref, names, {}))
        cells = {n: [v for b in batches for v in b.column(i).to_pylist()] for i, n in enumerate(names)}
        found[info.ref.name] = names, cells, {loss.kind: loss.n for loss in source.losses(info.ref)}
    return found


PLAIN = workbook({(1, 1): TABLE})
STRICT = [("http://schemas.openxmlformats.org/spreadsheetml/2006/main",
           "http://purl.oclc.org/ooxml/spreadsheetml/main"),
          ("http://schemas.openxmlformats.org/officeDocument/2006/relationships",
           "http://purl.oclc.org/ooxml/officeDocument/relationships")]
BENT = {
    "plain": PLAIN,
    "dimension of one cell": edited(PLAIN, "sheet1", (r"<dimension[^>]*/>", '<dimension ref="A1"/>')),
    "no dimension": edited(PLAIN, "sheet1", (r"<dimension[^>]*/>", "")),
    "dimension of all": edited(PLAIN, "sheet1", (r"<dimension[^>]*/>", '<dimension ref="A1:XFD1048576"/>')),
    "empty fill": edited(PLAIN, "styles", (r'<fills count="2">', '<fills count="3"><fill/>')),
    "strict": edited(PLAIN, "", *STRICT),
    "no references": edited(PLAIN, "sheet1", (r'<c r="\w+"', "<c"), (r'<row r="\d+"', "<row")),
    "title": workbook({(1, 1): [("会员名单",)], (2, 1): TABLE}),
    "title and blank row": workbook({(1, 1): [("会员名单",)], (3, 1): TABLE}),
    "at F45": workbook({(45, 6): TABLE}),
    "blank row within": workbook({(1, 1): TABLE[:5], (7, 1): TABLE[5:]}),
}


@pytest.mark.parametrize("kind", BENT)
def test_the_table_is_found_and_whole(kind, tmp_path):
    ((names, cells, losses),) = read(tmp_path / "m.xlsx", BENT[kind]).values()
    assert names == ["姓名", "手机号"]
    assert cells["手机号"] == PHONES and losses == {}


SEVERAL = {**BENT,
           "two blocks": workbook({(1, 1): [("城市", "数量"), ("上海", 3), ("北京", 4)], (45, 6): TABLE}),
           "two below": workbook({(1, 1): [("城市", "数量"), ("上海", 3)], (6, 1): TABLE}),
           "sparse": workbook({(1, 1): [("a", "b", "c"), (1, None, 2), (None, 3), (4.5, "", True)]}),
           "long": workbook({(1, 1): [("a", "b"), ("x" * 2_000, 1), ("y", 2)]})}


@pytest.mark.parametrize("kind", SEVERAL)
def test_rows_that_were_kept_are_those_that_are_parsed(kind, tmp_path, monkeypatch):
    found = {}
    for most in (10**6, 0):
        monkeypatch.setattr(sheets, "_texts", SheetTexts(most))
        found[most] = read(tmp_path / f"m{most}.xlsx", SEVERAL[kind])

    kept, parsed = ([(names, cells, losses) for names, cells, losses in f.values()] for f in found.values())
    assert kept == parsed and any(kept)


def test_texts_of_the_oldest_sheets_go_first_and_large_ones_are_not_kept():
    texts = SheetTexts(10)
    sizes = {"a": 3, "b": 3, "large": 10, "c": 3, "d": 1}
    for name, cells in sizes.items():
        texts.keep(name, [["x"] * cells])

    assert [name for name in sizes if texts.rows(name) is not None] == ["b", "c", "d"]


@pytest.mark.parametrize("gap", [0, 1, 5])
def test_headings_that_come_again_are_no_row(gap, tmp_path):
    ((_, cells, losses),) = read(tmp_path / "m.xlsx", workbook({
        (1, 1): TABLE[:5], (6 + gap, 1): [TABLE[0], *TABLE[5:]]})).values()
    source = connect(str(tmp_path / "m.xlsx"))
    (info,) = source.tables()

    assert cells["手机号"] == PHONES and losses == {}
    [loss] = source.sample(info.ref, ("姓名", "手机号"), 99, 1).losses
    assert (loss.kind, f"cell A{6 + gap}" in loss.message) == ("repeated_headings", True)


def test_a_second_block_is_a_table_of_its_own(tmp_path):
    found = read(tmp_path / "m.xlsx", workbook({
        (1, 1): [("城市", "数量"), ("上海", 3), ("北京", 4)], (45, 6): TABLE}))
    assert list(found) == ["s", "s_F45"]
    assert found["s_F45"][1]["手机号"] == PHONES and found["s"][0] == ["城市", "数量"]


def test_a_second_block_below_the_first_has_its_own_headings(tmp_path):
    found = read(tmp_path / "m.xlsx", workbook({
        (1, 1): [("城市", "数量"), ("上海", 3), ("北京", 4)], (6, 1): TABLE}))
    assert found["s_A6"][1]["手机号"] == PHONES


def test_tables_of_other_lengths_side_by_side_are_two(tmp_path):
    found = read(tmp_path / "m.xlsx", workbook({
        (1, 1): TABLE, (1, 6): [("城市", "数量"), ("上海", 3), ("北京", 4)]}))
    assert found["s"][1]["手机号"] == PHONES and len(found["s_F1"][1]["城市"]) == 2


def test_no_name_of_a_note_is_a_heading(tmp_path):
    found = read(tmp_path / "m.xlsx", workbook({(1, 1): TABLE, (14, 6): [("制表", "林一"), ("电话", "1")]}))
    assert found["s_F14"][0] == ["F", "G"]


def test_a_sheet_without_headings_has_letters(tmp_path):
    ((names, cells, _),) = read(tmp_path / "m.xlsx", workbook({(1, 2): PEOPLE})).values()
    assert names == ["B", "C"] and cells["C"] == PHONES


def test_merged_headings_stand_before_each_of_theirs(tmp_path):
    rows = [("会员", None, "订单", None), ("姓名", "手机号", "编号", "金额"),
            *[(name, phone, f"A{i:04}", i * 10) for i, (name, phone) in enumerate(PEOPLE)]]
    ((names, cells, _),) = read(tmp_path / "m.xlsx", workbook({(1, 1): rows})).values()
    assert [n.split(" ")[-1] for n in names] == ["姓名", "手机号", "编号", "金额"]
    assert list(cells.values())[1] == PHONES


def test_a_table_on_its_side(tmp_path):
    rows = [("姓名", "林一", "林二"), ("手机号", *PHONES[:2]), ("城市", "上海", "北京")]
    ((names, cells, _),) = read(tmp_path / "m.xlsx", workbook({(1, 1): rows})).values()
    assert names == ["姓名", "手机号", "城市"] and cells["手机号"] == PHONES[:2]


def test_hidden_sheets_are_read(tmp_path):
    found = read(tmp_path / "m.xlsx", workbook({(1, 1): TABLE}, hidden=["old"]))
    assert found["old"][1]["手机号"] == PHONES


def test_formulas_without_stored_values_are_told(tmp_path):
    rows = [*TABLE, ("林十", '="137"&"00000010"'), ("林甲", "=B2")]
    ((_, cells, losses),) = read(tmp_path / "m.xlsx", workbook({(1, 1): rows})).values()
    assert losses == {"formulas_without_values": 2}
    stored = edited(workbook({(1, 1): rows}), "sheet1", (r"</f><v ?/>|</f><v></v>", "</f><v>1</v>"))
    ((_, _, losses),) = read(tmp_path / "n.xlsx", stored).values()
    assert losses == {}


def test_cells_beside_the_table_far_below_are_told(tmp_path):
    rows = [("姓名", "手机号"), *PEOPLE * 600]
    body = workbook({(1, 1): rows, (5_300, 9): [("13700000099",)]})
    ((_, cells, losses),) = read(tmp_path / "m.xlsx", body).values()
    assert len(cells["手机号"]) == 5_400 and losses == {"sheet_cells_beyond": 1}


def test_values_above_the_headings_are_told(tmp_path):
    rows = [("姓名", "手机号", "城市", "数量", "备注"), *[(*person, "上海", 1, "x") for person in PEOPLE]]
    body = workbook({(1, 1): [("制表人电话", "13700000099")], (2, 1): rows})
    ((names, _, losses),) = read(tmp_path / "m.xlsx", body).values()
    assert tuple(names) == rows[0] and losses == {"titles": 1}


def test_a_workbook_without_a_cell_is_said(tmp_path):
    (tmp_path / "m.xlsx").write_bytes(workbook({}))
    (skipped,) = connect(str(tmp_path)).tables()
    assert isinstance(skipped, Skipped) and "no table" in skipped.reason


def test_a_cell_at_the_far_end_takes_no_memory(tmp_path):
    changes = ('r="B10"', 'r="XFD1048576"'), ('row r="10"', 'row r="1048576"')
    far = edited(BENT["empty fill"], "sheet1", *changes)
    (tmp_path / "m.xlsx").write_bytes(far)
    (skipped,) = connect(str(tmp_path)).tables()
    assert isinstance(skipped, Skipped) and "too far apart" in skipped.reason


@pytest.mark.parametrize(("cells", "is_read"), [([(0, 0), (9, 1)], True), ([(0, 0), (65_535, 4_095)], False)])
def test_an_xls_that_asks_for_gigabytes_is_refused(cells, is_read, tmp_path):
    (tmp_path / "m.xls").write_bytes(xls_file.workbook([(*cell, 13700000001.0) for cell in cells]))
    (found,) = connect(str(tmp_path)).tables()
    assert isinstance(found, Skipped) != is_read
    assert is_read or "too far apart" in found.reason


@pytest.mark.parametrize(("row", "is_read"), [(3, True), (0, False), (2, False)])
def test_an_xls_with_two_cells_in_one_place_is_refused(row, is_read, tmp_path):
    """The second one takes the place of the first: of a heading, it would be the name of a column."""
    cells = [(0, 0, "n"), (0, 1, "who"), (1, 0, 1.0), (1, 1, "a"), (2, 0, 2.0), (2, 1, "b")]
    (tmp_path / "m.xls").write_bytes(xls_file.workbook([*cells, (row, 1, "hidden")]))
    (found,) = connect(str(tmp_path)).tables()
    assert isinstance(found, Skipped) != is_read
    assert is_read or "same place" in found.reason


BESIDE = {
    "xl/pivotCache/pivotCacheRecords1.xml": b"<pivotCacheRecords><r><s v='1'/></r></pivotCacheRecords>",
    "xl/embeddings/oleObject1.bin": b"x", "xl/embeddings/Microsoft_Excel_Sheet1.xlsx": b"PK",
    "xl/externalLinks/externalLink1.xml": b"<sheetDataSet><sheetData><row/></sheetData></sheetDataSet>",
    "xl/drawings/drawing1.xml": b"<a:p><a:t>13700000001</a:t></a:p>",
    "xl/pivotCache/pivotCacheDefinition1.xml": b"<sharedItems><s v='13700000001'/></sharedItems>",
    "customXml/item1.xml": b"<row><mail>lin@corp.cn</mail></row>",
    "xl/threadedComments/t1.xml": b"<threadedComment ref='A2'><text>call</text></threadedComment>",
    "xl/comments7.xml": b"<comments><comment ref='A2'><text><t>call</t></text></comment></comments>",
    "xl/charts/chart1.xml": b"<c:f>Gone!$A$1</c:f><c:strCache><c:pt><c:v>1</c:v></c:pt></c:strCache>",
    "xl/charts/chart2.xml": b"<c:cat><c:strLit><c:pt><c:v>1</c:v></c:pt></c:strLit></c:cat>",
}
SHEET = "xl/worksheets/sheet1.xml"
BEHIND_CELLS = {                              # what stands behind the cells of a sheet -> whether it is told
    b'<scenarios><scenario name="s"><inputCells r="B2" val="13700000009"/></scenario></scenarios>': True,
    b'<dataValidations><dataValidation><formula1>"13700000008,13700000009"</formula1></dataValidation>'
    b'</dataValidations>': True,
    b'<dataValidations><dataValidation><formula1>"a,b"</formula1></dataValidation></dataValidations>': False,
}
NOTHING_BESIDE = {"xl/comments/comment1.xml": b"<comments><commentList/></comments>",
                  "xl/pivotCache/pivotCacheRecords1.xml": b"<pivotCacheRecords/>",
                  "xl/pivotCache/pivotCacheDefinition1.xml": b"<sharedItems><s v='12'/></sharedItems>",
                  "customXml/item1.xml": b"<b:Sources/>",
                  "xl/charts/chart1.xml": b"<c:f>Sheet!$A$1:$A$3</c:f><c:strCache><c:v>1</c:v></c:strCache>",
                  "xl/drawings/drawing1.xml": b"<xdr:pic/>"}


@pytest.mark.parametrize(("parts", "is_told"), [*(({k: v}, True) for k, v in BESIDE.items()),
                                                (NOTHING_BESIDE, False), ({}, False)])
def test_what_stands_beside_the_cells_is_told(parts, is_told, tmp_path):
    book = Workbook()
    for row in TABLE:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx", "a") as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    reading = bent_reading.read(tmp_path / "a.xlsx")

    assert ["parts_beside_cells"] * is_told == [loss.kind for loss in reading.losses]
    assert [len(rows) for rows in reading.tables] == [9]


@pytest.mark.parametrize(("more", "is_told"), BEHIND_CELLS.items())
@pytest.mark.parametrize("padding", (0, 5 << 20))
def test_what_stands_behind_the_cells_of_a_sheet_is_told(more, is_told, padding, tmp_path):
    book = Workbook()
    for row in TABLE:
        book.active.append(row)
    book.save(tmp_path / "b.xlsx")
    with (zipfile.ZipFile(tmp_path / "b.xlsx") as old,
          zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as new):
        for name in old.namelist():
            body = old.read(name)
            if name == SHEET:
                body = body.replace(b"</sheetData>", b"</sheetData>" + b" " * padding + more)
            new.writestr(name, body)
    reading = bent_reading.read(tmp_path / "a.xlsx")

    assert ["parts_beside_cells"] * is_told == [loss.kind for loss in reading.losses]
    assert [len(rows) for rows in reading.tables] == [9]


def _in_two_rows(sheet):
    def halves(row):
        cells = re.findall(rb"<c .*?</c>", row[2])
        return b"".join(b"<row%s>%s</row>" % (row[1], b"".join(half)) for half in (cells[:1], cells[1:]))

    return re.sub(rb"<row([^>]*)>(.*?)</row>", halves, sheet)


ODD_SHEETS = {
    "places with dollars": lambda sheet: re.sub(rb' r="([A-Z]+)([0-9]+)"', rb' r="$\1$\2"', sheet),
    "strict, alone of its workbook": lambda sheet: sheet.replace(
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main"),
    "each row in two elements": _in_two_rows,
}


@pytest.mark.parametrize("kind", ODD_SHEETS)
def test_sheets_as_odd_programs_write_them_are_read_alike(kind, tmp_path):
    book = Workbook()
    for row in TABLE:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as odd:
        for name in archive.namelist():
            body = archive.read(name)
            odd.writestr(name, ODD_SHEETS[kind](body) if name.endswith("sheet1.xml") else body)
    usual, reading = (bent_reading.read(tmp_path / name) for name in ("a.xlsx", "b.xlsx"))

    assert (tmp_path / "a.xlsx").read_bytes() != (tmp_path / "b.xlsx").read_bytes()
    assert (reading.columns, reading.tables) == (usual.columns, usual.tables) and reading.is_exact


SLC, PIVOT_ROW, LINKED_CELL = b"\xf8\x03\x02ab", b"\x21\x04abcd", b"\xf3\x02\x04abcd"
OF_BINARY = [                                 # parts of an XLSB, what they are
    ({"xl/worksheets/sheet1.bin": b"\x81\x01\x00" + SLC}, ["values of scenarios"]),
    ({"xl/worksheets/sheet1.bin": b"\x81\x01\x05" + SLC}, []),           # the bytes of a cell, no record
    ({"xl/pivotCache/pivotCacheRecords1.bin": b"\xc1\x01\x00" + PIVOT_ROW}, ["rows of pivot tables"]),
    ({"xl/externalLinks/externalLink1.bin": b"\xe8\x02\x00" + LINKED_CELL}, ["cells of other workbooks"]),
    ({"xl/externalLinks/externalLink1.bin": b"\xe8\x02\x00"}, []),
]


@pytest.mark.parametrize(("parts", "kinds"), OF_BINARY)
def test_what_stands_beside_the_cells_of_an_xlsb_is_told(parts, kinds):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    with zipfile.ZipFile(content) as archive:
        assert [str(kind) for kind in parts_beside_cells(archive)] == kinds


@pytest.mark.parametrize("records", (2, 3, 5))
@pytest.mark.parametrize("blank", (1, 2))
def test_tables_on_their_side_with_one_label_in_common_are_not_certain(records, blank, tmp_path):
    rng = random.Random(records)
    rows = bent.people(rng, 2 * records)
    upper, lower = rows[:records], rows[records:]
    lines = [["姓名", *(r[0] for r in upper)], ["手机号", *(r[1] for r in upper)], *[[]] * blank,
             ["姓名", *(r[0] for r in lower)], ["城市", *(r[2] for r in lower)]]
    both = [*lines[:2], *[[]] * blank, lines[-2], ["手机号", *(r[1] for r in lower)]]
    for name, content in (("different", lines), ("alike", both)):
        book = Workbook()
        for row in content:
            book.active.append(row)
        book.save(tmp_path / f"{name}.xlsx")
    different, alike = (bent_reading.read(tmp_path / f"{name}.xlsx") for name in ("different", "alike"))

    assert not different.is_exact or len(different.tables) == 2
    assert alike.is_exact and [len(table) for table in alike.tables] == [2 * records]


@pytest.mark.parametrize(("further", "is_told"), [
    ([["姓名", "手机号"], ["林一", "13700000001"]], True), ([["7", "x"], ["8", "y"]], False),
    ([["id", "v"], ["7", "x"]], False)])
def test_another_table_far_below_is_told(further, is_told, tmp_path):
    book = Workbook(write_only=True)
    sheet = book.create_sheet("s")
    for row in (["id", "v"], *([i, "x"] for i in range(sheets.DESCRIBED + 40)), [], [], *further):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    reading = bent_reading.read(tmp_path / "a.xlsx")

    assert ("other_table" in [loss.kind for loss in reading.losses]) == is_told
    assert reading.is_exact != is_told
