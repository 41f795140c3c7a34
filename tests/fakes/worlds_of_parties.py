"""Kinds of invented worlds: several people in a row, or columns that only look so."""

from counted_worlds import LANGUAGES, World, again, people, rows_of

PAIRS = (
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
    ("买家", "卖家"),
    ("男方", "女方"),
    ("新郎", "新娘"),
    ("原告", "被告"),
    ("foo", "bar"),
    ("absender", "empfaenger"),
    ("remitente", "destinatario"),
)
WORDS = {
    True: {
        "name": ("name", "full_name"),
        "phone": ("mobile", "phone", "phone_no"),
        "id": ("id_card", "id_no"),
        "email": ("email", "mail"),
    },
    False: {
        "name": ("姓名", "名字"),
        "phone": ("手机号", "电话"),
        "id": ("身份证号", "证件号码"),
        "email": ("邮箱", "电子邮箱"),
    },
}


def columns_of(draw, parties, attributes):
    """Return columns of parties; a row is a tuple of persons in their order."""
    words = {a: draw.choice(range(2)) for a in attributes}
    columns = {}
    for place, party in enumerate(parties):
        for a in attributes:
            choices = WORDS[party.isascii()][a]
            glue = "_" if party.isascii() else ""
            name = f"{party}{glue}{choices[min(words[a], len(choices) - 1)]}"
            columns[name] = lambda row, place=place, a=a: getattr(row[place], a)
    return columns


def used(rows):
    """How many persons stand in rows of persons."""
    return len({p.number for row in rows for p in row})


def one_population(draw, n):
    """Two parties of one population, by one kind of key."""
    who = people(draw, n)
    rows = [draw.sample(who, 2) for _ in range(2 * n)]
    columns = columns_of(draw, draw.choice(PAIRS), [draw.choice(["phone", "email"])])
    return World({"message_log": rows_of(columns, rows)}, used(rows))


