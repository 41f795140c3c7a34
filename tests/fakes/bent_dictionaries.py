"""Data dictionaries as people lay them out, and what they say: one function a kind; names are invented."""

import io
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bent import text_of
from openpyxl import Workbook

HEADINGS = {
    "table": ("表名", "表英文名", "Table Name", "物理表名", "表 名", "table_name"),
    "about": ("表注释", "表中文名", "表说明"),
    "column": ("字段名", "字段英文名", "Column", "列名", "字段名称（英文）", "字段代码", "*字段名"),
    "comment": ("注释", "字段中文名", "字段说明", "中文含义", "Description"),
    "type": ("类型", "数据类型", "字段类型", "Data Type"),
}
WORDS = ("手机号码", "身份证号", "姓名", "备注", "状态", "创建时间", "家庭住址", "邮箱")
Truth = Mapping[str, tuple[str, Mapping[str, str]]]     # table -> comment, comments by column


@dataclass(frozen=True)
class BentDictionary:
    """A file and what it says; nameless: rows that name no table."""

    file: str
    body: bytes
    truth: Truth
    nameless: int = 0


DICTIONARIES: dict[str, Callable[[random.Random], BentDictionary]] = {}


def dictionary(name: str):
    """Register a kind of dictionary."""
    def register(bend):
        DICTIONARIES[name] = bend
        return bend

    return register


def some_tables(rng) -> Truth:
    tables = rng.sample(("t_khxx", "t_member", "crm_order", "sys_user", "T_LOG"), rng.randint(1, 4))
    return {table: (rng.choice(("客户信息", "会员", "订单表")),
                    {f"f{i:02}": word for i, word in enumerate(rng.sample(WORDS, rng.randint(2, 6)))})
            for table in tables}


def headings_of(rng, *keys):
    return [rng.choice(HEADINGS[key]) for key in keys]


def book_of(*sheets, merged=()) -> bytes:
    """A workbook of (title, rows); merged: (sheet, place)."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    for title, place in merged:
        book[title].merge_cells(place)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def flat_rows(truth, *, blank: bool):
    """Rows of table, comment of the table, column, comment, type; blank: names of tables stand once."""
    for table, (about, columns) in truth.items():
        for i, (column, comment) in enumerate(columns.items()):
            yield ["" if blank and i else table, "" if blank and i else about, column, comment, "varchar(64)"]


def above(rng):
    return rng.choice(([], [["数据字典（虚构）"]], [["数据字典"], [], ["编制人", "林一", "版本", "1.0"]]))


@dictionary("merged cells")
def merged(rng):
    truth = some_tables(rng)
    top = above(rng)
    rows = list(flat_rows(truth, blank=True))
    places, row = [], len(top) + 2
    for _, columns in truth.values():
        places += [("字典", f"{c}{row}:{c}{row + len(columns) - 1}") for c in "AB"]
        row += len(columns)
    head = headings_of(rng, "table", "about", "column", "comment", "type")
    return BentDictionary("d.xlsx", book_of(("字典", [*top, head, *rows]), merged=places), truth)


@dictionary("lines above the headings")
def lines_above(rng):
    truth = some_tables(rng)
    head = headings_of(rng, "table", "about", "column", "comment", "type")
    rows = [*above(rng), head, *flat_rows(truth, blank=rng.random() < 0.5)]
    if rng.random() < 0.5:
        encoding = rng.choice(("utf-8-sig", "gb18030", "utf-16"))
        return BentDictionary("d.csv", text_of(rows).encode(encoding), truth)
    return BentDictionary("d.xlsx", book_of(("Sheet1", rows)), truth)


@dictionary("a sheet a table")
def sheets(rng):
    truth = some_tables(rng)
    pages = []
    for table, (about, columns) in truth.items():
        title, top = rng.choice((
            (f"{about}{table}", []), (table, [[f"{table} {about}"]]),
            (f"表{len(pages)}", [["表名", table, "表说明", about]]),
            (table, [[f"表名：{table}"], [f"表说明：{about}"]]),
        ))
        body = [[c, comment, "int"] for c, comment in columns.items()]
        pages.append((title, [*top, headings_of(rng, "column", "comment", "type"), *body]))
    index = ("目录", [["序号", "内容"], [1, "字典"]])
    return BentDictionary("d.xlsx", book_of(index, *pages), {t: ("", c) for t, (_, c) in truth.items()})


@dictionary("a block a table")
def blocks(rng):
    truth = some_tables(rng)
    rows = []
    for n, (table, (about, columns)) in enumerate(truth.items(), 1):
        rows += [rng.choice(([f"{n}.1 {about}（{table}）"], [f"表名：{table}"], ["表名", table]))]
        rows += [headings_of(rng, "column", "comment", "type")]
        rows += [[c, comment, "int"] for c, comment in columns.items()] + [[]] * rng.randint(0, 2)
    return BentDictionary("d.xlsx", book_of(("字典", rows)), {t: ("", c) for t, (_, c) in truth.items()})


@dictionary("headings over two lines")
def two_lines(rng):
    truth = some_tables(rng)
    head = [["表", "", "字段", "", ""], ["名称", "注释", "名称", "中文名", "类型"]]
    rows = [*head, *flat_rows(truth, blank=True)]
    body = book_of(("字典", rows), merged=[("字典", "A1:B1"), ("字典", "C1:E1")])
    return BentDictionary("d.xlsx", body, truth)


@dictionary("rows that name no table")
def nameless(rng):
    truth = some_tables(rng)
    head = headings_of(rng, "table", "about", "column", "comment", "type")
    lost = [["", "", f"x{i}", "手机号码", "int"] for i in range(rng.randint(1, 3))]
    text = text_of([head, *lost, *flat_rows(truth, blank=True)])
    return BentDictionary("d.csv", text.encode(), truth, len(lost))
