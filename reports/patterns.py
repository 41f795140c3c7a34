"""Patterns of names, written alike everywhere: `include`, `exclude`, `entities`, `--where`, reviews, owners.

    *        any characters, also none, also /
    ?        one character
    [0-9]    one of these characters; [!0-9] any other one. [*], [?] and [[] stand for the character itself
    the rest stands for itself, in the case in which it is written

What stands in brackets also fits as it is written, so a column called `contact[work]` needs nothing special.
A bracket with a `*` among other characters is none: `tags[].*[]` is any field below `tags[]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_SPECIAL = re.compile(r"\[(?P<members>\*|!?\]?[^\]*]*)\]|(?P<stars>\*+)|(?P<one>\?)|(?P<plain>.)", re.DOTALL)
CACHED = 4096                                 # patterns kept compiled


@lru_cache(CACHED)
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Return a pattern as a regular expression, to be used with `fullmatch`.

    What is between two `*` is matched where it comes first and not tried again later, so that no name makes
    many `*` slow.

    >>> [bool(compile_pattern("a/*mo*e").fullmatch(x)) for x in ("a/member/mobile", "a/momoe", "a/mobile2")]
    [True, True, False]
    """
    pieces = [""]                             # between runs of *
    for part in _SPECIAL.finditer(pattern):
        if part["stars"]:
            pieces.append("")
        else:
            pieces[-1] += _expression(part)
    first, *others = pieces
    inner = "".join(f"(?>.*?{piece})" for piece in others[:-1])
    return re.compile(first + (f"{inner}.*{others[-1]}" if others else ""), re.DOTALL)


def _expression(part: re.Match[str]) -> str:
    """Return the regular expression of one part of a pattern that is no `*`."""
    if part["one"]:
        return "."
    if part["members"]:
        return f"(?:{_members(part['members'])}|{re.escape(part[0])})"
    return re.escape(part[0])


def _members(text: str) -> str:
    """Return what stands in brackets as a class of characters; a range that runs backwards has no members."""
    body = text.removeprefix("!") or text
    ranges = re.findall(r"(.)-(.)|(.)", body, re.DOTALL)
    members = "".join(
        f"{re.escape(low)}-{re.escape(high)}" if low and low <= high else re.escape(single)
        for low, high, single in ranges
    )
    if body == text:
        return f"[{members}]" if members else "(?!)"
    return f"[^{members}]" if members else "."


def fits(name: str, pattern: str) -> bool:
    """Return whether a name fits a pattern.

    >>> fits("crm/member_2026", "*/member_[0-9]*"), fits("crm/Member", "crm/member")
    (True, False)
    """
    return compile_pattern(pattern).fullmatch(name) is not None


def fits_any(names: Iterable[str], patterns: Iterable[str]) -> bool:
    """Return whether one of the names fits one of the patterns."""
    shapes = [compile_pattern(pattern) for pattern in patterns]
    return any(shape.fullmatch(name) for name in names for shape in shapes)


def is_pattern(text: str) -> bool:
    """Return whether more than one name may fit a text."""
    return re.search(r"[*?]|\[[^*\]]+\]", text) is not None


def literal(name: str) -> str:
    """Return the pattern that only this name fits.

    >>> literal("a*[1]"), fits("a*[1]", literal("a*[1]"))
    ('a[*][[]1]', True)
    """
    return re.sub(r"([*?[])", r"[\1]", name)
