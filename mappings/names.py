"""Names that people wrote, in the form in which they are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache

MOST_CACHED = 20_000                            # folded names: tables of one warehouse share most of theirs
_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff]")
_SPACE = re.compile(r"\s+")
_JOINS = re.compile(r"[_\-·]+")


def _visible(text: str) -> str:
    """A text without differences of width and case, and without signs that nobody sees."""
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).casefold()


# of ASCII, what folding a name makes of each sign: nine of ten names need no more
_FOLDED_ASCII = {n: None if chr(n).isspace() else chr(n).casefold() for n in range(128)}


@lru_cache(maxsize=MOST_CACHED)
def fold_name(text: str) -> str:
    """A name without differences of width, spaces or case."""
    return text.translate(_FOLDED_ASCII) if text.isascii() else _SPACE.sub("", _visible(text))


@lru_cache(maxsize=MOST_CACHED)
def bare_name(text: str) -> str:
    """A name without differences of width, spaces, case, or of the marks that join words."""
    return _JOINS.sub("", fold_name(text))


_FORMS = {                                    # forms of companies, long -> short
    "incorporated": "inc", "limited": "ltd", "corporation": "corp", "company": "co",
}


# between a Chinese character and a letter of another script
_HAN, _OTHER = "[\u2e80-\u9fff]", "[^\\W\u2e80-\u9fff]"
BORDERS = re.compile(f"(?<={_HAN})(?={_OTHER})|(?<={_OTHER})(?={_HAN})")


def party_name(text: str) -> str:
    """A name of a person or company without differences of spelling, and its form as it is shortened.

    >>> len({party_name(text) for text in ("HQ, Inc.", "ＨＱ Incorporated", "HQ-Inc")})
    1
    >>> party_name("HQ One Ltd") == party_name("HQ Two Ltd")
    False
    """
    apart = BORDERS.sub(" ", _visible(text))
    plain = re.sub(r"(?<=\b\w)\.(?=\w\b)", "", apart)
    words = [_FORMS.get(word, word) for word in re.split(r"[\W_]+", plain) if word]
    # what stands beside a Chinese character parts no words; elsewhere AB is not A B
    return re.sub(r"(?<=[\u2e80-\u9fff]) | (?=[\u2e80-\u9fff])", "", " ".join(words))


EMPTY_WORDS = frozenset(
    {"", "无", "否", "不适用", "没有", "未知", "none", "no", "n/a", "na", "unknown", "-", "—", "/"}
)


def is_empty(text: str) -> bool:
    """Does a cell or an answer say that there is nothing: blank, 无, 否, 不适用 and the like?

    >>> [is_empty(text) for text in ("无", " 不适用 ", "N/A", "无锡")]
    [True, True, True, False]
    """
    return text.strip().casefold() in EMPTY_WORDS


def stated_text(text: str) -> str:
    """Return what a cell says; empty where it says that there is nothing."""
    return "" if is_empty(text) else text


_BETWEEN = re.compile("[^\\w×*#○]+|_+")        # what parts a text


def keeps_place(text: str) -> bool:
    """Does a text only keep the place of an answer: no letter and no digit, or between marks such a word?

    >>> [keeps_place(text) for text in ("待定", "联系人：待 定", "____", "不适用", "待定的字段不出境")]
    [True, True, True, False, False]
    """
    parts = [part for part in _BETWEEN.split(fold_name(text)) if part]
    return not any(c.isalnum() for c in text) or any(map(_undecided()["whole"].fullmatch, parts))


def is_undecided(text: str) -> bool:
    """Does a short text put off what it should say, or say nothing at all?

    >>> [is_undecided(text) for text in ("待定", "TBD", "？", "文号待补", "同上", "无", "a/test/list.yaml")]
    [True, True, True, True, True, False, False]
    """
    if is_empty(text):
        return False
    whole, within = _undecided()["whole"], _undecided()["within"]
    says_nothing = not any(c.isalnum() for c in text) or whole.fullmatch(_BETWEEN.sub("", fold_name(text)))
    return bool(says_nothing) or any(map(within.search, (_visible(text), fold_name(text))))


@cache
def _undecided() -> Mapping[str, re.Pattern[str]]:
    """Return the words that put off, as they ship."""
    from mappings.yaml_files import load_yaml

    raw, _ = load_yaml("vocabulary", "undecided")
    return {"whole": re.compile(re.sub(r"\s", "", raw["whole"])), "within": re.compile(raw["within"])}


def is_mentioned(name: str, text: str) -> bool:
    """Does a text hold a name, in Latin letters as whole words?

    >>> is_mentioned("汽车", "新能源汽车"), is_mentioned("car", "Health care"), is_mentioned("car", "Cars")
    (True, False, False)
    """
    folded = _visible(text)
    if not name.isascii():
        return name in folded
    return re.search(rf"(?<![a-z]){re.escape(name)}(?![a-z])", folded) is not None
