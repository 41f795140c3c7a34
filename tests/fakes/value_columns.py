"""Generated columns under opaque names: what values alone give away, in many shapes,
beside look-alikes that are no personal information.

1,000 columns of 200 cells. A column of a kind counts as found when its primary finding has the label; a
remark column when any finding speaks of it. A look-alike is wrong when its primary finding is personal
information of tier core. Nothing here is anybody's.
"""

import json
import random

import pyarrow as pa

from detectors.checksums import iso7064_mod11_2, luhn
from detectors.columns import detect
from detectors.common.national_ids import DIGIT_RULES, is_cpf, is_dni, is_hkid, is_nric, is_taiwan_id
from detectors.model import ColumnInfo, ColumnSample, TableInfo, TableRef

CELLS = 200
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁"
    "任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴"
    "莫孔向汤"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红娥玲芬燕彬鹏浩宇轩子涵梓怡欣诺思雨晨曦佳琪"
    "俊豪志国建文波辉斌鑫"
)
PLACES = (
    "北京市海淀区",
    "上海市徐汇区",
    "广东省深圳市南山区",
    "浙江省杭州市余杭区",
    "四川省成都市锦江区",
    "湖北省武汉市洪山区",
    "江苏省南京市鼓楼区",
)
ROADS = ("中山路", "人民路", "解放大道", "学院路", "科技园南路", "建设街", "文化巷", "滨江大道")
WORDS = (
    "已联系客户",
    "尽快处理",
    "退货申请",
    "发票已开",
    "请核对信息",
    "改期再送",
    "客户要求换货",
    "周三前完成",
    "gift wrap",
    "call back later",
)


def digits(r, n):
    return "".join(r.choices("0123456789", k=n))


def with_luhn(r, head, n):
    body = head + digits(r, n - len(head) - 1)
    return next(body + str(d) for d in range(10) if luhn(body + str(d)))


def resident(r):
    body = (
        f"{r.choice(('110105', '310115', '440305', '330106', '510104', '420111', '320106'))}"
        f"{r.randrange(1950, 2012)}"
    )
    body += f"{r.randrange(1, 13):02d}{r.randrange(1, 29):02d}{r.randrange(1, 1000):03d}"
    return body + iso7064_mod11_2(body)


def resident_15(r):
    return (
        f"{r.choice(('110105', '310115', '440305'))}{r.randrange(40, 85)}{r.randrange(1, 13):02d}"
        f"{r.randrange(1, 29):02d}{digits(r, 3)}"
    )


def mobile(r):
    return f"1{r.choice(('38', '39', '50', '58', '77', '86', '91', '99'))}{digits(r, 8)}"


def vin(r):
    values = {
        **{str(i): i for i in range(10)},
        **dict(
            zip(
                "ABCDEFGHJKLMNPRSTUVWXYZ",
                (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9),
                strict=True,
            )
        ),
    }
    body = "L" + "".join(r.choices("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", k=16))
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    check = sum(values[c] * w for c, w in zip(body, weights, strict=True)) % 11
    return body[:8] + "0123456789X"[check] + body[9:]


def uscc(r):
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = f"91{r.choice(('110105', '310115'))}" + "".join(r.choices(alphabet, k=9))
    total = sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + alphabet[(31 - total % 31) % 31]


def iban(r):
    country, n = r.choice((("DE", 18), ("FR", 23), ("NL", 14)))
    bban = ("ABNA" + digits(r, 10)) if country == "NL" else digits(r, n)
    number = int("".join(str(int(c, 36)) for c in bban + country + "00"))
    return f"{country}{98 - number % 97:02d}{bban}"


GIVEN_LATIN = ("James", "Mary", "Robert", "Linda", "Thomas", "Anna", "Peter", "Maria", "Kevin", "Laura")
FAMILY_LATIN = ("Smith", "Garcia", "Miller", "Nguyen", "Rossi", "Novak", "Olsen", "Baker", "Dubois", "Weber")
PINYIN = ("wei", "fang", "xiuying", "jing", "qiang", "lei", "yang", "jie", "tao", "minghua")


def pinyin_name(r):
    family, given = r.choice(("Zhang", "Wang", "Li", "Zhao", "Chen", "Zhou")), r.choice(PINYIN).title()
    return r.choice((f"{family} {given}", f"{given} {family}", f"{family.upper()} {given.upper()}"))


