"""A character that stands inside of values is no delimiter: one column stays one column."""

import pytest

from scanner.connectors.files.dialect import find_dialect

CELLS = {
    "e-mail addresses": "u{i}@example.com",
    "masked mobile numbers": "138****{i:04d}",
    "times": "2026-01-07 10:00:{i:02d}",
    "names of two words": "Ann{i} Smith",
    "prices": "${i}.50",
    "rooms": "room #{i}",
    "shares": "{i}%",
    "addresses of pages": "http://a.example/{i}?a=1&b=2",
}


@pytest.mark.parametrize("heading", ["", "col\n"], ids=["without heading", "with heading"])
@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_one_column_stays_one(cell, heading):
    text = heading + "".join(cell.format(i=i) + "\n" for i in range(40))
    dialect = find_dialect(text)

    assert {len(row) for row in dialect.reader(map(dialect.prepare, text.splitlines()))} == {1}


@pytest.mark.parametrize("sign", [",", ";", "\t", "|", "||", "~", "\x01", "^", "#"])
def test_what_stands_between_the_cells_of_every_line_is(sign):
    rows = [("name", "mobile", "city"), *((f"林{i}", "139", "上海") for i in range(40))]

    assert find_dialect("".join(sign.join(row) + "\n" for row in rows)).delimiter == sign


@pytest.mark.parametrize("above", ["", "# exported by a job\n# table: members\n# 2024-01-02\n"])
@pytest.mark.parametrize("sign", [",", "\t", "||", "^|^", ";;", "，", "；", "、", "｜"])
def test_rows_of_two_cells_without_headings_are_told_apart(sign, above):
    text = above + "".join(f"u{i}@example.com{sign}{i}.50\n" for i in range(12))

    assert find_dialect(text).delimiter == sign


def test_headings_behind_a_hash_are_no_comment():
    assert find_dialect("#no；name；mobile\n1；林一；137\n2；林二；138\n").delimiter == "；"
