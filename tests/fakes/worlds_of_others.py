"""Kinds of invented worlds: somebody else's key beside a row's own person, cells of several keys."""

import hashlib

from counted_worlds import World, again, is_minor, people, rows_of
from worlds_of_keys import card_number


def child_beside_parent(draw, n):
    """A child's identity number, or birthday, in a share of the rows of its parents."""
    who, share = people(draw, n, years=(1960, 2000)), draw.uniform(0.1, 0.5)
    children = people(draw, n, 3 * n, years=(2014, 2020))
    child = {p.number: c for p, c in zip(who, children, strict=True) if draw.random() < share}
    column, value = draw.choice(
        [
            ("child_id", lambda c: c.id),
            ("宝宝生日", lambda c: c.born.isoformat()),
            ("宝宝身份证号", lambda c: c.id),
            ("child_birthday", lambda c: c.born.isoformat()),
        ]
    )
    columns = {
        "name": lambda p: p.name,
        "mobile": lambda p: p.phone,
        column: lambda p: value(child[p.number]) if p.number in child else None,
    }
    truth = n + len(child)
    return World({"t": rows_of(columns, who, more=1)}, truth, minors=sum(map(is_minor, child.values())))


def key_of_another(draw, n):
    """A person of the row, and a key of another kind of somebody whose word is no role's."""
    who, others = people(draw, n), people(draw, n, 3 * n)
    own = draw.choice([("mobile", "phone"), ("id_no", "id")])
    theirs = (
        ["sales_phone", "dependent_mobile", "insured_phone", "kol_phone", "broker_mobile", "网格员电话"]
        if own[1] == "id"
        else ["共同借款人身份证号", "dependent_id", "insured_id_no", "学生身份证号", "子女身份证号"]
    )
    column, what = draw.choice(theirs), "phone" if own[1] == "id" else "id"
    columns = {
        "name": lambda r: r[0].name,
        own[0]: lambda r: getattr(r[0], own[1]),
        column: lambda r: getattr(r[1], what),
    }
    return World({"t": rows_of(columns, list(zip(who, others, strict=True)))}, 2 * n)


def own_key_with_word(draw, n):
    """The same columns, and both keys are one person's."""
    who = people(draw, n)
    columns = {
        "name": lambda p: p.name,
        "mobile": lambda p: p.phone,
        draw.choice(["insured_id_no", "学生身份证号", "passenger_id_card"]): lambda p: p.id,
    }
    return World({"t": rows_of(columns, again(draw, who, 0.2), more=1)}, n)


def numbers_in_any_order(draw, n):
    """Two numbers of each person, entered now in this order, now in that."""
    who, spare = people(draw, n), people(draw, n, 5 * n)
    pair = {p.number: [p.phone, q.phone] for p, q in zip(who, spare, strict=True)}
    rows = [(p, draw.sample(pair[p.number], 2)) for p in who for _ in range(3)]
    columns = {"name": lambda r: r[0].name, "phone": lambda r: r[1][0], "phone2": lambda r: r[1][1]}
    return World({"t": rows_of(columns, rows)}, n)


def several_in_a_cell(draw, n):
    """Mails to several people: their addresses in one cell, in ever other company."""
    who = people(draw, n)
    glue = draw.choice([";", ", ", " / "])
    rows = [(draw.choice(who), draw.sample(who, draw.randint(1, 4))) for _ in range(n)]
    names, what = draw.choice([(("from", "to"), "email"), (("sender_mobile", "receiver_mobile"), "phone")])
    columns = {
        names[0]: lambda r: getattr(r[0], what),
        names[1]: lambda r: glue.join(getattr(p, what) for p in r[1]),
    }
    truth = len({p.number for a, them in rows for p in (a, *them)})
    return World({"mail": rows_of(columns, rows)}, truth)


def group_in_a_cell(draw, n):
    """The members of a group in one cell, many or few."""
    who, at, rows = people(draw, n), 0, []
    while at < n:
        size = draw.randint(3, 12)
        rows.append(who[at : at + size])
        at += size
    glue = draw.choice([";", " / ", "、"])
    columns = {"群成员手机": lambda r: glue.join(p.phone for p in r), "n": len}
    return World({"chat_group": rows_of(columns, rows)}, n)


def _md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def hashed_in_two_tables(draw, n):
    """Two tables of one system, joined by one hashed key."""
    who = people(draw, n)
    column = {"mobile_md5": lambda p: _md5(p.phone)}
    left, right = who, draw.choices(who, k=n)
    tables = {
        "crm/lead": rows_of(column | {"amount": lambda p: 7}, left),
        "crm/click": rows_of(column | {"page": lambda p: 3}, right),
    }
    return World(tables, n)


