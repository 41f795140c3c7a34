"""Kinds of invented worlds: cells that hold other kinds of keys than their column, or numbers of things."""

from counted_worlds import LANGUAGES, World, people, rows_of


def _passport(draw, taken):
    while True:
        number = f"E{draw.randrange(10**8):08d}"
        if number not in taken and number[-6:] != 6 * number[-1]:
            taken.add(number)
            return number


def mixed_documents(draw, n):
    """Most people show an identity card, some a passport, in one column; a row each."""
    share, taken = draw.uniform(0.1, 0.35), set()
    items = [(p, _passport(draw, taken) if draw.random() < share else p.id) for p in people(draw, n)]
    columns = {
        draw.choice(["name", "姓名"]): lambda item: item[0].name,
        draw.choice(["cert_no", "证件号码"]): lambda item: item[1],
    }
    return World({"guest": rows_of(columns, items)}, len(items), rates={"share": share})


def _contact(draw, person):
    return person.phone if draw.random() < 0.5 else person.email


def mixed_contacts(draw, n):
    """Everybody left a mobile or an address of mail in one column; a row each."""
    words = LANGUAGES[draw.choice(["en", "zh"])]
    columns = {
        words["name"]: lambda p: p.name,
        draw.choice(["contact_info", "联系方式", "phone_or_email", "contact"]): lambda p: _contact(draw, p),
    }
    who = people(draw, n)
    return World({"visit": rows_of(columns, who)}, len(who))


def mixed_contacts_again(draw, n):
    """The same over several visits: now the mobile, now the address; names alone say it is one person."""
    who = people(draw, n // 2)
    columns = {"name": lambda p: p.name, "contact_info": lambda p: _contact(draw, p)}
    return World({"visit": rows_of(columns, [*who, *who, *who])}, len(who))


def numbers_of_orders(draw, n):
    """Numbers of orders that have the form of a mobile: nobody's."""
    columns = {
        draw.choice(["order_no", "订单号", "waybill_number"]): lambda _: f"13{draw.randrange(10**9):09d}",
        "qty": lambda _: draw.randrange(9),
    }
    return World({"orders": rows_of(columns, list(range(n)))}, 0)


def display_names(draw, n):
    """Senders as programs write them, a name before the address; a second system knows the same addresses."""
    who = people(draw, n)
    sender = draw.choice(["from", "sender", "mail_from"])
    tables = {
        "mail/message": rows_of({sender: lambda p: f"{p.name} <{p.email}>"}, who),
        "crm/lead": rows_of({"email": lambda p: p.email.upper()}, who),
    }
    return World(tables, len(who))
