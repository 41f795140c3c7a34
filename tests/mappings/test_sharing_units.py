"""Units that share keys are linked a batch of components at a time as they are linked all together."""

import errno
import gc
import os
import random
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from member_rows import hashes

import worlds
from detectors.checksums import iso7064_mod11_2
from detectors.errors import StateError
from detectors.model import ColumnId
from mappings import shared_keys, sharing_units, unit_runs
from mappings.account_scopes import narrowed_scope
from mappings.components import Components
from mappings.equal_groups import connected_components
from mappings.histogram import count_tally
from mappings.individuals import PersonCounter
from mappings.key_survey import KeySurvey, bucket_of_keys, next_facts, survey_keys
from mappings.keyless_pile import KeylessPile
from mappings.link_facts import LinkFacts
from mappings.linked_persons import LinkedPersons, link_units
from mappings.person_records import Units
from mappings.row_columns import ExportedColumn, KeyColumn, RowPlan
from mappings.unit_graph import linking_keys
from mappings.unit_runs import UnitMemory
from mappings.unit_spool import UnitSpool

KEY, DAY = b"k" * 32, date(2026, 11, 1)
COLUMNS = ("id", "pass", "mobile", "mail", "user", "name", "born", "gender")
LABELS = {
    "id": "resident_id", "pass": "passport", "mobile": "phone_mobile", "mail": "email", "user": "user_id"
}
SENSITIVE = {"id": "depends", "born": "yes"}
SMALL = 30_000                                # bytes: many batches of few units


def plan_of(table):
    """A table with every kind of key; its accounts are its own, or also another table's."""
    scopes = {"user_id": narrowed_scope("crm:member", f"crm/{table}")}
    return RowPlan(
        tuple(ExportedColumn(c, ColumnId(f"{table}/{c}"), SENSITIVE.get(c, "no")) for c in COLUMNS),
        tuple(KeyColumn(c, label, scopes.get(label, label)) for c, label in LABELS.items()),
        {"": "name"},
        {"": ("born", "birth_date")},
    )


PLANS = {table: plan_of(table) for table in ("member", "orders")}


def resident_id(draw):
    body = f"110105{draw.randrange(1960, 2020)}0101{draw.randrange(1000):03d}"
    return body + (iso7064_mod11_2(body) if draw.random() < 0.9 else "0")


def person_of(draw, n):
    return {
        "id": resident_id(draw), "pass": f"E{10_000_000 + n}", "mobile": f"1371111{n:04d}",
        "mail": f"u{n}@example.com", "user": str(1_000 + n),
        "name": draw.choice("林陈王张李") + draw.choice("一二三四五六七八九") + draw.choice(["", "", "*"]),
        "born": f"{draw.randrange(1960, 2020)}-0{draw.randrange(1, 4)}-01",
    }


def rows_of(draw, size):
    """Rows of two tables: keys left out, swapped, shared by families and desks; other spellings."""
    people = [person_of(draw, n) for n in range(size)]
    blank, swapped, desk = (draw.choice([0.1, 0.3, 0.6]), draw.choice([0, 0.02, 0.2]), draw.choice([0, 0.3]))
    rows = {table: [] for table in PLANS}
    for _ in range(3 * size):
        row = dict(draw.choice(people))
        for column in row:
            if draw.random() < swapped:
                row[column] = draw.choice(people)[column]
            if draw.random() < blank:
                row[column] = None
        if draw.random() < desk:
            row[draw.choice(["mobile", "mail", "user", "id"])] = people[draw.randrange(2)]["mobile"]
        if draw.random() < 0.1:
            row["name"] = "Lin Yi"
        rows[draw.choice(sorted(rows))].append(row)
    return rows


