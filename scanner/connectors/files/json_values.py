"""JSON that Python's decoder refuses: very long numbers, control characters in texts, thousands of levels.

It is read token by token, without recursion; a number of thousands of digits is a text of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from json import JSONDecodeError, JSONDecoder
from typing import Any

DIGITS = 4_000                                # of a number that Python turns into one
_TOKEN = re.compile(r"[ \t\n\r]*(?:([\[\]{},:\"])|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)"
                    r"|(true|false|null|NaN|-?Infinity))?")
_TEXT = JSONDecoder(strict=False)             # of texts
_NAMED = {"true": True, "false": False, "null": None}
_OPEN = {"[": "]", "{": "}"}
_Unite = Callable[[list[tuple[str, Any]]], dict[str, Any]]


def decode_value(text: str, start: int, unite: _Unite) -> tuple[Any, int]:
    """Return the value that begins at a place, and where it ends. Raise JSONDecodeError.

    unite: makes an object of its pairs.

    >>> decode_value('x[1, {"a": -2.5}]', 1, dict)
    ([1, {'a': -2.5}], 17)
    """
    stack: list[tuple[str, list[Any], list[str]]] = []           # what closes it, its values, their keys
    at = start
    while True:
        match = _TOKEN.match(text, at)
        assert match is not None              # noqa: S101  the pattern matches nothing at all as well
        sign, number, word = match.groups()
        at = match.end()
        if sign in _OPEN:
            stack.append((_OPEN[sign], [], []))
            at = _past_key(text, at, stack)
            continue
        if sign == '"':
            value, at = _TEXT.raw_decode(text, at - 1)
        elif sign and stack and sign == stack[-1][0]:
            value = _closed(stack.pop(), unite)
        elif number or word:
            value = _number(number) if number else _NAMED.get(word, word)
        else:
            raise JSONDecodeError("Expecting value", text, at)
        if not stack:
            return value, at
        stack[-1][1].append(value)
        at = _past_comma(text, at, stack)


def _past_comma(text: str, at: int, stack: list[tuple[str, list[Any], list[str]]]) -> int:
    """Return the place behind a comma, and behind the key that follows; that of a closing sign."""
    end, _, _ = stack[-1]
    match = _TOKEN.match(text, at)
    sign = match[1] if match else None
    if match and sign == ",":
        return _past_key(text, match.end(), stack, is_first=False)
    if sign == end:
        return at
    raise JSONDecodeError("Expecting ',' delimiter", text, match.end() if match else at)


def _past_key(
    text: str, at: int, stack: list[tuple[str, list[Any], list[str]]], *, is_first: bool = True,
) -> int:
    """Return the place behind the key of an object; the same place in a list, and in an empty object."""
    end, _, keys = stack[-1]
    match = _TOKEN.match(text, at)
    sign = match[1] if match else None
    if sign == end and not is_first:
        raise JSONDecodeError("Expecting value", text, at)
    if end == "]" or sign == end:
        return at
    if not match or sign != '"':
        raise JSONDecodeError("Expecting property name", text, match.end() if match else at)
    key, at = _TEXT.raw_decode(text, match.end() - 1)
    match = _TOKEN.match(text, at)
    if not match or match[1] != ":":
        raise JSONDecodeError("Expecting ':' delimiter", text, match.end() if match else at)
    keys.append(key)
    return match.end()


def _closed(level: tuple[str, list[Any], list[str]], unite: _Unite) -> Any:
    end, values, keys = level
    return values if end == "]" else unite(list(zip(keys, values, strict=True)))


def _number(text: str) -> Any:
    if not text.lstrip("-").isdigit():
        return float(text)
    return int(text) if len(text) < DIGITS else text
