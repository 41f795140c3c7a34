"""JSON bent in its keys: names and accounts of people as keys, blank keys, JSON inside of a text."""

import json

from bent import HEADINGS, KINDS, kind, people
from bent_documents import json_of, records_of

ACCOUNTS = "abcdefghijklmnopqrstuvwxyz"


def account(rng) -> str:
    return "".join(rng.choice(ACCOUNTS) for _ in range(rng.randint(5, 9)))


@kind("json keys: people above records")
def people_above_records(rng):
    rows = people(rng, rng.choice((6, 40, 200)))
    document = {row[0]: {"次数": 1, "手机号": row[1]} for row in rows}
    return json_of(json.dumps(document), [["", r["手机号"]] for r in document.values()], *document)


@kind("json keys: people beside columns")
def people_beside_columns(rng):
    rows = people(rng, rng.choice((12, 40, 200)))
    records = [{"序号": i, row[0]: row[1]} for i, row in enumerate(rows)]
    text = rng.choice((json.dumps(records), "\n".join(map(json.dumps, records))))
    return json_of(text, rows, *(row[0] for row in rows))


@kind("json keys: accounts above records")
def accounts_above_records(rng):
    rows = people(rng, rng.choice((6, 40, 200)))
    document = {account(rng): rng.choice((row[1], row[1])) for row in rows}
    if rng.random() < 0.6:
        document = {key: {"手机号": value, "n": 1} for key, value in document.items()}
    return json_of(json.dumps(document), rows, *document)


FORENAMES = ("Anna", "David", "Emily", "James", "Lena", "Maria", "Omar", "Priya", "Robert", "Wei")
FAMILIES = ("Brown", "Carter", "Haddad", "Hofmann", "Meyer", "Nair", "Okafor", "Smith")


def latin_name(rng) -> str:
    return f"{rng.choice(FORENAMES)} {rng.choice(FAMILIES)}"


def open_id(rng) -> str:
    signs = ACCOUNTS + ACCOUNTS.upper() + "0123456789-_"
    return "oX" + "".join(rng.choice(signs) for _ in range(26))


MAKERS = (latin_name, open_id, lambda rng: account(rng) + rng.choice(("", "7", "88", "_1990")),
          lambda rng: f"{rng.getrandbits(128):032x}")


@kind("json keys: keys of a kind above numbers")
def keys_above_numbers(rng):
    make = rng.choice(MAKERS)
    keys = list(dict.fromkeys(make(rng) for _ in range(rng.choice((6, 50)))))
    rows = [[key, key] for key in keys]
    counts = {key: rng.randrange(9) for key in keys}
    layout = rng.choice(("alone", "below a key", "a line", "a line, beside others", "objects"))
    if layout == "objects":
        return json_of(json.dumps({key: {"n": n, "vip": n > 3} for key, n in counts.items()}), rows)
    if layout == "below a key":
        return json_of(json.dumps({"date": "2024-05-01", "by": counts}), rows)
    if layout == "alone":
        losses = frozenset({"keys_assumed"} if all(map(str.isalpha, keys)) else ())
        return json_of(json.dumps(counts), rows, losses=losses)
    beside = layout != "a line"
    records = [{**({"序号": i} if beside else {}), key: n} for i, (key, n) in enumerate(counts.items())]
    return json_of("\n".join(map(json.dumps, records)), rows)


@kind("json keys: a few accounts")
def a_few_accounts(rng):
    rows = people(rng, rng.randint(2, 4))
    document = {account(rng): row[1] for row in rows}
    if rng.random() < 0.5:
        document = {key: {"手机号": value, "n": 1} for key, value in document.items()}
    return json_of(json.dumps(document), rows, *document, losses=frozenset({"keys_assumed"}))


@kind("json keys: blank ones")
def blank_keys(rng):
    rows = people(rng, rng.choice((1, 40)))
    keys = rng.sample(("", " ", "  ", "\t", "."), 2)
    records = [{keys[0]: row[0], keys[1]: row[1], "城市": row[2]} for row in rows]
    return json_of(json.dumps(records), rows)


@kind("json keys: a text that is JSON")
def text_of_json(rng):
    rows = people(rng, rng.choice((2, 40)))
    text = json.dumps(records_of(rows))
    for _ in range(rng.randint(1, 2)):
        text = json.dumps(text)
    return json_of(text, rows, names=tuple(HEADINGS))


BENT_KEYS = [name for name in KINDS if name.startswith("json keys: ")]
