"""Invented worlds with a known number of people, to hold the counting against:
`worlds.py [N] [--people 2000] [--sketch K]` prints a table.

Each world has a company's tables with the accidents of real ones, at rates drawn per world and printed with
the result: people without an ID in their row, families on one phone, accounts opened twice, placeholder
numbers, mistyped IDs, renewed passports, contacts in the row, orders whose member was deleted. Who registered
twice and left nothing in common (neither ID, phone, e-mail, nor name with birth date) is not made: no data
could show it.
"""

import random
import statistics
import sys
from dataclasses import dataclass, field
from datetime import date, timedelta

import pyarrow as pa

from detectors.checksums import iso7064_mod11_2
from detectors.model import ColumnId
from mappings import ledger
from mappings.histogram import count_tally
from mappings.individuals import PersonCounter
from mappings.row_columns import ExportedColumn, KeyColumn, RowPlan

DAY = date(2026, 11, 1)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂文华建国志红玉兰春梅"
    "龙飞鹏宇浩然子涵欣怡梓萱雨泽博思远嘉诚晓琳"
)
PLACEHOLDERS = ("13800138000", "11111111111", "无", "N/A", "13000000000")
STRONG, MIXED, WEAK = "strong", "mixed", "weak"


@dataclass
class Person:
    name: str
    born: date
    id: str
    phone: str
    email: str
    passport: str
    accounts: list = field(default_factory=list)


@dataclass
class World:
    kind: str
    rates: dict
    tables: list  # (RowPlan, {column: values})
    truth: int
    sensitive: int
    minors: int


def resident_id(draw, born, taken):
    while True:
        body = (
            f"{draw.choice((110101, 310101, 440103, 510104, 330106))}{born:%Y%m%d}{draw.randrange(1000):03d}"
        )
        number = body + iso7064_mod11_2(body)
        if number not in taken:
            taken.add(number)
            return number


def people(draw, n):
    taken = set()
    for i in range(n):
        born = date(1945, 1, 1) + timedelta(days=draw.randrange(27_000))
        name = draw.choice(SURNAMES) + "".join(
            draw.choice(GIVEN) for _ in range(2 if draw.random() < 0.8 else 1)
        )
        yield Person(
            name,
            born,
            resident_id(draw, born, taken),
            f"1{draw.choice('3578')}{draw.randrange(10):01d}{draw.randrange(10**4):04d}{i:04d}",
            f"u{i}x{draw.randrange(10**6)}@mail.cn",
            f"E{draw.randrange(10**8):08d}",
        )


def spoiled(draw, number):
    """An ID with one digit mistyped, so that its check fails."""
    at = draw.randrange(6, 17)
    wrong = number[:at] + str((int(number[at]) + draw.randrange(1, 9)) % 10) + number[at + 1 :]
    return wrong if wrong != number else number[:-1] + ("1" if number[-1] != "1" else "2")


