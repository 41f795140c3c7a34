"""Kinds of invented worlds: what keys look like, who shares them, and who has none."""

import hashlib
import random

from counted_worlds import LANGUAGES, World, again, is_minor, people, rows_of


def one_subject(draw, n):
    """A clean table: one subject a row."""
    who, words = people(draw, n), LANGUAGES[draw.choice(["en", "long", "zh", "camel"])]
    columns = {
        words["name"]: lambda p: p.name,
        words["mobile"]: lambda p: p.phone,
        words["id"]: lambda p: p.id,
        "city": lambda p: draw.choice(["上海", "北京", "广州"]),
    }
    return World({"member": rows_of(columns, again(draw, who, 0.1))}, len(who))


def clean_phones(draw, n):
    """A clean table of one kind of key, no names."""
    who, words = people(draw, n), LANGUAGES[draw.choice(["en", "zh"])]
    what = draw.choice(["mobile", "email", "id"])
    columns = {
        words[what]: lambda p: getattr(p, "phone" if what == "mobile" else what),
        "amount": lambda p: draw.randrange(10**5) / 100,
    }
    return World({"orders": rows_of(columns, again(draw, who, draw.choice([0, 0.3, 0.9])))}, len(who))


def shared_mailbox(draw, n):
    """A mailbox stands in a share of the rows; the mobiles behind it differ."""
    who = people(draw, n)
    share = draw.uniform(0.1, 0.6)
    columns = {
        "mobile": lambda p: p.phone,
        "email": lambda p: "front-desk@hotel-invented.cn" if p.number % 1000 < 1000 * share else p.email,
    }
    return World({"guest": rows_of(columns, who)}, len(who), rates={"share": share})


def mailbox_alone(draw, n):
    """A mailbox stands in a share of the rows, and half of these hold no other key."""
    world = shared_mailbox(draw, n)
    columns = world.tables["guest"]
    shared = [mail.startswith("front") for mail in columns["email"]]
    columns["mobile"] = [
        None if s and i % 2 else m for i, (s, m) in enumerate(zip(shared, columns["mobile"], strict=True))
    ]
    return world


def shared_phone(draw, n):
    """A front desk's phone stands in a share of the rows; identity numbers or addresses behind it differ."""
    who = people(draw, n)
    share, desk = draw.uniform(0.05, 0.6), people(draw, 1, 30 * n)[0].phone
    other, what = draw.choice([("id_card", "id"), ("email", "email")])
    columns = {
        "mobile": lambda p: desk if p.number % 1000 < 1000 * share else p.phone,
        other: lambda p: getattr(p, what),
    }
    return World({"guest": rows_of(columns, who)}, len(who), rates={"share": share})


