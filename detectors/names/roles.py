"""Whose a column is: the row's own subject, or somebody else in the same row (spouse, receiver, doctor).

>>> role_of("emergency_contact_phone", "")
'emergency_contact'
>>> role_of("shouhuoren", "收货人手机")
'receiver'
>>> role_of("mobile", "手机号")
''
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import cast

from detectors.names.lexicon import remembered
from detectors.names.matching import is_audit
from detectors.names.tokens import tokens
from detectors.shipped import read_yaml


@cache
def _roles() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    return cast(Mapping[str, Mapping[str, tuple[str, ...]]], read_yaml("data/roles.yaml"))


@remembered
def _hints() -> tuple[tuple[str, frozenset[str], re.Pattern[str]], ...]:
    """(role, tokens, any of its Chinese words) of every role."""
    return tuple(
        (role, frozenset(hints["en"]), re.compile("|".join(map(re.escape, hints["zh"])) or "(?!)"))
        for role, hints in _roles().items()
    )


@remembered
def role_of(name: str, comment: str) -> str:
    """Return one word for whose the column is; empty for the row's own subject."""
    if is_audit(name, comment):
        return "operator"
    words = tokens(name)
    for role, latin, chinese in _hints():
        if not latin.isdisjoint(words) or chinese.search(comment) or chinese.search(name):
            return role
    return ""