def hashed_parties(draw, n):
    """Calls between people whose numbers are hashed."""
    who = people(draw, n)
    rows = [draw.sample(who, 2) for _ in range(3 * n)]
    columns = {
        "caller_mobile_md5": lambda r: _md5(r[0].phone),
        "callee_mobile_md5": lambda r: _md5(r[1].phone),
    }
    return World({"cdr": rows_of(columns, rows)}, len({p.number for row in rows for p in row}))


def transfers(draw, n):
    """Transfers between cards of one population."""
    who = people(draw, n)
    card = {p.number: card_number(draw) for p in who}
    rows = [draw.sample(who, 2) for _ in range(3 * n)]
    one, other = draw.choice([("付款账号", "收款账号"), ("card1", "card2"), ("转出卡号", "转入卡号")])
    columns = {
        one: lambda r: card[r[0].number],
        other: lambda r: card[r[1].number],
        "金额": lambda r: r[0].number % 90,
    }
    return World({"tx": rows_of(columns, rows)}, len({p.number for row in rows for p in row}))


def other_party(draw, n):
    """Calls of one population, by a word that elsewhere means one's own further number."""
    who = people(draw, n)
    rows = [draw.sample(who, 2) for _ in range(3 * n)]
    one, other = draw.choice([("msisdn", "other_party"), ("phone", "other_phone"), ("手机号", "其他手机号")])
    columns = {one: lambda r: r[0].phone, other: lambda r: r[1].phone}
    return World({"cdr": rows_of(columns, rows)}, len({p.number for row in rows for p in row}))


def pairs_that_repeat(draw, n):
    """Two people who always stand together, one of them by a word and a name."""
    who, callers = people(draw, n), people(draw, n, 3 * n)
    rows = again(draw, list(zip(who, callers, strict=True)), 1.0)
    columns = {
        "mobile": lambda r: r[0].phone,
        "caller_name": lambda r: r[1].name,
        "caller_mobile": lambda r: r[1].phone,
    }
    return World({"t": rows_of(columns, rows)}, 2 * n)


def two_parents(draw, n):
    """A pupil's name, and the phones of two parents by words for either."""
    who, mothers = people(draw, n), people(draw, n, 3 * n)
    columns = {"父亲手机": lambda r: r[0].phone, "母亲手机": lambda r: r[1].phone}
    return World({"t": rows_of(columns, list(zip(who, mothers, strict=True)))}, 2 * n)


def child_with_name(draw, n):
    """A parent's identity number and a child's, by a word that is a node's elsewhere."""
    who, children = people(draw, n, years=(1960, 2000)), people(draw, n, 3 * n, years=(2014, 2019))
    columns = {
        "name": lambda r: r[0].name,
        "mobile": lambda r: r[0].phone,
        "id_no": lambda r: r[0].id,
        "child_name": lambda r: r[1].name,
        "child_id": lambda r: r[1].id,
    }
    minors = sum(map(is_minor, children))
    return World({"t": rows_of(columns, list(zip(who, children, strict=True)))}, 2 * n, minors)


def key_beside_many(draw, n):
    """A bare key of one kind and a key with a word of another kind, at random beside each other."""
    who, few = people(draw, n), people(draw, draw.choice([5, 20]), 3 * n)
    one, other = draw.choice(
        [
            (("id_no", "id"), ("foo_mobile", "phone")),
            (("mobile", "phone"), ("p1_id", "id")),
            (("email", "email"), ("学生身份证号", "id")),
            (("mobile", "phone"), ("borrower_id", "id")),
            (("乘客邮箱", "email"), ("丙手机号", "phone")),
        ]
    )
    rows = [(draw.choice(who), draw.choice(few)) for _ in range(2 * n)]
    columns = {one[0]: lambda r: getattr(r[0], one[1]), other[0]: lambda r: getattr(r[1], other[1])}
    return World({"t": rows_of(columns, rows)}, len({p.number for row in rows for p in row}))


def many_addresses(draw, n):
    """A person's name and phone, and another address in each row of it."""
    who = people(draw, max(5, n // 15))
    rows = [(p, i) for p in who for i in range(20)]
    columns = {
        "name": lambda r: r[0].name,
        "mobile": lambda r: r[0].phone,
        "email": lambda r: f"k{r[1]}.{r[0].number}@mail.cn",
    }
    return World({"t": rows_of(columns, rows)}, len(who))
