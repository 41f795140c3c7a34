"""Good JSON files and workbooks, bent; registered with the other kinds of `bent`.

`rows` are those of all tables together.
"""

import io
import json
import random
import re
import zipfile

from bent import HEADINGS, KINDS, Bent, kind, people, some
from openpyxl import Workbook


def records_of(rows, headings=HEADINGS):
    return [dict(zip(headings, row, strict=True)) for row in rows]


def json_of(text: str, rows, *more_values, file="bent.json", n=None, **truth) -> Bent:
    values = (*(row[1] for row in rows), *more_values)
    return Bent(file, text.encode("utf-8", "surrogatepass"), values, len(rows) if n is None else n, **truth)


def line_of(record, rng) -> str:
    return json.dumps(record, ensure_ascii=rng.random() < 0.5,
                      separators=rng.choice(((",", ":"), (", ", ": "), (" , ", " : "))))


@kind("json: another layout")
def layout(rng):
    rows = some(rng)
    records = records_of(rows)
    indent = rng.choice((None, 1, 4))
    texts = [json.dumps(r, indent=indent, ensure_ascii=False) for r in records]
    cut = rng.randrange(1, len(rows))
    text = rng.choice((
        json.dumps(records, indent=indent),
        json.dumps(records[:cut], indent=indent) + rng.choice(("", "\n", ",\n")) + json.dumps(records[cut:]),
        rng.choice(("\n", "\r\n", "", ",", "\n\n", "\n\x1e")).join(texts),
        "\ufeff" + "\n".join(texts),
    ))
    file = rng.choice(("bent.json", "bent.jsonl", "bent.txt"))
    return json_of(text, rows, names=tuple(HEADINGS), file=file if "\x1e" not in text else "bent.json")


@kind("json: arrays as rows")
def arrays(rng):
    rows = some(rng)
    body = [HEADINGS, *rows]
    text = rng.choice((json.dumps(body), "\n".join(line_of(row, rng) for row in body)))
    return json_of(text, rows, names=tuple(HEADINGS))


@kind("json: a wrapper")
def wrapper(rng):
    rows = some(rng)
    document = {rng.choice(("data", "rows", "会员", "records")): records_of(rows)}
    for _ in range(rng.randint(0, 2)):
        about = {"code": 0, "total": len(rows)}
        document = {rng.choice(("data", "result", "response")): document, **rng.choice((about, {}))}
    return json_of(json.dumps(document, indent=rng.choice((None, 2))), rows)


@kind("json: a key that comes late")
def late_key(rng):
    rows = people(rng, 3_000)
    late = people(rng, 1)[0][1]
    records = records_of(rows)
    records[rng.randrange(2_500, 3_000)]["备用电话"] = late
    return json_of("\n".join(line_of(r, rng) for r in records), rows, late, names=(*HEADINGS, "备用电话"))


@kind("json: a faulty line")
def faulty_line(rng):
    rows = people(rng, rng.choice((9, 300)))
    lines = [line_of(r, rng) for r in records_of(rows)]
    broken = line_of({"姓名": "林一", "手机号": "1"}, rng)
    cut = broken[: rng.randrange(2, len(broken) - 1)]
    fault = rng.choice((cut, broken.replace(":", "", 1), "null,", "x" * 9, broken.replace('"', "'")))
    lines.insert(rng.randrange(1, len(lines)), fault)
    return Bent("bent.jsonl", "\n".join(lines).encode(), tuple(row[1] for row in rows), None, None,
                frozenset() if fault == "null," else frozenset({"json_faults"}))


@kind("json: keys that stand twice")
def twice(rng):
    rows = some(rng)
    lines = [line_of(r, rng) for r in records_of(rows)]
    second = people(rng, 1)[0][1]
    at = rng.randrange(len(lines))
    lines[at] = lines[at][:-1] + f',"手机号":"{second}"}}'
    return json_of("\n".join(lines), rows, second, file="bent.jsonl", losses=frozenset({"json_keys_twice"}))


@kind("json: keys that are values")
def keyed(rng):
    rows = people(rng, rng.choice((3, 40, 1_500)))
    of_phone = {row[1]: rng.choice((row[0], row[0])) for row in rows}
    nested = {row[1]: {"姓名": row[0], "城市": row[2]} for row in rows}
    if rng.random() < 0.5:
        document = rng.choice((of_phone, nested))
        return json_of(json.dumps(document), rows, n=len(document))
    lines = [json.dumps({"序号": i, "联系人": {row[1]: row[0]}}) for i, row in enumerate(rows)]
    return json_of("\n".join(lines), rows)


@kind("json: halves of surrogate pairs")
def surrogates(rng):
    rows = some(rng)
    half = rng.choice(("\ud83d", "\udc00"))
    records = [{**r, half: half, f"a{half}": "x"} for r in records_of(rows)]
    return json_of("\n".join(map(json.dumps, records)), rows)


