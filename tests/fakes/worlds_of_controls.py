"""Kinds of invented worlds in which all is clear, whatever else stands in the rows: nobody may hedge them."""

from counted_worlds import World, again, people, rows_of

# words for which document a number is of, and what they are
DOCUMENT_TYPES = (
    ("证件类型", "身份证", "护照"),
    ("证件种类", "居民身份证", "护照"),
    ("id_type", "ID card", "passport"),
    ("documentType", "1", "2"),
)
# remarks in which nobody stands
REMARKS = ("已联系", "VIP", "下周回访", "good", "see file", "", None)


def document_types(draw, n):
    """A column says of which kind the number of each row is."""
    who, share = people(draw, n), draw.choice([0, 0.3])
    column, card, passport = draw.choice(DOCUMENT_TYPES)
    has_passport = {p.number: draw.random() < share for p in who}
    columns = {
        draw.choice(["姓名", "客户姓名", "name"]): lambda p: p.name,
        column: lambda p: passport if has_passport[p.number] else card,
        "证件号码": lambda p: f"E{20_000_000 + p.number}" if has_passport[p.number] else p.id,
    }
    if draw.random() < 0.5:
        columns["手机号"] = lambda p: p.phone
    return World({"客户": rows_of(columns, again(draw, who, 0.2))}, n)


def remarks_of_nobody(draw, n):
    """Texts in which no number and no address stands."""
    column = draw.choice(["remark", "备注", "teacher_comment", "note"])
    columns = {
        "name": lambda p: p.name,
        "mobile": lambda p: p.phone,
        column: lambda p: draw.choice(REMARKS),
    }
    return World({"member": rows_of(columns, people(draw, n))}, n)


def passengers(draw, n):
    """Whoever travels, stays or is treated is who the document of the row is of."""
    words = ["乘机人", "乘车人", "入住人", "客人姓名", "宾客", "就诊人", "受检人", "参会人", "报名人"]
    column = draw.choice(words)
    columns = {
        column: lambda p: p.name,
        draw.choice(["证件号", "身份证号"]): lambda p: p.id,
        "日期": lambda p: "2026-05-01",
    }
    return World({draw.choice(["机票", "登记"]): rows_of(columns, people(draw, n))}, n)


def guests(draw, n):
    """Whoever comes, stays or owns is who the document or the telephone of the row is of."""
    word = draw.choice(["客人", "房客", "宾客", "来宾", "来访人", "来访者", "车主", "顾客", "住客"])
    columns = {
        word + draw.choice(["", "姓名"]): lambda p: p.name,
        "证件类型": lambda p: draw.choice(["身份证", "居民身份证"]),
        "证件号码": lambda p: p.id,
    }
    if draw.random() < 0.5:
        columns = {word: lambda p: p.name, f"{word}电话": lambda p: p.phone, "日期": lambda p: "2026-05-01"}
    return World({"登记": rows_of(columns, people(draw, n))}, n)


SURNAMES = ("García", "López", "Martínez", "Ortega", "Ruiz", "Moreno", "Gil")


def double_surnames(draw, n):
    """Spanish names of which some have a word for `and` between the two surnames: one person each."""
    who = people(draw, n)
    glue = {p.number: draw.choice([" y ", " "]) for p in who}
    names = {p.number: glue[p.number].join(draw.sample(SURNAMES, 2)) for p in who}
    columns = {
        "nombre": lambda p: f"{p.english.split()[0]} {names[p.number]}",
        "correo": lambda p: p.email,
    }
    return World({"cliente": rows_of(columns, again(draw, who, 0.2))}, n)


def drivers(draw, n):
    """Whoever drives is who the plate of the row is of."""
    name, phone, plate = draw.choice([
        ("driver_name", "driver_phone", "plate_no"), ("driverName", "driverMobile", "licensePlate"),
        ("司机姓名", "司机电话", "车牌号"), ("驾驶员", "驾驶员手机", "车牌号码"),
    ])  # fmt: skip
    columns = {
        name: lambda p: p.name,
        phone: lambda p: p.phone,
        plate: lambda p: f"京A{10_000 + p.number}",
    }
    return World({draw.choice(["dispatch", "派车", "zq_t"]): rows_of(columns, people(draw, n))}, n)
