"""The shapes of detectors as patterns for RE2, which matches a whole array in linear time but knows no look-around."""

from __future__ import annotations

import re
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from detectors.model import ValueDetector

_BEFORE = re.compile(r"^\(\?<!(\[(?:\\.|[^\]])+\])\)")
_AFTER = re.compile(r"\(\?!(\[(?:\\.|[^\]])+\])(\|\\\.\[0-9\])?\)$")


@cache
def _re2(detector: ValueDetector) -> str:
    """The shape without look-arounds, for RE2: a superset of what the shape matches."""
    pattern = detector.shape.pattern
    return _spelt(re.sub(r"\(\?<?[!=](?:\[(?:\\.|[^\]])*\]|[^()\[\]])*\)", "", pattern))


def _spelt(pattern: str) -> str:
    """The pattern with its `\\u` escapes, which RE2 does not know, as characters."""
    return re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m.group(1), 16)), pattern)


@cache
def _bordered(detector: ValueDetector) -> str:
    """The shape for RE2 with its borders consumed, not looked at: it says whether a text has one; empty where that is not the same."""
    pattern = detector.shape.pattern
    before, after = _BEFORE.match(pattern), _AFTER.search(pattern)
    core = pattern[before.end() if before else 0:after.start() if after else len(pattern)]
    if "(?!" in core or "(?<" in core or "(?=" in core:
        return ""
    head = f"(?:^|{_negated(before[1])})" if before else ""
    tail = ""
    if after and after[2]:                    # a full stop may follow, a decimal may not
        tail = f"(?:$|[^.{after[1][1:]}|\\.(?:$|[^0-9]))"
    elif after:
        tail = f"(?:$|{_negated(after[1])})"
    return f"{head}(?:{_spelt(core)}){tail}"


def _negated(characters: str) -> str:
    return "[^" + characters[1:]


@cache
def _uncaptured(pattern: str) -> str:
    """The pattern with its plain groups as non-capturing ones.

    >>> _uncaptured(r"(a|[(]b)\\((?:c)")
    '(?:a|[(]b)\\\\((?:c)'
    """
    return re.sub(r"(\\.|\[\^?\]?(?:\\.|[^\]])*\])|\((?!\?)", lambda m: m[1] or "(?:", pattern)


def linear_matches(detector: ValueDetector, texts: pa.Array) -> list[str | None]:
    """First match of each text by RE2; None where there is none."""
    found = pc.extract_regex(texts, f"(?P<m>{_uncaptured(detector.shape.pattern)})")
    return [None if f is None else f["m"] for f in found.to_pylist()]
