"""Text of other programs and countries is read, or told; no cell of it is the name of a column."""

import os
import random

import bent
import bent_lines
import bent_texts
import pytest
from bent_reading import GOALS, faults, read

from scanner.connectors import connect


@pytest.mark.parametrize("kind", [*bent_texts.BENT_TEXTS, *bent_lines.BENT_LINES])
def test_texts_of_other_programs_are_read_or_told(kind, tmp_path):
    wrong = {seed: found for seed in range(5)
             if (found := faults(tmp_path, bent.KINDS[kind](random.Random(seed))))}

    assert wrong == {}


def test_records_of_a_database_client_are_rows(tmp_path):
    stars = "*" * 27
    text = "".join(f"{stars} {i}. row {stars}\n  name: 林一\nmobile: 1380000000{i}\n" for i in range(1, 9))
    made = bent.Bent("bent.txt", text.encode(), ("林一",), 8, ("name", "mobile"))

    assert faults(tmp_path, made) == {}


def test_a_pipe_and_an_address_in_a_name(tmp_path):
    (tmp_path / "lin.wang@yuanfang.cn.csv").write_text("id,city\n1,上海\n2,北京\n")
    os.mkfifo(tmp_path / "pipe.csv")
    names = [str(getattr(table, "ref", table)) for table in connect(str(tmp_path)).tables()]

    assert not any("wang" in name for name in names)
    assert any("pipe" in name for name in names)


def test_people_in_long_lines_are_turned_round_up_to_the_columns_of_a_sheet(tmp_path):
    rng = random.Random(3)
    for n, reading_of in ((9_000, "rows"), (17_000, "refused")):
        rows = bent.people(rng, n)
        lines = ([heading, *(row[i] for row in rows)] for i, heading in enumerate(bent.HEADINGS))
        (tmp_path / "bent.csv").write_text(bent.text_of(lines), encoding="utf-8")
        reading = read(tmp_path / "bent.csv")
        if reading_of == "rows":
            assert (reading.columns, len(reading.tables[0])) == ([tuple(bent.HEADINGS)], n)
        else:
            assert "17,000 cells" in reading.refused[0]


def test_cells_behind_headings_that_lost_their_end_name_no_column(tmp_path):
    make = bent.KINDS["text: bytes lost where the headings end"]
    wrong = {seed: found for seed in range(150)
             if (found := {fault: what for fault, what in faults(tmp_path, make(random.Random(seed))).items()
                           if fault in GOALS})}

    assert wrong == {}


@pytest.mark.parametrize(("names", "rows"), [
    (["id", "姓名", "phone", "备注", "x_1"], [["1", "林一", "13700000001"], ["2", "陈二", "13700000002"]]),
    (["城市", "5月", "6月", "7月", "8月"], [["上海", "3", "14"], ["杭州", "15", "9"], ["成都", "2", "6"]]),
    (["城市", "金额", "sales202401", "x_flag"], [["上海", "3.5"], ["杭州", "15.1"], ["成都", "2.0"]]),
    (["手机号", "邮箱", "2023", "2024"], [["13700000001", "a@b.cn"], ["13700000002", "c@d.cn"]]),
    (["站点", "PM2.5", "PM10", "sales202401"], [["北", "35.2", "40.1", "7"], ["南", "36.1", "44.4", "8"]]),
])
def test_headings_over_cells_that_no_row_has_keep_their_names(names, rows, tmp_path):
    (tmp_path / "a.csv").write_text(bent.text_of([names, *rows * 3]), encoding="utf-8")

    assert read(tmp_path / "a.csv").columns == [tuple(names)]


def test_a_value_among_the_headings_is_no_line_above_them(tmp_path):
    rows = [["1", "林一", "上海"], ["2", "陈二", "杭州"]]
    text = bent.text_of([["编号", "13700000001", "城市"], *rows * 9])
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    losses = read(tmp_path / "a.csv").losses

    assert [loss.kind for loss in losses if loss.lost] == ["heading_values"]
    assert "above" not in str(losses[0].message) and "line 1" in str(losses[0].message)
