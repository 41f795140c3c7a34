"""JSON files and workbooks bent in several ways at once, as `bent_mixed` bends text."""

from __future__ import annotations

import io
import json
import random
import re
from dataclasses import dataclass, field

from bent_documents import FORMS, edited
from bent_mixed import COLUMNS, Mixed, contents_of, table
from openpyxl import Workbook


@dataclass
class Document:
    """Records on their way to a file of JSON. rows: None where nobody can say how many."""

    rng: random.Random
    labels: list[str]
    records: list[dict]
    values: list[str]
    rows: int | None
    names: list[str] | None
    prefix: str = ""
    file: str = "bent.json"
    losses: set[str] = field(default_factory=set)
    is_open: bool = False
    encoding: str = "utf-8"
    bends: list[str] = field(default_factory=list)


# ---- stage: what is in the records


def plain(d: Document) -> None:
    pass


def nested_objects(d: Document) -> None:
    """Some columns stand in an object."""
    cut = d.rng.randrange(len(d.names))
    inner = d.names[cut:]
    d.records = [{**{k: r[k] for k in d.names[:cut]}, "contact": {k: r[k] for k in inner}} for r in d.records]
    d.names = [*d.names[:cut], *(f"contact.{k}" for k in inner)]


def lists_of_values(d: Document) -> None:
    more = [[COLUMNS["手机号"][1](d.rng) for _ in range(d.rng.randint(0, 3))] for _ in d.records]
    for record, phones in zip(d.records, more, strict=True):
        record["phones"] = phones
    d.values += [p for phones in more for p in phones]
    d.names.append("phones")


def text_of_json(d: Document) -> None:
    """A cell holds JSON as text."""
    for record in d.records:
        value = COLUMNS["手机号"][1](d.rng)
        d.values.append(value)
        record["extra"] = json.dumps({"phone": value})
    d.names.append("extra")


def keys_as_values(d: Document) -> None:
    for record in d.records:
        mobile = COLUMNS["手机号"][1](d.rng)
        d.values.append(mobile)
        record["contacts"] = {mobile: COLUMNS["姓名"][1](d.rng)}
    d.names += ["contacts.{key}", "contacts.{value}"]


def key_of_some(d: Document) -> None:
    """A key that only a late record has."""
    value = COLUMNS["身份证号"][1](d.rng)
    d.records[-1]["id_card_2"] = value
    d.values.append(value)
    d.names.append("id_card_2")


def odd_values(d: Document) -> None:
    odd = (None, True, 1.5, 10**25, [], {}, float("nan"), "", -0.0, [[1, 2], [3]], [{"a": 1}, 2])
    for record in d.records:
        record["odd"] = d.rng.choice(odd)
    d.names = None


def surrogates(d: Document) -> None:
    d.records[0]["\ud83d"] = "x"
    d.records[-1]["note"] = "半\udc00个"
    d.names = None


def other_order(d: Document) -> None:
    d.records = [dict(d.rng.sample(sorted(r.items()), len(r))) if i else r for i, r in enumerate(d.records)]


def identity_objects(d: Document) -> None:
    """Ids and dates as a document database exports them."""
    for i, record in enumerate(d.records):
        record["_id"] = {"$oid": f"{i:024x}"}
        record["at"] = {"$date": "2024-01-02T00:00:00Z"}
    d.names += ["_id.$oid", "at.$date"]


CONTENTS = (plain, plain, plain, nested_objects, lists_of_values, text_of_json, keys_as_values, key_of_some,
            odd_values, surrogates, other_order, identity_objects)


# ---- stage: the layout


def _dumped(d: Document, value, **options) -> str:
    return json.dumps(value, ensure_ascii=d.rng.random() < 0.5 or "\\ud" in json.dumps(value), **options)


def lines(d: Document) -> str:
    d.file = d.rng.choice(("bent.json", "bent.jsonl", "bent.txt", "bent.ndjson"))
    return d.rng.choice(("\n", "\r\n", "\n\n")).join(_dumped(d, r) for r in d.records)


def one_array(d: Document) -> str:
    return _dumped(d, d.records, indent=d.rng.choice((None, 2)))


