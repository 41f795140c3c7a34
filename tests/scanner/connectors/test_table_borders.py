"""Where a table begins among rows of text: headings, lines above them, names of columns."""

import random

import pytest
from bent_lines import keys_over_table

from scanner.connectors.files.sheet_blocks import find_blocks
from scanner.connectors.table_borders import find_borders, is_sideways

PEOPLE = [
    ["林一", "lin1@example.com", "13700000001"],
    ["陈二", "chen@example.com", "13700000002"],
    ["王三", "w3@example.com", "13700000003"],
    ["赵四", "z4@example.com", "13700000004"],
]
HEADINGS = ["姓名", "邮箱", "手机号"]
NAMES = tuple(HEADINGS)


def phones(*before):
    return [[*(b(i) for b in before), p[0], p[2]] for i, p in enumerate(PEOPLE)]


# name: (rows, names of the columns, first row of data)
TABLES = {
    "a plain table": ([HEADINGS, *PEOPLE], NAMES, 1),
    "no headings": (PEOPLE, ("c00", "c01", "c02"), 0),
    "one line of data": (PEOPLE[:1], ("c00", "c01", "c02"), 0),
    "headings alone": ([HEADINGS], NAMES, 1),
    "a title line": ([["会员名单（虚构）"], HEADINGS, *PEOPLE], NAMES, 2),
    "a title line as wide as the table": ([["会员名单（虚构）", "", ""], HEADINGS, *PEOPLE], NAMES, 2),
    "a blank first line": ([[""], HEADINGS, *PEOPLE], NAMES, 2),
    "keys with values": (
        [["导出人", "林一", ""], ["日期", "2024-01-01", ""], HEADINGS, *PEOPLE], NAMES, 3),
    "keys with values above two columns": (
        [["导出人", "林一"], ["姓名", "手机号"], *phones()], ("姓名", "手机号"), 2),
    "keys with values over the whole width": (
        [["制表人", "林一", "日期"], HEADINGS, *PEOPLE], NAMES, 2),
    "an index column": ([["", "姓名", "手机号"], *phones(str)], ("c00", "姓名", "手机号"), 1),
    "names of rows without a heading": ([["姓名", "手机号"], *phones(str)], ("c00", "姓名", "手机号"), 1),
    "duplicate headings": (
        [["手机号", "姓名", "手机号"], *phones(lambda i: f"1380000000{i}")],
        ("手机号", "姓名", "手机号_2"), 1),
    "months": (
        [["姓名", "2024-11", "2024-12", "2025-01"], *([p[0], "10", "20", "30"] for p in PEOPLE)],
        ("姓名", "2024-11", "2024-12", "2025-01"), 1),
    "years alone": (
        [["2019", "2020", "2021"], *([str(i), str(i + 3), str(2 * i)] for i in range(9))],
        ("2019", "2020", "2021"), 1),
    "rows wider than the headings": (
        [HEADINGS, *([*p, "上海", "x"] for p in PEOPLE)], (*NAMES, "c03", "c04"), 1),
    "headings over two lines": (
        [["", "家庭", "", "单位", ""], ["姓名", "电话", "地址", "电话", "地址"],
         *([p[0], p[2], f"上海路{i}号", p[2], f"北京路{i}号"] for i, p in enumerate(PEOPLE))],
        ("姓名", "家庭 电话", "家庭 地址", "单位 电话", "单位 地址"), 2),
    "a gap in the first line of data": (
        [["姓名", "手机号"], ["周五", "待补"], *phones()], ("姓名", "手机号"), 1),
    "people alone": ([[p[0]] for p in PEOPLE], ("c00",), 0),
    "people below a heading": ([["姓名"], *([p[0]] for p in PEOPLE)], ("姓名",), 1),
    "people and cities": (
        [["林一", "上海"], ["陈二", "杭州"], ["王三", "上海"], ["赵四", "北京"]], ("c00", "c01"), 0),
    "roles as headings": (
        [["部门", "负责人", "安全员"], ["财务部", "林一", "陈二"], ["研发部", "赵四", "钱五"]],
        ("部门", "负责人", "安全员"), 1),
    "a dictionary": (
        [["field", "comment"], ["name", "姓名"], ["mobile", "手机号"], ["city", "城市"]],
        ("field", "comment"), 1),
    "comments above rows without headings": (
        [["# exported by a job"], ["# 2024-01-02"], *phones()], ("c00", "c01"), 2),
    "comments above one column": ([["# exported by a job"], *([p[1]] for p in PEOPLE)], ("c00",), 1),
    "a heading behind a hash": ([["# 手机号"], *([p[2]] for p in PEOPLE)], ("# 手机号",), 1),
    "a key with a value above rows without headings": (
        [["联系电话", "13700000009"], *([str(i), p[1], "2024-01-02"] for i, p in enumerate(PEOPLE))],
        ("c00", "c01", "c02"), 0),
    "a single heading, and blanks behind it": (
        [["", "邮箱", ""], *([p[2], p[1], ""] for p in PEOPLE)], ("c00", "邮箱", "c02"), 1),
    "a table far down": ([*([f"第{i}行"] for i in range(60)), *PEOPLE * 40], ("c00", "c01", "c02"), 0),
    "a heading that is a value": (
        [["姓名", "13700000009"], *([p[0], "x"] for p in PEOPLE)], ("姓名", "c01"), 1),
}


