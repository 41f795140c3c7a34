"""A first record is no heading, whatever its name looks like; cells that a program wrapped are seen."""

import json
import random

import bent
import pytest
from bent_reading import read

HEADS = ["name", "mobile", "city"]
TOWNS = ("Leeds", "York", "Bath", "Ripon")
KNOWN = ("Alice Brown", "David Carter", "Emily Smith", "James Nair", "Maria Meyer", "Omar Haddad")
WRAPPINGS = (('="', '"'), ("`", "`"), ("「", "」"), ("«", "»"), ("[", "]"), ("þ", "þ"), ("„", "“"),
             ("\t", ""), ("'", ""), ('"=""', '"""'))
SIGNS = ("_|_", "%%%%%", "^A", "|+|", "\x07", "\x14", "\u3000", "␟")


def write(folder, rows, sign=","):
    path = folder / "people.csv"
    path.write_text("".join(sign.join(row) + "\n" for row in rows), encoding="utf-8")
    return path


def english(rng, n):
    return [[rng.choice(KNOWN), rng.choice(TOWNS)] for _ in range(n)]


def headless(rng):
    """Records of which the first one looks unlike the others, by what is odd about it."""
    people = bent.people(rng, 59)
    pairs = [[name, city] for name, _, city in people]
    return {
        "missing": (["张三", rng.choice(("无", "-", "未知"))], [row[:2] for row in people]),
        "five signs": (["欧阳钰珩翀", "西安"], pairs),
        "Latin": (["Alice Trumbull", "Leeds"], pairs),
        "an unknown Latin name": (["Quentin Ashworth", "London"], english(rng, 59)),
        "pinyin": (["Li Na", "Xian"], english(rng, 59)),
        "pinyin above numbered names": (
            ["Li Na", "西安"], [[f"Zhang Wei{i}", row[2]] for i, row in enumerate(people)]),
        "a name alone": (["沈珺翀", "", ""], people),
    }


@pytest.mark.parametrize("kind", headless(random.Random(0)))
def test_a_first_record_is_no_heading(kind, tmp_path):
    for seed in range(5):
        first, rows = headless(random.Random(seed))[kind]
        reading = read(write(tmp_path, [first, *rows]))

        assert reading.columns == [tuple(f"c{i:02}" for i in range(len(first)))], seed
        assert len(reading.tables[0]) == 60 and first[0] in reading.text, seed


@pytest.mark.parametrize("heads", [
    ("Account Holder", "Branch"), ("First Last", "Where"), ("Policy Owner", "Place"),
    ("Payee Details", "Seat"), ("Booked By", "Stop"), ("Primary Applicant", "Base"),
], ids="-".join)
def test_words_with_capitals_above_english_names_stay_headings(heads, tmp_path):
    for seed in range(3):
        rng = random.Random(seed)
        others = ("Imogen Trelawney", "Barnaby Wolstenholme", "Tamsin Arkwright")
        rows = [[rng.choice(KNOWN + others), rng.choice(TOWNS)] for _ in range(rng.choice((3, 12, 60)))]
        reading = read(write(tmp_path, [heads, *rows]))

        assert reading.columns == [heads] and len(reading.tables[0]) == len(rows)
        assert reading.is_exact or len(rows) == 3      # too few to be sure


def client_outputs(rows):
    """Tables as database clients and Markdown show them."""
    ruler, n = "+".join(["-" * 22] * 3), len(rows)
    cells = [[cell.ljust(20) for cell in row] for row in (HEADS, *rows)]
    framed = [f"| {' | '.join(row)} |" for row in cells]
    opened = [" " + " | ".join(row) for row in cells]
    return {
        "mysql -t": [f"+{ruler}+", framed[0], f"+{ruler}+", *framed[1:], f"+{ruler}+",
                     f"{n} rows in set (0.01 sec)"],
        "Markdown": [framed[0], "|---|:---:|---|", *framed[1:]],
        "psql": [opened[0], ruler, *opened[1:], f"({n} row{'s' * (n > 1)})"],
        "psql -x": [text for i, row in enumerate(rows, 1) for text in (
            f"-[ RECORD {i} ]-----",
            *(f"{head.ljust(8)} | {cell}" for head, cell in zip(HEADS, row, strict=True)))],
        "mysql \\G": [text for i, row in enumerate(rows, 1) for text in (
            f"{'*' * 27} {i}. row {'*' * 27}",
            *(f"{head.rjust(8)}: {cell}" for head, cell in zip(HEADS, row, strict=True)))],
    }


@pytest.mark.parametrize("client", client_outputs([HEADS]))
def test_what_a_database_client_shows_is_a_table(client, tmp_path):
    for seed, n in enumerate((1, 3, 60, 500)):
        rows = bent.people(random.Random(seed), n)
        text = "\n".join(client_outputs(rows)[client]) + "\n"
        (tmp_path / "a.txt").write_text(text, encoding="utf-8")
        reading = read(tmp_path / "a.txt")

        assert reading.columns == [tuple(HEADS)] and reading.is_exact
        assert reading.tables == [list(map(tuple, rows))]