def several_arrays(d: Document) -> str:
    cut = d.rng.randrange(1, len(d.records))
    between = d.rng.choice(("\n", "", ",\n", "\n\n"))
    return _dumped(d, d.records[:cut]) + between + _dumped(d, d.records[cut:])


def pretty_objects(d: Document) -> str:
    return d.rng.choice(("\n", "", ",\n", "\n\n")).join(_dumped(d, r, indent=2) for r in d.records)


def wrapper(d: Document) -> str:
    key = d.rng.choice(("data", "rows", "records", "result", "会员", "members"))
    about, at_start = {"total": len(d.records)}, d.rng.random() < 0.7
    document = {**about, key: d.records} if at_start else {key: d.records, **about}
    d.names = None
    return _dumped(d, document, indent=d.rng.choice((None, 2)))


def pages(d: Document) -> str:
    """A wrapper a line."""
    cut = d.rng.randrange(1, len(d.records))
    d.names = d.rows = None
    return "\n".join(_dumped(d, {"page": i, "data": part})
                     for i, part in enumerate((d.records[:cut], d.records[cut:])))


def trailing_comma(d: Document) -> str:
    return "[\n" + "".join(_dumped(d, r) + ",\n" for r in d.records) + "]\n"


def lines_in_brackets(d: Document) -> str:
    return "[" + ",\n".join(_dumped(d, r) for r in d.records) + "]"


def lines_of_text(d: Document) -> str:
    """Each line is a text that holds a record."""
    d.names = None
    return "\n".join(json.dumps(json.dumps(r)) for r in d.records)


def bulk(d: Document) -> str:
    """A line of what to do before each record, as search engines load them."""
    d.names = None
    d.rows = 2 * d.rows
    return "\n".join(f'{{"index": {{"_index": "m", "_id": "{i}"}}}}\n{_dumped(d, r)}'
                     for i, r in enumerate(d.records)) + "\n"


def assignment(d: Document) -> str:
    """A script that sets a variable."""
    d.rows, d.is_open, d.names = None, True, None
    return "var members = " + _dumped(d, d.records) + ";\n"


def comments(d: Document) -> str:
    d.rows, d.is_open = None, True
    d.names = None
    return "// exported by a job\n" + "\n".join(_dumped(d, r) for r in d.records)


def keyed(d: Document) -> str:
    mobiles = [COLUMNS["手机号"][1](d.rng) for _ in d.records]
    d.values += mobiles
    d.names = None
    return _dumped(d, dict(zip(mobiles, d.records, strict=True)), indent=d.rng.choice((None, 2)))


def faulty_line(d: Document) -> str:
    texts = [_dumped(d, r) for r in d.records]
    fault = d.rng.choice(('{"name": "x', '{"a" 1}', "oops", '{"a": }', "{'a': 1}", '{"a": 1]'))
    texts.insert(d.rng.randrange(1, len(texts)), fault)
    d.losses.add("json_faults")
    d.rows, d.is_open, d.names = None, True, None
    d.file = "bent.jsonl"
    return "\n".join(texts)


def cut_end(d: Document) -> str:
    text = "\n".join(_dumped(d, r) for r in d.records)
    last = d.records[-1]
    d.values = [v for v in d.values if v not in json.dumps(last, ensure_ascii=False)]
    d.losses.add("json_faults")
    d.rows, d.is_open, d.names, d.file = None, True, None, "bent.jsonl"
    return text[:-1]


LAYOUTS = (lines, lines, lines, one_array, one_array, several_arrays, pretty_objects, wrapper, pages,
           trailing_comma, lines_in_brackets, lines_of_text, bulk, assignment, comments, keyed, faulty_line,
           cut_end)


def document(rng: random.Random) -> Mixed:
    """Return a file of JSON, bent."""
    base = table(rng)
    records = [dict(zip(base.names, row, strict=True)) for row in base.rows]
    d = Document(rng, base.labels, records, list(base.values), len(records), list(base.names))
    content, layout = rng.choice(CONTENTS), rng.choice(LAYOUTS)
    content(d)
    text = layout(d)
    encoding = rng.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16"))
    if encoding == "gb18030" and "\\u" not in text and not text.isascii() and content is not surrogates:
        body = text.encode("gb18030")
    else:
        encoding = "utf-8" if encoding == "gb18030" or content is surrogates else encoding
        body = text.encode(encoding, "surrogatepass")
    bends = _words(content=content.__name__, layout=layout.__name__, encoding=encoding)
    return Mixed(d.file, body, tuple(d.values), d.rows, tuple(d.names) if d.names else None,
                 frozenset(d.losses), bends, d.is_open, None, contents=contents_of(base))