def workbook_of(places, *, sheets=(), merged=()) -> bytes:
    """A workbook of rows at (row, column), and of further sheets by name."""
    book = Workbook()
    for (row, column), rows in places.items():
        for i, cells in enumerate(rows):
            for j, cell in enumerate(cells):
                book.active.cell(row + i, column + j, cell)
    for place in merged:
        book.active.merge_cells(place)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        sheet.sheet_state = "hidden"
        for cells in rows:
            sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def edited(body: bytes, part: str, *changes) -> bytes:
    """Return a workbook with the text of some parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            for pattern, replacement in changes if part in name else ():
                text = re.sub(pattern, replacement, text)
            new.writestr(name, text)
    return out.getvalue()


def sheet_of(body: bytes, rows, *more_values, n=None, **truth) -> Bent:
    values = (*(row[1] for row in rows), *more_values)
    return Bent("bent.xlsx", body, values, len(rows) if n is None else n, **truth)


STRICT = (("http://schemas.openxmlformats.org/spreadsheetml/2006/main",
           "http://purl.oclc.org/ooxml/spreadsheetml/main"),
          ("http://schemas.openxmlformats.org/officeDocument/2006/relationships",
           "http://purl.oclc.org/ooxml/officeDocument/relationships"))
FORMS = {                                     # parts of a workbook that say what is not so, or oddly
    "dimension": ("sheet1", (r"<dimension[^>]*/>", '<dimension ref="A1"/>')),
    "no dimension": ("sheet1", (r"<dimension[^>]*/>", "")),
    "fill": ("styles", (r'<fills count="2">', '<fills count="3"><fill/>')),
    "strict": ("", *STRICT),
    "no references": ("sheet1", (r'<c r="\w+"', "<c"), (r'<row r="\d+"', "<row")),
    "no styles of cells": ("styles", (r"<cellStyles.*</cellStyles>", "")),
}


@kind("xlsx: another form")
def form(rng):
    rows = some(rng)
    part, *changes = FORMS[rng.choice(sorted(FORMS))]
    body = edited(workbook_of({(1, 1): [HEADINGS, *rows]}), part, *changes)
    return sheet_of(body, rows, names=tuple(HEADINGS))


@kind("xlsx: elsewhere in the sheet")
def elsewhere(rng):
    rows = some(rng)
    place = rng.randint(1, 60), rng.randint(1, 30)
    return sheet_of(workbook_of({place: [HEADINGS, *rows]}), rows, names=tuple(HEADINGS))


@kind("xlsx: lines above the headings")
def titles(rng):
    rows = some(rng)
    above = [["会员名单（虚构）"], [], ["单位：人"]][: rng.randint(1, 3)]
    return sheet_of(workbook_of({(1, 1): [*above, HEADINGS, *rows]}), rows, names=tuple(HEADINGS))


@kind("xlsx: a second block")
def second_block(rng):
    rows, others = some(rng), people(rng, rng.choice((4, 30)))
    place = len(others) + 1 + rng.randint(2, 9), rng.choice((1, 2, 6))
    first = [["城市", "客户数"], *([row[2], i] for i, row in enumerate(others))]
    body = workbook_of({(1, 1): first, place: [HEADINGS, *rows]})
    return sheet_of(body, rows, n=len(rows) + len(others))


@kind("xlsx: blank rows within")
def gaps(rng):
    rows = some(rng)
    cut = rng.randrange(1, len(rows))
    body = workbook_of({(1, 1): [HEADINGS, *rows[:cut], *[[]] * rng.randint(1, 5), *rows[cut:]]})
    return sheet_of(body, rows, names=tuple(HEADINGS))


@kind("xlsx: a stray cell")
def stray(rng):
    rows = some(rng)
    late = people(rng, 1)[0][1]
    place = rng.randint(1, len(rows) + 9), rng.randint(5, 40)
    body = workbook_of({(1, 1): [HEADINGS, *rows], place: [[late]]})
    return Bent("bent.xlsx", body, (*(row[1] for row in rows), late), None)


@kind("xlsx: formulas that were not calculated")
def formulas(rng):
    rows = some(rng)
    body = workbook_of({(1, 1): [[*HEADINGS, "合计"], *([*row, "=1+1"] for row in rows)]})
    return sheet_of(body, rows, losses=frozenset({"formulas_without_values"}))


@kind("xlsx: hidden sheets")
def hidden(rng):
    rows, others = some(rng), some(rng)
    body = workbook_of({(1, 1): [HEADINGS, *rows]}, sheets=[("备份", [HEADINGS, *others])])
    return sheet_of(body, rows, *(row[1] for row in others), n=len(rows) + len(others))


@kind("xlsx: merged headings")
def merged(rng):
    rows = some(rng)
    body = workbook_of({(1, 1): [["会员", "", ""], HEADINGS, *rows]}, merged=["A1:C1"])
    return sheet_of(body, rows)


@kind("xlsx: no headings")
def headerless(rng):
    rows = some(rng)
    return sheet_of(workbook_of({(1, 1): rows}), rows, names=("A", "B", "C"))


DOCUMENTS = tuple(name for name in KINDS if name.startswith(("json: ", "xlsx: ")))


def control_json(rng: random.Random, names, body) -> Bent:
    """A good file of JSON lines of a table; its values are those of the first column."""
    text = "\n".join(json.dumps(r, ensure_ascii=False) for r in records_of(body, names))
    return json_of(text, [["", row[0]] for row in body], names=tuple(names), file="good.jsonl")


def control_sheet(rng: random.Random, names, body) -> Bent:
    """A good workbook of a table."""
    rows = [["", row[0]] for row in body]
    good = sheet_of(workbook_of({(1, 1): [names, *body]}), rows, names=tuple(names))
    return Bent("good.xlsx", good.body, good.values, good.rows, good.names)
