"""Invented tables of many trades (`tests/cases/schemas.txt`): what names and comments alone must give,
and what names alone must.
"""

import re

import places
import pytest

from detectors.columns import detect
from detectors.model import ColumnInfo, ColumnSample, TableInfo, TableRef

CASES = places.CASES / "schemas.txt"


def tables():
    """(name, comment, [(column, comment, `=label`, `-` or `?`)])."""
    out = []
    for line in CASES.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        name, comment, expected = re.fullmatch(r"(\S+)(?: \[(.*?)\])?(?: (=\w+|-|\?))?", line).groups()
        if expected is None:
            out.append((name, comment or "", []))
        else:
            out[-1][2].append((name, comment or "", expected))
    return out


def outcome(comments):
    found = missed = false = 0
    for name, about, columns in tables():
        infos = tuple(ColumnInfo(n, "varchar(64)", c if comments else "") for n, c, _ in columns)
        table = TableInfo(TableRef(name), infos, about if comments else "")
        samples = [ColumnSample(table.ref.column("s", c.parts), table, c) for c in infos]
        said = {
            f.column.rsplit("/", 1)[1]
            for f in detect(table, samples)
            if f.primary and f.kind == "personal_information" and f.tier == "core"
        }
        found += sum(n in said for n, _, e in columns if e.startswith("="))
        missed += sum(n not in said for n, _, e in columns if e.startswith("="))
        false += sum(n in said for n, _, e in columns if e == "-")
    return found, missed, false


@pytest.mark.parametrize(
    ("comments", "recall", "precision"),
    [(True, 0.96, 0.98), (False, 0.92, 0.98)],
    ids=["comments", "names alone"],
)
def test_personal_columns_of_invented_tables(comments, recall, precision):
    found, missed, false = outcome(comments)

    assert found / (found + missed) >= recall
    assert found / (found + false) >= precision


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("alert(1)手机号", "phone_mobile"),
        ("=cmd|x手机", "phone_mobile"),
        ("email（工作）", "email"),
        ("app(端)手机号", "phone_mobile"),
        ("ID:手机", "phone_mobile"),
        ("ID:" * 3_000 + "手机", "phone_mobile"),
    ],
)
def test_a_latin_word_before_a_bracket_and_chinese_after_it_is_read(text, label):
    from detectors.names.matching import match_comment, match_name

    for hit in (match_name(text), match_comment(text)):
        assert hit is not None and hit.label == label