def _words(**bends: str) -> tuple[str, ...]:
    return tuple(f"{stage}: {name.replace('_', ' ')}" for stage, name in bends.items())


# ---- workbooks


@dataclass
class Sheet:
    """A table on its way into a workbook."""

    rng: random.Random
    labels: list[str]
    lines: list[list]
    values: list[str]
    rows: int | None
    names: list[str] | None
    place: tuple[int, int] = (1, 1)
    others: dict = field(default_factory=dict)
    sheets: list = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    losses: set[str] = field(default_factory=set)
    people: list[str] = field(default_factory=list)
    is_open: bool = False


def as_it_is(s: Sheet) -> None:
    pass


def without_headings(s: Sheet) -> None:
    s.lines.pop(0)
    s.names, s.is_open = None, True


def title(s: Sheet) -> None:
    s.lines[:0] = [["会员名单（虚构）"], *[[]] * s.rng.randint(0, 2)]


def merged_title(s: Sheet) -> None:
    s.lines.insert(0, ["会员名单（虚构）", *[None] * (len(s.labels) - 1)])
    s.merged.append(f"A1:{'ABCDEFGHIJ'[len(s.labels) - 1]}1")


def keys_above(s: Sheet) -> None:
    person = COLUMNS["姓名"][1](s.rng)
    s.people.append(person)
    s.lines[:0] = [["制表人", person], ["制表日期", "2024-01-02"]]
    if s.rng.random() < 0.3:
        s.values.append(COLUMNS["手机号"][1](s.rng))
        s.lines.insert(0, ["电话", s.values[-1]])
        s.is_open = True


def group_headings(s: Sheet) -> None:
    cut = s.rng.randrange(1, len(s.labels))
    s.lines.insert(0, ["基本情况", *[None] * (cut - 1), "联系方式", *[None] * (len(s.labels) - cut - 1)])
    s.names = None


def sideways(s: Sheet) -> None:
    if len(s.lines) > 9:
        return
    s.lines = [list(row) for row in zip(*s.lines, strict=True)]
    s.is_open = True


def numbers(s: Sheet) -> None:
    """A number of each row in a first column without a heading."""
    s.lines = [["", *s.lines[0]], *([i, *row] for i, row in enumerate(s.lines[1:], 1))]
    s.names = ["A", *s.names]


HEADS = (as_it_is, as_it_is, as_it_is, without_headings, title, merged_title, keys_above, group_headings,
         sideways, numbers)


def alone(s: Sheet) -> None:
    pass


def elsewhere(s: Sheet) -> None:
    s.place = s.rng.randint(1, 60), s.rng.randint(1, 20)
    s.names = None if s.names and s.names[0] == "A" else s.names
    s.merged = []


def block_to_the_right(s: Sheet) -> None:
    other = [["城市", "客户数"], *([city, str(i + 3)] for i, city in enumerate(("上海", "北京", "成都")[:2]))]
    s.others[1, s.place[1] + len(s.lines[-1]) + s.rng.randint(2, 4)] = other
    s.rows = None
    s.names, s.is_open = None, True


def block_below(s: Sheet) -> None:
    first = s.place[0] + len(s.lines) + s.rng.randint(2, 20)
    value = COLUMNS["手机号"][1](s.rng)
    s.values.append(value)
    s.others[first, s.rng.choice((1, 6, 30))] = [["联系人", "电话"], ["甲", value], ["乙", "1"]]
    s.rows, s.names, s.is_open = None, None, True


def stray_cell(s: Sheet) -> None:
    value = COLUMNS["手机号"][1](s.rng)
    s.values.append(value)
    s.others[s.rng.randint(1, 200), s.rng.randint(len(s.labels) + 3, 60)] = [[value]]
    s.rows, s.names, s.is_open = None, None, True


def hidden_sheet(s: Sheet) -> None:
    value = COLUMNS["身份证号"][1](s.rng)
    s.values.append(value)
    s.sheets.append(("旧", [["姓名", "身份证号"], ["林一", value]], s.rng.choice(("hidden", "veryHidden"))))
    s.rows = s.rows + 1 if s.rows is not None else None
    s.names, s.is_open = None, True


