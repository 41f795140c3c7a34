"""Numbers that restart under a column nobody has a word for: what stands beside contradicts, so not exact."""

import random

import counted_worlds as worlds
import pytest

pytestmark = pytest.mark.system


@pytest.mark.parametrize(
    ("group", "number", "contact"),
    [("k1", "user_id", "mobile"), ("region_x", "member_no", "email"), ("zzq", "用户编号", "手机号")],
)
def test_two_contacts_of_most_accounts_are_two_people_or_one(group, number, contact):
    who = worlds.people(random.Random(4), 80)
    rows = [(place, i + 1, who[place * 40 + i]) for place in range(2) for i in range(40)]
    columns = {
        group: lambda r: f"A{r[0]}",
        number: lambda r: r[1],
        contact: lambda r: r[2].email if contact == "email" else r[2].phone,
    }
    persons = worlds.total(worlds.count(worlds.World({"record": worlds.rows_of(columns, rows)}, 80)))

    assert persons.method == "linked"
    assert persons.low <= 80 <= persons.high


def test_accounts_with_the_same_contact_again_stay_exact():
    who = worlds.people(random.Random(4), 40)
    columns = {"k1": lambda r: f"A{r[0]}", "user_id": lambda r: r[1].account, "mobile": lambda r: r[1].phone}
    rows = [(place, person) for place in range(2) for person in who]
    persons = worlds.total(worlds.count(worlds.World({"record": worlds.rows_of(columns, rows)}, 40)))

    assert (persons.low, persons.best, persons.high, persons.method) == (40, 40, 40, "exact")
