"""Delimited text bent in its lines: escapes of exports, zero bytes, headings of other pages, forms, tables on
their side.
"""

from bent import KINDS, Bent, csv_of, kind, people, text_of
from bent_mixed import FOLLOWED, resident_id, table

WIDE = ["工号", "姓名", "手机号", "身份证号", "邮箱", "城市"]


def wide_rows(rng, *sizes):
    """Rows of the columns above."""
    rows = people(rng, rng.choice(sizes or (8, 50)))
    return [[str(rng.randrange(10_000, 99_999)), name, mobile, resident_id(rng),
             f"u{mobile[3:]}@example.com", city] for name, mobile, city in rows]


def joined(rows, sign=","):
    return "".join(sign.join(row) + "\n" for row in rows)


def wide_csv(text, rows, **truth):
    """A file of these columns, all of whose telephones must be read."""
    return csv_of(text, [["", row[2]] for row in rows], file="bent.csv", **truth)


@kind("lines: escaped delimiters")
def escaped_delimiters(rng):
    rows, every = wide_rows(rng), rng.choice((1, 3, 10))
    sign = rng.choice((",", "\t", ";", "|"))
    body = [[row[0], row[1] + f"\\{sign}二" * (i % every == 0), *row[2:5], rng.choice((row[5], "\\N"))]
            for i, row in enumerate(rows)]
    return wide_csv(joined([WIDE, *body], sign), rows, names=tuple(WIDE))


@kind("lines: a delimiter in a cell without quotes")
def open_delimiters(rng):
    rows = wide_rows(rng, 50)
    body = [[row[0], row[1] + ",二" * (i % 10 == 3), *row[2:]] for i, row in enumerate(rows)]
    return wide_csv(joined([WIDE, *body]), rows, losses=frozenset({"shifted_rows"}))


@kind("lines: blanks before quotes")
def blanks_before_quotes(rng):
    rows = wide_rows(rng)
    body = [[row[0], f' "{row[1]}, x"', *row[2:]] for row in rows]
    return wide_csv(joined([WIDE, *body]), rows, names=tuple(WIDE))


@kind("lines: ends with a backslash")
def ends_with_backslash(rng):
    rows, every = wide_rows(rng, 40), rng.choice((1, 3))
    body = [[row[0], row[1] + "\\\n二" * (i % every == 0), *row[2:]] for i, row in enumerate(rows)]
    return wide_csv(joined([WIDE, *body], "\t"), rows, names=tuple(WIDE))


@kind("lines: a quote that opens the first cell")
def first_quote(rng):
    rows = wide_rows(rng, 50)
    rows[0][0] = '"' + rows[0][0]
    return wide_csv(joined([WIDE, *rows]), rows, names=tuple(WIDE), losses=frozenset({"broken_quotes"}))


@kind("lines: zeros of a writer that crashed")
def run_of_zeros(rng):
    rows = wide_rows(rng, 50)
    lines = joined([WIDE, *rows]).encode().splitlines(keepends=True)
    lines.insert(rng.randrange(5, 40), b"\0" * rng.choice((100, 4_000)))
    return Bent("bent.csv", b"".join(lines), tuple(row[2] for row in rows), None, tuple(WIDE),
                frozenset({"zero_bytes"}))


@kind("lines: zeros between cells, or behind them")
def zeros_apart(rng):
    rows = wide_rows(rng)
    old, new = rng.choice(((",", "\0"), ("\n", "\0\n"), (",", "\0\0\0,")))
    return wide_csv(joined([WIDE, *rows]).replace(old, new), rows, names=tuple(WIDE))


@kind("lines: files put together")
def put_together(rng):
    rows = wide_rows(rng, 40)
    mark = rng.choice(("", "\ufeff"))
    cut = rng.randrange(10, 30)
    parts = (joined([WIDE, *part]) for part in (rows[:cut], rows[cut:]))
    return wide_csv(mark + rng.choice((mark, f"\n{mark}")).join(parts), rows, names=tuple(WIDE),
                    losses=frozenset({"repeated_headings"}))


@kind("lines: rows of delimiters")
def rows_of_delimiters(rng):
    rows = wide_rows(rng, 40)
    blank = rng.choice((",,,,,", '"","","","","",""'))
    lines = joined([WIDE, *rows]).splitlines()
    for _ in range(rng.randint(1, 3)):
        lines.insert(rng.randrange(5, 30), blank)
    return wide_csv("\n".join(lines) + "\n", rows, names=tuple(WIDE))


@kind("lines: another table at once")
def another_table(rng):
    rows = wide_rows(rng, 40)
    second = rng.choice((["订单号", "商品名称", "电话"], ["门店", "名称", "电话", "编号", "邮箱", "地址"]))
    below = [["A1", "x", row[2], "B2", "x@example.com", "上海"][: len(second)] for row in rows[25:]]
    return wide_csv(joined([WIDE, *rows[:25], second, *below]), rows, losses=frozenset({"other_table"}))


