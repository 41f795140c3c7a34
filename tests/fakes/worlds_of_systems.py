"""Kinds of invented worlds: several tables, systems and flows of partly the same people."""

from counted_worlds import World, again, people, rows_of


def accounts_of_two_tables(draw, n):
    """Two tables of one source with ids from 1 on, other people."""
    left, right = people(draw, n // 2), people(draw, n // 2, n)
    named = draw.choice([("member", "driver"), ("shop_user", "site_user"), ("student", "teacher")])
    column = draw.choice(["id", "user_id"])
    tables = {}
    for table, who in zip(named, (left, right), strict=True):
        numbers = {p.number: i for i, p in enumerate(who, 1)}
        tables[table] = rows_of(
            {column: lambda p, numbers=numbers: numbers[p.number], "name": lambda p: p.name}, who
        )
    return World(tables, len(left) + len(right))


def accounts_with_phones(draw, n):
    """Two tables of one source with ids from 1 on, other people, as their phones show."""
    return World(_numbered_tables(draw, n, mobile=lambda p: p.phone), 2 * (n // 2))


def accounts_alone(draw, n):
    """The same, and nothing beside the ids."""
    return World(_numbered_tables(draw, n, amount=lambda p: p.number % 7), 2 * (n // 2))


def accounts_of_one_alone(draw, n):
    """Two tables of one system with ids from 1 on, the same people, and nothing beside the ids."""
    tables = _numbered_tables(draw, n, amount=lambda p: p.number % 7)
    return World(tables, n // 2)


def accounts_from_anywhere(draw, n):
    """Two tables of one source with ids of a run from anywhere on, other people, a few ids far off."""
    half, first = n // 2, draw.choice([1_000, 4_711, 100_000, 26_080_001, 9_000_000_000])
    column = draw.choice(["user_id", "uid", "member_no", "userId", "会员编号", "yhid", "ユーザーID"])
    stems = draw.sample(["visit", "sign_in", "zq_b", "登记", "hd2", "anmeldung", "受付"], 2)
    tables = {}
    for stem, shift in zip(stems, (0, draw.choice([0, 0, half // 3])), strict=True):
        numbers = [first + shift + i for i in range(half)]
        if draw.random() < 0.3:
            numbers[-1] = first * 9 + shift
        draw.shuffle(numbers)
        rows = people(draw, half, len(tables) * n)
        ids = dict(zip((p.number for p in rows), numbers, strict=True))
        tables[stem] = rows_of(
            {column: lambda p, ids=ids: ids[p.number], "amount": lambda p: p.number % 7}, rows
        )
    return World(tables, 2 * half)


def _numbered_tables(draw, n, **columns):
    tables = {}
    for place, table in enumerate(("member", "orders")):
        who = people(draw, n // 2, place * n)
        numbers = {p.number: i for i, p in enumerate(who, 1)}
        ids = {"user_id": lambda p, numbers=numbers: numbers[p.number]}
        tables[table] = rows_of({**ids, **columns, f"{table}_note": lambda p: "x"}, who)
    return tables


def accounts_of_one(draw, n):
    """Orders name the members of another table by their numbers; names bear it out."""
    who = people(draw, n)
    members = rows_of(
        {"user_id": lambda p: p.account, "name": lambda p: p.name, "mobile": lambda p: p.phone}, who
    )
    buyers = draw.sample(who, n // 2)
    orders = rows_of({"user_id": lambda p: p.account, "name": lambda p: p.name}, again(draw, buyers, 0.5))
    return World({"user": members, "orders": orders}, len(who))


def linked_accounts(draw, n):
    """The same, declared under `links`, without names."""
    who = people(draw, n)
    members = rows_of({"id": lambda p: p.account, "mobile": lambda p: p.phone}, who)
    orders = rows_of(
        {"member_id": lambda p: p.account, "sum": lambda p: 3}, again(draw, draw.sample(who, n // 2), 0.5)
    )
    return World(
        {"member": members, "orders": orders},
        len(who),
        statements='links: [{from: "s/orders/member_id", to: "s/member/id"}]\n',
    )


def keyless_in_two_flows(draw, n):
    """The same rows without keys leave in two flows."""
    return World({"survey": _survey(draw, n)}, n, flows=(("survey",), ("survey",)))


def overlapping_conditions(draw, n):
    """Rows without keys in two flows whose conditions overlap."""
    table = _survey(draw, n)
    table["wave"] = [draw.randrange(4) for _ in range(n)]
    where = ("{s/survey: {wave: {le: 2}}}", "{s/survey: {wave: {ge: 1}}}")
    return World({"survey": table}, n, flows=(("survey",), ("survey",)), where=where)


def _survey(draw, n):
    who = people(draw, n)
    return rows_of(
        {
            "gender": lambda p: draw.choice(["男", "女"]),
            "birthday": lambda p: p.born.isoformat(),
            "home_address": lambda p: f"上海市浦东新区世纪大道{p.number}号",
        },
        who,
    )


def same_table_in_two_flows(draw, n):
    """The same rows with keys leave in two flows."""
    who = people(draw, n)
    table = rows_of(
        {"name": lambda p: p.name, "mobile": lambda p: p.phone, "birthday": lambda p: p.born.isoformat()},
        again(draw, who, 0.2),
    )
    return World({"member": table}, len(who), flows=(("member",), ("member",)))


def copied_table(draw, n):
    """A table and its copy."""
    who = people(draw, n)
    table = rows_of({"name": lambda p: p.name, "mobile": lambda p: p.phone}, who)
    copied = {name: list(values) for name, values in table.items()}
    return World({"member": table, "member_2025": copied}, len(who))


def two_systems_with_names(draw, n):
    """Two systems share mobiles and names."""
    who = people(draw, n)
    left, right = draw.sample(who, int(0.7 * n)), draw.sample(who, int(0.6 * n))
    tables = {
        "crm/customer": rows_of({"name": lambda p: p.name, "mobile": lambda p: p.phone}, left),
        "shop/buyer": rows_of(
            {"姓名": lambda p: p.name, "手机号": lambda p: p.phone, "邮箱": lambda p: p.email}, right
        ),
    }
    return World(tables, len({p.number for p in (*left, *right)}))


def two_systems_by_phone(draw, n):
    """Two systems share mobiles alone."""
    who = people(draw, n)
    left, right = draw.sample(who, int(0.7 * n)), draw.sample(who, int(0.6 * n))
    tables = {
        "crm/customer": rows_of({"mobile": lambda p: p.phone, "sum": lambda p: 1}, left),
        "shop/buyer": rows_of({"phone_number": lambda p: p.phone, "email": lambda p: p.email}, right),
    }
    return World(tables, len({p.number for p in (*left, *right)}))


def half_filled_systems(draw, n):
    """Two systems share mobiles that a share of the rows lacks."""
    who, fill = people(draw, n), draw.uniform(0.5, 0.95)
    left, right = draw.sample(who, int(0.7 * n)), draw.sample(who, int(0.6 * n))

    def phone(p):
        return p.phone if draw.random() < fill else None

    tables = {
        "crm/customer": rows_of({"email": lambda p: p.email, "mobile": phone}, left),
        "desk/caller": rows_of({"id_card": lambda p: p.id, "mobile": phone}, right),
    }
    return World(tables, len({p.number for p in (*left, *right)}), rates={"fill": fill})


def separate_systems(draw, n):
    """Systems with other keys of partly the same people."""
    who = people(draw, n)
    left, right = draw.sample(who, int(0.8 * n)), draw.sample(who, int(0.6 * n))
    tables = {
        "shop/orders": rows_of({"mobile": lambda p: p.phone, "amount": lambda p: p.number}, left),
        "post/letter": rows_of({"email": lambda p: p.email, "n": lambda p: 1}, right),
    }
    return World(tables, len({p.number for p in (*left, *right)}))


def separate_people(draw, n):
    """Systems with other keys of other people."""
    left, right = people(draw, n // 2), people(draw, n // 2, 3 * n)
    tables = {
        "shop/orders": rows_of({"mobile": lambda p: p.phone, "amount": lambda p: p.number}, left),
        "post/letter": rows_of({"email": lambda p: p.email, "n": lambda p: 1}, right),
    }
    return World(tables, len(left) + len(right))


def keyless_beside_keyed(draw, n):
    """A table with keys, and one of the same people with names and birthdays alone."""
    who = people(draw, n)
    some = draw.sample(who, n // 2)
    tables = {
        "member": rows_of(
            {"name": lambda p: p.name, "birthday": lambda p: p.born.isoformat(), "mobile": lambda p: p.phone},
            who,
        ),
        "survey": rows_of({"name": lambda p: p.name, "birthday": lambda p: p.born.isoformat()}, some),
    }
    return World(tables, len(who))


def orders_of_members(draw, n):
    """Members, numbered from 1 on, in one flow; the orders of some of them in another."""
    who = people(draw, n)
    numbers = {p.number: i for i, p in enumerate(who, 1)}
    number = {"member_id": lambda p: numbers[p.number]}
    columns = {**number, "name": lambda p: p.name, "mobile": lambda p: p.phone}
    orders = {**number, "amount": lambda p: draw.randrange(900)}
    buyers = draw.choices(who[: n // 2], k=2 * n)
    tables = {"member": rows_of(columns, who), "orders": rows_of(orders, buyers)}
    return World(tables, len(who), flows=(("member",), ("orders",)))
