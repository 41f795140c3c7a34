"""Kinds of invented worlds: numbers that are somebody's within a tenant, a branch, a state alone."""

from counted_worlds import World, again, people, rows_of

# (a tenant, a number of its own) as columns call them
SYSTEMS = (
    ("tenant_id", "user_id"),
    ("branch_code", "cust_no"),
    ("src_sys", "user_id"),
    ("school_code", "student_no"),
    ("orgNo", "memberNo"),
    ("租户编号", "用户编号"),
    ("来源系统", "客户编号"),
    ("分行代码", "客户号"),
    ("hospital_id", "patient_id"),
    ("大区", "会员号"),
)
FORMS = ("{}", "{:06d}", "C{:05d}", "2020{:04d}")


def _numbers(draw, n):
    """Return (rows of a tenant and a number, words for either); the tenants' numbers begin alike."""
    tenants = draw.randint(2, 6)
    sizes = [draw.randint(n // tenants // 2, n // tenants) for _ in range(tenants)]
    form = draw.choice(FORMS)
    rows = [(t, form.format(i + 1), (t, i)) for t, size in enumerate(sizes) for i in range(size)]
    return rows, draw.choice(SYSTEMS)


def _tenant(draw):
    names = draw.choice(["T{}", "{}", "B00{}", "sys{}", ""])
    return (lambda row: names.format(row[0] + 1)) if names else (lambda row: row[0] or None)


def numbers_of_tenants(draw, n):
    """Every tenant numbers its people from the same number on; nothing else stands beside."""
    rows, (scope, key) = _numbers(draw, n)
    seen = rows if draw.random() < 0.5 else again(draw, [*rows, *rows], 0.5)
    columns = {scope: _tenant(draw), key: lambda r: r[1], "balance": lambda r: draw.randrange(10**4) / 10}
    return World({"record": rows_of(columns, seen)}, len(rows))


def numbers_of_named(draw, n):
    """The same, and a name or a mobile beside each says that they are different people."""
    rows, (scope, key) = _numbers(draw, n)
    who = dict(zip((r[2] for r in rows), people(draw, len(rows)), strict=True))
    columns = {scope: _tenant(draw), key: lambda r: r[1], "mobile": lambda r: who[r[2]].phone}
    if draw.random() < 0.5:
        del columns["mobile"]
        columns["name"] = lambda r: f"{who[r[2]].name[0]}{who[r[2]].name[1]}"
        columns["id_no"] = lambda r: who[r[2]].id
    return World({"record": rows_of(columns, again(draw, rows, draw.choice([0, 1.0])))}, len(rows))


def _members_and_orders(draw, n, has_tenant):
    """Members of several tenants, as names or mobiles say; orders of some, nothing beside their numbers."""
    rows, (scope, key) = _numbers(draw, n)
    who = dict(zip((r[2] for r in rows), people(draw, len(rows)), strict=True))
    own = {scope: _tenant(draw), key: lambda r: r[1]}
    beside = draw.choice(
        [{"mobile": lambda r: who[r[2]].phone}, {"name": lambda r: who[r[2]].name, "level": lambda r: 1}]
    )
    tenants = sorted({r[0] for r in rows})
    some = draw.sample(tenants, draw.choice([1, 1, len(tenants)]))
    ordered = draw.choices([r for r in rows if r[0] in some], k=n)
    orders = {**own, "amount": lambda r: draw.randrange(99)}
    if not has_tenant:
        del orders[scope]
    tables = {"member": rows_of({**own, **beside}, rows), "orders": rows_of(orders, ordered)}
    return World(tables, len(rows))


def orders_of_tenants(draw, n):
    """A table of one tenant or of several beside that of all members."""
    return _members_and_orders(draw, n, True)


def orders_without_tenant(draw, n):
    """A table that does not say of which tenant its numbers are: nobody of them may be somebody new."""
    return _members_and_orders(draw, n, False)


def files_of_tenants(draw, n):
    """A file of each tenant, all of whose numbers begin alike: no column says which tenant it is."""
    places = draw.sample(["shanghai", "beijing", "shenzhen", "munich", "lyon"], draw.randint(2, 4))
    sizes = {place: draw.randint(n // 8, n // 4) for place in places}
    columns = {"user_id": lambda i: i + 1, "last_login": lambda i: f"2026-05-{i % 28 + 1:02d}"}
    tables = {f"users_{place}": rows_of(columns, [*range(size)]) for place, size in sizes.items()}
    return World(tables, sum(sizes.values()))


def phones_of_areas(draw, n):
    """Local numbers that are equal in several cities, the code of the city in a column of its own."""
    codes = draw.sample(["010", "021", "022", "0755", "0571"], draw.randint(2, 4))
    rows = [(code, i) for code in codes for i in range(n // len(codes))]
    scope, phone = draw.choice([("区号", "电话"), ("area_code", "phone"), ("area", "tel")])
    columns = {
        scope: lambda r: r[0],
        phone: lambda r: f"6{2_000_003 + r[1] * 7_919 % 7_000_000:07d}",
        draw.choice(["地址", "address"]): lambda r: f"中山路{r[1] * 37 % 900 + 1}号",
    }
    return World({"customer": rows_of(columns, rows)}, len(rows))


def passports_of_states(draw, n):
    """Passports of two states with equal numbers."""
    states = draw.sample(["FR", "DE", "US", "JP", "法国", "德国"], 2)
    rows = [(state, i) for state in states for i in range(n // 2)]
    passport, state = draw.choice(
        [("passport_no", "nationality"), ("护照号", "国籍"), ("passport_number", "issuing_country")]
    )
    columns = {
        passport: lambda r: f"E{20_000_001 + r[1] * 37}",
        state: lambda r: r[0],
        "arrival": lambda r: "2026-05-01",
    }
    return World({"guest": rows_of(columns, rows)}, len(rows))


def customers_of_branches(draw, n):
    """People of one system who order in several branches, as their names or mobiles say."""
    who = people(draw, n // 3)
    rows = [(draw.choice(who), draw.randrange(5)) for _ in range(n)]
    scope = draw.choice(
        ["branch", "org_id", "school_code", "tenant_id", "机构编号", "source_system", "shop_id"]
    )
    columns = {
        "order_id": lambda r: draw.randrange(10**6),
        "user_id": lambda r: r[0].account,
        scope: lambda r: f"B{r[1]}",
        "mobile": lambda r: r[0].phone,
    }
    if draw.random() < 0.5:
        columns["name"] = lambda r: r[0].name
    return World({"orders": rows_of(columns, rows)}, len({p.number for p, _ in rows}))


def accounts_beside_things(draw, n):
    """Accounts of one system beside a column that numbers nobody, or beside the one tenant of each."""
    who = people(draw, n)
    word, value = draw.choice(
        [
            ("city", lambda r: ["上海", "北京"][r[1] % 2]),
            ("month", lambda r: f"2026-{r[1] % 12 + 1:02d}"),
            ("product_code", lambda r: f"P{r[1] % 7}"),
            ("role_id", lambda r: r[1] % 4 + 1),
            ("status", lambda r: ["paid", "new"][r[1] % 2]),
            ("shop_id", lambda r: r[1] % 9),
            ("platform", lambda r: ["ios", "android"][r[1] % 2]),
            ("tenant_id", lambda r: r[0].number % 4),
            ("分行代码", lambda r: f"B{r[0].number % 4}"),
            ("nationality", lambda r: ["CN", "FR"][r[0].number % 2]),
        ]
    )
    rows = [(p, draw.randrange(99)) for p in who for _ in range(draw.randint(1, 3))]
    columns = {"user_id": lambda r: r[0].account, word: value, "amount": lambda r: draw.randrange(10**4) / 10}
    return World({"usage": rows_of(columns, rows)}, len(who))


def long_accounts_of_tenants(draw, n):
    """Accounts so long that no two systems give the same, in several tenants without a name."""
    who = people(draw, n // 2)
    rows = [(p, draw.randrange(4)) for p in who for _ in range(2)]
    columns = {
        "tenant_id": lambda r: r[1],
        "user_id": lambda r: f"{r[0].number * 7_919_231_771 + 10**18}",
        "amount": lambda r: 3.5,
    }
    return World({"usage": rows_of(columns, rows)}, len(who))
