"""Kinds of invented worlds: one name for several people, by a word, a number or a second name beside it; one
hash in several spellings, or one key under several salts.
"""

import base64
import hashlib

from counted_worlds import World, people, rows_of

# (form of the name, people it stands for); n, e: a Chinese and an English name, m, o: another person's
SEVERAL = (
    ("{n}夫妇", 2),
    ("{n}父子", 2),
    ("{n}一家三口", 3),
    ("{n}等3人", 3),
    ("{n}等", 2),
    ("{n}及家人", 2),
    ("{n}（携配偶）", 2),
    ("{n}（2人）", 2),
    ("{n}两人", 2),
    ("{n} x2", 2),
    ("{n}×3", 3),
    ("{n}+2", 3),
    ("{n} 他2名", 3),
    ("{n}ご夫妻", 2),
    ("{n}（代{m}）", 2),
    ("{n}({m})", 2),
    ("{n}和{m}", 2),
    ("{n}及{m}", 2),
    ("{n}\n{m}", 2),
    ("父:{n} 母:{m}", 2),
    ("{e} +1", 2),
    ("{e} (party of 4)", 4),
    ("{e} and 2 others", 3),
    ("{e} & guest", 2),
    ("{e} 3 pax", 3),
    ("Mr and Mrs {e}", 2),
    ("Herr und Frau {e}", 2),
    ("M. et Mme {e}", 2),
    ("Sr. y Sra. {e}", 2),
    ("The {e} Family", 2),
    ("Familie {e}", 2),
    ("семья {e}", 2),
    ("{e} o/b/o {o}", 2),
    ("{n}（双胞胎）", 2),
    ("{n}父母", 2),
    ("{n}→{m}", 2),
    ("{n}转{m}", 2),
    ("{e} (couple)", 2),
    ("{e} с супругой", 2),
    ("{e}\t{o}", 2),
)
# what else stands beside a name: a title, a department, another name of the same person
ONE = (
    "{n}/销售部", "{n}经理", "{n}（财务部）", "{n}(VIP)", "{n}先生", "Dr. {e}", "{e} (Sales)", "{e}, Jr.",
    "{n}(原名{m})",
)  # fmt: skip


def written(form, person, other):
    """Return a name in a form."""
    return form.format(n=person.name, m=other.name, e=_english(person), o=_english(other))


def _english(person):
    """An English name of this person alone."""
    letters = "".join(chr(ord("a") + int(digit)) for digit in str(person.number))
    return f"{person.english.split()[0]} Li{letters}"


def several_by_a_word(draw, n):
    """One name for several people in a share of the rows; a mobile beside it."""
    who, others = people(draw, n), people(draw, n, 3 * n)
    (form, number), share = draw.choice(SEVERAL), draw.uniform(0.2, 1.0)
    chosen = [draw.random() < share for _ in who]
    truth = n + (number - 1) * sum(chosen)
    rows = list(zip(who, others, chosen, strict=True))
    columns = {
        draw.choice(["姓名", "guest_name", "客户姓名"]): lambda r: written(form if r[2] else "{n}", *r[:2]),
        draw.choice(["手机号", "mobile"]): lambda r: r[0].phone,
    }
    table = {name: [make(row) for row in rows] for name, make in columns.items()}
    return World({"guest": table}, truth, rates={"share": share})


# (column of a name, column of another person's, are they Chinese?)
BESIDE = (
    ("姓名", "共饮人姓名", True),
    ("xm", "poxm", True),
    ("xingming", "peiou_xingming", True),
    ("氏名", "緊急連絡先氏名", True),
    ("first_guest", "second_guest", False),
    ("Braut", "Bräutigam", False),
    ("nombre", "nombre_madre", False),
    ("nom", "nom_conjoint", False),
)


