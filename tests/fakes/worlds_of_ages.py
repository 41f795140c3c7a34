"""Kinds of invented worlds: what rows say of how old people are, of all, of some or of nobody."""

from counted_worlds import World, again, is_minor, people, rows_of

ONES, TENS = "〇一二三四五六七八九", "十"
# forms of a day of birth that are read
READ = (
    lambda b: b.isoformat(),
    lambda b: f"{b:%Y/%m/%d}",
    lambda b: f"{b:%Y%m%d}",
    lambda b: f"{b.year}年{b.month}月{b.day}日",
    lambda b: f"{b.isoformat()} 00:00:00",
)
# and of such as are not: day before month, sheets' and clocks' numbers, parts of a date, other calendars
UNREAD = (
    lambda b: f"{b:%d/%m/%Y}",
    lambda b: f"{b:%m/%d/%Y}",
    lambda b: f"{b:%d.%m.%Y}",
    lambda b: f"{b:%y-%m-%d}",
    lambda b: f"{b:%Y-%m}",
    lambda b: str(b.year),
    lambda b: str((b.toordinal() - 719_163) * 86_400_000),
    lambda b: str(b.toordinal() - 693_594),
    lambda b: f"民国{b.year - 1911}年{b.month}月{b.day}日",
    lambda b: f"{b.day} {b:%B} {b.year}",
    lambda b: "农历" + "".join(ONES[int(d)] for d in str(b.year)) + "年",
)
# what forms hold where nobody stated a day
DEFAULTS = ("1900-01-01", "0001-01-01", "9999-12-31", "1970-01-01", "1990-01-01")
AREAS = (2, 6, 8, 10, 12)  # characters of an identity number before a mask


def unread_births(draw, n):
    """A share of the days of birth stands in a form that is not read; a row may be blank."""
    who, form, other = people(draw, n, years=(1960, 2022)), draw.choice(UNREAD), draw.choice(READ)
    share, blank = draw.choice([0.1, 0.5, 1.0]), draw.choice([0, 0.3])

    def born(p):
        if draw.random() < blank:
            return None
        return (form if draw.random() < share or is_minor(p) else other)(p.born)

    column = draw.choice(["birthday", "birth_date", "出生日期"])
    columns = {"name": lambda p: p.name, "mobile": lambda p: p.phone, column: born}
    minors = sum(map(is_minor, who))
    return World({"member": rows_of(columns, who)}, n, minors, minors, rates={"share": share})


def children_without_numbers(draw, n):
    """Adults have identity numbers; those of children are blank, masked, mistyped or in another column."""
    who = people(draw, n, years=(1960, 2022))
    how = draw.choice(["blank", "masked", "mistyped", "all masked"])
    cut = draw.choice(AREAS)

    def number(p):
        if not is_minor(p) and how != "all masked":
            return p.id
        if how == "blank":
            return None
        if how == "mistyped":
            return p.id[:-1] + ("1" if p.id[-1] != "1" else "2")
        return p.id[:cut] + "*" * (14 - cut) + p.id[14:]

    columns = {"name": lambda p: p.name, "id_no": number, "mobile": lambda p: p.phone}
    minors = sum(map(is_minor, who))
    return World({"member": rows_of(columns, again(draw, who, 0.1))}, n, minors, minors)


def default_births(draw, n):
    """A share of the rows holds a form's default for a day of birth; children are among them."""
    who, default = people(draw, n, years=(1960, 2022)), draw.choice(DEFAULTS)
    share = draw.uniform(0.2, 0.5)
    columns = {
        "name": lambda p: p.name,
        "mobile": lambda p: p.phone,
        "birth_date": lambda p: default if is_minor(p) or draw.random() < share else p.born.isoformat(),
    }
    minors = sum(map(is_minor, who))
    return World({"member": rows_of(columns, who)}, n, minors, minors, rates={"share": share})


def pupils_beside_staff(draw, n):
    """A table of staff with identity numbers, and one of pupils that says no age."""
    staff = people(draw, n // 2, years=(1960, 2000))
    pupils = people(draw, n - n // 2, 3 * n, years=(2013, 2020))
    named = {"name": lambda p: p.name, "mobile": lambda p: p.phone}
    tables = {
        "staff": rows_of({**named, "id_card": lambda p: p.id}, staff),
        draw.choice(["pupil", "camp", "member"]): rows_of(named, pupils),
    }
    minors = sum(map(is_minor, pupils))
    return World(tables, n, minors, minors)


def insured_children(draw, n):
    """A holder with an identity number, a child by name alone."""
    holders = people(draw, n, years=(1960, 2000))
    children = people(draw, n, 3 * n, years=(2014, 2022))
    child = draw.choice(["insured_name", "child_name", "被保险人姓名", "子女姓名"])
    columns = {
        "holder_name": lambda r: r[0].name,
        "holder_id_no": lambda r: r[0].id,
        child: lambda r: r[1].name,
    }
    rows = list(zip(holders, children, strict=True))
    return World({"policy": rows_of(columns, rows)}, 2 * n, n, n)


def ages_in_years(draw, n):
    """An age in years says who is under fourteen."""
    who = people(draw, n, years=(1960, 2020))
    columns = {
        "name": lambda p: p.name,
        "mobile": lambda p: p.phone,
        draw.choice(["age", "年龄"]): lambda p: 2026 - p.born.year - ((p.born.month, p.born.day) > (11, 1)),
    }
    minors = sum(map(is_minor, who))
    return World({"member": rows_of(columns, who)}, n, minors, minors)


def ages_of_numbers(draw, n):
    """A day of birth where the identity number is blank, and the other way round: all ages are told."""
    who = people(draw, n, years=(1960, 2022))
    has_id = {p.number: draw.random() < 0.5 for p in who}
    form = draw.choice(READ)
    columns = {
        "name": lambda p: p.name,
        "mobile": lambda p: p.phone,
        "id_no": lambda p: p.id if has_id[p.number] else None,
        "birthday": lambda p: None if has_id[p.number] else form(p.born),
    }
    minors = sum(map(is_minor, who))
    return World({"member": rows_of(columns, who)}, n, minors)


def pupils_by_school(draw, n):
    """Pupils of a school, of whom nothing but words says how old they are."""
    who = people(draw, n, years=(2013, 2020))
    words = draw.choice([("姓名", "手机号", "年级", "班级"), ("student_name", "mobile", "grade", "class")])
    name, mobile, grade, group = words
    columns = {
        name: lambda p: p.name,
        mobile: lambda p: p.phone,
        grade: lambda p: draw.choice("123456"),
        group: lambda p: draw.choice("12"),
    }
    minors = sum(map(is_minor, who))
    return World({"student": rows_of(columns, who)}, n, minors, minors)
