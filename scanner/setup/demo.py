"""An invented company, 华澜零售, with its systems and three flows. Nobody in it exists; the same seed makes the same people.

CRM in SQLite with a data dictionary, orders in GB18030 CSV, app events in Parquet by day, staff in an XLSX with a title row.
The true number of people is known (`Truth`), so that a test can hold the count against it.
"""

from __future__ import annotations

import csv
import random
import shlex
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from detectors.checksums import iso7064_mod11_2
from detectors.errors import ConfigError
from detectors.message import Msg

MEMBERS = 12_600
WITH_CONDITION = 10_240                       # members who filled in an allergy or illness: over the line of 10 000
STAFF = 320
ORDERS = 21_000
SURNAMES = "林陈周吴郑沈韩杨朱秦许何吕张孔曹严金魏陶姜"
GIVEN = "安宁若舒远航思齐嘉禾沐辰语桐清源知夏景行云帆书瑶明哲雨晴子墨承泽佳音天佑乐然"
CITIES = (
    ("上海市浦东新区", "310115"),
    ("杭州市西湖区", "330106"),
    ("成都市武侯区", "510107"),
    ("广州市天河区", "440106"),
    ("武汉市江汉区", "420103"),
)
ROADS = ("云栖路", "海棠街", "望江路", "银杏大道", "听涛路", "书院街")

NEXT = (                                      # what to try in the demo's folder: command, and why, in Chinese and English
    ("decide --what-if ciio=yes", "换一个答案", "another answer"),
    ("review todo", "先复核什么", "what to review first"),
    ("review reject health_note --by me --why pets", "复核立即生效", "a review counts at once"),
    ("scan -c chujing.yaml", "未变化的表不重读", "unchanged tables are not read"),
    ("diff", "变化及其原因", "what changed, and why"),
)


@dataclass(frozen=True, slots=True)
class Truth:
    """True head-counts of the demo company."""

    staff: int
    members: int
    members_exported_to_hq: int               # distinct persons in the CRM flow
    marketing: int
    marketing_sensitive: int


def build_demo(folder: Path, seed: int = 7) -> Truth:
    """Write the company into `folder`; ConfigError when it holds a configuration that is not the demo's."""
    config = folder / "chujing.yaml"
    if config.exists() and "华澜零售" not in config.read_text(encoding="utf-8", errors="replace"):
        raise ConfigError(
            Msg("there is another configuration here"),
            where=str(config),
            hint=Msg("chujing demo OTHER_FOLDER"),
        )
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(seed)
    people = [_person(draw, i) for i in range(MEMBERS)]
    sick = set(draw.sample(range(MEMBERS), WITH_CONDITION))
    _crm(folder / "crm.db", people, sick, draw)
    _dictionary(folder / "crm-dictionary.csv")
    _orders(folder / "orders.csv", people, draw)
    _events(folder / "events", draw)
    _staff(folder / "staff.xlsx", draw)
    config.write_text(CONFIG, encoding="utf-8")
    (folder / "chujing-answers.yaml").write_text(ANSWERS, encoding="utf-8")
    return Truth(STAFF, MEMBERS, MEMBERS, MEMBERS, WITH_CONDITION)


def next_steps(folder: Path, called: str, lang: str) -> Iterator[str]:
    """Lines to type after the demo, in its folder. called: how this program is called there."""
    yield f"cd {shlex.quote(str(folder))}"
    longest = max(len(command) for command, _, _ in NEXT)
    for command, zh, en in NEXT:
        yield f"{called} {command:<{longest}}  # {zh if lang == 'zh' else en}"


@dataclass(frozen=True, slots=True)
class _Person:
    name: str
    gender: str
    born: date
    mobile: str
    email: str
    id_number: str
    city: str
    street: str


