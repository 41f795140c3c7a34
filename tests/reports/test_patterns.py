"""One way to write patterns: what earlier configurations match still matches, and no pattern is slow."""

import fnmatch
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reports.patterns import compile_pattern, fits, fits_any, literal

NAMES = st.text("ab*?[]!-/.0", max_size=8)


def only_stars(pattern):
    """How patterns of reviews and owners were read up to 0.1.0: `*`, and all else itself."""
    first, *others = map(re.escape, re.split(r"\*+", pattern))
    inner = "".join(f"(?>.*?{part})" for part in others[:-1])
    return re.compile(first + (f"{inner}.*{others[-1]}" if others else ""), re.DOTALL)


@pytest.mark.parametrize(
    ("pattern", "fitting", "others"),
    [
        ("crm/*", "crm/a crm/a/b crm/", "xcrm/a crm"),
        ("*_20[0-9][0-9]", "a_2026 _2000", "a_20x6 a_20260"),
        ("a?c", "abc a?c", "ac abbc"),
        ("t[!0-9]", "ta t[ t[!0-9]", "t0 t"),
        ("contact[work]", "contact[work] contactw", "contact"),
        ("tags[].*[]", "tags[].a[] tags[]..[]", "tags.a tags]"),
        ("[*]", "*", "a"),
    ],
)
def test_a_pattern_fits(pattern, fitting, others):
    assert [n for n in fitting.split() if not fits(n, pattern)] == []
    assert [n for n in others.split() if fits(n, pattern)] == []


@given(NAMES, NAMES)
@example("a[b]", "a[b]")
def test_what_matched_before_still_matches(name, pattern):
    """Of `exclude:` and pushes (fnmatch) and of reviews (`*` alone), except a class that holds a `*`."""
    if only_stars(pattern).fullmatch(name) and "[*]" not in pattern:
        assert fits(name, pattern)
    if fnmatch.fnmatchcase(name, pattern) and not re.search(r"\[[^\]]*\*[^\]]*\]|\[!?\][^\]]*\*", pattern):
        assert fits(name, pattern)


@given(st.lists(NAMES, min_size=1, max_size=4, unique=True))
def test_only_a_name_itself_fits_its_literal(names):
    assert [n for n in names if fits(n, literal(names[0]))] == [names[0]]
    assert fits_any(names, [literal(names[-1])])


def test_many_stars_are_matched_without_trying_all_ways():
    shape = compile_pattern("*a" * 40 + "b")

    assert shape.fullmatch("a" * 5000) is None
    assert shape.fullmatch("a" * 5000 + "b")
