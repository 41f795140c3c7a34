"""Text whose encoding changes on the way, or cannot be told from its beginning: one function a kind."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from bent import HEADINGS, people, text_of

TRADITIONAL = "林陳王趙錢孫李馮褚衛蔣韓楊朱許呂張嚴華魏"
TOWNS = ("臺北市大安區", "高雄市鳳山區", "新竹縣竹北市", "臺中市龍井區")


@dataclass(frozen=True)
class BentText:
    """Lines in some encodings. values: must be read; losses: kinds that must be told, no others may be."""

    body: bytes
    values: tuple[str, ...]
    rows: int
    losses: frozenset[str] = frozenset()


ENCODINGS: dict[str, Callable[[random.Random, int], BentText]] = {}


def encoding(name: str):
    """Register a kind: a function of a source of chance and a number of rows."""
    def register(bend):
        ENCODINGS[name] = bend
        return bend

    return register


def latin_people(rng, n):
    """Rows without a character beyond ASCII."""
    return [[f"user{rng.randrange(10**6)}", row[1], "SH"] for row in people(rng, n)]


def taiwan_people(rng, n):
    """Rows in traditional characters."""
    return [[rng.choice(TRADITIONAL) + rng.choice("大明美志雅"), row[1], rng.choice(TOWNS)]
            for row in people(rng, n)]


def joined(parts, losses=(), headings=HEADINGS) -> BentText:
    """Text of (rows, encoding) one after another, below headings in the encoding of the first."""
    body = text_of([headings]).encode(parts[0][1]) + b"".join(
        text_of(rows).encode("utf-16-le" if code == "utf-16" else code) for rows, code in parts)
    rows = [row for part, _ in parts for row in part]
    return BentText(body, tuple(cell for row in rows for cell in row[:2]), len(rows), frozenset(losses))


@encoding("the second half in GB18030")
def half_gbk(rng, n):
    return joined([(people(rng, n), "utf-8"), (people(rng, n), "gb18030")], ["other_encoding"])


@encoding("the second half in UTF-8")
def half_utf8(rng, n):
    return joined([(people(rng, n), "gb18030"), (people(rng, n), "utf-8")], ["other_encoding"])


@encoding("the second half in Big5")
def half_big5(rng, n):
    return joined([(taiwan_people(rng, n), "utf-8"), (taiwan_people(rng, n), "big5")], ["other_encoding"])


@encoding("from GB18030 to Big5")
def gbk_to_big5(rng, n):
    return joined([(people(rng, n), "gb18030"), (taiwan_people(rng, n), "big5")], ["other_encoding"])


@encoding("ASCII, then GB18030")
def ascii_then_gbk(rng, n):
    return joined([(latin_people(rng, n), "utf-8"), (people(rng, n), "gb18030")], headings=["a", "b", "c"])


@encoding("ASCII, then Big5")
def ascii_then_big5(rng, n):
    parts = [(latin_people(rng, n), "utf-8"), (taiwan_people(rng, n), "big5")]
    return joined(parts, headings=["a", "b", "c"])


@encoding("UTF-16, then UTF-8")
def utf16_then_utf8(rng, n):
    return joined([(people(rng, n), "utf-16"), (people(rng, n), "utf-8")], ["other_encoding"])


@encoding("UTF-16 with halves of pairs")
def utf16_faults(rng, n):
    rows = people(rng, n)
    body = text_of([HEADINGS, *rows[:n // 2]]).encode("utf-16") + b"\x00\xd8" * rng.randint(1, 3)
    body += text_of(rows[n // 2:]).encode("utf-16-le")
    values = tuple(row[1] for row in rows)
    return BentText(body, values, n, frozenset({"undecodable"}))


@encoding("one encoding")
def one(rng, n):
    code = rng.choice(("utf-8", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"))
    rows = people(rng, n)
    return BentText(text_of([HEADINGS, *rows]).encode(code), tuple(c for row in rows for c in row[:2]), n)


@encoding("Big5 alone")
def big5(rng, n):
    rows = taiwan_people(rng, n)
    return BentText(text_of([["姓名", "手機", "城市"], *rows]).encode("big5"),
                    tuple(c for row in rows for c in row[:2]), n)