@kind("lines: a heading that is a value")
def value_as_heading(rng):
    rows = wide_rows(rng)
    heads = list(WIDE)
    heads[rng.randrange(6)] = rng.choice((people(rng, 1)[0][1], "u7@example.com"))
    return wide_csv(joined([heads, *rows]), rows, losses=frozenset({"heading_values"}))


@kind("lines: people as headings")
def people_as_headings(rng):
    chinese = [row[0] for row in people(rng, rng.randint(2, 7))]
    heads = list(dict.fromkeys(rng.choice((chinese, ["Lena Carter", "Omar Haddad", "John Smith"]))))
    body = [[f"{m}月", *(str(rng.randrange(900)) for _ in heads)] for m in range(1, 13)]
    return Bent("bent.csv", text_of([["月份", *heads], *body]).encode(), (), 12, None,
                frozenset({"heading_values"}),
                tuple(heads))


@kind("lines: no headings above people")
def people_without_headings(rng):
    names = rng.choice((("Omar Haddad B", "Priya Nair C", "Lena Hofmann A"),
                        ("Mary Jones", "Peter Brown", "John Smith")))
    rows = [[name, rng.choice(("London", "Pune", "Berlin")), rng.choice(("Ops", "HR", "Sales"))]
            for name in names]
    return Bent("bent.csv", joined(rows).encode(), names, 3, ("c00", "c01", "c02"))


def keys_over_table(rng):
    """Keys with values, the person and the mobile among them, and a small table to stand below them."""
    made = table(rng)
    made.rows = made.rows[: rng.randint(1, 5)]
    person, mobile = people(rng, 1)[0][:2]
    pairs = [["导出人", person], ["导出时间", "2024-01-02 10:00"], ["部门", "客服部"], ["日期", "2024-01-02"],
             ["联系电话", mobile], ["来源", "会员系统"], ["状态", "有效"], ["制表人", person]]
    return rng.sample(pairs, rng.randint(1, len(pairs))), person, mobile, made


@kind("lines: keys above a small table")
def keys_above_few_rows(rng):
    above, person, mobile, made = keys_over_table(rng)
    sign = rng.choice((",", "\t", ";", "|", "~", "^", "\x01", "\x1f", "¦", "§", "||", "~|~", "，"))
    text = joined([*above, *[[]] * (rng.random() < 0.3), made.names, *made.rows], sign)
    values = [row[i] for row in made.rows for i, label in enumerate(made.labels) if label in FOLLOWED]
    losses = frozenset({"titles"} if ["联系电话", mobile] in above else ())
    return Bent("bent.csv", text.encode(), (*values, *[mobile] * len(losses)), len(made.rows),
                tuple(made.names), losses, (person,))


@kind("lines: on their side")
def on_their_side(rng):
    rows = wide_rows(rng, 2, 3, 10, 30, 200)
    chosen = rng.choice((range(6), (1, 2, 3), (2, 1, 5), (1, 3, 4, 5)))
    text = joined([WIDE[i], *(row[i] for row in rows)] for i in chosen)
    return Bent("bent.csv", text.encode(), tuple(row[3 if 3 in chosen else 2] for row in rows), len(rows),
                tuple(WIDE[i] for i in chosen))


@kind("lines: forms of one pair a line")
def form_of_pairs(rng):
    rows = wide_rows(rng, 2, 5)
    sign = rng.choice((",", "\t", "|", ": ", "：", "=", " = "))
    text = "\n".join(joined(zip(WIDE, row, strict=True), sign) for row in rows)
    return Bent(rng.choice(("bent.csv", "bent.txt")), text.encode(), tuple(row[2] for row in rows), len(rows),
                tuple(WIDE))


@kind("lines: forms of several pairs a line")
def form_of_several(rng):
    rows = wide_rows(rng, 2, 5)
    sign, gap = rng.choice(((",", ","), ("\t", "\t"), (": ", "  "), ("：", "    ")))
    forms = []
    for row in rows:
        pairs = [sign.join(pair) for pair in zip(WIDE, row, strict=True)]
        forms.append("".join(gap.join(pairs[i: i + 2]) + "\n" for i in range(0, 6, 2)))
    text = rng.choice(("\n", "")).join(forms)
    return Bent("bent.csv", text.encode(), tuple(row[2] for row in rows), len(rows), tuple(WIDE))


@kind("lines: two tables with titles")
def titled_tables(rng):
    rows = wide_rows(rng, 40)
    text = "\n".join(f"{title}\n{joined([heads, *body])}" for title, heads, body in (
        ("客户", WIDE, rows[:20]), ("收货", ["姓名", "电话"], [row[1:3] for row in rows[20:]])))
    return csv_of(text, [["", row[2]] for row in rows])


BENT_LINES = [name for name in KINDS if name.startswith("lines: ")]
