"""Personal names in Latin letters, by common given names and surnames, or as Chinese in pinyin (ISO 7098).

The lists are read at their first use.

>>> is_latin_name("Smith, John"), is_latin_name("Zhang Weiming"), is_latin_name("Red Apple")
(True, True, False)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

from detectors.shipped import read_yaml

_SYLLABLE = (
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ao|ou|an|en|"
    r"in|un|ia|ie|iu|ua|ue|ui|uo|er|a|o|e|i|u|v)"
)
_PINYIN = re.compile(rf"{_SYLLABLE}(?:[-']?{_SYLLABLE}){{0,2}}", re.I)


@cache
def name_words() -> Mapping[str, Any]:
    """Return the lists of names and titles that ship with the package, by their key."""
    return cast(Mapping[str, Any], read_yaml("data/name_words.yaml"))


@cache
def name_set(key: str) -> frozenset[str]:
    """Return the words of one list, e.g. of `forenames`."""
    return frozenset(map(str, name_words()[key]))


def is_latin_name(text: str) -> bool:
    """Two to four words of which one is a common given name beside another word, or Chinese in pinyin."""
    words = [w.strip(".") for w in re.split(r"[,\s]+", text) if w]
    lower = [w.lower() for w in words]
    if not 2 <= len(words) <= 4 or any(len(set(w)) == 1 and len(w) > 1 for w in lower):
        return False
    forenames = name_set("forenames")
    is_turned = (lower[0] in name_set("family") or "," in text) and any(w in forenames for w in lower[1:])
    if is_turned or lower[0] in forenames and lower[-1] not in name_set("not_family"):
        return True
    return len(words) <= 3 and is_pinyin(lower)


def is_pinyin(words: Sequence[str]) -> bool:
    """Return whether small words are the name of a Chinese in pinyin, its family name first or last."""
    pinyin = name_set("pinyin_family")
    is_named = words[0] in pinyin or words[-1] in pinyin
    return is_named and all(_PINYIN.fullmatch(word) for word in words)
