"""Delimited text bent in ways of other programs and countries: ends of lines, signs between cells, encodings,
headings that do not stand above their cells, tables one below the other.
"""

from bent import CITIES, HEADINGS, KINDS, Bent, csv_of, kind, people, text_of

ENGLISH = ["id", "name", "mobile", "city"]


def many(rng):
    return people(rng, rng.choice((5, 40, 120)))


def numbered(rows):
    return [[str(i), *row] for i, row in enumerate(rows, 1)]


@kind("text: other ends of lines")
def ends(rng):
    rows = many(rng)
    end = rng.choice("\x1e\u2028\u2029\x85\x0b\x0c")
    sign = rng.choice((",", "\t", ";", "\x1f"))
    return csv_of(text_of([HEADINGS, *rows], delimiter=sign).replace("\n", end), rows, names=tuple(HEADINGS))


@kind("text: rare signs between cells")
def rare_signs(rng):
    rows = numbered(many(rng))
    sign = rng.choice(("<=>", "!@#", "=>", "\u200b", "{}", "<|>", "##", "\u2060"))
    text = "".join(sign.join(row) + "\n" for row in (ENGLISH, *rows))
    return csv_of(text, [row[1:] for row in rows], names=tuple(ENGLISH))


@kind("text: a comma in a cell of every row")
def comma_in_cells(rng):
    rows = many(rng)
    sign = rng.choice((";", "\t", "|"))
    body = [[str(i), row[0], row[1], f"{row[2]}, {i},5"] for i, row in enumerate(rows)]
    where = rng.randrange(1, 4)
    order = [*range(1, where), 3, *range(where, 3)]
    lines = [[row[i] for i in (0, *order)] for row in (ENGLISH, *body)]
    return csv_of("".join(sign.join(row) + "\n" for row in lines), rows, names=tuple(lines[0]))


@kind("text: quotes of running text")
def marks(rng):
    rows = many(rng)
    body = [[row[0], row[1], f"{row[2]}, 东区"] for row in rows]
    text = "".join(",".join(f"“{cell}”" for cell in row) + "\n" for row in (HEADINGS, *body))
    return csv_of(text, rows, names=tuple(HEADINGS))


@kind("text: a sign behind the last cell of each row")
def trailing(rng):
    rows = numbered(many(rng))
    text = ",".join(ENGLISH) + "\n" + "".join(",".join(row) + ",\n" for row in rows)
    return csv_of(text, [row[1:] for row in rows], names=(*ENGLISH, "c04"))


@kind("text: several columns without headings at the left")
def left_columns(rng):
    rows = many(rng)
    n = rng.randint(1, 2)
    body = [[*(rng.choice("abc") for _ in range(n)), *row] for row in rows]
    return csv_of(text_of([HEADINGS, *body]), rows, names=(*(f"c{i:02}" for i in range(n)), *HEADINGS))


@kind("text: two tables")
def two_tables(rng):
    rows = people(rng, 40)
    second = rng.choice((["门店", "电话", "城市"], ["姓名", "手机号"], ["编号", "姓名", "手机号", "城市"]))
    below = [row if len(second) == 3 else row[:2] if len(second) == 2 else ["1", *row] for row in rows[20:]]
    text = text_of([HEADINGS, *rows[:20]]) + "\n" * rng.randint(1, 2) + text_of([second, *below])
    return csv_of(text, rows)


@kind("text: addresses without a heading")
def addresses(rng):
    rows = [["", f"{rng.choice(CITIES)}市海淀区大街{i + 3}号院{i % 9 + 1}号楼{i % 4 + 1}单元{i + 101}室"]
            for i in range(rng.choice((1, 4, 60)))]
    return csv_of("".join(row[1] + "\n" for row in rows), rows, names=("c00",))


@kind("text: a name alone")
def one_name(rng):
    rows = people(rng, 1)
    name = rng.choice(("王伟", "李小明", "陈丽"))
    return Bent("bent.csv", f"{name}\n".encode(), (name,), len(rows), ("c00",))


@kind("text: lines of prose")
def prose(rng):
    rows = people(rng, rng.choice((1, 5)))
    lines = [f"电话{row[0]} {row[1]}，地址{row[2]}" for row in rows]
    lines.insert(rng.choice((0, len(lines))), rng.choice(("他很好。", "他很好，真的", "一切正常；无投诉")))
    return Bent("bent.txt", ("\n".join(lines) + "\n").encode(), tuple(row[1] for row in rows), None)


@kind("text: shares as headings")
def shares(rng):
    names = ["组", "10%", "50%", "90%"]
    body = [[f"g{i}", *(str(rng.randrange(99)) for _ in range(3))] for i in range(rng.choice((4, 40)))]
    return csv_of(text_of([names, *body]), [["", row[0]] for row in body], names=tuple(names))


