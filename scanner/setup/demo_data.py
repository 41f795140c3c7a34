"""The data of the demo's company: members with their orders and events, and staff. Nobody exists.

What is drawn, and in which order, is part of what a seed makes.
"""

from __future__ import annotations

import csv
import io
import random
import sqlite3
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from detectors.checksums import iso7064_mod11_2
from scanner.files import write_atomically

MEMBERS = 12_600
WITH_CONDITION = 10_240                       # members with an allergy or illness: over the line of 10 000
STAFF = 320
ORDERS = 21_000
CONTACTS = 4_000
PRODUCTS = 60
EVENTS = 5_000                                # a day
SURNAMES = "林陈周吴郑沈韩杨朱秦许何吕张孔曹严金魏陶姜"
FORENAMES = "安宁若舒远航思齐嘉禾沐辰语桐清源知夏景行云帆书瑶明哲雨晴子墨承泽佳音天佑乐然"
CITIES = (
    ("上海市浦东新区", "310115"),
    ("杭州市西湖区", "330106"),
    ("成都市武侯区", "510107"),
    ("广州市天河区", "440106"),
    ("武汉市江汉区", "420103"),
)
ROADS = ("云栖路", "海棠街", "望江路", "银杏大道", "听涛路", "书院街")
CONDITIONS = ("花生过敏", "高血压", "糖尿病", "乳糖不耐受", "海鲜过敏", "哮喘")
DICTIONARY = (                                # table, column, comment
    ("member", "", "会员"),
    ("member", "id", "会员编号"),
    ("member", "name", "姓名"),
    ("member", "mobile", "手机号"),
    ("member", "gender", "性别"),
    ("member", "birthday", "出生日期"),
    ("member", "email", "电子邮箱"),
    ("member", "address", "收货地址"),
    ("member", "level", "会员等级"),
    ("member", "health_note", "过敏与疾病史"),
    ("member", "register_time", "注册时间"),
    ("member_contact", "", "客服回访记录"),
    ("store", "", "门店"),
    ("product", "", "商品"),
)
CRM = (
    "CREATE TABLE member (id INTEGER PRIMARY KEY, name TEXT, gender TEXT, birthday TEXT, mobile TEXT, "
    "email TEXT, city TEXT,\n                                 "
    "address TEXT, level TEXT, health_note TEXT, register_time TEXT);\n"
    "CREATE TABLE member_contact (id INTEGER PRIMARY KEY, member_id INTEGER REFERENCES member(id), "
    "channel TEXT, contact_time TEXT,\n                                         content TEXT);\n"
    "CREATE TABLE store (id INTEGER PRIMARY KEY, store_name TEXT, store_phone TEXT, address TEXT);\n"
    "CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT, price REAL, barcode TEXT);\n"
)


