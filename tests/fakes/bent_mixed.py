"""Files bent in several ways at once: a table of people, then one bend of each stage, drawn by a seed.

`text(rng)`, `document(rng)` and `workbook(rng)` give a file, its truth and the kinds of bends in it. Stages
are lists of functions that change a draft; the name of a bend is the kind under which faults are counted.
"""

from __future__ import annotations

import io
import random
import re
from csv import QUOTE_ALL, QUOTE_MINIMAL, QUOTE_NONE, writer
from dataclasses import dataclass, field

from bent import FAMILY, GIVEN

COLUMNS = {                                   # what people export: heading in Chinese and English, and a cell
    "姓名": ("name", lambda rng: rng.choice(FAMILY) + rng.choice(GIVEN) + rng.choice(GIVEN)),
    "手机号": ("mobile", lambda rng: f"1{rng.choice('3578')}{rng.randrange(10**9):09}"),
    "身份证号": ("id_card", lambda rng: resident_id(rng)),
    "邮箱": ("email", lambda rng: f"u{rng.randrange(10**6):06}@example.com"),
    "城市": ("city", lambda rng: rng.choice(("上海", "杭州", "北京", "广州", "成都", "西安"))),
    "金额": ("amount", lambda rng: f"{rng.randrange(1, 10**6) / 100:.2f}"),
    "注册日期": ("created_at", lambda rng: f"20{rng.randint(10, 24)}-{rng.randint(1, 12):02}-"
                                        f"{rng.randint(1, 28):02}"),
    "会员编号": ("member_no", lambda rng: f"A{rng.randrange(10**5):05}"),
    "部门": ("dept", lambda rng: rng.choice(("财务部", "研发部", "市场部", "客服部"))),
    "备注": ("remark", lambda rng: rng.choice(("", "已回访", "请周末联系", "老客户转介绍", "需要发票"))),
}
TRACKED = ("手机号", "身份证号", "邮箱")       # columns whose cells must stay where they are
FOLLOWED = (*TRACKED, "姓名")                  # columns whose every cell must be read or accounted for
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def resident_id(rng: random.Random) -> str:
    body = f"{rng.choice(('110105', '310104', '440106'))}{rng.randint(1950, 2005)}{rng.randint(1, 12):02}" \
           f"{rng.randint(1, 28):02}{rng.randrange(1000):03}"
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, _WEIGHTS, strict=True)) % 11]


@dataclass(frozen=True)
class Mixed:
    """A file, its truth and its bends; as `bent.Bent`, and more.

    is_open: whether nobody could be certain of its rows. cells: of columns, where they must be as they were.
    """

    file: str
    body: bytes
    values: tuple[str, ...]
    rows: int | None
    names: tuple[str, ...] | None
    losses: frozenset[str]
    bends: tuple[str, ...]
    is_open: bool
    cells: dict | None
    people: tuple[str, ...] = ()
    contents: frozenset[str] = frozenset()


@dataclass
class Draft:
    """A table on its way to a file."""

    rng: random.Random
    labels: list[str]
    rows: list[list[str]]
    names: list[str] | None = None
    headings: list[list[str]] = field(default_factory=list)
    units: list[list[str]] = field(default_factory=list)
    above: str = ""
    below: str = ""
    sign: str = ","
    quoting: int = QUOTE_MINIMAL
    escape: str = ""
    ends: tuple[str, ...] = ("\n",)
    encoding: str = "utf-8"
    file: str = "bent.csv"
    n: int | None = 0
    values: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    losses: set[str] = field(default_factory=set)
    is_open: bool = False
    is_kept: bool = True                      # whether cells must be read as they were
    bends: list[str] = field(default_factory=list)

    def is_free(self, *stages: str) -> bool:
        """Whether no bend of these stages was drawn."""
        return not any(bend.startswith(stage) for bend in self.bends for stage in stages)


def table(rng: random.Random, least: int = 2) -> Draft:
    """Return a table of people that has at least one column to be followed."""
    labels = rng.sample(list(COLUMNS), rng.randint(least, 8))
    if not set(labels) & set(TRACKED):
        labels[rng.randrange(len(labels))] = rng.choice(TRACKED)
    n = rng.choice((3, 5, 12, 40, 150))
    rows = [[COLUMNS[label][1](rng) for label in labels] for _ in range(n)]
    draft = Draft(rng, labels, rows, n=n)
    draft.values = [row[labels.index(label)] for row in rows for label in labels if label in FOLLOWED]
    draft.names = list(labels) if rng.random() < 0.6 else [COLUMNS[label][0] for label in labels]
    draft.headings = [list(draft.names)]
    return draft