def two_populations(draw, n):
    """Two parties of two populations, with names and identity numbers."""
    left, right = people(draw, n // 2), people(draw, n // 2, n)
    rows = [(a, draw.choice(right)) for a in left]
    return World(
        {"contract": rows_of(columns_of(draw, draw.choice(PAIRS), ["name", "id"]), rows)}, used(rows)
    )


def named_parties(draw, n):
    """Two parties of two populations, with names and phones, the second ones again and again."""
    left, right = people(draw, n), people(draw, n // 4, 2 * n)
    rows = [(a, draw.choice(right)) for a in again(draw, left, 0.4)]
    columns = columns_of(draw, draw.choice(PAIRS), ["name", "phone"])
    return World({"deal": rows_of(columns, rows)}, used(rows))


def three_parties(draw, n):
    """Sender, receiver and courier in a row."""
    left, right, couriers = people(draw, n // 2), people(draw, n // 2, n), people(draw, 20, 2 * n)
    rows = [(a, draw.choice(right), draw.choice(couriers)) for a in left]
    parties = draw.choice(
        [("sender", "receiver", "courier"), ("寄件人", "收件人", "快递员"), ("p1", "p2", "p3")]
    )
    return World({"waybill": rows_of(columns_of(draw, parties, ["name", "phone"]), rows)}, used(rows))


def three_without_names(draw, n):
    """Three columns of phones of one population, by words that mean nothing."""
    who = people(draw, n)
    rows = [draw.sample(who, 3) for _ in range(n)]
    parties = draw.choice([("aa", "bb", "cc"), ("left", "middle", "right"), ("host", "guest", "witness")])
    return World({"meeting": rows_of(columns_of(draw, parties, ["phone"]), rows)}, used(rows))


def swapped_roles(draw, n):
    """Columns whose meaning swaps row by row: buyer and seller stand in either."""
    who = people(draw, n)
    rows = [tuple(draw.sample(who, 2)) for _ in range(n)]
    rows = [row if draw.random() < 0.5 else row[::-1] for row in rows]
    attributes = draw.choice([["name", "phone"], ["phone"], ["name", "id"]])
    return World({"trade": rows_of(columns_of(draw, draw.choice(PAIRS), attributes), rows)}, used(rows))


def accounts_of_parties(draw, n):
    """Messages between accounts of one system, by what the accounts are called."""
    pairs = [
        ("from_user_id", "to_user_id"),
        ("follower_user_id", "followee_user_id"),
        ("payer_member_id", "payee_member_id"),
    ]
    return _messages(draw, n, draw.choice(pairs))


def accounts_by_role(draw, n):
    """The same, and nothing says that both columns name accounts of one system."""
    return _messages(draw, n, draw.choice([("sender_id", "receiver_id"), ("buyer_id", "seller_id")]))


def _messages(draw, n, columns):
    who = people(draw, n)
    rows = [draw.sample(who, 2) for _ in range(3 * n)]
    values = (lambda r: r[0].account, lambda r: r[1].account, lambda r: 7)
    return World(
        {"chat_message": rows_of(dict(zip((*columns, "text_length"), values, strict=True)), rows)}, used(rows)
    )


def emergency_contacts(draw, n):
    """Somebody else to call beside each person, two of three times the same for a family."""
    who, others = people(draw, n), people(draw, n // 2, 3 * n)
    rows = [(p, draw.choice(others)) for p in who]
    words = draw.choice(
        [
            ("name", "mobile", "emergency_contact_name", "emergency_contact_phone"),
            ("姓名", "手机号", "紧急联系人姓名", "紧急联系人电话"),
            ("full_name", "phone_number", "spouse_name", "spouse_phone"),
            ("name", "mobile", "guardian_name", "guardian_mobile"),
        ]
    )
    columns = dict(
        zip(
            words,
            (lambda r: r[0].name, lambda r: r[0].phone, lambda r: r[1].name, lambda r: r[1].phone),
            strict=True,
        )
    )
    return World({"member": rows_of(columns, rows)}, used(rows))


def own_second_number(draw, n):
    """A second number of the same person, by its name."""
    who, spare = people(draw, n), people(draw, n, 5 * n)
    other = dict(zip((p.number for p in who), spare, strict=True))
    first, second = draw.choice(
        [
            ("mobile", "backup_mobile"),
            ("手机号", "备用手机号"),
            ("phone", "office_phone"),
            ("mobile", "second_mobile"),
            ("email", "work_email"),
            ("邮箱", "备用邮箱"),
        ]
    )
    what = "email" if "mail" in first or "邮" in first else "phone"
    columns = {
        "name": lambda p: p.name,
        first: lambda p: getattr(p, what),
        second: lambda p: getattr(other[p.number], what),
    }
    return World({"member": rows_of(columns, again(draw, who, 0.2))}, len(who))


def numbered_numbers(draw, n):
    """Two numbers of each person, always together, in rows that come again."""
    who, spare = people(draw, n), people(draw, n, 5 * n)
    other = dict(zip((p.number for p in who), spare, strict=True))
    first, second = draw.choice(
        [("mobile1", "mobile2"), ("phone_a", "phone_b"), ("电话1", "电话2"), ("tel", "cell")]
    )
    columns = {first: lambda p: p.phone, second: lambda p: other[p.number].phone}
    return World({"caller": rows_of(columns, again(draw, [*who, *who], 0.3))}, len(who))


def couples(draw, n):
    """Two phones in a row, no value twice: one person's or two people's."""
    who = people(draw, n)
    rows = list(zip(who[::2], who[1::2], strict=False))
    return World(
        {"booking": rows_of(columns_of(draw, draw.choice(PAIRS[8:10]), ["phone"]), rows)}, used(rows)
    )


def one_with_two_phones(draw, n):
    """As `couples`, but both are one person's."""
    world = couples(draw, n)
    world.truth //= 2
    return world


def inviters(draw, n):
    """Members and who invited them, of the same table."""
    who = people(draw, n)
    columns = {
        "user_id": lambda p: p.account,
        "mobile": lambda p: p.phone,
        "inviter_user_id": lambda p: draw.choice(who).account,
    }
    return World({"member": rows_of(columns, who)}, len(who))


def managers(draw, n):
    """Employees and their managers, of the same table."""
    who = people(draw, n)
    heads = draw.sample(who, 10)
    chosen = {p.number: draw.choice(heads) for p in who}
    columns = {
        "emp_no": lambda p: f"E{p.account}",
        "name": lambda p: p.name,
        "manager_emp_no": lambda p: f"E{chosen[p.number].account}",
        "manager_name": lambda p: chosen[p.number].name,
    }
    return World({"employee": rows_of(columns, who)}, len(who))


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
        {
            "收货人": lambda p: p.name,
            "手机号码": lambda p: p.phone,
            "收货地址": lambda p: f"人民路{p.number}号3栋",
        },
        {"contact": lambda p: p.name, "mobile": lambda p: p.phone, "qty": lambda p: p.number},
        {"guest_name": lambda p: p.name, "id_card": lambda p: p.id, "mobile": lambda p: p.phone},
        {"applicant": lambda p: p.name, "phone": lambda p: p.phone, "email": lambda p: p.email},
    )
    return World({"delivery": rows_of(draw.choice(variants), again(draw, who, 0.2))}, len(who))


def name_of_another(draw, n):
    """A role with a name and no key, a subject with keys and no name: two people, as it happens."""
    who, others = people(draw, n), people(draw, n, 3 * n)
    words = draw.choice(
        [
            ("receiver_name", "buyer_mobile"),
            ("consignee", "user_mobile"),
            ("收货人", "用户手机号"),
            ("doctor_name", "patient_mobile"),
        ]
    )
    columns = {words[0]: lambda r: r[0].name, words[1]: lambda r: r[1].phone}
    rows = list(zip(who, others, strict=True))
    return World({"orders": rows_of(columns, rows)}, used(rows))


def no_role_word(draw, n):
    """A word that names no role: a driver's licence, a family name."""
    who = people(draw, n)
    extra = {
        "driver_license_no": lambda p: p.id,
        "contact_time": lambda p: "2026-01-01 10:00:00",
        "child_seat": lambda p: p.number % 2,
        "parent_dept": lambda p: "销售部",
        "家庭地址": lambda p: f"学院路{p.number}号2栋301室",
        "户主": lambda p: p.name,
        "contact_way": lambda p: p.phone,
        "card_holder": lambda p: p.name,
    }
    word = draw.choice(list(extra))
    columns = {"name": lambda p: p.name, "mobile": lambda p: p.phone, word: extra[word]}
    return World({"renter": rows_of(columns, who)}, len(who))


def different_ids(draw, n):
    """Two valid identity numbers in a row, whatever the words say."""
    left, right = people(draw, n // 2), people(draw, n // 2, n)
    rows = list(zip(left, right, strict=True))
    words = draw.choice([("id_card", "id_card_2"), ("身份证号", "身份证号2"), ("id_number", "old_id_number")])
    columns = {words[0]: lambda r: r[0].id, words[1]: lambda r: r[1].id}
    return World({"couple": rows_of(columns, rows)}, used(rows))


def fifty_a_row(draw, n):
    """Fifty people in a row."""
    who = people(draw, n)
    rows = [draw.sample(who, 50) for _ in range(max(20, n // 10))]
    columns = {
        f"guest{i + 1}_{word}": lambda r, i=i, what=what: getattr(r[i], what)
        for i in range(50)
        for word, what in (("name", "name"), ("mobile", "phone"))
    }
    return World({"tour": rows_of(columns, rows)}, used(rows))


def languages(draw, n):
    """One person a row, columns called in one of several languages."""
    who = people(draw, n)
    words = LANGUAGES[draw.choice(list(LANGUAGES))]
    values = {
        "name": lambda p: p.name,
        "mobile": lambda p: p.phone,
        "email": lambda p: p.email,
        "id": lambda p: p.id,
        "birth": lambda p: p.born.isoformat(),
    }
    chosen = draw.sample(list(values), 3)
    if not set(chosen) & {"mobile", "email", "id"}:
        chosen[0] = "mobile"
    return World({"t": rows_of({words[c]: values[c] for c in chosen}, again(draw, who, 0.2))}, len(who))


def numbered_trades(draw, n):
    """Buyers and few sellers, both named, beside a number of the trade and an amount."""
    who, sellers = people(draw, n), people(draw, max(3, n // 4), 3 * n)
    rows = [(p, draw.choice(sellers)) for p in who]
    columns = {
        draw.choice(["deal_no", "contract_no"]): lambda r: f"D{r[0].number:06d}",
        "buyer_name": lambda r: r[0].name,
        "buyer_mobile": lambda r: r[0].phone,
        "seller_name": lambda r: r[1].name,
        "seller_mobile": lambda r: r[1].phone,
        "amount": lambda r: draw.randrange(10**11),
    }
    return World({"deal": rows_of(columns, rows)}, used(rows))
