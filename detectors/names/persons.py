"""Persons in a role: courier, landlord, 报案人. Their names and numbers make a column personal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from detectors.model import Label
from detectors.names.lexicon import remembered
from detectors.names.matching import NameHit, first_phrase
from detectors.names.tokens import tokens
from detectors.shipped import read_yaml

_NUMBERS = frozenset({"id", "no", "code", "num", "number", "uid", "uuid", "key"})
_ZH_NAME = re.compile(r"(?:的)?(姓名|名字|真实姓名|名)$")
_ZH_NUMBER = re.compile(r"(?:的)?(编号|编码|ID|id|号|代码|工号|主键|标识)$")


@remembered
def match_role(name: str, comment: str, numeric: bool) -> NameHit | None:
    """Return a person's name or number by the role that name or comment speaks of. numeric: is the column's
    type a number?

    >>> match_role("courier_id", "", True).label, match_role("landlord", "", False).label
    ('user_id', 'person_name')
    >>> match_role("c3", "报案人", False).label
    'person_name'
    """
    return _match_latin_role(tokens(name), numeric) or _match_chinese_role(name, comment, numeric)


@cache
def _chinese_roles() -> tuple[str, ...]:
    return tuple(_roles()["zh"])


@cache
def _roles() -> Mapping[str, frozenset[str]]:
    return {kind: frozenset(words) for kind, words in read_yaml("data/persons.yaml").items()}


def _match_latin_role(words: tuple[str, ...], numeric: bool) -> NameHit | None:
    roles = _roles()
    if not words:
        return None
    last = words[-1]
    if len(words) > 1:
        pair = "_".join(words[-2:])
        if last == "name" and words[-2] in roles["en"]:
            return _person(False, 0.85, pair)
        if last in _NUMBERS and words[-2] in roles["en"] - roles["of_things_too"]:
            return _person(True, 0.85, pair)
    if last in roles["alone"]:
        return _person(numeric, 0.8, last)
    if len(words) == 2 and last == "by" and words[0] in roles["by"]:
        return _person(numeric, 0.8, "_".join(words))
    return None


def _match_chinese_role(name: str, comment: str, numeric: bool) -> NameHit | None:
    head = first_phrase(comment)
    if not head and re.search("[\u4e00-\u9fff]", name):
        head = name
    if head in _roles()["zh"]:
        return _person(numeric, 0.85, head)
    endings = (pattern.search(head) for pattern in (_ZH_NAME, _ZH_NUMBER))
    role = next((head[:ending.start()] for ending in endings if ending), "")
    if role.endswith(_chinese_roles()):
        return _person(_ZH_NUMBER.search(head) is not None, 0.88, head)
    return None


def _person(numbered: bool, strength: float, word: str) -> NameHit:
    return NameHit(Label("user_id" if numbered else "person_name"), strength, word)
