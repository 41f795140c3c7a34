"""Good files, bent the way people's files are, and what is true of them: one function a kind, in a table.

`KINDS[name](rng)` gives a file and its truth. Values are invented. The test of the whole table: nothing that
was written is neither read nor accounted for, no count is exact and wrong, no value is the name of a column.
"""

import io
import random
from collections.abc import Callable
from csv import writer
from dataclasses import dataclass

FAMILY = "林陈王赵钱孙李周吴郑冯褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = "一二三四五六七八九十甲乙丙丁子丑寅卯辰巳午未申酉"
CITIES = ("上海", "杭州", "北京", "广州", "成都", "西安")


@dataclass(frozen=True)
class Bent:
    """A file and its truth.

    values: what must be read or accounted for. rows: how many there are; None where nobody can say.
    names: of the columns, None where any will do. losses: kinds that must be told. people: whose names may be
    told as lost, and are no names of columns.
    """

    file: str
    body: bytes
    values: tuple[str, ...]
    rows: int | None
    names: tuple[str, ...] | None = None
    losses: frozenset[str] = frozenset()
    people: tuple[str, ...] = ()


KINDS: dict[str, Callable[[random.Random], Bent]] = {}


def kind(name: str):
    """Register a way to bend a file."""
    def register(bend):
        KINDS[name] = bend
        return bend

    return register


def people(rng: random.Random, n: int) -> list[list[str]]:
    """Rows of name, mobile and city."""
    return [[rng.choice(FAMILY) + rng.choice(GIVEN) + rng.choice(GIVEN),
             f"1{rng.choice('3578')}{rng.randrange(10**9):09}", rng.choice(CITIES)] for _ in range(n)]


HEADINGS = ["姓名", "手机号", "城市"]


def text_of(rows, **options) -> str:
    out = io.StringIO()
    writer(out, lineterminator="\n", **options).writerows(rows)
    return out.getvalue()


def csv_of(text: str, rows, *more_values, file="bent.csv", **truth) -> Bent:
    values = (*(row[1] for row in rows), *more_values)
    return Bent(file, text.encode(), values, len(rows), **truth)


def some(rng: random.Random) -> list[list[str]]:
    return people(rng, rng.choice((4, 9, 40, 300)))


@kind("csv: a title line")
def title_line(rng):
    rows = some(rng)
    return csv_of("会员名单（虚构）\n" + text_of([HEADINGS, *rows]), rows, names=tuple(HEADINGS))


@kind("csv: sep=")
def separator(rng):
    rows, sign = some(rng), rng.choice(",;|\t")
    return csv_of(f"sep={sign}\n" + text_of([HEADINGS, *rows], delimiter=sign), rows, names=tuple(HEADINGS))


@kind("csv: blank lines first")
def blank_first(rng):
    rows = some(rng)
    return csv_of("\n" * rng.randint(1, 3) + text_of([HEADINGS, *rows]), rows, names=tuple(HEADINGS))


@kind("csv: keys with values above")
def keys_above(rng):
    rows = some(rng)
    above = [["导出人", people(rng, 1)[0][0]], ["日期", "2024-01-02"]][: rng.randint(1, 2)]
    return csv_of(text_of([*above, HEADINGS, *rows]), rows, names=tuple(HEADINGS))


@kind("csv: wider than the headings")
def wide_rows(rng):
    rows = some(rng)
    wide = [[*row, "备用", row[1][::-1]] for row in rows]
    return csv_of(text_of([HEADINGS, *wide]), rows, names=(*HEADINGS, "c03", "c04"))


@kind("csv: a few rows wider")
def few_wide_rows(rng):
    rows = some(rng)
    late = people(rng, 1)[0][1]
    wide = [[*row, *([late] if i == len(rows) - 1 else [])] for i, row in enumerate(rows)]
    return csv_of(text_of([HEADINGS, *wide]), rows, late, names=(*HEADINGS, "c03"))


@kind("csv: rows wider far behind")
def late_wide_rows(rng):
    rows = people(rng, 15_000)
    late = people(rng, 1)[0][1]
    wide = [[*row, *([late] if i == 14_000 else [])] for i, row in enumerate(rows)]
    return csv_of(text_of([HEADINGS, *wide]), rows, late, losses=frozenset({"cells_beyond_header"}))