# ---- stage: headings


def plain_headings(d: Draft) -> None:
    pass


def no_headings(d: Draft) -> None:
    d.headings = []
    d.names = [f"c{i:02}" for i in range(len(d.labels))]
    d.is_open = True


def duplicate_headings(d: Draft) -> None:
    i = d.rng.randrange(len(d.labels))
    d.headings[0].append(d.headings[0][i])
    for row in d.rows:
        row.append(COLUMNS[d.labels[i]][1](d.rng))
    d.values += [row[-1] for row in d.rows] if d.labels[i] in FOLLOWED else []
    d.names.append(f"{d.names[i]}_2")


def months_as_headings(d: Draft) -> None:
    year, first = d.rng.randint(2015, 2025), d.rng.randint(1, 6)
    form = d.rng.choice(("{y}-{m:02}", "{m}月", "{y}年{m}月", "{y}{m:02}"))
    months = [form.format(y=year, m=m) for m in range(first, first + d.rng.randint(3, 6))]
    d.headings[0] += months
    d.names += months
    for row in d.rows:
        row += [str(d.rng.randrange(900)) for _ in months]


def index_column(d: Draft) -> None:
    d.headings[0].insert(0, "")
    d.names.insert(0, "c00")
    for i, row in enumerate(d.rows):
        row.insert(0, str(i))


def names_of_rows(d: Draft) -> None:
    d.names.insert(0, "c00")
    for i, row in enumerate(d.rows, 1):
        row.insert(0, str(i))


def two_lines(d: Draft) -> None:
    group = d.rng.choice(("会员信息", "基本情况", "客户资料"))
    cut = d.rng.randrange(1, len(d.labels))
    first = [""] * len(d.labels)
    first[0], first[cut] = group, d.rng.choice(("联系方式", "订单", "其他信息"))
    d.headings.insert(0, first)
    d.names = None


def units_below(d: Draft) -> None:
    if "金额" not in d.labels:
        return
    units = ["" for _ in d.labels]
    units[d.labels.index("金额")] = d.rng.choice(("（元）", "万元", "元", "(kg)"))
    d.units.append(units)
    d.names = None


def values_beside(d: Draft) -> None:
    """A last column of which one heading is missing."""
    i = d.rng.randrange(len(d.labels))
    d.headings[0][i] = ""
    d.names[i] = f"c{i:02}"


HEADINGS = (plain_headings, plain_headings, plain_headings, no_headings, duplicate_headings,
            months_as_headings, index_column, names_of_rows, two_lines, units_below, values_beside)


# ---- stage: what stands above and below


def nothing_above(d: Draft) -> None:
    pass


def title_line(d: Draft) -> None:
    d.above = d.rng.choice(("会员名单（虚构）", "2024年度客户台账", "Members, exported for testing")).replace(
        ",", d.rng.choice(("", ","))) + "\n"


def title_as_wide(d: Draft) -> None:
    d.above = "客户名单（虚构）" + d.sign * (len(d.labels) - 1) + "\n"


def blank_lines(d: Draft) -> None:
    d.above = "\n" * d.rng.randint(1, 4)


def keys_above(d: Draft) -> None:
    person = COLUMNS["姓名"][1](d.rng)
    d.people.append(person)
    lines = [("导出人", person), ("导出时间", "2024-01-02 10:00"), ("部门", "客服部")]
    if d.rng.random() < 0.3:
        d.values.append(COLUMNS["手机号"][1](d.rng))
        lines.insert(0, ("联系电话", d.values[-1]))
        d.is_open = True                      # it is read, or told as lost
    d.above = "".join(d.sign.join(pair) + "\n" for pair in lines[: d.rng.randint(1, 3)])


def comments_above(d: Draft) -> None:
    d.above = "".join(f"# {text}\n" for text in ("exported by a job", "table: members", "2024-01-02")
                      [: d.rng.randint(1, 3)])


def separator_above(d: Draft) -> None:
    d.above = f"sep={d.sign}\n"


def title_and_blank(d: Draft) -> None:
    d.above = "会员名单（虚构）\n\n"


ABOVE = (nothing_above, nothing_above, nothing_above, title_line, title_as_wide, blank_lines, keys_above,
         comments_above, separator_above, title_and_blank)


