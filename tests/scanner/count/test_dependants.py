"""Relatives under the holder's key: never exact and wrong, and one line says whose the rows are."""

import random
import re

import counted_worlds as worlds
import pytest
import world_kinds
import worlds_of_dependants

pytestmark = pytest.mark.system


@pytest.mark.parametrize("seed", range(8))
def test_relatives_are_persons_under_whatever_the_column_is_called(seed):
    world = world_kinds.world_of("dependants", seed, 60)
    report = worlds.count(world)
    persons, reading = worlds.total(report), worlds.if_personal(report) or worlds.total(report)

    assert persons.method == "linked"
    assert min(persons.low, reading.low) < world.truth <= max(persons.high, reading.high)


@pytest.mark.parametrize("seed", range(3))
def test_households_with_numbers_of_their_own_stay_exact(seed):
    world = world_kinds.world_of("households", seed, 60)
    persons = worlds.total(worlds.count(world))

    assert (persons.low, persons.best, persons.high, persons.method) == (*[world.truth] * 3, "exact")


def test_one_line_says_whose_the_rows_of_relatives_are():
    rows = worlds_of_dependants._families(random.Random(5), 60)
    columns = {"mobile": lambda r: r[0].phone, "关系": lambda r: ["本人", "配偶", "子女"][r[2]]}
    world = worlds.World({"member": worlds.rows_of(columns, rows)}, 60)
    report = worlds.count(world)
    (note,) = (note for note in report.flows[0].count_notes if note.code == "subjects_open")
    line = re.search(r"subjects: \{.*?\}", str(note.message)).group()
    holders = len({r[0].number for r in rows})

    for word, settled in (("relative", 60), ("self", holders)):
        world.statements = line.replace("relative", word) + "\n"
        persons = worlds.total(worlds.count(world))
        assert (persons.low, persons.best, persons.high, persons.method) == (*[settled] * 3, "exact")
