"""Columns of every type that Arrow, Parquet, Avro and ORC know, and the text that is to be read of them.

`TYPES[name](rng)` gives a column and the texts of its cells, None for what holds nothing. A mobile stands
beside each in the files that are made of it.
"""

import random
import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pyarrow as pa

ROWS = 6


@dataclass(frozen=True)
class Typed:
    """A column and its truth.

    cells: by name behind the column's own, the text of each cell. losses: kinds that must be told.
    orc: False where Arrow's writer of ORC ends the process.
    """

    array: pa.Array
    cells: dict[str, list[str | None]]
    losses: frozenset[str] = frozenset()
    orc: bool = True


TYPES = {}


def kind(name: str):
    def register(make):
        TYPES[name] = make
        return make

    return register


def mobiles(rng: random.Random, n: int = ROWS) -> list[str]:
    return [f"1{rng.choice('3578')}{rng.randrange(10**9):09}" for _ in range(n)]


def plain(array: pa.Array, texts, **truth) -> Typed:
    return Typed(array, {"": list(texts)}, **truth)


@kind("uuid")
def _uuid(rng):
    ids = [uuid.UUID(int=rng.getrandbits(128)) for _ in range(ROWS - 1)]
    return plain(pa.array([i.bytes for i in ids] + [None], pa.uuid()), [*map(str, ids), None])


@kind("dictionary")
def _dictionary(rng):
    texts = mobiles(rng)
    return plain(pa.array([*texts]).dictionary_encode(), texts)


@kind("dictionary of numbers")
def _dictionary_of_numbers(rng):
    texts = mobiles(rng)
    return plain(pa.array([int(t) for t in texts]).dictionary_encode(), texts)


@kind("run ends")
def _run_ends(rng):
    a, b = mobiles(rng, 2)
    return plain(pa.RunEndEncodedArray.from_arrays([2, ROWS], [a, b]), [a] * 2 + [b] * (ROWS - 2))


@kind("views of text")
def _views(rng):
    texts = mobiles(rng)
    return plain(pa.array(texts, pa.string_view()), texts)


@kind("views of lists")
def _views_of_lists(rng):
    a, b, c = mobiles(rng, 3)
    lists = [[a], None, [], [b, c], [None], [c]]
    return plain(pa.array(lists, pa.list_view(pa.string())), [a, None, None, f"{b}\n{c}", None, c])


@kind("lists")
def _lists(rng):
    a, b, c = mobiles(rng, 3)
    shape = rng.choice((pa.list_(pa.string()), pa.large_list(pa.string())))
    return plain(pa.array([[a], None, [], [b, c], [None], [c]], shape), [a, None, None, f"{b}\n{c}", None, c])


@kind("lists of two")
def _pairs(rng):
    texts = mobiles(rng, ROWS * 2)
    pairs = [texts[i * 2: i * 2 + 2] for i in range(ROWS)]
    return plain(pa.array(pairs, pa.list_(pa.string(), 2)), ["\n".join(pair) for pair in pairs])


@kind("lists of lists")
def _lists_of_lists(rng):
    texts = mobiles(rng)
    nested = [[[text], [text[::-1]]] for text in texts]
    return plain(pa.array(nested), [f"{text}\n{text[::-1]}" for text in texts])


@kind("a map")
def _map(rng):
    texts = mobiles(rng)
    array = pa.array([[("手机", text)] for text in texts], pa.map_(pa.string(), pa.string()))
    return Typed(array, {"[].key": ["手机"] * ROWS, "[].value": texts})


@kind("a map of structs in lists")
def _deep(rng):
    texts = mobiles(rng)
    shape = pa.map_(pa.string(), pa.list_(pa.struct([("m", pa.string())])))
    array = pa.array([[("k", [{"m": text}, {"m": None}])] for text in texts], shape)
    return Typed(array, {"[].key": ["k"] * ROWS, "[].value[].m": texts})


@kind("a struct")
def _struct(rng):
    texts = mobiles(rng)
    return Typed(pa.array([{"a": {"m": text}} for text in texts]), {".a.m": texts})


@kind("a struct with two fields of one name")
def _struct_twice(rng):
    texts, others = mobiles(rng), mobiles(rng)
    array = pa.StructArray.from_arrays([pa.array(texts), pa.array(others)], names=["m", "m"])
    return Typed(array, {".m": texts, ".m_2": others})