def _person(draw: random.Random, i: int) -> _Person:
    born = date(1956, 1, 1) + timedelta(days=draw.randrange(365 * 48))
    city, division = draw.choice(CITIES)
    body = f"{division}{born:%Y%m%d}{draw.randrange(1, 1000):03d}"
    mobile = f"1{draw.choice(('37', '39', '58', '86', '99'))}{i // 10_000}{i % 10_000:04d}{draw.randrange(1_000):03d}"
    return _Person(
        draw.choice(SURNAMES) + "".join(draw.sample(GIVEN, draw.choice((1, 2, 2)))), draw.choice("男女"), born, mobile,
        f"user{i:05d}@mail{draw.randrange(1, 6)}.test-company.cn", body + iso7064_mod11_2(body), city,
        f"{draw.choice(ROADS)}{draw.randrange(1, 400)}号{draw.randrange(1, 30)}室",
    )


def _crm(path: Path, people: list[_Person], sick: set[int], draw: random.Random) -> None:
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    with connection:
        connection.executescript("""
            CREATE TABLE member (id INTEGER PRIMARY KEY, name TEXT, gender TEXT, birthday TEXT, mobile TEXT, email TEXT, city TEXT,
                                 address TEXT, level TEXT, health_note TEXT, register_time TEXT);
            CREATE TABLE member_contact (id INTEGER PRIMARY KEY, member_id INTEGER REFERENCES member(id), channel TEXT, contact_time TEXT,
                                         content TEXT);
            CREATE TABLE store (id INTEGER PRIMARY KEY, store_name TEXT, store_phone TEXT, address TEXT);
            CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT, price REAL, barcode TEXT);
        """)
        notes = ("花生过敏", "高血压", "糖尿病", "乳糖不耐受", "海鲜过敏", "哮喘")
        connection.executemany("INSERT INTO member VALUES (?,?,?,?,?,?,?,?,?,?,?)", [
            (i + 1, p.name, p.gender, p.born.isoformat(), p.mobile, p.email, p.city, p.city + p.street, draw.choice(("金", "银", "普通")),
             draw.choice(notes) if i in sick else None, f"2025-{draw.randrange(1, 13):02d}-{draw.randrange(1, 28):02d} 10:00:00")
            for i, p in enumerate(people)
        ])
        connection.executemany(
            "INSERT INTO member_contact VALUES (?,?,?,?,?)",
            [
                (
                    i + 1,
                    draw.randrange(MEMBERS) + 1,
                    draw.choice(("电话", "短信", "邮件")),
                    f"2026-{draw.randrange(1, 11):02d}-15",
                    "回访：满意",
                )
                for i in range(4_000)
            ],
        )
        connection.executemany("INSERT INTO store VALUES (?,?,?,?)", [
            (i + 1, f"华澜零售{c[0][:2]}{i + 1}店", f"400-800-{1000 + i}", c[0] + ROADS[i % 6] + "1号") for i, c in enumerate(CITIES * 4)])
        connection.executemany(
            "INSERT INTO product VALUES (?,?,?,?)",
            [
                (
                    i + 1,
                    f"华澜{draw.choice(('燕麦', '坚果', '果干', '酸奶'))}{i + 1}号",
                    round(draw.uniform(5, 90), 2),
                    f"690{draw.randrange(10**9, 10**10)}",
                )
                for i in range(60)
            ],
        )
    connection.close()


def _dictionary(path: Path) -> None:
    rows = [
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
    ]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["表", "字段", "注释"])
        out.writerows(rows)


def _orders(path: Path, people: list[_Person], draw: random.Random) -> None:
    with path.open("w", encoding="gb18030", newline="") as file:
        out = csv.writer(file, lineterminator="\r\n")
        out.writerow(["订单号", "会员编号", "收货人", "收货电话", "收货地址", "支付金额", "下单时间"])
        for i in range(ORDERS):
            member = draw.randrange(MEMBERS)
            p = people[member]
            out.writerow([f"HL2026{i:08d}", member + 1, p.name, f"+86 {p.mobile}" if i % 7 == 0 else p.mobile, p.city + p.street,
                          f"{draw.uniform(12, 600):.2f}", f"2026-{draw.randrange(1, 11):02d}-{draw.randrange(1, 28):02d} 12:30:00"])


