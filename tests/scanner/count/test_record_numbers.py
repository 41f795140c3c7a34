"""The number of a record beside the key of the person whose record it is: one person a row, not two."""

import random
import sqlite3

import pytest

import scanner

CONFIG = """
version: 1
sources: {{s: {{url: "sqlite:///{path}"}}}}
exporter: {{id: e, entities: [e]}}
flows:
  - {{id: f, entity: e, recipient: {{name: r, country: SG}}, purpose: crm,
     fields: [s/{record}/{stem}_id, s/{record}/note, s/{person}/name, s/{person}/mobile]}}
"""


def counted(folder, person, record, stem):
    """The persons of a flow of 60 people with 240 records; the numbers of both run from 1."""
    chance, path = random.Random(f"{person} {record}"), folder / "s.db"
    with sqlite3.connect(path) as file:
        file.execute(f"CREATE TABLE {person} (id INTEGER PRIMARY KEY, name TEXT, mobile TEXT)")
        file.execute(
            f"CREATE TABLE {record} (id INTEGER PRIMARY KEY, {stem}_id INTEGER REFERENCES {person}(id), "
            "note TEXT)"
        )
        names = [f"{chance.choice('赵钱孙李')}{chr(0x4e00 + i)}{chr(0x6000 + i)}" for i in range(61)]
        people = [(i, names[i], f"138{i:08d}") for i in range(1, 61)]
        records = [(i, chance.randint(1, 60), "回访：满意") for i in range(1, 241)]
        for table, rows in ((person, people), (record, records)):
            file.executemany("INSERT INTO " + table + " VALUES (?,?,?)", rows)  # noqa: S608
    config = folder / "c.yaml"
    config.write_text(CONFIG.format(path=path, person=person, record=record, stem=stem), encoding="utf-8")
    return scanner.scan(config).flows[0].individuals


@pytest.mark.parametrize("person", ["member", "patient", "customer", "student", "employee"])
@pytest.mark.parametrize("kind", ["contact", "visit", "login", "follow_up"])
def test_records_of_persons_add_nobody(tmp_path, person, kind):
    individuals = counted(tmp_path, person, f"{person}_{kind}", person)

    assert (individuals.low, individuals.best, individuals.high) == (60, 60, 60)
