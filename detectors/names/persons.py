"""Persons in a role: courier, landlord, 报案人. With a name, a number or alone they make a column a person's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from detectors.model import Label
from detectors.names.lexicon import _yaml, remembered
from detectors.names.matching import _HEAD, NameHit
from detectors.names.tokens import tokens

_NUMBERS = frozenset({"id", "no", "code", "num", "number", "uid", "uuid", "key"})
_ZH_ROLE = re.compile(r"(?:的)?(姓名|名字|真实姓名|名)$")
_ZH_NUMBER = re.compile(r"(?:的)?(编号|编码|ID|id|号|代码|工号|主键|标识)$")


@cache
def _persons() -> Mapping[str, frozenset[str]]:
    return {k: frozenset(v) for k, v in _yaml("persons.yaml").items()}


@remembered
def match_role(name: str, comment: str, numeric: bool) -> NameHit | None:
    """A person's name or number by the role the name or comment speaks of; numeric: is the column's type a number?

    >>> match_role("courier_id", "", True).label, match_role("landlord", "", False).label, match_role("c3", "报案人", False).label
    ('user_id', 'person_name', 'person_name')
    """
    roles = _persons()
    words = tokens(name)
    if len(words) > 1 and words[-1] == "name" and words[-2] in roles["en"]:
        return NameHit(Label("person_name"), 0.85, "_".join(words[-2:]), "core", False, ())
    if len(words) > 1 and words[-1] in _NUMBERS and words[-2] in roles["en"] - roles["of_things_too"]:
        return NameHit(Label("user_id"), 0.85, "_".join(words[-2:]), "core", False, ())
    if words and words[-1] in roles["alone"] or len(words) == 2 and words[1] == "by" and words[0] in roles["by"]:
        return NameHit(
            Label("user_id" if numeric else "person_name"), 0.8, words[-1] if words[-1] != "by" else "_".join(words), "core", False, ()
        )
    head = _HEAD.split(comment.strip(), maxsplit=1)[0].strip()
    if re.search("[\u4e00-\u9fff]", name) and not head:
        head = name
    role = next((head[:m.start()] for p in (_ZH_ROLE, _ZH_NUMBER) if (m := p.search(head))), "")
    if head in roles["zh"]:
        return NameHit(Label("user_id" if numeric else "person_name"), 0.85, head, "core", False, ())
    if any(role.endswith(r) for r in roles["zh"]):
        numbered = _ZH_NUMBER.search(head) is not None
        return NameHit(Label("user_id" if numbered else "person_name"), 0.88, head, "core", False, ())
    return None
