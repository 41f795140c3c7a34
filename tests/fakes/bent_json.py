"""JSON bent in its bytes and values: lines and cells of another encoding, what Python's decoder refuses."""

import json

from bent import HEADINGS, KINDS, Bent, kind, people
from bent_documents import json_of, records_of

ENDS = {"array": ("[", ",\n", "]"), "lines": ("", "\n", "\n"), "one line": ("[", ",", "]")}


def _pieces(rng, texts):
    """Return the bytes around and between records of one layout, and a file's name."""
    layout = rng.choice(sorted(ENDS))
    before, between, behind = ENDS[layout]
    file = rng.choice(("bent.json", "bent.jsonl", "bent.txt") if layout == "lines" else ("bent.json",))
    return before.encode() + between.encode().join(texts) + behind.encode(), file


@kind("json text: a record of another encoding")
def other_encoding(rng):
    rows = people(rng, rng.choice((9, 60)))
    at, encoding = rng.randrange(1, len(rows)), rng.choice(("gb18030", "big5"))
    if encoding == "big5":
        rows = [["林一", mobile, "臺北市"] for _, mobile, _ in rows]
    texts = [json.dumps(r, ensure_ascii=False) for r in records_of(rows, ["name", "mobile", "city"])]
    body, file = _pieces(rng, [text.encode(encoding if i == at else "utf-8") for i, text in enumerate(texts)])
    return Bent(file, body, tuple(row[1] for row in rows), len(rows), ("name", "mobile", "city"),
                frozenset({"other_encoding_cells"}))


@kind("json text: bad bytes in a cell")
def bad_bytes(rng):
    rows = people(rng, rng.choice((9, 60)))
    at = rng.randrange(1, len(rows))
    texts = [json.dumps(r, ensure_ascii=False).encode() for r in records_of(rows)]
    texts[at] = texts[at].replace(rows[at][2].encode(), rng.choice((b"\xff", b"\xff\x81", b"\xe4\x20")))
    body, file = _pieces(rng, texts)
    return Bent(file, body, tuple(row[1] for row in rows), len(rows), tuple(HEADINGS),
                frozenset({"undecodable_cells"}))


@kind("json text: what the decoder refuses")
def refused(rng):
    rows = people(rng, rng.choice((3, 40)))
    deep = rng.choice((1_500, 4_000))
    odd = rng.choice(("9" * rng.choice((4_400, 6_000)), '"a\tb"', '"a\nb"', "[" * deep + "1" + "]" * deep,
                      '[{"a":' * deep + "2" + "}]" * deep))
    some = rng.random() < 0.5
    texts = [json.dumps(r, ensure_ascii=False)[:-1] + f',"odd":{odd if i % 3 == 0 or not some else 1}}}'
             for i, r in enumerate(records_of(rows))]
    body, file = _pieces(rng, [text.encode() for text in texts])
    return Bent(file, body, tuple(row[1] for row in rows), len(rows))


@kind("json text: keys twice below thousands of levels")
def twice_and_deep(rng):
    rows = people(rng, 3)
    texts = [f'{{"odd":{"[" * 2_000}"{row[0]}"{"]" * 2_000},"m":"{row[1]}","m":"x"}}' for row in rows]
    return json_of("\n".join(texts), rows, losses=frozenset({"json_keys_twice"}))


BENT_JSON = [name for name in KINDS if name.startswith("json text: ")]
