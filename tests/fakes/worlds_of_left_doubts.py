"""Kinds of invented worlds that words alone leave open: possible keys of a second party, two names in one
cell, kinds of documents, numbers given anew in each region, superiors by number or by title.
"""

from counted_worlds import Rows, World, again, people, rows_of

# two parties of a row, of which a number of one may be a company's
POSSIBLE = (
    ("buyer_id", "seller_id"),
    ("payer_id", "payee_id"),
    ("买家ID", "卖家ID"),
    ("买家账号", "卖家账号"),
    ("consignor_id", "consignee_id"),
    ("borrower_id", "lender_id"),
)


def possible_second_party(draw, n):
    """Accounts of two parties, one of which is merely possible: each account in one row."""
    who = people(draw, n)
    one, other = draw.choice(POSSIBLE)
    columns = {
        one: lambda r: r[0].account,
        other: lambda r: r[1].account,
        "amount": lambda r: draw.randrange(9_999) / 10,
    }
    rows = list(zip(who[::2], who[1::2], strict=False))
    return World({"trade": rows_of(columns, rows)}, 2 * len(rows))


def possible_values_in_a_cell(draw, n):
    """Accounts of two parties, of which one is merely possible; its cells hold several."""
    who = people(draw, n)
    one, other = draw.choice(POSSIBLE[:4])
    sign, more = draw.choice([",", ";", "、", " / "]), draw.randint(2, 3)
    rows = [who[i:i + 1 + more] for i in range(0, n - more, 1 + more)]
    columns = {
        one: lambda r: r[0].account,
        other: lambda r: sign.join(str(p.account) for p in r[1:]),
        "amount": lambda r: draw.randrange(9_999) / 10,
    }
    return World({"trade": rows_of(columns, rows)}, (1 + more) * len(rows))


def possible_in_two_flows(draw, n):
    """Accounts of two parties in two tables and two flows, one of which is merely possible in both."""
    who = people(draw, n)
    one, other = draw.choice(POSSIBLE)
    columns = {one: lambda r: r[0].account, other: lambda r: r[1].account, "qty": lambda r: draw.randrange(9)}
    rows = list(zip(who[::2], who[1::2], strict=False))
    half = len(rows) // 2
    tables = {"trade": rows_of(columns, rows[:half]), "sale": rows_of(columns, rows[half:])}
    return World(tables, 2 * len(rows), flows=(("trade",), ("sale",)))


# numbers of two parties, of which the second is by a word for people or things
UNDECIDED = (
    ("landlord_id", "tenant_id"), ("doctor_id", "client_code"), ("seller_id", "agent_id"),
    ("driver_id", "partner_no"), ("guest_id", "host_id"), ("member_id", "agent_no"), ("房东ID", "租户编号"),
    ("nurse_id", "principal_id"), ("coach_id", "partner_id"), ("teacher_id", "holder_id"),
    ("房东ID", "代理ID"),
)  # fmt: skip


