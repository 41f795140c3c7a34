"""Kinds of invented worlds: two keys of a kind in a cell or a row, long lists in a cell."""

from counted_worlds import World, again, people, rows_of
from worlds_of_keys import card_number

GLUES = ("/", "、", ";", " / ", "，", "或", "\n")


def _key(draw):
    """Return (columns called so, key of a person) of a kind of which a person may have two."""
    cards = {}

    def card(p):
        return cards.setdefault(p.number, card_number(draw))

    return draw.choice(
        [
            (("mobile", "手机号", "contact_phone"), lambda p: p.phone),
            (("email", "邮箱"), lambda p: p.email),
            (("passport_no", "护照号"), lambda p: f"E{20_000_001 + p.number * 37}"),
            (("bank_card_no", "银行卡号"), card),
        ]
    )


def couples_in_a_cell(draw, n):
    """Two people's keys in one cell, in rows that come again or not; at most one of them is named."""
    who, glue, (columns_of_key, key) = people(draw, n), draw.choice(GLUES), _key(draw)
    pairs = list(zip(who[::2], who[1::2], strict=False))
    columns = {draw.choice(columns_of_key): lambda r: glue.join(map(key, r))}
    if draw.random() < 0.5:
        columns = {draw.choice(["name", "姓名"]): lambda r: r[0].name, **columns}
    else:
        columns["room"] = lambda r: r[0].number
    return World({"t": rows_of(columns, again(draw, pairs, draw.choice([0, 1.0])))}, 2 * len(pairs))


def parents_in_a_cell(draw, n):
    """A pupil by number and name, and the phones of both parents in one cell."""
    who, glue = people(draw, n // 3 * 3), draw.choice(GLUES)
    rows = list(zip(who[::3], who[1::3], who[2::3], strict=True))
    columns = {
        "student_name": lambda r: r[0].name,
        "student_no": lambda r: f"2026{r[0].number:05d}",
        "parent_phone": lambda r: f"{r[1].phone}{glue}{r[2].phone}",
    }
    return World({"pupil": rows_of(columns, rows)}, len(who))


def couples_together(draw, n):
    """Two people who always stand in one row, in columns that a number or another word tells apart."""
    who = people(draw, n)
    pairs = list(zip(who[::2], who[1::2], strict=False))
    one, other, what = draw.choice(
        [
            ("mobile", "mobile_2", "phone"),
            ("phone", "tel", "phone"),
            ("电话1", "电话2", "phone"),
            ("email", "email_2", "email"),
            ("phone_a", "phone_b", "phone"),
        ]
    )
    columns = {
        one: lambda r: getattr(r[0], what),
        other: lambda r: getattr(r[1], what),
        "trip_no": lambda r: draw.randrange(10**6),
    }
    return World({"trip": rows_of(columns, [*pairs] * draw.randint(2, 5))}, 2 * len(pairs))


def _lists(draw, n):
    """Return rows of many people each; the last is a small one."""
    size = draw.choice([65, 70, 130])
    who = people(draw, max(3 * size, n) + 3)
    return [who[i : i + size] for i in range(0, len(who), size)]


def identities_in_a_list(draw, n):
    """The identity numbers of very many people in one cell."""
    rows, glue = _lists(draw, n), draw.choice(GLUES)
    columns = {
        draw.choice(["member_id_nos", "身份证号"]): lambda r: glue.join(p.id for p in r),
        "grp": lambda r: r[0].number,
    }
    return World({"team": rows_of(columns, rows)}, sum(map(len, rows)))


def contacts_in_a_list(draw, n):
    """Phones or accounts of very many people in one cell."""
    rows = _lists(draw, n)
    column, key = draw.choice(
        [("member_phones", lambda p: p.phone), ("member_ids", lambda p: str(p.account))]
    )
    columns = {column: lambda r: ",".join(map(key, r)), "grp": lambda r: r[0].number}
    return World({"class": rows_of(columns, rows)}, sum(map(len, rows)))


def _masked(draw, value):
    """Return a function of a person: a number with its middle masked."""
    mask, first = draw.choice(["****", "xxxx", "••••", "*"]), draw.choice(["", "+86 "])
    return lambda p: first + value(p)[:3] + mask + value(p)[7:]


def masked_twice(draw, n):
    """A number, and the same with its middle masked."""
    one, other = draw.choice([("mobile", "mobile_masked"), ("手机号", "手机号脱敏"), ("phone", "phone_mask")])
    columns = {one: lambda p: p.phone, other: _masked(draw, lambda p: p.phone)}
    if draw.random() < 0.5:
        columns = {other: columns[other], one: columns[one]}
    if draw.random() < 0.5:
        columns = {"name": lambda p: p.name, **columns}
    return World({"member": rows_of(columns, again(draw, people(draw, n), 0.3))}, n)


def masked_of_another(draw, n):
    """A number, and a masked one of somebody else in a share of the rows."""
    who, others, share = people(draw, n), people(draw, n, 3 * n), draw.uniform(0.1, 1.0)
    rows = [(p, q if draw.random() < share else p) for p, q in zip(who, others, strict=True)]
    masked = _masked(draw, lambda p: p.phone)
    columns = {"mobile": lambda r: r[0].phone, "mobile_masked": lambda r: masked(r[1])}
    table = rows_of(columns, rows)
    return World({"member": table}, len({p.number for row in rows for p in row}), rates={"share": share})