def nothing_below(d: Draft) -> None:
    pass


def footer(d: Draft) -> None:
    d.below = d.rng.choice((f"共 {d.n} 条\n", f"({d.n} rows)\n", f"\n{d.n} rows selected.\n"))
    d.n, d.is_open, d.is_kept = None, True, False


def total_line(d: Draft) -> None:
    cells = [d.rng.choice(("", "12", "3.5", "1204.50元")) for _ in d.rows[0][1:]]
    d.below = d.sign.join([d.rng.choice(("合计", "总计", "合 计", "Total", "TOTAL:")), *cells]) + "\n"
    d.losses.add("totals")
    d.is_kept = False


def blank_lines_below(d: Draft) -> None:
    d.below = "\n" * d.rng.randint(1, 4)


def blank_rows_below(d: Draft) -> None:
    """Rows of delimiters alone, as spreadsheets write them below a table."""
    d.below = (d.sign * (len(d.rows[0]) - 1) + "\n") * d.rng.randint(1, 4)
    d.n, d.is_kept = None, False


def end_of_file_sign(d: Draft) -> None:
    d.below = "\x1a"
    d.n, d.is_open, d.is_kept = None, True, False


BELOW = (nothing_below, nothing_below, nothing_below, nothing_below, footer, total_line, blank_lines_below,
         blank_rows_below)


# ---- stage: delimiters and quotes


def commas(d: Draft) -> None:
    d.quoting = d.rng.choice((QUOTE_MINIMAL, QUOTE_ALL))


def another_sign(d: Draft) -> None:
    d.sign = d.rng.choice(("\t", ";", "|", "~", "^", "\x01", "\x1f", "\x1e", "#", "¦", "§", "¶", "\x02"))
    d.file = d.rng.choice(("bent.csv", "bent.txt"))
    d.quoting = d.rng.choice((QUOTE_MINIMAL, QUOTE_ALL))


def several_signs(d: Draft) -> None:
    d.sign = d.rng.choice(("||", "~|~", "^|^", "@@", "::", "#|#", "|||", "$$", "|~|", ";;", "!|!", "\t\t",
                           ", ", "\x01\x02", "&&", "%%", " | ", "[|]", "<>"))
    d.quoting = QUOTE_NONE
    d.file = d.rng.choice(("bent.csv", "bent.txt"))


def full_width_sign(d: Draft) -> None:
    d.sign = d.rng.choice(("，", "；", "、", "｜"))
    d.quoting = QUOTE_NONE


def remarks_in_quotes(d: Draft) -> None:
    """Cells that hold delimiters, quotes and line feeds."""
    d.quoting = d.rng.choice((QUOTE_MINIMAL, QUOTE_ALL))
    for row in d.rows:
        text = d.rng.choice(('他说"好"，可以', f"第一{d.sign}第二", "第一行\n第二行\n第三行", "无",
                             "A\r\nB", ""))
        row.append(text)
    d.headings and d.headings[-1].append("说明")
    if d.names:
        d.names.append("说明" if d.headings else f"c{len(d.rows[0]) - 1:02}")


def single_quotes(d: Draft) -> None:
    d.escape = "'"
    d.quoting = QUOTE_ALL


def backslashes(d: Draft) -> None:
    d.escape = "\\"
    d.quoting = QUOTE_ALL
    for row in d.rows:
        row.append(d.rng.choice(('他说"好"', "无", "", 'a "b" c')))
    d.headings and d.headings[-1].append("说明")
    if d.names:
        d.names.append("说明" if d.headings else f"c{len(d.rows[0]) - 1:02}")


def signs_at_the_end(d: Draft) -> None:
    """A delimiter behind the last cell of every line."""
    for row in (*d.headings, *d.rows):
        row.append("")
    if d.names:
        d.names.append(f"c{len(d.rows[0]) - 1:02}")


def quoted_lines(d: Draft) -> None:
    """Every line is a cell of its own: the text was saved as a sheet once."""
    d.escape = "line"
    d.quoting = QUOTE_MINIMAL


SIGNS = (commas, commas, another_sign, another_sign, several_signs, full_width_sign, remarks_in_quotes,
         remarks_in_quotes, single_quotes, backslashes, signs_at_the_end, quoted_lines)


# ---- stage: ends of lines


def line_feeds(d: Draft) -> None:
    pass


