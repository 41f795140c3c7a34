"""One vocabulary says what puts off an answer: in short texts of facts, and in places of papers."""

import pytest

from mappings.names import is_undecided, keeps_place
from scanner.deliver.paper_places import Written

PUT_OFF = (
    "待定", "TBD", "todo", "待补充", "待确认", "待核", "同上", "？", "______", "略", "某某", "暂无",
    "尚未确定", "占位", "不详", "测试", "xxx", "pending", "to be confirmed", "To be determined",
    "待 填 写", "未定", "正在办理",
)
ANSWERS = (
    "汽车", "沪网信〔2026〕12号", "consumer spending", "Tobe Logistics", "跨境电商", "东京", "不动产",
    "Todorov SE",
)
WITHIN = ("文号待补", "由法务部核对，编号待定中", "the number is to be confirmed by the zone")


@pytest.mark.parametrize("text", PUT_OFF)
def test_what_puts_off_a_fact_keeps_a_place_in_a_paper_as_well(text):
    assert is_undecided(text)
    assert keeps_place(text)
    assert Written(text).is_placeholder
    if any(c.isalnum() for c in text):        # marks alone beside words are the end of a sentence
        assert Written(f"联系人：{text}").is_placeholder


@pytest.mark.parametrize("text", ANSWERS)
def test_an_answer_is_neither(text):
    assert not is_undecided(text)
    assert not Written(text).is_placeholder


@pytest.mark.parametrize("text", WITHIN)
def test_a_word_within_puts_off_a_short_text_only(text):
    assert is_undecided(text)
    assert not Written(text).is_placeholder