def desk_in_two_tables(draw, n):
    """A front desk's phone beside identity numbers, and in another table without anything."""
    left, right = people(draw, n // 2), people(draw, n // 2, 3 * n)
    desk = people(draw, 1, 30 * n)[0].phone

    def phone(p):
        return desk if p.number % 2 else p.phone

    tables = {
        "guest": rows_of({"id_card": lambda p: p.id, "mobile": phone}, left),
        "call": rows_of({"mobile": phone, "seconds": lambda p: 7}, right),
    }
    return World(tables, len(left) + len(right))


def shared_id(draw, n):
    """A valid identity number stands in a share of the rows; names and mobiles differ."""
    who = people(draw, n)
    share, typed = draw.uniform(0.03, 0.2), people(draw, 1, 10 * n)[0].id
    columns = {
        "name": lambda p: p.name,
        "mobile": lambda p: p.phone,
        "id_card": lambda p: typed if p.number % 1000 < 1000 * share else p.id,
    }
    return World({"guest": rows_of(columns, who)}, len(who), rates={"share": share})


def shared_id_without_names(draw, n):
    """The same, and mobiles alone differ."""
    world = shared_id(draw, n)
    del world.tables["guest"]["name"]
    return world


def agents(draw, n):
    """Agents type their own phone for many customers."""
    who, own, share = people(draw, n), people(draw, 5, 10 * n), draw.uniform(0.1, 0.5)
    columns = {
        "name": lambda p: p.name,
        "id_card": lambda p: p.id,
        "mobile": lambda p: draw.choice(own).phone if draw.random() < share else p.phone,
    }
    return World({"policy": rows_of(columns, who)}, len(who), rates={"share": share})


def agents_without_ids(draw, n):
    """The same, and names alone tell the customers apart."""
    world = agents(draw, n)
    del world.tables["policy"]["id_card"]
    return world


def placeholders(draw, n):
    """What people type when they have none: in a share of the cells."""
    who = people(draw, n)
    words = ["13800138000", "11111111111", "无", "N/A", "00000000000", "13999999999", "", None]
    columns = {
        "name": lambda p: p.name,
        "id_card": lambda p: p.id,
        "mobile": lambda p: draw.choice(words) if draw.random() < 0.3 else p.phone,
    }
    return World({"customer": rows_of(columns, who)}, len(who))


def borrowed_ids(draw, n):
    """A few children stand under the number of a parent."""
    who = people(draw, n)
    parent = {p.number: who[i // 3 * 3] if draw.random() < 0.3 else p for i, p in enumerate(who)}
    columns = {"name": lambda p: p.name, "id_card": lambda p: parent[p.number].id}
    return World({"patient": rows_of(columns, who)}, len(who))


def family_phones(draw, n):
    """Two members of a family on one phone, told apart by names."""
    who, english = people(draw, n), draw.random() < 0.3
    phones = {
        p.number: (q.phone if draw.random() < 0.2 else p.phone)
        for p, q in zip(who, [who[-1], *who], strict=False)
    }
    columns = {
        "name": lambda p: f"{p.english} {p.number}x" if english else p.name,
        "mobile": lambda p: phones[p.number],
    }
    return World({"patient": rows_of(columns, who)}, _named_pairs(who, phones, english))


def _named_pairs(who, phones, english):
    """Persons that the rows tell apart: pairs of a name and a phone."""
    return len({(p.number if english else p.name, phones[p.number]) for p in who})


def split_names(draw, n):
    """Family name and given name in two columns; couples of one family name on one phone."""
    who = people(draw, n)
    pairs = [(p, q) for p, q in zip(who[::2], who[1::2], strict=False)]
    order = draw.choice(
        [
            ("family_name", "given_name"),
            ("last_name", "first_name"),
            ("first_name", "last_name"),
            ("姓", "名"),
        ]
    )
    rows = [(half, pair[0], "ab"[i]) for pair in pairs for i, half in enumerate(pair)]
    family = (lambda r: r[1].name[0]) if order[0] == "姓" else (lambda r: r[1].english.split()[1])
    given = (
        (lambda r: r[0].name[1:] + r[2]) if order[0] == "姓" else (lambda r: r[0].english.split()[0] + r[2])
    )
    order = dict(zip(order, (family, given) if order[0] != "first_name" else (given, family), strict=True))
    columns = {**order, "mobile": lambda r: r[1].phone}
    return World({"client": rows_of(columns, rows)}, len(rows))


def spelled_names(draw, n):
    """One phone under the spellings of a name: case, blanks, order, title."""
    who, english = people(draw, n), draw.random() < 0.5

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

    return World(
        {"customer": rows_of({"full_name": spelled, "mobile": lambda p: p.phone}, [*who, *who])}, len(who)
    )


def two_scripts(draw, n):
    """One phone under a Chinese and a Latin name, of one person."""
    who = people(draw, n)
    columns = {"name": lambda r: r[0].english if r[1] else r[0].name, "mobile": lambda r: r[0].phone}
    rows = [(p, i) for p in who for i in ((0, 1) if draw.random() < 0.3 else (0,))]
    return World({"customer": rows_of(columns, rows)}, len(who))


def two_scripts_of_two(draw, n):
    """As `two_scripts`, but they are husband and wife."""
    world = two_scripts(draw, n)
    world.truth = len(world.tables["customer"]["name"])
    return world


def masked_names(draw, n):
    """One phone under a full name and a masked one, of one person."""
    who = people(draw, n)
    rows = [(p, i) for p in who for i in ((0, 1) if draw.random() < 0.3 else (0,))]
    mask = draw.choice(["*", "**", "某某"])
    columns = {"name": lambda r: r[0].name[0] + mask if r[1] else r[0].name, "mobile": lambda r: r[0].phone}
    return World({"customer": rows_of(columns, rows)}, len(who))


def masked_family(draw, n):
    """Masked names with other family names on one phone: two people."""
    who = people(draw, n)
    rows = [(p, q) for p, q in zip(who[::2], who[1::2], strict=False) if p.name[0] != q.name[0]]
    columns = {"name": lambda r: r[0].name[0] + "**", "mobile": lambda r: r[1].phone}
    return World(
        {"customer": rows_of(columns, [pair for p, q in rows for pair in ((p, p), (q, p))])}, 2 * len(rows)
    )


def typos_in_names(draw, n):
    """One phone under a name and its misspelling."""
    who = people(draw, n)

    def typed(r):
        return r[0].name[:2] + "炜" if r[1] else r[0].name

    rows = [(p, i) for p in who for i in ((0, 1) if draw.random() < 0.2 else (0,))]
    return World({"customer": rows_of({"name": typed, "mobile": lambda r: r[0].phone}, rows)}, len(who))


def spelled_keys(draw, n):
    """Phones and addresses spelled in many ways: prefix, blanks, display name, full width."""
    who = people(draw, n)
    wide = str.maketrans("0123456789", "０１２３４５６７８９")

    def phone(p):
        return draw.choice(
            [
                p.phone,
                p.phone,
                f"+86 {p.phone}",
                f"{p.phone[:3]}-{p.phone[3:7]}-{p.phone[7:]}",
                f"0086{p.phone}",
                f"{p.phone}（妻子接）",
                p.phone.translate(wide),
                f" {p.phone} ",
                f"{p.phone} 转 12",
            ]
        )

    def mail(p):
        return draw.choice([p.email, p.email.upper(), f"{p.english} <{p.email}>", f"mailto:{p.email}"])

    columns = draw.choice([{"mobile": phone}, {"email": mail}])
    return World({"lead": rows_of(columns, [*who, *who])}, len(who))


def spelled_ids(draw, n):
    """Identity numbers with blanks, small x, fifteen digits, full width."""
    who = people(draw, n, years=(1945, 1999))
    wide = str.maketrans("0123456789", "０１２３４５６７８９")

    def number(p):
        forms = [p.id, p.id.lower(), f"{p.id[:6]} {p.id[6:14]} {p.id[14:]}", p.id.translate(wide)]
        return draw.choice([*forms, p.id[:6] + p.id[8:17]])

    return World({"insured": rows_of({"id_card": number}, [*who, *who])}, len(who))


def two_in_a_cell(draw, n):
    """Half of the people have a second number in the same cell."""
    who = people(draw, n)
    other = {p.number: q.phone for p, q in zip(who, people(draw, n, 5 * n), strict=False)}
    glue = draw.choice(["/", "，", ";", "、", " "])
    again_ = [p for p in who if p.number % 2]
    first = rows_of(
        {"mobile": lambda p: f"{p.phone}{glue}{other[p.number]}" if p.number % 2 else p.phone}, who
    )
    first["mobile"] += [other[p.number] for p in again_]
    first.subjects = len(first["mobile"]) + len(again_)      # a cell may speak of two
    return World({"lead": first}, len(who))


def phones_and_mails(draw, n):
    """A column that holds a phone or an address."""
    who = people(draw, n)
    share = draw.uniform(0.1, 0.9)
    column = draw.choice(["contact", "联系方式", "account", "phone"])
    columns = {column: lambda p: p.phone if p.number % 1000 < 1000 * share else p.email, "n": lambda p: 1}
    return World({"lead": rows_of(columns, again(draw, who, 0.3))}, len(who), rates={"share": share})


def lost_zeros(draw, n):
    """Numbers of employees, in one of two tables without their zeros."""
    who = people(draw, n)
    number = {p.number: i for i, p in enumerate(again(draw, who, 0), 1)}
    padded = rows_of({"employee_no": lambda p: f"{number[p.number]:06d}", "name": lambda p: p.name}, who)
    bare = rows_of(
        {"employee_no": lambda p: number[p.number], "name": lambda p: p.name}, draw.sample(who, n // 2)
    )
    return World({"employee": padded, "payroll": bare}, len(who))


def rounded_ids(draw, n):
    """Identity numbers that a spreadsheet rounded to fifteen digits: several people under one number."""
    who = people(draw, n, years=(2010, 2011))
    text = {p.number: p.id[:15] + "000" for p in who}
    columns = {"id_card": lambda p: text[p.number], "mobile": lambda p: p.phone}
    if draw.random() < 0.5:
        columns["name"] = lambda p: p.name
    return World({"pupil": rows_of(columns, who)}, len(who))


def numbers_as_numbers(draw, n):
    """Phones and accounts as whole numbers and as floating ones."""
    who = people(draw, n)
    make = draw.choice([lambda p: int(p.phone), lambda p: float(p.phone)])
    columns = {"mobile": make, "amount": lambda p: 1.5}
    return World({"lead": rows_of(columns, again(draw, who, 0.3))}, len(who))


def numbers_of_frames(draw, n):
    """Accounts as a frame with gaps writes them in one table, 10017.0, and as they are in the other."""
    who = people(draw, n)
    key = draw.choice(["user_id", "member_no", "会员号"])
    one = {key: lambda p: f"{p.account}.0", "level": lambda p: p.number % 9}
    another = {key: lambda p: str(p.account), "spent": lambda p: p.number % 900}
    return World({"level": rows_of(one, who), "spending": rows_of(another, again(draw, who, 0.3))}, n)


def contacts_of_accounts(draw, n):
    """Few accounts, or words, beside several people's mobiles or addresses each; nobody is named."""
    who, per = people(draw, n), draw.choice([3, 8, 20, 60])
    account = draw.choice(["account", "user_id", "username", "会员号"])
    contact, value = draw.choice(
        [("mobile", lambda p: p.phone), ("email", lambda p: p.email), ("手机号", lambda p: p.phone)]
    )
    form = draw.choice(["op{:02d}", "{}", "U{:04d}"])
    columns = {account: lambda p: form.format(p.number // per + 101), contact: value}
    return World({"lead": rows_of(columns, who)}, n)


def one_key_for_all(draw, n):
    """Every row has the same phone; names differ."""
    who, phone = people(draw, n), people(draw, 1, 9 * n)[0].phone
    columns = {"name": lambda p: p.name, "mobile": lambda p: phone}
    return World({"visitor": rows_of(columns, who)}, len({p.name for p in who}))


def nothing_filled(draw, n):
    """Keys in a tenth of the rows, names in all."""
    who = people(draw, n)
    columns = {"name": lambda p: p.name, "mobile": lambda p: p.phone if p.number % 10 == 0 else None}
    return World({"visitor": rows_of(columns, who)}, len(who))


def hashed_keys(draw, n):
    """Keys hashed by one system."""
    who = people(draw, n)
    way = draw.choice([hashlib.md5, hashlib.sha256, hashlib.sha1])
    column, what = draw.choice([("mobile_hash", "phone"), ("phone_md5", "phone"), ("id_card_sha256", "id")])
    columns = {column: lambda p: way(getattr(p, what).encode()).hexdigest(), "city": lambda p: "上海"}
    return World({"crm": rows_of(columns, again(draw, who, 0.25))}, len(who))


def hashed_in_two(draw, n):
    """The same people hashed by two systems in one way, as nobody says."""
    who = people(draw, n)

    def table(some):
        return rows_of({"mobile_md5": lambda p: hashlib.md5(p.phone.encode()).hexdigest()}, some)

    left, right = draw.sample(who, int(0.7 * n)), draw.sample(who, int(0.6 * n))
    truth = len({p.number for p in (*left, *right)})
    return World({"crm/lead": table(left), "shop/buyer": table(right)}, truth)


def hashed_and_plain(draw, n):
    """A hashed number beside an address: one person's."""
    who = people(draw, n)
    columns = {"mobile_md5": lambda p: hashlib.md5(p.phone.encode()).hexdigest(), "email": lambda p: p.email}
    return World({"crm": rows_of(columns, again(draw, who, 0.25))}, len(who))


def nothing_shared(draw, n):
    """People who registered twice and left nothing in common."""
    who, more = people(draw, n), people(draw, n // 5, 20 * n)
    return World({"member": rows_of({"mobile": lambda p: p.phone}, [*who, *more])}, len(who))


def no_birth_dates(draw, n):
    """How many are under fourteen cannot be known."""
    who = people(draw, n)
    columns = {"name": lambda p: p.name, "mobile": lambda p: p.phone}
    return World({"pupil": rows_of(columns, who)}, len(who), minors=n // 3)


def pupils(draw, n):
    """Births by date or by identity number: who is under fourteen is known."""
    who = people(draw, n, years=(2005, 2022))
    birth, value = draw.choice(
        [
            ("birthday", lambda p: p.born.isoformat()),
            ("id_card", lambda p: p.id),
            ("出生日期", lambda p: f"{p.born:%Y/%m/%d}"),
        ]
    )
    columns = {"name": lambda p: p.name, "mobile": lambda p: p.phone, birth: value}
    minors = sum(map(is_minor, who))
    return World({"pupil": rows_of(columns, again(draw, who, 0.2))}, len(who), minors, minors)


def pupils_by_parents(draw, n):
    """Children on the phones of their parents, two to a phone, told apart by names."""
    who = people(draw, n, years=(2005, 2022))
    parents = people(draw, n // 2 + 1, 9 * n)
    phone = {p.number: parents[i // 2].phone for i, p in enumerate(who)}
    columns = {
        "student_name": lambda p: p.name,
        "birthday": lambda p: p.born.isoformat(),
        "parent_phone": lambda p: phone[p.number],
    }
    minors = sum(map(is_minor, who))
    return World({"student": rows_of(columns, who, more=1)}, n + n // 2 + n % 2, minors)


def cards(draw, n):
    """A card of a bank in a share of the rows, another share of the rows of the same person without."""
    who, share = people(draw, n), draw.uniform(0.1, 0.5)
    card = {p.number: card_number(draw) if draw.random() < share else None for p in who}
    columns = {
        "name": lambda p: p.name,
        "mobile": lambda p: p.phone,
        "bank_card": lambda p: card[p.number] if draw.random() < 0.7 else None,
    }
    table = rows_of(columns, again(draw, [*who, *who], 0))
    with_card = {m for m, c in zip(table["mobile"], table["bank_card"], strict=True) if c}
    return World({"payment": table}, len(who), sensitive=len(with_card), rates={"share": share})


def card_number(draw: random.Random) -> str:
    """A number that passes the check of Luhn."""
    body = "622202" + "".join(str(draw.randrange(10)) for _ in range(12))
    doubled = [int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(body[::-1])]
    return body + str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)