@kind("a union")
def _union(rng):
    texts = mobiles(rng)
    codes = pa.array([0, 1] * (ROWS // 2), pa.int8())
    numbers = [int(text) for text in texts]
    if rng.random() < 0.5:
        return plain(pa.UnionArray.from_sparse(codes, [pa.array(texts), pa.array(numbers)]), texts)
    offsets = pa.array([i // 2 for i in range(ROWS)], pa.int32())
    branches = [pa.array(texts[::2]), pa.array(numbers[1::2])]
    return plain(pa.UnionArray.from_dense(codes, offsets, branches), texts)


@kind("a union with structs")
def _union_of_structs(rng):
    texts = mobiles(rng)
    codes = pa.array([0, 1] * (ROWS // 2), pa.int8())
    structs = pa.array([{"m": text} for text in texts])
    array = pa.UnionArray.from_sparse(codes, [structs, pa.array(texts)], ["s", "t"])
    return Typed(array, {".s.m": [t if i % 2 == 0 else None for i, t in enumerate(texts)],
                         ".t": [t if i % 2 else None for i, t in enumerate(texts)]})


@kind("decimals")
def _decimals(rng):
    texts = mobiles(rng)
    shape = rng.choice((pa.decimal128(20), pa.decimal256(60), pa.decimal64(12)))
    return plain(pa.array([Decimal(text) for text in texts], shape), texts)


@kind("decimals of hundreds")
def _hundreds(rng):
    texts = [text[:-2] + "00" for text in mobiles(rng)]
    return plain(pa.array([Decimal(text) for text in texts], pa.decimal128(12, -2)), texts, orc=False)


@kind("durations")
def _durations(rng):
    return plain(pa.array(range(ROWS), pa.duration(rng.choice(("s", "ms", "us")))), map(str, range(ROWS)))


@kind("intervals")
def _intervals(rng):
    values = [pa.MonthDayNano([i, 0, 0]) for i in range(ROWS)]
    return plain(pa.array(values, pa.month_day_nano_interval()), map(str, values))


@kind("days beyond the year 9999")
def _late_days(rng):
    days = pa.array([2**31 - 1, *range(ROWS - 1)], pa.int32()).cast(pa.date32())
    texts = [str(date(1970, 1, 1 + i)) for i in range(ROWS - 1)]
    return plain(days, ["<value out of range: 2147483647>", *texts])


@kind("moments beyond the year 9999")
def _late_moments(rng):
    unit = rng.choice(("s", "ms", "us"))
    moments = pa.array([2**62] * ROWS, pa.int64()).cast(pa.timestamp(unit))
    return plain(moments, ["<value out of range: 4611686018427387904>"] * ROWS)


@kind("moments of an unknown zone")
def _unknown_zone(rng):
    return plain(pa.array(range(ROWS), pa.timestamp("ms", "Mars/Olympus")),
                 [f"1970-01-01 00:00:00.00{i}" for i in range(ROWS)])


@kind("text in bytes")
def _text_in_bytes(rng):
    texts = mobiles(rng)
    shape = rng.choice((pa.binary(), pa.large_binary(), pa.binary(11), pa.binary_view()))
    return plain(pa.array([text.encode() for text in texts], shape), texts)


@kind("text in bytes, filled up")
def _filled_up(rng):
    texts = mobiles(rng)
    return plain(pa.array([text.encode().ljust(20, b"\0") for text in texts], pa.binary(20)), texts)


@kind("text of GB18030 in bytes")
def _gb18030(rng):
    texts = [f"林{a}{text}" for a, text in zip("一二三四五六", mobiles(rng), strict=True)]
    return plain(pa.array([text.encode("gb18030") for text in texts]), texts,
                 losses=frozenset({"other_encoding_cells"}))


@kind("a word of GB18030 before each")
def _word_before(rng):
    word = rng.choice(("电话", "手机", "联系", "电")) * rng.randint(1, 4)
    texts = [f"{word}{text}" for text in mobiles(rng)]
    return plain(pa.array([text.encode("gb18030") for text in texts]), texts,
                 losses=frozenset({"other_encoding_cells"}))


@kind("text among other bytes")
def _among_bytes(rng):
    texts = mobiles(rng)
    cells = [text.encode() if i % 3 else b"\xff\xd8\xff\xe0" + rng.randbytes(40)
             for i, text in enumerate(texts)]
    return plain(pa.array(cells), [text if i % 3 else "\ufffd" for i, text in enumerate(texts)],
                 losses=frozenset({"bytes_no_text"}))


@kind("hashes")
def _hashes(rng):
    array = pa.array([b"\x00" + rng.randbytes(31) for _ in range(ROWS)])
    return plain(array, [None] * ROWS, losses=frozenset({"bytes_no_text"}))


@kind("points")
def _points(rng):
    point = b"\x01\x01\x00\x00\x00" + bytes(16)
    return plain(pa.array([point] * ROWS), [None] * ROWS, losses=frozenset({"bytes_no_text"}))


@kind("bytes in lists")
def _bytes_in_lists(rng):
    texts = mobiles(rng)
    return plain(pa.array([[text.encode()] for text in texts]), texts)


@kind("json")
def _json(rng):
    texts = [f'{{"m": "{text}"}}' for text in mobiles(rng)]
    return plain(pa.array(texts).cast(pa.json_()), texts)


@kind("a type nobody knows")
def _opaque(rng):
    texts = mobiles(rng)
    shape = pa.opaque(pa.string(), "phone", "acme")
    return plain(pa.ExtensionArray.from_storage(shape, pa.array(texts)), texts)


@kind("nothing")
def _nothing(rng):
    return plain(pa.nulls(ROWS), [None] * ROWS)


@kind("endless numbers")
def _endless(rng):
    return plain(pa.array([float("inf"), float("-inf"), float("nan"), 1.5, None, 2.0]),
                 [None, None, None, "1.5", None, "2"])