@kind("csv: names of rows, as R writes them")
def names_of_rows(rng):
    rows = some(rng)
    sign = rng.choice(" ,\t")
    body = [f'"{i}"{sign}' + sign.join(f'"{c}"' for c in row) for i, row in enumerate(rows, 1)]
    text = sign.join(f'"{h}"' for h in HEADINGS) + "\n" + "\n".join(body) + "\n"
    return csv_of(text, rows, names=("c00", *HEADINGS), file="bent.txt")


@kind("csv: an index column")
def index_column(rng):
    rows = some(rng)
    return csv_of(text_of([["", *HEADINGS], *([i, *row] for i, row in enumerate(rows))]), rows,
                  names=("c00", *HEADINGS))


@kind("csv: aligned by spaces")
def aligned(rng):
    rows = some(rng)
    body = [f"{i:>4} {row[0]:<6}  {row[1]:<12} {row[2]}" for i, row in enumerate(rows, 1)]
    return csv_of("     姓名     手机号  城市\n" + "\n".join(body) + "\n", rows, names=("c00", *HEADINGS),
                  file="bent.txt")


@kind("csv: no headings")
def headerless(rng):
    rows = [[row[0], row[1], f"u{row[1][3:]}@example.com"] for row in some(rng)]
    order = rng.sample(range(3), rng.randint(2, 3))
    if 1 not in order:
        order.append(1)
    body = [[row[i] for i in order] for row in rows]
    return csv_of(text_of(body), rows, names=tuple(f"c{i:02}" for i in range(len(order))))


@kind("csv: a quote that is not closed")
def open_quote(rng):
    rows = people(rng, rng.choice((40, 1_000)))
    quoting = rng.choice((0, 1))
    lines = text_of([HEADINGS, *rows], quoting=quoting).splitlines()
    lines[20] = '"' + lines[20].lstrip('"').replace('"', "", 1) if quoting else f'"{lines[20]}'
    return csv_of("\n".join(lines) + "\n", rows, names=tuple(HEADINGS), losses=frozenset({"broken_quotes"}))


@kind("csv: line feeds in cells")
def spanning(rng):
    rows = some(rng)
    body = [[*row, f"第一行{i}\n第二行, 再一行\n末行" if i % 3 else ""] for i, row in enumerate(rows)]
    return csv_of(text_of([[*HEADINGS, "备注"], *body]), rows, names=(*HEADINGS, "备注"))


@kind("csv: another delimiter")
def delimiter(rng):
    rows = some(rng)
    sign = rng.choice(("||", "~", "\x01", "\t", ";", "|", "^", "~|~", "\x1f", "@@", "#"))
    text = "".join(sign.join(row) + "\n" for row in (HEADINGS, *rows))
    return csv_of(text, rows, names=tuple(HEADINGS))


@kind("csv: ends of lines")
def line_ends(rng):
    rows = some(rng)
    ends = rng.choice((("\r",), ("\r\n",), ("\n", "\r\n"), ("\r", "\r\n", "\n")))
    text = "".join(part + rng.choice(ends) for part in text_of([HEADINGS, *rows]).splitlines())
    return csv_of(text, rows, names=tuple(HEADINGS))


@kind("csv: duplicate headings")
def duplicates(rng):
    rows = some(rng)
    body = [[*row, f"139{i:08}"] for i, row in enumerate(rows)]
    return csv_of(text_of([[*HEADINGS, "手机号"], *body]), rows, names=(*HEADINGS, "手机号_2"))


@kind("csv: cells of some rows lack")
def short_rows(rng):
    rows = people(rng, 60)
    body = [row[:2] if i in (7, 31) else row for i, row in enumerate(rows)]
    return csv_of(text_of([HEADINGS, *body]), rows, losses=frozenset({"short_rows"}), names=tuple(HEADINGS))


@kind("csv: the second half in another encoding")
def half_gbk(rng):
    rows = people(rng, rng.choice((60, 9_000)))
    lines = text_of([HEADINGS, *rows]).splitlines(keepends=True)
    half = len(lines) // 2
    first, second = rng.choice((("utf-8", "gb18030"), ("gb18030", "utf-8")))
    body = "".join(lines[:half]).encode(first) + "".join(lines[half:]).encode(second)
    names = tuple(row[0] for row in rows)
    values = (*(row[1] for row in rows), *names)
    return Bent("bent.csv", body, values, len(rows), tuple(HEADINGS), frozenset({"other_encoding"}))