def completed(test, make, tails):
    """A maker of numbers that pass a check: beginnings are drawn, the first tail that passes added."""
    def one(r):
        while True:
            body = make(r)
            for tail in tails:
                if test(body + tail):
                    return body + tail

    return one


def tax_body(r):
    """Ten digits of which one stands twice."""
    body = r.sample("123456789", 9)
    body.append(r.choice(body))
    r.shuffle(body)
    return "".join(body)


def name(r):
    return r.choice(SURNAMES) + "".join(r.sample(GIVEN, r.choice((1, 2, 2))))


def address(r):
    return (
        f"{r.choice(PLACES)}{r.choice(ROADS)}{r.randrange(1, 999)}号{r.randrange(1, 30)}"
        f"栋{r.randrange(101, 2999)}室"
    )


KINDS = {  # label, maker, is there a check digit, or a form as strict as one?
    "resident_id": ("resident_id", resident, True),
    "resident_id_15": ("resident_id", resident_15, False),
    "mobile": ("phone_mobile", mobile, False),
    "bank_card": (
        "bank_card",
        lambda r: with_luhn(
            r, r.choice(("622588", "621700", "622202", "436742", "540943")), r.choice((16, 19))
        ),
        True,
    ),
    "amex": ("bank_card", lambda r: with_luhn(r, r.choice(("34", "37")), 15), True),
    "email": (
        "email",
        lambda r: (
            f"{r.choice(('lin', 'wang', 'zoe', 'dev'))}{digits(r, 4)}"
            f"@{r.choice(('qq.com', '163.com', 'corp.cn'))}"
        ),
        True,
    ),
    "ip": (
        "ip_address",
        lambda r: f"{r.randrange(11, 200)}.{r.randrange(256)}.{r.randrange(256)}.{r.randrange(1, 255)}",
        False,
    ),
    "mac": ("mac_address", lambda r: ":".join(f"{r.randrange(256):02x}" for _ in range(6)), False),
    "plate": (
        "plate_number",
        lambda r: (
            f"{r.choice('京沪粤浙苏川')}{r.choice('ABCDEF')}"
            f"{''.join(r.choices('ABCDEFGH0123456789', k=4))}{digits(r, 1)}"
        ),
        False,
    ),
    "vin": ("vin", vin, True),
    "imei": ("device_id", lambda r: with_luhn(r, "86" + digits(r, 6), 15), True),
    "iccid": ("device_id", lambda r: with_luhn(r, "898600" + digits(r, 6), 20), True),
    "iban": ("bank_account", iban, True),
    "landline": (
        "phone_landline",
        lambda r: f"0{r.choice(('10', '21', '571', '755'))}-{r.choice('268')}{digits(r, 7)}",
        False,
    ),
    "name": ("person_name", name, False),
    "address": ("postal_address", address, False),
    "ethnicity": (
        "ethnicity",
        lambda r: r.choice(("汉族", "回族", "满族", "壮族", "苗族", "维吾尔族")),
        False,
    ),
    "gender": ("gender", lambda r: r.choice("男女"), False),
    "coordinates": ("geo_location", lambda r: f"{r.uniform(100, 122):.6f},{r.uniform(22, 40):.6f}", False),
    "bcrypt": (
        "credential",
        lambda r: "$2a$10$" + "".join(r.choices("abcdefghijklmnopqrstuvwxyzABCDEF0123456789./", k=53)),
        True,
    ),
    "jwt": (
        "credential",
        lambda r: ".".join(("eyJhbGciOiJIUzI1NiJ9", "eyJ" + digits(r, 30), "Ab" + digits(r, 40))),
        True,
    ),
    "foreign_phone": (
        "phone_mobile",
        lambda r: f"+44 7{r.choice('4578')}{digits(r, 2)} {digits(r, 6)}",
        False,
    ),
    "masked_mobile": ("phone_mobile", lambda r: f"13{digits(r, 1)}****{digits(r, 4)}", False),
    "masked_name": ("person_name", lambda r: r.choice(SURNAMES) + r.choice(("*", "**")), False),
    "passport": ("passport", lambda r: f"E{r.choice('ABCDEFGH')}{digits(r, 7)}", False),
    "openid": (
        "im_account",
        lambda r: (
            "o" + "".join(r.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", k=27))
        ),
        False,
    ),
}
TITLES = ("先生", "女士", "老师")
OTHER_NAMES = {                                # of other scripts and orders, with titles, lists
    "latin": lambda r: f"{r.choice(GIVEN_LATIN)} {r.choice(FAMILY_LATIN)}",
    "latin, family first": lambda r: f"{r.choice(FAMILY_LATIN)}, {r.choice(GIVEN_LATIN)} {r.choice('ABC')}.",
    "pinyin": pinyin_name,
    "Mr": lambda r: f"{r.choice(('Mr.', 'Ms.', 'Dr.'))} {r.choice(FAMILY_LATIN)}",
    "先生": lambda r: r.choice(SURNAMES) + r.choice(("", r.choice(GIVEN))) + r.choice(TITLES),
    "list": lambda r: r.choice("、,;").join(name(r) for _ in range(r.choice((2, 3)))),
    "cyrillic": lambda r: " ".join(map(r.choice, (("Иван", "Анна", "Пётр"), ("Иванов", "Петрова")))),
    "japanese": lambda r: r.choice(("佐藤", "鈴木", "高橋")) + r.choice(("花子", "太郎", "美咲", "健")),
    "korean": lambda r: r.choice("김이박최정") + r.choice(("민준", "서연", "지훈", "수빈")),
    "arabic": lambda r: " ".join(map(r.choice, (("محمد", "أحمد", "فاطمة"), ("العلي", "حسن")))),
}
KINDS |= {f"name, {kind}": ("person_name", make, False) for kind, make in OTHER_NAMES.items()}
TENS, HUNDREDS = "0123456789", [f"{n:02d}" for n in range(100)]
BODIES = {                                    # beginnings of numbers of digits alone
    "pesel": lambda r: f"{digits(r, 2)}0{r.randrange(1, 10)}{r.randrange(10, 29)}{digits(r, 4)}",
    "tax_id_germany": tax_body,
    "turkish_id": lambda r: f"{r.randrange(1, 10)}{digits(r, 8)}",
    "thai_id": lambda r: f"{r.randrange(1, 9)}{digits(r, 11)}",
    "my_number": lambda r: digits(r, 11),
    "aadhaar": lambda r: f"{r.randrange(2, 10)}{digits(r, 10)}",
}
IDENTITIES = {
    "hkid": completed(is_hkid, lambda r: f"{r.choice('ABCDEFG')}{digits(r, 6)}", [f"({d})" for d in TENS]),
    "taiwan_id": completed(is_taiwan_id, lambda r: f"{r.choice('ABCDEFG')}1{digits(r, 7)}", TENS),
    "nric": completed(is_nric, lambda r: f"S{digits(r, 7)}", "ABCDEFGHIZJ"),
    "cpf": completed(is_cpf, lambda r: f"{digits(r, 3)}.{digits(r, 3)}.{digits(r, 3)}-", HUNDREDS),
    "dni": completed(is_dni, lambda r: digits(r, 8), "ABCDEFGHJKLMNPQRSTVWXYZ"),
    **{
        rule.name: completed(
            rule.is_valid, BODIES[rule.name], HUNDREDS if rule.name == "turkish_id" else TENS
        )
        for rule in DIGIT_RULES if rule.name in BODIES
    },
}
KINDS |= {kind: ("other_id_document", make, True) for kind, make in IDENTITIES.items()}
KINDS |= {
    "masked_id": ("resident_id", lambda r: (v := resident(r))[:6] + "*" * 8 + v[14:], False),
    "masked_card": ("bank_card", lambda r: f"6222 **** **** {digits(r, 4)}", False),
    "masked_email": ("email", lambda r: f"{r.choice('abcdef')}***{r.choice('xyz')}@qq.com", False),
}
NUMERIC = {"mobile", "bank_card", "resident_id_15", "imei", "amex"}
GROUPS = {"mobile": (3, 4, 4), "bank_card": (4, 4, 4, 4, 4)}


def grouped(text, sizes, mark):
    out, at = [], 0
    for n in sizes:
        if text[at : at + n]:
            out.append(text[at : at + n])
        at += n
    return mark.join(out)


def remark(r, value):
    """Running text around a value, glued to Chinese and set apart from English."""
    before, after = r.choice(WORDS), r.choice(WORDS)
    return before + (" " if before.isascii() else "") + value + (" " if after.isascii() else "") + after


def shapes(kind, make, r):
    """(name of the shape, remark?, cells)."""

    def cells(change=lambda v: v):
        return [change(make(r)) for _ in range(CELLS)]

    yield "clean", False, cells()
    yield "half empty", False, [v if i % 2 else r.choice(("", None, "N/A")) for i, v in enumerate(cells())]
    yield "one in twenty wrong", False, [v if i % 20 else "待补" for i, v in enumerate(cells())]
    yield "blanks around", False, cells(lambda v: f" {v}\t")
    if kind in NUMERIC:
        yield "integers", False, [int(v) for v in cells()]
    if kind == "mobile":
        yield "floats", False, [float(v) for v in cells()]
        yield "plus 86", False, cells(lambda v: f"+86 {v}")
        yield "exponent", False, [f"{float(v):.10E}" for v in cells()]
    if kind in GROUPS:
        yield "dashes", False, cells(lambda v: grouped(v, GROUPS[kind], "-") if len(v) in (11, 16) else v)
        yield "blanks between", False, cells(lambda v: grouped(v, GROUPS[kind], " "))
    if kind in ("resident_id", "mobile", "bank_card", "landline"):
        yield "full-width", False, cells(lambda v: v.translate({i: i + 0xFEE0 for i in range(48, 58)}))
    if kind in ("resident_id", "vin", "plate"):
        yield "lower case", False, cells(str.lower) if kind == "resident_id" else cells()
    if kind in ("mobile", "email", "resident_id", "bank_card", "ip", "plate"):
        yield "two in a cell", False, [f"{make(r)},{make(r)}" for _ in range(CELLS)]
        yield (
            "in JSON",
            True,
            [json.dumps({"a": r.randrange(9), "v": make(r)}, ensure_ascii=False) for _ in range(CELLS)],
        )
        for share in (5, 50):
            yield (
                f"1 in {share} remarks",
                True,
                [
                    remark(r, make(r)) if i % share == 0 else f"{r.choice(WORDS)}，{r.choice(WORDS)}{i % 7}"
                    for i in range(CELLS)
                ],
            )


def _no(test, make):
    def one(r):
        while test(v := make(r)):
            pass
        return v

    return one


LOOK_ALIKES = {
    "order numbers": lambda r: f"2026{r.randrange(1, 13):02d}{r.randrange(1, 29):02d}{digits(r, 10)}",
    "waybills": lambda r: f"SF{digits(r, 13)}",
    "waybills, digits": lambda r: f"7{digits(r, 14)}",
    "snowflake ids": lambda r: str(1_700_000_000_000_000_000 + r.randrange(10**17)),
    "epoch seconds": lambda r: str(1_600_000_000 + r.randrange(10**8)),
    "epoch milliseconds": lambda r: str(1_600_000_000_000 + r.randrange(10**11)),
    "cards failing Luhn": _no(luhn, lambda r: "622588" + digits(r, 10)),
    "16 random digits": lambda r: str(r.randrange(1, 10)) + digits(r, 15),
    "19 random digits": lambda r: str(r.randrange(1, 10)) + digits(r, 18),
    "18 random digits": lambda r: str(r.randrange(1, 10)) + digits(r, 17),
    "IDs failing the check": lambda r: (v := resident(r))[:-1] + ("1" if v[-1] != "1" else "2"),
    "EAN": lambda r: f"690{digits(r, 10)}",
    "ISBN": lambda r: f"978-7-{digits(r, 3)}-{digits(r, 5)}-{digits(r, 1)}",
    "USCC": uscc,
    "hotlines": lambda r: f"400-{digits(r, 3)}-{digits(r, 4)}",
    "hotlines 800": lambda r: f"800{digits(r, 7)}",
    "95xxx": lambda r: f"95{digits(r, 3)}",
    "companies": lambda r: (
        f"{r.choice(PLACES)[:3]}{r.choice(('华', '中', '金', '鑫'))}{r.choice(GIVEN)}"
        f"{r.choice(('科技', '贸易', '餐饮'))}有限公司"
    ),
    "brands with surnames": lambda r: r.choice(
        ("李宁", "周大福", "王老吉", "张小泉", "陈克明", "林清轩", "马应龙", "谢馥春", "汤臣倍健", "董酒")
    ),
    "products": lambda r: (
        f"{r.choice(('高', '黄', '白', '金', '石'))}{r.choice(('山', '玉', '桃', '花'))}"
        f"{r.choice(('茶叶', '蜂蜜', '杯垫', '台灯'))}{digits(r, 2)}g"
    ),
    "book titles": lambda r: r.choice(
        ("平凡的世界", "围城", "活着", "白鹿原", "红高粱", "骆驼祥子", "边城", "家", "子夜", "呐喊")
    ),
    "cities": lambda r: r.choice(
        ("北京", "上海", "广州", "深圳", "杭州", "成都", "武汉", "南京", "西安", "重庆")
    ),
    "departments": lambda r: r.choice(("财务部", "人事部", "技术部", "市场部", "采购部", "法务部")),
    "job titles": lambda r: r.choice(("经理", "主管", "专员", "总监")),
    "weekdays": lambda r: r.choice(("周一", "周二", "周三", "周四", "周五")),
    "colours": lambda r: r.choice(("白色", "黑色", "金色", "红色", "黄色", "蓝色")),
    "statuses": lambda r: r.choice(("已完成", "待付款", "已取消", "处理中")),
    "yes and no": lambda r: r.choice("是否"),
    "grades": lambda r: r.choice(("高", "中", "低")),
    "amounts": lambda r: f"{r.uniform(1, 9999):.2f}",
    "percentages": lambda r: f"{r.uniform(0, 100):.1f}%",
    "versions": lambda r: f"{r.randrange(9)}.{r.randrange(20)}.{r.randrange(99)}",
    "four-part versions": lambda r: f"{r.randrange(10)}.0.{r.randrange(9999)}.{r.randrange(300)}",
    "four-part versions, long": lambda r: ".".join(
        str(r.randrange(n)) for n in (12, 30, 99, 250)
    ),
    "private addresses": lambda r: f"10.{r.randrange(256)}.{r.randrange(256)}.{r.randrange(256)}",
    "addresses of a home": lambda r: f"192.168.{r.randrange(9)}.{r.randrange(256)}",
    "addresses in manuals": lambda r: f"203.0.113.{r.randrange(256)}",
    "dated batches": lambda r: f"202{r.randrange(6)}0{r.randrange(1, 9)}{r.randrange(10, 28)}{digits(r, 8)}",
    "brands, two words": lambda r: " ".join(map(r.choice, (("Red", "Blue"), ("Apple", "River", "Hill")))),
    "cities, two words": lambda r: " ".join(map(r.choice, (("New", "San"), ("York", "Diego", "Haven")))),
    "titles": lambda r: r.choice(("项目经理", "高级经理", "客户经理", "部门主任", "产品总监", "副院长")),
    "lists of cities": lambda r: "、".join(r.sample(("北京", "上海", "广州", "深圳", "杭州", "成都"), 2)),
    "Russian places": lambda r: " ".join(map(r.choice, (("Новый", "Красный"), ("Дом", "Город", "Мост")))),
    "Korean words": lambda r: r.choice(("쇼핑몰", "서비스", "이메일", "컴퓨터", "자동차", "도서관")),
    "Arabic words": lambda r: f"{r.choice(('كتاب', 'بيت', 'قلم'))} {r.choice(('جديد', 'كبير', 'صغير'))}",
    "DNI failing the check": _no(is_dni, lambda r: digits(r, 8) + r.choice("TRWAGMYFPDXB")),
    "timestamps": lambda r: f"2026-0{r.randrange(1, 9)}-1{r.randrange(9)} 12:{r.randrange(10, 59)}:00",
    "dates": lambda r: f"202{r.randrange(6)}-0{r.randrange(1, 9)}-1{r.randrange(9)}",
    "times": lambda r: f"{r.randrange(24):02d}:{r.randrange(60):02d}:{r.randrange(60):02d}",
    "UUIDs": lambda r: f"{r.getrandbits(128):032x}",
    "MD5": lambda r: f"{r.getrandbits(128):032x}",
    "SHA-1": lambda r: f"{r.getrandbits(160):040x}",
    "hex colours": lambda r: f"#{r.randrange(16**6):06x}",
    "URLs": lambda r: f"https://cdn.corp.cn/p/{digits(r, 8)}.png",
    "file names": lambda r: f"report_{digits(r, 8)}.xlsx",
    "SKU": lambda r: f"SKU-{digits(r, 6)}",
    "model numbers": lambda r: f"{r.choice('GDSP')}{digits(r, 3)}-{digits(r, 4)}",
    "batch numbers": lambda r: f"B{digits(r, 8)}",
    "invoice numbers": lambda r: f"0{digits(r, 7)}",
    "invoice codes": lambda r: f"0{digits(r, 11)}",
    "tax rates": lambda r: r.choice(("13%", "9%", "6%")),
    "postcodes": lambda r: digits(r, 6),
    "area codes": lambda r: r.choice(("110105", "310115", "440305", "330106")),
    "ports": lambda r: str(r.randrange(1024, 65535)),
    "small integers": lambda r: str(r.randrange(100)),
    "11 digits not a mobile": lambda r: f"2{digits(r, 10)}",
    "11 digits, sequence": lambda r: f"100{digits(r, 8)}",
    "measurements": lambda r: f"{r.uniform(0, 50):.6f}",
    "sizes": lambda r: f"{r.randrange(9, 99)}x{r.randrange(9, 99)}cm",
    "English words": lambda r: r.choice(("open", "closed", "draft", "paid")),
    "log lines": lambda r: f"INFO job {digits(r, 6)} done in {digits(r, 3)} ms",
    "Chinese sentences": lambda r: f"{r.choice(WORDS)}，{r.choice(WORDS)}。",
    "licence keys": lambda r: "-".join("".join(r.choices("ABCDEFGHJKLMNP23456789", k=5)) for _ in range(4)),
    "flight numbers": lambda r: f"MU{digits(r, 4)}",
    "stock codes": lambda r: f"60{digits(r, 4)}",
    "bank names": lambda r: r.choice(("招商银行", "中国银行", "工商银行", "建设银行")),
    "schools": lambda r: f"{r.choice(('王', '李', '张'))}{r.choice(('庄', '村'))}小学",
    "rating": lambda r: f"{r.randrange(1, 6)}.0",
}


def columns(seed=7):
    """(group, kind, shape, label, remark, cells) of 1,000 columns."""
    r = random.Random(seed)
    out = [
        ("look-alike", kind, "clean", "", False, [str(start + i * step) for i in range(CELLS)])
        for kind, start, step in (
            ("counter of mobiles", 13_900_000_000, 1), ("counter by seventeen", 13_000_000_000, 17),
            ("counter of cards", 4_000_000_000_000_000, 1), ("counter of ten digits", 1_000_000_000, 1),
        )
    ]
    while len(out) < 600:
        for kind, (label, make, checked) in KINDS.items():
            for shape, remark, cells in shapes(kind, make, r):
                out.append(("checked" if checked else "other", kind, shape, label, remark, cells))
    out = out[:600]
    while len(out) < 970:
        for kind, make in LOOK_ALIKES.items():
            out.append(("look-alike", kind, "clean", "", False, [make(r) for _ in range(CELLS)]))
    out = out[:970]
    for i in range(30):
        kind, (label, make, _) = list(KINDS.items())[i % len(KINDS)]
        out.append(("few", kind, "three values", label, False, [make(r) for _ in range(3)]))
    return out


def run(every):
    """Counts by group, and what was missed or wrongly said."""
    score, wrong = {}, []
    for i, (group, kind, shape, label, remark, cells) in enumerate(every):
        column = ColumnInfo(f"c{i:02d}", "text")
        info = TableInfo(TableRef("t"), (column,))
        found = detect(
            info, [ColumnSample(info.ref.column("s", column.parts), info, column, pa.array(cells))]
        )
        top = next((f for f in found if f.primary), None)
        if group == "look-alike":
            good = not (top and top.kind == "personal_information" and top.tier == "core")
        elif group == "few":
            good = (
                top is None
                or any("too few" in e.note for e in top.evidence)
                or top.label in ("gender", "ethnicity")
            )
        elif remark:
            good = bool(found)
        else:
            good = top is not None and top.label == label
        got, of = score.get(group, (0, 0))
        score[group] = (got + good, of + 1)
        if not good:
            wrong.append(
                (group, kind, shape, str(top.label) if top else "", round(top.confidence, 2) if top else 0)
            )
    return score, wrong


if __name__ == "__main__":
    result, misses = run(columns())
    for g, (got, of) in result.items():
        print(f"{g:<12} {got} of {of} = {got / of:.3f}")
    for key in sorted(set(misses)):
        print("  ", *key, "x", misses.count(key))
