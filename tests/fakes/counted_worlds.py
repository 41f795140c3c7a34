"""Invented worlds whose number of persons is known, written as files and counted by a whole scan."""

import json
import random
import tempfile
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from detectors.checksums import iso7064_mod11_2

DAY = date(2026, 11, 1)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂文华建国志红玉兰春梅龙飞鹏宇浩然子涵欣怡梓萱雨泽博思远"
FIRST = [
    "Anna", "Ben", "Carla", "David", "Emma", "Frank", "Grace", "Henry",
    "Ivy", "Jack", "Karen", "Liam", "Mia", "Noah", "Olga", "Paul",
    "Rita", "Sven", "Tina", "Uwe",
]  # fmt: skip
LAST = [
    "Baker", "Carter", "Davies", "Evans", "Foster", "Green", "Harris", "Irwin",
    "Jones", "Keller", "Lewis", "Müller", "Novak", "Okafor", "Petrov", "Quinn",
]  # fmt: skip
AREAS = (110101, 310101, 440103, 510104, 320102, 330106)
Columns = dict[str, list]
# names of columns in several languages: a full name, a mobile, an e-mail, an identity number, a birth date
ATTRIBUTES = ("name", "mobile", "email", "id", "birth")
LANGUAGES = {
    language: dict(zip(ATTRIBUTES, words.split(), strict=True))
    for language, words in {
        "en": "name mobile email id_card birthday",
        "long": "full_name phone_number email_address id_number date_of_birth",
        "zh": "姓名 手机号 邮箱 身份证号 出生日期",
        "pinyin": "xm sjh yx sfzh csrq",
        "camel": "realName mobilePhone eMail idCardNo birthDate",
        "de": "nachname_vorname mobiltelefon e_mail ausweis_id_card geburtsdatum",
        "ja": "氏名 携帯電話 メール 身分証番号 生年月日",
    }.items()
}


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

    @property
    def account(self) -> int:
        """A number of an account, in no order."""
        return self.number * 7_919 % 1_000_003 + 1_000


@dataclass
class World:
    """tables: by name, or SOURCE/NAME; columns of equal length. truth: persons.

    minors, sensitive: persons under fourteen and with a sensitive field, where the world says. flows: tables
    of each; None: all tables in one. where: conditions of the flows. statements: further lines of
    configuration. exported: columns that leave; none: all. facts: of the exporter, beside the usual ones.
    """

    tables: dict[str, Columns]
    truth: int
    minors: int | None = None
    sensitive: int | None = None
    flows: tuple[tuple[str, ...], ...] = ()
    where: tuple[str, ...] = ()
    rates: dict[str, float] = field(default_factory=dict)
    kind: str = ""
    evidence: str = ""
    statements: str = ""
    exported: tuple[str, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)


def people(
    draw: random.Random, n: int, start: int = 0, years: tuple[int, int] = (1945, 2018)
) -> list[Person]:
    """Return up to n persons; no two share a key. start: numbers from here on are free."""
    made, taken = [], set()
    first = date(years[0], 1, 1)
    days = (date(years[1], 12, 31) - first).days
    for i in range(start, start + n):
        born = first + timedelta(days=draw.randrange(days))
        body = f"{draw.choice(AREAS)}{born:%Y%m%d}{draw.randrange(1000):03d}"
        while body in taken:
            body = f"{draw.choice(AREAS)}{born:%Y%m%d}{draw.randrange(1000):03d}"
        taken.add(body)
        name = draw.choice(SURNAMES) + "".join(draw.choice(GIVEN) for _ in range(2))
        english = f"{draw.choice(FIRST)} {draw.choice(LAST)}"
        phone = f"1{draw.choice('3578')}{draw.choice('1256789')}{(i * 7_919_231 + 20_418_537) % 10**8:08d}"
        email = f"{english.split()[0].lower()}.{i}x{draw.randrange(10**4)}@mail.cn"
        made.append(Person(name, english, born, body + iso7064_mod11_2(body), phone, email, i))
    return made


