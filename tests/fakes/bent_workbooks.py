"""Workbooks bent in parts and places: rows and cells out of order, damaged and missing parts, comments."""

import io
import re
import struct
import zipfile

import xls_file
from bent import HEADINGS, KINDS, Bent, kind, people
from bent_documents import sheet_of, workbook_of
from openpyxl import load_workbook
from openpyxl.comments import Comment

ROW = re.compile(r"<row .*?</row>", re.S)


def with_parts(body: bytes, changes, gone=()) -> bytes:
    """Return a workbook without some parts, and others changed: {end of the name: function of its text}."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            change = next((change for part, change in changes.items() if name.endswith(part)), str)
            if not name.endswith(tuple(gone)):
                new.writestr(name, change(old.read(name).decode()))
    return out.getvalue()


def _rows_in(order):
    def change(text):
        return re.sub(r"(?s)<sheetData>.*</sheetData>",
                      "<sheetData>" + "".join(order(ROW.findall(text))) + "</sheetData>", text)
    return change


@kind("workbook: rows in another order")
def other_order(rng):
    rows = people(rng, rng.choice((4, 60)))
    order = rng.choice((lambda found: found[::-1], lambda found: rng.sample(found, len(found))))
    body = with_parts(workbook_of({(1, 1): [HEADINGS, *rows]}), {"sheet1.xml": _rows_in(order)})
    return sheet_of(body, rows, names=tuple(HEADINGS))


@kind("workbook: places that stand twice")
def places_twice(rng):
    rows = people(rng, rng.choice((4, 60)))
    changes = rng.choice((
        ((r'<row r="\d+"', f'<row r="{rng.randint(1, 9)}"'),),
        ((r'<row r="\d+"', '<row r="3"'), (r'<c r="\w+"', "<c")),
        ((r'<c r="[A-Z]+\d+"', '<c r="B2"'),),
        ((r'<c r="[A-Z]+(\d+)"', r'<c r="A\1"'),),
    ))

    def change(text):
        for pattern, replacement in changes:
            text = re.sub(pattern, replacement, text)
        return text

    body = with_parts(workbook_of({(1, 1): [HEADINGS, *rows]}), {"sheet1.xml": change})
    return sheet_of(body, rows, losses=frozenset({"places_twice"}))


OTHER = [["城市", "客户数"], ["上海", 3], ["北京", 4]]


@kind("workbook: odd parts")
def odd_parts(rng):
    rows = people(rng, rng.choice((4, 60)))
    changes, gone = rng.choice((
        ({"workbook.xml": lambda text: text.replace('state="visible"', 'state="odd"')}, ()),
        ({}, ("workbook.xml.rels",)), ({}, ("[Content_Types].xml",)), ({}, ("xl/workbook.xml",)),
        ({}, ("theme1.xml",)), ({"core.xml": lambda text: text[:40]}, ()),
        ({"workbook.xml": lambda text: text.replace("<bookViews>", "<bookViews><odd tabRatio='x'/>")}, ()),
    ))
    body = workbook_of({(1, 1): [HEADINGS, *rows]}, sheets=[("城市", OTHER)])
    return sheet_of(with_parts(body, changes, gone), rows, n=len(rows) + 2)


@kind("workbook: no styles that can be read")
def no_styles(rng):
    rows = people(rng, 9)
    body = with_parts(workbook_of({(1, 1): [HEADINGS, *rows]}), {
        "styles.xml": rng.choice((lambda text: "", lambda text: text[: len(text) // 2]))})
    return sheet_of(body, rows, names=tuple(HEADINGS), losses=frozenset({"styles_unread"}))


@kind("workbook: a sheet that is missing or damaged")
def missing_sheet(rng):
    rows, lost = people(rng, rng.choice((4, 60))), people(rng, 3)
    body = workbook_of({(1, 1): [HEADINGS, *rows]}, sheets=[("二", [HEADINGS, *lost])])
    changes, gone = rng.choice((
        ({}, ("sheet2.xml",)), ({"sheet2.xml": lambda text: text[:60]}, ()),
        ({"workbook.xml": lambda text: re.sub('(name="二"[^>]*r:id=")[^"]*', r"\1rId99", text),
          "_rels/workbook.xml.rels": lambda text: re.sub(r'<Relationship [^>]*sheet2.xml"[^>]*/>', "", text)},
         ("sheet2.xml",)),
    ))
    body = with_parts(body, changes, gone)
    return sheet_of(body, rows, names=tuple(HEADINGS), losses=frozenset({"sheets_unread"}))


@kind("workbook: a sheet that is cut off")
def cut_sheet(rng):
    rows = people(rng, 60)
    body = with_parts(workbook_of({(1, 1): [HEADINGS, *rows[:59]]}), {
        "sheet1.xml": lambda text: text[: text.index('r="A40"')]})
    return sheet_of(body, rows[:38], names=tuple(HEADINGS), losses=frozenset({"sheet_cut"}), n=None)


def ods_of(rows, comment="") -> bytes:
    """An OpenDocument sheet; with a comment on its last cell."""
    def cell(text, note=""):
        note = note and (f"<office:annotation><dc:creator>x</dc:creator><text:p>{note}</text:p>"
                         "</office:annotation>")
        return ('<table:table-cell office:value-type="string">'
                f"{note}<text:p>{text}</text:p></table:table-cell>")

    lines = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows[:-1])
    last = "".join(map(cell, rows[-1][:-1])) + cell(rows[-1][-1], comment)
    spaces = "".join(f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
                     for name in ("office", "table", "text"))
    text = (f'<?xml version="1.0"?><office:document-content{spaces} '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><office:body><office:spreadsheet>'
            f'<table:table table:name="会员">{lines}<table:table-row>{last}</table:table-row></table:table>'
            "</office:spreadsheet></office:body></office:document-content>")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", text)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return out.getvalue()


def xlsb_notes(comments: int) -> bytes:
    """The parts of an XLSB that say how many comments its only sheet, `s`, has."""
    def text(words):
        return struct.pack("<I", len(words)) + words.encode("utf-16-le")

    sheet = struct.pack("<II", 0, 1) + text("rId1") + text("s")
    relation = '<Relationships><Relationship Id="rId1" Type="x/{}" Target="{}"/></Relationships>'
    folder = "xl/worksheets"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.bin", b"\x9c\x01" + bytes([len(sheet)]) + sheet)
        archive.writestr("xl/_rels/workbook.bin.rels", relation.format("worksheet", "worksheets/sheet1.bin"))
        archive.writestr(f"{folder}/_rels/sheet1.bin.rels", relation.format("comments", "../comments1.bin"))
        archive.writestr("xl/comments1.bin", b"\xfb\x04\x04abcd\xfc\x04\x00" * comments)
    return out.getvalue()


@kind("workbook: a comment")
def comment(rng):
    rows = people(rng, 9)
    told = frozenset({"comments_unread"})
    form = rng.choice(("xlsx", "ods", "xls"))
    if form == "ods":
        return Bent("bent.ods", ods_of([HEADINGS, *rows], "电话是假的"), tuple(r[1] for r in rows), 9,
                    tuple(HEADINGS), told)
    if form == "xls":
        cells = [(0, 0, "name"), (0, 1, "mobile"), *((i, 1, row[1]) for i, row in enumerate(rows, 1)),
                 *((i, 0, f"n{i}") for i in range(1, 10))]
        body = xls_file.workbook(cells, notes=1, is_short=rng.random() < 0.5)
        return Bent("bent.xls", body, tuple(r[1] for r in rows), 9, ("name", "mobile"), told)
    book = load_workbook(io.BytesIO(workbook_of({(1, 1): [HEADINGS, *rows]})))
    book.active.cell(3, 2).comment = Comment("电话是假的", "x")
    out = io.BytesIO()
    book.save(out)
    return sheet_of(out.getvalue(), rows, names=tuple(HEADINGS), losses=told)


BENT_WORKBOOKS = [name for name in KINDS if name.startswith("workbook: ")]