def make(seed, n=2_000):
    """One world of about n people."""
    draw = random.Random(seed)
    kind = draw.choice((STRONG, STRONG, MIXED, MIXED, WEAK))
    rates = {
        "no_id": 0.0 if kind == STRONG else 1.0 if kind == WEAK else draw.uniform(0.05, 0.5),
        "family_phone": draw.uniform(0, 0.05),
        "twice": draw.uniform(0, 0.05),
        "placeholder": draw.uniform(0, 0.03),
        "typo": draw.uniform(0, 0.005),
        "renewal": draw.uniform(0, 0.05),
        "contact": 0.0 if kind == STRONG else draw.uniform(0, 0.3),
        "no_key": 0.0 if kind == STRONG else draw.uniform(0, 0.01),
        "deleted": draw.uniform(0, 0.05),
        "sensitive": draw.uniform(0.05, 0.6),
    }
    everyone = list(people(draw, n))
    for a, b in zip(everyone[::2], everyone[1::2], strict=False):
        if draw.random() < rates["family_phone"]:
            b.phone = a.phone
    member = {
        c: []
        for c in (
            "id",
            "name",
            "id_card",
            "mobile",
            "email",
            "birthday",
            "passport",
            "diagnosis",
            "contact_name",
            "contact_phone",
        )
    }
    orders = {c: [] for c in ("member_id", "remark")}
    seen, sick, young, contacts, next_id = set(), set(), set(), set(), 1
    fourteen = date(DAY.year - 14, DAY.month, DAY.day)
    outsiders = list(people(random.Random(seed + 10**6), n // 4))
    for i, o in enumerate(outsiders):
        o.phone = f"19{draw.randrange(10):01d}{draw.randrange(10**4):04d}{i:04d}"
    for who, p in enumerate(everyone):
        phone, twice = p.phone, draw.random() < rates["twice"]
        for again in range(1 + twice):
            has_id = draw.random() >= rates["no_id"]
            if again:
                phone = (
                    phone if draw.random() < 0.5 or not has_id else f"16{draw.randrange(10**5):05d}{who:04d}"
                )
            number = p.id if has_id else None
            if number and draw.random() < rates["typo"] and kind != STRONG:
                number = spoiled(draw, number)
            shown = draw.choice(PLACEHOLDERS) if draw.random() < rates["placeholder"] else phone
            keyless = draw.random() < rates["no_key"]
            account, next_id = next_id, next_id + 1
            gone = not twice and draw.random() < rates["deleted"] and kind != STRONG
            row = {
                "name": p.name,
                "id_card": None if keyless else number,
                "mobile": None if keyless else shown,
                "email": None if keyless or draw.random() < 0.3 else p.email,
                "birthday": p.born.isoformat(),
                "passport": (
                    p.passport if draw.random() >= rates["renewal"] else f"E{draw.randrange(10**8):08d}"
                )
                if draw.random() < 0.2
                else None,
                "diagnosis": "高血压" if draw.random() < rates["sensitive"] else None,
            }
            helper = draw.choice(outsiders) if draw.random() < rates["contact"] else None
            row |= {
                "contact_name": helper.name if helper else None,
                "contact_phone": helper.phone if helper else None,
            }
            for _ in range(draw.randrange(3) + gone):
                orders["member_id"].append(account)
                orders["remark"].append("尽快")
            seen.add(who)
            if gone:  # the member's row was deleted, the orders stay
                continue
            member["id"].append(account)
            for column, value in row.items():
                member[column].append(value)
            if row["diagnosis"]:
                sick.add(who)
            if helper:
                contacts.add(helper.phone)
            if p.born > fourteen:
                young.add(who)
    return World(
        kind, rates, _tables(member, orders), len(seen) + len(contacts), len(sick | young), len(young)
    )


def _tables(member, orders):
    cid = ColumnId
    exported = tuple(
        ExportedColumn(
            c,
            cid(f"crm/member/{c}"),
            "yes" if c == "diagnosis" else "no",
            "contact" if c.startswith("contact") else "",
        )
        for c in member
    )
    keys = (
        KeyColumn("id", "user_id", "crm/member/id"),
        KeyColumn("id_card", "resident_id", "resident_id"),
        KeyColumn("mobile", "phone_mobile", "phone_mobile"),
        KeyColumn("email", "email", "email"),
        KeyColumn("passport", "passport", "passport"),
        KeyColumn("contact_phone", "phone_mobile", "phone_mobile", "contact"),
    )
    own = RowPlan(exported, keys, {"": "name", "contact": "contact_name"}, {"": ("birthday", "birth_date")})
    other = RowPlan(
        (ExportedColumn("member_id", cid("crm/orders/member_id"), "no"),),
        (KeyColumn("member_id", "user_id", "crm/member/id"),),
    )
    return [(own, member), (other, orders)]


def counter(world, key=b"k" * 32):
    """The world's rows in a counter."""
    out = PersonCounter(key, DAY, [e for plan, _ in world.tables for e in plan.exported])
    for plan, table in world.tables:
        batch = {
            c: pa.array(v, pa.int64() if c.endswith("id") and c in ("id", "member_id") else pa.string())
            for c, v in table.items()
        }
        out.add(plan, batch)
    return out


def measure(count, seeds, n=2_000):
    """Per world: (kind, inside?, width / truth, |best - truth| / truth,
    persons merged through a placeholder / truth).
    """
    for seed in seeds:
        world = make(seed, n)
        found = count(world)
        people = found.individuals
        inside = people.low <= world.truth <= people.high
        ends = (found.sensitive, world.sensitive), (found.minors, world.minors)
        rest = all(e.low <= t <= e.high for e, t in ends)
        yield (
            world,
            inside,
            rest,
            (people.high - people.low) / world.truth,
            abs(people.best - world.truth) / world.truth,
            found,
        )


def sketched(world, hashes=1_024):
    """The world's count by the ledger's sketch of about `hashes` persons."""
    return ledger.head_counts(ledger.limit_size(counter(world).persons(), 0, hashes))


def main(argv):
    n = int(argv[0]) if argv else 200
    people = int(argv[argv.index("--people") + 1]) if "--people" in argv else 2_000
    kept = int(argv[argv.index("--sketch") + 1]) if "--sketch" in argv else 0
    rows = list(
        measure(
            (lambda w: sketched(w, kept)) if kept else lambda w: count_tally(counter(w).tally()),
            range(n),
            people,
        )
    )
    for kind in (STRONG, MIXED, WEAK, ""):
        mine = [r for r in rows if not kind or r[0].kind == kind]
        if mine:
            inside, rest = sum(r[1] for r in mine), sum(r[2] for r in mine)
            width, error = statistics.median(r[3] for r in mine), statistics.median(r[4] for r in mine)
            print(
                f"{kind or 'all':<8} {len(mine):>4} worlds  inside {inside}  sensitive, "
                f"minors inside {rest}  median width {width:.4f}  "
                f"median error of best {error:.4f}  worst {max(r[4] for r in mine):.4f}"
            )
    print("rates drawn per world (least, median, most):")
    for name in rows[0][0].rates:
        drawn = sorted(r[0].rates[name] for r in rows)
        print(f"  {name:<14} {drawn[0]:.3f} {statistics.median(drawn):.3f} {drawn[-1]:.3f}")
    for r in [r for r in rows if not r[1]][:10]:
        print(
            "outside:",
            r[0].kind,
            r[0].truth,
            r[5].individuals,
            {k: round(v, 3) for k, v in r[0].rates.items()},
        )


if __name__ == "__main__":
    main(sys.argv[1:])
