"""Persons in running text whom nothing but the text model sees. Everybody here is invented."""

import itertools

import pytest

from detectors.language import Span
from detectors.language.agreement import agreed

NAMES = ("林清荷", "魏长风", "欧阳静怡", "克里斯蒂娜·安德森")
SENTENCES = ("{}已签收", "请转交{}处理", "由{}，代为办理", "{}")
PLACES = ("饭店", "路", "大厦", "医院", "小学", "定律")


def spans(text, named):
    start = text.index(named)
    return [[Span(start, start + len(named), "PERSON")]]


@pytest.mark.parametrize(("name", "sentence"), itertools.product(NAMES, SENTENCES))
def test_a_name_in_a_sentence_stays(name, sentence):
    text = sentence.format(name)
    assert agreed([text], spans(text, name)) == spans(text, name)


@pytest.mark.parametrize(("name", "place"), itertools.product(NAMES, PLACES))
def test_what_is_called_by_a_name_is_nobody(name, place):
    text = f"附近有{name}{place}，可以停车"
    assert agreed([text], spans(text, name)) == [[]]


@pytest.mark.parametrize("word", ["退货处理", "保湿面膜", "主键编号", "清热解毒"])
def test_a_word_that_is_no_name_is_nobody(word):
    text = f"请注意{word}，谢谢"
    assert agreed([text], spans(text, word)) == [[]]


def test_other_spans_stay_in_their_order():
    text = "林清荷住杭州市西湖区，退货处理"
    place, word = Span(4, 10, "ADDRESS"), Span(11, 15, "PERSON")
    assert agreed([text, ""], [[Span(0, 3, "PERSON"), place, word], []]) == [
        [Span(0, 3, "PERSON"), place], [],
    ]