@kind("text: of a neighbour")
def neighbours(rng):
    encoding, names, name = rng.choice((
        ("euc_jp", ["番号", "氏名", "電話", "メール"], "田中さくら"),
        ("cp949", ["번호", "이름", "전화", "메일"], "김민수"),
        ("cp932", ["番号", "氏名", "電話", "メール"], "田中さくら"),
        ("hz", ["编号", "姓名", "手机号", "邮箱"], "王小明"),
        ("iso2022_jp_2", ["番号", "氏名", "電話", "メール"], "田中さくら")))
    rows = people(rng, 40)
    body = [[str(i), name, row[1], f"u{i}@example.com"] for i, row in enumerate(rows)]
    text = text_of([names, *body])
    return Bent("bent.csv", text.encode(encoding), (*(row[1] for row in rows), name), 40, tuple(names))


@kind("text: characters that another program lost")
def replaced(rng):
    rows = many(rng)
    body = [["\ufffd" * rng.randint(1, 3), *row[1:]] for row in rows]
    return csv_of(text_of([HEADINGS, *body]), rows, names=tuple(HEADINGS), losses=frozenset({"undecodable"}))


@kind("text: a mark of another encoding")
def wrong_mark(rng):
    rows = many(rng)
    text = text_of([ENGLISH, *numbered(rows)])
    body = rng.choice((b"\xff\xfe" + text.encode(), b"\xfe\xff" + text.encode("utf-16-le"),
                       b"\xff\xfe" + text.encode("utf-16-be"), b"\xef\xbb\xbf" * 2 + text.encode()))
    return Bent("bent.csv", body, tuple(row[1] for row in rows), len(rows))


@kind("text: UTF-7")
def utf7(rng):
    rows = people(rng, rng.choice((5, 40)))
    names = rng.choice((HEADINGS, ["name", "mobile", "city"]))
    return Bent("bent.csv", text_of([names, *rows]).encode("utf-7"),
                (*(row[1] for row in rows), *(row[0] for row in rows)), len(rows), tuple(names))


@kind("text: kanji alone")
def kanji(rng):
    rows = people(rng, 40)
    names = ["社員番号", "氏名", "携帯電話", "メール", "都市"]
    names_of = ("佐藤健", "高橋明", "渡辺真")
    body = [[str(i), rng.choice(names_of), row[1], "x", "東京"] for i, row in enumerate(rows)]
    return Bent("bent.csv", text_of([names, *body]).encode(rng.choice(("cp932", "euc_jp"))),
                (*(row[1] for row in rows), *(row[1] for row in body)), 40, tuple(names))


@kind("text: GB18030 that was taken for Latin letters, or for nothing")
def garbled_gb18030(rng):
    text = text_of([HEADINGS, *people(rng, 40)])
    body = rng.choice((text.encode("gb18030").decode("latin-1").encode(), text.encode("ascii", "replace")))
    return Bent("bent.csv", body, (), 40, None, frozenset({"mojibake"}))


@kind("text: of an encoding that is not read")
def unread_encoding(rng):
    rows = [[str(i), "김민수", row[1]] for i, row in enumerate(people(rng, 40))]
    text = text_of([["번호", "이름", "전화"], *rows])
    return Bent("bent.csv", text.encode(rng.choice(("johab", "iso2022_kr"))), (), 40, None,
                frozenset({"encoding_assumed"}))


LATIN = ("Quentin Ashworth", "Martha Keller", "Olga Ivanova", "Pavel Novak")
CELLS = {                                     # of what is lost in part where the headings end
    "姓名": lambda rng: people(rng, 1)[0][0], "Full Name": lambda rng: rng.choice(LATIN),
    "phone": lambda rng: people(rng, 1)[0][1], "email": lambda rng: f"u{rng.randrange(10**6):06}@example.com",
    "amount": lambda rng: f"{rng.randrange(10**4, 10**6) / 100:.2f}",
    "备注": lambda rng: rng.choice(("已回访", "加急")),
    "created_at": lambda rng: f"2024-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
    "id": lambda rng: f"{rng.randrange(10**4, 10**5)}",
    "城市": lambda rng: rng.choice(("上海", "杭州", "成都")),
}


@kind("text: bytes lost where the headings end")
def lost_line_end(rng):
    names = rng.sample(list(CELLS), rng.randint(4, 7))
    rows = [[CELLS[name](rng) for name in names] for _ in range(rng.choice((8, 60)))]
    sign, end = rng.choice(",;\t|"), rng.choice(("\n", "\r\n"))
    lines = [sign.join(row) for row in (names, *rows)]
    n = rng.randint(0, len(names[-1]) - 1), rng.randint(0, max(0, len(rows[0][0]) - 4))
    text = lines[0][: len(lines[0]) - n[0]] + end.join((lines[1][n[1]:], *lines[2:], ""))
    people_of = (rows[0][0][-4:], *(cell for cell in rows[0][1:] if cell not in names))
    mobiles = [row[names.index("phone")] for row in rows[1:]] if "phone" in names else []
    return Bent("bent.csv", text.encode(), tuple(mobiles), None, people=people_of)


BENT_TEXTS = [name for name in KINDS if name.startswith("text: ")]
