"""Whose a column is: the row's own subject, or somebody else who stands in the same row (spouse, receiver, doctor).

>>> role_of("emergency_contact_phone", "")
'emergency_contact'
>>> role_of("shouhuoren", "收货人手机")
'receiver'
>>> role_of("mobile", "手机号")
''
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from detectors.names.matching import is_audit
from detectors.names.tokens import tokens


@cache
def _roles() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    import yaml

    return yaml.safe_load(files("detectors").joinpath("data", "roles.yaml").read_text(encoding="utf-8"))


def role_of(name: str, comment: str) -> str:
    """One word for whose it is; empty for the row's own subject."""
    if is_audit(name, comment):
        return "operator"
    words = set(tokens(name))
    for role, hints in _roles().items():
        if words & set(hints["en"]) or any(h in comment or h in name for h in hints["zh"]):
            return role
    return ""
