"""Accounts beside a tenant: the note names the line that settles whose equal numbers are."""

import random
import re

import counted_worlds as worlds
import pytest
import world_kinds

pytestmark = pytest.mark.system


@pytest.mark.parametrize("seed", [0, 2, 5])       # whose key is certain, not possible
def test_one_line_says_whether_equal_numbers_of_tenants_are_one_persons(seed):
    world = world_kinds.world_of("numbers_of_tenants", seed, 80)
    report = worlds.count(world)
    low, high = worlds.total(report).low, worlds.total(report).high
    (note,) = (note for note in report.flows[0].count_notes if note.code == "subjects_open")
    line = re.search(r"subjects: \{.*?\}", str(note.message)).group()

    assert low < world.truth == high
    for word, settled in (("scope", high), ("self", low)):
        world.statements = line.replace("scope}", f"{word}}}") + "\n"
        persons = worlds.total(worlds.count(world))
        assert (persons.low, persons.best, persons.high) == (settled, settled, settled)


@pytest.mark.parametrize("link", ["", "links: [{from: s/orders/user_id, to: s/users/user_id}]\n"])
def test_an_account_of_one_tenant_is_the_same_in_two_tables(link):
    draw = random.Random(3)
    rows = [(t, i) for t in range(4) for i in range(30)]
    own = {"tenant_id": lambda r: r[0], "user_id": lambda r: r[1] + 1}
    tables = {
        "users": worlds.rows_of({**own, "level": lambda r: 1}, rows),
        "orders": worlds.rows_of({**own, "amount": lambda r: 3.5}, draw.choices(rows, k=300)),
    }
    world = worlds.World(tables, 120)
    world.statements = 'subjects: {"s/users/tenant_id": scope, "s/orders/tenant_id": scope}\n'
    world.statements += link
    persons = worlds.total(worlds.count(world))

    assert (persons.low, persons.best, persons.high) == (120, 120, 120)