def counted(rows, memory=None):
    counter = PersonCounter(KEY, DAY, [e for plan in PLANS.values() for e in plan.exported], memory)
    for table, plan in PLANS.items():
        for start in range(0, len(rows[table]), 100):
            part = rows[table][start : start + 100]
            counter.add(plan, {c: pa.array([r.get(c) for r in part], pa.string()) for c in COLUMNS})
    return counter


@pytest.fixture
def small(monkeypatch, tmp_path):
    """A memory that is full at once, and batches of very few units; which of them are there is noted."""
    monkeypatch.setattr(sharing_units, "LEAST_UNITS", 3)
    monkeypatch.setattr(sharing_units, "LINKED_SIZE", 1_000)
    monkeypatch.setattr(shared_keys, "SHARE", 200)
    return UnitMemory(SMALL, tmp_path)


@pytest.mark.parametrize("seed", range(12))
def test_batches_of_components_are_counted_as_the_whole(seed, small):
    draw = random.Random(seed)
    rows = rows_of(draw, draw.choice([10, 60, 150]))
    parted, whole = counted(rows, small), counted(rows)

    assert parted.tally() == whole.tally()
    assert hashes(parted.persons()) == hashes(whole.persons())


@pytest.mark.parametrize("seed", range(6))
def test_invented_worlds_are_linked_alike_in_batches(seed, small, monkeypatch):
    world = worlds.make(seed, 250)
    whole = worlds.counter(world)
    monkeypatch.setattr(worlds, "PersonCounter", lambda *words: PersonCounter(*words, memory=small))
    parted = worlds.counter(world)

    assert parted.tally() == whole.tally()
    assert hashes(parted.persons()) == hashes(whole.persons())


SAID = ("crowded", "shared", "unproved", "broken_accounts")


def test_the_generator_makes_what_units_are_asked_together_for():
    seen = set()
    for seed in range(12):
        draw = random.Random(seed)
        tally = counted(rows_of(draw, draw.choice([10, 60, 150]))).tally()
        seen |= {name for name in SAID if getattr(tally, name)}

    assert seen == set(SAID)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("buckets", [1, 7])
def test_keys_are_surveyed_alike_wherever_all_units_of_each_are(seed, buckets):
    """As tasks elsewhere do it: a unit goes to the bucket of each of its keys."""
    counter = counted(rows_of(random.Random(seed), 60))
    store, kinds = counter._store, counter._store.key_kinds(counter.rows)
    parts = list(store.parts())

    def parts_of(number):
        for slots, units in parts:
            here = np.zeros(len(units), bool)
            for j, slot in enumerate(slots):
                keys = linking_keys(units, j, kinds.traits.get(slot))
                if keys is not None:
                    here |= (keys != 0) & (bucket_of_keys(keys, buckets) == number)
            yield slots, units.select(here)

    facts = {}
    for way in ("whole", "parted"):
        facts[way] = LinkFacts()
        while not facts[way].is_complete:
            survey = KeySurvey.empty(kinds)
            if way == "whole":
                survey.merge(survey_keys(parts, kinds, facts[way]))
            for number in range(buckets) if way == "parted" else ():
                survey.merge(survey_keys(list(parts_of(number)), kinds, facts[way], (number, buckets)))
            facts[way] = next_facts(survey, kinds, facts[way])
    whole, parted = facts["whole"], facts["parted"]

    assert whole.crowds.tolist() == parted.crowds.tolist()
    assert (whole.broken, whole.disputed, whole.answers) == (parted.broken, parted.disputed, parted.answers)
    linked = LinkedPersons()
    linked.merge(link_units(parts, kinds, parted))
    assert linked == link_units(parts, kinds, whole)


@pytest.mark.parametrize("seed", range(5))
def test_components_joined_in_parts_are_those_of_the_graph(seed):
    draw = np.random.default_rng(seed)
    units = 300
    one, other = draw.integers(0, units, (2, 250))
    components = Components(units)
    for start in range(0, 250, 40):
        components.join(one[start : start + 40], other[start : start + 40])

    expected = connected_components(one, other, units)
    found = components.roots(np.arange(units))
    pairs = set(zip(expected.tolist(), found.tolist(), strict=True))
    assert len(pairs) == len(set(expected.tolist())) == len(set(found.tolist()))