def _events(folder: Path, draw: random.Random) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    for day in ("2026-10-01", "2026-10-02"):
        part = folder / f"dt={day}"
        part.mkdir(parents=True, exist_ok=True)
        members = [draw.randrange(MEMBERS) + 1 for _ in range(5_000)]
        table = pa.table(
            {
                "member_id": members,
                "device_id": [f"{m * 2654435761 % 2**64:016x}" for m in members],
                "ip": [f"100.{64 + m % 60}.{m % 250}.{m % 199 + 1}" for m in members],
                "event": [draw.choice(("view", "cart", "pay")) for _ in members],
                "user_agent": ["HualanApp/3.2"] * len(members),
            }
        )
        pq.write_table(table, part / "part-0.parquet")


def _staff(path: Path, draw: random.Random) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "花名册"
    sheet.append(["华澜零售 员工花名册（虚构）"])
    sheet.append([])
    sheet.append(["工号", "姓名", "身份证号", "手机号", "工作邮箱", "部门", "职务", "入职日期", "紧急联系人", "紧急联系电话"])
    for i in range(STAFF):
        p, kin = _person(draw, 20_000 + i), _person(draw, 30_000 + i)
        sheet.append(
            [
                f"HL{i + 1:04d}",
                p.name,
                p.id_number,
                p.mobile,
                f"staff{i + 1:03d}@hualan-retail.cn",
                draw.choice(("采购", "门店", "财务", "技术")),
                draw.choice(("专员", "主管", "经理")),
                f"20{draw.randrange(15, 26)}-03-01",
                kin.name,
                kin.mobile,
            ]
        )
    book.properties.created = book.properties.modified = datetime(2026, 1, 1)
    book.save(path)


CONFIG = """\
# 华澜零售 (an invented company). Try: change an answer under facts, then `chujing decide -c chujing.yaml`.
version: 1
profile: gbt-45574-2025
key_file: demo.key                     # made by `chujing demo`; without this line: one in your configuration folder

exporter:
  id: hualan
  entities: [华澜零售]
  facts:
    ciio: {value: no, by: 法务, on: 2026-06-30, how: 未收到认定通知}
    important_data: {value: none, by: 法务, on: 2026-06-30, how: 未收到通知且不在公布目录内}
    labour_rules: {value: yes, by: 人力资源部, on: 2026-06-30, how: 员工手册第五章}
    collective_contract: {value: yes, by: 人力资源部, on: 2026-06-30, how: 集体合同备案号}
    sector: retail
    zone: none

sources:
  crm: {url: "sqlite:///crm.db", dictionary: crm-dictionary.csv}
  orders: {url: orders.csv}
  events: {url: events}
  staff: {url: staff.xlsx}

links:
  - {from: orders/orders/会员编号, to: crm/member/id}
  - {from: events/events/member_id, to: crm/member/id}

flows:
  - id: hr-hq                          # employees to headquarters under the HR exemption
    entity: 华澜零售
    status: active
    since: 2026-01-01
    recipient: {name: Hualan Holding SE, country: DE}
    purpose: hr_management
    claim: art5_2
    subject_group: employee
    fields: [staff/staff/工号, staff/staff/姓名, staff/staff/工作邮箱, staff/staff/部门, staff/staff/职务]

  - id: crm-hq                         # customers to headquarters: counted
    entity: 华澜零售
    status: active
    since: 2026-02-01
    recipient: {name: Hualan Holding SE, country: DE}
    purpose: crm
    retention_days: 730
    fields: [crm/member/id, crm/member/name, crm/member/mobile, crm/member/email, orders/orders/会员编号, orders/orders/收货电话]

  - id: marketing-sg                   # an agency abroad gets more than a campaign needs
    entity: 华澜零售
    status: planned
    recipient: {name: Lion Campaigns, country: SG}
    purpose: marketing
    fields: [crm/member/id, crm/member/email, crm/member/name, crm/member/birthday, crm/member/health_note]
"""

_TICK = '- {flow: hr-hq, field: staff/staff/%s, answer: listed, why: "%s", by: 人力资源部, on: 2026-06-30}\n'
ANSWERS = "# What people of the invented company answered; `chujing fields` adds to it.\n" + "".join(
    _TICK % x
    for x in (("工号", "员工手册第十二条"), ("姓名", "员工手册第十二条"), ("工作邮箱", "集体合同第五条"), ("职务", "集体合同第五条"))
)