def another_name_beside(draw, n):
    """Two columns of names that differ in every row, by words that no list has; one mobile beside them."""
    rows = list(zip(people(draw, n // 2), people(draw, n // 2, n), strict=True))
    one, another, is_chinese = draw.choice(BESIDE)
    form = "{n}" if is_chinese else "{e}"
    columns = {
        one: lambda r: written(form, *r),
        another: lambda r: written(form, *r[::-1]),
        "mobile": lambda r: r[0].phone,
    }
    return World({"guest": rows_of(columns, rows)}, 2 * len(rows))


def own_name_again(draw, n):
    """A person's name in another script, an earlier one or parts of it beside it: one person."""
    who = people(draw, n)
    words, values = draw.choice(
        [
            (("姓名", "英文名"), (lambda p: p.name, _english)),
            (("姓名", "曾用名"), (lambda p: p.name, lambda p: p.name[0] + "念慈")),
            (("name", "alias"), (_english, lambda p: f"{p.english} X")),
            (("full_name", "surname", "forename"), (_english, lambda p: _english(p).split()[1],
                                                    lambda p: p.english.split()[0])),
            (("姓名", "户名"), (lambda p: p.name, lambda p: p.name)),
        ]
    )  # fmt: skip
    columns = {**dict(zip(words, values, strict=True)), "mobile": lambda p: p.phone}
    return World({"member": rows_of(columns, who)}, n)


def one_with_a_word(draw, n):
    """A title, a department or an earlier name beside a name."""
    who, others, form = people(draw, n), people(draw, n, 3 * n), draw.choice(ONE)
    columns = {
        draw.choice(["姓名", "guest_name"]): lambda r: written(form, *r),
        draw.choice(["手机号", "mobile"]): lambda r: r[0].phone,
    }
    rows = list(zip(who, others, strict=True))
    return World({"guest": {name: [make(row) for row in rows] for name, make in columns.items()}}, n)


HASHED_COLUMNS = (
    ("phone_md5", "phone"),
    ("mobile_hash", "phone"),
    ("email_sha256", "email"),
    ("手机号MD5", "phone"),
    ("id_sha256", "id"),
    ("id_card_sha256", "id"),
)
HASH_SPELLINGS = (
    lambda raw: raw.hex().upper(),
    lambda raw: f"0x{raw.hex()}",
    lambda raw: f"md5:{raw.hex()}",
    lambda raw: base64.b64encode(raw).decode(),
)


def hashed_in_two_spellings(draw, n):
    """Two tables of the same people hashed alike, in hexadecimal and in another writing."""
    who, (column, what) = people(draw, n), draw.choice(HASHED_COLUMNS)
    way, spell = draw.choice([hashlib.md5, hashlib.sha256]), draw.choice(HASH_SPELLINGS)

    def raw(p):
        return way(getattr(p, what).encode()).digest()

    tables = {
        "a/lead": rows_of({column: lambda p: raw(p).hex(), "city": lambda p: "上海"}, who),
        "b/order": rows_of({column: lambda p: spell(raw(p)), "amount": lambda p: 7}, who),
    }
    return World(tables, n)


def hashed_under_two_salts(draw, n):
    """Two systems of overlapping people, each of which hashes with a salt of its own."""
    who, (column, what) = people(draw, n), draw.choice(HASHED_COLUMNS)
    ways = draw.choice([(hashlib.md5, hashlib.md5), (hashlib.md5, hashlib.sha256)])
    parts = [draw.sample(who, draw.randint(n // 2, n)) for _ in ways]
    tables = {
        f"{salt}/lead": rows_of(
            {column: lambda p, salt=salt, way=way: way((salt + getattr(p, what)).encode()).hexdigest()}, part
        )
        for salt, way, part in zip("ab", ways, parts, strict=True)
    }
    return World(tables, len({p.number for part in parts for p in part}))


# name and e-mail of somebody and of a spouse or a guardian, in several languages
RELATIVES = (
    ("nombre", "correo", "nombre_conyuge", "correo_conyuge"),
    ("Name", "E-Mail", "Ehepartner", "E-Mail Ehepartner"),
    ("氏名", "メール", "保護者氏名", "保護者メール"),
    ("이름", "이메일", "배우자 이름", "배우자 이메일"),
    ("nom", "courriel", "nom_conjoint", "courriel_conjoint"),
    ("nama", "email", "nama_pasangan", "email_pasangan"),
    ("nome", "email", "nome_conjuge", "email_conjuge"),
    ("nome", "email", "nome_coniuge", "email_coniuge"),
    ("姓名", "邮箱", "配偶姓名", "配偶邮箱"),
    ("name", "email", "spouse_name", "spouse_email"),
)


def relatives_in_languages(draw, n):
    """A spouse or a guardian with a name and a key, in one of several languages."""
    pairs = list(zip(people(draw, n), people(draw, n, 3 * n), strict=True))
    own_name, own_mail, name, mail = draw.choice(RELATIVES)
    columns = {
        own_name: lambda r: r[0].english,
        own_mail: lambda r: r[0].email,
        name: lambda r: r[1].english,
        mail: lambda r: r[1].email,
    }
    return World({"t": rows_of(columns, pairs)}, 2 * n)


def owners_of_one_home(draw, n):
    """A second owner by name, in a column of which a word says so; one mobile."""
    pairs = list(zip(people(draw, n), people(draw, n, 3 * n), strict=True))
    columns = {
        "姓名": lambda r: r[0].name,
        draw.choice(["共有人", "共同申请人", "共有权人"]): lambda r: r[1].name,
        "手机号": lambda r: r[0].phone,
    }
    return World({"房产": rows_of(columns, pairs)}, 2 * n)


def numbers_cut_by_a_sheet(draw, n):
    """Numbers as a sheet shows long ones: their last figures are lost, and nobody can be told by them."""
    who, figures = people(draw, n), draw.choice([2, 3, 4])
    column, what = draw.choice(
        [("mobile", "phone"), ("id_no", "id"), ("手机号", "phone"), ("身份证号", "id")]
    )

    def cut(p):
        number = getattr(p, what)
        return f"{float(number[:17].ljust(len(number), '0')):.{figures}E}"

    return World({"lead": rows_of({column: cut, "city": lambda p: "上海"}, who)}, n)


def desk_phones(draw, n):
    """Who has no identity number left the phone of one of a few desks."""
    who, desks = people(draw, n), people(draw, draw.choice([1, 2, 3]), 3 * n)
    columns = {
        "id_no": lambda p: p.id if p.number % 2 else None,
        "mobile": lambda p: p.phone if p.number % 2 else draw.choice(desks).phone,
    }
    return World({"m": rows_of(columns, who)}, n)


def friends(draw, n):
    """Who follows or knows whom, by the accounts of one system."""
    who = people(draw, n)
    edges = [draw.sample(who, 2) for _ in range(3 * n)]
    one, other = draw.choice([("follower_id", "followee_id"), ("user_id", "friend_id")])
    columns = {one: lambda r: r[0].account, other: lambda r: r[1].account}
    return World({"follow": rows_of(columns, edges)}, len({p.number for r in edges for p in r}))