def test_a_person_among_headings_names_no_column(tmp_path):
    for seed in range(5):
        rows = bent.people(random.Random(seed), 60)
        reading = read(write(tmp_path, [["朱晞婷", *HEADS[1:]], *rows]))

        assert reading.columns == [("c00", "mobile", "city")]
        assert not reading.is_exact or [loss.kind for loss in reading.losses] == ["heading_values"]


@pytest.mark.parametrize("wrapping", WRAPPINGS, ids="".join)
def test_cells_that_a_program_wrapped(wrapping, tmp_path):
    before, behind = wrapping
    rows = bent.people(random.Random(3), 60)
    reading = read(write(tmp_path, [[f"{before}{cell}{behind}" for cell in row] for row in [HEADS, *rows]]))

    assert reading.columns == [tuple(HEADS)]
    assert reading.tables == [list(map(tuple, rows))] and reading.is_exact


@pytest.mark.parametrize("sign", SIGNS, ids=ascii)
def test_signs_that_hardly_anybody_writes_between_cells(sign, tmp_path):
    rows = bent.people(random.Random(3), 60)
    reading = read(write(tmp_path, [HEADS, *rows], sign))

    assert reading.columns == [tuple(HEADS)] and reading.tables == [list(map(tuple, rows))]


@pytest.mark.parametrize("above", ["说明第{}条，请注意保密", "{}"])
def test_many_lines_above_a_table_are_no_certain_rows(above, tmp_path):
    rows = [[*row, "x@example.com", str(i)] for i, row in enumerate(bent.people(random.Random(3), 60))]
    lines = [[above.format(i)] for i in range(400)]

    assert not read(write(tmp_path, [*lines, [*HEADS, "email", "n"], *rows])).is_exact


@pytest.mark.parametrize("end", ["\0", "#EOL#", "~~~"], ids=ascii)
def test_an_end_of_lines_that_nobody_knows_leaves_no_certain_row(end, tmp_path):
    rows = bent.people(random.Random(3), 60)
    (tmp_path / "a.csv").write_text("".join(",".join(row) + end for row in [HEADS, *rows]), encoding="utf-8")

    assert not read(tmp_path / "a.csv").is_exact


def test_a_key_that_is_a_person_names_no_column(tmp_path):
    rows = [{"id": i, "mobile": row[1]} for i, row in enumerate(bent.people(random.Random(3), 60))]
    rows[30]["吴嫣晟"] = 1
    texts = (json.dumps({"陈琛晗": {"mobile": "13812345678"}}), "\n".join(map(json.dumps, rows)))
    for text in texts:
        (tmp_path / "a.json").write_text(text, encoding="utf-8")
        reading = read(tmp_path / "a.json")

        assert "{key}" in reading.columns[0] and not {"吴嫣晟", "陈琛晗"} & set(reading.columns[0])


@pytest.mark.parametrize("heads", [
    ["产品", "价格", "库存"], ["客户", "电话"], ["部门", "工资"], ["病人", "科室"],
    ["订单", "状态"], ["名称", "单价"],
], ids="-".join)
def test_a_chinese_export_of_few_characters_is_not_read_as_korean(heads, tmp_path):
    rows = [[f"{heads[0]}{i}", *(f"{i}.0" for _ in heads[1:])] for i in range(73)]
    text = "".join(",".join(row) + "\r\n" for row in [heads, *rows])
    (tmp_path / "a.csv").write_bytes(text.encode("gb18030"))
    reading = read(tmp_path / "a.csv")

    assert reading.columns == [tuple(heads)] and reading.tables == [list(map(tuple, rows))]


@pytest.mark.parametrize("heads", [
    ["周一", "周二", "周三"], ["早班", "中班", "晚班"], ["父亲", "母亲", "子女"],
], ids="-".join)
def test_plans_of_shifts_and_families_keep_their_headings(heads, tmp_path):
    rng = random.Random(4)
    rows = [[row[0] for row in bent.people(rng, len(heads))] for _ in range(74)]
    reading = read(write(tmp_path, [heads, *rows]))

    assert reading.columns == [tuple(heads)] and reading.is_exact and len(reading.tables[0]) == 74


def test_two_cells_parted_by_a_sign_of_running_text_are_no_certain_rows(tmp_path):
    rows = [["导出时间", "2024-01-02 10:00"], ["部门", "客服部"],
            *([city, mobile] for _, mobile, city in bent.people(random.Random(3), 6))]
    reading = read(write(tmp_path, rows, "、"))

    assert not reading.is_exact and not any("2024" in name for name in reading.columns[0])


def test_lines_that_are_cells_above_rows_of_delimiters_are_unwrapped(tmp_path):
    rows = bent.people(random.Random(3), 5)
    lines = ["导出人,林一一", "导出时间,2024-01-02 10:00", *(f'"{",".join(row)}"' for row in [HEADS, *rows]),
             *[",,"] * 4]
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    reading = read(tmp_path / "a.csv")

    assert reading.columns == [tuple(HEADS)] and reading.tables == [list(map(tuple, rows))]
