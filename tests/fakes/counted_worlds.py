"""Invented worlds of one kind each, written as files and counted by a whole scan.

`counted_worlds.py [N] [--kind K] [--people 400]` prints a table by kind: worlds, truth inside, width 0 with
the truth outside, and how far `best` is off. A kind says what evidence its rows leave (`Evidence`):

decides    the rows say whose every key is: the interval is narrow and `best` is right
open       the rows leave it open: the truth lies inside, the width is what it is
unseen     duplicates that share nothing: what is called exact means persons distinguishable by their keys
"""

import random
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from detectors.checksums import iso7064_mod11_2

DAY = date(2026, 11, 1)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂文华建国志红玉兰春梅龙飞鹏宇浩然子涵欣怡梓萱雨泽博思远"
FIRST = (
    "Anna",
    "Ben",
    "Carla",
    "David",
    "Emma",
    "Frank",
    "Grace",
    "Henry",
    "Ivy",
    "Jack",
    "Karen",
    "Liam",
    "Mia",
)
LAST = (
    "Baker",
    "Carter",
    "Davies",
    "Evans",
    "Foster",
    "Green",
    "Harris",
    "Irwin",
    "Jones",
    "Keller",
    "Lewis",
)
Evidence = Literal["decides", "open", "unseen"]
Columns = dict[str, list]


@dataclass(frozen=True)
class Person:
    """An invented person; every key is somebody's alone."""

    name: str
    english: str
    born: date
    id: str
    phone: str
    email: str
    number: int


@dataclass
class World:
    """tables: by name, columns of equal length. truth: persons; minors, sensitive: where the world says."""

    kind: str
    evidence: Evidence
    tables: dict[str, Columns]
    truth: int
    minors: int | None = None
    flows: tuple[tuple[str, ...], ...] = ()
    rates: dict[str, float] = field(default_factory=dict)


def people(draw: random.Random, n: int, start: int = 0) -> list[Person]:
    """Return n persons; no two share a key. start: numbers from here on are free."""
    made = []
    for i in range(start, start + n):
        born = date(1945, 1, 1) + timedelta(days=draw.randrange(27_000))
        body = f"{draw.choice((110101, 310101, 440103, 510104))}{born:%Y%m%d}{i % 1000:03d}"
        name = draw.choice(SURNAMES) + "".join(draw.choice(GIVEN) for _ in range(2))
        english = f"{draw.choice(FIRST)} {draw.choice(LAST)}"
        phone = f"1{draw.choice('3578')}{draw.choice('1256789')}{(i * 7_919 + 12_345_678) % 10**8:08d}"
        made.append(
            Person(
                name,
                english,
                born,
                body + iso7064_mod11_2(body),
                phone,
                f"{english.split()[0].lower()}.{i}x{draw.randrange(10**4)}@mail.cn",
                i,
            )
        )
    taken: dict[str, int] = {}
    for p in made:  # a birth date and a place twice: another sequence
        taken[p.id] = taken.get(p.id, 0) + 1
    return [p for p in made if taken[p.id] == 1]


def rows_of(columns: dict[str, Callable], items: list) -> Columns:
    """Return columns from functions of an item."""
    return {name: [make(item) for item in items] for name, make in columns.items()}