def undecided_parties(draw, n):
    """Numbers of two people a row, of which the words of one are said of firms and machines, too."""
    who = people(draw, n)
    one, other = draw.choice(UNDECIDED)
    rows = list(zip(who[::2], who[1::2], strict=False))
    rows = again(draw, rows, draw.choice([0, 0.5]))
    columns = {one: lambda r: r[0].account, other: lambda r: r[1].account, "rent": lambda r: 9}
    return World({"deal": rows_of(columns, rows)}, 2 * (len(who) // 2))


def people_of_systems(draw, n):
    """One person a row, and the tenant, host or partner of a system that many share; beside whom nothing."""
    who = people(draw, n)
    scopes = draw.randint(2, max(n // 12, 2))
    columns = {
        draw.choice(["doctor_id", "driver_id", "patient_id", "user_id", "会员编号"]): lambda p: p.account,
        draw.choice(["tenant_id", "partner_id", "host_id", "租户编号"]): lambda p: p.number % scopes + 1,
        "status": lambda p: draw.randrange(3),
    }
    return World({"usage": rows_of(columns, who)}, n)


# words between the names of two people; which stand between letters in any case
BETWEEN = (
    "and", "und", "et", "y", "e", "oraz", "och", "og", "med", "with", "mit", "avec", "con",
    "com", "dan", "ve", "i", "és",
)  # fmt: skip
STRANGE = ("xyz", "qq", "c/o", "alongside", "zusammen mit")            # which no list of words has
FAMILIES = ["wang", "zhang", "chen", "liu", "huang", "zhou", "wu", "xu", "sun", "zhu", "gao"]
SYLLABLES = ["wei", "na", "min", "jie", "yang", "lei", "tao", "fang", "jing", "bo", "hao", "lin", "ping",
             "qiang", "xin"]  # fmt: skip
CASES = (str, str.upper, str.lower, str.title)


def two_names_in_one_case(draw, n):
    """Two names in one cell with a word between, all letters of one case; the mobile of the first."""
    who = people(draw, n)
    word, case = draw.choice(BETWEEN), draw.choice(CASES)
    family = {p.number: "Li" + "".join(chr(ord("a") + int(c)) for c in str(p.number)) for p in who}
    names = {p.number: f"{p.english.split()[0]} {family[p.number]}" for p in who}
    rows = list(zip(who[::2], who[1::2], strict=False))
    columns = {
        draw.choice(["name", "guest_name"]): lambda r: case(
            f"{names[r[0].number]} {word} {names[r[1].number]}"
        ),
        "mobile": lambda r: r[0].phone,
    }
    return World({"booking": rows_of(columns, rows)}, 2 * len(rows))


def _in_syllables(number):
    """A Chinese name in letters, another one for each number."""
    number, family = divmod(number, len(FAMILIES))
    first, second = divmod(number, len(SYLLABLES))
    return f"{FAMILIES[family]} {SYLLABLES[first % len(SYLLABLES)]}{SYLLABLES[second]}"


def two_names_around_an_unknown_word(draw, n):
    """Two usual names in letters of one case, with a word between that no list has, or with nothing."""
    who, case = people(draw, n), draw.choice(CASES[1:])
    rows = list(zip(who[::2], who[1::2], strict=False))
    between = f" {draw.choice(STRANGE)} " if draw.random() < 0.7 else " "
    columns = {
        draw.choice(["name", "guest_name"]): lambda r: case(between.join(_in_syllables(p.number) for p in r)),
        "mobile": lambda r: r[0].phone,
    }
    return World({"booking": rows_of(columns, rows)}, 2 * len(rows))


def documents_by_word(draw, n):
    """One person a row, and a word for a document before his number."""
    who = people(draw, n)
    word = draw.choice(["ausweis", "carte", "tarjeta", "cedula", "documento", "dni", "dowod", "kimlik"])
    columns = {
        f"{word}_id_card": lambda p: p.id,
        draw.choice(["e_mail", "email"]): lambda p: p.email,
    }
    return World({"t": rows_of(columns, again(draw, who, 0.2))}, n)


def two_names_without_a_sign(draw, n):
    """Two Chinese names of two characters each with nothing between, in a share of the rows."""
    who, share = people(draw, n), draw.uniform(0.2, 1.0)
    rows = [(p, q, draw.random() < share) for p, q in zip(who[::2], who[1::2], strict=False)]
    columns = {
        draw.choice(["name", "姓名", "客户姓名"]): lambda r: r[0].name[:2] + (r[1].name[:2] if r[2] else ""),
        draw.choice(["mobile", "手机号"]): lambda r: r[0].phone,
    }
    table = Rows({name: [make(row) for row in rows] for name, make in columns.items()})
    table.subjects = 2 * len(rows)
    return World({"booking": table}, len(rows) + sum(r[2] for r in rows), rates={"share": share})


def superiors_by_title(draw, n):
    """Customers, and whoever looks after them by a surname and a title."""
    who, heads = people(draw, n), draw.sample("王李张刘陈杨赵黄", draw.randint(2, 6))
    head = {p.number: draw.choice(heads) for p in who}
    title = draw.choice(["经理", "老师", "主任", "总监"])
    columns = {
        "姓名": lambda p: p.name,
        "手机号": lambda p: p.phone,
        draw.choice(["客户经理", "负责人", "班主任", "业务员"]): lambda p: head[p.number] + title,
    }
    return World({"客户": rows_of(columns, who, more=1)}, n + len(set(head.values())))


def superiors_by_number(draw, n):
    """Employees and the numbers of their superiors, who are employees of the same table."""
    who = people(draw, n)
    heads = draw.sample(who, max(n // draw.randint(2, 12), 1))
    head = {p.number: draw.choice(heads) for p in who}
    number = draw.choice([lambda p: p.account, lambda p: p.number + 1, lambda p: f"E{p.account}"])
    own, above = draw.choice(
        [
            ("emp_no", "emp_mgr"),
            ("empno", "mgr"),
            ("emp_id", "manager_id"),
            ("工号", "上级工号"),
            ("emp_no", "supervisor_no"),
        ]
    )
    columns = {
        own: number,
        draw.choice(["name", "姓名"]): lambda p: p.name,
        above: lambda p: number(head[p.number]),
    }
    return World({"employee": rows_of(columns, who, more=1)}, n)


DOCUMENTS = {                                 # kind of document -> its number
    "身份证": lambda p: p.id,
    "护照": lambda p: f"E{20_000_001 + p.number * 7_919}",
    "军官证": lambda p: f"军字第{1_000_001 + p.number * 91}号",
    "港澳通行证": lambda p: f"H{10_000_001 + p.number * 991}",
    "台胞证": lambda p: f"{10_000_001 + p.number * 991}",
    "外国人永久居留证": lambda p: f"USA{100_000_000_001 + p.number * 991}",
    "出生证": lambda p: f"P{100_000_001 + p.number * 991}",
}  # fmt: skip


def documents_of_many_kinds(draw, n):
    """A column says of which of many kinds the number of each row is; everybody shows one."""
    others = draw.sample(list(DOCUMENTS)[1:], draw.randint(2, 5))
    kinds = ["身份证", "身份证", *others]
    who = people(draw, n)
    shown = {p.number: draw.choice(kinds) for p in who}
    kind, number = draw.choice(
        [("id_type", "id_no"), ("证件类型", "证件号码"), ("cert_type", "cert_no"), ("idType", "idCardNo")]
    )
    codes = {name: draw.choice([name, f"{place:02d}"]) for place, name in enumerate(DOCUMENTS)}
    columns = {kind: lambda p: codes[shown[p.number]], number: lambda p: DOCUMENTS[shown[p.number]](p)}
    if draw.random() < 0.5:
        columns = {"姓名": lambda p: p.name, **columns}
    return World({"guest": rows_of(columns, who)}, n)


REGIONS = ("region_x", "region", "zone", "area_x", "区域", "城市", "city", "cluster_id", "store_group")


def numbers_of_regions(draw, n):
    """Every region numbers its members from 1 on; nothing else stands beside, and no word says so."""
    regions = draw.randint(2, 5)
    sizes = [draw.randint(n // regions // 2, n // regions) for _ in range(regions)]
    rows = [(region, i) for region, size in enumerate(sizes) for i in range(size)]
    rows *= draw.choice([1, 1, 2])
    columns = {
        draw.choice(REGIONS): lambda r: f"R{r[0]}",
        draw.choice(["member_no", "cust_no", "会员编号"]): lambda r: r[1] + 1,
        "balance": lambda r: draw.randrange(10**4) / 10,
    }
    return World({"record": rows_of(columns, rows)}, sum(sizes))


UNNAMED = ("xq", "bu", "dq", "kk", "wid", "厂", "村组", "f1")


def numbers_within_an_unnamed_column(draw, n):
    """Numbers of members that begin anew under each value of a column that no word explains."""
    who, scopes = people(draw, n), draw.randint(2, 5)
    sizes = [draw.randint(n // scopes // 2, n // scopes) for _ in range(scopes)]
    pool = iter(who)
    rows = [(scope, i, next(pool)) for scope, size in enumerate(sizes) for i in range(size)]
    draw.shuffle(rows)
    beside = draw.choice(
        [("name", lambda r: r[2].name), ("mobile", lambda r: r[2].phone), ("balance", lambda r: r[1])]
    )
    columns = {
        draw.choice([*UNNAMED, "line", "grp_a"]): lambda r: f"K{r[0]}",
        draw.choice(["member_no", "cust_no", "会员编号"]): lambda r: r[1] + 1,
        beside[0]: beside[1],
    }
    return World({"record": rows_of(columns, rows)}, sum(sizes))


def things_of_members(draw, n):
    """One numbering from 1 on; each member stands once beside each of some things, drawn at random."""
    who, things = people(draw, n), draw.randint(4, 9)
    rows = [(p, thing) for p in who for thing in draw.sample(range(things), draw.randint(1, 3))]
    draw.shuffle(rows)
    columns = {
        draw.choice(UNNAMED): lambda r: f"K{r[1]}",
        draw.choice(["member_no", "user_id"]): lambda r: r[0].number + 1,
        "balance": lambda r: draw.randrange(10**4) / 10,
    }
    return World({"record": rows_of(columns, rows)}, n)


def members_of_one_numbering(draw, n):
    """One table with one number of members, who come now to this region, now to that."""
    who = people(draw, n)
    visits = draw.choice([1, 3])
    rows = [(p, draw.randrange(6)) for p in who for _ in range(visits)]
    column, value = draw.choice(
        [
            ("region_x", lambda r: f"R{r[1]}"),
            ("城市", lambda r: f"C{r[1]}"),
            ("channel", lambda r: f"ch{r[1]}"),
            ("month", lambda r: f"2026-{r[1] + 1:02d}"),
            ("home_city", lambda r: f"C{r[0].number % 6}"),
        ]
    )
    columns = {
        column: value,
        draw.choice(["member_no", "user_id"]): lambda r: r[0].account,
        "balance": lambda r: draw.randrange(10**4) / 10,
    }
    return World({"record": rows_of(columns, rows)}, n)


def equal_runs(draw, n):
    """Two tables of two systems, each with numbers of the same two runs; nothing else stands beside them."""
    far = draw.choice([1_000, 50_000, 2_000_000])
    runs = [*range(1, n // 4 + 1), *range(far + 1, far + n // 4 + 1)]
    column = draw.choice(["member_no", "user_id", "cust_no"])
    tables = {
        name: rows_of({column: lambda i: i, other: lambda i: draw.randrange(99)}, again(draw, runs, 0))
        for name, other in (("loan", "stage"), ("savings", "branch_level"))
    }
    for table in tables.values():
        table.subjects = len(runs)
    return World(tables, 2 * len(runs))


def tenants_spelled(draw, n):
    """Numbers of each tenant's own, and the tenants in ever other spelling."""
    spellings = [["T-1", "t1", "T_1", " T 1"], ["T-02", "t02", "T_02", "T02"], ["008", "8", "08", "8"]]
    who = people(draw, n)
    rows = [(tenant, i, who[tenant * (n // 3) + i]) for tenant in range(3) for i in range(n // 3)]
    columns = {
        draw.choice(["tenant_id", "租户编号"]): lambda r: draw.choice(spellings[r[0]]),
        "user_id": lambda r: r[1] + 1,
    }
    if beside := draw.choice(["mobile", ""]):
        columns[beside] = lambda r: r[2].phone
    return World({"usage": rows_of(columns, again(draw, rows, 1.0))}, len(rows))
