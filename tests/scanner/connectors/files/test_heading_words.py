"""A word for people beside a heading that begins like a surname is a heading, too, no note above a table."""

import random

import pytest

from scanner.connectors.table_borders import find_borders

pytestmark = pytest.mark.unit

BESIDE = (
    "商品", "价格", "金额", "部门", "年龄", "成绩", "课程", "时间", "状态", "单位", "学校", "专业", "班级",
    "职务", "工资", "数量", "车牌", "路线", "房号", "面积", "项目", "费用", "余额", "等级", "区域", "方式",
    "类型", "编号", "周期", "温度", "单价", "经度", "包装", "毛重", "白班", "水费", "何时", "何地",
    "安全帽", "高度", "钱数", "常用", "方向", "路程", "孔径",
)


@pytest.mark.parametrize("people", ("姓名", "联系人", "经办人", "客户姓名", "负责人"))
@pytest.mark.parametrize("further", ((), ("备注", "编号")), ids=("two columns", "four columns"))
def test_a_heading_that_begins_like_a_surname_is_a_heading(people, further):
    draw = random.Random(2)

    def record():
        name = "".join(map(draw.choice, ("王李张刘陈杨", "伟芳娜敏静丽", "强磊军洋勇")))
        return [name, draw.choice(("甲类物", "乙组货", "丙")), *(str(draw.randrange(9)) for _ in further)]

    data = [record() for _ in range(30)]
    borders = [find_borders([[people, word, *further], *data]) for word in BESIDE]

    assert [word for word, b in zip(BESIDE, borders, strict=True) if b.first_row != 1 or b.is_assumed] == []


def pivot(heads, rng):
    """Return a table of months by what stands above them, with a number in each cell."""
    body = [[f"{month}月", *(str(rng.randrange(900)) for _ in heads)] for month in range(1, 13)]
    return [["月份", *heads], *body]


def test_rare_names_above_numbers_are_no_names_of_columns():
    rng = random.Random(5)
    kept = []
    for _ in range(300):
        heads = sorted({rng.choice("褚卫蒋沈韩杨") + rng.choice("甲乙丙丁") + rng.choice("一二三六七九")
                        for _ in range(rng.randint(2, 6))} | {"卫丙丙"})
        borders = find_borders(pivot(heads, rng))
        kept += [head for head in heads if head in borders.names]
        assert borders.names[0] == "月份" and borders.first_row == 1 and borders.heading_values

    assert kept == []


@pytest.mark.parametrize("other", ("合计", "备注", "工时", "数量"))
def test_one_certain_name_among_other_headings_is_masked(other):
    assert find_borders(pivot(["赵秀娟", other], random.Random(6))).names[1:] == ("c01", other)


def test_products_above_numbers_stay():
    heads = ["连衣裙", "马丁靴", "白衬衫", "金枪鱼", "石榴石"]

    assert find_borders(pivot(heads, random.Random(7))).names[1:] == tuple(heads)
