"""Units that stay elsewhere are counted as those that are here, whatever is asked and added afterwards."""

from dataclasses import replace

import numpy as np
import pytest
import remote_piles
from hypothesis import example, given, settings
from hypothesis import strategies as st
from member_rows import DAY, FIELDS, KEY, MEMBER, ONE_KEY, OPEN, ROW, batch, hashes

import worlds
from detectors.model import ColumnId
from mappings import ledger
from mappings.individuals import PersonCounter
from mappings.ledger import limit_size
from mappings.row_columns import ExportedColumn, KeyColumn, RowPlan

pytestmark = pytest.mark.system
TABLES = st.lists(
    st.tuples(st.sampled_from([MEMBER, OPEN, ONE_KEY]), st.lists(ROW, min_size=1, max_size=12)),
    min_size=1, max_size=3,
)


# cells that hold a key of one kind or of another, nearly all of them once
CONTACTS = [*(f"137{i:08d}" for i in range(6)), *(f"u{i}@corp.cn" for i in range(6)),
            "110105199001010015", "110105200001010011", None, "-"]
MIXED = RowPlan(
    (ExportedColumn("id", ColumnId("m/id"), "no"), ExportedColumn("name", ColumnId("m/name"), "yes")),
    (KeyColumn("id", "phone_mobile", "phone_mobile"),),
    {"": "name"},
)
MIXED_AND_MAIL = RowPlan(
    (*MIXED.exported, ExportedColumn("mobile", ColumnId("m/mobile"), "no")),
    (*MIXED.keys, KeyColumn("mobile", "email", "email")),
)
MIXED_FIELDS = MIXED_AND_MAIL.exported


@st.composite
def mixed_tables(draw):
    """Tables of which a column holds keys of two kinds in turn, which another column may hold, too."""
    tables = []
    for _ in range(draw(st.integers(1, 2))):
        cells = draw(st.lists(st.sampled_from(CONTACTS), min_size=2, max_size=10, unique=True))
        again = draw(st.sampled_from([[], [], cells[:1]]))
        mail = draw(st.sampled_from([None, None, "u1@corp.cn", "v@corp.cn"]))
        name = draw(st.sampled_from([None, "林一"]))
        plan = draw(st.sampled_from([MIXED, MIXED, MIXED_AND_MAIL]))
        tables.append((plan, [(cell, mail, name, None, None) for cell in cells + again]))
    return tables


def here(tables, fields=FIELDS):
    counter = PersonCounter(KEY, DAY, fields)
    for plan, rows in tables:
        counter.add(plan, batch(rows))
    return counter


def elsewhere(tables, partitions, fields=FIELDS):
    """Halves of every table, merged. partitions: in which the units stay; None: they come."""
    counter = PersonCounter(KEY, DAY, fields)
    for plan, rows in tables:
        parts = []
        for split, some in enumerate((rows[:3], rows[3:])):
            worker = PersonCounter(KEY, DAY, fields)
            worker.add(plan, batch(some))
            parts.append(worker.part(split))
        part = remote_piles.folded(parts[::-1])
        counter.merge(part if partitions is None else remote_piles.stay(part, partitions))
    return counter


@settings(max_examples=150, deadline=None)
@given(tables=TABLES, partitions=st.integers(1, 4), first=st.sampled_from(["tally", "persons", "keys"]))
def test_a_count_elsewhere_is_the_count_here(tables, partitions, first):
    local, remote = here(tables), elsewhere(tables, partitions)
    questions = {
        "tally": lambda counter: counter.tally(),
        "persons": lambda counter: hashes(counter.persons()),
        "keys": lambda counter: counter.number_of_keys(),
    }
    for question in (questions[first], *questions.values()):
        assert question(remote) == question(local)


@settings(max_examples=150, deadline=None)
@given(tables=mixed_tables(), partitions=st.sampled_from([None, 1, 3]))
@example(tables=[(MIXED, [(cell, *[None] * 4) for cell in CONTACTS[4:8]])], partitions=2)
def test_keys_of_kinds_that_share_a_column_are_different_peoples_elsewhere_too(tables, partitions):
    local, remote = here(tables, MIXED_FIELDS), elsewhere(tables, partitions, MIXED_FIELDS)

    assert remote.tally() == local.tally()
    assert hashes(remote.persons()) == hashes(local.persons())
    groups = [PersonCounter(KEY, DAY), PersonCounter(KEY, DAY)]
    for everybody, counter in zip(groups, (local, remote), strict=True):
        everybody.absorb(here([(ONE_KEY, [(None, "13711112222", *[None] * 3)])]))
        everybody.absorb(counter)
    assert groups[1].tally() == groups[0].tally()


@settings(max_examples=60, deadline=None)
@given(flows=st.lists(TABLES, min_size=2, max_size=3), partitions=st.integers(1, 3))
def test_flows_elsewhere_are_absorbed_as_those_here(flows, partitions):
    def group(counters):
        everybody, linked = PersonCounter(KEY, DAY), PersonCounter.over(KEY, DAY, counters[0])
        for each in counters:
            everybody.absorb(each, [ColumnId("t/name")])
            linked.absorb(each, whole=each is counters[0])
        return everybody.tally(), linked.tally(), counters[0].tally()

    expected = group([elsewhere(tables, None) for tables in flows])
    assert group([elsewhere(tables, partitions) for tables in flows]) == expected
    some = [elsewhere(tables, None if i else partitions) for i, tables in enumerate(flows)]
    assert group(some) == expected


@pytest.mark.parametrize("persons", [900, 1_100, 2_600])
def test_a_sketch_of_persons_elsewhere_is_that_of_those_here(persons, monkeypatch):
    monkeypatch.setattr(ledger, "LARGEST_EXACT_SET", 1_000)
    monkeypatch.setattr(ledger, "SKETCH_SIZE", 100)
    monkeypatch.setattr(limit_size, "__defaults__", (1_000, 100))
    rows = [
        (None, f"137{i:08d}", "林一" if i % 3 else None, None, f"139{i // 2:08d}") for i in range(persons)
    ]
    local, remote = here([(MEMBER, rows)]), elsewhere([(MEMBER, rows)], 4)

    assert hashes(remote.persons()) == hashes(local.persons())


@pytest.mark.parametrize("seed", range(6))
def test_invented_worlds_are_counted_alike_wherever_they_are(seed, monkeypatch):
    world = worlds.make(seed, 300)
    expected = worlds.counter(world)
    number = 0

    def stay(counter, plan, columns, *rest):
        nonlocal number
        number += 1
        worker = PersonCounter(*counter.words)
        worker.add(plan, columns, *rest)
        counter.merge(remote_piles.stay(worker.part(0), 3))

    class Elsewhere(PersonCounter):
        def __init__(self, *words):
            super().__init__(*words)
            self.words = words

        add = stay

    monkeypatch.setattr(worlds, "PersonCounter", Elsewhere)
    found = worlds.counter(world)
    monkeypatch.undo()

    assert number
    assert replace(found.tally(), equal_accounts=()) == replace(expected.tally(), equal_accounts=())
    assert hashes(found.persons()) == hashes(expected.persons())


def test_the_sizes_of_piles_add_up():
    counter = elsewhere([(MEMBER, [("110105199001010000", "13711112222", "林一", None, None)] * 3)], 2)

    ((_, size),) = counter._store.remote().sizes.items()
    assert (size.units, size.has_names) == (1, True)
    assert sum(size.filled) == counter.number_of_keys() == 2
    assert sum(size.failing) >= 1
    assert np.all(np.array(size.failing) <= size.filled)
