"""Names of cells: several people by a word, a number or a second name; one with whatever stands beside."""

import random

import counted_worlds
import pyarrow as pa
import pytest
import worlds_of_names

from detectors.cn.person_name import SURNAMES
from mappings.name_forms import names_of_cell
from mappings.parted_names import TITLES, conjunctions
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


@pytest.mark.parametrize("case", [str, str.upper, str.lower, str.title])
def test_a_word_between_two_full_names_parts_them_in_any_case(case):
    pairs = [(f"{a.english} Abc", f"{b.english} Xyz") for a, b in PAIRS]

    for word in sorted(conjunctions()):
        for one, other in pairs[:5]:
            assert len(names_of_cell(case(f"{one} {word} {other}"))) == 2, (word, one, other)


def test_two_whole_names_of_two_characters_are_two_without_a_sign():
    """Read many at once they are what each is on its own, between plain names, too."""
    cells = [a.name[:2] + b.name[:2] for a, b in PAIRS] + [p.name for p in PEOPLE]
    hashes = hash_all_keys(pa.array(cells), "person_name", "name", b"k" * 32)

    assert {len(names_of_cell(cell)) for cell in cells[: len(PAIRS)]} == {2}
    assert sorted(set(hashes.further_rows.tolist())) == list(range(len(PAIRS)))


@pytest.mark.parametrize("name", ["欧阳文华", "司马相如", "张王丽娜", "田中健一"])
def test_four_characters_of_which_the_third_begins_no_name_are_one(name):
    assert len(names_of_cell(name)) == 1


def test_a_title_behind_a_name_is_nobody():
    """Whatever given name the title would make a second name with: 冯博梅女士."""
    draw = random.Random(8)
    given = sorted(SURNAMES - set("和"))       # 卞博和夫人 are two
    for title in (title for title in TITLES if len(title) > 1):
        for _ in range(200):
            name = draw.choice(given) + "博" + draw.choice(given)
            assert len(names_of_cell(name + title)) == 1, name + title
