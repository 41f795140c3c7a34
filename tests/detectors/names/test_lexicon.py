"""What is remembered of tables and words."""

import pytest

from detectors.names import lexicon
from detectors.names.lexicon import remembered_of_table

pytestmark = pytest.mark.unit


class Wide:
    """A table whose hash would read all of its columns."""

    def __init__(self, name):
        self.name, self.hashed = name, 0

    def __eq__(self, other):
        return self.name == other.name

    def __hash__(self):
        self.hashed += 1
        return hash(self.name)


@pytest.fixture
def ask(monkeypatch):
    monkeypatch.setattr(lexicon, "_CACHES", [])
    calls = []

    @remembered_of_table
    def about(table, *more):
        calls.append(table.name)
        return table.name, *more

    about.calls = calls
    return about


def test_a_table_asked_for_again_and_again_is_not_read_each_time(ask):
    table, other = Wide("a"), Wide("b")
    assert {ask(table) for _ in range(50)} == {("a",)} and table.hashed <= 2 and ask.calls == ["a"]
    assert ask(other) == ("b",) and ask(table, 1) == ("a", 1) and ask(table) == ("a",)
    assert ask(Wide("a")) == ("a",) and ask.calls == ["a", "b", "a"]


def test_new_words_of_the_user_end_what_was_remembered(ask):
    table = Wide("a")
    ask(table)
    for memory in lexicon._CACHES:
        memory.cache_clear()
    ask(table)

    assert ask.calls == ["a", "a"]