def other_ends(d: Draft) -> None:
    d.ends = d.rng.choice((("\r\n",), ("\r",), ("\r\r\n",), ("\n", "\r\n"), ("\n", "\r", "\r\n"), ("\n\n",),
                           ("\n\r",)))


def odd_blanks(d: Draft) -> None:
    """Characters that some programs take for the end of a line."""
    for row in d.rows[:: d.rng.randint(1, 3)]:
        i = d.rng.randrange(len(row))
        if d.labels[min(i, len(d.labels) - 1)] not in FOLLOWED:
            row[i] = f"{row[i]}{d.rng.choice(chr(0x2028) + chr(0x85) + chr(0x0b) + chr(0x0c))}乙"
    d.is_kept = False


ENDS = (line_feeds, line_feeds, line_feeds, other_ends, odd_blanks)


# ---- stage: encodings


def utf8(d: Draft) -> None:
    d.encoding = d.rng.choice(("utf-8", "utf-8", "utf-8-sig"))


def another_encoding(d: Draft) -> None:
    d.encoding = d.rng.choice(("gb18030", "gb18030", "utf-16", "utf-16-le", "utf-16-be"))


ENCODINGS = (utf8, utf8, utf8, another_encoding)


# ---- stage: faults, in lines of bytes


def no_fault(d: Draft, lines: list[bytes]) -> list[bytes]:
    return lines


def open_quote(d: Draft, lines: list[bytes]) -> list[bytes]:
    at = _some_line(d, lines)
    lines[at] = b'"' + lines[at]
    d.losses.add("broken_quotes")
    d.is_open, d.is_kept = True, False
    return lines


def short_row(d: Draft, lines: list[bytes]) -> list[bytes]:
    at = _some_line(d, lines)
    cells = lines[at].split(d.sign.encode(d.encoding))
    if len(cells) > 2 and cells[0].strip() and b'"' not in lines[at]:
        dropped = d.sign.encode(d.encoding).join(cells[1:])
        lines[at] = cells[0] + _end_of(lines[at])
        d.values = [v for v in d.values if v.encode(d.encoding) not in dropped]
        d.losses.add("short_rows")
        d.is_open, d.is_kept = True, False
    return lines


def long_row(d: Draft, lines: list[bytes]) -> list[bytes]:
    at = _some_line(d, lines)
    value = COLUMNS["手机号"][1](d.rng)
    end = _end_of(lines[at])
    lines[at] = lines[at][: len(lines[at]) - len(end)] + f"{d.sign}{value}".encode(d.encoding) + end
    d.values.append(value)
    d.names, d.is_open, d.is_kept = None, True, False
    return lines


def bad_bytes(d: Draft, lines: list[bytes]) -> list[bytes]:
    at = _some_line(d, lines)
    end = _end_of(lines[at])
    lines[at] = lines[at][: len(lines[at]) - len(end)] + b"\xff" + end
    if not b"".join(lines).replace(b"\xff", b"").isascii():
        d.losses.add("undecodable")           # in a file of one such byte it may be a letter of the West
    d.values = [v for v in d.values if v.encode(d.encoding) not in lines[at]]
    d.is_kept = False
    return lines


def other_half(d: Draft, lines: list[bytes]) -> list[bytes]:
    if len(lines) < 12:
        return lines
    half = len(lines) // 2
    other = "gb18030" if d.encoding.startswith("utf-8") else "utf-8"
    own = "utf-8" if other == "gb18030" else d.encoding
    later = [part.decode(own).encode(other) for part in lines[half:]]
    if any(not part.isascii() for part in later):
        d.losses.add("other_encoding")
    return [*lines[:half], *later]


def zeros(d: Draft, lines: list[bytes]) -> list[bytes]:
    at = _some_line(d, lines)
    end = _end_of(lines[at])
    lines[at] = lines[at][: len(lines[at]) - len(end)] + b"\0" + end
    return lines


FAULTS = (no_fault, no_fault, no_fault, no_fault, open_quote, short_row, long_row, bad_bytes, other_half,
          zeros)


def _end_of(raw: bytes) -> bytes:
    return raw[len(raw.rstrip(b"\r\n")):]


def _some_line(d: Draft, lines: list[bytes]) -> int:
    """A line of data: neither above, nor a heading, nor below."""
    first = d.above.count("\n") + len(d.headings) + len(d.units)
    return d.rng.randrange(first, max(first + 1, len(lines) - d.below.count("\n") - d.below.count("\x1a")))


