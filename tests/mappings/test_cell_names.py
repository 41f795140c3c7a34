"""Names of cells: several people by a word, a number or a second name; one with whatever stands beside."""

import random

import counted_worlds
import pyarrow as pa
import pytest
import worlds_of_names

from mappings.name_forms import names_of_cell
from mappings.person_keys import hash_all_keys

PEOPLE = counted_worlds.people(random.Random(4), 200)
PAIRS = list(zip(PEOPLE[::2], PEOPLE[1::2], strict=True))


@pytest.mark.parametrize(("form", "number"), worlds_of_names.SEVERAL)
def test_a_name_stands_for_as_many_as_its_words_say(form, number):
    assert {len(names_of_cell(worlds_of_names.written(form, *pair))) for pair in PAIRS} == {number}


@pytest.mark.parametrize("form", worlds_of_names.ONE)
def test_titles_departments_and_earlier_names_make_nobody_else(form):
    assert {len(names_of_cell(worlds_of_names.written(form, *pair))) for pair in PAIRS} == {1}


@pytest.mark.parametrize(
    "name",
    [
        "王伟/销售部",
        "欧阳 娜娜",
        "佐藤　健",
        "Smith, John Jr.",
        "Dr. A. B. Smith-Jones",
        "王和平",
        "张家口",
        "孙人杰",
        "陈一家",
        "王五人",
        "Grace Guest",
        "O'Brien, Pat",
        "Kim Y. Lee",
        "王伟(高级)",
        "李等",
        "何及安",
        "家豪",
        "约翰·史密斯",
        "阿依古丽·买买提",
        "王小明老师",
        "Jan van der Berg",
        "Juan Carlos de la Cruz Romero",
        "Anne-Marie Müller–Keller",
        "王伟 (VIP)",
    ],
)
def test_names_that_look_like_words_are_one_name(name):
    assert len(names_of_cell(name)) == 1


def test_short_cells_with_a_word_are_no_plain_names():
    """A name of two characters and a word of two have the length of a long name."""
    cells = pa.array(["王伟夫妇", "李娜父子", "张三两人", "刘洋等人", "王伟明"])
    hashes = hash_all_keys(cells, "person_name", "name", b"k" * 32)

    assert sorted(set(hashes.further_rows.tolist())) == [0, 1, 2, 3]
