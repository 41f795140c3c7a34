"""Names in a cell that something parts which is no separator known: a sign, or a word of any language.

Whether these are two people, nothing in the cell proves; what looks like two names is never surely one.

>>> parted_names("王伟 oraz 李娜"), parted_names("王伟代李娜"), parted_names("John Smith w. Jane Doe")
(['王伟', '李娜'], ['王伟代', '李娜'], ['John Smith', 'Jane Doe'])
>>> parted_names("王伟李娜"), parted_names("JOHN SMITH ORAZ JANE DOE"), parted_names("冯博梅女士")
(['王伟', '李娜'], ['JOHN SMITH', 'JANE DOE'], [])
>>> parted_names("WANG WEI XYZ LI NA"), parted_names("wang wei li na"), parted_names("ANA DEL CARMEN GARCIA")
(['WANG WEI', 'LI NA'], ['wang wei', 'li na'], [])
>>> parted_names("约翰·史密斯"), parted_names("王小明老师"), parted_names("Jan van der Berg")
([], [], [])
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import Literal

from detectors.cn import person_name
from detectors.language.characters import FOREIGN_SYLLABLES
from detectors.names.latin_names import is_latin_name, is_pinyin, name_set

TITLES = (
    "先生", "女士", "小姐", "太太", "夫人", "老师", "教授", "博士", "医生", "护士", "经理", "总监", "主任",
    "院长", "校长", "处长", "科长", "部长", "队长", "师傅", "同学", "同志", "律师", "总", "工", "哥", "姐",
)
PARTICLES = frozenset({
    "al", "ap", "av", "af", "bin", "bint", "ben", "binti", "d", "da", "das", "de", "dei", "degli", "del",
    "della", "den", "der", "des", "di", "do", "dos", "du", "el", "ibn", "la", "las", "le", "les", "lo", "los",
    "mac", "mc", "of", "och", "st", "ten", "ter", "the", "tot", "v", "van", "vom", "von", "vd", "y", "zu",
    "zum", "zur",
})
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_BETWEEN_HAN = 2                              # characters of an unknown word between two Chinese names
_LONGEST_HAN = 4                              # characters of a whole Chinese name
_BETWEEN_WORDS = 2                            # unknown words between two names in letters
_SYLLABLES = 2                                # of a Chinese name in letters, at least
_DOT = re.compile("[·•・‧]")                   # between the parts of a foreign name, too
_TITLE = re.compile(f"(?:{'|'.join(title for title in TITLES if len(title) > 1)})+$")
_LATER_WORDS = re.compile("[文学元语]$")      # end words as well as given names
_SIGN = re.compile(r"[^\w\s.,'’`´()\[\]\"*/|-]+|[\u3400-\u9fff]+|\.{2,}|_+|\s{2,}")
_WORD = re.compile(r"\s+")


def parted_names(text: str) -> list[str]:
    """Return the names of a cell that nothing known parts; empty: there are not two."""
    runs = [_TITLE.sub("", run) for run in _HAN_RUN.findall(text)]
    if runs and (chinese := _chinese_names(runs, bool(_DOT.search(text)))):
        return chinese
    names = [part.strip() for part in _SIGN.split(text)]
    if len(names) > 1 and sum(map(_is_full, names)) > 1:
        return [name for name in names if _is_full(name)]
    return _parted_by_words(_WORD.split(text.strip()))


def begins_with_family_name(name: str) -> bool:
    """Has it the length and the beginning of a whole Chinese name?"""
    least = 3 if name[:2] in person_name.COMPOUND else 2
    return least <= len(name) <= _LONGEST_HAN and (least == 3 or name[0] in person_name.SURNAMES)


def _chinese_names(runs: list[str], is_dotted: bool) -> list[str]:
    names = [run for run in runs if _is_chinese(run)]
    if is_dotted and all(c in FOREIGN_SYLLABLES for name in names for c in name):
        return []
    if len(names) > 1 or len(runs) > 1:
        return names if len(names) > 1 else []
    (run,) = runs
    if len(run) < _LONGEST_HAN or len(run) > _LONGEST_HAN and person_name.is_foreign(run):
        return []
    ends = [(first, second) for second in range(2, len(run) - 1) for first in range(2, second + 1)]
    # two characters between them at most, and rather the longer names
    for first, second in sorted(ends, key=lambda cut: cut[1] - cut[0]):
        one, other = run[:first], run[second:]
        if second - first <= _BETWEEN_HAN and _is_chinese(one) and _is_chinese(other):
            return [one, other]
    return []


def _is_chinese(name: str) -> bool:
    return begins_with_family_name(name) and person_name.is_valid(_LATER_WORDS.sub("伟", name))


def _is_full(name: str) -> bool:
    """Has it two words of letters or more?"""
    return sum(any(map(str.isalpha, word)) for word in _WORD.split(name)) > 1


def _parted_by_words(words: list[str]) -> list[str]:
    """Names of two words or more, parted by a word for `and` or `with`, or by small words between large ones.

    Where all words are of one case, any other word between might be one of a single long name.
    """
    small = [i for i, word in enumerate(words) if word[:1].islower() and word.strip(".'’") not in PARTICLES]
    if any(word[:1].isupper() for word in words) and (names := _names_between(words, small, "large")):
        return names
    places = [i for i, word in enumerate(words) if word.casefold() in conjunctions()]
    return _names_between(words, places) or _around_unknown(words) or _without_sign(words)


def _around_unknown(words: list[str]) -> list[str]:
    """Two usual names, and between them a word or two that no name has: `WANG WEI xyz LI NA`."""
    for start in range(2, len(words) - 2):
        for end in range(start + 1, min(start + _BETWEEN_WORDS, len(words) - 2) + 1):
            names = [" ".join(words[:start]), " ".join(words[end:])]
            if not any(map(_may_be_in_name, words[start:end])) and all(map(is_latin_name, names)):
                return names
    return []


def _may_be_in_name(word: str) -> bool:
    plain = word.strip(".,'’`´").lower()
    kinds = ("forenames", "family", "pinyin_family")
    return plain in PARTICLES or len(plain) < 2 or any(plain in name_set(kind) for kind in kinds)


def _without_sign(words: list[str]) -> list[str]:
    """Two Chinese names in syllables, with nothing between them: `WANG WEI LI NA`; few names are as long."""
    lower, families = [word.lower() for word in words], name_set("pinyin_family")
    if not 2 * _SYLLABLES <= len(words) <= 2 * _SYLLABLES + 2 or "".join(lower[:2]) in families:
        return []
    for cut in range(_SYLLABLES, len(words) - _SYLLABLES + 1):
        if all(part[0] in families and is_pinyin(part) for part in (lower[:cut], lower[cut:])):
            return [" ".join(words[:cut]), " ".join(words[cut:])]
    return []


def _names_between(words: list[str], at: list[int], case: Literal["any", "large"] = "any") -> list[str]:
    """Names between words at some places, if they are two or more. case: of their first letters."""
    names = [words[a + 1:b] for a, b in pairwise([-1, *at, len(words)])]
    is_part = str.isupper if case == "large" else str.isalpha
    full = [" ".join(name) for name in names if sum(is_part(word[:1]) for word in name) > 1]
    return full if len(full) > 1 else []


@cache
def conjunctions() -> frozenset[str]:
    """Return words of many languages that stand between the names of two people, in small letters."""
    from mappings.yaml_files import load_yaml

    raw, _ = load_yaml("vocabulary", "between_names")
    return frozenset(raw["words"])
