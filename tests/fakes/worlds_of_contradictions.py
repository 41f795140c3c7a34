"""Kinds of invented worlds: one key under two birthdays, genders or names; several people in one cell."""

import hashlib

from counted_worlds import World, again, people, rows_of

GLUES = ("、", ";", "; ", " / ", " & ", ", ", "\n", "|")
PEOPLE_WORDS = ("家长", "同行人", "成员", "parents", "companions", "members", "guests", "乘客")


def _shared(draw, who, share):
    """Return rows (person, whose key): a share of the people use the key of the one before."""
    rows = []
    for before, p in zip([None, *who], who, strict=False):
        rows.append((p, before if before is not None and draw.random() < share else p))
    return rows


def _two_keys(draw, n, keys, other):
    """A key that a share of the people borrow, beside what tells them apart."""
    share = draw.uniform(0.05, 0.4)
    who = people(draw, n)
    column, value = draw.choice(keys)
    columns = {column: lambda r: value(r[1]), **other}
    if draw.random() < 0.5:
        columns["city"] = lambda r: draw.choice(["上海", "北京"])
    world = World({draw.choice(["t", "record", "visit"]): rows_of(columns, _shared(draw, who, share))}, n)
    world.rates = {"share": share}
    return world


ACCOUNTS = (
    ("user_id", lambda p: p.account),
    ("member_no", lambda p: f"M{p.account:07d}"),
    ("会员号", lambda p: f"HY{p.account}"),
    ("username", lambda p: f"{p.english.split()[0].lower()}_{p.account}"),
    ("employee_no", lambda p: f"E{p.account}"),
    ("patient_id", lambda p: p.account),
)
CONTACTS = (
    ("mobile", lambda p: p.phone),
    ("手机号", lambda p: p.phone),
    ("email", lambda p: p.email),
    ("telefon_mobil", lambda p: p.phone),
    ("mail", lambda p: p.email),
)
BIRTHS = ("birthday", "出生日期", "date_of_birth", "birth_date", "生日", "csrq")


def _birth(draw):
    form = draw.choice(["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日"])
    return {draw.choice(BIRTHS): lambda r: r[0].born.strftime(form)}


def births_under_account(draw, n):
    """Two people of one account, as their birthdays say."""
    return _two_keys(draw, n, ACCOUNTS, _birth(draw))


def births_under_contact(draw, n):
    """Two people of one phone or address, as their birthdays say."""
    return _two_keys(draw, n, CONTACTS, _birth(draw))


def births_under_name(draw, n):
    """Two people of one name on one phone, as their birthdays say."""
    who = people(draw, n)
    columns = {"name": lambda r: r[1].name, "mobile": lambda r: r[1].phone, **_birth(draw)}
    return World({"t": rows_of(columns, _shared(draw, who, draw.uniform(0.05, 0.4)))}, n)


def births_under_id(draw, n):
    """Children under the number of a parent, as their birthdays say."""
    keys = (
        ("id_card", lambda p: p.id),
        ("身份证号", lambda p: p.id),
        ("passport_no", lambda p: f"E{p.number * 7919 % 10**8:08d}"),
    )
    return _two_keys(draw, n, keys, _birth(draw))


def names_under_account(draw, n):
    """Two people of one account, as their names say."""
    who = people(draw, n)
    share = draw.uniform(0.05, 0.3)
    column, value = draw.choice(ACCOUNTS)
    rows = _shared(draw, who, share)
    columns = {column: lambda r: value(r[1]), draw.choice(["name", "姓名", "full_name"]): lambda r: r[0].name}
    same = {(r[0].name, r[1].number) for r in rows}
    return World({"t": rows_of(columns, rows)}, len(same), rates={"share": share})