def one_subject(draw, n):
    """A clean table: one subject a row."""
    who = people(draw, n)
    twice = [*who, *draw.sample(who, n // 10)]
    columns = {
        "name": lambda p: p.name,
        "mobile": lambda p: p.phone,
        "id_card": lambda p: p.id,
        "city": lambda p: draw.choice(["上海", "北京", "广州"]),
    }
    return World("one_subject", "decides", {"member": rows_of(columns, twice)}, len(who))


def clean_phones(draw, n):
    """A clean table of one kind of key."""
    who = people(draw, n)
    columns = {"mobile": lambda p: p.phone, "amount": lambda p: draw.randrange(10**5) / 100}
    return World(
        "clean_phones", "decides", {"orders": rows_of(columns, [*who, *draw.sample(who, n // 3)])}, len(who)
    )


PARTY_PAIRS = (
    ("sender", "recipient"),
    ("caller", "callee"),
    ("buyer", "seller"),
    ("owner", "occupant"),
    ("lessor", "lessee"),
    ("payer", "payee"),
    ("from", "to"),
    ("party_a", "party_b"),
    ("a", "b"),
    ("x1", "x2"),
    ("甲方", "乙方"),
    ("主叫", "被叫"),
    ("出租人", "承租人"),
)


def call_log(draw, n):
    """Two parties in a row, both from one population, phones alone."""
    who = people(draw, n)
    first, second = draw.choice(PARTY_PAIRS)
    word = draw.choice(["mobile", "phone"]) if first.isascii() else draw.choice(["手机号", "电话"])
    glue = "_" if first.isascii() else ""
    pairs = [draw.sample(who, 2) for _ in range(2 * n)]
    used = {p.number for pair in pairs for p in pair}
    columns = {
        f"{first}{glue}{word}": lambda r: r[0].phone,
        f"{second}{glue}{word}": lambda r: r[1].phone,
        "seconds": lambda r: draw.randrange(600),
    }
    return World("call_log", "decides", {"message_log": rows_of(columns, pairs)}, len(used))


def tenancy(draw, n):
    """Two parties with names and identity numbers, from two populations."""
    first, second = draw.choice(PARTY_PAIRS[:11])
    glue = "_" if first.isascii() else ""
    left, right = people(draw, n // 2), people(draw, n // 2, n)
    pairs = [(a, draw.choice(right)) for a in left]
    used = {p.number for pair in pairs for p in pair}
    name, number = ("name", "id_card") if first.isascii() else ("姓名", "身份证号")
    columns = {
        f"{first}{glue}{name}": lambda r: r[0].name,
        f"{first}{glue}{number}": lambda r: r[0].id,
        f"{second}{glue}{name}": lambda r: r[1].name,
        f"{second}{glue}{number}": lambda r: r[1].id,
    }
    return World("tenancy", "decides", {"contract": rows_of(columns, pairs)}, len(used))


def three_parties(draw, n):
    """Three parties in a row: sender, receiver, courier."""
    left, right, couriers = people(draw, n // 2), people(draw, n // 2, n), people(draw, 20, 2 * n)
    rows = [(a, draw.choice(right), draw.choice(couriers)) for a in left]
    used = {p.number for row in rows for p in row}
    columns = {
        "sender_name": lambda r: r[0].name,
        "sender_mobile": lambda r: r[0].phone,
        "receiver_name": lambda r: r[1].name,
        "receiver_mobile": lambda r: r[1].phone,
        "courier_name": lambda r: r[2].name,
        "courier_mobile": lambda r: r[2].phone,
    }
    return World("three_parties", "decides", {"waybill": rows_of(columns, rows)}, len(used))


def partly_named_role(draw, n):
    """A role stands on some columns only; all belong to one person."""
    who = people(draw, n)
    variants = (
        {
            "consignee": lambda p: p.name,
            "delivery_address": lambda p: f"上海市浦东新区世纪大道{p.number}号",
            "tel": lambda p: p.phone,
        },
        {"经办人": lambda p: p.name, "手机": lambda p: p.phone, "备注": lambda p: "尽快"},
        {"receiver_name": lambda p: p.name, "phone": lambda p: p.phone, "amount": lambda p: p.number},
        {"联系人": lambda p: p.name, "电话": lambda p: p.phone, "城市": lambda p: "上海"},
    )
    columns = draw.choice(variants)
    return World(
        "partly_named_role",
        "open",
        {"delivery": rows_of(columns, [*who, *draw.sample(who, n // 5)])},
        len(who),
    )


def no_role_word(draw, n):
    """A word that names no role: a driver's licence, a family name."""
    who = people(draw, n)
    extra = draw.choice(["driver_license_no", "family_name", "contact_time", "child_seat", "parent_dept"])
    value = {
        "driver_license_no": lambda p: p.id,
        "family_name": lambda p: p.name[0],
        "contact_time": lambda p: "2026-01-01 10:00:00",
        "child_seat": lambda p: p.number % 2,
        "parent_dept": lambda p: "销售部",
    }[extra]
    columns = {"name": lambda p: p.name, "mobile": lambda p: p.phone, extra: value}
    return World("no_role_word", "decides", {"renter": rows_of(columns, who)}, len(who))


def shared_mailbox(draw, n):
    """A mailbox stands in a share of the rows; the mobiles behind it differ."""
    who = people(draw, n)
    share = draw.uniform(0.1, 0.6)
    shared = "front-desk@hotel-invented.cn"
    columns = {
        "mobile": lambda p: p.phone,
        "email": lambda p: shared if p.number % 1000 < 1000 * share else p.email,
    }
    return World(
        "shared_mailbox", "decides", {"guest": rows_of(columns, who)}, len(who), rates={"share": share}
    )


def shared_id(draw, n):
    """A valid identity number stands in a share of the rows; names and mobiles differ."""
    who = people(draw, n)
    share = draw.uniform(0.03, 0.2)
    typed = people(draw, 1, 10 * n)[0].id
    columns = {
        "name": lambda p: p.name,
        "mobile": lambda p: p.phone,
        "id_card": lambda p: typed if p.number % 1000 < 1000 * share else p.id,
    }
    return World("shared_id", "decides", {"guest": rows_of(columns, who)}, len(who), rates={"share": share})


def agents(draw, n):
    """Agents type their own phone for many customers."""
    who = people(draw, n)
    own = people(draw, 5, 10 * n)
    share = draw.uniform(0.1, 0.5)
    columns = {
        "name": lambda p: p.name,
        "id_card": lambda p: p.id,
        "mobile": lambda p: draw.choice(own).phone if draw.random() < share else p.phone,
    }
    return World("agents", "decides", {"policy": rows_of(columns, who)}, len(who), rates={"share": share})


def spelled_names(draw, n):
    """One phone under two spellings of a name: case, blanks, order, title."""
    who = people(draw, n)
    english = draw.random() < 0.5

    def spelled(p):
        if not english:
            return draw.choice([p.name, p.name[0] + " " + p.name[1:], p.name + "先生", p.name + "女士"])
        first, last = p.english.split()
        return draw.choice(
            [
                p.english,
                p.english.upper(),
                f"{last}, {first}",
                f"{last.upper()} {first}",
                f"Mr. {p.english}",
                p.english.lower(),
            ]
        )

    twice = [*who, *who]
    return World(
        "spelled_names",
        "decides",
        {"customer": rows_of({"full_name": spelled, "mobile": lambda p: p.phone}, twice)},
        len(who),
    )


def accounts_of_two_tables(draw, n):
    """Two tables of one source with ids from 1 on, other people."""
    left, right = people(draw, n // 2), people(draw, n // 2, n)
    named = draw.choice([("member", "driver"), ("shop_user", "site_user"), ("student", "teacher")])
    column = draw.choice(["id", "user_id"])
    tables = {}
    for table, who in zip(named, (left, right), strict=True):
        numbers = {p.number: i for i, p in enumerate(who, 1)}
        tables[table] = rows_of(
            {column: lambda p, numbers=numbers: numbers[p.number], "name": lambda p: p.name}, who
        )
    return World("accounts_of_two_tables", "open", tables, len(left) + len(right))


def keyless_in_two_flows(draw, n):
    """The same rows without keys leave in two flows."""
    who = people(draw, n)
    table = rows_of(
        {
            "gender": lambda p: draw.choice(["男", "女"]),
            "birthday": lambda p: p.born.isoformat(),
            "home_address": lambda p: f"上海市浦东新区世纪大道{p.number}号",
        },
        who,
    )
    return World(
        "keyless_in_two_flows", "open", {"survey": table}, len(who), flows=(("survey",), ("survey",))
    )


def spelled_keys(draw, n):
    """Phones and addresses spelled in many ways: two in a cell, prefix, display name."""
    who = people(draw, n)

    def phone(p):
        return draw.choice(
            [
                p.phone,
                p.phone,
                f"+86 {p.phone}",
                f"{p.phone[:3]}-{p.phone[3:7]}-{p.phone[7:]}",
                f"0086{p.phone}",
                f"{p.phone}（妻子接）",
            ]
        )

    def mail(p):
        return draw.choice([p.email, p.email.upper(), f"{p.english} <{p.email}>", f"mailto:{p.email}"])

    use = draw.choice(["phone", "mail"])
    columns = {"mobile": phone} if use == "phone" else {"email": mail}
    return World("spelled_keys", "decides", {"lead": rows_of(columns, [*who, *who])}, len(who))


def two_in_a_cell(draw, n):
    """Half of the people have a second number in the same cell."""
    who = people(draw, n)
    other = {p.number: q.phone for p, q in zip(who, people(draw, n, 5 * n), strict=False)}
    glue = draw.choice(["/", "，", ";", "、", " "])

    def phone(p):
        return f"{p.phone}{glue}{other[p.number]}" if p.number % 2 and p.number in other else p.phone

    again = [p for p in who if p.number % 2 and p.number in other]
    first = rows_of({"mobile": phone}, who)
    first["mobile"] += [other[p.number] for p in again]
    return World("two_in_a_cell", "decides", {"lead": first}, len(who))


def nothing_shared(draw, n):
    """People who registered twice and left nothing in common."""
    who = people(draw, n)
    again = people(draw, n // 5, 20 * n)
    return World(
        "nothing_shared",
        "unseen",
        {"member": rows_of({"mobile": lambda p: p.phone}, [*who, *again])},
        len(who),
    )


def no_birth_dates(draw, n):
    """How many are under fourteen cannot be known."""
    who = people(draw, n)
    return World(
        "no_birth_dates",
        "decides",
        {"pupil": rows_of({"name": lambda p: p.name, "mobile": lambda p: p.phone}, who)},
        len(who),
        minors=n // 3,
    )


def hashed_keys(draw, n):
    """Keys hashed by one system."""
    import hashlib

    who = people(draw, n)
    columns = {"mobile_md5": lambda p: hashlib.md5(p.phone.encode()).hexdigest(), "city": lambda p: "上海"}
    return World(
        "hashed_keys", "decides", {"crm": rows_of(columns, [*who, *draw.sample(who, n // 4)])}, len(who)
    )


def separate_systems(draw, n):
    """Systems with other keys of partly the same people."""
    who = people(draw, n)
    tables = {
        "shop": rows_of(
            {"mobile": lambda p: p.phone, "amount": lambda p: p.number}, draw.sample(who, int(n * 0.8))
        ),
        "mail": rows_of({"email": lambda p: p.email}, draw.sample(who, int(n * 0.6))),
    }
    used = {
        p.number for p in who if p.phone in tables["shop"]["mobile"] or p.email in tables["mail"]["email"]
    }
    return World("separate_systems", "open", tables, len(used))


def shared_family_phone(draw, n):
    """Two members of a family on one phone, told apart by names."""
    who = people(draw, n)
    phones = {
        p.number: (q.phone if draw.random() < 0.2 else p.phone)
        for p, q in zip(who, [who[-1], *who], strict=False)
    }
    return World(
        "shared_family_phone",
        "decides",
        {"patient": rows_of({"name": lambda p: p.name, "mobile": lambda p: phones[p.number]}, who)},
        len(who),
    )


KINDS: dict[str, Callable[[random.Random, int], World]] = {
    make.__name__: make
    for make in (
        one_subject,
        clean_phones,
        call_log,
        tenancy,
        three_parties,
        partly_named_role,
        no_role_word,
        shared_mailbox,
        shared_id,
        agents,
        spelled_names,
        accounts_of_two_tables,
        keyless_in_two_flows,
        spelled_keys,
        two_in_a_cell,
        nothing_shared,
        no_birth_dates,
        hashed_keys,
        separate_systems,
        shared_family_phone,
    )
}


def write(world: World, folder: Path) -> Path:
    """Write the tables and a configuration; return the configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in world.tables.items():
        (folder / "data").mkdir(exist_ok=True)
        pq.write_table(pa.table(columns), folder / "data" / f"{name}.parquet")
    flows = []
    for i, tables in enumerate(world.flows or (tuple(world.tables),)):
        fields = ", ".join(f'"s/{t}/{c}"' for t in tables for c in world.tables[t])
        flows.append(
            f"  - {{id: f{i}, entity: e, status: active, since: 2026-02-01, every: month, "
            f"recipient: {{name: HQ, country: DE}}, purpose: crm, mode: transfer, fields: [{fields}]}}"
        )
    (folder / "chujing.yaml").write_text(
        'version: 1\nexporter: {id: e, entities: [e], facts: {ciio: "no", sector: retail, zone: none}}\n'
        f'sources:\n  s: {{url: "{(folder / "data").as_posix()}"}}\nflows:\n' + "\n".join(flows) + "\n",
        encoding="utf-8",
    )
    return folder / "chujing.yaml"


def count(world: World):
    """Return the report of a whole scan of the world."""
    from scanner.config.model import read
    from scanner.job import scan

    with tempfile.TemporaryDirectory() as place:
        config = read(write(world, Path(place) / "w"))
        return scan(config, as_of=DAY, exact=True)


def main(argv: list[str]) -> None:
    n = int(argv[0]) if argv and argv[0].isdigit() else 20
    chosen = argv[argv.index("--kind") + 1].split(",") if "--kind" in argv else list(KINDS)
    size = int(argv[argv.index("--people") + 1]) if "--people" in argv else 400
    for kind in chosen:
        inside = wrong = 0
        widths, errors, methods, examples = [], [], set(), []
        for seed in range(n):
            world = KINDS[kind](random.Random(f"{kind}/{seed}"), size)
            report = count(world)
            e = total(report)
            is_in = e.low <= world.truth and (e.high is None or world.truth <= e.high)
            width = float("inf") if e.high is None else (e.high - e.low) / world.truth
            inside += is_in
            wrong += not is_in and width <= 0.001
            widths.append(width)
            errors.append(abs(e.best - world.truth) / world.truth)
            methods.add(e.method)
            if not is_in and len(examples) < 2:
                examples.append(
                    (seed, world.truth, e.low, e.best, e.high, list(world.tables.items())[0][1].keys())
                )
        print(
            f"{kind:<24}{world.evidence:<8} inside {inside:>3}/{n}  surely wrong {wrong:>3}  "
            f"width {statistics.median(widths):.3f}  best off {statistics.median(errors):.3f} "
            f"(worst {max(errors):.3f})  {','.join(sorted(methods))}",
            flush=True,
        )
        for example in examples:
            print("    outside:", *example)


def total(report):
    """Persons of all flows together."""
    unions = [u for u in report.exporter[0].unions if len(u.flows) == len(report.flows)]
    return unions[0].count.individuals if unions else report.flows[0].individuals


if __name__ == "__main__":
    main(sys.argv[1:])