@kind("csv: a national encoding")
def national(rng):
    encoding = rng.choice(("big5", "gb18030", "utf-16-le", "utf-16-be", "utf-16", "utf-8-sig"))
    rows = people(rng, rng.choice((9, 300)))
    towns = ("臺北市", "高雄市", "新竹縣")
    given = "一二三四"
    body = [[rng.choice("林陳王趙錢孫李") + rng.choice(given), row[1], rng.choice(towns)] for row in rows]
    text = text_of([["姓名", "手機", "城市"], *body])
    values = (*(row[1] for row in body), *(row[0] for row in body))
    return Bent("bent.csv", text.encode(encoding), values, len(rows), ("姓名", "手機", "城市"))


@kind("csv: a bad byte")
def bad_byte(rng):
    rows = people(rng, 300)
    lines = text_of([HEADINGS, *rows]).encode().splitlines(keepends=True)
    lines[150] = lines[150].replace(b"\n", b"\xff\n")
    values = tuple(row[1] for row in rows) + tuple(row[0] for row in rows)
    return Bent("bent.csv", b"".join(lines), values, len(rows), tuple(HEADINGS), frozenset({"undecodable"}))


@kind("csv: garbled long ago")
def mojibake(rng):
    rows = some(rng)
    text = text_of([HEADINGS, *rows]).encode().decode("latin-1")
    return csv_of(text, rows, names=tuple(HEADINGS), losses=frozenset({"mojibake"}))


@kind("csv: escapes of an export")
def escapes(rng):
    rows = some(rng)
    body = [f'"{row[0]}","{row[1]}","他说\\"好\\"，{row[2]}",\\N' for row in rows]
    return csv_of('"姓名","手机号","备注","邮箱"\n' + "\n".join(body) + "\n", rows,
                  names=("姓名", "手机号", "备注", "邮箱"))


# clean control files: headings that look unlike headings, columns that look alike


def control(rng: random.Random) -> Bent:
    """A good file, whose headings, rows and `exact` must stay."""
    n = rng.choice((3, 10, 60))
    rows = people(rng, n)
    names, body = rng.choice(CONTROLS)(rng, rows)
    return csv_of(text_of([names, *body]), [["", row[0]] for row in body], names=tuple(names))


def _months(rng, rows):
    year = rng.randint(2015, 2025)
    form = rng.choice(("{year}-{m:02}", "{m}月"))
    months = [form.format(year=year, m=m) for m in range(1, 13)]
    return ["姓名", *months], [[row[0], *(str(rng.randrange(90)) for _ in months)] for row in rows]


def _years(rng, rows):
    years = [str(y) for y in range(rng.randint(2010, 2018), 2024)]
    body = [[f"地区{i}", *(f"{rng.random():.2f}" for _ in years)] for i, _ in enumerate(rows)]
    return ["地区", *years], body


def _roles(rng, rows):
    roles = rng.sample(["负责人", "经办人", "安全员", "审批人", "部门经理", "店长", "班主任", "联系人"], 4)
    people_of = [row[0] for row in people(rng, len(rows) * 4)]
    return roles, [people_of[i * 4: i * 4 + 4] for i in range(len(rows))]


def _one_column(rng, rows):
    heading = rng.choice(["备注", "姓名", "mobile", "城市", "说明", "remark"])
    cells = {"姓名": 0, "mobile": 1, "城市": 2}
    return [heading], [[row[cells[heading]] if heading in cells else f"来电咨询，第{i}次, {row[2]}"]
                       for i, row in enumerate(rows)]


def _all_text(rng, rows):
    names = rng.sample(["部门", "职责", "备注", "说明", "地区", "渠道", "产品", "来源", "原因"], 3)
    words = ["华东", "线上", "退货", "开户", "质检", "客服", "仓储", "门店", "直营", "售后"]
    return names, [[rng.choice(words) + rng.choice(words) for _ in names] for _ in rows]


def _latin(rng, rows):
    names = rng.choice((["id", "name", "city"], ["user_id", "first_name", "remark"], ["A", "Beta", "Gamma"]))
    words = ["green", "river", "stone", "maple", "cloud", "amber", "north", "delta"]
    return names, [[str(i), rng.choice(words), f"{rng.choice(words)} {rng.choice(words)}"]
                   for i, _ in enumerate(rows)]


def _plain(rng, rows):
    return HEADINGS, rows


CONTROLS = (_months, _years, _roles, _one_column, _all_text, _latin, _plain)
