"""Lines below the rows of a table, signatures, dates, notes, are nobody; a sparse row is never lost."""

import random

import counted_worlds
import pytest
import table_footers
from table_footers import FOOTERS, ROWS

from scanner.config.model import read
from scanner.job import scan

pytestmark = pytest.mark.system

SIZE = 30
COLUMNS = {
    "named": (["姓名", "手机号", "城市"], lambda p: [p.name, p.phone, "上海"]),
    "numbered": (["工号", "姓名", "部门"], lambda p: [f"E{p.number:05d}", p.name, "财务"]),
    "english": (["email", "full_name", "city"], lambda p: [p.email, p.english, "Bonn"]),
}
FORMS = ("csv", "padded", "tsv", "xlsx")
LINES = [(kind, line) for kind, lines in FOOTERS.items() for line in lines]


def rows_of(columns, size=SIZE):
    names, row = COLUMNS[columns]
    return [names, *(row(p) for p in counted_worlds.people(random.Random(5), size))]


def counted(folder, rows, form, end="\n", above=()):
    data = folder / "data"
    data.mkdir()
    names, width, rows = rows[0], len(rows[0]), [*above, *rows]
    if form == "xlsx":
        table_footers.as_sheet(rows, data / "member.xlsx")
    else:
        rows = [[*row, *[""] * (width - len(row))] for row in rows] if form == "padded" else rows
        delimiter, suffix = ("\t", "tsv") if form == "tsv" else (",", "csv")
        text = table_footers.as_csv(rows, end, delimiter)
        (data / f"member.{suffix}").write_bytes(text.encode())
    fields = ", ".join(f'"s/member/{name}"' for name in names)
    (folder / "chujing.yaml").write_text(
        'version: 1\nexporter: {id: e, entities: [e], facts: {ciio: "no", sector: retail, zone: none}}\n'
        f'sources: {{s: {{url: "{data.as_posix()}"}}}}\nflows:\n'
        "  - {id: f, entity: e, status: active, since: 2026-02-01, every: month, recipient: {name: HQ, "
        f"country: DE}}, purpose: crm, mode: transfer, fields: [{fields}]}}\n",
        encoding="utf-8",
    )
    return scan(read(folder / "chujing.yaml"), as_of=counted_worlds.DAY, exact=True)


def losses(report):
    return {loss.kind for table in report.tables for loss in table.losses}


@pytest.mark.parametrize(("kind", "cells"), LINES, ids=lambda value: "/".join(value) if value else "")
def test_a_line_about_the_table_is_nobody(tmp_path, kind, cells):
    draw = random.Random("/".join(cells))
    form, columns, is_apart = draw.choice(FORMS), draw.choice(list(COLUMNS)), draw.random() < 0.3
    report = counted(tmp_path, [*rows_of(columns), *[[]] * is_apart, cells], form)
    persons = report.flows[0].individuals

    assert (persons.low, persons.best, persons.high, persons.method) == (*[SIZE] * 3, "exact")
    assert losses(report) <= {"footers", "totals"} and losses(report)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(("kind", "cells"), [line for line in LINES if line[0] == "signature"], ids=str)
def test_who_made_the_table_is_nobody_above_its_headings_either(tmp_path, kind, cells, form):
    persons = counted(tmp_path, rows_of("named"), form, above=[["员工名册"], cells]).flows[0].individuals

    assert (persons.low, persons.best, persons.high, persons.method) == (*[SIZE] * 3, "exact")


@pytest.mark.parametrize("seed", range(12))
def test_several_lines_in_any_order_are_nobody_or_doubt(tmp_path, seed):
    draw = random.Random(seed)
    form, columns = draw.choice(FORMS), draw.choice(list(COLUMNS))
    lines = [cells for _, cells in draw.sample(LINES, draw.randint(2, 4))]
    shifted = [["", *cells][:3] if draw.random() < 0.2 else cells for cells in lines]
    report = counted(tmp_path, [*rows_of(columns), *shifted], form)
    persons = report.flows[0].individuals

    assert persons.low <= SIZE <= persons.high <= SIZE + len(lines)
    assert persons.method != "exact" or persons.high == SIZE


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("cells", ROWS, ids=lambda cells: "-".join(cells))
def test_a_sparse_row_or_a_name_with_a_colon_is_not_lost(tmp_path, cells, form):
    report = counted(tmp_path, [*rows_of("named"), cells], form)
    persons = report.flows[0].individuals

    assert "footers" not in losses(report)
    assert persons.low <= SIZE + 1 <= persons.high


@pytest.mark.parametrize("form", FORMS)
def test_such_lines_among_the_rows_are_doubt(tmp_path, form):
    head, *rows = rows_of("numbered")
    report = counted(tmp_path, [head, *rows[:15], ["制表人：王小明"], *rows[15:]], form)
    persons = report.flows[0].individuals

    assert persons.low <= SIZE and persons.method != "exact"


def test_a_table_of_notes_keeps_its_rows(tmp_path):
    rows = [["内容"], *(["备注：客户来电"] for _ in range(5)), ["手机 13912345678"], ["备注：回访"]]
    report = counted(tmp_path, rows, "xlsx")

    assert not losses(report) & {"footers", "footers_assumed"}


def test_a_line_below_a_table_of_one_column_is_doubt(tmp_path):
    rows = [[p.phone] for p in counted_worlds.people(random.Random(5), SIZE)]
    report = counted(tmp_path, [["手机号"], *rows, ["制表人：王小明 13912345678"]], "xlsx")
    persons = report.flows[0].individuals

    assert persons.low <= SIZE < persons.high and persons.method != "exact"


@pytest.mark.parametrize("block", [700, 5_000, 4 << 20])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_line_below_many_rows_is_nobody_wherever_blocks_end(tmp_path, monkeypatch, block, end):
    monkeypatch.setattr("scanner.connectors.files.csv.BLOCK", block)
    monkeypatch.setattr("scanner.connectors.files.csv.SMALL", 600)
    rows = [*rows_of("numbered", 400), ["以下为空"], ["制表人：王小明", "审核：李娜"]]
    report = counted(tmp_path, rows, "csv", end)
    persons = report.flows[0].individuals

    assert losses(report) == {"footers", "footers_assumed"}
    assert (persons.low, persons.high) == (400, 401)


def test_a_cell_over_several_lines_is_no_line_below(tmp_path):
    names, *rows = rows_of("numbered")
    rows[-1] = [*rows[-1][:2], "财务\n制表人：王小明"]
    report = counted(tmp_path, [names, *rows], "csv")

    assert not losses(report) & {"footers", "footers_assumed"}
    assert report.flows[0].individuals.high == SIZE