def empty_sheet(s: Sheet) -> None:
    s.sheets.append(("Sheet2", [], "visible"))


def formula_column(s: Sheet) -> None:
    if s.names:
        s.lines = [[*line, "合计" if i == 0 else "=1+1"] for i, line in enumerate(s.lines)]
        s.losses.add("formulas_without_values")
        s.names = None
        s.is_open = True


def blank_rows_within(s: Sheet) -> None:
    if s.names and len(s.lines) > 3:
        cut = s.rng.randrange(2, len(s.lines))
        s.lines[cut:cut] = [[]] * s.rng.randint(1, 4)
        s.is_open = True


def footer(s: Sheet) -> None:
    s.people.append("林一")
    s.lines += [[], ["制表人：林一"]]
    s.rows, s.is_open = None, True


def total_below(s: Sheet) -> None:
    if len(s.lines) > 3 and s.names:
        width = len(s.lines[-1])
        s.lines.append(["合计", *(s.rng.choice((None, 12, "1,204.50")) for _ in range(width - 1))])
        s.losses.add("totals")


PLACES = (alone, alone, alone, elsewhere, block_to_the_right, block_below, stray_cell, hidden_sheet,
          empty_sheet, formula_column, blank_rows_within, footer, total_below)


def ordinary(s: Sheet) -> None:
    pass


def real_numbers(s: Sheet) -> None:
    """Mobiles as numbers, dates as dates, as sheets have them."""
    for line in s.lines:
        for i, cell in enumerate(line):
            if isinstance(cell, str) and re.fullmatch(r"1\d{10}", cell):
                line[i] = int(cell)


CELLS = (ordinary, ordinary, real_numbers)
EXTRA_FORMS = {
    "prefixes": ("sheet1", (r"<(/?)(\w)", r"<\1x:\2"), (r"<x:worksheet xmlns=", "<x:worksheet xmlns:x=")),
    "rows without numbers": ("sheet1", (r'<row r="\d+"', "<row")),
    "no sheet views": ("sheet1", (r"<sheetViews>.*</sheetViews>", "")),
    "no theme": ("styles", (r"<cellXfs.*?</cellXfs>", '<cellXfs count="1"><xf/></cellXfs>')),
}


def workbook(rng: random.Random) -> Mixed:
    """Return a workbook, bent."""
    base = table(rng)
    lines = [list(base.names), *base.rows]
    sheet = Sheet(rng, base.labels, lines, list(base.values), base.n, list(base.names))
    head, place, cells = rng.choice(HEADS), rng.choice(PLACES), rng.choice(CELLS)
    for bend in (head, place, cells):
        bend(sheet)
    forms = {**FORMS, **EXTRA_FORMS, "ordinary": ("", ), "ordinary too": ("", ), "ordinary three": ("", )}
    form = rng.choice(sorted(forms))
    is_dense = sheet.place == (1, 1) and not sheet.others and not any(
        len(row) != len(sheet.lines[-1]) or None in row or "" in row for row in sheet.lines)
    if form in ("no references", "rows without numbers") and not is_dense:
        form = "ordinary"                     # places are known by references alone
    part, *changes = forms[form]
    body = _book(sheet)
    if changes:
        body = edited(body, part, *changes)
    names = tuple(sheet.names) if sheet.names else None
    bends = _words(head=head.__name__, place=place.__name__, cells=cells.__name__, form=form)
    return Mixed("bent.xlsx", body, tuple(sheet.values), sheet.rows, names, frozenset(sheet.losses),
                 bends, sheet.is_open, None, tuple(sheet.people), contents_of(base))


def _book(sheet: Sheet) -> bytes:
    book = Workbook()
    for (row, column), block in {sheet.place: sheet.lines, **sheet.others}.items():
        for i, line in enumerate(block):
            for j, cell in enumerate(line):
                if cell not in (None, ""):
                    book.active.cell(row + i, column + j, cell)
    for place in sheet.merged:
        book.active.merge_cells(place)
    for name, rows, state in sheet.sheets:
        other = book.create_sheet(name)
        other.sheet_state = state
        for row in rows:
            other.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
