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
