"""Answers of catalogs, read strictly: one of another shape than the contract says is an error, no crash.

Two ways of reading, since they report differently. `fault` compares a whole answer with a declared shape and
names the place. The readers (`record`, `items`, `text` ...) take single parts and name what the part is; with
them one bad entity can be skipped while others are read. Neither shows a value of the catalog.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from detectors.message import Msg, Text, Word
from reports.catalogs.protocol import Response, Stopped

AnswerShape = Any                             # a type; [shape], a list of them; {name: shape}, where
                                              # `name?` may be absent or null
HINT = Msg("see url in catalogs: what is the path of its API?")
NO_BODY: Mapping[str, Text] = {               # by Response.lacks
    "empty": Msg("it is empty"),
    "long": Msg("it is longer than we read"),
    "garbled": Msg("it is no JSON"),
    "": Msg("it is empty"),
}
KINDS: Mapping[type[Any], Text] = {           # words for types; bool stands before the number that it also is
    bool: Msg("true or false"),
    int: Msg("a number"),
    float: Msg("a number"),
    str: Msg("text"),
    list: Msg("a list"),
    dict: Msg("an object"),
}


# ---- declared shapes


def fault(value: Any, shape: AnswerShape, at: str = "") -> Text:
    """Return what is not of a shape, as "columns/0/name should be text", or "". at: path so far."""
    kind = type(shape) if isinstance(shape, (list, dict)) else shape
    if not _is_kind(value, kind):
        if not at:
            return Msg("the answer should be {shape}", shape=KINDS[kind])
        return Msg("{what} should be {shape}", what=at, shape=KINDS[kind])
    if isinstance(shape, list):
        faults = (fault(part, shape[0], f"{at}/{i}".lstrip("/")) for i, part in enumerate(value))
        return next(filter(None, faults), "")
    if isinstance(shape, dict):
        return next(filter(None, _member_faults(value, shape, at)), "")
    return ""


def _is_kind(value: Any, kind: type[Any]) -> bool:
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, kind)


def _member_faults(value: Mapping[str, Any], shape: Mapping[str, AnswerShape], at: str) -> Iterator[Text]:
    for name, inner in shape.items():
        key = name.rstrip("?")
        if value.get(key) is not None or key == name:
            yield fault(value.get(key), inner, f"{at}/{key}".lstrip("/"))


# ---- readers of single parts


class UnexpectedShape(ValueError):
    """A part of an answer is not as it should be."""

    def __init__(self, what: str, describe: Callable[[str], Text]) -> None:
        """what: names the part. describe: says of a part so named what is wrong with it."""
        super().__init__(describe(what))
        self._what, self._describe = what, describe

    def message(self, whole: str = "") -> Text:
        """Return what is wrong. whole: names what the part belongs to, as "of type chujing, "."""
        return self._describe(f"{whole}{self._what}")


def record(value: Any, what: str) -> Mapping[str, Any]:
    """Return an object, an empty one for null; raise UnexpectedShape for others. what: names the part."""
    return _require(dict, {} if value is None else value, what)


def items(value: Any, what: str) -> list[Any]:
    """Return a list of anything, an empty one for null."""
    return list(_require(list, [] if value is None else value, what))


def records(value: Any, what: str) -> list[Mapping[str, Any]]:
    """Return a list of objects, an empty one for null."""
    return [_require(dict, item, f"an item of {what}") for item in items(value, what)]


def text(value: Any, what: str) -> str:
    """Return a text that is not empty."""
    if value == "":
        raise UnexpectedShape(what, lambda part: Msg("{what} is empty", what=part))
    return str(_require(str, value, what))


def texts(value: Any, what: str) -> list[str]:
    """Return a list of texts, an empty one for null."""
    return [text(item, f"an item of {what}") for item in items(value, what)]


def body_of(response: Response, kind: type[Any], whose: Word) -> Any:
    """Return the body of a good response, a dict or a list; raise Stopped if it is neither.

    Another service stands at the address then. whose: the API, for people.
    """
    if response.lacks or response.body is None:
        raise unexpected_answer(whose, NO_BODY[response.lacks])
    with expect_shape(whose):
        return _require(kind, response.body, "it")


@contextmanager
def expect_shape(whose: Word, whole: str = "") -> Iterator[None]:
    """Turn UnexpectedShape into Stopped: for a whole answer, or a part the rest depends on."""
    try:
        yield
    except UnexpectedShape as e:
        raise unexpected_answer(whose, e.message(whole)) from None


def unexpected_answer(whose: Word, what: Text, where: str = "", hint: Text = "") -> Stopped:
    """Return the error of an answer that is not as the catalog's API answers."""
    message = Msg("that is not how {whose} answers: {said}", whose=whose, said=what)
    return Stopped(message, where=where, hint=hint or HINT)


def _require(kind: type[Any], value: Any, what: str) -> Any:
    if value is None:
        raise UnexpectedShape(what, lambda part: Msg("{what} is missing", what=part))
    if not isinstance(value, kind):
        actual = next(words for other, words in KINDS.items() if isinstance(value, other))
        expected = KINDS[kind]
        raise UnexpectedShape(
            what, lambda part: Msg("{what} is {shape}, not {other}", what=part, shape=actual, other=expected)
        )
    return value
