"""Rows that speak of several people, or seem to: their number is known and lies inside the interval."""

import random
from datetime import date

import pytest
import sqlalchemy as sa

import scanner
from worlds import people

DAY = date(2026, 11, 1)
N = 120
CONFIG = """
version: 1
exporter: {id: a, entities: [a], facts: {ciio: no, important_data: none}}
sources: {s: {url: "sqlite:///s.db"}}
flows:
  - {id: f, entity: a, recipient: {name: HQ}, purpose: crm, fields: ["%s/*"]}
"""


def cells(person, *what):
    return [getattr(person, each) for each in what]


def pairs(who, *what):
    """Rows of two people each, the second of them another one every time."""
    half = len(who) // 2
    return [cells(a, *what) + cells(b, *what) for a, b in zip(who[:half], who[half:], strict=True)]


WORLDS = {                                    # table, columns, rows of people, how many people
    "sender and recipient": (
        "message_log", "sender_mobile, recipient_mobile", lambda who: pairs(who, "phone"), N,
    ),
    "owner and occupant": (
        "tenancy", "owner_name, owner_id_card, occupant_name, occupant_id_card",
        lambda who: pairs(who, "name", "id"), N,
    ),
    "two sides of a marriage": (
        "marriage", "男方姓名, 男方身份证号, 女方姓名, 女方身份证号", lambda who: pairs(who, "name", "id"), N,
    ),
    "two stems that mean nothing": (
        "t", "qa_real_name, qa_mobile, qb_real_name, qb_mobile", lambda who: pairs(who, "name", "phone"), N,
    ),
    "a role on one column": (
        "parcel", "consignee, delivery_address, tel",
        lambda who: [[p.name, f"学院路{i}号2栋301室", p.phone] for i, p in enumerate(who)], N,
    ),
    "whoever handles, and a telephone": (
        "t", "经办人, 手机", lambda who: [cells(p, "name", "phone") for p in who], N,
    ),
    "a driver licence": (
        "person", "name, mobile, driver_license_no",
        lambda who: [cells(p, "name", "phone", "id") for p in who], N,
    ),
    "contact attributes of one's own": (
        "member", "real_name, contact_phone, family_address",
        lambda who: [[p.name, p.phone, f"学院路{i}号2栋301室"] for i, p in enumerate(who)], N,
    ),
}


@pytest.mark.parametrize(("table", "columns", "rows", "truth"), WORLDS.values(), ids=WORLDS)
def test_the_number_of_people_lies_inside_and_is_met(tmp_path, table, columns, rows, truth):
    who = list(people(random.Random(5), N))
    names = columns.split(", ")
    engine = sa.create_engine(f"sqlite:///{tmp_path / 's.db'}")
    people_table = sa.Table(table, sa.MetaData(), *(sa.Column(name, sa.Text) for name in names))
    with engine.begin() as connection:
        people_table.create(connection)
        connection.execute(people_table.insert(), [dict(zip(names, row, strict=True)) for row in rows(who)])
    engine.dispose()
    (tmp_path / "chujing.yaml").write_text(CONFIG % table, encoding="utf-8")

    count = scanner.scan(str(tmp_path / "chujing.yaml"), as_of=DAY).flows[0].individuals

    assert count.low <= truth <= count.high
    assert count.best == truth
