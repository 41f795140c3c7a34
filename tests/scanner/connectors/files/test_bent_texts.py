"""Text of other programs and countries is read, or told; no cell of it is the name of a column."""

import os
import random

import bent
import bent_lines
import bent_texts
import pytest
from bent_reading import faults

from scanner.connectors import connect


@pytest.mark.parametrize("kind", [*bent_texts.BENT_TEXTS, *bent_lines.BENT_LINES])
def test_texts_of_other_programs_are_read_or_told(kind, tmp_path):
    wrong = {seed: found for seed in range(5)
             if (found := faults(tmp_path, bent.KINDS[kind](random.Random(seed))))}

    assert wrong == {}


def test_records_of_a_database_client_are_no_certain_rows(tmp_path):
    stars = "*" * 27
    text = "".join(f"{stars} {i}. row {stars}\n  name: 林一\nmobile: 1380000000{i}\n" for i in range(1, 9))
    made = bent.Bent("bent.txt", text.encode(), (), 8, None, frozenset({"cells_assumed"}))

    assert faults(tmp_path, made) == {}


def test_a_pipe_and_an_address_in_a_name(tmp_path):
    (tmp_path / "lin.wang@yuanfang.cn.csv").write_text("id,city\n1,上海\n2,北京\n")
    os.mkfifo(tmp_path / "pipe.csv")
    names = [str(getattr(table, "ref", table)) for table in connect(str(tmp_path)).tables()]

    assert not any("wang" in name for name in names)
    assert any("pipe" in name for name in names)