@pytest.mark.parametrize(("rows", "names", "first_row"), TABLES.values(), ids=TABLES)
def test_where_a_table_begins(rows, names, first_row):
    borders = find_borders(rows)

    assert (borders.names, borders.first_row) == (names, first_row)


@pytest.mark.parametrize("rows", [
    [["客户名单", ""], *phones(), ["合计", ""]],
    [["导出人", "林一"], ["导出时间", "2024-01-02 10:00"], *([p[2], "上海"] for p in PEOPLE), ["合计", ""]],
], ids=["a title", "keys with values"])
def test_a_first_line_unlike_two_columns_of_data_is_an_assumption(rows):
    assert find_borders(rows).is_assumed


DEPARTMENTS = [["客服部", "a1@example.com", "13700000001", ""],
               ["研发部", "a2@example.com", "13700000002", ""],
               ["研发部", "a3@example.com", "13700000003", ""]]


@pytest.mark.parametrize(("line", "is_row"), [
    ("研发部", True), ("财务部", True), ("总裁办", False), ("名单", False)])
def test_a_line_that_may_be_a_short_row_is_one_or_an_assumption(line, is_row):
    borders = find_borders([["会员名单（虚构）"], [line], *DEPARTMENTS])

    assert (borders.first_row == 1) == is_row
    assert borders.is_assumed


def test_a_long_line_above_data_is_certainly_none():
    assert not find_borders([["2024年度会员名单（虚构）"], *DEPARTMENTS]).is_assumed


@pytest.mark.parametrize("headings", [["", "身份证号"], ["身份证号", ""]])
def test_one_heading_of_two_columns_stands_below_keys(headings):
    cells = ["2369.09", "110101199001010011"] if not headings[0] else ["110101199001010011", "2369.09"]
    above = [["联系电话", "13700000001"], ["导出人", "林一"], ["导出时间", "2024-01-02 10:00"]]
    borders = find_borders([*above, headings, *[cells] * 3])

    assert borders.first_row == 4
    assert "身份证号" in borders.names


def test_blank_rows_in_a_table_on_its_side_part_no_record():
    upper = [["姓名", "冯六未", "魏丁八", "王卯丙"], ["金额", "83.99", "53.85", "40.84"],
             ["部门", "研发部", "市场部", "研发部"]]
    lower = [["会员编号", "A39705", "A44670", "A44109"],
             ["手机号", "13700000001", "13700000002", "13700000003"]]
    (block,) = find_blocks([*upper, [""] * 4, [""] * 4, *lower])

    assert block.is_sideways
    assert block.is_assumed                   # they may be two tables as well
    assert block.names == ("姓名", "金额", "部门", "会员编号", "手机号")


@pytest.mark.parametrize("rows", [[HEADINGS, *PEOPLE], PEOPLE, [HEADINGS, *PEOPLE, ["合计", "", ""]]],
                         ids=["headings", "none", "a total"])
def test_a_plain_table_is_no_assumption(rows):
    assert not find_borders(rows).is_assumed


def test_every_value_above_a_table_counts():
    rows = [["联系 13700000009 a@example.com"], ["# 13700000008"], HEADINGS, *PEOPLE]

    assert find_borders(rows).title_cells == 3
    assert find_borders(rows[1:]).title_cells == 1


def test_a_table_on_its_side():
    across = [["姓名", *(p[0] for p in PEOPLE)], ["手机号", *(p[2] for p in PEOPLE)]]

    assert is_sideways(across)
    assert not is_sideways([HEADINGS, *PEOPLE])
    assert not is_sideways(TABLES["roles as headings"][0])


def test_keys_above_a_small_table_name_no_column_of_a_sheet():
    for seed in range(300):
        above, _, _, made = keys_over_table(random.Random(seed))
        rows = [*above, made.names, *made.rows]
        width = len(made.names)
        (block,) = find_blocks([[*row, *[""] * (width - len(row))] for row in rows])

        assert (block.names, block.first_row) == (tuple(made.names), len(above) + 1), seed


def test_a_form_has_no_table_below_its_keys():
    form = [["姓名", "林一"], ["职位", "经理"], ["手机号", "13700000001"], ["邮箱", "lin1@example.com"]]

    assert find_blocks(form)[0].is_sideways


@pytest.mark.parametrize("between", [",", "、", "; ", "|", "\n"])
@pytest.mark.parametrize(
    "heading, value",
    [
        ("id_no", "1101011990010{:05d}"),
        ("手机号", "137000{:05d}"),
        ("email", "a{:05d}@mail.cn"),
        ("日期", "2026-01-{:02d}"),
    ],
)
def test_a_list_of_values_is_like_the_values_below(heading, value, between):
    rows = [["王李张刘陈杨赵"[i % 7] + "伟芳娜秀英"[i % 5], value.format(i % 28 + 1)] for i in range(30)]
    rows[0][1] += between + value.format(28)

    assert not find_borders([["name", heading], *rows]).is_assumed
