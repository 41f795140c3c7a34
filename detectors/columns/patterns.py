"""Shapes of detectors as patterns for RE2: matched over whole arrays, in linear time, without look-around."""

from __future__ import annotations

import re
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from detectors.model import ValueDetector

_LOOK_AROUND = re.compile(r"\(\?<?[!=](?:\[(?:\\.|[^\]])*\]|[^()\[\]])*\)")
_BEFORE = re.compile(r"^\(\?<!(\[(?:\\.|[^\]])+\])\)")
_AFTER = re.compile(r"\(\?!(\[(?:\\.|[^\]])+\])(\|\\\.\[0-9\])?\)$")


@cache
def superset_pattern(detector: ValueDetector) -> str:
    """Return the shape without its look-arounds: it matches wherever the shape does, and elsewhere too."""
    return _unescaped(_LOOK_AROUND.sub("", detector.shape.pattern))


@cache
def bordered_pattern(detector: ValueDetector) -> str:
    """Return a pattern that matches a text exactly if the shape does; empty if there is none.

    The borders that the shape only looks at are consumed, so *what* the pattern matches is longer than an
    occurrence.
    """
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
    return f"{head}(?:{_unescaped(core)}){tail}"


@cache
def borders_allow(detector: ValueDetector, characters: str) -> bool:
    """May each of these characters stand right after an occurrence, as far as the end of the shape tells?"""
    after = _AFTER.search(detector.shape.pattern)
    return after is None or re.search(after[1], characters + ("." if after[2] else "")) is None


def linear_matches(detector: ValueDetector, texts: pa.Array) -> list[str | None]:
    """Return the first match of each text by RE2; None for a text without one."""
    structs = pc.extract_regex(texts, f"(?P<m>{_without_groups(detector.shape.pattern)})")
    return [None if struct is None else struct["m"] for struct in structs.to_pylist()]


def _unescaped(pattern: str) -> str:
    r"""Return the pattern with its `\u` escapes, which RE2 does not know, as characters."""
    return re.sub(r"\\u([0-9a-f]{4})", lambda escape: chr(int(escape[1], 16)), pattern)


def _negated(character_class: str) -> str:
    """Return the class of all other characters: `[0-9]` gives `[^0-9]`."""
    return "[^" + character_class[1:]


@cache
def _without_groups(pattern: str) -> str:
    """Return the pattern with its plain groups as non-capturing ones.

    >>> _without_groups(r"(a|[(]b)\\((?:c)")
    '(?:a|[(]b)\\\\((?:c)'
    """
    return re.sub(r"(\\.|\[\^?\]?(?:\\.|[^\]])*\])|\((?!\?)", lambda token: token[1] or "(?:", pattern)
