"""What catalogs answer, read strictly: what has another shape than the contract says is told in our words, and never a crash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from detectors.message import Msg
from reports.catalogs import Response, Stopped

HINT = Msg("see url in catalogs: what is the path of its API?")
_LACKS = {
    "empty": Msg("it is empty"),
    "long": Msg("it is longer than we read"),
    "garbled": Msg("it is no JSON"),
    "": Msg("it is empty"),
}
KINDS: Mapping[type[Any], str] = {  # words for types, bool before the number that it also is
    bool: Msg("true or false"),
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: Msg("an object"),
}


class UnexpectedShape(ValueError):
    """A part of an answer that is not as it should be: which, and what stands there. Holds no value of the catalog."""


def record(value: Any, what: str) -> Mapping[str, Any]:
    """An object; an empty one for null."""
    return _of(dict, {} if value is None else value, what)


def items(value: Any, what: str) -> list[Any]:
    """A list of anything; an empty one for null."""
    return list(_of(list, [] if value is None else value, what))


def records(value: Any, what: str) -> list[Mapping[str, Any]]:
    """A list of objects; an empty one for null."""
    return [_of(dict, v, f"an item of {what}") for v in items(value, what)]


def text(value: Any, what: str) -> str:
    """Text that is not empty."""
    if value == "":
        raise UnexpectedShape(Msg("{what} is empty", what=what))
    return str(_of(str, value, what))


def texts(value: Any, what: str) -> list[str]:
    """A list of texts; an empty one for null."""
    return [text(v, f"an item of {what}") for v in items(value, what)]


def body_of(answer: Response, kind: type[Any], whose: str) -> Any:
    """The body of a good answer, a dict or a list; Stopped where it is something else: then another service stands at the address."""
    if answer.lacks or answer.body is None:
        raise unlike(whose, _LACKS[answer.lacks])
    with expect_shape(whose):
        return _of(kind, answer.body, "it")


@contextmanager
def expect_shape(whose: str, of: str = "") -> Iterator[None]:
    """Stopped where a whole answer, or a part without which the rest means nothing, is not as a catalog answers. of: which part."""
    try:
        yield
    except UnexpectedShape as e:
        raise unlike(whose, f"{of}{e}") from None


def unlike(whose: str, told: object, where: str = "", hint: str = "") -> Stopped:
    """A whole answer that is not as a catalog answers."""
    return Stopped(f"that is not how {whose} answers: {told}", where=where, hint=hint or HINT)


def _of(kind: type[Any], value: Any, what: str) -> Any:
    if value is None:
        raise UnexpectedShape(Msg("{what} is missing", what=what))
    if not isinstance(value, kind):
        raise UnexpectedShape(f"{what} is {next(name for k, name in KINDS.items() if isinstance(value, k))}, not {KINDS[kind]}")
    return value