# ---- a file of text


def text(rng: random.Random) -> Mixed:
    """Return a delimited file, bent."""
    draft = table(rng)
    _bend(draft, "headings", HEADINGS)
    _bend(draft, "sign", SIGNS)
    _bend(draft, "above", ABOVE)
    _bend(draft, "below", BELOW)
    _bend(draft, "ends", ENDS)
    _bend(draft, "encoding", ENCODINGS)
    if draft.names and len(set(draft.names)) < len(draft.names):
        draft.names = None
    cells = _cells(draft)
    lines = _lines(draft)
    is_simple = draft.ends[0] in ("\n", "\r\n") and not draft.encoding.startswith("utf-16") \
        and draft.is_free("sign: remarks", "sign: backslashes", "sign: quoted", "sign: single")
    if is_simple:
        fault = rng.choice(FAULTS)
        draft.bends.append(f"fault: {_words(fault)}")
        lines = fault(draft, lines)
    elif draft.encoding.startswith("utf-16") and draft.encoding != "utf-16":
        draft.is_open = draft.is_open or len(lines) < 3
    body = b"".join(lines)
    if rng.random() < 0.2 and not draft.below:
        body = body[: len(body) - len(_end_of(body))] if not draft.encoding.startswith("utf-16") else body
    names = tuple(draft.names) if draft.names is not None else None
    cells = cells if draft.is_kept and not draft.losses else None
    return Mixed(draft.file, body, tuple(draft.values), draft.n, names, frozenset(draft.losses),
                 tuple(draft.bends), draft.is_open, cells, tuple(draft.people), contents_of(draft))


def contents_of(draft: Draft) -> frozenset[str]:
    """Return the cells of a table that are no word of its headings."""
    return frozenset(str(cell) for row in draft.rows for cell in row if len(str(cell)) > 1) - {*COLUMNS}


def _words(bend) -> str:
    return bend.__name__.replace("_", " ")


def _bend(draft: Draft, stage: str, bends) -> None:
    bend = draft.rng.choice(bends)
    draft.bends.append(f"{stage}: {_words(bend)}")
    bend(draft)


def _cells(d: Draft) -> dict | None:
    """Return the cells of the columns that are followed, by name."""
    if d.names is None:
        return None
    offset = len(d.names) - len(d.rows[0]) if d.rows else 0
    of = {}
    for label in TRACKED:
        if label in d.labels:
            i = d.labels.index(label) + (d.names[0] == "c00" and d.rows[0][0].isdigit()
                                         and len(d.rows[0][0]) < 4) + offset
            of[d.names[i]] = [row[i] for row in d.rows]
    return of


def _lines(d: Draft) -> list[bytes]:
    """Return the lines of a file in its encoding."""
    rows = [*d.headings, *d.units, *d.rows]
    records = [*_records(d.above), *(_line(d, row) for row in rows), *_records(d.below)]
    ended = [record[:-1] + d.rng.choice(d.ends) if record.endswith("\n") else record for record in records]
    if d.encoding == "utf-16":
        return ["".join(ended).encode("utf-16")]
    if d.encoding.startswith("utf-16"):
        return ["".join(ended).encode(d.encoding)]
    encoded = [record.encode("utf-8" if d.encoding.startswith("utf-8") else d.encoding) for record in ended]
    if d.encoding == "utf-8-sig":
        encoded[0] = b"\xef\xbb\xbf" + encoded[0]
        d.encoding = "utf-8"
    return encoded


def _records(text: str) -> list[str]:
    """Return lines that end with a line feed, whatever else parts lines for Python."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _line(d: Draft, row: list[str]) -> str:
    if d.quoting == QUOTE_NONE:
        return d.sign.join(row) + "\n"
    out = io.StringIO()
    if d.escape == "\\":
        writer(out, delimiter=d.sign, quoting=QUOTE_ALL, doublequote=False, escapechar="\\",
               lineterminator="\n").writerow(row)
    elif d.escape == "'":
        writer(out, delimiter=d.sign, quoting=QUOTE_ALL, quotechar="'", lineterminator="\n").writerow(row)
    else:
        writer(out, delimiter=d.sign, quoting=d.quoting, lineterminator="\n").writerow(row)
    if d.escape == "line":
        line = out.getvalue().rstrip("\n")
        return '"' + line.replace('"', '""') + '"\n'
    return out.getvalue()