def write_systems(folder: Path, rng: random.Random) -> None:
    """Write the company's systems into a folder."""
    people = [_person(rng, i) for i in range(MEMBERS)]
    with_condition = set(rng.sample(range(MEMBERS), WITH_CONDITION))
    _write_crm(folder / "crm.db", people, with_condition, rng)
    _write_dictionary(folder / "crm-dictionary.csv")
    _write_orders(folder / "orders.csv", people, rng)
    _write_events(folder / "events", rng)
    _write_staff(folder / "staff.xlsx", rng)


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person."""

    name: str
    gender: str
    born: date
    mobile: str
    email: str
    id_number: str
    city: str
    street: str


def _person(rng: random.Random, i: int) -> Person:
    """Draw a person; persons of different numbers differ in their mobile number and address of mail."""
    born = date(1956, 1, 1) + timedelta(days=rng.randrange(365 * 48))
    city, division = rng.choice(CITIES)
    id_body = f"{division}{born:%Y%m%d}{rng.randrange(1, 1000):03d}"
    prefix = rng.choice(("37", "39", "58", "86", "99"))
    mobile = f"1{prefix}{i // 10_000}{i % 10_000:04d}{rng.randrange(1_000):03d}"
    return Person(
        name=rng.choice(SURNAMES) + "".join(rng.sample(FORENAMES, rng.choice((1, 2, 2)))),
        gender=rng.choice("男女"),
        born=born,
        mobile=mobile,
        email=f"user{i:05d}@mail{rng.randrange(1, 6)}.test-company.cn",
        id_number=id_body + iso7064_mod11_2(id_body),
        city=city,
        street=f"{rng.choice(ROADS)}{rng.randrange(1, 400)}号{rng.randrange(1, 30)}室",
    )


def _write_crm(path: Path, people: list[Person], with_condition: set[int], rng: random.Random) -> None:
    connection = sqlite3.connect(":memory:")
    with connection:
        connection.executescript(CRM)
        members = [_member_row(i, p, i in with_condition, rng) for i, p in enumerate(people)]
        connection.executemany("INSERT INTO member VALUES (?,?,?,?,?,?,?,?,?,?,?)", members)
        contacts = [_contact_row(i, rng) for i in range(CONTACTS)]
        connection.executemany("INSERT INTO member_contact VALUES (?,?,?,?,?)", contacts)
        stores = [_store_row(i, city) for i, (city, _) in enumerate(CITIES * 4)]
        connection.executemany("INSERT INTO store VALUES (?,?,?,?)", stores)
        products = [_product_row(i, rng) for i in range(PRODUCTS)]
        connection.executemany("INSERT INTO product VALUES (?,?,?,?)", products)
    write_atomically(path, connection.serialize(), "team")
    connection.close()


def _member_row(i: int, p: Person, has_illness: bool, rng: random.Random) -> tuple[object, ...]:
    level = rng.choice(("金", "银", "普通"))
    condition = rng.choice(CONDITIONS) if has_illness else None
    registered = f"2025-{rng.randrange(1, 13):02d}-{rng.randrange(1, 28):02d} 10:00:00"
    about = (p.name, p.gender, p.born.isoformat(), p.mobile, p.email, p.city, p.city + p.street)
    return (i + 1, *about, level, condition, registered)


def _contact_row(i: int, rng: random.Random) -> tuple[object, ...]:
    member = rng.randrange(MEMBERS) + 1
    channel = rng.choice(("电话", "短信", "邮件"))
    return i + 1, member, channel, f"2026-{rng.randrange(1, 11):02d}-15", "回访：满意"


def _store_row(i: int, city: str) -> tuple[object, ...]:
    return i + 1, f"华澜零售{city[:2]}{i + 1}店", f"400-800-{1000 + i}", city + ROADS[i % 6] + "1号"


def _product_row(i: int, rng: random.Random) -> tuple[object, ...]:
    name = f"华澜{rng.choice(('燕麦', '坚果', '果干', '酸奶'))}{i + 1}号"
    price = round(rng.uniform(5, 90), 2)
    return i + 1, name, price, f"690{rng.randrange(10**9, 10**10)}"


def _write_dictionary(path: Path) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows([("表", "字段", "注释"), *DICTIONARY])
    write_atomically(path, file.getvalue().encode("utf-8-sig"), "team")


def _write_orders(path: Path, people: list[Person], rng: random.Random) -> None:
    file = io.StringIO(newline="")
    out = csv.writer(file, lineterminator="\r\n")
    out.writerow(["订单号", "会员编号", "收货人", "收货电话", "收货地址", "支付金额", "下单时间"])
    for i in range(ORDERS):
        member = rng.randrange(MEMBERS)
        p = people[member]
        phone = f"+86 {p.mobile}" if i % 7 == 0 else p.mobile
        amount = f"{rng.uniform(12, 600):.2f}"
        ordered = f"2026-{rng.randrange(1, 11):02d}-{rng.randrange(1, 28):02d} 12:30:00"
        out.writerow([f"HL2026{i:08d}", member + 1, p.name, phone, p.city + p.street, amount, ordered])
    write_atomically(path, file.getvalue().encode("gb18030"), "team")


def _write_events(folder: Path, rng: random.Random) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    for day in ("2026-10-01", "2026-10-02"):
        members = [rng.randrange(MEMBERS) + 1 for _ in range(EVENTS)]
        table = pa.table(
            {
                "member_id": members,
                "device_id": [f"{m * 2654435761 % 2**64:016x}" for m in members],
                "ip": [f"100.{64 + m % 60}.{m % 250}.{m % 199 + 1}" for m in members],
                "event": [rng.choice(("view", "cart", "pay")) for _ in members],
                "user_agent": ["HualanApp/3.2"] * len(members),
            }
        )
        write_atomically(folder / f"dt={day}" / "part-0.parquet", partial(pq.write_table, table), "team")


def _write_staff(path: Path, rng: random.Random) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "花名册"
    sheet.append(["华澜零售 员工花名册（虚构）"])
    sheet.append([])
    heads = "工号 姓名 身份证号 手机号 工作邮箱 部门 职务 入职日期 紧急联系人 紧急联系电话"
    sheet.append(heads.split())
    for i in range(STAFF):
        sheet.append(_staff_row(i, rng))
    book.properties.created = book.properties.modified = datetime(2026, 1, 1)
    write_atomically(path, book.save, "team")


def _staff_row(i: int, rng: random.Random) -> list[str]:
    p, relative = _person(rng, 20_000 + i), _person(rng, 30_000 + i)
    department = rng.choice(("采购", "门店", "财务", "技术"))
    position = rng.choice(("专员", "主管", "经理"))
    joined = f"20{rng.randrange(15, 26)}-03-01"
    mail = f"staff{i + 1:03d}@hualan-retail.cn"
    return [
        f"HL{i + 1:04d}", p.name, p.id_number, p.mobile, mail, department, position, joined, relative.name,
        relative.mobile,
    ]