class Rows(dict):
    """Columns of a table. subjects: persons that its rows speak of, each row's for themselves."""

    subjects = 0


def rows_of(columns: dict, items: list, more: int = 0) -> Columns:
    """Return columns from functions of an item. more: persons of each row that are not in its item."""
    rows = Rows({name: [make(item) for item in items] for name, make in columns.items()})
    rows.subjects = sum(max(_persons_in(item), 1) + more for item in items)
    return rows


def _persons_in(item: object) -> int:
    if isinstance(item, list | tuple):
        return sum(map(_persons_in, item))
    return int(isinstance(item, Person))


def plain_sum(world: World) -> int | None:
    """Return the persons of all rows, each for itself; None where a table was not made of items."""
    tables = list(world.tables.values())
    return sum(t.subjects for t in tables) if all(isinstance(t, Rows) for t in tables) else None


def again(draw: random.Random, items: list, share: float) -> list:
    """Return the items in another order, a share of them once more."""
    more = [*items, *draw.sample(items, int(len(items) * share))]
    draw.shuffle(more)
    return more


def is_minor(person: Person) -> bool:
    """Is a person under fourteen on the day of the count?"""
    later = (DAY.month, DAY.day) < (person.born.month, person.born.day)
    return DAY.year - person.born.year - later < 14


def write(world: World, folder: Path) -> Path:
    """Write the tables and a configuration; return the configuration."""
    sources = {}
    for table, columns in world.tables.items():
        source, _, name = table.rpartition("/")
        sources[source or "s"] = place = folder / "data" / (source or "s")
        place.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(columns), place / f"{name}.parquet")
    flows = []
    for i, tables in enumerate(world.flows or (tuple(world.tables),)):
        fields = ", ".join(f'"{column}"' for table in tables for column in _columns_of(world, table))
        where = f", where: {world.where[i]}" if world.where and world.where[i] else ""
        flows.append(
            f"  - {{id: f{i}, entity: e, status: active, since: 2026-02-01, every: month, "
            f"recipient: {{name: HQ, country: DE}}, purpose: crm, mode: transfer, fields: [{fields}]{where}}}"
        )
    listed = "".join(f'  {name}: {{url: "{place.as_posix()}"}}\n' for name, place in sources.items())
    facts = {"ciio": "no", "sector": "retail", "zone": "none"} | world.facts
    (folder / "chujing.yaml").write_text(
        f"version: 1\nexporter: {{id: e, entities: [e], facts: {json.dumps(facts)}}}\n"
        f"sources:\n{listed}{world.statements}flows:\n" + "\n".join(flows) + "\n",
        encoding="utf-8",
    )
    return folder / "chujing.yaml"


def _columns_of(world: World, table: str) -> list[str]:
    """Ids of the columns that leave of a table; of TABLE/COLUMN of the source `s`, that one."""
    if table not in world.tables:
        return [f"s/{table}"]
    place = table if "/" in table else f"s/{table}"
    return [f"{place}/{c}" for c in world.exported or world.tables[table]]


def count(world: World):
    """Return the report of a whole scan of the world."""
    from scanner.config.model import read
    from scanner.job import scan

    with tempfile.TemporaryDirectory() as place:
        config = read(write(world, Path(place) / "w"))
        return scan(config, as_of=DAY, exact=True)


def if_personal(report, counter: str = "individuals"):
    """Persons if every possible column is personal, of all flows of a report together; None: none is open."""
    reading = report.flows[0].if_personal if len(report.flows) == 1 else _union_of_all(report).if_personal
    return None if reading is None else getattr(reading, counter)


def total(report, counter: str = "individuals"):
    """Persons of all flows together. counter: a field of the count."""
    if len(report.flows) == 1:
        flow = report.flows[0]
        return {
            "individuals": flow.individuals,
            "sensitive": flow.sensitive_individuals,
            "minors": flow.minors,
        }[counter]
    return getattr(_union_of_all(report).count, counter)


def _union_of_all(report):
    (union,) = (u for u in report.exporter[0].unions if len(u.flows) == len(report.flows))
    return union
