"""A mobile number in a text of one or a few cells is possible, never nothing and never certain."""

import pyarrow as pa
import pytest

from detectors.columns import detect
from detectors.columns.judge import FINDING_FROM, POSSIBLE
from detectors.model import ColumnInfo, ColumnSample, TableInfo, TableRef

SHORT = {
    "one cell": ["王伟 13812345678"],
    "a contact": ["联系人：王伟 13812345678"],
    "two lines": ["王伟 13812345678", "李丽 13912345679"],
    "two of four": ["你好", "王伟 13812345678", "再见了", "李丽 13912345679"],
    "a resident": ["身份证 11010519491231002X 已登记", "无"],
}
NOTHING = {
    "an order": ["订单 20240115000123 已发货", "订单 20240115000124 已发货"],
    "one of many": [*(f"回访第 {i} 次" for i in range(40)), "王伟 13812345678"],
}


def findings(cells):
    column = ColumnInfo("note", "text")
    table = TableInfo(TableRef("t"), (column,))
    array = pa.array(cells, pa.string())
    return detect(table, [ColumnSample(table.ref.column("s", column.parts), table, column, array)])


@pytest.mark.parametrize("cells", SHORT.values(), ids=SHORT)
def test_a_number_of_a_person_in_a_short_text_is_possible(cells):
    best = findings(cells)[0]

    assert best.label == "free_text_with_pi"
    assert best.possible
    assert POSSIBLE <= best.confidence < FINDING_FROM


@pytest.mark.parametrize("cells", NOTHING.values(), ids=NOTHING)
def test_other_numbers_and_one_cell_of_many_say_nothing(cells):
    assert not any(e.origin == "value" for f in findings(cells) for e in f.evidence)
