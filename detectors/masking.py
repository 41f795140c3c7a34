"""Names and comments as people may see them: what a detector takes for somebody's is masked.

A sheet called by a person's phone number, or a comment with an example that is no invented one, is a value.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from detectors.model import ValueDetector
from detectors.registry import value_detectors

MASK = "•••"
_PLACES = frozenset({"ip_v4", "ip_v6", "mac", "coordinates"})       # of machines as well: hosts, versions
_HINT = re.compile("[0-9０-９@＠$路街道巷]")     # without one of these there is nothing to fold and search
_MARKED = re.compile(r"[0-9](?:.{0,3}[0-9]){4}|@|\$|eyJ|[路街道巷].*[号室]", re.S)
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
