"""Kinds of invented worlds: relatives who stand in rows of their own under the holder's key."""

from counted_worlds import World, people, rows_of

# words of a column that says whose relative a row is; the last ones mean nothing
COLUMNS = ("关系", "与本人关系", "relationship", "kinship", "dependent_type", "relation", "kq", "f7", "mx_wz")
# the holder, a spouse, a child as the rows say it
WORDS = (
    ("SELF", "SPOUSE", "CHILD"),
    ("本人", "配偶", "子女"),
    ("self", "wife", "son"),
    ("户主", "妻", "长子"),
    ("selbst", "Ehepartner", "Kind"),
    ("titulaire", "conjoint", "enfant"),
    ("titular", "cónyuge", "hijo"),
    ("本人", "父亲", "母亲"),
)


def _families(draw, n):
    """(holder, person, place in the family) of each row."""
    rest = people(draw, n)
    rows = []
    while rest:
        size = draw.randint(1, 4)
        rows += [(rest[0], person, min(place, 2)) for place, person in enumerate(rest[:size])]
        rest = rest[size:]
    return rows


def dependants(draw, n):
    """The holder's mobile or number stands in the rows of all whom he insures."""
    rows, words = _families(draw, n), draw.choice(WORDS)
    key, value = draw.choice([
        ("mobile", lambda r: r[0].phone),
        ("手机号", lambda r: r[0].phone),
        ("id_card", lambda r: r[0].id),
        ("email", lambda r: r[0].email),
        ("member_no", lambda r: r[0].account),
    ])
    columns = {key: value, draw.choice(COLUMNS): lambda r: words[r[2]]}
    beside = draw.choice(["", "birthday", "amount"])
    if beside:
        columns[beside] = lambda r: str(r[1].born) if beside == "birthday" else r[1].number * 1.5
    draw.shuffle(rows)
    return World({draw.choice(["member", "policy", "t1"]): rows_of(columns, rows)}, n)


def households(draw, n):
    """Everybody of a household has a name and an identity number: all is clear."""
    rows, words = _families(draw, n), draw.choice(WORDS)
    columns = {
        draw.choice(["姓名", "name"]): lambda r: r[1].name,
        draw.choice(["身份证号", "id_card"]): lambda r: r[1].id,
        draw.choice(COLUMNS + ("与户主关系",)): lambda r: words[r[2]],
    }
    draw.shuffle(rows)
    return World({draw.choice(["household", "居民"]): rows_of(columns, rows)}, n)
