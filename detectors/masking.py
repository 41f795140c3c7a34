"""Names and comments as people may see them: what a detector takes for somebody's is masked.

A sheet called by a person's phone number, or a comment with an example that is no invented one, is a value.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from detectors.model import ValueDetector
from detectors.registry import value_detectors
from detectors.shipped import read_yaml

MASK = "•••"
_PLACES = frozenset({"ip_v4", "ip_v6", "mac", "coordinates"})       # of machines as well: hosts, versions
_HINT = re.compile("[0-9０-９@＠$路街道巷]")     # without one of these there is nothing to fold and search
_MARKED = re.compile(r"[0-9](?:.{0,3}[0-9]){4}|@|\$|eyJ|[路街道巷].*[号室]", re.S)
SURE, LIKELY = 0.9, 0.6                       # of the cell classifier: for a name alone, beside papers
_BEHIND_NUMBERS = "年月日号届级班期"
_HAN = re.compile("[\u4e00-\u9fff]{2,}")
_LATIN = re.compile("[A-Z][a-z]+(?:[ _][A-Z][a-z]*(?![A-Za-z])){1,4}")
_NAME_BEFORE = re.compile(r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff]{2,4})(?=[ _:：,，\-]{0,2}•••)")
_NAME_BEHIND = re.compile(r"(?<=•••)([ _:：,，\-]{0,2})([\u4e00-\u9fff]{2,4})(?![\u4e00-\u9fff])")


def mask_values(text: str) -> str:
    """Return a text with numbers, addresses and codes of people masked, and with names beside these.

    >>> mask_values("张三13812345678"), mask_values("手机号，如 13812345678"), mask_values("orders_20240131")
    ('••••••', '手机号，如 •••', 'orders_20240131')
    """
    if not _HINT.search(text):
        return text
    folded = unicodedata.normalize("NFKC", text)
    if not _MARKED.search(folded):
        return text
    # what is seen by folded text is cut out of the text itself, where that has as many characters
    masked = shown = folded if len(folded) != len(text) else text
    for detector in _of_people():
        folded = unicodedata.normalize("NFKC", masked)
        for match in reversed(list(detector.find(folded if len(folded) == len(masked) else masked))):
            masked = masked[: match.start] + MASK + masked[match.end :]
    if masked == shown:
        return text
    masked = _NAME_BEFORE.sub(lambda m: MASK if _is_name(m[1]) else m[0], masked)
    return _NAME_BEHIND.sub(lambda m: m[1] + MASK if _is_name(m[2]) else m[0], masked)


def mask_people(text: str) -> str:
    """Return the name of a file, folder or sheet as `mask_values` does, and names of people in it masked.

    A name stands alone between signs, or beside a word for papers on a person.

    >>> mask_people("王小明简历.csv"), mask_people("工资-张建国.xlsx"), mask_people("John Smith CV.pdf")
    ('•••简历.csv', '工资-•••.xlsx', '••• CV.pdf')
    >>> mask_people("唐山/订单明细_高校.csv"), mask_people("First Name.csv"), mask_people("连衣裙.csv")
    ('唐山/订单明细_高校.csv', 'First Name.csv', '连衣裙.csv')
    """
    masked = _HAN.sub(lambda m: _without_person(m[0]), mask_values(text))
    return _LATIN.sub(lambda m: _without_latin(m[0]), masked)


def mask_bare_name(text: str) -> str:
    """Return the name or the comment of a table as `mask_values` does; that of a person alone is masked.

    >>> mask_bare_name("王小明"), mask_bare_name("客户表"), mask_bare_name("王小明的订单")
    ('•••', '客户表', '王小明的订单')
    """
    return MASK if _HAN.fullmatch(text) and _without_person(text) == MASK else mask_values(text)


@lru_cache(1 << 14)
def _without_person(word: str) -> str:
    """Return a run of Han characters without the name of a person that it is, begins or ends with."""
    if word[0] in _BEHIND_NUMBERS:
        return word[0] + _without_person(word[1:]) if len(word) > 2 else word
    if _is_surely_person(word, SURE):
        return MASK
    for papers in _papers():
        before = word.removesuffix(papers).removesuffix("的")
        if word.endswith(papers) and _is_surely_person(before, LIKELY):
            return MASK + word[len(before):]
        if word.startswith(papers) and _is_surely_person(word.removeprefix(papers), LIKELY):
            return papers + MASK
    return word


@cache
def _papers() -> tuple[str, ...]:
    """Return words for papers on a person, longest first."""
    return tuple(sorted(read_yaml("data/name_words.yaml")["papers"], key=len, reverse=True))


def _is_surely_person(word: str, least: float) -> bool:
    from detectors.cn.person_name import is_valid, person_share
    from detectors.names.matching import match_name
    from detectors.names.no_people import is_no_person

    if not is_valid(word) or is_no_person(word):
        return False
    hit = match_name(word)
    if hit is not None and hit.strength >= 0.9:
        return False
    return person_share(word) >= least or _is_rare_name(word)


def _is_rare_name(word: str) -> bool:
    """Return whether two signs that stand in no word for things follow a surname, as in rare names.

    word: that may be a name.

    >>> _is_rare_name("傅沅睿"), _is_rare_name("连云港"), _is_rare_name("高校生")
    (True, False, False)
    """
    from detectors.columns.concepts import eastern_signs

    return len(word) == 3 and not eastern_signs() & set(word[1:])


@lru_cache(1 << 14)
def _without_latin(words: str) -> str:
    """Return words with capitals without two or three that are the name of a person."""
    from detectors.names.latin_names import is_latin_name

    parts = re.split(r"([ _]+)", words)
    for n in (5, 3):                          # three words, or two, with what stands between them
        for i in range(0, len(parts) - n + 1, 2):
            some = "".join(parts[i: i + n]).replace("_", " ")
            if is_latin_name(some):
                return "".join([*parts[:i], MASK, *parts[i + n:]])
    return words


@cache
def _of_people() -> tuple[ValueDetector, ...]:
    """Return the detectors of values that stand inside a longer text, the most certain first."""
    chosen = (
        d for d in value_detectors()
        if d.kind in ("personal_information", "system_secret") and d.name not in _PLACES
        and not d.shape.pattern.startswith("^")
    )
    return tuple(sorted(chosen, key=lambda d: (-d.base, d.name)))


def _is_name(text: str) -> bool:
    from detectors.cn.person_name import is_valid, votes

    return is_valid(text) and bool(votes([text])[0])