@pytest.mark.parametrize("most", [1, 5_000, None])
def test_a_spool_keeps_units_of_each_batch_in_their_order(most, tmp_path):
    draw = np.random.default_rng(3)
    spool, expected = UnitSpool(UnitMemory(most, tmp_path), 5), {number: [] for number in range(5)}
    for slots in ((0,), (0, 2), (0,), (1,)) * 3:
        keys = draw.integers(1, 1 << 60, (40, len(slots))).astype(np.uint64)
        names = keys[:, 0] if len(slots) > 1 else None
        units = Units(keys, names, keys[:, 0] & np.uint64(3), np.arange(40), np.ones(40, np.int32))
        positions, batch = np.arange(40), draw.integers(0, 5, 40)
        spool.add_by_batch(slots, units, positions, batch)
        for i in range(40):
            expected[batch[i]].append((slots, keys[i].tolist(), int(units.bits[i]), i))

    for number in range(5):
        found = [
            (slots, units.keys[i].tolist(), int(units.bits[i]), int(units.first_row[i]))
            for slots, units in spool.parts(number) for i in range(len(units))
        ]
        assert found == expected[number]
    assert spool.size == 480


@pytest.mark.parametrize("which", [3, 40])
def test_a_disk_that_fills_while_linking_loses_nothing_and_counts_nothing_twice(which, small, monkeypatch):
    rows = rows_of(random.Random(5), 60)
    parted, whole = counted(rows, small), counted(rows)
    write, written = os.write, [0]

    def failing(descriptor, data):
        written[0] += 1
        if written[0] == which:
            raise OSError(errno.ENOSPC, "full")
        return write(descriptor, data)

    with monkeypatch.context() as patched, pytest.raises(StateError, match="the disk is full") as caught:
        patched.setattr(os, "write", failing)
        parted.tally()

    assert "--memory" in str(caught.value.line()) and "\n" not in str(caught.value.line())
    assert parted.tally() == whole.tally()
    assert hashes(parted.persons()) == hashes(whole.persons())
    del caught, parted                        # the frames of the error hold files
    gc.collect()


@pytest.mark.parametrize("most", [1, 20_000, 400_000])
def test_names_without_a_key_are_within_the_memory_and_counted_as_all_together(most, tmp_path):
    draw = np.random.default_rng(most)
    memory = UnitMemory(most, tmp_path)
    parted, whole = KeylessPile(memory), KeylessPile()
    for _ in range(30):
        names = draw.integers(0, 3_000, 1_000).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        bits = draw.integers(1, 4, 1_000).astype(np.uint64)
        for pile in (parted, whole):
            pile.add(names, bits)
        most_bytes = most / unit_runs.SHARE + most / unit_runs.CHECKED + 24_000
        assert sum(a.nbytes for a in parted.arrays()) <= most_bytes
    copied = parted.copy()
    copied.add(names, bits)

    found, (expected,) = list(parted.parts()), whole.parts()
    assert parted.rows == whole.rows == 30_000 == copied.rows - 1_000
    for name in ("name", "bits", "rows"):
        together = np.concatenate([getattr(each, name) for each in found])
        assert together.tolist() == getattr(expected, name).tolist()
    ends = [set(each.name.tolist()) for each in found]
    assert sum(map(len, ends)) == len(set().union(*ends))
    assert sum(int(each.rows.sum()) for each in copied.parts()) == 31_000


def test_rows_with_masked_names_are_all_counted():
    rows = [{"name": "林*", "born": born} for born in (None, "1990-01-01", None, None)]
    tally = counted({"member": rows, "orders": []}).tally()
    persons = count_tally(tally).individuals

    assert persons.best == persons.high == 4