def genders_under_contact(draw, n):
    """Man and wife on one phone, as their genders say."""
    who = people(draw, n)
    words = draw.choice([("男", "女"), ("male", "female"), ("M", "F"), ("男性", "女性")])
    column, value = draw.choice(CONTACTS)
    rows = [(p, who[i // 2 * 2] if draw.random() < 0.5 else p, i % 2) for i, p in enumerate(who)]
    columns = {column: lambda r: value(r[1]), draw.choice(["gender", "性别", "sex"]): lambda r: words[r[2]]}
    return World({"t": rows_of(columns, rows)}, n)


def names_in_a_cell(draw, n):
    """Two people's names in a share of the cells, one phone beside."""
    who, glue, share = people(draw, n), draw.choice(GLUES), draw.uniform(0.1, 0.9)
    english = draw.random() < 0.4
    rows, at = [], 0
    while at < n - 1:
        size = draw.choice([2, 2, 3]) if draw.random() < share else 1
        rows.append(who[at : at + size])
        at += size
    glue = draw.choice([" and ", " & ", "; "]) if english else glue

    def name(p):
        return f"{p.english.split()[0]} Li{_letters(p.number)}"

    columns = {
        draw.choice(["name", "姓名", "guest_name"]): lambda r: glue.join(
            name(p) if english else p.name for p in r
        ),
        "mobile": lambda r: r[0].phone,
    }
    return World({"booking": rows_of(columns, rows)}, _persons(rows), rates={"share": share})


UNKNOWN_GLUES = (" oraz ", " w. ", "@", "~", " x ", "=", "#", "—", "…", " med ", "‖", "^")


def names_by_unknown_signs(draw, n):
    """Two people's names in every cell, between them what no list of separators holds."""
    who, glue, english = people(draw, n), draw.choice(UNKNOWN_GLUES), draw.random() < 0.4
    glue = glue if english else draw.choice((*UNKNOWN_GLUES, "代", "兼", "同"))

    def name(p):
        return f"{p.english.split()[0]} Li{_letters(p.number)}" if english else p.name

    columns = {
        draw.choice(["full_name", "姓名"]): lambda r: glue.join(map(name, r)),
        "mobile": lambda r: r[0].phone,
    }
    return World({"booking": rows_of(columns, list(zip(who[::2], who[1::2], strict=True)))}, n)


def _letters(number):
    """A number in letters, so that names differ."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def _persons(rows):
    return len({p.number for row in rows for p in row})


def ids_in_a_cell(draw, n):
    """Two identity numbers in a cell."""
    who, glue = people(draw, n), draw.choice(GLUES)
    rows = [who[i : i + 2] if draw.random() < 0.7 else who[i : i + 1] for i in range(0, n, 2)]
    columns = {
        draw.choice(["id_card", "身份证号", "证件号码", "id_no"]): lambda r: glue.join(p.id for p in r),
        "mobile": lambda r: r[0].phone,
    }
    return World({"room": rows_of(columns, rows)}, _persons(rows))


def people_in_a_cell(draw, n):
    """Names and phones of two or three people, in one cell each."""
    who, glue = people(draw, n), draw.choice(GLUES)
    rows, at = [], 0
    while at < n:
        size = draw.choice([1, 2, 2, 3])
        rows.append(who[at : at + size])
        at += size
    what = draw.choice(["phone", "email"])
    columns = {
        draw.choice(["姓名", "name"]): lambda r: glue.join(p.name for p in r),
        draw.choice(["电话", "mobile"]) if what == "phone" else "email": lambda r: glue.join(
            getattr(p, what) for p in r
        ),
    }
    return World({"t": rows_of(columns, rows)}, _persons(rows))


def group_word_in_a_cell(draw, n):
    """Two phones in a cell of which a word says that they are several people's."""
    who, glue, word = people(draw, n), draw.choice(GLUES), draw.choice(PEOPLE_WORDS)
    rows = [who[i : i + 2] for i in range(0, n - 1, 2)]
    column = f"{word}_phone" if word.isascii() else f"{word}电话"
    columns = {column: lambda r: glue.join(p.phone for p in r), "n": lambda r: 2}
    return World({"t": rows_of(columns, rows)}, _persons(rows))


def accounts_in_a_cell(draw, n):
    """The accounts of a group in one cell, as a list."""
    who = people(draw, n)
    form = draw.choice(["{}", "[{}]"])
    rows = [draw.sample(who, draw.randint(1, 5)) for _ in range(n)]
    columns = {
        draw.choice(["member_ids", "user_ids", "attendee_user_ids"]): lambda r: form.format(
            ",".join(str(p.account) for p in r)
        ),
        "topic": lambda r: "x",
    }
    return World({"meeting": rows_of(columns, rows)}, _persons(rows))


def contacts_in_remarks(draw, n):
    """A remark that names somebody else, with a phone."""
    who, others, share = people(draw, n), people(draw, n, 3 * n), draw.uniform(0.3, 1.0)
    phrase = draw.choice(["联系{n} {p}", "{n}{p}", "please call {n} {p}", "{n}，{p}，{m}", "家属：{n} {p}"])
    rows = [(p, q if draw.random() < share else None) for p, q in zip(who, others, strict=True)]
    columns = {
        "name": lambda r: r[0].name,
        "mobile": lambda r: r[0].phone,
        draw.choice(["remark", "备注", "memo", "comment"]): lambda r: (
            "" if r[1] is None else phrase.format(n=r[1].name, p=r[1].phone, m=r[1].email)
        ),
    }
    return World({"t": rows_of(columns, rows)}, n + sum(q is not None for _, q in rows))


def usual_many_mails(draw, n):
    """People who use many addresses each, no names."""
    who = people(draw, max(5, n // 20))
    rows = [(p, i) for p in who for i in range(20)]
    columns = {"mobile": lambda r: r[0].phone, "email": lambda r: f"k{r[1]}.{r[0].number}@mail.cn"}
    return World({"t": rows_of(columns, rows)}, len(who))


def agents_of_all(draw, n):
    """Every row has the phone of one of few agents, and the client in columns with a word."""
    who, own = people(draw, n), people(draw, max(3, n // 30), 10 * n)
    words = draw.choice(
        [
            ("client_name", "client_id_no", "mobile"),
            ("客户姓名", "客户身份证号", "手机"),
            ("客户名称", "客户证件号", "电话"),
            ("customer_name", "customer_id_card", "phone"),
        ]
    )
    rows = [(p, draw.choice(own)) for p in again(draw, who, 0.2)]
    columns = {
        words[0]: lambda r: r[0].name,
        words[1]: lambda r: r[0].id,
        words[2]: lambda r: r[1].phone,
    }
    if draw.random() < 0.5:
        del columns[words[0]]
    return World({"deal": rows_of(columns, rows)}, n)


def agents_by_name(draw, n):
    """The same, and clients have a name and no key; some of them stand with a phone of their own, too."""
    who, own = people(draw, n), people(draw, 4, 10 * n)
    rows = [(p, draw.choice(own)) for p in who] + [(p, p) for p in who if draw.random() < 0.5]
    columns = {
        draw.choice(["name", "client_name", "客户姓名"]): lambda r: r[0].name,
        draw.choice(["mobile", "手机"]): lambda r: r[1].phone,
    }
    names = len({p.name for p in who})
    return World({"deal": rows_of(columns, rows)}, names)


def amounts(draw, n):
    """A phone in a share of the rows, and a number of any size in all: nobody's."""
    who, share = people(draw, n), draw.uniform(0.3, 1.0)
    scale = draw.choice([10**3, 10**5, 10**7, 10**9, 10**11])
    columns = {
        draw.choice(["mobile", "手机号"]): lambda p: p.phone if p.number % 1000 < 1000 * share else None,
        draw.choice(["amount", "amt", "金额", "total", "积分", "cents"]): lambda p: draw.randrange(scale),
    }
    table = rows_of(columns, who)
    (phones, _) = table.values()
    return World({draw.choice(["t", "orders", "payment"]): table}, sum(p is not None for p in phones))


def created_by_one(draw, n):
    """A constant operator beside each person."""
    who = people(draw, n)
    column = draw.choice(["created_by", "create_by", "updated_by", "创建人", "operator", "creator", "录入人"])
    value = draw.choice(["admin", "system", "张伟", "zhangwei", 1, 7, "import", "root", "job"])
    columns = {"name": lambda p: p.name, "mobile": lambda p: p.phone, column: lambda p: value}
    return World({"member": rows_of(columns, who, more=1)}, n + (value in ("张伟", "zhangwei")))


def hashed_of_parties(draw, n):
    """Calls between hashed numbers, by words for the parties alone."""
    who = people(draw, n)
    rows = [draw.sample(who, 2) for _ in range(3 * n)]
    way = draw.choice([hashlib.md5, hashlib.sha256, hashlib.sha1])
    one, other = draw.choice(
        [
            ("caller_md5", "callee_md5"),
            ("caller_hash", "callee_hash"),
            ("sender_sha256", "receiver_sha256"),
            ("主叫_md5", "被叫_md5"),
            ("a_number_hash", "b_number_hash"),
            ("src_md5", "dst_md5"),
        ]
    )
    columns = {
        one: lambda r: way(r[0].phone.encode()).hexdigest(),
        other: lambda r: way(r[1].phone.encode()).hexdigest(),
        "seconds": lambda r: draw.randrange(600),
    }
    return World({"cdr": rows_of(columns, rows)}, _persons(rows))


def hashed_of_somebody(draw, n):
    """A hashed key by a word for a person alone."""
    who = people(draw, n)
    column = draw.choice(
        ["user_md5", "member_hash", "customer_sha256", "uid_md5", "user_hash", "会员哈希", "openid_md5"]
    )
    columns = {column: lambda p: hashlib.md5(p.phone.encode()).hexdigest(), "clicks": lambda p: p.number % 7}
    return World({"visit": rows_of(columns, again(draw, who, 0.4))}, n)


def accounts_of_traders(draw, n):
    """Trades between accounts of one system, in columns with a word for either."""
    who = people(draw, n)
    rows = [draw.sample(who, 2) for _ in range(2 * n)]
    one, other, dense = draw.choice(
        [
            ("seller_account", "buyer_account", False),
            ("seller_username", "buyer_username", False),
            ("买家账号", "卖家账号", False),
            ("seller_id", "buyer_id", True),
            ("seller_account", "buyer_account", True),
            ("买家账号", "卖家账号", True),
        ]
    )

    def account(p):
        return p.number + 1 if dense else f"{p.english.split()[0].lower()}{p.account}"

    columns = {one: lambda r: account(r[0]), other: lambda r: account(r[1]), "qty": lambda r: 3}
    return World({"trade": rows_of(columns, rows)}, _persons(rows))


def accounts_of_two_kinds(draw, n):
    """Trades between accounts of two systems, both numbered from 1 on."""
    rows = [(draw.randrange(n), draw.randrange(n)) for _ in range(3 * n)]
    one, other = draw.choice(
        [("seller_account", "buyer_account"), ("买家账号", "卖家账号"), ("seller_id", "buyer_id")]
    )
    columns = {one: lambda r: r[0] + 1, other: lambda r: r[1] + 1, "qty": lambda r: 3}
    world = World({"trade": rows_of(columns, rows)}, len({a for a, _ in rows}) + len({b for _, b in rows}))
    world.tables["trade"].subjects = 2 * len(rows)
    return world


JOINS = (
    ("member", "id", "member_id"),
    ("user", "user_id", "buyer_id"),
    ("account", "uuid", "user_uuid"),
    ("customer", "id", "customer_id"),
    ("users", "id", "owner_user_id"),
    ("会员", "会员编号", "买家会员编号"),
)


def joined_tables(draw, n):
    """People of one table, and the orders of some of them that name them by the same values."""
    who = people(draw, n)
    table, own, other = draw.choice(JOINS)
    dense = draw.random() < 0.4

    def key(p):
        if "uuid" in own:
            text = hashlib.md5(str(p.number).encode()).hexdigest()
            return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
        return p.number + 1 if dense else p.account

    buyers = again(draw, draw.sample(who, n // 2), 1.0)
    tables = {
        table: rows_of({own: key, "name": lambda p: p.name, "mobile": lambda p: p.phone}, who),
        "orders": rows_of({other: key, "amount": lambda p: 3}, buyers),
    }
    return World(tables, n)


def heavy_key(draw, n):
    """A number that a share of the people typed, and nothing beside it; all others stand once."""
    who, typed = people(draw, n), people(draw, 1, 9 * n)[0]
    share = draw.choice([1.0, draw.uniform(0.25, 0.6)])
    column, value = draw.choice((*CONTACTS, ("user_id", lambda p: p.account), ("id_card", lambda p: p.id)))
    columns = {
        column: lambda p: value(typed) if p.number < n * share else value(p),
        "city": lambda p: "上海",
    }
    return World({"lead": rows_of(columns, who)}, n, rates={"share": share})


def typed_in_both(draw, n):
    """A few typed the same mobile and the same address; nothing else says who they are."""
    who, typed = people(draw, n), people(draw, 1, 9 * n)[0]
    few = draw.randint(6, 11)
    columns = {
        "mobile": lambda p: (typed if p.number < few else p).phone,
        "email": lambda p: (typed if p.number < few else p).email,
    }
    return World({"lead": rows_of(columns, who)}, n, rates={"few": few / n})


def pool_of_desks(draw, n):
    """All or half of the people left the phone of one of many desks; at most an address stands beside."""
    n = 3 * n
    who, desks = people(draw, n), people(draw, draw.choice([12, 20]), 9 * n)
    share = draw.choice([0.5, 1.0])
    columns = {"mobile": lambda p: (draw.choice(desks) if draw.random() < share else p).phone}
    if draw.random() < 0.5:
        columns["address"] = lambda p: f"北京市朝阳区建国路{p.number + 1}号{p.number % 7 + 1}单元"
    return World({"lead": rows_of(columns, who)}, n, rates={"share": share})


def couples_by_word(draw, n):
    """One name for two or more people, by a word."""
    who = people(draw, n)
    word, number = draw.choice([("夫妇", 2), ("夫妻", 2), ("等3人", 3), ("等", 2)])
    columns = {draw.choice(["姓名", "guest_name"]): lambda p: p.name + word, "mobile": lambda p: p.phone}
    return World({"t": rows_of(columns, who, more=number - 1)}, number * n)


def names_by_number(draw, n):
    """Two names that a number tells apart, and one phone."""
    who, others = people(draw, n), people(draw, n, 3 * n)
    one, other = draw.choice([("name1", "name2"), ("姓名1", "姓名2"), ("guest_name", "guest_name2")])
    columns = {one: lambda r: r[0].name, other: lambda r: r[1].name, "mobile": lambda r: r[0].phone}
    return World({"t": rows_of(columns, list(zip(who, others, strict=True)))}, 2 * n)



def empty_columns(draw, n):
    """Columns in which nobody stands."""
    empty = draw.choice(
        [
            ("remark",),
            ("备注",),
            ("emergency_contact", "emergency_phone"),
            ("mobile2",),
            ("监护人电话", "配偶姓名"),
            ("create_by",),
        ]
    )
    columns = {"name": lambda p: p.name, "mobile": lambda p: p.phone}
    columns |= dict.fromkeys(empty, lambda p: "")
    return World({"member": rows_of(columns, people(draw, n))}, n)
