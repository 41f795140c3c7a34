"""Classes of English words: made from WordNet's files, read from what ships."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.columns import train_senses
from detectors.columns.cues import table_cues
from detectors.columns.senses import classes_of
from detectors.columns.train_senses import WordNet, packed
from detectors.model import ColumnInfo, TableInfo, TableRef
from detectors.shipped import read_bytes

INDEX = """\
  1 a line of the licence
lodger n 1 1 @ 1 1 00000003
tenant n 2 1 @ 2 1 00000003 00000002
stone n 1 1 @ 1 1 00000004
ice_cream n 1 1 @ 1 0 00000004
"""
DATA = """\
  1 a line of the licence
00000001 03 n 01 thing 0 000 | what is
00000002 18 n 02 person 0 soul 0 001 @ 00000001 n 0000 | somebody
00000003 18 n 01 tenant 0 001 @ 00000002 n 0000 | somebody who rents
00000004 17 n 01 stone 0 002 @ 00000001 n 0000 ~ 00000003 n 0000 | a hard thing
"""


def small(folder: Path) -> WordNet:
    folder.joinpath("index.noun").write_text(INDEX)
    folder.joinpath("data.noun").write_text(DATA)
    return WordNet.read(folder)


def test_classes_are_the_wider_synsets_that_some_words_share(tmp_path, monkeypatch):
    monkeypatch.setattr(train_senses, "FEWEST", 2)
    monkeypatch.setattr(train_senses, "MOST", 2)
    assert small(tmp_path).classes() == {
        "lodger": ("first subject 18", "subject 18", "synset 00000002", "synset 00000003"),
        "tenant": ("first subject 18", "subject 18", "synset 00000002", "synset 00000003"),
        "stone": ("first subject 17", "subject 17"),
    }


def test_the_same_files_give_the_same_arrays(tmp_path):
    classes = small(tmp_path).classes()
    arrays, again = packed(classes), packed(dict(reversed(classes.items())))
    assert all(np.array_equal(arrays[name], again[name]) for name in arrays)
    assert len(arrays["words"]) == 3
    assert len(arrays["starts"]) == 3                  # two sets: tenants and lodgers share theirs


def test_unseen_words_share_classes_with_common_ones():
    def shared(word: str, other: str) -> int:
        return len(set(classes_of(word)) & set(classes_of(other)))

    for person in ("lodger", "plaintiff", "wholesaler", "midwife", "apprentice"):
        assert shared(person, "patient") > shared(person, "invoice"), person
    for illness in ("asthma", "measles", "pneumonia"):
        assert shared(illness, "disease") > shared(illness, "invoice"), illness


@given(st.text(max_size=12))
def test_any_text_has_classes_or_none(text):
    assert list(classes_of(text)) == sorted(set(classes_of(text)))


def test_plural_words_are_read_like_single_ones():
    assert classes_of("tenants") == classes_of("tenant") != ()


def test_no_word_itself_ships():
    assert b"tenant" not in read_bytes("data/senses.npz")


def test_cues_tell_where_a_class_stands():
    table = TableInfo(TableRef("lodgers"), (ColumnInfo("tenant_asthma", "text", "plaintiff, by name"),))
    cues = table_cues(table)
    own = set(cues.columns[0])
    assert {f"wn:{k}" for k in classes_of("tenant")} <= own
    assert {f"wl:{k}" for k in classes_of("asthma")} <= own
    assert {f"wc:{k}" for k in classes_of("plaintiff")} <= own
    assert {f"wt:{k}" for k in classes_of("lodger")} <= set(cues.shared)
    only_tenant = set(classes_of("tenant")) - set(classes_of("asthma"))
    assert not {f"wl:{k}" for k in only_tenant} & own
