"""What a detector takes for somebody's in a name or a comment is masked; everything else is shown."""

import pytest

from detectors.masking import mask_bare_name, mask_people, mask_values

MASKED = {
    "a name and its number": ("张三13812345678", "••••••"),
    "a number and its name": ("13812345678_李娜", "•••_•••"),
    "a comment with an example": ("手机号，如 13812345678", "手机号，如 •••"),
    "a word before a number": ("手机号13812345678", "手机号•••"),
    "full width": ("联系：１３８１２３４５６７８", "联系：•••"),
    "an identity number": ("身份证 11010519491231002X", "身份证 •••"),
    "a mail address": ("mail zhang@corp.cn", "mail •••"),
    "an address": ("例：上海市浦东新区张江路123号5室", "例：•••"),
    "a landline": ("tel 021-58881234", "tel •••"),
    "two of them": ("13812345678/13912345678", "•••/•••"),
}
SHOWN = (
    "orders_20240131",
    "report_20240101123000",
    "订单号 202403221530001234",
    "取值：0 未知 1 男 2 女 9 未说明",
    "长度 1-65535",
    "GB/T 2261.1-2003",
    "版本 10.2.3.4",
    "时间戳 1700000000000",
    "员工（2019年建立，由张三维护）",
    "张三",
    "user_00_63",
    "如 2024-01-31 12:30:00",
)


@pytest.mark.parametrize(("text", "shown"), MASKED.values(), ids=MASKED)
def test_what_is_somebodys_is_masked(text, shown):
    assert mask_values(text) == shown
    assert mask_values(shown) == shown


@pytest.mark.parametrize("text", SHOWN)
def test_what_is_nobodys_is_shown(text):
    assert mask_values(text) == text


@pytest.mark.parametrize("name", ["傅沅睿", "傅潼昊", "萧瑾汐", "吕漪萱", "王小明"])
def test_a_table_or_file_called_by_a_person_alone_is_masked(name):
    assert mask_bare_name(name) == "•••" and name not in mask_people(f"{name}_a.csv")


@pytest.mark.parametrize("name", [
    "客户表", "唐山", "连云港", "马鞍山", "高校生", "张贴画", "订单", "舒张压", "orders", "王小明的订单",
])
def test_a_table_called_by_anything_else_is_shown(name):
    assert mask_bare_name(name) == name


THINGS = ("连衣裙", "马丁靴", "白衬衫", "石灰岩", "纪念馆", "金枪鱼", "白炽灯",
          "游泳池", "黄豆酱", "金毛犬", "毛巾被", "高筒靴")


def test_words_for_things_that_begin_like_surnames_stay():
    assert [name for name in THINGS if mask_people(f"{name}.csv") != f"{name}.csv"] == []
    assert [name for name in THINGS if mask_bare_name(name) != name] == []
