"""Cells that list numbers of several people are columns of those numbers, whatever stands between them."""

import random

import pyarrow as pa
import pytest

from detectors.checksums import iso7064_mod11_2
from detectors.columns.values import value_findings

BETWEEN = ("、", ",", " / ", "或", "及", "；", " 和 ", "和", "｜", "\n", "→", "·")


def mobile(draw):
    return f"1{draw.choice('3578')}{draw.randrange(10**9):09d}"


def resident(draw):
    body = f"310115{draw.randrange(1950, 2010)}{draw.randrange(1, 13):02d}{draw.randrange(1, 29):02d}"
    body += f"{draw.randrange(1000):03d}"
    return body + iso7064_mod11_2(body)


def mail(draw):
    return f"user{draw.randrange(10**7)}@mail.cn"


MAKERS = {"mobile": mobile, "resident_id_18": resident, "email": mail}


def note_of(cells, name):
    return next((hit.note for hit in value_findings(pa.array(cells)) if hit.detector.name == name), None)


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("name", MAKERS)
def test_a_list_of_numbers_is_no_text_with_a_number_in_it(name, between):
    for seed in range(5):
        draw = random.Random(seed)
        cells = [between.join(MAKERS[name](draw) for _ in range(draw.choice((2, 3)))) for _ in range(40)]
        assert note_of(cells, name) == ""


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("text", ["请致电{0}确认", "联系人{0}", "{0}已转{1}处理", "{0}未接，改打{1}接通"])
def test_numbers_in_sentences_stay_sparse(name, text):
    draw = random.Random(7)
    cells = [text.format(MAKERS[name](draw), MAKERS[name](draw)) for _ in range(40)]
    assert note_of(cells, name) == "sparse"
